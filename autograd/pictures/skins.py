"""Skins: how a picture looks.  The writers of DOT and of SVG take all colours, fonts and text sizes from a skin.

A skin is a value.  Make your own from another one with ``dataclasses.replace``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import get_args

from autograd.pictures.picture import Arrow, Box, Mood, Role, Tone

__all__ = ["DEFAULT", "SKINS", "Ink", "Look", "Skin", "chosen_skin"]


@dataclass(frozen=True)
class Ink:
    """How text is written: its colour, its size in points, its weight."""

    color: str
    size: int
    bold: bool = False


@dataclass(frozen=True)
class Look:
    """How a box or an arrow is drawn: its line, and the fill of a box."""

    line: str
    fill: str = "none"
    width: float = 1.0
    dash: bool = False


_RED, _BLUE, _AMBER, _GREY = "#b4232f", "#1d4ed8", "#a84c07", "#646c79"

_WIDEST = 5.0  # points by which the widest edge of a flow is wider than others

_INK: Mapping[Tone, Ink] = {
    "name": Ink("#1f2937", 13, bold=True),
    "symbol": Ink("#4b5563", 13),
    "value": Ink("#1f2937", 12),
    "slope": Ink(_RED, 11),
    "local": Ink(_BLUE, 11),
    "quiet": Ink(_GREY, 10),
    "warning": Ink(_AMBER, 10),
}
_BOXES: Mapping[Role, Look] = {
    "input": Look("#5b87bd", "#e9f1fb"),
    "operation": Look("#7f8a99", "#ffffff"),
    "output": Look("#b98222", "#fdf3e1", width=1.6),
    "constant": Look("#858d99", "#f5f6f8"),
    "group": Look("#5f6b7a", "#f3f0fa"),
}
_ARROWS: Mapping[Mood, Look] = {
    "plain": Look("#7b8494"),
    "highlighted": Look(_RED, width=2.2),
    "unused": Look("#858d99", dash=True),
    "flowing": Look(_BLUE),
    "opposing": Look(_AMBER, dash=True),
}


@dataclass(frozen=True)
class Skin:
    """How pictures look; without arguments, the default: gradients are red, and local derivatives blue.

    Colours are written as ``"#rrggbb"``, or by a name that both Graphviz and SVG know, such as ``"white"``.

    Attributes:
        font: the typeface.
        background: the colour behind everything.
        ink: how text is written, by its tone: ``name``, ``symbol``, ``value``, ``slope`` (a gradient), ``local`` (a
            local derivative), ``quiet`` and ``warning``.
        boxes: how a node is drawn, by its role: ``input``, ``operation``, ``output``, ``constant`` or ``group``.
        arrows: how an edge is drawn, by its mood: ``plain``, ``highlighted``, ``unused``, ``flowing`` or ``opposing``.
        kink: the line around a node that stands on a kink, whatever its role.
        nan: the line around a node whose value or gradient is nan.
        wires: whether values stand above the arrows and gradients below, as circuits are drawn.

    Raises:
        ValueError: if a tone, role or mood is missing.

    >>> from dataclasses import replace
    >>> default = Skin()
    >>> blue = replace(default.ink["slope"], color="#1d4ed8")
    >>> skin = replace(default, ink={**default.ink, "slope": blue})
    >>> skin.ink["slope"]
    Ink(color='#1d4ed8', size=11, bold=False)
    """

    font: str = "Helvetica"
    background: str = "white"
    ink: Mapping[Tone, Ink] = field(default_factory=lambda: _INK)
    boxes: Mapping[Role, Look] = field(default_factory=lambda: _BOXES)
    arrows: Mapping[Mood, Look] = field(default_factory=lambda: _ARROWS)
    kink: Look = Look(_AMBER, width=1.6)
    nan: Look = Look(_AMBER, width=3.5)
    wires: bool = False

    def __post_init__(self) -> None:
        for name, given, kinds in (("ink", self.ink, Tone), ("boxes", self.boxes, Role), ("arrows", self.arrows, Mood)):
            if missing := [kind for kind in get_args(kinds) if kind not in given]:
                raise ValueError(f"the {name} of a skin must have an entry for {', '.join(missing)}")

    def outline(self, box: Box) -> Look:
        """How a box is drawn."""
        look = self.boxes[box.role]
        if box.nan or box.kink:
            look = replace(self.nan if box.nan else self.kink, fill=look.fill)
        if box.changed:
            look = replace(self.arrows["highlighted"], fill=look.fill)
        return replace(look, dash=True) if box.unreached else look

    def line(self, arrow: Arrow) -> Look:
        """How an arrow is drawn; the wider, the more flows along it."""
        look = self.arrows[arrow.mood]
        return replace(look, width=look.width + _WIDEST * arrow.weight)

    def label_ink(self, arrow: Arrow) -> Ink:
        """How the label of an arrow is written."""
        return self.ink["quiet" if arrow.mood == "unused" else arrow.tone]


DEFAULT = Skin()
"""The skin of every picture that is drawn without another."""

_BLACK, _GREEN = "#111111", "#15803d"

_CS231N = Skin(
    ink={**_INK, "value": Ink(_GREEN, 12), "slope": Ink("#cc1f1f", 12)},
    boxes={
        "input": Look("#374151", "#ffffff"),
        "operation": Look("#374151", "#ffffff"),
        "output": Look("#374151", "#ffffff", width=2.0),
        "constant": Look("#858d99", "#ffffff"),
        "group": Look("#374151", "#f5f6f8"),
    },
    wires=True,
)
_MICROGRAD = Skin(
    ink={
        "name": Ink(_BLACK, 13),
        "symbol": Ink(_BLACK, 13),
        "value": Ink(_BLACK, 13),
        "slope": Ink(_BLACK, 13),
        "local": Ink("#4b5563", 11),
        "quiet": Ink("#4b5563", 11),
        "warning": Ink(_BLACK, 11, bold=True),
    },
    boxes={
        "input": Look(_BLACK, "#ffffff"),
        "operation": Look(_BLACK, "#ffffff"),
        "output": Look(_BLACK, "#ffffff"),
        "constant": Look("#6b7280", "#ffffff"),
        "group": Look(_BLACK, "#f5f6f8"),
    },
    arrows={
        "plain": Look(_BLACK),
        "highlighted": Look(_BLACK, width=2.4),
        "unused": Look("#6b7280", dash=True),
        "flowing": Look(_BLACK, width=1.2),
        "opposing": Look(_BLACK, dash=True),
    },
    kink=Look(_BLACK, width=2.4),
    nan=Look(_BLACK, width=4.0),
)
_DARK_INK: Mapping[Tone, str] = {
    "name": "#e8edf3",
    "symbol": "#b9c3cf",
    "value": "#e8edf3",
    "slope": "#ff9189",
    "local": "#6fc0ff",
    "quiet": "#a6b1c0",
    "warning": "#f0b95a",
}
_DARK = Skin(
    background="#12161c",
    ink={tone: replace(_INK[tone], color=color) for tone, color in _DARK_INK.items()},
    boxes={
        "input": Look("#6f9fd8", "#1b2c42"),
        "operation": Look("#8391a3", "#1c232d"),
        "output": Look("#d9a13f", "#33290f", width=1.6),
        "constant": Look("#7d8797", "#1a2029"),
        "group": Look("#a3acc0", "#2a2940"),
    },
    arrows={
        "plain": Look("#8391a3"),
        "highlighted": Look("#ff9189", width=2.2),
        "unused": Look("#7d8797", dash=True),
        "flowing": Look("#6fc0ff"),
        "opposing": Look("#f0b95a", dash=True),
    },
    kink=Look("#f0b95a", width=1.6),
    nan=Look("#f0b95a", width=3.5),
)

SKINS: Mapping[str, Skin] = {"default": DEFAULT, "dark": _DARK, "cs231n": _CS231N, "micrograd": _MICROGRAD}
"""Skins by name: the default, the same on a dark background, micrograd's black, and the circuits of Stanford's CS231n.

In a circuit values stand above the wires in green, and gradients below in red.
"""


def chosen_skin(skin: Skin | str | None) -> Skin:
    """A skin by its name in :data:`SKINS`; a skin as it is, and the default for ``None``.

    Raises:
        ValueError: if there is no such skin.
    """
    if not isinstance(skin, str):
        return skin or DEFAULT
    if skin not in SKINS:
        raise ValueError(f"there is no skin {skin!r}: use one of {', '.join(SKINS)}, or a Skin of your own")
    return SKINS[skin]
