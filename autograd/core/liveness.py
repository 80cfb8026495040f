"""Which zeros of a gradient mean "not used".

Where a branch is not taken, or an entry of an array is not read, a gradient of exactly 0 goes back.  It must stay 0,
even if the next local derivative is infinite: in ``where(x > 0, sqrt(x), 0)`` at 0 the square root is not used, and its
slope of infinity does not matter.  But a zero that was *computed*, times an infinity, is unknown and must be nan.
Numbers alone do not tell the two apart.

So a gradient of an array may travel as :class:`Masked`: together with a mask of the entries that are *live*.  The
others are *dead*: they are 0 and send nothing.  A gradient without a mask is live everywhere, and an array without any
live entry is not sent at all, as a single number that is dead.

Masks cost time, and most sweeps meet no infinity.  So a sweep of plain numbers runs without masks first, and once more
with them only if nan turned up.  A recorded sweep always carries them, since the nan may appear one order later.
"""

from __future__ import annotations

from math import isnan
from typing import Any

import numpy as np

from autograd.core.aliases import Array

__all__ = ["Masked", "has_nan", "live_seed", "masked", "unmasked", "with_mask"]


class Masked:
    """A gradient or a rate of change of an array, with a mask.

    Attributes:
        data: an array or a Tensor; 0 in every dead entry.
        live: an array of booleans of the same shape.
    """

    __slots__ = ("data", "live")
    __array_ufunc__ = None  # an array on the left leaves the sum to this class

    def __init__(self, data: Any, live: Array) -> None:
        self.data = data
        self.live = live

    def __add__(self, other: Any) -> Any:
        """The sum, which is live where one of the terms is."""
        if isinstance(other, Masked):
            return with_mask(self.data + other.data, self.live | other.live)
        return self.data + other

    __radd__ = __add__


def masked(x: Any, live: Array | None) -> Any:
    """``x`` with 0 in every dead entry, and the mask; ``None`` if nothing is live.

    Args:
        x: an array or a Tensor; then the choice is recorded in its graph, so that derivatives of ``x`` inherit it.
        live: booleans that broadcast to the shape of ``x``; ``None`` if everything is live.
    """
    if live is None or live.all():
        return x
    if not live.any():
        return None
    return Masked(np.where(live, x, 0.0), np.broadcast_to(live, np.broadcast_shapes(live.shape, x.shape)))


def with_mask(x: Any, live: Array) -> Any:
    """The same for ``x`` with 0 in every dead entry already, and a mask of its shape."""
    return x if live.all() else Masked(x, live) if live.any() else None


def unmasked(x: Any) -> tuple[Any, Array | None]:
    """The numbers and the mask, ``None`` if everything is live."""
    return (x.data, x.live) if isinstance(x, Masked) else (x, None)


def live_seed(seed: Any) -> Any:
    """A given seed or tangent, in which zeros are dead; a node as it is."""
    if isinstance(seed, np.ndarray):
        return with_mask(seed, np.asarray(seed != 0))
    return None if isinstance(seed, (float, int)) and seed == 0 else seed


def has_nan(x: Any) -> bool:
    """Whether a number or an array contains nan; a sum of squares is nan only then."""
    return isnan(np.vdot(x, x)) if isinstance(x, np.ndarray) else x is not None and bool(x != x)
