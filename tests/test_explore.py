"""The page: its data, its file, and what a reader sees and does, in a real browser."""

from __future__ import annotations

import json
import math
import random
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import needs_browser, needs_node, node

import autograd
from autograd import (
    PRIMITIVES,
    Tensor,
    Value,
    define,
    erf,
    exp,
    maximum,
    paths,
    primitive,
    relu,
    sin,
    to_json,
    topological_order,
    where,
    write_html,
    write_playground,
)
from benchmarks.browser import chromium
from nn import MLP
from pathgrad.cli import main

pytestmark = pytest.mark.same_in_both_modes

FOLDER = Path(autograd.__file__).parent / "pictures" / "page"

FOUR_PATHS = "y = 1/(x + t); x = v**2 + w; t = sin((w + v)*pi); v = exp(w)"


def four_paths() -> Value:
    return define(FOUR_PATHS, w=0)["y"]


def network(sizes: list[int], samples: int) -> Value:
    """The loss of a network on some samples."""
    draw = random.Random(0)
    net = MLP(sizes, rng=0)
    total = Value(0.0)
    for i in range(samples):
        out = net([Value(draw.uniform(-1, 1), label=f"x({i + 1})_{k + 1}") for k in range(sizes[0])])
        total = total + (out - (1.0 if i % 2 else -1.0)) ** 2
    total.label = "E"
    return total


# ---------------------------------------------------------------------------------------------------------------------
# Plain data
# ---------------------------------------------------------------------------------------------------------------------


def test_the_data_of_a_graph() -> None:
    x, w = Value(3.0, label="x"), Value(2.0, label="w")
    y = maximum(x * 2, w)
    y.label = "y"
    assert json.loads(to_json(y, lambda node: ("inputs",) if node.op is None else ())) == {
        "format": "pathgrad graph 1",
        "nodes": [
            {"name": "x", "value": 3.0, "gradient": 2.0, "group": 0},
            {"name": "v1", "value": 6.0, "row": "multiply", "symbol": "*", "operands": [0, [2.0]],
             "slopes": [2.0, 0.0], "gradient": 1.0},
            {"name": "w", "value": 2.0, "gradient": None, "group": 0},
            {"name": "y", "value": 6.0, "row": "maximum", "symbol": "max", "operands": [1, 2],
             "slopes": [1.0, 0.0], "unused": [1], "gradient": 1.0},
        ],
        "groups": [{"name": "inputs"}],
        "open": [0],
    }  # fmt: skip
    assert x.grad is None


def test_numbers_that_json_lacks_and_kinks() -> None:
    nodes = json.loads(to_json(relu(Value(0.0)) * math.inf))["nodes"]
    assert nodes[1]["kink"] is True
    assert nodes[2]["value"] == "nan"
    assert nodes[2]["operands"] == [1, ["inf"]]


def test_what_is_not_selected_has_no_gradient() -> None:
    a, b = Value(1.0), Value(2.0)
    assert [x["gradient"] for x in json.loads(to_json(maximum(a, b)))["nodes"]] == [None, 1.0, 1.0]


def test_arrays_are_refused() -> None:
    with pytest.raises(TypeError, match="pages and JSON need a graph of Values"):
        to_json((Tensor([1.0]) * 2).sum())


# ---------------------------------------------------------------------------------------------------------------------
# The file
# ---------------------------------------------------------------------------------------------------------------------


def test_the_sizes_of_pages() -> None:
    small = network([2, 3, 1], 1)
    assert 25 <= len(topological_order(small)) <= 35
    assert len(small.explore().html.encode()) <= 60_000
    large = network([2, 16, 16, 1], 38)
    assert len(topological_order(large)) >= 2990
    assert len(large.explore().html.encode()) <= 1_200_000


def test_a_page_in_a_notebook_is_a_frame_of_its_own() -> None:
    page = four_paths().explore()
    frame = page._repr_mimebundle_()["text/html"]
    assert frame.startswith('<iframe srcdoc="&lt;!doctype html&gt;')
    assert 'sandbox="allow-scripts"' in frame
    assert "<script" not in frame
    assert repr(page).startswith("<Page of ")


