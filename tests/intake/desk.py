"""Where tests begin brands."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from loyalty_research.cli import main


@dataclass
class Desk:
    """A home folder and a folder of export files."""

    home: Path
    files: Path
    capture: pytest.CaptureFixture[str]

    def new(self, brand: str, *arguments: str | Path) -> tuple[int, str, str]:
        """Run ``loyalty new`` and return status, output and errors, lines of progress left out."""
        status = main(["--ui", "en", "new", brand, *map(str, arguments)])
        out, errors = self.capture.readouterr()
        told = [line for line in errors.splitlines(keepends=True) if not line.endswith("…\n")]
        return status, out, "".join(told)

    def brand_file(self, brand: str) -> Path:
        return self.home / "data" / "brands" / brand / "brand.yaml"

    def settings(self, brand: str) -> dict:
        return yaml.safe_load(self.brand_file(brand).read_text(encoding="utf-8"))

    @property
    def cache(self) -> Path:
        return self.home.parent / "cache"

    def write(self, name: str, text: str, encoding: str = "utf-8") -> Path:
        path = self.files / name
        path.write_bytes(text.encode(encoding))
        return path
