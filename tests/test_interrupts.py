"""Ctrl-C at every instruction of a step, a sweep and a training: everything has changed, or nothing."""

from __future__ import annotations

import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from autograd import Tensor, Value, enable_grad, no_grad
from autograd.core.grad_mode import grad_enabled
from autograd.core.scope import open_scopes
from autograd.core.watching import listeners
from nn import MLP, functional, optim
from nn.training import Training, fit
from nn.training.history import History
from tests.interrupts import interrupted, moments

# Where an interrupt falls into a destructor, Python prints it.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def nothing_stays_open() -> Iterator[None]:
    yield
    assert not open_scopes
    assert not listeners
    assert grad_enabled.get()


MOMENTS, SEED = 100, 0  # how many moments of each action, and which; make attack tries many more
TRIED = Counter({"moments": 0})


def kept(x: Any) -> Any:
    """The contents of nested data, for comparison."""
    if isinstance(x, dict):
        return {key: kept(entry) for key, entry in x.items()}
    if isinstance(x, (list, tuple)):
        return [kept(entry) for entry in x]
    if isinstance(x, (Value, Tensor)):
        return x.data if isinstance(x, Value) else x.numpy().tobytes()
    return x.tobytes() if isinstance(x, np.ndarray) else x


def check(make: Callable[[], tuple[Callable[[], object], Callable[[], Any]]]) -> None:
    """Interrupt an action at many moments: the state that it changes must be the one before or the one after."""
    action, state = make()
    before = kept(state())
    action()
    after = kept(state())
    assert before != after
    for at in moments(make()[0], MOMENTS, SEED):
        action, state = make()
        interrupted(action, at)
        now = kept(state())
        assert now in (before, after), f"half changed by an interrupt at instruction {at}"
        TRIED["moments"] += 1


OPTIMIZERS: dict[str, Callable[..., optim.Optimizer]] = {
    "SGD": lambda params: optim.SGD(params, lr=0.1, momentum=0.9),
    "Adam": lambda params: optim.Adam(params, lr=0.1),
}


@pytest.mark.parametrize("arrays", [False, True])
@pytest.mark.parametrize("shared", [False, True])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_step_is_whole(name: str, shared: bool, arrays: bool) -> None:
    def make() -> tuple[Callable[[], object], Callable[[], Any]]:
        net: Any = MLP([2, 3, 1], rng=0)
        net = net.vectorize() if arrays else net
        optimizer = OPTIMIZERS[name](net.parameters())
        given = optimizer.state if shared else {}
        for p in net.parameters():
            p.grad = np.ones(p.shape) if arrays else 1.0
        optimizer.step()
        return optimizer.step, lambda: [net.state_dict(), optimizer.state_dict(), list(given.values())]

    check(make)


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("kind", ["values", "tensors", "both"])
def test_a_sweep_is_whole(kind: str, create_graph: bool) -> None:
    def make() -> tuple[Callable[[], object], Callable[[], Any]]:
        xs = [Value(0.5 + i) for i in range(3)] if kind != "tensors" else []
        ts = [Tensor([0.5, 1.5 + i]) for i in range(3)] if kind != "values" else []
        for leaf in (*xs, *ts):
            (leaf * 3.0).sum().backward() if isinstance(leaf, Tensor) else (leaf * 3.0).backward()
        y: Any = sum((x * x for x in xs), Value(0.0)) if xs else 0.0
        for t in ts:
            y = y + (t * t).sum() * (ts[0] * 2.0).sum()
        return lambda: y.backward(create_graph=create_graph), lambda: [leaf.grad for leaf in (*xs, *ts)]

    check(make)


def make_fit() -> tuple[Callable[[], object], Callable[[], Any], History]:
    net = MLP([2, 3, 2], rng=0).vectorize()
    adam = optim.Adam(net.parameters(), lr=0.1)
    schedule = optim.StepLR(adam, 1, gamma=0.5)
    training = Training(net, adam, schedule, History(), np.random.default_rng(0), 2)
    x = np.random.default_rng(1).normal(size=(6, 2))
    data = (x, (x[:, 0] > 0).astype(int))

    def train() -> None:
        def copy(now: Training) -> None:
            training.history = now.history

        fit(
            net, data, functional.cross_entropy, adam, 2, batch_size=3, rng=0, schedule=schedule, callbacks=[copy],
            validation=data, metrics=["accuracy"], progress=False,
        )  # fmt: skip

    return train, training.state_dict, training.history


def test_a_training_stops() -> None:
    """What an interrupt leaves is a state that the training passes through."""
    passed: list[Any] = []
    train, state, _ = make_fit()
    step = optim.Adam.step

    def watched(self: Any) -> None:
        passed.append(kept(state()["model"] | {"state": state()["optimizer"]["state"]}))
        step(self)
        passed.append(kept(state()["model"] | {"state": state()["optimizer"]["state"]}))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(optim.Adam, "step", watched)
        train()
    for at in moments(make_fit()[0], MOMENTS, SEED):
        TRIED["moments"] += 1
        train, state, _ = make_fit()
        interrupted(train, at)
        now = state()
        assert kept(now["model"] | {"state": now["optimizer"]["state"]}) in passed
        assert len(set(map(len, now["history"].values()))) <= 1
        if now["history"]:
            assert now["schedule"]["last_epoch"] == len(now["history"]["loss"])


@pytest.mark.parametrize("kind", [Value, Tensor])
def test_no_gradient_of_many_threads_is_lost(kind: Any) -> None:
    leaf = kind(1.0) if kind is Value else Tensor(np.ones(1000))
    threads, sweeps = 8, 100
    interval = sys.getswitchinterval()

    def add() -> None:
        for _ in range(sweeps):
            ((leaf * 2.0) if kind is Value else (leaf * 2.0).sum()).backward()

    sys.setswitchinterval(1e-6)
    try:
        running = [threading.Thread(target=add) for _ in range(threads)]
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert np.all(np.asarray(leaf.grad) == 2.0 * threads * sweeps)


def test_an_interrupt_anywhere_in_a_block_leaves_recording_as_it_was() -> None:
    def nested() -> None:
        with no_grad(), enable_grad():
            Value(1.0) * 2

    for at in moments(nested, 1000):
        assert interrupted(nested, at)
        assert grad_enabled.get()
        assert not listeners
