"""Where a computation, and where its gradient, first becomes nan or infinite."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.checks.tracing import TracedGraph
from autograd.core.aliases import Array, Entry, Structure
from autograd.core.display import InNotebook, html_table, json_number
from autograd.core.grad_mode import enable_grad
from autograd.core.liveness import unmasked
from autograd.core.primitive import Primitive
from autograd.core.sweep import Node, adjoints, is_node, tangents
from autograd.dialects.written import name as variable
from autograd.dialects.written import number as constant
from autograd.dialects.written import row_slopes
from autograd.explain.brief import brief, operation
from autograd.explain.tables import Row, aligned

__all__ = ["Autopsy", "NonFinite", "autopsy", "nonfinite_gradient", "nonfinite_rate", "nonfinite_value"]


@dataclass(frozen=True, eq=False, repr=False)
class NonFinite:
    """The place at which nan or infinity first arose; ``str`` says it in a sentence.

    Attributes:
        node: the node whose value it is, or whose gradient was handed on.
        operand: in the backward sweep the operand that received it, counted from 0; ``None`` in the forward pass, and
            where contributions that are finite add up to infinity.
        number: nan, inf or -inf.
        name: the name of the node.
        line: the line of code that made the node, as ``file:line``; empty if it is not known.
        rule: how the node was computed, or the local derivative, as a formula; empty if there is none.
        inputs: the numbers that this was computed from, by their names; of arrays, the entries that belong to it.
    """

    node: Node
    operand: int | None
    number: float
    name: str
    line: str
    rule: str
    inputs: dict[str, str]
    _text: str

    def __repr__(self) -> str:
        return f"<{self}>"

    def __str__(self) -> str:
        return self._text

    def as_json(self) -> dict[str, Any]:
        """The same as plain data."""
        return {
            "node": self.name,
            "operation": None if self.node.op is None else self.node.op.name,
            "operand": self.operand,
            "number": json_number(self.number),
            "line": self.line,
            "rule": self.rule,
            "inputs": self.inputs,
        }


@dataclass(frozen=True, eq=False, repr=False)
class Autopsy(InNotebook):
    """Where nan or infinity first arose, in the forward pass and in the backward sweep; ``print`` shows it.

    Attributes:
        forward: where a value first was not finite, on the way to an output that is not; ``None`` if all are finite.
        backward: where a gradient first was not finite; ``None`` if all are.
    """

    forward: NonFinite | None
    backward: NonFinite | None

    @property
    def finite(self) -> bool:
        """Whether all outputs and all gradients are finite."""
        return self.forward is None and self.backward is None

    def __repr__(self) -> str:
        found = [f"{name}: {place}" for name, place in self._passes() if place is not None]
        return f"<Autopsy: {'; '.join(found) or 'all values and gradients are finite'}>"

    def _passes(self) -> tuple[tuple[str, NonFinite | None], ...]:
        return ("forward", self.forward), ("backward", self.backward)

    def rows(self) -> list[Row]:
        """The table as cells: for each of the two passes where it went wrong, by which rule, and from which numbers."""
        rows: list[Row] = [("pass", "first", "rule", "from")]
        for name, place in self._passes():
            if place is None:
                rows.append((name, f"all {'values' if name == 'forward' else 'gradients'} are finite", "", ""))
            else:
                rows.append((name, str(place), place.rule, _listed(place.inputs)))
        return rows

    def __str__(self) -> str:
        lines: list[Row] = [("", "")]
        for name, found, rule, inputs in self.rows()[1:]:
            details = [rule] * bool(rule) + [f"with {inputs}"] * bool(inputs)
            lines += [(name, found), *(("", detail) for detail in details)]
        return "\n".join(aligned(lines)[1:])

    def as_json(self) -> dict[str, Any]:
        """The same as plain data; a pass in which everything is finite is ``None``."""
        return {name: place and place.as_json() for name, place in self._passes()}

    def _forms(self) -> dict[str, str]:
        return {"html": html_table(self.rows())}


def _listed(inputs: dict[str, str]) -> str:
    return ", ".join(f"{name} = {number}" for name, number in inputs.items())


def autopsy(f: Node | Callable[..., Structure], *args: Structure) -> Autopsy:
    """Find where a value, and where a gradient, first became nan or infinite: the node, its rule and its inputs.

    Args:
        f: a node, whose graph is examined; or a function that returns nodes, also in lists, tuples and dicts.  The
            function is called once, and the lines of code that make nodes are noted: only then can they be named.
        args: the arguments of the function, which are passed on as they are.

    Returns:
        An :class:`Autopsy`: print it, or read its ``forward`` and ``backward``.

    Raises:
        EvaluationError: if a primitive has no value at all, as in ``log(Value(-1.0))``; it names the line itself.
        TypeError: if ``f`` is neither a node nor a function, or the function returns no node.

    >>> from autograd import Tensor, sqrt
    >>> x = Tensor([4.0, 0.0], label="x")
    >>> print(autopsy(lambda: 1.0 / sqrt(x)))
    forward   the value is inf from divide at v2 (...) on
              v2 = 1 / v1
              with v1[1] = 0
    backward  the gradient is -inf from divide, argument 2, at v2 (...) on
              ∂v2/∂v1 = -1/v1**2
              with v1[1] = 0, v2[1] = inf, the gradient of v2[1] = 1
    >>> autopsy(sqrt(x)).forward is None
    True
    """
    if not (is_node(f) or callable(f)):
        raise TypeError(f"an autopsy examines a node or a function, not {type(f).__name__} ({f!r})")
    with enable_grad(), np.errstate(all="ignore"):
        graph = TracedGraph((lambda: f) if is_node(f) else f, args)  # type: ignore[arg-type]
        if not graph.outputs:
            raise TypeError(
                "the function returned no node, so there is no graph to examine: pass Values and Tensors to it, as in "
                "autopsy(f, Value(0.0))"
            )
        return Autopsy(nonfinite_value(graph), nonfinite_gradient(graph, infinite=True))


# ---------------------------------------------------------------------------------------------------------------------
# The forward pass
# ---------------------------------------------------------------------------------------------------------------------


def nonfinite_value(graph: TracedGraph) -> NonFinite | None:
    """The node at which the first value that is not finite arose, on the way to an output that is not."""
    node = next((output for output in graph.outputs if not _is_finite(output)), None)
    if node is None:
        return None
    while bad := [parent for parent in node.parents if not _is_finite(parent)]:
        node = bad[0]
    name, value = graph.names[node], to_numpy(node)
    entry = _first(~np.isfinite(value))
    rule = "" if node.op is None else f"{name} = {operation(node, graph.names)}"
    inputs = dict(_entries(node, graph.names, entry) if node.op is not None else [_entry(name, value, entry, node)])
    number = float(value[entry])
    text = f"the value is {number:g} from {graph.operation(node)} on"
    return NonFinite(node, None, number, name, graph.line(node), rule, inputs, text)


def _is_finite(node: Node) -> bool:
    return bool(np.all(np.isfinite(to_numpy(node))))


def _first(wrong: Array) -> tuple[int, ...]:
    """The first entry that is true, as an index."""
    return tuple(int(i) for i in np.unravel_index(int(np.argmax(wrong)), np.shape(wrong)))


def _entries(node: Node, names: Mapping[Node, str], entry: tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """The operands that are nodes, and what they hold: of arrays that are combined entry by entry, that entry."""
    for operand in dict.fromkeys(node.parents):
        yield _entry(names[operand], to_numpy(operand), entry if isinstance(node.op, Primitive) else None, node)


def _entry(name: str, held: Array, entry: tuple[int, ...] | None, node: Node) -> tuple[str, str]:
    """A name and a number: that of an entry if the array has the shape of the node."""
    if entry and held.shape == to_numpy(node).shape:
        return f"{name}[{', '.join(map(str, entry))}]", brief(held[entry])
    return name, brief(held)


# ---------------------------------------------------------------------------------------------------------------------
# The backward sweep, and forward mode
# ---------------------------------------------------------------------------------------------------------------------


def nonfinite_gradient(graph: TracedGraph, infinite: bool = False) -> NonFinite | None:
    """The edge on which a backward sweep first sends nan, or if ``infinite``, also inf."""
    first: list[NonFinite] = []

    def wrong(gradient: Entry) -> Any:
        return np.isnan(gradient) | (infinite & np.isinf(gradient))

    def pull(node: Node, gradient: Entry) -> list[tuple[Node, Entry]]:
        sent = list(node.pull(gradient, True))
        if not first:
            arrived, _ = unmasked(gradient)
            if np.any(wrong(arrived)):
                first.append(_added_up(graph, node, np.asarray(arrived), _first(wrong(arrived))))
        if not first:
            for place, contribution in _placed(node, sent):
                contribution, _ = unmasked(contribution)
                if np.any(wrong(contribution)):
                    entry = _first(wrong(contribution))
                    first.append(_sent(graph, node, place, np.asarray(arrived), np.asarray(contribution), entry))
                    break
        return sent

    with np.errstate(all="ignore"):
        adjoints(graph.order, {output: _ones(output) for output in graph.outputs}, pull)
    return first[0] if first else None


def _placed(node: Node, sent: list[tuple[Node, Entry]]) -> Iterator[tuple[int, Entry]]:
    """What is sent, with the place of the operand that receives it; not every operand does."""
    places = iter(enumerate(node.operands))
    for parent, contribution in sent:
        yield next(place for place, operand in places if operand is parent), contribution


def _added_up(graph: TracedGraph, node: Node, arrived: Array, entry: tuple[int, ...]) -> NonFinite:
    """Contributions that are finite, with a sum that is not."""
    number = float(arrived[entry])
    text = f"the gradient is {number:g} from {graph.place(node)} on, where finite contributions add up to it"
    return NonFinite(node, None, number, graph.names[node], graph.line(node), "", {}, text)


def _sent(graph: TracedGraph, node: Node, place: int, arrived: Array, sent: Array, entry: tuple[int, ...]) -> NonFinite:
    """The first contribution that is not finite."""
    names, number = graph.names, float(sent[entry])
    name, parent = names[node], node.operands[place]
    inputs, rule = dict(_entries(node, names, entry)), ""
    if isinstance(node.op, Primitive):
        spelt = [variable(names[x]) if is_node(x) else constant(float(x)) if np.ndim(x) == 0 else variable("…")
                 for x in node.operands]  # fmt: skip
        rule = f"∂{name}/∂{names[parent]} = {row_slopes(node.op, spelt, variable(name))[place]}"
        inputs |= [_entry(name, to_numpy(node), entry, node), _entry(f"the gradient of {name}", arrived, entry, node)]
    text = f"the gradient is {number:g} from {node.op.name}, argument {place + 1}, at {graph.place(node)} on"
    return NonFinite(node, place, number, name, graph.line(node), rule, inputs, text)


def nonfinite_rate(graph: TracedGraph) -> str | None:
    """The node at which forward mode first meets nan."""
    with np.errstate(all="ignore"):
        rates = tangents(graph.order, {leaf: _ones(leaf) for leaf in graph.order if leaf.op is None})
    first = next((node for node, rate in rates.items() if rate is not None and np.any(np.isnan(rate))), None)
    return None if first is None else f"the rate of change is nan from {graph.operation(first)} on"


def _ones(node: Node) -> Entry:
    return np.ones_like(to_numpy(node))[()]
