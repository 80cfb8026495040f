"""steps() shows the numbers of backward(); what_if() holds what the gradient predicts against what happens."""

import json
import math
import sys
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import DomainError, Tensor, Value, define, draw_steps, log, maximum, paths, steps, what_if, where
from autograd.core.sweep import topological_order
from autograd.testing import graphs
from pathgrad.cli import main

NET = "E = (t - y)**2/2; y = sigmoid(z2); z2 = w2*h + w3*h; h = tanh(z1); z1 = w1*x"
POINT = {"t": 1.0, "w1": 0.5, "w2": -0.25, "w3": 2.0, "x": 3.0}


# ---------------------------------------------------------------------------------------------------------------------
# steps
# ---------------------------------------------------------------------------------------------------------------------


def same(one, other):
    return one == other or (math.isnan(one) and math.isnan(other))


@given(graphs())
def test_the_steps_are_the_sweep_to_the_bit(graph):
    *_, output = graph.build().values()
    found = steps(output)
    order = topological_order(output)
    for node in order:
        node.grad = None
    output.backward()
    for node in order:
        assert same(found.gradients.get(node, 0.0), node.grad)


@given(graphs())
def test_a_gradient_is_handed_on_only_when_it_is_complete(graph):
    *_, output = graph.build().values()
    received, complete = {output: 1.0}, {output}
    for step in steps(output):
        parent, child = step.edge.parent, step.edge.child
        assert child in complete
        assert parent not in complete
        assert same(step.upstream, received[child])
        assert same(step.contribution, step.upstream * step.edge.slope)
        total = received[parent] + step.contribution if parent in received else step.contribution
        assert same(step.total, total)
        received[parent] = total
        if step.complete:
            complete.add(parent)
    assert complete == set(received)


def test_steps_through_the_named_variables():
    g = define(NET, POINT)
    found = steps(g["E"], named=True)
    for name in ("w1", "w2", "w3", "x", "t"):
        assert found.gradients[g[name]] == pytest.approx(paths(g["E"], g[name]).gradient, rel=1e-14)
    assert {step.parent for step in found} == set(g) - {"E"}


def test_the_table_of_steps():
    g = define("y = x*x + x", x=3)
    assert str(steps(g["y"])).splitlines() == [
        "dy/dy = 1",
        "",
        "step  edge    upstream  ∂       value  sent  arrived",
        "1     y → v1  1         ∂y/∂v1  1      1     dy/dv1 = 1",
        "2     y → x   1         ∂y/∂x   1      1     dy/dx: 1 so far",
        "3     v1 → x  1         ∂₁v1    3      3     dy/dx: 4 so far",
        "4     v1 → x  1         ∂₂v1    3      3     dy/dx = 7",
    ]
    assert str(steps(g["y"])[3]) == "v1 → x: dy/dv1 * ∂₂v1 = 1 * 3 = 3, so dy/dx = 7"
    assert repr(steps(g["y"])) == "<4 steps of the backward sweep from y>"
    assert steps(g["y"]).table(limit=1).splitlines()[-1] == "… 3 more steps"
    long = steps(define(NET, POINT)["E"], named=True)
    assert max(map(len, long.table(width=76).splitlines())) <= 76 < max(map(len, str(long).splitlines()))


def test_steps_as_plain_data():
    x = Value(3.0, label="x")
    y = x * 2
    y.label = "y"
    [step] = steps(y)
    assert json.loads(json.dumps(step.as_json())) == {
        "from": "y",
        "to": "x",
        "upstream": 1.0,
        "partial": 2.0,
        "contribution": 2.0,
        "total": 2.0,
        "complete": True,
    }


def test_what_is_not_chosen_is_no_step():
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    assert [step.parent for step in steps(maximum(x, y))] == ["y"]
    assert [step.parent for step in steps(where(x > 0, x, log(y)))] == ["x"]


def test_steps_change_nothing_and_do_not_recurse():
    x = Value(1.0)
    x.grad = 5.0
    y = x
    for _ in range(100_000):
        y = y + 0.0
    assert len(steps(y)) == 100_000
    assert (x.grad, y.grad) == (5.0, None)


def test_steps_are_refused_for_arrays():
    with pytest.raises(TypeError, match="steps need a graph of Values"):
        steps(Tensor([1.0]).sum())
    with pytest.raises(TypeError, match="steps start at a Value, not at float"):
        steps(1.0)


# ---------------------------------------------------------------------------------------------------------------------
# what_if
# ---------------------------------------------------------------------------------------------------------------------


@given(st.floats(-0.5, 0.5))
def test_what_if_is_the_function_at_the_changed_point(change):
    g = define(NET, POINT)
    before = {name: node.data for name, node in g.items()}
    found = what_if(g["E"], "w1", change)
    assert found.after == define(NET, POINT | {"w1": 0.5 + change})["E"].data
    assert found.before == g["E"].data
    assert found.predicted == paths(g["E"], "w1").gradient * change
    assert found.actual == found.after - found.before
    assert {name: node.data for name, node in g.items()} == before


def test_a_computed_variable_is_changed_alone():
    g = define("y = x + v; x = 2*v", v=1)
    assert (what_if(g["y"], "x", 0.5).after, what_if(g["y"], "v", 0.5).after) == (3.5, 4.5)


