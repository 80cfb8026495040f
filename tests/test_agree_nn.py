"""All ways of computing a derivative agree on the functions of nn: losses, activations, layers and recurrent cells.

Each function is called with a few numbers, away from kinks and, where it has kinks, on them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import nn
from autograd import Tensor
from autograd.checks.agreement import agree
from nn import functional

Function = Callable[..., Any]

ROWS = np.array([[0.3, -1.2], [1.7, 0.6]])
OTHERS = np.array([[1.1, 0.2], [-0.7, 0.9]])
SIGNAL = np.array([[[0.3, -1.2, 1.7, 0.6, -0.4, 2.1]]])
IMAGE = SIGNAL.reshape(1, 1, 2, 3)
VOLUME = np.array([0.3, -1.2, 1.7, 0.6]).reshape(1, 1, 2, 1, 2)
SIGNS = np.array([1.0, -1.0])
CLASSES = np.array([1, 0])
SHARES = np.array([[0.2, 0.8], [0.9, 0.1]])
FIRST, SECOND, THIRD = ROWS[:, 0], OTHERS[:, 0], OTHERS[:, 1]

ON_KINKS = np.array([0.0, -1.0, 3.0, -3.0])
"""Where activations have kinks: at 0, at bounds."""

ELEMENTWISE = (
    "celu elu gelu hardshrink hardsigmoid hardswish hardtanh leaky_relu logsigmoid mish relu relu6 selu sigmoid silu "
    "softplus softshrink softsign tanh tanhshrink"
)

CASES: dict[str, tuple[Function, tuple[Any, ...]]] = {
    **{name: (getattr(functional, name), (ROWS,)) for name in ELEMENTWISE.split()},
    "threshold": (lambda x: functional.threshold(x, 0.5, -1.0), (ROWS,)),
    "prelu": (functional.prelu, (ROWS, np.array([0.3, -0.2]))),
    "glu": (functional.glu, (ROWS,)),
    "maxout": (lambda x: functional.maxout(x, 2), (ROWS,)),
    "softmax": (lambda x: functional.softmax(x, 1), (ROWS,)),
    "softmin": (lambda x: functional.softmin(x, 1), (ROWS,)),
    "log_softmax": (lambda x: functional.log_softmax(x, 1), (ROWS,)),
    # losses
    "mse_loss": (functional.mse_loss, (FIRST, SECOND)),
    "l1_loss": (functional.l1_loss, (FIRST, SECOND)),
    "huber_loss": (functional.huber_loss, (FIRST, SECOND)),
    "smooth_l1_loss": (functional.smooth_l1_loss, (FIRST, SECOND)),
    "kl_div": (lambda x: functional.kl_div(x, SHARES, reduction="batchmean"), (np.log(SHARES[::-1]),)),
    "binary_cross_entropy": (lambda y: functional.binary_cross_entropy(y, SHARES), (SHARES[::-1],)),
    "binary_cross_entropy_with_logits": (
        lambda x: functional.binary_cross_entropy_with_logits(x, SHARES),
        (ROWS,),
    ),
    "cross_entropy": (lambda x: functional.cross_entropy(x, CLASSES, label_smoothing=0.1), (ROWS,)),
    "linear_cross_entropy": (lambda x, w: functional.linear_cross_entropy(x, w, CLASSES), (ROWS, OTHERS)),
    "nll_loss": (lambda x: functional.nll_loss(x, CLASSES), (ROWS,)),
    "ctc_loss": (lambda x: functional.ctc_loss(x, np.array([1]), 2, 1), (ROWS,)),
    "hinge_loss": (lambda x: functional.hinge_loss(x, SIGNS), (FIRST,)),
    "gaussian_nll_loss": (lambda x, var: functional.gaussian_nll_loss(x, FIRST, var), (SECOND, np.array([0.5, 2.0]))),
    "poisson_nll_loss": (lambda x: functional.poisson_nll_loss(x, np.array([0.0, 3.0]), full=True), (FIRST,)),
    "soft_margin_loss": (lambda x: functional.soft_margin_loss(x, SIGNS), (FIRST,)),
    "margin_ranking_loss": (lambda a, b: functional.margin_ranking_loss(a, b, SIGNS, margin=0.5), (FIRST, SECOND)),
    "multi_margin_loss": (lambda x: functional.multi_margin_loss(x, CLASSES), (ROWS,)),
    "multilabel_margin_loss": (
        lambda x: functional.multilabel_margin_loss(x, np.array([[0, -1], [1, 0]])),
        (ROWS,),
    ),
    "multilabel_soft_margin_loss": (
        lambda x: functional.multilabel_soft_margin_loss(x, np.array([[1.0, 0.0], [1.0, 1.0]])),
        (ROWS,),
    ),
    "hinge_embedding_loss": (lambda x: functional.hinge_embedding_loss(x, SIGNS), (FIRST,)),
    "cosine_embedding_loss": (lambda a: functional.cosine_embedding_loss(a, OTHERS, SIGNS), (ROWS,)),
    "triplet_margin_loss": (
        lambda a, p, n: functional.triplet_margin_loss(a, p, n, margin=2.0),
        (ROWS[:1], OTHERS[:1], ROWS[1:]),
    ),
    "triplet_margin_with_distance_loss": (
        lambda a, p: functional.triplet_margin_with_distance_loss(a, p, ROWS[1:], margin=3.0),
        (ROWS[:1], OTHERS[:1]),
    ),
    # lengths and distances
    "normalize": (functional.normalize, (ROWS,)),
    "cosine_similarity": (functional.cosine_similarity, (ROWS[:1], OTHERS[:1])),
    "pairwise_distance": (functional.pairwise_distance, (ROWS, OTHERS)),
    "pdist": (functional.pdist, (ROWS,)),
    # linear maps and attention
    "linear": (functional.linear, (ROWS[:1], OTHERS, THIRD)),
    "bilinear": (functional.bilinear, (ROWS[:1], OTHERS[:1], np.array([[[0.3, -0.5], [0.7, 1.1]]]), np.array([0.2]))),
    "scaled_dot_product_attention": (
        lambda q, k, v: functional.scaled_dot_product_attention(q, k, v, is_causal=True),
        (ROWS[:, :1], OTHERS[:, :1], ROWS[:, 1:]),
    ),
    "embedding": (lambda weight: functional.embedding(np.array([1, 0, 1]), weight), (ROWS,)),
    "embedding_bag": (
        lambda weight, factors: functional.embedding_bag(
            [1, 0, 1], weight, [0, 1], mode="sum", per_sample_weights=factors
        ),
        (ROWS, np.array([0.5, -1.5, 2.0])),
    ),
    # normalisation
    "batch_norm": (lambda x: functional.batch_norm(x, None, None, training=True), (ROWS,)),
    "layer_norm": (lambda x, w: functional.layer_norm(x, (2,), w, THIRD), (ROWS, SECOND)),
    "rms_norm": (lambda x: functional.rms_norm(x, (2,)), (ROWS,)),
    "group_norm": (lambda x: functional.group_norm(x, 1), (IMAGE,)),
    "instance_norm": (functional.instance_norm, (IMAGE,)),
    "local_response_norm": (lambda x: functional.local_response_norm(x, 2), (IMAGE.reshape(1, 3, 2),)),
    # images
    "conv1d": (lambda x, w: functional.conv1d(x, w, padding=1, stride=2), (SIGNAL, SIGNAL[:, :, :3])),
    "conv2d": (lambda x, w: functional.conv2d(x, w, padding=1), (IMAGE, IMAGE[:, :, :, :2])),
    "conv3d": (lambda x, w: functional.conv3d(x, w), (VOLUME, VOLUME[:, :, :1, :1])),
    "conv_transpose1d": (lambda x, w: functional.conv_transpose1d(x, w, stride=2), (SIGNAL, SIGNAL[:, :, :3])),
    "conv_transpose2d": (lambda x, w: functional.conv_transpose2d(x, w, stride=2), (IMAGE, IMAGE[:, :, :, :2])),
    "conv_transpose3d": (lambda x, w: functional.conv_transpose3d(x, w), (VOLUME, VOLUME[:, :, :1, :1])),
    "conv_tbc": (
        lambda x, w: functional.conv_tbc(x, w, THIRD, 1),
        (SIGNAL.reshape(3, 1, 2), OTHERS.reshape(1, 2, 2)),
    ),
    "avg_pool1d": (lambda x: functional.avg_pool1d(x, 2, padding=1), (SIGNAL,)),
    "avg_pool2d": (lambda x: functional.avg_pool2d(x, 2, stride=1), (IMAGE,)),
    "avg_pool3d": (lambda x: functional.avg_pool3d(x, (2, 1, 2)), (VOLUME,)),
    "max_pool1d": (lambda x: functional.max_pool1d(x, 3, stride=2, padding=1), (SIGNAL,)),
    "max_pool2d": (lambda x: functional.max_pool2d(x, 2, stride=1), (IMAGE,)),
    "max_pool3d": (lambda x: functional.max_pool3d(x, (2, 1, 2)), (VOLUME,)),
    "lp_pool1d": (lambda x: functional.lp_pool1d(x, 2, 2), (SIGNAL,)),
    "lp_pool2d": (lambda x: functional.lp_pool2d(x, 2, 2, stride=1), (IMAGE,)),
    "lp_pool3d": (lambda x: functional.lp_pool3d(x, 2, (2, 1, 2)), (VOLUME,)),
    "adaptive_avg_pool1d": (lambda x: functional.adaptive_avg_pool1d(x, 3), (SIGNAL[:, :, :4],)),
    "adaptive_avg_pool2d": (lambda x: functional.adaptive_avg_pool2d(x, (1, 2)), (IMAGE[:, :, :, :2],)),
    "adaptive_avg_pool3d": (lambda x: functional.adaptive_avg_pool3d(x, 1), (VOLUME,)),
    "adaptive_max_pool1d": (lambda x: functional.adaptive_max_pool1d(x, 3), (SIGNAL[:, :, :4],)),
    "adaptive_max_pool2d": (lambda x: functional.adaptive_max_pool2d(x, (1, 2)), (IMAGE[:, :, :, :2],)),
    "adaptive_max_pool3d": (lambda x: functional.adaptive_max_pool3d(x, 1), (VOLUME,)),
    "fractional_max_pool2d": (
        lambda x: functional.fractional_max_pool2d(x, (1, 2), (2, 2), _random_samples=[[[0.3, 0.6]]]),
        (IMAGE,),
    ),
    "fractional_max_pool3d": (
        lambda x: functional.fractional_max_pool3d(x, (2, 1, 1), (1, 1, 2), _random_samples=[[[0.3, 0.6, 0.1]]]),
        (VOLUME,),
    ),
    "max_unpool1d": (lambda x: functional.max_unpool1d(x, np.array([[[1, 2]]]), 2), (SIGNAL[:, :, :2],)),
    "max_unpool2d": (lambda x: functional.max_unpool2d(x, np.array([[[[3]]]]), 2), (IMAGE[:, :, :1, :1],)),
    "max_unpool3d": (lambda x: functional.max_unpool3d(x, np.array([[[[[5]]]]]), 2), (VOLUME[:, :, :1, :1, :1],)),
    "interpolate": (lambda x: functional.interpolate(x, (3, 2), mode="bilinear"), (IMAGE[:, :, :, :2],)),
    "upsample": (lambda x: functional.upsample(x, 4, mode="linear"), (SIGNAL[:, :, :3],)),
    "upsample_nearest": (lambda x: functional.upsample_nearest(x, 4), (SIGNAL[:, :, :3],)),
    "upsample_bilinear": (lambda x: functional.upsample_bilinear(x, (3, 2)), (IMAGE[:, :, :, :2],)),
    "grid_sample": (functional.grid_sample, (IMAGE[:, :, :, :2], np.array([[[[0.3, -0.4]]]]))),
    "affine_grid": (lambda x: functional.affine_grid(x, (1, 1, 1, 2)), (IMAGE[0],)),
    "unfold": (lambda x: functional.unfold(x, 2), (IMAGE,)),
    "fold": (lambda x: functional.fold(x, (1, 3), (1, 2)), (SIGNAL[0, :, :4].reshape(1, 2, 2),)),
    "pad": (lambda x: functional.pad(x, (1, 2), mode="reflect"), (SIGNAL,)),
    "pixel_shuffle": (lambda x: functional.pixel_shuffle(x, 2), (VOLUME.reshape(1, 4, 1, 1),)),
    "pixel_unshuffle": (lambda x: functional.pixel_unshuffle(x, 2), (VOLUME.reshape(1, 1, 2, 2),)),
    "channel_shuffle": (lambda x: functional.channel_shuffle(x, 2), (VOLUME.reshape(1, 4, 1, 1),)),
}

WITHOUT_DERIVATIVES = {"one_hot"}
RANDOM = {
    *("dropout", "dropout1d", "dropout2d", "dropout3d", "alpha_dropout", "feature_alpha_dropout", "rrelu"),
    "gumbel_softmax",
}


def test_no_function_is_left_out() -> None:
    assert CASES.keys() | WITHOUT_DERIVATIVES | RANDOM == set(functional.__all__)


@pytest.mark.parametrize("name", CASES)
def test_every_function(name: str) -> None:
    f, args = CASES[name]
    found = agree(f, *args)
    assert np.isfinite(found.value)
    assert np.isfinite(found.gradient).all()


@pytest.mark.parametrize("name", ELEMENTWISE.split())
def test_activations_on_their_kinks(name: str) -> None:
    agree(getattr(functional, name), ON_KINKS)


@pytest.mark.parametrize("name", ["mse_loss", "l1_loss", "huber_loss", "smooth_l1_loss"])
def test_losses_of_equal_arguments(name: str) -> None:
    agree(getattr(functional, name), FIRST, FIRST)


def test_grids_between_numbers() -> None:
    grid = np.array([[[[0.3, -0.4]]]])
    for outside in ("zeros", "border", "reflection"):
        agree(lambda x, p, o=outside: functional.grid_sample(x, p, "bicubic", o), IMAGE[:, :, :, :2], grid)


@pytest.mark.parametrize("pool", ["max_pool2d", "adaptive_max_pool2d", "lp_pool2d"])
def test_pools_of_ties(pool: str) -> None:
    arguments = (2, 2) if pool == "lp_pool2d" else (1,)
    agree(lambda x: getattr(functional, pool)(x, *arguments), np.array([[[[1.0, 1.0], [0.0, 1.0]]]]))


def frozen(module: Any) -> Any:
    """The module with its parameters as constants: a function that depends on captured Tensors returns nodes."""
    for part in module.modules():
        for name, value in list(vars(part).items()):
            if isinstance(value, Tensor):
                setattr(part, name, value.data)
    return module


@pytest.mark.parametrize("cell", [nn.RNNCell, nn.LSTMCell, nn.GRUCell])
def test_recurrent_cells(cell: Any) -> None:
    step = frozen(cell(2, 2, rng=0))

    def outputs(x: Any, h: Any) -> Any:
        return step(x, (h, 2 * h))[1] if cell is nn.LSTMCell else step(x, h)

    agree(outputs, ROWS[:1], OTHERS[:1])


@pytest.mark.parametrize("layer", [nn.RNN, nn.LSTM, nn.GRU])
def test_recurrent_layers(layer: Any) -> None:
    network = frozen(layer(2, 2, rng=0))
    agree(lambda x: network(x)[0], ROWS.reshape(2, 1, 2))


def test_attention() -> None:
    heads = frozen(nn.MultiheadAttention(2, 2, rng=0))
    agree(lambda x: heads(x, x, x)[0], ROWS.reshape(1, 2, 2))
    causal = frozen(nn.CausalSelfAttention(2, 1, rng=0))
    agree(causal, ROWS.reshape(1, 2, 2))
