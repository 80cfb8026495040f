"""The chain rule along each path: a gradient as the sum over paths of products of local derivatives.

Lecture notes draw the graph of the named variables, differentiate along each path and add.  :func:`paths` does that.
Every number comes from the backward sweep, and the paths are checked to add up to the gradient.
"""

from __future__ import annotations

import heapq
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import escape
from itertools import groupby, islice
from typing import Any, TypeVar

from autograd.core.display import InNotebook, html_table
from autograd.core.sweep import Node, adjoints, is_node, node_names, topological_order
from autograd.dialects.written import number
from autograd.explain.extras import symbolic, symbolic_or_none
from autograd.explain.graph import Dependencies, Edge, numbers_only
from autograd.explain.tables import Row, aligned, local_symbol, number_text, total_symbol

__all__ = ["Path", "Paths", "paths"]

T = TypeVar("T")

_SHOWN = 6  # nodes and edges that are shown of each end of a long path


@dataclass(frozen=True, eq=False, repr=False)
class Path:
    """One path through the dependency graph.

    Attributes:
        nodes: from the input to the output.
        edges: between them; ``edges[i]`` leads from ``nodes[i]`` to ``nodes[i + 1]``.
        product: the product of the local derivatives: what this path contributes to the gradient.
        names: the names of the nodes.
    """

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    product: float
    names: tuple[str, ...]

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivative on each edge."""
        return tuple(edge.slope for edge in self.edges)

    @property
    def formula(self) -> str | None:
        """The product of the local derivatives as a formula; ``None`` where one is too long to be written."""
        return None if self.written is None else str(self.written)

    @property
    def written(self) -> Any:
        """The :attr:`formula` as an object that can be multiplied and added."""
        return _multiplied([edge.written for edge in reversed(self.edges)])

    @property
    def typeset(self) -> Any:
        """Like :attr:`written`, with the names in LaTeX."""
        return _multiplied([edge.typeset for edge in reversed(self.edges)])

    def __repr__(self) -> str:
        return f"<path {self}: {number_text(self.product)}>"

    def __str__(self) -> str:
        names = self.names
        if len(names) > 2 * _SHOWN:
            names = (*names[:_SHOWN], f"… {len(names) - 2 * _SHOWN} nodes …", *names[-_SHOWN:])
        return " → ".join(names)


class Paths(InNotebook):
    """All paths from an input to an output; print it, iterate over it, or take its numbers.

    Iterating yields :class:`Path` objects, largest ``|product|`` first, and finds them one by one: the first few paths
    of 2^60 cost no more than those of a small graph.

    Attributes:
        output: the node that is differentiated.
        input: the node with respect to which.
        count: the exact number of paths, counted in one pass over the graph.
        gradient: the derivative, from the backward sweep.
        sum: the sum of all products; equal to the gradient, up to rounding.
        graph: the :class:`Dependencies` that the paths run through.
    """

    def __init__(self, output: Node, input: Node, named: bool, letters: bool = False) -> None:
        self.output = output
        self.input = input
        order = numbers_only(topological_order(output), "paths")
        self.gradient: float = adjoints(order).get(input) or 0.0
        self.graph = Dependencies(output, named, {input} & set(order), letters)
        self._names = self.graph.names
        if input not in self._names:  # no path leads from it
            self._names = {**node_names(dict.fromkeys([*order, input])), **self.graph.names}
        self._counts = self._count()
        self.count = self._counts.get(output, 0)
        self.sum = self._sum()
        self._check(order)

    def _count(self) -> dict[Node, int]:
        """The number of paths from the input to every node that it reaches: a sum over edges, not a walk."""
        counts = {self.input: 1} if self.input in self.graph.names else {}
        for edge in self.graph.edges:
            if edge.parent in counts:
                counts[edge.child] = counts.get(edge.child, 0) + counts[edge.parent]
        return counts

    def _sum(self) -> float:
        """The sum of all products, in one pass over the graph."""
        sums = dict.fromkeys(self._counts, 0.0)
        if self.count:
            sums[self.input] = 1.0
        for edge in self.graph.edges:
            if edge.parent in sums and edge.live:
                sums[edge.child] += sums[edge.parent] * edge.slope
        return sums.get(self.output, 0.0)

    def _check(self, order: list[Node]) -> None:
        """The paths add up to the gradient; if not, there is a bug, and no number is better than a wrong one."""
        if math.isfinite(self.sum) and math.isfinite(self.gradient):
            apart = abs(self.sum - self.gradient)
            if apart <= 1e-9 * abs(self.gradient):
                return
            absolute = adjoints(order, pull=lambda node, g: ((parent, abs(d)) for parent, d in node.pull(g)))
            if apart > 1e-9 * (absolute.get(self.input) or 0.0):
                raise AssertionError(f"the paths add up to {self.sum!r}, but the gradient is {self.gradient!r}")

    def __iter__(self) -> Iterator[Path]:
        """Best-first search from the output back to the input; the best rest of each path is known exactly.

        Among equals the last found goes first, so that the search follows one path to its end before it starts another:
        otherwise it would hold all beginnings of 2^60 equal paths before it found the first.
        """
        if not self.count:
            return
        to_go = self._best()
        ticket = 0
        heap: list[tuple[_Size, int, Node, _Size, _Trail | None]] = [(to_go[self.output], 0, self.output, _ONE, None)]
        while heap:
            rank, _, node, size, trail = heapq.heappop(heap)
            if node is self.input:
                yield self._path(trail)
                continue
            for edge in reversed(self.graph.edges_into[node]):
                if edge.parent in to_go:
                    ticket -= 1
                    so_far = _times(size, edge)
                    # The rank of the best continuation is that of the node, whatever rounding makes of the product.
                    best = _times(to_go[edge.parent], edge) == to_go[node]
                    reached = rank if best else max(rank, _product(so_far, to_go[edge.parent]))
                    heapq.heappush(heap, (reached, ticket, edge.parent, so_far, _Trail(edge, trail)))

    def _best(self) -> dict[Node, _Size]:
        """The size of the largest path product from the input to every node that it reaches."""
        best = {self.input: _ONE}
        for edge in self.graph.edges:
            if edge.parent in best:
                size = _times(best[edge.parent], edge)
                best[edge.child] = min(best.get(edge.child, size), size)
        return best

    def _path(self, trail: _Trail | None) -> Path:
        edges = []
        while trail is not None:
            edges.append(trail.edge)
            trail = trail.rest
        nodes = (self.input, *(edge.child for edge in edges))
        product = 1.0
        for edge in reversed(edges):
            product *= edge.slope
        if not all(edge.live for edge in edges):
            product = 0.0
        return Path(nodes, tuple(edges), product, tuple(self._names[node] for node in nodes))

    def name(self, node: Node) -> str:
        """How a node of the graph is named in the table."""
        return self._names[node]

    def derivative_name(self, latex: bool = False) -> str:
        """How the derivative is written: dy/dw."""
        return total_symbol(self._names[self.output], self._names[self.input], latex)

    def table(self, limit: int = 20, width: int | None = None) -> str:
        """The paths as a table: each ∂ as formula and number, the product of each path, the sum and the gradient.

        In letters the products are formulas, and their sum stands below.

        Where a node is used as several operands, as in ``y = x**x``, the local derivatives are written ∂₁y and ∂₂y.

        Args:
            limit: how many paths to list; of the others the table gives the number and the sum.
            width: the width of the terminal; the cells of wider tables are broken into lines.
        """
        return _table(self, limit, width)

    __str__ = table

    def __repr__(self) -> str:
        value = "" if self.graph.letters else f" = {self.gradient!r}"
        return f"<{self.count} paths for {self.derivative_name()}{value}>"

    def _forms(self) -> dict[str, str]:
        """The table and the chain rule in LaTeX, without SymPy the table alone."""
        latex = f"$\\displaystyle {self.latex()}$" if symbolic_or_none() else ""
        return {"html": _html(self, latex), "latex": latex}

    def latex(self, limit: int = 20) -> str:
        r"""The chain rule in LaTeX: the ∂ of each path, their formulas, their numbers and the sum.

        Args:
            limit: how many paths to write out.

        Raises:
            ImportError: without SymPy.
        """
        return _latex(self, limit)


def paths(output: Node, input: Node | str, *, named: bool | None = None, letters: bool = False) -> Paths:
    """The chain rule along each path from ``input`` to ``output``.

    Args:
        output: the node to differentiate.
        input: the node with respect to which, or its label.  Nodes of several samples that share the label z[1]_2 are
            ``"z[1](k)_2"`` or ``"z_2^{[1](k)}"``, where k counts the samples.
        named: list the paths through the labelled nodes only, as lecture notes do; otherwise the elementary paths,
            through every node.  By default through the labelled nodes, if there are any between input and output;
            :func:`autograd.label` labels many at once.
        letters: show formulas without numbers, as for a graph that was built by ``define(text, letters=True)``.

    Returns:
        A :class:`Paths`: print it, iterate over it, read its ``count`` and ``gradient``.

    Raises:
        LookupError: if no node, or more than one, has that label.
        TypeError: if ``output`` or ``input`` is not a node, or the graph contains Tensors.

    >>> from autograd import Value, exp
    >>> w = Value(0.0, label="w")
    >>> v = exp(w); v.label = "v"
    >>> x = v**2 + w; x.label = "x"
    >>> for path in paths(x, w):
    ...     print(path, path.product)
    w → v → x 2.0
    w → x 1.0
    >>> print(paths(x, w))
    dx/dw: the sum over 2 paths
    <BLANKLINE>
    path       ∂      formula  value  product
    w → v → x  ∂x/∂v  2*v      2
               ∂v/∂w  v        1      2
    w → x      ∂x/∂w  1        1      1
    <BLANKLINE>
    sum of the paths  3
    gradient dx/dw    3
    """
    input, named = endpoints(output, input, named, "paths")
    return Paths(output, input, named, letters)


def endpoints(output: Node, input: Node | str, named: bool | None, what: str) -> tuple[Node, bool]:
    """The node at which paths, or ``what``, begin, and whether they run through the labelled nodes.

    The arguments are those of :func:`paths`, and so are the errors.
    """
    if not is_node(output):
        raise TypeError(f"{what} start at a Value, not at {type(output).__name__} ({output!r})")
    if isinstance(input, str):
        input = _labelled(topological_order(output), input)
    if not is_node(input):
        raise TypeError(f"{what} lead to a Value or a label, not to {type(input).__name__} ({input!r})")
    return input, _has_label_between(output, input) if named is None else named


def _labelled(order: list[Node], label: str) -> Node:
    """The node of that label, or of the name that tells nodes of one label apart, also as LaTeX writes it."""
    plain = re.sub(r"^(\w+?)_(\w+|\{[^{}]*\})\^\{(\[\d+\](?:\(\d+\))?)\}$", r"\1\3_\2", label)
    found = [node for node in order if node.label in (label, plain)]
    found = found or [node for node, name in node_names(order).items() if name in (label, plain) and "](" in name]
    if len(found) != 1:
        raise LookupError(
            f"{len(found) or 'no'} nodes in this graph have the label {label!r}: {_samples(order, found)}"
        )
    return found[0]


def _samples(order: list[Node], found: list[Node]) -> str:
    """What tells nodes of one label apart."""
    names = node_names(order)
    shown = [names[node] for node in found if "](" in names[node]]
    return f"pass the node itself, or its name, {shown[0]} to {shown[-1]}" if shown else "pass the node itself"


def _has_label_between(output: Node, input: Node) -> bool:
    """Whether a node on a path from the input to the output, apart from these two, has a label."""
    after = {input}
    for node in topological_order(output):
        if not after.isdisjoint(node.parents):
            if node.label and node is not output:
                return True
            after.add(node)
    return False


@dataclass(frozen=True)
class _Trail:
    """The edges of a path during the search, shared between all paths that end in the same way."""

    edge: Edge
    rest: _Trail | None


# The size of a product, so that the smallest tuple is the largest product: how many factors are zero, and minus the
# logarithm of the others.  Products of any length are compared without underflow.
_Size = tuple[int, float]
_ONE: _Size = (0, 0.0)


def _times(size: _Size, edge: Edge) -> _Size:
    zero, log = size
    partial = abs(edge.slope)
    if partial == 0 or not edge.live:
        return zero + 1, log
    return zero, log - (math.log(partial) if partial < math.inf else math.inf)


def _product(one: _Size, other: _Size) -> _Size:
    return one[0] + other[0], one[1] + other[1]


# ---------------------------------------------------------------------------------------------------------------------
# Tables and LaTeX
# ---------------------------------------------------------------------------------------------------------------------


def _table(found: Paths, limit: int, width: int | None) -> str:
    if not found.count:
        return f"{found.derivative_name()} = 0: {_nothing(found)}"
    listed = list(islice(found, limit))
    ends = _total_in_letters(found, listed) if found.graph.letters else "\n".join(aligned(_totals(found, listed)))
    return "\n".join([_heading(found), "", *aligned(_rows(found, listed), width), *_kinks(found, listed), "", ends])


def _kinks(found: Paths, listed: list[Path]) -> list[str]:
    """A line for the nodes on the listed paths that stand on a kink."""
    kinks = found.graph.kinks()
    names = dict.fromkeys(found._names[node] for path in listed for node in path.nodes if node in kinks)
    return [f"on a kink, where a slope is a convention: {', '.join(names)}"] if names else []


def _nothing(found: Paths) -> str:
    return f"no path leads from {found._names[found.input]} to {found._names[found.output]}"


def _rows(found: Paths, listed: list[Path]) -> list[Row]:
    """The head of the table and its rows; a graph in letters has no column of values."""
    if not found.graph.letters:
        head: Row = ("path", "∂", "formula", "value", "product")
        return [head, *(row for path in listed for row in _path_rows(path, number_text(path.product)))]
    rows = [row for path in listed for row in _path_rows(path, _formula_of_path(path))]
    return [("path", "∂", "formula", "product"), *((*cells, product) for *cells, _, product in rows)]


def _totals(found: Paths, listed: list[Path]) -> list[Row]:
    total = [
        ("sum of the paths", f"{found.sum:.10g}"),
        (f"gradient {found.derivative_name()}", f"{found.gradient:.10g}"),
    ]
    return [*_rest(found, listed), *total]


def _total_in_letters(found: Paths, listed: list[Path]) -> str:
    more = f" + {found.count - len(listed):,} more paths" * (found.count > len(listed))
    return f"{found.derivative_name()} = {_sum_in_letters(listed)}{more}"


def _html(found: Paths, latex: str, limit: int = 20) -> str:
    """The table in HTML, below it the chain rule in LaTeX, which MathJax sets."""
    listed = list(islice(found, limit))
    rows = _rows(found, listed) if found.count else []
    rows += [] if found.graph.letters or not rows else _totals(found, listed)
    title = _heading(found) if found.count else _nothing(found)
    return "\n".join([html_table(rows, title, "\n".join(_kinks(found, listed))), escape(latex)])


def _heading(found: Paths) -> str:
    return f"{found.derivative_name()}: the sum over {found.count:,} path{'s' if found.count > 1 else ''}"


def _formula_of_path(path: Path, latex: bool = False) -> str:
    """The product along a path in letters; dots for a formula that is too long."""
    if latex:
        return r"\cdots" if path.typeset is None else str(path.typeset.part.latex)
    return path.formula or "…"


def _multiplied(factors: list[Any]) -> Any:
    """The product of formulas; ``None`` if one of them is missing."""
    return None if None in factors else math.prod(factors, start=number(1.0))


def _sum_in_letters(listed: list[Path], latex: bool = False) -> str:
    """The sum of the products, with a minus in place of + where a product begins with one."""
    first, *others = [_formula_of_path(path, latex) for path in listed]
    return first + "".join(f" - {x[1:].lstrip()}" if x.startswith("-") else f" + {x}" for x in others)


def _path_rows(path: Path, product: str) -> list[Row]:
    """A row for each edge, as the notes write them: from the output back to the input."""
    rows: list[Row] = []
    for edge, parent, child in reversed(_ends(list(zip(path.edges, path.names, path.names[1:], strict=False)))):
        value = number_text(edge.slope) if edge.live else "not selected"
        rows.append(("", local_symbol(edge, parent, child), edge.formula or "", value, ""))
    if len(rows) < len(path.edges):
        rows.insert(_SHOWN, ("", f"… {len(path.edges) - len(rows)} more …", "", "", ""))
    rows = rows or [("", "", "", "", "")]
    rows[0] = (str(path), *rows[0][1:])
    rows[-1] = (*rows[-1][:-1], product)
    return rows


def _ends(items: list[T]) -> list[T]:
    """The first and last few items of a long list."""
    return items if len(items) <= 2 * _SHOWN else items[:_SHOWN] + items[-_SHOWN:]


def _rest(found: Paths, listed: list[Path]) -> list[Row]:
    if found.count == len(listed):
        return []
    shown = math.fsum(path.product for path in listed)
    return [
        (f"{len(listed)} paths listed", f"{shown:.10g}"),
        (f"{found.count - len(listed):,} more paths", f"{found.gradient - shown:.10g}"),
    ]


def _latex(found: Paths, limit: int) -> str:
    symbolic()
    listed = list(islice(found, limit))
    more = [r"\cdots"] * (found.count > len(listed))
    one_edge = found.count == 1 and len(listed[0].edges) == 1

    def formula(edge: Edge) -> str:
        return edge.latex or (r"\cdots" if found.graph.letters else _latex_number(edge.slope))

    def bracketed(factor: str) -> str:
        return factor if one_edge else rf"\left({factor}\right)"

    def row(factor: Callable[[Edge, str, str], str]) -> str:
        chains = [
            " ".join([factor(*step) for step in zip(path.edges, path.names, path.names[1:], strict=False)][::-1]) or "1"
            for path in listed
        ]
        return " + ".join(chains + more) or "0"

    rows = [
        found.derivative_name(latex=True),
        row(lambda edge, parent, child: local_symbol(edge, parent, child, latex=True)),
        row(lambda edge, parent, child: bracketed(formula(edge))),
    ]
    if found.graph.letters:
        rows.append(" + ".join([_sum_in_letters(listed, latex=True)] * bool(listed) + more) or "0")
    else:
        signed = _latex_number if found.count == 1 else _signed
        rows += [
            row(lambda edge, parent, child: bracketed(_latex_number(edge.slope))),
            " + ".join([signed(path.product) for path in listed] + more) or "0",
            _latex_number(found.gradient),
        ]
    # SymPy writes a negative number as "- 3".
    head, *steps = [next(equal) for _, equal in groupby(rows, key=lambda step: step.replace("- ", "-"))]
    return "\n".join([r"\begin{aligned}", head, *(rf"&= {step} \\" for step in steps[:-1]),
                      f"&= {steps[-1]}", r"\end{aligned}"])  # fmt: skip


def _latex_number(x: float) -> str:
    mantissa, e, exponent = number_text(x).partition("e")
    return mantissa if not e else rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def _signed(x: float) -> str:
    return _latex_number(x) if x >= 0 else rf"\left({_latex_number(x)}\right)"
