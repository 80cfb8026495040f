"""``compile``: the numbers of the eager engine, sample by sample, or a clear error; never a different number."""

from __future__ import annotations

import copy
import gc
import itertools
import math
import pickle
import random
import re
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
from autograd import (
    PRIMITIVES,
    GraphLeftError,
    Primitive,
    Tensor,
    Value,
    affine,
    arctan2,
    compile,
    dot,
    erf,
    exp,
    gelu,
    grad,
    hvp,
    jacobian,
    jvp,
    log,
    no_grad,
    primitive,
    sigmoid,
    sin,
    sqrt,
    tanh,
    where,
)
from autograd.compiler.collector import paused
from autograd.compiler.recording import RecordingError
from autograd.compiler.specialization import Specialization
from autograd.testing import Graph, graphs, points
from nn import MLP, optim

pytestmark = pytest.mark.usefixtures("machine")


def eager_works() -> bool:
    """Whether eager computations work as usual: no watcher is left behind."""
    x = Value(2.0)
    y = x * x if x > 1 else x
    y.backward()
    with pytest.raises(ValueError, match="log"):
        log(Value(-1.0))
    return (y.data, float(x), x.grad) == (4.0, 2.0, 4.0)


# ---------------------------------------------------------------------------------------------------------------------
# What cannot be recorded
# ---------------------------------------------------------------------------------------------------------------------

w = Value(2.0, label="w")
w.grad = 5.0


def differentiated(x: Any) -> Any:
    y = w * x
    y.backward()
    return x.grad


def assigned(x: Any) -> Any:
    w.data = 3.0
    return w * x


def plainly(f: Callable[..., Any], **options: Any) -> Any:
    """A compiled function of plain numbers, also if it is called with nodes."""
    compiled = autograd.compile(f, **options)

    class Plain:
        def __call__(self, *args: Any, **kwargs: Any) -> Any:
            with no_grad():
                return compiled(*args, **kwargs)

        def __getattr__(self, name: str) -> Any:
            return no_grad()(getattr(compiled, name))

    return Plain()


READING: dict[str, tuple[Callable[[Any], Any], str]] = {
    "if": (lambda x: x if x > 0 else -x, "the number of a result of greater for if, while"),
    "and": (lambda x: x and 1.0, "the number of an input for if, while"),
    "max": (lambda x: max(x, 0.0), "the number of a result of less for if, while"),
    "in": (lambda x: 1.0 if x in [w] else 2.0, "the number of a result of equal for if, while"),
    "int": (lambda x: [x][int(x)], r"the number of an input for int\(\)"),
    "round": (lambda x: round(x), r"the number of an input for round\(\)"),
    "data": (lambda x: x * w.data, r"the number of w for \.data"),
    "grad": (lambda x: x * w.grad, r"the number of w for \.grad"),
    "copy": (lambda x: x * copy.copy(w), "the number of w for a copy"),
    "deepcopy": (lambda x: x * copy.deepcopy(w), "the number of w for a copy"),
    "assign": (assigned, r"assign to \.data of w"),
    "backward": (differentiated, r"assign to \.grad of a result of multiply"),
    "refresh": (lambda x: (w * x).refresh(), r"assign to \.data of a result of multiply"),
}


@pytest.mark.parametrize("name", READING)
def test_using_the_size_of_a_number_is_refused(name: str) -> None:
    f, message = READING[name]
    with pytest.raises(RecordingError, match=message) as caught:
        compile(f)(2.0)
    if "copy" not in name:  # whose line is in the module copy
        line = f.__code__.co_firstlineno
        assert int(re.findall(rf"\({re.escape(__file__)}:(\d+)\)", str(caught.value))[0]) - line in (0, 1, 2)
    assert (w.data, w.grad) == (2.0, 5.0)
    assert eager_works()


LEAVING: dict[str, Callable[[Any], Any]] = {
    "math": lambda x: math.sin(x),
    "isnan": lambda x: x if np.isnan(x) else 2.0 * x,
    "float of a captured Value": lambda x: x * float(w),
    "an array": lambda x: np.array([1.0, x * x], dtype=float)[1],
}


@pytest.mark.parametrize("name", LEAVING)
def test_a_number_does_not_leave_the_graph(name: str) -> None:
    with pytest.raises(TypeError) as caught:
        compile(LEAVING[name])(2.0)
    causes = [caught.value, caught.value.__cause__]  # NumPy raises an error of its own
    assert any(isinstance(error, (GraphLeftError, RecordingError)) for error in causes)
    assert eager_works()


def swallowed(x: Any, read: Callable[[Any], Any]) -> Any:
    try:
        return read(x) * 0.0 + x
    except Exception:
        return 5.0 * x


@pytest.mark.parametrize(
    ("read", "error", "message"),
    [
        (float, GraphLeftError, r"float\(\) .*graph"),
        (math.sin, GraphLeftError, r"float\(\) .*graph"),
        (bool, RecordingError, "for if, while"),
        (lambda x: w.data, RecordingError, r"the number of w for \.data"),
        (lambda x: setattr(w, "data", 9.0), RecordingError, r"assign to \.data of w"),
    ],
)
def test_an_error_that_the_function_swallows_is_raised_again(
    read: Callable[[Any], Any], error: type[Exception], message: str
) -> None:
    f = compile(lambda x: swallowed(x, read))
    for _ in range(2):
        with pytest.raises(error, match=message):
            f(2.0)
    assert w.data == 2.0
    assert eager_works()


CHANGING: dict[str, Callable[[Any], Any]] = {
    "random number": lambda x: x * random.random(),
    "random choice of a formula": lambda x: x if next(counter) % 2 else x * x,
    "count": lambda x: x * next(counter),
    "number as text": lambda x: x * float(f"{x:.3f}".removeprefix("Value(").partition(",")[0]),
    "slopes": lambda x: x * (x * x).slopes[0],
    "structure": lambda x: [x] if next(counter) % 2 else (x,),
}

counter = itertools.count()


@pytest.mark.parametrize("name", CHANGING)
def test_functions_that_differ_from_run_to_run_are_refused(name: str) -> None:
    """The second call, if it has other numbers, records again and compares; a batch compares two of its samples."""
    for x in (2.0, 1.0, 0.0, -1.0):
        f = compile(CHANGING[name])
        f(x)
        for _ in range(2):
            with pytest.raises(RecordingError, match="must do the same each time"):
                f(x + 1.0)
        with pytest.raises(RecordingError, match="must do the same each time"):
            compile(CHANGING[name], batch=True)(np.array([x, x - 1.0]))
        if "number as text" != name != "slopes":
            f = compile(CHANGING[name])
            f(x)
            with pytest.raises(RecordingError, match="must do the same each time"):
                f(x)
    assert eager_works()


def test_a_function_that_changes_what_it_reads_is_recorded_at_each_call() -> None:
    seen: list[Any] = []

    def counted(x: Any) -> Any:
        seen.append(x)
        return x * len(seen)

    f = compile(counted)
    assert [f(2.0), f(2.0), f.value_and_grad(3.0), f(3.0)] == [2.0, 4.0, (9.0, 3.0), 12.0]


