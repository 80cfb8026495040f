"""The types of functions of arrays: given a Tensor they return a Tensor, given anything else an array.

A function says so by one of the decorators below.  They change nothing but the type that type checkers see.  Operands
are positional there; the parameters after them keep their own types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, ParamSpec, Protocol, TypeAlias, overload

from autograd.arrays.tensor_data import T, TensorData
from autograd.core.aliases import Array, ArrayLike
from autograd.core.value import Value

__all__ = [
    "ArrayFunction",
    "Nodes",
    "Operand",
    "splits_array",
    "takes_array",
    "takes_sequence",
    "takes_two_arrays",
]

P = ParamSpec("P")

Operand: TypeAlias = TensorData | Value | ArrayLike
"""An operand of an operation of arrays."""

Nodes: TypeAlias = Value | Sequence[Any]
"""A Value, or nested lists with Values or Tensors in them: what becomes a Tensor of the same graph."""


class ArrayFunction(Protocol[P]):
    """A function of one array."""

    @overload
    def __call__(self, x: T, /, *args: P.args, **options: P.kwargs) -> T: ...
    @overload
    def __call__(self, x: ArrayLike, /, *args: P.args, **options: P.kwargs) -> Array: ...
    @overload
    def __call__(self, x: Nodes, /, *args: P.args, **options: P.kwargs) -> Any: ...


class TwoArrayFunction(Protocol[P]):
    """A function of two arrays."""

    @overload
    def __call__(self, x: T, y: Operand | Nodes, /, *args: P.args, **options: P.kwargs) -> T: ...
    @overload
    def __call__(self, x: Operand | Nodes, y: T, /, *args: P.args, **options: P.kwargs) -> T: ...
    @overload
    def __call__(self, x: ArrayLike, y: ArrayLike, /, *args: P.args, **options: P.kwargs) -> Array: ...
    @overload
    def __call__(self, x: Operand | Nodes, y: Operand | Nodes, /, *args: P.args, **options: P.kwargs) -> Any: ...


class SequenceFunction(Protocol[P]):
    """A function of a sequence of arrays."""

    @overload
    def __call__(self, xs: Sequence[ArrayLike], /, *args: P.args, **options: P.kwargs) -> Array: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(self, xs: Sequence[T | ArrayLike], /, *args: P.args, **options: P.kwargs) -> T: ...
    @overload
    def __call__(self, xs: Sequence[Any], /, *args: P.args, **options: P.kwargs) -> Any: ...


class SplittingFunction(Protocol[P]):
    """A function of one array that returns several."""

    @overload
    def __call__(self, x: T, /, *args: P.args, **options: P.kwargs) -> list[T]: ...
    @overload
    def __call__(self, x: ArrayLike, /, *args: P.args, **options: P.kwargs) -> list[Array]: ...
    @overload
    def __call__(self, x: Nodes, /, *args: P.args, **options: P.kwargs) -> list[Any]: ...


def takes_array(function: Callable[Concatenate[Any, P], Any]) -> ArrayFunction[P]:
    """Declare that a function takes one array."""
    return function


def takes_two_arrays(function: Callable[Concatenate[Any, Any, P], Any]) -> TwoArrayFunction[P]:
    """Declare that a function takes two arrays."""
    return function


def takes_sequence(function: Callable[Concatenate[Any, P], Any]) -> SequenceFunction[P]:
    """Declare that a function takes a sequence of arrays."""
    return function


def splits_array(function: Callable[Concatenate[Any, P], Any]) -> SplittingFunction[P]:
    """Declare that a function takes one array and returns a list of them."""
    return function
