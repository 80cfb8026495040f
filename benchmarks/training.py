"""The training step of micrograd's demo: scalar code that every engine can run.

It is a 2-16-16-1 network of relu neurons with 337 parameters, the mean of the hinge loss over 100 points, and weight
decay.  Engines that compute with arrays take the same parameters as matrices.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from benchmarks.measure import plain

Layers: TypeAlias = list[list[tuple[list[Any], Any]]]

DECAY = 1e-4


class Training:
    """Data and parameters at the start of the training, drawn at random.

    Attributes:
        points: the two coordinates of each point.
        targets: 1 or -1 for each point.
        parameters: the weights and then the bias of each neuron, 337 numbers.
    """

    def __init__(self, points: int = 100, sizes: Sequence[int] = (2, 16, 16, 1)) -> None:
        draw = random.Random(1)
        self.sizes = tuple(sizes)
        self.points = [[draw.uniform(-1, 1) for _ in range(sizes[0])] for _ in range(points)]
        self.targets = [draw.choice((-1.0, 1.0)) for _ in range(points)]
        self.parameters = [draw.uniform(-1, 1) for n, m in pairwise(sizes) for _ in range((n + 1) * m)]

    def layers(self, parameters: Sequence[Any]) -> Layers:
        """The parameters neuron by neuron: for each layer, pairs of weights and bias."""
        numbers = iter(parameters)
        return [
            [([next(numbers) for _ in range(inputs)], next(numbers)) for _ in range(outputs)]
            for inputs, outputs in pairwise(self.sizes)
        ]

    def matrices(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """The parameters layer by layer: a matrix with a row of weights for each neuron, and the biases."""
        return [
            (np.array([weights for weights, _ in layer]), np.array([bias for _, bias in layer]))
            for layer in self.layers(self.parameters)
        ]


def score(layers: Layers, x: Sequence[Any], relu: Callable[[Any], Any]) -> Any:
    """The output of the network for one point, in scalar code."""
    for layer in layers:
        x = [sum((w * xi for w, xi in zip(weights, x, strict=True)), bias) for weights, bias in layer]
        x = [relu(z) for z in x] if layer is not layers[-1] else x
    return x[0]


def hinge(layers: Layers, x: Sequence[Any], target: Any, relu: Callable[[Any], Any]) -> Any:
    """The loss of one point, in scalar code."""
    return relu(1 + -target * score(layers, x, relu))


def decay(parameters: Iterable[Any]) -> Any:
    """The weight decay, in scalar code."""
    return DECAY * sum(p * p for p in parameters)


def flat(loss: Any, gradients: Iterable[tuple[Any, Any]]) -> Iterator[float]:
    """The loss and the gradients of all matrices and biases, in the order of the parameters."""
    yield plain(loss)
    for weights, bias in gradients:
        yield from np.column_stack([np.asarray(weights), np.asarray(bias)]).ravel().tolist()
