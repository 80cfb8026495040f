"""The characters of a formula: numbers, names, signs, superscripts and commands of LaTeX.

Names keep the letters that the user wrote.  Only what Unicode calls canonically equivalent is the same name, such as
the two forms of a Hangul syllable: ``x²`` is a power and never the variable ``x2``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import get_close_matches
from typing import NamedTuple
from unicodedata import decomposition, east_asian_width, name, normalize

from autograd.core.escaping import printable

__all__ = ["FormulaError", "Token", "canonical", "described", "meant", "quoted", "short", "tokens"]


class FormulaError(ValueError):
    """An error in a formula; the message is one sentence.  A note below it may show the place."""

    __module__ = "autograd"

    def __init__(self, message: str) -> None:
        super().__init__(printable(message, None))

    @classmethod
    def at(cls, text: str, place: int, message: str) -> FormulaError:
        """An error about one place of a formula, with a caret under it."""
        shown, place = _excerpt(text, place)
        error = cls(f'"{shown}" {message}')
        indent = "".join("  " if east_asian_width(c) in "WF" else " " for c in shown[:place])
        error.__notes__ = [f"    {shown}\n    {indent}^"]  # as add_note does from Python 3.11 on
        return error


class Token(NamedTuple):
    """A piece of a formula.

    Attributes:
        kind: ``"number"``, ``"name"``, ``"sign"``, ``"power"`` for a superscript, ``"command"`` or ``"end"``.
        text: the piece in ASCII where it is a sign or a superscript; a name as it was written.
        start: its first character in the formula.
        end: the place behind its last character.
    """

    kind: str
    text: str
    start: int
    end: int


_WIDTH = 64  # so many characters of a formula are shown in an error

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")
_MIDDLE_DOT = "·"  # Unicode counts it as a letter of Catalan
_SIGNS = str.maketrans(
    {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∙": "*", "∗": "*", "÷": "/", "∕": "/", "∣": "|", "；": ";"}
    | {chr(0xFEE0 + ord(sign)): sign for sign in "+-*/%()<>=,.|^"}  # the wide signs of East Asian keyboards
)
_LONG_SIGNS = {"≤": "<=", "≥": ">="}

_PIECE = re.compile(
    r"""(?P<space>\s+ | \#.*)
      | (?P<number>(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)? | \.\d+(?:_\d+)*)(?:[eE][+-]?\d+)?)
      | (?P<power>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+)
      | (?P<command>\\[A-Za-z]+ | \\.)
      | (?P<string>'[^']*' | "[^"]*")
      | (?P<sign>\*\* | // | <= | >= | .)""",
    re.VERBOSE | re.DOTALL,
)


def canonical(text: str) -> str:
    """A text in the normal form in which names are compared."""
    return normalize("NFC", text)


def short(text: object) -> str:
    """A formula as errors show it: its beginning, if it is long."""
    return _excerpt(str(text), 0)[0]


def quoted(text: object) -> str:
    """The same in quotation marks."""
    return f'"{short(text)}"'


def meant(name: str, known: Iterable[str]) -> str:
    """A hint for an unknown name: the known one that is closest, or nothing."""
    close = get_close_matches(name, known, 1)
    return f": did you mean {close[0]}?" if close else ""


def tokens(formula: str) -> list[Token]:
    """The pieces of a formula, without the blanks between them; the last one is its end.

    >>> [token.text for token in tokens("2×x² − w₁")]
    ['2', '*', 'x', '2', '-', 'w₁', '']
    """
    found = []
    place = 0
    text = formula.translate(_SIGNS)
    while place < len(text):
        end = _name_end(formula, place)
        if end > place:
            found.append(Token("name", formula[place:end], place, end))
            place = end
            continue
        piece = _PIECE.match(text, place)
        assert piece is not None, "the last alternative is any character"
        start, place, kind = place, piece.end(), str(piece.lastgroup)
        if kind == "power":
            found.append(Token(kind, piece[0].translate(_SUPERSCRIPTS), start, place))
        elif kind != "space":
            found.append(Token(kind, _LONG_SIGNS.get(piece[0], piece[0]), start, place))
    return [*found, Token("end", "", len(formula), len(formula))]


def _name_end(text: str, start: int) -> int:
    """The place behind the name that begins at a place, which is the same place if no name does."""
    end = start
    while end < len(text) and _belongs(text[end], first=end == start):
        end += 1
    return end


def _belongs(character: str, first: bool) -> bool:
    """Whether a character belongs to a name: a letter, a digit or a subscript, but no superscript."""
    form = decomposition(character)
    if form.startswith("<super>") or character == _MIDDLE_DOT:
        return False
    return character.isidentifier() or (not first and (f"x{character}".isidentifier() or form.startswith("<sub>")))


def described(character: str) -> str:
    """A character for an error: itself if it can be seen, and otherwise its name."""
    if character.isprintable() and not character.isspace():
        return character
    return name(character, f"U+{ord(character):04X}").lower()


def _excerpt(text: str, place: int) -> tuple[str, int]:
    """At most so many characters of a text around a place, on one line, and the place in them."""
    text = "".join(c if c.isprintable() else " " for c in text)
    start = max(0, min(place - _WIDTH // 2, len(text) - _WIDTH))
    before, after = "…" * (start > 0), "…" * (start + _WIDTH < len(text))
    return before + text[start : start + _WIDTH] + after, place - start + len(before)
