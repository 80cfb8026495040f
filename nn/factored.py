"""Optimizers that look at a whole matrix: Adafactor keeps a few numbers for it, Muon turns its gradient.

As in :mod:`nn.optimizers`, names, arguments and results are PyTorch's, and a rule is the ``update`` of its class.
"""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import Any

import numpy as np

from nn.aliases import Parameter
from nn.blocks import Data, State
from nn.clipping import name_of
from nn.optimizers import Group, Optimizer, Params

__all__ = ["Adafactor", "Muon"]


class _Decoupled(Optimizer):
    """Weight decay beside the gradient: x ← (1 - αλ) x, before the step."""

    def decay(self, x: Data, g: Data, o: SimpleNamespace) -> tuple[Data, Data]:
        """The parameter and its gradient as they are, since the step is computed from them."""
        return x, g


class Adafactor(_Decoupled):
    """Adam whose mean squares of a matrix are those of its rows times those of its columns (Shazeer and Stern, 2018).

    With ρ = n^``beta2_decay``: R ← (1 - ρ) R + ρ (mean of g² in each row), C likewise for columns, V = R C / (mean of
    R); without rows, V ← (1 - ρ) V + ρ g².  The step is u = g / √V, divided by its root mean square over ``d`` if that
    is above 1, times the root mean square of x, at least ``eps[1]``, times min(α, 1/√n).

    Args:
        params: the leaves to change.
        lr: α, which bounds the relative size of a step.
        beta2_decay: how the weight of new squares falls, at most 0.
        eps: ε, the least root of V, by default the machine epsilon of the parameter; and the least size of a parameter.
        d: the largest root mean square of u, at least 1.
        weight_decay: λ; x ← (1 - αλ) x before the step.
        maximize: ascend instead of descend.

    >>> from autograd import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> optimizer = Adafactor([x])
    >>> (x * x).sum().backward()
    >>> optimizer.step()
    >>> x.data.round(4)
    array([[0.9788, 1.97  ],
           [2.9715, 3.9732]])
    >>> optimizer.state[x]["R"].shape, optimizer.state[x]["C"].shape
    ((2, 1), (1, 2))
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-2,
        beta2_decay: float = -0.8,
        eps: tuple[float | None, float] = (None, 1e-3),
        d: float = 1.0,
        weight_decay: float = 0.0,
        *,
        maximize: bool = False,
    ) -> None:
        super().__init__(
            params, lr=lr, beta2_decay=beta2_decay, eps=eps, d=d, weight_decay=weight_decay, maximize=maximize
        )

    def check(self, group: Group) -> None:
        """Raise ``ValueError`` if options are unknown or out of range."""
        eps = group["eps"]
        if not isinstance(eps, tuple) or len(eps) != 2:
            raise ValueError(f"eps must be two numbers, of which the first may be None, not {eps!r}")
        for number in (eps[1], 0.0 if eps[0] is None else eps[0]):
            super().check(group | {"eps": number})
        if not group["beta2_decay"] <= 0:
            raise ValueError(f"beta2_decay must be at most 0, not {group['beta2_decay']!r}")
        if not group["d"] >= 1:
            raise ValueError(f"d must be at least 1, not {group['d']!r}")

    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the gradient, scaled by rows and columns, whose size is relative to that of the parameter."""
        least, smallest = o.eps
        least = float(np.finfo(np.asarray(g).dtype).eps) if least is None else least
        rate, square = s["n"] ** o.beta2_decay, g * g
        if np.ndim(g) > 1:
            for symbol, axis in (("R", -1), ("C", -2)):
                s[symbol] = s[symbol] + rate * (np.mean(square, axis, keepdims=True) - s[symbol])
            variance = s["R"] @ s["C"] / np.maximum(np.mean(s["R"], -2, keepdims=True), least)
        else:
            variance = s["V"] = s["V"] + rate * (square - s["V"])
        step = g / np.sqrt(np.maximum(variance, least * least))
        size = max(smallest, _root_mean_square(x)) * min(o.lr, 1.0 / math.sqrt(s["n"]))
        return x * (1 - o.lr * o.weight_decay) - size / max(1.0, _root_mean_square(step) / o.d) * step

    def fits(self, p: Parameter, entry: Any) -> bool:
        """Whether an entry of a state can belong to a parameter: R and C have 1 in place of an axis."""
        shape = np.shape(p.data)
        factors = [(*shape[:-1], 1), (*shape[:-2], 1, *shape[-1:])] if len(shape) > 1 else []
        return super().fits(p, entry) or np.shape(entry) in factors