def test_only_the_numbers_of_the_user_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(x: Any) -> Any:
        print(f"{x:.2f}")
        return x * x

    f = compile(shown)
    for x in (2.0, 2.0, 2.0, 3.0, 4.0):
        assert f(x) == x * x
    assert capsys.readouterr().out.split() == ["2.00", "2.00", "3.00"]
    compile(shown, batch=True)(np.array([5.0, 6.0, 7.0]))
    assert capsys.readouterr().out.split() == ["5.00", "6.00"]


@pytest.mark.parametrize(
    "returned",
    ["3", None, 1j, [1.0, "3"], {1.0}, np.array([1.0]), iter([1.0])],
)
def test_only_numbers_can_be_returned(returned: Any) -> None:
    with pytest.raises(RecordingError, match="returns numbers, in nested lists, tuples and dicts, not"):
        compile(lambda x: returned)(1.0)


def test_values_created_inside_are_constants() -> None:
    def total(xs: Any) -> Any:
        result = Value(0.5)
        for x in xs:
            result = result + w * x
        return result

    f = compile(total)
    assert f.value_and_grad([1.0, 2.0]) == (6.5, [2.0, 2.0])
    assert f([3.0, 4.0]) == 14.5


def test_transforms_inside_are_recorded() -> None:
    f = compile(lambda x: grad(lambda t: exp(w * t) * t)(x))
    g = compile(lambda x: jvp(lambda t: exp(w * t) * t, (x,), (1.0,))[1])
    for x in (0.0, 0.3):  # (t e^2t)' = (1 + 2t) e^2t, and its slope is (4 + 4t) e^2t
        for found in (f, g):
            assert found.value_and_grad(x) == pytest.approx(
                ((1 + 2 * x) * math.exp(2 * x), (4 + 4 * x) * math.exp(2 * x))
            )


def test_the_returned_structure_may_change_later() -> None:
    buffer: list[Any] = [None]

    def f(x: Any) -> list[Any]:
        buffer[0] = 2.0 * x
        return buffer

    g = compile(f)
    assert (g(1.0), g(2.0)) == ([2.0], [4.0])
    buffer.append(7.0)
    assert g(3.0) == [6.0, 7.0]


# ---------------------------------------------------------------------------------------------------------------------
# Exceptions and threads
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_exception_in_the_function_is_raised(error: type[BaseException]) -> None:
    fail = True

    def f(x: Any) -> Any:
        if fail:
            raise error("inside")
        return x * x

    g = compile(f)
    with pytest.raises(error, match="inside"):
        g(1.0)
    assert eager_works()
    fail = False
    assert g.value_and_grad(3.0) == (9.0, 6.0)


def test_threads_record_and_compute_at_the_same_time() -> None:
    """While one function is being recorded, another is recorded and eager computations run in another thread."""
    inside, done = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def slow(x: Any) -> Any:
        inside.set()
        assert done.wait(20)
        return x if x > 0 else -x

    def record_slow() -> None:
        with pytest.raises(RecordingError, match="if, while"):
            compile(slow)(1.0)
        assert eager_works()

    def guarded(work: Callable[[], None]) -> Callable[[], None]:
        def run() -> None:
            try:
                work()
            except BaseException as failure:
                failures.append(failure)

        return run

    recorder = threading.Thread(target=guarded(record_slow))
    recorder.start()
    assert inside.wait(20)
    assert eager_works()  # in this thread, while the other one records
    assert compile(lambda x: x * x).value_and_grad(3.0) == (9.0, 6.0)
    with pytest.raises(RecordingError, match="if, while"):
        compile(lambda x: x if x > 0 else -x)(1.0)
    assert eager_works()
    done.set()
    recorder.join(20)
    assert not failures
    assert eager_works()


def test_threads_call_one_function_at_the_same_time() -> None:
    """All threads call it for the first time, and record and compile at once."""
    x = np.linspace(0.0, 1.0, 50)
    slopes = [float(np.mean(x * np.cos(k * x))) for k in range(1, 30)]
    for _ in range(5):
        f = compile(lambda ks, x: sum(sin(k * x) for k in ks), batch="x")
        start = threading.Barrier(4)
        found: list[Any] = []

        def work(f: Any = f, start: threading.Barrier = start, found: list[Any] = found) -> None:
            start.wait(20)
            found.append(f.grad([*range(1, 30)], x, argnums="ks"))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert found == [pytest.approx(slopes)] * 4


def test_a_copy_records_for_itself() -> None:
    f = compile(lambda x: w * x, batch=True, reduction="sum")
    assert f(np.ones(3)) == 6.0
    for copied in (copy.copy(f), copy.deepcopy(f)):
        assert copied.value_and_grad(np.ones(2))[0] == 4.0


# ---------------------------------------------------------------------------------------------------------------------
# Primitives that users declare
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def table() -> Iterator[None]:
    """Removes what a test declares from the table."""
    before = set(PRIMITIVES)
    yield
    for name in set(PRIMITIVES) - before:
        del PRIMITIVES[name]


FORMULAS: dict[str, Callable[[Any], Any]] = {
    "written with rows of the table": lambda x: where(x > 0, exp(x), 1.0 + x),
    "with math, which takes numbers only": lambda x: math.exp(x) if x > 0 else 1.0 + x,
    "with methods of float": lambda x: math.exp(x) if x > 0 else 1.0 + x.conjugate(),
    "other for arrays": lambda x: np.max([math.exp(min(x, 0.0)) if x > 0 else 1.0 + x, math.exp(x) if x > 0 else -9.0]),
    "a number of another type": lambda x: np.float32(2.0),
}


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("formula", FORMULAS)
@pytest.mark.parametrize("samples", [1, 2, 5])
def test_formulas_of_users(formula: str, samples: int) -> None:
    """The declared slope, 7, counts, whatever the formula is; and two primitives may have the same name."""
    op = primitive(lambda x, out: 7.0, name="op")(FORMULAS[formula])
    other = Primitive("op", lambda x: math.floor(x), [lambda x, out: x * out], parameters=["x"])  # not in the table
    f = compile(lambda x, c: op(x) * op(c) + other(x), batch="x", reduction="none")
    x = np.linspace(-1.5, 2.0, samples)
    expected = [float(op(t)) * float(op(0.5)) + math.floor(t) for t in x.tolist()]
    assert f(x, 0.5).tolist() == pytest.approx(expected)
    slopes = [7.0 * float(op(0.5)) + t * math.floor(t) for t in x.tolist()]
    assert f.jacobian(x, 0.5).tolist() == pytest.approx(slopes)
    assert f.jacobian(x, 0.5, argnums="c").tolist() == pytest.approx([7.0 * float(op(t)) for t in x.tolist()])


