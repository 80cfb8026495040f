"""Agreement with PyTorch in the functions, losses and layers that networks need less often, where it is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
import nn
import nn.functional as F  # noqa: N812
from autograd import Tensor
from autograd.testing import agree as all_ways_agree
from nn import layers, margins
from nn.distances import cdist

pytestmark = pytest.mark.same_in_both_modes

torch = pytest.importorskip("torch")
T = torch.nn.functional

rng = np.random.default_rng(23)
X, Z = rng.normal(size=(2, 3, 4))
IMAGE, VOLUME, SEQUENCE = rng.normal(size=(2, 4, 6, 5)), rng.normal(size=(2, 4, 4, 3, 5)), rng.normal(size=(2, 4, 7))
FAR = np.array([[0.1, -0.2, 0.7, -0.7], [5.0, -5.0, 2.5, -2.5], [30.0, -30.0, 1.5, -1.5]])
SIGNS = np.array([1.0, -1.0, 1.0])
TOLERANCE = {np.float64: {"rtol": 1e-9, "atol": 1e-11}, np.float32: {"rtol": 5e-4, "atol": 5e-5}}
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


LOOSE = {"rtol": 1e-7, "atol": 1e-9}  # PyTorch's slope of hardsigmoid is 1/6 in float32


def theirs_of(x: Any, dtype: Any) -> Any:
    """An option or a constant as PyTorch takes it."""
    if isinstance(x, np.ndarray):
        return torch.tensor(x.astype(dtype) if x.dtype.kind == "f" else x)
    return x


def compare(ours: Any, theirs: Any, operands: Any, dtype: Any, constants: Any = (), **options: Any) -> None:
    """The same value, gradients and gradients of their squares."""
    tolerance = LOOSE if "ardsigmoid" in repr(ours) and dtype is np.float64 else TOLERANCE[dtype]
    leaves = [Tensor(np.asarray(x, dtype)) for x in operands]
    others = [torch.tensor(x.numpy(), requires_grad=True) for x in leaves]
    y = ours(*leaves, *constants, **options)
    converted = {key: theirs_of(x, dtype) for key, x in options.items()}
    z = theirs(*others, *[theirs_of(x, dtype) for x in constants], **converted)
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **TOLERANCE[dtype])
    assert (y.dtype, y.shape) == (dtype, tuple(z.shape))
    seed = np.linspace(0.5, 1.5, y.size).reshape(y.shape).astype(dtype)
    y.backward(seed)
    z.backward(torch.tensor(seed))
    for x, other in zip(leaves, others, strict=True):
        np.testing.assert_allclose(x.grad, other.grad.numpy(), **tolerance)


# ---------------------------------------------------------------------------------------------------------------------
# Functions
# ---------------------------------------------------------------------------------------------------------------------

FUNCTIONS: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    *[(name, (FAR,), {}) for name in ("relu6", "hardsigmoid", "hardswish", "hardshrink", "softshrink", "tanhshrink")],
    *[(name, (FAR,), {}) for name in ("celu", "selu", "mish", "glu")],
    ("hardshrink", (FAR,), {"lambd": 1.0}),
    ("softshrink", (FAR,), {"lambd": 1.0}),
    ("celu", (FAR,), {"alpha": 0.5}),
    ("threshold", (FAR,), {"threshold": 0.5, "value": -2.0}),
    ("glu", (IMAGE,), {"dim": 1}),
    ("prelu", (X, np.array([0.3])), {}),
    ("prelu", (IMAGE, np.array([0.3, 0.1, -0.2, 2.0])), {}),
    *[("normalize", (X,), options) for options in ({}, {"p": 1.0}, {"p": 3.0, "dim": 0}, {"eps": 5.0})],
    *[("cosine_similarity", (X, Z), options) for options in ({}, {"dim": 0}, {"eps": 2.0})],
    *[("cosine_similarity", (X, Z[:1]), {"dim": dim}) for dim in (0, 1)],
    ("cosine_similarity", (X[None], Z[:, None]), {"dim": -2}),
    *[("pairwise_distance", (X, Z), options) for options in ({}, {"p": 1.0}, {"p": 3.0, "keepdim": True})],
    *[("pdist", (X,), options) for options in ({}, {"p": 1.0}, {"p": 3.0})],
    ("bilinear", (X, Z[:, :2], rng.normal(size=(5, 4, 2)), rng.normal(size=5)), {}),
    *[(f"adaptive_{kind}_pool1d", (SEQUENCE,), {"output_size": 3}) for kind in ("avg", "max")],
    *[(f"adaptive_{kind}_pool2d", (IMAGE,), {"output_size": size}) for kind in ("avg", "max") for size in (1, (4, 3))],
    *[(f"adaptive_{kind}_pool2d", (IMAGE,), {"output_size": (None, 2)}) for kind in ("avg", "max")],
    *[(f"adaptive_{kind}_pool3d", (VOLUME,), {"output_size": (3, 2, 2)}) for kind in ("avg", "max")],
    ("lp_pool1d", (np.abs(SEQUENCE),), {"norm_type": 3.0, "kernel_size": 2}),
    ("lp_pool2d", (IMAGE,), {"norm_type": 2.0, "kernel_size": 2, "stride": 1, "ceil_mode": True}),
    ("lp_pool3d", (VOLUME,), {"norm_type": 2.0, "kernel_size": 2}),
    *[("local_response_norm", (IMAGE,), {"size": size, "alpha": 0.3, "k": 2.0}) for size in (1, 2, 3)],
    *[("pad", (IMAGE,), {"pad": widths}) for widths in ((1, 2), (1, 2, 0, 3), (-1, 2, 1, -1), (0, 0, 0, 0, 1, 0))],
    *[("pad", (IMAGE,), {"pad": (1, 2, 2, 1), "mode": mode}) for mode in ("reflect", "replicate", "circular")],
    ("pad", (IMAGE,), {"pad": (1, 1), "value": 7.0}),
    ("unfold", (IMAGE,), {"kernel_size": 2}),
    ("unfold", (IMAGE,), {"kernel_size": (2, 3), "dilation": (2, 1), "padding": (1, 0), "stride": (2, 1)}),
    ("fold", (rng.normal(size=(2, 8, 12)),), {"output_size": (4, 5), "kernel_size": 2}),
    ("fold", (rng.normal(size=(8, 9)),), {"output_size": 4, "kernel_size": 2, "padding": 1, "stride": 2}),
    ("pixel_shuffle", (IMAGE,), {"upscale_factor": 2}),
    ("pixel_unshuffle", (IMAGE[:, :, :, :4],), {"downscale_factor": 2}),
    ("channel_shuffle", (IMAGE,), {"groups": 2}),
    *[
        ("conv_transpose1d", (SEQUENCE, rng.normal(size=(4, 2, 3)), rng.normal(size=2 * g)), {"groups": g, **options})
        for g, options in ((1, {}), (2, {"stride": 3, "padding": 1, "output_padding": 2, "dilation": 2}))
    ],
    *[
        ("conv_tbc", (VOLUME[0, 0], VOLUME[0, :2, 0].swapaxes(1, 2)[:, :5, :2], Z[0, :2]), {"pad": pad})
        for pad in (0, 2)
    ],
    *[("upsample", (IMAGE,), {"scale_factor": 1.7, "mode": mode}) for mode in ("nearest", "bilinear")],
    *[
        (f"upsample_{mode}", (IMAGE,), size)
        for mode in ("nearest", "bilinear")
        for size in ({"size": 9}, {"scale_factor": 2})
    ],
    ("conv_transpose2d", (IMAGE, rng.normal(size=(4, 3, 2, 3))), {"stride": (2, 1), "padding": (0, 1)}),
    ("conv_transpose3d", (VOLUME, rng.normal(size=(4, 1, 2, 2, 2))), {"stride": 2}),
    ("conv3d", (VOLUME, rng.normal(size=(3, 4, 2, 2, 2)), rng.normal(size=3)), {"padding": 1}),
    ("pad", (IMAGE,), {"pad": (-5, 2, 1, -6), "mode": "replicate"}),  # all that there was is cut off
    ("pad", (IMAGE,), {"pad": (-2, 3, 0, 0), "mode": "replicate"}),
    ("pad", (IMAGE,), {"pad": (-3, 2, 3, -4), "mode": "reflect"}),
    *[
        ("interpolate", (x,), {"mode": mode, **options})
        for x, modes in ((SEQUENCE, ["linear"]), (IMAGE, ["bilinear", "bicubic"]), (VOLUME, ["trilinear"]))
        for mode in ("nearest", "nearest-exact", "area", *modes)
        for options in ({"size": 3}, {"scale_factor": 1.7}, {"scale_factor": 0.6, "recompute_scale_factor": True})
    ],
    *[
        ("interpolate", (x,), {"mode": mode, "size": size, "align_corners": True})
        for x, mode in ((SEQUENCE, "linear"), (IMAGE, "bilinear"), (IMAGE, "bicubic"), (VOLUME, "trilinear"))
        for size in (1, 9)
    ],
    *[
        (
            "grid_sample",
            (x,) if mode == "nearest" else (x, points),
            {"mode": mode, "padding_mode": outside, "align_corners": corners}
            | ({"grid": points} if mode == "nearest" else {}),
        )
        for x, points in (
            (IMAGE, rng.uniform(-1.6, 1.6, (2, 3, 4, 2))),
            (VOLUME, rng.uniform(-1.6, 1.6, (2, 3, 1, 2, 3))),
        )
        for mode in ("bilinear", "nearest", "bicubic")
        if (mode, x.ndim) != ("bicubic", 5)
        for outside in ("zeros", "border", "reflection")
        for corners in (True, False)
    ],
    *[
        ("affine_grid", (rng.normal(size=(2, rank, rank + 1)),), {"size": size, "align_corners": corners})
        for rank, size in ((2, (2, 1, 3, 4)), (2, (2, 1, 1, 4)), (3, (2, 5, 3, 2, 4)))
        for corners in (True, False)
    ],
    ("max_pool3d", (VOLUME,), {"kernel_size": 2}),
    ("avg_pool2d", (IMAGE,), {"kernel_size": 2, "divisor_override": -3}),
    ("avg_pool3d", (VOLUME,), {"kernel_size": 2, "stride": 1}),
    ("group_norm", (IMAGE,), {"num_groups": 2}),
    ("instance_norm", (IMAGE,), {}),
    ("rms_norm", (X,), {"normalized_shape": (4,)}),
    ("rms_norm", (X,), {"normalized_shape": (3, 4), "eps": 0.1}),
    *[
        ("scaled_dot_product_attention", (X, Z, X * Z), options)
        for options in ({}, {"is_causal": True}, {"scale": 0.3}, {"attn_mask": X[:, :3] > -0.5})
    ],
    ("scaled_dot_product_attention", (IMAGE, IMAGE[:, :2] + 1.0, IMAGE[:, 2:]), {"enable_gqa": True}),
    ("scaled_dot_product_attention", (IMAGE, IMAGE + 1.0, IMAGE * 2.0), {"attn_mask": rng.normal(size=(6, 6))}),
]


@each_dtype
@pytest.mark.parametrize(("name", "operands", "options"), FUNCTIONS, ids=lambda x: x if isinstance(x, str) else "")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_functions(name: str, operands: Any, options: Any, dtype: Any) -> None:
    theirs = getattr(T, name, None) or getattr(torch, name)
    if name in ("rms_norm", "pdist") and dtype is np.float32:
        pytest.skip("rounded otherwise")
    if name == "adaptive_avg_pool3d" and None in options.values():
        return
    compare(getattr(F, name), theirs, operands, dtype, **options)


@each_dtype
def test_distances_of_all_pairs(dtype: Any) -> None:
    for p in (1.0, 2.0, 3.0):
        compare(cdist, torch.cdist, (X, Z[:2]), dtype, p=p)


def test_a_layer_of_functions_in_all_ways() -> None:
    x = np.array([[0.3, -1.2, 2.2, 0.6]])
    for f in (F.mish, F.selu, F.hardswish, F.glu, F.normalize, F.softshrink, lambda x: F.rms_norm(x, 4)):
        all_ways_agree(f, x, truth=False, float32=False)
    all_ways_agree(lambda x: F.scaled_dot_product_attention(*[x.reshape(2, 2)] * 3, is_causal=True), x)


@each_dtype
@pytest.mark.parametrize("mode", ["sum", "mean", "max"])
@pytest.mark.parametrize("padding", [None, 1, -2])
def test_bags_of_rows(mode: str, padding: int | None, dtype: Any) -> None:
    """``embedding_bag`` and EmbeddingBag, with bags that are empty or hold nothing but padding; and ``embedding``."""
    rows, offsets = np.array([0, 1, 2, 1, 1, 0, 0, 2]), np.array([0, 3, 3, 5, 8])
    options: dict[str, Any] = {"mode": mode, "padding_idx": padding}
    bags = {**options, "offsets": offsets, "include_last_offset": True}
    table, factors = X[:, :4].astype(dtype), Z[:2].ravel()
    calls = [(rows, bags), (rows, {**options, "offsets": offsets[:-1]}), (rows.reshape(2, 4), options)]
    for given, these in calls:
        compare(
            lambda w, g=given, **o: F.embedding_bag(g, w, **o),
            lambda w, g=given, **o: T.embedding_bag(torch.tensor(g), w, **o),
            (table,),
            dtype,
            **these,
        )
        if mode == "sum":
            compare(
                lambda w, f, g=given, **o: F.embedding_bag(g, w, per_sample_weights=f, **o),
                lambda w, f, g=given, **o: T.embedding_bag(torch.tensor(g), w, per_sample_weights=f, **o),
                (table, factors.reshape(given.shape)),
                dtype,
                **these,
            )
    ours = layers.EmbeddingBag(3, 4, mode=mode, padding_idx=padding, dtype=dtype)
    theirs = torch.nn.EmbeddingBag(3, 4, mode=mode, padding_idx=padding)
    assert ours.weight.shape == tuple(theirs.weight.shape)
    ours.load_state_dict({"weight": table})
    theirs = theirs.to(torch.tensor(table).dtype)
    theirs.load_state_dict({"weight": torch.tensor(table)})
    y, z = ours(rows, offsets[:-1]), theirs(torch.tensor(rows), torch.tensor(offsets[:-1]))
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **TOLERANCE[dtype])
    compare(
        lambda w, **o: F.embedding(rows, w, **o),
        lambda w, **o: T.embedding(torch.tensor(rows), w, **o),
        (table,),
        dtype,
        padding_idx=padding,
    )
    first, second = layers.Embedding(3, 4, padding), torch.nn.Embedding(3, 4, padding)
    assert (first.padding_idx, repr(first)) == (second.padding_idx, repr(second))


# ---------------------------------------------------------------------------------------------------------------------
# Losses
# ---------------------------------------------------------------------------------------------------------------------

LABELS = np.array([2, 0, 3])
SETS = np.array([[1, 3, -1, 0], [0, -1, 2, 1], [3, 2, 1, 0]])
ONES = (X > 0).astype(float)
LOSSES: list[tuple[str, str, tuple[Any, ...], tuple[Any, ...], dict[str, Any]]] = [
    ("soft_margin_loss", "SoftMarginLoss", (X,), (np.sign(Z),), {}),
    ("margin_ranking_loss", "MarginRankingLoss", (X, Z), (np.sign(X + Z),), {"margin": 0.3}),
    ("hinge_embedding_loss", "HingeEmbeddingLoss", (X,), (np.sign(Z),), {"margin": 0.7}),
    ("cosine_embedding_loss", "CosineEmbeddingLoss", (X, Z), (SIGNS,), {"margin": 0.1}),
    ("multi_margin_loss", "MultiMarginLoss", (X,), (LABELS,), {}),
    ("multi_margin_loss", "MultiMarginLoss", (X,), (LABELS,), {"p": 2, "margin": 0.6, "weight": np.abs(Z[0])}),
    ("multilabel_margin_loss", "MultiLabelMarginLoss", (X,), (SETS,), {}),
    ("multilabel_soft_margin_loss", "MultiLabelSoftMarginLoss", (X,), (ONES,), {"weight": np.abs(Z[0])}),
    ("triplet_margin_loss", "TripletMarginLoss", (X, Z, X * Z), (), {"margin": 2.0, "p": 3.0}),
    ("triplet_margin_loss", "TripletMarginLoss", (X, Z, X * Z), (), {"margin": 2.0, "swap": True}),
    ("triplet_margin_with_distance_loss", "TripletMarginWithDistanceLoss", (X, Z, X * Z), (), {"margin": 2.0}),
    ("gaussian_nll_loss", "GaussianNLLLoss", (X, Z, np.abs(X * Z)), (), {"full": True}),
    ("gaussian_nll_loss", "GaussianNLLLoss", (X, Z, np.abs(X * Z)), (), {"eps": 0.5}),
    ("poisson_nll_loss", "PoissonNLLLoss", (X,), (np.floor(4 * np.abs(Z)),), {"full": True}),
    ("poisson_nll_loss", "PoissonNLLLoss", (np.abs(X) + 0.1,), (np.floor(4 * np.abs(Z)),), {"log_input": False}),
]


@each_dtype
@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@pytest.mark.parametrize(("name", "module", "operands", "constants", "options"), LOSSES, ids=lambda x: str(x)[:40])
def test_losses(
    name: str, module: str, operands: Any, constants: Any, options: Any, reduction: str, dtype: Any
) -> None:
    options = {**options, "reduction": reduction}
    compare(getattr(F, name), getattr(T, name), operands, dtype, constants, **options)
    ours = getattr(margins, module)(**options)
    theirs = getattr(torch.nn, module)(**{key: theirs_of(x, dtype) for key, x in options.items()})
    compare(ours, theirs, operands, dtype, constants)


@each_dtype
@pytest.mark.skipif(not hasattr(T, "linear_cross_entropy"), reason="an older PyTorch")
def test_a_classifier_and_its_loss(dtype: Any) -> None:
    """``linear_cross_entropy`` and LinearCrossEntropyLoss."""
    weight, labels = np.abs(Z[0, :3]), np.array([2, 0, 1])
    for operands, target, options in (
        ((X, Z), labels, {}),
        ((X, Z), labels, {"weight": weight, "reduction": "sum", "ignore_index": 0}),
        ((X, Z), labels, {"label_smoothing": 0.2, "reduction": "none"}),
        ((X, Z), np.abs(X[:, :3]).astype(dtype), {"weight": weight}),
        ((X[0], Z), labels[0], {}),
        ((X, np.stack([Z, X * Z], 1)), np.stack([labels, labels[::-1]], 1), {}),
    ):
        bias = operands[1][..., 0] + 1.0
        for further in ((), (bias,)):

            def call(kit: Any, x: Any, w: Any, *b: Any, target: Any = target, **o: Any) -> Any:
                given = theirs_of(np.asarray(target), dtype) if kit is T else target
                return kit.linear_cross_entropy(x, w, given, linear_bias=b[0] if b else None, **o)

            compare(
                lambda *xs, call=call, **o: call(F, *xs, **o),
                lambda *xs, call=call, **o: call(T, *xs, **o),
                (*operands, *further),
                dtype,
                **options,
            )
    for bias in (False, True):
        options = {"out_features": (2,), "bias": bias, "label_smoothing": 0.1}
        theirs = torch.nn.LinearCrossEntropyLoss(4, 3, **options).to(torch.tensor(X.astype(dtype)).dtype)
        ours = nn.LinearCrossEntropyLoss(4, 3, dtype=dtype, **options)
        ours.load_state_dict({name: p.numpy() for name, p in theirs.state_dict().items()})
        target = np.stack([labels, labels[::-1]], 1)
        y, z = ours(X.astype(dtype), target), theirs(torch.tensor(X.astype(dtype)), torch.tensor(target))
        np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **TOLERANCE[dtype])


def test_targets_that_are_any_weights() -> None:
    compare(F.cross_entropy, T.cross_entropy, (X, 3.0 * Z), np.float64)
    compare(F.kl_div, T.kl_div, (X, 3.0 * np.abs(Z)), np.float64, reduction="sum")
    compare(F.hardtanh, T.hardtanh, (X,), np.float64, min_val=0.0, max_val=0.0)


# ---------------------------------------------------------------------------------------------------------------------
# Layers
# ---------------------------------------------------------------------------------------------------------------------

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Any, ...]]] = [
    *[(name, (), {}, (FAR,)) for name in ("ReLU6", "Hardsigmoid", "Hardswish", "Hardshrink", "Softshrink")],
    *[(name, (), {}, (FAR,)) for name in ("Tanhshrink", "CELU", "SELU", "Mish", "GLU")],
    ("Threshold", (0.5, -2.0), {}, (FAR,)),
    ("Softmax2d", (), {}, (IMAGE,)),
    ("PReLU", (), {}, (X,)),
    ("PReLU", (4, 0.1), {}, (IMAGE,)),
    ("Bilinear", (4, 2, 5), {}, (X, Z[:, :2])),
    ("CosineSimilarity", (0,), {}, (X, Z)),
    ("PairwiseDistance", (3.0,), {}, (X, Z)),
    ("Conv3d", (4, 2, 2), {"stride": 2}, (VOLUME,)),
    ("ConvTranspose1d", (4, 2, 3), {"stride": 2, "output_padding": 1}, (SEQUENCE,)),
    ("ConvTranspose2d", (4, 6, (2, 3), 2, 1, 1, 2), {}, (IMAGE,)),
    ("ConvTranspose3d", (4, 2, 2), {"bias": False}, (VOLUME,)),
    *[(name, (2,), {}, (SEQUENCE,)) for name in ("MaxPool1d", "AvgPool1d", "AdaptiveAvgPool1d", "AdaptiveMaxPool1d")],
    *[(name, (2,), {}, (IMAGE,)) for name in ("AdaptiveAvgPool2d", "AdaptiveMaxPool2d")],
    *[(name, (2,), {}, (VOLUME,)) for name in ("MaxPool3d", "AvgPool3d", "AdaptiveAvgPool3d", "AdaptiveMaxPool3d")],
    ("LPPool1d", (2.0, 2), {}, (SEQUENCE,)),
    ("LPPool2d", (2.0, 2), {}, (IMAGE,)),
    ("LPPool3d", (2.0, 2), {}, (VOLUME,)),
    ("LocalResponseNorm", (3,), {}, (IMAGE,)),
    ("PixelShuffle", (2,), {}, (IMAGE,)),
    ("PixelUnshuffle", (1,), {}, (IMAGE,)),
    ("ChannelShuffle", (2,), {}, (IMAGE,)),
    ("Unfold", (2,), {}, (IMAGE,)),
    ("Fold", ((2, 3), 2), {}, (rng.normal(size=(2, 4, 2)),)),
    ("Unflatten", (1, (2, 2)), {}, (IMAGE,)),
    *[(name, (1,), {}, (SEQUENCE,)) for name in ("ZeroPad1d", "ReflectionPad1d", "ReplicationPad1d", "CircularPad1d")],
    *[(name, (1,), {}, (IMAGE,)) for name in ("ReflectionPad2d", "ReplicationPad2d", "CircularPad2d")],
    *[(name, (1,), {}, (VOLUME,)) for name in ("ZeroPad3d", "ReflectionPad3d", "ReplicationPad3d", "CircularPad3d")],
    ("ConstantPad1d", (1, 2.0), {}, (SEQUENCE,)),
    ("ConstantPad2d", (1, 2.0), {}, (IMAGE,)),
    ("ConstantPad3d", (1, 2.0), {}, (VOLUME,)),
    ("ZeroPad2d", ((1, 0, -1, 2),), {}, (IMAGE,)),
    ("BatchNorm1d", (4, 1e-5, 0.1, True, False), {}, (SEQUENCE,)),
    ("Upsample", (None, 2.0, "bilinear", True), {}, (IMAGE,)),
    ("UpsamplingNearest2d", (), {"scale_factor": 2}, (IMAGE,)),
    ("UpsamplingBilinear2d", (9,), {}, (IMAGE,)),
    ("BatchNorm3d", (4,), {}, (VOLUME,)),
    ("InstanceNorm1d", (4,), {}, (SEQUENCE,)),
    ("InstanceNorm2d", (4,), {}, (IMAGE,)),
    ("InstanceNorm3d", (4,), {}, (VOLUME,)),
    ("InstanceNorm2d", (4, 1e-3, 0.2, True, True), {}, (IMAGE,)),
    ("GroupNorm", (2, 4), {}, (IMAGE,)),
    ("RMSNorm", (4,), {"eps": 1e-6}, (X,)),
    ("RNNCell", (4, 3), {}, (X,)),
    ("RNNCell", (4, 3, False, "relu"), {}, (X, Z[:, :3])),
    ("GRUCell", (4, 3), {}, (X, Z[:, :3])),
    ("LSTMCell", (4, 3), {}, (X,)),
]
RECURRENT: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[Any, ...]]] = [
    *[(name, (4, 3), {}, (rng.normal(size=(5, 2, 4)),)) for name in ("RNN", "LSTM", "GRU")],
    *[(name, (4, 3), {"num_layers": 2, "bidirectional": True}, (X,)) for name in ("RNN", "LSTM", "GRU")],
    *[(name, (4, 3), {"batch_first": True, "bias": False}, (X[None],)) for name in ("RNN", "LSTM", "GRU")],
    *[("LSTM", (4, 3), {"proj_size": 2, "num_layers": 2, "bidirectional": both}, (X,)) for both in (False, True)],
    ("RNN", (4, 3), {"nonlinearity": "relu"}, (X, Z[:1, :3])),
    ("GRU", (4, 3), {}, (X[:, None], Z[:1, None, :3])),
]


def flat(results: Any) -> list[Any]:
    return [results] if not isinstance(results, tuple) else [x for part in results for x in flat(part)]


@each_dtype
@pytest.mark.parametrize(("name", "arguments", "options", "operands"), LAYERS + RECURRENT, ids=lambda x: str(x)[:30])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_layers(name: str, arguments: Any, options: Any, operands: Any, dtype: Any) -> None:
    theirs = getattr(torch.nn, name)(*arguments, **options).to(torch.float64 if dtype is np.float64 else torch.float32)
    ours = getattr(layers, name)(*arguments, **options, **({"dtype": dtype} if theirs.state_dict() else {}))
    same_modules(ours, theirs, operands, dtype)
    if not name.startswith(("RNN", "LSTM", "GRU")):
        same_modules(ours.eval(), theirs.eval(), operands, dtype)


def same_modules(ours: Any, theirs: Any, operands: Any, dtype: Any, **options: Any) -> None:
    """The same outputs, gradients of operands and parameters, and the same state afterwards."""
    ours.load_state_dict({name: x.numpy() for name, x in theirs.state_dict().items()})
    leaves = [Tensor(np.asarray(x, dtype)) for x in operands]
    others = [torch.tensor(x.numpy(), requires_grad=True) for x in leaves]
    theirs_options = {key: theirs_of(x, dtype) for key, x in options.items()}
    ys, zs = flat(ours(*leaves, **options)), flat(theirs(*others, **theirs_options))
    ours.zero_grad()
    theirs.zero_grad()
    for y, z in zip(ys, zs, strict=True):
        np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **TOLERANCE[dtype])
    sum((y * y).sum() for y in ys).backward()
    sum((z * z).sum() for z in zs).backward()
    tolerance = LOOSE if "Hardsigmoid" in repr(ours) and dtype is np.float64 else TOLERANCE[dtype]
    for x, other in zip(leaves, others, strict=True):
        np.testing.assert_allclose(x.grad, other.grad.numpy(), **tolerance)
    parameters = dict(ours.named_parameters())
    assert list(parameters) == [name for name, _ in theirs.named_parameters()]
    for name, parameter in theirs.named_parameters():
        np.testing.assert_allclose(parameters[name].grad, parameter.grad.numpy(), **TOLERANCE[dtype], err_msg=name)
    for name, array in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name], array.numpy(), **TOLERANCE[dtype], err_msg=name)


@each_dtype
@pytest.mark.parametrize(
    "options",
    [
        {"kdim": 4, "vdim": 4},
        {"kdim": 3, "vdim": 2},
        {"vdim": 2, "bias": False, "add_bias_kv": True},
        {"add_zero_attn": True},
        {"add_bias_kv": True, "add_zero_attn": True, "batch_first": True},
    ],
    ids=str,
)
def test_attention_to_keys_of_its_own(options: Any, dtype: Any) -> None:
    theirs = torch.nn.MultiheadAttention(4, 2, **options).to(torch.float64 if dtype is np.float64 else torch.float32)
    ours = layers.MultiheadAttention(4, 2, dtype=dtype, **options)
    x = rng.normal(size=(3, 3, 4))
    operands = x, x[..., : options.get("kdim", 4)] + 1.0, x[..., : options.get("vdim", 4)] * 2.0
    same_modules(ours, theirs, operands, dtype)
    padding = np.array([[False, False, True], [False, False, False], [False, True, False]])
    same_modules(ours, theirs, operands, dtype, key_padding_mask=padding, attn_mask=~np.tri(3, dtype=bool))


@each_dtype
@pytest.mark.parametrize("options", [{}, {"bias": False}, {"batch_first": True}], ids=str)
def test_multihead_attention(options: Any, dtype: Any) -> None:
    theirs = torch.nn.MultiheadAttention(4, 2, **options).to(torch.float64 if dtype is np.float64 else torch.float32)
    ours = layers.MultiheadAttention(4, 2, dtype=dtype, **options)
    x = rng.normal(size=(3, 3, 4))
    same_modules(ours, theirs, (x, x + 1.0, x * 2.0), dtype)
    mask = ~np.tri(3, dtype=bool)
    same_modules(ours, theirs, (x, x, x), dtype, attn_mask=mask)
    same_modules(ours, theirs, (x, x, x), dtype, average_attn_weights=False)
    padding = np.array([[False, False, True], [False, False, False], [False, True, False]])
    same_modules(ours, theirs, (x, x, x), dtype, key_padding_mask=padding)
    same_modules(ours, theirs, (X, Z, X * Z), dtype)
    causal = layers.CausalSelfAttention(4, 2, options.get("dropout", 0.0), options.get("bias", True))
    causal.load_state_dict({name: p.numpy().astype(float) for name, p in theirs.state_dict().items()})
    batch = torch.tensor(x).to(next(theirs.parameters()).dtype)
    batch = batch if options.get("batch_first") else batch.swapaxes(0, 1)
    wanted = theirs(batch, batch, batch, attn_mask=torch.tensor(mask))[0].detach().numpy()
    wanted = wanted if options.get("batch_first") else wanted.swapaxes(0, 1)
    np.testing.assert_allclose(causal(x).numpy(), wanted, **TOLERANCE[dtype])


def test_a_small_character_model_learns() -> None:
    text = "abcabcabcabc" * 3
    codes = np.array(["abc".index(c) for c in text])
    table, cell, read = layers.Embedding(3, 4, rng=0), layers.GRU(4, 8, rng=1), layers.Linear(8, 3, rng=2)
    model = layers.ModuleList([table, cell, read])
    optimizer = nn.optim.Adam(model.parameters(), lr=0.05)
    losses = []
    for _ in range(30):
        optimizer.zero_grad()
        y, _ = cell(table(codes[:-1]))
        loss = F.cross_entropy(read(y), codes[1:])
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    assert losses[-1] < 0.1 < 1.0 < losses[0]


TRANSFORMERS: list[tuple[str, tuple[Any, ...], dict[str, Any], int]] = [
    ("TransformerEncoderLayer", (4, 2, 5, 0.0), {}, 1),
    ("TransformerEncoderLayer", (4, 2, 5, 0.0, "gelu", 1e-3, True, True, False), {}, 1),
    ("TransformerDecoderLayer", (4, 2, 5, 0.0), {"batch_first": True}, 2),
    ("TransformerDecoderLayer", (4, 2, 5, 0.0), {"norm_first": True, "activation": "gelu"}, 2),
    ("Transformer", (4, 2, 2, 1, 5, 0.0), {"batch_first": True}, 2),
    ("Transformer", (4, 2, 1, 2, 5, 0.0), {"norm_first": True, "bias": False}, 2),
]


@each_dtype
@pytest.mark.parametrize(("name", "arguments", "options", "count"), TRANSFORMERS, ids=str)
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_transformers(name: str, arguments: Any, options: Any, count: int, dtype: Any) -> None:
    theirs = getattr(torch.nn, name)(*arguments, **options).to(torch.float64 if dtype is np.float64 else torch.float32)
    ours = getattr(nn, name)(*arguments, **options, dtype=dtype)
    x = rng.normal(size=(3, 3, 4))
    operands = (x, x * 2.0 - 1.0)[:count]
    same_modules(ours, theirs, operands, dtype)
    padding = np.array([[False, False, True], [False, False, False], [False, True, False]])
    mask, reads = ~np.tri(3, dtype=bool), "src" if count == 1 else "tgt"
    same_modules(ours, theirs, operands, dtype, **{f"{reads}_mask": mask, f"{reads}_key_padding_mask": padding})
    if count == 2:
        same_modules(ours, theirs, operands, dtype, memory_mask=mask.T)
        same_modules(ours, theirs, operands, dtype, memory_key_padding_mask=padding)


@pytest.mark.parametrize("kind", ["Encoder", "Decoder"])
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_stacks_of_transformer_layers(kind: str) -> None:
    stack = {"Encoder": "TransformerEncoder", "Decoder": "TransformerDecoder"}[kind]
    theirs, ours = (
        getattr(kit, stack)(getattr(kit, f"{stack}Layer")(4, 2, 5, 0.0), 2, kit.LayerNorm(4)) for kit in (torch.nn, nn)
    )
    x = rng.normal(size=(3, 2, 4))
    mask = ~np.tri(3, dtype=bool)
    options = {"mask" if kind == "Encoder" else "tgt_mask": mask}
    same_modules(ours, theirs.double(), (x, x + 1.0)[: 1 + (kind == "Decoder")], np.float64, **options)
    plain_mask = ours(*(x, x + 1.0)[: 1 + (kind == "Decoder")], **options).numpy()
    causal = {"is_causal" if kind == "Encoder" else "tgt_is_causal": True}
    np.testing.assert_array_equal(ours(*(x, x + 1.0)[: 1 + (kind == "Decoder")], **causal).numpy(), plain_mask)


def test_copies_of_a_layer_draw_their_dropout_one_after_the_other() -> None:
    stack = nn.TransformerEncoder(nn.TransformerEncoderLayer(4, 2, 5, 0.5, rng=0), 2)
    first, second = stack.layers
    assert first.dropout.rng is second.dropout.rng
    with pytest.raises(ValueError, match="activation is"):
        nn.TransformerEncoderLayer(4, 2, activation="tanh")


POOLS: list[tuple[str, Any, dict[str, Any]]] = [
    ("max_pool1d", SEQUENCE, {"kernel_size": 3, "stride": 2, "padding": 1, "dilation": 1, "ceil_mode": True}),
    ("max_pool2d", IMAGE.round(), {"kernel_size": (2, 3), "stride": 1}),
    ("max_pool3d", VOLUME.round(), {"kernel_size": 2}),
    ("adaptive_max_pool1d", SEQUENCE, {"output_size": 3}),
    ("adaptive_max_pool2d", IMAGE.round(), {"output_size": (4, None)}),
    ("adaptive_max_pool3d", VOLUME.round(), {"output_size": 2}),
]


@pytest.mark.parametrize(("name", "x", "options"), POOLS, ids=lambda x: x if isinstance(x, str) else "")
def test_pools_say_where_the_largest_numbers_are(name: str, x: Any, options: dict[str, Any]) -> None:
    y, places = getattr(F, name)(Tensor(x), return_indices=True, **options)
    z, others = getattr(T, name)(torch.tensor(x), return_indices=True, **options)
    np.testing.assert_array_equal(y.numpy(), z.numpy())
    np.testing.assert_array_equal(places, others.numpy())
    compare(getattr(F, name), getattr(T, name), (x,), np.float64, **options)


@pytest.mark.parametrize(
    ("layer", "rank", "x"),
    [("MaxUnpool1d", 1, SEQUENCE), ("MaxUnpool2d", 2, IMAGE), ("MaxUnpool2d", 2, IMAGE[0]), ("MaxUnpool3d", 3, VOLUME)],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_unpooling(layer: str, rank: int, x: Any) -> None:
    pool, unpool = (getattr(T, f"max_{what}{rank}d") for what in ("pool", "unpool"))
    for kernel, stride, padding, size in (
        (1, None, 0, None),
        (2, None, 0, x.shape[-rank:]),
        (2, 2, 1, x.shape[-rank:]),
    ):
        z, places = pool(torch.tensor(x), kernel, stride, padding, return_indices=True)
        laid = {"kernel_size": kernel, "stride": stride, "padding": padding, "output_size": size}
        ours = getattr(F, f"max_unpool{rank}d")
        compare(ours, unpool, (z,), np.float64, (places.numpy(),), **laid)
        module = getattr(layers, layer)(kernel, stride, padding)
        np.testing.assert_array_equal(module(z.numpy(), places.numpy(), size), unpool(z, places, **laid).numpy())
    with pytest.raises(ValueError, match="one shape"):
        getattr(F, f"max_unpool{rank}d")(z.numpy(), places.numpy()[..., :1], 2)
    with pytest.raises(ValueError, match="outside of images"):
        getattr(F, f"max_unpool{rank}d")(z.numpy(), places.numpy() + 1000, 2)


FRACTIONAL: list[tuple[Any, Any, Any, Any]] = [
    (IMAGE, 2, (4, 3), None),
    (IMAGE.round(), (3, 1), (2, 5), None),
    (IMAGE[0], 2, 1, None),
    (IMAGE, 2, None, (0.7, 0.8)),
    (VOLUME.round(), 2, (2, 1, 3), None),
    (VOLUME[0], (1, 2, 3), (3, 1, 2), None),
    (VOLUME, 1, None, (0.5, 0.9, 0.5)),
]


@each_dtype
@pytest.mark.parametrize(("x", "kernel", "size", "ratio"), FRACTIONAL, ids=lambda x: "" if np.size(x) > 9 else str(x))
def test_windows_at_random_places(x: Any, kernel: Any, size: Any, ratio: Any, dtype: Any) -> None:
    """``fractional_max_pool2d``, ``fractional_max_pool3d``, FractionalMaxPool2d and FractionalMaxPool3d."""
    rank = 3 if x.shape[-3:] == VOLUME.shape[-3:] else 2
    samples = rng.random((*(1, *x.shape[:-rank])[-2:], rank)).astype(dtype)
    laid = {"kernel_size": kernel, "output_size": size, "output_ratio": ratio, "_random_samples": samples}
    ours, theirs = (getattr(kit, f"fractional_max_pool{rank}d") for kit in (F, T))
    compare(ours, theirs, (x,), dtype, **laid)
    _, places = ours(x.astype(dtype), return_indices=True, **laid)
    laid["_random_samples"] = torch.tensor(samples)
    _, others = theirs(torch.tensor(x.astype(dtype)), return_indices=True, **laid)
    np.testing.assert_array_equal(places, others.numpy())
    kind = f"FractionalMaxPool{rank}d"
    module = getattr(layers, kind)(kernel, size, ratio, _random_samples=samples)
    other = getattr(torch.nn, kind)(kernel, size, ratio, _random_samples=torch.tensor(samples))
    np.testing.assert_array_equal(module(x.astype(dtype)), other(torch.tensor(x.astype(dtype))).numpy())
    drawn = [getattr(layers, kind)(kernel, size, ratio, rng=seed)(x) for seed in (3, 3)]
    np.testing.assert_array_equal(*drawn)
    assert drawn[0].shape == module(x).shape


@pytest.mark.parametrize("name", ["MaxPool1d", "MaxPool2d", "MaxPool3d", "AdaptiveMaxPool2d", "AdaptiveAvgPool1d"])
def test_reprs_of_pools(name: str) -> None:
    assert repr(getattr(layers, name)(3)) == repr(getattr(torch.nn, name)(3))


@pytest.mark.parametrize("shape", [(0,), (0, 5), (0, 5, 9)])
def test_no_batch_at_all(shape: tuple[int, ...]) -> None:
    ours, others = ([np.zeros(shape[1:2]), np.ones(shape[1:2])] for _ in range(2))
    y = F.batch_norm(Tensor(np.zeros(shape)), *ours, training=True)
    z = T.batch_norm(torch.zeros(shape, dtype=torch.float64), *map(torch.tensor, others), training=True)
    assert y.shape == tuple(z.shape)
    for one, other in zip(ours, others, strict=True):
        np.testing.assert_array_equal(one, other)  # torch.tensor copies; PyTorch moves nothing either


@pytest.mark.parametrize(
    ("call", "error", "match"),
    [
        (lambda: F.interpolate(IMAGE), ValueError, "either size or scale_factor"),
        (lambda: F.interpolate(IMAGE, 3, mode="linear"), ValueError, "does not fit"),
        (lambda: F.interpolate(IMAGE, 3, mode="cubic"), NotImplementedError, "mode='cubic'"),
        (lambda: F.interpolate(IMAGE, (3, 3, 3)), ValueError, "or 2 of them"),
        (lambda: F.grid_sample(IMAGE, X), ValueError, "do not fit images"),
        (lambda: F.grid_sample(IMAGE, np.zeros((2, 1, 1, 2)), "cubic"), NotImplementedError, "mode='cubic'"),
        (lambda: F.grid_sample(VOLUME, np.zeros((2, 1, 1, 1, 3)), "bicubic"), NotImplementedError, "two axes of space"),
        (lambda: F.affine_grid(X, (2, 1, 3, 4)), ValueError, "do not fit images"),
    ],
)
def test_images_that_cannot_be_read(call: Any, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        call()


@pytest.mark.parametrize("x", [np.array([[1.0, 3.0, 3.0, 2.0], [2.0, 2.0, 5.0, 1.0]]), np.array([[1.0, np.nan, 2.0]])])
def test_largest_and_smallest_so_far(x: Any) -> None:
    for name in ("cummax", "cummin"):
        for axis in (0, 1, -1):
            compare(
                lambda t, name=name, axis=axis: getattr(autograd, name)(t, axis),
                lambda t, name=name, axis=axis: getattr(torch, name)(t, axis).values,
                (x,),
                np.float64,
            )
    with pytest.raises(NotImplementedError, match=r"use autograd\.cummax"):
        np.maximum.accumulate(Tensor(x))
