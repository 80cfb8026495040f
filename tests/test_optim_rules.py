"""Every optimizer against its rule, written for one number as PyTorch's documentation states it."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import Tensor, Value
from nn import optim

Rule = Callable[[float, list[float], dict[str, Any]], list[float]]

RULES: dict[str, Rule] = {}
"""For each optimizer the points that it visits, given the first one, the gradients and the options."""


def rule(function: Rule) -> Rule:
    RULES[function.__name__] = function
    return function


def signed(g: float, o: dict[str, Any]) -> float:
    return -g if o.get("maximize") else g


@rule
def SGD(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    points, buffer = [], None
    for given_gradient in gradients:
        g = signed(given_gradient, o) + o["weight_decay"] * x
        if o["momentum"]:
            buffer = g if buffer is None else o["momentum"] * buffer + (1 - o["dampening"]) * g
            g = g + o["momentum"] * buffer if o["nesterov"] else buffer
        x -= o["lr"] * g
        points.append(x)
    return points


@rule
def Adagrad(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    points, total = [], o["initial_accumulator_value"]
    for step, given_gradient in enumerate(gradients):
        g = signed(given_gradient, o) + o["weight_decay"] * x
        total += g**2
        x -= o["lr"] / (1 + step * o["lr_decay"]) * g / (math.sqrt(total) + o["eps"])
        points.append(x)
    return points


@rule
def RMSprop(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    points, square, mean, buffer = [], 0.0, 0.0, 0.0
    for given_gradient in gradients:
        g = signed(given_gradient, o) + o["weight_decay"] * x
        square = o["alpha"] * square + (1 - o["alpha"]) * g**2
        mean = o["alpha"] * mean + (1 - o["alpha"]) * g
        scaled = g / (math.sqrt(square - mean**2 if o["centered"] else square) + o["eps"])
        if o["momentum"] > 0:
            scaled = buffer = o["momentum"] * buffer + scaled
        x -= o["lr"] * scaled
        points.append(x)
    return points


def adam(x: float, gradients: list[float], o: dict[str, Any], decoupled: bool) -> list[float]:
    (beta1, beta2), points, m, v, largest = o["betas"], [], 0.0, 0.0, 0.0
    for step, given_gradient in enumerate(gradients, 1):
        g = signed(given_gradient, o)
        if decoupled:
            x -= o["lr"] * o["weight_decay"] * x
        else:
            g += o["weight_decay"] * x
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        largest = max(largest, v)
        corrected = (largest if o["amsgrad"] else v) / (1 - beta2**step)
        x -= o["lr"] * (m / (1 - beta1**step)) / (math.sqrt(corrected) + o["eps"])
        points.append(x)
    return points


@rule
def Adam(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    return adam(x, gradients, o, decoupled=False)


@rule
def AdamW(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    return adam(x, gradients, o, decoupled=True)


@rule
def Adadelta(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    points, v, u = [], 0.0, 0.0
    for given_gradient in gradients:
        g = signed(given_gradient, o) + o["weight_decay"] * x
        v = o["rho"] * v + (1 - o["rho"]) * g**2
        change = math.sqrt(u + o["eps"]) / math.sqrt(v + o["eps"]) * g
        u = o["rho"] * u + (1 - o["rho"]) * change**2
        x -= o["lr"] * change
        points.append(x)
    return points


@rule
def Adamax(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    (beta1, beta2), points, m, u = o["betas"], [], 0.0, 0.0
    for step, given_gradient in enumerate(gradients, 1):
        g = signed(given_gradient, o) + o["weight_decay"] * x
        m, u = beta1 * m + (1 - beta1) * g, max(beta2 * u, abs(g) + o["eps"])
        x -= o["lr"] * m / ((1 - beta1**step) * u)
        points.append(x)
    return points


def decayed(x: float, g: float, o: dict[str, Any]) -> tuple[float, float]:
    if o["decoupled_weight_decay"]:
        return x - o["lr"] * o["weight_decay"] * x, g
    return x, g + o["weight_decay"] * x


@rule
def NAdam(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    (beta1, beta2), points, m, v, product = o["betas"], [], 0.0, 0.0, 1.0
    for step, given_gradient in enumerate(gradients, 1):
        x, g = decayed(x, signed(given_gradient, o), o)
        mu, following = [beta1 * (1 - 0.5 * 0.96 ** (k * o["momentum_decay"])) for k in (step, step + 1)]
        product *= mu
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        m_hat = following * m / (1 - product * following) + (1 - mu) * g / (1 - product)
        x -= o["lr"] * m_hat / (math.sqrt(v / (1 - beta2**step)) + o["eps"])
        points.append(x)
    return points


@rule
def RAdam(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    (beta1, beta2), points, m, v = o["betas"], [], 0.0, 0.0
    limit = 2 / (1 - beta2) - 1
    for step, given_gradient in enumerate(gradients, 1):
        x, g = decayed(x, signed(given_gradient, o), o)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**step)
        length = limit - 2 * step * beta2**step / (1 - beta2**step)
        if length > 5:
            adaptive = math.sqrt(1 - beta2**step) / (math.sqrt(v) + o["eps"])
            m_hat *= adaptive * math.sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length))
        x -= o["lr"] * m_hat
        points.append(x)
    return points


@rule
def Rprop(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    (smaller, larger), (least, most) = o["etas"], o["step_sizes"]
    points, before, size = [], 0.0, o["lr"]
    for given_gradient in gradients:
        g = signed(given_gradient, o)
        if before * g > 0:
            size = min(size * larger, most)
        elif before * g < 0:
            size, g = max(size * smaller, least), 0.0
        x -= size * math.copysign(1.0, g) if g else 0.0
        before = g
        points.append(x)
    return points


@rule
def ASGD(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    points, eta = [], o["lr"]
    for step, given_gradient in enumerate(gradients, 1):
        g = signed(given_gradient, o) + o["weight_decay"] * x
        x = x * (1 - o["lambd"] * eta) - eta * g
        eta = o["lr"] / (1 + o["lambd"] * o["lr"] * step) ** o["alpha"]
        points.append(x)
    return points


@rule
def Adafactor(x: float, gradients: list[float], o: dict[str, Any]) -> list[float]:
    """Of a single number, whose root mean square is its size, so that a step without ``eps`` knows only a sign."""
    points, v = [], 0.0
    for step, given_gradient in enumerate(gradients, 1):
        g, share = signed(given_gradient, o), step ** o["beta2_decay"]
        v = (1 - share) * v + share * g * g
        u = g / max(math.sqrt(v), 2.0**-52)
        size = max(o["eps"][1], abs(x)) * min(o["lr"], 1 / math.sqrt(step))
        x -= o["lr"] * o["weight_decay"] * x
        x -= size * u / max(1.0, abs(u) / o["d"])
        points.append(x)
    return points


DEFAULTS: dict[str, dict[str, Any]] = {
    "Adafactor": {"lr": 1e-2, "beta2_decay": -0.8, "eps": (None, 1e-3), "d": 1.0, "weight_decay": 0},
    "SGD": {"lr": 1e-3, "momentum": 0, "dampening": 0, "weight_decay": 0, "nesterov": False},
    "Adagrad": {"lr": 1e-2, "lr_decay": 0, "weight_decay": 0, "initial_accumulator_value": 0, "eps": 1e-10},
    "RMSprop": {"lr": 1e-2, "alpha": 0.99, "eps": 1e-8, "weight_decay": 0, "momentum": 0, "centered": False},
    "Adam": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0, "amsgrad": False},
    "AdamW": {"lr": 1e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 1e-2, "amsgrad": False},
    "Adadelta": {"lr": 1.0, "rho": 0.9, "eps": 1e-6, "weight_decay": 0},
    "Adamax": {"lr": 2e-3, "betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0},
    "NAdam": {
        "lr": 2e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0,
        "momentum_decay": 4e-3,
        "decoupled_weight_decay": False,
    },
    "RAdam": {
        "lr": 1e-3,
        "betas": (0.9, 0.999),
        "eps": 1e-8,
        "weight_decay": 0,
        "decoupled_weight_decay": False,
    },
    "Rprop": {"lr": 1e-2, "etas": (0.5, 1.2), "step_sizes": (1e-6, 50)},
    "ASGD": {"lr": 1e-2, "lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0},
}
"""The arguments after the parameters, in PyTorch's order and with its defaults."""

