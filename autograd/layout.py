"""A small layered layout and its SVG, for machines without Graphviz: nothing but Python is needed.

The classical four steps of Sugiyama, Tagawa and Toda (1981):

1. every box gets a *layer*, so that all arrows run forward;
2. an arrow over several layers gets a *bend* in each layer between, so that it has a lane of its own there;
3. the *order* within the layers is improved by sorting each by where its neighbours lie (the barycentre heuristic);
4. *positions* are as close to the neighbours' as order and distances allow (least squares, by pooling).

Arrows curve only between layers, where there are no boxes: no arrow ever crosses a box.  Everything is computed along
the arrows and across them; the direction of the picture is applied in the end.
"""

from __future__ import annotations

import unicodedata
import xml.etree.ElementTree as ET
from bisect import bisect_right, insort
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypeAlias

from autograd.picture import ARROWS, FONT, INK, Arrow, Ink, Look, Picture, label_ink, outline

__all__ = ["Layout", "Rect", "layout", "svg"]

_MARGIN = 12.0  # around the picture
_PADDING = 9.0  # between a box and its text
_BESIDE = 16.0  # between boxes of a layer
_BETWEEN = 44.0  # between layers, beside the labels
_PORT = 9.0  # between arrows that end at the same side of a box
_SWEEPS = 12

Bend: TypeAlias = tuple[int, int]  # the number of an arrow, and a layer that it passes
Vertex: TypeAlias = str | Bend  # the key of a box, or a bend
Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True)
class Rect:
    """A rectangle, by its centre and its size."""

    x: float
    y: float
    width: float
    height: float

    def overlap(self, other: Rect) -> float:
        """The area that two rectangles share."""
        wide = (self.width + other.width) / 2 - abs(self.x - other.x)
        high = (self.height + other.height) / 2 - abs(self.y - other.y)
        return max(wide, 0.0) * max(high, 0.0)


@dataclass
class Layout:
    """Where everything in a picture is.

    Attributes:
        width: of the whole picture.
        height: of the whole picture.
        boxes: the place of every box, by its key.
        curves: for every arrow the points of its line; four in a row are a Bézier curve between two layers, from one
            such curve to the next it is straight.
        labels: the place of every arrow's label, ``None`` where there is none.
    """

    width: float
    height: float
    boxes: dict[str, Rect] = field(default_factory=dict)
    curves: list[list[Point]] = field(default_factory=list)
    labels: list[Rect | None] = field(default_factory=list)


def layout(picture: Picture) -> Layout:
    """Find a place for every box, arrow and label of a picture."""
    upright = picture.rankdir in ("TB", "BT")
    layers = _layers(picture)
    routes: list[list[Vertex]] = [
        [arrow.tail, *((i, layer) for layer in range(layers[arrow.tail] + 1, layers[arrow.head])), arrow.head]
        for i, arrow in enumerate(picture.arrows)
    ]
    sizes = _sizes(picture, routes, upright)
    rows = _order(layers, routes)
    across = _positions(rows, routes, sizes)
    spans = _spans(picture, layers, sizes, upright)

    plan = Layout(spans[-1][1] + _MARGIN, max(across[v] + sizes[v][1] / 2 for v in across) + _MARGIN)
    for box in picture.boxes:
        plan.boxes[box.key] = Rect(sum(spans[layers[box.key]]) / 2, across[box.key], *sizes[box.key])
    for arrow, route, ends in zip(picture.arrows, routes, _ports(routes, across, sizes), strict=True):
        tail, head = plan.boxes[arrow.tail], plan.boxes[arrow.head]
        lane = [ends[0], *(across[bend] for bend in route[1:-1]), ends[1]]
        plan.curves.append(_curve(tail.x + tail.width / 2, spans[layers[arrow.tail] :], lane, head.x - head.width / 2))
    taken = list(plan.boxes.values())
    for arrow, curve in zip(picture.arrows, plan.curves, strict=True):
        plan.labels.append(_label_place(_label_size(arrow, upright), curve[1:5], taken) if arrow.label else None)
    return _turned(plan, picture.rankdir)


