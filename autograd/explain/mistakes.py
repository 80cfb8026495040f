"""The one change of a product of local derivatives that explains a wrong term.

Nothing is proved here: a change explains a term if both have the same values at all points.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate, chain
from typing import TypeVar

import numpy as np

from autograd.core.aliases import Array
from autograd.explain.extras import symbolic_or_none
from autograd.explain.graph import Edge
from autograd.explain.parser import FormulaError, compute, parsed
from autograd.explain.samples import Samples

__all__ = ["Change", "Changes", "Steps", "same"]

EdgeName = tuple[str, str]
K = TypeVar("K", bound=Hashable)


_OWN_SLOPES: dict[str, Callable[[Array], Array]] = {
    "{0}*(1-{0})": lambda a: a * (1 - a),
    "1-{0}**2": lambda a: 1 - a**2,
}
"""The slopes of sigmoid and tanh in their own value, as they are usually written."""


@dataclass(frozen=True)
class Change:
    """A change that explains a term: its kind, and what is wrong in words."""

    kind: str
    message: str


@dataclass(frozen=True)
class Steps:
    """A product of local derivatives, or the sum of several that share some of their edges.

    Attributes:
        product: its values.
        others: for each edge that may be changed, the values without the local derivative of this edge.
    """

    product: Array
    others: dict[EdgeName, Array]

    @classmethod
    def along(cls, edges: Sequence[EdgeName], samples: Samples) -> Steps:
        """The steps of a single path."""
        factors = [samples.partials[edge] for edge in edges]
        one = np.ones(samples.count)
        before = list(accumulate(factors, operator.mul, initial=one))
        after = list(accumulate(reversed(factors), operator.mul, initial=one))[::-1]
        return cls(before[-1], {edge: before[k] * after[k + 1] for k, edge in enumerate(edges)})

    @classmethod
    def together(cls, paths: Sequence[Steps]) -> Steps:
        """The sum of several paths; only an edge that all of them share may be changed."""
        shared = [edge for edge in paths[0].others if all(edge in path.others for path in paths)]
        return cls(
            np.sum([path.product for path in paths], axis=0),
            {edge: np.sum([path.others[edge] for path in paths], axis=0) for edge in shared},
        )


class Changes:
    """The changes that are tried, simplest first, for claims about the same samples."""

    def __init__(self, samples: Samples, edges: dict[EdgeName, Edge]) -> None:
        self.samples = samples
        self.edges = edges
        self.values = samples.values
        self._substitutes: dict[EdgeName, list[tuple[Change, Array]]] = {}

    def explain(self, candidates: Mapping[K, tuple[Array, Steps]], tolerance: Array) -> tuple[K, Change] | None:
        """The simplest change that turns the steps of one of the candidates into what is claimed for them.

        Args:
            candidates: for each path, or several paths, the values that are claimed and the true steps.
            tolerance: how far values may be apart at each point.
        """
        with np.errstate(all="ignore"):
            for name, (target, steps) in candidates.items():
                change = self.scaled(target, steps.product, tolerance)
                if change is not None:
                    return name, change
            for search in (self._miscounted, self._substituted, self._within):
                for name, (target, steps) in candidates.items():
                    for edge, others in steps.others.items():
                        for change, values in search(edge):
                            if same(target, others * values, tolerance):
                                return name, change
        return None

    def scaled(self, target: Array, product: Array, tolerance: Array) -> Change | None:
        """A wrong sign or a constant factor; at one point every number is a multiple, so that only small ones count."""
        if same(target, -product, tolerance):
            return Change("sign", "the sign is wrong")
        factor = _constant_ratio(target, product, tolerance)
        if factor is None or (len(product) == 1 and abs(factor) not in (2, 3, 4, 1 / 2, 1 / 3, 1 / 4)):
            return None
        return Change("constant", f"a factor of {_fraction(factor)} too much")

    def named(self, edge: EdgeName) -> str:
        """The local derivative of an edge, with its formula where SymPy is installed."""
        parent, child = edge
        formula = self.edges[edge].formula if edge in self.edges else None
        return f"∂{child}/∂{parent}" + (f" = {formula}" if formula else "")

    def _miscounted(self, edge: EdgeName) -> Iterator[tuple[Change, Array]]:
        partial, name = self.samples.partials[edge], self.named(edge)
        yield Change("factor missing", f"the factor {name} is missing"), np.ones_like(partial)
        yield Change("factor doubled", f"the factor {name} appears twice"), partial**2
        yield Change("factor inverted", f"the factor {name} is inverted"), 1 / partial

    def _within(self, edge: EdgeName) -> Iterator[tuple[Change, Array]]:
        """The same changes of the factors that the formula of a local derivative has."""
        partial, name = self.samples.partials[edge], self.named(edge)
        for text, values in self._pieces(edge):
            within = f"the factor {text} of {name}"
            yield Change("factor missing", f"{within} is missing"), partial / values
            yield Change("factor doubled", f"{within} appears twice"), partial * values
            yield Change("factor inverted", f"{within} is inverted"), partial / values**2
            for other, substitute in self.values.items():
                message = f"{other} stands where {within} should"
                yield Change("factor exchanged", message), partial / values * substitute

    def _substituted(self, edge: EdgeName) -> list[tuple[Change, Array]]:
        """Other factors in the place of a local derivative, and the same formula at another variable."""
        if edge not in self._substitutes:
            found = chain(self._exchanged(edge), self._wrong_node(edge), self._far_fetched(edge))
            self._substitutes[edge] = [(change, values) for change, values in found if np.any(values)]
        return self._substitutes[edge]

    def _exchanged(self, edge: EdgeName) -> Iterator[tuple[Change, Array]]:
        for text, values in self.values.items():
            yield Change("factor exchanged", f"{text} stands where the factor {self.named(edge)} should"), values

    def _wrong_node(self, edge: EdgeName) -> Iterator[tuple[Change, Array]]:
        """The local derivative with one variable of its formula, or with its own node's value, replaced by another."""
        parent, child = edge
        partial, own = self.samples.partials[edge], self.values[child]
        for text, slope in _OWN_SLOPES.items():
            if np.allclose(partial, slope(own), rtol=1e-10):
                for other, values in self.values.items():
                    message = f"{text.format(other)} stands where the factor ∂{child}/∂{parent} = {text.format(child)}"
                    yield Change("wrong node", f"{message} should"), slope(values)
        definition = self.samples.definitions[child]
        uses = [name for name in definition.uses if name in self.values]
        factor = self.named(edge)
        if re.search(rf"\b{re.escape(child)}\b", factor.partition(" = ")[2]):  # v, for the slope of exp(w)
            factor = f"∂{child}/∂{parent} of {definition}"
        for name in sorted(uses, key=lambda name: name != parent):
            for other in self.values:
                if other != name:
                    message = f"the factor {factor} is evaluated at {other} instead of {name}"
                    yield Change("wrong node", message), self.samples.elsewhere(edge, {name: other})

    def _far_fetched(self, edge: EdgeName) -> Iterator[tuple[Change, Array]]:
        """Constants, simple functions of variables, and other local derivatives, in the place of one."""
        candidates: list[tuple[str, Array]] = [("e", np.full(1, math.e)), ("pi", np.full(1, math.pi))]
        for name, values in self.values.items():
            candidates += [
                (f"1-{name}", 1 - values), (f"1/{name}", 1 / values), (f"-{name}", -values), (f"{name}**2", values**2),
                (f"{name}*(1-{name})", values * (1 - values)), (f"1-{name}**2", 1 - values**2),
            ]  # fmt: skip
        candidates += [(self.named(other), partial) for other, partial in self.samples.partials.items()]
        for text, values in candidates:
            yield Change("factor exchanged", f"{text} stands where the factor {self.named(edge)} should"), values

    def _pieces(self, edge: EdgeName) -> list[tuple[str, Array]]:
        """The factors of the formula of a local derivative, if it has several, and the base of a power."""
        dialect = symbolic_or_none()
        expression = self.edges[edge].expression if edge in self.edges else None
        if dialect is None or expression is None:
            return []
        factors = [(base**exponent, base) for base, exponent in expression.as_powers_dict().items()]
        texts = dict.fromkeys(map(dialect.text, chain.from_iterable(factors)))
        return [(text, values) for text in texts if (values := self._value(text)) is not None]

    def _value(self, text: str) -> Array | None:
        try:
            return np.asarray(compute(parsed(text, self.values), self.values)) + np.zeros(self.samples.count)
        except (FormulaError, LookupError, TypeError):  # a formula that SymPy writes and the parser does not read
            return None


def same(one: Array, other: Array, tolerance: Array) -> bool:
    """Whether two terms have the same values, all of them finite."""
    distance = np.abs(one - other)
    return bool(np.all(np.isfinite(distance) & (distance <= tolerance)))


def _constant_ratio(one: Array, other: Array, tolerance: Array) -> float | None:
    """The number that ``one`` is ``other`` times, if it is the same at all points and not 0."""
    largest = int(np.argmax(np.abs(other)))
    if not other[largest]:
        return None
    seen = np.count_nonzero(np.abs(other) > 1e3 * tolerance)
    ratio = float(one[largest] / other[largest])
    if seen < min(3, len(other)):
        return None
    return ratio if ratio and same(one, ratio * other, tolerance * max(1.0, abs(ratio))) else None


def _fraction(x: float) -> str:
    ratio = Fraction(x).limit_denominator(1000)
    return str(ratio) if math.isclose(ratio, x, rel_tol=1e-12) else f"{x:.12g}"
