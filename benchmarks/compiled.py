"""The compiled training step: value and all gradients.

Every engine is called as its users would call it in a loop, with new parameters each time:

* **pathgrad compiled**: the scalar code of one sample, given to ``autograd.compile``; a second row runs it with NumPy,
  as happens without a C compiler; a third compiles a loop over all samples, without ``batch=``.
* **NumPy by hand**: forward and backward pass as matrices, in place where that saves an array.
* **Numba by hand**: the same in loops, compiled by Numba.
* **PyTorch**: the network of matrices, eager.
* **JAX**: the same, with ``jit(value_and_grad)`` in float64, on the calling thread; see :mod:`benchmarks.peers`.
* **CasADi SX**: the scalar code of one sample as a ``Function`` of value and gradient, mapped over the samples inside a
  ``Function`` of the parameters, which is called through its buffers.  CasADi's virtual machine runs it; a second row
  runs the C code that CasADi generates, if a C compiler is installed.
* **PyTensor**: the network of matrices, as a function that it compiles with Numba.
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
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import autograd
from benchmarks import ours, peers
from benchmarks.measure import Engine, Local, Options, Run, race
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


def numba_by_hand(task: Training) -> Run:
    """Forward and backward as on paper, with a column for each sample."""
    njit = peers.numba().njit(error_model="numpy")

    @njit
    def forward(weights: Any, bias: Any, x: Any, is_last: bool) -> Any:
        z = weights @ x
        for i in range(z.shape[0]):
            for k in range(z.shape[1]):
                found = z[i, k] + bias[i]
                z[i, k] = found if is_last or found > 0 else 0.0
        return z

    @njit
    def slopes(outer: Any, weights: Any, bias: Any, x: Any) -> Any:
        into = outer @ x.T
        for i in range(into.shape[0]):
            for k in range(into.shape[1]):
                into[i, k] += 2 * DECAY * weights[i, k]
        return into, outer.sum(1) + 2 * DECAY * bias

    @njit
    def below(outer: Any, weights: Any, x: Any) -> Any:
        inner = weights.T @ outer
        for i in range(inner.shape[0]):
            for k in range(inner.shape[1]):
                inner[i, k] = inner[i, k] if x[i, k] > 0 else 0.0
        return inner

    @njit
    def step(w1: Any, b1: Any, w2: Any, b2: Any, w3: Any, b3: Any, x: Any, targets: Any) -> Any:
        h1 = forward(w1, b1, x, False)
        h2 = forward(w2, b2, h1, False)
        y = forward(w3, b3, h2, True)
        loss = 0.0
        for k in range(len(targets)):
            margin = 1 - targets[k] * y[0, k]
            loss += max(margin, 0.0)
            y[0, k] = -targets[k] / len(targets) if margin > 0 else 0.0
        squares = (w1**2).sum() + (w2**2).sum() + (w3**2).sum() + (b1**2).sum() + (b2**2).sum() + (b3**2).sum()
        g2 = below(y, w3, h2)
        g1 = below(g2, w2, h1)
        gradients = slopes(g1, w1, b1, x), slopes(g2, w2, b2, h1), slopes(y, w3, b3, h2)
        return loss / len(targets) + DECAY * squares, gradients

    parameters = [array for layer in task.matrices() for array in layer]
    x, targets = np.ascontiguousarray(np.transpose(task.points)), np.array(task.targets)
    return Local(lambda: step(*parameters, x, targets), lambda result: flat(*result))


def pytensor(task: Training) -> Run:
    """The network of matrices."""
    peers.pytensor()
    import pytensor
    import pytensor.tensor as pt

    layers = [(pt.dmatrix(), pt.dvector()) for _ in task.matrices()]
    parameters = [p for layer in layers for p in layer]
    h, targets = pytensor.shared(np.array(task.points)), pytensor.shared(np.array(task.targets))
    for weights, bias in layers:
        z = h @ weights.T + bias
        h = pt.maximum(z, 0)
    loss = pt.maximum(1 - targets * z[:, 0], 0).mean() + DECAY * sum((p * p).sum() for p in parameters)
    function = peers.pytensor_function(parameters, [loss, *pytensor.grad(loss, parameters)])
    numbers = [array for layer in task.matrices() for array in layer]
    return Local(lambda: function(*numbers), lambda r: flat(r[0], zip(r[1::2], r[2::2], strict=True)))


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
# The group
# ---------------------------------------------------------------------------------------------------------------------

ENGINES = [
    Engine("pathgrad compiled", "pathgrad", pathgrad("pathgrad compiled")),
    Engine("pathgrad, samples in a loop", "pathgrad", pathgrad_loop),
    Engine("pathgrad NumPy lanes", "pathgrad", pathgrad("pathgrad NumPy lanes")),
    Engine("NumPy by hand", "numpy", numpy_by_hand),
    Engine("Numba by hand", "numba", numba_by_hand),
    Engine("JAX", "jax", jax),
    Engine("PyTensor", "pytensor", pytensor),
    Engine("CasADi SX", "casadi", casadi_sx),
    *([Engine("CasADi SX, as C", "casadi", casadi_c)] if shutil.which("gcc") else []),
    Engine("ddx", "ddx-ad", ddx),
    Engine("PyTorch", "torch", pytorch),
    Engine("micrograd, eager", "micrograd", micrograd),
]

GOALS = {"CasADi SX": 10.0, "ddx": 10.0, "PyTorch": 5.0, "NumPy by hand": 2.0, "JAX": 2.0}
"""How many times slower than ours each engine should be."""


def measure(options: Options) -> Report:
    """Time all engines."""
    result = race("compiled training step", ENGINES, Training(2 if options.quick else 100), options)
    goals = [Goal(result, slow, "pathgrad compiled", times) for slow, times in GOALS.items()]
    goals.append(Goal(result, "micrograd, eager", "pathgrad NumPy lanes", 300))
    return Report(race_table(result, first=True), result.as_json(), goals, result.missing, [result])
