"""A small layered layout in pure Python, for machines without Graphviz.

It takes the four steps of Sugiyama, Tagawa and Toda (1981):

1. each box is assigned a *layer*, so that all arrows run forward; the layers between those of boxes are for labels;
2. an arrow has a *bend* in each layer between its ends, so that it has a lane there; arrows that leave one box share
   their lanes until they part, and each has its own, with its label, in the last layer before its head;
3. the *order* within the layers is improved by sorting each by the places of its neighbours (the barycentre heuristic);
4. *lanes* are as close to those of the neighbours as order and distances allow (least squares).

Lines are straight within a layer and curve only in the gaps between layers, which are empty: no arrow ever crosses a
box or a label.  Everything is computed as if the arrows ran to the right; the direction of the picture is applied last.
"""

from __future__ import annotations

import math
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from autograd.pictures.layers import (
    Extent,
    Point,
    Route,
    Vertex,
    assign_lanes,
    assign_layers,
    assign_routes,
    order_layers,
)
from autograd.pictures.notation import SCRIPT_SIZE, scripts
from autograd.pictures.picture import Arrow, Box, Picture
from autograd.pictures.skins import DEFAULT, Ink, Skin
from autograd.pictures.wrapping import Layout, Rect, wrapped

__all__ = ["HEAD", "WIDE", "box_size", "finished", "in_rows", "label_size", "layout", "legend_line", "line_height"]

HEAD = 8.0  # the length of an arrowhead, which is straight
WIDE = 1200.0  # a low picture that is wider is broken into rows
_MARGIN = 12.0  # around the picture
_PADDING = 9.0  # between a box and its text
_BETWEEN = (24.0, 72.0)  # from one layer to the next: the steeper the lines, the more
_STRIP = 4.0  # so many times as wide as high
_PORT = 9.0  # between arrows that end at the same side of a box


def in_rows(picture: Picture, skin: Skin = DEFAULT) -> Layout | None:
    """The layout of a strip, which is much wider than high and than a screen, in rows; ``None`` for other pictures."""
    if picture.columns or picture.rankdir in ("TB", "BT"):
        return None
    layers = assign_layers(picture)
    wide, high = [0.0] * (max(layers.values()) + 1), [0.0] * (max(layers.values()) + 1)
    for box in picture.boxes:
        along, across = box_size(box, skin)
        layer = layers[box.key]
        wide[layer] = max(wide[layer], along)
        high[layer] += across
    for arrow in picture.arrows:
        if arrow.label:
            layer = layers[arrow.head] - 1
            wide[layer] = max(wide[layer], label_size(arrow.label, skin.label_ink(arrow))[0])
    length = sum(wide) + _BETWEEN[0] * (len(wide) - 1)
    return layout(picture, skin, WIDE) if length > max(WIDE, _STRIP * max(high)) else None


def layout(picture: Picture, skin: Skin = DEFAULT, width: float = math.inf) -> Layout:
    """Find a place for every box, arrow and label of a picture; the skin decides how much space text takes.

    Args:
        picture: what to draw.
        skin: how it looks.
        width: a low picture that is wider is broken into rows, if its arrows run to the right or to the left.

    >>> from autograd import Value
    >>> from autograd.pictures.from_graph import picture
    >>> boxes = layout(picture(-Value(1.0))).boxes
    >>> boxes["n0"].x < boxes["n1"].x, boxes["n0"].y == boxes["n1"].y
    (True, True)
    """
    upright = picture.rankdir in ("TB", "BT")
    layers = assign_layers(picture)
    routes = assign_routes(picture, layers)
    extents = _extents(picture, routes, upright, skin)
    rows = order_layers(layers, routes)
    lanes = assign_lanes(rows, routes, extents)
    spans = _spans(rows, routes, extents, lanes)

    plan = Layout()
    for box in picture.boxes:
        along, above, below = extents[box.key]
        plan.boxes[box.key] = Rect(sum(spans[layers[box.key]]) / 2, lanes[box.key], along, above + below)
    for arrow, route, (leave, arrive) in zip(picture.arrows, routes, _ports(routes, lanes, extents), strict=True):
        tail, head, first = plan.boxes[arrow.tail], plan.boxes[arrow.head], layers[arrow.tail]
        lane = [leave, *(lanes[bend] for bend in route[1:-1]), arrive]
        plan.curves.append(_curve(tail.x + tail.width / 2, spans[first:], lane, head.x - head.width / 2))
        along, above, below = extents[route[-2]]
        middle, beside = sum(spans[layers[arrow.head] - 1]) / 2, _beside(arrow, skin)  # of the line, which may be wide
        label = Rect(middle, lane[-2] - (above + beside) / 2, along, above - beside)
        plan.labels.append(label if arrow.label else None)
        label = Rect(middle, lane[-2] + (below + beside) / 2, along, below - beside)
        plan.below.append(label if arrow.below else None)
    if not upright:
        plan = wrapped(plan, spans, width)
    return finished(plan, picture, skin)


