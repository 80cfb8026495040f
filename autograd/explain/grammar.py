"""The grammar of formulas: from text to a syntax tree, in the node types of Python's ``ast``.

It is Python's grammar of expressions, and besides it what people write by hand and what has one meaning: ``2x``,
``3(x + 1)``, ``(a + b)(a - b)``, ``x²``, ``|x|``, ``√x``, ``1 if x > 0, else 0``.  The ``col_offset`` and
``end_col_offset`` of a node count the characters of the formula.  Formulas in LaTeX are read by
:mod:`~autograd.explain.latex_reader`.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Collection
from typing import NoReturn, TypeVar
from unicodedata import decomposition, normalize

from autograd.core.errors import hidden
from autograd.explain.spelling import FormulaError, Token, described, meant, tokens

__all__ = ["SIGMA", "Grammar"]

__tracebackhide__ = hidden

Node = TypeVar("Node", bound=ast.expr)

SIGMA = "σ"
"""The sigmoid where it is called; alone it is a variable, such as a standard deviation."""

_OPERATORS: dict[str, tuple[int, ast.operator]] = {
    "+": (2, ast.Add()), "-": (2, ast.Sub()),
    "*": (3, ast.Mult()), "/": (3, ast.Div()), "//": (3, ast.FloorDiv()), "%": (3, ast.Mod()),
    "**": (5, ast.Pow()),
}  # fmt: skip
"""The binary operators: how strongly they bind, and their nodes."""

_COMPARISONS: dict[str, ast.cmpop] = {"<": ast.Lt(), "<=": ast.LtE(), ">": ast.Gt(), ">=": ast.GtE()}
_COMPARISON, _PRODUCT, _SIGN, _POWER = 1, 3, 4, 5

_WORDS = {
    "if": "write (x if condition, else y)", "else": "write (x if condition, else y)",
    "and": "", "or": "", "not": "", "in": "", "is": "", "for": "",
}  # fmt: skip
"""Words of Python that no variable is called by, and what to write instead."""

_FITTING = {*_OPERATORS, *_COMPARISONS, "(", ")", "|", "√", "{", "}"}
_ALLOWED = "only numbers, names, operators and functions are allowed"
_UNCLEAR = "write the * of the product after the division sign, and parentheses"
_EXPONENT = "write the * of the product after the exponent, and parentheses"


class Grammar:
    """One formula, read from left to right.

    Args:
        formula: the formula.
        functions: the names that may be called.
        names: the known variables.
        derivatives: whether ``dy/dx`` and ``∂y/∂x`` are derivatives between them.
    """

    def __init__(
        self, formula: str, functions: Collection[str], names: Collection[str] = (), derivatives: bool = False
    ) -> None:
        self.formula = formula
        self.functions = functions
        self.names = names
        self.derivatives = derivatives
        self.tokens = tokens(formula)
        self.place = 0
        self.bars = 0  # so many | are open
        self.exponent = -1  # where the last exponent after ** ends

    def whole(self) -> ast.expr:
        """The syntax tree of the whole formula.

        Raises:
            FormulaError: if it is not a formula.
        """
        tree = self.cases()
        if self.next.kind != "end":
            self.misplaced()
        return tree

    # Tokens

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self.tokens[self.place]

    @property
    def end(self) -> int:
        """The place behind the token that was read last."""
        return self.tokens[self.place - 1].end

    def take(self) -> Token:
        """The next token, which is then passed, except for the end."""
        token = self.next
        self.place += token.kind != "end"
        return token

    def at(self, *texts: str) -> bool:
        """Whether one of these signs is next."""
        return self.next.kind == "sign" and self.next.text in texts

    def took(self, text: str) -> bool:
        """Whether this sign is next; then it is taken."""
        found = self.at(text)
        self.place += found
        return found

    def located(self, node: Node, start: int) -> Node:
        """The node with its place, which ends with the token that was read last."""
        node.lineno = node.end_lineno = 1
        node.col_offset, node.end_col_offset = start, self.end
        return node

    # Errors

    def refuse(self, message: str, place: int | None = None) -> NoReturn:
        """Raise an error about a place, by default the next token."""
        place = self.next.start if place is None else place
        raise FormulaError.at(self.formula, place, f"is not a formula: {message}")

    def unfit(self, place: int | None = None) -> NoReturn:
        """Raise the error about brackets and operators."""
        at_end = place is None and self.next.kind == "end"
        where = "at its end" if at_end else f"at character {1 + (self.next.start if place is None else place)}"
        self.refuse(f"its brackets or operators do not fit together ({where})", place)

    def misplaced(self) -> NoReturn:
        """Raise an error about the next token, which cannot stand here."""
        kind, text, start, _ = self.next
        before = self.tokens[self.place - 1] if self.place else None
        if kind == "sign" and text == ",":
            self._comma()
        if kind == "sign" and text == "^":
            self._caret()
        if kind == "sign" and text == "=":
            self.refuse("write one definition at a time: a = stands only after the name that is defined")
        if kind == "power":
            self.refuse("write parentheses that show what the exponent belongs to")
        if kind == "name" and text in _WORDS:
            self.refuse(_ALLOWED + (f": {_WORDS[text]}" if _WORDS[text] else ""))
        if kind in ("number", "name") and before is not None and before.kind in ("number", "name", "power"):
            self._apart(before)
        if kind == "string":
            self.refuse(f"{text} is not a real number")
        if kind == "sign" and len(text) == 1:
            self._letter_like(text)
        if self.starts_factor() and before is not None and _ends_factor(before) and (text != "|" or before.text == "|"):
            self.refuse("write the * of the product", start)
        if kind == "command" or (kind == "sign" and text not in _FITTING):
            self.refuse(_ALLOWED + ("" if text.isascii() and text.isprintable() else f", not {described(text[0])}"))
        self.unfit()

    def _letter_like(self, character: str) -> None:
        """Refuse raised letters and fractions that are one character."""
        if decomposition(character).startswith("<super>"):
            self.refuse("write a raised letter as an exponent, x**n")
        if decomposition(character).startswith("<fraction>"):
            self.refuse(f"write {character} as ({normalize('NFKC', character).replace('⁄', '/')})")

    def _comma(self) -> NoReturn:
        following = self.tokens[self.place + 1 :]
        if any(token.kind == "sign" and token.text == "=" for token in following):
            self.refuse("write a ; between definitions, not a comma")
        before = self.tokens[self.place - 1] if self.place else None
        if before is not None and before.kind == "number" == following[0].kind:
            self.refuse(f"a comma is not a decimal sign: write {before.text}.{following[0].text}")
        self.refuse("a comma stands only between the arguments of a function")

    def _caret(self) -> NoReturn:
        around = self.tokens[max(self.place - 1, 0) : self.place + 2 : 2]
        simple = len(around) == 2 and all(token.kind in ("name", "number") for token in around)
        base, exponent = (token.text for token in around) if simple else ("x", "2")
        self.refuse(f"write a power as {base}**{exponent}, not {base}^{exponent}")

    def _apart(self, before: Token) -> NoReturn:
        """Raise an error about two names or numbers with nothing between them."""
        text = self.next.text
        if before.text in self.functions:
            following = self.tokens[self.place + 1]
            argument = text if following.kind == "end" or following.text in _OPERATORS else "…"
            self.refuse(f"write {before.text}({argument}): an argument stands in parentheses", before.start)
        if before.kind == self.next.kind == "number":
            self.refuse("write an operator between the numbers")
        simple = before.kind != "power" and self.tokens[max(self.place - 2, 0)].text != "/"
        self.refuse(f"write {before.text}*{text} for a product" if simple else "write the * of the product")

    # Cases

    def cases(self) -> ast.expr:
        """A formula that may be given by cases: ``x if a > 0, y if b > 0, else z``."""
        start = self.next.start
        rows: list[tuple[ast.expr, ast.expr]] = []
        value = self.expression()
        while self.took_word("if"):
            rows.append((self.expression(), value))
            comma = self.took(",")
            if self.took_word("else"):
                return self.by_cases(rows, self.expression(), start)
            value = self.expression() if comma else value
        if rows:
            self.refuse("write what holds otherwise: x if condition, else y")
        return value

    def by_cases(self, rows: list[tuple[ast.expr, ast.expr]], value: ast.expr, start: int) -> ast.expr:
        """The node of cases: the conditions with their values, and what holds otherwise."""
        for condition, other in reversed(rows):
            value = self.located(ast.Call(ast.Name("where"), [condition, other, value], []), start)
        return value

    def took_word(self, word: str) -> bool:
        """Whether this word is next; then it is taken."""
        found = self.next.kind == "name" and self.next.text == word
        self.place += found
        return found

    # Operators

    def expression(self, above: int = 0) -> ast.expr:
        """Operands and the operators between them that bind more strongly than ``above``."""
        start = self.next.start
        left = self.operand()
        divided = False
        while self.next.kind != "end":
            text = self.next.text if self.next.kind == "sign" else ""
            if text in _COMPARISONS and above < _COMPARISON:
                left = self._comparison(left, start)
                continue
            level, operator = _OPERATORS.get(text, (_PRODUCT, ast.Mult()))
            written = text in _OPERATORS
            if level <= above or not (written or self.multiplied()):
                break
            if written:
                self.take()
            elif divided:
                self.refuse(_UNCLEAR)
            elif self.end == self.exponent:
                self.refuse(_EXPONENT)
            divided = level == _PRODUCT and written and text != "*"
            right = self.expression(_SIGN if level == _POWER else level)
            if level == _POWER and self.tokens[self.place - 1].text != ")":
                self.exponent = self.end
            left = self.located(ast.BinOp(left, operator, right), start)
        return left

    def _comparison(self, left: ast.expr, start: int) -> ast.expr:
        if isinstance(left, ast.Compare) and left.col_offset == start:
            self.refuse("write one comparison at a time")
        operator = _COMPARISONS[self.take().text]
        return self.located(ast.Compare(left, [operator], [self.expression(_COMPARISON)]), start)

    def operand(self) -> ast.expr:
        """A factor with its signs."""
        start = self.next.start
        for sign, operator in ("-", ast.USub()), ("+", ast.UAdd()):
            if self.took(sign):
                return self.located(ast.UnaryOp(operator, self.expression(_SIGN)), start)
        return self.raised(self.atom(), start)

    def raised(self, base: ast.expr, start: int) -> ast.expr:
        """A base with the superscript behind it, if there is one."""
        if self.next.kind != "power":
            return base
        tree = self.located(ast.BinOp(base, ast.Pow(), self._exponent()), start)
        if self.next.kind == "power" or self.at("**"):
            self.misplaced() if self.next.kind == "power" else self.refuse("write parentheses around one of the powers")
        return tree

    def _exponent(self) -> ast.expr:
        token = self.take()
        if not re.fullmatch("[+-]?[0-9]{1,15}", token.text):
            self.refuse("write the exponent after ** instead of raised", token.start)
        number = self.located(ast.Constant(int(token.text.lstrip("+-"))), token.start)
        return self.located(ast.UnaryOp(ast.USub(), number), token.start) if token.text[0] == "-" else number

    def multiplied(self) -> bool:
        """Whether a product without a sign goes on here: ``2x``, ``2(x + 1)``, ``10⁵√x``, ``(a + b)(a - b)``."""
        place = self.place - 1
        if self.tokens[place].kind == "power":
            place -= 1
        if self.tokens[place].kind == "number":
            following = self.next.kind == "name" and self.next.text not in _WORDS
            return following or self.at("(", "√") or (self.at("|") and not self.bars)
        return self.tokens[place].text == ")" and self.at("(")

    def starts_factor(self) -> bool:
        """Whether the next token may begin a factor."""
        return self.next.kind in ("number", "name") or self.at("(", "√", "|")

    # Factors

    def atom(self) -> ast.expr:
        """A number, a variable, a call, or a formula in brackets."""
        start = self.next.start
        if self.next.kind == "number":
            return self.number()
        if self.derivatives and (derivative := self.derivative()):
            return derivative
        if self.next.kind == "name" and self.next.text not in _WORDS:
            return self.named()
        if self.took("("):
            return self.bracketed(")", start)
        if self.at("|"):
            return self._absolute()
        if self.took("√"):
            return self._root(start)
        self.misplaced()

    def bracketed(self, bracket: str, opened: int) -> ast.expr:
        """The formula up to a closing bracket."""
        bars, self.bars = self.bars, 0
        tree = self.cases()
        self.close(bracket, opened)
        self.bars = bars
        return tree

    def close(self, bracket: str, opened: int) -> None:
        """Take a closing bracket."""
        if self.next.kind == "end":
            self.unfit(opened)
        if not self.took(bracket):
            self.misplaced()

    def number(self) -> ast.expr:
        """A number in decimal digits."""
        token = self.take()
        following = self.next.text if self.next.kind == "name" and self.next.start == token.end else ""
        if following in ("j", "J"):
            self.refuse(f"{token.text}{following} is not a real number: write {token.text}*{following} for a product")
        if following.startswith("_") or (token.text == "0" and following[:1] in "xXoObB" and following):
            self.refuse("write numbers with decimal digits", token.start)
        value = float(token.text)
        if math.isinf(value):
            self.refuse(f"{token.text if len(token.text) < 20 else 'the number'} is too large", token.start)
        whole = token.text.isdecimal() and value < 2**53
        return self.located(ast.Constant(int(value) if whole else value), token.start)

    def named(self) -> ast.expr:
        """A variable, or a call."""
        token = self.take()
        name = token.text
        if name in ("True", "False", "None"):
            self.refuse(f"{name} is not a real number", token.start)
        if name[0] == "π" and name[1:2].isalpha():
            self.refuse(f"write π*{name[1:]} for a product", token.start)
        called = self.place + (self.next.kind == "power" and name in self.functions)
        if self.tokens[called].text == "(" and self.tokens[called].kind == "sign":
            return self.call(name, token.start)
        if name in self.functions and name != SIGMA and self.tokens[called].text == "√":
            self.refuse(f"write {name}(√x): an argument stands in parentheses", token.start)
        return self.located(ast.Name(name), token.start)

    def call(self, name: str, start: int) -> ast.expr:
        """The call of a function, whose exponent may stand before the arguments: ``sin²(x)``."""
        exponent = self._exponent() if self.next.kind == "power" else None
        if isinstance(exponent, ast.UnaryOp):
            self.refuse(f"write the inverse function by its name, or 1/{name}(x)", exponent.col_offset)
        self.check_function(name, start)
        function = ast.Name(name)
        opened = self.take().start
        arguments = self.arguments(")", opened)
        tree = self.located(ast.Call(function, arguments, []), start)
        function.col_offset = start
        return tree if exponent is None else self.located(ast.BinOp(tree, ast.Pow(), exponent), start)

    def check_function(self, name: str, start: int) -> None:
        """Refuse the call of a function that is not known."""
        if name == "softmax":
            self.refuse("softmax gives several numbers: write p1, p2 = softmax(z1, z2)", start)
        if name not in self.functions:
            hint = meant(name, self.functions) or f": write {name}*(…) for a product"
            self.refuse(f"{name} is not a function of the table{hint}", start)

    def arguments(self, bracket: str, opened: int) -> list[ast.expr]:
        """What stands between the brackets of a call."""
        bars, self.bars = self.bars, 0
        found: list[ast.expr] = []
        while not self.took(bracket):
            if found and not self.took(","):
                self._unclosed(bracket, opened)
            if self.at("*", "**"):
                self.refuse("call a function as name(x, …)")
            found.append(self.expression())
        self.bars = bars
        return found

    def _unclosed(self, bracket: str, opened: int) -> NoReturn:
        if self.at("=", ":"):
            self.refuse("call a function as name(x, …)")
        self.close(bracket, opened)
        raise AssertionError("a bracket that is closed ends the arguments")

    def _absolute(self) -> ast.expr:
        start = self.take().start
        self.bars += 1
        tree = self.expression()
        self.bars -= 1
        self.close("|", start)
        return self.located(ast.Call(ast.Name("abs"), [tree], []), start)

    def _root(self, start: int) -> ast.expr:
        if self.at("-", "+"):
            self.refuse("write √(x) with parentheses")
        tree = self.located(ast.Call(ast.Name("sqrt"), [self.atom()], []), start)
        goes_on = self.starts_factor() and not (self.at("|") and self.bars)
        if self.next.kind == "power" or self.at("**") or goes_on:
            self.refuse("write √(x) with parentheses around what the root is taken of", start)
        return tree

    def derivative(self) -> ast.expr | None:
        """A derivative such as ``dy/dx`` as one name; ``None`` if none is next."""
        before, start = self.place, self.next.start
        top = self.differential()
        bottom = self.differential() if top and self.took("/") else None
        name = self.quotient(top, bottom) if top and bottom else None
        if name is not None:
            return self.located(ast.Name(name), start)
        self.place = before
        return None

    def differential(self) -> tuple[str, str] | None:
        """``dy`` or ``∂y`` as its sign and its variable."""
        if self.took("∂"):
            return ("∂", self.take().text) if self.next.kind == "name" else None
        name = self.take().text if self.next.kind == "name" else ""
        if name == "d" and self.next.kind == "name":
            return "d", self.take().text
        return ("d", name[1:]) if name[:1] == "d" and name[1:] else None

    def quotient(self, top: tuple[str, str], bottom: tuple[str, str]) -> str | None:
        """The name of a derivative; ``None`` for a quotient of two variables such as dx and dy.

        If one of its variables is unknown, it is still a derivative.
        """
        names = {top[1], bottom[1]}
        variables = {"d" + name for name in names}
        unclear = top[0] == "d" and (names.isdisjoint(self.names) or not variables.isdisjoint(self.names))
        return None if top[0] != bottom[0] or unclear else f"{top[0]}{top[1]}/{top[0]}{bottom[1]}"


def _ends_factor(token: Token) -> bool:
    return token.kind != "sign" or token.text in (")", "}", "|")
