"""The graph of one call of a function, with the line of the user's code that made each node."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd.core.aliases import Structure
from autograd.core.errors import user_line
from autograd.core.nested import entries
from autograd.core.sweep import Node, is_node, node_names, topological_order
from autograd.core.watching import Watcher, watch
from autograd.explain.graph import on_kink

__all__ = ["TracedGraph"]


class TracedGraph:
    """The graph of one call of a function, and where in the user's code its nodes were made.

    Args:
        f: the function.
        args: its arguments.
        names: a name for each entry of the arguments; without them, nodes are named as everywhere else.

    Attributes:
        outputs: the nodes that the function returned.
        order: all nodes, parents before children.
        names: the name of every node.
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
        self.names: dict[Node, str] = dict(node_names(self.order))
        if names:
            self.names.update(zip(entries(args), names, strict=True))
        self._lines = lines.by_node

    def place(self, node: Node) -> str:
        """A node's name, and the file and line that made it."""
        return self.names[node] + self._lines.get(node, "")

    def line(self, node: Node) -> str:
        """The file and line that made a node, as ``file:line``; empty if unknown."""
        return self._lines.get(node, "").strip(" ()")

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
