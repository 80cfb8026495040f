"""Agreement with PyTorch in what draws random numbers, where it is installed: in evaluation, with the same draws, in
statistics."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F  # noqa: N812
from autograd import Tensor
from nn import layers

pytestmark = pytest.mark.same_in_both_modes

torch = pytest.importorskip("torch")
T = torch.nn.functional

rng = np.random.default_rng(41)
SHAPES: dict[str, list[tuple[int, ...]]] = {
    "dropout1d": [(40, 50, 3), (2000, 3)],
    "dropout2d": [(40, 50, 3, 2)],
    "dropout3d": [(40, 50, 3, 1, 2), (2000, 3, 1, 2)],
    "alpha_dropout": [(2000, 3)],
    "feature_alpha_dropout": [(40, 50, 3), (40, 50), (40, 50, 2, 1, 3)],
}
MODULES = {
    "dropout1d": "Dropout1d",
    "dropout2d": "Dropout2d",
    "dropout3d": "Dropout3d",
    "alpha_dropout": "AlphaDropout",
    "feature_alpha_dropout": "FeatureAlphaDropout",
}


def lines(y: Any, x: Any) -> Any:
    """Whether each number was dropped, the two values of y and its slopes in x, if y is one of two lines in x."""
    slope = np.asarray(y[1])
    return slope == 0.0, np.unique(np.asarray(y[0])[slope == 0].round(9)), np.unique(slope.round(9))


@pytest.mark.parametrize("p", [0.0, 0.3, 0.8, 1.0])
@pytest.mark.parametrize("name", SHAPES)
def test_kinds_of_dropout(name: str, p: float) -> None:
    for shape in SHAPES[name]:
        x, y = Tensor(np.full(shape, 2.0)), torch.full(shape, 2.0, dtype=torch.float64, requires_grad=True)
        ours, theirs = getattr(F, name)(x, p, True, rng=1), getattr(T, name)(y, p, True)
        ours.sum().backward()
        theirs.sum().backward()
        dropped, low, slopes = lines((ours.numpy(), x.grad), 2.0)
        others, their_low, their_slopes = lines((theirs.detach().numpy(), y.grad), 2.0)
        np.testing.assert_allclose(low, their_low)
        np.testing.assert_allclose(slopes, their_slopes)
        kept = np.unique(ours.numpy()[~dropped].round(9))
        np.testing.assert_allclose(kept, np.unique(theirs.detach().numpy()[~others].round(9)))
        for mask in (dropped, others):  # whole channels, each by itself
            channels = mask.reshape(2000, -1)
            if name != "alpha_dropout":
                assert (channels == channels[:, :1]).all()
            assert abs(channels[:, 0].mean() - p) < 5 * np.sqrt(p * (1 - p) / 2000) + 1e-12
        off, module = getattr(F, name)(x, p, False), getattr(layers, MODULES[name])(p)
        assert off is x
        assert module.eval()(x) is x
        assert (module.train()(x).numpy() == 2.0).all() == (p == 0.0)


@pytest.mark.parametrize("name", ["alpha_dropout", "feature_alpha_dropout"])
def test_alpha_dropout_keeps_the_mean_and_the_variance(name: str) -> None:
    x = rng.normal(size=(300, 400))
    for y in (getattr(F, name)(x, 0.3, True, rng=3), getattr(T, name)(torch.tensor(x), 0.3, True).numpy()):
        assert abs(y.mean()) < 0.02
        assert abs(y.var() - 1.0) < 0.02


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_rrelu(dtype: Any) -> None:
    x = np.linspace(-3.0, 3.0, 4001).astype(dtype)
    leaf, other = Tensor(x), torch.tensor(x, requires_grad=True)
    for options in ({}, {"lower": 0.2, "upper": 0.4}):
        for ours, theirs in (
            (F.rrelu(leaf, **options), T.rrelu(other, **options)),
            (layers.RReLU(**options).eval()(leaf), torch.nn.RReLU(**options).eval()(other)),
        ):
            np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-6)
            leaf.grad = other.grad = None
            ours.sum().backward()
            theirs.sum().backward()
            np.testing.assert_allclose(leaf.grad, other.grad.numpy(), rtol=1e-6)
            assert ours.dtype == dtype
    ours = F.rrelu(x, 0.2, 0.4, True, rng=1)
    theirs = T.rrelu(torch.tensor(x), 0.2, 0.4, True).numpy()
    for y in (ours, theirs):
        np.testing.assert_array_equal(y[x > 0], x[x > 0])
        slopes = y[x < 0] / x[x < 0]
        assert 0.2 <= slopes.min() + 1e-6 < 0.21 < 0.39 < slopes.max() < 0.4 + 1e-6
        assert abs(slopes.mean() - 0.3) < 0.01


@pytest.mark.parametrize("hard", [False, True])
def test_gumbel_softmax(hard: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the same draws; PyTorch's come from its exponential distribution."""
    noise = rng.gumbel(size=(3, 4))
    exponential = torch.tensor(np.exp(-noise))
    monkeypatch.setattr(torch.Tensor, "exponential_", lambda x: x.copy_(exponential))

    class Drawn(np.random.Generator):
        def gumbel(self, *_: Any, **__: Any) -> Any:
            return noise

    x = rng.normal(size=(3, 4))
    for dim in (0, -1):
        leaf, other = Tensor(x), torch.tensor(x, requires_grad=True)
        ours = F.gumbel_softmax(leaf, 0.7, hard, dim=dim, rng=Drawn(np.random.PCG64(0)))
        theirs = T.gumbel_softmax(other, 0.7, hard, dim=dim)
        np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), rtol=1e-9, atol=1e-12)
        seed = np.cos(np.arange(12.0)).reshape(3, 4)
        ours.backward(seed)
        theirs.backward(torch.tensor(seed))
        np.testing.assert_allclose(leaf.grad, other.grad.numpy(), rtol=1e-9, atol=1e-12)
    counts = F.gumbel_softmax(np.tile(np.log([0.5, 0.3, 0.2]), (20_000, 1)), 0.1, True, rng=5).sum(0)
    np.testing.assert_allclose(counts / 20_000, [0.5, 0.3, 0.2], atol=0.02)
