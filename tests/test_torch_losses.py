"""Agreement with PyTorch in what neural networks are made of, values and gradients, where it is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd.arrays import convolution, linear_maps, losses
from autograd.arrays.tensor import Tensor
from autograd.core.sweep import adjoints, topological_order

pytestmark = pytest.mark.same_in_both_modes

torch = pytest.importorskip("torch")
F = torch.nn.functional

rng = np.random.default_rng(9)
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def compare(ours: Any, theirs: Any, *shapes: Any, dtype: Any) -> None:
    """The same value and gradients of random operands, or of given ones, and the same gradient of a gradient."""
    operands = [np.asarray(rng.normal(size=s) if isinstance(s, tuple) else s, dtype) for s in shapes]
    leaves = [Tensor(x) for x in operands]
    others = [torch.tensor(x, requires_grad=True) for x in operands]
    y, z = ours(*leaves), theirs(*others)
    tolerance = {"rtol": 1e-9, "atol": 1e-11} if dtype is np.float64 else {"rtol": 2e-4, "atol": 2e-4}
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **tolerance)
    assert y.dtype == dtype
    seed = np.linspace(0.5, 1.5, y.size).reshape(y.shape).astype(dtype)
    gradients = adjoints(topological_order(y), Tensor(seed))
    slopes = torch.autograd.grad(z, others, torch.tensor(seed), create_graph=True)
    for x, slope in zip(leaves, slopes, strict=True):
        np.testing.assert_allclose(gradients[x].numpy(), slope.detach().numpy(), **tolerance)
    total = sum((gradients[x] ** 2).sum() for x in leaves)
    second = adjoints(topological_order(total), np.ones((), dtype))
    further = torch.autograd.grad(sum((slope**2).sum() for slope in slopes), others, allow_unused=True)
    for x, other in zip(leaves, further, strict=True):
        wanted = np.zeros(x.shape) if other is None else other.numpy()
        found = np.zeros(x.shape) if second.get(x) is None else second[x]
        np.testing.assert_allclose(found, wanted, **tolerance)


@each_dtype
@pytest.mark.parametrize("shape", [(4,), (3, 4), (2, 3, 4), (0, 4)])
def test_linear(shape: Any, dtype: Any) -> None:
    compare(linear_maps.linear, F.linear, shape, (5, 4), (5,), dtype=dtype)
    compare(linear_maps.linear, F.linear, shape, (5, 4), dtype=dtype)


@each_dtype
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_losses(scale: float, dtype: Any) -> None:
    logits, labels = scale * rng.normal(size=(5, 3, 2)), rng.integers(0, 3, (5, 2))
    shares = rng.uniform(0.0, 1.0, logits.shape)
    classes = torch.tensor(labels)
    compare(
        lambda x: losses.softmax_cross_entropy(x, labels, 1),
        lambda x: F.cross_entropy(x, classes, reduction="none"),
        logits,
        dtype=dtype,
    )
    compare(lambda x: losses.nll(x, labels, 1), lambda x: F.nll_loss(x, classes, reduction="none"), logits, dtype=dtype)
    compare(
        lambda x, t: losses.sigmoid_cross_entropy(x, t),
        lambda x, t: F.binary_cross_entropy_with_logits(x, t, reduction="none"),
        logits,
        shares,
        dtype=dtype,
    )
    compare(
        lambda x, t: losses.softmax_cross_entropy(x, t, 1),
        lambda x, t: F.cross_entropy(x, t, reduction="none"),
        logits / scale,
        shares,
        dtype=dtype,
    )


@each_dtype
def test_softmin_and_huber(dtype: Any) -> None:
    compare(lambda x: losses.softmin(x, 1), lambda x: F.softmin(x, 1), (3, 4), dtype=dtype)
    compare(
        lambda x, t: losses.huber(x, t, 0.7),
        lambda x, t: F.huber_loss(x, t, reduction="none", delta=0.7),
        (3, 4),
        (3, 4),
        dtype=dtype,
    )


CONVOLUTIONS: list[tuple[int, tuple[int, ...], tuple[int, ...], dict[str, Any]]] = [
    (1, (2, 3, 9), (4, 3, 3), {}),
    (1, (2, 4, 9), (6, 2, 4), {"groups": 2, "padding": "same", "dilation": 2}),
    (2, (2, 3, 7, 8), (4, 3, 3, 2), {"stride": (2, 1), "padding": (1, 0), "dilation": (1, 2)}),
    (2, (3, 7, 8), (4, 3, 1, 1), {"padding": "valid"}),
    (2, (2, 4, 6, 6), (4, 1, 3, 3), {"groups": 4, "padding": "same"}),
    (2, (2, 4, 9, 9), (4, 2, 3, 3), {"groups": 2, "stride": 3, "padding": 2}),
    (3, (1, 2, 4, 5, 6), (2, 2, 2, 3, 2), {"stride": 2, "padding": 1}),
]


@each_dtype
@pytest.mark.parametrize(("rank", "shape", "weight", "options"), CONVOLUTIONS, ids=str)
def test_convolution(rank: int, shape: Any, weight: Any, options: Any, dtype: Any) -> None:
    ours, theirs = getattr(convolution, f"conv{rank}d"), getattr(F, f"conv{rank}d")
    bias = weight[:1]
    compare(lambda *xs: ours(*xs, **options), lambda *xs: theirs(*xs, **options), shape, weight, bias, dtype=dtype)
    compare(lambda *xs: ours(*xs, **options), lambda *xs: theirs(*xs, **options), shape, weight, dtype=dtype)


POOLS: list[tuple[int, tuple[int, ...], dict[str, Any]]] = [
    (1, (2, 3, 9), {"kernel_size": 2}),
    (1, (3, 9), {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    (2, (2, 3, 8, 9), {"kernel_size": (3, 2), "stride": (2, 1), "padding": (1, 0)}),
    (2, (2, 3, 8, 9), {"kernel_size": 3, "stride": 2, "padding": 1, "ceil_mode": True}),
    (2, (3, 8, 9), {"kernel_size": 2, "stride": 3, "ceil_mode": True}),
    (3, (1, 2, 5, 6, 7), {"kernel_size": 2, "padding": 1, "ceil_mode": True}),
]


@each_dtype
@pytest.mark.parametrize(("rank", "shape", "options"), POOLS, ids=str)
def test_pooling(rank: int, shape: Any, options: Any, dtype: Any) -> None:
    calls = [("max_pool", options)]
    calls += [("avg_pool", {**options, "count_include_pad": include}) for include in (True, False)]
    calls += [("max_pool", {**options, "stride": 1, "dilation": 2})]
    calls += [("avg_pool", {**options, "divisor_override": 5})] if rank > 1 else []
    for name, all_options in calls:
        ours, theirs = getattr(convolution, f"{name}{rank}d"), getattr(F, f"{name}{rank}d")
        compare(lambda x: ours(x, **all_options), lambda x: theirs(x, **all_options), shape, dtype=dtype)  # noqa: B023


def test_where_impossible_classes_and_samples_without_weight_differ() -> None:
    """Here PyTorch has nan; ours is the limit: what has no probability and no share of the loss counts as nothing."""
    logits, shares = np.array([[0.0, -np.inf]]), np.array([[1.0, 0.0]])
    theirs = F.cross_entropy(torch.tensor(logits), torch.tensor(shares), reduction="none")
    assert np.isnan(theirs.item())
    assert losses.softmax_cross_entropy(logits, shares).item() == 0.0
