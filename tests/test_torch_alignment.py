"""Agreement with PyTorch in the losses of labelled sequences and of many classes, where it is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn
import nn.functional as F  # noqa: N812
from autograd import Tensor

pytestmark = pytest.mark.same_in_both_modes

torch = pytest.importorskip("torch")
T = torch.nn.functional

rng = np.random.default_rng(31)
SCORES = 3.0 * rng.normal(size=(9, 3, 5))
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])

CASES: list[tuple[Any, tuple[int, ...], Any, Any]] = [
    (SCORES, (3, 4), [9, 7, 8], [4, 2, 0]),
    (SCORES, (3, 4), [9, 2, 0], [4, 3, 0]),  # one does not fit, one is empty
    (SCORES, (3, 4), [9, 0, 8], [4, 1, 1]),
    (SCORES, (7,), [9, 6, 8], [4, 1, 2]),
    (SCORES[:, 0], (4,), 9, 4),
    (SCORES[:, 0], (3,), [9], [3]),
]


@each_dtype
@pytest.mark.parametrize("blank", [0, 2])
@pytest.mark.parametrize(("scores", "shape", "times", "counts"), CASES, ids=lambda x: "" if np.size(x) > 9 else str(x))
def test_ctc_loss(scores: Any, shape: Any, times: Any, counts: Any, blank: int, dtype: Any) -> None:
    """``ctc_loss`` and CTCLoss behind log_softmax; PyTorch's own gradient is right only there."""
    targets = np.array([c for c in range(5) if c != blank])[rng.integers(0, 4, shape)]
    tolerance = {"rtol": 1e-9, "atol": 1e-11} if dtype is np.float64 else {"rtol": 2e-4, "atol": 2e-5}
    given = [torch.tensor(x) for x in (targets, times, counts)]
    for reduction in ("mean", "sum", "none"):
        for zero in (False, True):
            x, y = Tensor(scores.astype(dtype)), torch.tensor(scores.astype(dtype), requires_grad=True)
            ours = F.ctc_loss(F.log_softmax(x, -1), targets, times, counts, blank, reduction, zero)
            theirs = T.ctc_loss(y.log_softmax(-1), *given, blank, reduction, zero)
            np.testing.assert_allclose(ours.numpy(), theirs.detach().numpy(), **tolerance)
            assert (ours.dtype, ours.shape) == (dtype, tuple(theirs.shape))
            module = nn.CTCLoss(blank, reduction, zero)(F.log_softmax(x, -1), targets, times, counts)
            np.testing.assert_array_equal(module.numpy(), ours.numpy())
            ours.sum().backward()
            theirs.sum().backward()
            np.testing.assert_allclose(x.grad, y.grad.numpy(), **tolerance)


@each_dtype
@pytest.mark.parametrize("bias", [False, True])
def test_many_classes(bias: bool, dtype: Any) -> None:
    """AdaptiveLogSoftmaxWithLoss, whose last cluster no label is in."""
    theirs = torch.nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 9, 15], 2.0, bias).to(torch.tensor(dtype(0)).dtype)
    ours = nn.AdaptiveLogSoftmaxWithLoss(8, 20, [4, 9, 15], 2.0, bias, dtype=dtype)
    ours.load_state_dict({name: p.numpy() for name, p in theirs.state_dict().items()})
    assert list(ours.state_dict()) == list(theirs.state_dict())
    samples, labels = rng.normal(size=(6, 8)).astype(dtype), np.array([0, 3, 4, 14, 8, 4])
    tolerance = {"rtol": 1e-9, "atol": 1e-11} if dtype is np.float64 else {"rtol": 2e-4, "atol": 2e-5}
    for given, target in ((samples, labels), (samples[0], labels[3])):
        x, y = Tensor(given), torch.tensor(given, requires_grad=True)
        found, wanted = ours(x, target), theirs(y, torch.tensor(target))
        for a, b in zip(found, wanted, strict=True):
            np.testing.assert_allclose(a.numpy(), b.detach().numpy(), **tolerance)
            assert a.shape == tuple(b.shape)
        ours.zero_grad()
        theirs.zero_grad()
        found.loss.backward()
        wanted.loss.backward()
        np.testing.assert_allclose(x.grad, y.grad.numpy(), **tolerance)
        for (name, p), q in zip(ours.named_parameters(), theirs.parameters(), strict=True):
            assert (p.grad is None) == (q.grad is None), name
            if q.grad is not None:
                np.testing.assert_allclose(p.grad, q.grad.numpy(), **tolerance)
    np.testing.assert_allclose(
        ours.log_prob(samples).numpy(), theirs.log_prob(torch.tensor(samples)).detach().numpy(), **tolerance
    )
    np.testing.assert_array_equal(ours.predict(samples), theirs.predict(torch.tensor(samples)).numpy())
