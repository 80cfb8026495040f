"""A picture of a graph as plain data: boxes with lines of text, and arrows between them.

:func:`autograd.pictures.from_graph.picture` makes one from a graph.  Two writers draw it:
:mod:`autograd.pictures.dot` for Graphviz, and :mod:`autograd.pictures.svg`, which needs no other program.
How it looks is up to a skin; see :mod:`autograd.pictures.skins`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any, Literal, TypeAlias

__all__ = ["Arrow", "Box", "Mood", "Picture", "Role", "Span", "Tone", "on_wires", "rows_of", "with_short_rows"]

_COLUMNS = (6, 5)  # of a row, at most: without labels on the arrows, and with labels

Tone: TypeAlias = Literal["name", "symbol", "value", "slope", "local", "quiet", "warning"]
"""What a piece of text is; it decides its colour, size and weight.

``slope`` is a gradient, ``local`` a local derivative.
"""

Role: TypeAlias = Literal["input", "operation", "output", "constant", "group"]
"""What a box stands for: ``group`` is a closed one."""

Mood: TypeAlias = Literal["plain", "highlighted", "unused", "flowing", "opposing"]
"""How an arrow is drawn.

``unused`` is an operand that was not selected, so that nothing flows along it.  ``flowing`` and ``opposing`` are shares
of a derivative, with its sign and against it.
"""


@dataclass(frozen=True)
class Span:
    """A few words in one tone."""

    text: str
    tone: Tone = "value"


@dataclass(frozen=True)
class Box:
    """A node or a group: its lines of text, each of one or more spans.

    Attributes:
        key: what tells it from others.
        role: what it stands for.
        lines: its text.
        kink: whether it stands on a kink.
        unreached: whether sweeps ran in its graph, but not through it.
        nan: whether its value or its gradient is nan.
        changed: whether the step that is shown has changed it.
    """

    key: str
    role: Role
    lines: tuple[tuple[Span, ...], ...]
    kink: bool = False
    unreached: bool = False
    nan: bool = False
    changed: bool = False


@dataclass(frozen=True)
class Arrow:
    """An edge between the boxes of these keys.

    Attributes:
        tail: the key of the box where it starts.
        head: the key of the box where it ends.
        label: the lines of its label.
        mood: how it is drawn.
        weight: how much of a derivative runs along it, from 0 to 1: it is drawn so much wider.
        tone: what its label is.
        value: the value that it carries, for skins that write on the wires.
        sent: the gradient that the last sweep has sent along it, for the same.
        below: what stands on its other side, in the tone of a gradient.
    """

    tail: str
    head: str
    label: tuple[str, ...] = ()
    mood: Mood = "plain"
    weight: float = 0.0
    tone: Tone = "local"
    value: str = ""
    sent: str = ""
    below: str = ""


@dataclass(frozen=True)
class Picture:
    """A whole picture.

    Attributes:
        boxes: tails of arrows before their heads.
        arrows: between them.
        rankdir: the direction in which the arrows run: LR, TB, RL or BT.
        legend: what the colours mean, in these colours; it stands below.
        title: what the picture shows, for readers who cannot see it.
        columns: the keys of all boxes in columns, if that is how they stand: then every arrow leads straight to the
            next column.  A column to which no arrow leads begins a row.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    rankdir: str = "LR"
    legend: tuple[Span, ...] = ()
    title: str = ""
    columns: tuple[tuple[str, ...], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The picture in the terms of JSON, by the schema of :mod:`autograd.pictures.page.data`.

        >>> from autograd import Value, draw
        >>> [arrow] = draw(Value(3.0, label="x") ** 2, named=True).picture.as_json()["arrows"]
        >>> arrow
        {'tail': 'n0', 'head': 'n1', 'label': ['2*x', '= 6'], 'value': '3'}
        """
        return {"format": "pathgrad picture 1", **_without_defaults(self)}


def _without_defaults(part: Any) -> Any:
    """A part of a picture as objects, lists and text, without the attributes that are as usual."""
    if isinstance(part, tuple):
        return [_without_defaults(one) for one in part]
    if not is_dataclass(part):
        return part
    said = {field.name: (getattr(part, field.name), field.default) for field in fields(part)}
    return {name: _without_defaults(value) for name, (value, usual) in said.items() if value != usual}


def on_wires(picture: Picture) -> Picture:
    """The picture with values above the wires and gradients below, as circuits are drawn.

    A box keeps its gradient unless that is what stands on the only wire that leaves it.  A picture of a flow or of a
    network stays as it is.
    """
    if picture.columns or any(arrow.weight for arrow in picture.arrows):
        return picture
    wires = tuple(replace(arrow, label=(arrow.value,), below=arrow.sent, tone="value") if arrow.value else arrow
                  for arrow in picture.arrows)  # fmt: skip
    leaving: dict[str, list[str]] = {}
    for arrow in wires:
        if arrow.value:
            leaving.setdefault(arrow.tail, []).append(arrow.sent)
    boxes = tuple(_without_numbers(box, leaving[box.key]) if box.key in leaving else box for box in picture.boxes)
    legend = [Span("above a wire: value", "value")] * any(arrow.value for arrow in wires)
    legend += [Span("below: gradient", "slope")] * any(arrow.below for arrow in wires)
    others = [span for span in picture.legend if span.tone != "local"]
    return replace(picture, boxes=boxes, arrows=wires, legend=(*legend, *others))


def _without_numbers(box: Box, sent: list[str]) -> Box:
    """A box without its value, and without its gradient if that is what stands on the only wire."""
    title, _, gradient, *others = box.lines
    kept = [gradient] * ([f"grad {text}" for text in sent] != [gradient[0].text])
    return replace(box, lines=(title, *kept, *others))


def rows_of(picture: Picture) -> list[list[tuple[str, ...]]]:
    """The columns in rows: one begins with each column to which no arrow leads."""
    heads = {arrow.head for arrow in picture.arrows}
    rows: list[list[tuple[str, ...]]] = []
    for column in picture.columns:
        if heads.isdisjoint(column):
            rows.append([])
        rows[-1].append(column)
    return rows


def with_short_rows(picture: Picture) -> Picture:
    """A picture with many columns in rows of a few, each of which begins with a copy of the last column before it."""
    gaps = len(picture.columns) - 1
    most = _COLUMNS[any(arrow.label for arrow in picture.arrows)]
    if gaps < most:
        return picture
    each = -(-gaps // -(-gaps // (most - 1)))  # as few rows as possible, and as even
    columns: list[tuple[str, ...]] = []
    copies: dict[str, str] = {}
    for place, column in enumerate(picture.columns):
        columns.append(column)
        if 0 < place < gaps and place % each == 0:
            copies |= {key: f"{key}r" for key in column}
            columns.append(tuple(copies[key] for key in column))
    boxes = [*picture.boxes, *(_copy(box, copies[box.key]) for box in picture.boxes if box.key in copies)]
    arrows = [replace(arrow, tail=copies.get(arrow.tail, arrow.tail)) for arrow in picture.arrows]
    return replace(picture, boxes=tuple(boxes), arrows=tuple(arrows), columns=tuple(columns))


def _copy(box: Box, key: str) -> Box:
    """A box that stands for one in the row before."""
    return replace(box, key=key, lines=(box.lines[0][:1], (Span("continued", "quiet"),)))
