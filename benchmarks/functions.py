"""Functions of many variables, without a batch: value and gradient.

The first three are regular: their steps are alike, and can be written with arrays.  The others are irregular: each
step needs the one before it, or takes its operands from anywhere.  Engines are called as in :mod:`benchmarks.compiled`.

* **pathgrad**, **CasADi SX**, **ddx**: scalar code, compiled.
* **NumPy by hand**, **Numba by hand**: the gradient by hand, in whole arrays or in loops.
* **JAX**, **PyTensor**: the regular functions of arrays; they take minutes to compile thousands of single steps.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import autograd
from benchmarks import ours, peers
from benchmarks.compiled import Floats, buffered, c_compiler, one_result
from benchmarks.measure import Engine, Local, Options, Run, race
from benchmarks.report import Goal, Report, race_table


@dataclass(frozen=True)
class Namespace:
    """The functions of one engine that formulas use."""

    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    sin: Callable[[Any], Any]
    sum: Callable[[Any], Any]


@dataclass(frozen=True)
class Formula:
    """A function of many variables.

    Attributes:
        write: the function of a vector, in terms of the functions of one engine.
        x: the point.
        by_hand: its value and gradient at an array, with functions of arrays; ``None`` if it is irregular.
        in_loops: the same with loops.
        in_arrays: the function as users of array engines write it, if that differs.
    """

    write: Callable[[Any, Namespace], Any]
    x: Floats
    by_hand: Callable[[Floats], tuple[Any, Floats]] | None = None
    in_loops: Callable[[Floats], tuple[Any, Floats]] | None = None
    in_arrays: Callable[[Any, Namespace], Any] | None = None


# ---------------------------------------------------------------------------------------------------------------------
# Regular functions
# ---------------------------------------------------------------------------------------------------------------------


def rosenbrock(x: Any, functions: Namespace) -> Any:
    """Rosenbrock's function."""
    return functions.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)


def rosenbrock_by_hand(x: Floats) -> tuple[Any, Floats]:
    """Its value and gradient."""
    across, along = x[1:] - x[:-1] ** 2, 1 - x[:-1]
    gradient = np.zeros_like(x)
    gradient[1:] = 200 * across
    gradient[:-1] -= 400 * across * x[:-1] + 2 * along
    return 100 * (across @ across) + along @ along, gradient


def rosenbrock_in_loops(x: Floats) -> tuple[Any, Floats]:
    """Its value and gradient."""
    value, gradient = 0.0, np.zeros_like(x)
    for i in range(len(x) - 1):
        across, along = x[i + 1] - x[i] * x[i], 1 - x[i]
        value += 100 * across * across + along * along
        gradient[i] -= 400 * across * x[i] + 2 * along
        gradient[i + 1] = 200 * across
    return value, gradient


def logsumexp(x: Any, functions: Namespace) -> Any:
    """The log-sum-exp function, without the shift that large numbers need."""
    return functions.log(functions.sum(functions.exp(x)))


def logsumexp_by_hand(x: Floats) -> tuple[Any, Floats]:
    """Its value and gradient."""
    exponentials = np.exp(x)
    total = exponentials.sum()
    return np.log(total), exponentials / total


def logsumexp_in_loops(x: Floats) -> tuple[Any, Floats]:
    """Its value and gradient."""
    total, gradient = 0.0, np.empty_like(x)
    for i in range(len(x)):
        gradient[i] = np.exp(x[i])
        total += gradient[i]
    for i in range(len(x)):
        gradient[i] /= total
    return np.log(total), gradient


SOFT = 0.1
"""What is added to squared distances, as in simulations of stars."""


def potential(bodies: int) -> Callable[[Any, Namespace], Any]:
    """The potential of bodies in space, whose coordinates are the thirds of the vector; a sum over all pairs."""

    def write(x: Any, functions: Namespace) -> Any:
        total = 0.0
        for k in range(1, bodies):  # all pairs whose numbers differ by k
            squares = SOFT
            for start in (0, bodies, 2 * bodies):
                squares = squares + (x[start + k : start + bodies] - x[start : start + bodies - k]) ** 2
            total = total - functions.sum(squares**-0.5)
        return total

    return write


def potential_in_arrays(x: Any, functions: Namespace) -> Any:
    """The same with the matrix of all pairs, each of which stands there twice, and the distances of 0 to themselves."""
    points = x.reshape((3, -1))
    squares = ((points[:, :, None] - points[:, None, :]) ** 2).sum(0) + SOFT
    return -0.5 * (functions.sum(squares**-0.5) - points.shape[1] * SOFT**-0.5)