def test_a_page_names_nothing_outside_of_itself() -> None:
    html = four_paths().explore().html
    assert not re.search(r"(?i)https?:(?!//www\.w3\.org/2000/svg)|\bsrc=|<link|@import|url\(", html)
    assert "default-src 'none'" in html


def test_errors() -> None:
    with pytest.raises(ValueError, match="language must be one of 'en', 'ko', not 'fr'"):
        four_paths().explore(language="fr")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        write_html(four_paths(), "no-such-folder/page.html")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = tmp_path / "page.html"
    assert main(["explore", FOUR_PATHS, "--at", "w=0", "--html", str(page)]) == 0
    assert capsys.readouterr().out == f"written to {page}\n"
    assert page.read_text(encoding="utf-8") == four_paths().explore().html
    assert main(["explore", FOUR_PATHS, "--at", "w=0", "--html", str(page), "--playground"]) == 0
    assert "y = 1/(x + t)" in page.read_text(encoding="utf-8")
    assert main(["explore", "y = x; z = x", "--at", "x=0", "--html", str(page)]) == 2
    assert "several outputs (y, z)" in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------------------------
# The engine and the playground, in Node
# ---------------------------------------------------------------------------------------------------------------------


def close(x: Any, y: float | None) -> bool:
    """Whether a number of JavaScript is that of Python."""
    x, y = float(x), 0.0 if y is None else y
    return x == y or (math.isnan(x) and math.isnan(y)) or math.isclose(x, y, rel_tol=1e-12, abs_tol=1e-300)


FORMULAS = """
    const answer = ([text, at]) => {
      try {
        const graph = new Graph(define(text, at), TABLE);
        const gradient = (name) => graph.grad[graph.nodes.findIndex((node) => node.name === name)] ?? 0;
        return [graph.value[graph.output], ...["a", "b", "c"].map(gradient)];
      } catch (error) {
        return error.message;
      }
    };
    say(data.map(answer));
"""


def random_formula(draw: random.Random, depth: int) -> str:
    """A formula in a, b and c."""
    if depth == 0 or draw.random() < 0.1:
        return draw.choice(["a", "b", "c", "a", "b", "c", "2", "0.5", "pi"])
    one, other = (random_formula(draw, depth - 1) for _ in range(2))
    kinds = [f"({one} + {other})", f"({one} - {other})", f"{one}*{other}", f"({one})/(1 + ({other})**2)", f"-({one})",
             f"sin({one})", f"tanh({one})", f"exp(-({one})**2)", f"sqrt(1 + ({one})²)", f"log(2 + cos({one}))",
             f"max({one}, {other})", f"relu({one})", f"|{one}|", f"({one} if {other} > 0, else {one}*{other})",
             f"σ({one})", f"softplus({one})", f"hypot({one}, {other})", f"atan2({one}, 2 + sin({other}))",
             f"3({one})", f"({one}) % 2", f"leaky_relu({one})"]  # fmt: skip
    return draw.choice(kinds)


@needs_node
def test_500_formulas_of_the_playground_equal_python() -> None:
    draw = random.Random(16)
    cases, truths = [], []
    while len(cases) < 500:
        text = f"y = {random_formula(draw, 4)} + 0*a + 0*b + 0*c"
        values = {name: draw.choice([-1.5, -0.5, 0.25, 1.0, 2.0, draw.gauss(0, 1)]) for name in "abc"}
        graph = define(text, values)
        graph["y"].backward()
        cases.append([text, ", ".join(f"{name} = {x!r}" for name, x in values.items())])
        truths.append([graph["y"].data, *(graph[name].grad for name in "abc")])
    found = node(FORMULAS, cases)
    wrong = [(case, mine, truth) for case, mine, truth in zip(cases, found, truths, strict=True)
             if isinstance(mine, str) or not all(map(close, mine, truth))]  # fmt: skip
    assert not wrong, (len(wrong), wrong[:3])


