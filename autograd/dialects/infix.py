"""What the written dialects share: Python's operators build text, with parentheses only where they are needed."""

from __future__ import annotations

from typing import Any

__all__ = ["ATOM", "CHOICE", "EQUALITY", "ORDER", "PRODUCT", "SIGN", "SUM", "Infix"]

CHOICE, EQUALITY, ORDER, SUM, PRODUCT, SIGN, ATOM = range(7)  # how tightly an expression binds


class Infix:
    """The operators of a number, for expressions written in a programming language.

    A language defines how it writes a symbol between two expressions, and how it writes a number.
    """

    def infix(self, symbol: str, other: Any, binding: int) -> Any:
        """This expression, the symbol and another expression, as an expression that binds this tightly."""
        raise NotImplementedError

    def lift(self, x: Any) -> Any:
        """A number as an expression; an expression as it is."""
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        return self.infix("+", other, SUM)

    def __radd__(self, other: Any) -> Any:
        return self.lift(other) + self

    def __sub__(self, other: Any) -> Any:
        return self.infix("-", other, SUM)

    def __rsub__(self, other: Any) -> Any:
        return self.lift(other) - self

    def __mul__(self, other: Any) -> Any:
        return self.infix("*", other, PRODUCT)

    def __rmul__(self, other: Any) -> Any:
        return self.lift(other) * self

    def __truediv__(self, other: Any) -> Any:
        return self.infix("/", other, PRODUCT)

    def __rtruediv__(self, other: Any) -> Any:
        return self.lift(other) / self

    def __pos__(self) -> Any:
        return self

    def __gt__(self, other: Any) -> Any:
        return self.infix(">", other, ORDER)

    def __lt__(self, other: Any) -> Any:
        return self.infix("<", other, ORDER)

    def __ge__(self, other: Any) -> Any:
        return self.infix(">=", other, ORDER)

    def __le__(self, other: Any) -> Any:
        return self.infix("<=", other, ORDER)

    def __ne__(self, other: Any) -> Any:
        return self.infix("!=", other, EQUALITY)

    __hash__ = object.__hash__