OPTIONS: dict[str, st.SearchStrategy[Any]] = {
    "lr": st.floats(1e-3, 0.3),
    "betas": st.tuples(st.floats(0.5, 0.95), st.floats(0.6, 0.99)),
    "eps": st.floats(1e-6, 1e-2),
    "rho": st.floats(0.5, 0.99),
    "alpha": st.floats(0.5, 0.99),
    "beta2_decay": st.floats(-2.0, -0.1),
    "d": st.floats(1.0, 2.0),
    "lambd": st.floats(1e-3, 0.1),
    "lr_decay": st.floats(0, 0.5),
    "initial_accumulator_value": st.floats(0, 2),
    "weight_decay": st.floats(0, 0.5),
    "momentum": st.floats(0.0, 0.95),
    "momentum_decay": st.floats(1e-3, 0.5),
    "amsgrad": st.booleans(),
    "centered": st.booleans(),
    "decoupled_weight_decay": st.booleans(),
}
GRADIENTS = st.lists(st.floats(0.1, 3) | st.floats(-3, -0.1), min_size=8, max_size=8)


def test_no_optimizer_is_left_out() -> None:
    made = {name for name in optim.__all__ if isinstance(getattr(optim, name), type)}
    optimizers = {name for name in made if issubclass(getattr(optim, name), optim.Optimizer)}
    assert optimizers - {"Optimizer", "LBFGS", "Muon"} == RULES.keys() == DEFAULTS.keys()