def _turned(plan: Layout, rankdir: str) -> Layout:
    """A layout whose arrows run to the right, turned into another direction."""

    def point(x: float, y: float) -> Point:
        x = plan.width - x if rankdir in ("RL", "BT") else x
        return (y, x) if rankdir in ("TB", "BT") else (x, y)

    def rect(box: Rect) -> Rect:
        size = (box.width, box.height) if rankdir in ("LR", "RL") else (box.height, box.width)
        return Rect(*point(box.x, box.y), *size)

    return Layout(
        *((plan.width, plan.height) if rankdir in ("LR", "RL") else (plan.height, plan.width)),
        boxes={key: rect(box) for key, box in plan.boxes.items()},
        curves=[[point(*p) for p in curve] for curve in plan.curves],
        labels=[label and rect(label) for label in plan.labels],
    )


# ---------------------------------------------------------------------------------------------------------------------
# Sizes, along the arrows and across them
# ---------------------------------------------------------------------------------------------------------------------


def _text_width(text: str, ink: Ink) -> float:
    """About how wide a text is; rather too much, since the reader's fonts are unknown."""
    letters = sum(1.0 if unicodedata.east_asian_width(letter) in "WF" else 0.6 for letter in text)
    return letters * ink.size * (1.1 if ink.bold else 1.0)


def _height(line: Sequence[Ink]) -> float:
    return 1.25 * max(ink.size for ink in line)


def _sizes(picture: Picture, routes: list[list[Vertex]], upright: bool) -> dict[Vertex, Point]:
    """How much room every vertex takes: a box is large enough for its text and for all arrows that end there."""
    leaving = Counter(arrow.tail for arrow in picture.arrows)
    arriving = Counter(arrow.head for arrow in picture.arrows)
    sizes: dict[Vertex, Point] = {bend: (0.0, 6.0) for route in routes for bend in route[1:-1]}
    for box in picture.boxes:
        inks = [[INK[span.tone] for span in line] for line in box.lines]
        widths = [sum(_text_width(f"{s.text} ", INK[s.tone]) for s in line) for line in box.lines]
        width, height = max(widths) + 2 * _PADDING, sum(map(_height, inks)) + 1.2 * _PADDING
        along, across = (height, width) if upright else (width, height)
        sizes[box.key] = along, max(across, _PORT * (1 + max(leaving[box.key], arriving[box.key])))
    return sizes


def _label_size(arrow: Arrow, upright: bool) -> Point:
    ink = label_ink(arrow)
    width = max((_text_width(line, ink) for line in arrow.label), default=0.0)
    height = _height([ink]) * len(arrow.label)
    return (height, width) if upright else (width, height)


def _spans(picture: Picture, layers: dict[str, int], sizes: dict[Vertex, Point], upright: bool) -> list[Point]:
    """Where each layer begins and ends: as deep as its deepest box, with room for the labels before the next."""
    depths = [0.0] * (max(layers.values()) + 1)
    gaps = [0.0] * len(depths)
    for key, layer in layers.items():
        depths[layer] = max(depths[layer], sizes[key][0])
    for arrow in picture.arrows:
        layer = layers[arrow.tail]
        gaps[layer] = max(gaps[layer], _label_size(arrow, upright)[0])
    spans: list[Point] = []
    start = _MARGIN
    for depth, gap in zip(depths, gaps, strict=True):
        spans.append((start, start + depth))
        start += depth + gap + _BETWEEN
    return spans


# ---------------------------------------------------------------------------------------------------------------------
# The four steps
# ---------------------------------------------------------------------------------------------------------------------


