"""The backward sweep as a strip of pictures: one for each step, in which what the step changes is marked."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from os import PathLike
from pathlib import Path

from autograd.core import files
from autograd.core.display import InNotebook
from autograd.core.escaping import printable
from autograd.core.sweep import Node
from autograd.explain.brief import number
from autograd.explain.stepping import Steps, steps
from autograd.explain.tables import total_symbol
from autograd.pictures.from_graph import picture
from autograd.pictures.layout import label_size, layout
from autograd.pictures.picture import Arrow, Box, Picture, Span
from autograd.pictures.skins import Skin, chosen_skin
from autograd.pictures.svg import canvas, fill, write
from autograd.pictures.wrapping import Rect

__all__ = ["Strip", "draw_steps"]

_WIDE, _GAP, _TITLE = 1240.0, 24.0, 26.0  # of the whole strip, between its pictures, and of a title
_SMALLEST = 0.75  # the scale of a picture, at which its text can still be read


class Strip(InNotebook):
    """The steps of a backward sweep, drawn one by one; a notebook shows them.

    Attributes:
        steps: the :class:`Steps`.
        svg: the drawing, as SVG.
    """

    def __init__(self, found: Steps, svg: str) -> None:
        self.steps = found
        self.svg = svg

    def __repr__(self) -> str:
        return f"<Strip of {len(self.steps)} steps>"

    def write(self, file: str | PathLike[str]) -> Path:
        """Write the SVG into a file, whole or not at all."""
        return files.write(file, self.svg.encode())

    def _forms(self) -> dict[str, str]:
        return {"svg": self.svg}


def draw_steps(output: Node, *, named: bool = False, limit: int = 24, skin: Skin | str | None = None) -> Strip:
    """Draw the backward sweep from a node as a strip: a picture for each step of :func:`autograd.steps`.

    Each picture has the gradients that have arrived so far; the edge along which the step sends a gradient, and the
    node that receives it, are marked.  No ``.grad`` is read or changed.

    Args:
        output: the node to differentiate.
        named: draw and step through the labelled nodes only.
        limit: how many steps to draw; of the others the strip says how many they are.
        skin: as for :func:`autograd.draw`.

    Returns:
        A :class:`Strip`, with the drawing in ``svg``.

    Raises:
        TypeError: if ``output`` is not a node, or the graph contains Tensors.
        ValueError: if the skin is unknown.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> draw_steps(x * x)
    <Strip of 2 steps>
    """
    found = steps(output, named=named)
    shown = replace(picture(output, named=named, fold=False), legend=())
    name = found.graph.names[output]
    titles = [f"The sweep starts: {total_symbol(name, name)} = 1"]
    titles += [f"{k}. {step}" for k, step in enumerate(found[:limit], 1)]
    more = len(found) - limit
    note = f"… {more:,} more steps" if more > 0 else ""
    return Strip(found, _svg(list(_frames(found, shown, limit)), titles, note, chosen_skin(skin)))


def _frames(found: Steps, shown: Picture, limit: int) -> Iterator[Picture]:
    """The picture before the first step, and after each."""
    keys = {node: f"n{i}" for i, node in enumerate(found.graph.nodes)}
    arrows = [i for i, arrow in enumerate(shown.arrows) if arrow.tail in keys.values()]
    places = dict(zip(found.graph.edges, arrows, strict=True))
    gradients = {keys[found.output]: Span("grad 1", "slope")}
    plain = tuple(replace(arrow, mood="unused" if arrow.mood == "unused" else "plain") for arrow in shown.arrows)

    def frame(arrows: tuple[Arrow, ...], changed: str) -> Picture:
        boxes = (_with_gradient(box, gradients.get(box.key), box.key == changed) for box in shown.boxes)
        return replace(shown, boxes=tuple(boxes), arrows=arrows)

    yield frame(plain, keys[found.output])
    for step in found[:limit]:
        receiver, place = keys[step.edge.parent], places[step.edge]
        so_far = "" if step.complete else " so far"
        gradients[receiver] = Span(f"grad {number(step.total)}{so_far}", "slope")
        running = replace(plain[place], mood="highlighted")
        yield frame((*plain[:place], running, *plain[place + 1 :]), receiver)


def _with_gradient(box: Box, gradient: Span | None, changed: bool) -> Box:
    """A box with the gradient that has arrived so far in its third line; constants have only one."""
    if box.role == "constant":
        return box
    lines = (*box.lines[:2], (gradient or Span("no grad yet", "quiet"),), *box.lines[3:])
    return replace(box, lines=lines, unreached=False, changed=changed)


def _svg(frames: list[Picture], titles: list[str], note: str, skin: Skin) -> str:
    """The pictures in rows, each below its title; all have the same layout."""
    plan = layout(_widest(frames), skin)
    title = skin.ink["name"]
    wide = max(label_size((text,), title)[0] for text in titles)
    columns = max(1, int((_WIDE + _GAP) // (max(plan.width * _SMALLEST, wide) + _GAP)))
    columns = min(columns, len(frames))
    cell = min((_WIDE + _GAP) / columns - _GAP, max(plan.width, wide))
    scale = min(1.0, cell / plan.width)
    high = _TITLE + plan.height * scale + _GAP
    rows = -(-len(frames) // columns)
    root = canvas(columns * (cell + _GAP) + _GAP, rows * high + _GAP + _TITLE * bool(note), skin)
    ET.SubElement(root, "title").text = f"The backward sweep in {len(frames) - 1} steps"
    ET.SubElement(root, "desc").text = "; ".join(titles)
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": skin.background})
    for i, (frame, text) in enumerate(zip(frames, titles, strict=True)):
        x, y = _GAP + i % columns * (cell + _GAP), _GAP + i // columns * high
        write(root, Rect(x + cell / 2, y + _TITLE / 2, cell, _TITLE), [[(printable(text, 200), title)]])
        moved = f"translate({x + (cell - plan.width * scale) / 2:.1f},{y + _TITLE:.1f}) scale({scale:.3f})"
        fill(ET.SubElement(root, "g", {"transform": moved}), frame, plan, skin)
    if note:
        write(root, Rect(_GAP + cell / 2, rows * high + _GAP, cell, _TITLE), [[(note, skin.ink["quiet"])]])
    return ET.tostring(root, encoding="unicode")


def _widest(frames: list[Picture]) -> Picture:
    """The picture in which every box has the longest of its texts."""

    def length(box: Box) -> int:
        return sum(len(span.text) for line in box.lines for span in line)

    boxes = (max(same, key=length) for same in zip(*(frame.boxes for frame in frames), strict=True))
    return replace(frames[0], boxes=tuple(boxes))
