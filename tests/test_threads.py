"""Threads that share a batch: the same bits for any number of them, errors that reach the caller, and forks."""

from __future__ import annotations

import os
import pickle
import threading
from typing import Any

import numpy as np
import pytest

from autograd import Compiled, Value, compile, exp, sin, tanh, where
from autograd.compiler import native_machine
from autograd.compiler.native_machine import is_compiled
from autograd.compiler.threads import cores, shared

native = pytest.mark.skipif(not is_compiled(), reason="only the native machine shares batches")
COUNTS = (1, 2, 3, 4, None)


@pytest.fixture
def jobs(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every batch of two parts or more is shared; the list has the number of threads of each shared run."""
    found: list[int] = []

    def counted(job: Any, threads: int) -> None:
        found.append(threads)
        shared(job, threads)

    monkeypatch.setattr(native_machine, "_WORTH_SHARING", 0)
    monkeypatch.setattr(native_machine, "shared", counted)
    return found


def f(w: Any, x: Any) -> Any:
    y = tanh(w[0] * x[0] + w[1]) * exp(-x[1] * x[1])
    return where(x[0] > 0, y, sin(y) * w[1]) + w[0] ** 2


def everything(threads: int | None, w: Any, x: Any, v: Any) -> list[Any]:
    """All that a compiled function computes, with sums over the batch and without."""
    total, each = (compile(f, batch="x", reduction=how, threads=threads) for how in ("mean", "none"))
    found: list[Any] = []
    for _ in range(3):  # recorded, compared, replayed
        found = [total(w, x), *total.value_and_grad(w, x, argnums=("w", "x"))[1], each(w, x), each.jacobian(w, x)]
    return [*found, total.hessian(w, x), *total.hvp((w, x), v)]


@native
@pytest.mark.usefixtures("jobs")
@pytest.mark.parametrize("samples", [100, 16384, 20001, 50000])
def test_the_same_bits_for_any_number_of_threads(samples: int, jobs: list[int]) -> None:
    rng = np.random.default_rng(samples)
    w, x = np.array([0.7, -0.3]), rng.normal(size=(samples, 2))
    v = (rng.normal(size=2), rng.normal(size=x.shape))
    one, *others = [everything(threads, w, x, v) for threads in COUNTS]
    for other in others:
        for expected, found in zip(one, other, strict=True):
            assert np.asarray(found).tobytes() == np.asarray(expected).tobytes()
    parts = -(-samples // 8192)
    assert set(jobs) == ({min(n, parts) for n in (2, 3, 4, cores()) if n > 1} if samples > 100 else set())


def test_sums_over_parts_are_as_exact_as_others() -> None:
    x = np.random.default_rng(0).normal(size=100_000)
    total = compile(lambda x: x * x, batch=True, reduction="sum", threads=2)
    assert abs(total(x) - np.sum(x * x)) < 1e-14 * np.sum(x * x) * np.sqrt(x.size)


@pytest.mark.usefixtures("jobs")
def test_captured_values_and_seeds() -> None:
    x = np.random.default_rng(0).normal(size=20_000)
    w, found = Value(0.5), []
    for threads in (1, 4):
        w.grad = None
        g = compile(lambda x: sin(w * x), batch=True, threads=threads)
        g.backward(x, seed=3.0)
        g(x).backward()
        found.append(w.grad)
    assert found[0] == found[1]


@native
def test_small_batches_are_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(job: Any, threads: int) -> None:
        raise AssertionError("shared")

    monkeypatch.setattr(native_machine, "shared", refuse)
    g = compile(f, batch="x", threads=4)
    for _ in range(3):
        g(np.ones(2), np.ones((1000, 2)))
    with pytest.raises(AssertionError, match="shared"):
        g(np.ones(2), np.ones((200_000, 2)))


def test_arguments_that_do_not_fit_say_so_with_threads_too() -> None:
    g = compile(lambda x: x * x, batch=True, threads=2)
    for _ in range(3):
        g(np.ones(3))
    with pytest.raises(TypeError, match="takes arrays of real numbers"):
        g(1.0)
    with pytest.raises(TypeError, match="missing a required argument"):
        g()


@pytest.mark.parametrize("threads", [0, -1, 1.5, "2", True])
def test_counts_that_are_none(threads: Any) -> None:
    with pytest.raises(ValueError, match="threads is how many there are"):
        compile(f, threads=threads)


def test_copies_and_decorators_keep_the_number() -> None:
    assert compile(threads=3)(f).threads == 3
    assert pickle.loads(pickle.dumps(compile(f, threads=None))).threads is None

    class Model:
        @compile(threads=2)
        def loss(self, x: Any) -> Any:
            return x

    method: Compiled = Model().loss
    assert method.threads == 2


# ---------------------------------------------------------------------------------------------------------------------
# Jobs
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("wrong", [0, 1, 3])
def test_an_error_reaches_the_caller_when_all_jobs_have_ended(wrong: int) -> None:
    ended: list[int] = []

    def job(i: int) -> None:
        if i == wrong:
            raise ZeroDivisionError(f"job {i}")
        ended.append(i)

    with pytest.raises(ZeroDivisionError, match=f"job {wrong}"):
        shared(job, 4)
    assert sorted([*ended, wrong]) == [0, 1, 2, 3]
    shared(ended.append, 4)  # the threads are still there


def test_the_first_job_runs_in_the_thread_of_the_caller() -> None:
    threads = [threading.current_thread()] * 3
    shared(lambda i: threads.__setitem__(i, threading.current_thread()), 3)
    assert threads[0] is threading.current_thread()
    assert all(thread.name.startswith("pathgrad") for thread in threads[1:])


@native
@pytest.mark.usefixtures("jobs")
def test_several_threads_of_the_user_at_once() -> None:
    x = np.random.default_rng(0).normal(size=(30_000, 2))
    g = compile(f, batch="x", threads=3)
    expected = [g.value_and_grad(np.array([0.1 * i, 1.0]), x) for i in range(6)]
    found: list[Any] = [None] * 6

    def compute(i: int) -> None:
        for _ in range(5):
            found[i] = g.value_and_grad(np.array([0.1 * i, 1.0]), x)

    users = [threading.Thread(target=compute, args=(i,)) for i in range(6)]
    for user in users:
        user.start()
    for user in users:
        user.join()
    for (value, slope), (other, other_slope) in zip(expected, found, strict=True):
        assert value == other
        assert slope.tobytes() == other_slope.tobytes()


@native
@pytest.mark.usefixtures("jobs")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_a_forked_process_has_threads_of_its_own() -> None:
    x = np.random.default_rng(0).normal(size=(30_000, 2))
    g = compile(f, batch="x", threads=2)
    expected = g(np.ones(2), x)
    child = os.fork()
    if child == 0:
        os._exit(0 if g(np.ones(2), x) == expected else 1)
    deadline = threading.Timer(60.0, os.kill, (child, 9))
    deadline.start()
    _, status = os.waitpid(child, 0)
    deadline.cancel()
    assert status == 0
