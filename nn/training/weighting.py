"""Samples that count more or less: a learner whose targets are pairs of targets and weights."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from autograd import Tensor, no_grad
from nn.activations import number, plain
from nn.aliases import Array
from nn.losses import Loss, reduced
from nn.training.learner import Learner, Metric
from nn.training.learner import Loss as LossOfBatch

__all__ = ["normalized", "weighted"]


def normalized(sample_weight: ArrayLike, samples: int) -> Array:
    """The weights of the samples, divided by their mean.

    Raises:
        ValueError: if there is not one weight for each sample, or if they are not finite, not negative, and not all 0.

    >>> normalized([1, 3, 0], 3)
    array([0.75, 2.25, 0.  ])
    """
    weights = np.asarray(sample_weight, float)
    if weights.shape != (samples,):
        raise ValueError(f"sample_weight must be one number for each of {samples} samples, not {weights.shape}")
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights.any()):
        raise ValueError("sample_weight must be finite and not negative, and at least one weight must not be 0")
    scaled: Array = weights / weights.mean()
    return scaled


def weighted(learner: Learner) -> Learner:
    """A learner of the same model whose targets are pairs ``(targets, weights)``; its metrics ignore the weights."""
    metrics: dict[str, Metric] = {name: partial(_of_targets, metric) for name, metric in learner.metrics.items()}
    return replace(learner, loss=_Weighted(learner.loss, _each(learner.loss)), metrics=metrics, _models={}, _samples={})


def _of_targets(metric: Metric, outputs: Any, pair: tuple[Any, Array]) -> float:
    return metric(outputs, pair[0])


@dataclass(frozen=True)
class _Weighted:
    """The mean over samples of their losses times their weights."""

    loss: LossOfBatch
    each: Callable[[Any, Any], Any]

    def __call__(self, outputs: Any, pair: tuple[Any, Array]) -> Any:
        targets, weights = pair
        losses = self.each(outputs, targets)
        losses = losses if isinstance(losses, Tensor) else np.asarray(losses)
        if np.shape(losses)[:1] != weights.shape:
            raise ValueError(f'with reduction="none" the loss gives the shape {np.shape(losses)}, not one per sample')
        with no_grad():
            whole, mean = number(self.loss(outputs, targets)), float(np.mean(plain(losses)))
        if not np.isclose(whole, mean, rtol=1e-4, atol=1e-12):
            raise ValueError(
                f"sample_weight needs a loss that is a mean over samples: it is {whole:g}, and their mean {mean:g}"
            )
        factors = weights.reshape(-1, *[1] * (losses.ndim - 1)).astype(plain(losses).dtype)
        return reduced(losses * factors, "mean")


def _each(loss: Any) -> Callable[[Any, Any], Any]:
    """The losses of single samples.

    Raises:
        TypeError: if the loss has no option ``reduction``.
    """
    if isinstance(loss, Loss):
        return type(loss)(**{**loss.options, "reduction": "none"})
    if "reduction" not in signature(loss).parameters:
        raise TypeError(
            'sample_weight needs the loss of every sample: use a loss with the option reduction="none", such as '
            "nn.functional.cross_entropy"
        )
    return partial(loss, reduction="none")
