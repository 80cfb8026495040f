"""The dependency graph: what an output depends on, as nodes and edges that carry the local derivatives.

Lecture notes draw the graph of the *named* variables (w → v → x → y); the engine records every elementary step.
Both views are here.  In the named one the edge u → z carries ∂z/∂u with the other named variables held fixed, which is
the backward sweep from z, stopped at the next names.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from typing import Any

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.core.columns import Wiring
from autograd.core.primitive import Primitive
from autograd.core.sweep import Node, adjoints, node_names, topological_order
from autograd.core.value import Value, wired
from autograd.dialects.written import name, slope_formulas, slopes_of_named, value_formula
from autograd.explain.extras import symbolic_or_none

__all__ = ["Dependencies", "Edge", "dependencies", "numbers_only", "on_kink", "slopes"]

_SIZE_LIMIT = 200  # operations and names; a longer formula is not written


class _Formulas:
    """The local derivatives of a dependency graph as formulas in its names, made on demand.

    Args:
        names: the names of the nodes of the graph, in the form that ``of_named`` and ``of_operands`` take.
        named: whether it is the graph of the named variables.
        of_named: the derivatives of a node in the named variables, by variable.
        of_operands: the derivatives of a node in its operands.
    """

    def __init__(
        self,
        names: Mapping[Node, Any],
        named: bool,
        of_named: Callable[[Any, Any], Mapping[Any, Any]],
        of_operands: Callable[[Any, Any], Sequence[Any]],
    ) -> None:
        self.names = names
        self.named = named
        self.of_named = of_named
        self.of_operands = of_operands
        self.made: dict[Node, Mapping[Any, Any]] = {}

    def __call__(self, edge: Edge) -> Any:
        """The formula; ``None`` if there is none."""
        if edge.child not in self.made:
            self.made[edge.child] = self._make(edge.child)
        return self.made[edge.child].get(edge.parent if self.named else edge.operand)

    def _make(self, child: Node) -> Mapping[Any, Any]:
        """The formulas for the edges into a node, by parent, or by operand in the elementary view."""
        if not self.can_be_written(child):
            return {}
        return self.of_named(child, self.names) if self.named else dict(enumerate(self.of_operands(child, self.names)))

    def can_be_written(self, child: Node) -> bool:
        """Whether a node is made of Values, and few enough of them."""
        between = _region(child, self.names) if self.named else [child, *child.parents]
        if not all(isinstance(node, Value) for node in between):
            return False
        return (_written_size(between, child, self.names) if self.named else len(between)) <= _SIZE_LIMIT


class _Spelt(Mapping[Node, Any]):
    """The names of nodes as a dialect spells them, each when it is first asked for: a table shows few of a million."""

    def __init__(self, names: Mapping[Node, str], spell: Callable[[str], Any]) -> None:
        self._names, self._spell = names, spell
        self._spelt: dict[Node, Any] = {}

    def __getitem__(self, node: Node) -> Any:
        if node not in self._spelt:
            self._spelt[node] = self._spell(self._names[node])
        return self._spelt[node]

    def __contains__(self, node: object) -> bool:
        return node in self._names

    def __iter__(self) -> Iterator[Node]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


class _Into(Mapping[Node, list["Edge"]]):
    """The edges into each node of a graph, made when they are first asked for: a table shows few of a million."""

    def __init__(self, graph: Dependencies) -> None:
        self._graph = graph

    def __getitem__(self, node: Node) -> list[Edge]:
        return self._graph.elementary(node)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._graph.nodes)

    def __len__(self) -> int:
        return len(self._graph.nodes)


class _Dialects:
    """The formulas of a dependency graph as text, in LaTeX and in SymPy, each made when they are first asked for."""

    def __init__(self, names: Mapping[Node, str], named: bool) -> None:
        self._names = names
        self._named = named

    @cached_property
    def written(self) -> _Formulas:
        """As text: the LaTeX of these formulas has the names as they are."""
        return _Formulas(_Spelt(self._names, name), self._named, slopes_of_named, slope_formulas)

    @cached_property
    def typeset(self) -> _Formulas:
        """In LaTeX: the names are SymPy's if it is installed."""
        dialect = symbolic_or_none()
        if dialect is None:
            return self.written
        spelt = _Spelt(self._names, lambda text: name(text, dialect.latex(dialect.symbol(text))))
        return _Formulas(spelt, self._named, slopes_of_named, slope_formulas)

    @cached_property
    def expressions(self) -> _Formulas | None:
        """In SymPy; ``None`` if it is not installed."""
        dialect = symbolic_or_none()
        if dialect is None:
            return None
        return _Formulas(self._names, self._named, dialect.local_derivatives, dialect.slope_formulas)


