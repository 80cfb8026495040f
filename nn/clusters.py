"""The softmax of many classes, most of which are rare."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

import autograd
from nn.activations import array_operand, log_softmax, operand, plain
from nn.aliases import Array, Numbers, Random, WholeNumbers
from nn.init import generator, positive
from nn.layers import Linear, ModuleList, Sequential
from nn.module import Module
from nn.parameters import Init

__all__ = ["AdaptiveLogSoftmaxWithLoss"]


class _Outcome(NamedTuple):
    """The log-probability of each label, and the loss."""

    output: Any
    loss: Any


class AdaptiveLogSoftmaxWithLoss(Module):
    """The log-probabilities of labels among many classes, and their negative mean (Grave et al., 2017).

    Classes are numbered by how frequent they are.  The frequent ones, and one entry for each cluster of rare ones, are
    the outputs of ``head``; the probability of a rare class is that of its cluster times its own within it, from
    ``tail``.  A cluster is computed only for the samples whose label is in it.

    Args:
        in_features: the number of inputs.
        n_classes: the number of classes.
        cutoffs: where clusters begin, in rising order.
        div_value: each cluster has this many times fewer hidden units than the one before it.
        head_bias: whether ``head`` has a bias.
        init: the initialiser of the weights, see :mod:`nn.init`.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    Raises:
        ValueError: if the cutoffs do not rise from 1 to at most the number of classes - 1, or a cluster would have no
            hidden units.

    >>> layer = AdaptiveLogSoftmaxWithLoss(16, 20, [5, 10], rng=0)
    >>> output, loss = layer(np.zeros((2, 16)), [0, 19])
    >>> output.numpy().round(4), float(np.log(1 / 7).round(4)), float(np.log(1 / 7 / 10).round(4))
    (array([-1.9459, -4.2485]), -1.9459, -4.2485)
    """

    def __init__(
        self,
        in_features: int,
        n_classes: int,
        cutoffs: Sequence[int],
        div_value: float = 4.0,
        head_bias: bool = False,
        *,
        init: Init = "uniform",
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        bounds = [0, *cutoffs, positive("n_classes", n_classes)]
        if len(bounds) < 3 or any(int(n) != n for n in bounds) or any(low >= high for low, high in pairwise(bounds)):
            raise ValueError(
                f"cutoffs must be whole numbers that rise from 1 to at most {n_classes - 1}, not {cutoffs!r}"
            )
        options: dict[str, Any] = {"init": init, "rng": generator(rng), "dtype": dtype}
        self.cutoffs, clusters = [int(n) for n in bounds[1:]], len(bounds) - 2
        self.head = Linear(in_features, self.cutoffs[0] + clusters, head_bias, **options)
        hidden = [int(in_features // div_value ** (i + 1)) for i in range(clusters)]
        if 0 in hidden:
            raise ValueError(f"div_value={div_value!r} leaves clusters without hidden units: {hidden}")
        self.tail = ModuleList(
            Sequential(Linear(in_features, n, False, **options), Linear(n, high - low, False, **options))
            for n, (low, high) in zip(hidden, pairwise(self.cutoffs), strict=True)
        )

    def forward(self, input: Numbers, target: WholeNumbers) -> _Outcome:
        """The log-probability of each label, and minus their mean: a tuple of ``output`` and ``loss``.

        Args:
            input: of shape ``(N, in_features)``, or ``(in_features,)`` for a single sample.
            target: labels of shape ``(N,)``, or one label.
        """
        given: Any = array_operand(input, type(self).__name__)
        labels = self._labels(target, given.shape[:-1])
        x = given if given.ndim == 2 else given[None]
        groups = np.searchsorted(self.cutoffs, labels, "right")
        entries = np.where(groups == 0, labels, self.cutoffs[0] - 1 + groups)
        output = autograd.take_along_axis(log_softmax(self.head(x), 1), entries[:, None], 1)[:, 0]
        for i, cluster in enumerate(self.tail):
            rows = np.flatnonzero(groups == i + 1)
            if rows.size:
                places = (labels[rows] - self.cutoffs[i])[:, None]
                within = autograd.take_along_axis(log_softmax(cluster(x[rows]), 1), places, 1)[:, 0]
                output = output.at[rows].add(within)
        return _Outcome(output if given.ndim == 2 else output[0], autograd.mean(-output))

    def log_prob(self, input: Numbers) -> Any:
        """The log-probabilities of all classes, of shape ``(N, n_classes)``."""
        head = log_softmax(self.head(input), 1)
        parts = [head[:, : self.cutoffs[0]]]
        for i, cluster in enumerate(self.tail, self.cutoffs[0]):
            parts.append(log_softmax(cluster(input), 1) + head[:, i : i + 1])
        return autograd.concatenate(parts, 1)

    def predict(self, input: Numbers) -> Array:
        """The most probable class of each sample."""
        found: Array = plain(self.log_prob(input)).argmax(1)
        return found

    def _labels(self, target: WholeNumbers, shape: tuple[int, ...]) -> Array:
        name, labels = type(self).__name__, operand(target, type(self).__name__, whole=True)
        if len(shape) > 1 or labels.shape != shape:
            raise ValueError(f"{name}: labels of shape {labels.shape} do not fit samples of shape {shape}")
        if isinstance(labels, autograd.Tensor) or labels.dtype.kind not in "iu":
            raise TypeError(f"{name}: labels must be an array of whole numbers, not of {labels.dtype}")
        wrong = labels[(labels < 0) | (labels >= self.cutoffs[-1])]
        if wrong.size:
            raise IndexError(f"{name}: the label {wrong.flat[0]} is not one of the classes 0 to {self.cutoffs[-1] - 1}")
        return np.atleast_1d(labels)

    def extra_repr(self) -> str:
        """Where clusters begin, and the number of classes behind the last."""
        return f"cutoffs={self.cutoffs}"
