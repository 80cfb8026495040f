"""Random graphs, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from autograd.arrays.tensor import Tensor
from autograd.checks.strategies.arrays import arrays
from autograd.checks.strategies.rows import call_in_python, numbers, operand_counts, rows
from autograd.core.primitive import Primitive
from autograd.core.value import Value
from autograd.dialects.python import Source

__all__ = ["Graph", "graphs"]

Kind: TypeAlias = type[Value] | type[Tensor]
"""A kind of node."""

_LIMIT = 50.0  # the derivative of sin at 1e9 has no digits left


@dataclass(frozen=True, repr=False, eq=False)
class Graph:
    """A computation as data: leaves, and steps that use leaves and earlier steps any number of times.

    Its ``repr`` is Python that builds the same graph after ``from autograd import *``; ``str`` gives one line for each
    node.

    Attributes:
        kind: ``Value`` or ``Tensor``.
        leaves: the number or array of each leaf, by name.
        steps: the row of the table and the operands of each step, by name; operands are names and constants.

    >>> from autograd import rules
    >>> graph = Graph(Value, {"x": 0.5}, {"v1": (rules.sin, ("x",)), "v2": (rules.multiply, ("v1", "v1"))})
    >>> graph
    x = Value(0.5); v1 = sin(x); v2 = v1 * v1
    >>> graph.build()["v2"]
    Value(0.22984884706593015, op=multiply)
    """

    kind: Kind
    leaves: Mapping[str, Any]
    steps: Mapping[str, tuple[Primitive, tuple[str | float, ...]]]

    def run(
        self, leaves: Iterable[Any] | None = None, call: Callable[[Primitive, list[Any]], Any] | None = None
    ) -> dict[str, Any]:
        """Compute every step, and return all leaves and results by name.

        Args:
            leaves: numbers, arrays, nodes or symbols to start from; by default, the numbers of the graph.
            call: a function of a row and a list of operands; by default, the row is called.
        """
        given = self.leaves.values() if leaves is None else leaves
        results: dict[str, Any] = dict(zip(self.leaves, given, strict=True))
        for name, (row, operands) in self.steps.items():
            arguments = [results[x] if isinstance(x, str) else x for x in operands]
            results[name] = row(*arguments) if call is None else call(row, arguments)
        return results

    def __call__(self, *leaves: Any) -> Any:
        """The last result, as a function of the leaves."""
        return list(self.run(leaves).values())[-1]

    def build(self) -> dict[str, Any]:
        """Build the graph with new nodes, and return them by name, the leaves first and the output last."""
        return self.run(map(self.kind, self.leaves.values()))

    def __str__(self) -> str:
        return "\n".join(self._lines())

    def __repr__(self) -> str:
        return "; ".join(self._lines())

    def _lines(self) -> Iterator[str]:
        if any(getattr(x, "dtype", None) == np.float32 for x in self.leaves.values()):
            yield "import numpy as np"
        for name, x in self.leaves.items():
            data = repr(x.tolist() if isinstance(x, np.ndarray) else x)
            is_single = getattr(x, "dtype", None) == np.float32
            yield f"{name} = {self.kind.__name__}({f'np.array({data}, dtype=np.float32)' if is_single else data})"
        for name, (row, operands) in self.steps.items():
            written = call_in_python(row, [Source(x) if isinstance(x, str) else Source.lift(x) for x in operands])
            yield f"{name} = {written}"


def graphs(
    kind: Kind = Value,
    primitives: Iterable[Primitive] | None = None,
    *,
    kinks: bool | None = None,
    max_steps: int = 8,
    dtype: npt.DTypeLike = np.float64,
) -> SearchStrategy[Graph]:
    """Random graphs in which results may be used any number of times, and which shrink to the smallest that fails.

    All numbers in them are finite and at most 50, and the output depends on almost every step.

    Args:
        kind: the kind of nodes, ``Value`` or ``Tensor``; the shapes of Tensors broadcast against each other.
        primitives: the rows to build from; by default, some that have a value everywhere, none of them large.
        kinks: ``False`` leaves out rows that are not smooth.
        max_steps: the largest number of steps.
        dtype: the dtype of Tensors.

    >>> from hypothesis import find
    >>> find(graphs(), lambda graph: len(graph.build()["v1"].parents) == 2)
    x = Value(0.0); v1 = x + x
    """
    chosen = rows(primitives, kinks)
    place = st.integers(0, max_steps + 2)

    @st.composite
    def step(draw: st.DrawFn) -> tuple[Primitive, list[int | float]]:
        row = draw(st.sampled_from(chosen))
        others: list[int | float] = [draw(place | place | numbers) for _ in range(draw(operand_counts(row)) - 1)]
        others.insert(draw(st.integers(0, len(others))), 0)  # the latest result
        return row, others

    if kind is Tensor:
        leaves: SearchStrategy[Sequence[Any]] = st.integers(1, 3).flatmap(lambda n: arrays(n, dtype=dtype))
    else:
        leaves = st.lists(numbers, min_size=1, max_size=3)
    steps = st.lists(step(), min_size=1, max_size=max_steps)
    return st.tuples(leaves, steps).map(lambda drawn: _graph(kind, *drawn)).filter(_is_moderate)


def _graph(kind: Kind, leaves: Sequence[Any], steps: list[tuple[Primitive, list[int | float]]]) -> Graph:
    """A graph from steps that say how far back their operands are, so that it stays valid if a step is left out."""
    n = len(leaves)
    placed = [
        (row, [n + k - 1 - x % (n + k) if isinstance(x, int) else x for x in operands])
        for k, (row, operands) in enumerate(steps)
    ]
    used = {x for _, operands in placed for x in operands if isinstance(x, int)}
    names = dict(zip([place for place in range(n) if place in used], "xyz", strict=False))
    names |= {n + k: f"v{k + 1}" for k in range(len(steps))}
    return Graph(
        kind,
        {names[place]: leaves[place] for place in range(n) if place in names},
        {
            names[n + k]: (row, tuple(names[x] if isinstance(x, int) else x for x in operands))
            for k, (row, operands) in enumerate(placed)
        },
    )


def _is_moderate(graph: Graph) -> bool:
    try:
        with np.errstate(all="ignore"):
            return all(bool(np.all(np.abs(x) <= _LIMIT)) for x in graph.run().values())
    except (ArithmeticError, ValueError):
        return False
