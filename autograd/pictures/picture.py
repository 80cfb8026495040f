"""A picture of a graph as plain data: boxes with lines of text, and arrows between them.

:func:`autograd.pictures.from_graph.picture` makes one from a graph.  Two writers draw it:
:mod:`autograd.pictures.dot` for Graphviz, and :mod:`autograd.pictures.svg`, which needs no other program.
How it looks is up to a skin; see :mod:`autograd.pictures.skins`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = ["Arrow", "Box", "Mood", "Picture", "Role", "Span", "Tone"]

Tone: TypeAlias = Literal["name", "symbol", "value", "slope", "quiet", "warning"]
"""What a piece of text is; it decides its colour, size and weight."""

Role: TypeAlias = Literal["input", "operation", "output", "constant"]
"""What a box stands for."""

Mood: TypeAlias = Literal["plain", "highlighted", "unused"]
"""How an arrow is drawn: ``unused`` is an operand that was not selected, so that nothing flows along it."""


@dataclass(frozen=True)
class Span:
    """A few words in one tone."""

    text: str
    tone: Tone = "value"


@dataclass(frozen=True)
class Box:
    """A node: its lines of text, each of one or more spans."""

    key: str
    role: Role
    lines: tuple[tuple[Span, ...], ...]
    kink: bool = False


@dataclass(frozen=True)
class Arrow:
    """An edge between the boxes of these keys, with the lines of its label."""

    tail: str
    head: str
    label: tuple[str, ...] = ()
    mood: Mood = "plain"


@dataclass(frozen=True)
class Picture:
    """Boxes, arrows, and the direction in which the arrows run: LR, TB, RL or BT."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    rankdir: str = "LR"
