"""The types of functions whose result depends on their input: a Tensor for a Tensor, a Value for Values.

A function says so by one of the decorators below.  They change nothing but the type that type checkers see.  Inputs and
targets are positional there; the parameters after them keep their own types.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Concatenate, Literal, ParamSpec, Protocol, overload

from autograd import Tensor, Value
from nn.aliases import Numbers, Values

__all__ = ["LossFunction", "SameKindFunction", "loss_function", "same_kind"]

P = ParamSpec("P")


class LossFunction(Protocol[P]):
    """A function of the outputs of a network and the targets."""

    @overload
    def __call__(self, input: Tensor, target: Numbers, /, *args: P.args, **options: P.kwargs) -> Tensor: ...
    @overload
    def __call__(
        self, input: Numbers, target: Numbers, /, *args: Any, reduction: Literal["none"], **options: Any
    ) -> Any: ...
    @overload
    def __call__(self, input: Values, target: Numbers, /, *args: P.args, **options: P.kwargs) -> Value: ...
    @overload
    def __call__(self, input: Numbers, target: Numbers, /, *args: P.args, **options: P.kwargs) -> Any: ...


class SameKindFunction(Protocol[P]):
    """A function that returns several numbers for several."""

    @overload
    def __call__(self, input: Tensor, /, *args: P.args, **options: P.kwargs) -> Tensor: ...
    @overload
    def __call__(self, input: Sequence[Value], /, *args: P.args, **options: P.kwargs) -> list[Value]: ...
    @overload
    def __call__(self, input: Numbers, /, *args: P.args, **options: P.kwargs) -> Any: ...


def loss_function(function: Callable[Concatenate[Any, Any, P], Any]) -> LossFunction[P]:
    """Declare that a function is a loss."""
    return function  # type: ignore[return-value]  # with reduction="none" the options are not checked


def same_kind(function: Callable[Concatenate[Any, P], Any]) -> SameKindFunction[P]:
    """Declare that a function returns numbers of the kind that it takes."""
    return function