@pytest.mark.usefixtures("table")
@pytest.mark.parametrize("name", ["total", "total_dot", "less", "end"])
def test_primitives_of_users_may_have_reserved_names(name: str) -> None:
    op = Primitive(name, lambda x, y: math.hypot(x, y), [lambda x, y, out: 3.0, lambda x, y, out: y], parameters="xy")
    f = compile(lambda x, y: op(x, y) * 2.0, batch="x", reduction="sum")
    x = np.array([3.0, 0.0])
    assert f.value_and_grad(x, 4.0, argnums=(0, 1))[0] == 18.0
    assert f.grad(x, 4.0, argnums=1) == 16.0
    assert f.grad(x, 4.0).tolist() == [6.0, 6.0]


def test_variadic_formulas_of_numbers() -> None:
    op = Primitive("most", lambda *xs: max(xs), [lambda xs, out: [x * 2.0 for x in xs]], parameters=None)
    f = compile(lambda x: op(*x), batch=True, reduction="none")
    x = np.random.default_rng(0).normal(size=(7, 80))
    assert f(x).tolist() == x.max(axis=1).tolist()
    assert f.jacobian(x).tolist() == (2.0 * x).tolist()


@pytest.mark.parametrize("samples", [None, 3])
def test_numbers_that_a_formula_refuses(samples: int | None) -> None:
    op = Primitive("mylog", lambda x: math.log(x), [lambda x, out: 1.0 / x], parameters=["x"])
    f = compile(lambda x: op(x), batch=samples is not None)
    with pytest.raises(ValueError, match=r"mylog: .* at x = -1\.0"):
        f(-1.0 if samples is None else np.array([1.0, -1.0, 2.0]))
    assert f(1.0 if samples is None else np.ones(3)) == 0.0
    assert compile(lambda x: op(x) if x is None else x)(2.0) == 2.0


def test_partials_that_take_numbers_only() -> None:
    op = Primitive("mysin", lambda x: math.sin(x), [lambda x, out: math.cos(x)], parameters=["x"])
    f = compile(lambda x: op(x))
    assert f(0.5) == math.sin(0.5)
    with pytest.raises(
        TypeError, match="derivative of mysin cannot be compiled because its partials take only numbers"
    ):
        f.grad(0.5)
    assert f(0.5) == math.sin(0.5)


# ---------------------------------------------------------------------------------------------------------------------
# Arguments of all kinds
# ---------------------------------------------------------------------------------------------------------------------


def test_arguments_left_out_have_no_tangent() -> None:
    """The Hessian of x y + y is [[0, 1], [1, 0]]; y is left out, so that the vector is (1, 0)."""
    f = compile(lambda x, y=2.0, *, name="static", z=(1.0, np.inf): x * y + y)
    assert f.hvp((3.0,), (1.0,)) == (0.0,)
    assert f.hvp((3.0, 2.0), (1.0, 0.0)) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: compile(lambda x: x, batch=True)(np.empty(0)), "the batch is empty"),
        (lambda: compile(lambda x: x[0], batch=True)(np.empty((0, 2))), "the batch is empty"),
        (lambda: compile(lambda x: x, batch=True)([]), "the batch is empty"),
        (
            lambda: compile(lambda x: x[0], batch=True)([[1.0, 2.0], [3.0]]),
            "the argument x takes the same number of entries for each",
        ),
        (
            lambda: compile(lambda x, y: x, batch=True)(np.ones(2), np.ones(3)),
            "the same number of samples, at least one, but have 2 and 3",
        ),
        (lambda: compile(lambda x: x, batch=True)(1.0), "the argument x takes arrays .* first axis counts the samples"),
        (lambda: compile(lambda x: x, batch=True)({"a": [1.0]}), r"the argument x takes arrays of real numbers"),
        (
            lambda: compile(lambda x: x)(np.array(["a"])),
            "the argument x takes arrays of real numbers, not an array of <U1",
        ),
        (lambda: compile(lambda x: x)(np.array([1j])), "not an array of complex128"),
        (lambda: compile(lambda x: x)({1.0}), "takes numbers, arrays and hashable objects"),
        (lambda: compile(lambda x: x).grad(1.0, argnums="y"), "has no argument 'y': it has x"),
        (lambda: compile(lambda x: x).grad(1.0, argnums=1), "has no argument 1: it has x"),
        (lambda: compile(lambda x: x, batch="y")(1.0), "has no argument 'y': it has x"),
        (lambda: compile(lambda x: x, reduction="max"), "reduction is mean, sum or none, not 'max'"),
        (lambda: compile(lambda x: [x, x]).grad(1.0), "returns 2 numbers: choose a reduction"),
        (lambda: compile(lambda x: []).grad(1.0), "returns 0 numbers"),
        (
            lambda: compile(lambda x: x, batch=True, reduction="none").grad(np.ones(2)),
            "returns a number for each sample",
        ),
        (lambda: compile(lambda x: [x, x]).backward(1.0), "returns 2 numbers: choose a reduction"),
        (lambda: compile(lambda x: [x, x]).backward(1.0, seed=1.0), "the value has 2 numbers, but the seed has 1"),
        (lambda: compile(lambda x: x).backward(1.0, seed=np.ones(2)), "seeds are numbers, not arrays"),
        (lambda: compile(lambda x: x).hvp((1.0,), (1.0, 2.0)), "hvp takes a vector in the structure of the arguments"),
        (lambda: compile(lambda x: x[0]).hvp(([1.0],), ([1.0, 2.0],)), "hvp takes a vector in the structure"),
        (lambda: compile(lambda x: x)(), "missing a required argument: 'x'"),
    ],
)
def test_clear_errors(call: Callable[[], Any], message: str) -> None:
    with pytest.raises((TypeError, ValueError), match=message):
        call()
    assert eager_works()


@pytest.mark.parametrize(
    ("seed", "slope"),
    [(1.0, 12.0), (np.array([1.0, 10.0, 100.0]), 543.0), (np.array([2.0]), 24.0), (Value(1.0), 12.0)],
)
def test_seeds_for_samples(seed: Any, slope: float) -> None:
    """Without reduction there is a seed for each sample, or one for all, also if the value is uniform."""
    a = Value(2.0)
    f = compile(lambda x: [a * x, 2.0 * a], batch=True, reduction="none")
    f.backward(np.array([1.0, 2.0, 3.0]), seed=[seed, seed])  # the slopes are 1, 2, 3 and 2, 2, 2
    assert a.grad == slope
    with pytest.raises(ValueError, match="there are 3 samples, but 2 in the seed"):
        f.backward(np.ones(3), seed=[np.ones(2), seed if np.size(seed) == 1 else 1.0])
    assert a.grad == slope


class Model:
    """An object with a compiled method, and one without."""

    def __init__(self, weight: float) -> None:
        self.weight = Value(weight)

    @compile(batch="x", reduction="sum")
    def loss(self, x: Any, power: Any = 2) -> Any:
        """The loss."""
        return (self.weight * x) ** power

    def plain(self, x: Any) -> Any:
        return self.weight * x


