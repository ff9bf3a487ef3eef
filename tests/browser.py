"""Chromium for tests: where it is, how it starts, and what an opened page asked for."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

NAMES = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass
class OpenedPage:
    """A page in the browser, what it asked for besides itself, and what it complained of."""

    page: Page
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


def find_chromium() -> str | None:
    """Return the path of the Chromium named by LOYALTY_CHROMIUM, else of the first on the PATH."""
    named = os.environ.get("LOYALTY_CHROMIUM")
    return next(filter(None, map(shutil.which, [named] if named else NAMES)), None)


@contextmanager
def launched(executable: str) -> Iterator[Browser]:
    """Run a headless Chromium for the length of a ``with`` block."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()


def open_page(browser: Browser, path: Path | str, width: int, *, height: int = 900) -> OpenedPage:
    """Open a page from disk and record its requests and errors.

    Parameters
    ----------
    browser
        The running browser.
    path
        The HTML file.
    width, height
        Size of the window in CSS pixels; 390 is a phone.

    Returns
    -------
    OpenedPage
        `requests` leaves out the document itself and ``data:`` addresses; it goes on growing
        while the page is used. Close by ``opened.page.close()``, or leave it to the browser.
    """
    address = Path(path).resolve().as_uri()
    page = browser.new_page(viewport={"width": width, "height": height})
    opened = OpenedPage(page)
    page.on(
        "request",
        lambda request: (
            opened.requests.append(request.url)
            if request.url.split("#")[0] != address and not request.url.startswith("data:")
            else None
        ),
    )
    page.on(
        "console",
        lambda message: opened.errors.append(message.text) if message.type == "error" else None,
    )
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.goto(address, wait_until="load")
    page.evaluate("document.fonts.ready.then(() => true)")
    return opened
