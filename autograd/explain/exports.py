"""The graph as an object of a library for graphs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.core.sweep import Node
from autograd.explain.graph import dependencies

if TYPE_CHECKING:
    import networkx

__all__ = ["to_networkx"]


def to_networkx(output: Node, *, named: bool = False) -> networkx.MultiDiGraph[str]:
    """The graph of a node as a ``networkx.MultiDiGraph``, whose nodes are the names of ours.

    Nodes come in topological order, with the attributes ``op`` (the name of the operation), ``label``, ``value`` and
    ``grad``.  An edge has ``partial``, the local derivative; ``live``, ``False`` if the node did not select the
    operand; and ``operand``, its place.  What a node or an edge lacks is left out.

    Args:
        output: the node to start from.
        named: the labelled nodes only; see :func:`autograd.dependencies`.

    Raises:
        ImportError: without networkx, which ``pip install "pathgrad[graphs]"`` installs.
        TypeError: if ``named`` is set and the graph contains Tensors.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(3.0, label="b")
    >>> graph = to_networkx(a * b + a)
    >>> list(graph.edges(data="partial"))
    [('a', 'v2', 3.0), ('a', 'v3', 1.0), ('b', 'v2', 2.0), ('v2', 'v3', 1.0)]
    """
    try:
        import networkx
    except ImportError:
        message = 'to_networkx needs networkx, which is not installed: pip install "pathgrad[graphs]"'
        raise ImportError(message) from None
    found = dependencies(output, named=named)
    graph: networkx.MultiDiGraph[str] = networkx.MultiDiGraph()
    for node in found.nodes:
        op = None if node.op is None else node.op.name
        graph.add_node(found.names[node], **_given(op=op, label=node.label, value=node.data, grad=node.grad))
    for edge in found.edges:
        attributes = _given(partial=edge.partial, live=edge.live, operand=edge.operand)
        graph.add_edge(found.names[edge.parent], found.names[edge.child], **attributes)
    return graph


def _given(**attributes: Any) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if value is not None}
