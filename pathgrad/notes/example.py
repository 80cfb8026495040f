"""An example of the notes: its record, the function that computes it, and the comparison of the two."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from fnmatch import fnmatchcase
from fractions import Fraction
from importlib.resources import files
from typing import Any, TypeAlias

from autograd import Paths
from pathgrad.notes.outline import NOTES, places
from pathgrad.notes.steps import plain

__all__ = ["EXAMPLES", "VERDICTS", "Example", "Facts", "Inputs", "Result", "example", "number", "run", "select"]

VERDICTS = ("agrees", "the notes err", "the scan is damaged", "a convention")
"""The verdicts: right as printed; wrong; read wrongly from the page; and one of several usual choices."""

Inputs: TypeAlias = Mapping[str, Any]
Facts: TypeAlias = dict[str, Any]
Compute: TypeAlias = Callable[[Inputs], Facts]


@dataclass(frozen=True, kw_only=True)
class Example:
    """One worked example of the notes, a record of ``examples.json``.

    Attributes:
        id: the identifier.
        title: the title.
        kind: the topic.
        source: the place in the notes.
        statement: the formulas, line by line.
        inputs: the given numbers.
        printed: what the notes print, in their words.
        true: what is true, as decimals of up to 30 digits or in words.
        verdict: one of :data:`VERDICTS`, on what the notes print.
        reason: why, and what is right; ``None`` if there is nothing to add.
        tolerance: the tolerance of the comparison, and ``why`` it is needed, if it is not the usual one.
        digits: how many digits of the results are shown.
        remark: a further remark for the reader.
        paths: the paths of the dependency graph, each with its product and the local derivatives.
    """

    id: str
    title: str
    kind: str
    source: str
    statement: list[str]
    inputs: Inputs
    printed: Facts
    true: Facts
    verdict: str
    reason: str | None
    tolerance: Mapping[str, str] | None
    digits: int = 7
    remark: str | None = None
    paths: list[Facts] = field(default_factory=list)

    @property
    def chapters(self) -> list[int]:
        """The numbers of the notes that have the example, the first of them foremost."""
        return [notes for notes, _ in places(self.source)]

    @property
    def heading(self) -> str:
        """The heading of the page."""
        notes, line = places(self.source)[0]
        return NOTES[notes].heading(line)

    def run(self) -> Result:
        """Compute the example, and compare the results with what is true."""
        try:
            computed = dict(_FUNCTIONS[self.id](self.inputs))
        except (ArithmeticError, ValueError, RuntimeError) as error:  # a wrong rule may cause any of these
            stopped = f"it stops with {type(error).__name__}: {error}"
            return Result(self, computed={}, products={}, differing=(stopped,))
        found = _by_path(computed.pop("paths", []))
        computed = _plain(computed)
        agrees = _agreement(self.tolerance)
        expected = {
            path["path"]: {
                "product": path["product"],
                "local": {key.replace("/d", "/∂").replace("d", "∂", 1): fact for key, fact in path["local"].items()},
            }
            for path in self.paths
        }
        differing = [*_differences(computed, self.true, agrees), *_differences(found, expected, agrees, "path")]
        products = {path: facts["product"] for path, facts in found.items()}
        return Result(self, computed, products, tuple(differing))


@dataclass(frozen=True)
class Result:
    """An example and its computed results.

    Attributes:
        example: the example.
        computed: what the engine computed, with the keys of ``true``.
        products: the product of each path, by path.
        differing: the differences from what is true, in words; empty if there are none.
    """

    example: Example
    computed: Facts
    products: dict[str, float]
    differing: tuple[str, ...]

    @property
    def ok(self) -> bool:
        """Whether all computed results are true."""
        return not self.differing

    def as_json(self) -> dict[str, Any]:
        """The result as plain data for JSON.

        >>> from pathgrad.notes import run
        >>> [result] = run(["activation-centre"])
        >>> result.as_json()["computed"]
        {'sigmoid(0)': 0.5, 'tanh(0)': 0.0}
        """
        example = self.example
        return {
            "id": example.id,
            "title": example.title,
            "source": example.source,
            "heading": example.heading,
            "statement": example.statement,
            "inputs": example.inputs,
            "printed": example.printed,
            "computed": self.computed,
            "true": example.true,
            "ok": self.ok,
            "verdict": example.verdict,
            "reason": example.reason,
        }


def _read() -> dict[str, Example]:
    text = files("pathgrad.notes").joinpath("examples.json").read_text(encoding="utf-8")
    return {record["id"]: Example(**record) for record in json.loads(text)}


EXAMPLES: Mapping[str, Example] = _read()
"""Every example by its id, in the order of the notes."""

_FUNCTIONS: dict[str, Compute] = {}


def example(id: str) -> Callable[[Compute], Compute]:
    """Register the function that computes an example of the data file.

    The function gets the inputs of the example and returns its results under the keys of ``true``; under ``"paths"`` it
    may add results of :func:`autograd.paths`.
    """

    def register(compute: Compute) -> Compute:
        if id not in EXAMPLES or id in _FUNCTIONS:
            raise ValueError(f"{id!r} is {'computed twice' if id in _FUNCTIONS else 'not in examples.json'}")
        _FUNCTIONS[id] = compute
        return compute

    return register


def run(ids: Sequence[str] | None = None) -> list[Result]:
    """Recompute examples of the lecture notes with the engine.

    Args:
        ids: the examples to run, or patterns such as ``gd-*``; by default all of them.

    Returns:
        A :class:`Result` for each, in the given order.

    Raises:
        ValueError: if an example does not exist.

    >>> [result] = run(["chain-rule-two-paths"])
    >>> result.ok, result.computed["dy/dv"], result.products
    (True, -1.0, {'v → t → y': -1.0, 'v → x → y': -0.0})
    """
    return [example.run() for example in select(ids)]


def select(ids: Sequence[str] | None = None) -> list[Example]:
    """The examples with these ids or patterns, each once and in the given order; without ids, all of them.

    Raises:
        ValueError: if an example does not exist.

    >>> [example.id for example in select(["chain-rule-*-path*"])]
    ['chain-rule-single-path', 'chain-rule-two-paths', 'chain-rule-four-paths']
    """
    if ids is None:
        return list(EXAMPLES.values())
    given = [ids] if isinstance(ids, str) else ids
    return [EXAMPLES[id] for id in dict.fromkeys(id for pattern in given for id in _matching(pattern))]


def _matching(pattern: str) -> list[str]:
    if found := [id for id in EXAMPLES if fnmatchcase(id, pattern.lower())]:
        return found
    plain = pattern.lower().strip("*")
    close = [id for id in EXAMPLES if plain and plain in id] + get_close_matches(plain, EXAMPLES, n=3, cutoff=0.0)
    first, second, third = list(dict.fromkeys(close))[:3]
    raise ValueError(f"the notes have no example {pattern!r}; did you mean {first}, {second} or {third}?")


# ---------------------------------------------------------------------------------------------------------------------
# Comparing what was computed with what is true
# ---------------------------------------------------------------------------------------------------------------------

Agreement: TypeAlias = Callable[[float, float, int], bool]


def number(text: Any) -> float | None:
    """The number in a record, written as a decimal, a fraction or a plain number; ``None`` for words.

    >>> number("0.25"), number("1/4"), number(2), number("a - y")
    (0.25, 0.25, 2.0, None)
    """
    try:
        return float(Fraction(text))
    except ValueError:
        return None


def _plain(x: Any) -> Any:
    """Facts, converted to dicts, lists, floats and strings."""
    if isinstance(x, Mapping):
        return {key: _plain(value) for key, value in x.items()}
    if isinstance(x, (list, tuple)):
        return [_plain(value) for value in x]
    return x if x is None or isinstance(x, str) else plain(x)


def _by_path(found: Sequence[Paths]) -> dict[str, Facts]:
    """The product of each path and its local derivatives, from the output backwards as in the notes."""
    return {
        str(path): {
            "product": path.product,
            "local": {f"∂{edge.child.label}/∂{edge.parent.label}": edge.partial for edge in reversed(path.edges)},
        }
        for paths in found
        for path in paths
    }


def _agreement(tolerance: Mapping[str, str] | None) -> Agreement:
    """A function that tells whether a computed number agrees with the true one; its last argument is the table row.

    The usual tolerance is a relative deviation of 1e-9, or an absolute one of 1e-12 if the true number is zero.  A
    record may give another ``relative`` tolerance, an ``absolute`` one that grows by a factor ``growth`` from row to
    row, or an upper bound of the number itself, ``at_most``.
    """
    given = {key: float(value) for key, value in (tolerance or {}).items() if key != "why"}

    def agrees(computed: float, true: float, row: int) -> bool:
        if "at_most" in given:
            return 0 <= computed <= given["at_most"]
        if "absolute" in given:
            return abs(computed - true) <= given["absolute"] * given.get("growth", 1.0) ** row
        return math.isclose(computed, true, rel_tol=given.get("relative", 1e-9), abs_tol=0 if true else 1e-12)

    return agrees


def _differences(computed: Any, true: Any, agrees: Agreement, key: str = "", row: int = 0) -> Iterator[str]:
    """The differences in words: ``dy/dw is -1.0, not -2``."""
    if isinstance(true, list):
        computed = dict(enumerate(computed)) if isinstance(computed, list) else computed
        true = dict(enumerate(true))
    if isinstance(true, dict):
        if not isinstance(computed, dict) or computed.keys() != true.keys():
            yield f"{key or 'the result'} is {computed}, not {true}"
            return
        for k in true:
            yield from _differences(computed[k], true[k], agrees, f"{key} {k}".strip(), k if isinstance(k, int) else 0)
    elif (expected := number(true)) is None or not isinstance(computed, float):
        if computed != true:
            yield f"{key} is {computed}, not {true}"
    elif not agrees(computed, expected, row):
        yield f"{key} is {computed!r}, not {true}"