@pytest.mark.parametrize("name", DEFAULTS)
def test_arguments_are_those_of_pytorch(name: str) -> None:
    parameters = list(inspect.signature(getattr(optim, name)).parameters.values())[1:]
    given_by_place = {p.name: p.default for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD}
    if name == "SGD":
        assert given_by_place.pop("lr") in (DEFAULTS["SGD"]["lr"], inspect.Parameter.empty)
        assert given_by_place == {key: value for key, value in DEFAULTS["SGD"].items() if key != "lr"}
    else:
        assert given_by_place == DEFAULTS[name]
    assert next(p.default for p in parameters if p.name == "maximize") is False
    assert list(given_by_place) == [key for key in DEFAULTS[name] if key in given_by_place]


@pytest.mark.parametrize("kind", [Value, Tensor])
@pytest.mark.parametrize("name", RULES)
@given(data=st.data())
def test_every_step_is_that_of_the_rule(name: str, kind: Any, data: st.DataObject) -> None:
    drawn = {key: data.draw(OPTIONS[key], key) for key in DEFAULTS[name] if key in OPTIONS}
    if name == "Adafactor":
        drawn["eps"] = None, data.draw(OPTIONS["eps"], "eps")
    options = DEFAULTS[name] | drawn | {"maximize": data.draw(st.booleans(), "maximize")}
    if name == "SGD" and options["momentum"]:
        options["nesterov"] = data.draw(st.booleans(), "nesterov")
        options["dampening"] = 0.0 if options["nesterov"] else data.draw(st.floats(0, 0.9), "dampening")
    start, gradients = data.draw(st.floats(-2, 2), "start"), data.draw(GRADIENTS, "gradients")
    x = kind(start)
    optimizer = getattr(optim, name)([x], **options)
    found = []
    for gradient in gradients:
        x.grad = gradient if kind is Value else Tensor(gradient).numpy()
        optimizer.step()
        found.append(x.item())
    assert found == pytest.approx(RULES[name](start, gradients, options), rel=1e-9, abs=1e-9)