def potential_by_hand(x: Floats) -> tuple[Any, Floats]:
    """Its value and gradient."""
    points = x.reshape(3, -1)
    apart = points[:, :, None] - points[:, None, :]
    squares = np.einsum("kij,kij->ij", apart, apart) + SOFT
    inverse = squares**-0.5
    np.fill_diagonal(inverse, 0.0)
    gradient = np.einsum("ij,kij->ki", inverse / squares, apart)
    return -0.5 * inverse.sum(), gradient.ravel()


def potential_in_loops(x: Floats) -> tuple[Any, Floats]:
    """Its value and gradient."""
    n, value, gradient = len(x) // 3, 0.0, np.zeros_like(x)
    for i in range(n):
        for j in range(i):
            a, b, c = x[i] - x[j], x[n + i] - x[n + j], x[2 * n + i] - x[2 * n + j]
            squares = a * a + b * b + c * c + SOFT
            inverse = 1 / np.sqrt(squares)
            value -= inverse
            inverse /= squares
            gradient[i] += a * inverse
            gradient[j] -= a * inverse
            gradient[n + i] += b * inverse
            gradient[n + j] -= b * inverse
            gradient[2 * n + i] += c * inverse
            gradient[2 * n + j] -= c * inverse
    return value, gradient


# ---------------------------------------------------------------------------------------------------------------------
# Irregular functions
# ---------------------------------------------------------------------------------------------------------------------


def lorenz(steps: int) -> Callable[[Any, Namespace], Any]:
    """The state of Lorenz's system after some steps of Runge and Kutta, of its first state and its constants."""

    def write(x: Any, functions: Namespace) -> Any:
        state, (sigma, rho, beta) = (x[0], x[1], x[2]), (x[3], x[4], x[5])

        def moved(by: float, slope: Any) -> Any:
            return tuple(s + by * k for s, k in zip(state, slope, strict=True))

        def slope(a: Any, b: Any, c: Any) -> Any:
            return sigma * (b - a), a * (rho - c) - b, a * b - beta * c

        h = 0.005
        for _ in range(steps):
            k1 = slope(*state)
            k2 = slope(*moved(h / 2, k1))
            k3 = slope(*moved(h / 2, k2))
            k4 = slope(*moved(h, k3))
            state = moved(h / 6, [p + 2 * (q + r) + s for p, q, r, s in zip(k1, k2, k3, k4, strict=True)])
        return state[0] + state[1] + state[2]

    return write


