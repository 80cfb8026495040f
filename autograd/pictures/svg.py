"""The writer that needs no other program: a picture as SVG, laid out by :mod:`autograd.pictures.layout`."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from xml.sax.saxutils import escape

from autograd.pictures.columns import columns_layout
from autograd.pictures.layers import Point
from autograd.pictures.layout import HEAD, WIDE, layout, legend_line, line_height
from autograd.pictures.notation import SCRIPT_SIZE, scripts
from autograd.pictures.picture import Picture
from autograd.pictures.skins import DEFAULT, Ink, Look, Skin
from autograd.pictures.wrapping import Layout, Rect

__all__ = ["canvas", "described", "fill", "svg", "write"]


_BEHIND = 3.0  # how far the second frame of a group stands behind the first
_SHIFT = 0.22  # how far a subscript or superscript stands off the line, in the size of the text
_SPACE = "{http://www.w3.org/XML/1998/namespace}space"  # keeps the spaces between differently coloured words


def svg(picture: Picture, skin: Skin = DEFAULT, found: Layout | None = None) -> str:
    """The picture as SVG; the same picture gives the same text.

    Args:
        picture: what to draw.
        skin: how it looks.
        found: where everything is, if that is known.

    >>> from autograd import Value
    >>> from autograd.pictures.from_graph import picture
    >>> svg(picture(-Value(1.0))).count("<path")  # the arrow and its head
    2
    """
    if found is None:
        found = columns_layout(picture, skin) if picture.columns else layout(picture, skin, WIDE)
    root = canvas(found.width, found.height, skin)
    ET.SubElement(root, "title").text = _title(picture)
    ET.SubElement(root, "desc").text = _description(picture)
    ET.SubElement(root, "rect", {"width": "100%", "height": "100%", "fill": skin.background})
    fill(root, picture, found, skin)
    return ET.tostring(root, encoding="unicode")


def canvas(width: float, height: float, skin: Skin) -> ET.Element:
    """An empty SVG of this size."""
    size = {"width": f"{width:.0f}", "height": f"{height:.0f}", "viewBox": f"0 0 {width:.0f} {height:.0f}"}
    fonts = f"{skin.font}, Arial, 'DejaVu Sans', sans-serif"
    more = {"font-family": fonts, "text-anchor": "middle", "role": "img"}
    return ET.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", **size, **more})


def fill(root: ET.Element, picture: Picture, found: Layout, skin: Skin) -> None:
    """Draw a picture with this layout into an element of SVG."""
    names = {box.key: box.lines[0][0].text for box in picture.boxes}
    for arrow, curve in zip(picture.arrows, found.curves, strict=True):
        look = skin.line(arrow)
        edge = _group(root, " ".join([f"{names[arrow.tail]} → {names[arrow.head]}:", *arrow.label]).removesuffix(":"))
        shaft, head = _arrow(curve, look.width)
        ET.SubElement(edge, "path", {"d": _path(shaft), "fill": "none"} | _stroke(look))
        ET.SubElement(edge, "path", {"d": head, "fill": look.line})
    for box in picture.boxes:
        rect, look = found.boxes[box.key], skin.outline(box)
        node = _group(root, "\n".join(" ".join(span.text for span in line) for line in box.lines))
        if box.role == "group":
            behind = replace(rect, x=rect.x + _BEHIND, y=rect.y + _BEHIND)
            ET.SubElement(node, "rect", _rectangle(behind) | {"rx": "7", "fill": look.fill} | _stroke(look))
        ET.SubElement(node, "rect", _rectangle(rect) | {"rx": "7", "fill": look.fill} | _stroke(look))
        write(node, rect, [[(span.text, skin.ink[span.tone]) for span in line] for line in box.lines])
    for arrow, place in zip(picture.arrows, found.labels, strict=True):
        if place is not None:
            if picture.columns:  # arrows may pass behind it
                ET.SubElement(root, "rect", _rectangle(place) | {"fill": skin.background})
            write(root, place, [[(line, skin.label_ink(arrow))] for line in arrow.label])
    for arrow, place in zip(picture.arrows, found.below, strict=False):
        if place is not None:
            write(root, place, [[(arrow.below, skin.ink["slope"])]])
    if found.legend is not None:
        write(root, found.legend, [legend_line(picture, skin)])


def described(text: str, picture: Picture) -> str:
    """The SVG that an engine drew, with the title and description of the picture for readers who cannot see it."""
    words = f"<title>{escape(_title(picture))}</title><desc>{escape(_description(picture))}</desc>"
    return re.sub(r"<svg\b([^>]*)>", lambda found: f'<svg role="img"{found[1]}>{words}', text, count=1)


def _title(picture: Picture) -> str:
    return picture.title or "A graph"


def _description(picture: Picture) -> str:
    """The boxes and arrows in words."""
    names = {box.key: box.lines[0][0].text for box in picture.boxes}
    boxes = "; ".join(", ".join(" ".join(span.text for span in line) for line in box.lines) for box in picture.boxes)
    arrows = "; ".join(f"{names[arrow.tail]} → {names[arrow.head]}" for arrow in picture.arrows)
    return f"{boxes}. {arrows}" if arrows else boxes


def _arrow(curve: list[Point], width: float) -> tuple[list[Point], str]:
    """The line of an arrow up to its head, and the head, which is broader than the line."""
    (x0, y0), (x, y) = curve[-2:]
    length = math.hypot(x - x0, y - y0) or 1.0
    dx, dy = (x - x0) / length, (y - y0) / length
    start, half = (x - HEAD * dx, y - HEAD * dy), 2.4 + 0.8 * width
    corners = [(start[0] - half * dy, start[1] + half * dx), (x, y), (start[0] + half * dy, start[1] - half * dx)]
    return [*curve[:-1], start], "M" + " L".join(f"{_n(px)},{_n(py)}" for px, py in corners) + " Z"


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
    return stroke | {"stroke-dasharray": f"{3 + look.width:g} {2 + look.width:g}"} if look.dash else stroke


def _path(curve: list[Point]) -> str:
    """SVG's commands for the points of a line: move, and then in turn a straight piece and a curve."""
    commands = ["M", *(("L", "C", "", "")[i % 4] for i in range(len(curve) - 1))]
    return " ".join(f"{command}{_n(x)},{_n(y)}" for command, (x, y) in zip(commands, curve, strict=True))


def write(root: ET.Element, place: Rect, lines: list[list[tuple[str, Ink]]]) -> None:
    """Lines of text in the middle of a rectangle."""
    heights = [line_height([ink for _, ink in line]) for line in lines]
    y = place.y - sum(heights) / 2
    for line, height in zip(lines, heights, strict=True):
        text = ET.SubElement(root, "text", {"x": _n(place.x), "y": _n(y + 0.76 * height), _SPACE: "preserve"})
        level = 0
        for i, (words, ink) in enumerate(line):
            weight = {"font-weight": "bold"} if ink.bold else {}
            for piece, wanted in scripts(words if i == 0 else f" {words}"):
                shift = {"dy": _n((level - wanted) * _SHIFT * ink.size)} if wanted != level else {}
                size = {"font-size": f"{ink.size * (SCRIPT_SIZE if wanted else 1):g}"}
                ET.SubElement(text, "tspan", {"fill": ink.color} | size | weight | shift).text = piece
                level = wanted
        y += height
