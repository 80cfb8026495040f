"""The results as text for the terminal: what the notes print, what was computed, and the verdict."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from typing import Any

from pathgrad.notes.example import Facts, Result, number

__all__ = ["report"]

_WIDTH = 120
_LONG = 8  # tables with more than twice as many entries are shortened


def report(results: Sequence[Result]) -> str:
    """The results of :func:`run` as text, with the verdict on each example and a count at the end.

    >>> from pathgrad.notes import run
    >>> print(report(run(["activation-centre"])))
    activation-centre: sigmoid is centred at 0.5, tanh at 0 (notes 4, lines 28-36)
      the notes   centre: 0.5 to 0
      computed    sigmoid(0) = 0.5; tanh(0) = 0
      verdict     agrees
    <BLANKLINE>
    1 ok
    """
    not_ok = sum(not result.ok for result in results)
    last = f"{len(results) - not_ok} ok" + (f", {not_ok} not ok" if not_ok else "")
    return "\n\n".join([*map(_example, results), last])


def _example(result: Result) -> str:
    example = result.example
    lines = [f"{example.id}: {example.title} ({example.source})"]
    rows = {
        "the notes": _lines(example.printed) or ["(nothing)"],
        "computed": _lines(result.computed),
        "the paths": ["; ".join(f"{path}: {_text(product)}" for path, product in result.products.items())],
        "verdict": [_verdict(result)],
        "remark": [example.remark or ""],
        "tolerance": [example.tolerance["why"] if example.tolerance else ""],
    }
    for head, body in rows.items():
        for line in filter(None, body):
            lines += textwrap.wrap(line, _WIDTH, initial_indent=f"  {head:<12}", subsequent_indent=" " * 14,
                                   break_on_hyphens=False)  # fmt: skip
            head = ""
    return "\n".join(lines)


def _verdict(result: Result) -> str:
    if not result.ok:
        return f"NOT REPRODUCED: {'; '.join(result.differing)}"
    return f"the notes are wrong here: {result.example.erratum}" if result.example.erratum else "agrees"


def _lines(facts: Facts, head: str = "") -> list[str]:
    """Plain facts on one line, and separate lines for facts with parts."""
    plain = [_fact(key, value) for key, value in facts.items() if not isinstance(value, dict)]
    lines = [head + "; ".join(_cut(plain))] if plain else []
    for key, value in facts.items():
        if isinstance(value, dict):
            lines += _lines(value, f"{head}{_at(key)}: ")
    return lines


def _at(key: str) -> str:
    return key if number(key) is None else f"at {key}"


def _fact(key: str, value: Any) -> str:
    """``x = 2``, but ``formula: a - y``, and in a table ``at 2: 4``."""
    words = isinstance(value, str) and number(value) is None
    return f"{_at(key)}{': ' if words or number(key) is not None else ' = '}{_text(value)}"


def _text(fact: Any) -> str:
    """A fact as text: floats with all digits in tables, as in the notes, and with ten digits elsewhere."""
    if isinstance(fact, list):
        return f"[{', '.join(_cut([repr(x + 0.0) if isinstance(x, float) else _text(x) for x in fact]))}]"
    return f"{fact + 0.0:.10g}" if isinstance(fact, float) else str(fact)


def _cut(entries: list[str]) -> list[str]:
    """The entries of a table; only the first few and the last of a long one."""
    return entries if len(entries) <= 2 * _LONG else [*entries[: _LONG - 1], f"… {len(entries)} in all …", entries[-1]]
