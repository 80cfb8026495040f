"""The topological order and the backward sweep: one for every kind of node.

A node is anything hashable by identity with

* ``node.parents``: the nodes that it was computed from, one entry for each edge, and
* ``node.pull(gradient)``: what its own gradient sends along each edge, as pairs ``(parent, contribution)``, and
* ``node.push(tangents)``: how fast it changes, given how fast its parents do; ``None`` if they do not.

The gradient of a node is the sum over all paths of the products of local derivatives.  There may be more paths than
atoms in the universe; the sweep still needs one visit for each edge, because a node that hands on its gradient after
*everything* has arrived hands on all its paths at once.  That is why the order matters, and what
:func:`naive_sweep` shows by getting it wrong.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np

__all__ = [
    "NaiveSweep",
    "adjoints",
    "backward",
    "is_node",
    "naive_sweep",
    "node_names",
    "refresh",
    "tangents",
    "topological_order",
]


class Node(Protocol):
    """What the sweep asks of a node."""

    @property
    def parents(self) -> tuple[Any, ...]: ...

    def pull(self, gradient: Any) -> Iterable[tuple[Any, Any]]: ...

    def push(self, tangents: Mapping[Any, Any]) -> Any: ...


N = TypeVar("N", bound=Node)


def is_node(x: Any) -> bool:
    """Whether ``x`` is a node of a graph, and not a constant.

    >>> from autograd import Value
    >>> is_node(Value(1.0)), is_node(1.0)
    (True, False)
    """
    return hasattr(x, "pull")


def topological_order(*outputs: N, stop: Callable[[N], bool] | None = None) -> list[N]:
    """All nodes that the outputs depend on, parents before children, each once; the same graph gives the same order.

    Depth-first, without recursion, so that a chain of a million nodes is as safe as a short one.

    Args:
        outputs: where to start; with a single one, it comes last.
        stop: nodes that are listed, but whose parents are not looked at.

    >>> from autograd import Value
    >>> x = Value(2.0, label="x")
    >>> y = x * x + x
    >>> [node.label or node.op.name for node in topological_order(y)]
    ['x', 'multiply', 'add']
    """
    order: list[N] = []
    seen: set[N] = set()
    stack: list[Any] = list(reversed(outputs))
    while stack:
        node = stack.pop()
        if node is None:  # every parent of the node below has been listed
            order.append(stack.pop())
        elif node not in seen:
            seen.add(node)
            parents = () if stop is not None and stop(node) else node.parents
            if parents:
                stack += (node, None, *reversed(parents))
            else:
                order.append(node)
    return order


def adjoints(
    order: list[N],
    seed: Any = 1.0,
    pull: Callable[[N, Any], Iterable[tuple[N, Any]]] | None = None,
    stop: Callable[[N], bool] | None = None,
) -> dict[N, Any]:
    """The derivative of the last node of a topological order with respect to every node in it.

    Args:
        order: nodes, parents before children.
        seed: the derivative of the last node with respect to itself; or, to differentiate a sum of several nodes each
            times a number, these numbers by node.
        pull: what a gradient at a node sends along its edges, ``(parent, contribution)``; the node's own if left out.
        stop: nodes that hand on nothing: those at which :func:`topological_order` was told to stop.

    Returns:
        The derivatives by node, ``None`` where nothing arrived.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> adjoints(topological_order(y))[x]
    6.0
    """
    gradients: dict[N, Any] = dict.fromkeys(order)
    gradients.update(seed if isinstance(seed, Mapping) else {order[-1]: seed})
    with np.errstate(all="ignore"):  # what is infinite or undefined is what IEEE arithmetic says it is
        for node in reversed(order):
            gradient = gradients[node]
            if gradient is None or (stop is not None and stop(node)):
                continue
            for parent, contribution in node.pull(gradient) if pull is None else pull(node, gradient):
                arrived = gradients[parent]
                gradients[parent] = contribution if arrived is None else arrived + contribution
    return gradients


def tangents(order: Iterable[N], seeds: Mapping[N, Any]) -> dict[N, Any]:
    """How fast every node of a topological order changes when some nodes change as fast as the seeds say.

    This is forward mode: the edges and local derivatives of the backward sweep, in the other direction.

    Args:
        order: nodes, parents before children.
        seeds: the rate of change of some nodes.

    Returns:
        The rates by node, ``None`` where nothing arrived.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> tangents(topological_order(y), {x: 1.0})[y]
    6.0
    """
    rates: dict[N, Any] = {}
    for node in order:
        rates[node] = seeds[node] if node in seeds else node.push(rates)
    return rates


def backward(output: Any, seed: Any) -> None:
    """Hand every node that the output depends on its gradient: what ``output.backward()`` does."""
    taken: set[int] = set()
    for node, gradient in reversed(adjoints(topological_order(output), seed).items()):
        node._receive(gradient, taken)


def refresh(output: N) -> N:
    """Compute a recorded graph again from the present data of its leaves; returns the output.

    Nothing is written before everything has been computed: after an error the graph is what it was.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> x.data = 5.0
    >>> refresh(y).data
    25.0
    """
    fresh: dict[Any, Any] = {}
    order: list[Any] = topological_order(output)
    for node in order:
        fresh[node] = node._computed(fresh)
    for node, state in fresh.items():
        node._renew(state)
    return output


def node_names(order: Iterable[Any]) -> dict[Any, str]:
    """A name for every node, for people to read: its label, else ``v`` and its place in the order.

    Labels that occur twice are told apart by a number, so that no two nodes ever share a name.

    >>> from autograd import Value
    >>> x = Value(2.0, label="x")
    >>> list(node_names(topological_order(x * x + x)).values())
    ['x', 'v1', 'v2']
    """
    order = list(order)
    labels = [node.label for node in order if node.label]
    taken = set(labels)
    met: set[str] = set()
    names = {}
    for place, node in enumerate(order):
        wanted = node.label or f"v{place}"
        name, count = wanted, 1
        while name in met or (name in taken and not (count == 1 and node.label)):
            count += 1
            name = f"{wanted}_{count}"
        met.add(name)
        names[node] = name
    return names


# ---------------------------------------------------------------------------------------------------------------------
# Why a topological order?  The sweep again, with a naive order
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class NaiveSweep:
    """What a sweep in a naive order did; print it.

    Attributes:
        order: the nodes in the order in which the naive sweep visited them.
        too_early: the first node that handed on its gradient before everything had arrived, or ``None`` if the order
            happened to be right.
        missing: the children that ``too_early`` did not wait for.
        naive: the gradients that came out, by node.
        true: the gradients that a topological order gives.
        names: the nodes' names.
    """

    order: list[Any]
    too_early: Any
    missing: list[Any]
    naive: dict[Any, Any]
    true: dict[Any, Any]
    names: dict[Any, str]

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
        lines += [f"∂/∂{name[n]}: naive {self.naive.get(n)}, true {self.true[n]}" for n in wrong]
        return "\n".join(lines)


def naive_sweep(output: Any, order: str = "depth-first") -> NaiveSweep:
    """Backpropagate in an order that looks natural and is wrong, to show why the sweep needs a topological order.

    The naive rule: visit a node as soon as it is met, once, and hand its gradient on at once.  On a diamond a node is
    met along one branch while the other branch still owes it a contribution; what arrives later is never handed on.
    No ``.grad`` is touched.

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
    ∂/∂a: naive 3.0, true 6.0
    """
    if order not in ("depth-first", "breadth-first"):
        raise ValueError(f'order must be "depth-first" or "breadth-first", not {order!r}')
    nodes = topological_order(output)
    children: dict[Any, list[Any]] = {node: [] for node in nodes}
    for node in nodes:
        for parent in dict.fromkeys(node.parents):
            children[parent].append(node)

    gradients: dict[Any, Any] = {output: 1.0}
    visited: dict[Any, None] = {}
    missing: dict[Any, list[Any]] = {}
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
    return NaiveSweep(list(visited), early, missing.get(early, []), gradients, adjoints(nodes), node_names(nodes))
