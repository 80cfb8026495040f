"""Skins: both writers take everything from them, and the default one is readable."""

from __future__ import annotations

import pickle
import re
from dataclasses import FrozenInstanceError, replace
from itertools import combinations
from typing import get_args

import pytest

from autograd import EngineError, Skin, Value, draw
from autograd.pictures import engines
from autograd.pictures.dot import digraph
from autograd.pictures.from_graph import picture
from autograd.pictures.layout import layout
from autograd.pictures.picture import Arrow, Box, Mood, Picture, Role, Span, Tone
from autograd.pictures.skins import DEFAULT, SKINS, Ink, Look
from autograd.pictures.svg import svg

pytestmark = pytest.mark.same_in_both_modes

NIGHT = Skin(
    font="Georgia",
    background="#000001",
    ink={tone: Ink(f"#0000f{i}", 20 + i, bold=True) for i, tone in enumerate(get_args(Tone))},
    boxes={role: Look(f"#00f00{i}", f"#0f000{i}") for i, role in enumerate(get_args(Role))},
    arrows={mood: Look(f"#f0000{i}") for i, mood in enumerate(get_args(Mood))},
    kink=Look("#ff00ff", dash=True),
)
"""A skin in which nothing looks as it does in the default one."""


def everything() -> Picture:
    """A picture with every tone, role and mood."""
    spans = tuple(Span(tone, tone) for tone in get_args(Tone))
    boxes = [Box(role, role, (spans,)) for role in get_args(Role)] + [Box("end", "output", (spans,), kink=True)]
    arrows = [Arrow(tail, "end", ("1",), mood) for tail, mood in zip(get_args(Role), get_args(Mood), strict=False)]
    return Picture(tuple(boxes), tuple(arrows))


@pytest.mark.parametrize("write", [lambda picture, skin: digraph(picture, skin).source, svg], ids=["DOT", "SVG"])
def test_a_writer_takes_every_colour_and_font_from_the_skin(write):
    text = write(everything(), NIGHT)
    looks = [*NIGHT.boxes.values(), *NIGHT.arrows.values()]
    lines, fills, inks = {look.line for look in looks}, {look.fill for look in looks}, NIGHT.ink.values()
    expected = {NIGHT.background, NIGHT.kink.line} | lines | fills - {"none"} | {ink.color for ink in inks}
    assert set(re.findall(r"#[0-9a-f]{6}|\bwhite\b", text)) == expected
    assert ("Georgia" in text, "Helvetica" in text) == (True, False)
    assert {int(size) for size in re.findall(r'(?:POINT-SIZE|fontsize|font-size)="?(\d+)', text)} == {
        ink.size for ink in inks
    }


def test_a_drawing_keeps_its_skin_without_an_engine(monkeypatch):
    def none(*_):
        raise EngineError("none")

    monkeypatch.setattr(engines, "convert", none)
    y = Value(2.0, "x") * Value(5.0, "y")
    assert draw(y, skin=NIGHT).svg() == svg(picture(y), NIGHT)


def test_a_file_is_drawn_in_the_skin(tmp_path):
    skin = replace(DEFAULT, ink={**DEFAULT.ink, "local": replace(DEFAULT.ink["local"], color="#1d4ed9")})
    y = Value(2.0, "x") * Value(5.0, "y")
    for suffix in (".dot", ".svg"):
        assert "#1d4ed9" in y.render(tmp_path / f"y{suffix}", skin=skin).read_text()
        assert "#1d4ed9" not in y.render(tmp_path / f"y{suffix}").read_text()


def test_larger_text_takes_more_space():
    shown = everything()
    large = replace(DEFAULT, ink={tone: replace(ink, size=2 * ink.size) for tone, ink in DEFAULT.ink.items()})
    plain, doubled = layout(shown), layout(shown, large)
    assert doubled.width > plain.width
    assert all(doubled.boxes[key].width > plain.boxes[key].width for key in plain.boxes)


def test_a_skin_is_a_value():
    assert Skin() == DEFAULT
    assert replace(DEFAULT, background="black") != DEFAULT
    assert pickle.loads(pickle.dumps(NIGHT)) == NIGHT
    with pytest.raises(FrozenInstanceError):
        DEFAULT.background = "black"  # type: ignore[misc]


def test_a_skin_without_an_entry_is_refused():
    with pytest.raises(
        ValueError, match="the ink of a skin must have an entry for symbol, value, slope, local, quiet, warning"
    ):
        Skin(ink={"name": Ink("black", 12)})


