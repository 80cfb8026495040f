"""Why the sweep needs a topological order: the backward sweep again, in an order that looks natural and is wrong."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from autograd.core.display import InNotebook
from autograd.core.sweep import Node, adjoints, node_names, topological_order

__all__ = ["NaiveSweep", "naive_sweep"]


@dataclass(frozen=True, repr=False)
class NaiveSweep(InNotebook):
    """The result of a sweep in a naive order; print it.

    Attributes:
        order: the nodes in the order in which the naive sweep visited them.
        too_early: the first node that handed on its gradient before everything had arrived, or ``None`` if the order
            happened to be right.
        missing: the children that ``too_early`` did not wait for.
        naive: the gradients that it found, by node.
        true: the gradients that a topological order gives.
        names: the nodes' names.
    """

    order: list[Node]
    too_early: Node | None
    missing: list[Node]
    naive: dict[Node, Any]
    true: dict[Node, Any]
    names: Mapping[Node, str]

    def __repr__(self) -> str:
        early = "the order happens to be right" if self.too_early is None else f"{self.names[self.too_early]} too early"
        return f"<NaiveSweep of {len(self.order)} nodes: {early}>"

    def __str__(self) -> str:
        name = self.names
        lines = ["naive order:       " + " → ".join(name[node] for node in self.order)]
        lines.append("topological order: " + " → ".join(name[node] for node in reversed(self.true)))
        if self.too_early is None:
            lines.append("No node was visited too early: on this graph the naive order happens to be right.")
        else:
            waiting = " and ".join(name[child] for child in self.missing)
            lines.append(
                f"{name[self.too_early]} was visited too early: it handed on its gradient before the contribution "
                f"of {waiting} had arrived."
            )
        wrong = [n for n in self.true if self.naive.get(n) != self.true[n]]
        output = name[self.order[0]]
        lines += [f"d{output}/d{name[n]}: naive {self.naive.get(n)}, true {self.true[n]}" for n in wrong]
        return "\n".join(lines)


def naive_sweep(output: Node, order: str = "depth-first") -> NaiveSweep:
    """Backpropagate in an order that looks natural and is wrong, to show why the sweep needs a topological order.

    The naive rule: visit each node once, as soon as it is met, and hand on its gradient at once.  In a diamond a node
    is met along one branch before the contribution of the other has arrived, and that one is never handed on.  No
    ``.grad`` is changed.

    Args:
        output: the node to start from.
        order: ``"depth-first"`` or ``"breadth-first"``.

    Raises:
        ValueError: if ``order`` is neither.

    >>> from autograd import Value, exp
    >>> a = Value(0.0, label="a")
    >>> b = exp(a); b.label = "b"
    >>> c = 3 * b; c.label = "c"
    >>> y = c * b; y.label = "y"
    >>> print(naive_sweep(y, "breadth-first"))
    naive order:       y → c → b → a
    topological order: y → c → b → a
    No node was visited too early: on this graph the naive order happens to be right.
    >>> y = b * c; y.label = "y"
    >>> print(naive_sweep(y, "depth-first"))
    naive order:       y → b → a → c
    topological order: y → c → b → a
    b was visited too early: it handed on its gradient before the contribution of c had arrived.
    dy/da: naive 3.0, true 6.0
    """
    if order not in ("depth-first", "breadth-first"):
        raise ValueError(f'order must be "depth-first" or "breadth-first", not {order!r}')
    nodes = topological_order(output)
    children: dict[Node, list[Node]] = {node: [] for node in nodes}
    for node in nodes:
        for parent in dict.fromkeys(node.parents):
            children[parent].append(node)

    gradients: dict[Node, Any] = {output: 1.0}
    visited: dict[Node, None] = {}
    missing: dict[Node, list[Node]] = {}
    waiting = deque([output])
    while waiting:
        node = waiting.popleft()
        if node in visited:
            continue
        missing[node] = [child for child in children[node] if child not in visited]
        visited[node] = None
        for parent, contribution in node.pull(gradients[node]) if node in gradients else ():
            gradients[parent] = gradients.get(parent, 0.0) + contribution
        if order == "depth-first":
            waiting.extendleft(reversed(node.parents))
        else:
            waiting.extend(node.parents)

    early = next((node for node in visited if missing[node] and node.parents), None)
    late = missing[early] if early is not None else []
    return NaiveSweep(list(visited), early, late, gradients, adjoints(nodes), node_names(nodes))
