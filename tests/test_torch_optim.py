"""Agreement with PyTorch, where it is installed: every step of every optimizer, schedules and clipping."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Tensor, Value
from nn import optim

pytestmark = pytest.mark.same_in_both_modes

torch = pytest.importorskip("torch")
theirs = torch.optim
schedulers = torch.optim.lr_scheduler
utils = torch.nn.utils

STEPS = 8


@pytest.fixture(autouse=True)
def _double_precision() -> Iterator[None]:
    """PyTorch's NAdam and ASGD keep factors in the default dtype."""
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(torch.float32)


def grid(**choices: list[Any]) -> list[dict[str, Any]]:
    return [dict(zip(choices, combination, strict=True)) for combination in itertools.product(*choices.values())]


def names(options: Any) -> str:
    return (
        "-".join(f"{name}={option}" for name, option in options.items()) if isinstance(options, dict) else str(options)
    )


BOTH = [False, True]
CASES = [
    *(
        ("SGD", {"lr": 0.05, **options})
        for options in grid(
            momentum=[0.0, 0.9],
            dampening=[0.0, 0.3],
            weight_decay=[0.0, 0.1],
            nesterov=[False, True],
            maximize=[False, True],
        )
        if not options["nesterov"] or (options["momentum"] and not options["dampening"])
    ),
    *(
        ("Adagrad", {"lr": 0.1, **options})
        for options in grid(
            lr_decay=[0.0, 0.2],
            weight_decay=[0.0, 0.1],
            initial_accumulator_value=[0.0, 0.5],
            eps=[1e-10, 0.1],
            maximize=[False, True],
        )
    ),
    *(
        ("RMSprop", {"lr": 0.05, **options})
        for options in grid(
            alpha=[0.99, 0.5],
            eps=[1e-8, 0.1],
            weight_decay=[0.0, 0.1],
            momentum=[0.0, 0.9],
            centered=[False, True],
            maximize=[False, True],
        )
    ),
    *(
        (name, {"lr": 0.05, **options})
        for name in ("Adam", "AdamW")
        for options in grid(
            betas=[(0.9, 0.999), (0.5, 0.0)],
            eps=[1e-8, 0.1],
            weight_decay=[0.0, 0.1],
            amsgrad=[False, True],
            maximize=[False, True],
        )
    ),
    *(
        ("Adadelta", options)
        for options in grid(
            lr=[1.0, 0.5], rho=[0.9, 0.5], eps=[1e-6, 0.1], weight_decay=[0.0, 0.1], maximize=[False, True]
        )
    ),
    *(
        ("Adamax", {"lr": 0.05, **options})
        for options in grid(
            betas=[(0.9, 0.999), (0.5, 0.0)], eps=[1e-8, 0.1], weight_decay=[0.0, 0.1], maximize=[False, True]
        )
    ),
    *(
        (name, {"lr": 0.05, **options})
        for name in ("NAdam", "RAdam")
        for options in grid(
            betas=[(0.9, 0.999), (0.5, 0.8)],
            eps=[1e-8, 0.1],
            weight_decay=[0.0, 0.1],
            decoupled_weight_decay=[False, True],
            maximize=[False, True],
        )
    ),
    *(
        ("Adafactor", {"lr": 0.3, **options})
        for options in grid(
            beta2_decay=[-0.8, -0.3],
            eps=[(None, 1e-3), (0.1, 0.5)],
            d=[1.0, 1.3],
            weight_decay=[0.0, 0.1],
            maximize=[False, True],
        )
    ),
    *(("NAdam", {"momentum_decay": decay}) for decay in (0.0, 0.1)),
    *(("Rprop", options) for options in grid(etas=[(0.5, 1.2), (0.3, 2.0)], step_sizes=[(1e-6, 50), (0.02, 0.05)])),
    *(("ASGD", {"lr": 0.05, **options}) for options in grid(lambd=[1e-4, 0.1], t0=[1e6, 2.0], weight_decay=[0.0, 0.1])),
    *((name, {}) for name in ("SGD", "Adagrad", "RMSprop", "Adam", "AdamW")),  # the defaults
    *((name, {}) for name in ("Adadelta", "Adamax", "NAdam", "RAdam", "Rprop", "ASGD", "Adafactor")),
]

MATRIX, NUMBER = np.array([[0.5, -1.0, 2.0], [1.5, 0.2, -0.7]]), 0.8


def leaves() -> tuple[list[Any], list[Any]]:
    ours = [Tensor(MATRIX), Tensor(NUMBER), Value(NUMBER)]
    return ours, [torch.tensor(x, dtype=torch.float64, requires_grad=True) for x in (MATRIX, NUMBER, NUMBER)]