# ---------------------------------------------------------------------------------------------------------------------
# Contrast
# ---------------------------------------------------------------------------------------------------------------------


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, from 1 to 21, as the Web Content Accessibility Guidelines define it."""
    bright, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (bright + 0.05) / (dark + 0.05)


def luminance(color: str) -> float:
    color = {"white": "#ffffff"}.get(color, color)
    channels = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels]
    return sum(weight * x for weight, x in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


@pytest.mark.parametrize("name", SKINS)
def test_text_has_enough_contrast(name):
    skin = SKINS[name]
    behind = [skin.background, *(look.fill for look in skin.boxes.values())]
    assert {
        tone: ink.color for tone, ink in skin.ink.items() if min(contrast(ink.color, x) for x in behind) < 4.5
    } == {}


@pytest.mark.parametrize("name", SKINS)
def test_lines_have_enough_contrast(name):
    skin = SKINS[name]
    lines = {**skin.boxes, **skin.arrows, "kink": skin.kink, "nan": skin.nan}
    assert {what: look.line for what, look in lines.items() if contrast(look.line, skin.background) < 3} == {}


@pytest.mark.parametrize("name", SKINS)
def test_states_differ_in_form_and_not_in_colour_alone(name):
    """Shape, width and dashes alone tell plain, unused and highlighted arrows apart, and a kink and nan from others."""
    skin = SKINS[name]
    arrows = [(skin.arrows[mood].width, skin.arrows[mood].dash) for mood in ("plain", "highlighted", "unused")]
    assert len(set(arrows)) == 3
    box = Box("a", "operation", ())
    states = [box, replace(box, kink=True), replace(box, nan=True), replace(box, unreached=True)]
    assert len({(look.width, look.dash) for look in map(skin.outline, states)}) == 4


def test_skins_by_name():
    x = Value(2.0, "x")
    assert draw(-x, skin="micrograd").source == draw(-x, skin=SKINS["micrograd"]).source
    assert draw(-x).source == draw(-x, skin="default").source
    with pytest.raises(ValueError, match="there is no skin 'sepia': use one of default, dark, cs231n, micrograd, or"):
        draw(-x, skin="sepia")


def test_cs231n_has_green_values_and_red_gradients():
    ink = SKINS["cs231n"].ink
    red, green = (int(ink["slope"].color[i : i + 2], 16) for i in (1, 3))
    assert red > 2 * green
    red, green = (int(ink["value"].color[i : i + 2], 16) for i in (1, 3))
    assert green > 2 * red


def test_a_circuit_has_values_above_its_wires_and_gradients_below():
    a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    c = a * b + a**2
    c.label = "c"
    c.backward()
    drawn = draw(c, skin="cs231n").picture
    wires = {(arrow.tail, arrow.label, arrow.below) for arrow in drawn.arrows if arrow.below}
    assert {(label, below) for _, label, below in wires} == {
        (("2",), "-3"), (("-3",), "2"), (("2",), "4"), (("-6",), "1"), (("4",), "1"),
    }  # fmt: skip
    lines = {box.lines[0][0].text: [line[0].text for line in box.lines[1:]] for box in drawn.boxes}
    assert (lines["a"], lines["b"], lines["c"]) == (["grad 1"], [], ["-2", "grad 1"])
    assert [span.text for span in drawn.legend] == [
        "above a wire: value", "below: gradient", "grad: accumulated gradient",
    ]  # fmt: skip
    found = layout(drawn, SKINS["cs231n"])
    rects = [*found.boxes.values(), *filter(None, [*found.labels, *found.below])]
    assert len(rects) == 6 + 2 * 5
    for one, other in combinations(rects, 2):
        apart = abs(one.x - other.x) >= (one.width + other.width) / 2 - 1e-6
        assert apart or abs(one.y - other.y) >= (one.height + other.height) / 2 - 1e-6


def test_a_circuit_shows_a_gradient_that_two_sweeps_have_added_up():
    a = Value(2.0, label="a")
    y = a * 3
    y.backward()
    y.backward()
    drawn = draw(y, skin="cs231n").picture
    assert drawn.arrows[0].below == "3"
    assert [line[0].text for line in drawn.boxes[0].lines] == ["a", "grad 6"]


def test_a_circuit_before_the_sweep_and_pictures_that_stay_as_they_are():
    a = Value(2.0, label="a")
    y = a * a
    drawn = draw(y, skin="cs231n").picture
    assert [(arrow.label, arrow.below) for arrow in drawn.arrows] == [(("2",), "")] * 2
    assert draw(y, skin="cs231n", flow=a).picture == draw(y, flow=a).picture
    assert draw(y, skin="micrograd").picture == draw(y).picture
