"""The backward sweep, edge by edge."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, overload

from autograd.core.display import InNotebook, html_table, json_number
from autograd.core.sweep import Node, is_node, topological_order
from autograd.explain.graph import Dependencies, Edge, numbers_only
from autograd.explain.tables import Row, aligned, local_symbol, number_text, total_symbol

__all__ = ["Step", "Steps", "steps"]


@dataclass(frozen=True, eq=False, repr=False)
class Step:
    """A node hands its gradient on along one edge.

    Attributes:
        edge: the :class:`Edge` from the parent, which receives, to the child, which sends.
        upstream: the gradient of the child, which is complete.
        contribution: what is sent: ``upstream`` times the local derivative of the edge.
        total: what the parent has received so far, this contribution included.
        complete: whether nothing more arrives, so that ``total`` is the gradient of the parent.
        parent: the name of the parent.
        child: the name of the child.
        output: the name of the node that is differentiated.
    """

    edge: Edge
    upstream: float
    contribution: float
    total: float
    complete: bool
    parent: str
    child: str
    output: str

    def __repr__(self) -> str:
        return f"<step {self}>"

    def __str__(self) -> str:
        factors = f"{total_symbol(self.output, self.child)} * {local_symbol(self.edge, self.parent, self.child)}"
        numbers = f"{number_text(self.upstream)} * {number_text(self.edge.slope)} = {number_text(self.contribution)}"
        return f"{self.child} → {self.parent}: {factors} = {numbers}, so {self.arrived()}"

    def arrived(self) -> str:
        """What the parent has received, in words: ``dy/dx = 3``, or ``dy/dx: 2 so far``."""
        symbol = total_symbol(self.output, self.parent)
        return (
            f"{symbol} = {number_text(self.total)}" if self.complete else f"{symbol}: {number_text(self.total)} so far"
        )

    def as_json(self) -> dict[str, Any]:
        """The step as plain data, with ``from`` and ``to`` in the direction of the sweep."""
        return {
            "from": self.child,
            "to": self.parent,
            "upstream": json_number(self.upstream),
            "partial": json_number(self.edge.slope),
            "contribution": json_number(self.contribution),
            "total": json_number(self.total),
            "complete": self.complete,
        }


class Steps(InNotebook, Sequence[Step]):
    """All steps of a backward sweep, in its order; print them, index them or iterate over them.

    Attributes:
        output: the node that is differentiated.
        gradients: the gradient that arrived at each node, by node.
        graph: the :class:`Dependencies` that the sweep runs through.
    """

    def __init__(self, output: Node, named: bool) -> None:
        self.graph = graph = Dependencies(output, named, ())
        self.output = output
        self._named = named
        self.gradients: dict[Node, float] = {output: 1.0}
        sent = list(self._sweep(graph))
        last = {edge.parent: place for place, (edge, *_) in enumerate(sent)}
        names = graph.names
        self._steps = [
            Step(
                edge,
                upstream,
                contribution,
                total,
                last[edge.parent] == place,
                names[edge.parent],
                names[edge.child],
                names[output],
            )
            for place, (edge, upstream, contribution, total) in enumerate(sent)
        ]
        self._name = names[output]

    def _sweep(self, graph: Dependencies) -> Iterator[tuple[Edge, float, float, float]]:
        """The sweep of :mod:`autograd.core.sweep`, with every number that it computes: the same, to the bit."""
        gradients = self.gradients
        for node in reversed(graph.nodes):
            if node not in gradients:
                continue
            for edge in graph.edges_into[node]:
                if edge.live:
                    contribution = gradients[node] * edge.slope
                    arrived = gradients.get(edge.parent)
                    gradients[edge.parent] = contribution if arrived is None else arrived + contribution
                    yield edge, gradients[node], contribution, gradients[edge.parent]

    @overload
    def __getitem__(self, place: int) -> Step: ...
    @overload
    def __getitem__(self, place: slice) -> list[Step]: ...
    def __getitem__(self, place: int | slice) -> Step | list[Step]:
        return self._steps[place]

    def __len__(self) -> int:
        return len(self._steps)

    def __repr__(self) -> str:
        return f"<{len(self)} steps of the backward sweep from {self._name}>"

    def rows(self) -> list[Row]:
        """The table as cells: a head, and a row for each step."""
        head: Row = ("step", "edge", "upstream", "∂", "formula", "value", "sent", "arrived")
        return [head, *(self._row(number, step) for number, step in enumerate(self, 1))]

    def _row(self, number: int, step: Step) -> Row:
        return (
            str(number),
            f"{step.child} → {step.parent}",
            number_text(step.upstream),
            local_symbol(step.edge, step.parent, step.child),
            (step.edge.formula or "…") if self._named else "",
            number_text(step.edge.slope),
            number_text(step.contribution),
            step.arrived(),
        )

    def table(self, limit: int = 100, width: int | None = None) -> str:
        """The steps as a table: what each edge multiplies, what it sends, and what has arrived.

        Args:
            limit: how many steps to list.
            width: the width of the terminal; the cells of wider tables are broken into lines.
        """
        lines = aligned(self.rows()[: limit + 1], width)
        return "\n".join([f"{self._start()} = 1", "", *lines, *self._more(limit)])

    __str__ = table

    def _start(self) -> str:
        return total_symbol(self._name, self._name)

    def _more(self, limit: int) -> list[str]:
        return [f"… {len(self) - limit:,} more steps"] * (len(self) > limit)

    def _forms(self) -> dict[str, str]:
        return {"html": html_table(self.rows()[:101], f"{self._start()} = 1", "\n".join(self._more(100)))}


def steps(output: Node, *, named: bool = False) -> Steps:
    """The backward sweep from a node, edge by edge: every product and every sum that ``backward()`` computes.

    A node hands its gradient on when all contributions to it have arrived.  No ``.grad`` is read or changed.

    Args:
        output: the node to differentiate.
        named: step through the labelled nodes only, as :func:`autograd.paths` does; the gradients are then those of
            ``backward()`` up to rounding, and otherwise to the bit.

    Returns:
        A sequence of :class:`Step`: print it, index it or iterate over it.

    Raises:
        TypeError: if ``output`` is not a node, or the graph contains Tensors.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> y = (x + 1) * x; y.label = "y"
    >>> print(steps(y))
    dy/dy = 1
    <BLANKLINE>
    step  edge    upstream  ∂       value  sent  arrived
    1     y → v1  1         ∂y/∂v1  3      3     dy/dv1 = 3
    2     y → x   1         ∂y/∂x   4      4     dy/dx: 4 so far
    3     v1 → x  3         ∂v1/∂x  1      3     dy/dx = 7
    >>> steps(y)[2].contribution, steps(y).gradients[x]
    (3.0, 7.0)
    """
    if not is_node(output):
        raise TypeError(f"steps start at a Value, not at {type(output).__name__} ({output!r})")
    numbers_only(topological_order(output), "steps")
    return Steps(output, named)
