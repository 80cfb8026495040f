"""Checkpoints, which save memory and cost time.

A graph keeps every intermediate result until the sweep has used it.  A *checkpointed* function keeps only its operands,
and is computed a second time when the sweep arrives.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np

from autograd.arrays.array_operation import ArrayOperation
from autograd.arrays.item import only_number
from autograd.arrays.operands import as_array, to_numpy
from autograd.arrays.tensor import Tensor, new_node
from autograd.core.aliases import Array, Entry, Structure
from autograd.core.grad_mode import enable_grad
from autograd.core.liveness import Masked
from autograd.core.nested import entries, rebuild
from autograd.core.recomputation import Recomputation
from autograd.core.scope import enter_scope
from autograd.core.sweep import Node, adjoints, is_node, pull_careful, sweep_back, tangents, topological_order
from autograd.core.value import Value

__all__ = ["checkpoint"]


P = ParamSpec("P")
R = TypeVar("R")


def checkpoint(f: Callable[P, R]) -> Callable[P, R]:
    """The same function, which keeps no intermediate results and is computed again to differentiate it.

    A chain of n steps keeps n results.  In √n checkpointed pieces it keeps only 2√n, for twice the time of the forward
    pass.

    Args:
        f: a function of nodes, also in lists, tuples and dicts, that returns one node.  It must return the same when
            it is called again: it draws random numbers with :func:`autograd.once`, and asks
            :func:`autograd.recomputing` before a side effect that must not be repeated, as the layers of ``nn`` do.
            Nodes that it captures receive their gradients too.

    Returns:
        A function of the same arguments.

    Raises:
        TypeError: when called, if ``f`` returns several nodes.
        RuntimeError: during the sweep, if ``f`` returns a different value than before, for example because it draws
            random numbers.

    Source: A. Griewank, Achieving logarithmic growth of temporal and spatial complexity in reverse automatic
    differentiation, Optimization Methods and Software 1 (1992); T. Chen et al., arXiv:1604.06174.

    >>> x = Tensor([1.0, 2.0], label="x")
    >>> y = checkpoint(lambda t: (t**3).sum())(x)
    >>> [node.label or node.op.name for node in topological_order(y)]
    ['x', 'checkpoint']
    >>> y.backward()
    >>> x.grad
    array([ 3., 12.])
    """

    @wraps(f)
    def checkpointed(*args: P.args, **kwargs: P.kwargs) -> Any:
        given = [entry for entry in entries((args, kwargs)) if is_node(entry)]
        piece = _Piece(f, args, kwargs)
        leaves = piece.leaves(list(map(to_numpy, given)))
        output = piece.run(leaves, again=False)
        if not is_node(output):
            if any(is_node(entry) for entry in entries(output)):
                raise TypeError("a checkpointed function returns one node, not several in a list, a tuple or a dict")
            return output
        known = set(leaves)
        piece.captured = [x for x in topological_order(output) if not x.parents and x not in known]
        node = new_node(piece, to_numpy(output), tuple(map(as_array, [*given, *piece.captured])), {})
        return node.value() if isinstance(output, Value) else node

    return checkpointed


_NUMBER, _ARRAY = object(), object()
"""Placeholders for a Value and for a Tensor in the arguments of a piece."""


class _Piece(ArrayOperation[...]):
    """One call of a checkpointed function, as an operation on the nodes that it was given and that it captured."""

    captured: list[Node]

    def __init__(self, f: Callable[..., Structure], args: Sequence[Structure], kwargs: Mapping[str, Structure]) -> None:
        super().__init__(self._forward, (), (), "checkpoint", sees_live=True)
        self.f = f
        self.arguments = rebuild((args, kwargs), map(_placeholder, entries((args, kwargs))))
        self.captured = []
        self.recomputation = Recomputation()

    def leaves(self, operands: Sequence[Array | Tensor]) -> list[Value | Tensor]:
        """Leaves with which to call the function, one for each node that it was given; from arrays or Tensors."""
        placeholders = [entry for entry in entries(self.arguments) if entry is _NUMBER or entry is _ARRAY]
        return [
            (x.value() if isinstance(x, Tensor) else Value(x.item()))
            if placeholder is _NUMBER
            else (+x if isinstance(x, Tensor) else Tensor(x))
            for placeholder, x in zip(placeholders, operands, strict=False)
        ]

    def run(self, leaves: Sequence[Value | Tensor], again: bool = True) -> Any:
        """Call the function, for the first time or again."""
        fresh = iter(leaves)
        filled = [next(fresh) if x is _NUMBER or x is _ARRAY else x for x in entries(self.arguments)]
        args, kwargs = rebuild(self.arguments, filled)
        with enable_grad(), enter_scope(leaves), self.recomputation.run(again):
            return self.f(*args, **kwargs)

    def _forward(self, *operands: Any) -> Any:
        return to_numpy(self.run(self.leaves(operands)))

    def _again(self, operands: Sequence[Any], out: Any) -> tuple[list[Node], list[Node]]:
        """Compute the graph again; returns its topological order, and the nodes in it that stand for the operands."""
        leaves = self.leaves(operands)
        output = self.run(leaves)
        if not np.array_equal(to_numpy(output), to_numpy(out), equal_nan=True):
            raise RuntimeError(
                "a checkpointed function returned something else when it was called again: it must draw random "
                "numbers with autograd.once, and not depend on anything that changes"
            )
        return topological_order(output, stop=set(leaves).__contains__), [*leaves, *self.captured]

    def pull_all(
        self, places: Sequence[int], gradient: Any, out: Any, operands: Sequence[Any], options: dict[str, Any]
    ) -> list[Any]:
        """The contributions of a gradient to the operands at these places, or ``None``."""
        order, nodes = self._again(operands, out)
        seed = only_number(gradient) if isinstance(order[-1], Value) else gradient
        if "live" not in options:
            found = adjoints(order, seed, stop=set(nodes).__contains__)
        else:
            seeds = {order[-1]: seed if options["live"] is None else Masked(seed, options["live"])}
            found = sweep_back(order, seeds, pull_careful, set(nodes).__contains__)
        return [_array(found.get(nodes[place])) for place in places]

    def push(self, rates: Sequence[Any], out: Any, operands: Sequence[Any], options: dict[str, Any]) -> Any:
        """The rate of change of the result, given those of the operands."""
        order, nodes = self._again(operands, out)
        seeds = {
            node: only_number(rate) if isinstance(node, Value) else rate
            for node, rate in zip(nodes, rates, strict=True)
            if rate is not None
        }
        rate = tangents(order, seeds)[order[-1]]
        return np.zeros(np.shape(out)) if rate is None else as_array(rate)


def _array(gradient: Any) -> Any:
    """A gradient as an array or a Tensor, with its mask if it has one; ``None`` for none."""
    return gradient if gradient is None or isinstance(gradient, Masked) else as_array(gradient)


def _placeholder(entry: Entry) -> Entry:
    return _NUMBER if isinstance(entry, Value) else _ARRAY if isinstance(entry, Tensor) else entry