@needs_node
@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("y = erf(a)", "a=1", "erf is not available in JavaScript"),
        ("y = nothing(a)", "a=1", "there is no function nothing"),
        ("y = a +", "a=1", "it ends too early"),
        ("y = a", "", "a is neither defined nor given a value"),
        ("y = x; x = y + z; z = 1", "", "in a circle"),
        ("y = a; z = a", "a=1", "there are several outputs: y, z"),
        ("y = sin(a, a)", "a=1", "sin takes 1 numbers, not 2"),
        ("", "", "there is no formula"),
        ("y = __proto__(a)", "a=1", "there is no function __proto__"),
        ("y = softmax(a, a)", "a=1", "softmax gives several numbers: write p1, p2 = softmax(z1, z2)"),
        ("p, q = softmax(a, a, a); y = p*q", "a=1", "defines 2 numbers, but softmax takes 3"),
        ("p, q = softmax(a, a)", "a=1", "there are several outputs: p, q"),
    ],
)
def test_errors_of_the_playground(text: str, at: str, message: str) -> None:
    [found] = node(FORMULAS, [[text, at]])
    assert message in found


@needs_node
def test_softmax_defines_several_numbers() -> None:
    text, values = "p, q = softmax(a, b); y = p*q + 0*c", {"a": 0.5, "b": -1.0, "c": 2.0}
    graph = define(text, values)
    graph["y"].backward()
    [found] = node(FORMULAS, [[text, "a = 0.5, b = -1, c = 2"]])
    assert all(map(close, found, [graph["y"].data, *(graph[name].grad for name in "abc")]))


@needs_node
def test_errors_of_the_playground_in_korean() -> None:
    script = """
        const answer = (text) => {
          try {
            define(text, "");
          } catch (error) {
            return error.in("ko");
          }
        };
        say([data.map(answer), Object.keys(PROBLEMS.en), Object.keys(PROBLEMS.ko)]);
    """
    found, english, korean = node(script, ["y = a +", "y = softmax(a)", "", "y = a"])
    assert found == [
        '"a +"은(는) 수식이 아닙니다: 수식이 중간에 끝났습니다',
        '"softmax(a)"은(는) 수식이 아닙니다: softmax의 값은 여러 개입니다: p1, p2 = softmax(z1, z2)처럼 쓰세요',
        "수식이 없습니다",
        "a의 정의도 값도 없습니다",
    ]
    assert english == korean


GRAPH = """
    const graph = new Graph(data.graph, TABLE);
    const names = data.graph.nodes.map((node) => node.name);
    const found = {};
    %s
    say(found);
"""


def played(output: Value, script: str, **more: Any) -> Any:
    """What the engine answers about a graph."""
    return node(GRAPH % script, {"graph": json.loads(to_json(output)), **more})


@needs_node
def test_the_sweep_is_that_of_python_bit_for_bit() -> None:
    x, y = Value(0.5, label="x"), Value(-2.0, label="y")
    z = (x * y + x) * (x - y) / (y * y)
    z.backward()
    found = played(z, "found.grad = [...graph.grad]; found.steps = graph.steps; found.last = [...graph.gradients(1e9)]")
    assert found["grad"] == found["last"] == [node.grad for node in topological_order(z)]
    assert len(found["steps"]) == sum(len(node.parents) for node in topological_order(z))


@needs_node
def test_paths_and_flows() -> None:
    y = four_paths()
    found = played(y, """
        const w = names.indexOf("w");
        found.total = graph.total(w);
        found.products = graph.paths(w, 10).map((path) => graph.product(path));
        const flow = graph.flows(w);
        const crosses = (e, i) => e.from <= i && e.to > i;
        found.cuts = names.map((_, i) => graph.edges.reduce((t, e, k) => t + (crosses(e, i) ? flow[k] : 0), 0));
    """)  # fmt: skip
    [w] = [x for x in topological_order(y) if x.label == "w"]
    listed = list(paths(y, w, named=False))
    assert found["total"]["count"] == "4"
    assert found["total"]["sum"] == pytest.approx(sum(path.product for path in listed), rel=1e-14)
    assert found["products"] == pytest.approx([path.product for path in listed], rel=1e-14)
    assert found["cuts"][:-1] == pytest.approx([found["total"]["sum"]] * (len(found["cuts"]) - 1), rel=1e-13)


@needs_node
def test_the_first_of_many_equal_paths_takes_one_walk() -> None:
    x = z = Value(1.0, label="x")
    for _ in range(60):
        z = z + z
    found = played(z, "found.total = graph.total(0); found.first = graph.paths(0, 3).map((path) => path.length)")
    assert found["total"] == {"count": str(2**60), "sum": pytest.approx(2.0**60)}
    assert found["first"] == [60, 60, 60]
    assert x is not z


