"""``compile``: the numbers of the eager engine, sample by sample, or a clear error; never another number."""

from __future__ import annotations

import copy
import math
import random
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd import Value, compile, exp, grad, jvp, log, native, sin
from autograd.recording import RecordingError


@pytest.fixture(scope="module", params=["native", "NumPy"], autouse=True)
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Everything is run on both machines."""
    if request.param == "native" and not native.supports("add"):
        pytest.skip("the native machine is not compiled here")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "NumPy":
            patch.setattr(native, "supports", lambda op: False)
        yield request.param


def is_left_alone() -> bool:
    """Whether eager computations are what they always are: nobody watches any more."""
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


kept: list[Any] = []


def counted(x: Any) -> Any:
    kept.append(x)
    return x * len(kept)


def keeping(x: Any) -> Any:
    kept.append(x)
    return kept[0] * x


def assigned(x: Any) -> Any:
    w.data = 3.0
    return w * x


READING: dict[str, tuple[Callable[[Any], Any], str]] = {
    "if": (lambda x: x if x > 0 else -x, "the number of a result of greater for if, while"),
    "and": (lambda x: x and 1.0, "the number of an input for if, while"),
    "max": (lambda x: max(x, 0.0), "the number of a result of less for if, while"),
    "in": (lambda x: 1.0 if x in [w] else 2.0, "the number of a result of equal for if, while"),
    "float": (lambda x: math.sin(x), r"the number of an input for float\(\)"),
    "int": (lambda x: [x][int(x)], r"the number of an input for int\(\)"),
    "round": (lambda x: round(x), r"the number of an input for round\(\)"),
    "data": (lambda x: x * w.data, r"the number of w for \.data"),
    "grad": (lambda x: x * w.grad, r"the number of w for \.grad"),
    "numpy": (lambda x: np.isnan(x), r"the number of an input for float\(\)"),
    "copy": (lambda x: x * copy.copy(w), "the number of w for a copy"),
    "deepcopy": (lambda x: x * copy.deepcopy(w), "the number of w for a copy"),
    "assign": (assigned, r"assign to \.data of w"),
    "backward": (differentiated, r"assign to \.grad of a result of multiply"),
    "refresh": (lambda x: (w * x).refresh(), r"assign to \.data of a result of multiply"),
}


@pytest.mark.parametrize("name", READING)
def test_what_depends_on_how_large_a_number_is_is_refused(name: str) -> None:
    f, message = READING[name]
    with pytest.raises(RecordingError, match=message) as caught:
        compile(f)(2.0)
    if "copy" not in name:  # there it is a line of the module copy
        line = f.__code__.co_firstlineno
        assert int(re.findall(rf"\({re.escape(__file__)}:(\d+)\)", str(caught.value))[0]) - line in (0, 1, 2)
    assert (w.data, w.grad) == (2.0, 5.0)
    assert is_left_alone()


CHANGING: dict[str, Callable[[Any], Any]] = {
    "random number": lambda x: x * random.random(),
    "random choice of a formula": lambda x: x if len(kept) % 2 or kept.append(x) else x * x,
    "count": counted,
    "Values of an earlier run": keeping,
    "number as text": lambda x: x * float(f"{x:.3f}"),
    "slopes": lambda x: x * (x * x).slopes[0],
    "structure": lambda x: [x] if len(kept) % 2 or kept.append(x) else (x,),
}


@pytest.mark.parametrize("name", CHANGING)
def test_what_is_not_the_same_each_time_is_refused(name: str) -> None:
    kept.clear()
    with pytest.raises(RecordingError, match="must do the same each time"):
        compile(CHANGING[name])(2.0)
    assert is_left_alone()


@pytest.mark.parametrize(
    "returned",
    ["3", None, 1j, [1.0, "3"], {1.0}, np.array([1.0]), iter([1.0])],
)
def test_only_numbers_are_returned(returned: Any) -> None:
    with pytest.raises(RecordingError, match="returns numbers, in nested lists, tuples and dicts, but there is"):
        compile(lambda x: returned)(1.0)


def test_values_that_are_made_inside_are_numbers() -> None:
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


def test_what_is_returned_may_change_later() -> None:
    buffer: list[Any] = [None]

    def f(x: Any) -> list[Any]:
        buffer[0] = 2.0 * x
        return buffer

    g = compile(f)
    assert g(1.0) == [2.0]
    buffer.append("something")
    assert g(2.0) == [4.0]


# ---------------------------------------------------------------------------------------------------------------------
# Errors leave nothing behind, and threads do not meet
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_exception_in_the_function_is_handed_on(error: type[BaseException]) -> None:
    fail = True

    def f(x: Any) -> Any:
        if fail:
            raise error("inside")
        return x * x

    g = compile(f)
    with pytest.raises(error, match="inside"):
        g(1.0)
    assert is_left_alone()
    fail = False
    assert g.value_and_grad(3.0) == (9.0, 6.0)


def test_threads_record_and_compute_at_the_same_time() -> None:
    """One function waits, while it is recorded, until another was recorded and eager computations were made."""
    inside, done = threading.Event(), threading.Event()
    failures: list[BaseException] = []

    def slow(x: Any) -> Any:
        inside.set()
        assert done.wait(20)
        return x if x > 0 else -x

    def record_slow() -> None:
        with pytest.raises(RecordingError, match="if, while"):
            compile(slow)(1.0)
        assert is_left_alone()

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
    assert is_left_alone()  # in this thread, while the other one is watched
    assert compile(lambda x: x * x).value_and_grad(3.0) == (9.0, 6.0)
    with pytest.raises(RecordingError, match="if, while"):
        compile(lambda x: x if x > 0 else -x)(1.0)
    assert is_left_alone()
    done.set()
    recorder.join(20)
    assert not failures
    assert is_left_alone()


def test_threads_call_one_function_at_the_same_time() -> None:
    """All of them find it without recording and programs, and make these at the same time."""
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
