"""A graph in nested groups: a network by layer, neuron and node, any other graph by what feeds what.

A picture, a tree or a page shows a graph of any size by opening only some of the groups; the others stand for all of
their nodes.  Whichever are open, no two parts depend on each other in a circle, so that the folded graph is a graph
like any other.  Everything takes time that is linear in the edges.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, Literal, TypeAlias, TypeVar

from autograd.core.display import InNotebook
from autograd.core.escaping import printable
from autograd.core.sweep import Node, is_node, node_names, topological_order
from autograd.explain.flows import Flows

__all__ = ["Fold", "FoldedEdge", "Group", "Groups", "groups"]

_PARTS = 20  # the most that a group is divided into

Kind: TypeAlias = Literal["layer", "neuron", "variable", "terms", "sum", "product", "own", "merged", "band"]
"""Why the nodes of a group belong together."""

Key: TypeAlias = tuple[Kind, Any]  # what tells a group from the others in the same group
Path: TypeAlias = tuple[Key, ...]  # the groups that a node is in, the outermost first
Links: TypeAlias = list[list[int]]  # for each vertex of a graph those that it is connected to, by their numbers
Part: TypeAlias = "Group | Node"
T = TypeVar("T")


@dataclass(frozen=True, eq=False, repr=False)
class Group:
    """Nodes that belong together.

    Attributes:
        name: what they are called.
        kind: ``"layer"`` and ``"neuron"``, from the labels of :mod:`nn`; ``"variable"``, all nodes of one label;
            ``"terms"``, a node and what feeds only it; ``"sum"`` or ``"product"``, a chain of additions or of
            multiplications; ``"own"``, from a function of the user's; ``"merged"``, groups that depend on each other in
            a circle; ``"band"``, a part of a group that would be too large to look at.
        parts: the groups and nodes inside, each after those that it depends on.
        nodes: all nodes inside, however deep, each after those that it depends on.
        samples: how often a label occurs among them: the number of samples in a batch.
    """

    name: str
    kind: Kind
    parts: tuple[Part, ...]
    nodes: tuple[Node, ...]
    samples: int

    def __repr__(self) -> str:
        samples = f", {self.samples:,} samples" if self.samples > 1 else ""
        return f"<Group {self.name}: {len(self.nodes):,} nodes in {len(self.parts)} parts{samples}>"

    def __str__(self) -> str:
        samples = f", {self.samples:,} samples" if self.samples > 1 else ""
        return f"{self.name}: {len(self.nodes):,} nodes{samples}"


@dataclass(frozen=True)
class FoldedEdge:
    """All edges from one part of a folded graph to another.

    Attributes:
        tail: where they start, a group or a node.
        head: where they end.
        count: how many edges they are.
        share: the sum of their shares of a derivative; ``None`` without a flow, and where it does not run.
    """

    tail: Part
    head: Part
    count: int
    share: float | None


@dataclass(frozen=True, repr=False)
class Fold:
    """A folded graph: groups that are closed, nodes that are not in them, and the edges between these parts.

    Attributes:
        parts: each after those that it depends on.
        edges: in the order of their heads, then of their tails.
    """

    parts: tuple[Part, ...]
    edges: tuple[FoldedEdge, ...]

    def __repr__(self) -> str:
        nodes = sum(len(nodes_of(part)) for part in self.parts)
        return f"<Fold of {nodes:,} nodes: {len(self.parts)} parts, {len(self.edges)} edges>"


class Groups(InNotebook):
    """The nested groups of a graph; print them, iterate over them, or fold the graph.

    Iterating yields every group, outer before inner.

    Attributes:
        output: the node that the graph leads to.
        nodes: all nodes, in topological order.
        names: their names.
        parts: the outermost groups, and the nodes outside of all groups.
    """

    def __init__(self, output: Node, by: Callable[[Node], Any] | None) -> None:
        self.output = output
        self.nodes = topological_order(output)
        self.names = node_names(self.nodes)
        place = {node: i for i, node in enumerate(self.nodes)}
        parents = [list(dict.fromkeys(place[parent] for parent in node.parents)) for node in self.nodes]
        paths = _paths(self.nodes, parents, by)
        self.parts = _Divider(self.nodes, self.names, parents, paths).parts
        self._around: dict[Part, Group] = {part: group for group in self for part in group.parts}

    def __iter__(self) -> Iterator[Group]:
        waiting = [part for part in reversed(self.parts) if isinstance(part, Group)]
        while waiting:
            group = waiting.pop()
            yield group
            waiting += [part for part in reversed(group.parts) if isinstance(part, Group)]

    def around(self, part: Part) -> tuple[Group, ...]:
        """The groups that a node or a group lies in, the outermost first."""
        found: list[Group] = []
        while part in self._around:
            part = self._around[part]
            found.append(part)
        return tuple(reversed(found))

    def fold(self, opened: Collection[Group | str] = (), flow: Flows | None = None) -> Fold:
        """The graph with all groups closed but some.

        Args:
            opened: the groups that are open, or their names; they show what is inside if the groups around them are
                open too.
            flow: sums up its shares on the edges.

        Raises:
            ValueError: if the flow is not that of the same graph, through every node.
        """
        if flow is not None and (flow.output is not self.output or flow.graph.named):
            raise ValueError("a graph is folded with the flow through all of its nodes: flows(output, x, named=False)")
        parts: list[Part] = []
        waiting: list[Part] = list(reversed(self.parts))
        while waiting:
            part = waiting.pop()
            if isinstance(part, Group) and (part in opened or part.name in opened):
                waiting += reversed(part.parts)
            else:
                parts.append(part)
        return _folded(parts, flow)

    def opened(self, limit: int) -> list[Group]:
        """Groups to open, so that as much as possible can be seen at once; those of one kind in a group together.

        What is divided only because it is large, the samples of a batch, sums and products stay closed.

        Args:
            limit: how many parts the folded graph may have; it may have twice as many edges.
        """
        found: list[Group] = []
        parts = len(self.parts)
        waiting = _by_kind(self.parts)
        while waiting:
            alike = waiting.pop(0)
            more = sum(len(group.parts) - 1 for group in alike)
            if parts + more <= limit and len(self.fold([*found, *alike]).edges) <= 2 * limit:
                parts += more
                found += alike
                for group in alike:
                    waiting += _by_kind(group.parts)
        return found

    def __repr__(self) -> str:
        return f"<Groups of {self.names[self.output]}: {len(self.nodes):,} nodes in {len(self.parts)} parts>"

    def table(self, depth: int = 2) -> str:
        """The groups as indented lines, each with the number of its nodes.

        Args:
            depth: how many levels to show.
        """
        lines = [f"{self.names[self.output]}: {len(self.nodes):,} nodes"]
        waiting: list[tuple[Part, int]] = [(part, 1) for part in reversed(self.parts)]
        while waiting:
            part, level = waiting.pop()
            lines.append(f"{'  ' * level}{self.described(part)}")
            if isinstance(part, Group) and level < depth:
                waiting += [(inner, level + 1) for inner in reversed(part.parts)]
        return "\n".join(lines)

    __str__ = table

    def described(self, part: Part) -> str:
        """The name of a node; that of a group with the number of its nodes and samples."""
        return str(part) if isinstance(part, Group) else self.names[part]

    def as_json(self) -> dict[str, Any]:
        """The groups as plain data.

        Returns:
            ``nodes``, the names of all nodes in topological order; ``groups``, outer before inner, each with its
            ``name``, ``kind``, ``samples``, the ``group`` around it and its ``parts``; and ``parts``, the outermost.  A
            group is the number of its place in ``groups``, or ``None``.  Parts are ``["group", place]`` or
            ``["node", place]``, each after those that it depends on.
        """
        place: dict[Part, int] = {node: i for i, node in enumerate(self.nodes)}
        place |= {group: i for i, group in enumerate(self)}

        def listed(parts: Iterable[Part]) -> list[list[str | int]]:
            return [["group" if isinstance(part, Group) else "node", place[part]] for part in parts]

        return {
            "nodes": [self.names[node] for node in self.nodes],
            "parts": listed(self.parts),
            "groups": [
                {
                    "name": group.name,
                    "kind": group.kind,
                    "samples": group.samples,
                    "group": place.get(self._around.get(group, self.output)) if group in self._around else None,
                    "parts": listed(group.parts),
                }
                for group in self
            ],
        }


def _by_kind(parts: Iterable[Part]) -> list[list[Group]]:
    """The groups among some parts that are worth opening, by their kinds, fewest parts first."""
    kinds: dict[Kind, list[Group]] = defaultdict(list)
    for part in parts:
        if isinstance(part, Group):
            bands = any(isinstance(inner, Group) and inner.kind == "band" for inner in part.parts)
            samples = part.kind == "variable" and part.samples > 1
            if not (bands or samples or part.kind in ("sum", "product")):
                kinds[part.kind].append(part)
    return sorted(kinds.values(), key=lambda alike: sum(len(group.parts) for group in alike))


def _folded(parts: list[Part], flow: Flows | None) -> Fold:
    """The folded graph of these parts."""
    holder = {node: i for i, part in enumerate(parts) for node in nodes_of(part)}
    counts: Counter[tuple[int, int]] = Counter()
    for node, head in holder.items():
        counts.update((head, tail) for tail in map(holder.__getitem__, node.parents) if tail != head)
    shares: dict[tuple[int, int], float] = defaultdict(float)
    for edge, share in (flow or {}).items():
        shares[holder[edge.child], holder[edge.parent]] += share
    edges = [FoldedEdge(parts[tail], parts[head], count, shares.get((head, tail)))
             for (head, tail), count in sorted(counts.items())]  # fmt: skip
    return Fold(tuple(parts), tuple(edges))


# ---------------------------------------------------------------------------------------------------------------------
# Which groups a node belongs to
# ---------------------------------------------------------------------------------------------------------------------

# A label of nn, such as z[1]_2, w[1]_{2,3} or z[1](4)_2 with the number of a sample, or x(4)_1: an input of a sample.
_LABEL = re.compile(r"(?P<base>[^\[\](){}_]+)(?:\[(?P<layer>\w+)\])?(?:\((?P<sample>\d+)\))?(?:_\{?(?P<unit>\w+).*)?")


def _from_label(label: str) -> Path:
    found = _LABEL.fullmatch(label)
    if found is None:
        return (("variable", label),)
    base, layer, sample, unit = found.group("base", "layer", "sample", "unit")
    variable: Key = ("variable", _without_sample(label))
    if layer is not None:
        return ("layer", layer), *((("neuron", (layer, unit)),) if unit else ()), variable
    return (("variable", base), variable) if sample and unit else (variable,)


def _without_sample(label: str) -> str:
    return re.sub(r"\(\d+\)", "", label, count=1) if "(" in label else label


def _from_user(node: Node, by: Callable[[Node], Any]) -> Path | None:
    names = by(node)
    if names is None:
        return None
    names = (names,) if isinstance(names, str) else names
    if not (isinstance(names, (tuple, list)) and all(isinstance(name, str) for name in names)):
        raise TypeError(
            f"a function that groups nodes returns a tuple of names, the outermost first, or None, not {names!r}"
        )
    return tuple(("own", name) for name in names)


def _paths(nodes: list[Node], parents: Links, by: Callable[[Node], Any] | None) -> list[Path]:
    """The groups of every node: its own, else those that everything it feeds has in common.

    A node that feeds several groups is a group itself, together with the nodes that feed only it.
    """
    children: Links = [[] for _ in nodes]
    for child, feeding in enumerate(parents):
        for parent in feeding:
            children[parent].append(child)
    paths: list[Path] = [()] * len(nodes)
    for i in reversed(range(len(nodes))):
        label = nodes[i].label
        own = (_from_label(label) if label else None) if by is None else _from_user(nodes[i], by)
        if own is None:
            own = _common([_joined(paths[child]) for child in children[i]])
            alone = not own or len(children[i]) > 1
            if alone and not any(kind == "terms" for kind, _ in own):
                own += (("terms", i),)
        paths[i] = own
    for i, last in _chains(nodes, children).items():
        paths[i] += (("product" if nodes[i].op.name == "multiply" else "sum", last),)
    return paths


def _joined(path: Path) -> Path:
    """The groups that a node without a label joins if it feeds a node in these: not those of one label in a neuron."""
    return path[:-1] if len(path) > 1 and path[-1][0] == "variable" else path


def _common(paths: Sequence[Path]) -> Path:
    """The groups that all these have in common."""
    common = paths[0] if paths else ()
    for path in paths:
        if path is not common:
            same = (one == other for one, other in zip(common, path, strict=False))
            common = common[: sum(takewhile(bool, same))]
    return common


def _chains(nodes: list[Node], children: Links) -> dict[int, int]:
    """The end of the chain of additions or of multiplications that a node is in, if it is in one."""
    end: dict[int, int] = {}
    for i in reversed(range(len(nodes))):
        op = nodes[i].op
        if op is not None and op.name in ("add", "multiply"):
            following = children[i][0] if len(children[i]) == 1 and not nodes[i].label else i
            end[i] = end[following] if following in end and nodes[following].op is op else i
    sizes = Counter(end.values())
    return {i: last for i, last in end.items() if sizes[last] > 1}


# ---------------------------------------------------------------------------------------------------------------------
# From the groups of every node to nested groups
# ---------------------------------------------------------------------------------------------------------------------


class _Divider:
    """Divides a graph into groups, and these into further ones; nodes are numbers, their places in the order."""

    def __init__(self, nodes: list[Node], names: Mapping[Node, str], parents: Links, paths: list[Path]) -> None:
        self.nodes = nodes
        self.names = names
        self.paths = paths
        self.labels = [node.label and _without_sample(node.label) for node in nodes]
        edges = [(parent, child) for child, feeding in enumerate(parents) for parent in feeding]
        parts = self._divided(list(range(len(nodes))), edges, 0)
        (only, *others) = parts
        self.parts = only.parts if not others and isinstance(only, Group) else tuple(parts)

    def _divided(self, members: list[int], edges: list[tuple[int, int]], depth: int) -> list[Part]:
        """The parts of some nodes, by the groups that they have at this depth; groups in a circle are one part."""
        numbers: dict[Key | int, int] = {}
        unit = {i: numbers.setdefault(self._key(i, depth), len(numbers)) for i in members}
        linked = [(unit[parent], unit[child]) for parent, child in edges]
        circle = _components(len(numbers), linked)
        inside: Links = [[] for _ in range(max(circle) + 1)]
        for i in members:
            inside[circle[unit[i]]].append(i)
        inner: list[list[tuple[int, int]]] = [[] for _ in inside]
        outer: list[set[int]] = [set() for _ in inside]
        for edge, (one, other) in zip(edges, linked, strict=True):
            tail, head = circle[one], circle[other]
            if tail == head:
                inner[tail].append(edge)
            else:
                outer[tail].add(head)
        layers: dict[int, list[Part]] = defaultdict(list)
        depths = _depths(outer)
        for number in sorted(range(len(inside)), key=lambda number: (depths[number], inside[number][0])):
            layers[depths[number]].append(self._part(inside[number], inner[number], depth))
        return self._banded(list(layers.values()))

    def _key(self, i: int, depth: int) -> Key | int:
        """What tells the part that a node belongs to from the others."""
        return self.paths[i][depth] if depth < len(self.paths[i]) else i

    def _part(self, members: list[int], edges: list[tuple[int, int]], depth: int) -> Part:
        keys = [key for key in dict.fromkeys(self._key(i, depth) for i in members) if not isinstance(key, int)]
        if not keys:
            return self.nodes[members[0]]
        names = [self._name(key, members) for key in keys]
        parts = self._divided(members, edges, depth + 1)
        samples = _samples(self.labels[i] for i in members)
        if len(keys) > 1:
            return _group(" and ".join(names) if len(names) < 4 else _span(names), "merged", parts, samples)
        return _group(names[0], keys[0][0], parts, samples)

    def _name(self, key: Key, members: list[int]) -> str:
        kind, detail = key
        if kind == "neuron":
            layer, unit = detail
            return f"neuron {unit} of layer {layer}"
        if kind in ("sum", "product"):
            return f"{kind} of {len(members) + 1:,} {'terms' if kind == 'sum' else 'factors'}"
        if kind == "terms":
            return f"terms of {self.names[self.nodes[detail]]}"
        return f"layer {detail}" if kind == "layer" else str(detail)

    def _banded(self, layers: list[list[Part]]) -> list[Part]:
        """The parts of some layers; if they are too many, those of a layer or of several are put into groups."""
        parts = [part for layer in layers for part in layer]
        if len(parts) <= _PARTS:
            return parts
        if len(layers) == 1:
            pieces = [[piece] for piece in _pieces(parts)]
        else:
            pieces = _pieces(layers) if len(layers) > _PARTS else [[layer] for layer in layers]
        return [self._band(self._banded(piece)) for piece in pieces]

    def _band(self, parts: list[Part]) -> Part:
        name = _span([part.name if isinstance(part, Group) else self.names[part] for part in parts])
        labels = (node.label and _without_sample(node.label) for part in parts for node in nodes_of(part))
        return _group(name, "band", parts, _samples(labels)) if len(parts) > 1 else parts[0]


def _group(name: str, kind: Kind, parts: list[Part], samples: int) -> Part:
    """A group of these parts; a node alone is none, and a group alone gives its parts, or stays itself."""
    inside: Sequence[Part] = parts
    if len(parts) == 1:
        if not isinstance(parts[0], Group) or kind == "terms":
            return parts[0]
        inside = parts[0].parts
    return Group(
        printable(name, None), kind, tuple(inside), tuple(node for part in inside for node in nodes_of(part)), samples
    )


def _samples(labels: Iterable[str | None]) -> int:
    """How often a label occurs."""
    counts = Counter(label for label in labels if label)
    return max(counts.values(), default=1)


def nodes_of(part: Part) -> tuple[Node, ...]:
    """The nodes of a group, or the node itself."""
    return part.nodes if isinstance(part, Group) else (part,)


def _span(names: list[str]) -> str:
    """The first and the last of some names, which may be such spans themselves."""
    return f"{names[0].partition(' … ')[0]} … {names[-1].rpartition(' … ')[2]}"


def _pieces(items: list[T]) -> list[list[T]]:
    """The items in order, in pieces of one size: few of them, and not many more in each than a group may have."""
    size = -(-len(items) // min(-(-len(items) // _PARTS), _PARTS))
    return [items[i : i + size] for i in range(0, len(items), size)]


def _depths(heads: list[set[int]]) -> list[int]:
    """The longest path to each vertex of a graph without circles, in which heads have smaller numbers than tails."""
    depths = [0] * len(heads)
    for tail in reversed(range(len(heads))):
        for head in heads[tail]:
            depths[head] = max(depths[head], depths[tail] + 1)
    return depths


def _components(n: int, edges: list[tuple[int, int]]) -> list[int]:
    """The strongly connected component of each of n vertices, as a number smaller than those of what leads to it.

    This is Tarjan's algorithm (1972), with a stack in place of recursion.
    """
    heads: Links = [[] for _ in range(n)]
    for tail, head in set(edges):
        heads[tail].append(head)
    found, low, component = [-1] * n, [0] * n, [-1] * n
    path: list[int] = []
    count = components = 0
    for start in range(n):
        waiting = [start] if found[start] < 0 else []
        while waiting:
            vertex = waiting[-1]
            if found[vertex] < 0:
                found[vertex] = low[vertex] = count
                count += 1
                path.append(vertex)
            head = heads[vertex].pop() if heads[vertex] else -1
            if head < 0:
                waiting.pop()
                if waiting:
                    low[waiting[-1]] = min(low[waiting[-1]], low[vertex])
                if low[vertex] == found[vertex]:
                    while component[vertex] < 0:
                        component[path.pop()] = components
                    components += 1
            elif found[head] < 0:
                waiting.append(head)
            elif component[head] < 0:
                low[vertex] = min(low[vertex], found[head])
    return component


def groups(output: Node, by: Callable[[Node], Any] | None = None) -> Groups:
    """The nested groups of a graph, by the labels of its nodes or by a function.

    The labels that :mod:`nn` gives make groups of layers and neurons, with all samples of a batch in one.  Every other
    label makes a group of its nodes.  A node without a label goes with what it feeds, and is a group itself, with what
    feeds only it, if it feeds several.  Additions in a row are a group, and so are multiplications.  Groups that depend
    on each other in a circle become one, and of a group that would have more than 20 parts neighbours are put together.

    Args:
        output: the node that the graph leads to.
        by: a function that returns the names of the groups of a node, the outermost first, in a tuple; an empty one
            for none, and ``None`` if the node goes with what it feeds.

    Returns:
        A :class:`Groups`: print it, or ``fold`` the graph.

    Raises:
        TypeError: if ``output`` is not a node, or ``by`` returns something else.

    >>> from autograd import Value, groups
    >>> x, w = Value(2.0, label="x[0]_1"), Value(3.0, label="w[1]_{1,1}")
    >>> z = w * x + w
    >>> z.label = "z[1]_1"
    >>> y = z**2
    >>> print(groups(y))
    v4: 5 nodes
      x[0]_1
      layer 1: 3 nodes
        w[1]_{1,1}
        v2
        z[1]_1
      v4
    >>> groups(y).fold().edges[0].count
    1
    """
    if not is_node(output):
        raise TypeError(
            f"groups are made of the graph of a Value or a Tensor, not of {type(output).__name__} ({output!r})"
        )
    return Groups(output, by)
