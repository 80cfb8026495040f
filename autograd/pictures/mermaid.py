"""The writer for Mermaid, which GitHub, GitLab and notebooks draw where a text has a block of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, get_args

from autograd.core.hooks import hooks
from autograd.core.sweep import Node
from autograd.explain.labels import labelled
from autograd.pictures.folding import Folding
from autograd.pictures.from_graph import Highlight, picture
from autograd.pictures.picture import Arrow, Box, Picture, Role, Span
from autograd.pictures.skins import DEFAULT, Look, Skin, chosen_skin

__all__ = ["flowchart", "mermaid"]

_MOST_ARROWS = 500
"""Mermaid draws no more, unless the page that it is in says so."""

_AS_IT_IS = re.compile(r"[^\W_]|[ =()/:,∂·…×]|\.(?=\d)|[-+](?=[\d.])|(?<= )[-+*](?= )")
"""What Mermaid takes as text; it reads Markdown and HTML in everything else."""

_FRAMES: dict[Role, tuple[str, str]] = {
    "input": ("([", "])"),
    "operation": ("[", "]"),
    "output": ("[", "]"),
    "constant": ("[", "]"),
    "group": ("[[", "]]"),
}


def mermaid(
    output: Node,
    *,
    named: bool = False,
    highlight: Highlight | None = None,
    rankdir: str = "LR",
    fold: Folding = None,
    wrt: Node | str | None = None,
    flow: Node | str | None = None,
    skin: Skin | str | None = None,
    letters: bool = False,
    names: Mapping[str, Any] | None = None,
) -> str:
    """The graph of a node as a flowchart in Mermaid's language.

    In Markdown, put it between a line of three backticks with the word ``mermaid`` and one of three backticks: GitHub
    and others draw it there.

    Args:
        output: the node to draw.
        named: as in :func:`autograd.draw`, and so are all other arguments.
        highlight: a path, or a pair of nodes.
        rankdir: the direction of the arrows.
        fold: what to fold.
        wrt: draw only what depends on this node.
        flow: draw how the derivative with respect to this node runs.
        skin: the colours.
        letters: show formulas without numbers.
        names: variables by their names, for nodes without a label.

    Raises:
        ValueError: if there are more than 500 arrows, which Mermaid does not draw; and as :func:`autograd.draw`.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> print("\\n".join(mermaid(a * b).splitlines()[:6]))
    flowchart LR
      n0(["a<br/>2<br/>no grad yet"]):::input
      n1(["b<br/>-3<br/>no grad yet"]):::input
      n2["v2 = a * b<br/>-6<br/>no grad yet"]:::output
      n0 -->|"-3"| n2
      n1 -->|"2"| n2
    """
    with labelled(names):
        drawn = picture(
            output, named=named, highlight=highlight, rankdir=rankdir, fold=fold, wrt=wrt, flow=flow, letters=letters
        )
    return flowchart(drawn, chosen_skin(skin))


def flowchart(picture: Picture, skin: Skin = DEFAULT) -> str:
    """A picture in Mermaid's language.

    Raises:
        ValueError: if it has more arrows than Mermaid draws.
    """
    if len(picture.arrows) > _MOST_ARROWS:
        raise ValueError(
            f"Mermaid draws at most {_MOST_ARROWS} arrows, and this graph has {len(picture.arrows)}: fold it, or "
            "write an SVG with autograd.render"
        )
    lines = [f"flowchart {picture.rankdir}"]
    lines += [f"  {_box(box)}" for box in picture.boxes]
    lines += [f"  {_arrow(arrow)}" for arrow in picture.arrows]
    ink = skin.ink["value"].color
    lines += [f"  classDef {role} {_style(skin.boxes[role])},color:{ink}" for role in get_args(Role)]
    for box in picture.boxes:
        if (look := skin.outline(box)) != skin.boxes[box.role]:
            lines.append(f"  style {box.key} {_style(look)}")
    for place, arrow in enumerate(picture.arrows):
        if arrow.mood != "plain" or arrow.weight:
            lines.append(f"  linkStyle {place} {_style(skin.line(arrow), filled=False)}")
    return "\n".join(lines) + "\n"


def _box(box: Box) -> str:
    opening, closing = _FRAMES[box.role]
    return f'{box.key}{opening}"{_text(map(_joined, box.lines))}"{closing}:::{box.role}'


def _joined(line: Iterable[Span]) -> str:
    return " ".join(span.text for span in line)


def _arrow(arrow: Arrow) -> str:
    shaft = "-.->" if arrow.mood == "unused" else "-->"
    label = f'|"{_text(arrow.label)}"|' if arrow.label else ""
    return f"{arrow.tail} {shaft}{label} {arrow.head}"


def _text(lines: Iterable[str]) -> str:
    """Lines of text, in which a character that could mean something is written as its number."""
    return "<br/>".join("".join(_written(line)) for line in lines)


def _written(line: str) -> Iterable[str]:
    for place, letter in enumerate(line):
        yield letter if _AS_IT_IS.match(line, place) else f"#{ord(letter)};"


def _style(look: Look, filled: bool = True) -> str:
    parts = [f"stroke:{look.line}", f"stroke-width:{look.width:.3g}px"]
    if filled:
        parts.insert(0, f"fill:{look.fill}")
    if look.dash:
        parts.append("stroke-dasharray:5 4")
    return ",".join(parts)


hooks.mermaid = mermaid
