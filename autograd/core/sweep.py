"""The topological order and the backward sweep, for every kind of node.

The gradient is a sum over paths of products of local derivatives.  There may be more paths than atoms in the universe,
yet the sweep visits each edge once: a node waits until *all* contributions to its gradient have arrived, and only then
passes it on, for all its paths at once.  This is why the order matters, which :func:`autograd.naive_sweep` shows by
getting it wrong.

:class:`Node` lists everything that the sweep and the modules around it ask of a node.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import starmap
from typing import Any, Protocol, TypeVar

import numpy as np

from autograd.core.escaping import printable
from autograd.core.handover import alone, hand_over
from autograd.core.liveness import has_nan, live_seed, unmasked

__all__ = [
    "Names",
    "Node",
    "adjoints",
    "backward",
    "is_node",
    "node_names",
    "orders",
    "pull_careful",
    "receive",
    "refresh",
    "sweep_back",
    "sweep_forward",
    "sweeps",
    "tangents",
    "topological_order",
]


class Node(Protocol):
    """The whole protocol of a node.  A node is hashable by identity.

    The backward sweep uses ``parents``, ``pull`` and ``received``; forward mode uses ``push``; :func:`refresh` uses
    ``recompute`` and ``renew``; copies and pickles use the last four; text and pictures use the attributes.

    A node that holds a number may also have ``slopes``, the local derivative in each of its operands: pictures then
    show them, and :func:`autograd.paths` multiplies them.

    Attributes:
        data: its value, a number or an array.
        grad: the derivative that the last sweep found here, or ``None``.
    """

    data: Any
    grad: Any

    @property
    def label(self) -> str | None:
        """Its name, or ``None``."""
        ...

    @label.setter
    def label(self, label: Any, /) -> None: ...

    @property
    def op(self) -> Any:
        """What computed it, with a ``name`` and a ``symbol``; ``None`` in a leaf."""
        ...

    @property
    def operands(self) -> tuple[Any, ...]:
        """What it was computed from, in order: nodes and constants."""
        ...

    @property
    def parents(self) -> tuple[Any, ...]:
        """The operands that are nodes, one entry for each edge: ``a * a`` has two."""
        ...

    def pull(self, gradient: Any, /, careful: bool = False) -> Iterable[tuple[Any, Any]]:
        """What a gradient here sends along each edge, as pairs ``(parent, contribution)``.

        If ``careful``, gradients of arrays say which of their zeros mean "not used"; see
        :mod:`autograd.core.liveness`.
        """
        ...

    def push(self, tangents: Mapping[Any, Any], /, careful: bool = False) -> Any:
        """How fast this changes, given how fast its parents do; ``None`` if none of them changes."""
        ...

    def received(self, gradient: Any, taken: set[int], /) -> tuple[Any, str, Any]:
        """What keeps the gradient that a sweep found here, ``None`` if nothing arrived: this node, the name of an
        attribute that is stored without running Python, and its new value; a leaf adds to the gradient that it has.

        ``taken`` has the ids of the gradients that other nodes keep: one array must not become two nodes' own.
        """
        ...

    def recompute(self, fresh: Mapping[Any, Any], /) -> tuple[Any, Any]:
        """The value here when the parents have the values ``fresh``, and whatever else :meth:`renew` wants."""
        ...

    def renew(self, data: Any, detail: Any, /) -> None:
        """Take over what :meth:`recompute` has found."""
        ...

    def __copy__(self) -> Any:
        """A copy with the same operands."""
        ...

    def replace_operands(self, substitutes: Mapping[Any, Any], /) -> None:
        """Take over ``substitutes[x]`` for every operand ``x`` that is a node."""
        ...

    def fields(self) -> tuple[Any, ...]:
        """Everything that it holds except its operands."""
        ...

    @classmethod
    def from_fields(cls, fields: tuple[Any, ...], operands: Sequence[Any], /) -> Any:
        """The node with these :meth:`fields` and operands."""
        ...


N = TypeVar("N", bound=Node)

orders: list[Callable[[Any], list[Any] | None]] = []
"""Functions in C that find the topological order of some graphs, and return ``None`` for all others."""

sweeps: list[Callable[[Sequence[Any], Mapping[Any, Any]], dict[Any, Any] | None]] = []
"""Functions in C that find the :func:`adjoints` of some graphs, and return ``None`` for all others."""


def is_node(x: Any) -> bool:
    """Whether ``x`` is a node of a graph, not a constant.

    >>> from autograd import Value
    >>> is_node(Value(1.0)), is_node(1.0)
    (True, False)
    """
    return hasattr(x, "pull")


def topological_order(*outputs: N, stop: Callable[[N], bool] | None = None) -> list[N]:
    """All nodes that the outputs depend on, each once, parents before children; the same graph gives the same order.

    The search is depth-first and does not recurse, so a chain of a million nodes is as safe as a short one.

    Args:
        outputs: where to start; with a single one, it comes last.
        stop: whether to list a node without following its parents.

    >>> from autograd import Value
    >>> x = Value(2.0, label="x")
    >>> y = x * x + x
    >>> [node.label or node.op.name for node in topological_order(y)]
    ['x', 'multiply', 'add']
    """
    if stop is None and len(outputs) == 1:
        for in_c in orders:
            known = in_c(outputs[0])
            if known is not None:
                return known
    order: list[N] = []
    seen: set[N] = set()
    stack: list[Any] = list(reversed(outputs))
    while stack:
        node = stack.pop()
        if node is None:  # all parents of the node below it on the stack have been listed
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
        seed: the derivative of the last node with respect to itself.  A mapping from nodes to numbers differentiates
            the sum of these nodes, each times its number.
        pull: what a gradient at a node sends along its edges, as pairs ``(parent, contribution)``; by default the
            node's own method.
        stop: whether a node passes nothing on; the same function as for :func:`topological_order`.

    Returns:
        The derivative for each node, ``None`` where nothing arrived.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> adjoints(topological_order(y))[x]
    6.0
    """
    seeds = seed if isinstance(seed, Mapping) else {order[-1]: seed}
    if pull is not None:
        return sweep_back(order, seeds, pull, stop)
    if not _recorded(seeds):
        for in_c in [] if stop else sweeps:
            known = in_c(order, seeds)
            if known is not None:
                return known
        found = sweep_back(order, seeds, None, stop)
        if not any(has_nan(found[x]) for x in order if getattr(x, "op", None) is None or (stop and stop(x))):
            return found
    found = sweep_back(order, {node: live_seed(x) for node, x in seeds.items()}, pull_careful, stop)
    return {node: unmasked(gradient)[0] for node, gradient in found.items()}


