"""Activations, under PyTorch's names: primitives of the table, and functions composed of them.

They take numbers, Values, arrays and Tensors alike.  Softmax also takes sequences of Values, the output of a scalar
network; it is not elementwise, because each output depends on all numbers along an axis.

Each is defined as a function, and as a module that holds the options of the function.
"""

from __future__ import annotations

import math
import reprlib
from collections.abc import Callable, Mapping
from functools import reduce
from numbers import Real
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np

import autograd
from autograd import Tensor, Value, exp, log, maximum, relu, sigmoid, silu, softsign, tanh, where
from nn.aliases import Array, ArrayOrTensor, Numbers
from nn.module import Module
from nn.signatures import same_kind

__all__ = [
    "ELU",
    "GELU",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softsign",
    "Stateless",
    "Tanh",
    "elu",
    "gelu",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "maxout",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softsign",
    "tanh",
]

X = TypeVar("X", float, Value, Tensor, Array)
"""An elementwise function returns the type that it is given."""


def leaky_relu(input: X, negative_slope: float = 0.01) -> X:
    """x for x > 0, else ``negative_slope`` times x.

    >>> leaky_relu(-2.0, negative_slope=0.1)
    -0.2
    """
    output: X = autograd.leaky_relu(input, negative_slope)
    return output


def elu(input: X, alpha: float = 1.0) -> X:
    """x for x > 0, else alpha (e^x - 1).

    >>> elu(-1000.0)
    -1.0
    """
    output: X = autograd.elu(input, alpha)
    return output


def gelu(input: X, approximate: Literal["none", "tanh"] = "none") -> X:
    """x Φ(x), where Φ is the normal distribution function; or the approximation with a tanh.

    Raises:
        ValueError: if ``approximate`` is neither "none" nor "tanh".

    >>> round(gelu(1.0), 6), round(gelu(1.0, approximate="tanh"), 6)
    (0.841345, 0.841192)
    """
    if approximate not in ("none", "tanh"):
        raise ValueError(f'gelu: approximate must be "none" or "tanh", not {approximate!r}')
    output: X
    if approximate == "none":
        output = autograd.gelu(input)
    else:
        output = 0.5 * input * (1.0 + tanh(math.sqrt(2.0 / math.pi) * (input + 0.044715 * input**3)))
    return output


def softplus(input: X, beta: float = 1.0, threshold: float = 20.0) -> X:
    """log(1 + e^(βx)) / β, a smooth relu; x itself where βx exceeds the threshold, as in PyTorch.

    The threshold is not needed against overflow: ``threshold=math.inf`` gives the exact function.

    >>> softplus(0.0) == math.log(2.0), softplus(30.0)
    (True, 30.0)
    """
    output: X = where(beta * input > threshold, input, autograd.softplus(beta * input) / beta)
    return output


def logsigmoid(input: X) -> X:
    """log σ(x), exact even where σ(x) underflows.

    >>> logsigmoid(-1000.0)
    -1000.0
    """
    output: X = -autograd.softplus(-input)
    return output


def hardtanh(input: X, min_val: float = -1.0, max_val: float = 1.0) -> X:
    """x between the bounds, else the nearest bound; on a bound the slope is 0.

    Raises:
        ValueError: if ``min_val`` is not less than ``max_val``.

    >>> hardtanh(-3.0), hardtanh(0.5)
    (-1.0, 0.5)
    """
    if not min_val < max_val:
        raise ValueError(f"hardtanh: min_val must be less than max_val, but they are {min_val!r} and {max_val!r}")
    output: X = where(input >= max_val, max_val, where(input <= min_val, min_val, input))
    return output


def maxout(*pieces: X) -> X:
    """The largest of several pieces, each an affine map of the same inputs; only that piece gets a gradient.

    >>> w, v = Value(1.0), Value(2.0)
    >>> a = maxout(w * 3.0 + 1.0, v * 3.0 - 1.0)
    >>> a.backward()
    >>> a.data, w.grad, v.grad
    (5.0, 0.0, 3.0)
    """
    if not pieces:
        raise TypeError("maxout needs at least one piece")
    output: X = reduce(maximum, pieces)
    return output