def test_the_table_of_what_if():
    g = define("y = x**2 + x", x=3)
    assert str(what_if(g["y"], "x", 0.5)).splitlines() == [
        "x = 3 becomes 3.5",
        "",
        "path        product  times 0.5",
        "x → v1 → y  6        3",
        "x → y       1        0.5",
        "",
        "predicted   +3.5",
        "actual      +3.75  y goes from 12 to 15.75",
        "difference  +0.25",
    ]
    assert repr(what_if(g["y"], "x", 0.5)) == "<what if x changes by 0.5: 3.5 predicted, 3.75 found>"
    assert what_if(g["y"], "x", 0.5).as_json()["actual"] == 3.75
    assert "no path leads from z to y" in str(what_if(g["y"], Value(1.0, label="z"), 1.0))


def test_what_if_the_output_has_no_value_there():
    x = Value(1.0, label="x")
    with pytest.raises(DomainError, match="log"):
        what_if(log(x), x, -2.0)


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad step
# ---------------------------------------------------------------------------------------------------------------------


def test_the_command(capsys):
    assert main(["step", "y = x*z; z = x + 1", "--at", "x=2"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("x = 2\nz = x + 1 = 3\ny = x*z = 6\n\ndy/dy = 1\n\n")
    assert out.splitlines()[-1] == "3     z → x  2         ∂z/∂x  1        1      2     dy/dx = 5"
    assert main(["step", "--json", "y = x*z; z = x + 1", "--at", "x=2"]) == 0
    assert json.loads(capsys.readouterr().out)[-1]["total"] == 5.0
    assert main(["step", "y = x*x*x", "--at", "x=2", "--elementary"]) == 0
    assert "∂₁v1" in capsys.readouterr().out
    assert main(["step", "y = x*z"]) == 2
    assert "give x, z values with --at" in capsys.readouterr().err


def test_the_command_in_a_terminal_waits_for_enter(capsys, monkeypatch):
    prompts = []

    def enter(prompt):
        prompts.append(prompt)
        if len(prompts) == 2:
            raise EOFError
        return ""

    monkeypatch.setattr("builtins.input", enter)
    for stream in (sys.stdin, sys.stdout):
        monkeypatch.setattr(stream, "isatty", lambda: True, raising=False)
    assert main(["step", "y = x*z; z = x + 1", "--at", "x=2"]) == 0
    assert [prompt.split()[:4] for prompt in prompts] == [["1", "y", "→", "x"], ["2", "y", "→", "z"]]
    assert "step  edge" in capsys.readouterr().out


def test_numbers_that_json_lacks_are_strings():
    x = Value(0.0, label="x")
    y = x * math.inf
    assert steps(y)[0].as_json()["partial"] == "inf"
    data = what_if(y, x, 1.0).as_json()
    assert (data["before"], data["predicted"], data["actual"]) == ("nan", "inf", "nan")
    json.dumps([data, steps(y)[0].as_json()], allow_nan=False)


# ---------------------------------------------------------------------------------------------------------------------
# The strip
# ---------------------------------------------------------------------------------------------------------------------


def texts(drawn):
    return ["".join(text.itertext()) for text in ET.fromstring(drawn).iter("{http://www.w3.org/2000/svg}text")]


def test_a_strip_has_a_picture_for_each_step():
    x = Value(3.0, label="x")
    y = (x + 1) * x
    y.label = "y"
    strip = draw_steps(y)
    words = texts(strip.svg)
    assert [text for text in words if ":" in text] == [
        "The sweep starts: dy/dy = 1",
        "1. y → v1: dy/dy * ∂y/∂v1 = 1 * 3 = 3, so dy/dv1 = 3",
        "2. y → x: dy/dy * ∂y/∂x = 1 * 4 = 4, so dy/dx: 4 so far",
        "3. v1 → x: dy/dv1 * ∂v1/∂x = 3 * 1 = 3, so dy/dx = 7",
    ]
    assert [text for text in words if text.startswith("grad") and text != "grad 1"] == [
        "grad 3", "grad 4 so far", "grad 3", "grad 7", "grad 3",
    ]  # fmt: skip
    assert strip.svg.count("<g transform") == 4
    assert strip._repr_mimebundle_()["image/svg+xml"] == strip.svg
    assert repr(strip) == "<Strip of 3 steps>"
    assert x.grad is None


def test_a_strip_of_the_named_variables_is_not_longer_than_its_limit():
    y = define(NET, POINT)["E"]
    assert "… 4 more steps" in texts(draw_steps(y, named=True, limit=5).svg)
    assert len(steps(y, named=True)) == 9


def test_a_strip_of_a_leaf():
    assert "The sweep starts: dx/dx = 1" in texts(draw_steps(Value(1.0, label="x")).svg)


def test_the_strip_in_the_terminal(tmp_path, capsys):
    file = tmp_path / "strip.svg"
    assert main(["step", "y = x*z; z = x + 1", "--at", "x=2", "--svg", str(file)]) == 0
    assert f"drawn in {file}\n" in capsys.readouterr().out
    assert "1. y → x: dy/dy * ∂y/∂x" in "".join(texts(file.read_text(encoding="utf-8")))
