"""Images in another size, or read at other points, under PyTorch's names."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product
from math import floor
from typing import Any

import numpy as np

import autograd
from autograd import where
from nn.activations import operand, plain
from nn.aliases import Array, Numbers
from nn.images import adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d

__all__ = ["affine_grid", "grid_sample", "interpolate", "upsample", "upsample_bilinear", "upsample_nearest"]

_RANKS = {"linear": (1,), "bilinear": (2,), "bicubic": (2,), "trilinear": (3,)}
"""How many spatial axes the modes take that do not take any number."""


def interpolate(
    input: Numbers,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
    recompute_scale_factor: bool | None = None,
    antialias: bool = False,
) -> Any:
    """Images ``(N, C, ...)`` with other lengths of the spatial axes.

    Args:
        input: numbers with one to three spatial axes after the batch and the channels.
        size: the new length, or one for each axis.
        scale_factor: in place of it the factor of the lengths, or one for each axis.
        mode: nearest, nearest-exact, linear, bilinear, trilinear, bicubic or area.
        align_corners: whether the outermost numbers stay where they are, in modes that interpolate.
        recompute_scale_factor: whether the distance of the points comes from the rounded lengths.
        antialias: not supported.

    Raises:
        ValueError: if the mode does not fit the number of axes, or not one of ``size`` and ``scale_factor`` is given.
        NotImplementedError: with ``antialias``, or for another mode.

    >>> interpolate([[[1.0, 3.0]]], scale_factor=2, mode="linear")
    array([[[1. , 1.5, 2.5, 3. ]]])
    """
    x: Any = operand(input, "interpolate")
    lengths = x.shape[2:]
    if mode not in {*_RANKS, "nearest", "nearest-exact", "area"} or antialias:
        raise NotImplementedError(f"interpolate does not support mode={mode!r} with antialias={antialias}")
    if len(lengths) not in _RANKS.get(mode, (1, 2, 3)):
        raise ValueError(f"interpolate: mode={mode!r} does not fit numbers of shape {x.shape}")
    if (size is None) == (scale_factor is None):
        raise ValueError("interpolate takes either size or scale_factor")
    factors = _for_each("scale_factor", scale_factor, lengths)
    sizes = _for_each("size", size, lengths)
    if scale_factor is not None:
        sizes = [floor(n * factor) for n, factor in zip(lengths, factors, strict=True)]
    if mode == "area":
        return (adaptive_avg_pool1d, adaptive_avg_pool2d, adaptive_avg_pool3d)[len(lengths) - 1](x, sizes)
    for axis, (n, m, factor) in enumerate(zip(lengths, sizes, factors, strict=True), 2):
        step = n / m if factor is None or recompute_scale_factor else 1.0 / factor
        taps = _taps(mode, n, m, step, bool(align_corners))
        shape = [-1 if i == axis else 1 for i in range(x.ndim)]
        x = sum(autograd.take(x, at, axis) * share.reshape(shape).astype(x.dtype) for at, share in taps)
    return x


def upsample(
    input: Numbers,
    size: int | Sequence[int] | None = None,
    scale_factor: float | Sequence[float] | None = None,
    mode: str = "nearest",
    align_corners: bool | None = None,
) -> Any:
    """An older name of :func:`interpolate`."""
    return interpolate(input, size, scale_factor, mode, align_corners)


def upsample_nearest(
    input: Numbers, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
) -> Any:
    """:func:`interpolate` with the nearest numbers, as in PyTorch's older programs."""
    return interpolate(input, size, scale_factor, "nearest")


def upsample_bilinear(
    input: Numbers, size: int | Sequence[int] | None = None, scale_factor: float | Sequence[float] | None = None
) -> Any:
    """:func:`interpolate` along both axes, whose corners stay where they are, as in PyTorch's older programs."""
    return interpolate(input, size, scale_factor, "bilinear", align_corners=True)


def _for_each(name: str, given: Any, lengths: tuple[int, ...]) -> list[Any]:
    found = list(given) if isinstance(given, Sequence) else [given] * len(lengths)
    if len(found) != len(lengths):
        raise ValueError(f"interpolate: {name} is one number, or {len(lengths)} of them, not {given!r}")
    return found


def _taps(mode: str, n: int, m: int, step: float, align_corners: bool) -> list[tuple[Array, Array]]:
    """For each of the numbers that a result is composed of: its places along an axis, and its shares."""
    i = np.arange(m)
    if mode.startswith("nearest"):
        at = np.floor((i + 0.5) * step if mode == "nearest-exact" else i * step)
        return [(np.minimum(at, n - 1).astype(int), np.ones(m))]
    at = i * ((n - 1) / (m - 1) if m > 1 else 0.0) if align_corners else (i + 0.5) * step - 0.5
    if mode == "bicubic":
        below = np.floor(at)
        offsets, shares = [-1, 0, 1, 2], _cubic(at - below)
    else:
        at = np.maximum(at, 0.0)
        below, offsets = np.floor(at), [0, 1]
        shares = _linear(at - below)
    return [(np.clip(below + k, 0, n - 1).astype(int), share) for k, share in zip(offsets, shares, strict=True)]


def _linear(t: Any) -> list[Any]:
    """The shares of two neighbours, at a point that is ``t`` behind the first."""
    return [1.0 - t, t]


def _cubic(t: Any) -> list[Any]:
    """The shares of four neighbours, at a point that is ``t`` behind the second (Keys, 1981, with a = -3/4)."""
    near = [(1.25 * d - 2.25) * d * d + 1.0 for d in (t, 1.0 - t)]
    far = [((-0.75 * d + 3.75) * d - 6.0) * d + 3.0 for d in (1.0 + t, 2.0 - t)]
    return [far[0], *near, far[1]]


