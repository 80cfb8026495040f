"""Chromium without a window, for the times, the tests and the picture of the page.

``python -m benchmarks.browser pictures/page.png`` draws the page that the README shows.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import autograd

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
"""The program; ``None`` if it is not installed."""

INSTALLED = bool(CHROMIUM and importlib.util.find_spec("playwright"))
"""Whether a page can be opened: that takes Chromium, and ``pip install playwright``."""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser that runs as long as the block does."""
    from playwright.sync_api import sync_playwright

    root = hasattr(os, "getuid") and os.getuid() == 0  # Chromium's own sandbox does not run as root
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"] if root else [])
        yield browser
        browser.close()


def photograph(html: str, file: Path, box: str, width: int = 1280, height: int = 680) -> None:
    """Write a picture of a page, as it looks when a box has been clicked, into a PNG file."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        written = Path(folder, "page.html")
        written.write_text(html, encoding="utf-8")
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light", locale="en-US")
        page.goto(written.as_uri())
        page.locator(f'.box:has(> title:text-is("{box}"))').click()
        page.screenshot(path=file)


if __name__ == "__main__":
    example = "y = 1/(x + t); x = v**2 + w; t = sin((w + v)*pi); v = exp(w)"
    photograph(autograd.define(example, w=0)["y"].explore(language="en").html, Path(sys.argv[1]), "w")
