"""What a REPL shows of an object: one line, which says what it is and has no address."""

import xml.etree.ElementTree as ET
from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

import autograd
import nn
from autograd import (
    Value,
    autopsy,
    check_backprop,
    check_gradients,
    difference_errors,
    draw,
    exp,
    flows,
    groups,
    naive_sweep,
    paths,
    steps,
    what_if,
)
from nn import optim
from nn.data import batches
from nn.training import History

HOMEWORK = "x = np.ones(2)\nw = 2 * np.ones(2)\nloss = np.dot(w, x)\ndw = x\ndx = x\n"


def graph():
    x = Value(0.0, label="x")
    v = exp(x)
    v.label = "v"
    y = v * v
    y.label = "y"
    return x, y


def program():
    squared = autograd.compile(lambda a: a * a)
    squared(1.0)
    return squared.program(1.0)


def stepped():
    optimizer = optim.SGD([Value(1.0)], lr=0.5)
    schedule = optim.StepLR(optimizer, 1, gamma=0.5)
    schedule.step()
    return schedule


X, Y = graph()
P, Q = Value(1.0), Value(2.0)
SHOWN = [
    (lambda: draw(Y, named=True), "<Drawing of 3 boxes and 2 arrows>"),
    (lambda: autograd.pictures.draw.Drawing(body=["a", "b"]), "<Drawing of 2 lines of DOT>"),
    (lambda: next(iter(paths(Y, X))), "<path x → v → y: 2>"),
    (lambda: paths(Y, X), "<1 paths for dy/dx = 2.0>"),
    (lambda: paths(Y, X).graph, "<Dependencies of y: 3 nodes, 2 edges>"),
    (lambda: naive_sweep(Y), "<NaiveSweep of 3 nodes: the order happens to be right>"),
    (lambda: check_gradients(lambda a: 2.0 * a, 1.0), "<GradientCheck: 1 derivative agrees, deviation 0.0e+00>"),
    (lambda: check_backprop(HOMEWORK), "<BackpropCheck: 1 of 2 lines is right>"),
    (program, "<Program of 1 instructions for 1 operations, run by *>"),
    (lambda: optim.Adam([P, Q]), "Adam(2 parameters: lr=0.001)"),
    (lambda: optim.SGD([P], lr=0.1, momentum=0.9), "SGD(1 parameter: lr=0.1, momentum=0.9)"),
    (lambda: optim.SGD([{"params": [P], "lr": 1.0}, {"params": [Q]}], lr=2.0), "SGD(2 parameters: lr=1.0; lr=2.0)"),
    (stepped, "<StepLR after 1 steps: lr 0.25>"),
    (lambda: optim.ReduceLROnPlateau(optim.Adam([P])), "<ReduceLROnPlateau after 0 steps: lr 0.001>"),
    (lambda: batches(np.eye(3), np.ones(3), 2), "<2 batches of 2 from 3 samples>"),
]


@pytest.mark.parametrize(("make", "text"), SHOWN)
def test_an_object_is_shown_on_one_line(make, text):
    start, _, end = text.partition("*")
    shown = repr(make())
    assert shown.startswith(start)
    assert shown.endswith(end)
    assert "\n" not in shown
    assert " at 0x" not in shown


def test_an_optimizer_of_ones_own_shows_its_options():
    class Still(nn.optim.Optimizer):
        def update(self, x, g, s, o):
            return x

    assert repr(Still([P], lr=0.5, beta=2)) == "Still(1 parameter: lr=0.5, beta=2)"


def test_a_history_is_drawn():
    pytest.importorskip("matplotlib")
    history = History({"loss": [3.0, 2.0], "val_loss": [3.0, 2.5], "accuracy": [0.5, 0.9]})
    figure = history.plot()
    assert figure._repr_png_().startswith(b"\x89PNG")
    [axes] = figure.axes
    assert [line.get_ydata().tolist() for line in axes.lines] == [[3.0, 2.0], [3.0, 2.5]]
    assert [line.get_label() for line in history.plot("accuracy").axes[0].lines] == ["accuracy"]
    with pytest.raises(KeyError, match="the history has no 'acc': it has loss, val_loss, accuracy"):
        history.plot("acc")


TABLES = [
    (lambda: paths(Y, X), "x → v → y"),
    (lambda: steps(Y), "dy/dv = "),
    (lambda: flows(Y, X), "share"),
    (lambda: autopsy(Y), "all values are finite"),
    (lambda: check_gradients(lambda a: 2.0 * a, 1.0), "deviation"),
    (lambda: check_backprop(HOMEWORK), "code"),
    (lambda: difference_errors(exp, [0.0]), "central"),
    (program, "a * a"),
    (lambda: nn.Sequential(nn.Linear(2, 16), nn.Tanh()), "weight 16 × 2, bias 16"),
    (lambda: nn.MLP([2, 3, 1]), "<td>13</td>"),
    (lambda: nn.MLP([2, 3, 1]), "<td>Layer(2, 3, activation=tanh)</td>"),
    (lambda: History({"loss": [0.5, 0.25]}), "<td>0.25</td>"),
    (lambda: nn.perceptron.Perceptron([-12, 2, 3]).learn([[2, 2], [4, 0]], [+1, -1]), "new w"),
]