def test_methods() -> None:
    one, two = Model(1.0), Model(2.0)
    x = np.array([1.0, 2.0])
    assert (one.loss(x), two.loss(x), one.loss(x, power=3.0)) == (5.0, 20.0, 9.0)
    two.weight.data = 3.0
    assert two.loss.value_and_grad(x)[1].tolist() == [18.0, 36.0]
    two.loss.backward(x)
    assert (one.weight.grad, two.weight.grad) == (None, 30.0)
    assert (Model.loss.__doc__, one.loss.__name__) == ("The loss.", "loss")
    assert one.loss is one.loss is not two.loss
    assert compile(two.plain)(2.0) == 6.0
    for copied in (copy.copy(two), copy.deepcopy(two), pickle.loads(pickle.dumps(two))):
        copied.weight = Value(1.0)
        assert (copied.loss(x), two.loss(x)) == (5.0, 45.0)
    held = [weakref.ref(one), weakref.ref(two)]
    del one, two, copied
    gc.collect()
    assert [ref() for ref in held] == [None, None]


def test_static_arguments_are_distinguished() -> None:
    f = compile(lambda x, how: x * {"1": 5.0, "True": 7.0, "one": 9.0}[str(how)])
    found = [f(2.0, how) for how in (True, Decimal(1), "one", np.str_("one"), True)]
    assert found == [14.0, 10.0, 18.0, 18.0, 14.0]
    assert f.grad(2.0, "one", argnums=(0, 1)) == (9.0, None)


# ---------------------------------------------------------------------------------------------------------------------
# Against the eager engine
# ---------------------------------------------------------------------------------------------------------------------

ROWS = [row for row in PRIMITIVES.values() if not any(interval.fixed for interval in row.domain)]
SPECIAL = [0.0, -0.0, 1.0, -1.0, 2.0, math.inf, -math.inf, math.nan, 1e-310, 1e300, -1e300, 710.0]


def eager(f: Callable[..., Any], point: Sequence[float]) -> tuple[float, list[float]] | None:
    """Value and gradient of the eager engine; ``None`` where it raises."""
    leaves = list(map(Value, point))
    try:
        y = f(*leaves) + 0.0
    except (ArithmeticError, ValueError):
        return None
    if isinstance(y, float):  # it depends on no leaf
        return y, [0.0] * len(leaves)
    y.backward()
    return y.data, [0.0 if leaf.grad is None else leaf.grad for leaf in leaves]


def close(found: Any, expected: Any, scale: float = 1.0) -> bool:
    """The same to rounding, with nan and inf in the same places."""
    return bool(np.allclose(found, expected, rtol=1e-9, atol=1e-9 * scale, equal_nan=True))


def points_of(row: Primitive) -> st.SearchStrategy[tuple[float, ...]]:
    """Points in the domain, at its ends, on kinks, and outside."""
    n = st.integers(1, 5) if row.variadic else st.just(len(row.parameters))
    anywhere = n.flatmap(lambda n: st.tuples(*[st.sampled_from(SPECIAL) | st.floats(-3, 3)] * n))
    inside = points(row) | points(row, lattice=True)
    return inside | anywhere if row.kink is None else inside | anywhere | points(row, kinks=True)


@pytest.mark.parametrize("name", [row.name for row in ROWS])
def test_every_row_of_the_table(name: str) -> None:
    """With single numbers, and with samples all over the domain, where random operands are uniform."""
    row = PRIMITIVES[name]
    compiled: dict[Any, Any] = {}

    @settings(max_examples=15, deadline=None, database=None)
    @given(st.lists(points_of(row), min_size=1, max_size=12), st.randoms(use_true_random=False))
    def holds(drawn: list[tuple[float, ...]], rng: random.Random) -> None:
        n = len(drawn[0])
        samples = [point for point in drawn if len(point) == n and eager(row, point) is not None]
        if not samples:
            return
        one = compiled.setdefault(n, compile(lambda *xs: row(*xs)))
        value, gradient = one.value_and_grad(*samples[0], argnums=range(n))
        expected = eager(row, samples[0])
        assert expected is not None
        assert close(value, expected[0])
        assert close(gradient, expected[1])

        shared = tuple(i for i in range(n) if rng.random() < 0.3)
        samples = [tuple([samples[0][i] if i in shared else x for i, x in enumerate(point)]) for point in samples]
        samples = [point for point in samples if eager(row, point) is not None]
        batch = tuple(i for i in range(n) if i not in shared)
        if not batch:
            return
        many = compiled.setdefault((n, shared), compile(lambda *xs: row(*xs), batch=batch, reduction="none"))
        columns = [samples[0][i] if i in shared else np.array([point[i] for point in samples]) for i in range(n)]
        expecteds = [eager(row, point) for point in samples]
        assert close(many(*columns), [value for value, _ in expecteds])  # type: ignore[misc]
        for i in range(n):
            slopes = [gradient[i] for _, gradient in expecteds]  # type: ignore[misc]
            assert close(many.jacobian(*columns, argnums=i), slopes)

    holds()


WIDE = [row for row in ROWS if row.name not in ("erfinv", "iv", "i0", "i1", "polygamma", "lgamma", "digamma")]
EXACT = {"add", "subtract", "multiply", "negative", "positive", "absolute", "square", "maximum", "minimum", "relu"}
EXACT |= {"where", "clip", "sign", "floor", "mod", "sum", "dot", "affine"}
"""Rows that do not round small fractions."""


def is_well_posed(graph: Graph, point: Sequence[float]) -> bool:
    """Whether other rounding errors stay small: no operand is near a tie, a kink or the end of a domain."""
    numbers, exact = dict(zip(graph.leaves, point, strict=True)), set(graph.leaves)
    for name, (row, names) in graph.steps.items():
        operands = [numbers[x] if isinstance(x, str) else x for x in names]
        numbers[name] = row(*operands)
        if all(x in exact for x in names if isinstance(x, str)):
            if row.name in EXACT and not (math.isfinite(numbers[name]) and numbers[name] * 2.0**20 % 1):
                exact.add(name)
            continue
        corners = [0.0, *[end for interval in row.domain for end in (interval.low, interval.high)]]
        distances = [abs(x - corner) for x in operands for corner in corners]
        if any(x < 1e-6 for x in [*distances, 1.0 if row.kink is None else abs(float(row.kink(*operands)))]):
            return False
    return True


