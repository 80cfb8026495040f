"""The results as text for the terminal: the example, what the notes print, what was computed, and the verdict."""

from __future__ import annotations

import math
import re
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from pathgrad.notes.example import VERDICTS, Example, Facts, Result, number
from pathgrad.notes.outline import NOTES

__all__ = ["brief", "listing", "report"]

_WIDTH = 120
_LONG = 8  # longer tables are set side by side; those with more than twice as many entries are shortened elsewhere
_MARKS = dict(zip(VERDICTS, ("✓", "✗", "?", "~"), strict=True))


def report(results: Sequence[Result], width: int = _WIDTH) -> str:
    """The results of :func:`run` as text, with the verdict on each example and a count at the end.

    Args:
        results: what :func:`run` returned.
        width: the width of the terminal; longer lines are broken.

    >>> from pathgrad.notes import run
    >>> print(report(run(["activation-centre"])))
    Notes 4: Activation Functions
      handwritten: activations and their derivatives, vectorised gradient descent, random initialisation
    <BLANKLINE>
    activation-centre: sigmoid is centred at 0.5, tanh at 0
      source      notes 4, lines 28-36, under: Activation functions
      statement   sigma(0)
                  tanh(0)
                  tanh(z)=2*sigma(2z)-1
      inputs      z = 0
      the notes   line 34: the centre of the layer goes from 0.5 to 0: the next layer learns more easily
      computed    sigmoid(0) = 0.5; tanh(0) = 0
      verdict     agrees
    <BLANKLINE>
    1 ok: 1 agrees
    """
    seen: set[int] = set()
    parts = []
    for result in results:
        if (notes := result.example.chapters[0]) not in seen:
            about = textwrap.wrap(NOTES[notes].about, width, initial_indent="  ", subsequent_indent="  ")
            parts.append("\n".join([f"Notes {notes}: {NOTES[notes].title}", *about]))
            seen.add(notes)
        parts.append(_example(result, width))
    return "\n\n".join([*parts, _count(results)])


def brief(results: Sequence[Result], width: int = 100) -> str:
    """The results of :func:`run` in a few lines each: what the notes print, what was computed, and what is wrong.

    Args:
        results: what :func:`run` returned.
        width: the width of a line; longer ones are broken.

    >>> from pathgrad.notes import run
    >>> print(brief(run(["epoch-arithmetic"])))
    ✓ epoch-arithmetic: 100,000 samples, mini-batch 100: 1000 iterations = 1 epoch
      the notes   iterations = 1000
      computed    iterations = 1000
    """
    return "\n".join(_brief(result, width) for result in results)


def listing(examples: Sequence[Example], width: int = _WIDTH) -> str:
    """The ids and titles of examples under the titles of the notes, each with a mark for its verdict.

    Args:
        examples: what :func:`select` returned.
        width: the width of the terminal; longer lines are broken.

    >>> from pathgrad.notes import EXAMPLES
    >>> print(listing([EXAMPLES["chain-rule-two-paths"]]))
    Notes 3: Error Back Propagation Algorithm
      ✓ chain-rule-two-paths  dy/dv at v=0 for y=1/(x+t), x=v^2, t=e^v
    <BLANKLINE>
    ✓ agrees   ✗ the notes err   ? the scan is damaged   ~ a convention
    """
    column = max((len(example.id) for example in examples), default=0)
    parts = []
    for notes, group in groupby(examples, key=lambda example: example.chapters[0]):
        lines = [f"Notes {notes}: {NOTES[notes].title}"]
        for example in group:
            lines += _beside(f"  {_MARKS[example.verdict]} {example.id:<{column}}  ", example.title, width)
        parts.append("\n".join(lines))
    marks = "   ".join(f"{mark} {verdict}" for verdict, mark in _MARKS.items())
    return "\n\n".join([*parts, textwrap.fill(marks, width)])


