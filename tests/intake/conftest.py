"""A home folder without brands, and files to begin one with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from intake.desk import Desk


@pytest.fixture
def desk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Desk:
    home, files = tmp_path / "home", tmp_path / "exports"
    (home / "data" / "brands").mkdir(parents=True)
    files.mkdir()
    monkeypatch.setenv("LOYALTY_HOME", str(home))
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("LOYALTY_DEBUG", raising=False)
    return Desk(home, files, capsys)


@pytest.fixture
def lines_file(desk: Desk) -> Callable[..., Path]:
    """Return a writer of a small file of purchases, with columns changed or added."""

    def write(name: str = "lines.csv", rows: int = 40, **columns: Callable[[int], object]) -> Path:
        usual: dict[str, Callable[[int], object]] = {
            "订单号": lambda i: f"A{i:04d}",
            "支付时间": lambda i: f"2024-0{1 + i % 3}-{1 + i % 28:02d} 12:00:00",
            "会员号": lambda i: f"M{i % 9}",
            "实付金额": lambda i: f"{10 + i % 7}.50",
            "商品名称": lambda i: ["茶", "皂", "米"][i % 3],
        }
        made = {key: make for key, make in {**usual, **columns}.items() if make is not None}
        text = [",".join(made)]
        text += [",".join(str(make(i)) for make in made.values()) for i in range(rows)]
        return desk.write(name, "\n".join(text) + "\n")

    return write
