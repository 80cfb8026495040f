"""One eager training step of micrograd's demo, with the same model code for every engine.

A 2-16-16-1 network of relu neurons, hinge loss and weight decay on 100 points: about 65,000 nodes, built, swept and
freed at each step.  The collector of cyclic garbage runs as it does for users; engines whose nodes are cycles pay.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from importlib.metadata import version
from itertools import pairwise
from typing import Any

import autograd

Step = Callable[[], tuple[float, list[float]]]

POINTS = 100
SIZES = (2, 16, 16, 1)


def engines() -> dict[str, Any]:
    """The classes of scalar nodes that are installed, by the name and version of their package."""
    found: dict[str, Any] = {f"pathgrad {version('pathgrad')}": autograd.Value}
    try:
        from micrograd.engine import Value
    except ImportError:
        return found
    return {**found, f"micrograd {version('micrograd')}": Value}


def step(value: Any) -> Step:
    """A training step for one class of nodes: build, sweep, and return the loss and all gradients."""
    random.seed(1)
    data = [([random.uniform(-1, 1), random.uniform(-1, 1)], random.choice((-1, 1))) for _ in range(POINTS)]
    layers = [
        [([value(random.uniform(-1, 1)) for _ in range(inputs)], value(0.0)) for _ in range(outputs)]
        for inputs, outputs in pairwise(SIZES)
    ]
    parameters = [p for layer in layers for weights, bias in layer for p in (*weights, bias)]

    def score(x: list[Any]) -> Any:
        for layer in layers:
            x = [sum((w * xi for w, xi in zip(weights, x, strict=True)), bias) for weights, bias in layer]
            x = [z.relu() for z in x] if layer is not layers[-1] else x
        return x[0]

    def run() -> tuple[float, list[float]]:
        for p in parameters:
            p.grad = 0.0
        loss = sum((1 + -target * score(x)).relu() for x, target in data) * (1.0 / POINTS)
        loss = loss + 1e-4 * sum(p * p for p in parameters)
        loss.backward()
        return loss.data, [p.grad for p in parameters]

    return run


def agree(one: tuple[float, list[float]], other: tuple[float, list[float]]) -> bool:
    """Whether two engines found the same loss and gradients."""
    return all(
        math.isclose(a, b, rel_tol=1e-10, abs_tol=1e-12)
        for a, b in zip([one[0], *one[1]], [other[0], *other[1]], strict=True)
    )
