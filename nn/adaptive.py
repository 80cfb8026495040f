"""More optimizers that adapt the size of each step: Adadelta, Adamax, NAdam, RAdam, Rprop and ASGD.

As in :mod:`nn.optimizers`, names, arguments and results are PyTorch's, and a rule is the ``update`` of its class.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from nn.blocks import Data, State
from nn.optimizers import Group, Optimizer, Params, entrywise

__all__ = ["ASGD", "Adadelta", "Adamax", "NAdam", "RAdam", "Rprop"]


class Adadelta(Optimizer):
    """Steps in units of the parameter: G ← ρG + (1 - ρ) g², d = g √(D + ε) / √(G + ε), D ← ρD + (1 - ρ) d², x ← x - αd.

    >>> from nn.optimizers import trajectory
    >>> trajectory(lambda x: x**2, 1.0, Adadelta, 1, eps=0.01).round(4)
    array([1.    , 0.6877])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1.0,
        rho: float = 0.9,
        eps: float = 1e-6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, rho=rho, eps=eps, weight_decay=weight_decay, maximize=maximize)

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step whose size is that of recent steps."""
        s["G"] = o.rho * s["G"] + (1 - o.rho) * g * g
        step = np.sqrt(s["D"] + o.eps) / np.sqrt(s["G"] + o.eps) * g
        s["D"] = o.rho * s["D"] + (1 - o.rho) * step * step
        return x - o.lr * step


class _WithBetas(Optimizer):
    """Two decay rates, which must be a pair."""

    def check(self, group: Group) -> None:
        """Raise ``ValueError`` if options are unknown or out of range."""
        if np.shape(group["betas"]) != (2,):
            raise ValueError(f"betas must be two numbers, not {group['betas']!r}")
        super().check(group)


class Adamax(_WithBetas):
    """Adam with the largest gradient in place of the mean square: U ← max(β₂U, |g| + ε), x ← x - α/(1 - β₁ⁿ) M/U.

    >>> from nn.optimizers import trajectory
    >>> trajectory(lambda x: x**2, 1.0, Adamax, 1, lr=0.25).round(6)
    array([1.  , 0.75])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, betas=betas, eps=eps, weight_decay=weight_decay, maximize=maximize)

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the mean of recent gradients, scaled by the largest of them."""
        beta1, beta2 = o.betas
        s["M"] = beta1 * s["M"] + (1 - beta1) * g
        s["U"] = np.maximum(beta2 * s["U"], np.abs(g) + o.eps)
        return x - o.lr / (1 - beta1 ** s["n"]) * s["M"] / s["U"]


class _Decoupling(_WithBetas):
    """Adam's means, with weight decay of either kind: in the gradient, or with ``decoupled_weight_decay`` beside it."""

    @entrywise
    def decay(self, x: Data, g: Data, o: SimpleNamespace) -> tuple[Data, Data]:
        """The parameter and its gradient after weight decay."""
        if o.decoupled_weight_decay:
            return x * (1 - o.lr * o.weight_decay), g
        return x, g + o.weight_decay * x

    @staticmethod
    def means(g: Data, s: State, o: SimpleNamespace) -> tuple[Any, Any]:
        """The means of gradients and of their squares, M and V."""
        beta1, beta2 = o.betas
        s["M"] = beta1 * s["M"] + (1 - beta1) * g
        s["V"] = beta2 * s["V"] + (1 - beta2) * g * g
        return s["M"], s["V"]