@needs_node
def test_what_javascript_cannot_say_keeps_its_value_until_it_is_moved() -> None:
    x, w = Value(0.5, label="x"), Value(2.0, label="w")
    y = erf(x) * w
    found = played(y, """
        found.before = [graph.value[graph.output], ...graph.grad];
        graph.value[names.indexOf("w")] = 3;
        graph.compute();
        found.other = graph.value[graph.output];
        graph.value[names.indexOf("x")] = 0.25;
        graph.compute();
        found.after = [graph.value[graph.output], graph.grad[names.indexOf("x")]];
    """)  # fmt: skip
    y.backward()
    assert found["before"] == [y.data, *(node.grad for node in topological_order(y))]
    assert found["other"] == erf(0.5) * 3
    assert found["after"] == ["NaN", "NaN"]


@needs_node
def test_a_row_that_does_not_give_the_recorded_value_is_not_used() -> None:
    y = sin(Value(0.5, label="x"))
    graph = json.loads(to_json(y))
    graph["nodes"][1]["value"] = 0.1
    found = node(
        GRAPH % "found.frozen = names.map((_, i) => graph.frozen(i)); found.y = graph.value[1]", {"graph": graph}
    )
    assert found == {"frozen": [False, True], "y": 0.1}


@needs_node
def test_what_is_not_selected_carries_nothing() -> None:
    x = Value(-1.0, label="x")
    y = where(x, 1.0, x) + relu(x) * math.inf + 0.0 * x
    found = played(relu(x) * 2.0, "found.grad = [...graph.gradients(1e9)]; found.live = [...graph.live]")
    assert found == {"grad": ["NaN", 2, 1], "live": [0, 1]}
    assert y is not x


@needs_node
def test_numbers_are_written_as_in_pictures() -> None:
    from autograd.explain.brief import number

    xs = [0.0, 1.0, -2 / 3, 1e5, 99999.4, 99999.6, 123456.0, 1e-4, 9.99999e-5, 1.5e-7, -3e300, 0.1, 100.0, 12345.0]
    found = node(GRAPH % "found.texts = data.xs.map(number)", {"graph": json.loads(to_json(Value(1.0))), "xs": xs})
    assert found["texts"] == [number(x) for x in xs]


LAYOUT = """
    const boxes = data.sizes.map(([width, height]) => ({ width, height }));
    const edges = data.edges.map(([from, to]) => ({ from, to, label: 40 }));
    say({ size: layout(boxes, edges), boxes, edges });
"""


def curve(d: str) -> list[tuple[float, float]]:
    """Points along a path of straight lines and curves, without its arrow."""
    numbers = re.split(r"(?=[MHC])", d.partition("m")[0])[1:]
    points: list[tuple[float, float]] = []
    for piece in numbers:
        xs = [float(x) for x in re.findall(r"-?[\d.]+", piece)]
        if piece[0] == "M":
            points.append((xs[0], xs[1]))
        elif piece[0] == "H":
            x, y = points[-1]
            points += [(x + (xs[0] - x) * k / 20, y) for k in range(1, 21)]
        else:
            (x0, y0), (x1, y1, x2, y2, x3, y3) = points[-1], xs
            for k in range(1, 21):
                t = k / 20
                a, b, c, e = (1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3
                points.append((a * x0 + b * x1 + c * x2 + e * x3, a * y0 + b * y1 + c * y2 + e * y3))
    return points


@needs_node
@pytest.mark.parametrize("seed", range(8))
def test_no_line_runs_through_a_box_and_no_text_over_another(seed: int) -> None:
    draw = random.Random(seed)
    count = draw.choice([5, 20, 60])
    edges = [[draw.randrange(max(0, k - 12), k), k] for k in range(1, count) for _ in range(draw.choice([1, 2]))]
    edges = [list(edge) for edge in {tuple(edge) for edge in edges}]
    found = node(LAYOUT, {"sizes": [[draw.uniform(60, 200), 60] for _ in range(count)], "edges": edges})
    boxes = [(b["x"] - b["width"] / 2, b["y"] - 30, b["x"] + b["width"] / 2, b["y"] + 30) for b in found["boxes"]]
    for i, one in enumerate(boxes):
        for other in boxes[:i]:
            assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]
        for edge in found["edges"]:
            if i not in (edge["from"], edge["to"]):
                assert not any(one[0] < x < one[2] and one[1] < y < one[3] for x, y in curve(edge["d"]))
    labels = [edge["at"] for edge in found["edges"] if edge["at"]]
    assert len(labels) > len(edges) / 2
    for i, (x, y) in enumerate(labels):
        assert all(abs(x - u) >= 40 or abs(y - v) >= 15 for u, v in labels[:i])


