"""Functions of numbers as functions of arrays, and the reverse: number by number, or through SciPy's ufuncs.

SciPy is optional (``pip install "pathgrad[special]"``), and imported when a function calls it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np

from autograd.core.aliases import AnyNumber
from autograd.core.primitive import Interval

__all__ = ["number_by_number", "scipy_special", "through_scipy", "value_of"]

Function: TypeAlias = Callable[..., Any]


def scipy_special(function: str) -> Any:
    """``scipy.special``, for a function that needs it."""
    try:
        import scipy.special
    except ImportError:
        raise ImportError(f'{function} needs SciPy, which is not installed: pip install "pathgrad[special]"') from None
    return scipy.special


def number_by_number(f: Callable[..., float], at_poles: float = math.nan, too_large: float | None = None) -> Function:
    """A function of numbers as a function of arrays.

    Args:
        f: the function of numbers.
        at_poles: the value where ``f`` raises ``ValueError``.
        too_large: the value where it raises ``OverflowError``, if that is another.
    """

    def value(*numbers: float) -> float:
        try:
            return f(*numbers)
        except OverflowError:
            return at_poles if too_large is None else too_large
        except ValueError:
            return at_poles

    values = np.vectorize(value, otypes=[float])

    def function(*operands: AnyNumber) -> AnyNumber:
        with np.errstate(invalid="ignore"):  # a comparison with nan is no reason to warn
            return values(*operands)

    return function


def through_scipy(name: str, slow: Function, has_all_digits: Callable[..., Any]) -> Function:
    """SciPy's function of arrays where it has all digits; elsewhere, and without SciPy, the slow one.

    SciPy's special functions lose digits next to their zeros, for negative numbers, and near a pole all of them.

    Args:
        name: the name in ``scipy.special``.
        slow: a function of arrays that computes the same number by number.
        has_all_digits: a function of the operands that tells where SciPy's is accurate.
    """

    def function(*operands: AnyNumber) -> AnyNumber:
        try:
            fast = getattr(scipy_special(name), name)
        except ImportError:
            return slow(*operands)
        xs = np.broadcast_arrays(*[np.asarray(x, float) for x in operands])
        accurate = np.asarray(has_all_digits(*xs))
        y = np.empty(accurate.shape)
        for f, places in (fast, accurate), (slow, ~accurate):
            if places.any():
                y[places] = f(*[x[places] for x in xs])
        return y

    return function


def value_of(array: Function, domain: Interval | None = None) -> Callable[..., float]:
    """A function of arrays as a function of numbers, with the errors of Python's ``math``.

    Args:
        array: the function of arrays.
        domain: outside of it the function has no value for the last of its numbers, whatever ``array`` returns.
    """

    def value(*numbers: float) -> float:
        with np.errstate(all="ignore"):
            y = float(array(*map(np.float64, numbers)))
        known = not any(map(math.isnan, numbers))
        if known and (math.isnan(y) or (domain is not None and numbers[-1] not in domain)):
            raise ValueError("math domain error")
        if math.isinf(y) and all(map(math.isfinite, numbers)):
            raise OverflowError("math range error")
        return y

    return value
