r"""Formulas in LaTeX, as people write them and as this package prints them: ``\frac{w_{1}}{2} x`` is ``w1/2*x``."""

from __future__ import annotations

import ast
import re
from collections.abc import Collection
from typing import NoReturn

from autograd.explain.grammar import SIGMA, Grammar
from autograd.explain.spelling import Token

__all__ = ["LatexGrammar", "is_latex"]

_LAYOUT = {"left", "right", "bigl", "bigr", "displaystyle", "quad", *",;:! \\"}
_SIGNS = {
    "cdot": "*", "times": "*", "div": "/", "lbrack": "(", "rbrack": ")", "partial": "∂", "vert": "|", "lvert": "|",
    "rvert": "|", "\\": "\\\\", "lt": "<", "le": "<=", "leq": "<=", "gt": ">", "ge": ">=", "geq": ">=",
}  # fmt: skip
_ROW = r"\\"
"""What separates the cases of a list; elsewhere it is layout."""

_SQUARE = {"[": "(", "]": ")"}
_FRACTIONS = {"frac", "dfrac", "tfrac"}
_FONTS = {"operatorname", "mathrm", "mathit", "text"}
_LETTERS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon phi chi psi "
    "omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
_GREEK = dict(zip(_LETTERS.split(), "αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", strict=True))
_CALLS = {"sgn": "sign", "sigma": SIGMA}


def is_latex(formula: str) -> bool:
    """Whether a formula is in LaTeX: it has a backslash or a brace."""
    return not set("\\{}").isdisjoint(formula)


def _skeleton(name: str) -> str:
    """What is left of a name without the signs by which LaTeX and text differ."""
    for word, letter in _GREEK.items():
        name = name.replace(letter, word)
    return re.sub(r"[\\{}_^ ,]", "", name)


