"""Labels: classes as whole numbers, ``one_hot`` and ``pick``."""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

import operator
from typing import Any

import numpy as np
import numpy.typing as npt

from autograd.arrays.array_operation import array_operation
from autograd.arrays.native_nodes import nodes
from autograd.arrays.operands import as_floats
from autograd.arrays.signatures import takes_array
from autograd.core.aliases import AnyArray, Array, ArrayLike
from autograd.core.sweep import is_node

__all__ = ["one_hot", "pick"]


def class_axis(x: AnyArray, axis: int, name: str) -> int:
    """The axis, counted from the front; raises ``AxisError`` if there is no such axis."""
    place, ndim = operator.index(axis), x.ndim
    if not -ndim <= place < ndim:
        raise np.exceptions.AxisError(axis, ndim, f"{name} of shape {x.shape}")
    return place if place >= 0 else place + int(ndim)


def checked_labels(labels: Any, classes: int, name: str, shape: tuple[int, ...] | None = None) -> Any:
    """The labels as an array, checked to be whole numbers from 0 to classes - 1; and to have the shape, if given."""
    if not isinstance(labels, np.ndarray):
        if is_node(labels):
            raise TypeError(f"{name}: labels are an array of whole numbers, not a Tensor, which holds floats")
        labels = np.asarray(labels)
    if shape is not None and labels.shape != shape:
        raise ValueError(f"{name}: there must be labels of shape {shape}, one for each sample, not {labels.shape}")
    whole = labels.dtype.kind in "biu"
    if not (whole and are_classes(labels, classes)) and labels.size:
        wrong = (labels < 0) | (labels >= classes) if whole else np.ones(labels.shape, bool)
        place = tuple(np.argwhere(wrong)[0].tolist())
        raise (IndexError if whole else ValueError)(
            f"{name}: labels are whole numbers n with 0 <= n < {classes}, but the one at "
            f"{place[0] if len(place) == 1 else place} is {labels[place]}"
        )
    return labels if labels.dtype == np.intp else labels.astype(np.intp)  # a node keeps a copy of its own


def are_classes(labels: Any, classes: int) -> bool:
    """Whether all numbers of an integer array are from 0 to classes - 1."""
    known: bool | None = None if nodes is None else nodes.are_classes(labels, classes)
    if known is not None:
        return known
    return bool(labels.astype(np.uintp).max(initial=0) < classes)  # as unsigned integers, negative numbers are large


def one_hot(labels: ArrayLike, classes: int, dtype: npt.DTypeLike = float) -> Array:
    """A row of zeros for each label, with a one at the index of the label.

    Args:
        labels: whole numbers from 0 to ``classes - 1``, in an array of any shape.
        classes: the number of classes.
        dtype: the dtype of the result.

    Returns:
        An array, never a Tensor, with one more axis than the labels, the last.

    Raises:
        ValueError: if a label is not a whole number.
        IndexError: if a label is negative, or not less than ``classes``.
        TypeError: if the labels are a Tensor.

    >>> print(one_hot([2, 0], 3))
    [[0. 0. 1.]
     [1. 0. 0.]]
    """
    places = checked_labels(labels, operator.index(classes), "one_hot")
    return placed(np.ones(places.shape, dtype), labels=places, axis=-1, classes=classes)


@array_operation(
    lambda g, out, x, labels, axis: placed(g, labels, axis, x.shape[axis]), name="pick", linear=True, picks=True
)
def picked(x: AnyArray, labels: Any, axis: int) -> AnyArray:
    """The element along an axis at the index that each label gives."""
    return np.take_along_axis(x, np.expand_dims(labels, axis), axis).squeeze(axis)


@array_operation(
    lambda g, out, x, labels, axis, classes: picked(g, labels, axis), name="place", linear=True, picks=True
)
def placed(x: AnyArray, labels: Any, axis: int, classes: int) -> AnyArray:
    """Zeros along a new axis, with each number of ``x`` at the index that its label gives."""
    shape = list(x.shape)
    shape.insert(axis % (x.ndim + 1), classes)
    whole = np.zeros(shape, x.dtype)
    np.put_along_axis(whole, np.expand_dims(labels, axis), np.expand_dims(x, axis), axis)
    return whole


@takes_array
def pick(x: AnyArray, labels: ArrayLike, axis: int = -1) -> AnyArray:
    """For each sample the element at the index that its label gives.

    Args:
        x: an array or Tensor.
        labels: whole numbers, of the shape of ``x`` without the axis.
        axis: the axis of ``x`` that the labels index.

    Returns:
        An array or Tensor of the shape of the labels.

    Raises:
        ValueError: if the shapes do not fit, or a label is not a whole number.
        IndexError: if a label is less than 0, or not less than the length of the axis.

    >>> pick(np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]), [2, 0])
    array([3., 4.])
    """
    x = as_floats(x)
    axis = class_axis(x, axis, "pick")
    return picked(x, labels=labels_along(x, labels, axis, "pick"), axis=axis)


def labels_along(x: AnyArray, labels: Any, axis: int, name: str) -> AnyArray:
    """The labels as an array, checked to index this axis of ``x``."""
    shape = x.shape
    return checked_labels(labels, shape[axis], name, shape[:axis] + shape[axis + 1 :])
