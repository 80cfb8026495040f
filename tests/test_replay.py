"""Calls of a compiled function that were made before: in one step, with the same result as the long way."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pytest

from autograd import Value, compile, exp, grad, no_grad, sqrt, where
from autograd.compiler.native_machine import is_compiled

pytestmark = [
    pytest.mark.same_in_both_modes,
    pytest.mark.skipif(not is_compiled(), reason="the native machine is not compiled here"),
]

RNG = np.random.default_rng(0)


def warm(f: Any, *args: Any, **options: Any) -> Any:
    """A compiled function, called until its recording has been compared, which is done for two different points."""
    for _ in range(2):
        f.value_and_grad(*args, **options)
    f.value_and_grad(*[x * 1.5 for x in args], **options)
    f(*args)
    return f


def is_replayed(f: Any, *args: Any, key: Any = 0) -> bool:
    """Whether a call takes one step."""
    return f._replayed(key, args, {}) is not None


def test_floats_and_arrays_of_any_shape() -> None:
    f = compile(lambda a, x, y: a * (x[0] * x[1] + y[1, 0]) + y[0, 2] ** 2)
    args = (2.0, np.array([3.0, 4.0]), np.arange(6.0).reshape(2, 3))
    warm(f, *args, argnums=(0, 1, 2))
    assert is_replayed(f, *args, key=(0, 1, 2))
    value, (a, x, y) = f.value_and_grad(*args, argnums=(0, 1, 2))
    assert (value, a, x.tolist(), y.tolist()) == (34.0, 15.0, [8.0, 6.0], [[0.0, 0.0, 4.0], [2.0, 0.0, 0.0]])
    assert (type(value), type(a)) == (float, float)
    assert f(*args) == 34.0
    assert f.grad(*args, argnums=[2])[0].tolist() == y.tolist()
    assert f.value_and_grad(*args, argnums="a") == (34.0, 15.0)
    assert f.value_and_grad(*args, argnums=-3) == (34.0, 15.0)


def test_a_batch_of_any_size() -> None:
    f = compile(lambda w, x, t: (w[0] * x[0] + w[1] * exp(x[1]) - t) ** 2, batch=("x", "t"))
    w = np.array([0.5, -1.5])

    def expected(x: Any, t: Any) -> Any:
        residual = w[0] * x[:, 0] + w[1] * np.exp(x[:, 1]) - t
        return np.mean(residual**2), [np.mean(2 * residual * x[:, 0]), np.mean(2 * residual * np.exp(x[:, 1]))]

    x, t = RNG.normal(size=(7, 2)), RNG.normal(size=7)
    warm(f, w, x, t)
    for n in (7, 3, 1000, 1, 64, 7):
        x, t = RNG.normal(size=(n, 2)), RNG.normal(size=n)
        assert is_replayed(f, w, x, t)
        value, gradient = f.value_and_grad(w, x, t)
        assert value == pytest.approx(expected(x, t)[0])
        assert gradient == pytest.approx(expected(x, t)[1])
        assert f(w, x, t) == value
    for bad in ((x, t[:-1]), (x[:0], t[:0]), (x[:, :1], t)):
        with pytest.raises((ValueError, IndexError)):
            f(w, *bad)


@pytest.mark.parametrize(
    "x",
    [
        [1.0, 2.0],
        (1.0, 2.0),
        np.array([1, 2]),
        np.array([1.0, 2.0], np.float32),
        np.array([1.0, 9.0, 2.0])[::2],
        np.array([1.0, 2.0]).astype(">f8"),
        np.array([1.0, 2.0, 3.0]),
    ],
)
def test_other_arguments_take_the_long_way(x: Any) -> None:
    f = warm(compile(lambda x: x[0] ** 2 * x[1]), np.array([1.0, 2.0]))
    assert not is_replayed(f, x)
    value, gradient = f.value_and_grad(x)
    assert float(np.ravel(value)[0]) == 2.0
    assert np.ravel(gradient)[:2].tolist() == [4.0, 1.0]


def test_nodes_and_keywords_take_the_long_way() -> None:
    f = warm(compile(lambda x, y: x**2 * y), 3.0, 2.0)
    assert is_replayed(f, 3.0, 2.0)
    assert f(x=3.0, y=2.0) == f(3.0, y=2.0) == 18.0
    assert f.value_and_grad(3.0, y=2.0) == (18.0, 12.0)
    assert isinstance(f(Value(3.0), 2.0), Value)
    assert grad(grad(f))(3.0, 2.0) == 4.0
    with no_grad():
        assert f(3.0, 2.0) == 18.0
    inner = compile(lambda x: f(x, 2.0) + 1.0)  # it is recorded, not called
    assert inner.value_and_grad(3.0) == (19.0, 12.0)


def test_what_has_changed_outside_is_noticed() -> None:
    scale, numbers, table = 2.0, [1.0, 2.0], np.array([1.0])
    f = warm(compile(lambda x: x * scale * sum(numbers) * table[0]), 1.0)
    assert is_replayed(f, 1.0)
    assert f(1.0) == 6.0
    scale = 3.0
    assert f.value_and_grad(1.0) == (9.0, 9.0)
    scale = 2.0
    assert f.value_and_grad(1.0) == (6.0, 6.0)
    numbers.append(3.0)
    assert f.value_and_grad(1.0) == (12.0, 12.0)
    table[0] = 2.0
    assert f.value_and_grad(1.0) == (24.0, 24.0)
    assert f(1.0) == 24.0


def test_captured_nodes_are_never_replayed() -> None:
    w = Value(2.0)
    f = warm(compile(lambda x: w * x), 3.0)
    assert not is_replayed(f, 3.0)
    assert isinstance(f(3.0), Value)
    w.data = 5.0
    assert f.value_and_grad(3.0) == (15.0, 5.0)


def test_a_branch_that_is_not_taken_gives_no_nan() -> None:
    f = compile(lambda x: where(x[0] > 0, sqrt(x[0]), 0.0) + x[1])
    warm(f, np.array([4.0, 1.0]))
    assert is_replayed(f, np.array([4.0, 1.0]))
    value, gradient = f.value_and_grad(np.array([0.0, 1.0]))
    assert (value, gradient.tolist()) == (1.0, [0.0, 1.0])
    assert np.isnan(f(np.array([0.0, np.nan])))


def test_results_belong_to_the_caller() -> None:
    x = np.arange(20.0)
    f = warm(compile(lambda x: sum([y**2 for y in x])), x)
    _, first = f.value_and_grad(x)
    kept = first.copy()
    x += 1.0
    _, second = f.value_and_grad(x)
    assert np.array_equal(first, kept)
    assert np.array_equal(second, 2 * x)
    second[:] = 0.0
    assert np.array_equal(f.value_and_grad(x)[1], 2 * x)


def test_several_threads_may_replay_one_program() -> None:
    f = compile(lambda w, x: sum([w[i] * exp(x * w[i]) for i in range(20)]), batch="x")
    samples = [RNG.normal(size=n) for n in (50_000, 10, 30_000, 50_000)]
    w = RNG.normal(size=20) / 10
    warm(f, w, samples[0])
    expected = [f.value_and_grad(w, x) for x in samples]
    same: dict[int, bool] = {}

    def work(i: int) -> None:
        found = [f.value_and_grad(w, samples[i]) for _ in range(5)]
        same[i] = all(y == expected[i][0] and np.array_equal(dy, expected[i][1]) for y, dy in found)

    threads = [threading.Thread(target=work, args=(i,)) for i in range(len(samples))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert same == dict.fromkeys(range(len(samples)), True)
