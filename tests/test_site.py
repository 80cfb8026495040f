"""The documentation site: it builds without a warning, holds together, and loads nothing from elsewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from benchmarks.browser import INSTALLED, chromium

pytestmark = pytest.mark.same_in_both_modes

ROOT = Path(__file__).parent.parent

LOADED = {"script": "src", "img": "src", "iframe": "src", "source": "src", "audio": "src", "video": "src",
          "object": "data", "embed": "src", "image": "href", "use": "href"}  # fmt: skip
"""Elements that load something, and the attribute that says what."""

LINKS_THAT_LOAD = {"stylesheet", "icon", "preload", "prefetch", "modulepreload", "manifest"}


@dataclass
class Page(HTMLParser):
    """What a page is made of."""

    file: Path
    ids: Counter[str] = field(default_factory=Counter)
    links: list[str] = field(default_factory=list)
    loads: list[str] = field(default_factory=list)
    elsewhere: Counter[tuple[str, str]] = field(default_factory=Counter)
    """Names that are listed as documented elsewhere, each with the name that it leads to."""

    def __post_init__(self) -> None:
        super().__init__()
        text = self.file.read_text(encoding="utf-8")
        self.feed(text)
        for part in re.findall(r'<div class="[^"]*\belsewhere\b[^"]*">(.*?)</div>', text, re.DOTALL):
            for target, shown in re.findall(r'href="[^"#]*#([^"]+)"[^>]*>(.*?)</a>', part):
                self.elsewhere[re.sub("<[^>]*>", "", shown), target] += 1

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in pairs}
        if "id" in attributes:
            self.ids[attributes["id"]] += 1
        if tag == "a" and "href" in attributes:
            self.links.append(attributes["href"])
        if tag == "link" and LINKS_THAT_LOAD & set(attributes.get("rel", "").split()):
            self.loads.append(attributes["href"])
        if tag in LOADED and LOADED[tag] in attributes:
            self.loads.append(attributes[LOADED[tag]])
        if "srcdoc" in attributes:
            assert attributes["sandbox"] == "allow-scripts"
            assert "default-src 'none'" in attributes["srcdoc"]  # such a frame loads nothing, by its own rules


def test_the_site(tmp_path: Path) -> None:
    """All in one test, which builds the site once."""
    pytest.importorskip("myst_nb", reason='the site needs Sphinx: pip install -e ".[docs]"')
    site = tmp_path / "site"
    options = ["--quiet", "--fail-on-warning", "--keep-going", "-c", "docs", "-d", str(tmp_path / "doctrees")]
    command = [sys.executable, "-m", "sphinx", *options, ".", str(site)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = {file: Page(file) for file in sorted(site.rglob("*.html"))}
    check_links(pages)
    check_that_nothing_is_loaded_from_elsewhere(site, pages)
    check_that_every_public_name_is_there_once(site, pages)
    if INSTALLED:
        check_in_a_browser(site)


def check_links(pages: dict[Path, Page]) -> None:
    broken = []
    for file, page in pages.items():
        for link in page.links + page.loads:
            parts = urlsplit(link)
            if not parts.scheme:
                target = (file.parent / unquote(parts.path)).resolve() if parts.path else file
                known = target not in pages or not parts.fragment or unquote(parts.fragment) in pages[target].ids
                if not target.exists() or not known:
                    broken.append(f"{file.name}: {link}")
    assert broken == []


def check_that_nothing_is_loaded_from_elsewhere(site: Path, pages: dict[Path, Page]) -> None:
    loaded = {link for page in pages.values() for link in page.loads}
    for sheet in site.rglob("*.css"):
        loaded |= set(re.findall(r"""(?:@import\s+|url\()["']?([^"')\s]+)""", sheet.read_text(encoding="utf-8")))
    assert {link for link in loaded if urlsplit(link).scheme not in ("", "data") or link.startswith("//")} == set()


def check_that_every_public_name_is_there_once(site: Path, pages: dict[Path, Page]) -> None:
    """Sphinx itself warns of a name that is documented twice."""
    sys.path.insert(0, str(ROOT / "docs" / "extensions"))
    names, inventory = import_module("public_names"), import_module("sphinx.util.inventory").InventoryFile
    with (site / "objects.inv").open("rb") as file:
        kinds = inventory.load(file, "", lambda base, path: path)
    documented = {name for kind in kinds if kind.startswith("py:") for name in kinds[kind]}
    expected, links = set(names.MODULES), Counter[tuple[str, str]]()
    for module in names.MODULES:
        for name in {*import_module(module).__all__, *names.public(module)}:
            if not isinstance(getattr(import_module(module), name), ModuleType):
                other, first = names.documented_as(module, name)
                if other == module:
                    expected.add(f"{module}.{name}")
                else:
                    links[name, f"{other}.{first}"] += 1
    assert sorted(expected - documented) == []
    assert sum((page.elsewhere for page in pages.values()), Counter[tuple[str, str]]()) == links


def check_in_a_browser(site: Path) -> None:
    axe = import_module("axe_playwright_python")
    script = (Path(axe.__file__ or "").parent / "axe.min.js").read_text(encoding="utf-8")
    shown = ["docs/index.html", "docs/api/explain.html", "notebooks/00-tour.html", "docs/guide/playground.html"]
    with chromium() as browser:
        for scheme, width in (("light", 1280), ("dark", 390)):
            page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
            asked: list[str] = []
            page.on("request", lambda request, asked=asked: asked.append(request.url))
            for name in shown:
                page.goto((site / name).as_uri())
                page.wait_for_load_state("networkidle")
                assert page.evaluate("document.documentElement.scrollWidth") <= width, name
                page.wait_for_timeout(500)  # until formulas are set
                page.evaluate(script + "; 0")
                found: list[dict[str, Any]] = page.evaluate("axe.run(document)")["violations"]
                assert [(name, one["id"], one["nodes"][0]["html"]) for one in found] == []
            assert [url for url in asked if not url.startswith(("file:", "data:", "about:"))] == []
