"""The chain rule along each path: a gradient as the sum over paths of products of local derivatives.

Lecture notes draw the graph of the named variables, differentiate along each path and add.  :func:`paths` does that.
Every number comes from the backward sweep, and the paths are checked to add up to the gradient.
"""

from __future__ import annotations

import heapq
import math
import re
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from html import escape
from itertools import groupby, islice
from typing import Any, TypeVar

import numpy as np

from autograd.core.columns import Branches, Size, best_path, best_sizes, path_count, path_product, path_sum
from autograd.core.display import InNotebook, html_table
from autograd.core.sweep import Node, adjoints, is_node, node_names, topological_order
from autograd.core.value import derivative
from autograd.dialects.written import number
from autograd.explain.extras import symbolic, symbolic_or_none
from autograd.explain.graph import Dependencies, Edge, numbers_only
from autograd.explain.tables import Row, aligned, count_text, local_symbol, number_text, total_symbol

__all__ = ["Path", "Paths", "paths"]

T = TypeVar("T")

_SHOWN = 6  # nodes and edges that are shown of each end of a long path
_ROUNDING = 2.0**-52  # of one operation


class Path:
    """One path through the dependency graph.

    Attributes:
        product: the product of the local derivatives: what this path contributes to the gradient.
        length: the number of edges.
    """

    def __init__(self, found: Paths, edges: array[int]) -> None:
        self.product = path_product(found.graph.wiring, edges)
        self.length = len(edges)
        self._found = found
        self._numbers = edges  # from the output to the input

    @cached_property
    def nodes(self) -> tuple[Node, ...]:
        """From the input to the output."""
        return tuple(self._node(i) for i in range(self.length + 1))

    @cached_property
    def edges(self) -> tuple[Edge, ...]:
        """Between the nodes; ``edges[i]`` leads from ``nodes[i]`` to ``nodes[i + 1]``."""
        return tuple(self._edge(i) for i in range(self.length))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the nodes."""
        return tuple(map(self._found.name, self.nodes))

    def _place(self, i: int) -> int:
        """The number of node i in the graph."""
        if i == self.length:
            return len(self._found.graph.nodes) - 1
        return self._found.graph.wiring.parent(self._numbers[-1 - i])

    def _node(self, i: int) -> Node:
        return self._found.graph.nodes[self._place(i)]

    def _edge(self, i: int) -> Edge:
        return self._found.graph.edge(self._place(i + 1), self._numbers[-1 - i])

    def _ends(self) -> list[tuple[Edge, str, str]]:
        """The edges, of a long path the first and last few, each with the names of its nodes."""
        name = self._found.name
        return [(self._edge(i), name(self._node(i)), name(self._node(i + 1))) for i in _ends(range(self.length))]

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
        count = self.length + 1
        names = [self._found.name(self._node(i)) for i in _ends(range(count))]
        if len(names) < count:
            names.insert(_SHOWN, f"… {count - len(names)} nodes …")
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
        self.gradient: float = derivative(order, input)
        self.graph = Dependencies(output, named, [node for node in order if node is input], letters)
        self._names: Mapping[Node, str] = self.graph.names
        self._source = next((i for i, node in enumerate(self.graph.nodes) if node is input), None)
        if self._source is None:  # no path leads from it
            self._names = {**node_names(dict.fromkeys([*order, input])), **self.graph.names}
        self.sum = 0.0 if self._source is None else path_sum(self.graph.wiring, self._source)
        self._check(order)

    @cached_property
    def count(self) -> int:
        """The exact number of paths, counted in one pass over the graph."""
        return 0 if self._source is None else path_count(self.graph.wiring, self._source)

    def _check(self, order: list[Node]) -> None:
        """The paths add up to the gradient; if not, there is a bug, and no number is better than a wrong one."""
        if math.isfinite(self.sum) and math.isfinite(self.gradient):
            apart, allowed = abs(self.sum - self.gradient), max(1e-9, len(order) * _ROUNDING)
            if apart <= allowed * abs(self.gradient):
                return
            absolute = adjoints(order, pull=lambda node, g: ((parent, abs(d)) for parent, d in node.pull(g)))
            if apart > allowed * (absolute.get(self.input) or 0.0):
                raise AssertionError(f"the paths add up to {self.sum!r}, but the gradient is {self.gradient!r}")

    def __iter__(self) -> Iterator[Path]:
        """Best-first search from the output back to the input; the best rest of each path is known exactly.

        A path that was found is where all others branch off, and those of its branches that are not followed yet wait
        in the order of their products.  Among equals the last found goes first, so that the search stays near the
        input: otherwise it would hold all beginnings of 2^60 equal paths.
        """
        if self._source is None:
            return
        best = best_sizes(self.graph.wiring, self._source)
        size = best.size(len(self.graph.nodes) - 1)
        heap: list[tuple[Size, int, int, _Waiting]] = []
        end, met = array("i"), 0
        while size is not None:
            found = best_path(self.graph.wiring, self._source, best, end, size)
            yield Path(self, found.edges)
            _Waiting(found, met).push(heap)
            met += len(found.others)
            if not heap:
                return
            size, _, k, waiting = heapq.heappop(heap)
            end = waiting.found.edges[: waiting.found.places[k]] + array("i", [waiting.found.others[k]])
            waiting.push(heap)

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
        return f"<{count_text(self.count)} paths for {self.derivative_name()}{value}>"

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
    order = topological_order(output) if named is None or isinstance(input, str) else []
    if isinstance(input, str):
        input = _labelled(order, input)
    if not is_node(input):
        raise TypeError(f"{what} lead to a Value or a label, not to {type(input).__name__} ({input!r})")
    return input, _has_label_between(order, input) if named is None else named


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


def _has_label_between(order: list[Node], input: Node) -> bool:
    """Whether a node on a path from the input to the last of an order, apart from these two, has a label."""
    labelled = [node for node in order[:-1] if node.label]
    after = {input}
    for node in order[:-1] if any(node is not input for node in labelled) else []:
        if not after.isdisjoint(node.parents):
            if node.label:
                return True
            after.add(node)
    return False


class _Waiting:
    """The branches of a path that have not been followed yet.

    Args:
        found: the path.
        met: how many branches of other paths were met before.
    """

    def __init__(self, found: Branches, met: int) -> None:
        self.found = found
        self._met = met
        order = np.lexsort((np.asarray(found.logs)[::-1], np.asarray(found.zeros)[::-1]))  # among equals the last
        self._order = iter((len(order) - 1 - order).tolist())

    def push(self, heap: list[tuple[Size, int, int, _Waiting]]) -> None:
        """Push the branch with the largest product, if there is one left."""
        k = next(self._order, None)
        if k is not None:
            size = self.found.zeros[k], self.found.logs[k]
            heapq.heappush(heap, (size, -(self._met + k), k, self))


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
    if not kinks:
        return []
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
    more = f" + {count_text(found.count - len(listed))} more paths" * (found.count > len(listed))
    return f"{found.derivative_name()} = {_sum_in_letters(listed)}{more}"


def _html(found: Paths, latex: str, limit: int = 20) -> str:
    """The table in HTML, below it the chain rule in LaTeX, which MathJax sets."""
    listed = list(islice(found, limit))
    rows = _rows(found, listed) if found.count else []
    rows += [] if found.graph.letters or not rows else _totals(found, listed)
    title = _heading(found) if found.count else _nothing(found)
    return "\n".join([html_table(rows, title, "\n".join(_kinks(found, listed))), escape(latex)])


def _heading(found: Paths) -> str:
    return f"{found.derivative_name()}: the sum over {count_text(found.count)} path{'s' if found.count > 1 else ''}"


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
    for edge, parent, child in reversed(path._ends()):
        value = number_text(edge.slope) if edge.live else "not selected"
        rows.append(("", local_symbol(edge, parent, child), edge.formula or "", value, ""))
    if len(rows) < path.length:
        rows.insert(_SHOWN, ("", f"… {path.length - len(rows)} more …", "", "", ""))
    rows = rows or [("", "", "", "", "")]
    rows[0] = (str(path), *rows[0][1:])
    rows[-1] = (*rows[-1][:-1], product)
    return rows


def _ends(items: Sequence[T]) -> list[T]:
    """The first and last few of many items."""
    return [*items] if len(items) <= 2 * _SHOWN else [*items[:_SHOWN], *items[-_SHOWN:]]


def _rest(found: Paths, listed: list[Path]) -> list[Row]:
    if found.count == len(listed):
        return []
    shown = math.fsum(path.product for path in listed)
    return [
        (f"{len(listed)} paths listed", f"{shown:.10g}"),
        (f"{count_text(found.count - len(listed))} more paths", f"{found.gradient - shown:.10g}"),
    ]


def _latex(found: Paths, limit: int) -> str:
    symbolic()
    listed = list(islice(found, limit))
    more = [r"\cdots"] * (found.count > len(listed))
    one_edge = found.count == 1 and listed[0].length == 1

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