@pytest.mark.parametrize(("make", "text"), TABLES)
def test_a_notebook_shows_a_table(make, text):
    shown = make()
    bundle = shown._repr_mimebundle_()
    assert bundle["text/plain"] == str(shown)
    table = bundle["text/html"]
    assert table.startswith("<table")
    assert table.count("<tr>") == table.count("</tr>") > 1
    assert text in table
    assert set(shown._repr_mimebundle_(exclude=["text/html"])) <= {"text/plain", "text/latex", "image/svg+xml"}
    assert not hasattr(shown, "_repr_html_")


@pytest.mark.parametrize("make", [lambda: naive_sweep(Y), lambda: groups(Y), lambda: what_if(Y, X, 0.5)])
def test_a_notebook_shows_text(make):
    shown = make()
    assert shown._repr_mimebundle_() == {"text/plain": str(shown)}


def test_a_notebook_shows_the_ends_of_a_long_training():
    table = History({"loss": [1 / k for k in range(1, 101)]})._repr_mimebundle_()["text/html"].partition("\n<svg")[0]
    assert table.count("<tr>") == 22
    assert "<td>…</td>" in table
    assert table.endswith("<pre>best epoch: 100</pre>")
    assert "text/html" not in History()._repr_mimebundle_()


# ---------------------------------------------------------------------------------------------------------------------
# Pictures for notebooks
# ---------------------------------------------------------------------------------------------------------------------


def drawn(shown):
    """The picture of a result, which its HTML has too; its texts, and how many elements of each kind it has."""
    bundle = shown._repr_mimebundle_()
    assert bundle["text/html"].endswith(bundle["image/svg+xml"])
    root = ET.fromstring(bundle["image/svg+xml"])
    texts = ["".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text")]
    return texts, Counter(element.tag.partition("}")[2] for element in root.iter())


def test_a_network_is_drawn_up_to_a_size():
    net = nn.MLP([2, 3, 1], rng=0)
    texts, counts = drawn(net)
    assert {"x1", "x2", "a1[1]", "a3[1]", "a1[2]"} <= set(texts)
    assert {f"{weight.data:.3g}" for neuron in net.layers[0].neurons for weight in neuron.weights} <= set(texts)
    assert counts["path"] == 2 * 9  # arrows and their heads
    texts, _ = drawn(nn.MLP([2, 16, 16, 1], rng=0))
    assert texts == ["inputs", "2", "layer 1", "16 × tanh", "layer 2", "16 × tanh", "layer 3", "1 × identity"]


def test_modules_in_a_row_are_drawn_and_the_middle_of_many_left_out():
    texts, _ = drawn(nn.Sequential(nn.Linear(2, 16), nn.Tanh()))
    assert texts == ["Linear", "48 numbers", "Tanh", "0 numbers"]
    texts, _ = drawn(nn.Sequential(*[nn.Linear(1, 1) for _ in range(1000)]))
    assert "978 more" in texts
    assert len(texts) < 70
    assert "image/svg+xml" not in nn.Sequential()._repr_mimebundle_()
    assert "image/svg+xml" not in nn.ModuleList([nn.Tanh()])._repr_mimebundle_()  # which no order of calls is known of


def test_a_program_is_drawn_up_to_a_size():
    f = autograd.compile(lambda w, x: (w * x - 1.0) ** 2, batch="x")
    texts, _ = drawn(f.program(2.0, np.ones(3)))
    assert {"w", "x", "samples", "v1", "= w * x", "for each sample"} <= set(texts)
    rows = autograd.compile(lambda x: sum(autograd.exp(x * k) for k in range(60)))
    assert len(drawn(rows.program(1.0))[0]) < 30  # steps side by side are one box
    long = autograd.compile(lambda x: sum((b - a**2) ** 2 for a, b in pairwise(x)))
    assert "image/svg+xml" not in long.program(np.ones(100))._repr_mimebundle_()


def test_a_history_is_drawn_with_few_points():
    losses = [1 / k for k in range(1, 10_001)]
    losses[5000] = float("nan")
    texts, counts = drawn(History({"loss": losses, "val_loss": losses, "accuracy": losses}))
    assert {"loss", "val_loss", "epoch", "1", "10000", "0.0001"} <= set(texts)
    assert "accuracy" not in texts
    assert counts["polyline"] == 4  # two curves, each in two pieces
    assert len(History({"loss": losses})._repr_mimebundle_()["image/svg+xml"]) < 5000
    assert "image/svg+xml" not in History({"loss": [float("nan"), 1.0]})._repr_mimebundle_()
    assert "<b>loss" in drawn(History({"loss": [2.0, 2.0], "<b>loss": [2.0, 2.0]}))[0]
