"""Schedules of the learning rate, under PyTorch's names.

In the formulas, α is the learning rate at the start and t the number of calls of ``step``.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from functools import partial
from itertools import chain, repeat
from typing import Any

import numpy as np

from autograd.safety import hand_over, setting
from nn.activations import number
from nn.aliases import Parameter
from nn.optimizers import Optimizer

__all__ = [
    "CosineAnnealingLR",
    "ExponentialLR",
    "LRScheduler",
    "LambdaLR",
    "LinearLR",
    "MultiStepLR",
    "ReduceLROnPlateau",
    "StepLR",
]


class _Schedule:
    """The base class of :class:`LRScheduler` and :class:`ReduceLROnPlateau`, which saves and restores their state."""

    _saved: tuple[str, ...] = ("last_epoch",)  # attributes of the state

    def __init__(self, optimizer: Optimizer) -> None:
        if not isinstance(optimizer, Optimizer):
            raise TypeError(f"a schedule needs an Optimizer, not {type(optimizer).__name__}")
        self.optimizer = optimizer
        self.last_epoch = 0

    def __repr__(self) -> str:
        rates = ", ".join(f"{rate:g}" for rate in self.get_last_lr())
        return f"<{type(self).__name__} after {self.last_epoch} steps: lr {rates}>"

    def get_last_lr(self) -> list[float]:
        """The present learning rate of each group."""
        return [group["lr"] for group in self.optimizer.param_groups]

    def state_dict(self) -> dict[str, Any]:
        """The state of the schedule; the learning rates themselves are in the optimizer's state_dict."""
        return {name: deepcopy(getattr(self, name)) for name in self._saved}

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Continue from a :meth:`state_dict`.

        Raises:
            ValueError: if the state belongs to another kind of schedule.
        """
        hand_over(self.loading(state_dict))

    def loading(self, state_dict: Any) -> Iterator[object]:
        """The changes that :meth:`load_state_dict` makes, after all checks, for :func:`autograd.safety.hand_over`."""
        if not isinstance(state_dict, Mapping) or state_dict.keys() != set(self._saved):
            found = tuple(state_dict) if isinstance(state_dict, Mapping) else repr(state_dict)
            raise ValueError(f"the state of a {type(self).__name__} must have {self._saved}, not {found}")
        for name, entry in state_dict.items():
            present = getattr(self, name)
            if not _are_numbers(entry) or np.shape(entry) != np.shape(present):
                raise ValueError(f"{name} in the state of a {type(self).__name__} cannot be {entry!r}")
        return map(setattr, repeat(self), self._saved, [deepcopy(state_dict[name]) for name in self._saved])


class LRScheduler(_Schedule):
    """A learning rate that is a function of time.

    Call ``step()`` once an epoch, after the optimizer's steps.  The rate is computed from the rate at the start, not
    from the last one: if an optimizer has two schedules, the later call wins.

    Args:
        optimizer: the optimizer whose learning rates to set.
        rate: a function of the learning rate at the start and the number t of steps since then.

    >>> from autograd import Value
    >>> from nn.optimizers import SGD
    >>> optimizer = SGD([Value(0.0)], lr=1.0)
    >>> schedule = StepLR(optimizer, step_size=2, gamma=0.5)
    >>> rates = []
    >>> for epoch in range(5):
    ...     rates += schedule.get_last_lr()
    ...     schedule.step()
    >>> rates
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    _saved = ("last_epoch", "base_lrs")

    def __init__(self, optimizer: Optimizer, rate: Callable[[float, int], float]) -> None:
        super().__init__(optimizer)
        self.base_lrs = self.get_last_lr()
        self._rate = rate
        hand_over(self.rates(0))

    def step(self) -> None:
        """Go on to the next epoch."""
        hand_over(self.stepping())

    def stepping(self, metrics: Any = None) -> Iterator[object]:
        """The changes that :meth:`step` makes, for :func:`autograd.safety.hand_over`."""
        return chain(setting([self], "last_epoch", [self.last_epoch + 1]), self.rates(self.last_epoch + 1))

    def rates(self, epoch: int) -> Iterator[object]:
        """The changes that set the learning rates of an epoch."""
        if len(self.optimizer.param_groups) != len(self.base_lrs):
            raise ValueError(
                f"the optimizer got a parameter group after its {type(self).__name__} was made, which does not know "
                "the group's learning rate: make the schedule after the last add_param_group"
            )
        rates = [self._rate(base, epoch) for base in self.base_lrs]
        return map(dict.__setitem__, self.optimizer.param_groups, repeat("lr"), rates)


class LambdaLR(LRScheduler):
    """α f(t), where f is ``lr_lambda``."""

    def __init__(self, optimizer: Optimizer, lr_lambda: Callable[[int], float]) -> None:
        super().__init__(optimizer, partial(_by_function, lr_lambda))


class StepLR(LRScheduler):
    """α γ^⌊t / step_size⌋, where γ is ``gamma``."""

    def __init__(self, optimizer: Optimizer, step_size: int, gamma: float = 0.1) -> None:
        _check_epochs(step_size)
        super().__init__(optimizer, partial(_by_steps, step_size, gamma))


class MultiStepLR(LRScheduler):
    """α γ^k, where k counts the ``milestones`` up to t."""

    def __init__(self, optimizer: Optimizer, milestones: Iterable[int], gamma: float = 0.1) -> None:
        super().__init__(optimizer, partial(_by_milestones, sorted(milestones), gamma))