def _root_mean_square(x: Any) -> float:
    return float(np.linalg.norm(np.ravel(x))) / math.sqrt(max(1, np.size(x)))


class Muon(_Decoupled):
    """Steps whose matrix has singular values near 1: the mean of recent gradients, made orthogonal (Jordan, 2024).

    M ← μM + (1 - μ) g and u = g + μ (M - g), or u = M without ``nesterov``; then x ← (1 - αλ) x - α √max(1, rows /
    columns) N(u).  N scales u to norm 1 and repeats u ← a u + (b u uᵀ + c (u uᵀ)²) u, the iteration of Newton and
    Schulz.  It is computed here in the precision of the parameter; PyTorch rounds it to two or three digits (bfloat16).

    Args:
        params: matrices, each a Tensor with two axes.  Other parameters, numbers among them, are for another optimizer,
            such as AdamW.
        lr: α.
        weight_decay: λ.
        momentum: μ.
        nesterov: whether the step looks ahead.
        ns_coefficients: a, b and c.
        eps: the least norm that u is divided by.
        ns_steps: how often N is repeated, less than 100 times.
        adjust_lr_fn: "original", the default, or "match_rms_adamw", which takes 0.2 √max(rows, columns) for the root.

    Raises:
        ValueError: if a parameter is not a matrix, or an option is wrong.

    >>> from autograd import Tensor
    >>> x = Tensor(np.eye(2))
    >>> optimizer = Muon([x], lr=0.1, weight_decay=0.0)
    >>> (x * [[3.0, 0.0], [0.0, 1.0]]).sum().backward()
    >>> optimizer.step()
    >>> x.data.round(2)
    array([[0.92, 0.  ],
           [0.  , 0.89]])
    """

    def __init__(
        self,
        params: Params,
        lr: float = 1e-3,
        weight_decay: float = 0.1,
        momentum: float = 0.95,
        nesterov: bool = True,
        ns_coefficients: tuple[float, float, float] = (3.4445, -4.775, 2.0315),
        eps: float = 1e-7,
        ns_steps: int = 5,
        adjust_lr_fn: str | None = None,
    ) -> None:
        super().__init__(
            params,
            lr=lr,
            weight_decay=weight_decay,
            momentum=momentum,
            nesterov=nesterov,
            ns_coefficients=ns_coefficients,
            eps=eps,
            ns_steps=ns_steps,
            adjust_lr_fn=adjust_lr_fn,
        )

    def check(self, group: Group) -> None:
        """Raise ``ValueError`` if options are unknown or out of range, or a parameter is not a matrix."""
        super().check(group)
        for place, p in enumerate(group["params"]):
            if np.ndim(p.data) != 2:
                raise ValueError(
                    f"Muon takes matrices, but {name_of(p, place)} has the shape {np.shape(p.data)}: give it to "
                    "another optimizer, such as AdamW"
                )
        if np.shape(group["ns_coefficients"]) != (3,):
            raise ValueError(f"ns_coefficients must be three numbers, not {group['ns_coefficients']!r}")
        if group["ns_steps"] not in range(100):
            raise ValueError(f"ns_steps must be a whole number from 0 to 99, not {group['ns_steps']!r}")
        if group["adjust_lr_fn"] not in (None, "original", "match_rms_adamw"):
            raise ValueError(f"adjust_lr_fn must be original or match_rms_adamw, not {group['adjust_lr_fn']!r}")

    def update(self, x: Data, g: Data, s: State, o: SimpleNamespace) -> Any:
        """A step along the mean of recent gradients, made nearly orthogonal."""
        s["M"] = s["M"] + (1 - o.momentum) * (g - s["M"])
        step = _orthogonal(g + o.momentum * (s["M"] - g) if o.nesterov else s["M"], o)
        rows, columns = np.shape(x)
        if o.adjust_lr_fn == "match_rms_adamw":
            factor = 0.2 * math.sqrt(max(rows, columns))
        else:
            factor = math.sqrt(max(1.0, rows / max(1, columns)))
        return x * (1 - o.lr * o.weight_decay) - o.lr * factor * step


def _orthogonal(u: Any, o: SimpleNamespace) -> Any:
    """A matrix with singular values near 1 in place of those of ``u``, by Newton's and Schulz's iteration."""
    a, b, c = o.ns_coefficients
    wide = u.T if u.shape[0] > u.shape[1] else u
    wide = wide / max(float(np.linalg.norm(wide)), o.eps)
    for _ in range(o.ns_steps):
        gram = wide @ wide.T
        wide = a * wide + (b * gram + c * gram @ gram) @ wide
    return wide.T if u.shape[0] > u.shape[1] else wide
