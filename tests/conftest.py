"""What all tests share: a cache of their own, and a browser where there is one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from browser import find_chromium, launched

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session", autouse=True)
def loyalty_cache(
    tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config
) -> Iterator[Path]:
    """Keep every test, and every process it starts, away from the user's cache.

    Compiled loops are shared by all of them, and by the next run: what has changed is compiled
    again.
    """
    folder = tmp_path_factory.mktemp("loyalty-cache")
    compiled = pytestconfig.rootpath / ".pytest_cache" / "compiled"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LOYALTY_CACHE", str(folder))
        patch.setenv("NUMBA_CACHE_DIR", os.environ.get("NUMBA_CACHE_DIR", str(compiled)))
        yield folder


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Return a headless Chromium; skip without one, fail under LOYALTY_REQUIRE_BROWSER=1."""
    executable = find_chromium()
    if executable is None:
        reason = "no Chromium found: install it, or name it in LOYALTY_CHROMIUM"
        if os.environ.get("LOYALTY_REQUIRE_BROWSER") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    with launched(executable) as running:
        yield running


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the browser, so that ``-m 'not browser'`` leaves it out."""
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker("browser")