def _layers(picture: Picture) -> dict[str, int]:
    """The length of the longest way to a box; a box where no arrow ends stands right before the first that it feeds."""
    tails: dict[str, list[str]] = {box.key: [] for box in picture.boxes}
    heads: dict[str, list[str]] = {box.key: [] for box in picture.boxes}
    for arrow in picture.arrows:
        tails[arrow.head].append(arrow.tail)
        heads[arrow.tail].append(arrow.head)
    layers: dict[str, int] = {}
    for box in picture.boxes:  # tails stand before heads
        layers[box.key] = max((layers[tail] + 1 for tail in tails[box.key]), default=0)
    for key in layers:
        if not tails[key] and heads[key]:
            layers[key] = min(layers[head] for head in heads[key]) - 1
    return layers


def _order(layers: dict[str, int], routes: list[list[Vertex]]) -> list[list[Vertex]]:
    """The vertices of each layer, in an order that lets few arrows cross."""
    rows: list[list[Vertex]] = [[] for _ in range(max(layers.values()) + 1)]
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


def _neighbours(routes: list[list[Vertex]]) -> tuple[dict[Vertex, list[Vertex]], dict[Vertex, list[Vertex]]]:
    """What every vertex is connected to in the layer before and in the layer after."""
    before: dict[Vertex, list[Vertex]] = defaultdict(list)
    after: dict[Vertex, list[Vertex]] = defaultdict(list)
    for route in routes:
        for u, v in pairwise(route):
            before[v].append(u)
            after[u].append(v)
    return before, after


def _crossings(rows: list[list[Vertex]], before: dict[Vertex, list[Vertex]], place: dict[Vertex, int]) -> int:
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


def _positions(rows: list[list[Vertex]], routes: list[list[Vertex]], sizes: dict[Vertex, Point]) -> dict[Vertex, float]:
    """The centre of every vertex across the arrows, near the centres of its neighbours."""
    before, after = _neighbours(routes)
    across: dict[Vertex, float] = {}
    for row in rows:
        across.update(zip(row, _nearest([0.0] * len(row), [sizes[v][1] for v in row]), strict=True))
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = []
            for vertex in row:
                near = [across[u] for u in before[vertex] + after[vertex]]
                wanted.append(sum(near) / len(near) if near else across[vertex])
            across.update(zip(row, _nearest(wanted, [sizes[v][1] for v in row]), strict=True))
    top = min(across[v] - sizes[v][1] / 2 for v in across)
    return {vertex: center - top + _MARGIN for vertex, center in across.items()}


def _nearest(wanted: list[float], sizes: list[float]) -> list[float]:
    """The centres closest to the wanted ones, in the sum of squares, that keep the order and the distances.

    Measured from the closest packing, centres must not decrease: neighbours that would are pooled at their mean.
    """
    packed, end = [], 0.0
    for size in sizes:
        packed.append(end + size / 2)
        end += size + _BESIDE
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
# Lines and labels
# ---------------------------------------------------------------------------------------------------------------------


def _ports(routes: list[list[Vertex]], across: dict[Vertex, float], sizes: dict[Vertex, Point]) -> list[Point]:
    """Where each arrow leaves its tail and arrives at its head: side by side, in the order of where they go."""
    ports = [[0.0, 0.0] for _ in routes]
    for end, neighbour in ((0, 1), (-1, -2)):
        at: dict[Vertex, list[int]] = defaultdict(list)
        for i, route in enumerate(routes):
            at[route[end]].append(i)
        for vertex, arrows in at.items():
            arrows.sort(key=lambda i: (across[routes[i][neighbour]], i))
            for rank, i in enumerate(arrows):
                share = (rank + 1) / (len(arrows) + 1) - 0.5
                ports[i][end] = across[vertex] + share * sizes[vertex][1]
    return [(leave, arrive) for leave, arrive in ports]


def _curve(start: float, spans: list[Point], lanes: list[float], end: float) -> list[Point]:
    """The line of an arrow: straight across every layer, in its lane, and a Bézier curve from layer to layer."""
    points = [(start, lanes[0])]
    for (this, following), (lane, next_lane) in zip(pairwise(spans), pairwise(lanes), strict=False):
        left, right = this[1], following[0]
        middle = (left + right) / 2
        points += [(left, lane), (middle, lane), (middle, next_lane), (right, next_lane)]
    return [*points, (end, lanes[-1])]