def test_the_languages_of_the_page_have_the_same_words() -> None:
    text = (FOLDER / "words.mjs").read_text(encoding="utf-8")
    languages = [re.findall(r"(?m)^  (\w+): ", part) for part in re.split(r"(?m)^const \w+ = \{$", text)[1:]]
    assert len(languages) == 2
    assert languages[0] == languages[1]
    page = (FOLDER / "page.mjs").read_text(encoding="utf-8") + (FOLDER / "formulas.mjs").read_text(encoding="utf-8")
    assert set(languages[0]) == set(re.findall(r"\bword\.(\w+)", page))


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_and_lines_have_contrast(scheme: int) -> None:
    sheet = (FOLDER / "page.css").read_text(encoding="utf-8")
    colours = {name: pair[scheme] for name, *pair in re.findall(r"--(\w+): light-dark\(#(\w+), #(\w+)\)", sheet)}

    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        r, g, b = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
        return 0.2126 * r + 0.7152 * g + 0.0722 * b

    def contrast(one: str, other: str) -> float:
        dark, bright = sorted([light(colours[one]), light(colours[other])])
        return (bright + 0.05) / (dark + 0.05)

    for ground in ("back", "box", "input", "group", "panel"):
        for text in ("ink", "value", "gradient", "quiet", "local", "warn"):
            assert contrast(text, ground) >= 4.5, (text, ground)
        for line in ("line", "mark"):
            assert contrast(line, ground) >= 3, (line, ground)


# ---------------------------------------------------------------------------------------------------------------------
# In a browser
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with chromium() as started:
        yield started


