"""Lengths of vectors and distances between them, under PyTorch's names."""

from __future__ import annotations

from typing import Any

import numpy as np

import autograd
from autograd import einsum, linalg, maximum, where
from nn.activations import operand
from nn.aliases import Numbers

__all__ = ["bilinear", "cdist", "cosine_similarity", "normalize", "pairwise_distance", "pdist"]


def _at_least(x: Any, eps: float) -> Any:
    return where(x > eps, x, eps)


def normalize(input: Numbers, p: float = 2.0, dim: int = 1, eps: float = 1e-12) -> Any:
    """Vectors along an axis divided by their p-norm, but at least by ``eps``.

    >>> normalize(np.array([[3.0, 4.0]]))
    array([[0.6, 0.8]])
    """
    x: Any = operand(input, "normalize")
    return x / _at_least(linalg.vector_norm(x, p, dim, keepdims=True), eps)


def cosine_similarity(x1: Numbers, x2: Numbers, dim: int = 1, eps: float = 1e-8) -> Any:
    """The cosines of the angles between vectors along an axis; lengths below ``eps`` count as ``eps``.

    As in PyTorch, their slopes are then still those of the lengths.
    """

    def unit(x: Any) -> Any:
        length = linalg.vector_norm(x, 2.0, dim, keepdims=True)
        numbers = autograd.stop_gradient(length)
        return x / (length + (maximum(numbers, eps) - numbers))

    a, b = autograd.broadcast_arrays(operand(x1, "cosine_similarity"), operand(x2, "cosine_similarity"))
    return autograd.sum(unit(a) * unit(b), dim)


def pairwise_distance(x1: Numbers, x2: Numbers, p: float = 2.0, eps: float = 1e-6, keepdim: bool = False) -> Any:
    """The p-norms of x1 - x2 + eps along the last axis; ``eps`` keeps the norm away from its tip."""
    a: Any = operand(x1, "pairwise_distance")
    b: Any = operand(x2, "pairwise_distance")
    return linalg.vector_norm(a - b + eps, p, -1, keepdims=keepdim)


def cdist(x1: Numbers, x2: Numbers, p: float = 2.0) -> Any:
    """The p-norms of the differences between each row of ``x1`` and each row of ``x2``.

    >>> cdist([[0.0, 0.0]], [[3.0, 4.0], [0.0, 1.0]])
    array([[5., 1.]])
    """
    a, b = operand(x1, "cdist"), operand(x2, "cdist")
    return linalg.vector_norm(a[..., :, None, :] - b[..., None, :, :], p, -1)


def pdist(input: Numbers, p: float = 2.0) -> Any:
    """The p-norms of the differences between each two rows, the first with the second, and so on."""
    x: Any = operand(input, "pdist")
    first, second = np.triu_indices(x.shape[0], 1)
    return linalg.vector_norm(x[first] - x[second], p, -1)


def bilinear(input1: Numbers, input2: Numbers, weight: Numbers, bias: Numbers | None = None) -> Any:
    """x1ᵀ W x2 for each matrix W of ``weight``, of shape ``(out, in1, in2)``, plus the bias."""
    x1, x2, w = operand(input1, "bilinear"), operand(input2, "bilinear"), operand(weight, "bilinear")
    y: Any = einsum("...i,oij,...j->...o", x1, w, x2)
    return y if bias is None else y + operand(bias, "bilinear")