# ---------------------------------------------------------------------------------------------------------------------
# Along an axis
# ---------------------------------------------------------------------------------------------------------------------


@same_kind
def softmax(input: Numbers, dim: int = -1) -> Any:
    """exp(xᵢ) / Σ exp(xⱼ) along an axis: numbers between 0 and 1 that add up to 1.

    It turns the scores of classes into probabilities at the end of a network.

    Args:
        input: an array or Tensor, or a (nested) sequence of Values and numbers.
        dim: the axis.

    Returns:
        An array or Tensor; for Values, a (nested) list of Values.

    >>> [round(p.data, 2) for p in softmax([Value(0.0), Value(math.log(3.0))])]
    [0.25, 0.75]
    """
    return _along(dim, _softmax_row, autograd.softmax, operand(input, "softmax"))


@same_kind
def log_softmax(input: Numbers, dim: int = -1) -> Any:
    """The logarithm of :func:`softmax`, exact even where softmax underflows.

    >>> log_softmax(np.array([0.0, 1000.0]))
    array([-1000.,     0.])
    """
    return _along(dim, _log_softmax_row, autograd.log_softmax, operand(input, "log_softmax"))


@same_kind
def softmin(input: Numbers, dim: int = -1) -> Any:
    """exp(-xᵢ) / Σ exp(-xⱼ) along an axis.

    >>> softmin(np.array([0.0, 1000.0]))
    array([1., 0.])
    """
    return softmax(-operand(input, "softmin"), dim)


def _shifted(row: list[Any]) -> list[Any]:
    """The row minus its largest number, so that no exponential overflows; softmax is the same."""
    largest = max(map(number, row))
    return [x - largest for x in row]


def _softmax_row(row: list[Any]) -> list[Any]:
    powers = [exp(x) for x in _shifted(row)]
    total = autograd.sum(powers)
    return [power / total for power in powers]


def _log_softmax_row(row: list[Any]) -> list[Any]:
    row = _shifted(row)
    total = log(autograd.sum([exp(x) for x in row]))
    return [x - total for x in row]


def _along(axis: int, of_row: Callable[[list[Any]], list[Any]], of_array: Callable[..., Any], x: ArrayOrTensor) -> Any:
    """``of_array`` of an array or Tensor; ``of_row`` of each row along the axis if there are Values."""
    if isinstance(x, Tensor) or x.dtype != object:
        return of_array(x, axis)
    rows = np.moveaxis(x, axis, -1)
    fresh = np.array([of_row(row) for row in rows.reshape(-1, rows.shape[-1]).tolist()], object)
    return np.moveaxis(fresh.reshape(rows.shape), -1, axis).tolist()


# ---------------------------------------------------------------------------------------------------------------------
# Checking the input
# ---------------------------------------------------------------------------------------------------------------------


def operand(x: Any, name: str, whole: bool = False) -> ArrayOrTensor:
    """A Tensor or an array of floats as it is; numbers as an array of floats, or of objects if there are Values.

    Args:
        x: an argument of the function ``name``.
        name: the function, for error messages.
        whole: whether to keep whole numbers instead of converting them to floats.

    Raises:
        TypeError: if ``x`` contains anything but Tensors, arrays, Values and real numbers.
        ValueError: if ``x`` is a list of rows of different lengths.

    >>> operand([1, 2], "loss"), operand([Value(1.0), 2], "loss").dtype
    (array([1., 2.]), dtype('O'))
    """
    if isinstance(x, Tensor):
        return x
    try:
        array = np.asarray(x)
    except ValueError:
        raise ValueError(f"{name}: the rows of a nested list must have the same length") from None
    if array.dtype.kind in "biu":
        return array if whole else array.astype(float)
    if array.dtype.kind == "f" or (array.dtype == object and all(isinstance(n, (Value, Real)) for n in array.flat)):
        return array
    raise TypeError(
        f"{name} takes Tensors, arrays, Values and real numbers, not {type(x).__name__} ({reprlib.repr(x)})"
    )