class ExponentialLR(LRScheduler):
    """α γ^t."""

    def __init__(self, optimizer: Optimizer, gamma: float) -> None:
        super().__init__(optimizer, partial(_by_steps, 1, gamma))


class LinearLR(LRScheduler):
    """From ``start_factor`` α to ``end_factor`` α in ``total_iters`` equal steps, then constant."""

    def __init__(
        self, optimizer: Optimizer, start_factor: float = 1 / 3, end_factor: float = 1.0, total_iters: int = 5
    ) -> None:
        _check_epochs(total_iters)
        gain = (end_factor - start_factor) / total_iters
        super().__init__(optimizer, partial(_on_a_line, start_factor, gain, total_iters))


class CosineAnnealingLR(LRScheduler):
    """From α down to ``eta_min`` in ``T_max`` epochs, along half a cosine; then up again in as many."""

    def __init__(self, optimizer: Optimizer, T_max: int, eta_min: float = 0.0) -> None:  # noqa: N803 (PyTorch's name)
        _check_epochs(T_max)
        super().__init__(optimizer, partial(_on_a_cosine, T_max, eta_min))


# The rates are functions of this module, so that schedules can be pickled.


def _by_function(lr_lambda: Callable[[int], float], base: float, t: int) -> float:
    return base * lr_lambda(t)


def _by_steps(step_size: int, gamma: float, base: float, t: int) -> float:
    return base * gamma ** (t // step_size)


def _by_milestones(milestones: list[int], gamma: float, base: float, t: int) -> float:
    return base * gamma ** bisect_right(milestones, t)


def _on_a_line(start_factor: float, gain: float, total_iters: int, base: float, t: int) -> float:
    return base * (start_factor + gain * min(t, total_iters))


def _on_a_cosine(epochs: int, eta_min: float, base: float, t: int) -> float:
    return eta_min + (base - eta_min) * (1 + math.cos(math.pi * t / epochs)) / 2


def _are_numbers(entry: Any) -> bool:
    """Whether something is a number, or a list of numbers."""
    return all(isinstance(x, (int, float)) for x in (entry if isinstance(entry, list) else [entry]))


def _check_epochs(epochs: int) -> None:
    if not epochs >= 1:
        raise ValueError(f"a schedule needs at least 1 epoch, not {epochs!r}")


class ReduceLROnPlateau(_Schedule):
    """Multiplies the learning rate by ``factor`` when a metric has not improved for more than ``patience`` epochs.

    Improved means lower (``mode="min"``) or higher (``"max"``) than the best so far by more than ``threshold``, which
    is relative to the absolute value of the best, or absolute with ``threshold_mode="abs"``.  The ``cooldown`` epochs
    after a reduction do not count.  The rate never falls below ``min_lr``, and a change of at most ``eps`` is skipped.

    In PyTorch, a relative threshold has the wrong sign where the best is negative, so that standing still counts as
    improvement.

    >>> from autograd import Value
    >>> from nn.optimizers import SGD
    >>> optimizer = SGD([Value(0.0)], lr=1.0)
    >>> schedule = ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    >>> for loss in (3.0, 2.0, 2.0, 2.0):
    ...     schedule.step(loss)
    >>> optimizer.param_groups[0]["lr"]
    0.5
    """

    _saved = ("last_epoch", "best", "num_bad_epochs", "cooldown_counter")

    def __init__(
        self,
        optimizer: Optimizer,
        mode: str = "min",
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        threshold_mode: str = "rel",
        cooldown: int = 0,
        min_lr: float = 0.0,
        eps: float = 1e-8,
    ) -> None:
        if mode not in ("min", "max") or threshold_mode not in ("rel", "abs"):
            raise ValueError(f"mode must be min or max, threshold_mode rel or abs, not {mode!r} and {threshold_mode!r}")
        if not 0 <= factor < 1:
            raise ValueError(f"factor must be at least 0 and below 1, not {factor!r}")
        super().__init__(optimizer)
        self.mode, self.threshold, self.threshold_mode = mode, threshold, threshold_mode
        self.factor, self.patience, self.cooldown, self.min_lr, self.eps = factor, patience, cooldown, min_lr, eps
        self.best = math.inf if mode == "min" else -math.inf
        self.num_bad_epochs = self.cooldown_counter = 0

    def step(self, metrics: float | Parameter) -> None:
        """Go on to the next epoch, after this value of the metric."""
        hand_over(self.stepping(metrics))

    def stepping(self, metrics: Any) -> Iterator[object]:
        """The changes that :meth:`step` makes, for :func:`autograd.safety.hand_over`."""
        measured, groups = number(metrics), self.optimizer.param_groups
        improved = self._improved(measured)
        best = measured if improved else self.best
        bad = 0 if improved or self.cooldown_counter > 0 else self.num_bad_epochs + 1
        cooldown = max(self.cooldown_counter - 1, 0)
        rates = [group["lr"] for group in groups]
        if bad > self.patience:
            cooldown, bad = self.cooldown, 0
            reduced = [max(rate * self.factor, self.min_lr) for rate in rates]
            rates = [low if rate - low > self.eps else rate for rate, low in zip(rates, reduced, strict=True)]
        return chain(
            map(setattr, repeat(self), self._saved, [self.last_epoch + 1, best, bad, cooldown]),
            map(dict.__setitem__, groups, repeat("lr"), rates),
        )

    def _improved(self, measured: float) -> bool:
        sign = 1 if self.mode == "max" else -1
        margin = self.threshold * (abs(self.best) if self.threshold_mode == "rel" else 1.0)
        wanted = self.best + sign * margin if math.isfinite(self.best) else self.best
        return sign * measured > sign * wanted
