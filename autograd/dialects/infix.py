"""Operators for expressions that are text, with parentheses only where they are needed."""

from __future__ import annotations

from typing import TypeVar

__all__ = ["ATOM", "CHOICE", "EQUALITY", "ORDER", "PRODUCT", "SIGN", "SUM", "Infix", "Text"]

CHOICE, EQUALITY, ORDER, SUM, PRODUCT, SIGN, ATOM = range(7)
"""How tightly an expression binds, from ``x if c else y`` to a name or a call."""

E = TypeVar("E", bound="Infix")


class Infix:
    """An expression of a programming language, with the operators of a number.

    A subclass for one language defines how to join two expressions by a symbol, and how to write a number.
    """

    def infix(self: E, symbol: str, other: E | float, binding: int) -> E:
        """This expression, the symbol, and another expression; the whole binds this tightly."""
        raise NotImplementedError

    @classmethod
    def lift(cls: type[E], x: E | float) -> E:
        """A number as an expression; an expression is returned as it is."""
        raise NotImplementedError

    def __add__(self: E, other: E | float) -> E:
        return self.infix("+", other, SUM)

    def __radd__(self: E, other: float) -> E:
        return self.lift(other) + self

    def __sub__(self: E, other: E | float) -> E:
        return self.infix("-", other, SUM)

    def __rsub__(self: E, other: float) -> E:
        return self.lift(other) - self

    def __mul__(self: E, other: E | float) -> E:
        return self.infix("*", other, PRODUCT)

    def __rmul__(self: E, other: float) -> E:
        return self.lift(other) * self

    def __truediv__(self: E, other: E | float) -> E:
        return self.infix("/", other, PRODUCT)

    def __rtruediv__(self: E, other: float) -> E:
        return self.lift(other) / self

    def __pos__(self: E) -> E:
        return self

    def __gt__(self: E, other: E | float) -> E:
        return self.infix(">", other, ORDER)

    def __lt__(self: E, other: E | float) -> E:
        return self.infix("<", other, ORDER)

    def __ge__(self: E, other: E | float) -> E:
        return self.infix(">=", other, ORDER)

    def __le__(self: E, other: E | float) -> E:
        return self.infix("<=", other, ORDER)

    def __ne__(self: E, other: E | float) -> E:  # type: ignore[override]  # an expression, not a bool
        return self.infix("!=", other, EQUALITY)

    __hash__ = object.__hash__


class Text(Infix):
    """An expression that is kept as its text.

    Args:
        text: the expression.
        binding: how tightly it binds.
    """

    def __init__(self, text: str, binding: int = ATOM) -> None:
        self.text = text
        self.binding = binding

    def __str__(self) -> str:
        return self.text

    def at(self, binding: int) -> str:
        """Its text, in parentheses if it binds less tightly than this."""
        return self.text if self.binding >= binding else f"({self.text})"