def pull_careful(node: N, gradient: Any) -> Iterable[tuple[N, Any]]:
    """What a gradient at a node sends along its edges, with masks; see :mod:`autograd.core.liveness`."""
    return node.pull(gradient, careful=True)


def _recorded(seeds: Mapping[N, Any]) -> bool:
    """Whether a sweep from these seeds is recorded."""
    return any(is_node(unmasked(seed)[0]) for seed in seeds.values())


def sweep_back(
    order: Sequence[N],
    seeds: Mapping[N, Any],
    pull: Callable[[N, Any], Iterable[tuple[N, Any]]] | None = None,
    stop: Callable[[N], bool] | None = None,
) -> dict[N, Any]:
    """The sweep itself: a node passes its gradient on when all contributions to it have arrived.

    Arguments are those of :func:`adjoints`.
    """
    gradients: dict[N, Any] = dict.fromkeys(order)
    gradients.update(seeds)
    with np.errstate(all="ignore"):  # infinities and nan follow IEEE arithmetic, without warnings
        for node in reversed(order):
            gradient = gradients[node]
            if gradient is None or (stop is not None and stop(node)):
                continue
            for parent, contribution in node.pull(gradient) if pull is None else pull(node, gradient):
                arrived = gradients[parent]
                gradients[parent] = contribution if arrived is None else arrived + contribution
    return gradients


