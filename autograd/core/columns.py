"""The edges of a graph as columns of numbers, and sums over all its paths.

There may be more paths than atoms in the universe, and a graph may have more nodes than Python could visit in a minute.
So the nodes are numbered, parents before children, and passes over their edges run on arrays.  Like ``core/value.py``
this file is compiled to C where there is a compiler, and otherwise runs as it stands.

In all functions paths begin at the node whose number is ``source``, and end at the last node.
"""

from __future__ import annotations

import os
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from autograd.core.sweep import is_node

if TYPE_CHECKING:
    from autograd.core import cython_stub as cython
else:
    try:
        import cython
    except ImportError:
        from autograd.core import cython_stub as cython

if cython.compiled:
    from cython.cimports.autograd.core.addresses import chars, doubles, ints, longs
    from cython.cimports.libc import math

    __file__ = os.path.join(os.path.dirname(__file__), "columns.py")  # where the source is to be found
else:
    import math

    from autograd.core.addresses import chars, doubles, ints, longs

__all__ = [
    "Best",
    "Branches",
    "Size",
    "Wiring",
    "best_path",
    "best_sizes",
    "path_count",
    "path_product",
    "path_sum",
    "wiring",
]


@cython.cclass
class Wiring:
    """The edges into the nodes of a topological order, one for each operand, as arrays.

    Args:
        starts: for each node the number of its first edge, and at the end the number of all edges.
        parents: for each edge the number of the node where it begins; less than 0 for a constant.
        slopes: for each edge the local derivative.
        live: for each edge whether anything flows along it: 0 if the operand was not selected, else 1.
    """

    __slots__ = ("_columns", "_last", "_live", "_parents", "_slopes", "_starts")
    _columns: tuple  # type: ignore[type-arg]  # Cython knows no tuple[Any, ...]
    _last: cython.int  # the last node
    _starts: cython.p_int
    _parents: cython.p_int
    _slopes: cython.p_double
    _live: cython.p_char

    def __init__(self, starts: array[int], parents: array[int], slopes: array[float], live: array[int]) -> None:
        self._columns = starts, parents, slopes, live
        self._last = len(starts) - 2
        self._starts, self._parents = ints(starts), ints(parents)
        self._slopes, self._live = doubles(slopes), chars(live)

    @property
    def columns(self) -> tuple[array[int], array[int], array[float], array[int]]:
        """The arrays."""
        return self._columns

    def edges_into(self, node: int) -> range:
        """The numbers of the edges into a node."""
        starts = self._columns[0]
        return range(starts[node], starts[node + 1])

    def parent(self, edge: int) -> int:
        """The number of the node where an edge begins; less than 0 for a constant."""
        return int(self._columns[1][edge])


def wiring(order: Sequence[Any], all_live: bool = False) -> Wiring:
    """The edges of a topological order; the local derivatives of a node that holds no number are nan.

    Args:
        order: nodes, parents before children.
        all_live: whether every operand counts as selected.
    """
    starts, parents, slopes, live = array("i", [0]), array("i"), array("d"), array("b")
    places: dict[Any, int] = dict(zip(order, range(len(order)), strict=True))
    for node in order:
        used = all_live or _uses_all(node)
        local = getattr(node, "slopes", (float("nan"),) * len(node.operands))
        for x, slope in zip(node.operands, local, strict=True):
            parents.append(places[x] if is_node(x) else -1)
            slopes.append(slope)
            live.append(used or slope != 0)
        starts.append(len(parents))
    return Wiring(starts, parents, slopes, live)


def _uses_all(node: Any) -> bool:
    """Whether a node selects all of its operands; one of arrays selects entries."""
    if not (getattr(node.op, "selects", False) and hasattr(node, "slopes")):
        return True
    return len(list(node.pull(1.0))) == len(node.parents)


# ---------------------------------------------------------------------------------------------------------------------
# Sums over all paths
# ---------------------------------------------------------------------------------------------------------------------

_LARGE = cython.declare(cython.longlong, 2**62)  # counts from here on are kept as numbers of Python