def losses(ours: list[Any], others: list[Any]) -> tuple[Any, Any]:
    def loss(matrix: Any, number: Any, other: Any, sin: Any) -> Any:
        return (sin(matrix) + matrix * matrix / 2).sum() + sin(3 * number) + number * other + other * other

    return loss(*ours, autograd.sin), loss(*others, torch.sin)


def same(ours: list[Any], others: list[Any]) -> None:
    for p, q in zip(ours, others, strict=True):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=1e-12, atol=1e-12)


def compare(ours: list[Any], others: list[Any], optimizer: Any, other: Any, between: Callable[[int], Any]) -> None:
    for step in range(STEPS):
        optimizer.zero_grad()
        other.zero_grad()
        for loss in losses(ours, others):
            loss.backward()
        optimizer.step()
        other.step()
        same(ours, others)
        between(step)


@pytest.mark.parametrize(("name", "options"), CASES, ids=names)
def test_every_step_of_every_option(name: str, options: dict[str, Any]) -> None:
    ours, others = leaves()
    optimizer, other = getattr(optim, name)(ours, **options), getattr(theirs, name)(others, **options)
    compare(ours, others, optimizer, other, lambda step: None)
    assert all(np.all(p.data != x) for p, x in zip(ours, (MATRIX, NUMBER, NUMBER), strict=True))


def test_a_step_calls_the_closure_first() -> None:
    ours, others = leaves()
    optimizer, other = optim.SGD(ours, lr=0.05, momentum=0.9), theirs.SGD(others, lr=0.05, momentum=0.9)

    def closure(of: Any, at: int) -> Callable[[], Any]:
        def loss() -> Any:
            of.zero_grad()
            y = losses(ours, others)[at]
            y.backward()
            return y

        return loss

    for _ in range(STEPS):
        loss, wanted = optimizer.step(closure(optimizer, 0)), other.step(closure(other, 1))
        assert loss.data == pytest.approx(wanted.item(), rel=1e-12)
        same(ours, others)
    assert optimizer.step() is None


POSITIONS = [
    ("SGD", (0.05, 0.9, 0.3, 0.1, False)),
    ("Adagrad", (0.1, 0.2, 0.1, 0.5, 0.1)),
    ("RMSprop", (0.05, 0.5, 0.1, 0.2, 0.9, True)),
    ("Adam", (0.05, (0.5, 0.6), 0.1, 0.2, True)),
    ("AdamW", (0.05, (0.5, 0.6), 0.1, 0.2, True)),
    ("Adadelta", (0.5, 0.8, 0.1, 0.2)),
    ("Adamax", (0.05, (0.5, 0.6), 0.1, 0.2)),
    ("NAdam", (0.05, (0.5, 0.6), 0.1, 0.2, 0.1, True)),
    ("RAdam", (0.05, (0.5, 0.6), 0.1, 0.2, True)),
    ("ASGD", (0.05, 0.1, 0.5, 3.0, 0.2)),
    ("Adafactor", (0.3, -0.5, (0.1, 0.2), 1.2, 0.1)),
]


@pytest.mark.parametrize(("name", "options"), POSITIONS)
def test_arguments_have_the_same_order(name: str, options: Any) -> None:
    ours, others = leaves()
    optimizer, other = getattr(optim, name)(ours, *options), getattr(theirs, name)(others, *options)
    compare(ours, others, optimizer, other, lambda step: None)
    group = other.param_groups[0]
    shared = {key: option for key, option in optimizer.param_groups[0].items() if key != "params" and key in group}
    assert shared == {key: group[key] for key in shared}


@pytest.mark.parametrize(("name", "options"), POSITIONS)
def test_groups_and_rates_that_change(name: str, options: Any) -> None:
    ours, others = leaves()

    def grouped(p: list[Any]) -> list[dict[str, Any]]:
        return [{"params": p[:1], "lr": 0.02, "weight_decay": 0.3}, {"params": p[1:], "maximize": True}]

    optimizer = getattr(optim, name)(grouped(ours), *options)
    other = getattr(theirs, name)(grouped(others), *options)

    def between(step: int) -> None:
        for each in (optimizer, other):
            each.param_groups[step % 2]["lr"] *= 0.5

    compare(ours, others, optimizer, other, between)


