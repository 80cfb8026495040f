"""A picture of a graph as plain data: boxes with lines of text, and arrows between them.

:mod:`autograd.pictures.draw` turns a graph into a :class:`Picture`.  From there it goes one of two ways:
:func:`digraph` hands it to Graphviz, and :mod:`autograd.pictures.layout` draws it without any help.  Both take their
colours from here.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import graphviz

__all__ = ["ARROWS", "BOXES", "FONT", "INK", "Arrow", "Box", "Look", "Picture", "Span", "digraph", "printable"]

FONT = "Helvetica"

Tone: TypeAlias = Literal["name", "symbol", "value", "slope", "quiet", "warning"]
"""What a piece of text is; it decides its colour, size and weight."""

Role: TypeAlias = Literal["input", "operation", "output", "constant"]
"""What a box stands for."""

Mood: TypeAlias = Literal["plain", "highlighted", "unused"]
"""How an arrow is drawn: ``unused`` is an operand that was not selected, so that nothing flows along it."""


@dataclass(frozen=True)
class Span:
    """A few words in one tone."""

    text: str
    tone: Tone = "value"


@dataclass(frozen=True)
class Box:
    """A node: its lines of text, each of one or more spans."""

    key: str
    role: Role
    lines: tuple[tuple[Span, ...], ...]
    kink: bool = False


@dataclass(frozen=True)
class Arrow:
    """An edge between the boxes of these keys, with the lines of its label."""

    tail: str
    head: str
    label: tuple[str, ...] = ()
    mood: Mood = "plain"


@dataclass(frozen=True)
class Picture:
    """Boxes, arrows, and the direction in which the arrows run: LR, TB, RL or BT."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    rankdir: str = "LR"


# ---------------------------------------------------------------------------------------------------------------------
# The palette: everything that is a derivative is red
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ink:
    """How a tone is written."""

    color: str
    size: int
    bold: bool = False


@dataclass(frozen=True)
class Look:
    """The line and the fill of a role or a mood."""

    line: str
    fill: str = "none"
    width: float = 1.0
    dash: bool = False


_RED, _AMBER, _GREY = "#b4232f", "#c2620a", "#8b93a1"

INK: dict[Tone, Ink] = {
    "name": Ink("#1f2937", 13, bold=True),
    "symbol": Ink("#4b5563", 13),
    "value": Ink("#1f2937", 12),
    "slope": Ink(_RED, 11),
    "quiet": Ink(_GREY, 10),
    "warning": Ink(_AMBER, 10),
}
BOXES: dict[Role, Look] = {
    "input": Look("#5b87bd", "#e9f1fb"),
    "operation": Look("#9aa4b2", "#ffffff"),
    "output": Look("#b98222", "#fdf3e1", width=1.6),
    "constant": Look("#d5d9e0", "#f5f6f8"),
}
ARROWS: dict[Mood, Look] = {
    "plain": Look("#7b8494"),
    "highlighted": Look(_RED, width=2.2),
    "unused": Look("#b9bfc9", dash=True),
}


def outline(box: Box) -> Look:
    """How a box is drawn; one that stands on a kink has an amber line."""
    look = BOXES[box.role]
    return Look(_AMBER, look.fill, 1.6) if box.kink else look


def label_ink(arrow: Arrow) -> Ink:
    """How the label of an arrow is written."""
    return INK["quiet"] if arrow.mood == "unused" else INK["slope"]


def printable(text: str, limit: int = 40) -> str:
    r"""Text in one line that every engine can set: control characters are written out, and what is long is cut.

    >>> printable("a\nb"), printable("가 ∂", 2)
    ('a\\nb', '가…')
    """
    text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return text if len(text) <= limit else text[: limit - 1] + "…"


# ---------------------------------------------------------------------------------------------------------------------
# For Graphviz
# ---------------------------------------------------------------------------------------------------------------------


def digraph(picture: Picture, graph: graphviz.Digraph | None = None) -> graphviz.Digraph:
    """The picture as a Graphviz graph; the same picture gives the same text.

    Args:
        picture: what to draw.
        graph: an empty graph to draw into, a new one if left out.

    >>> box = Box("n0", "input", ((Span("x", "name"),),))
    >>> digraph(Picture((box,), ())).source.count("n0 [label=")
    1
    """
    graph = graphviz.Digraph() if graph is None else graph
    graph.attr("graph", rankdir=picture.rankdir, bgcolor="white", nodesep="0.25", ranksep="0.4", pad="0.15")
    graph.attr(
        "node", shape="box", style="rounded,filled", fontname=FONT, margin="0.12,0.06", width="0.4", height="0.3"
    )
    graph.attr("edge", fontname=FONT, arrowsize="0.6")
    for box in picture.boxes:
        look = outline(box)
        graph.node(box.key, _markup(box.lines), color=look.line, fillcolor=look.fill, penwidth=str(look.width))
    for arrow in picture.arrows:
        look, ink = ARROWS[arrow.mood], label_ink(arrow)
        graph.edge(
            arrow.tail,
            arrow.head,
            _label(arrow.label),
            color=look.line,
            fontcolor=ink.color,
            fontsize=str(ink.size),
            penwidth=str(look.width),
            style="dashed" if look.dash else None,
        )
    return graph


def _label(lines: Sequence[str]) -> str | None:
    """Lines of plain text, with a little room beside them."""
    return graphviz.nohtml(r"\n".join(graphviz.escape(f" {line} ") for line in lines)) if lines else None


def _markup(lines: Iterable[Iterable[Span]]) -> str:
    """Lines of text in Graphviz's HTML-like markup, in which every other character stands for itself."""
    return f"<{'<BR/>'.join(' '.join(map(_marked, line)) for line in lines)}>"


def _marked(span: Span) -> str:
    ink = INK[span.tone]
    text = graphviz.escape(html.escape(span.text, quote=False))
    text = f"<B>{text}</B>" if ink.bold else text
    return f'<FONT COLOR="{ink.color}" POINT-SIZE="{ink.size}">{text}</FONT>'