def path_count(wired: Wiring, source: cython.int) -> int:
    """How many paths there are, exactly.

    >>> from autograd import Value
    >>> from autograd.core.sweep import topological_order
    >>> x = Value(2.0)
    >>> wired = wiring(topological_order(x * x + x))
    >>> path_count(wired, 0), path_sum(wired, 0)
    (3, 5.0)
    """
    e: cython.int
    i: cython.int
    p: cython.int
    kept = array("q", [0]) * (wired._last + 1), array("i", [0]) * (wired._last + 1)
    counts: cython.p_longlong = longs(kept[0])  # -1 for those that are large
    to_come: cython.p_int = ints(kept[1])  # how many edges of a node have not been followed yet
    large: dict[int, int] = {}
    for e in range(wired._starts[source + 1], wired._starts[wired._last + 1]):
        if wired._parents[e] >= source:
            to_come[wired._parents[e]] += 1
    counts[source] = 1
    for i in range(source + 1, wired._last + 1):
        total: cython.longlong = 0
        more: Any = 0
        for e in range(wired._starts[i], wired._starts[i + 1]):
            p = wired._parents[e]
            if p < source:
                continue
            to_come[p] -= 1
            if counts[p] < 0:
                more += large[p] if to_come[p] else large.pop(p)
            else:
                total += counts[p]
            if total >= _LARGE:
                more += total
                total = 0
        counts[i] = total
        if more:
            counts[i] = -1
            large[i] = more + total
    return large[wired._last] if counts[wired._last] < 0 else counts[wired._last]


def path_sum(wired: Wiring, source: cython.int) -> float:
    """The sum over all paths of the products of local derivatives."""
    e: cython.int
    i: cython.int
    p: cython.int
    kept = array("d", [0]) * (wired._last + 1), array("b", [0]) * (wired._last + 1)
    sums: cython.p_double = doubles(kept[0])
    reached: cython.p_char = chars(kept[1])
    sums[source] = 1.0
    reached[source] = 1
    for i in range(source + 1, wired._last + 1):
        for e in range(wired._starts[i], wired._starts[i + 1]):
            p = wired._parents[e]
            if p >= source and reached[p] and wired._live[e]:
                sums[i] += sums[p] * wired._slopes[e]
                reached[i] = 1
    return sums[wired._last]


# ---------------------------------------------------------------------------------------------------------------------
# The largest products
# ---------------------------------------------------------------------------------------------------------------------

# The size of a product is how many of its factors are zero, and minus the logarithm of the others: the smaller pair is
# the larger product.  So products of any length are compared without underflow.

Size: TypeAlias = tuple[int, float]

_INFINITY = cython.declare(cython.double, float("inf"))


@cython.cclass
class Best:
    """For each node the size of the largest product of a path that leads there.

    Args:
        zeros: how many factors are zero; -1 if no path leads there.
        logs: minus the logarithm of the others.
    """

    __slots__ = ("_columns", "_logs", "_zeros")
    _columns: tuple  # type: ignore[type-arg]
    _zeros: cython.p_int
    _logs: cython.p_double

    def __init__(self, zeros: array[int], logs: array[float]) -> None:
        self._columns = zeros, logs
        self._zeros, self._logs = ints(zeros), doubles(logs)

    def size(self, node: int) -> Size | None:
        """The size of the largest product of a path to a node; ``None`` if none leads there."""
        zeros, logs = self._columns
        return None if zeros[node] < 0 else (zeros[node], logs[node])


@dataclass(frozen=True)
class Branches:
    """A path, from its last edge to its first, and where others branch off, each with the size of its largest product.

    Attributes:
        edges: the numbers of the edges of the path.
        places: for each branch, how many edges it shares with the path.
        others: the edge that it takes then.
        zeros: how many factors of its largest product are zero.
        logs: minus the logarithm of the others.
    """

    edges: array[int]
    places: array[int]
    others: array[int]
    zeros: array[int]
    logs: array[float]


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _zero(wired: Wiring, e: cython.int) -> cython.int:
    """How many factors of zero an edge contributes."""
    return 1 if wired._slopes[e] == 0.0 or not wired._live[e] else 0


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _log(wired: Wiring, e: cython.int) -> cython.double:
    """Minus the logarithm of an edge, if that is no factor of zero; nan is as large as infinity."""
    slope: cython.double = abs(wired._slopes[e])
    if slope == 0.0 or not wired._live[e]:
        return 0.0
    return -math.log(slope) if slope < _INFINITY else -_INFINITY