def finished(plan: Layout, picture: Picture, skin: Skin) -> Layout:
    """A layout whose arrows run to the right, turned into the direction of the picture, with its margin and legend."""
    return _with_legend(_framed(plan, picture.rankdir), legend_line(picture, skin))


def legend_line(picture: Picture, skin: Skin) -> list[tuple[str, Ink]]:
    """The legend as one line of text."""
    return [(f"{'   ' * (i > 0)}{span.text}", skin.ink[span.tone]) for i, span in enumerate(picture.legend)]


def _with_legend(plan: Layout, line: list[tuple[str, Ink]]) -> Layout:
    """The layout with the legend below everything else."""
    if line:
        height = line_height([ink for _, ink in line])
        width = sum(_text_width(f"{text} ", ink) for text, ink in line)
        wider = max(width + 2 * _MARGIN - plan.width, 0.0)
        plan = _shifted(plan, wider / 2)
        plan.width += wider
        plan.legend = Rect(plan.width / 2, plan.height + height / 2, width, height)
        plan.height += height + _MARGIN
    return plan


def _shifted(plan: Layout, dx: float) -> Layout:
    """The layout moved to the right."""
    plan.boxes = {key: replace(rect, x=rect.x + dx) for key, rect in plan.boxes.items()}
    plan.curves = [[(x + dx, y) for x, y in curve] for curve in plan.curves]
    plan.labels = [label and replace(label, x=label.x + dx) for label in plan.labels]
    plan.below = [label and replace(label, x=label.x + dx) for label in plan.below]
    return plan