@pytest.mark.parametrize(("name", "options"), POSITIONS)
def test_steps_without_a_gradient(name: str, options: Any) -> None:
    ours, others = leaves()
    optimizer, other = getattr(optim, name)(ours, *options), getattr(theirs, name)(others, *options)
    for step in range(STEPS):
        for p, q in zip(ours, others, strict=True):
            g = None if step % 3 == 1 and p is not ours[0] else np.cos(step + np.asarray(p.data))
            p.grad, q.grad = g, None if g is None else torch.tensor(g)
        optimizer.step()
        other.step()
        same(ours, others)


def test_momentum_that_comes_later() -> None:
    ours, others = leaves()
    optimizer, other = optim.SGD(ours, 0.05, dampening=0.5), theirs.SGD(others, 0.05, dampening=0.5)

    def between(step: int) -> None:
        for each in (optimizer, other):
            each.param_groups[0]["momentum"] = 0.9 if step >= 2 else 0.0

    compare(ours, others, optimizer, other, between)


WIDE, TALL = MATRIX, np.array([[0.3, 1.0], [-2.0, 0.1], [0.7, 0.4]])


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"lr": 0.1, "weight_decay": 0.0, "nesterov": False},
        {"lr": 0.1, "momentum": 0.5, "adjust_lr_fn": "match_rms_adamw"},
        {"lr": 0.1, "ns_coefficients": (2.0, -1.5, 0.5), "ns_steps": 7, "eps": 10.0, "adjust_lr_fn": "original"},
    ],
    ids=names,
)
@pytest.mark.parametrize("rounded", BOTH)
def test_muon(options: dict[str, Any], rounded: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Muon, to all digits if PyTorch does not round to bfloat16, else to the two that this leaves."""
    if not rounded:
        monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    ours = [Tensor(x) for x in (WIDE, TALL)]
    others = [torch.tensor(x, requires_grad=True) for x in (WIDE, TALL)]
    optimizer, other = optim.Muon(ours, **options), theirs.Muon(others, **options)
    for _ in range(1 if rounded else STEPS):
        for each, (wide, tall), sin in ((optimizer, ours, autograd.sin), (other, others, torch.sin)):
            each.zero_grad()
            (sin(wide @ tall).sum() + (wide * wide).sum() / 2 + (tall * tall * tall).sum()).backward()
            each.step()
        for p, q, start in zip(ours, others, (WIDE, TALL), strict=True):
            moved, wanted = p.data - start, q.detach().numpy() - start
            tolerance = {"rtol": 0.1, "atol": 0.05 * np.abs(wanted).max()} if rounded else {"rtol": 1e-9, "atol": 1e-12}
            np.testing.assert_allclose(moved, wanted, **tolerance)
    group = other.param_groups[0]
    assert {key: x for key, x in optimizer.param_groups[0].items() if key in group and key != "params"} == {
        key: group[key] for key in group if key != "params"
    }


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"line_search_fn": "strong_wolfe"},
        {"lr": 0.1, "max_iter": 5, "history_size": 2},
        {"lr": 0.5, "max_iter": 7, "max_eval": 9, "history_size": 3, "line_search_fn": "strong_wolfe"},
        {"tolerance_grad": 0.1, "tolerance_change": 0.01},
    ],
    ids=names,
)
@pytest.mark.parametrize("start", [(-1.2, 1.0, 0.5), (2.0, -1.0, 0.0)])
def test_limited_memory_bfgs(options: dict[str, Any], start: Any) -> None:
    """Rosenbrock's valley, of a Value and a Tensor."""
    ours, others = [Value(start[0]), Tensor(start[1:])], torch.tensor(start, dtype=torch.float64, requires_grad=True)
    optimizer, other = optim.LBFGS(ours, **options), theirs.LBFGS([others], **options)

    def closure() -> Any:
        optimizer.zero_grad()
        x, y, z = ours[0], ours[1][0], ours[1][1]
        loss = (1 - x) ** 2 + 10 * (y - x * x) ** 2 + (z * z - y) ** 2
        loss.backward()
        return loss

    def their_closure() -> Any:
        other.zero_grad()
        x, y, z = others
        loss = (1 - x) ** 2 + 10 * (y - x * x) ** 2 + (z * z - y) ** 2
        loss.backward()
        return loss

    for _ in range(3):
        found, wanted = optimizer.step(closure), other.step(their_closure)
        np.testing.assert_allclose(found.item(), wanted.item(), rtol=1e-6, atol=1e-12)
        found = np.concatenate([np.ravel(p.data) for p in ours])
        np.testing.assert_allclose(found, others.detach().numpy(), rtol=1e-6, atol=1e-7)


# ---------------------------------------------------------------------------------------------------------------------
# Schedules
# ---------------------------------------------------------------------------------------------------------------------

SCHEDULES: list[tuple[str, Any, dict[str, Any]]] = [
    ("StepLR", (4,), {}),
    ("StepLR", (3, 0.7), {}),
    ("MultiStepLR", ([2, 5, 5, 9],), {"gamma": 0.5}),
    ("ExponentialLR", (0.8,), {}),
    ("CosineAnnealingLR", (7,), {}),
    ("CosineAnnealingLR", (5, 0.01), {}),
    ("LinearLR", (), {}),
    ("LinearLR", (1.0, 0.2, 7), {}),
    ("LambdaLR", (lambda t: 0.9**t / (1 + t),), {}),
]


@pytest.mark.parametrize(("name", "args", "options"), SCHEDULES, ids=names)
def test_schedules(name: str, args: Any, options: dict[str, Any]) -> None:
    ours, others = leaves()
    optimizer = optim.SGD([{"params": ours[:1], "lr": 0.5}, {"params": ours[1:]}], lr=0.2)
    other = theirs.SGD([{"params": others[:1], "lr": 0.5}, {"params": others[1:]}], lr=0.2)
    schedule = getattr(optim, name)(optimizer, *args, **options)
    scheduler = getattr(schedulers, name)(other, *args, **options)
    for _ in range(25):
        np.testing.assert_allclose(schedule.get_last_lr(), scheduler.get_last_lr(), rtol=1e-12, atol=1e-15)
        np.testing.assert_array_equal(schedule.get_last_lr(), [group["lr"] for group in optimizer.param_groups])
        other.step()  # PyTorch warns where a schedule steps first
        schedule.step()
        scheduler.step()


METRICS = [
    3.0,
    2.0,
    2.0,
    1.99,
    1.995,
    2.5,
    math.nan,
    1.0,
    1.0,
    1.0,
    1.0,
    0.9999,
    0.99,
    0.98,
    1.2,
    1.2,
    1.2,
    -0.5,
    -0.5,
    -0.6,
]


@pytest.mark.parametrize(
    "options",
    [
        *grid(
            mode=["min", "max"],
            threshold_mode=["rel", "abs"],
            threshold=[1e-4, 0.05],
            patience=[0, 2],
            cooldown=[0, 2],
            factor=[0.5],
        ),
        {"patience": 0, "min_lr": 0.05},
        {"patience": 0, "eps": 0.1},
    ],
    ids=names,
)
def test_plateaus(options: dict[str, Any]) -> None:
    ours, others = leaves()
    schedule = optim.ReduceLROnPlateau(optim.SGD(ours, 0.4), **options)
    scheduler = schedulers.ReduceLROnPlateau(theirs.SGD(others, 0.4), **options)
    relative = options.get("threshold_mode", "rel") == "rel"  # which PyTorch gets wrong below 0
    for metrics in [m + 1.0 if relative else m for m in METRICS]:
        schedule.step(metrics)
        scheduler.step(metrics)
        assert schedule.get_last_lr() == scheduler.get_last_lr()
        assert schedule.num_bad_epochs == scheduler.num_bad_epochs


# ---------------------------------------------------------------------------------------------------------------------
# Clipping
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm_type", [2.0, 1.0, 3.0, 0.5, math.inf])
@pytest.mark.parametrize("max_norm", [0.0, 0.7, 1e6])
def test_clipping_the_norm(max_norm: float, norm_type: float) -> None:
    ours, others = leaves()
    for loss in losses(ours, others):
        loss.backward()
    norm = optim.clip_grad_norm_(ours, max_norm, norm_type)
    assert norm == pytest.approx(float(utils.clip_grad_norm_(others, max_norm, norm_type)), rel=1e-12)
    for p, q in zip(ours, others, strict=True):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("spoiled", [math.inf, math.nan])
def test_clipping_a_norm_that_is_not_finite(spoiled: float) -> None:
    ours, others = leaves()
    for loss in losses(ours, others):
        loss.backward()
    ours[2].grad, others[2].grad = spoiled, torch.tensor(spoiled, dtype=torch.float64)
    norm = optim.clip_grad_norm_(ours, 1.0, error_if_nonfinite=False)
    np.testing.assert_equal(norm, float(utils.clip_grad_norm_(others, 1.0)))
    for p, q in zip(ours, others, strict=True):
        np.testing.assert_array_equal(p.grad, q.grad.numpy())


def test_clipping_values() -> None:
    ours, others = leaves()
    for loss in losses(ours, others):
        loss.backward()
    optim.clip_grad_value_(ours, 0.6)
    utils.clip_grad_value_(others, 0.6)
    for p, q in zip(ours, others, strict=True):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=1e-12)
    assert np.abs(ours[0].grad).max() == 0.6
