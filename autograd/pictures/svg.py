"""The writer that needs no other program: a picture as SVG, laid out by :mod:`autograd.pictures.layout`."""

from __future__ import annotations

import xml.etree.ElementTree as ET

from autograd.pictures.layers import Point
from autograd.pictures.layout import HEAD, Rect, layout, line_height
from autograd.pictures.picture import Picture
from autograd.pictures.skins import DEFAULT, Ink, Look, Skin

__all__ = ["svg"]


_SPACE = "{http://www.w3.org/XML/1998/namespace}space"  # keeps the spaces between differently coloured words


def svg(picture: Picture, skin: Skin = DEFAULT) -> str:
    """The picture as SVG; the same picture gives the same text.

    Args:
        picture: what to draw.
        skin: how it looks.

    >>> from autograd import Value
    >>> from autograd.pictures.from_graph import picture
    >>> svg(picture(-Value(1.0))).count("<path")  # three kinds of arrowheads, and the arrow
    4
    """
    found = layout(picture, skin)
    width, height = f"{found.width:.0f}", f"{found.height:.0f}"
    root = ET.Element(
        "svg",
        {
            "xmlns": "http://www.w3.org/2000/svg",
            "width": width,
            "height": height,
            "viewBox": f"0 0 {width} {height}",
            "font-family": f"{skin.font}, Arial, 'DejaVu Sans', sans-serif",
            "text-anchor": "middle",
        },
    )
    definitions = ET.SubElement(root, "defs")
    for mood, look in skin.arrows.items():
        size = {"markerWidth": _n(HEAD), "markerHeight": "6", "refX": _n(HEAD - 1), "refY": "3", "orient": "auto"}
        marker = ET.SubElement(definitions, "marker", {"id": mood, "markerUnits": "userSpaceOnUse", **size})
        ET.SubElement(marker, "path", {"d": f"M0,0 L{_n(HEAD)},3 L0,6 Z", "fill": look.line})
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": skin.background})
    names = {box.key: box.lines[0][0].text for box in picture.boxes}
    for arrow, curve in zip(picture.arrows, found.curves, strict=True):
        look = skin.arrows[arrow.mood]
        edge = _group(root, " ".join([f"{names[arrow.tail]} → {names[arrow.head]}:", *arrow.label]).removesuffix(":"))
        line = {"d": _path(curve), "fill": "none", "marker-end": f"url(#{arrow.mood})"}
        ET.SubElement(edge, "path", line | _stroke(look))
    for box in picture.boxes:
        rect, look = found.boxes[box.key], skin.outline(box)
        node = _group(root, "\n".join(" ".join(span.text for span in line) for line in box.lines))
        ET.SubElement(node, "rect", _rectangle(rect) | {"rx": "7", "fill": look.fill} | _stroke(look))
        _write(node, rect, [[(span.text, skin.ink[span.tone]) for span in line] for line in box.lines])
    for arrow, place in zip(picture.arrows, found.labels, strict=True):
        if place is not None:
            _write(root, place, [[(line, skin.label_ink(arrow))] for line in arrow.label])
    return ET.tostring(root, encoding="unicode")


def _group(root: ET.Element, tooltip: str) -> ET.Element:
    group = ET.SubElement(root, "g")
    ET.SubElement(group, "title").text = tooltip
    return group


def _n(x: float) -> str:
    return f"{x:.1f}"


def _rectangle(rect: Rect) -> dict[str, str]:
    corner = {"x": _n(rect.x - rect.width / 2), "y": _n(rect.y - rect.height / 2)}
    return corner | {"width": _n(rect.width), "height": _n(rect.height)}


def _stroke(look: Look) -> dict[str, str]:
    stroke = {"stroke": look.line, "stroke-width": f"{look.width:g}"}
    return stroke | {"stroke-dasharray": "4 3"} if look.dash else stroke


def _path(curve: list[Point]) -> str:
    """SVG's commands for the points of a line: move, and then in turn a straight piece and a curve."""
    commands = ["M", *(("L", "C", "", "")[i % 4] for i in range(len(curve) - 1))]
    return " ".join(f"{command}{_n(x)},{_n(y)}" for command, (x, y) in zip(commands, curve, strict=True))


def _write(root: ET.Element, place: Rect, lines: list[list[tuple[str, Ink]]]) -> None:
    """Lines of text in the middle of a rectangle."""
    heights = [line_height([ink for _, ink in line]) for line in lines]
    y = place.y - sum(heights) / 2
    for line, height in zip(lines, heights, strict=True):
        text = ET.SubElement(root, "text", {"x": _n(place.x), "y": _n(y + 0.76 * height), _SPACE: "preserve"})
        for i, (words, ink) in enumerate(line):
            weight = {"font-weight": "bold"} if ink.bold else {}
            span = ET.SubElement(text, "tspan", {"fill": ink.color, "font-size": str(ink.size), **weight})
            span.text = words if i == 0 else f" {words}"
        y += height