@dataclass(frozen=True, eq=False)
class Edge:
    """One edge of a dependency graph.

    Attributes:
        parent: where it starts, the variable u of ∂z/∂u.
        child: where it ends, the variable z.
        partial: the local derivative ∂z/∂u, as a number; ``None`` where z is an array.
        live: ``False`` if ``child`` did not select ``parent``, so that nothing at all flows along the edge.
        operand: which operand of the child the parent is; ``None`` in the graph of the named variables.
    """

    parent: Node
    child: Node
    partial: float | None
    live: bool
    operand: int | None
    _dialects: _Dialects = field(repr=False)

    @property
    def slope(self) -> float:
        """The :attr:`partial` in a graph of numbers, where every edge has one."""
        assert self.partial is not None
        return self.partial

    @property
    def expression(self) -> Any:
        """The local derivative as a SymPy expression.

        ``None`` without SymPy, between nodes that are not Values, and where it would be too long to read.
        """
        return None if self._dialects.expressions is None else self._dialects.expressions(self)

    @property
    def formula(self) -> str | None:
        """The local derivative as textbooks write it, in the named variables, as ``a*(1 - a)`` for a sigmoid named a.

        ``None`` between nodes that are not Values, and where it would be too long to read.
        """
        return None if self.written is None else str(self.written)

    @property
    def written(self) -> Any:
        """The :attr:`formula` as an object that can be multiplied and added; ``None`` where there is none."""
        return self._dialects.written(self)

    @property
    def typeset(self) -> Any:
        """Like :attr:`written`, with the names in LaTeX."""
        return self._dialects.typeset(self)

    @property
    def latex(self) -> str | None:
        """The :attr:`formula` in LaTeX."""
        return None if self.typeset is None else str(self.typeset.part.latex)


class Dependencies:
    """The graph that an output depends on, reduced to the nodes of one view.

    Attributes:
        nodes: parents before children; the output is the last.
        names: the name of every node.
        named: whether it is the graph of the named variables.
        letters: whether it is shown without numbers.
        wiring: the edges as columns.
    """

    def __init__(self, output: Node, named: bool, also: Iterable[Node], letters: bool = False) -> None:
        self.nodes = order = topological_order(output)
        self._all_names = names = node_names(order)
        self.names: Mapping[Node, str] = names
        self.named = named
        self.letters = letters
        if named:
            numbers_only(order, "named variables")
            kept = {output, *also}
            self.nodes = [node for node in order if node.label or node in kept]
            self.names = {node: names[node] for node in self.nodes}
        self._dialects = _Dialects(self.names, named)
        self._into: dict[Node, list[Edge]] = {node: self._named(node) for node in self.nodes} if named else {}
        self._made: dict[int, Edge] = {}
        self.wiring = self._wiring() if named else wired(order, letters)

    @property
    def edges_into(self) -> Mapping[Node, list[Edge]]:
        """The edges by the node where they end, in the order of the operands."""
        return self._into if self.named else _Into(self)

    @cached_property
    def edges(self) -> list[Edge]:
        """All edges, in the order of their children, then of the operands."""
        return [edge for edges in self.edges_into.values() for edge in edges]

    def __repr__(self) -> str:
        return f"<Dependencies of {self.names[self.nodes[-1]]}: {len(self.nodes)} nodes, {len(self.edges)} edges>"

    def edge(self, child: int, number: int) -> Edge:
        """The edge of this number in the :attr:`wiring`, into the node of this place."""
        if self.named:
            return self.edges[number]
        if number not in self._made:
            starts, parents, slopes, live = self.wiring.columns
            slope = slopes[number] if hasattr(self.nodes[child], "slopes") else None
            ends = self.nodes[parents[number]], self.nodes[child]
            place = number - starts[child]
            self._made[number] = Edge(*ends, slope, bool(live[number]), place, self._dialects)
        return self._made[number]

    def elementary(self, node: Node) -> list[Edge]:
        """One edge for each operand that is a node: ``a * a`` has two; to and from arrays it carries no number."""
        child = self._all_names.places[node]
        return [self.edge(child, number) for number in self.wiring.edges_into(child) if self.wiring.parent(number) >= 0]

    def _wiring(self) -> Wiring:
        """The edges between the named variables as columns."""
        places = {node: i for i, node in enumerate(self.nodes)}
        return Wiring(
            array("i", accumulate(map(len, self._into.values()), initial=0)),
            array("i", [places[edge.parent] for edge in self.edges]),
            array("d", [edge.slope for edge in self.edges]),
            array("b", [edge.live for edge in self.edges]),
        )

    def _named(self, child: Node) -> list[Edge]:
        """One edge for each named variable that the child is made of; everything in between is summed up."""
        region = _region(child, self.names)
        ends = {node for node in region if node in self.names and node is not child}
        found = [(node, partial) for node, partial in adjoints(region, stop=ends.__contains__).items() if node in ends]
        return [Edge(x, child, d or 0.0, self.letters or d is not None, None, self._dialects) for x, d in found]

    def kinks(self) -> set[Node]:
        """The nodes that stand on a kink, themselves or through nodes that the named view leaves out."""
        kinks: set[Node] = set()
        order = topological_order(self.nodes[-1]) if self.named else self.nodes
        if self.letters or not any(getattr(op, "kink", None) for op in {node.op for node in order}):
            return kinks
        for node in order:
            if on_kink(node) or (kinks and any(x in kinks and x not in self.names for x in node.parents)):
                kinks.add(node)
        return kinks & self.names.keys()

    def formula(self, node: Node) -> str | None:
        """A named variable as it was written, as a formula in the variables that it is made of.

        ``None`` in the elementary view, for a leaf, and where the edges into the node have no :attr:`Edge.formula`.
        """
        if not (self.named and self.edges_into[node] and self._dialects.written.can_be_written(node)):
            return None
        return str(value_formula(node, self._dialects.written.names))  # type: ignore[arg-type]  # a Value, as was asked above


