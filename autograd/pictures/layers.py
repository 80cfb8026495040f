"""Layers, the order within each, and lanes: three steps of the layout, which know boxes and arrows only as vertices."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections import defaultdict
from itertools import pairwise
from typing import NamedTuple, TypeAlias

from autograd.pictures.picture import Picture

__all__ = ["Extent", "Point", "Route", "Vertex", "assign_lanes", "assign_layers", "assign_routes", "order_layers"]

_BESIDE = 10.0  # between the vertices of one layer
_SWEEPS = 12  # over all layers, forward and back in turn

Bend: TypeAlias = tuple[int, int]  # an arrow, or the first of those that pass here together as ~i, and the layer
Vertex: TypeAlias = str | Bend  # the key of a box, or a bend
Route: TypeAlias = list[Vertex]  # an arrow, from box to box, layer by layer
Point: TypeAlias = tuple[float, float]


class Extent(NamedTuple):
    """The space of a vertex in its layer: ``along`` the arrows, and across them on both sides of its lane."""

    along: float
    above: float
    below: float


def assign_layers(picture: Picture) -> dict[str, int]:
    """The layer of each box: by its longest path to the last box, so that it stands close to where it is used."""
    heads: dict[str, list[str]] = {box.key: [] for box in picture.boxes}
    for arrow in picture.arrows:
        heads[arrow.tail].append(arrow.head)
    to_go: dict[str, int] = {}
    for key in reversed(heads):  # tails stand before heads
        to_go[key] = max((to_go[head] + 2 for head in heads[key]), default=0)
    longest = max(to_go.values())
    return {key: longest - to_go[key] for key in heads}


def assign_routes(picture: Picture, layers: dict[str, int]) -> list[Route]:
    """The way of each arrow through the layers; arrows from one box that look alike go together as far as they can."""
    first: dict[tuple[str, str, int], int] = {}
    routes: list[Route] = []
    for i, arrow in enumerate(picture.arrows):
        leader = first.setdefault((arrow.tail, arrow.mood, i if arrow.weight else -1), i)
        last = layers[arrow.head] - 1
        shared: Route = [(~leader, layer) for layer in range(layers[arrow.tail] + 1, last)]
        routes.append([arrow.tail, *shared, (i, last), arrow.head])
    return routes


def order_layers(layers: dict[str, int], routes: list[Route]) -> list[Route]:
    """The vertices of each layer, in an order with few crossings."""
    rows: list[Route] = [[] for _ in range(max(layers.values()) + 1)]
    for key, layer in layers.items():
        rows[layer].append(key)
    for bend in dict.fromkeys(vertex for route in routes for vertex in route if not isinstance(vertex, str)):
        rows[bend[1]].append(bend)
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
    """The vertices that each vertex is connected to, in the layer before and in the layer after."""
    before: dict[Vertex, Route] = defaultdict(list)
    after: dict[Vertex, Route] = defaultdict(list)
    for u, v in dict.fromkeys(pair for route in routes for pair in pairwise(route)):
        before[v].append(u)
        after[u].append(v)
    return before, after


def _crossings(rows: list[Route], before: dict[Vertex, Route], place: dict[Vertex, int]) -> int:
    """How many pairs of arrows cross: their order at a layer differs from their order at the layer before."""
    crossings = 0
    for row in rows:
        met: list[int] = []
        for vertex in row:
            tails = sorted(place[u] for u in before[vertex])
            crossings += sum(len(met) - bisect_right(met, tail) for tail in tails)
            for tail in tails:
                insort(met, tail)
    return crossings


def assign_lanes(rows: list[Route], routes: list[Route], extents: dict[Vertex, Extent]) -> dict[Vertex, float]:
    """The lane of each vertex, near the lanes of its neighbours."""
    before, after = _neighbours(routes)
    lanes: dict[Vertex, float] = {}
    for row in rows:
        lanes.update(zip(row, _nearest([0.0] * len(row), [extents[v] for v in row]), strict=True))
    for sweep in range(_SWEEPS):
        for row in rows if sweep % 2 == 0 else rows[::-1]:
            wanted = []
            for vertex in row:
                near = [(lanes[u], _pull(u, vertex)) for u in before[vertex] + after[vertex]] or [(lanes[vertex], 1)]
                wanted.append(sum(lane * pull for lane, pull in near) / sum(pull for _, pull in near))
            lanes.update(zip(row, _nearest(wanted, [extents[v] for v in row]), strict=True))
    return lanes


def _pull(u: Vertex, v: Vertex) -> int:
    """How strongly two neighbours attract each other: most of all the bends of one arrow, to make it straight."""
    return 1 if isinstance(u, str) or isinstance(v, str) else 8


def _nearest(wanted: list[float], extents: list[Extent]) -> list[float]:
    """The lanes closest to the wanted ones, in the sum of squares, that keep the order and the distances.

    This is isotonic regression: measured from the closest packing, lanes must not decrease, and neighbours that would
    are pooled at their mean.
    """
    packed, end = [], 0.0
    for extent in extents:
        packed.append(end + extent.above)
        end += extent.above + extent.below + _BESIDE
    pools: list[tuple[float, int]] = []
    for want, offset in zip(wanted, packed, strict=True):
        mean, count = want - offset, 1
        while pools and pools[-1][0] > mean:
            other, more = pools.pop()
            mean, count = (mean * count + other * more) / (count + more), count + more
        pools.append((mean, count))
    shifts = [mean for mean, count in pools for _ in range(count)]
    return [shift + offset for shift, offset in zip(shifts, packed, strict=True)]