def test_the_mean_of_asgd_begins_after_t0() -> None:
    x = Value(1.0)
    optimizer = optim.ASGD([x], lr=0.1, lambd=0.0, t0=2)
    points = []
    for _ in range(6):
        x.grad = 1.0
        optimizer.step()
        points.append(x.data)
        if len(points) == 1:
            assert optimizer.state[x]["ax"] == x.data
    assert points == pytest.approx([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    assert optimizer.state[x]["ax"] == pytest.approx(sum(points[3:]) / 3)  # from point t0 + 2 on, as in PyTorch


def test_before_t0_the_mean_of_asgd_is_the_last_point_to_the_bit() -> None:
    x = Value(1e17)
    optimizer = optim.ASGD([x], lambd=0.0)
    for point in (1e17, 0.3):
        x.data, x.grad = point, 0.0
        optimizer.step()
        assert optimizer.state[x]["ax"] == point


# ---------------------------------------------------------------------------------------------------------------------
# Rules for whole matrices
# ---------------------------------------------------------------------------------------------------------------------

MATRICES = st.tuples(st.integers(1, 3), st.integers(1, 3), st.integers(0, 1000)).map(
    lambda drawn: np.random.default_rng(drawn[2]).normal(size=(4, *drawn[:2]))
)


@given(MATRICES, st.floats(1.0, 1.5), st.sampled_from([0.0, 0.1]))
def test_adafactor_of_a_matrix(matrices: Any, d: float, weight_decay: float) -> None:
    start, *gradients = matrices
    x, wanted, rows, columns = Tensor(start), start, 0.0, 0.0
    optimizer = optim.Adafactor([x], lr=0.3, d=d, weight_decay=weight_decay)
    for n, g in enumerate(gradients, 1):
        x.grad = g
        optimizer.step()
        share = n**-0.8
        rows = (1 - share) * rows + share * (g**2).mean(1)
        columns = (1 - share) * columns + share * (g**2).mean(0)
        u = g / np.sqrt(np.outer(rows, columns) / rows.mean())
        u = u / max(1.0, np.sqrt((u**2).mean()) / d)
        size = max(1e-3, np.sqrt((wanted**2).mean())) * min(0.3, n**-0.5)
        wanted = wanted * (1 - 0.3 * weight_decay) - size * u
        np.testing.assert_allclose(x.data, wanted, rtol=1e-9, atol=1e-12)
    assert optimizer.state[x]["R"].shape == (len(start), 1)
    again = optim.Adafactor([Tensor(start)])
    again.load_state_dict(optimizer.state_dict())
    with pytest.raises(ValueError, match="R of parameter 0 has shape"):
        optim.Adafactor([Tensor(np.ones((5, 7)))]).load_state_dict(optimizer.state_dict())


@given(MATRICES, st.booleans(), st.sampled_from(["original", "match_rms_adamw"]))
def test_muon_changes_singular_values_alone(matrices: Any, nesterov: bool, adjust: str) -> None:
    start, *gradients = matrices
    x, wanted, mean = Tensor(start), start, 0.0
    optimizer = optim.Muon([x], lr=0.1, momentum=0.9, nesterov=nesterov, adjust_lr_fn=adjust)
    for g in gradients:
        x.grad = g
        optimizer.step()
        mean = 0.9 * mean + 0.1 * g
        left, sizes, right = np.linalg.svd(0.1 * g + 0.9 * mean if nesterov else mean, full_matrices=False)
        sizes = sizes / np.sqrt((sizes**2).sum())
        for _ in range(5):
            sizes = 3.4445 * sizes - 4.775 * sizes**3 + 2.0315 * sizes**5
        rows, columns = start.shape
        factor = max(1.0, rows / columns) ** 0.5 if adjust == "original" else 0.2 * max(rows, columns) ** 0.5
        wanted = wanted * (1 - 0.1 * 0.1) - 0.1 * factor * (left * sizes) @ right
        np.testing.assert_allclose(x.data, wanted, rtol=1e-8, atol=1e-10)


def test_matrices_in_float32_stay_so() -> None:
    for kind in (optim.Adafactor, optim.Muon):
        x = Tensor(np.ones((2, 3), np.float32))
        x.grad = np.ones((2, 3), np.float32)
        kind([x]).step()
        assert x.data.dtype == np.float32


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (
            lambda: optim.Muon([Value(1.0, label="b")]),
            r"Muon takes matrices, but b has the shape \(\): give it to another",
        ),
        (lambda: optim.Muon([Tensor([1.0])]), "parameter 0 has the shape"),
        (lambda: optim.Muon([Tensor([[1.0]])], ns_coefficients=(1.0, 2.0)), "three numbers"),
        (lambda: optim.Muon([Tensor([[1.0]])], ns_steps=100), "ns_steps must be a whole number from 0 to 99"),
        (lambda: optim.Muon([Tensor([[1.0]])], adjust_lr_fn="none"), "original or match_rms_adamw"),
        (lambda: optim.Adafactor([Value(1.0)], eps=1e-3), "eps must be two numbers"),
        (lambda: optim.Adafactor([Value(1.0)], eps=(-1.0, 1e-3)), "eps must be at least 0"),
        (lambda: optim.Adafactor([Value(1.0)], d=0.5), "d must be at least 1"),
        (lambda: optim.Adafactor([Value(1.0)], beta2_decay=0.5), "beta2_decay must be at most 0"),
    ],
)
def test_options_of_matrices(call: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        call()


def test_squares_of_rows_that_overflow() -> None:
    x = Tensor([[1.0, 2.0]])
    x.grad = np.array([[1e200, 1.0]])
    with pytest.raises(FloatingPointError, match="would make parameter 0 nan or infinite"):
        optim.Adafactor([x]).step()
    assert x.data.tolist() == [[1.0, 2.0]]