def _count(results: Sequence[Result]) -> str:
    """How many examples are reproduced, and the verdicts on them."""
    reproduced = Counter(result.example.verdict for result in results if result.ok)
    agree = "agrees" if reproduced["agrees"] == 1 else "agree"
    words = (agree, "where the notes err", "damaged in the scan", "with a convention")
    counts = [f"{reproduced[verdict]} {word}" for verdict, word in zip(VERDICTS, words, strict=True)]
    counts = [text for text in counts if not text.startswith("0 ")]
    failed = len(results) - reproduced.total()
    return (
        f"{reproduced.total()} ok"
        + (f": {', '.join(counts)}" if counts else "")
        + (f"; {failed} not ok" if failed else "")
    )


def _example(result: Result, width: int) -> str:
    example = result.example
    tables, printed, computed = _side_by_side(example.printed, result.computed)
    rows = {
        "source": [f"{example.source}, under: {example.heading}"],
        "statement": example.statement,
        "inputs": _lines(example.inputs),
        "the notes": _lines(printed) or ([] if tables else ["(a picture, without numbers)"]),
        "computed": _lines(computed, example.true, example.digits),
        "the paths": ["; ".join(f"{path}: {_text(product)}" for path, product in result.products.items())],
        "": tables,
        "verdict": [_verdict(result)],
        "remark": [example.remark or ""],
        "tolerance": [example.tolerance["why"] if example.tolerance else ""],
    }
    lines = _beside(f"{example.id}: ", example.title, width, indent=4)
    for head, body in rows.items():
        lines += _wrapped(head, filter(None, body), width) if head else [f"  {line}" for line in body]
    return "\n".join(lines)


def _brief(result: Result, width: int) -> str:
    example = result.example
    lines = _beside(f"{_MARKS[example.verdict]} {example.id}: ", example.title, width, indent=4)
    lines += _wrapped("the notes", _lines(example.printed), width)
    lines += _wrapped("computed", _cut(_lines(result.computed, example.true, example.digits), 2), width)
    if example.reason or not result.ok:
        lines += _wrapped("verdict", [_verdict(result)], width)
    return "\n".join(lines)


def _wrapped(head: str, body: Iterable[str], width: int) -> Iterator[str]:
    """Lines of text beside a head, which stands before the first of them."""
    for line in body:
        yield from _beside(f"  {head:<12}", line, width)
        head = ""


def _beside(head: str, text: str, width: int, indent: int | None = None) -> list[str]:
    """A text in lines of a width beside a head; where the head leaves too little of a line, below it."""
    room = indent or (len(head) if len(head) <= width / 2 else 4)
    return textwrap.wrap(text, width, initial_indent=head, subsequent_indent=" " * room, break_on_hyphens=False)


def _verdict(result: Result) -> str:
    if not result.ok:
        return f"NOT REPRODUCED: {'; '.join(result.differing)}"
    example = result.example
    reason = example.reason or ("" if example.printed else "There is nothing printed to compare with.")
    return f"{example.verdict}: {reason}" if reason else example.verdict


# ---------------------------------------------------------------------------------------------------------------------
# Facts as text
# ---------------------------------------------------------------------------------------------------------------------


def _lines(facts: Mapping[str, Any], truth: Any = None, digits: int = 7, head: str = "") -> list[str]:
    """Plain facts on one line, and separate lines for facts with parts; ``truth`` tells which numbers are exactly 0."""
    truth = truth if isinstance(truth, dict) else {}
    plain = [_fact(key, value, truth.get(key), digits) for key, value in facts.items() if not isinstance(value, dict)]
    lines = [head + "; ".join(_cut(plain))] if plain else []
    for key, value in facts.items():
        if isinstance(value, dict):
            lines += _lines(value, truth.get(key), digits, f"{head}{_at(key)}: ")
    return lines


def _at(key: str) -> str:
    return key if number(key) is None else f"at {key}"


def _fact(key: str, value: Any, truth: Any, digits: int) -> str:
    """``x = 2``, but ``formula: a - y``, and in a table ``at 2: 4``."""
    words = isinstance(value, str) and number(value) is None
    return f"{_at(key)}{': ' if words or number(key) is not None else ' = '}{_text(value, truth, digits)}"


