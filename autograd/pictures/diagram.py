"""Diagrams of what is not a graph of nodes: the layers of a network, the steps of a program, numbers over epochs."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence

from autograd.core.escaping import printable
from autograd.core.hooks import hooks
from autograd.explain.brief import number
from autograd.pictures.picture import Arrow, Box, Picture, Role, Span, with_short_rows
from autograd.pictures.skins import DEFAULT, Ink
from autograd.pictures.svg import canvas, svg, write
from autograd.pictures.wrapping import Rect

__all__ = ["chart", "diagram"]

_LONGEST = 40  # characters of a line in a box


def diagram(
    boxes: Mapping[str, Sequence[str]],
    arrows: Iterable[tuple[str, str, str]],
    columns: Sequence[Sequence[str]] = (),
    title: str = "",
) -> str:
    """Boxes and arrows as SVG.

    Args:
        boxes: the lines of text of each box, the first of which is its name; by keys, tails of arrows before heads.
        arrows: for each the key where it starts, the key where it ends, and its label.
        columns: the keys in columns, if every arrow leads from one of them to the next.
        title: what the diagram shows, for readers who cannot see it.

    >>> diagram({"a": ["in"], "b": ["out", "3 numbers"]}, [("a", "b", "")]).count("<rect")
    3
    """
    drawn = tuple(Arrow(tail, head, (label,) if label else ()) for tail, head, label in arrows)
    heads, tails = {arrow.head for arrow in drawn}, {arrow.tail for arrow in drawn}
    shown = []
    for key, (name, *others) in boxes.items():
        role: Role = "input" if key not in heads else "operation" if key in tails else "output"
        below = [(Span(printable(line, _LONGEST), "quiet"),) for line in others]
        shown.append(Box(key, role, ((Span(printable(name, _LONGEST), "name"),), *below)))
    return svg(with_short_rows(Picture(tuple(shown), drawn, title=title, columns=tuple(map(tuple, columns)))))


# ---------------------------------------------------------------------------------------------------------------------
# Curves
# ---------------------------------------------------------------------------------------------------------------------

_SIZE = (560.0, 240.0)
_LEFT, _RIGHT, _TOP, _BOTTOM = 64.0, 120.0, 14.0, 34.0  # around the curves: numbers, names
_POINTS = 200  # of a curve
_DASHES = ("", "7 4", "2 3", "9 3 2 3")
_COLORS = (DEFAULT.arrows["flowing"].line, DEFAULT.ink["slope"].color, DEFAULT.ink["warning"].color, "#3f6212")
_TEXT = Ink("#4b5563", 11)


def chart(curves: Mapping[str, Sequence[float]], across: str = "epoch") -> str:
    """Numbers over 1, 2, 3 … as curves in SVG; an empty text if there are fewer than two finite ones.

    Of more than 200 numbers, the smallest and the largest in each of 100 parts are drawn.

    Args:
        curves: the numbers by name: at most four, which differ in colour and dashes.
        across: what is counted.
    """
    finite = [y for ys in curves.values() for y in ys if math.isfinite(y)]
    last = max(map(len, curves.values()), default=0)
    if len(finite) < 2 or last < 2 or len(curves) > len(_DASHES):
        return ""
    low, high = min(finite), max(finite)
    if low == high:
        low, high = low - 0.5, high + 0.5
    width, height = _SIZE
    right, bottom = width - _RIGHT, height - _BOTTOM

    def x(place: float) -> float:
        return _LEFT + (right - _LEFT) * (place - 1) / (last - 1)

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * (value / (high - low) - low / (high - low))

    root = canvas(width, height, DEFAULT)
    names = ", ".join(printable(name) for name in curves)
    ET.SubElement(root, "title").text = f"{names} over {last:,} {across}s"
    ends = [f"{printable(name)}: from {number(ys[0])} to {number(ys[-1])}" for name, ys in curves.items() if ys]
    ET.SubElement(root, "desc").text = "; ".join(ends)
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": DEFAULT.background})
    for value in (low, (low + high) / 2, high):
        ET.SubElement(root, "path", {"d": f"M{_LEFT},{y(value):.1f} H{right}", "stroke": "#d7dbe0"})
        write(root, Rect(_LEFT / 2, y(value), _LEFT, 14), [[(f"{value:.3g}", _TEXT)]])
    for place in dict.fromkeys((1, (1 + last) // 2, last)):
        write(root, Rect(x(place), bottom + 10, 60, 14), [[(str(place), _TEXT)]])
    write(root, Rect((_LEFT + right) / 2, bottom + 25, 100, 14), [[(across, _TEXT)]])
    for row, ((name, ys), dash, color) in enumerate(zip(curves.items(), _DASHES, _COLORS, strict=False)):
        line = {"fill": "none", "stroke": color, "stroke-width": "1.8"} | ({"stroke-dasharray": dash} if dash else {})
        for part in _parts(ys):
            points = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in part)
            ET.SubElement(root, "polyline", {"points": points} | line)
        at = _TOP + 8 + 20 * row
        ET.SubElement(root, "path", {"d": f"M{right + 10},{at} h24"} | line)
        write(root, Rect(right + 76, at, 76, 14), [[(printable(name, 12), Ink(color, 11))]])
    return ET.tostring(root, encoding="unicode")


def _parts(ys: Sequence[float]) -> list[list[tuple[int, float]]]:
    """A curve as points, not too many, and in pieces where it is not finite."""
    parts: list[list[tuple[int, float]]] = [[]]
    for place, value in _thinned([*enumerate(ys, 1)]):
        if math.isfinite(value):
            parts[-1].append((place, value))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _thinned(points: list[tuple[int, float]]) -> list[tuple[int, float]]:
    """The first and the last point, and the lowest and the highest in each of many equal parts."""
    if len(points) <= _POINTS:
        return points
    length = -(-len(points) // (_POINTS // 2))
    kept = {0, len(points) - 1}
    for start in range(0, len(points), length):
        part = range(start, min(start + length, len(points)))
        kept |= {min(part, key=lambda i: points[i][1]), max(part, key=lambda i: points[i][1])}
    return [points[i] for i in sorted(kept)]


hooks.diagram, hooks.chart = diagram, chart
