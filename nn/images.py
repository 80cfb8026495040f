"""Functions of images and sequences, under PyTorch's names: padding, adaptive pooling, rearranged pixels.

Images have their channels before the spatial axes: ``(N, C, H, W)``, or ``(C, H, W)`` without a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np

import autograd
from autograd import absolute, avg_pool1d, avg_pool2d, avg_pool3d, concatenate, max_pool1d, reshape, sign, square
from nn.activations import operand
from nn.aliases import Numbers

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "channel_shuffle",
    "local_response_norm",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "pad",
    "pixel_shuffle",
    "pixel_unshuffle",
]

Size: TypeAlias = int | Sequence[int]
"""A length, or a length for each axis."""
Lengths: TypeAlias = int | Sequence[int | None] | None
"""A length, or one for each axis; ``None`` keeps that of the input."""

_MODES = {"constant": "constant", "reflect": "reflect", "replicate": "edge", "circular": "wrap"}


def pad(input: Numbers, pad: Sequence[int], mode: str = "constant", value: float | None = None) -> Any:
    """Numbers added around the last axes: two widths for the last one, then two for the one before it, and so on.

    Negative widths cut off.

    Raises:
        ValueError: if the widths are not pairs, or too many.
        NotImplementedError: if ``mode`` is not constant, reflect, replicate or circular.

    >>> pad(np.ones((1, 2)), (0, 1, 1, 0))
    array([[0., 0., 0.],
           [1., 1., 0.]])
    """
    x, widths = operand(input, "pad"), list(pad)
    if len(widths) % 2 or len(widths) > 2 * x.ndim:
        raise ValueError(f"pad: {x.ndim} axes take up to {2 * x.ndim} widths, two for each axis, not {len(widths)}")
    if mode not in _MODES:
        raise NotImplementedError(f"pad does not support mode={mode!r}: use one of {', '.join(_MODES)}")
    pairs = [(widths[i], widths[i + 1]) for i in range(0, len(widths), 2)]
    around = [(0, 0)] * (x.ndim - len(pairs)) + pairs[::-1]
    return autograd.pad(x, around, _MODES[mode], 0.0 if value is None else value)


# ---------------------------------------------------------------------------------------------------------------------
# Pooling
# ---------------------------------------------------------------------------------------------------------------------


def _mean_of(x: Any) -> Any:
    return autograd.mean(x, -1, True)


def _first_largest_of(x: Any) -> Any:
    """The largest number along the last axis; of equal ones the first has the slope."""
    rows = max_pool1d(reshape(x, (prod(x.shape[:-1]), x.shape[-1])), x.shape[-1])
    return reshape(rows, (*x.shape[:-1], 1))


def _adaptive(name: str, reduced: Callable[[Any], Any], input: Numbers, output_size: Lengths, rank: int) -> Any:
    """Windows of nearly equal size, as many along each spatial axis as wanted, each reduced to one number."""
    x: Any = operand(input, name)
    if x.ndim not in (rank + 1, rank + 2):
        raise ValueError(f"{name} takes {rank} spatial axes after the channels, not an array of shape {x.shape}")
    sizes = list(output_size) if isinstance(output_size, Sequence) else [output_size] * rank
    if len(sizes) != rank:
        raise ValueError(f"{name}: output_size is one length, or {rank} of them, not {output_size!r}")
    for axis, size in zip(range(-1, -rank - 1, -1), sizes[::-1], strict=True):
        n = x.shape[axis]
        if size is None or size == n:
            continue
        row = autograd.moveaxis(x, axis, -1)
        ends = [(i * n // size, -(-(i + 1) * n // size)) for i in range(size)]
        x = autograd.moveaxis(concatenate([reduced(row[..., start:stop]) for start, stop in ends], -1), -1, axis)
    return x


def adaptive_avg_pool1d(input: Numbers, output_size: Lengths) -> Any:
    """The means of ``output_size`` windows of sequences."""
    return _adaptive("adaptive_avg_pool1d", _mean_of, input, output_size, 1)


def adaptive_avg_pool2d(input: Numbers, output_size: Lengths) -> Any:
    """The means of ``output_size`` windows of images.

    >>> adaptive_avg_pool2d(np.arange(9.0).reshape(1, 3, 3), 1)
    array([[[4.]]])
    """
    return _adaptive("adaptive_avg_pool2d", _mean_of, input, output_size, 2)


def adaptive_avg_pool3d(input: Numbers, output_size: Lengths) -> Any:
    """The means of ``output_size`` windows of volumes."""
    return _adaptive("adaptive_avg_pool3d", _mean_of, input, output_size, 3)


def adaptive_max_pool1d(input: Numbers, output_size: Lengths) -> Any:
    """The largest numbers of ``output_size`` windows of sequences."""
    return _adaptive("adaptive_max_pool1d", _first_largest_of, input, output_size, 1)


def adaptive_max_pool2d(input: Numbers, output_size: Lengths) -> Any:
    """The largest numbers of ``output_size`` windows of images."""
    return _adaptive("adaptive_max_pool2d", _first_largest_of, input, output_size, 2)


def adaptive_max_pool3d(input: Numbers, output_size: Lengths) -> Any:
    """The largest numbers of ``output_size`` windows of volumes."""
    return _adaptive("adaptive_max_pool3d", _first_largest_of, input, output_size, 3)


def _lp_pool(
    name: str, pool: Callable[..., Any], input: Numbers, p: float, kernel: Size, stride: Any, ceil: bool, rank: int
) -> Any:
    x: Any = operand(input, name)
    count = prod(kernel) if isinstance(kernel, Sequence) else kernel**rank
    mean = pool(x**p, kernel, stride, 0, ceil)
    return (sign(mean) * absolute(mean) * count) ** (1.0 / p)


def lp_pool1d(
    input: Numbers, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Any:
    """(Σ xᵖ)^(1/p) of each window of sequences."""
    return _lp_pool("lp_pool1d", avg_pool1d, input, norm_type, kernel_size, stride, ceil_mode, 1)


def lp_pool2d(
    input: Numbers, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Any:
    """(Σ xᵖ)^(1/p) of each window of images."""
    return _lp_pool("lp_pool2d", avg_pool2d, input, norm_type, kernel_size, stride, ceil_mode, 2)


def lp_pool3d(
    input: Numbers, norm_type: float, kernel_size: Size, stride: Size | None = None, ceil_mode: bool = False
) -> Any:
    """(Σ xᵖ)^(1/p) of each window of volumes."""
    return _lp_pool("lp_pool3d", avg_pool3d, input, norm_type, kernel_size, stride, ceil_mode, 3)


def local_response_norm(input: Numbers, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Any:
    """x / (k + α m)^β, where m is the mean of x² over ``size`` neighbouring channels (Krizhevsky et al., 2012)."""
    x: Any = operand(input, "local_response_norm")
    around = [(0, 0), (size // 2, (size - 1) // 2), *[(0, 0)] * (x.ndim - 2)]
    squares = autograd.pad(square(x), around)
    total = squares[:, : x.shape[1]]
    for i in range(1, size):
        total = total + squares[:, i : i + x.shape[1]]
    return x / (k + alpha * (total / size)) ** beta


# ---------------------------------------------------------------------------------------------------------------------
# The same numbers in other places
# ---------------------------------------------------------------------------------------------------------------------


def pixel_shuffle(input: Numbers, upscale_factor: int) -> Any:
    """Channels in groups of r² become blocks of r x r pixels: ``(C r², H, W)`` becomes ``(C, H r, W r)``."""
    x, r = operand(input, "pixel_shuffle"), upscale_factor
    *batch, channels, h, w = x.shape
    n = len(batch)
    x = reshape(x, (*batch, channels // r**2, r, r, h, w))
    x = autograd.transpose(x, (*range(n), n, n + 3, n + 1, n + 4, n + 2))
    return reshape(x, (*batch, channels // r**2, h * r, w * r))


def pixel_unshuffle(input: Numbers, downscale_factor: int) -> Any:
    """The inverse of :func:`pixel_shuffle`."""
    x, r = operand(input, "pixel_unshuffle"), downscale_factor
    *batch, channels, h, w = x.shape
    n = len(batch)
    x = reshape(x, (*batch, channels, h // r, r, w // r, r))
    x = autograd.transpose(x, (*range(n), n, n + 2, n + 4, n + 1, n + 3))
    return reshape(x, (*batch, channels * r**2, h // r, w // r))


def channel_shuffle(input: Numbers, groups: int) -> Any:
    """The channels of several groups, one of each group in turn."""
    x: Any = operand(input, "channel_shuffle")
    order = np.arange(x.shape[1]).reshape(groups, -1).T.ravel()
    return x[:, order]
