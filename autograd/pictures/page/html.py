"""One HTML file to explore a graph: follow paths, move inputs, step the backward sweep.

The file needs no server and no network.  Its script comes from the modules of JavaScript in this folder, put one after
the other; the graph is JSON in an element of its own.  A Content-Security-Policy allows this script alone, by its hash.
"""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections.abc import Callable, Iterable
from functools import cache
from os import PathLike
from pathlib import Path
from typing import Any

from autograd.core import files
from autograd.core.comparisons import COMPARISONS
from autograd.core.display import bundle
from autograd.core.escaping import printable
from autograd.core.hooks import hooks
from autograd.core.primitive import PRIMITIVES, Primitive
from autograd.core.sweep import Node, topological_order
from autograd.dialects.javascript import row
from autograd.pictures.from_graph import picture
from autograd.pictures.page.data import graph_data, row_of
from autograd.pictures.svg import svg

__all__ = ["Page", "explore", "write_html", "write_playground"]

FOLDER = Path(__file__).parent
LANGUAGES = ("en", "ko")


class Page:
    """An HTML page; a notebook shows it in a frame of its own.

    Attributes:
        html: the whole file.
        height: the height of the frame in a notebook, in pixels.
        output: the node whose graph it shows; ``None`` in a playground.
    """

    def __init__(self, text: str, height: int = 640, output: Node | None = None) -> None:
        self.html = text
        self.height = height
        self.output = output

    def __repr__(self) -> str:
        return f"<Page of {len(self.html.encode()):,} bytes>"

    def write(self, file: str | PathLike[str]) -> Path:
        """Write the page into a file, whole or not at all."""
        return files.write(file, self.html.encode())

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str]:
        frame = (
            f'<iframe srcdoc="{html.escape(self.html)}" sandbox="allow-scripts" title="computation graph" '
            f'style="width: 100%; height: {self.height}px; border: 0"></iframe>'
        )
        still = "" if self.output is None else svg(picture(self.output))  # for what does not show frames
        return bundle(include, exclude, text=repr(self), html=frame, svg=still)


def explore(
    output: Node, *, by: Callable[[Node], Any] | None = None, title: str | None = None, language: str | None = None
) -> Page:
    """A page to explore the graph of a number: its paths, its inputs, and the backward sweep step by step.

    In a notebook the page appears below the cell, and stays in exports of the notebook.

    Args:
        output: the node to start from.
        by: a function that says which boxes a node lies in, which the page opens and closes; see
            :func:`autograd.groups`.
        title: the title of the page; by default the name of the output.
        language: ``"en"`` or ``"ko"``; by default that of the browser.

    Raises:
        TypeError: if the graph contains Tensors.
        ValueError: if the language is unknown.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> page = explore(x * x)
    >>> "Content-Security-Policy" in page.html
    True
    """
    order = topological_order(output)
    rows = {row_of(node): (node.op, len(node.operands)) for node in order if isinstance(node.op, Primitive)}
    texts = {name: text for name, (op, count) in rows.items() if (text := row(op, count)) is not None}
    settings = {"data": graph_data(output, by, known=texts.keys() | {""})}
    page = _page(settings, texts, printable(title or output.label or "graph", None), language)
    page.output = output
    return page


def write_html(
    output: Node,
    file: str | PathLike[str],
    *,
    by: Callable[[Node], Any] | None = None,
    title: str | None = None,
    language: str | None = None,
) -> Path:
    """Write the page of :func:`explore` into a file, which a browser shows without a server or network.

    Args:
        output: the node to start from.
        file: the file to write.
        by: as in :func:`explore`.
        title: as in :func:`explore`.
        language: as in :func:`explore`.

    Returns:
        The path of the file.

    Raises:
        FileNotFoundError: if the folder does not exist.
        TypeError: if the graph contains Tensors.
        ValueError: if the language is unknown.

    >>> import tempfile
    >>> from autograd import Value, exp
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_html(exp(Value(0.0, label="x")), f"{folder}/exp.html").name
    'exp.html'
    """
    files.check_writable(file)
    return explore(output, by=by, title=title, language=language).write(file)


