"""A small layered layout and its SVG, for machines without Graphviz: nothing but Python is needed.

The classical four steps of Sugiyama, Tagawa and Toda (1981):

1. every box gets a *layer*, so that all arrows run forward; the layers between those of the boxes are for labels;
2. an arrow gets a *bend* in every layer between its ends, so that it, and its label, have a lane of their own there;
3. the *order* within the layers is improved by sorting each by where its neighbours lie (the barycentre heuristic);
4. *positions* are as close to the neighbours' as order and distances allow (least squares, by pooling).

Lines are straight within a layer and curve only from one to the next, where nothing else is: no arrow ever crosses a
box or a label.  Everything is computed along the arrows and across them, as if they ran to the right; the direction of
the picture is applied in the end.
"""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from autograd.pictures.picture import ARROWS, FONT, INK, Arrow, Box, Ink, Look, Picture, label_ink, outline

__all__ = ["Layout", "Rect", "layout", "svg"]

_MARGIN = 12.0  # around the picture
_PADDING = 9.0  # between a box and its text
_BESIDE = 10.0  # between what stands in one layer
_BETWEEN = (24.0, 72.0)  # from one layer to the next: the steeper the lines, the more
_PORT = 9.0  # between arrows that end at the same side of a box
_HEAD = 8.0  # the length of an arrowhead, which is straight
_SWEEPS = 12

Bend: TypeAlias = tuple[int, int]  # the number of an arrow, and a layer that it passes
Vertex: TypeAlias = str | Bend  # the key of a box, or a bend
Route: TypeAlias = list[Vertex]  # an arrow, from box to box, layer by layer
Point: TypeAlias = tuple[float, float]


class Room(NamedTuple):
    """What a vertex takes of its layer: ``along`` the arrows, and across them on both sides of its lane."""

    along: float
    above: float
    below: float


@dataclass(frozen=True)
class Rect:
    """A rectangle, by its centre and its size."""

    x: float
    y: float
    width: float
    height: float


@dataclass
class Layout:
    """Where everything in a picture is.

    Attributes:
        boxes: the place of every box, by its key.
        curves: the line of every arrow: its start, then in turn the end of a straight piece and the three points of a
            Bézier curve to the next layer, and its end.
        labels: the place of every arrow's label, ``None`` where there is none.
        width: of the whole picture.
        height: of the whole picture.
    """

    boxes: dict[str, Rect] = field(default_factory=dict)
    curves: list[list[Point]] = field(default_factory=list)
    labels: list[Rect | None] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0


def layout(picture: Picture) -> Layout:
    """Find a place for every box, arrow and label of a picture.

    >>> from autograd import Value
    >>> from autograd.pictures.draw import picture
    >>> boxes = layout(picture(-Value(1.0))).boxes
    >>> boxes["n0"].x < boxes["n1"].x, boxes["n0"].y == boxes["n1"].y
    (True, True)
    """
    upright = picture.rankdir in ("TB", "BT")
    layers = _layers(picture)
    routes: list[Route] = [
        [arrow.tail, *((i, layer) for layer in range(layers[arrow.tail] + 1, layers[arrow.head])), arrow.head]
        for i, arrow in enumerate(picture.arrows)
    ]
    rooms = _rooms(picture, routes, upright)
    rows = _order(layers, routes)
    lanes = _lanes(rows, routes, rooms)
    spans = _spans(rows, routes, rooms, lanes)

    plan = Layout()
    for box in picture.boxes:
        along, above, below = rooms[box.key]
        plan.boxes[box.key] = Rect(sum(spans[layers[box.key]]) / 2, lanes[box.key], along, above + below)
    for arrow, route, (leave, arrive) in zip(picture.arrows, routes, _ports(routes, lanes, rooms), strict=True):
        tail, head, first = plan.boxes[arrow.tail], plan.boxes[arrow.head], layers[arrow.tail]
        lane = [leave, *(lanes[bend] for bend in route[1:-1]), arrive]
        plan.curves.append(_curve(tail.x + tail.width / 2, spans[first:], lane, head.x - head.width / 2))
        along, above, _ = rooms[route[1]]
        label = Rect(sum(spans[first + 1]) / 2, lane[1] - above / 2, along, above)
        plan.labels.append(label if arrow.label else None)
    return _framed(plan, picture.rankdir)


