"""Functions of images and sequences, under PyTorch's names: padding, adaptive pooling, rearranged pixels.

Images have their channels before the spatial axes: ``(N, C, H, W)``, or ``(C, H, W)`` without a batch.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import product
from math import prod
from typing import Any, TypeAlias

import numpy as np

import autograd
from autograd import absolute, avg_pool1d, avg_pool2d, avg_pool3d, concatenate, conv1d, reshape, sign, square
from nn.activations import operand, plain
from nn.aliases import Array, Numbers, Random, WholeNumbers
from nn.init import generator

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "channel_shuffle",
    "conv_tbc",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "local_response_norm",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
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


def _adaptive_windows(name: str, x: Any, output_size: Lengths, rank: int) -> list[list[slice]]:
    """For each spatial axis the windows of nearly equal size, as many as wanted."""
    if x.ndim not in (rank + 1, rank + 2):
        raise ValueError(f"{name} takes {rank} spatial axes after the channels, not an array of shape {x.shape}")
    sizes = list(output_size) if isinstance(output_size, Sequence) else [output_size] * rank
    if len(sizes) != rank:
        raise ValueError(f"{name}: output_size is one length, or {rank} of them, not {output_size!r}")
    lengths = [(n, n if size is None else size) for n, size in zip(x.shape[-rank:], sizes, strict=True)]
    return [[slice(i * n // size, -(-(i + 1) * n // size)) for i in range(size)] for n, size in lengths]


def _adaptive_avg(name: str, input: Numbers, output_size: Lengths, rank: int) -> Any:
    """The mean of each window, axis by axis."""
    x: Any = operand(input, name)
    for axis, windows in enumerate(_adaptive_windows(name, x, output_size, rank), -rank):
        if len(windows) != x.shape[axis]:
            row = autograd.moveaxis(x, axis, -1)
            x = autograd.moveaxis(concatenate([_mean_of(row[..., window]) for window in windows], -1), -1, axis)
    return x


def _adaptive_max(name: str, input: Numbers, output_size: Lengths, rank: int, return_indices: bool) -> Any:
    """The largest number of each window; of equal ones the first has the slope."""
    x: Any = operand(input, name)
    windows = _adaptive_windows(name, x, output_size, rank)
    numbers, lead, space = plain(x), x.shape[:-rank], x.shape[-rank:]
    places = np.arange(prod(space)).reshape(space)
    found = []
    for window in product(*windows):
        of_window: tuple[Any, ...] = (..., *window)
        found.append(places[window].ravel()[numbers[of_window].reshape(*lead, -1).argmax(-1)])
    indices = np.stack(found, -1)
    shape = (*lead, *map(len, windows))
    y = reshape(autograd.take_along_axis(reshape(x, (*lead, -1)), indices, -1), shape)
    return (y, indices.reshape(shape)) if return_indices else y


def adaptive_avg_pool1d(input: Numbers, output_size: Lengths) -> Any:
    """The means of ``output_size`` windows of sequences."""
    return _adaptive_avg("adaptive_avg_pool1d", input, output_size, 1)


def adaptive_avg_pool2d(input: Numbers, output_size: Lengths) -> Any:
    """The means of ``output_size`` windows of images.

    >>> adaptive_avg_pool2d(np.arange(9.0).reshape(1, 3, 3), 1)
    array([[[4.]]])
    """
    return _adaptive_avg("adaptive_avg_pool2d", input, output_size, 2)


def adaptive_avg_pool3d(input: Numbers, output_size: Lengths) -> Any:
    """The means of ``output_size`` windows of volumes."""
    return _adaptive_avg("adaptive_avg_pool3d", input, output_size, 3)


def adaptive_max_pool1d(input: Numbers, output_size: Lengths, return_indices: bool = False) -> Any:
    """The largest numbers of ``output_size`` windows of sequences; with ``return_indices`` also where they are."""
    return _adaptive_max("adaptive_max_pool1d", input, output_size, 1, return_indices)


def adaptive_max_pool2d(input: Numbers, output_size: Lengths, return_indices: bool = False) -> Any:
    """The largest numbers of ``output_size`` windows of images; with ``return_indices`` also where they are."""
    return _adaptive_max("adaptive_max_pool2d", input, output_size, 2, return_indices)


def adaptive_max_pool3d(input: Numbers, output_size: Lengths, return_indices: bool = False) -> Any:
    """The largest numbers of ``output_size`` windows of volumes; with ``return_indices`` also where they are."""
    return _adaptive_max("adaptive_max_pool3d", input, output_size, 3, return_indices)


def _fractional_max_pool(
    name: str,
    input: Numbers,
    kernel_size: Size,
    output_size: Size | None,
    output_ratio: float | Sequence[float] | None,
    return_indices: bool,
    samples: Numbers | None,
    rng: Random,
    rank: int,
) -> Any:
    x: Any = operand(input, name)
    if x.ndim not in (rank + 1, rank + 2):
        raise ValueError(f"{name} takes {rank} spatial axes after the channels, not an array of shape {x.shape}")
    if (output_size is None) == (output_ratio is None):
        raise ValueError(f"{name} takes either output_size or output_ratio")
    lead, space = x.shape[:-rank], x.shape[-rank:]
    given: tuple[Any, ...] = kernel_size, output_size, output_ratio
    kernel, sizes, ratios = (list(n) if isinstance(n, Sequence) else [n] * rank for n in given)
    if output_ratio is not None:
        sizes = [int(n * ratio) for n, ratio in zip(space, ratios, strict=True)]
    if any(size < 1 or k < 1 or size + k - 1 > n for n, size, k in zip(space, sizes, kernel, strict=True)):
        raise ValueError(f"{name}: {sizes} windows of size {kernel} do not fit into {list(space)} numbers")
    shape = (*(1, *lead)[-2:], rank)
    if samples is None:
        drawn = autograd.once(lambda: np.asarray(generator(rng).random(shape)))
    else:
        drawn = plain(operand(samples, name))
    if drawn.shape != shape:
        raise ValueError(f"{name}: _random_samples must have shape {shape}, not {drawn.shape}")
    windows = _fractional_windows(drawn.reshape(*lead, rank).astype(x.dtype), space, sizes, kernel)
    flat = reshape(x, (*lead, 1, -1))
    best = np.take_along_axis(plain(flat), windows, -1).argmax(-1)[..., None]
    indices = np.take_along_axis(windows, best, -1)[..., 0]
    y = reshape(autograd.take_along_axis(reshape(x, (*lead, -1)), indices, -1), (*lead, *sizes))
    return (y, indices.reshape(*lead, *sizes)) if return_indices else y


def _fractional_windows(drawn: Array, space: Sequence[int], sizes: Sequence[int], kernel: Sequence[int]) -> Array:
    """The places of the numbers of each window in a flattened image, for each channel."""
    lead, rank = drawn.shape[:-1], len(space)
    places: Any = 0
    for axis, (n, size, k) in enumerate(zip(space, sizes, kernel, strict=True)):
        sample = drawn[..., axis if rank == 3 else 1 - axis]  # PyTorch's order is that of the axes in volumes alone
        window = _fractional_starts(sample, n, size, k)[..., None] + np.arange(k)
        along = [size if i == axis else 1 for i in range(rank)] + [k if i == axis else 1 for i in range(rank)]
        places = places * n + window.reshape(*lead, *along)
    windows: Array = places.reshape(*lead, prod(sizes), prod(kernel))
    return windows


def _fractional_starts(sample: Array, n: int, size: int, k: int) -> Array:
    """Where the windows begin along an axis: at whole steps of unequal length, and the last window at the end."""
    step = (n - k) / np.asarray(max(1, size - 1), sample.dtype)
    numbers = np.arange(size, dtype=sample.dtype)
    starts = np.trunc((numbers + sample[..., None]) * step) - np.trunc(sample * step)[..., None]
    starts[..., -1] = n - k
    return starts.astype(int)


def fractional_max_pool2d(
    input: Numbers,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Numbers | None = None,
    *,
    rng: Random = None,
) -> Any:
    """The largest number of each of ``output_size`` windows, which begin at random steps (Graham, 2014).

    The steps are nearly equal, so that images may become smaller by a factor between 1 and 2.  As for
    :func:`max_pool2d`, of equal numbers the first has the slope.

    Args:
        input: images of shape ``(N, C, H, W)`` or ``(C, H, W)``.
        kernel_size: the size of the windows, or one for each axis.
        output_size: how many of them along each axis.
        output_ratio: in place of it, its ratio to the size of the images.
        return_indices: whether to return the places of the numbers in their images as well.
        _random_samples: numbers from 0 to 1 that shift the windows, of shape ``(N, C, 2)``: of the last axis, and of
            the one before it.
        rng: a generator, a seed or ``None``, if they are not given.

    Raises:
        ValueError: if sizes or shapes do not fit.

    >>> fractional_max_pool2d(np.arange(25.0).reshape(1, 5, 5), 2, 3, _random_samples=np.full((1, 1, 2), 0.4))
    array([[[ 6.,  8.,  9.],
            [16., 18., 19.],
            [21., 23., 24.]]])
    """
    given = kernel_size, output_size, output_ratio, return_indices, _random_samples, rng
    return _fractional_max_pool("fractional_max_pool2d", input, *given, 2)


def fractional_max_pool3d(
    input: Numbers,
    kernel_size: Size,
    output_size: Size | None = None,
    output_ratio: float | Sequence[float] | None = None,
    return_indices: bool = False,
    _random_samples: Numbers | None = None,
    *,
    rng: Random = None,
) -> Any:
    """As :func:`fractional_max_pool2d`, for volumes; ``_random_samples`` are those of the axes in their order."""
    given = kernel_size, output_size, output_ratio, return_indices, _random_samples, rng
    return _fractional_max_pool("fractional_max_pool3d", input, *given, 3)


def _max_unpool(
    name: str, input: Numbers, indices: WholeNumbers, kernel: Size, stride: Any, padding: Size, size: Any, rank: int
) -> Any:
    x: Any = operand(input, name)
    if x.ndim not in (rank + 1, rank + 2) or np.shape(indices) != x.shape:
        raise ValueError(
            f"{name} takes numbers and indices of one shape, with {rank} axes after the channels, not {x.shape} and "
            f"{np.shape(indices)}"
        )
    kernels, strides, margins = (
        list(n) if isinstance(n, Sequence) else [n] * rank
        for n in (kernel, kernel if stride is None else stride, padding)
    )
    lead, axes = x.shape[:-rank], zip(x.shape[-rank:], strides, margins, kernels, strict=True)
    space = [(n - 1) * s - 2 * p + k for n, s, p, k in axes] if size is None else list(size)[-rank:]
    places = np.asarray(indices).reshape(prod(lead), -1)
    if places.size and not 0 <= places.min() <= places.max() < prod(space):
        raise ValueError(f"{name}: there is an index outside of images of shape {tuple(space)}")
    images = autograd.Tensor(np.zeros((prod(lead), prod(space)), x.dtype)).at
    y = reshape(images[np.arange(prod(lead))[:, None], places].set(reshape(x, places.shape)), (*lead, *space))
    return y if isinstance(x, autograd.Tensor) else plain(y)


def max_unpool1d(
    input: Numbers,
    indices: WholeNumbers,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Any:
    """The numbers back at the places where ``max_pool1d(..., return_indices=True)`` found them, and zeros elsewhere.

    >>> max_unpool1d([[5.0, 7.0]], [[1, 2]], 2)
    array([[0., 5., 7., 0.]])
    """
    return _max_unpool("max_unpool1d", input, indices, kernel_size, stride, padding, output_size, 1)


def max_unpool2d(
    input: Numbers,
    indices: WholeNumbers,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Any:
    """As :func:`max_unpool1d`, for images."""
    return _max_unpool("max_unpool2d", input, indices, kernel_size, stride, padding, output_size, 2)


def max_unpool3d(
    input: Numbers,
    indices: WholeNumbers,
    kernel_size: Size,
    stride: Size | None = None,
    padding: Size = 0,
    output_size: Sequence[int] | None = None,
) -> Any:
    """As :func:`max_unpool1d`, for volumes."""
    return _max_unpool("max_unpool3d", input, indices, kernel_size, stride, padding, output_size, 3)


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


# ---------------------------------------------------------------------------------------------------------------------
# Another order of axes
# ---------------------------------------------------------------------------------------------------------------------


def conv_tbc(input: Numbers, weight: Numbers, bias: Numbers, pad: int = 0) -> Any:
    """:func:`conv1d` of sequences ``(time, batch, channels)`` with kernels ``(width, in, out)``.

    >>> conv_tbc(np.ones((4, 1, 2)), np.ones((3, 2, 1)), [0.5]).ravel()
    array([6.5, 6.5])
    """
    x, kernels = operand(input, "conv_tbc"), operand(weight, "conv_tbc")
    if x.ndim != 3 or kernels.ndim != 3:
        raise ValueError(
            f"conv_tbc takes an input and a weight with 3 axes, not of shapes {x.shape} and {kernels.shape}"
        )
    rows = conv1d(
        autograd.transpose(x, (1, 2, 0)), autograd.transpose(kernels, (2, 1, 0)), operand(bias, "conv_tbc"), padding=pad
    )
    return autograd.transpose(rows, (2, 0, 1))