def plain(x: Any) -> Array:
    """The numbers of a Tensor, of a Value, or of an array of numbers and Values, as a plain array.

    >>> plain(Tensor([1.0, 2.0])), plain(operand([Value(1.0), 2], "loss"))
    (array([1., 2.]), array([1., 2.]))
    """
    if isinstance(x, Tensor):
        numbers: Array = x.numpy()
        return numbers
    array = np.asarray(x)
    return np.array(list(map(number, array.flat))).reshape(array.shape) if array.dtype == object else array


def number(x: Any) -> float:
    """The number of a Value, of a Tensor of one element, or of anything that ``float`` reads.

    >>> number(Value(2.0)), number(np.float32(2.0))
    (2.0, 2.0)
    """
    return x.item() if isinstance(x, (Value, Tensor)) else float(x)


# ---------------------------------------------------------------------------------------------------------------------
# As modules
# ---------------------------------------------------------------------------------------------------------------------


class Stateless(Module):
    """A module without parameters: a function, and the options to call it with.

    A subclass names the function; if it has options, its ``__init__`` takes and sets them.

    >>> LeakyReLU(0.1), LeakyReLU(negative_slope=0.1)(-1.0)
    (LeakyReLU(negative_slope=0.1), -0.1)
    """

    function: ClassVar[Callable[..., Any]]
    options: Mapping[str, Any] = {}

    def forward(self, *inputs: Any) -> Any:
        """The function of the inputs."""
        return self.function(*inputs, **self.options)

    def extra_repr(self) -> str:
        """The options."""
        return ", ".join(f"{option}={value!r}" for option, value in self.options.items())


class ReLU(Stateless):
    """:func:`relu` as a module."""

    function = staticmethod(relu)


class LeakyReLU(Stateless):
    """:func:`leaky_relu` as a module, with its ``negative_slope``."""

    function = staticmethod(leaky_relu)

    def __init__(self, negative_slope: float = 0.01) -> None:
        self.options = {"negative_slope": negative_slope}


class ELU(Stateless):
    """:func:`elu` as a module, with its ``alpha``."""

    function = staticmethod(elu)

    def __init__(self, alpha: float = 1.0) -> None:
        self.options = {"alpha": alpha}


class GELU(Stateless):
    """:func:`gelu` as a module."""

    function = staticmethod(gelu)

    def __init__(self, approximate: Literal["none", "tanh"] = "none") -> None:
        self.options = {"approximate": approximate}


class SiLU(Stateless):
    """:func:`silu` as a module."""

    function = staticmethod(silu)


class Tanh(Stateless):
    """:func:`tanh` as a module."""

    function = staticmethod(tanh)


class Hardtanh(Stateless):
    """:func:`hardtanh` as a module, with its bounds."""

    function = staticmethod(hardtanh)

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        self.options = {"min_val": min_val, "max_val": max_val}


class Sigmoid(Stateless):
    """:func:`sigmoid` as a module."""

    function = staticmethod(sigmoid)


class LogSigmoid(Stateless):
    """:func:`logsigmoid` as a module."""

    function = staticmethod(logsigmoid)


class Softplus(Stateless):
    """:func:`softplus` as a module, with its ``beta`` and ``threshold``."""

    function = staticmethod(softplus)

    def __init__(self, beta: float = 1.0, threshold: float = 20.0) -> None:
        self.options = {"beta": beta, "threshold": threshold}


class Softsign(Stateless):
    """:func:`softsign` as a module."""

    function = staticmethod(softsign)


class Softmax(Stateless):
    """:func:`softmax` as a module, along ``dim``.

    Do not put it before :class:`~nn.losses.CrossEntropyLoss`, which takes the scores themselves.
    """

    function = staticmethod(softmax)

    def __init__(self, dim: int = -1) -> None:
        self.options = {"dim": dim}


class LogSoftmax(Stateless):
    """:func:`log_softmax` as a module, along ``dim``."""

    function = staticmethod(log_softmax)

    def __init__(self, dim: int = -1) -> None:
        self.options = {"dim": dim}


class Softmin(Stateless):
    """:func:`softmin` as a module, along ``dim``."""

    function = staticmethod(softmin)

    def __init__(self, dim: int = -1) -> None:
        self.options = {"dim": dim}
