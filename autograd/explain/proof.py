"""Two formulas proved equal by SymPy, if that takes no longer than a second of processor time."""

from __future__ import annotations

import inspect
import sys
import time
from collections.abc import Callable, Iterable
from types import FrameType
from typing import Any, TypeVar

from autograd.explain.extras import symbolic_or_none

__all__ = ["is_zero"]

_LONGEST = 400  # operations; the steps of SymPy that cannot be interrupted stay short

T = TypeVar("T")


class _TooLong(BaseException):
    """The time is up; not an Exception, which SymPy might catch."""


def is_zero(make: Callable[[], Iterable[Any]], seconds: float = 1.0) -> bool | None:
    """Whether SymPy shows that a formula is zero.

    Args:
        make: yields the formula, and the same formula with more variables replaced by what they are made of.
        seconds: how much processor time it may take, so that a busy machine gives the same answer.

    Returns:
        Whether it was shown; ``None`` without SymPy.  ``False`` does not say that the formula is not zero.
    """
    if symbolic_or_none() is None:
        return None
    try:
        return _within(seconds, lambda: any(map(_expands_to_zero, make())))
    except (_TooLong, ArithmeticError, ValueError, TypeError, AttributeError, NotImplementedError, RecursionError):
        return False


def _expands_to_zero(formula: Any) -> bool:
    import sympy

    from autograd.dialects.symbolic import expand

    def replaced(name: str, x: Any) -> Any:
        return {"sigmoid": 1 / (1 + sympy.exp(-x)), "softplus": sympy.log(1 + sympy.exp(x))}[name]

    # The table computes these by cases, which keeps them stable and makes proofs long.
    known = formula.replace(lambda f: getattr(f.func, "op", None) and f.func.op.name in ("sigmoid", "softplus"),
                            lambda f: replaced(f.func.op.name, f.args[0]))  # fmt: skip
    written = sympy.piecewise_fold(expand(known))
    pieces = [piece for piece, _ in written.args] if isinstance(written, sympy.Piecewise) else [written]
    return all(map(_is_zero_fraction, pieces))


def _is_zero_fraction(formula: Any) -> bool:
    import sympy

    if formula.count_ops() > _LONGEST:
        return False
    top, _ = sympy.fraction(sympy.together(formula))
    return bool(sympy.expand(top) == 0) or bool(sympy.expand(sympy.powsimp(top.rewrite(sympy.exp))) == 0)


def _within(seconds: float, work: Callable[[], T]) -> T:
    """Run a function, and stop it from within when the time is up: no thread or process outlives the call.

    Generators are not stopped: they may be in the course of being deleted, where Python ignores an exception.
    """
    end = time.thread_time() + seconds

    def look(frame: FrameType, event: str, argument: Any) -> None:
        if event == "call" and not frame.f_code.co_flags & inspect.CO_GENERATOR and time.thread_time() > end:
            raise _TooLong

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        return work()
    finally:
        sys.setprofile(before)