def _label_place(size: Point, curve: list[Point], taken: list[Rect]) -> Rect:
    """A place on the first curve of an arrow, where it covers as little as possible; it is added to those taken."""
    (x0, y0), _, _, (x1, y1) = curve
    places = []
    for t in (0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82):
        s = 1 - t
        x = x0 * s**3 + (x0 + x1) / 2 * 3 * s * t + x1 * t**3
        y = y0 + (y1 - y0) * t * t * (3 - 2 * t)
        places.append(Rect(x, y, *size))
    best = min(places, key=lambda place: sum(place.overlap(other) for other in taken))
    taken.append(best)
    return best


# ---------------------------------------------------------------------------------------------------------------------
# SVG
# ---------------------------------------------------------------------------------------------------------------------


def svg(picture: Picture) -> str:
    """The picture as SVG, laid out by :func:`layout`; the same picture gives the same text."""
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
        ET.SubElement(definitions, "marker", _HEAD | {"id": mood}).append(
            ET.Element("path", {"d": "M0,0 L8,3 L0,6 Z", "fill": look.line})
        )
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": "white"})
    for arrow, curve in zip(picture.arrows, found.curves, strict=True):
        look = ARROWS[arrow.mood]
        line = {"d": _path(curve), "fill": "none", "marker-end": f"url(#{arrow.mood})"}
        ET.SubElement(root, "path", line | _stroke(look))
    for box in picture.boxes:
        rect = found.boxes[box.key]
        corner = {"x": _n(rect.x - rect.width / 2), "y": _n(rect.y - rect.height / 2), "rx": "7"}
        size = {"width": _n(rect.width), "height": _n(rect.height), "fill": outline(box).fill}
        ET.SubElement(root, "rect", corner | size | _stroke(outline(box)))
        _write(root, rect, [[(span.text, INK[span.tone]) for span in line] for line in box.lines], {})
    for arrow, place in zip(picture.arrows, found.labels, strict=True):
        if place is not None:
            _write(root, place, [[(line, label_ink(arrow))] for line in arrow.label], _HALO)
    return ET.tostring(root, encoding="unicode")


_HEAD = {"viewBox": "0 0 8 6", "refX": "7", "refY": "3", "markerUnits": "userSpaceOnUse", "orient": "auto",
         "markerWidth": "8", "markerHeight": "6"}  # fmt: skip


_HALO = {"stroke": "white", "stroke-width": "4", "stroke-linejoin": "round", "paint-order": "stroke"}


def _n(x: float) -> str:
    return f"{x:.1f}"


def _stroke(look: Look) -> dict[str, str]:
    stroke = {"stroke": look.line, "stroke-width": f"{look.width:g}"}
    return stroke | {"stroke-dasharray": "4 3"} if look.dash else stroke


def _path(curve: list[Point]) -> str:
    commands = [f"M{_n(curve[0][0])},{_n(curve[0][1])}"]
    for i, (x, y) in enumerate(curve[1:]):
        commands.append(f"{('L', 'C', '', '')[i % 4]}{_n(x)},{_n(y)}")
    return " ".join(commands)


def _write(root: ET.Element, place: Rect, lines: list[list[tuple[str, Ink]]], style: Mapping[str, str]) -> None:
    """Lines of text in the middle of a rectangle."""
    heights = [_height([ink for _, ink in line]) for line in lines]
    y = place.y - sum(heights) / 2
    for line, height in zip(lines, heights, strict=True):
        text = ET.SubElement(root, "text", {"x": _n(place.x), "y": _n(y + 0.76 * height), **style})
        for i, (words, ink) in enumerate(line):
            weight = {"font-weight": "bold"} if ink.bold else {}
            span = ET.SubElement(text, "tspan", {"fill": ink.color, "font-size": str(ink.size), **weight})
            span.text = words if i == 0 else f" {words}"
        y += height