def best_sizes(wired: Wiring, source: cython.int) -> Best:
    """The size of the largest product of a path to each node."""
    e: cython.int
    i: cython.int
    p: cython.int
    best: Best = Best(array("i", [-1]) * (wired._last + 1), array("d", [0]) * (wired._last + 1))
    best._zeros[source] = 0
    for i in range(source + 1, wired._last + 1):
        for e in range(wired._starts[i], wired._starts[i + 1]):
            p = wired._parents[e]
            if p < 0 or best._zeros[p] < 0:
                continue
            zeros: cython.int = best._zeros[p] + _zero(wired, e)
            log: cython.double = best._logs[p] + _log(wired, e)
            if best._zeros[i] < 0 or zeros < best._zeros[i] or (zeros == best._zeros[i] and log < best._logs[i]):
                best._zeros[i] = zeros
                best._logs[i] = log
    return best


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _is_best(wired: Wiring, best: Best, i: cython.int, e: cython.int) -> cython.bint:
    """Whether the largest product of a path to node i is that of one along this edge."""
    p: cython.int = wired._parents[e]
    if p < 0 or best._zeros[p] < 0 or best._zeros[p] + _zero(wired, e) != best._zeros[i]:
        return False
    return best._logs[p] + _log(wired, e) == best._logs[i]


def best_path(wired: Wiring, source: cython.int, best: Best, end: array[int], size: Size) -> Branches:
    """The path with the largest product of all that have the same end, and where others branch off before that.

    Args:
        wired: the graph.
        source: where paths begin.
        best: what :func:`best_sizes` has found.
        end: the edges with which they end, the last first.
        size: the size of the largest product.

    Returns:
        The path.  The branches are in the order in which a search from the output meets them, at each node the last
        operand first.
    """
    e: cython.int
    p: cython.int
    chosen: cython.int
    place: cython.int
    i: cython.int = wired._last
    zeros: cython.int = 0  # the size of the product of the edges so far
    log: cython.double = 0.0
    found = Branches(end[:], array("i"), array("i"), array("i"), array("d"))
    for edge in end:
        e = edge
        i, zeros, log = wired._parents[e], zeros + _zero(wired, e), log + _log(wired, e)
    place = len(end)
    while i != source:
        chosen = -1
        for e in range(wired._starts[i + 1] - 1, wired._starts[i] - 1, -1):
            if _is_best(wired, best, i, e):
                chosen = e
        for e in range(wired._starts[i + 1] - 1, wired._starts[i] - 1, -1):
            p = wired._parents[e]
            if e == chosen or p < 0 or best._zeros[p] < 0:
                continue
            branch = zeros + _zero(wired, e) + best._zeros[p], log + _log(wired, e) + best._logs[p]
            if branch < size or _is_best(wired, best, i, e):  # whatever rounding makes of the product
                branch = size
            found.places.append(place)
            found.others.append(e)
            found.zeros.append(branch[0])
            found.logs.append(branch[1])
        i, zeros, log = wired._parents[chosen], zeros + _zero(wired, chosen), log + _log(wired, chosen)
        found.edges.append(chosen)
        place += 1
    return found


def path_product(wired: Wiring, edges: array[int]) -> float:
    """The product of the local derivatives along a path, from its last edge to its first; 0 if one is not live."""
    e: cython.int
    product: cython.double = 1.0
    live: cython.bint = True
    for edge in edges:
        e = edge
        product *= wired._slopes[e]
        live = live and wired._live[e] != 0
    return product if live else 0.0
