"""Matrices of derivatives that are mostly zeros: which entries they have, and what these are computed from.

A derivative is a sum over paths.  So where no path leads from an input to an output it is 0, whatever the numbers are,
and it is not computed.  The other entries of a Jacobian are expressions, found in sweeps that visit only what lies on
the paths: a reverse sweep for each output, or a forward sweep for each input if that is much less work.

>>> graph = ExpressionGraph()
>>> x, y = graph.input("x"), graph.input("y")
>>> outputs = [x * x, x * y]
>>> jacobian = SparseJacobian(graph, lambda guarded: outputs, [x, y])
>>> jacobian.pattern.places.tolist(), list(map(str, jacobian.entries(guarded=False)))
([0, 2, 3], ['2.0 * x', 'y', 'x'])
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from functools import cached_property
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.functions import concatenate
from autograd.compiler.derivatives import ForwardMode, ReverseMode, forward_mode, operands_of, users_of
from autograd.compiler.expressions import Expression, ExpressionGraph
from autograd.core.aliases import Array
from autograd.core.sweep import is_node

__all__ = ["Pattern", "SparseJacobian"]


_LITTLE = 1_000
"""So few steps of reverse sweeps are not replaced by forward sweeps, which may have infinity where they have nan."""


class Pattern:
    """The entries of a matrix that can be other than 0.

    Args:
        shape: the number of rows and columns.
        entries: the row and the column of each number that is computed.
        symmetric: whether a number stands also for the entry on the other side of the diagonal.

    Attributes:
        shape: the number of rows and columns.
        rows: the row of each entry, row by row.
        columns: the column of each entry.
        numbers: for each entry, which of the numbers it is.
        places: the place of each entry in the flattened matrix.

    >>> Pattern((2, 2), [(1, 1), (1, 0)], symmetric=True).dense(np.array([5.0, 7.0]))
    array([[0., 7.],
           [7., 5.]])
    """

    def __init__(self, shape: tuple[int, int], entries: Sequence[tuple[int, int]], symmetric: bool = False) -> None:
        self.shape = shape
        rows, columns = np.array(entries, np.intp).reshape(-1, 2).T
        self._computed = rows, columns
        numbers = np.arange(len(rows))
        if symmetric:
            other = rows != columns
            rows, columns = np.concatenate([rows, columns[other]]), np.concatenate([columns, rows[other]])
            numbers = np.concatenate([numbers, numbers[other]])
        order = np.lexsort((columns, rows))
        self.rows, self.columns, self.numbers = rows[order], columns[order], numbers[order]
        self.places = self.rows * shape[1] + self.columns

    def dense(self, numbers: Any) -> Any:
        """The matrix with these numbers; if each is a row with a number for each sample, a matrix for each sample."""
        if is_node(numbers):
            return self._of_nodes(numbers)
        if numbers.ndim == 1:
            matrix = np.zeros(self.shape)
            matrix.ravel()[self.places] = numbers[self.numbers]
            return matrix
        matrix = np.zeros((numbers.shape[1], *self.shape))
        matrix.reshape(len(matrix), -1)[:, self.places] = numbers[self.numbers].T
        return matrix

    def _of_nodes(self, numbers: Any) -> Any:
        places = np.full(self.shape, numbers.size)
        samples = numbers.shape[1:]
        places.ravel()[self.places] = self.numbers * (samples[0] if samples else 1)
        if samples:
            shifts = np.arange(samples[0])[:, np.newaxis, np.newaxis]
            places = np.where(places < numbers.size, places + shifts, places)
        return concatenate([numbers.reshape(-1), np.zeros(1)])[places]

    def sparse(self, numbers: Array) -> Any:
        """The matrix as a ``scipy.sparse.csr_array``, which shares nothing with others.

        Raises:
            ImportError: without SciPy.
        """
        matrix = copy(self._zeros)  # a new one is checked, which takes much longer than all the rest
        matrix.data, matrix.indices, matrix.indptr = numbers[self.numbers], matrix.indices.copy(), matrix.indptr.copy()
        return matrix

    @cached_property
    def _zeros(self) -> Any:
        starts = np.searchsorted(self.rows, np.arange(self.shape[0] + 1))
        return _scipy_sparse().csr_array((np.zeros(len(self.rows)), self.columns, starts), shape=self.shape)

    @cached_property
    def tangents(self) -> Array:
        """A matrix whose product with this one has all entries of this one, but few columns: one for each colour."""
        colours = np.arange(self.colours.max(initial=-1) + 1)
        tangents: Array = np.equal(self.colours[:, np.newaxis], colours).astype(float)
        return tangents

    def decompressed(self, product: Any) -> Any:
        """The numbers, from the product of the matrix and the :attr:`tangents`; an array or a Tensor."""
        rows, columns = self._computed
        return product[rows, self.colours[columns]]

    @cached_property
    def colours(self) -> Array:
        """A colour for each column; columns of the same colour have entries in different rows.

        >>> Pattern((3, 3), [(0, 0), (1, 1), (2, 2), (2, 1)]).colours.tolist()
        [0, 0, 1]
        """
        taken = [0] * self.shape[0]  # the colours of the columns with an entry in a row, as bits
        rows_of: list[list[int]] = [[] for _ in range(self.shape[1])]
        for row, column in zip(self.rows.tolist(), self.columns.tolist(), strict=True):
            rows_of[column].append(row)
        colours = []
        for rows in rows_of:
            met = 0
            for row in rows:
                met |= taken[row]
            free = ~met & (met + 1)  # the lowest bit that is not set
            for row in rows:
                taken[row] |= free
            colours.append(free.bit_length() - 1)
        return np.array(colours, int)


class SparseJacobian:
    """The derivatives of some expressions with respect to some inputs.

    Args:
        graph: the graph of the expressions.
        outputs: makes the expressions, with guards or without; see :func:`~autograd.compiler.derivatives.reverse_mode`.
        inputs: the inputs.
        per_sample: whether derivatives are for each sample, and not summed over all samples.
        symmetric: whether the expressions are the gradient of one number in these inputs.

    Attributes:
        pattern: the derivatives that can be other than 0.
        size: how many expressions the outputs are computed from.
        work: how many of these all sweeps visit, each counted as often as it is visited.
        symmetric: whether only one of two equal derivatives is computed.
        has_products: whether :meth:`rates` can be computed, and without much more work than the entries.
    """

    def __init__(
        self,
        graph: ExpressionGraph,
        outputs: Callable[[bool], Sequence[Expression]],
        inputs: Sequence[Expression],
        *,
        per_sample: bool = False,
        symmetric: bool = False,
    ) -> None:
        self._graph, self._outputs, self._inputs, self._per_sample = graph, outputs, inputs, per_sample
        targets = outputs(False)
        operands = operands_of(targets)
        down, up = _paths(inputs, targets, users_of(targets)), _paths(targets, inputs, operands)
        tells_samples_apart = per_sample or not any(x.varying for x in inputs)
        self.symmetric, self._plain = symmetric, targets
        self._forward = symmetric or (tells_samples_apart and up.work > _LITTLE and down.work < up.work / 4)
        self.has_products = symmetric or (tells_samples_apart and down.work < up.work * 4)
        self._sweeps = down.found if self._forward else up.found
        if symmetric:
            self._sweeps = [[i for i in rows if i >= j] for j, rows in enumerate(down.found)]
        self.size = len(operands)
        self.work = down.work if self._forward else up.work
        pairs = [(one, other) for one, others in enumerate(self._sweeps) for other in others]
        entries = [(row, column) for column, row in pairs] if self._forward else pairs
        self.pattern = Pattern((len(targets), len(inputs)), entries, symmetric)

    def entries(self, guarded: bool) -> list[Expression]:
        """The derivatives that are computed, for the numbers of the pattern."""
        one, outputs = self._graph.constant(1.0), self._outputs(True) if guarded else self._plain
        found: list[Expression] = []
        forward = ForwardMode(self._graph, outputs, guarded=guarded)
        reverse = ReverseMode(self._graph, self._inputs, per_sample=self._per_sample, guarded=guarded)
        for source, targets in enumerate(self._sweeps):
            if not targets:
                continue
            if self._forward:
                arrivals = forward.sweep({self._inputs[source]: one})
                found += [arrivals.total(outputs[i]) for i in targets]
            else:
                arrivals = reverse.sweep([(outputs[source], one, one)])
                found += [arrivals.total(self._inputs[i]) for i in targets]
        return found

    def rates(self, tangents: Sequence[Expression], guarded: bool) -> list[Expression]:
        """How fast each expression changes along a tangent: the product of the matrix and this vector."""
        rates = dict(zip(self._inputs, tangents, strict=True))
        return forward_mode(self._graph, rates, self._outputs(guarded), guarded=guarded)


class _Paths(NamedTuple):
    """Where paths lead.

    Attributes:
        found: for each expression that they start from, the positions of the targets that they reach.
        work: how many expressions lie on them.
    """

    found: list[list[int]]
    work: int


def _paths(sources: Sequence[Expression], targets: Sequence[Expression], edges: Mapping[int, Sequence[int]]) -> _Paths:
    """Follow edges, between indices of expressions, from some expressions to others."""
    positions: defaultdict[int, list[int]] = defaultdict(list)
    for i, x in enumerate(targets):
        positions[x.index].append(i)
    found, work = [], 0
    for x in sources:
        met, waiting = {x.index}, [x.index]
        while waiting:
            for index in edges.get(waiting.pop(), ()):
                if index not in met:
                    met.add(index)
                    waiting.append(index)
        work += len(met)
        found.append(sorted(chain(*[positions[index] for index in met if index in positions])))
    return _Paths(found, work)


def _scipy_sparse() -> Any:
    try:
        import scipy.sparse
    except ImportError:
        raise ImportError('sparse=True needs SciPy, which is not installed: pip install "pathgrad[special]"') from None
    return scipy.sparse