def _framed(plan: Layout, rankdir: str) -> Layout:
    """A layout whose arrows run to the right, turned into the direction of the picture, with a margin all around."""
    upright, backward = rankdir in ("TB", "BT"), rankdir in ("RL", "BT")
    rects = [*plan.boxes.values(), *filter(None, plan.labels)]
    lines = [y for curve in plan.curves for _, y in curve]
    left = min(r.x - r.width / 2 for r in rects) - _MARGIN
    right = max(r.x + r.width / 2 for r in rects) + _MARGIN
    top = min([r.y - r.height / 2 for r in rects] + lines) - _MARGIN
    bottom = max([r.y + r.height / 2 for r in rects] + lines) + _MARGIN

    def point(x: float, y: float) -> Point:
        x, y = right - x if backward else x - left, y - top
        return (y, x) if upright else (x, y)

    def rect(r: Rect) -> Rect:
        return Rect(*point(r.x, r.y), *((r.height, r.width) if upright else (r.width, r.height)))

    return Layout(
        {key: rect(box) for key, box in plan.boxes.items()},
        [[point(x, y) for x, y in curve] for curve in plan.curves],
        [label and rect(label) for label in plan.labels],
        *((bottom - top, right - left) if upright else (right - left, bottom - top)),
    )


# ---------------------------------------------------------------------------------------------------------------------
# Sizes
# ---------------------------------------------------------------------------------------------------------------------


def _text_width(text: str, ink: Ink) -> float:
    """About how wide a text is; rather too much, since the reader's fonts are unknown."""
    letters = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.6 for letter in text)
    return letters * ink.size * (1.1 if ink.bold else 1.0)


def _line_height(line: Sequence[Ink]) -> float:
    return 1.25 * max(ink.size for ink in line)


def _box_size(box: Box) -> Point:
    widths = [sum(_text_width(f"{span.text} ", INK[span.tone]) for span in line) for line in box.lines]
    heights = [_line_height([INK[span.tone] for span in line]) for line in box.lines]
    return max(widths) + 2 * _PADDING, sum(heights) + 1.2 * _PADDING


def _label_size(arrow: Arrow) -> Point:
    ink = label_ink(arrow)
    return max(_text_width(line, ink) for line in arrow.label) + 4, _line_height([ink]) * len(arrow.label) + 2


def _rooms(picture: Picture, routes: list[Route], upright: bool) -> dict[Vertex, Room]:
    """The room of every vertex: boxes have enough for all arrows that end there, labels stand beside their arrow."""
    leaving = Counter(arrow.tail for arrow in picture.arrows)
    arriving = Counter(arrow.head for arrow in picture.arrows)
    rooms: dict[Vertex, Room] = {bend: Room(0.0, 3.0, 3.0) for route in routes for bend in route[1:-1]}
    for box in picture.boxes:
        along, across = _box_size(box)[:: -1 if upright else 1]
        across = max(across, _PORT * (1 + max(leaving[box.key], arriving[box.key])))
        rooms[box.key] = Room(along, across / 2, across / 2)
    for arrow, route in zip(picture.arrows, routes, strict=True):
        if arrow.label:
            along, across = _label_size(arrow)[:: -1 if upright else 1]
            rooms[route[1]] = Room(along, across, 3.0)
    return rooms


def _spans(
    rows: list[Route], routes: list[Route], rooms: dict[Vertex, Room], lanes: dict[Vertex, float]
) -> list[Point]:
    """Where each layer begins and ends: deep enough for all that stands in it, and far enough from the next."""
    layer_of = {vertex: layer for layer, row in enumerate(rows) for vertex in row}
    least, most = _BETWEEN
    gaps = [least] * len(rows)
    for route in routes:
        for u, v in pairwise(route):
            gaps[layer_of[u]] = max(gaps[layer_of[u]], min(abs(lanes[u] - lanes[v]) / 4, most))
    spans: list[Point] = []
    start = 0.0
    for row, gap in zip(rows, gaps, strict=True):
        end = start + max(rooms[vertex].along for vertex in row)
        spans.append((start, end))
        start = end + gap
    return spans


# ---------------------------------------------------------------------------------------------------------------------
# The four steps
# ---------------------------------------------------------------------------------------------------------------------


def _layers(picture: Picture) -> dict[str, int]:
    """By the longest way to the last box, so that everything stands as close to where it is used as it can."""
    heads: dict[str, list[str]] = {box.key: [] for box in picture.boxes}
    for arrow in picture.arrows:
        heads[arrow.tail].append(arrow.head)
    to_go: dict[str, int] = {}
    for key in reversed(heads):  # tails stand before heads
        to_go[key] = max((to_go[head] + 2 for head in heads[key]), default=0)
    longest = max(to_go.values())
    return {key: longest - to_go[key] for key in heads}