def _text(fact: Any, truth: Any = None, digits: int = 7) -> str:
    """A fact as text; a number has a few digits, and is 0 if it is so except for rounding."""
    if isinstance(fact, list):
        truths = truth if isinstance(truth, list) and len(truth) == len(fact) else [None] * len(fact)
        return f"[{', '.join(_cut([_text(*pair, digits) for pair in zip(fact, truths, strict=True)]))}]"
    if isinstance(fact, dict):
        return ", ".join(f"{key}: {_text(value)}" for key, value in fact.items())
    if not isinstance(fact, float):
        return str(fact)
    exact_zero = isinstance(truth, str) and number(truth) == 0
    return "0" if exact_zero and abs(fact) < 1e-12 else _decimal(fact, digits)


def _decimal(x: float, digits: int = 7) -> str:
    """A few digits as they are written by hand: ``0.25``, ``9.536743 × 10^-7``.

    >>> _decimal(0.1 + 0.2), _decimal(-0.0), _decimal(2199023255552.0)
    ('0.3', '0', '2.199023 × 10^12')
    """
    mantissa, _, exponent = f"{x + 0.0:.{digits}g}".partition("e")
    return f"{mantissa} × 10^{int(exponent)}" if exponent else mantissa


def _cut(entries: list[str], few: int = _LONG) -> list[str]:
    """The entries of a table; only the first few and the last of a long one."""
    return entries if len(entries) <= 2 * few else [*entries[: few - 1], f"… {len(entries)} in all …", entries[-1]]


# ---------------------------------------------------------------------------------------------------------------------
# Long tables, printed beside computed
# ---------------------------------------------------------------------------------------------------------------------


def _side_by_side(printed: Facts, computed: Facts) -> tuple[list[str], Facts, Facts]:
    """The long tables that the notes print and the engine computed, as lines; and the facts that are left."""
    shared = {key: (printed[key], computed[key]) for key in printed if key in computed}
    single = {key: pair for key, pair in shared.items() if _is_number(pair[0]) and isinstance(pair[1], float)}
    tables = {"": single} if len(single) > _LONG else {}
    for key, (words, numbers) in shared.items():
        if isinstance(words, list) and isinstance(numbers, list) and len(words) == len(numbers) > _LONG:
            tables[key] = {str(i): pair for i, pair in enumerate(zip(words, numbers, strict=True))}
    done = {*tables, *tables.get("", {})}
    left = [{key: fact for key, fact in facts.items() if key not in done} for facts in (printed, computed)]
    return [line for key, table in tables.items() for line in _table(key, table)], left[0], left[1]


def _is_number(fact: Any) -> bool:
    return isinstance(fact, str) and number(fact) is not None


def _table(name: str, rows: dict[str, tuple[str, float]]) -> Iterator[str]:
    """A table with the digits that agree, a line for each row."""
    cells = [(name, "the notes", "computed", "digits that agree")]
    for key, (words, x) in rows.items():
        agreeing, digits = agreement(words, x)
        shown = repr(x) if digits > 10 else _decimal(x, max(7, digits + 1))
        cells.append((key, words, shown, "all" if agreeing == digits else f"{agreeing} of {digits}"))
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        yield "   ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def agreement(printed: str, computed: float) -> tuple[int, int]:
    """How many leading digits of a printed number are right, after rounding; and how many it has.

    >>> agreement("0.731", 0.7310585786), agreement("1.944722079042557", 1.9447222079042557)
    ((3, 3), (7, 16))
    """
    shown = float(printed)
    digits = len(re.sub(r"e.*|\D", "", printed).lstrip("0")) or 1
    decimals = len(printed.partition(".")[2])
    if shown == computed or ("e" not in printed and math.isclose(round(computed, decimals), shown, rel_tol=1e-15)):
        return digits, digits
    same = (n for n in range(digits - 1, 0, -1) if f"{shown:.{n - 1}e}" == f"{computed:.{n - 1}e}")
    return next(same, 0), digits
