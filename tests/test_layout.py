"""The built-in layout: its geometry, on random graphs, and the SVG that is made of it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import combinations, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Value
from autograd.pictures.columns import columns_layout
from autograd.pictures.from_graph import picture
from autograd.pictures.layout import layout
from autograd.pictures.notation import scripts
from autograd.pictures.picture import Arrow, Box, Picture, Span
from autograd.pictures.svg import svg
from autograd.pictures.wrapping import Rect

pytestmark = pytest.mark.same_in_both_modes

DIRECTIONS = {"LR": (1, 0), "RL": (-1, 0), "TB": (0, 1), "BT": (0, -1)}

words = st.text(st.characters(exclude_categories=["C"]), min_size=1, max_size=12)


@st.composite
def pictures(draw) -> Picture:
    """Any picture: boxes of any size, arrows from earlier to later ones, double ones too."""
    count = draw(st.integers(1, 12))
    lines = st.lists(st.lists(st.builds(Span, words), min_size=1, max_size=2).map(tuple), min_size=1, max_size=3)
    boxes = [Box(f"b{i}", "operation", tuple(draw(lines))) for i in range(count)]
    ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).filter(lambda pair: pair[0] != pair[1])
    pairs = draw(st.lists(ends, max_size=20)) if count > 1 else []
    labels = st.lists(words, max_size=2).map(tuple)
    arrows = [Arrow(f"b{min(pair)}", f"b{max(pair)}", draw(labels)) for pair in pairs]
    return Picture(tuple(boxes), tuple(arrows), draw(st.sampled_from(sorted(DIRECTIONS))))


def overlap(a: Rect, b: Rect) -> bool:
    """Whether two rectangles share more than a line."""
    return (a.width + b.width) / 2 - abs(a.x - b.x) > 1e-6 and (a.height + b.height) / 2 - abs(a.y - b.y) > 1e-6


def trace(curve: list[tuple[float, float]]) -> list[Rect]:
    """Points along the line of an arrow, without the very ends, which lie on the boxes that it connects."""
    points = []
    for i in range(0, len(curve) - 1, 4):
        points += [between(curve[i : i + 2], t) for t in (0.25, 0.5, 0.75)]
        if i + 4 < len(curve):
            points += [between(curve[i + 1 : i + 5], k / 16) for k in range(17)]
    return [Rect(x, y, 0.0, 0.0) for x, y in points]


def between(points: list[tuple[float, float]], t: float) -> tuple[float, float]:
    """De Casteljau's algorithm: the point at t of a straight line, or of any Bézier curve."""
    while len(points) > 1:
        points = [tuple(a + t * (b - a) for a, b in zip(p, q, strict=True)) for p, q in pairwise(points)]
    return points[0]


@given(pictures())
def test_boxes_and_labels_do_not_overlap(picture):
    found = layout(picture)
    rects = [*found.boxes.values(), *filter(None, found.labels)]
    assert len(found.boxes) == len(picture.boxes)
    assert not any(overlap(a, b) for a, b in combinations(rects, 2))


@given(pictures())
def test_no_arrow_crosses_a_box_or_a_label(picture):
    found = layout(picture)
    rects = [*found.boxes.values(), *filter(None, found.labels)]
    assert not any(overlap(point, rect) for curve in found.curves for point in trace(curve) for rect in rects)


@given(pictures())
def test_everything_lies_in_the_picture(picture):
    found = layout(picture)
    for rect in (*found.boxes.values(), *filter(None, found.labels)):
        assert rect.width / 2 <= rect.x <= found.width - rect.width / 2
        assert rect.height / 2 <= rect.y <= found.height - rect.height / 2
    for x, y in (point for curve in found.curves for point in curve):
        assert 0 <= x <= found.width
        assert 0 <= y <= found.height