def _order(layers: dict[str, int], routes: list[Route]) -> list[Route]:
    """The vertices of each layer, in an order that lets few arrows cross."""
    rows: list[Route] = [[] for _ in range(max(layers.values()) + 1)]
    for key, layer in layers.items():
        rows[layer].append(key)
    for route in routes:
        for vertex in route:
            if not isinstance(vertex, str):
                rows[vertex[1]].append(vertex)
    before, after = _neighbours(routes)
    place = {vertex: i for row in rows for i, vertex in enumerate(row)}

    best, fewest = [row[:] for row in rows], _crossings(rows, before, place)
    for sweep in range(_SWEEPS):
        nearby, order = (before, rows) if sweep % 2 == 0 else (after, rows[::-1])
        for row in order:
            center = {v: sum(place[u] for u in nearby[v]) / len(nearby[v]) if nearby[v] else place[v] for v in row}
            row.sort(key=center.__getitem__)
            place.update((vertex, i) for i, vertex in enumerate(row))
        crossings = _crossings(rows, before, place)
        if crossings < fewest:
            best, fewest = [row[:] for row in rows], crossings
    return best


def _neighbours(routes: list[Route]) -> tuple[dict[Vertex, Route], dict[Vertex, Route]]:
    """What every vertex is connected to in the layer before and in the layer after."""
    before: dict[Vertex, Route] = defaultdict(list)
    after: dict[Vertex, Route] = defaultdict(list)
    for route in routes:
        for u, v in pairwise(route):
            before[v].append(u)
            after[u].append(v)
    return before, after


def _crossings(rows: list[Route], before: dict[Vertex, Route], place: dict[Vertex, int]) -> int:
    """How many pairs of arrows cross: those that arrive at a layer in another order than they leave the one before."""
    crossings = 0
    for row in rows:
        met: list[int] = []
        for vertex in row:
            tails = sorted(place[u] for u in before[vertex])
            crossings += sum(len(met) - bisect_right(met, tail) for tail in tails)
            for tail in tails:
                insort(met, tail)
    return crossings


def _lanes(rows: list[Route], routes: list[Route], rooms: dict[Vertex, Room]) -> dict[Vertex, float]:
    """The lane of every vertex, near the lanes of its neighbours."""
    before, after = _neighbours(routes)
    lanes: dict[Vertex, float] = {}
    for row in rows:
        lanes.update(zip(row, _nearest([0.0] * len(row), [rooms[v] for v in row]), strict=True))
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = []
            for vertex in row:
                near = [(lanes[u], _pull(u, vertex)) for u in before[vertex] + after[vertex]] or [(lanes[vertex], 1)]
                wanted.append(sum(lane * pull for lane, pull in near) / sum(pull for _, pull in near))
            lanes.update(zip(row, _nearest(wanted, [rooms[v] for v in row]), strict=True))
    return lanes


def _pull(u: Vertex, v: Vertex) -> int:
    """How strongly two neighbours want to be level: above all the bends of a long arrow, so that it is straight."""
    return 1 if isinstance(u, str) or isinstance(v, str) else 8


def _nearest(wanted: list[float], rooms: list[Room]) -> list[float]:
    """The lanes closest to the wanted ones, in the sum of squares, that keep the order and the distances.

    Measured from the closest packing, lanes must not decrease: neighbours that would are pooled at their mean.
    """
    packed, end = [], 0.0
    for room in rooms:
        packed.append(end + room.above)
        end += room.above + room.below + _BESIDE
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, packed, strict=True):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        pools.append((mean, count))
    shifts = [mean for mean, count in pools for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, packed, strict=True)]


# ---------------------------------------------------------------------------------------------------------------------
# Lines
# ---------------------------------------------------------------------------------------------------------------------


def _ports(routes: list[Route], lanes: dict[Vertex, float], rooms: dict[Vertex, Room]) -> list[Point]:
    """Where each arrow leaves its tail and arrives at its head: side by side, in the order of where they go."""
    ports = [[0.0, 0.0] for _ in routes]
    for end, neighbour in ((0, 1), (-1, -2)):
        at: dict[Vertex, list[int]] = defaultdict(list)
        for i in sorted(range(len(routes)), key=lambda i: lanes[routes[i][neighbour]]):
            at[routes[i][end]].append(i)
        for vertex, arrows in at.items():
            for rank, i in enumerate(arrows, start=1):
                share = 2 * rank / (len(arrows) + 1) - 1
                ports[i][end] = lanes[vertex] + share * rooms[vertex].below
    return [(leave, arrive) for leave, arrive in ports]


