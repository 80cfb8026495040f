"""A text of definitions at many points at once: every variable and every local derivative as an array of numbers.

The points are drawn from the domain: where a definition has no value, another point is drawn.  Where functions have
kinks, there are points on each side that was met.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from copy import copy
from typing import Any

import numpy as np

from autograd.arrays.tensor import Tensor
from autograd.core.aliases import Array
from autograd.core.sweep import adjoints, topological_order
from autograd.core.value import Value
from autograd.explain.parser import Definition, FormulaError, compute, define, definitions, free_names
from autograd.explain.spelling import quoted

__all__ = ["Samples"]

_DRAWN = 600
_FEWEST, _MOST = 12, 40
_MODERATE = 3  # points where all numbers lie between 1e-3 and 1e3 come first: few digits cancel there
_RANGES = [(0.2, 0.9), (-1.0, 1.0), (-3.0, 3.0), (1.0, 4.0), (-10.0, 10.0)]


class Samples:
    """The variables of some definitions at several points.

    Attributes:
        names: the variables, each before those that are made of it.
        definitions: the definitions, by name, in the order of computation.
        graph: the nodes at the first point, by name.
        values: an array for each variable, with a number for each point.
        partials: an array for each edge (parent, child) between variables: the local derivative.
        kinked: for each point whether a function is on a kink there; these points come last.
        given: the numbers of the variables that have the same one at every point.
        count: the number of points.
    """

    def __init__(self, text: str, given: Mapping[str, float]) -> None:
        self.given = given
        for name, number in given.items():
            _check_number(name, number)
        ordered = definitions(text)
        self.definitions = {definition.name: definition for definition in ordered}
        free = free_names(ordered, given)
        drawn = _drawn([*free, *given], given)
        self.values: dict[str, Array] = dict(drawn)
        self.partials: dict[tuple[str, str], Array] = {}
        self.kinked: Array = np.zeros(0, dtype=bool)
        with np.errstate(all="ignore"):
            kept = self._kept(ordered)
        if not kept:
            if not free:
                define(text, given)  # it raises an error that says what has no value
            raise FormulaError("no point was found at which the definitions and their derivatives have a value")
        self.values = {name: value[kept] for name, value in self.values.items()}
        self.partials = {edge: partial[kept] for edge, partial in self.partials.items()}
        self.kinked = self.kinked[kept]
        self.graph: dict[str, Value] = define(text, {name: float(self.values[name][0]) for name in drawn})
        self.names = tuple(self.graph)
        self.count = len(kept)

    def _kept(self, ordered: list[Definition]) -> list[int]:
        """Compute everything at all points that were drawn, and choose some of those where everything is finite."""
        pieces: list[Array] = []
        kinked = np.zeros(1, dtype=bool)
        for definition in ordered:
            self.values[definition.name], slopes, sides = self._computed(definition, {})
            pieces += sides
            kinked = kinked | np.any([side == 0 for side in sides], axis=0)
            for name, slope in slopes.items():
                self.partials[name, definition.name] = slope
                pieces.append(slope == 0)
        numbers = np.abs([*self.values.values(), *self.partials.values()])
        finite = np.all(np.isfinite(numbers), axis=0)
        spread = np.max(np.abs(np.log10(np.where(numbers == 0, 1.0, numbers))), axis=0)
        self.kinked = np.broadcast_to(kinked, len(finite))
        order = np.lexsort((np.maximum(spread, _MODERATE), self.kinked))
        places = [int(k) for k in order if finite[k]]
        return list(_chosen(places, np.array(pieces, dtype=float).T))

    def _computed(
        self, definition: Definition, swapped: Mapping[str, str]
    ) -> tuple[Array, dict[str, Array], list[Array]]:
        """The values of a definition, its slope in each variable, and on which side of each kink the points are."""
        count = len(next(iter(self.values.values()), np.zeros(1)))
        names = [name for name in definition.uses if name in self.values]
        leaves = {name: Tensor(self.values[swapped.get(name, name)].copy(), label=name) for name in names}
        try:
            output = compute(definition._tree, leaves)
        except (ArithmeticError, ValueError, TypeError) as error:
            raise FormulaError(f"{quoted(definition)} has no value: {error}") from None
        if not isinstance(output, Tensor):
            return np.full(count, float(output)), {}, []
        order = topological_order(output)
        slopes = adjoints(order, np.ones(count))
        kinks = [(node, node.op.kink) for node in order if node.op is not None and node.op.kink is not None]
        sides = [np.sign(np.broadcast_to(kink(*_operands(node)), count)) for node, kink in kinks]
        found = {name: slopes.get(leaf) for name, leaf in leaves.items()}
        zero = np.zeros(count)
        return np.array(output.data), {n: zero if x is None else np.array(x) for n, x in found.items()}, sides

    def elsewhere(self, edge: tuple[str, str], swapped: Mapping[str, str]) -> Array:
        """The local derivative of an edge with some variables of its formula replaced by others, or nan."""
        parent, child = edge
        try:
            with np.errstate(all="ignore"):
                return self._computed(self.definitions[child], swapped)[1][parent]
        except FormulaError:  # such as for an order that must be a whole number
            return np.full(self.count, np.nan)

    def only(self, places: Array) -> Samples:
        """The same variables at some of the points."""
        found = copy(self)
        found.values = {name: value[places] for name, value in self.values.items()}
        found.partials = {edge: partial[places] for edge, partial in self.partials.items()}
        found.kinked, found.count = self.kinked[places], int(np.count_nonzero(places))
        return found

    def flows(self, start: str) -> dict[str, Array]:
        """The derivative of every variable that depends on ``start`` with respect to it, along all paths."""
        found = {start: np.ones(self.count)}
        for child in self.definitions:
            parts = [found[name] * self.partials[name, child] for name in self.parents(child) if name in found]
            if parts and child != start:
                found[child] = np.sum(parts, axis=0)
        return found

    def parents(self, child: str) -> list[str]:
        """The variables that a variable is made of."""
        return [name for name in self.definitions[child].uses if (name, child) in self.partials]


def _operands(node: Tensor) -> list[Any]:
    return [x.data if isinstance(x, Tensor) else x for x in node.operands]


def _check_number(name: str, number: float) -> None:
    try:
        Value(number)
    except TypeError as error:
        raise FormulaError(f"{name}: {error}") from None


def _drawn(names: list[str], given: Mapping[str, float]) -> dict[str, Array]:
    """Numbers for the variables, the same on every call; a variable that is given has its number at every point."""
    source = random.Random(0)
    count = 1 if set(names) == set(given) else _DRAWN
    return {
        name: np.full(count, float(given[name]))
        if name in given
        else np.array([source.uniform(*source.choice(_RANGES)) for _ in range(count)])
        for name in names
    }


def _chosen(places: list[int], pieces: Array) -> Iterator[int]:
    """The first few points, then those on a piece that was not met before."""
    met: set[bytes] = set()
    taken = 0
    for place in places:
        piece = pieces[place].tobytes() if len(pieces) else b""
        if taken < _MOST and (taken < _FEWEST or piece not in met):
            met.add(piece)
            taken += 1
            yield place
