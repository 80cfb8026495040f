"""Training with ``nn.fit``: a thousand steps of gradient descent for a small network, from the same start.

The network has 2 inputs, 16 neurons with tanh and one output, and is fitted to 100 points with the mean squared error;
each step takes all points.  What is compared before anything is timed are the parameters afterwards: the start, minus
all the gradients.

* **pathgrad nn.MLP**: ``fit`` of a network of single numbers, which compiles it each time.
* **pathgrad nn.Sequential**: ``fit`` of the same network of arrays.
* **PyTorch**, **JAX**: the usual loop, which keeps the losses; with JAX, a step is compiled by ``jit``.
* **scikit-learn**: ``MLPRegressor.fit`` with ``solver="sgd"``, whose loss is half of ours.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import nn
from benchmarks import peers
from benchmarks.measure import Engine, Local, Options, Run, race
from benchmarks.report import Goal, Report, race_table
from benchmarks.training import Training, flat

RATE = 0.1


class Descent(Training):
    """Data, parameters at the start, and a number of steps."""

    def __init__(self, points: int = 100, steps: int = 1000) -> None:
        super().__init__(points, (2, 16, 1))
        self.steps = steps


def afterwards(weights: list[Any]) -> Iterator[float]:
    """The parameters after the training, from weights and biases of all layers in turn."""
    return flat(0.0, zip(weights[::2], weights[1::2], strict=True))


def parameters(task: Descent) -> list[NDArray[np.float64]]:
    """Weights and biases at the start."""
    return [array.copy() for layer in task.matrices() for array in layer]


def data(task: Descent) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points and targets, with a row for each point."""
    return np.array(task.points), np.array(task.targets)[:, None]


def numbers(task: Descent) -> Run:
    """Our fit, for a network of single numbers."""
    model = nn.MLP(task.sizes, activation="tanh")
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    leaves = [p for neuron in neurons for p in (*neuron.weights, neuron.bias) if p is not None]

    def start() -> None:
        for p, number in zip(leaves, task.parameters, strict=True):
            p.data = number

    samples = np.array(task.points), np.array(task.targets)
    return fitting(task, samples, model, start, lambda model: [0.0, *(p.data for p in leaves)])


def arrays(task: Descent) -> Run:
    """Our fit, for a network of arrays."""
    (n, m, k), first = task.sizes, parameters(task)
    model = nn.Sequential(nn.Linear(n, m), nn.Tanh(), nn.Linear(m, k))

    def start() -> None:
        for p, array in zip(model.parameters(), first, strict=True):
            p.data = array.copy()

    return fitting(task, data(task), model, start, lambda model: afterwards([p.numpy() for p in model.parameters()]))


def fitting(task: Descent, samples: Any, model: Any, start: Callable[[], None], read: Callable[[Any], Any]) -> Run:
    """A call of our fit."""

    def step() -> Any:
        start()
        descent = nn.optim.SGD(model.parameters(), lr=RATE)
        nn.fit(model, samples, nn.functional.mse_loss, descent, task.steps, progress=False)
        return model

    return Local(step, read)


def pytorch(task: Descent) -> Run:
    """A loop."""
    torch = peers.torch()
    functional = torch.nn.functional
    x, targets = map(torch.from_numpy, data(task))
    (n, m, k), first = task.sizes, [torch.from_numpy(array) for array in parameters(task)]
    model = torch.nn.Sequential(torch.nn.Linear(n, m), torch.nn.Tanh(), torch.nn.Linear(m, k)).double()

    def step() -> Any:
        with torch.no_grad():
            for p, array in zip(model.parameters(), first, strict=True):
                p.copy_(array)
        descent = torch.optim.SGD(model.parameters(), lr=RATE)
        losses = []
        for _ in range(task.steps):
            descent.zero_grad()
            loss = functional.mse_loss(model(x), targets)
            loss.backward()
            descent.step()
            losses.append(loss.item())
        return losses

    return Local(step, lambda _: afterwards([p.detach() for p in model.parameters()]))


def jax(task: Descent) -> Run:
    """A loop over a compiled step."""
    jax = peers.jax()
    jnp = jax.numpy
    x, targets = map(jnp.asarray, data(task))
    first = [jnp.asarray(array) for array in parameters(task)]

    def loss(p: list[Any]) -> Any:
        return jnp.mean((jnp.tanh(x @ p[0].T + p[1]) @ p[2].T + p[3] - targets) ** 2)

    @jax.jit
    def update(p: list[Any]) -> Any:
        value, slopes = jax.value_and_grad(loss)(p)
        return value, [old - RATE * slope for old, slope in zip(p, slopes, strict=True)]

    def step() -> Any:
        p, losses = first, []
        for _ in range(task.steps):
            value, p = update(p)
            losses.append(value.item())
        return p

    return Local(step, afterwards)


def scikit_learn(task: Descent) -> Run:
    """Its estimator, which starts from our parameters since it is warm."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPRegressor

    x, targets = data(task)
    model = MLPRegressor(
        hidden_layer_sizes=task.sizes[1:-1],
        activation="tanh",
        solver="sgd",
        alpha=0.0,
        batch_size=len(x),
        learning_rate_init=2 * RATE,
        shuffle=False,
        momentum=0.0,
        n_iter_no_change=10**9,  # it never stops early
        warm_start=True,
    )
    model.partial_fit(x, targets.ravel())  # makes its arrays
    model.set_params(max_iter=task.steps)
    first = parameters(task)

    def step() -> Any:
        for weights, array in zip(model.coefs_, first[::2], strict=True):
            weights[:] = array.T
        for bias, array in zip(model.intercepts_, first[1::2], strict=True):
            bias[:] = array
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            return model.fit(x, targets.ravel())

    def read(model: Any) -> Iterator[float]:
        return flat(0.0, zip([weights.T for weights in model.coefs_], model.intercepts_, strict=True))

    return Local(step, read)


ENGINES = [
    Engine("pathgrad nn.MLP", "pathgrad", numbers),
    Engine("pathgrad nn.Sequential", "pathgrad", arrays),
    Engine("PyTorch", "torch", pytorch),
    Engine("JAX", "jax", jax),
    Engine("scikit-learn", "scikit-learn", scikit_learn),
]


def measure(options: Options) -> Report:
    """Time all engines."""
    task = Descent(4, 2) if options.quick else Descent()
    result = race(f"training, {task.steps:,} steps", ENGINES, task, options)
    goals = [Goal(result, slow, "pathgrad nn.MLP", 1) for slow in ("PyTorch", "JAX", "scikit-learn")]
    return Report(race_table(result, first=True), result.as_json(), goals, result.missing, [result])