# ---------------------------------------------------------------------------------------------------------------------
# At other points
# ---------------------------------------------------------------------------------------------------------------------


def affine_grid(theta: Numbers, size: Sequence[int], align_corners: bool = False) -> Any:
    """The points that an affine map sends the places of images to, for :func:`grid_sample`.

    Args:
        theta: maps, of shape ``(N, 2, 3)`` or ``(N, 3, 4)``.
        size: the shape of the images, ``(N, C, H, W)`` or ``(N, C, D, H, W)``.
        align_corners: whether -1 and 1 are the centres of the outermost numbers, or else their outer edges.
    """
    maps: Any = operand(theta, "affine_grid")
    lengths = tuple(size)[2:]
    if maps.shape != (size[0], len(lengths), len(lengths) + 1):
        raise ValueError(f"affine_grid: maps of shape {maps.shape} do not fit images of shape {tuple(size)}")
    axes = [np.linspace(-1.0, 1.0, n) * (1.0 if align_corners or n < 2 else (n - 1) / n) for n in lengths]
    axes = [np.zeros(1) if len(axis) == 1 else axis for axis in axes]
    points = np.meshgrid(*axes, indexing="ij")[::-1]  # the last axis comes first
    flat = np.stack([*points, np.ones(lengths)], -1).reshape(-1, len(lengths) + 1).astype(maps.dtype)
    return autograd.reshape(flat @ autograd.swapaxes(maps, -1, -2), (size[0], *lengths, len(lengths)))


def grid_sample(
    input: Numbers, grid: Numbers, mode: str = "bilinear", padding_mode: str = "zeros", align_corners: bool = False
) -> Any:
    """Images read at the points of a grid, between numbers by interpolation; both may be differentiated.

    Args:
        input: of shape ``(N, C, H, W)`` or ``(N, C, D, H, W)``.
        grid: points from -1 to 1, of shape ``(N, H', W', 2)`` or ``(N, D', H', W', 3)``, the last axis of images first.
        mode: bilinear, nearest, or, for images, bicubic.
        padding_mode: what is read outside: zeros, border or reflection.
        align_corners: whether -1 and 1 are the centres of the outermost numbers, or else their outer edges.

    Raises:
        ValueError: if the shapes do not fit.
        NotImplementedError: for another mode.
    """
    x, points = operand(input, "grid_sample"), operand(grid, "grid_sample")
    lengths = x.shape[2:]
    ends = x.shape[0], len(lengths)
    if len(lengths) not in (2, 3) or points.ndim != x.ndim or (points.shape[0], points.shape[-1]) != ends:
        raise ValueError(f"grid_sample: points of shape {points.shape} do not fit images of shape {x.shape}")
    if mode not in ("bilinear", "nearest", "bicubic") or padding_mode not in ("zeros", "border", "reflection"):
        raise NotImplementedError(f"grid_sample does not support mode={mode!r} with padding_mode={padding_mode!r}")
    if mode == "bicubic" and len(lengths) != 2:
        raise NotImplementedError("grid_sample: bicubic is for images with two axes of space")
    places = []
    for n, p in zip(lengths, [points[..., i] for i in range(len(lengths))][::-1], strict=True):
        at = (p + 1.0) * (0.5 * (n - 1)) if align_corners else ((p + 1.0) * n - 1.0) * 0.5
        places.append(at if mode == "bicubic" else _inside(at, n, padding_mode, align_corners))
    if mode == "nearest":
        return _read(x, [np.rint(plain(at)) for at in places])
    below = [np.floor(plain(at)) for at in places]
    offsets, kernel = ([-1, 0, 1, 2], _cubic) if mode == "bicubic" else ([0, 1], _linear)
    shares = [kernel(at - b) for at, b in zip(places, below, strict=True)]
    total: Any = 0.0
    for corner in product(range(len(offsets)), repeat=len(lengths)):
        share: Any = 1.0
        for of_axis, k in zip(shares, corner, strict=True):
            share = share * of_axis[k]
        read = [b + offsets[k] for b, k in zip(below, corner, strict=True)]
        if mode == "bicubic":
            read = [_inside(at, n, padding_mode, align_corners) for at, n in zip(read, lengths, strict=True)]
        total = total + _read(x, read) * share[:, None]
    return total


def _inside(at: Any, n: int, padding_mode: str, align_corners: bool) -> Any:
    """Places along an axis of this length, moved into it if the padding repeats or reflects its numbers."""
    if padding_mode == "reflection":
        at = _reflected(at, 0.0 if align_corners else -0.5, n - 1.0 if align_corners else n - 0.5)
    return at if padding_mode == "zeros" else autograd.clip(at, 0.0, n - 1.0)


def _reflected(at: Any, low: float, high: float) -> Any:
    """Places reflected at two ends until they lie between them."""
    span = high - low
    if span <= 0:
        return 0.0 * at
    distance = autograd.absolute(at - low)
    turns = np.floor(plain(distance) / span)
    rest = distance - turns * span
    return where(turns % 2 == 0, rest + low, high - rest)


def _read(x: Any, places: list[Array]) -> Any:
    """The numbers of all channels at these places, and 0 outside."""
    lengths = x.shape[2:]
    inside = np.logical_and.reduce([(at >= 0) & (at < n) for at, n in zip(places, lengths, strict=True)])
    indices = [np.where(inside, at, 0.0).astype(int) for at in places]
    batch = np.arange(x.shape[0]).reshape(-1, *(1,) * len(lengths))
    rows = autograd.moveaxis(x, 1, -1)
    return autograd.moveaxis(where(inside[..., None], rows[(batch, *indices)], 0.0), -1, 1)
