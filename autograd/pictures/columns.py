"""The layout of a network: boxes in columns, in their own order, and straight arrows from each column to the next."""

from __future__ import annotations

from autograd.pictures.layout import box_size, finished, label_size
from autograd.pictures.picture import Picture, rows_of
from autograd.pictures.skins import DEFAULT, Skin
from autograd.pictures.wrapping import Layout, Rect

__all__ = ["columns_layout"]

_BESIDE = (8.0, 36.0)  # between boxes of a column: at least, and where there is room for labels
_BETWEEN = (110.0, 230.0)  # between columns, without and with labels
_ROWS = 32.0  # between rows
_HIGH = 720.0  # a column with labels that is not higher has room for them
_PLACES = (0.5, 0.3, 0.7, 0.4, 0.6, 0.22, 0.78)  # where on its arrow a label may stand


def columns_layout(picture: Picture, skin: Skin = DEFAULT) -> Layout:
    """Find a place for every box, arrow and label of a picture that has columns."""
    upright = picture.rankdir in ("TB", "BT")
    sizes = {box.key: box_size(box, skin)[:: -1 if upright else 1] for box in picture.boxes}
    labels = any(arrow.label for arrow in picture.arrows)
    between, beside = _BETWEEN[labels], _BESIDE[labels]
    for column in picture.columns:
        room = (_HIGH - sum(sizes[key][1] for key in column)) / len(column)
        beside = max(_BESIDE[0], min(beside, room))
    plan = Layout()
    top = 0.0
    for row in rows_of(picture):
        heights = [sum(sizes[key][1] + beside for key in column) for column in row]
        start = 0.0
        for column, height in zip(row, heights, strict=True):
            wide = max(sizes[key][0] for key in column)
            y = top + (max(heights) - height) / 2
            for key in column:
                along, across = sizes[key]
                plan.boxes[key] = Rect(start + wide / 2, y + across / 2, along, across)
                y += across + beside
            start += wide + between
        top += max(heights) + _ROWS
    taken: list[Rect] = []
    for arrow in picture.arrows:
        tail, head = plan.boxes[arrow.tail], plan.boxes[arrow.head]
        one, other = (tail.x + tail.width / 2, tail.y), (head.x - head.width / 2, head.y)
        plan.curves.append([one, other])
        label = None
        if arrow.label:
            size = label_size(arrow.label, skin.label_ink(arrow))[:: -1 if upright else 1]
            places = [Rect(one[0] + t * (other[0] - one[0]), one[1] + t * (other[1] - one[1]), *size) for t in _PLACES]
            label = next((place for place in places if not any(_overlap(place, rect) for rect in taken)), None)
        plan.labels.append(label)
        taken += [label] if label else []
    return finished(plan, picture, skin)


def _overlap(a: Rect, b: Rect) -> bool:
    return (a.width + b.width) / 2 > abs(a.x - b.x) and (a.height + b.height) / 2 > abs(a.y - b.y)
