"""Optimizers: the notes' trajectories and closed forms, states and their way back, schedules, bad input."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable, Iterator
from copy import deepcopy
from decimal import Decimal, localcontext
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value
from nn import optim
from nn.optim import SGD, Adagrad, Adam, AdamW, Optimizer, RMSprop, trajectory

# ---------------------------------------------------------------------------------------------------------------------
# On f = x²/20 + y² from (-7, 2)
# ---------------------------------------------------------------------------------------------------------------------


def bowl(x: Any, y: Any) -> Any:
    return x**2 / 20 + y**2


@pytest.mark.parametrize("lr", [0.1, 0.95, 1.5])
def test_gradient_descent_on_the_bowl(lr: float) -> None:
    n = np.arange(41)
    points = trajectory(bowl, (-7, 2), SGD, 40, lr=lr)
    np.testing.assert_allclose(points[:, 0], -7 * (1 - lr / 10) ** n, rtol=1e-13)
    np.testing.assert_allclose(points[:, 1], 2 * (1 - 2 * lr) ** n, rtol=1e-13)


ADAM = {"betas": (0.9, 0.999), "eps": 1e-8, "eps_inside": True}
RUNS: list[tuple[Any, dict[str, Any], dict[int, tuple[float, float]]]] = [
    (SGD, {"lr": 0.1}, {1: (-6.93, 1.6), 40: (-4.682802309987764, 0.00026584559915698326)}),
    (SGD, {"lr": 0.95}, {1: (-6.335, -1.8), 40: (-0.12913417973333843, 0.029561765882869087)}),
    (SGD, {"lr": 1.5}, {1: (-5.95, -4.0), 40: (-0.01051610874924004, 2199023255552.0)}),
    (
        SGD,
        {"lr": 0.1, "momentum": 0.9, "velocity": True},
        {
            2: (-6.7977, 0.92),
            10: (-4.3475537872942125, 0.008799741200000377),
            40: (0.9608825061708781, 0.2320586766444439),
        },
    ),
    (
        SGD,
        {"lr": 0.95, "momentum": 0.9, "velocity": True},
        {2: (-5.134675, -1.8), 10: (4.1329809860721, -1.18098), 40: (-0.8502988229145052, 0.2431533091811391)},
    ),
    (
        Adagrad,
        {"lr": 0.01, "eps": 1e-8},
        {1: (-6.9900000001428575, 1.990000000025), 40: (-6.887669661694357, 1.8885493053934446)},
    ),
    (
        Adagrad,
        {"lr": 0.1, "eps": 1e-8},
        {1: (-6.900000001428571, 1.90000000025), 40: (-5.909335406033783, 1.0143937068222173)},
    ),
    (
        Adagrad,
        {"lr": 0.95, "eps": 1e-8},
        {1: (-6.050000013571428, 1.050000002375), 40: (-0.5254101724679958, 2.4009072124572934e-09)},
    ),
    (
        Adagrad,
        {"lr": 1.5, "eps": 1e-8},
        {1: (-5.500000021428571, 0.5000000037499999), 40: (-0.034373539730639814, 5.952766592299484e-23)},
    ),
    (
        RMSprop,
        {"lr": 0.01, "alpha": 0.9, "eps": 1e-8, "eps_inside": True},
        {1: (-6.96837722662513, 1.9683772234971373), 40: (-6.513553798943444, 1.5254778376550004)},
    ),
    (
        RMSprop,
        {"lr": 0.3, "alpha": 0.9, "eps": 1e-8, "eps_inside": True},
        {1: (-6.05131679875389, 1.0513167049141214), 10: (-2.6340336087088767, 0.0013535080747445857)},
    ),
    (
        RMSprop,
        {"lr": 0.01, "alpha": 0.99, "eps": 1e-8, "eps_inside": True},
        {1: (-6.90000010204066, 1.900000003125), 40: (-5.870173422561775, 0.9810288876268032)},
    ),
    (
        RMSprop,
        {"lr": 0.3, "alpha": 0.99, "eps": 1e-8, "eps_inside": True},
        {1: (-4.000003061219806, -0.9999999062500029), 40: (-2.7890923687290395e-08, 5.663045401735538e-14)},
    ),
    (
        Adam,
        {"lr": 0.3, **ADAM},
        {1: (-6.700000003061224, 1.70000000009375), 40: (0.7014739258595327, -0.09601972154842275)},
    ),
]


@pytest.mark.parametrize(("optimizer", "options", "wanted"), RUNS)
def test_the_notes_trajectories(
    optimizer: type[Optimizer], options: dict[str, Any], wanted: dict[int, tuple[float, float]]
) -> None:
    points = trajectory(bowl, (-7, 2), optimizer, 40, **options)
    assert points.shape == (41, 2)
    for n, point in wanted.items():
        np.testing.assert_allclose(points[n], point, rtol=1e-12, atol=1e-13)


def exactly(name: str, o: dict[str, Any], steps: int) -> list[tuple[Decimal, Decimal]]:
    """The formulas of the notes, with 60 digits and the derivatives (x/10, 2y) by hand."""

    def along(slope: Callable[[Decimal], Decimal], x: Decimal) -> Iterator[Decimal]:
        first = second = Decimal(0)
        for n in range(1, steps + 1):
            g = slope(x)
            if name == "momentum":
                first = decay * first - lr * g
                x = x + first
            elif name == "adagrad":
                first += g * g
                x = x - lr / (first.sqrt() + eps) * g
            elif name == "rmsprop":
                first = decay * first + (1 - decay) * g * g
                x = x - lr / (first + eps).sqrt() * g
            elif name == "adam":
                first = decay * first + (1 - decay) * g
                second = decay2 * second + (1 - decay2) * g * g
                x = x - lr / (second / (1 - decay2**n) + eps).sqrt() * first / (1 - decay**n)
            yield x

    with localcontext() as context:
        context.prec = 60
        lr, eps, decay, decay2 = (Decimal(o.get(key, 0)) for key in ("lr", "eps", "decay", "decay2"))
        return list(zip(along(lambda x: x / 10, Decimal(-7)), along(lambda y: 2 * y, Decimal(2)), strict=True))


@pytest.mark.parametrize(
    ("name", "exact", "optimizer", "options"),
    [
        ("momentum", {"decay": 0.9}, SGD, {"momentum": 0.9, "velocity": True}),
        ("adagrad", {"eps": 1e-3}, Adagrad, {"eps": 1e-3}),
        ("rmsprop", {"decay": 0.9, "eps": 1e-3}, RMSprop, {"alpha": 0.9, "eps": 1e-3, "eps_inside": True}),
        (
            "adam",
            {"decay": 0.9, "decay2": 0.999, "eps": 1e-3},
            Adam,
            {"betas": (0.9, 0.999), "eps": 1e-3, "eps_inside": True},
        ),
    ],
)
def test_every_step_agrees_with_exact_arithmetic(
    name: str, exact: dict[str, Any], optimizer: type[Optimizer], options: dict[str, Any]
) -> None:
    points = trajectory(bowl, (-7, 2), optimizer, 20, lr=0.3, **options)
    wanted = [[float(x) for x in point] for point in exactly(name, {"lr": 0.3, **exact}, 20)]
    np.testing.assert_allclose(points[1:], wanted, rtol=1e-12, atol=1e-13)


def test_momentum_leaves_the_local_minimum() -> None:
    def double_well(x: Any) -> Any:
        return (x - 2) ** 2 * (x + 3) ** 2 - 2 * (x - 2) ** 2

    points = trajectory(double_well, 3, SGD, 40, lr=0.02, momentum=0.9, velocity=True)
    wanted = {0: 3.0, 1: 1.4, 2: 0.31328, 10: -2.61439202609446654, 20: -2.71210333300460394, 40: -3.18943922087027851}
    assert {n: points[n] for n in wanted} == pytest.approx(wanted, rel=1e-13)
    assert trajectory(double_well, 3, SGD, 20, lr=0.02)[-1] == pytest.approx(2.0, abs=1e-6)


# ---------------------------------------------------------------------------------------------------------------------
# First steps and accumulators
# ---------------------------------------------------------------------------------------------------------------------


def histories(optimizer: Optimizer, gradients: list[float]) -> Iterator[tuple[float, dict[str, Any]]]:
    """The step and the state after each of the gradients."""
    (x,) = optimizer.state
    for g in gradients:
        before, x.grad = float(x), g
        optimizer.step()
        yield float(x) - before, optimizer.state[x]


def test_first_steps_from_the_same_point() -> None:
    start = np.array((-7, 2))
    first = trajectory(bowl, start, SGD, 1, lr=0.95)[1] - start
    np.testing.assert_allclose(first, (0.665, -3.8), rtol=1e-14)
    first = trajectory(bowl, start, Adagrad, 1, lr=0.95, eps=1e-8)[1] - start
    np.testing.assert_allclose(first, (0.949999986428571622448976822157, -0.949999997625000005937499985156), rtol=1e-14)


def test_adagrad_adds_squares() -> None:
    found = list(histories(Adagrad([Value(0.0)], lr=1.0, eps=0.0), [3, -4, 12]))
    assert [state["G"] for _, state in found] == [9, 25, 169]
    assert [step for step, _ in found] == pytest.approx([-1, 4 / 5, -12 / 13])


def test_rmsprop_forgets_by_a_factor() -> None:
    found = list(histories(RMSprop([Value(0.0)], lr=1.0, alpha=0.9), [3, -4, 12]))
    assert [state["G"] for _, state in found] == pytest.approx([0.9, 2.41, 16.569], rel=1e-14)


def test_adam_corrects_for_having_started_at_zero() -> None:
    found = list(histories(Adam([Value(0.0)], betas=(0.9, 0.999)), [3, -4, 12]))
    means = [-0.13 / 0.19, 1.083 / 0.271]
    assert [state["n"] for _, state in found] == [1, 2, 3]
    assert [state["M"] for _, state in found] == pytest.approx([0.3, -0.13, 1.083], rel=1e-14)
    assert [state["M_hat"] for _, state in found] == pytest.approx([3.0, *means], rel=1e-14)
    mean = 0.0  # the same by the recursion of the corrected mean itself
    for n, g in enumerate([3, -4, 12], start=1):
        mean = 0.9 * (1 - 0.9 ** (n - 1)) / (1 - 0.9**n) * mean + 0.1 / (1 - 0.9**n) * g
        assert found[n - 1][1]["M_hat"] == pytest.approx(mean, rel=1e-14)


def test_adam_as_the_notes_print_it_stands_still_at_first() -> None:
    found = list(histories(Adam([Value(0.0)], lr=1.0, eps=0.1, bias_correction="printed"), [3.0, -4.0]))
    assert found[0][0] == 0
    mean, root = 0.3 / (1 - 0.9**2), math.sqrt(0.009 / (1 - 0.999**2))
    assert found[1][0] == pytest.approx(-mean / (root + 0.1), rel=1e-13)


def test_the_largest_square_from_before_the_step() -> None:
    optimizer = Adam([Value(0.0)], betas=(0.5, 0.5), amsgrad=True, bias_correction="printed")
    *_, (_, state) = histories(optimizer, [3.0, 0.1, 0.1])
    assert state["V_max"] == 4.5 > state["V"]
    assert state["V_hat"] == pytest.approx(4.5 / (1 - 0.5**3))


def test_adam_without_correction() -> None:
    ((step, state),) = histories(Adam([Value(0.0)], lr=1.0, eps=0.1, bias_correction="none"), [3.0])
    assert (state["M_hat"], state["V_hat"]) == (state["M"], state["V"])
    assert step == pytest.approx(-0.3 / (math.sqrt(0.009) + 0.1), rel=1e-13)


nonzero = st.floats(1e-3, 1e3) | st.floats(-1e3, -1e-3)


@given(g=nonzero, lr=st.floats(1e-3, 1.0))
def test_the_first_step_of_adagrad_and_adam_tells_only_the_sign(g: float, lr: float) -> None:
    for optimizer in (Adagrad, Adam):
        ((step, _),) = histories(optimizer([Value(0.0)], lr=lr, eps=0.0), [g])
        assert step == pytest.approx(-lr * math.copysign(1, g), rel=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
@given(gradients=st.lists(nonzero, min_size=1, max_size=8), momentum=st.floats(0.01, 0.95))
def test_both_forms_of_momentum_take_the_same_steps(gradients: list[float], momentum: float, nesterov: bool) -> None:
    options = {"lr": 0.1, "momentum": momentum, "nesterov": nesterov}
    forms = [SGD([Value(0.0)], velocity=velocity, **options) for velocity in (False, True)]
    steps, others = ([step for step, _ in histories(form, gradients)] for form in forms)
    assert steps == pytest.approx(others, rel=1e-9, abs=1e-9)


@given(gradients=st.lists(nonzero, min_size=1, max_size=8))
def test_without_momentum_velocity_is_gradient_descent(gradients: list[float]) -> None:
    plain, ball = SGD([Value(0.0)], lr=0.1), SGD([Value(0.0)], lr=0.1, velocity=True)
    assert [step for step, _ in histories(plain, gradients)] == [step for step, _ in histories(ball, gradients)]


# ---------------------------------------------------------------------------------------------------------------------
# Every kind of parameter
# ---------------------------------------------------------------------------------------------------------------------

KINDS: list[Callable[[Any], Optimizer]] = [
    lambda params: SGD(params, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.1),
    lambda params: SGD(params, lr=0.05, momentum=0.5, velocity=True, maximize=True),
    lambda params: Adagrad(params, lr=0.1, lr_decay=0.1, initial_accumulator_value=0.5),
    lambda params: RMSprop(params, lr=0.01, momentum=0.5, centered=True),
    lambda params: Adam(params, lr=0.1, amsgrad=True),
    lambda params: AdamW(params, lr=0.1, maximize=True),
]
each_kind = pytest.mark.parametrize("make", KINDS, ids=["nesterov", "velocity", "adagrad", "rmsprop", "adam", "adamw"])


def run(optimizer: Optimizer, params: list[Any], steps: int) -> list[float]:
    """Some steps on Σ k sin(x_k) + x_k²; all the numbers afterwards."""
    for _ in range(steps):
        optimizer.zero_grad()
        entries = [p[i] for p in params if isinstance(p, Tensor) for i in range(p.size)]
        loss: Any = 0.0
        for k, x in enumerate([*(p for p in params if isinstance(p, Value)), *entries]):
            loss = loss + k * autograd.sin(x) + x * x
        loss.backward()
        optimizer.step()
    return [x for p in params for x in np.ravel(p.data).tolist()]


@each_kind
def test_values_and_tensors_take_the_same_steps(make: Callable[[Any], Optimizer]) -> None:
    start = [0.5, -1.0, 2.0]
    numbers: list[Any] = [Value(x) for x in start]
    mixture = [Value(start[0]), Tensor(start[1:])]
    wanted = run(make(numbers), numbers, 5)
    assert run(make(mixture), mixture, 5) == pytest.approx(wanted, rel=1e-14)
    assert np.all(np.array(wanted) != start)


@each_kind
def test_numbers_that_are_updated_together_end_at_the_bits_of_each_alone(make: Callable[[Any], Optimizer]) -> None:
    start = [0.5, -1.0, 2.0, 1e-3, -7.0]
    together, alone = ([Value(x) for x in start] for _ in range(2))
    optimizer, optimizers = make(together), [make([x]) for x in alone]
    for step in range(6):
        optimizer.zero_grad()
        for k, (x, y) in enumerate(zip(together, alone, strict=True)):
            x.grad = y.grad = None if (step, k) in ((0, 1), (3, 0), (3, 4)) else math.sin(3 * step + k) * x.data
        optimizer.step()
        for k, y in enumerate(alone):
            if y.grad is not None:
                optimizers[k].step()
        assert [x.data for x in together] == [y.data for y in alone]
        if step % 2:
            saved = optimizer.state_dict()["state"]
            assert saved == {k: each.state_dict()["state"][0] for k, each in enumerate(optimizers)}


def test_the_state_may_be_read_and_changed_between_steps() -> None:
    params = [Value(1.0), Value(2.0)]
    optimizer = SGD(params, lr=1.0, momentum=0.5)
    for p in params:
        p.grad = 1.0
    optimizer.step()
    state = optimizer.state
    optimizer.step()
    assert [state[p]["v"] for p in params] == [1.5, 1.5]
    state[params[0]]["v"] = 0.0
    optimizer.step()
    assert [state[p] for p in params] == [{"n": 3, "v": 1.0}, {"n": 3, "v": 1.75}]


def test_a_rule_of_ones_own_is_given_one_parameter_at_a_time() -> None:
    class Scaled(Adam):
        def update(self, x: Any, g: Any, s: Any, o: Any) -> Any:
            return x - o.lr * g / np.linalg.norm(g)

    params = [Value(1.0), Value(1.0), Value(1.0)]
    optimizer = Scaled(params, lr=0.25)
    for p, g in zip(params, (1.0, -5.0, 9.0), strict=True):
        p.grad = g
    optimizer.step()
    assert [p.data for p in params] == [0.75, 1.25, 0.75]


def test_a_group_may_be_replaced_between_steps() -> None:
    x, y = Value(1.0), Value(1.0)
    optimizer = SGD([{"params": [x], "lr": 0.5}, {"params": [y]}], lr=0.25)
    x.grad = y.grad = 1.0
    optimizer.step()
    optimizer.param_groups = [optimizer.param_groups[1] | {"params": [x, y]}]
    optimizer.step()
    assert (x.data, y.data) == (0.25, 0.5)


@each_kind
def test_a_saved_run_goes_on_to_the_same_bits(make: Callable[[Any], Optimizer]) -> None:
    params: list[Any] = [Value(0.5), Tensor([-1.0, 2.0])]
    optimizer = make(params)
    run(optimizer, params, 3)
    saved, copies = optimizer.state_dict(), [type(p)(p.data) for p in params]
    kept = deepcopy(saved)
    wanted = run(optimizer, params, 4)
    np.testing.assert_equal(saved, kept)  # later steps do not reach into it

    other = make(copies)
    other.param_groups[0]["lr"] = 123.0
    other.load_state_dict(saved)
    assert run(other, copies, 4) == wanted
    np.testing.assert_equal(other.state_dict(), optimizer.state_dict())


def test_a_saved_state_shares_nothing_with_the_optimizer() -> None:
    x = Tensor([1.0, 2.0])
    optimizer = Adagrad([x])
    x.grad = [1.0, 2.0]
    optimizer.step()
    saved = optimizer.state_dict()
    saved["state"][0]["G"][:] = 7.0
    assert optimizer.state[x]["G"].tolist() == [1.0, 4.0]
    optimizer.load_state_dict(saved)
    saved["state"][0]["G"][:] = 0.0
    assert optimizer.state[x]["G"].tolist() == [7.0, 7.0]


def test_float32_stays_float32() -> None:
    x = Tensor(np.array([1.0, 2.0], np.float32))
    for make in KINDS:
        optimizer = make([x])
        x.grad = np.array([0.5, -0.5])
        optimizer.step()
        assert x.dtype == np.float32
        assert {entry.dtype for entry in optimizer.state[x].values() if np.ndim(entry)} == {np.dtype(np.float32)}


NUMBERS: dict[type[Optimizer], dict[str, Any]] = {
    SGD: {"lr": 0.5, "momentum": 0.5, "dampening": 0.25, "weight_decay": 0.125},
    Adagrad: {"lr": 0.5, "lr_decay": 0.5, "weight_decay": 0.125, "initial_accumulator_value": 0.25, "eps": 2.0**-20},
    RMSprop: {"lr": 0.5, "alpha": 0.75, "eps": 2.0**-20, "weight_decay": 0.125, "momentum": 0.5, "centered": True},
    Adam: {"lr": 0.5, "betas": (0.5, 0.75), "eps": 2.0**-20, "weight_decay": 0.125, "amsgrad": True},
    AdamW: {"lr": 0.5, "betas": (0.5, 0.75), "eps": 2.0**-20, "weight_decay": 0.125},
}
CONVERSIONS: list[Callable[[Any], Any]] = [
    np.float64,
    np.float32,
    np.longdouble,
    np.array,
    lambda x: np.array(x, np.float32),
    lambda x: tuple(map(np.float64, x)) if isinstance(x, tuple) else Fraction(x),
]


def test_every_numeric_option_is_tried_as_a_numpy_number() -> None:
    for kind, options in NUMBERS.items():
        defaults = kind([Value(0.0)]).param_groups[0]
        numeric = {name for name, option in defaults.items() if isinstance(option, (float, tuple))}
        assert numeric <= options.keys()


@pytest.mark.parametrize("when", ["at first", "later", "loaded"])
@pytest.mark.parametrize("convert", CONVERSIONS)
@pytest.mark.parametrize("kind", NUMBERS)
def test_numpy_s_numbers_as_options_leave_every_dtype(kind: Any, convert: Any, when: str) -> None:
    plain = NUMBERS[kind]
    numpy_s = {name: option if isinstance(option, bool) else convert(option) for name, option in plain.items()}
    runs = []
    for options in (plain, numpy_s):
        params: list[Any] = [Tensor(np.float32([1.0, -2.0])), Tensor([0.5]), Value(0.25)]
        optimizer = kind(params, **(options if when == "at first" else plain))
        if when == "later":
            optimizer.param_groups[0].update(options)
        if when == "loaded":
            optimizer.load_state_dict(
                {"state": {}, "param_groups": [optimizer.state_dict()["param_groups"][0] | options]}
            )
        for _ in range(3):
            for p in params:
                p.grad = p.data * 0.5
            optimizer.step()
        assert [params[0].dtype, params[1].dtype, type(params[2].data)] == [np.float32, np.float64, float]
        for p, dtype in ((params[0], np.float32), (params[1], np.float64)):
            assert {x.dtype for symbol, x in optimizer.state[p].items() if symbol != "n"} == {np.dtype(dtype)}
        group = optimizer.param_groups[0]
        assert {type(option) for name, option in group.items() if name != "params"} <= {float, bool, str, tuple}
        runs.append((optimizer.state_dict(), [p.data for p in params]))
    np.testing.assert_equal(*runs)


def test_a_schedule_may_set_a_numpy_rate() -> None:
    x = Tensor(np.float32([1.0]))
    optimizer = Adam([x], lr=0.5)
    optim.LambdaLR(optimizer, lambda t: np.float64(0.5))
    x.grad = [1.0]
    optimizer.step()
    assert type(optimizer.param_groups[0]["lr"]) is float
    assert optimizer.state[x]["M_hat"].dtype == np.float32


def test_own_options_of_an_optimizer_are_numbers_of_python_too() -> None:
    class Scaled(Optimizer):
        def update(self, x: Any, g: Any, s: Any, o: Any) -> Any:
            s["v"] = o.scale * o.shape * g
            return x - s["v"]

    x = Tensor(np.float32([1.0, 1.0]))
    optimizer = Scaled([x], scale=np.float64(0.5), shape=np.float32([1.0, 2.0]))
    x.grad = [1.0, 1.0]
    optimizer.step()
    assert (x.data.tolist(), optimizer.state[x]["v"].dtype) == ([0.5, 0.0], np.float32)


def test_groups_have_options_of_their_own() -> None:
    x, y, z = Value(0.0), Value(0.0), Tensor([0.0])
    optimizer = SGD([{"params": [x], "lr": 0.5}, {"params": y}], lr=0.1)
    optimizer.add_param_group({"params": [z], "maximize": True})
    for p in (x, y):
        p.grad = 1.0
    z.grad = [1.0]
    optimizer.step()
    assert (x.data, y.data, z.data[0]) == (-0.5, -0.1, 0.1)
    optimizer.param_groups[1]["lr"] = 1.0
    optimizer.step()
    assert (x.data, y.data) == (-1.0, -1.1)


def test_a_parameter_without_gradient_is_passed_over() -> None:
    x, y = Value(1.0), Value(1.0)
    optimizer = SGD([x, y], lr=0.5, weight_decay=0.1, momentum=0.9)
    (2 * x).backward()
    optimizer.step()
    assert x.data == pytest.approx(1 - 0.5 * 2.1)
    assert y.data == 1.0
    assert optimizer.state[y] == {}
    assert set(optimizer.state_dict()["state"]) == {0}


def test_a_parameter_whose_gradient_comes_later_is_updated_with_the_others() -> None:
    first, second = Value(1.0), Value(1.0)
    optimizer = SGD([first, second], lr=0.5)
    first.grad = 1.0
    optimizer.step()
    second.grad = 1.0
    optimizer.step()
    assert (first.data, second.data) == (0.0, 0.5)
    first.grad = None
    optimizer.step()
    assert (first.data, second.data) == (0.0, 0.0)


def test_a_repr_shows_the_options_that_were_chosen() -> None:
    assert repr(Adam([Value(1.0)], lr=0.1)) == "Adam(1 parameter: lr=0.1)"
    assert repr(SGD([Value(1.0), Value(2.0)], 0.2, momentum=0.9)) == "SGD(2 parameters: lr=0.2, momentum=0.9)"


def test_recorded_gradients_count_as_numbers() -> None:
    x, t = Value(3.0), Tensor([3.0])
    (x**2).backward(create_graph=True)
    (t**2).backward([1.0], create_graph=True)
    optim.clip_grad_value_([x, t], 4.0)
    SGD([x, t], lr=0.5).step()
    assert (x.data, t.data.tolist()) == (1.0, [1.0])


def test_state_is_not_the_gradient_s_array() -> None:
    x = Tensor([1.0])
    optimizer = SGD([x], lr=0.1, momentum=0.9)
    x.grad = [1.0]
    optimizer.step()
    x.grad[:] = 77.0
    assert optimizer.state[x]["v"].tolist() == [1.0]


def test_centered_rmsprop_survives_a_variance_rounded_below_zero() -> None:
    x = Value(0.0)
    optimizer = RMSprop([x], lr=1e-12, alpha=0.1, centered=True)
    for _, state in histories(optimizer, [0.7] * 60):
        assert state["G"] <= 0.7**2 * (1 + 1e-15)
    assert math.isfinite(x.data)
    assert state["G"] - state["M"] ** 2 <= 1e-15


# ---------------------------------------------------------------------------------------------------------------------
# Trajectories of functions of numbers
# ---------------------------------------------------------------------------------------------------------------------


def test_a_trajectory_ends_where_it_may() -> None:
    whole = trajectory(lambda x: x**2, 3, SGD, 9, lr=0.4)
    ended = trajectory(lambda x: x**2, 3, SGD, 9, lr=0.4, until=lambda x: x < 0.1)
    assert ended.tolist() == [3.0, *whole[1:4].tolist()] == pytest.approx([3.0, 0.6, 0.12, 0.024])
    assert trajectory(lambda x: x**2, 3, SGD, 2, lr=0.4, until=lambda x: x < 0.1).tolist() == whole[:3].tolist()
    assert trajectory(lambda x, y: x * y, [1, 2], SGD, 5, lr=1.0, until=lambda x, y: y > x).tolist() == [[1.0, 2.0]]


def test_a_trajectory_starts_at_the_start() -> None:
    assert trajectory(lambda x: x**2, 3, SGD, 0, lr=0.1).tolist() == [3.0]
    assert trajectory(lambda x, y: x * y, [1, 2], SGD, 1, lr=1.0).tolist() == [[1.0, 2.0], [-1.0, 1.0]]
    assert trajectory(lambda x, y: x**2, [1, 2], SGD, 1, lr=0.25).tolist() == [[1.0, 2.0], [0.5, 2.0]]


def test_a_trajectory_takes_a_maker_of_optimizers() -> None:
    made = trajectory(lambda x: x**2, 1.0, lambda params: SGD(params, lr=0.25), 2)
    assert made.tolist() == [1.0, 0.5, 0.25]


def test_a_constant_has_no_way_down() -> None:
    with pytest.raises(TypeError, match=r"f must compute with its arguments and return a node, but it returned 3\.0"):
        trajectory(lambda x: 3.0, 1.0, SGD, 1)


# ---------------------------------------------------------------------------------------------------------------------
# Clipping
# ---------------------------------------------------------------------------------------------------------------------


def test_clipping_the_norm_over_all_parameters() -> None:
    x, t, unused = Value(0.0), Tensor([0.0, 0.0]), Value(0.0)
    x.grad, t.grad = 2.0, [3.0, 6.0]
    assert optim.clip_grad_norm_([x, t, unused], 3.5) == 7.0
    np.testing.assert_allclose([x.grad, *t.grad], [1.0, 1.5, 3.0], rtol=1e-6)
    assert optim.clip_grad_norm_([x, t], 100.0) == pytest.approx(3.5, rel=1e-6)
    np.testing.assert_allclose([x.grad, *t.grad], [1.0, 1.5, 3.0], rtol=1e-6)
    assert unused.grad is None
    assert optim.clip_grad_norm_(unused, 1.0) == 0.0


EXPONENTS = [-323, -310, -200, -160, -30, 0, 30, 160, 200, 307]


@pytest.mark.parametrize("order", [0.5, 1.0, 2.0, 3.0, 11.0, 2000.0, math.inf])
@pytest.mark.parametrize("exponent", EXPONENTS)
def test_clipping_gradients_of_any_size(exponent: int, order: float) -> None:
    """The exact norm of 3, 4 and 12, times a power of ten, from which the clipped gradients follow."""
    size = float(f"1e{exponent}")
    ratios = np.array([3.0, 4.0, 12.0]) / 12.0
    relative = 1.0 if order == math.inf else float(np.sum(ratios**order)) ** (1.0 / order)
    x, t = Value(0.0), Tensor([0.0, 0.0])
    x.grad, t.grad = 3.0 * size, [-4.0 * size, 12.0 * size]
    bound = 2.0 * size
    norm = optim.clip_grad_norm_([x, t], bound, order)
    digits = 1e-12 if exponent > -300 else 0.5  # fewer near the smallest float
    assert norm == pytest.approx(12.0 * size * relative, rel=digits)
    clipped = np.array([x.grad, *t.grad])
    np.testing.assert_allclose(clipped, [2 / relative * r * size for r in ratios * [1, -1, 1]], rtol=2e-6 + 10 * digits)
    assert optim.clip_grad_norm_([x, t], 1e308, order) == pytest.approx(bound, rel=2e-6 + 10 * digits)
    assert [x.grad, *t.grad] == clipped.tolist()


def test_clipping_a_norm_beyond_the_largest_float() -> None:
    t = Tensor(np.zeros(4))
    t.grad = np.full(4, 1.5e308)
    assert optim.clip_grad_norm_([t], 1.0) == math.inf
    np.testing.assert_allclose(t.grad, 0.5)


@pytest.mark.parametrize("size", [1e30, 1e-30, 1e38])
def test_clipping_float32(size: float) -> None:
    t, x = Tensor(np.zeros(2, np.float32)), Value(0.0)
    t.grad, x.grad = np.float32([0.3 * size, 0.4 * size]), 1.2 * size
    assert optim.clip_grad_norm_([t, x], np.float64(0.13 * size)) == pytest.approx(1.3 * size, rel=1e-6)
    assert (t.grad.dtype, type(x.grad)) == (np.float32, float)
    np.testing.assert_allclose([*t.grad, x.grad], np.array([0.03, 0.04, 0.12]) * size, rtol=1e-5)


def test_clipping_float32_beside_a_gradient_that_float32_cannot_hold() -> None:
    t, x = Tensor(np.zeros(1, np.float32)), Value(0.0)
    t.grad, x.grad = [1.0], 1e300
    optim.clip_grad_norm_([t, x], 1e299)
    np.testing.assert_allclose([*t.grad, x.grad], [0.1, 1e299], rtol=1e-6)


@pytest.mark.parametrize("order", [0, -1.0, -math.inf, math.nan])
def test_clipping_needs_a_positive_order(order: float) -> None:
    with pytest.raises(ValueError, match="the order of the norm must be greater than 0"):
        optim.clip_grad_norm_([Value(0.0)], 1.0, order)


@pytest.mark.parametrize("kind", [Adagrad, RMSprop, Adam, AdamW])
@pytest.mark.parametrize(("make", "size"), [(Value, 1e200), (Tensor, 1e200), (lambda x: Tensor(np.float32(x)), 1e30)])
def test_a_square_that_overflows_is_no_step_of_zero(kind: Any, make: Any, size: float) -> None:
    p = make(1.0)
    p.label = "w"
    optimizer = kind([p])
    p.grad = size
    with pytest.raises(FloatingPointError, match=r"[GV] of w overflows, .* too large: nothing was changed"):
        optimizer.step()
    assert (p.item(), optimizer.state[p]) == (1.0, {})


def test_clipping_names_the_gradient_that_is_not_finite() -> None:
    x, w = Value(0.0), Tensor([0.0, 0.0], label="w")
    x.grad, w.grad = 1.0, [math.inf, 1.0]
    with pytest.raises(FloatingPointError, match="the gradient of w is nan or infinite: nothing was changed"):
        optim.clip_grad_norm_([x, w], 1.0)
    assert (x.grad, w.grad.tolist()) == (1.0, [math.inf, 1.0])
    optim.clip_grad_value_(w, 2.0)
    assert w.grad.tolist() == [2.0, 1.0]
    with pytest.raises(ValueError, match="at least 0, not -1"):
        optim.clip_grad_norm_([x], -1)
    with pytest.raises(ValueError, match="at least 0, not nan"):
        optim.clip_grad_value_([x], math.nan)


# ---------------------------------------------------------------------------------------------------------------------
# Schedules
# ---------------------------------------------------------------------------------------------------------------------


def rates(make: Callable[[Optimizer], Any], epochs: int) -> list[float]:
    optimizer = SGD([Value(0.0)], lr=0.8)
    schedule = make(optimizer)
    found = []
    for _ in range(epochs):
        found += schedule.get_last_lr()
        schedule.step()
    return found


@pytest.mark.parametrize(
    ("make", "factors"),
    [
        (lambda o: optim.StepLR(o, 2, gamma=0.5), [1, 1, 1 / 2, 1 / 2, 1 / 4]),
        (lambda o: optim.MultiStepLR(o, [3, 1], gamma=0.5), [1, 1 / 2, 1 / 2, 1 / 4, 1 / 4]),
        (lambda o: optim.ExponentialLR(o, 0.5), [1, 1 / 2, 1 / 4, 1 / 8, 1 / 16]),
        (lambda o: optim.CosineAnnealingLR(o, 4), [1, (2 + 2**0.5) / 4, 1 / 2, (2 - 2**0.5) / 4, 0, (2 - 2**0.5) / 4]),
        (lambda o: optim.LinearLR(o, 0.25, 1.0, total_iters=3), [0.25, 0.5, 0.75, 1, 1]),
        (lambda o: optim.LambdaLR(o, lambda t: 1 / (1 + t)), [1, 1 / 2, 1 / 3, 1 / 4]),
    ],
)
def test_schedules(make: Callable[[Optimizer], Any], factors: list[float]) -> None:
    assert rates(make, len(factors)) == pytest.approx([0.8 * factor for factor in factors], rel=1e-14, abs=1e-15)


def test_a_schedule_goes_on_where_it_was() -> None:
    optimizers = [SGD([{"params": [Value(0.0)], "lr": 0.5}, {"params": [Value(0.0)]}], lr=0.1) for _ in range(2)]
    first, second = (optim.ExponentialLR(optimizer, 0.5) for optimizer in optimizers)
    first.step()
    second.load_state_dict(first.state_dict())
    first.step()
    second.step()
    assert first.get_last_lr() == second.get_last_lr() == [0.125, 0.025]
    with pytest.raises(ValueError, match="the state of a ExponentialLR must have"):
        second.load_state_dict(optim.ReduceLROnPlateau(optimizers[0]).state_dict())


@pytest.mark.parametrize("mode", ["min", "max"])
@pytest.mark.parametrize("best", [-3.0, -1e-300, -1e300, 0.0, 2.0])
def test_a_relative_threshold_is_a_share_of_the_size_of_the_best(mode: str, best: float) -> None:
    better = -abs(best) if mode == "min" else abs(best)
    for share, improved in ((0.0, False), (0.05, False), (0.2, best != 0.0), (-0.05, False), (-0.2, False)):
        schedule = optim.ReduceLROnPlateau(SGD([Value(0.0)], lr=1.0), mode=mode, threshold=0.1, patience=0)
        schedule.step(best)
        assert schedule.best == best
        schedule.step(best + share * better)
        assert (schedule.best != best, schedule.get_last_lr() == [1.0]) == (improved, improved)


@pytest.mark.parametrize("threshold_mode", ["rel", "abs"])
@pytest.mark.parametrize("mode", ["min", "max"])
def test_a_first_measure_that_is_not_finite_is_no_best(mode: str, threshold_mode: str) -> None:
    schedule = optim.ReduceLROnPlateau(SGD([Value(0.0)]), mode=mode, threshold_mode=threshold_mode)
    for measured in (math.nan, math.inf if mode == "min" else -math.inf, -5.0):
        schedule.step(measured)
    assert (schedule.best, schedule.num_bad_epochs) == (-5.0, 0)


def test_a_loss_that_stays_below_zero_is_a_plateau() -> None:
    optimizer = SGD([Value(0.0)], lr=1.0)
    schedule = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    for loss in (-2.0, -2.0, -2.0):
        schedule.step(loss)
    assert schedule.get_last_lr() == [0.5]


def test_a_plateau_s_state_goes_on_where_it_was() -> None:
    def make() -> Any:
        return optim.ReduceLROnPlateau(SGD([Value(0.0)], lr=1.0), mode="max", factor=0.5, patience=1)

    first, second = make(), make()
    for accuracy in (0.5, 0.5):
        first.step(accuracy)
    second.load_state_dict(first.state_dict())
    for schedule in (first, second):
        schedule.step(Value(0.4))
        assert schedule.get_last_lr() == [0.5]
        schedule.step(0.6)
        assert schedule.state_dict() == {"last_epoch": 4, "best": 0.6, "num_bad_epochs": 0, "cooldown_counter": 0}


def test_schedules_refuse_what_makes_no_sense() -> None:
    optimizer = SGD([Value(0.0)], lr=1.0)
    for make in (optim.StepLR, optim.CosineAnnealingLR, lambda o, n: optim.LinearLR(o, total_iters=n)):
        with pytest.raises(ValueError, match="a schedule needs at least 1 epoch, not 0"):
            make(optimizer, 0)
    with pytest.raises(ValueError, match="mode must be min or max"):
        optim.ReduceLROnPlateau(optimizer, mode="least")
    with pytest.raises(ValueError, match="factor must be at least 0 and below 1"):
        optim.ReduceLROnPlateau(optimizer, factor=1.0)
    with pytest.raises(TypeError, match="a schedule needs an Optimizer, not list"):
        optim.ExponentialLR([], 0.5)


# ---------------------------------------------------------------------------------------------------------------------
# Bad input
# ---------------------------------------------------------------------------------------------------------------------

BAD: list[tuple[Callable[[Any], Any], type[Exception], str]] = [
    (lambda p: SGD(p, lr=-0.1), ValueError, "lr must be at least 0 and finite, not -0.1"),
    (lambda p: SGD(p, lr=math.nan), ValueError, "lr must be at least 0 and finite, not nan"),
    (lambda p: SGD(p, lr="fast"), ValueError, "lr must be at least 0 and finite, not 'fast'"),
    (lambda p: SGD(p, lr=np.float64("nan")), ValueError, "lr must be at least 0 and finite, not nan"),
    (lambda p: SGD(p, lr=np.array([0.1])), ValueError, r"lr must be at least 0 and finite, not \(0.1,\)"),
    (lambda p: SGD(p, lr=Tensor(0.1)), ValueError, r"lr must be at least 0 and finite, not Tensor\(0.1\)"),
    (lambda p: SGD(p, lr=np.complex128(1.0)), ValueError, r"lr must be at least 0 and finite, not \(1\+0j\)"),
    (lambda p: SGD(p, momentum=1.0), ValueError, "momentum must be at least 0 and below 1, not 1.0"),
    (lambda p: SGD(p, momentum=-0.5), ValueError, "momentum must be at least 0 and below 1"),
    (lambda p: SGD(p, nesterov=True), ValueError, "nesterov needs a momentum and dampening=0"),
    (lambda p: SGD(p, momentum=0.9, dampening=0.1, nesterov=True), ValueError, "nesterov needs a momentum"),
    (lambda p: SGD(p, momentum=0.9, dampening=0.1, velocity=True), ValueError, "velocity=True cannot be combined with"),
    (lambda p: Adagrad(p, lr_decay=-1.0), ValueError, "lr_decay must be at least 0"),
    (lambda p: RMSprop(p, alpha=1.0), ValueError, "alpha must be at least 0 and below 1"),
    (lambda p: Adam(p, betas=(0.9, 1.0)), ValueError, r"betas must be at least 0 and below 1, not \(0.9, 1.0\)"),
    (lambda p: Adam(p, betas=0.9), ValueError, "betas must be two numbers, not 0.9"),
    (
        lambda p: Adam(p, bias_correction="yes"),
        ValueError,
        "corrected, printed or none, not 'yes'",
    ),
    (lambda p: AdamW(p, weight_decay=-1.0), ValueError, "weight_decay must be at least 0"),
    (lambda p: SGD([]), ValueError, "SGD got no parameters"),
    (lambda p: SGD([{"lr": 0.1}]), ValueError, "SGD got no parameters"),
    (lambda p: SGD([{"params": p, "rate": 0.1}]), ValueError, "SGD does not have the option rate: it takes .*momentum"),
    (lambda p: SGD(p[0]), TypeError, r"write \[parameter\] for a single one"),
    (lambda p: SGD([3.0]), TypeError, r"a parameter must be a Value or a Tensor, not float \(3.0\)"),
    (lambda p: SGD([2 * p[0]]), ValueError, "only leaves can be optimized, but Value.* was computed"),
    (lambda p: SGD([Tensor([1.0]).sum()]), ValueError, "only leaves can be optimized, but Tensor.* was computed"),
    (lambda p: SGD(p + p), ValueError, "a parameter is listed twice"),
    (lambda p: SGD([{"params": p}, {"params": p}]), ValueError, "a parameter is listed twice"),
    (lambda p: Optimizer(p, lr=0.1).step(), NotImplementedError, "Optimizer does not define update"),
]


@pytest.mark.parametrize(("make", "error", "message"), BAD)
def test_bad_input(make: Callable[[Any], Any], error: type[Exception], message: str) -> None:
    p = Value(1.0)
    p.grad = 1.0
    with pytest.raises(error, match=message):
        make([p])
    assert (p.data, p.grad) == (1.0, 1.0)


def test_a_step_before_any_backward() -> None:
    optimizer = SGD([Value(1.0), Tensor([1.0])], lr=0.1)
    with pytest.raises(RuntimeError, match=r"no parameter has a gradient: call backward\(\) on the loss before step"):
        optimizer.step()


def test_nothing_is_half_done_where_a_gradient_is_not_finite() -> None:
    x, w, b = Value(1.0), Tensor([1.0, 2.0], label="w"), Value(1.0)
    optimizer = Adam([x, w, b])
    for gradient, culprit in (([math.nan, 1.0], "w"), ([1.0, -math.inf], "w")):
        x.grad, w.grad = 1.0, gradient
        with pytest.raises(FloatingPointError, match=f"the gradient of {culprit} is nan or infinite"):
            optimizer.step()
    w.grad, b.grad = [1.0, 1.0], math.inf
    with pytest.raises(FloatingPointError, match="the gradient of parameter 2 is nan or infinite"):
        optimizer.step()
    assert (x.data, w.data.tolist(), b.data) == (1.0, [1.0, 2.0], 1.0)
    assert optimizer.state == {x: {}, w: {}, b: {}}


def test_nothing_is_half_done_where_a_step_leaves_the_numbers() -> None:
    x, w = Value(1.0), Tensor([1e308], label="w")
    optimizer = SGD([x, w], lr=1e10, momentum=0.5)
    x.grad, w.grad = 1.0, [-1e300]
    with pytest.raises(FloatingPointError, match="this step would make w nan or infinite: nothing was changed"):
        optimizer.step()
    assert (x.data, w.data.tolist(), optimizer.state[x]) == (1.0, [1e308], {})


def test_an_option_changed_for_the_worse_is_noticed_by_the_next_step() -> None:
    x = Value(1.0)
    optimizer = SGD([x], lr=0.1)
    x.grad = 1.0
    optim.LambdaLR(optimizer, lambda t: -1.0)
    with pytest.raises(ValueError, match="lr must be at least 0"):
        optimizer.step()
    assert x.data == 1.0


def without(saved: dict[str, Any], option: str) -> dict[str, Any]:
    del saved["param_groups"][0][option]
    return saved


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda saved: {"w": 1.0}, "must have state and param_groups, not w"),
        (lambda saved: Adam([Value(1.0)]).state_dict(), "the parameter groups of the state_dict differ"),
        (
            lambda saved: SGD([Value(1.0), Value(2.0)]).state_dict(),
            "the state_dict lacks amsgrad, .*: is it from another",
        ),
        (lambda saved: without(saved, "eps"), "the state_dict lacks eps"),
        (lambda saved: saved | {"state": {5: {}}}, "has a parameter 5, but there are only 2"),
        (lambda saved: saved | {"state": {1: {"M": np.zeros(3)}}}, r"M of w has shape \(3,\) in the state_dict"),
        (
            lambda saved: {"state": {}, "param_groups": [saved["param_groups"][0] | {"lr": -1.0}]},
            "lr must be at least 0",
        ),
    ],
)
def test_a_state_dict_that_does_not_fit_changes_nothing(spoil: Callable[[Any], Any], message: str) -> None:
    x, w = Value(1.0), Tensor([1.0, 2.0], label="w")
    optimizer = Adam([x, w])
    x.grad, w.grad = 1.0, [1.0, 2.0]
    optimizer.step()
    before = optimizer.state_dict()
    with pytest.raises(ValueError, match=message):
        optimizer.load_state_dict(spoil(optimizer.state_dict()))
    np.testing.assert_equal(optimizer.state_dict(), before)


def test_a_group_that_a_schedule_does_not_know():
    optimizer = optim.SGD([Value(1.0)], lr=0.1)
    schedule = optim.StepLR(optimizer, 1)
    optimizer.add_param_group({"params": [Value(2.0)]})
    with pytest.raises(ValueError, match=r"group after its StepLR was made.*after the last add_param_group"):
        schedule.step()


# ---------------------------------------------------------------------------------------------------------------------
# L-BFGS
# ---------------------------------------------------------------------------------------------------------------------


def valley(x: Value, y: Value, optimizer: Any) -> Callable[[], Any]:
    """A closure for a narrow valley."""

    def closure() -> Any:
        optimizer.zero_grad()
        loss = (1 - x) ** 2 + 100 * (y - x * x) ** 2
        loss.backward()
        return loss

    return closure


@pytest.mark.parametrize("line_search_fn", [None, "strong_wolfe"])
def test_lbfgs_continues_from_its_state(line_search_fn: Any) -> None:
    x, y = Value(-1.0), Value(2.0)
    optimizer = optim.LBFGS([x, y], lr=0.5, max_iter=4, line_search_fn=line_search_fn)
    optimizer.step(valley(x, y, optimizer))
    u, v = Value(x.data), Value(y.data)
    other = optim.LBFGS([u, v], lr=0.5, max_iter=4, line_search_fn=line_search_fn)
    other.load_state_dict(optimizer.state_dict())
    for _ in range(3):
        optimizer.step(valley(x, y, optimizer))
        other.step(valley(u, v, other))
        assert (x.data, y.data) == (u.data, v.data)


def test_lbfgs_finds_the_minimum_and_refuses_what_it_cannot_do() -> None:
    x, y = Value(-1.0), Value(2.0)
    optimizer = optim.LBFGS([x, y], line_search_fn="strong_wolfe", maximize=True)
    losses = [-optimizer.step(lambda: negated(x, y, optimizer)).item() for _ in range(4)]
    assert losses[-1] < 1e-6 < losses[0]
    with pytest.raises(TypeError, match="closure"):
        optimizer.step()
    with pytest.raises(ValueError, match="strong_wolfe"):
        optim.LBFGS([x], line_search_fn="other")
    with pytest.raises(ValueError, match="single group"):
        optim.LBFGS([{"params": [x]}, {"params": [y]}])
    before = x.data
    with pytest.raises(FloatingPointError, match="nothing was changed"):
        optimizer.step(lambda: spoilt(x))
    assert x.data == before


def negated(x: Value, y: Value, optimizer: Any) -> Any:
    """The same valley, as a mountain."""
    optimizer.zero_grad()
    loss = -((1 - x) ** 2) - 10 * (y - x * x) ** 2
    loss.backward()
    return loss


def spoilt(x: Value) -> Value:
    """A loss whose gradient is nan."""
    x.grad = math.nan
    return x


@pytest.mark.parametrize(
    "make",
    [
        lambda optimizer: optim.LambdaLR(optimizer, math.exp),
        lambda optimizer: optim.StepLR(optimizer, 2, 0.5),
        lambda optimizer: optim.MultiStepLR(optimizer, [3, 1], 0.5),
        lambda optimizer: optim.ExponentialLR(optimizer, 0.9),
        lambda optimizer: optim.LinearLR(optimizer),
        lambda optimizer: optim.CosineAnnealingLR(optimizer, 5),
        lambda optimizer: optim.ReduceLROnPlateau(optimizer, patience=0),
    ],
)
def test_schedules_are_pickled(make):
    schedule = make(SGD([Value(0.0)], lr=1.0))
    arguments = [1.0] if isinstance(schedule, optim.ReduceLROnPlateau) else []
    schedule.step(*arguments)
    again = pickle.loads(pickle.dumps(schedule))
    for each in (schedule, again):
        each.step(*arguments)
    assert again.get_last_lr() == schedule.get_last_lr()
    assert again.optimizer is not schedule.optimizer


def test_options_that_have_changed_are_checked_again_and_made_pythons() -> None:
    x = Value(1.0)
    x.grad = 1.0
    sgd = optim.SGD([x], lr=0.25)
    sgd.step()
    sgd.param_groups[0]["lr"] = np.float64(0.5)
    sgd.step()
    assert (x.data, type(sgd.param_groups[0]["lr"])) == (0.25, float)
    sgd.param_groups[0]["lr"] = -1.0
    with pytest.raises(ValueError, match=r"^lr must be at least 0 and finite, not -1\.0$"):
        sgd.step()
    assert x.data == 0.25


def test_an_option_may_be_an_array_without_axes() -> None:
    ascent = optim.SGD([Value(1.0)], lr=np.array(0.5), maximize=np.array(True))
    assert (ascent.param_groups[0]["lr"], ascent.param_groups[0]["maximize"]) == (0.5, True)
    assert type(ascent.param_groups[0]["maximize"]) is bool