def write_playground(
    file: str | PathLike[str], formulas: str = "", at: str = "", *, language: str | None = None
) -> Path:
    """Write a page with a box for formulas, which draws and differentiates what is typed into it.

    Args:
        file: the file to write.
        formulas: the formulas at the start, such as ``"y = 1/x; x = exp(w)"``.
        at: the values of the variables, such as ``"w=0"``.
        language: as in :func:`explore`.

    Returns:
        The path of the file.

    Raises:
        FileNotFoundError: if the folder does not exist.
        ValueError: if the language is unknown.
    """
    files.check_writable(file)
    rows = [op for op in (*PRIMITIVES.values(), *COMPARISONS.values()) if not op.variadic]
    texts = {op.name: text for op in rows if (text := row(op, len(op.parameters))) is not None}
    return _page({"formulas": formulas, "at": at}, texts, "pathgrad", language, playground=True).write(file)


# ---------------------------------------------------------------------------------------------------------------------
# The file
# ---------------------------------------------------------------------------------------------------------------------

_MODULES = ("rules", "words", "engine", "layout", "page")


def _page(
    settings: dict[str, Any], rows: dict[str, str], title: str, language: str | None, playground: bool = False
) -> Page:
    if language not in (None, *LANGUAGES):
        raise ValueError(f"language must be one of {', '.join(map(repr, LANGUAGES))}, not {language!r}")
    script = _script(rows, playground)
    data = json.dumps(settings | {"language": language}, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    style = _sheet("page") + (_sheet("formulas") if playground else "") + "html,body,main{margin:0;height:100%}"
    return Page(
        f"""<!doctype html>
<html lang="{language or "en"}"><head><meta charset="utf-8"><title>{html.escape(title)}</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src '{_hash(script)}'; """
        f"""style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<style>{style}</style></head>
<body><main id="pathgrad"></main><script type="application/json" id="data">{_inert(data)}</script>
<script type="module">{script}</script></body></html>
"""
    )


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def _inert(data: str) -> str:
    """JSON that cannot end the element around it, whatever its strings are."""
    return data.replace("<", "\\u003c")


def _script(rows: dict[str, str], playground: bool) -> str:
    """The modules one after the other, with those rows of the table that the page needs."""
    table = ",".join(f"{json.dumps(name, ensure_ascii=False)}:{text}" for name, text in rows.items())
    table = table.replace("</", "<\\/").replace("<!--", "<\\!--")  # in the symbol of a user's row
    modules = [_module(name) for name in (*_MODULES, *(("problems", "typeset", "formulas") if playground else ()))]
    modules[0] = re.sub(r"(?s)const RULES = \{.*?\n\};", lambda _: f"const RULES = {{{table}}};", modules[0])
    start = "playground" if playground else "render"
    first = "settings" if playground else "settings.data"
    read = 'const settings = JSON.parse(document.getElementById("data").textContent);'
    run = f'{start}(document.getElementById("pathgrad"), {first}, {{language: settings.language ?? undefined}});'
    return "\n".join([*modules, read, run])


@cache
def _module(name: str) -> str:
    """A module of JavaScript as a part of the one script: without imports, exports, comments and needless blanks."""
    text = _short((FOLDER / f"{name}.mjs").read_text(encoding="utf-8")).replace(" => ", "=>")
    return re.sub(r"(?m)^export ", "", re.sub(r"(?m)^import .*\n", "", text))


@cache
def _sheet(name: str) -> str:
    """A style sheet without the blanks that mean nothing; one before a colon does."""
    return re.sub(r"([{};:,])\s+| (?={)", r"\1", _short((FOLDER / f"{name}.css").read_text(encoding="utf-8")))


def _short(text: str) -> str:
    """A text of JavaScript or CSS without indentation, and without lines that are comments or empty."""
    return re.sub(r"(?m)^\s+|^\s*//.*\n", "", text)


hooks.explore = explore