def agree(graph: Graph, points: np.ndarray[Any, Any], batch: Sequence[int], captured: Sequence[int], how: str) -> None:
    """Assert that a compiled graph gives what the eager engine gives for each sample, except where that raises.

    Args:
        graph: what to compile.
        points: a row for each leaf, with a number for each sample.
        batch: the leaves that differ from sample to sample.
        captured: the leaves that are captured Values, not arguments.
        how: the reduction.
    """
    n, samples = points.shape
    shared = [i for i in range(n) if i not in batch]
    points[shared] = points[shared, :1]
    found = [(place, eager(graph, column)) for place, column in enumerate(points.T.tolist())]
    kept = [place for place, result in found if result and is_well_posed(graph, points[:, place].tolist())]
    if not kept:
        return
    points, samples = points[:, kept], len(kept)
    values, slopes = (np.array(part) for part in zip(*[found[place][1] for place in kept], strict=True))  # type: ignore
    arguments = [i for i in range(n) if i not in captured]
    leaves = [Value(points[i, 0]) for i in range(n)]

    def f(*xs: Any) -> Any:
        given = dict(zip(arguments, xs, strict=True))
        return graph(*[given.get(i, leaves[i]) for i in range(n)])

    g = compile(f, batch=[arguments.index(i) for i in batch], reduction=how)
    xs = [points[i] if i in batch else points[i, 0] for i in arguments]
    with np.errstate(invalid="ignore"):
        total, totals = values.sum(), slopes.sum(axis=0)
    scale = 1.0 + float(np.abs(np.nan_to_num([*slopes.ravel(), *values], posinf=0.0, neginf=0.0)).sum())
    if how == "none":
        assert close(g(*xs), values)
        for place, i in enumerate(arguments):
            assert close(g.jacobian(*xs, argnums=place), slopes[:, i])
        g.backward(*xs, seed=1.0)
        gradients, count = [], 1
    else:
        count = samples if how == "mean" else 1
        value, gradients = g.value_and_grad(*xs, argnums=range(len(arguments)))
        assert close(value, total / count, scale)
        assert close(g.backward(*xs), value)
    for i, gradient in zip(arguments, gradients, strict=False):
        assert close(gradient, (slopes[:, i] if i in batch else totals[i]) / count, scale)
    for i in captured:
        used = leaves[i].grad is not None  # otherwise the output does not depend on it
        assert close(leaves[i].grad if used else 0.0, totals[i] / count, scale)


@settings(max_examples=60, deadline=None)
@given(st.data(), graphs() | graphs(primitives=WIDE), st.sampled_from(["mean", "sum", "none"]))
def test_graphs_against_loops_over_samples(data: st.DataObject, graph: Graph, how: str) -> None:
    n = len(graph.leaves)
    kinds = data.draw(st.lists(st.sampled_from(["batch", "shared", "captured"]), min_size=n, max_size=n))
    kinds[data.draw(st.integers(0, n - 1))] = "batch"
    samples = data.draw(st.integers(1, 4) | st.integers(1, 300))
    seed = data.draw(st.integers(0, 99))
    points = np.random.default_rng(seed).integers(-16, 17, (n, samples)) / 8  # with ties, and on kinks
    batch, captured = ([i for i in range(n) if kinds[i] == kind] for kind in ("batch", "captured"))
    agree(graph, points, batch, captured, how)


CHOOSING = ["where", "maximum", "minimum", "relu", "clip", "absolute", "leaky_relu"]
CHOOSING += ["sqrt", "cbrt", "arcsin", "hypot", "power", "multiply", "add", "subtract", "exp", "tanh", "square", "dot"]


@settings(max_examples=150, deadline=None)
@given(
    graphs(primitives=[PRIMITIVES[name] for name in CHOOSING]),
    st.lists(st.tuples(*[st.sampled_from([0.0, 1.0, -1.0, 0.5, 2.0, math.inf, -math.inf, math.nan])] * 3), min_size=1),
)
def test_branches_that_are_not_taken_and_infinite_slopes(graph: Graph, points: list[tuple[float, ...]]) -> None:
    """Where the eager engine gives a value, nan and inf are in the same places."""
    n = len(graph.leaves)
    for how in ("none", "sum"):
        agree(graph, np.array([point[:n] for point in points]).T.copy(), range(n), [], how)


@pytest.mark.parametrize("samples", [None, 1, 3])
def test_a_branch_that_is_not_taken_contributes_nothing(samples: int | None) -> None:
    def f(x: Any, a: Any) -> Any:
        u = sqrt(x) * a + log(exp(x) - 1.0) * w  # both slopes are infinite at 0
        return where(x > 1, u * u, 5.0 * x) + where(a > 7, 1.0 / x, a)

    x = 0.0 if samples is None else np.zeros(samples)
    one = 1.0 if samples is None else np.full(samples, 1.0 / samples)
    g = compile(f, batch="x" if samples else False)
    w.grad = None
    (at_x, at_a), at_w = g.grad(x, 3.0, argnums=("x", "a")), g.backward(x, 3.0) and w.grad
    assert (np.array_equal(at_x, 5.0 * one), at_a, at_w) == (True, 1.0, 0.0)
    assert g.hvp((x, 3.0), (one, 1.0))[1] == 0.0
    both = compile(lambda x, a: [f(x, a), f(x, a) * 2.0], batch="x" if samples else False, reduction="none")
    assert np.array_equal(both.jacobian(x, 3.0)[1], 10.0 * one * (samples or 1))
    w.grad = 5.0


# ---------------------------------------------------------------------------------------------------------------------
# Jacobians and Hessians
# ---------------------------------------------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(graphs(kinks=False), st.integers(1, 5), st.integers(0, 99))
def test_hvp_and_jacobian_against_the_transforms(graph: Graph, samples: int, seed: int) -> None:
    n = len(graph.leaves)
    point, vector = np.random.default_rng(seed).normal(size=(2, n, samples))
    columns = list(zip(point.T.tolist(), vector.T.tolist(), strict=True))
    expected = np.array([hvp(graph, x, v) for x, v in columns])
    scale = 1.0 + float(np.abs(expected).sum())
    f = compile(lambda *xs: graph(*xs))
    assert close(f.hvp(*columns[0]), expected[0], scale)

    def steps(*xs: Any) -> dict[str, Any]:
        return graph.run(xs)

    found, slopes = compile(steps).jacobian(*columns[0][0]), jacobian(steps)(*columns[0][0])
    assert found == {name: pytest.approx(slope, rel=1e-9, abs=1e-9) for name, slope in slopes.items()}

    many = compile(lambda *xs: graph(*xs), batch=True, reduction="sum")
    assert close(np.array(many.hvp(list(point), list(vector))).T, expected, scale)
    if n > 1:  # with a uniform argument
        shared = compile(lambda *xs: graph(*xs), batch=range(1, n), reduction="sum")
        columns = [([point[0, 0], *x[1:]], [vector[0, 0], *v[1:]]) for x, v in columns]
        first, *others = np.array([hvp(graph, x, v) for x, v in columns]).T
        found = shared.hvp([point[0, 0], *point[1:]], [vector[0, 0], *vector[1:]])
        assert close(found[0], first.sum(), scale)
        assert close(found[1:], others, scale)


FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "quotient": lambda x, y: (x * x + y) / (2 + sin(x * y)),
    "power": lambda x, y: (2 + sin(x)) ** (x * y) + (1 + y * y) ** 1.5,
    "sharing": lambda x, y: (lambda u: u * u * sin(u) + u)(exp(0.3 * x) + y * x),
    "roots": lambda x, y: sqrt(1 + x * x + y * y) * log(3 + x * y + y * y),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives_against_sympy(name: str) -> None:
    sympy = pytest.importorskip("sympy")
    from autograd.dialects.symbolic import symbol

    f = FUNCTIONS[name]
    s, t = symbol("x"), symbol("y")
    formula = f(s, t)

    def at(expression: Any, x: float, y: float) -> float:
        return float(expression.subs({s: sympy.Float(x, 40), t: sympy.Float(y, 40)}).evalf(30))

    g = compile(f)
    many = compile(f, batch="y", reduction="sum")
    ys = np.array([0.25, -0.75, 1.5])
    for x in (-1.1, 0.7):
        for y in ys.tolist():
            value, slopes = g.value_and_grad(x, y, argnums=("x", "y"))
            assert value == pytest.approx(at(formula, x, y), rel=1e-12)
            assert slopes == pytest.approx((at(formula.diff(s), x, y), at(formula.diff(t), x, y)), rel=1e-10, abs=1e-12)
            product = [at(2.0 * u.diff(s) - u.diff(t), x, y) for u in (formula.diff(s), formula.diff(t))]
            assert g.hvp((x, y), (2.0, -1.0)) == pytest.approx(product, rel=1e-9, abs=1e-12)
        at_x, at_y = many.hvp((x, ys), (2.0, np.full(3, -1.0)))
        first, second = (2.0 * u.diff(s) - u.diff(t) for u in (formula.diff(s), formula.diff(t)))
        assert at_x == pytest.approx(sum(at(first, x, y) for y in ys.tolist()), rel=1e-9)
        assert at_y == pytest.approx([at(second, x, y) for y in ys.tolist()], rel=1e-9, abs=1e-12)


def test_slopes_against_differences_in_many_digits() -> None:
    mpmath = pytest.importorskip("mpmath")
    f = compile(lambda x: erf(x) * gelu(x) + sigmoid(3.0 * x) ** 2, batch=True, reduction="none")
    x = np.linspace(-4.0, 4.0, 9)

    def formula(x: Any) -> Any:
        return mpmath.erf(x) * x * mpmath.ncdf(x) + (1 / (1 + mpmath.exp(-3 * x))) ** 2

    with mpmath.workdps(50):
        slopes = [float((formula(t + 1e-20) - formula(t - 1e-20)) / 2e-20) for t in map(mpmath.mpf, x.tolist())]
    assert f.jacobian(x).tolist() == pytest.approx(slopes, rel=1e-12)


