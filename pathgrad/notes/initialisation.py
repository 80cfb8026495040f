"""Initial weights: their spread, and why they must not all be zero."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np

from nn.data import gate
from nn.init import he, normal, xavier
from nn.losses import binary_cross_entropy
from nn.neuron import MLP
from nn.optimizers import SGD
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import provided


@example("xavier-he-std")
def deviations(inputs: Inputs) -> Facts:
    """The factor of each initialiser on the same standard normal numbers."""

    def std(initialiser: Callable[..., Any]) -> float:
        return float(np.std(initialiser(inputs["n"], rng=0)) / np.std(normal(inputs["n"], rng=0, std=1.0)))

    return {"xavier": std(xavier), "he": std(he)}


# ---------------------------------------------------------------------------------------------------------------------
# Units that start alike stay alike
# ---------------------------------------------------------------------------------------------------------------------


def learn(net: MLP, inputs: Inputs) -> Iterator[tuple[list[float], list[float]]]:
    """Gradient descent on a gate, a sample at a time; yields the hidden layer's a and dz before each step."""
    x, y = gate(inputs["gate"])
    hidden = net.layers[0]
    optimizer = SGD(net.parameters(), lr=inputs["alpha"])
    for step in range(inputs["steps"]):
        row = step % len(y)
        optimizer.zero_grad()
        binary_cross_entropy(net(x[row]), y[row]).backward()
        slopes = [neuron.bias.grad for neuron in hidden.neurons if neuron.bias is not None]  # db = dz
        yield [a.data for a in hidden(x[row])], slopes
        optimizer.step()


@example("zero-init-symmetry")
def zero_start(inputs: Inputs) -> Facts:
    """Hidden units that start at zero stay identical."""
    net = MLP([2, 2, 1], activation="sigmoid", output="sigmoid", init="zeros")
    x, y = gate(inputs["gate"])
    binary_cross_entropy([net(row) for row in x], y, reduction="sum").backward()
    (unit1, unit2), [output] = (layer.neurons for layer in net.layers)
    facts: Facts = {
        "dW1": [[w.grad for w in unit.weights] for unit in (unit1, unit2)],
        "dW2": [w.grad for w in output.weights],
    }
    seen = list(learn(net, inputs))
    row1, row2 = ([w.data for w in unit.weights] for unit in (unit1, unit2))
    return facts | {
        "a": provided(all(a1 == a2 for (a1, a2), _ in seen), "a1 = a2"),
        "dz": provided(all(dz1 == dz2 for _, (dz1, dz2) in seen), "dz1 = dz2"),
        "rows of W1 after all steps": provided(row1 == row2 != [0.0, 0.0], "identical, and not zero"),
    }


@example("random-init-0.01")
def random_start(inputs: Inputs) -> Facts:
    """Run the notes' lines, and the line that they mean; hidden units then learn different weights."""
    scale, seed, correct = inputs["scale"], inputs["seed"], inputs["correct"]
    weights, standard = attempt(correct, seed), attempt("np.random.randn(2,2)", seed)
    seen = learn(
        MLP([2, 2, 1], activation="sigmoid", output="sigmoid", init=partial(normal, std=scale), rng=seed), inputs
    )
    return {
        "code as printed": {code: attempt(code, seed) for code in inputs["code"]},
        "right code": provided(np.array_equal(weights, scale * standard), correct),
        "dz": provided(all(dz1 != dz2 for _, (dz1, dz2) in seen), "dz1 and dz2 differ in every step"),
    }


def attempt(code: str, seed: int) -> Any:
    """The result of a line of the notes, or the kind of error that it raises."""
    np_random = SimpleNamespace(random=np.random.RandomState(seed))  # a separate generator, not the global one
    try:
        return eval(code, {"np": np_random})
    except TypeError as error:
        return type(error).__name__
