"""The writer for Graphviz: a picture in the DOT language."""

from __future__ import annotations

import html
import math
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise, zip_longest

import graphviz

from autograd.pictures.layers import Point
from autograd.pictures.notation import SCRIPT_SIZE, scripts
from autograd.pictures.picture import Arrow, Picture, Span, rows_of
from autograd.pictures.skins import DEFAULT, Ink, Skin
from autograd.pictures.wrapping import Layout, Rect

__all__ = ["digraph"]

_INCH = 72.0  # points
_HEAD = 6.0  # points that Graphviz leaves to the head of an arrow
_UNDER_SUBSCRIPTS = '<BR/><FONT POINT-SIZE="3"> </FONT>'  # which Graphviz would write into the next line


def digraph(
    picture: Picture,
    skin: Skin = DEFAULT,
    graph: graphviz.Digraph | None = None,
    plan: Layout | None = None,
) -> graphviz.Digraph:
    """The picture as a Graphviz graph; the same picture gives the same text.

    Args:
        picture: what to draw.
        skin: how it looks.
        graph: an empty graph to draw into, a new one if left out.
        plan: where everything is; Graphviz decides if left out.

    >>> from autograd.pictures.picture import Box
    >>> box = Box("n0", "input", ((Span("x", "name"),),))
    >>> digraph(Picture((box,), ())).source.count("n0 [label=")
    1
    """
    graph = graphviz.Digraph() if graph is None else graph
    places = None if plan is None else _Places(plan)
    if places is not None:
        graph.attr("graph", **places.graph())
    graph.attr("graph", rankdir=picture.rankdir, bgcolor=skin.background, nodesep="0.25", ranksep="0.4", pad="0.15")
    if picture.legend:
        graph.attr("graph", label=_markup([picture.legend], skin), labelloc="b", fontname=skin.font)
    frame = {"shape": "box", "style": "rounded,filled"}
    graph.attr("node", **frame, fontname=skin.font, margin="0.12,0.06", width="0.4", height="0.3")
    graph.attr("edge", fontname=skin.font, arrowsize="0.6")
    if picture.columns:
        graph.attr("graph", ranksep="1")
    for beside in zip_longest(*rows_of(picture), fillvalue=()):
        with graph.subgraph(graph_attr={"rank": "same"}) as same:
            for above, below in pairwise(chain(*beside)):
                same.edge(above, below, style="invis")
    for box in picture.boxes:
        look = skin.outline(box)
        graph.node(
            box.key,
            _markup(box.lines, skin),
            color=look.line,
            fillcolor=look.fill,
            penwidth=str(look.width),
            style="rounded,filled,dashed" if look.dash else None,
            peripheries="2" if box.role == "group" else None,
            **({} if places is None else places.box(box.key)),
        )
    for i, arrow in enumerate(picture.arrows):
        look, ink = skin.line(arrow), skin.label_ink(arrow)
        graph.edge(
            arrow.tail,
            arrow.head,
            _label(arrow.label, ink) if not arrow.below else _markup(_both_sides(arrow), skin),
            color=look.line,
            fontcolor=ink.color,
            fontname=f"{skin.font} Bold" if ink.bold else None,
            fontsize=str(ink.size),
            penwidth=f"{look.width:.3g}",
            style="dashed" if look.dash else None,
            **({} if places is None else places.arrow(i)),
        )
    return graph


class _Places:
    """The attributes that say where everything is; Graphviz measures in points, from the bottom.

    Args:
        plan: where everything is, from the top.
    """

    def __init__(self, plan: Layout) -> None:
        self.plan = plan

    def graph(self) -> dict[str, str]:
        """Those of the whole picture: its size, and the place of the legend."""
        size = f"0,0,{self.plan.width:.2f},{self.plan.height:.2f}"
        return {"layout": "nop2", "bb": size, "lp": self.middle(self.plan.legend)}

    def box(self, key: str) -> dict[str, str]:
        rect = self.plan.boxes[key]
        size = {"width": f"{rect.width / _INCH:.4f}", "height": f"{rect.height / _INCH:.4f}"}
        return {"pos": self.middle(rect), "fixedsize": "true", **size}

    def arrow(self, place: int) -> dict[str, str]:
        """Those of an arrow, as a spline, and of its label."""
        curve = self.plan.curves[place]
        (x0, y0), (x, y) = curve[-2:]
        part = _HEAD / (math.hypot(x - x0, y - y0) or 1.0)
        line = [*curve[:-1], (x - part * (x - x0), y - part * (y - y0))]
        points = line[:1]
        for i, (before, point) in enumerate(pairwise(line)):
            if i % 4 == 0:  # the end of a straight piece
                points += [_between(before, point, 1 / 3), _between(before, point, 2 / 3)]
            points.append(point)
        spline = f"e,{self.point((x, y))} {' '.join(map(self.point, points))}"
        return {"pos": spline, "lp": self.middle(self.plan.labels[place], *self.plan.below[place : place + 1])}

    def middle(self, *rects: Rect | None) -> str:
        """The middle of rectangles above each other; an empty text if there is none."""
        found = [rect for rect in rects if rect is not None]
        return self.point((found[0].x, sum(rect.y for rect in found) / len(found))) if found else ""

    def point(self, point: Point) -> str:
        return f"{point[0]:.2f},{self.plan.height - point[1]:.2f}"


def _between(one: Point, other: Point, share: float) -> Point:
    return one[0] + share * (other[0] - one[0]), one[1] + share * (other[1] - one[1])


def _both_sides(arrow: Arrow) -> list[list[Span]]:
    """The lines of a label that stands on both sides of its arrow, below each other."""
    return [*([Span(f" {line} ", arrow.tone)] for line in arrow.label), [Span(f" {arrow.below} ", "slope")]]


def _label(lines: Sequence[str], ink: Ink) -> str | None:
    """Lines of text with a little space around each: plain text, unless it has subscripts."""
    if not lines:
        return None
    pieces = [scripts(f" {line} ") for line in lines]
    if not any(level for line in pieces for _, level in line):
        return str(graphviz.nohtml(r"\n".join(graphviz.escape(f" {line} ") for line in lines)))
    return _stacked(["".join(_set(text, level, ink) for text, level in line) for line in pieces])


def _markup(lines: Iterable[Iterable[Span]], skin: Skin) -> str:
    """Lines of text in Graphviz's HTML-like markup, in which every other character stands for itself."""
    return _stacked([" ".join(_marked(span, skin) for span in line) for line in lines])


def _stacked(lines: Sequence[str]) -> str:
    """Lines of markup below each other."""
    spaced = [f"{line}{_UNDER_SUBSCRIPTS}" if "<SUB>" in line else line for line in lines[:-1]]
    return f"<{'<BR/>'.join([*spaced, *lines[-1:]])}>"


def _marked(span: Span, skin: Skin) -> str:
    ink = skin.ink[span.tone]
    text = "".join(_set(piece, level, ink) for piece, level in scripts(span.text))
    text = f"<B>{text}</B>" if ink.bold else text
    return f'<FONT COLOR="{ink.color}" POINT-SIZE="{ink.size}">{text}</FONT>'


def _set(text: str, level: int, ink: Ink) -> str:
    """A piece of text on the line, below or above it."""
    text = graphviz.escape(html.escape(text, quote=False))
    tag = (None, "SUP", "SUB")[level]
    return f'<{tag}><FONT POINT-SIZE="{ink.size * SCRIPT_SIZE:g}">{text}</FONT></{tag}>' if tag else text
