"""The compiled training step, and two functions of a thousand variables: value and all gradients.

Every engine is called as its users would call it in a loop, with new parameters each time:

* **pathgrad compiled**: the scalar code of one sample, given to ``autograd.compile``; a second row runs it with NumPy,
  as happens without a C compiler; a third compiles a loop over all samples, without ``batch=``.
* **NumPy by hand**: forward and backward pass as matrices, in place where that saves an array.
* **PyTorch**: the network of matrices, eager.
* **JAX**: the same, with ``jit(value_and_grad)`` in float64, on the calling thread; see :mod:`benchmarks.peers`.
* **CasADi SX**: the scalar code of one sample as a ``Function`` of value and gradient, mapped over the samples inside a
  ``Function`` of the parameters, which is called through its buffers.  CasADi's virtual machine runs it; a second row
  runs the C code that CasADi generates, if a C compiler is installed.
* **ddx**: the scalar code of one sample as an equation, which its LLVM compiles for this number of samples, called
  through its buffer; NumPy takes the mean.  The weight decay does not depend on samples and is added by hand.
* **micrograd**: the eager step of :mod:`benchmarks.scalar`, for comparison.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import autograd
from benchmarks import ours, peers
from benchmarks.measure import Engine, Local, Options, Race, Run, race
from benchmarks.report import Goal, Report, race_table
from benchmarks.scalar import micrograd
from benchmarks.training import DECAY, Training, decay, flat, hinge

Floats: TypeAlias = NDArray[np.float64]
Build: TypeAlias = Callable[[Any], Run]


def one_result(result: Sequence[Any]) -> Floats:
    """A value and a flat gradient as one array."""
    value, gradient = result
    return np.concatenate([np.ravel(value), np.ravel(gradient)])


# ---------------------------------------------------------------------------------------------------------------------
# The training step
# ---------------------------------------------------------------------------------------------------------------------


def pathgrad(machine: str) -> Callable[[Training], Local]:
    """Our compiled function, on one of our machines."""

    def build(task: Training) -> Local:
        def sample_loss(parameters: Sequence[Any], x: Sequence[Any], target: Any) -> Any:
            return hinge(task.layers(parameters), x, target, autograd.relu) + decay(parameters)

        compiled = autograd.compile(sample_loss, batch=("x", "target"))
        return pathgrad_step(compiled, task, machine)

    return build


def pathgrad_loop(task: Training) -> Local:
    """Our compiled function of all samples, which loops over them."""

    def loss(parameters: Sequence[Any], points: Sequence[Any], targets: Sequence[Any]) -> Any:
        layers = task.layers(parameters)
        losses = [hinge(layers, x, target, autograd.relu) for x, target in zip(points, targets, strict=True)]
        return sum(losses) / len(losses) + decay(parameters)

    return pathgrad_step(autograd.compile(loss), task)


def pathgrad_step(compiled: autograd.Compiled, task: Training, machine: str = "pathgrad compiled") -> Local:
    """A compiled training step; it is recorded for two different points, as in training."""
    parameters, points, targets = np.array(task.parameters), np.array(task.points), np.array(task.targets)
    with ours.MACHINES[machine]():
        for step in (1.0, 1.5, 1.0):
            compiled.value_and_grad(step * parameters, points, targets)
    return Local(lambda: compiled.value_and_grad(parameters, points, targets), one_result)


def numpy_by_hand(task: Training) -> Run:
    """Forward and backward as on paper."""
    layers = task.matrices()
    x, targets = np.array(task.points), np.array(task.targets)

    def step() -> tuple[float, list[tuple[Floats, Floats]]]:
        inputs = [x]
        for weights, bias in layers:
            z = inputs[-1] @ weights.T
            z += bias
            inputs.append(np.maximum(z, 0, out=z) if weights is not layers[-1][0] else z)
        margin = 1 - targets * inputs.pop()[:, 0]
        squares = sum(np.vdot(w, w) + np.vdot(b, b) for w, b in layers)
        loss = np.maximum(margin, 0).mean() + DECAY * squares

        gradients = []
        gradient = ((margin > 0) * targets / -len(x))[:, None]
        for weights, bias in reversed(layers):
            below = inputs.pop()
            gradients.append((gradient.T @ below + 2 * DECAY * weights, gradient.sum(0) + 2 * DECAY * bias))
            if inputs:
                gradient = gradient @ weights
                gradient *= below > 0
        return loss, gradients[::-1]

    return Local(step, lambda result: flat(*result))


def pytorch(task: Training) -> Run:
    """The network of matrices, eager."""
    torch = peers.torch()
    linear = torch.nn.functional.linear
    layers = [(torch.from_numpy(w).requires_grad_(), torch.from_numpy(b).requires_grad_()) for w, b in task.matrices()]
    parameters = [p for layer in layers for p in layer]
    x, targets = torch.tensor(task.points, dtype=torch.float64), torch.tensor(task.targets, dtype=torch.float64)

    def step() -> Any:
        h = x
        for weights, bias in layers[:-1]:
            h = linear(h, weights, bias).relu()
        h = linear(h, *layers[-1])[:, 0]
        loss = (1 - targets * h).relu().mean() + DECAY * sum((p * p).sum() for p in parameters)
        return loss, torch.autograd.grad(loss, parameters)

    def read(result: Any) -> Iterator[float]:
        loss, gradients = result
        return flat(loss.detach(), zip(gradients[::2], gradients[1::2], strict=True))

    return Local(step, read)


def jax(task: Training) -> Run:
    """The network of matrices, compiled by XLA."""
    jax = peers.jax()
    jnp = jax.numpy
    layers = [(jnp.asarray(weights), jnp.asarray(bias)) for weights, bias in task.matrices()]
    x, targets = jnp.asarray(task.points), jnp.asarray(task.targets)

    def loss(layers: Any) -> Any:
        h = x
        for weights, bias in layers[:-1]:
            h = jax.nn.relu(h @ weights.T + bias)
        weights, bias = layers[-1]
        h = (h @ weights.T + bias)[:, 0]
        squares = sum(jnp.vdot(p, p) for layer in layers for p in layer)
        return jnp.mean(jax.nn.relu(1 - targets * h)) + DECAY * squares

    compiled = jax.jit(jax.value_and_grad(loss))
    return Local(lambda: jax.block_until_ready(compiled(layers)), lambda result: flat(*result))


def casadi_sx(task: Training, options: dict[str, Any] | None = None) -> Run:
    """The scalar code of one sample, mapped over all of them."""
    import casadi

    n, size = len(task.points), len(task.parameters)
    p, x, target = casadi.SX.sym("p", size), casadi.SX.sym("x", len(task.points[0])), casadi.SX.sym("target")
    numbers = casadi.vertsplit(p)
    loss = hinge(task.layers(numbers), casadi.vertsplit(x), target, lambda z: casadi.fmax(z, 0))
    sample = casadi.Function("sample", [p, x, target], [loss, casadi.gradient(loss, p)], options or {})
    total = sample.map("total", "serial", n, [0], [0, 1])  # one parameter vector, and sums over the samples

    parameters = casadi.MX.sym("parameters", size)
    value, gradient = total(parameters, casadi.DM(task.points).T, casadi.DM(task.targets).T)
    small = DECAY * casadi.dot(parameters, parameters)
    outputs = [value / n + small, gradient / n + casadi.gradient(small, parameters)]
    return buffered(casadi.Function("step", [parameters], outputs, options or {}), task.parameters)


def buffered(function: Any, point: Sequence[float] | Floats) -> Run:
    """A CasADi function from a vector to value and gradient, called through its buffers."""
    x = np.array(point)
    argument, value, gradient = x.copy(), np.zeros(1), np.zeros(len(x))
    buffer, call = function.buffer()
    buffer.set_arg(0, argument.data)
    buffer.set_res(0, value.data)
    buffer.set_res(1, gradient.data)

    def step() -> tuple[Floats, Floats, Any]:
        argument[:] = x
        call()
        return value, gradient, buffer  # the buffer must outlive the calls

    return Local(step, lambda result: one_result(result[:2]))


@contextmanager
def c_compiler() -> Iterator[dict[str, Any]]:
    """Options with which CasADi compiles its C code, in a temporary folder."""
    here = os.getcwd()
    compiler = {"flags": ["-O3", "-march=native"], "cleanup": False}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        os.chdir(folder)  # CasADi writes to the current folder
        try:
            yield {"jit": True, "compiler": "shell", "jit_options": compiler, "jit_cleanup": False}
        finally:
            os.chdir(here)


def casadi_c(task: Training) -> Run:
    """As :func:`casadi_sx`, run as C code."""
    with c_compiler() as options:
        return casadi_sx(task, options)


def ddx(task: Training) -> Run:
    """The scalar code of one sample, evaluated at many points at once."""
    import ddx

    def sample_loss() -> Any:
        parameters = [ddx.var(f"p{i}") for i in range(len(task.parameters))]
        x = [ddx.param(f"x{i}") for i in range(len(task.points[0]))]
        return hinge(task.layers(parameters), x, ddx.param("target"), lambda z: ddx.max(z, 0.0))

    n = len(task.points)
    parameters, share = np.array(task.parameters), np.full(n, 1 / n)
    columns = np.vstack([np.repeat(parameters[:, None], n, axis=1), np.transpose(task.points), np.array(task.targets)])
    call = ddx.equation(sample_loss).compile(points=n, cache_dir="").buffer(columns)

    def step() -> tuple[Any, Floats]:
        call.x[: len(parameters)] = parameters[:, None]
        call()
        loss = call.value @ share + DECAY * (parameters @ parameters)
        return loss, call.jacobian @ share + 2 * DECAY * parameters

    return Local(step, one_result)


# ---------------------------------------------------------------------------------------------------------------------
# Two functions of a thousand variables
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Namespace:
    """The functions of one engine that formulas use."""

    exp: Callable[[Any], Any]
    log: Callable[[Any], Any]
    sum: Callable[[Any], Any]


@dataclass(frozen=True)
class Formula:
    """A function of many variables.

    Attributes:
        write: the function of a vector, in terms of the functions of one engine.
        by_hand: its value and gradient at an array.
        x: the point.
    """

    write: Callable[[Any, Namespace], Any]
    by_hand: Callable[[Floats], tuple[Any, Floats]]
    x: Floats


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


def logsumexp(x: Any, functions: Namespace) -> Any:
    """The log-sum-exp function, without the shift that large numbers need."""
    return functions.log(functions.sum(functions.exp(x)))


def logsumexp_by_hand(x: Floats) -> tuple[Any, Floats]:
    """Its value and gradient."""
    exponentials = np.exp(x)
    total = exponentials.sum()
    return np.log(total), exponentials / total


def formula_by_hand(task: Formula) -> Run:
    """NumPy."""
    return Local(lambda: task.by_hand(task.x), one_result)


def formula_pathgrad(machine: str) -> Callable[[Formula], Run]:
    """Our compiled function, on one of our machines; it is recorded with an array of Values."""
    functions = Namespace(np.frompyfunc(autograd.exp, 1, 1), autograd.log, autograd.sum)

    def build(task: Formula) -> Run:
        write = task.write  # a compiled function compares what it captures at each call; so not the array of the task
        compiled = autograd.compile(lambda x: write(x, functions))
        with ours.MACHINES[machine]():
            for step in (1.0, 1.5, 1.0):  # it is recorded for two different points, as in an optimization
                compiled.value_and_grad(step * task.x)
        return Local(lambda: compiled.value_and_grad(task.x), one_result)

    return build


def formula_jax(task: Formula) -> Run:
    """Compiled by XLA."""
    jax = peers.jax()
    jnp = jax.numpy
    functions = Namespace(jnp.exp, jnp.log, jnp.sum)
    compiled = jax.jit(jax.value_and_grad(lambda x: task.write(x, functions)))
    x = jnp.asarray(task.x)
    return Local(lambda: jax.block_until_ready(compiled(x)), one_result)


def formula_casadi_sx(task: Formula, options: dict[str, Any] | None = None) -> Run:
    """A Function of value and gradient."""
    import casadi

    x = casadi.SX.sym("x", len(task.x))
    y = task.write(x, Namespace(casadi.exp, casadi.log, casadi.sum1))
    return buffered(casadi.Function("f", [x], [y, casadi.gradient(y, x)], options or {}), task.x)


def formula_casadi_c(task: Formula) -> Run:
    """As :func:`formula_casadi_sx`, run as C code."""
    with c_compiler() as options:
        return formula_casadi_sx(task, options)


def formula_ddx(task: Formula) -> Run:
    """An equation in an array of scalar expressions."""
    import ddx

    functions = Namespace(np.frompyfunc(ddx.exp, 1, 1), ddx.log, np.sum)

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


def compiling(
    numpy: Build, pathgrad: Callable[[str], Build], jax: Build, casadi_sx: Build, casadi_c: Build, ddx: Build
) -> list[Engine]:
    """The engines that compile, and NumPy, for one kind of task."""
    return [
        *[Engine(machine, "pathgrad", pathgrad(machine)) for machine in ours.MACHINES],
        Engine("NumPy by hand", "numpy", numpy),
        Engine("JAX", "jax", jax),
        Engine("CasADi SX", "casadi", casadi_sx),
        *([Engine("CasADi SX, as C", "casadi", casadi_c)] if shutil.which("gcc") else []),
        Engine("ddx", "ddx-ad", ddx),
    ]


def measure(options: Options) -> Report:
    """Time all engines at the training step and at both functions."""
    task, variables = (Training(2), 3) if options.quick else (Training(), 1000)
    steps = compiling(numpy_by_hand, pathgrad, jax, casadi_sx, casadi_c, ddx)
    steps.insert(1, Engine("pathgrad, samples in a loop", "pathgrad", pathgrad_loop))
    steps += [Engine("PyTorch", "torch", pytorch), Engine("micrograd, eager", "micrograd", micrograd)]
    formulas = compiling(
        formula_by_hand, formula_pathgrad, formula_jax, formula_casadi_sx, formula_casadi_c, formula_ddx
    )
    x = np.random.default_rng(0).uniform(-1, 1, variables)
    races = [
        race("compiled training step", steps, task, options),
        race(f"Rosenbrock, {variables:,} variables", formulas, Formula(rosenbrock, rosenbrock_by_hand, x), options),
        race(f"log-sum-exp, {variables:,} variables", formulas, Formula(logsumexp, logsumexp_by_hand, x), options),
    ]
    lines = [line for result in races for line in ("", *race_table(result))][1:]
    return Report(lines, [result.as_json() for result in races], goals(*races), races[0].missing, races)


FORMULA_PEERS = ("NumPy by hand", "JAX", "CasADi SX", "CasADi SX, as C", "ddx")
"""The engines that functions of many variables should not be slower than."""


def goals(step: Race, *formulas: Race) -> list[Goal]:
    """The ratios that the compiled function aims at."""
    times = {"CasADi SX": 10.0, "ddx": 10.0, "PyTorch": 5.0, "NumPy by hand": 2.0, "JAX": 2.0}
    return [
        *[Goal(step, slow, "pathgrad compiled", ratio) for slow, ratio in times.items()],
        Goal(step, "micrograd, eager", "pathgrad NumPy lanes", 300),
        *[Goal(formula, slow, "pathgrad compiled", 1) for formula in formulas for slow in FORMULA_PEERS],
    ]