@given(pictures())
def test_arrows_leave_and_arrive_at_the_sides_of_their_boxes(picture):
    found = layout(picture)
    dx, dy = DIRECTIONS[picture.rankdir]
    for arrow, curve in zip(picture.arrows, found.curves, strict=True):
        for key, (x, y), side in ((arrow.tail, curve[0], 1), (arrow.head, curve[-1], -1)):
            box = found.boxes[key]
            along, across = ((x - box.x) * dx + (y - box.y) * dy, (x - box.x) * dy + (y - box.y) * dx)
            depth, breadth = (box.width, box.height) if dx else (box.height, box.width)
            assert along == pytest.approx(side * depth / 2)
            assert abs(across) < breadth / 2
    for curve in found.curves:
        forward = [x * dx + y * dy for x, y in curve]
        assert all(a <= b + 1e-9 for a, b in pairwise(forward))


@given(pictures())
def test_svg_is_well_formed_and_says_everything(picture):
    text = svg(picture)
    texts = ["".join(element.itertext()) for element in ET.fromstring(text).iter("{http://www.w3.org/2000/svg}text")]
    wanted = [" ".join(span.text for span in line) for box in picture.boxes for line in box.lines]
    wanted += [line for arrow in picture.arrows for line in arrow.label]
    assert sorted(texts) == sorted("".join(piece for piece, _ in scripts(text)) for text in wanted)
    assert svg(picture) == text


