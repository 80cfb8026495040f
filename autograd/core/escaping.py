"""Names that a user gives, in text and in LaTeX: every output writes them through these functions.

A name is never markup, code or an escape sequence.  :func:`autograd.core.sweep.node_names` makes the names of nodes
printable, for terminals and for whatever is written from them: tables, DOT, SVG, HTML and JSON, which then quote them
in their own way.
"""

from __future__ import annotations

__all__ = ["latex_text", "printable"]

_LATEX = {letter: rf"\{letter}" for letter in "{}%&#$_"}
_LATEX |= {"\\": r"\backslash{}", "^": r"\wedge{}", "~": r"\sim{}", " ": r"\ "}


def printable(text: str, limit: int | None = 40) -> str:
    r"""Text as one line that every output can show: control characters are escaped, and long text is cut.

    >>> printable("a\nb"), printable("가 ∂", 2)
    ('a\\nb', '가…')
    """
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in text)
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def latex_text(text: str) -> str:
    r"""Text in the mathematics of LaTeX, letter by letter as it stands.

    >>> print(latex_text(r"50% \input{x}"))
    50\%\ \backslash{}input\{x\}
    """
    return "".join(_LATEX.get(letter, letter) for letter in printable(text, None))
