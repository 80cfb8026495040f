"""Errors that name the primitive, its operands, and the line of the user's code."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from types import FrameType

__all__ = [
    "DivisionByZeroError",
    "DomainError",
    "EvaluationError",
    "GraphLeftError",
    "GraphLeftWarning",
    "RangeError",
    "closure",
    "evaluation_error",
    "hidden",
    "refuse_closure",
    "stack_level",
    "user_line",
]


class EvaluationError(ArithmeticError):
    """A primitive has no value at its operands.

    Each subclass is also the built-in exception that Python's ``math`` raises in this case.

    Attributes:
        reason: the primitive, what was wrong, and the operands.
        line: the line of the user's code that computed it, as `` (file:line)``; empty if unknown.
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


class GraphLeftError(TypeError):
    """A number that depends on the arguments of a running transform was read by ``float()``, which loses derivatives.

    It is also raised where NumPy would make an array of a Tensor.

    The way that keeps the graph: functions of autograd or NumPy in place of those of ``math``, ``autograd.stack`` to
    fill an array.  To read the number on purpose, use ``x.item()``.
    """

    __module__ = "autograd"


class GraphLeftWarning(UserWarning):
    """A number that remembers how it was computed was read by ``float()``: what is computed from it has no derivative.

    To read the number on purpose, use ``x.item()``.
    """

    __module__ = "autograd"


def refuse_closure(kind: str) -> NoReturn:
    """Raise ``TypeError`` if a node is given a closure ``_backward``, as in micrograd."""
    raise TypeError(
        f"{kind}._backward would never be called: a sweep takes local derivatives from the table; declare an operation "
        "of your own with autograd.primitive, for arrays with autograd.array_operation"
    )


def _no_closure(node: object) -> NoReturn:
    raise AttributeError("a node has no _backward: its operation and its operands say how a gradient passes")


closure = property(_no_closure, lambda node, _: refuse_closure(type(node).__name__))
"""The attribute ``_backward`` of both kinds of node, which can be neither read nor assigned to."""


def hidden(caught: Any) -> bool:
    """Whether pytest leaves a module's frames out of a traceback, so that it ends at the user's line.

    A module says so with ``__tracebackhide__ = hidden``.  The frames are kept for errors that are not meant for users.

    Args:
        caught: pytest's ``ExceptionInfo``.
    """
    return isinstance(caught.value, AssertionError) or type(caught.value).__module__ == "autograd"


def evaluation_error(error: Exception, reason: str) -> EvaluationError:
    """An error to raise in place of one that Python's arithmetic raised, with the line of the user's code.

    It is returned and not raised here: a frame that holds the error it raises is a reference cycle, which keeps the
    graph alive.
    """
    kinds = {ZeroDivisionError: DivisionByZeroError, OverflowError: RangeError, ValueError: DomainError}
    kind = next((ours for theirs, ours in kinds.items() if isinstance(error, theirs)), EvaluationError)
    return kind(reason, user_line())


def user_line(frame: FrameType | None = None, *, outside: str | None = None) -> str:
    """The innermost line of code outside of this package, from ``frame`` or from here, as `` (file:line)``.

    Args:
        frame: where to start.
        outside: another package whose code is passed over.
    """
    frame = frame or sys._getframe()
    packages = (__name__.partition(".")[0], outside)
    while frame is not None and _package(frame) in packages:
        frame = frame.f_back
    return "" if frame is None else f" ({frame.f_code.co_filename}:{frame.f_lineno})"


def stack_level() -> int:
    """The ``stacklevel`` with which the caller warns about the innermost line of code outside of this package."""
    frame: FrameType | None = sys._getframe(1)
    level, package = 1, __name__.partition(".")[0]
    while frame is not None and _package(frame) == package:
        frame, level = frame.f_back, level + 1
    return level


def _package(frame: FrameType) -> Any:
    return frame.f_globals.get("__name__", "").partition(".")[0]