def test_svg_has_tooltips_and_keeps_spaces():
    boxes = (Box("a", "input", ((Span("x"),),)), Box("b", "output", ((Span("y"), Span("= 2*x")), (Span("4"),))))
    root = ET.fromstring(svg(Picture(boxes, (Arrow("a", "b", ("2",)), Arrow("a", "b")))))
    titles = [element.text for element in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles == ["A graph", "x → y: 2", "x → y", "x", "y = 2*x\n4"]
    texts = list(root.iter("{http://www.w3.org/2000/svg}text"))
    assert {text.get("{http://www.w3.org/XML/1998/namespace}space") for text in texts} == {"preserve"}
    assert not any(text.get("paint-order") for text in texts)


def test_svg_describes_itself_to_readers_who_cannot_see_it():
    x = Value(3.0, "x")
    root = ET.fromstring(svg(picture(x * 2)))
    assert root.get("role") == "img"
    title, description, *_ = root
    assert (title.tag.rpartition("}")[2], title.text) == ("title", "The graph of v1: 2 nodes")
    assert description.tag.endswith("desc")
    assert description.text == "x, 3, no grad yet; 2; v1 = x * 2, 6, no grad yet. x → v1; 2 → v1"


def test_the_legend_says_what_the_colours_mean():
    x = Value(3.0, "x")
    y = x * 2
    assert [span.text for span in picture(y).legend] == ["on an arrow: local derivative"]
    y.backward()
    assert [span.text for span in picture(y).legend] == ["on an arrow: local derivative", "grad: accumulated gradient"]
    assert [span.tone for span in picture(y).legend] == ["local", "slope"]
    found = layout(picture(y))
    assert found.legend is not None
    assert not any(overlap(found.legend, rect) for rect in found.boxes.values())
    assert found.legend.width < found.width
    assert picture(Value(3.0)).legend == ()


def test_parallel_arrows_have_lanes_of_their_own():
    boxes = tuple(Box(key, "operation", ((Span(key),),)) for key in "ab")
    found = layout(Picture(boxes, (Arrow("a", "b", ("1",)), Arrow("a", "b", ("2",)))))
    first, second = found.curves
    assert not {*first} & {*second}


def test_arrows_from_one_box_share_a_lane_until_they_part():
    boxes = tuple(Box(key, "operation", ((Span(key),),)) for key in ("a", "b", "c", "d", "e"))
    pairs = ("a b", "b c", "c d", "d e", "a c", "a d", "a e")
    found = layout(Picture(boxes, tuple(Arrow(*pair.split()) for pair in pairs)))
    *_, to_c, to_d, to_e = found.curves
    assert to_c[0] == to_d[0] == to_e[0]
    assert to_c[:3] == to_d[:3] == to_e[:3]
    assert to_d[:11] == to_e[:11]
    assert to_c[-1] != to_d[-1]


@pytest.mark.parametrize("rankdir", sorted(DIRECTIONS))
def test_columns_have_straight_arrows_and_labels_apart(rankdir):
    columns = (("x1", "x2", "x3"), ("a1", "a2", "a3", "a4"), ("y",))
    boxes = tuple(Box(key, "group", ((Span(key),),)) for column in columns for key in column)
    arrows = tuple(Arrow(u, v, (u + v,)) for one, other in pairwise(columns) for u in one for v in other)
    found = columns_layout(Picture(boxes, arrows, rankdir, columns=columns))
    rects = [*found.boxes.values(), *filter(None, found.labels)]
    assert not any(overlap(a, b) for a, b in combinations(rects, 2))
    assert sum(label is not None for label in found.labels) >= 12
    assert all(len(curve) == 2 for curve in found.curves)
    along = 1 if rankdir in ("TB", "BT") else 0
    across = [(found.boxes[key].x, found.boxes[key].y)[1 - along] for key in columns[1]]
    assert across == sorted(across)


def chain(length: int, beside: bool = False) -> Picture:
    boxes = tuple(Box(f"n{i}", "operation", ((Span(f"number {i}", "name"),),)) for i in range(length))
    arrows = tuple(Arrow(f"n{i}", f"n{i + 1}", (str(i),)) for i in range(length - 1))
    more = tuple(Arrow(f"n{i}", f"n{i + 3}", ("x",)) for i in range(0, length - 3, 3)) if beside else ()
    return Picture(boxes, arrows + more)


@pytest.mark.parametrize("beside", [False, True])
def test_a_long_chain_is_broken_into_rows(beside):
    found = layout(chain(40, beside), width=1200.0)
    assert found.width < 1400
    rects = [*found.boxes.values(), *filter(None, found.labels)]
    assert not any(overlap(a, b) for a, b in combinations(rects, 2))
    assert not any(overlap(point, rect) for curve in found.curves for point in trace(curve) for rect in rects)
    rows = sorted({round(box.y) for box in found.boxes.values()})
    assert len(rows) >= 4
    places = [(round(found.boxes[f"n{i}"].y), found.boxes[f"n{i}"].x) for i in range(40)]
    assert places == sorted(places) or beside
    for rect in rects:
        assert rect.width / 2 <= rect.x <= found.width - rect.width / 2
    for x, y in (point for curve in found.curves for point in curve):
        assert 0 <= x <= found.width
        assert 0 <= y <= found.height


def test_what_is_short_or_upright_is_not_broken():
    assert layout(chain(5), width=1200.0) == layout(chain(5))
    upright = replace(chain(40), rankdir="TB")
    assert layout(upright, width=1200.0) == layout(upright)


def test_rows_of_a_picture_that_runs_to_the_left():
    right, left = (layout(replace(chain(40), rankdir=way), width=1200.0) for way in ("LR", "RL"))
    assert (right.width, right.height) == (left.width, left.height)
    assert right.boxes["n0"].x == pytest.approx(left.width - left.boxes["n0"].x)


def test_two_chains_do_not_cross_whatever_the_order_of_their_boxes():
    boxes = tuple(Box(key, "operation", ((Span(key),),)) for key in ("a0", "b0", "b1", "a1", "a2", "b2", "end"))
    arrows = [Arrow(*pair.split()) for pair in ("a0 a1", "a1 a2", "b0 b1", "b1 b2", "a2 end", "b2 end")]
    found = layout(Picture(boxes, tuple(arrows)))
    assert len({found.boxes[f"a{i}"].y < found.boxes[f"b{i}"].y for i in range(3)}) == 1