def test_a_network_against_torch() -> None:
    torch = pytest.importorskip("torch")
    rng = np.random.default_rng(0)
    W, b, v, x = (rng.normal(size=shape) for shape in [(4, 3), (4,), (4,), (20, 3)])

    def f(W: Any, b: Any, v: Any, x: Any) -> Any:
        return sum(v[i] * tanh(W[i] @ x + b[i]) for i in range(4)) ** 2

    given = [torch.tensor(a, requires_grad=True) for a in (W, b, v, x)]
    loss = ((torch.tanh(given[3] @ given[0].T + given[1]) @ given[2]) ** 2).mean()
    loss.backward()
    value, gradients = compile(f, batch="x").value_and_grad(W, b, v, x, argnums=range(4))
    assert value == pytest.approx(loss.item())
    for gradient, tensor in zip(gradients, given, strict=True):
        np.testing.assert_allclose(gradient, tensor.grad.numpy(), rtol=1e-9, atol=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# Arguments and results
# ---------------------------------------------------------------------------------------------------------------------


def weighted(x: Any, y: Any) -> Any:
    """Σ (k + 1) x_k y_k: its gradient shows which number went where."""
    xs, ys = np.ravel(x), np.ravel(y)
    return sum((k + 1) * s * t for k, (s, t) in enumerate(zip(xs, ys, strict=True)))


base = np.arange(24.0).reshape(4, 6)
ARRAYS = {
    "transposed": base.T,
    "every second": base[::2, ::-3],
    "Fortran": np.asfortranarray(base),
    "float32": base.astype(np.float32),
    "int": base.astype(int),
    "bool": base > 5,
    "big endian": base.astype(">f8"),
    "read-only": np.broadcast_to(base[:1], (4, 6)),
    "Tensor": Tensor(base),
    "three axes": base.reshape(2, 3, 4).transpose(2, 0, 1),
}


@pytest.mark.parametrize("name", ARRAYS)
def test_arrays_of_all_kinds(name: str) -> None:
    x = ARRAYS[name]
    plain = np.array(x.numpy() if isinstance(x, Tensor) else x, float)
    compile = plainly if isinstance(x, Tensor) else autograd.compile
    weights = np.arange(1.0, plain.size + 1).reshape(plain.shape)
    y = np.cos(np.arange(plain.size)).reshape(plain.shape)
    value, (at_x, at_y) = compile(weighted).value_and_grad(x, y, argnums=(0, 1))
    assert value == pytest.approx(float((weights * plain * y).sum()))
    np.testing.assert_allclose(at_x, weights * y)
    np.testing.assert_allclose(at_y, weights * plain)
    many = compile(weighted, batch="x", reduction="none")
    y, weights = y[0], np.arange(1.0, plain[0].size + 1).reshape(plain.shape[1:])
    np.testing.assert_allclose(many(x, y), (weights * plain * y).reshape(len(plain), -1).sum(axis=1), atol=1e-12)
    np.testing.assert_allclose(many.jacobian(x, y), np.broadcast_to(weights * y, plain.shape))
    np.testing.assert_allclose(many.jacobian(x, y, argnums=1), weights * plain)


def test_numbers_of_all_kinds() -> None:
    f = compile(lambda x: x * x)
    for x in (3, 3.0, np.float32(3.0), np.int8(3), Fraction(3)):
        value, slope = f.value_and_grad(x)
        assert (value, slope, type(slope)) == (9.0, 6.0, float)
    for x in (Value(3.0), Value(1.0) + 2.0):
        value, slope = f.value_and_grad(x)
        assert (value.data, slope.data) == (9.0, 6.0)
    assert len(f._specializations) == 1
    for x in (np.array(3), Tensor(3.0)):
        value, slope = f.value_and_grad(x)
        assert (value.item() if isinstance(x, Tensor) else value, slope.shape, slope.item()) == (9.0, (), 6.0)


def test_arrays_may_be_overwritten_later() -> None:
    f = compile(lambda x, y: x[0] * y, batch="y", reduction="none")
    x, y = np.array([2.0]), np.array([1.0, 3.0])
    first, slope = f(x, y), f.jacobian(x, y, argnums="y")
    x[:], y[:] = 5.0, 7.0
    assert (first.tolist(), slope.tolist(), f(x, y).tolist()) == ([2.0, 6.0], [2.0, 2.0], [35.0, 35.0])
    first[:] = 0.0
    assert f(x, y).tolist() == [35.0, 35.0]


def test_arrays_without_numbers() -> None:
    f = compile(lambda x, y: sum(np.ravel(x), 2.0) * y, batch=True)
    value, gradients = f.value_and_grad(np.ones((3, 0, 2)), np.array([1.0, 2.0, 3.0]), argnums=(0, 1))
    assert (value, gradients[0].shape) == (4.0, (3, 0, 2))
    assert compile(lambda x: 3.0).grad(np.ones((2, 0))).shape == (2, 0)
    assert compile(lambda x, y: y).grad([], 2.0) == []


class Pair(NamedTuple):
    first: Any
    second: Any


def test_structures_in_and_out() -> None:
    def f(p: Any, *more: Any, scale: Any = 2.0, **others: Any) -> Any:
        return {
            "pair": Pair(p["a"][0] * scale, (p["a"][1],)),
            "constant": [1, np.float32(0.5), True, np.array(3.0)],
            "more": [x + others["shift"] for x in more],
            "nothing": [{}, ()],
        }

    g = compile(f)
    found = g({"a": (1.0, 2)}, 3.0, np.float32(4.0), shift=Value(10.0))
    assert found == {
        "pair": Pair(2.0, (2.0,)),
        "constant": [1.0, 0.5, 1.0, 3.0],
        "more": [13.0, 14.0],
        "nothing": [{}, ()],
    }
    assert isinstance(found["pair"], Pair)
    slopes = g.jacobian({"a": (1.0, 2)}, scale=5.0, shift=1.0)
    assert slopes["pair"] == Pair({"a": (5.0, 0.0)}, ({"a": (0.0, 1.0)},))
    assert g.jacobian({"a": (1.0, 2)}, shift=1.0, argnums="scale")["pair"].first == 1.0
    assert g.jacobian({"a": (1.0, 2)}, 7.0, shift=1.0, argnums="shift")["more"] == [1.0]
    assert g.jacobian({"a": (1.0, 2)}, 7.0, shift=1.0, argnums="more[0]")["more"] == [1.0]
    with pytest.raises(ValueError, match=r"has no argument 'more': it has p, scale, shift"):
        g.jacobian({"a": (1.0, 2)}, shift=1.0, argnums="more")


def test_each_structure_is_recorded() -> None:
    runs = itertools.count()

    def f(x: Any) -> Any:
        next(runs)
        return sum(x.values()) if isinstance(x, dict) else sum(x) if isinstance(x, (list, tuple)) else x

    g = compile(f)
    for argument, value in [([1.0, 2.0], 3.0), ((1.0, 2.0, 3.0), 6.0), ({"a": 4.0}, 4.0), (5.0, 5.0)] * 2:
        assert g(argument) == value
    assert g([3.0, 4]) == 7.0
    assert next(runs) == 2 * 4 + 1  # each twice, and lists once more, with other numbers


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
def test_functions_that_compute_little(reduction: str) -> None:
    """The value has constants, arguments, repeated Values, a captured Value and an empty list."""
    c = Value(3.0, label="c")

    def f(x: Any, y: Any) -> Any:
        z = x * y
        return [x, y, z, z, c, 5, [], z]

    x = np.array([1.0, 2.0])
    count = 2.0 if reduction == "sum" else 1.0
    per_sample = [x, np.full(2, 4.0), 4.0 * x, 4.0 * x, np.full(2, 3.0), np.full(2, 5.0), 4.0 * x]
    g = compile(f, batch="x", reduction=reduction)
    with no_grad():
        found = g(x, 4.0)
    assert found.pop(6) == []
    expected = per_sample if reduction == "none" else [part.mean() * count for part in per_sample]
    assert [np.asarray(part).tolist() for part in found] == [np.asarray(part).tolist() for part in expected]
    slopes = g.jacobian(x, 4.0, argnums="y")
    assert slopes.pop(6) == []
    expected = [np.zeros(2), np.ones(2), x, x, np.zeros(2), np.zeros(2), x]
    expected = expected if reduction == "none" else [part.mean() * count for part in expected]
    assert [np.asarray(part).tolist() for part in slopes] == [np.asarray(part).tolist() for part in expected]
    g.backward(x, 4.0, seed=[0, 0, 0, 0, 10.0, 0, 0])
    assert c.grad == (20.0 if reduction != "mean" else 10.0)


def test_a_function_may_change_its_arguments() -> None:
    def f(xs: Any, table: Any, array: Any) -> Any:
        xs.append(xs.pop(0) * 2.0)
        table["y"] = table.pop("x") + 1.0
        array[0] = array[1]
        return sum(xs) + table["y"] + array[0]

    g = compile(f)
    xs, table, array = [1.0, 2.0], {"x": 3.0}, np.array([5.0, 6.0])
    for _ in range(2):
        assert g.value_and_grad(xs, table, array, argnums=(0, 1))[1] == ([2.0, 1.0], {"x": 1.0})
        assert g(xs, table, array) == 14.0
    assert (xs, table, array.tolist()) == ([1.0, 2.0], {"x": 3.0}, [5.0, 6.0])


def test_default_arguments_and_positions() -> None:
    f = compile(lambda x, /, y=3.0, *, z=4.0: x * y + z, batch="y")
    y = np.array([1.0, 3.0])
    assert (f(2.0, y), f(2.0, y=y), f(2.0, z=1.0, y=y)) == (8.0, 8.0, 5.0)
    with pytest.raises(TypeError, match="the argument y takes arrays of real numbers whose first axis counts"):
        f(2.0)
    assert f.grad(2.0, y, argnums=-1) == 1.0


# ---------------------------------------------------------------------------------------------------------------------
# Free variables
# ---------------------------------------------------------------------------------------------------------------------


def test_captured_values_are_read_at_each_call_and_gradients_accumulate() -> None:
    a, b = Value(1.0, label="a"), Value(0.5)
    square, unused = a * a, Value(7.0)  # the result does not depend on it
    f = compile(lambda x: square * x + b * b + 0 * len([unused]), batch=True, reduction="sum")
    x = np.array([1.0, 2.0])
    assert (f(x), f.backward(x)) == (3.5, 3.5)
    assert (a.grad, b.grad, square.grad, unused.grad) == (6.0, 2.0, None, None)
    a.data, b.data = 3.0, 1.0
    assert f.backward(x) == 29.0  # a computed Value follows what it was computed from
    assert (a.grad, b.grad) == (6.0 + 18.0, 2.0 + 4.0)
    a.grad = None
    f.backward(x, seed=10.0)
    assert (a.grad, b.grad) == (180.0, 46.0)
    (a * x[0]).backward()
    assert a.grad == 181.0


factor, parameter = 2.0, Value(10.0)


def test_free_variables_are_looked_up_at_each_call(monkeypatch: pytest.MonkeyPatch) -> None:
    """Numbers, Values and functions, in the module, in enclosing functions and in comprehensions."""
    power, inner = 1, Value(100.0)

    helper: Any = Value.__pos__
    f = compile(lambda xs: sum(factor * x for x in xs) + parameter * inner * helper(xs[0]) ** power)
    here = globals()
    assert f([1.0, 2.0]) == 6.0 + 1000.0
    monkeypatch.setitem(here, "factor", 3.0)
    assert f([1.0, 2.0]) == 9.0 + 1000.0
    monkeypatch.setitem(here, "parameter", Value(10.0))
    here["parameter"].data = 20.0
    assert f([1.0, 2.0]) == 9.0 + 2000.0
    inner = Value(100.0)
    f.backward([1.0, 2.0])
    assert (inner.grad, here["parameter"].grad) == (20.0, 100.0)
    power = 2
    assert f([3.0, 2.0]) == 15.0 + 18000.0

    helper = Value.__neg__

    assert f([3.0, 2.0]) == 15.0 + 18000.0
    power = 1
    assert f([3.0, 2.0]) == 15.0 - 6000.0
    assert len(f._specializations) == 7


@pytest.mark.parametrize("zero", [0.0, -0.0])
def test_zeros_are_distinguished(zero: float) -> None:
    number = 1.0
    f = compile(lambda x: arctan2(number, x))
    f(-1.0)
    number = zero
    assert f(-1.0) == math.copysign(math.pi, zero)
    assert compile(lambda y: arctan2(y, -1.0))(zero) == math.copysign(math.pi, zero)
    number = math.nan
    assert math.isnan(f(-1.0))
    assert math.isnan(f(-1.0))
    assert len(f._specializations) == 3


def test_a_network_learns_as_in_the_eager_engine() -> None:
    def train(step: Callable[[Any, Any], float], model: Any) -> list[float]:
        optimizer = optim.Adam(model.parameters(), lr=0.05)
        losses = []
        for _ in range(10):
            optimizer.zero_grad()
            losses.append(step(X, y))
            optimizer.step()
        return losses

    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(15, 2)), rng.normal(size=15)
    one, two = MLP([2, 4, 1], rng=1), MLP([2, 4, 1], rng=1)
    compiled = compile(lambda x, y: (one(list(x)) - y) ** 2, batch=True)

    def eagerly(X: Any, y: Any) -> float:
        loss = sum((two(list(x)) - t) ** 2 for x, t in zip(X.tolist(), y.tolist(), strict=True)) / len(y)
        loss.backward()
        return loss.data

    assert train(compiled.backward, one) == pytest.approx(train(eagerly, two), rel=1e-9)
    assert [p.data for p in one.parameters()] == pytest.approx([p.data for p in two.parameters()], rel=1e-9)


