"""The graph of one call of a function, with the line of the user's code that made each node."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.core.aliases import Structure
from autograd.core.errors import user_line
from autograd.core.nested import entries
from autograd.core.primitive import Primitive
from autograd.core.sweep import Node, is_node, node_names, topological_order
from autograd.core.watching import Watcher, watch

__all__ = ["TracedGraph", "on_kink"]


class TracedGraph:
    """The graph of one call of a function, and where in the user's code its nodes were made.

    Args:
        f: the function.
        args: its arguments.
        names: a name for each entry of the arguments; without them, nodes are named as everywhere else.

    Attributes:
        outputs: the nodes that the function returned.
        order: all nodes, parents before children.
    """

    def __init__(self, f: Callable[..., Structure], args: Sequence[Structure], names: Sequence[str] = ()) -> None:
        lines = _Lines()
        before = watch(lines)
        try:
            output = f(*args)
        finally:
            watch(before)
        self.outputs: list[Node] = [node for node in entries(output) if is_node(node)]
        self.order = topological_order(*self.outputs)
        named = node_names(self.order)
        if names:
            named.update(zip(entries(args), names, strict=True))
        self._places = {node: name + lines.by_node.get(node, "") for node, name in named.items()}

    def place(self, node: Node) -> str:
        """A node's name, and the file and line that made it."""
        return self._places[node]

    def operation(self, node: Node) -> str:
        """A node's operation, its name, and the file and line that made it."""
        return f"{node.op.name} at {self.place(node)}" if node.op is not None else self.place(node)

    def kinks(self) -> tuple[str, ...]:
        """The nodes that lie on a kink of their primitive, in words."""
        return tuple(self.operation(node) for node in self.order if on_kink(node))


class _Lines(Watcher):
    """Notes the line of the user's code that makes each node."""

    def __init__(self) -> None:
        self.by_node: dict[Node, str] = {}

    def made(self, node: Node) -> None:
        """Note the line that is being executed."""
        self.by_node[node] = user_line()


def on_kink(node: Node) -> bool:
    """Whether the primitive of a node is not smooth at its operands."""
    op = node.op
    if not isinstance(op, Primitive) or op.kink is None:
        return False
    with np.errstate(all="ignore"):
        return bool(np.any(np.equal(op.kink(*map(to_numpy, node.operands)), 0.0)))
