"""Layers that normalise, under PyTorch's names: over the batch, a sample, groups of channels or single channels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from autograd import recomputing
from nn import functional
from nn.aliases import ArrayOrTensor, Numbers
from nn.init import positive
from nn.module import Module
from nn.parameters import parameter

__all__ = [
    "BatchNorm1d",
    "BatchNorm2d",
    "BatchNorm3d",
    "GroupNorm",
    "InstanceNorm1d",
    "InstanceNorm2d",
    "InstanceNorm3d",
    "LayerNorm",
    "RMSNorm",
]

Size: TypeAlias = int | Sequence[int]
"""A length, or a length for each axis."""


class BatchNorm1d(Module):
    """Batch normalisation of ``(N, C)`` or ``(N, C, L)``, see :func:`nn.functional.batch_norm`.

    In training it uses the mean and variance of the batch, and moves the running mean and variance towards them.  In
    evaluation it uses the running mean and variance.

    Args:
        num_features: C, the number of channels.
        eps: ε, which keeps the root away from 0.
        momentum: how far the running mean and variance move; ``None`` makes them the means over all batches so far.
        affine: whether to learn a scale and a shift.
        track_running_stats: whether to keep a running mean and variance; otherwise it always uses those of the batch.
        bias: whether to learn the shift as well.
        dtype: ``float`` or ``numpy.float32``.

    >>> norm = BatchNorm1d(2)
    >>> norm(np.array([[1.0, 10.0], [3.0, 30.0]])).numpy().round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> norm.running_mean
    array([0.2, 2. ])
    """

    buffers = ("running_mean", "running_var", "num_batches_tracked")
    ndims: ClassVar[tuple[int, ...]] = (2, 3)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        track_running_stats: bool = True,
        *,
        bias: bool = True,
        dtype: DTypeLike = float,
    ) -> None:
        channels = positive("num_features", num_features)
        self.num_features, self.eps, self.momentum = channels, eps, momentum
        self.weight = parameter(np.ones(channels), dtype) if affine else None
        self.bias = parameter(np.zeros(channels), dtype) if affine and bias else None
        self.track_running_stats = track_running_stats
        if track_running_stats:
            self.running_mean, self.running_var = np.zeros(channels, dtype), np.ones(channels, dtype)
            self.num_batches_tracked = np.zeros((), int)

    def forward(self, input: Numbers) -> ArrayOrTensor:
        """The normalised numbers, scaled and shifted."""
        x: Any = input
        if np.ndim(x) not in self.ndims:
            axes = " or ".join(map(str, self.ndims))
            raise ValueError(f"{type(self).__name__} takes an array with {axes} axes, not {np.ndim(x)}")
        if not self.track_running_stats:
            alone: ArrayOrTensor = functional.batch_norm(x, None, None, self.weight, self.bias, True, 0.0, self.eps)
            return alone
        momentum = 1.0 / (1 + int(self.num_batches_tracked)) if self.momentum is None else self.momentum
        running = self.running_mean, self.running_var
        y: ArrayOrTensor = functional.batch_norm(x, *running, self.weight, self.bias, self.training, momentum, self.eps)
        self.num_batches_tracked += self.training and not recomputing()
        return y

    def extra_repr(self) -> str:
        """The size and options."""
        affine = self.weight is not None
        return f"{self.num_features}, eps={self.eps}, momentum={self.momentum}, affine={affine}"


class BatchNorm2d(BatchNorm1d):
    """Batch normalisation of images ``(N, C, H, W)``, channel by channel: like :class:`BatchNorm1d`."""

    ndims = (4,)


class LayerNorm(Module):
    """Layer normalisation, sample by sample, see :func:`nn.functional.layer_norm`.

    Args:
        normalized_shape: the lengths of the last axes, those of a sample; or the length of the only one.
        eps: ε, which keeps the root away from 0.
        elementwise_affine: whether to learn scales.
        bias: whether to learn shifts as well.
        dtype: ``float`` or ``numpy.float32``.

    >>> LayerNorm(2)(np.array([[1.0, 3.0]])).numpy().round(3)
    array([[-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: Size,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike = float,
    ) -> None:
        lengths = normalized_shape if isinstance(normalized_shape, Iterable) else (normalized_shape,)
        self.normalized_shape = tuple(positive("normalized_shape", length) for length in lengths)
        self.eps = eps
        self.weight = parameter(np.ones(self.normalized_shape), dtype) if elementwise_affine else None
        self.bias = parameter(np.zeros(self.normalized_shape), dtype) if elementwise_affine and bias else None

    def forward(self, input: Numbers) -> ArrayOrTensor:
        """The normalised numbers, scaled and shifted."""
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The shape and options."""
        affine, bias = self.weight is not None, self.bias is not None
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}, bias={bias}"


class BatchNorm3d(BatchNorm1d):
    """Batch normalisation of volumes ``(N, C, D, H, W)``, channel by channel: like :class:`BatchNorm1d`."""

    ndims = (5,)


class InstanceNorm1d(BatchNorm1d):
    """Normalisation of each channel of each sample, see :func:`nn.functional.instance_norm`.

    Arguments are those of :class:`BatchNorm1d`; by default there is neither a scale nor a running mean.
    """

    ndims = (2, 3)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = False,
        track_running_stats: bool = False,
        *,
        bias: bool = True,
        dtype: DTypeLike = float,
    ) -> None:
        super().__init__(num_features, eps, momentum, affine, track_running_stats, bias=bias, dtype=dtype)

    def forward(self, input: Numbers) -> ArrayOrTensor:
        """The normalised numbers, scaled and shifted; ``(C, L)`` is one sample."""
        x: Any = input
        if np.ndim(x) not in self.ndims:
            axes = " or ".join(map(str, self.ndims))
            raise ValueError(f"{type(self).__name__} takes an array with {axes} axes, not {np.ndim(x)}")
        alone = np.ndim(x) == self.ndims[0]
        tracks = self.track_running_stats
        y: ArrayOrTensor = functional.instance_norm(
            x[None] if alone else x,
            self.running_mean if tracks else None,
            self.running_var if tracks else None,
            self.weight,
            self.bias,
            self.training or not tracks,
            0.1 if self.momentum is None else self.momentum,
            self.eps,
        )
        return y[0] if alone else y


class InstanceNorm2d(InstanceNorm1d):
    """The same for images ``(N, C, H, W)``."""

    ndims = (3, 4)


class InstanceNorm3d(InstanceNorm1d):
    """The same for volumes ``(N, C, D, H, W)``."""

    ndims = (4, 5)


class GroupNorm(Module):
    """Normalisation of groups of channels, sample by sample, see :func:`nn.functional.group_norm`.

    >>> GroupNorm(2, 4)(np.zeros((5, 4, 3))).shape
    (5, 4, 3)
    """

    def __init__(
        self,
        num_groups: int,
        num_channels: int,
        eps: float = 1e-5,
        affine: bool = True,
        *,
        bias: bool = True,
        dtype: DTypeLike = float,
    ) -> None:
        self.num_groups, self.num_channels = positive("num_groups", num_groups), positive("num_channels", num_channels)
        if num_channels % num_groups:
            raise ValueError(f"GroupNorm: {num_channels} channels do not divide into {num_groups} groups")
        self.eps = eps
        self.weight = parameter(np.ones(num_channels), dtype) if affine else None
        self.bias = parameter(np.zeros(num_channels), dtype) if affine and bias else None

    def forward(self, input: Numbers) -> ArrayOrTensor:
        """The normalised numbers, scaled and shifted."""
        y: ArrayOrTensor = functional.group_norm(input, self.num_groups, self.weight, self.bias, self.eps)
        return y

    def extra_repr(self) -> str:
        """The sizes and options."""
        return f"{self.num_groups}, {self.num_channels}, eps={self.eps}, affine={self.weight is not None}"


class RMSNorm(Module):
    """Division by the root of the mean square of each sample, see :func:`nn.functional.rms_norm`.

    >>> RMSNorm(2)(np.array([[3.0, 3.0]])).numpy().round(3)
    array([[1., 1.]])
    """

    def __init__(
        self,
        normalized_shape: Size,
        eps: float | None = None,
        elementwise_affine: bool = True,
        *,
        dtype: DTypeLike = float,
    ) -> None:
        lengths = normalized_shape if isinstance(normalized_shape, Iterable) else (normalized_shape,)
        self.normalized_shape = tuple(positive("normalized_shape", length) for length in lengths)
        self.eps = eps
        self.weight = parameter(np.ones(self.normalized_shape), dtype) if elementwise_affine else None

    def forward(self, input: Numbers) -> ArrayOrTensor:
        """The normalised numbers, scaled."""
        y: ArrayOrTensor = functional.rms_norm(input, self.normalized_shape, self.weight, self.eps)
        return y

    def extra_repr(self) -> str:
        """The shape and options."""
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={self.weight is not None}"