class LatexGrammar(Grammar):
    """A formula in LaTeX: products need no sign, ``^`` is a power, and ``w_{1}`` is w1 or w_1, whichever is known."""

    def __init__(
        self, formula: str, functions: Collection[str], names: Collection[str] = (), derivatives: bool = False
    ) -> None:
        super().__init__(formula, functions, names, derivatives)
        kept = _ROW if "cases" in formula else ""
        self.tokens = [_plain(token) for token in self.tokens if not _is_layout(token) or token.text == kept]
        self._functions = {_skeleton(name): name for name in functions}

    # Operators

    def multiplied(self) -> bool:
        """Whether a product without a sign goes on here: anything but two numbers side by side."""
        if self.tokens[self.place - 1].kind == self.next.kind == "number":
            return False
        return self.starts_factor() and not (self.at("|") and self.bars) and not self._next_word()

    def starts_factor(self) -> bool:
        """Whether the next token may begin a factor."""
        return super().starts_factor() or self.next.kind == "command" or self.at("{", "∂")

    def raised(self, base: ast.expr, start: int) -> ast.expr:
        """A base with the exponent behind it, if there is one."""
        if not self.took("^"):
            return super().raised(base, start)
        tree = self.located(ast.BinOp(base, ast.Pow(), self._argument()), start)
        if self.at("^", "**") or self.next.kind == "power":
            self.refuse("write parentheses around one of the powers")
        if isinstance(base, ast.Name) and base.id == SIGMA and self.at("("):
            self.refuse(r"write \cdot before the bracket for a product, or sigmoid(x)^{2} for the function")
        return tree

    # Factors

    def atom(self) -> ast.expr:
        """A number, a variable, a command with its arguments, or a formula in brackets."""
        start = self.next.start
        if self.next.kind == "command":
            command = self.next.text
            if command in _FRACTIONS:
                return self._fraction()
            if command == "sqrt":
                return self._square_root()
            return self._cases() if command == "begin" else self.named()
        if self.took("{"):
            return self.bracketed("}", start)
        return super().atom()

    def named(self) -> ast.expr:
        """A variable, or a call."""
        token = self.next
        before = self.place
        raw = self._raw_name()
        function = _CALLS.get(raw) or self._functions.get(_skeleton(raw))
        known = self._variables(raw)
        called = self.at("(", "{") if raw == "sigma" else token.kind == "command" or self.at("(")
        if function and called and not known:
            self.check_function(function, token.start)
            return self._call(function, token.start)
        plain = token.kind == "name" and self.place == before + 1 and (raw in self.names or not known)
        if plain and not (self.derivatives and known and self.at("(")):
            self.place = before
            return super().named()
        return self.located(ast.Name(self._resolved(raw, token)), token.start)

    def _call(self, function: str, start: int) -> ast.expr:
        r"""A call, whose exponent may stand before the arguments: ``\sin^{2}{\left(x \right)}``."""
        exponent = self._argument() if self.took("^") else None
        if isinstance(exponent, ast.UnaryOp):
            self.refuse(f"write the inverse function by its name, or 1/{function}(x)", start)
        arguments = self._arguments(function)
        tree = self.located(ast.Call(ast.Name(function), arguments, []), start)
        return tree if exponent is None else self.located(ast.BinOp(tree, ast.Pow(), exponent), start)

    def _arguments(self, function: str) -> list[ast.expr]:
        opened = self.next.start
        if self.took("("):
            return self.arguments(")", opened)
        if self.took("{"):
            return self._in_braces(opened)
        if not self.starts_factor() or self.next.text.startswith("_"):
            self._without_brackets(function)
        argument = self.atom()
        following = self.next.text
        if self.at("^", "**") or self.next.kind == "power" or (self.multiplied() and following not in self._functions):
            self._without_brackets(function)
        return [argument]

    def _without_brackets(self, function: str) -> NoReturn:
        self.refuse(f"write the argument of {function} in brackets")

    def _in_braces(self, opened: int) -> list[ast.expr]:
        """The arguments in ``{\\left(x, y \\right)}``, or the one in ``{x}``."""
        before = self.place
        if self.took("("):
            found = self.arguments(")", opened)
            if self.took("}"):
                return found
            self.place = before
        return [self.bracketed("}", opened)]

    def _square_root(self) -> ast.expr:
        start = self.take().start
        if self.formula[self.next.start : self.next.end] == "[":
            self.refuse("write a root as a power, as in x^{1/3}")
        return self.located(ast.Call(ast.Name("sqrt"), [self._argument()], []), start)

    def _cases(self) -> ast.expr:
        """A list of cases: each a value, ``\\text{if }`` and a condition, and the last ``\\text{else}``."""
        start = self.take().start
        if self._raw_argument() != "cases":
            self.refuse("only cases are read here", start)
        rows: list[tuple[ast.expr, ast.expr]] = []
        value = self.expression()
        while self._took_word("if"):
            rows.append((self.expression(), value))
            self.took(_ROW)
            value = self.expression()
        if not rows or not self._took_word("else", "otherwise"):
            self.refuse(r"write \text{else} after the last case")
        self.took(_ROW)
        if self.take().text != "end" or self._raw_argument() != "cases":
            self.refuse(r"write \end{cases} after the last case")
        return self.by_cases(rows, value, start)

    def _next_word(self) -> str:
        r"""The word of a list of cases that is next, as ``\text{if }``, or nothing."""
        texts = [token.text for token in self.tokens[self.place : self.place + 4]]
        match texts:
            case ["text" | "mathrm", "{", ("if" | "else" | "otherwise") as word, "}"]:
                return word
        return ""

    def _took_word(self, *words: str) -> bool:
        """Whether one of these words is next; then it is taken."""
        found = self._next_word() in words
        self.place += 4 * found
        return found

    def _fraction(self) -> ast.expr:
        start = self.take().start
        derivative = self._fraction_of_differentials(start) if self.derivatives else None
        if derivative is not None:
            return derivative
        above = self._argument()
        return self.located(ast.BinOp(above, ast.Div(), self._argument()), start)

    def _fraction_of_differentials(self, start: int) -> ast.expr | None:
        before = self.place
        top = self.took("{") and self.differential()
        bottom = top and self.took("}") and self.took("{") and self.differential()
        if top and bottom and self.took("}"):
            name = self.quotient(top, bottom)
            if name is not None:
                return self.located(ast.Name(name), start)
        self.place = before
        return None

    def _argument(self) -> ast.expr:
        """An argument of a command, or an exponent: what stands in braces or brackets, or one sign."""
        token = self.next
        if self.took("{"):
            return self.bracketed("}", token.start)
        if (token.kind in ("number", "name") and len(token.text) > 1) or self.at("-", "+", "|"):
            self.refuse(r"write braces, as in x^{12} and \frac{1}{2}")
        return self.number() if token.kind == "number" else self.atom()

    # Names

    def differential(self) -> tuple[str, str] | None:
        r"""``dy``, ``\partial y`` or ``\mathrm{d}y`` as its sign and its variable."""
        token = self.next
        if self.took("∂"):
            return ("∂", self._variable(self._raw_name())) if self._at_name() else None
        if token.kind != "name" and token.text not in _FONTS:
            return None
        raw = self._raw_name()
        if raw == "d" and self._at_name():
            return "d", self._variable(self._raw_name())
        return ("d", self._variable(raw[1:])) if raw[:1] == "d" and raw[1:] else None

    def _at_name(self) -> bool:
        return self.next.kind in ("name", "command")

    def _raw_name(self) -> str:
        r"""A name with its indices, without the signs of LaTeX: ``w_{1}`` as w_1, ``\alpha`` as alpha."""
        token = self.take()
        raw = self._raw_argument() if token.kind == "command" and token.text in _FONTS else token.text
        while raw.endswith("_") or (self.next.kind == "name" and self.next.text.startswith("_")):
            raw += self._raw_argument() if raw.endswith("_") else self.take().text
        return raw

    def _raw_argument(self) -> str:
        """One argument in letters and digits; what stands apart in it is joined by underscores."""
        opened = self.next.start
        if not self.took("{"):
            return self._raw_part() or self.unfit(opened)
        parts = []
        while not self.took("}"):
            if not (self.took(",") or self.took("*")):
                parts.append(self._raw_part())
        return "_".join(filter(None, parts)) or self.unfit(opened)

    def _raw_part(self) -> str:
        token = self.next
        if token.kind not in ("number", "name", "command"):
            self.misplaced()
        self.take()
        return self._raw_argument() if token.text in _FONTS else token.text.strip("_")

    def _variables(self, raw: str) -> list[str]:
        """The known variables that are written so in LaTeX."""
        skeleton = _skeleton(raw)
        return [name for name in self.names if _skeleton(name) == skeleton]

    def _variable(self, raw: str) -> str:
        return next(iter(self._variables(raw)), raw)

    def _resolved(self, raw: str, token: Token) -> str:
        """The variable that is meant by a name in LaTeX."""
        known = self._variables(raw)
        if len(known) > 1:
            self.refuse(f"{raw} may be {' or '.join(known)}: write it so", token.start)
        if not known and token.kind == "command" and token.text not in {*_GREEK, *_FONTS}:
            self.refuse(f"\\{raw} is not known here", token.start)
        return known[0] if known else _GREEK[raw] if raw == "sigma" else raw


def _is_layout(token: Token) -> bool:
    return (token.kind == "command" and token.text[1:] in _LAYOUT) or token.text == "&"


def _plain(token: Token) -> Token:
    """A token with the sign that a command stands for, and commands without their backslash."""
    text = token.text.removeprefix("\\")
    if token.kind == "command":
        sign = _SIGNS.get(text)
        return token._replace(kind="sign", text=sign) if sign else token._replace(text=text)
    return token._replace(text=_SQUARE[text]) if token.kind == "sign" and text in _SQUARE else token
