"""Methods by which a node of any kind shows itself, which packages above the core implement; and its signature."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from inspect import Parameter, Signature
from itertools import compress, zip_longest
from os import PathLike
from pathlib import Path
from typing import Any

from autograd.core.hooks import hooks
from autograd.core.sweep import Node

__all__ = [
    "Arguments",
    "InNotebook",
    "bundle",
    "chart",
    "diagram",
    "explore",
    "function_name",
    "html_table",
    "json_number",
    "mermaid",
    "mimebundle",
    "render",
    "tree",
]

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})  # the module html takes long to import


def tree(self: Node, *, limit: int | None = 200, fold: Any = None, names: Mapping[str, Any] | None = None) -> str:
    """The graph as text for the terminal; see :func:`autograd.tree`."""
    return hooks.tree(self, limit=limit, fold=fold, names=names)


def render(
    self: Node,
    file: str | PathLike[str],
    *,
    named: bool = False,
    highlight: Any = None,
    rankdir: str = "LR",
    fold: Any = None,
    wrt: Any = None,
    flow: Any = None,
    skin: Any = None,
    timeout: float | None = 60.0,
    letters: bool = False,
    names: Mapping[str, Any] | None = None,
) -> Path:
    """Draw the graph into a ``.png``, ``.svg``, ``.pdf`` or ``.dot`` file; see :func:`autograd.render`."""
    return hooks.render(
        self,
        file,
        named=named,
        highlight=highlight,
        rankdir=rankdir,
        fold=fold,
        wrt=wrt,
        flow=flow,
        skin=skin,
        timeout=timeout,
        letters=letters,
        names=names,
    )


def mermaid(
    self: Node,
    *,
    named: bool = False,
    highlight: Any = None,
    rankdir: str = "LR",
    fold: Any = None,
    wrt: Any = None,
    flow: Any = None,
    skin: Any = None,
    letters: bool = False,
    names: Mapping[str, Any] | None = None,
) -> str:
    """The graph as a flowchart that GitHub draws in Markdown; see :func:`autograd.mermaid`."""
    return hooks.mermaid(
        self,
        named=named,
        highlight=highlight,
        rankdir=rankdir,
        fold=fold,
        wrt=wrt,
        flow=flow,
        skin=skin,
        letters=letters,
        names=names,
    )


def explore(self: Node, *, by: Any = None, title: str | None = None, language: str | None = None) -> Any:
    """A page to explore the graph: paths, inputs, the sweep step by step; see :func:`autograd.write_html`."""
    return hooks.explore(self, by=by, title=title, language=language)


def mimebundle(
    self: Node, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
) -> dict[str, str]:
    """The MIME bundle for a notebook; see :func:`autograd.pictures.draw.mimebundle`."""
    return hooks.mimebundle(self, include, exclude)


def bundle(
    include: Iterable[str] | None,
    exclude: Iterable[str] | None,
    *,
    text: str = "",
    html: str = "",
    latex: str = "",
    svg: str = "",
) -> dict[str, str]:
    """The MIME bundle for a notebook: of the forms that are not empty, those that it asks for.

    Args:
        include: the MIME types to show, all if ``None``.
        exclude: MIME types not to show.
        text: plain text.
        html: HTML.
        latex: LaTeX, with its dollar signs.
        svg: a picture.
    """
    forms = {"text/plain": text, "text/html": html, "text/latex": latex, "image/svg+xml": svg}
    kept = set(forms if include is None else include) - set(exclude or ())
    return {kind: content for kind, content in forms.items() if content and kind in kept}


def diagram(
    boxes: Mapping[str, Sequence[str]],
    arrows: Iterable[tuple[str, str, str]],
    columns: Sequence[Sequence[str]] = (),
    title: str = "",
) -> str:
    """Boxes and arrows as SVG; see :func:`autograd.pictures.diagram.diagram`."""
    return hooks.diagram(boxes, arrows, columns, title)


def chart(curves: Mapping[str, Sequence[float]], across: str = "epoch") -> str:
    """Curves as SVG; see :func:`autograd.pictures.diagram.chart`."""
    return hooks.chart(curves, across)


class InNotebook:
    """The base class of results that a notebook shows as text, and in the forms that a subclass adds."""

    __slots__ = ()

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None, **_: Any
    ) -> dict[str, str]:
        return bundle(include, exclude, **{"text": str(self), **self._forms()})

    def _forms(self) -> dict[str, str]:
        """The arguments of :func:`bundle` besides the text."""
        return {}


def html_table(rows: Sequence[Sequence[str]], caption: str = "", below: str = "") -> str:
    """Rows of cells as a table in HTML, whose text no MathJax sets.

    Args:
        rows: the cells; the first row is the head.  A column that is empty below its head is left out.
        caption: the title.
        below: lines of text below the table.

    >>> print(html_table([("x", "y"), ("1", "<2")], "two numbers"))
    <table class='tex2jax_ignore mathjax_ignore'>
    <caption>two numbers</caption>
    <tr><th>x</th><th>y</th></tr>
    <tr><td>1</td><td>&lt;2</td></tr>
    </table>
    """
    title = [f"<caption>{_escaped(caption)}</caption>"] * bool(caption)
    lines = ["<table class='tex2jax_ignore mathjax_ignore'>", *title]
    kept = [any(column) for column in zip_longest(*rows[1:], fillvalue="")]
    for i, row in enumerate(rows):
        tag = "td" if i else "th"
        lines.append(f"<tr>{''.join(f'<{tag}>{_escaped(cell)}</{tag}>' for cell in compress(row, kept))}</tr>")
    return "\n".join([*lines, "</table>", *[f"<pre>{_escaped(below)}</pre>"] * bool(below)])


def json_number(x: Any) -> float | str:
    """A number for JSON, which lacks infinity and nan: they become strings.

    >>> json_number(0.5), json_number(math.inf)
    (0.5, 'inf')
    """
    x = float(x)
    return x if math.isfinite(x) else str(x)


def _escaped(text: str) -> str:
    return text.translate(_ESCAPES)


def function_name(f: Any) -> str:
    """What a function, a row of the table or any other callable object is called, without an address."""
    return str(getattr(f, "__name__", None) or getattr(f, "name", None) or type(f).__name__)


class Arguments:
    """The signature of a class, for ``inspect.signature`` and ``help``, which cannot read it off a compiled class.

    Args:
        defaults: the arguments, in order, each with its default, or ``Parameter.empty`` if it has none.
    """

    def __init__(self, **defaults: Any) -> None:
        self.signature = Signature(
            [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=x) for name, x in defaults.items()]
        )

    def __get__(self, instance: object, owner: Any) -> Signature:
        holder = next(kind for kind in owner.__mro__ if vars(kind).get("__signature__") is self)
        if owner.__init__ is not holder.__init__:
            raise AttributeError("a subclass with an __init__ of its own has its own signature")
        return self.signature
