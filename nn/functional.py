"""All functions without state, under PyTorch's names, arguments and defaults: ``import nn.functional as F``.

Defined here are the functions that layers need; activations come from :mod:`nn.activations`, losses from
:mod:`nn.losses`, convolution and pooling from :mod:`autograd`.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

import autograd
from autograd import (
    avg_pool1d,
    avg_pool2d,
    avg_pool3d,
    conv1d,
    conv2d,
    conv3d,
    conv_transpose1d,
    conv_transpose2d,
    conv_transpose3d,
    fold,
    linear,
    max_pool1d,
    max_pool2d,
    max_pool3d,
    reshape,
    sqrt,
    square,
    unfold,
)
from nn.activations import (
    array_operand,
    celu,
    elu,
    gelu,
    glu,
    hardshrink,
    hardsigmoid,
    hardswish,
    hardtanh,
    leaky_relu,
    log_softmax,
    logsigmoid,
    maxout,
    mish,
    plain,
    prelu,
    relu,
    relu6,
    selu,
    sigmoid,
    silu,
    softmax,
    softmin,
    softplus,
    softshrink,
    softsign,
    tanh,
    tanhshrink,
    threshold,
)
from nn.aliases import Array, ArrayOrTensor, Numbers, WholeNumbers
from nn.alignment import ctc_loss
from nn.attention import scaled_dot_product_attention
from nn.distances import bilinear, cosine_similarity, normalize, pairwise_distance, pdist
from nn.embeddings import embedding, embedding_bag
from nn.images import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    adaptive_avg_pool3d,
    adaptive_max_pool1d,
    adaptive_max_pool2d,
    adaptive_max_pool3d,
    channel_shuffle,
    conv_tbc,
    fractional_max_pool2d,
    fractional_max_pool3d,
    local_response_norm,
    lp_pool1d,
    lp_pool2d,
    lp_pool3d,
    max_unpool1d,
    max_unpool2d,
    max_unpool3d,
    pad,
    pixel_shuffle,
    pixel_unshuffle,
)
from nn.losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    cross_entropy,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    linear_cross_entropy,
    mse_loss,
    nll_loss,
    smooth_l1_loss,
)
from nn.margins import (
    cosine_embedding_loss,
    gaussian_nll_loss,
    hinge_embedding_loss,
    margin_ranking_loss,
    multi_margin_loss,
    multilabel_margin_loss,
    multilabel_soft_margin_loss,
    poisson_nll_loss,
    soft_margin_loss,
    triplet_margin_loss,
    triplet_margin_with_distance_loss,
)
from nn.noise import (
    alpha_dropout,
    dropout,
    dropout1d,
    dropout2d,
    dropout3d,
    feature_alpha_dropout,
    gumbel_softmax,
    rrelu,
)
from nn.resampling import affine_grid, grid_sample, interpolate, upsample, upsample_bilinear, upsample_nearest
from nn.signatures import same_kind

__all__ = [
    "adaptive_avg_pool1d",
    "adaptive_avg_pool2d",
    "adaptive_avg_pool3d",
    "adaptive_max_pool1d",
    "adaptive_max_pool2d",
    "adaptive_max_pool3d",
    "affine_grid",
    "alpha_dropout",
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "batch_norm",
    "bilinear",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "celu",
    "channel_shuffle",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_tbc",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "cosine_embedding_loss",
    "cosine_similarity",
    "cross_entropy",
    "ctc_loss",
    "dropout",
    "dropout1d",
    "dropout2d",
    "dropout3d",
    "elu",
    "embedding",
    "embedding_bag",
    "feature_alpha_dropout",
    "fold",
    "fractional_max_pool2d",
    "fractional_max_pool3d",
    "gaussian_nll_loss",
    "gelu",
    "glu",
    "grid_sample",
    "group_norm",
    "gumbel_softmax",
    "hardshrink",
    "hardsigmoid",
    "hardswish",
    "hardtanh",
    "hinge_embedding_loss",
    "hinge_loss",
    "huber_loss",
    "instance_norm",
    "interpolate",
    "kl_div",
    "l1_loss",
    "layer_norm",
    "leaky_relu",
    "linear",
    "linear_cross_entropy",
    "local_response_norm",
    "log_softmax",
    "logsigmoid",
    "lp_pool1d",
    "lp_pool2d",
    "lp_pool3d",
    "margin_ranking_loss",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "max_unpool1d",
    "max_unpool2d",
    "max_unpool3d",
    "maxout",
    "mish",
    "mse_loss",
    "multi_margin_loss",
    "multilabel_margin_loss",
    "multilabel_soft_margin_loss",
    "nll_loss",
    "normalize",
    "one_hot",
    "pad",
    "pairwise_distance",
    "pdist",
    "pixel_shuffle",
    "pixel_unshuffle",
    "poisson_nll_loss",
    "prelu",
    "relu",
    "relu6",
    "rms_norm",
    "rrelu",
    "scaled_dot_product_attention",
    "selu",
    "sigmoid",
    "silu",
    "smooth_l1_loss",
    "soft_margin_loss",
    "softmax",
    "softmin",
    "softplus",
    "softshrink",
    "softsign",
    "tanh",
    "tanhshrink",
    "threshold",
    "triplet_margin_loss",
    "triplet_margin_with_distance_loss",
    "unfold",
    "upsample",
    "upsample_bilinear",
    "upsample_nearest",
]

# ---------------------------------------------------------------------------------------------------------------------
# Normalisation
# ---------------------------------------------------------------------------------------------------------------------


@same_kind
def batch_norm(
    input: Numbers,
    running_mean: Array | None,
    running_var: Array | None,
    weight: Numbers | None = None,
    bias: Numbers | None = None,
    training: bool = False,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """(x - μ) / √(σ² + ε) for each channel, then times ``weight`` plus ``bias`` (Ioffe and Szegedy, 2015).

    In training, μ and σ² are the mean and the variance of the batch, with σ² = (1/m) Σ (x - μ)², and the gradient flows
    through both.  The running mean and variance move towards them by ``momentum``; the running variance uses m - 1 in
    place of m, as in PyTorch.  In evaluation, μ and σ² are the running mean and variance.

    Args:
        input: of shape ``(N, C)`` or ``(N, C, ...)``.
        running_mean: an array of shape ``(C,)`` that is updated in training; ``None`` is allowed in training.
        running_var: the same for the variance.
        weight: the scale γ, of shape ``(C,)``, or ``None`` for 1.
        bias: the shift β, of shape ``(C,)``, or ``None`` for 0.
        training: whether to use the mean and variance of the batch.
        momentum: how far the running mean and variance move.
        eps: ε, which keeps the root away from 0.

    Raises:
        ValueError: if shapes do not match, or a training batch has one number for each channel.
        OverflowError: if the variance of the batch overflows.
        TypeError: if the running mean or variance is not an array.

    >>> z = np.array([[1.0], [2.0], [3.0], [6.0]])
    >>> batch_norm(z, None, None, weight=[2.0], bias=[1.0], training=True, eps=0.0).round(3).T
    array([[-1.138, -0.069,  1.   ,  4.207]])
    """
    x = array_operand(input, "batch_norm")
    if not x.size:  # no statistics, and those that run do not move
        return x
    if x.ndim < 2:
        raise ValueError(f"batch_norm takes numbers of shape (N, C) or (N, C, ...), not {x.shape}")
    running = {"running_mean": running_mean, "running_var": running_var}
    parameters: dict[str, Any] = {**running, "weight": weight, "bias": bias}
    for what, given in parameters.items():
        if what in running and not (given is None or isinstance(given, np.ndarray)):
            raise TypeError(f"batch_norm: {what} must be an array that training can update, not {type(given).__name__}")
        if given is not None and np.shape(given) != x.shape[1:2]:
            raise ValueError(f"batch_norm: {what} has shape {np.shape(given)}, but there are {x.shape[1]} channels")
    along, axes = (-1, *(1,) * (x.ndim - 2)), (0, *range(2, x.ndim))
    if not training:
        if running_mean is None or running_var is None:
            raise ValueError("batch_norm needs running_mean and running_var outside training")
        x = (x - np.reshape(running_mean, along)) / np.sqrt(np.reshape(running_var, along) + float(eps))
        return _scaled(x, weight, bias, along)
    m = x.size // max(1, x.shape[1])
    if m < 2:
        raise ValueError(f"batch_norm needs two or more numbers for each channel in training, not shape {x.shape}")
    x, mean, variance = _standardised(x, axes, eps)
    if autograd.recomputing():  # the statistics have moved already
        running_mean = running_var = None
    if running_mean is not None:
        running_mean += momentum * (mean - running_mean)
    if running_var is not None:
        running_var += momentum * (variance * m / (m - 1) - running_var)
    return _scaled(x, weight, bias, along)


@same_kind
def layer_norm(
    input: Numbers,
    normalized_shape: int | Sequence[int],
    weight: Numbers | None = None,
    bias: Numbers | None = None,
    eps: float = 1e-5,
) -> Any:
    """(x - μ) / √(σ² + ε) for each sample, then times ``weight`` plus ``bias`` (Ba et al., 2016).

    Args:
        input: numbers whose last axes are those of one sample.
        normalized_shape: the lengths of these axes, or of the only one.
        weight: the scale, in this shape, or ``None`` for 1.
        bias: the shift, in this shape, or ``None`` for 0.
        eps: ε, which keeps the root away from 0.

    Raises:
        ValueError: if shapes do not match.
        OverflowError: if the variance overflows.

    >>> layer_norm(np.array([[1.0, 3.0], [0.0, 10.0]]), 2).round(3)
    array([[-1.,  1.],
           [-1.,  1.]])
    """
    x = array_operand(input, "layer_norm")
    shape = tuple(normalized_shape) if np.iterable(normalized_shape) else (operator.index(normalized_shape),)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(f"layer_norm: the last axes of {x.shape} do not match normalized_shape {shape}")
    parameters: dict[str, Any] = {"weight": weight, "bias": bias}
    for what, given in parameters.items():
        if given is not None and np.shape(given) != shape:
            raise ValueError(f"layer_norm: {what} has shape {np.shape(given)}, not normalized_shape {shape}")
    return _scaled(_standardised(x, tuple(range(-len(shape), 0)), eps)[0], weight, bias, shape)


@same_kind
def rms_norm(
    input: Numbers, normalized_shape: int | Sequence[int], weight: Numbers | None = None, eps: float | None = None
) -> Any:
    """x / √(mean of x² + ε) for each sample, then times ``weight`` (Zhang and Sennrich, 2019).

    By default, ε is the machine epsilon of the dtype.
    """
    x: Any = array_operand(input, "rms_norm")
    shape = tuple(normalized_shape) if np.iterable(normalized_shape) else (operator.index(normalized_shape),)
    if not shape or x.shape[-len(shape) :] != shape:
        raise ValueError(f"rms_norm: the last axes of {x.shape} do not match normalized_shape {shape}")
    eps = float(np.finfo(x.dtype).eps) if eps is None else eps
    return _scaled(x / sqrt(autograd.mean(square(x), tuple(range(-len(shape), 0)), True) + eps), weight, None, shape)


@same_kind
def group_norm(
    input: Numbers, num_groups: int, weight: Numbers | None = None, bias: Numbers | None = None, eps: float = 1e-5
) -> Any:
    """(x - μ) / √(σ² + ε) for each sample and group of channels, then a scale and a shift for each channel.

    Raises:
        ValueError: if the channels, the second axis, do not divide into the groups.
    """
    x: Any = array_operand(input, "group_norm")
    if x.ndim < 2 or x.shape[1] % num_groups:
        raise ValueError(f"group_norm: the channels of shape {x.shape} do not divide into {num_groups} groups")
    groups = reshape(x, (x.shape[0], num_groups, int(np.prod(x.shape[1:])) // num_groups))
    standard = reshape(_standardised(groups, (-1,), eps)[0], x.shape)
    return _scaled(standard, weight, bias, (-1, *(1,) * (x.ndim - 2)))


@same_kind
def instance_norm(
    input: Numbers,
    running_mean: Array | None = None,
    running_var: Array | None = None,
    weight: Numbers | None = None,
    bias: Numbers | None = None,
    use_input_stats: bool = True,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> Any:
    """(x - μ) / √(σ² + ε) for each channel of each sample, then a scale and a shift for each channel.

    Without ``use_input_stats``, μ and σ² are the running mean and variance; otherwise these move towards the means of
    those of the samples.
    """
    x: Any = array_operand(input, "instance_norm")
    along, axes = (-1, *(1,) * (x.ndim - 2)), tuple(range(2, x.ndim))
    if not use_input_stats:
        return batch_norm(x, running_mean, running_var, weight, bias, False, momentum, eps)
    m = int(np.prod(x.shape[2:]))
    if m < 2:
        raise ValueError(f"instance_norm needs two or more numbers for each channel, not shape {x.shape}")
    standard, mean, variance = _standardised(x, axes, eps)
    if not autograd.recomputing():
        if running_mean is not None:
            running_mean += momentum * (mean.reshape(x.shape[:2]).mean(0) - running_mean)
        if running_var is not None:
            running_var += momentum * (variance.reshape(x.shape[:2]).mean(0) * m / (m - 1) - running_var)
    return _scaled(standard, weight, bias, along)


def _standardised(x: ArrayOrTensor, axes: tuple[int, ...], eps: float) -> tuple[ArrayOrTensor, Array, Array]:
    """Numbers minus their mean, divided by their standard deviation; and the mean and variance as plain arrays."""
    mean = autograd.mean(x, axes, True)
    centred = x - mean
    variance = autograd.mean(square(centred), axes, True)
    squares = plain(variance).ravel()
    if np.isinf(squares).any():  # the quotient would be 0
        raise OverflowError(
            f"the variance of numbers as large as {np.abs(plain(x)).max():g} overflows: scale them down"
        )
    return centred / sqrt(variance + float(eps)), plain(mean).ravel(), squares


def _scaled(x: ArrayOrTensor, weight: Numbers | None, bias: Numbers | None, shape: tuple[int, ...]) -> ArrayOrTensor:
    if weight is not None:
        x = x * reshape(array_operand(weight, "weight"), shape)
    return x if bias is None else x + reshape(array_operand(bias, "bias"), shape)


# ---------------------------------------------------------------------------------------------------------------------
# Classes
# ---------------------------------------------------------------------------------------------------------------------


def one_hot(tensor: WholeNumbers, num_classes: int = -1) -> Array:
    """A row of zeros for each label, with a one in the label's place; whole numbers, as in PyTorch.

    Args:
        tensor: labels, whole numbers from 0 to ``num_classes - 1``.
        num_classes: the number of classes; -1 means the largest label plus 1.

    Raises:
        ValueError: if a label is not a whole number, or if there are no labels and ``num_classes`` is -1.
        IndexError: if a label is not among the classes.

    >>> one_hot([2, 0])
    array([[0, 0, 1],
           [1, 0, 0]])
    """
    if num_classes == -1:
        if np.size(tensor) == 0:
            raise ValueError("one_hot: without labels, num_classes must be given")
        num_classes = int(np.max(tensor)) + 1
    rows: Array = autograd.one_hot(tensor, num_classes, dtype=np.int64)
    return rows