# ---------------------------------------------------------------------------------------------------------------------
# Large functions
# ---------------------------------------------------------------------------------------------------------------------


def test_long_chains_do_not_recurse() -> None:
    n = 2_000

    def f(x: Any) -> Any:
        y = x
        for _ in range(n):
            y = y * 0.5 + y / 2.0 - (y - x) * 0.0  # equal to y, computed in six nodes
        return y

    g = compile(f)
    assert g.value_and_grad(3.0) == (3.0, 1.0)
    assert g.program(3.0).stats().nodes > 5 * n
    assert str(g.program(3.0, argnums=0)).count("\n") > n
    doubled = compile(lambda x: [x := x + x for _ in range(1000)][-1])  # 2^1000 paths
    assert doubled.value_and_grad(3.0) == (3.0 * 2.0**1000, 2.0**1000)
    assert str(doubled.program(3.0)).count("\n") == 1001


@pytest.mark.parametrize("samples", [None, 3])
def test_nodes_of_many_operands(samples: int | None) -> None:
    n = 3_000
    x, y = np.random.default_rng(0).normal(size=(2, n))
    f = compile(lambda x, y: affine(x, y, dot(x, y)) + sum(x), batch="y" if samples else False, reduction="sum")
    ys = y if samples is None else np.tile(y, (samples, 1))
    count = samples or 1
    value, (at_x, at_y) = f.value_and_grad(x, ys, argnums=(0, 1))
    assert value == pytest.approx(count * (2.0 * float(x @ y) + x.sum()))
    np.testing.assert_allclose(at_x, count * (2.0 * y + 1.0))
    np.testing.assert_allclose(at_y, np.broadcast_to(2.0 * x, ys.shape))


@pytest.mark.parametrize(
    "counting",
    [
        lambda x, n: sum(x * i for i in range(n)),
        lambda x, n: [x, 2 * x][n],
        lambda x, n: ([x] * n)[0],
    ],
)
def test_a_count_that_is_an_argument_is_refused_with_the_way_out(counting):
    with pytest.raises(
        RecordingError, match=rf"count or index with one of its numbers.*lambda.*\({re.escape(__file__)}:"
    ):
        compile(counting)(2.0, 1)
    assert compile(lambda x: counting(x, 1))(2.0) == counting(2.0, 1)


def test_functions_of_numpy_are_rows_of_the_table():
    assert compile(np.sin)(1.0) == math.sin(1.0)
    assert compile(np.add).grad(1.0, 2.0) == 1.0
    assert repr(compile(np.fabs)) == "<compiled absolute>"


@pytest.mark.parametrize(("function", "name"), [(max, "max"), (np.frexp, "frexp")])
def test_a_function_without_a_signature_is_refused(function, name):
    with pytest.raises(TypeError, match=rf"{name} does not tell its arguments: compile a function that calls it"):
        compile(function)


def test_a_callable_object_is_shown_by_its_type():
    class Double:
        __slots__ = ()

        def __call__(self, x):
            return 2 * x

    assert compile(Double())(3.0) == 6.0
    assert repr(compile(Double())) == "<compiled Double>"


def test_the_collector_is_paused_while_a_function_is_recorded() -> None:
    seen: list[bool] = []

    def f(x: Any) -> Any:
        seen.append(gc.isenabled())
        with paused():
            pass
        seen.append(gc.isenabled())
        return x * 4.0

    assert compile(f)(3.0) == 12.0
    assert seen == [False, False]
    assert gc.isenabled()
    with pytest.raises(ZeroDivisionError):
        compile(lambda x: x * (1 / 0))(2.0)
    assert gc.isenabled()
    gc.disable()
    try:
        compile(lambda x: x + x)(2.0)
        assert not gc.isenabled()
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("reduction", "seed"),
    [("mean", None), ("sum", [3.0]), ("sum", 0.0), ("none", 2.0), ("none", np.array([1.0, 0.0, -1.0, 2.0]))],
)
@pytest.mark.parametrize("first", [1.0, -1.0])
def test_backward_in_one_call_is_backward_step_by_step(first: float, reduction: Any, seed: Any) -> None:
    w, b = Value(0.5), Value(-2.0)
    x, t = np.array([first, 0.5, 2.0, 3.0]), np.array([1.0, 0.0, -1.0, 2.0])

    def loss(x: Any, t: Any) -> Any:
        return where(x > 0, log(w * x), b * x) * sin(t + b) + w  # log(-w) is nan, but is not chosen

    found = []
    for one_call in (True, False):
        f = compile(loss, batch=True, reduction=reduction)
        with nullcontext() if one_call else patch.object(Specialization, "_backward_call", lambda self: None):
            for _ in range(3):  # the first two are recorded
                w.grad = b.grad = None
                value = f.backward(x, t, seed=seed)
            found.append([np.asarray(value).tolist(), w.grad, b.grad])
    assert found[0] == found[1]
    assert np.all(np.isfinite(found[0][0]))


def test_a_comparison_of_numbers_and_values_in_one_array_is_refused_by_name() -> None:
    f = compile(lambda x: np.max(np.pad(np.array([x, x]), 1)))
    with pytest.raises(RecordingError, match=r"cannot use the number of an input for np\.\w+\(\)"):
        f(2.0)
