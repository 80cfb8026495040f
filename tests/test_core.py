"""The core in both of its forms: what is written for C does what the Python it stands for does, and leaves nothing."""

from __future__ import annotations

import ast
import doctest
import gc
import inspect
import math
import os
import pickle
import random
import shutil
import subprocess
import sys
import threading
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd.core.value
from autograd import PRIMITIVES, Tensor, Value, adjoints, affine, relu, show_config, topological_order, where
from autograd.core import config
from autograd.core.rules import affine_map, dot_product, maximum
from autograd.core.value import Scalar, dot, record
from autograd.core.watching import Watcher, watch

COMPILED = config.configuration()["compiled core"] == "yes"
only_compiled = pytest.mark.skipif(not COMPILED, reason="the core runs as Python source here")
floats = st.one_of(st.floats(), st.sampled_from([0.0, -0.0, 1.0, -1.0, 2.0, 0.5, 710.0, -746.0, 1e308, 5e-324]))


def run(program: str, folder: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    """A program in a Python of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, **environment})


# ---------------------------------------------------------------------------------------------------------------------
# What is written out from the table
# ---------------------------------------------------------------------------------------------------------------------


def same(one: float, other: float) -> bool:
    """Whether two numbers are the same bit for bit; nan is nan."""
    return (one == other and math.copysign(1.0, one) == math.copysign(1.0, other)) or (one != one and other != other)


def outcome(compute: Callable[[], Value]) -> Any:
    try:
        return compute()
    except (ArithmeticError, ValueError) as error:
        return error


def assert_same(one: Any, other: Any) -> None:
    """Two nodes with the same number and the same slopes, or two errors that say the same."""
    if isinstance(other, Exception):
        assert (type(one), one.reason) == (type(other), other.reason)
        return
    assert one.op is other.op
    assert same(one.data, other.data)
    assert all(map(same, one.slopes, other.slopes))


WRITTEN = [op for op in PRIMITIVES.values() if Value in op.methods]
OPERATORS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "power": lambda x, y: x**y,
    "mod": lambda x, y: x % y,
    "floor_divide": lambda x, y: x // y,
}


@pytest.mark.parametrize("op", WRITTEN, ids=str)
@given(x=floats)
def test_a_function_that_is_written_out_is_its_row(op: Any, x: float) -> None:
    v = Value(x)
    expected = outcome(lambda: record(op, (v,)))
    assert_same(outcome(lambda: op(v)), expected)
    assert_same(outcome(getattr(v, op.name)), expected)


@pytest.mark.parametrize("name", OPERATORS)
@given(x=floats, y=floats)
def test_an_operator_is_its_row(name: str, x: float, y: float) -> None:
    op, apply = PRIMITIVES[name], OPERATORS[name]
    for operands in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
        assert_same(outcome(lambda pair=operands: apply(*pair)), outcome(lambda pair=operands: record(op, pair)))


@given(st.lists(st.tuples(floats, st.booleans()), min_size=3, max_size=9).filter(lambda terms: len(terms) % 2))
def test_affine_is_its_row(terms: list[tuple[float, bool]]) -> None:
    operands = [Value(x) if is_node else x for x, is_node in terms]
    n = len(operands) // 2
    if any(is_node for _, is_node in terms):
        assert_same(affine(operands[:n], iter(operands[n:-1]), operands[-1]), record(affine_map, tuple(operands)))
    else:
        assert type(affine(operands[:n], operands[n:-1], operands[-1])) is float


def test_sums_of_products_take_any_sequence() -> None:
    w, x = Value(2.0), Value(3.0)
    assert affine(iter([w, 1]), (x, True), 4).data == 11.0
    assert dot((w, x), iter([w, x])).op is dot_product
    assert isinstance(affine([w], [Tensor([1.0, 2.0])], 0.0), Tensor)
    with pytest.raises(TypeError, match="takes numbers and Values"):
        affine([w], ["x"], 0.0)


def test_a_subclass_computes_as_its_base_does() -> None:
    class Weight(Value):
        __slots__ = ("note",)

    w, v = Weight(3.0, label="w"), Value(2.0)
    w.note = "a weight"
    assert [y.slopes for y in (w * v, v * w, w * 2, 2 * w)] == [(2.0, 3.0), (3.0, 2.0), (2.0, 0.0), (0.0, 2.0)]
    assert [y.slopes for y in (w - v, v - w, w / v)] == [(1.0, -1.0), (1.0, -1.0), (0.5, -0.75)]
    (v * w - w / v + affine([w], [v], w)).backward()
    assert w.grad == 2.0 - 0.5 + 2.0 + 1.0  # d(vw - w/v + wv + w)/dw
    assert (w.note, type(w), repr(w)) == ("a weight", Weight, "Value(3.0, label='w', grad=4.5)")


# ---------------------------------------------------------------------------------------------------------------------
# The sweep
# ---------------------------------------------------------------------------------------------------------------------


def tangled(rng: random.Random, size: int) -> tuple[list[Value], Value]:
    """A graph of all kinds of nodes with much sharing, whose slopes are now and then 0, infinite or nan."""
    leaves = [Value(rng.choice([rng.uniform(-2, 2), 0.0, math.inf, math.nan])) for _ in range(4)]
    nodes = list(leaves)
    for _ in range(size):
        x, y, z = (rng.choice(nodes[-8:]) for _ in range(3))
        nodes.append(
            rng.choice(
                [
                    lambda x=x, y=y: x * y,
                    lambda x=x, y=y: x + y,
                    lambda x=x: relu(x),
                    lambda x=x: 0.5 * x,
                    lambda x=x, y=y: maximum(x, y),
                    lambda x=x, y=y, z=z: where(x > 0, y, z),
                    lambda x=x, y=y, z=z: affine([x, 2.0], [y, z], x),
                    lambda x=x: -x,
                ]
            )()
        )
    return leaves, nodes[-1]


@pytest.mark.parametrize("seed", range(60))
def test_the_sweep_of_values_is_that_of_all_nodes(seed: int) -> None:
    leaves, y = tangled(random.Random(seed), 40)
    expected = adjoints(topological_order(y), -1.5)
    for times in (1, 2):
        y.backward(-1.5)
        for node, gradient in expected.items():
            total = (0.0 if gradient is None else gradient) * (times if node.op is None else 1)
            assert same(node.grad + 0.0, total + 0.0)
    assert all(leaf.grad is None for leaf in leaves if leaf not in expected)


def test_a_graph_through_arrays_is_swept_as_one() -> None:
    x = Value(2.0)
    t = Tensor([1.0, 3.0])
    y = (t * x).sum().value() * x + x
    for times in (1, 2):
        y.backward()
        assert (x.grad, t.grad.tolist()) == (times * 17.0, [times * 4.0, times * 4.0])  # 4x² + x


def test_a_recorded_gradient_stays_in_the_leaves() -> None:
    x = Value(2.0)
    h = x * x
    (h * x).backward(create_graph=True)
    assert isinstance(x.grad, Value)
    assert (h.grad, type(h.grad)) == (2.0, float)
    h.backward()  # a plain gradient is added to the recorded one
    assert isinstance(x.grad, Value)
    assert x.grad.item() == 12.0 + 4.0
    x.grad = None


def test_threads_sweep_graphs_that_share_leaves() -> None:
    x = Value(1.0)
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for k in range(1, 60):
                z = Value(float(k))
                y = x * z
                for _ in range(50):
                    y = y + x * z
                y.backward()
                assert z.grad == 51.0
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


# ---------------------------------------------------------------------------------------------------------------------
# Memory
# ---------------------------------------------------------------------------------------------------------------------


def neurons(x: Any, length: int) -> Any:
    for _ in range(length):
        x = affine([x, 0.5], [1.0, x], 0.0)
    return x


def crossing(x: Any, length: int) -> Any:
    for _ in range(length):
        x = (Tensor([1.0]) * x).sum().value()
    return x


def tree(x: Any, length: int) -> Any:
    """Long on both sides of every node."""
    left, right = x * 1.0, x * 1.0
    for _ in range(length):
        left, right = left * right, right + 0.0
    return left


def nested(x: Any, length: int) -> Any:
    for _ in range(length):
        x = where(x > 1e9, x * 2.0, affine([x, x], [0.25, 0.25], x * 0.5) + 0.0)
    return x


@pytest.mark.parametrize("build", [neurons, crossing, tree, nested])
def test_what_is_dropped_is_freed_without_recursion_and_without_the_collector(build: Any) -> None:
    x = Value(0.5)
    gc.collect()
    held, tracked = sys.getrefcount(x), len(gc.get_objects())
    gc.disable()
    try:
        build(x, 20_000).backward()
        x.grad = None
        assert sys.getrefcount(x) == held
        assert gc.collect() == 0
        assert len(gc.get_objects()) <= tracked + 50
    finally:
        gc.enable()


@only_compiled
def test_nodes_are_not_tracked_by_the_collector() -> None:
    x = Value(0.5)
    assert not any(map(gc.is_tracked, (x, x * x, relu(x), affine([x], [1.0], x))))


@only_compiled
def test_a_node_takes_no_more_than_130_bytes_after_a_sweep_too() -> None:
    tracemalloc.start()
    try:
        x = Value(0.5)
        for _ in range(100_000):
            x = x * 0.999
        x.backward()
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert size < 130 * 100_000


@only_compiled
def test_a_chain_of_ten_million() -> None:
    program = """
from autograd import Value
x = y = Value(1.0)
for _ in range(10_000_000):
    y = -y
y.backward()
print(x.grad)
del y
print("freed")
"""
    assert run(program).stdout == "1.0\nfreed\n"


def test_a_node_whose_finalizer_computes() -> None:
    class Last(Value):
        def __del__(self) -> None:
            y = self * 2.0 + 1.0
            y.backward()
            seen.append(self.grad)

    seen: list[Any] = []
    y = Last(3.0) * 1.0
    for _ in range(1000):
        y = y * 1.0
    del y
    assert seen == [2.0]


# ---------------------------------------------------------------------------------------------------------------------
# Watching
# ---------------------------------------------------------------------------------------------------------------------


def test_a_watcher_is_told_of_every_node_of_its_thread() -> None:
    class Made(Watcher):
        def __init__(self) -> None:
            self.nodes: list[Any] = []

        def made(self, node: Any) -> None:
            assert node.parents
            self.nodes.append(node)

    made = Made()
    x, t = Value(2.0), Tensor([1.0, 2.0])
    before = watch(made)
    try:
        thread = threading.Thread(target=lambda: x * x)
        thread.start()
        thread.join()
        total = t.sum()
        expected = [total, total.value(), x + 1, relu(x), affine([x], [2.0], 1.0), maximum(x, 1.0), t * 2]
        assert (x < 3.0, x == 2.0, float(x)) == (True, True, 2.0)  # asked, this one changes nothing
        with pytest.raises(ValueError, match="log"):
            Value(-1.0).log()
    finally:
        assert watch(before) is made
    assert [id(node) for node in made.nodes] == [id(node) for node in expected]
    count = len(made.nodes)
    x * x
    assert len(made.nodes) == count


# ---------------------------------------------------------------------------------------------------------------------
# Both forms
# ---------------------------------------------------------------------------------------------------------------------

MAKE = "a, b = Value(2.0, label='a'), Value(-3.0); y = affine([a, b], [b, 4.0], a).tanh() * a / b; y.backward()"
PICKLED = f"import pickle, sys; from autograd import *; {MAKE}; sys.stdout.write(pickle.dumps(y).hex())"


@pytest.mark.parametrize("pure", ["0", "1"])
def test_a_pickle_is_read_by_the_other_form_too(pure: str) -> None:
    y = pickle.loads(bytes.fromhex(run(PICKLED, PATHGRAD_PURE=pure).stdout))
    expected: dict[str, Any] = {}
    exec(f"from autograd import *; {MAKE}", expected)
    assert repr(topological_order(y)) == repr(topological_order(expected["y"]))
    assert [node.slopes for node in topological_order(y)] == [n.slopes for n in topological_order(expected["y"])]


def test_the_environment_asks_for_the_source() -> None:
    program = "import autograd; print(autograd.core.value.__spec__.origin); autograd.show_config()"
    lines = run(program, PATHGRAD_PURE="1").stdout.splitlines()
    assert lines[0].endswith("value.py")
    parts = ("compiled core:", "compiled arrays:", "vector functions:", "compiled lanes:")
    assert lines[-4:] == [f"{part:<18}no: PATHGRAD_PURE is set" for part in parts]


def test_show_config_prints_the_configuration(capsys: pytest.CaptureFixture[str]) -> None:
    show_config()
    printed = [line.partition(":") for line in capsys.readouterr().out.splitlines()]
    assert {name: state.strip() for name, _, state in printed} == config.configuration()


def test_a_library_compiled_from_another_source_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PATHGRAD_PURE", raising=False)
    source, library = tmp_path / "value.py", tmp_path / f"value{config.EXTENSION_SUFFIXES[0]}"
    source.write_text("x = 1\n", encoding="utf-8")
    assert config._reason_for_source(source) == "it was installed without a C compiler"
    digest = config.hashlib.sha256(source.read_bytes()).hexdigest()
    library.write_bytes(b"\0code" + digest.encode() + b"\0")
    assert config._reason_for_source(source) == ""
    source.write_text("x = 2\n", encoding="utf-8")
    reason = config._reason_for_source(source)
    assert reason == f"value.py was edited after {library.name} was compiled: recompile it with pip install -e ."


@only_compiled
def test_an_edited_source_runs_in_place_of_the_library_compiled_from_it(tmp_path: Path) -> None:
    package = Path(autograd.__file__).parent
    copy = tmp_path / "autograd"
    shutil.copytree(package, copy, ignore=shutil.ignore_patterns("__pycache__"))
    program = "import autograd; print(autograd.core.value.edited)"
    with open(copy / "core" / "value.py", "a", encoding="utf-8") as file:
        file.write("\nedited = 1\n")
    ran = run(program, tmp_path, PATHGRAD_PURE="0")
    assert ran.stdout == "1\n"
    assert "RuntimeWarning: pathgrad runs more slowly than it could: value.py was edited after" in ran.stderr


def test_the_doctests_of_the_core_are_found_in_both_forms() -> None:
    found = {test.name for test in doctest.DocTestFinder().find(autograd.core.value) if test.examples}
    tree = ast.parse(Path(autograd.core.value.__file__).read_text(encoding="utf-8"))
    kinds = (ast.FunctionDef, ast.ClassDef)
    classes = {node.name: node for node in tree.body if isinstance(node, ast.ClassDef)}
    scopes = {"autograd.core.value": tree} | {
        f"autograd.core.value.{name}": classes[name] for name in ("Scalar", "Value")
    }
    written = {
        f"{prefix}.{node.name}"
        for prefix, scope in scopes.items()
        for node in scope.body  # type: ignore[attr-defined]
        if isinstance(node, kinds) and ">>>" in (ast.get_docstring(node) or "")
    }
    assert found == written


def test_people_find_help_and_signatures() -> None:
    assert inspect.getdoc(Value).startswith("A number in a computation graph.")
    assert "def backward" in inspect.getsource(Scalar)
    assert "def tanh" in inspect.getsource(Value)

    class Weight(Value):
        def __init__(self, size: int) -> None:
            super().__init__(1.0 / size)

    assert [str(inspect.signature(kind)) for kind in (Value, Weight)] == [
        "(data, label=None)",
        "(size: 'int') -> 'None'",
    ]
    assert list(inspect.signature(Value.backward).parameters) == ["self", "seed", "create_graph"]
    assert list(inspect.signature(affine).parameters) == ["weights", "inputs", "bias"]
    assert inspect.getdoc(Value.tanh).startswith("The hyperbolic tangent")


def test_numpy_scalars_on_either_side() -> None:
    v = Value(3.0)
    for number in (np.float64(2.0), np.float32(2.0), np.int64(2), 2, True + 1):
        assert [(y.data, y.parents) for y in (number * v, v * number, number + v)] == [
            (6.0, (v,)),
            (6.0, (v,)),
            (5.0, (v,)),
        ]


@only_compiled
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="page faults are counted on Linux")
@pytest.mark.skipif("PYTHONMALLOC" in os.environ, reason="another allocator than Python's own")
@pytest.mark.skipif(not getattr(sys, "_is_gil_enabled", lambda: True)(), reason="off without the GIL")
def test_the_memory_of_a_large_graph_serves_the_next_one() -> None:
    program = """
from resource import RUSAGE_SELF, getrusage
from autograd import Value, no_grad

def chain(n):
    y = x = Value(1.0)
    for _ in range(n):
        y = y * 0.999 + x
    return y

with no_grad():
    chain(1000)
for _ in range(2):
    y = chain(300_000)
    del y
before = getrusage(RUSAGE_SELF).ru_minflt
y = chain(300_000)
print(getrusage(RUSAGE_SELF).ru_minflt - before)
"""
    done = run(program)
    assert done.stderr == ""
    assert int(done.stdout) < 2000  # of 112 bytes each, the nodes fill 16,000 pages