class NAdam(_Decoupling):
    """Adam with Nesterov's momentum, whose factor μ grows towards β₁ (Dozat, 2016).

    >>> from nn.optimizers import trajectory
    >>> trajectory(lambda x: x**2, 1.0, NAdam, 1, lr=0.1).round(4)
    array([1.    , 0.8944])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 2e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum_decay: float = 4e-3,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            momentum_decay=momentum_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the gradient and the mean of recent ones, scaled by the root of their mean square."""
        (beta1, beta2), n = o.betas, s["n"]
        now, after = (beta1 * (1.0 - 0.5 * 0.96 ** (k * o.momentum_decay)) for k in (n, n + 1))
        mean, square = self.means(g, s, o)
        product = s["mu"] = s.get("mu", 1.0) * now
        root = np.sqrt(square / (1 - beta2**n)) + o.eps
        return x - o.lr * ((1 - now) / (1 - product) * g + after / (1 - product * after) * mean) / root


class RAdam(_Decoupling):
    """Adam that steps along the mean alone until the mean square has seen enough gradients (Liu et al., 2020).

    >>> from nn.optimizers import trajectory
    >>> trajectory(lambda x: x**2, 1.0, RAdam, 1, lr=0.1).round(6)
    array([1. , 0.8])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        decoupled_weight_decay: bool = False,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            betas=betas,
            eps=eps,
            weight_decay=weight_decay,
            decoupled_weight_decay=decoupled_weight_decay,
            maximize=maximize,
        )

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the corrected mean, rectified and scaled once its variance is known well enough."""
        (beta1, beta2), n = o.betas, s["n"]
        mean, square = self.means(g, s, o)
        step = mean / (1 - beta1**n)
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * n * beta2**n / (1 - beta2**n)
        if length > 5.0:
            above = (length - 4) * (length - 2) * longest
            rectified = math.sqrt(above / ((longest - 4) * (longest - 2) * length))
            step = step * (rectified * math.sqrt(1 - beta2**n)) / (np.sqrt(square) + o.eps)
        return x - o.lr * step


class Rprop(Optimizer):
    """Steps by the sign of the gradient: larger while the sign stays, smaller when it changes.

    ``etas`` are the factors of the size of a step when the sign changes and when it stays; ``step_sizes`` its bounds.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        etas: tuple[float, float] = (0.5, 1.2),
        step_sizes: tuple[float, float] = (1e-6, 50.0),
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, etas=etas, step_sizes=step_sizes, maximize=maximize)

    def check(self, group: Group) -> None:
        """Raise ``ValueError`` if options are unknown or out of range."""
        super().check(group)
        smaller, larger = group["etas"]
        if not 0 < smaller < 1 < larger:
            raise ValueError(f"etas must be a number below 1 and one above 1, not {group['etas']!r}")

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step of the present size against the sign of the gradient, or none where that has changed."""
        (smaller, larger), turned = o.etas, np.sign(g * s["before"])
        size = s.get("size", o.lr + 0.0 * np.abs(g))
        size = size * np.where(turned > 0, larger, np.where(turned < 0, smaller, 1.0))
        s["size"] = np.clip(size, *o.step_sizes)
        s["before"] = np.where(turned < 0, 0.0, g)[()]
        return x - np.sign(s["before"]) * s["size"]


class ASGD(Optimizer):
    """Gradient descent that also keeps the mean of its points, ``state[p]["ax"]`` (Polyak and Juditsky, 1992).

    The step is η = α / (1 + λαn)^a with a = ``alpha``, and the mean begins after ``t0`` steps.
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        lambd: float = 1e-4,
        alpha: float = 0.75,
        t0: float = 1e6,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(params, lr=lr, lambd=lambd, alpha=alpha, t0=t0, weight_decay=weight_decay, maximize=maximize)

    @entrywise
    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the negative gradient, with weights that decay."""
        eta, mu = s.get("eta", o.lr), s.get("mu", 1.0)
        x = x * (1 - o.lambd * eta) - eta * g
        s["ax"] = np.where(np.equal(mu, 1.0), x, s["ax"] + (x - s["ax"]) * mu)[()]
        s["eta"] = o.lr / (1 + o.lambd * o.lr * s["n"]) ** o.alpha
        s["mu"] = 1.0 / max(1.0, s["n"] - o.t0)
        return x
