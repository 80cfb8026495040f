"""Chromium without a window, for the times and the tests of the page."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

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