def _framed(plan: Layout, rankdir: str) -> Layout:
    """A layout whose arrows run to the right, turned into the direction of the picture, with a margin around it."""
    upright, backward = rankdir in ("TB", "BT"), rankdir in ("RL", "BT")
    rects = [*plan.boxes.values(), *filter(None, [*plan.labels, *plan.below])]
    xs, ys = ([point[i] for curve in plan.curves for point in curve] for i in (0, 1))
    left = min([r.x - r.width / 2 for r in rects] + xs) - _MARGIN
    right = max([r.x + r.width / 2 for r in rects] + xs) + _MARGIN
    top = min([r.y - r.height / 2 for r in rects] + ys) - _MARGIN
    bottom = max([r.y + r.height / 2 for r in rects] + ys) + _MARGIN

    def point(x: float, y: float) -> Point:
        x, y = right - x if backward else x - left, y - top
        return (y, x) if upright else (x, y)

    def rect(r: Rect) -> Rect:
        return Rect(*point(r.x, r.y), *((r.height, r.width) if upright else (r.width, r.height)))

    return Layout(
        {key: rect(box) for key, box in plan.boxes.items()},
        [[point(x, y) for x, y in curve] for curve in plan.curves],
        [label and rect(label) for label in plan.labels],
        [label and rect(label) for label in plan.below],
        None,
        *((bottom - top, right - left) if upright else (right - left, bottom - top)),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Sizes
# ---------------------------------------------------------------------------------------------------------------------


def _text_width(text: str, ink: Ink) -> float:
    """About how wide a text is; an overestimate, since the reader's fonts are unknown."""
    letters = sum(
        (1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.6) * (SCRIPT_SIZE if level else 1.0)
        for piece, level in scripts(text)
        for letter in piece
    )
    return letters * ink.size * (1.1 if ink.bold else 1.0)


def line_height(line: Sequence[Ink]) -> float:
    """The height of a line of text in these inks."""
    return 1.25 * max(ink.size for ink in line)


def box_size(box: Box, skin: Skin) -> Point:
    """The size of a box that fits its text."""
    widths = [sum(_text_width(f"{span.text} ", skin.ink[span.tone]) for span in line) for line in box.lines]
    heights = [line_height([skin.ink[span.tone] for span in line]) for line in box.lines]
    return max(widths) + 2 * _PADDING, sum(heights) + 1.2 * _PADDING


def label_size(lines: Sequence[str], ink: Ink) -> Point:
    """The size of the label of an arrow."""
    return max(_text_width(line, ink) for line in lines) + 4, line_height([ink]) * len(lines) + 2


def _extents(picture: Picture, routes: list[Route], upright: bool, skin: Skin) -> dict[Vertex, Extent]:
    """The extent of each vertex: a box is large enough for all arrows that end there, a label is beside its arrow."""
    leaving = Counter(arrow.tail for arrow in picture.arrows)
    arriving = Counter(arrow.head for arrow in picture.arrows)
    extents: dict[Vertex, Extent] = {bend: Extent(0.0, 3.0, 3.0) for route in routes for bend in route[1:-1]}
    for box in picture.boxes:
        along, across = box_size(box, skin)[:: -1 if upright else 1]
        across = max(across, _PORT * (1 + max(leaving[box.key], arriving[box.key])))
        extents[box.key] = Extent(along, across / 2, across / 2)
    for arrow, route in zip(picture.arrows, routes, strict=True):
        if arrow.label:
            way = -1 if upright else 1
            along, across = label_size(arrow.label, skin.label_ink(arrow))[::way]
            more, below = label_size((arrow.below,), skin.ink["slope"])[::way] if arrow.below else (0.0, 0.0)
            beside = _beside(arrow, skin)
            extents[route[-2]] = Extent(max(along, more), across + beside, below + beside)
    return extents


def _beside(arrow: Arrow, skin: Skin) -> float:
    """How far a label stands from the middle of the line of its arrow."""
    return skin.line(arrow).width / 2 + 1.0


def _spans(
    rows: list[Route], routes: list[Route], extents: dict[Vertex, Extent], lanes: dict[Vertex, float]
) -> list[Point]:
    """Where each layer begins and ends: deep enough for its vertices, and far enough from the next layer."""
    layer_of = {vertex: layer for layer, row in enumerate(rows) for vertex in row}
    least, most = _BETWEEN
    gaps = [least] * len(rows)
    for route in routes:
        for u, v in pairwise(route):
            gaps[layer_of[u]] = max(gaps[layer_of[u]], min(abs(lanes[u] - lanes[v]) / 4, most))
    spans: list[Point] = []
    start = 0.0
    for row, gap in zip(rows, gaps, strict=True):
        end = start + max(extents[vertex].along for vertex in row)
        spans.append((start, end))
        start = end + gap
    return spans


# ---------------------------------------------------------------------------------------------------------------------
# Lines
# ---------------------------------------------------------------------------------------------------------------------


def _ports(routes: list[Route], lanes: dict[Vertex, float], extents: dict[Vertex, Extent]) -> list[Point]:
    """Where each arrow leaves its tail and arrives at its head: side by side, in the order of their other ends."""
    ports = [[0.0, 0.0] for _ in routes]
    for end, neighbour in ((0, 1), (-1, -2)):
        at: dict[Vertex, dict[Vertex, list[int]]] = defaultdict(lambda: defaultdict(list))
        for i in sorted(range(len(routes)), key=lambda i: lanes[routes[i][neighbour]]):
            at[routes[i][end]][routes[i][neighbour]].append(i)
        for vertex, beside in at.items():
            for rank, arrows in enumerate(beside.values(), start=1):
                share = 2 * rank / (len(beside) + 1) - 1
                for i in arrows:
                    ports[i][end] = lanes[vertex] + share * extents[vertex].below
    return [(leave, arrive) for leave, arrive in ports]


def _curve(start: float, spans: list[Point], lanes: list[float], end: float) -> list[Point]:
    """The line of an arrow: straight across every layer, in its lane, and a Bézier curve from layer to layer."""
    points = [(start, lanes[0])]
    for (this, following), (lane, next_lane) in zip(pairwise(spans), pairwise(lanes), strict=False):
        left, right = this[1], following[0] - HEAD
        middle = (left + right) / 2
        points += [(left, lane), (middle, lane), (middle, next_lane), (right, next_lane)]
    return [*points, (end, lanes[-1])]
