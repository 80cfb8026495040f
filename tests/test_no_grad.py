"""``no_grad`` and ``enable_grad`` for numbers; ``test_tensor.py`` has those for arrays."""

from __future__ import annotations

import copy
import math
import pickle
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import (
    PRIMITIVES,
    RecordingError,
    Tensor,
    Value,
    affine,
    check_gradients,
    compile,
    dot,
    enable_grad,
    grad,
    hessian,
    jvp,
    no_grad,
    primitive,
    relu,
    softmax,
    stack,
    topological_order,
    where,
)
from autograd.core.grad_mode import grad_enabled
from autograd.core.scope import enter_scope
from autograd.core.watching import Watcher, listeners, watch
from autograd.testing import check_primitive

x, y = Value(0.5, label="x"), Value(0.25, label="y")

OPERATIONS: dict[str, Callable[[], Any]] = {
    "+": lambda: x + y,
    "+ constant": lambda: x + 2,
    "constant -": lambda: 2 - x,
    "*": lambda: x * y,
    "/": lambda: x / y,
    "constant /": lambda: 1 / x,
    "**": lambda: x**y,
    "%": lambda: x % y,
    "//": lambda: x // y,
    "unary +": lambda: +x,
    "unary -": lambda: -x,
    "abs": lambda: abs(x),
    "method": lambda: x.exp(),
    "relu": lambda: x.relu(),
    "row": lambda: relu(x),
    "infinite slope": lambda: (x * 0.0).sqrt(),
    "clip": lambda: x.clip(0.0, y),
    "where": lambda: where(x > y, x, y),
    "affine of one": lambda: affine([x], [y], 1.0),
    "affine": lambda: affine([x, y], [y, x], x),
    "dot": lambda: dot([x, y], [y, x]),
    "sum": lambda: autograd.sum([x, y, x]),
    "np.sin": lambda: np.sin(x),
    "np.float64": lambda: np.float64(2.0) * x,
    "Item": lambda: Tensor([1.0]).value(),
    "stack": lambda: stack([x, y]),
    "array": lambda: np.array([1.0, 2.0]) * x,
    "array operation": lambda: softmax(stack([x, y])),
    "array of Values": lambda: (np.array([x, y]) * 2.0)[0],
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_results_are_leaves(name: str) -> None:
    recorded = OPERATIONS[name]()
    before = sys.getrefcount(x)
    with no_grad():
        plain = OPERATIONS[name]()
    assert (plain.op, plain.operands, plain.parents) == (None, (), ())
    assert type(plain) is (Tensor if isinstance(recorded, Tensor) else Value)
    np.testing.assert_array_equal(plain.data, recorded.data)
    assert sys.getrefcount(x) == before
    with no_grad(), enable_grad():
        again = OPERATIONS[name]()
    assert again.op is recorded.op is not None
    assert len(again.parents) == len(recorded.parents) > 0
    assert not listeners


@pytest.mark.parametrize("name", [name for name, op in PRIMITIVES.items() if not op.variadic])
def test_every_row(name: str) -> None:
    op = PRIMITIVES[name]
    operands = [Value(next(t for t in (0.5, 1.0, 2.0, 0.0) if t in interval)) for interval in op.domain]
    if name in ("i0", "i1", "iv"):
        pytest.importorskip("scipy")
    with no_grad():
        plain = op(*operands)
    assert (plain.op, plain.operands, plain.slopes) == (None, (), ())
    assert repr(plain.data) == repr(op(*operands).data)
    plain.backward()
    assert [operand.grad for operand in operands] == [None] * len(operands)


def test_a_row_of_a_user_that_takes_any_number_of_operands() -> None:
    @primitive(lambda xs, out: [1.0] * len(xs))
    def total(*xs):
        return math.fsum(xs)

    with no_grad():
        assert total(x, y, 1.0).op is None
    assert total(x, y, 1.0).parents == (x, y)


def test_as_a_decorator_and_after_an_exception() -> None:
    @no_grad()
    def f(x: Value) -> Value:
        return x * x

    assert (f(x).op, f(x).data) == (None, 0.25)
    with pytest.raises(ZeroDivisionError), no_grad():
        x / 0.0
    assert (x * x).op is PRIMITIVES["multiply"]
    assert not listeners


def test_blocks_within_blocks() -> None:
    with no_grad():
        with enable_grad():
            with no_grad():
                assert (x * 2).op is None
            assert (x * 2).op is not None
        with no_grad():
            pass
        assert (x * 2).op is None
    assert (x * 2).op is not None


def test_a_generator_that_stops_inside_of_a_block() -> None:
    def numbers():
        with no_grad():
            yield x * 2

    paused = numbers()
    assert next(paused).op is None
    paused.close()
    assert (x * 2).op is not None
    assert not listeners


def test_threads_do_not_see_the_blocks_of_others() -> None:
    inside, done = threading.Event(), threading.Event()
    found: list[Any] = []

    def other() -> None:
        inside.wait()
        found.append((x * 2).op)
        with no_grad():
            found.append((x * 2).op)
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with no_grad():
        inside.set()
        assert done.wait(10.0)
        assert (x * 2).op is None
    thread.join()
    assert found == [PRIMITIVES["multiply"], None]


def test_copies_and_pickles_keep_the_graph_that_there_is() -> None:
    z = x * y
    with no_grad():
        copies = [copy.copy(z), copy.deepcopy(z), pickle.loads(pickle.dumps(z))]
    assert [found.op for found in copies] == [z.op] * 3


def test_transforms_record() -> None:
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert grad(grad(lambda x: x**3))(2.0) == 12.0
        assert hessian(lambda v: np.sum(v**3))(np.ones(2)).tolist() == [[6.0, 0.0], [0.0, 6.0]]
        assert jvp(lambda x: x * x, (3.0,), (1.0,)) == (9.0, 6.0)
        assert compile(lambda x: x * x)(3.0) == 9.0
        assert compile(lambda x: x * x).value_and_grad(3.0) == (9.0, 6.0)
        assert check_gradients(lambda x: x * x, 3.0, order=2).derivatives == 2
        check_primitive(PRIMITIVES["sin"])


def test_sweeps() -> None:
    a, b = Value(2.0), Value(3.0)
    z = a * a * b
    with no_grad():
        z.backward()
        assert (a.grad, b.grad) == (12.0, 4.0)
        a.grad = b.grad = None
        z.backward(create_graph=True)
    slope = a.grad
    a.grad = b.grad = None
    slope.backward()
    assert (a.grad, b.grad) == (6.0, 4.0)
    t = Tensor([2.0])
    u = (t**3).sum()
    with no_grad():
        u.backward(create_graph=True)
    slope, t.grad = t.grad, None
    slope.backward()
    assert t.grad.tolist() == [12.0]


def test_what_is_computed_inside_is_a_constant_of_the_function() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            scale = x * 2.0 + autograd.sum([x, x, x])
        return scale * x

    assert grad(f)(2.0) == 10.0
    assert grad(f)(np.array(2.0)) == 10.0
    leaf, outside = Value(2.0), Value(3.0)
    with enter_scope([leaf]) as scope:
        with no_grad():
            constants = [leaf * 2, affine([leaf], [leaf], 1.0), stack([leaf, leaf]), Tensor([1.0]) * 2.0]
        total = autograd.sum([np.sum(constant * leaf) for constant in constants]) * outside
        assert scope.captured(topological_order(total)) == [outside]


def test_inside_constants_are_wanted_so_nothing_is_said() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            scale = math.exp(x) + float(x * 2.0) + np.float64((x * 1.0).item())
        return scale * x

    assert grad(f)(2.0) == math.exp(2.0) + 6.0
    assert grad(f)(np.array(2.0)) == math.exp(2.0) + 6.0


@pytest.mark.parametrize("make", [lambda x: x * 2.0, lambda x: affine([x, x], [x, x], x), lambda x: stack([x, x])])
def test_a_watcher_is_told_that_a_number_is_read(make: Callable[[Any], Any]) -> None:
    class Reads(Watcher):
        def __init__(self) -> None:
            self.found: set[Any] = set()

        def read(self, value: Any, how: str) -> None:
            self.found.add((value, how))

    reads = Reads()
    watch(reads)
    try:
        with no_grad():
            make(x)
    finally:
        watch(None)
    assert reads.found == {(x, "no_grad()")}
    assert not listeners


def test_a_function_that_uses_it_cannot_be_compiled() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            scale = x * 2.0
        return scale * x

    with pytest.raises(RecordingError, match=r"the number of an input for no_grad\(\)"):
        compile(f)(3.0)


def test_one_block_may_be_entered_again() -> None:
    block = no_grad()
    with block:
        with block:
            assert not grad_enabled.get()
        assert not grad_enabled.get()
    assert grad_enabled.get()
    assert not listeners


def test_threads_may_share_a_block() -> None:
    block, entered, left = no_grad(), threading.Event(), threading.Event()
    found = []

    def enter() -> None:
        with block:
            entered.set()
            left.wait(60)
            found.append(grad_enabled.get())
        found.append(grad_enabled.get())

    other = threading.Thread(target=enter)
    with block:
        other.start()
        assert entered.wait(60)
    found.append(grad_enabled.get())
    left.set()
    other.join()
    assert found == [True, False, True]
    assert not listeners
