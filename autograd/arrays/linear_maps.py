"""The affine map of a layer, ``linear``, as a single node."""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

from functools import lru_cache
from math import prod
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.array_operation import array_operation
from autograd.arrays.native_nodes import nodes
from autograd.arrays.operands import as_floats
from autograd.arrays.operations import reshape
from autograd.arrays.signatures import Operand, takes_two_arrays
from autograd.arrays.tensor_data import TensorData
from autograd.core.aliases import AnyArray

__all__ = ["linear"]


def plus(fresh: AnyArray, bias: AnyArray) -> AnyArray:
    """The sum of both, in the memory of the first if they have the same dtype."""
    return np.add(fresh, bias, out=fresh) if fresh.dtype == bias.dtype else fresh + bias


def _rows(x: AnyArray) -> AnyArray:
    """All axes but the last combined into one."""
    return x if x.ndim == 2 else reshape(x, (prod(x.shape[:-1]), x.shape[-1]))


class Product(NamedTuple):
    """A product of two matrices: which they are, -1 standing for the gradient, and whether they are transposed."""

    left: int
    left_turned: bool
    right: int
    right_turned: bool


def _product(axes: dict[int, str], target: str) -> Product:
    """The product of two matrices that has the axes ``target``, summed over the axis that they share.

    >>> _product({0: "ni", 1: "oi"}, "no")  # x @ weight.T
    Product(left=0, left_turned=False, right=1, right_turned=True)
    """
    (left, x), (right, y) = sorted(axes.items(), key=lambda item: target[0] not in item[1])
    return Product(left, x[0] != target[0], right, y[1] != target[1])


_X, _WEIGHT, _OUT = "ni", "oi", "no"
"""The axes of the operands and the output of an affine map: the samples, the inputs and the outputs of the layer."""

PRODUCTS = (
    _product({0: _X, 1: _WEIGHT}, _OUT),
    _product({-1: _OUT, 1: _WEIGHT}, _X),
    _product({-1: _OUT, 0: _X}, _WEIGHT),
)
"""The value of an affine map, and what a gradient sends to x and to the weight: each is the product of the others."""


def _multiplied(product: Product, *matrices: AnyArray) -> AnyArray:
    left, right = _rows(matrices[product.left]), _rows(matrices[product.right])
    return np.dot(left.T if product.left_turned else left, right.T if product.right_turned else right)


def _affine_part(place: int, g: AnyArray, out: AnyArray, *operands: AnyArray) -> AnyArray:
    if place < 2:
        part = _multiplied(PRODUCTS[1 + place], *operands, g)
        return part if part.ndim == operands[place].ndim else reshape(part, operands[place].shape)
    g = _rows(g)
    return np.dot(_ones(len(g), g.dtype), g)  # a product is faster than a sum over columns


@lru_cache(maxsize=64)
def _ones(n: int, dtype: Any) -> Any:
    """An array of ones in immutable memory, since it is shared and graphs should not copy it."""
    return np.ndarray(n, dtype, np.ones(n, dtype).tobytes())


def _affine_tangent(place: int, t: AnyArray, out: AnyArray, *operands: AnyArray) -> AnyArray:
    x, weight = operands[:2]
    return linear_layer(t, weight) if place == 0 else linear_layer(x, t) if place == 1 else t


@array_operation(_affine_part, jvps=[_affine_tangent], name="linear", linear=True)
def linear_layer(*operands: AnyArray) -> AnyArray:
    """``x @ weight.T + bias``, with two operands or three."""
    x, weight, *bias = operands
    if weight.ndim != 2:
        raise ValueError(f"linear takes a weight of shape (out, in), not {weight.shape}")
    if x.ndim == 0 or x.shape[-1] != weight.shape[1]:
        raise ValueError(f"linear: x of shape {x.shape} does not fit a weight (out, in) of shape {weight.shape}")
    y = _multiplied(PRODUCTS[0], x, weight)
    if x.ndim != 2:
        y = y.reshape(*x.shape[:-1], len(weight))
    return plus(y, fitting_bias(bias[0], weight, "linear")) if bias else y


if nodes is not None:
    nodes.affine(linear_layer, PRODUCTS)


@takes_two_arrays
def linear(x: AnyArray, weight: AnyArray, bias: Operand | None = None) -> AnyArray:
    """The affine map of a layer, ``x @ weight.T + bias``, as one node.

    Args:
        x: of shape ``(..., in)``, with any number of axes before the last.
        weight: of shape ``(out, in)``.
        bias: of shape ``(out,)``, or ``None``.

    Returns:
        An array or Tensor of shape ``(..., out)``.

    Raises:
        ValueError: if the shapes do not fit.

    >>> from autograd.arrays.tensor import Tensor
    >>> weight = Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> y = linear([[1.0, 10.0]], weight, [0.5, 0.5, 0.5])
    >>> y.backward([[1.0, 0.0, 0.0]])
    >>> y.numpy(), weight.grad[0]
    (array([[21.5, 43.5, 65.5]]), array([ 1., 10.]))
    """
    operands = (x, weight) if bias is None else (x, weight, bias)
    return linear_layer(*[operand if isinstance(operand, TensorData) else as_floats(operand) for operand in operands])


def fitting_bias(bias: AnyArray, weight: AnyArray, name: str) -> AnyArray:
    """The bias, checked to have a number for each output of the weight."""
    bias = as_floats(bias)
    if bias.shape != weight.shape[:1]:
        raise ValueError(f"{name}: a bias of shape {bias.shape} does not fit a weight of shape {weight.shape}")
    return bias
