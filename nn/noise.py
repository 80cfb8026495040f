"""Functions and layers that draw random numbers in training: dropout of several kinds, and random slopes.

Each takes ``rng``: a generator, a seed, or ``None`` for a new generator every time.  What is dropped sends no gradient.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np

import autograd
from nn.activations import array_operand, operand, plain, softmax
from nn.aliases import Array, Numbers, Random
from nn.init import generator
from nn.module import Module
from nn.signatures import same_kind

__all__ = [
    "AlphaDropout",
    "Dropout",
    "Dropout1d",
    "Dropout2d",
    "Dropout3d",
    "FeatureAlphaDropout",
    "RReLU",
    "alpha_dropout",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "feature_alpha_dropout",
    "gumbel_softmax",
    "rrelu",
]

# ---------------------------------------------------------------------------------------------------------------------
# Dropout
# ---------------------------------------------------------------------------------------------------------------------


@same_kind
def dropout(input: Numbers, p: float = 0.5, training: bool = True, *, rng: Random = None) -> Any:
    """Set each number to 0 with probability p and divide the others by 1 - p (*inverted* dropout).

    The expected output is then the input, and evaluation needs no scaling (Srivastava et al., 2014).  As in PyTorch, p
    is the probability to *drop*; textbooks often use ``keep_prob = 1 - p``.

    Args:
        input: an array or Tensor, or a sequence of Values.
        p: the probability, from 0 to 1.
        training: whether to drop anything; otherwise the input is returned.
        rng: a generator, a seed or ``None``.

    Raises:
        ValueError: if p is not between 0 and 1.

    >>> dropout(np.ones(8), 0.25, rng=1).round(2)
    array([1.33, 1.33, 0.  , 1.33, 1.33, 1.33, 1.33, 1.33])
    """
    return _dropped("dropout", input, p, training, rng)


@same_kind
def dropout1d(input: Numbers, p: float = 0.5, training: bool = True, *, rng: Random = None) -> Any:
    """:func:`dropout` of whole channels of sequences ``(N, C, L)`` or ``(C, L)`` (Tompson et al., 2015).

    Raises:
        ValueError: for another number of axes, or if p is not between 0 and 1.

    >>> dropout1d(np.ones((3, 4)), rng=1)
    array([[2., 2., 2., 2.],
           [2., 2., 2., 2.],
           [0., 0., 0., 0.]])
    """
    return _dropped("dropout1d", input, p, training, rng, _channels("dropout1d", input, 2, 3))


@same_kind
def dropout2d(input: Numbers, p: float = 0.5, training: bool = True, *, rng: Random = None) -> Any:
    """:func:`dropout` of whole channels of images ``(N, C, H, W)``.

    PyTorch takes three axes for sequences ``(N, C, L)``, and warns that it will take them for an image ``(C, H, W)``;
    here they are an error.

    Raises:
        ValueError: for another number of axes, or if p is not between 0 and 1.
    """
    return _dropped("dropout2d", input, p, training, rng, _channels("dropout2d", input, 4, 4))


@same_kind
def dropout3d(input: Numbers, p: float = 0.5, training: bool = True, *, rng: Random = None) -> Any:
    """:func:`dropout` of whole channels of volumes ``(N, C, D, H, W)`` or ``(C, D, H, W)``.

    Raises:
        ValueError: for another number of axes, or if p is not between 0 and 1.
    """
    return _dropped("dropout3d", input, p, training, rng, _channels("dropout3d", input, 4, 5))


@same_kind
def alpha_dropout(input: Numbers, p: float = 0.5, training: bool = False, *, rng: Random = None) -> Any:
    """:func:`dropout` that keeps the mean 0 and the variance 1 of networks of ``selu`` (Klambauer et al., 2017).

    What is dropped becomes the lower bound of ``selu``, -1.758, and then everything is scaled and shifted.  As in
    PyTorch, ``training`` is false unless given, and for p = 1 everything becomes 0.

    Raises:
        ValueError: if p is not between 0 and 1.

    >>> alpha_dropout(np.zeros(4), 0.5, True, rng=1).round(4)
    array([ 0.7792,  0.7792, -0.7792,  0.7792])
    """
    return _dropped("alpha_dropout", input, p, training, rng, lowest=_LOWEST)


@same_kind
def feature_alpha_dropout(input: Numbers, p: float = 0.5, training: bool = False, *, rng: Random = None) -> Any:
    """:func:`alpha_dropout` of whole channels, the second axis, of each sample, the first.

    Raises:
        ValueError: if there are fewer than two axes, or p is not between 0 and 1.
    """
    shape = operand(input, "feature_alpha_dropout").shape
    if len(shape) < 2:
        raise ValueError(
            f"feature_alpha_dropout takes samples with channels, (N, C, ...), not numbers of shape {shape}"
        )
    drawn = (*shape[:2], *(1,) * (len(shape) - 2))
    return _dropped("feature_alpha_dropout", input, p, training, rng, drawn, _LOWEST)


_LOWEST = -1.7580993408473766
"""What ``selu`` tends to, far below 0."""


def _dropped(
    name: str,
    input: Numbers,
    p: float,
    training: bool,
    rng: Random,
    shape: tuple[int, ...] | None = None,
    lowest: float = 0.0,
) -> Any:
    """The numbers, or ``lowest`` where a draw in this shape drops them, scaled to the mean and variance they had."""
    if not 0.0 <= p <= 1.0:
        raise ValueError(f"{name}: p must be a probability between 0 and 1, not {p!r}")
    x: Any = operand(input, name)
    if not training:
        return input
    kept = autograd.once(lambda: np.asarray(generator(rng).random(x.shape if shape is None else shape) >= p))
    if not lowest or p == 1.0:
        y = autograd.where(kept, x * (1.0 / (1.0 - float(p)) if p < 1.0 else 1.0), 0.0)
    else:
        scale = 1.0 / math.sqrt((1.0 - p) * (1.0 + p * lowest**2))
        shift = -scale * lowest * float(p)
        y = autograd.where(kept, x * scale + shift, scale * lowest + shift)
    return np.asarray(y).tolist() if x.dtype == object else y


def _channels(name: str, input: Numbers, fewest: int, most: int) -> tuple[int, ...]:
    """The shape of a draw for each channel of each sample."""
    shape = operand(input, name).shape
    if not fewest <= len(shape) <= most:
        axes = f"{fewest} or {most}" if fewest < most else f"{most}"
        raise ValueError(f"{name} takes channels with {axes} axes in all, not numbers of shape {shape}: see its help")
    space = most - 2
    return (*shape[:-space], *(1,) * space)


# ---------------------------------------------------------------------------------------------------------------------
# Others
# ---------------------------------------------------------------------------------------------------------------------


@same_kind
def rrelu(
    input: Numbers, lower: float = 1 / 8, upper: float = 1 / 3, training: bool = False, *, rng: Random = None
) -> Any:
    """x for x > 0, else a random slope times x; outside training, the mean of the bounds times x (Xu et al., 2015).

    Args:
        input: an array or Tensor, or a sequence of Values.
        lower: the smallest slope.
        upper: the largest slope.
        training: whether to draw a slope for each number.
        rng: a generator, a seed or ``None``.

    Raises:
        ValueError: if the bounds are in the wrong order.

    >>> rrelu(np.array([-1.0, 2.0]), 0.25, 0.75)
    array([-0.5,  2. ])
    """
    if not lower <= upper:
        raise ValueError(f"rrelu: lower must be at most upper, but they are {lower!r} and {upper!r}")
    x = operand(input, "rrelu")
    slopes = np.full(x.shape, 0.5 * (lower + upper))
    if training:
        slopes = autograd.once(lambda: np.asarray(generator(rng).uniform(lower, upper, x.shape)))
    if x.dtype == object:
        return np.asarray(np.frompyfunc(autograd.leaky_relu, 2, 1)(x, slopes), object).tolist()
    return autograd.leaky_relu(x, slopes.astype(x.dtype))


@same_kind
def gumbel_softmax(
    logits: Numbers, tau: float = 1.0, hard: bool = False, eps: float = 1e-10, dim: int = -1, *, rng: Random = None
) -> Any:
    """softmax((x + g)/τ) with random g: nearly a sample of the classes, with a slope (Jang et al., 2017).

    g is drawn from Gumbel's distribution.  For small τ, the result comes close to one class, drawn with the
    probabilities softmax(x).

    Args:
        logits: x, an array or Tensor.
        tau: τ, the temperature.
        hard: whether to return that class itself, as zeros and a one, with the slopes of the softmax.
        eps: without effect, as in PyTorch.
        dim: the axis of the classes.
        rng: a generator, a seed or ``None``.

    Raises:
        ValueError: if τ is not positive.
        TypeError: for Values.

    >>> gumbel_softmax(np.log([0.5, 0.25, 0.25]), hard=True, rng=0)
    array([0., 0., 1.])
    """
    if not tau > 0:
        raise ValueError(f"gumbel_softmax: tau must be positive, not {tau!r}")
    x: Any = array_operand(logits, "gumbel_softmax")
    noise = autograd.once(lambda: np.asarray(generator(rng).gumbel(size=x.shape)))
    soft: Any = softmax((x + noise.astype(x.dtype)) / float(tau), dim)
    if not hard:
        return soft
    numbers = plain(soft)
    chosen: Array = np.zeros_like(numbers)
    np.put_along_axis(chosen, np.expand_dims(numbers.argmax(dim), dim), 1.0, dim)
    return chosen + (soft - autograd.stop_gradient(soft))


# ---------------------------------------------------------------------------------------------------------------------
# As modules
# ---------------------------------------------------------------------------------------------------------------------


class Dropout(Module):
    """In training each number becomes 0 with the probability p, and the others are divided by 1 - p.

    Args:
        p: the probability to drop a number, as in PyTorch.
        keep: the probability to keep it instead, ``1 - p``, as textbooks have it (``keep_prob``).
        rng: a generator, a seed or ``None``; each call draws from it.

    Raises:
        ValueError: if it is not a probability.

    >>> layer = Dropout(keep=0.75, rng=1)
    >>> layer(np.ones(4)).round(2), layer.eval()(np.ones(4))
    (array([1.33, 1.33, 0.  , 1.33]), array([1., 1., 1., 1.]))
    """

    drop: ClassVar[Callable[..., Any]] = staticmethod(dropout)

    def __init__(self, p: float = 0.5, *, keep: float | None = None, rng: Random = None) -> None:
        self.p = p if keep is None else 1.0 - keep
        if not 0.0 <= self.p <= 1.0:
            raise ValueError(f"{'p' if keep is None else 'keep'} is a probability, not {p if keep is None else keep!r}")
        self.rng = generator(rng)

    def forward(self, input: Numbers) -> Any:
        """The input; in training, with some of its numbers dropped."""
        return self.drop(input, self.p, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        """The probability of dropping a number."""
        return f"p={self.p}"


class Dropout1d(Dropout):
    """:func:`nn.functional.dropout1d` as a module; the arguments are those of :class:`Dropout`."""

    drop = staticmethod(dropout1d)


class Dropout2d(Dropout):
    """:func:`nn.functional.dropout2d` as a module; the arguments are those of :class:`Dropout`."""

    drop = staticmethod(dropout2d)


class Dropout3d(Dropout):
    """:func:`nn.functional.dropout3d` as a module; the arguments are those of :class:`Dropout`."""

    drop = staticmethod(dropout3d)


class AlphaDropout(Dropout):
    """:func:`nn.functional.alpha_dropout` as a module; the arguments are those of :class:`Dropout`."""

    drop = staticmethod(alpha_dropout)


class FeatureAlphaDropout(Dropout):
    """:func:`nn.functional.feature_alpha_dropout` as a module; the arguments are those of :class:`Dropout`."""

    drop = staticmethod(feature_alpha_dropout)


class RReLU(Module):
    """:func:`nn.functional.rrelu` as a module; each call in training draws from ``rng``.

    >>> RReLU(0.25, 0.75).eval()(np.array([-1.0, 2.0]))
    array([-0.5,  2. ])
    """

    def __init__(self, lower: float = 1 / 8, upper: float = 1 / 3, *, rng: Random = None) -> None:
        if not lower <= upper:
            raise ValueError(f"RReLU: lower must be at most upper, but they are {lower!r} and {upper!r}")
        self.lower, self.upper, self.rng = lower, upper, generator(rng)

    def forward(self, input: Numbers) -> Any:
        """The activations, with random slopes in training."""
        return rrelu(input, self.lower, self.upper, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        """The bounds of the slopes."""
        return f"lower={self.lower}, upper={self.upper}"
