"""The dependency graph: what an output depends on, as nodes and edges that carry the local derivatives.

The lecture notes draw the graph of the *named* variables (w → v → x → y); the engine records every elementary step.
Both views are here.  In the named one the edge u → z carries ∂z/∂u with the other named variables held fixed, which is
the backward sweep from z, stopped at the next names.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from autograd.core.sweep import adjoints, is_node, node_names, topological_order
from autograd.core.value import Value, values_only

__all__ = ["Dependencies", "Edge", "dependencies"]

_FORMULA_LIMIT = 200  # operations, written out, up to which a derivative is written as a formula


class _Formulas:
    """The local derivatives of a dependency graph as SymPy expressions in its names, made when asked for."""

    def __init__(self, names: Mapping[Value, str], named: bool) -> None:
        self.names = names
        self.named = named
        self.made: dict[Value, Mapping[Any, Any]] = {}

    def __call__(self, edge: Edge) -> Any:
        """The expression; ``None`` without SymPy, and between variables so far apart that nobody could read it."""
        if edge.child not in self.made:
            self.made[edge.child] = self._make(edge.child)
        return self.made[edge.child].get(edge.parent if self.named else edge.operand)

    def _make(self, child: Value) -> Mapping[Any, Any]:
        if self.named and _written_size(child, self.names) > _FORMULA_LIMIT:
            return {}
        try:
            from autograd.dialects.symbolic import local_derivatives, slope_formulas
        except ImportError:
            return {}
        return (
            local_derivatives(child, self.names) if self.named else dict(enumerate(slope_formulas(child, self.names)))
        )


@dataclass(frozen=True, eq=False)
class Edge:
    """One edge of a dependency graph.

    Attributes:
        parent: where it starts, the variable u of ∂z/∂u.
        child: where it ends, the variable z.
        partial: the local derivative ∂z/∂u, as a number; ``None`` where z is an array.
        live: ``False`` if ``child`` did not select ``parent``, so that nothing at all flows along the edge.
        operand: which operand of the child the parent is, in the elementary graph.
    """

    parent: Any
    child: Any
    partial: Any
    live: bool
    operand: int | None
    _formulas: _Formulas = field(repr=False)

    @property
    def expression(self) -> Any:
        """The local derivative as a SymPy expression; ``None`` without SymPy, or if it would be too long to read."""
        return self._formulas(self)

    @property
    def formula(self) -> str | None:
        """The local derivative as a formula in the named variables, in text; ``None`` as :attr:`expression` is."""
        if self.expression is None:
            return None
        from autograd.dialects.symbolic import text

        return text(self.expression)


class Dependencies:
    """The graph that an output depends on, reduced to the nodes that are looked at.

    Attributes:
        nodes: parents before children; the output is the last.
        edges: in the order of their children, then of the operands.
        edges_into: the same, by the node where they end.
        names: the name of every node.
        named: whether only named variables are looked at.
    """

    def __init__(self, output: Value, named: bool, also: Iterable[Value]) -> None:
        order = topological_order(output)
        if named:
            values_only(order, "named variables")
        names = node_names(order)
        kept = {output, *also}
        self.named = named
        self.nodes = [node for node in order if not named or node.label or node in kept]
        self.names = {node: names[node] for node in self.nodes}
        self._formulas = _Formulas(self.names, named)
        into = self._named if named else self._elementary
        self.edges_into = {node: list(into(node)) for node in self.nodes}
        self.edges = [edge for edges in self.edges_into.values() for edge in edges]

    def _elementary(self, child: Any) -> Iterator[Edge]:
        """One edge for each operand that is a node: ``a * a`` has two; to and from arrays it carries no number."""
        selects = child.op is not None and getattr(child.op, "selects", False)
        slopes = child.slopes if isinstance(child, Value) else (None,) * len(child.operands)
        for place, (operand, slope) in enumerate(zip(child.operands, slopes, strict=True)):
            if is_node(operand):
                yield Edge(operand, child, slope, slope != 0 or not selects, place, self._formulas)

    def _named(self, child: Value) -> Iterator[Edge]:
        """One edge for each named variable that the child is made of, with all that lies between summed up."""
        region = _region(child, self.names)
        ends = {node for node in region if node in self.names and node is not child}
        partials = adjoints(region, stop=ends.__contains__)
        for node in region:
            if node in ends:
                partial = partials[node]
                yield Edge(node, child, partial or 0.0, partial is not None, None, self._formulas)


def _region(child: Value, names: Mapping[Value, str]) -> list[Value]:
    """A named variable and what it is made of, down to the next named variables."""
    return topological_order(child, stop=lambda node: node is not child and node in names)


def _written_size(child: Value, names: Mapping[Value, str]) -> int:
    """How many operations and names the formula of a named variable has: text repeats what the graph shares."""
    sizes: dict[Value, int] = {}
    for node in _region(child, names):
        sizes[node] = 1 + (sum(sizes[parent] for parent in node.parents) if node is child or node not in names else 0)
    return sizes[child]


def dependencies(output: Value, *, named: bool = True, also: Iterable[Value] = ()) -> Dependencies:
    """The dependency graph of a node.

    Args:
        output: the node to start from.
        named: look at the labelled nodes only, as the notes do; else at every node.
        also: further nodes to look at, though they have no label.

    >>> from autograd import Value
    >>> x = Value(3.0, label="x")
    >>> y = (x + 1) * x
    >>> y.label = "y"
    >>> [(edge.parent.label, edge.child.label, edge.partial) for edge in dependencies(y).edges]
    [('x', 'y', 7.0)]
    >>> [edge.partial for edge in dependencies(y, named=False).edges]
    [1.0, 3.0, 4.0]
    """
    return Dependencies(output, named, also)