def _curve(start: float, spans: list[Point], lanes: list[float], end: float) -> list[Point]:
    """The line of an arrow: straight across every layer, in its lane, and a Bézier curve from layer to layer."""
    points = [(start, lanes[0])]
    for (this, following), (lane, next_lane) in zip(pairwise(spans), pairwise(lanes), strict=False):
        left, right = this[1], following[0] - _HEAD
        middle = (left + right) / 2
        points += [(left, lane), (middle, lane), (middle, next_lane), (right, next_lane)]
    return [*points, (end, lanes[-1])]


# ---------------------------------------------------------------------------------------------------------------------
# SVG
# ---------------------------------------------------------------------------------------------------------------------


def svg(picture: Picture) -> str:
    """The picture as SVG, laid out by :func:`layout`; the same picture gives the same text.

    >>> from autograd import Value
    >>> from autograd.pictures.draw import picture
    >>> svg(picture(-Value(1.0))).count("<path")  # three kinds of arrowheads, and the arrow
    4
    """
    found = layout(picture)
    width, height = f"{found.width:.0f}", f"{found.height:.0f}"
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": width,
            "height": height,
            "viewBox": f"0 0 {width} {height}",
            "font-family": f"{FONT}, Arial, 'DejaVu Sans', sans-serif",
            "text-anchor": "middle",
        },
    )
    definitions = ET.SubElement(root, "defs")
    for mood, look in ARROWS.items():
        size = {"markerWidth": _n(_HEAD), "markerHeight": "6", "refX": _n(_HEAD - 1), "refY": "3", "orient": "auto"}
        marker = ET.SubElement(definitions, "marker", {"id": mood, "markerUnits": "userSpaceOnUse", **size})
        ET.SubElement(marker, "path", {"d": f"M0,0 L{_n(_HEAD)},3 L0,6 Z", "fill": look.line})
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "white"})
    for arrow, curve in zip(picture.arrows, found.curves, strict=True):
        look = ARROWS[arrow.mood]
        line = {"d": _path(curve), "fill": "none", "marker-end": f"url(#{arrow.mood})"}
        ET.SubElement(root, "path", line | _stroke(look))
    for box in picture.boxes:
        rect, look = found.boxes[box.key], outline(box)
        ET.SubElement(root, "rect", _rectangle(rect) | {"rx": "7", "fill": look.fill} | _stroke(look))
        _write(root, rect, [[(span.text, INK[span.tone]) for span in line] for line in box.lines])
    for arrow, place in zip(picture.arrows, found.labels, strict=True):
        if place is not None:
            _write(root, place, [[(line, label_ink(arrow))] for line in arrow.label], **_HALO)
    return ET.tostring(root, encoding="unicode")


_HALO = {"stroke": "white", "stroke-width": "3", "stroke-linejoin": "round", "paint-order": "stroke"}


def _n(x: float) -> str:
    return f"{x:.1f}"


def _rectangle(rect: Rect) -> dict[str, str]:
    corner = {"x": _n(rect.x - rect.width / 2), "y": _n(rect.y - rect.height / 2)}
    return corner | {"width": _n(rect.width), "height": _n(rect.height)}


def _stroke(look: Look) -> dict[str, str]:
    stroke = {"stroke": look.line, "stroke-width": f"{look.width:g}"}
    return stroke | {"stroke-dasharray": "4 3"} if look.dash else stroke


def _path(curve: list[Point]) -> str:
    """SVG's commands for the points of a line: move, and then in turn a straight piece and a curve."""
    commands = ["M", *(("L", "C", "", "")[i % 4] for i in range(len(curve) - 1))]
    return " ".join(f"{command}{_n(x)},{_n(y)}" for command, (x, y) in zip(commands, curve, strict=True))


def _write(root: ET.Element, place: Rect, lines: list[list[tuple[str, Ink]]], **style: str) -> None:
    """Lines of text in the middle of a rectangle."""
    heights = [_line_height([ink for _, ink in line]) for line in lines]
    y = place.y - sum(heights) / 2
    for line, height in zip(lines, heights, strict=True):
        text = ET.SubElement(root, "text", {"x": _n(place.x), "y": _n(y + 0.76 * height), **style})
        for i, (words, ink) in enumerate(line):
            weight = {"font-weight": "bold"} if ink.bold else {}
            span = ET.SubElement(text, "tspan", {"fill": ink.color, "font-size": str(ink.size), **weight})
            span.text = words if i == 0 else f" {words}"
        y += height
