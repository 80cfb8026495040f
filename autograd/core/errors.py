"""Errors that say what was computed, with which numbers, and on which line of the user's code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["DivisionByZeroError", "DomainError", "EvaluationError", "RangeError", "evaluation_error", "user_line"]


class EvaluationError(ArithmeticError):
    """A primitive has no value at the numbers that it was given.

    Each subclass is also the built-in exception that Python's ``math`` raises in this case.

    Attributes:
        reason: the primitive, what was wrong, and the operands.
        line: the user's line that asked for it, as `` (file:line)``; empty if there is none.
    """

    __module__ = "autograd"

    def __init__(self, reason: str, line: str = "") -> None:
        super().__init__(reason, line)
        self.reason = reason
        self.line = line

    def __str__(self) -> str:
        return self.reason + self.line


class DomainError(EvaluationError, ValueError):
    """An operand lies outside of the domain, as in ``log(-1)``."""

    __module__ = "autograd"


class DivisionByZeroError(EvaluationError, ZeroDivisionError):
    """A division by zero."""

    __module__ = "autograd"


class RangeError(EvaluationError, OverflowError):
    """The result is too large for a float, as in ``exp(1000)``."""

    __module__ = "autograd"


def evaluation_error(error: Exception, reason: str) -> EvaluationError:
    """An error for the caller to raise in place of one that Python's arithmetic raised, with the user's line.

    The caller raises it, because a frame that keeps the error it raises is a reference cycle, and holds the graph.
    """
    kinds = {ZeroDivisionError: DivisionByZeroError, OverflowError: RangeError, ValueError: DomainError}
    kind = next((ours for theirs, ours in kinds.items() if isinstance(error, theirs)), EvaluationError)
    return kind(reason, user_line())


def user_line(frame: FrameType | None = None) -> str:
    """The file and line outside of this package that is being executed, at ``frame`` or where this is called."""
    frame = frame or sys._getframe()
    package = __name__.partition(".")[0]
    while frame is not None and _package(frame) == package:
        frame = frame.f_back
    return "" if frame is None else f" ({frame.f_code.co_filename}:{frame.f_lineno})"


def _package(frame: FrameType) -> Any:
    return frame.f_globals.get("__name__", "").partition(".")[0]
