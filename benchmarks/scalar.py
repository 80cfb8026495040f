"""The eager training step of micrograd's demo, number by number: about 65,000 nodes built, swept and freed.

The model code, :mod:`benchmarks.training`, is the same for every class of nodes:

* **pathgrad** and **micrograd**: their ``Value``.  The collector of cyclic garbage is on, as it is for users, so
  engines whose nodes form cycles pay for it.  A second row of each has it off; the garbage is then collected between
  two measurements and not timed.
* **PyTorch**: one tensor of float64 for each number.
* **XAD**: its ``Real``, on a tape that is new in each step.
* **pathgrad nn.MLP**: the same step in other code, as a user of :mod:`nn` writes it, with one node for each neuron.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from operator import methodcaller
from typing import Any

import autograd
import nn
from benchmarks import peers
from benchmarks.measure import Engine, Local, Options, Run, race
from benchmarks.report import Goal, Report, race_table
from benchmarks.training import DECAY, Training, decay, hinge


def pathgrad(task: Training) -> Run:
    """Our Value."""
    return eager(task, autograd.Value)


def pathgrad_without_collector(task: Training) -> Run:
    """Our Value, with the collector off."""
    return eager(task, autograd.Value, collector=False)


def micrograd(task: Training) -> Run:
    """Micrograd's Value."""
    from micrograd.engine import Value

    return eager(task, Value)


def micrograd_without_collector(task: Training) -> Run:
    """Micrograd's Value, with the collector off."""
    from micrograd.engine import Value

    return eager(task, Value, collector=False)


def pytorch(task: Training) -> Run:
    """One tensor for each number."""
    torch = peers.torch()

    def leaf(number: float) -> Any:
        return torch.tensor(number, dtype=torch.float64, requires_grad=True)

    return eager(task, leaf)


def eager(task: Training, leaf: Callable[[float], Any], collector: bool = True) -> Run:
    """The step of one engine; ``leaf`` turns a number into its node."""
    parameters = [leaf(p) for p in task.parameters]
    relu = methodcaller("relu")
    none = parameters[0].grad  # the engine's value for no gradient yet: 0 or None

    def step() -> Any:
        for p in parameters:
            p.grad = none
        loss = mean_loss(task, parameters, relu)
        loss.backward()
        return loss

    return Local(step, lambda loss: [loss.data, *(p.grad for p in parameters)], collector)


def mean_loss(task: Training, parameters: Sequence[Any], relu: Callable[[Any], Any]) -> Any:
    """The loss of all points, as a function of nodes of any engine."""
    layers = task.layers(parameters)
    losses = [hinge(layers, x, target, relu) for x, target in zip(task.points, task.targets, strict=True)]
    return sum(losses) * (1.0 / len(losses)) + decay(parameters)


def xad(task: Training) -> Run:
    """XAD's Real."""
    from xad import math
    from xad.adj_1st import Real, Tape

    def step() -> tuple[Any, list[float]]:
        parameters = [Real(p) for p in task.parameters]
        with Tape() as tape:
            tape.registerInputs(parameters)
            tape.newRecording()
            loss = mean_loss(task, parameters, lambda z: math.max(z, 0.0))
            tape.registerOutput(loss)
            loss.derivative = 1.0
            tape.computeAdjoints()
            return loss.value, [p.derivative for p in parameters]

    return Local(step, lambda result: [result[0], *result[1]])


def network(task: Training) -> Run:
    """Our MLP, with one node for each neuron."""
    model = nn.MLP(task.sizes, activation="relu", named=False)
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    parameters = [p for neuron in neurons for p in (*neuron.weights, neuron.bias) if p is not None]
    for p, number in zip(parameters, task.parameters, strict=True):
        p.data = number

    def step() -> autograd.Value:
        for p in parameters:
            p.grad = None
        hinges = [autograd.relu(1 - target * model(x)) for x, target in zip(task.points, task.targets, strict=True)]
        loss: autograd.Value = autograd.sum(hinges) / len(hinges) + DECAY * autograd.dot(parameters, parameters)
        loss.backward()
        return loss

    return Local(step, lambda loss: [loss.data, *(p.grad for p in parameters)])


ENGINES = [
    Engine("pathgrad", "pathgrad", pathgrad),
    Engine("pathgrad nn.MLP", "pathgrad", network),
    Engine("micrograd", "micrograd", micrograd),
    Engine("XAD", "xad", xad),
    Engine("PyTorch", "torch", pytorch),
    Engine("pathgrad, collector off", "pathgrad", pathgrad_without_collector),
    Engine("micrograd, collector off", "micrograd", micrograd_without_collector),
]


def measure(options: Options) -> Report:
    """Time all engines."""
    result = race("eager training step", ENGINES, Training(2 if options.quick else 100), options)
    goals = [
        Goal(result, "micrograd", "pathgrad", 60),
        Goal(result, "micrograd, collector off", "pathgrad, collector off", 8),
        Goal(result, "PyTorch", "pathgrad", 50),
        Goal(result, "micrograd", "pathgrad nn.MLP", 250),
    ]
    return Report(race_table(result), result.as_json(), goals, result.missing, [result])
