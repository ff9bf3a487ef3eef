"""Where compiled loops are kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from numba.core import config

from loyalty_research.engine import compiled


@pytest.mark.parametrize("shared", [False, True])
def test_code_is_kept_in_the_cache_or_where_numba_is_told(
    shared: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOYALTY_CACHE", str(tmp_path / "own"))
    monkeypatch.delenv("NUMBA_CACHE_DIR", raising=False)
    monkeypatch.setattr(config, "CACHE_DIR", config.CACHE_DIR)  # put back afterwards
    if shared:
        monkeypatch.setenv("NUMBA_CACHE_DIR", str(tmp_path / "shared"))
    assert compiled._can_keep.__wrapped__()
    folder = Path(config.CACHE_DIR)
    assert folder.is_dir()
    assert folder.parent == (tmp_path / "shared" if shared else tmp_path / "own" / "compiled")
