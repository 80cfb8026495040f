"""A layout, and how one that is wide and low is broken into rows, as a text is broken into lines."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from autograd.pictures.layers import Point

__all__ = ["Layout", "Rect", "wrapped"]

_SCREEN, _LARGER = (1280.0, 800.0), 1.3  # a picture is broken if it then fits here in a size so much larger
_TURN = 8.0  # the radius of a turn, and the distance of lines that turn beside each other
_APART = 20.0  # from a row to the lines between the rows


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
        below: the place of what stands on the other side of its line.
        legend: the place of the legend, ``None`` if there is none.
        width: of the whole picture.
        height: of the whole picture.
    """

    boxes: dict[str, Rect] = field(default_factory=dict)
    curves: list[list[Point]] = field(default_factory=list)
    labels: list[Rect | None] = field(default_factory=list)
    below: list[Rect | None] = field(default_factory=list)
    legend: Rect | None = None
    width: float = 0.0
    height: float = 0.0


def wrapped(plan: Layout, spans: Sequence[Point], width: float) -> Layout:
    """A layout whose arrows run to the right, in rows that are not wider than ``width``, if it is then easier to read.

    A line that goes on in the next row turns at the right, runs back between the rows, and turns again at the left.

    Args:
        plan: the layout in one row.
        spans: where each layer begins and ends.
        width: the width of a row, without the turns.
    """
    whole, rows = _Rows(plan, []), _Rows(plan, _breaks(spans, width))
    return rows.layout() if rows.scale > _LARGER * whole.scale else plan


def _breaks(spans: Sequence[Point], width: float) -> list[float]:
    """Where rows end, between a layer of boxes and one of labels: few rows, of about the same width."""

    def breaks(most: float) -> list[float]:
        found, start = [], 0.0
        for (_, before), (label, _), (_, end) in zip(spans[::2], spans[1::2], spans[2::2], strict=False):
            if end - start > most:
                found.append((before + label) / 2)
                start = label
        return found

    fewest = breaks(width)
    even = spans[-1][1] / (len(fewest) + 1)
    return next((found for k in range(4) if len(found := breaks(even * (1 + k / 10))) == len(fewest)), fewest)


class _Rows:
    """The rows of a layout.

    Args:
        plan: the layout in one row.
        breaks: where each row but the last ends.

    Attributes:
        lefts: where each row begins in the layout in one row.
        height: of all rows, and the lines between them.
        scale: the size in which all of it fits on a screen.
    """

    def __init__(self, plan: Layout, breaks: Sequence[float]) -> None:
        self.plan = plan
        self.lefts = [0.0, *breaks]
        tops, bottoms, rights = [[0.0] * len(self.lefts) for _ in range(3)]
        for rect in [*plan.boxes.values(), *filter(None, [*plan.labels, *plan.below])]:
            row = self.row(rect.x)
            tops[row] = min(tops[row], rect.y - rect.height / 2)
            bottoms[row] = max(bottoms[row], rect.y + rect.height / 2)
            rights[row] = max(rights[row], rect.x + rect.width / 2 - self.lefts[row])
        self.turning: list[dict[Point, int]] = [{} for _ in self.lefts]
        for curve in plan.curves:
            for x, y in curve:
                row = self.row(x)
                tops[row], bottoms[row] = min(tops[row], y), max(bottoms[row], y)
            for (x, y), (_, then) in self.turns(curve):
                self.turning[self.row(x)][y, then] = 0
        for lines in self.turning:
            lines.update({line: i for i, line in enumerate(sorted(lines, key=lambda line: line[::-1]))})
        self.right = max(rights)
        self.shifts: list[float] = []
        self.bottoms: list[float] = []
        self.height = 0.0
        for top, bottom, lines in zip(tops, bottoms, self.turning, strict=True):
            self.shifts.append(self.height - top)
            self.bottoms.append(self.height + bottom - top)
            self.height += bottom - top + 2 * _APART + _TURN * len(lines)
        self.scale = min(_SCREEN[0] / self.right, _SCREEN[1] / self.height)

    def row(self, x: float) -> int:
        """The row of what stands here in the layout in one row."""
        return max(bisect_right(self.lefts, x) - 1, 0)

    def turns(self, curve: Sequence[Point]) -> list[tuple[Point, Point]]:
        """The ends of the curves of a line that lead from one row to the next."""
        ends = zip(curve[1::4], curve[4::4], strict=False)
        return [(one, other) for one, other in ends if self.row(one[0]) != self.row(other[0])]

    def layout(self) -> Layout:
        """The layout in rows."""
        plan = self.plan
        boxes = {key: self.moved(rect) for key, rect in plan.boxes.items()}
        labels, below = ([label and self.moved(label) for label in side] for side in (plan.labels, plan.below))
        return Layout(boxes, [self.line(curve) for curve in plan.curves], labels, below)

    def moved(self, rect: Rect) -> Rect:
        x, y = self.point(rect.x, rect.y)
        return replace(rect, x=x, y=y)

    def point(self, x: float, y: float) -> Point:
        row = self.row(x)
        return x - self.lefts[row], y + self.shifts[row]

    def line(self, curve: Sequence[Point]) -> list[Point]:
        """A line, with a turn in place of each curve that leads to the next row."""
        points = [self.point(*curve[0])]
        for i in range(1, len(curve) - 1, 4):
            turn = self.row(curve[i][0]) != self.row(curve[i + 3][0])
            points += self.turn(curve[i], curve[i + 3]) if turn else [self.point(*point) for point in curve[i : i + 4]]
        return [*points, self.point(*curve[-1])]

    def turn(self, one: Point, other: Point) -> list[Point]:
        """Around the end of a row, back, and to the beginning of the next: four straight pieces, each with a corner.

        Lines that turn beside each other lie inside each other, so that they do not cross.
        """
        row = self.row(one[0])
        lines = self.turning[row]
        inner = lines[one[1], other[1]]
        outer = len(lines) - 1 - inner
        right, left = self.right + _TURN * (2 + outer), -_TURN * (2 + inner)
        between = self.bottoms[row] + _APART + _TURN * outer
        above, below = self.point(*one)[1], self.point(*other)[1]
        return [
            *((right - _TURN, above), (right, above), (right, above), (right, above + _TURN)),
            *((right, between - _TURN), (right, between), (right, between), (right - _TURN, between)),
            *((left + _TURN, between), (left, between), (left, between), (left, between + _TURN)),
            *((left, below - _TURN), (left, below), (left, below), (left + _TURN, below)),
        ]
