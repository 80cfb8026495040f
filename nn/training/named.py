"""Losses, metrics and optimizers by name, as in ``fit(model, data, "mse", "adam", 10, metrics=["accuracy"])``."""

from __future__ import annotations

from typing import Any

from nn import functional, losses, optimizers
from nn.module import Module
from nn.optimizers import Optimizer
from nn.training.metrics import accuracy

__all__ = ["loss_named", "metric_named", "optimizer_named"]

LOSSES = {name: getattr(functional, name) for name in functional.__all__ if name in losses.__all__}
"""The losses by the name of their function; ``_loss`` at the end may be left out."""

OPTIMIZERS = {
    name.lower(): kind
    for name, kind in vars(optimizers).items()
    if isinstance(kind, type) and issubclass(kind, Optimizer) and kind is not Optimizer
}
"""The optimizers by name."""


def loss_named(loss: Any) -> Any:
    """A loss as it is, or the one with this name.

    Raises:
        ValueError: if the name is unknown.
        TypeError: if it is neither a name nor a function.

    >>> loss_named("mse") is loss_named("mse_loss") is functional.mse_loss
    True
    """
    if isinstance(loss, str):
        for name in (loss.lower(), f"{loss.lower()}_loss"):
            if name in LOSSES:
                return LOSSES[name]
        raise ValueError(f"there is no loss {loss!r}: use one of {', '.join(LOSSES)}, or a function")
    if isinstance(loss, type) or not callable(loss):
        hint = f"{loss.__name__}()" if isinstance(loss, type) else "'cross_entropy'"
        raise TypeError(f"a loss is a function of outputs and targets, or its name, not {loss!r}: write {hint}")
    return loss


def metric_named(metric: Any) -> Any:
    """A metric as it is, or the one with this name.

    Raises:
        ValueError: if the name is unknown.
        TypeError: if it is neither a name nor a function.

    >>> metric_named("accuracy") is accuracy
    True
    """
    if isinstance(metric, str):
        if metric.lower() != "accuracy":
            raise ValueError(f"there is no metric {metric!r}: use 'accuracy', or a function of outputs and targets")
        return accuracy
    if not callable(metric):
        raise TypeError(f"a metric is a function of outputs and targets, or 'accuracy', not {metric!r}")
    return metric


def optimizer_named(optimizer: Any, model: Module) -> Optimizer:
    """An optimizer as it is, or the one with this name, for the parameters of a model.

    Raises:
        ValueError: if the name is unknown.
        TypeError: if it is neither a name nor an optimizer.

    >>> from nn import Linear
    >>> type(optimizer_named("adam", Linear(2, 1)))
    <class 'nn.optimizers.Adam'>
    """
    if isinstance(optimizer, str):
        if optimizer.lower() not in OPTIMIZERS:
            raise ValueError(f"there is no optimizer {optimizer!r}: use one of {', '.join(OPTIMIZERS)}")
        made: Optimizer = OPTIMIZERS[optimizer.lower()](model.parameters())
        return made
    if not isinstance(optimizer, Optimizer):
        name = optimizer.__name__ if isinstance(optimizer, type) else "Adam"
        raise TypeError(
            f"an optimizer is made for the parameters, as in optim.{name}(model.parameters()), or given by name, not "
            f"{optimizer!r}"
        )
    return optimizer
