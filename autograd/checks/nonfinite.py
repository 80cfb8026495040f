"""The node at which a computation, or its gradient, first becomes nan or infinite."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.checks.tracing import TracedGraph
from autograd.core.aliases import Entry, Structure
from autograd.core.grad_mode import enable_grad
from autograd.core.liveness import unmasked
from autograd.core.sweep import Node, adjoints, tangents

__all__ = ["explain_nonfinite", "nonfinite_gradient", "nonfinite_rate", "nonfinite_value"]


def explain_nonfinite(f: Callable[..., Structure], *args: Structure, gradient: bool = True) -> str | None:
    """Say which node of a computation first became nan or infinite, in its values or else in its gradient.

    The function is called once, and the lines of the caller's code that make nodes are noted.  A training loop can
    call this after a loss or a gradient has turned out not to be finite, and put the sentence into its error message.

    Args:
        f: a function that returns nodes, also in lists, tuples and dicts.
        args: its arguments, which are passed on as they are.
        gradient: whether to look at the gradient as well, if all values are finite.

    Returns:
        One sentence, or ``None`` if everything is finite.

    Raises:
        EvaluationError: if a primitive has no value at all, as in ``log(Value(-1.0))``; it names the line itself.

    >>> from autograd import Tensor, sqrt
    >>> x = Tensor([4.0, 0.0], label="x")
    >>> explain_nonfinite(lambda: 1.0 / x)
    'the value is inf from divide at v1 (...) on'
    >>> explain_nonfinite(sqrt, x)
    'the gradient is inf from sqrt, argument 1, at v1 (...) on'
    >>> explain_nonfinite(sqrt, x, gradient=False) is None
    True
    """
    with enable_grad(), np.errstate(all="ignore"):
        graph = TracedGraph(f, args)
        found = nonfinite_value(graph)
        return nonfinite_gradient(graph, infinite=True) if found is None and gradient else found


def nonfinite_value(graph: TracedGraph) -> str | None:
    """The node at which the first value that is not finite arose, on the way to an output that is not."""
    node = next((output for output in graph.outputs if not _is_finite(output)), None)
    if node is None:
        return None
    while bad := [parent for parent in node.parents if not _is_finite(parent)]:
        node = bad[0]
    number = to_numpy(node)[~np.isfinite(to_numpy(node))].flat[0]
    return f"the value is {number:g} from {graph.operation(node)} on"


def _is_finite(node: Node) -> bool:
    return bool(np.all(np.isfinite(to_numpy(node))))


def nonfinite_gradient(graph: TracedGraph, infinite: bool = False) -> str | None:
    """The edge on which a backward sweep first sends nan, or if ``infinite``, also inf."""
    first: list[str] = []

    def pull(node: Node, gradient: Entry) -> list[tuple[Node, Entry]]:
        sent = list(node.pull(gradient, True))
        for place, (_, contribution) in enumerate(sent):
            contribution, _ = unmasked(contribution)
            wrong = np.isnan(contribution) | (infinite & np.isinf(contribution))
            if not first and np.any(wrong):
                number = np.asarray(contribution)[wrong].flat[0]
                first.append(f"{number:g} from {node.op.name}, argument {place + 1}, at {graph.place(node)}")
        return sent

    with np.errstate(all="ignore"):
        adjoints(graph.order, {output: _ones(output) for output in graph.outputs}, pull)
    return f"the gradient is {first[0]} on" if first else None


def nonfinite_rate(graph: TracedGraph) -> str | None:
    """The node at which forward mode first meets nan."""
    with np.errstate(all="ignore"):
        rates = tangents(graph.order, {leaf: _ones(leaf) for leaf in graph.order if leaf.op is None})
    first = next((node for node, rate in rates.items() if rate is not None and np.any(np.isnan(rate))), None)
    return None if first is None else f"the rate of change is nan from {graph.operation(first)} on"


def _ones(node: Node) -> Entry:
    return np.ones_like(to_numpy(node))[()]