def tangents(order: Iterable[N], seeds: Mapping[N, Any]) -> dict[N, Any]:
    """How fast each node of a topological order changes when some nodes change at given rates.

    This is forward mode: the edges and local derivatives of the backward sweep, in the other direction.

    Args:
        order: nodes, parents before children.
        seeds: the rates of change of some nodes.

    Returns:
        The rate for each node, ``None`` where nothing arrived.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> tangents(topological_order(y), {x: 1.0})[y]
    6.0
    """
    order = list(order)
    if not _recorded(seeds):
        rates = sweep_forward(order, seeds)
        if not any(map(has_nan, rates.values())):
            return rates
    rates = sweep_forward(order, {node: live_seed(x) for node, x in seeds.items()}, careful=True)
    return {node: unmasked(rate)[0] for node, rate in rates.items()}


def sweep_forward(order: Iterable[N], seeds: Mapping[N, Any], careful: bool = False) -> dict[N, Any]:
    """Forward mode itself; arguments are those of :func:`tangents`, ``careful`` that of :meth:`Node.push`."""
    rates: dict[N, Any] = {}
    for node in order:
        rates[node] = seeds[node] if node in seeds else node.push(rates, careful)
    return rates


def backward(output: Any, seed: Any) -> None:
    """Give each node that the output depends on its gradient; ``output.backward()`` calls this."""
    receive(reversed(adjoints(topological_order(output), seed).items()))


def receive(found: Iterable[tuple[Any, Any]]) -> None:
    """Let nodes, each named once, keep the gradients that a sweep found: all of them, or after an interrupt none."""
    taken: set[int] = set()
    alone(lambda: hand_over(starmap(setattr, [node.received(gradient, taken) for node, gradient in found])))


def refresh(output: N) -> N:
    """Compute a recorded graph again from the present data of its leaves; returns the output.

    Nothing is changed before everything has been computed, so after an error the graph is as it was.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> x.data = 5.0
    >>> refresh(y).data
    25.0
    """
    fresh: dict[Any, Any] = {}
    details: list[Any] = []
    order = topological_order(output)
    for node in order:
        fresh[node], detail = node.recompute(fresh)
        details.append(detail)
    for node, detail in zip(order, details, strict=True):
        node.renew(fresh[node], detail)
    return output


class Names(Mapping[Any, str]):
    """The names of nodes: those that were chosen, by place, and ``v`` and the place of all others."""

    def __init__(self, nodes: list[Any], chosen: dict[int, str]) -> None:
        self._nodes, self._chosen = nodes, chosen

    @cached_property
    def places(self) -> dict[Any, int]:
        """The place of each node."""
        return dict(zip(self._nodes, range(len(self._nodes)), strict=True))

    def __getitem__(self, node: Any) -> str:
        place = self.places[node]
        return self._chosen.get(place) or f"v{place}"

    def __contains__(self, node: object) -> bool:
        return node in self.places

    def __iter__(self) -> Iterator[Any]:
        return iter(self._nodes)

    def __len__(self) -> int:
        return len(self._nodes)


def node_names(order: Iterable[Any]) -> Names:
    """A readable name for every node: its label, else ``v`` and its place in the order.

    A name is one line that a terminal can show; see :func:`autograd.core.escaping.printable`.  A label that occurs
    more than once gets a number, so no two nodes share a name.  Nodes of a network's layer get it as the number of the
    sample, as in the notes: ``z[1](1)_2``, ``z[1](2)_2``.

    >>> from autograd import Value
    >>> x = Value(2.0, label="x")
    >>> list(node_names(topological_order(x * x + x)).values())
    ['x', 'v1', 'v2']
    """
    nodes = list(order)
    labels = {place: printable(node.label, None) for place, node in enumerate(nodes) if node.label}
    taken = Counter(labels.values())
    alike = {int(name[1:]) for name in taken if re.fullmatch("v(0|[1-9][0-9]{,17})", name, re.ASCII)}  # as others are
    chosen: dict[int, str] = {}
    met: set[str] = set()
    samples: dict[str, int] = {}
    for place in sorted(labels.keys() | {place for place in alike if place < len(nodes)}):
        label = labels.get(place)
        wanted = label or f"v{place}"
        if "]" in wanted and taken[wanted] > 1:
            samples[wanted] = samples.get(wanted, 0) + 1
            wanted = wanted.replace("]", f"]({samples[wanted]})", 1)
        name, times = wanted, 1
        while name in met or (name in taken and not (times == 1 and name == label)):
            times += 1
            name = f"{wanted}_{times}"
        met.add(name)
        chosen[place] = name
    return Names(nodes, chosen)