def chain(steps: int) -> Callable[[Any, Namespace], Any]:
    """Products and sines in turns."""

    def write(x: Any, functions: Namespace) -> Any:
        y = x[0]
        for _ in range(steps // 2):
            y = functions.sin(y) * x[1]
        return y

    return write


def random_graph(steps: int) -> Callable[[Any, Namespace], Any]:
    """Operations chosen at random, each of two numbers chosen at random before it."""

    def write(x: Any, functions: Namespace) -> Any:
        kinds = [
            lambda a, b: a * b,
            lambda a, b: 0.5 * (a + b),
            lambda a, b: a - 0.5 * b,
            lambda a, b: functions.sin(a) + b,
            lambda a, b: a / (2 + b * b),
        ]
        draw = random.Random(0)
        numbers = [x[i] for i in range(x.shape[0])]
        for _ in range(steps // 2):  # a step has two operations in the mean
            numbers.append(draw.choice(kinds)(*draw.choices(numbers, k=2)))
        return sum(numbers)

    return write


# ---------------------------------------------------------------------------------------------------------------------
# The engines
# ---------------------------------------------------------------------------------------------------------------------


def pathgrad(machine: str) -> Callable[[Formula], Run]:
    """Our compiled function, on one of our machines; it is recorded with an array of Values."""
    functions = Namespace(np.frompyfunc(autograd.exp, 1, 1), autograd.log, autograd.sin, autograd.sum)

    def build(task: Formula) -> Run:
        write = task.write  # a compiled function compares what it captures at each call; so not the array of the task
        compiled = autograd.compile(lambda x: write(x, functions))
        with ours.MACHINES[machine]():
            for step in (1.0, 1.5, 1.0):  # it is recorded for two different points, as in an optimization
                compiled.value_and_grad(step * task.x)
        return Local(lambda: compiled.value_and_grad(task.x), one_result)

    return build


def numpy_by_hand(task: Formula) -> Run:
    """NumPy."""
    assert task.by_hand is not None
    by_hand = task.by_hand
    return Local(lambda: by_hand(task.x), one_result)


def numba_by_hand(task: Formula) -> Run:
    """Loops, with IEEE arithmetic."""
    step = peers.numba().njit(error_model="numpy")(task.in_loops)
    return Local(lambda: step(task.x), one_result)


def jax(task: Formula) -> Run:
    """Compiled by XLA."""
    jax = peers.jax()
    jnp = jax.numpy
    functions = Namespace(jnp.exp, jnp.log, jnp.sin, jnp.sum)
    compiled = jax.jit(jax.value_and_grad(lambda x: (task.in_arrays or task.write)(x, functions)))
    x = jnp.asarray(task.x)
    return Local(lambda: jax.block_until_ready(compiled(x)), one_result)


def pytensor(task: Formula) -> Run:
    """Compiled with Numba."""
    peers.pytensor()
    import pytensor
    import pytensor.tensor as pt

    x = pt.tensor("x", shape=task.x.shape, dtype="float64")
    y = (task.in_arrays or task.write)(x, Namespace(pt.exp, pt.log, pt.sin, pt.sum))
    function = peers.pytensor_function([x], [y, pytensor.grad(y, x)])
    return Local(lambda: function(task.x), one_result)


def casadi_sx(task: Formula, options: dict[str, Any] | None = None) -> Run:
    """A Function of value and gradient."""
    import casadi

    x = casadi.SX.sym("x", len(task.x))
    y = task.write(x, Namespace(casadi.exp, casadi.log, casadi.sin, casadi.sum1))
    return buffered(casadi.Function("f", [x], [y, casadi.gradient(y, x)], options or {}), task.x)


def casadi_c(task: Formula) -> Run:
    """As :func:`casadi_sx`, run as C code."""
    with c_compiler() as options:
        return casadi_sx(task, options)


def ddx(task: Formula) -> Run:
    """An equation in an array of scalar expressions."""
    import ddx

    functions = Namespace(np.frompyfunc(ddx.exp, 1, 1), ddx.log, ddx.sin, np.sum)

    def model() -> Any:
        x = (ddx.var(f"x{i}") for i in range(len(task.x)))
        return task.write(np.fromiter(x, object), functions)

    call = ddx.equation(model).compile(cache_dir="").buffer(task.x.copy())

    def step() -> tuple[Any, Floats]:
        call.x[:] = task.x
        call()
        return call.value, call.jacobian

    return Local(step, one_result)


# ---------------------------------------------------------------------------------------------------------------------
# The group
# ---------------------------------------------------------------------------------------------------------------------

SCALAR_CODE = [
    *[Engine(machine, "pathgrad", pathgrad(machine)) for machine in ours.MACHINES],
    Engine("CasADi SX", "casadi", casadi_sx),
    *([Engine("CasADi SX, as C", "casadi", casadi_c)] if shutil.which("gcc") else []),
    Engine("ddx", "ddx-ad", ddx),
]
ARRAY_CODE = [
    Engine("NumPy by hand", "numpy", numpy_by_hand),
    Engine("Numba by hand", "numba", numba_by_hand),
    Engine("JAX", "jax", jax),
    Engine("PyTensor", "pytensor", pytensor),
]
PEERS = [engine for engine in (*SCALAR_CODE, *ARRAY_CODE) if engine.package != "pathgrad"]


def tasks(quick: bool = False) -> dict[str, Formula]:
    """The functions by name; small ones to see that everything works."""
    many, bodies, steps, length = (3, 2, 2, 4) if quick else (1000, 40, 200, 2000)
    x = np.random.default_rng(0).uniform(-1, 1, max(many, 3 * bodies))
    start = np.array([1.0, 2.0, 20.0, 10.0, 28.0, 8 / 3])
    return {
        f"Rosenbrock, {many:,} variables": Formula(rosenbrock, x[:many], rosenbrock_by_hand, rosenbrock_in_loops),
        f"log-sum-exp, {many:,} variables": Formula(logsumexp, x[:many], logsumexp_by_hand, logsumexp_in_loops),
        f"potential of {bodies} bodies": Formula(
            potential(bodies), x[: 3 * bodies], potential_by_hand, potential_in_loops, potential_in_arrays
        ),
        f"Lorenz, Runge-Kutta, {steps} steps": Formula(lorenz(steps), start),
        f"chain of {length:,}": Formula(chain(length), np.array([0.5, 1.5])),
        f"random graph of {length:,}": Formula(random_graph(length), x[:3] if quick else x[:20]),
    }


def measure(options: Options) -> Report:
    """Time all engines at all functions."""
    races, goals = [], []
    for name, task in tasks(options.quick).items():
        is_regular = task.by_hand is not None
        result = race(name, [*SCALAR_CODE, *ARRAY_CODE] if is_regular else SCALAR_CODE, task, options)
        races.append(result)
        goals += [Goal(result, e.name, "pathgrad compiled", 1) for e in PEERS if is_regular]
    lines = [line for result in races for line in ("", *race_table(result, first=True))][1:]
    return Report(lines, [result.as_json() for result in races], goals, races[0].missing, races)