class Visit:
    """A page that is open in the browser, and what went wrong in it."""

    def __init__(self, browser: Any, file: Path, state: str = "", width: int = 1280) -> None:
        self.page = browser.new_page(viewport={"width": width, "height": 800}, color_scheme="light", locale="en-US")
        self.page.set_default_timeout(5000)
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda line: line.type in ("error", "warning") and self.errors.append(line.text))
        self.page.on("dialog", lambda dialog: (self.errors.append("a dialog"), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(f"{file.as_uri()}#{state}")

    def text(self, selector: str = ".texts") -> str:
        return re.sub(r"\s+", " ", self.page.inner_text(selector))

    def box(self, name: str) -> Any:
        return self.page.locator(f'.box:has(> title:text-is("{name}"))')

    def state(self) -> str:
        return str(self.page.evaluate("location.hash"))

    def close(self) -> None:
        assert self.errors == []
        assert [url for url in self.requests if not url.startswith("file:")] == []
        self.page.close()


@pytest.fixture
def visit(browser: Any, tmp_path: Path) -> Iterator[Any]:
    visits = []

    def start(output: Value | None = None, state: str = "", width: int = 1280, **settings: Any) -> Visit:
        file = tmp_path / f"{len(visits)}.html"
        if output is None:
            write_playground(file, FOUR_PATHS, "w=0", **settings)
        else:
            write_html(output, file, **settings)
        visits.append(Visit(browser, file, state, width))
        return visits[-1]

    yield start
    for one in visits:
        one.close()


@needs_browser
def test_a_node_shows_its_paths(visit: Any) -> None:
    seen = visit(four_paths())
    seen.box("w").hover()
    assert "dy/dw = 3.2832" in seen.text()
    assert "4 paths from w" in seen.text()
    assert "w → v → v2 → x → v7 → y 1 · 2 · 1 · 1 · -1 -2 -60.9 %" in seen.text()
    assert "sum of the paths 3.2832" in seen.text()
    assert "191 %" in seen.page.locator(".labels").text_content()
    assert seen.page.locator(".edges .flowing").count() == 11


@needs_browser
def test_a_slider_moves_the_graph_and_compares_the_changes(visit: Any) -> None:
    seen = visit(four_paths())
    slider = seen.page.get_by_role("slider", name="w")
    slider.focus()
    seen.page.keyboard.press("ArrowRight")
    moved = define(FOUR_PATHS, w=0.01)["y"].data
    assert "Δw = 0.01" in seen.text()
    assert f"predicted change {3.2832 * 0.01:.4g}" in seen.text()
    assert f"actual change {moved - 1:.5g}" in seen.text()
    assert "set=0%3A0.01" in seen.state()
    seen.page.get_by_role("button", name="reset inputs").click()
    assert "set=" not in seen.state()


@needs_browser
def test_what_is_not_computed_is_said(visit: Any) -> None:
    x = Value(0.5, label="x")
    seen = visit(erf(x) * 2)
    assert "Not computed here: erf." in seen.text()
    assert "✻" in seen.box("v1").text_content()
    seen.page.get_by_role("slider", name="x").press("ArrowRight")
    assert "nan" in seen.box("v2").text_content()
    assert "actual change nan" in seen.text()


@needs_browser
def test_the_sweep_goes_both_ways(visit: Any) -> None:
    seen = visit(four_paths())
    forward, back = (seen.page.get_by_role("button", name=name) for name in ("next step", "step back"))
    forward.click()
    assert "The sweep starts at y with the gradient 1." in seen.text()
    forward.click()
    assert "Step 1 of 11 gradient v7 += 1 · -1 = -1 ⇒ -1" in seen.text()
    assert "not yet reached" in seen.box("w").text_content()
    back.click()
    assert "Step 0 of 11" in seen.text()
    seen.page.get_by_role("button", name="whole sweep").click()
    assert "grad 3.2832" in seen.box("w").text_content()


@needs_browser
def test_the_quiz_judges_each_answer_by_the_local_rule(visit: Any) -> None:
    x = Value(3.0, label="x")
    y = sin(x * 2)
    y.label = "y"
    seen = visit(y)
    seen.page.get_by_role("button", name="quiz").click()
    assert "grad 1.9" not in seen.page.text_content("svg")
    assert seen.page.locator(".labels").text_content() == "??"

    def answer(text: str) -> str:
        seen.page.get_by_role("textbox", name="answer").fill(text)
        seen.page.keyboard.press("Enter")
        return str(seen.text("main"))

    assert "The local rule: out = sin(x), ∂out/∂x = cos(x)" in answer("0.5")
    assert "Only the sign is wrong." in answer("-0.96017")
    assert "Right." in answer("0.96")
    assert "That is the local derivative alone: multiply it by the gradient of v1." in answer("2")
    assert "The sweep is done." in answer("1.9203")
    assert "grad 1.9203" in seen.box("x").text_content()


@needs_browser
def test_names_in_sentences_have_subscripts(visit: Any) -> None:
    net = MLP([2, 1, 1], rng=0)
    y = net([Value(0.5, label="x_1"), Value(-0.5, label="x_2")])
    places = {node.label: place for place, node in enumerate(topological_order(y))}
    seen = visit(y, f"node={places['w[1]_{1,2}']}&pin={places['x_1']}")
    assert "1 path from w[1]1,2" in seen.text()
    seen.page.get_by_role("slider", name="x_1").press("ArrowRight")
    assert "Δx1 = 0.01" in seen.text()
    seen.page.get_by_role("button", name="quiz").click()
    seen.page.get_by_role("textbox", name="answer").fill("7")
    seen.page.keyboard.press("Enter")
    assert "from w[2]1,1 to z[2]1 add to the gradient of w[2]1,1?" in seen.text()
    assert not re.search(r"_[{\d]", seen.text("main"))


@needs_browser
def test_boxes_open_and_close_and_the_address_keeps_it(visit: Any) -> None:
    seen = visit(network([2, 3, 1], 4))
    seen.page.get_by_role("button", name="close all boxes").click()
    count = seen.page.locator(".box").count()
    assert count < 10
    seen.box("layer 1").click()
    assert seen.page.locator(".box").count() > count
    address = seen.state()
    assert "open=" in address
    seen.page.reload()
    assert seen.state() == address
    assert seen.page.locator(".box").count() > count
    seen.page.get_by_role("button", name="close: layer 1").click()
    assert seen.page.locator(".box").count() == count


@needs_browser
def test_everything_works_by_keyboard(visit: Any) -> None:
    seen = visit(network([2, 3, 1], 4))
    press = seen.page.keyboard.press
    seen.page.get_by_role("button", name="close all boxes").focus()
    press("Enter")
    seen.page.locator("svg").focus()
    focused = "document.activeElement.querySelector('title')?.textContent"
    press("ArrowUp")
    press("ArrowLeft")
    assert seen.page.evaluate(focused) == "layer 2"
    press("Enter")
    assert seen.page.locator('.box:has(> title:text-is("layer 2"))').count() == 0
    press("Backspace")
    assert seen.page.evaluate(focused) == "layer 2"
    seen.page.get_by_role("searchbox", name="find a node").fill("b[2]_1")
    press("Enter")
    assert seen.page.evaluate(focused) == "b[2]_1"
    assert "dE/db[2]1" in seen.text()
    sliders = seen.page.get_by_role("slider").count()
    press("Enter")
    assert seen.page.get_by_role("slider").count() != sliders
    press(".")
    press(".")
    assert "Step 1 of" in seen.text()
    press(",")
    assert "Step 0 of" in seen.text()
    press("End")
    for key in ("+", "-", "f", "Escape", "Backspace", "ArrowDown", "ArrowRight"):
        press(key)
    stops = set()
    for _ in range(40):
        press("Tab")
        stops.add(
            seen.page.evaluate(
                "document.activeElement.getAttribute('aria-label') ?? document.activeElement.textContent"
            )
        )
    assert {"step back", "next step", "quiz", "find a node", "computation graph", "light or dark", "print"} <= stops


@needs_browser
def test_hostile_labels_are_text(visit: Any) -> None:
    evil = Value(2.0, label="</script><img src=x onerror=alert(1)>")
    y = evil * Value(3.0, label='"><svg onload=alert(1)>') + exp(Value(0.5, label="\u2028<!--<script>"))
    y.label = "<b>가중치</b>"
    seen = visit(
        y,
        by=lambda x: "<script>alert(1)</script>" if x in (evil, y) else "&lt;img src=x&gt;",
        title="</title><script>alert(1)</script>",
    )
    assert seen.page.evaluate("document.querySelectorAll('img, b, svg svg, main script').length") == 0
    assert "<b>가중치</b>" in seen.text("h1")
    seen.page.wait_for_timeout(50)


@needs_browser
def test_a_symbol_of_a_users_row_ends_no_script(visit: Any) -> None:
    @primitive(lambda x, out: 2.0, name="hostile_of_the_test", symbol="</script><script>alert(1)</script>")
    def hostile(x: Any) -> Any:
        return 2.0 * x

    try:
        assert "grad 2" in visit(hostile(Value(1.0, label="x"))).box("x").text_content()
    finally:
        del PRIMITIVES["hostile_of_the_test"]


@needs_browser
def test_the_policy_allows_no_other_script(visit: Any) -> None:
    seen = visit(four_paths())
    done = seen.page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "window.ran = true";
        document.body.append(script);
        return [window.ran ?? false];
    }""")
    assert done == [False]
    assert any("Content Security Policy" in error for error in seen.errors)
    seen.errors.clear()


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["", "node=0", "step=3", "quiz=1", "lang=ko"])
def test_axe_finds_nothing_serious(visit: Any, scheme: str, state: str) -> None:
    axe = pytest.importorskip("axe_playwright_python", reason="axe-core checks pages for readers with disabilities")
    script = (Path(axe.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
    for seen in (visit(four_paths(), f"{state}&theme={scheme}"), visit(None, f"{state}&theme={scheme}")):
        seen.page.evaluate(script + "; 0")
        found = seen.page.evaluate("axe.run(document, { resultTypes: ['violations'] })")["violations"]
        assert [(one["id"], one["impact"], one["nodes"][0]["html"]) for one in found] == []


@needs_browser
def test_a_narrow_screen_shows_it_all(visit: Any) -> None:
    seen = visit(network([2, 3, 1], 1), width=390)
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.page.evaluate("document.querySelector('svg').clientWidth") == 390


@needs_browser
def test_the_address_holds_what_was_moved_and_pinned(visit: Any) -> None:
    x = Value(2.0, label="x")
    y = x * Value(3.0, label="w")
    seen = visit(y, "set=1:5&pin=-&node=0")
    assert "grad 5" in seen.box("x").text_content()
    assert seen.page.get_by_role("slider").count() == 0
    assert "dv2/dx = 5" in seen.text()
    for state in ("set=9:1,0:x,1&pin=7&node=99&step=-1&open=4,&lang=xx&theme=<b>", "node=1e3&step=nan", "%%%"):
        assert "grad 3" in visit(y, state).box("x").text_content()


@needs_browser
def test_print_shows_the_graph_and_the_texts(visit: Any) -> None:
    seen = visit(four_paths(), "node=0")
    seen.page.emulate_media(media="print")
    assert not seen.page.locator(".tools").is_visible()
    assert seen.page.locator("svg").is_visible()
    assert seen.page.locator(".texts table").is_visible()


@needs_browser
def test_korean(visit: Any) -> None:
    seen = visit(four_paths(), language="ko")
    seen.box("w").hover()
    assert "w에서 시작하는 경로 4개" in seen.text()
    seen.page.get_by_role("button", name="English").click()
    assert "4 paths from w" in seen.text()
    assert "lang=en" in seen.state()


@needs_browser
def test_the_playground_draws_what_is_typed(visit: Any) -> None:
    seen = visit()
    seen.page.get_by_label("Formulas").fill("y = x²; x = 3a")
    seen.page.get_by_label("Values").fill("a = 2")
    seen.page.get_by_role("button", name="draw").click()
    assert "grad 36" in seen.box("a").text_content()
    seen.page.get_by_label("Formulas").fill("y = x^2")
    seen.page.get_by_role("button", name="draw").click()
    assert "^ is not expected" in seen.text("[role=alert]")
    seen.page.reload()
    assert "^ is not expected" in seen.text("[role=alert]")


@needs_browser
def test_the_playground_sets_formulas_as_books_do(visit: Any) -> None:
    seen = visit()
    text = "y = -(a + b)**2/(2x_1) + sqrt(|a|) - (a - b)·3; b = exp(a*pi) if a >= 0, else 1 - (a - 2)"
    seen.page.get_by_label("Formulas").fill(text)
    seen.page.get_by_label("Values").fill("a = 2, x_1 = 1")
    seen.page.get_by_role("button", name="draw").click()
    math = seen.page.locator("math")
    assert math.count() == 2
    assert math.nth(0).text_content().replace("\u2062", "") == "y=−(a+b)22x1+|a|−(a−b)⋅3"
    assert math.nth(1).text_content().replace("\u2062", "") == "b={eaπif\xa0a≥01−(a−2)else"
    for name, count in {"mfrac": 1, "msqrt": 1, "msup": 2, "msub": 1, "mtr": 2}.items():
        assert seen.page.locator(name).count() == count
    assert math.nth(0).bounding_box()["height"] > 25
    seen.page.get_by_label("Formulas").fill("y = <b>a")
    seen.page.get_by_role("button", name="draw").click()
    assert "< is not expected" in seen.text("[role=alert]")


@needs_browser
def test_the_playground_answers_in_korean(visit: Any) -> None:
    seen = visit(None, language="ko")
    seen.page.get_by_label("수식").fill("y = x^2")
    seen.page.get_by_role("button", name="그리기").click()
    assert seen.text("[role=alert]") == '"x^2"은(는) 수식이 아닙니다: ^이(가) 올 자리가 아닙니다'


@needs_browser
def test_the_elements_of_a_large_page(visit: Any) -> None:
    loss = network([2, 16, 16, 1], 38)
    seen = visit(loss)
    assert seen.page.evaluate("document.querySelectorAll('*').length") < 400
    seen.box("layer 2").click()
    assert seen.page.evaluate("document.querySelectorAll('*').length") < 2000


@needs_browser
def test_a_page_in_a_frame_without_an_origin(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "notebook.html"
    file.write_text(f"<!doctype html><title>n</title>{four_paths().explore()._repr_mimebundle_()['text/html']}")
    seen = Visit(browser, file)
    frame = seen.page.frame_locator("iframe")
    frame.locator('.box:has(> title:text-is("w"))').hover()
    assert "4 paths from w" in frame.locator(".texts").inner_text()
    seen.close()
