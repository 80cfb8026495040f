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
from inspect import Signature, signature
from numbers import Real
from typing import Any, ClassVar, Literal, TypeVar

import numpy as np

import autograd
from autograd import Tensor, Value, exp, log, maximum, relu, sigmoid, silu, softsign, tanh, where
from nn.aliases import Array, ArrayOrTensor, Numbers
from nn.module import Module
from nn.signatures import same_kind

__all__ = [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Stateless",
    "Tanh",
    "Tanhshrink",
    "Threshold",
    "celu",
    "elu",
    "gelu",
    "glu",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "leaky_relu",
    "log_softmax",
    "logsigmoid",
    "maxout",
    "mish",
    "prelu",
    "relu",
    "relu6",
    "selu",
    "sigmoid",
    "silu",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
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
        ValueError: if ``min_val`` is greater than ``max_val``.

    >>> hardtanh(-3.0), hardtanh(0.5)
    (-1.0, 0.5)
    """
    if not min_val <= max_val:
        raise ValueError(f"hardtanh: min_val must not exceed max_val, but they are {min_val!r} and {max_val!r}")
    output: X = where(input >= max_val, max_val, where(input <= min_val, min_val, input))
    return output


def relu6(input: X) -> X:
    """x between 0 and 6, else the nearest of them."""
    return hardtanh(input, 0.0, 6.0)


def hardsigmoid(input: X) -> X:
    """x/6 + 1/2 between -3 and 3, and 0 or 1 outside.

    >>> hardsigmoid(0.0), hardsigmoid(5.0)
    (0.5, 1.0)
    """
    output: X = where(input <= -3.0, 0.0, where(input >= 3.0, 1.0, input / 6.0 + 0.5))
    return output


def hardswish(input: X) -> X:
    """x times :func:`hardsigmoid` of x.

    >>> hardswish(-4.0), hardswish(4.0)
    (0.0, 4.0)
    """
    output: X = where(input <= -3.0, 0.0, where(input >= 3.0, input, input * (input + 3.0) / 6.0))
    return output


def hardshrink(input: X, lambd: float = 0.5) -> X:
    """0 between -lambd and lambd, else x."""
    output: X = where(input >= -lambd, where(input <= lambd, 0.0, input), input)
    return output


def softshrink(input: X, lambd: float = 0.5) -> X:
    """x moved towards 0 by ``lambd``, and 0 where it would pass 0.

    Raises:
        ValueError: if ``lambd`` is negative.

    >>> softshrink(2.0), softshrink(-0.25)
    (1.5, 0.0)
    """
    if not lambd >= 0:
        raise ValueError(f"softshrink: lambd must not be negative, but it is {lambd!r}")
    middle = where(input != input, input, 0.0)
    output: X = where(input > lambd, input - lambd, where(input < -lambd, input + lambd, middle))
    return output


def tanhshrink(input: X) -> X:
    """x - tanh x."""
    output: X = input - tanh(input)
    return output


def threshold(input: X, threshold: float, value: float) -> X:
    """x above the threshold, else ``value``.

    >>> threshold(0.5, 1.0, -7.0)
    -7.0
    """
    output: X = where(input <= threshold, value, input)
    return output


def celu(input: X, alpha: float = 1.0) -> X:
    """x for x > 0, else alpha (e^(x / alpha) - 1), which is smooth for every alpha."""
    output: X = where(input > 0.0, input, alpha * autograd.elu(input / alpha, 1.0))
    return output


def selu(input: X) -> X:
    """A multiple of :func:`elu` that keeps the mean 0 and the variance 1 of many layers (Klambauer et al., 2017)."""
    output: X = 1.0507009873554804934193349852946 * autograd.elu(input, 1.6732632423543772848170429916717)
    return output


def mish(input: X) -> X:
    """x tanh(log(1 + e^x))."""
    output: X = input * tanh(autograd.softplus(input))
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


def glu(input: Numbers, dim: int = -1) -> Any:
    """The first half along an axis times σ of the second half (Dauphin et al., 2017).

    Raises:
        ValueError: if the axis does not have an even length.

    >>> glu(np.array([2.0, 0.0]))
    array([1.])
    """
    x: Any = operand(input, "glu")
    if x.shape[dim] % 2:
        raise ValueError(f"glu: axis {dim} of {x.shape} does not have two halves")
    first, second = autograd.split(x, 2, dim)
    return first * sigmoid(second)


def prelu(input: Numbers, weight: Numbers) -> Any:
    """x for x > 0, else ``weight`` times x: one weight, or one for each channel, the second axis.

    Raises:
        ValueError: if there is another number of weights.
    """
    x, slope = operand(input, "prelu"), operand(weight, "prelu")
    channels = x.shape[1] if x.ndim > 1 else 1
    if slope.size not in (1, channels):
        raise ValueError(f"prelu: {slope.size} weights do not fit {channels} channels")
    shape = (1, -1, *(1,) * (x.ndim - 2)) if slope.size > 1 else (1,) * x.ndim
    return autograd.leaky_relu(x, autograd.reshape(slope, shape))


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


def array_operand(x: Any, name: str) -> ArrayOrTensor:
    """A Tensor or an array of floats, as :func:`operand` makes it.

    Raises:
        TypeError: for Values, too.
    """
    array = operand(x, name)
    if array.dtype == object:
        raise TypeError(f"{name} takes Tensors and arrays: make a Tensor of Values with autograd.stack")
    return array


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

    A subclass names the function, and takes its options under the same names and in the same order.

    >>> LeakyReLU(0.1), LeakyReLU(negative_slope=0.1)(-1.0)
    (LeakyReLU(negative_slope=0.1), -0.1)
    """

    function: ClassVar[Callable[..., Any]]
    inputs: ClassVar[int] = 1
    options: Mapping[str, Any] = {}

    def __init_subclass__(cls, **rest: Any) -> None:
        """Give a subclass that names a function the signature of its options."""
        super().__init_subclass__(**rest)
        if "function" in vars(cls) and "__init__" not in vars(cls):
            parameters = list(signature(cls.function).parameters.values())[cls.inputs :]
            cls.__signature__ = Signature(parameters)  # type: ignore[attr-defined]

    def __init__(self, *arguments: Any, **options: Any) -> None:
        try:
            given = signature(type(self)).bind(*arguments, **options)
        except TypeError as error:
            raise TypeError(f"{type(self).__name__}.__init__() {error}") from None
        given.apply_defaults()
        self.options = dict(given.arguments)

    def forward(self, *inputs: Any) -> Any:
        """The function of the inputs."""
        return self.function(*inputs, **self.options)

    def extra_repr(self) -> str:
        """The options."""
        return ", ".join(f"{option}={value!r}" for option, value in self.options.items())


class ReLU(Stateless):
    """:func:`relu` as a module."""

    function = staticmethod(relu)


class ReLU6(Stateless):
    """:func:`relu6` as a module."""

    function = staticmethod(relu6)


class LeakyReLU(Stateless):
    """:func:`leaky_relu` as a module."""

    function = staticmethod(leaky_relu)


class ELU(Stateless):
    """:func:`elu` as a module."""

    function = staticmethod(elu)


class CELU(Stateless):
    """:func:`celu` as a module."""

    function = staticmethod(celu)


class SELU(Stateless):
    """:func:`selu` as a module."""

    function = staticmethod(selu)


class GELU(Stateless):
    """:func:`gelu` as a module."""

    function = staticmethod(gelu)


class GLU(Stateless):
    """:func:`glu` as a module."""

    function = staticmethod(glu)


class SiLU(Stateless):
    """:func:`silu` as a module."""

    function = staticmethod(silu)


class Mish(Stateless):
    """:func:`mish` as a module."""

    function = staticmethod(mish)


class Tanh(Stateless):
    """:func:`tanh` as a module."""

    function = staticmethod(tanh)


class Tanhshrink(Stateless):
    """:func:`tanhshrink` as a module."""

    function = staticmethod(tanhshrink)


class Hardtanh(Stateless):
    """:func:`hardtanh` as a module."""

    function = staticmethod(hardtanh)


class Hardsigmoid(Stateless):
    """:func:`hardsigmoid` as a module."""

    function = staticmethod(hardsigmoid)


class Hardswish(Stateless):
    """:func:`hardswish` as a module."""

    function = staticmethod(hardswish)


class Hardshrink(Stateless):
    """:func:`hardshrink` as a module."""

    function = staticmethod(hardshrink)


class Softshrink(Stateless):
    """:func:`softshrink` as a module."""

    function = staticmethod(softshrink)


class Threshold(Stateless):
    """:func:`threshold` as a module."""

    function = staticmethod(threshold)


class Sigmoid(Stateless):
    """:func:`sigmoid` as a module."""

    function = staticmethod(sigmoid)


class LogSigmoid(Stateless):
    """:func:`logsigmoid` as a module."""

    function = staticmethod(logsigmoid)


class Softplus(Stateless):
    """:func:`softplus` as a module."""

    function = staticmethod(softplus)


class Softsign(Stateless):
    """:func:`softsign` as a module."""

    function = staticmethod(softsign)


class Softmax(Stateless):
    """:func:`softmax` as a module.

    Do not put it before :class:`~nn.losses.CrossEntropyLoss`, which takes the scores themselves.
    """

    function = staticmethod(softmax)


class LogSoftmax(Stateless):
    """:func:`log_softmax` as a module."""

    function = staticmethod(log_softmax)


class Softmin(Stateless):
    """:func:`softmin` as a module."""

    function = staticmethod(softmin)


class Softmax2d(Stateless):
    """:func:`softmax` over the channels of images ``(N, C, H, W)`` or ``(C, H, W)``, as a module."""

    def forward(self, *inputs: Any) -> Any:
        """The probabilities of the channels at each place."""
        [images] = inputs
        return softmax(images, dim=-3)


Softmax2d.__signature__ = Signature()  # type: ignore[attr-defined]