def on_kink(node: Node) -> bool:
    """Whether a node stands on a kink of its row, in any entry of an array."""
    if not isinstance(node.op, Primitive) or node.op.kink is None:
        return False
    with np.errstate(all="ignore"):  # data assigned since may lie outside the domain
        return node.op.on_kink([to_numpy(operand) for operand in node.operands])


def slopes(node: Node) -> Sequence[float | None]:
    """The local derivative of a node in each of its operands; ``None`` for each if the node does not hold a number."""
    unknown: Sequence[float | None] = (None,) * len(node.operands)
    return getattr(node, "slopes", unknown)


def numbers_only(order: list[Node], what: str) -> list[Node]:
    """The same nodes, after checking that each holds a number, so that every edge has one local derivative.

    Raises:
        TypeError: if one does not; ``what`` says in the message which function cannot deal with it.
    """
    for node in {type(node): node for node in reversed(order)}.values():  # the first of each type
        if not hasattr(node, "slopes"):
            raise TypeError(f"{what} need a graph of Values, but this one contains {node!r}")
    return order


def _region(child: Node, names: Mapping[Node, str]) -> list[Node]:
    """A named variable and what it is made of, down to the next named variables."""
    return topological_order(child, stop=lambda node: node is not child and node in names)


def _written_size(region: list[Node], child: Node, names: Mapping[Node, str]) -> int:
    """How many operations and names the formula of a named variable has: text repeats what the graph shares."""
    sizes: dict[Node, int] = {}
    for node in region:
        sizes[node] = 1 + (sum(sizes[parent] for parent in node.parents) if node is child or node not in names else 0)
    return sizes[child]


def dependencies(output: Node, *, named: bool = True, also: Iterable[Node] = (), letters: bool = False) -> Dependencies:
    """The dependency graph of a node.

    Args:
        output: the node to start from.
        named: only the labelled nodes, as in lecture notes; else every node.
        also: further nodes to show, though they have no label.
        letters: show formulas without numbers.  Which operands a node selects depends on the numbers, so no edge counts
            as unused.

    Raises:
        TypeError: if ``named`` is set and the graph contains Tensors.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> y = (x + 1) * x
    >>> y.label = "y"
    >>> [(edge.parent.label, edge.child.label, edge.partial) for edge in dependencies(y).edges]
    [('x', 'y', 7.0)]
    >>> [edge.partial for edge in dependencies(y, named=False).edges]
    [1.0, 3.0, 4.0]
    """
    return Dependencies(output, named, also, letters)
