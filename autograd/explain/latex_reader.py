r"""From LaTeX, as this package prints it, back to a formula in text: ``\frac{w_{1}}{2} x`` becomes ``((w1)/(2))*x``.

It only translates.  The parser of formulas then says what is wrong with the result.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from autograd.core.primitive import PRIMITIVES

__all__ = ["plain_formula"]

_TOKEN = re.compile(r"\\[A-Za-z]+|\\.|\d+\.?\d*|\.\d+|[A-Za-z]+|\S")
_LAYOUT = {r"\left", r"\right", r"\,", r"\;", r"\:", r"\!", r"\ ", r"\quad", r"\displaystyle", r"\bigl", r"\bigr"}
_SIGNS = {r"\cdot": "*", r"\times": "*", r"\lbrack": "(", r"\rbrack": ")", "[": "(", "]": ")"}
_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi"
)
_GREEK = dict(zip((*_LETTERS.split(), "omega"), "αβγδεζηθικλμνξπρστυφχψω", strict=True))
_CALLS = {"sigma": "sigmoid", "leakyrelu": "leaky_relu", "ln": "log", "sgn": "sign"}
_SHORT = {"asin", "acos", "atan", "asinh", "acosh", "atanh", "max", "min", "abs"}
_BRACKETS = {"{": "}", "(": ")"}


def plain_formula(latex: str, names: Iterable[str]) -> str:
    r"""A formula in text for a formula in LaTeX; text without a backslash or brace is returned as it is.

    Args:
        latex: the formula.
        names: the variables that it may contain; ``w_{1}`` is w1 or w_1, whichever is among them.

    >>> plain_formula(r"\left(- \frac{1}{x^{2}}\right) \left(2 v\right) e^{w_{1}}", ["x", "v", "w1"])
    '(-(1/(x**2)))*(2*v)*exp(w1)'
    >>> plain_formula(r"\frac{\partial y}{\partial x_{t}} \sin{\left(\alpha \right)}", ["y", "x_t", "alpha"])
    '∂y/∂x_t*sin(alpha)'
    """
    if not set(latex) & set("\\{}"):
        return latex
    return _Translation(latex, names).formula()


def _skeleton(name: str) -> str:
    """What is left of a name without the signs by which LaTeX and text differ."""
    for word, letter in _GREEK.items():
        name = name.replace(letter, word)
    return re.sub(r"[\\{}_^ ,]", "", name)


def _bracketed(text: str, always: bool = False) -> str:
    """A formula in brackets, unless it is a single name or number or is in brackets already."""
    if re.fullmatch(r"\([^()]*\)", text) or (not always and re.fullmatch(r"[\w.]+", text)):
        return text
    return f"({text})"


class _Translation:
    """One formula, read from left to right."""

    def __init__(self, latex: str, names: Iterable[str]) -> None:
        latex = re.sub(r"\\math(?:rm|it)\s*\{(\w+)\}", r" \1 ", latex)
        self.tokens = [t for t in _TOKEN.findall(latex.replace(r"\\", " ").replace("&", " ")) if t not in _LAYOUT]
        self.names = {_skeleton(name): name for name in names}
        self.place = 0

    def formula(self) -> str:
        """Everything up to the end."""
        written = self._until(None)
        return written + "".join(self.tokens[self.place :])

    def _next(self) -> str:
        return self.tokens[self.place] if self.place < len(self.tokens) else ""

    def _take(self) -> str:
        self.place += 1
        return self.tokens[self.place - 1] if self.place <= len(self.tokens) else ""

    def _until(self, end: str | None) -> str:
        """A sum of products up to a closing bracket, with the signs of multiplication that LaTeX leaves out."""
        written = ""
        while self._next() and self._next() != end:
            factor = self._factor()
            joined = written and written[-1] not in "+-*/(,<>=" and factor[0] not in "+-*/),<>="
            written += ("*" if joined else "") + factor
        return written

    def _factor(self) -> str:
        token = self._take()
        base = self._atom(token)
        power = self._power()
        return f"exp({power})" if token == "e" and power else base + (f"**{_bracketed(power)}" if power else "")

    def _atom(self, token: str) -> str:
        word = token.removeprefix("\\")
        if token in _BRACKETS:
            return f"({self._closed(token)})"
        if token in (r"\frac", r"\dfrac", r"\tfrac"):
            return self._fraction()
        if token == r"\sqrt":
            return f"sqrt({self._group()})"
        if token == "|":
            inner = self._until("|")
            self._take()
            return f"abs({inner})"
        if token == r"\operatorname":
            word = self._group().replace("*", "")
        elif not word[:1].isalpha():
            return _SIGNS.get(token, token)
        called = _CALLS.get(word, word)
        known = called in {*PRIMITIVES, *_SHORT} and _skeleton(word) not in self.names
        return self._call(called) if known else self._name(token)

    def _call(self, function: str) -> str:
        """A call, whose exponent may stand before the arguments: ``\\sin^{2}{\\left(x \\right)}``."""
        power = self._power()
        return function + _bracketed(self._group(), always=True) + (f"**{_bracketed(power)}" if power else "")

    def _name(self, token: str) -> str:
        written = token
        while self._next() == "_":
            self._take()
            written += "_" + self._raw()
        return self.names.get(_skeleton(written), written.replace("\\", ""))

    def _fraction(self) -> str:
        above, below = self._raw(), self._raw()
        derivative = self._derivative(above, below)
        return derivative or f"({_bracketed(self._nested(above))}/{_bracketed(self._nested(below))})"

    def _derivative(self, above: str, below: str) -> str | None:
        r"""``\frac{\partial y}{\partial x}`` as ∂y/∂x, and the same with d; ``None`` if it is another fraction."""
        for sign, written in ("\\partial", "∂"), ("d", "d"):
            if above.startswith(sign) and below.startswith(sign):
                parts = [_skeleton(part.removeprefix(sign)) for part in (above, below)]
                if sign == "\\partial" or all(part in self.names for part in parts):
                    top, bottom = (self.names.get(part, part) for part in parts)
                    return f"{written}{top}/{written}{bottom}"
        return None

    def _nested(self, latex: str) -> str:
        return _Translation(latex, self.names.values()).formula()

    def _power(self) -> str:
        if self._next() != "^":
            return ""
        self._take()
        return self._group()

    def _group(self) -> str:
        """One argument: what stands in braces or brackets, or a single sign."""
        token = self._take()
        return self._closed(token) if token in _BRACKETS else self._atom(token)

    def _closed(self, bracket: str) -> str:
        inner = self._until(_BRACKETS[bracket])
        self._take()
        return inner

    def _raw(self) -> str:
        """One argument as it stands, without its braces."""
        if self._take() != "{":
            return self.tokens[self.place - 1] if self.place <= len(self.tokens) else ""
        depth, parts = 1, []
        for token in iter(self._take, ""):
            depth += (token == "{") - (token == "}")
            if not depth:
                break
            parts.append(token)
        return " ".join(parts)
