"""``Node``, ``trace`` and ``getval`` as HIPS autograd has them.

In a new program walk the graph itself: every node has ``op``, ``operands`` and ``parents``.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd.arrays.tensor import Tensor
from autograd.compat.declaring import notrace_primitive, plain, primitive
from autograd.core.scope import enter_scope
from autograd.core.sweep import is_node, topological_order
from autograd.core.value import Value

__all__ = ["Node", "getval", "isbox", "notrace_primitive", "primitive", "trace"]

isbox = is_node


def getval(x: Any) -> Any:
    """The number or array in a node, whose derivative ends here; anything else as it is.

    >>> getval(Value(2.0)), getval("text")
    (2.0, 'text')
    """
    return plain(x) if is_node(x) else x


class Node:
    """A step of a computation as a subclass sees it, for :func:`trace`."""

    def __init__(
        self,
        value: Any,
        fun: Any,
        args: Sequence[Any],
        kwargs: dict[str, Any],
        parent_argnums: Sequence[int],
        parents: Sequence[Any],
    ) -> None:
        """Take a step.

        Args:
            value: its result.
            fun: its operation, which has a ``__name__``.
            args: the operands, as plain numbers and arrays.
            kwargs: the options.
            parent_argnums: the positions of the operands that depend on the input.
            parents: the steps that computed these operands.
        """
        raise NotImplementedError(f"{type(self).__name__} has no __init__ of its own")

    def initialize_root(self, *args: Any, **kwargs: Any) -> None:
        """Take the input."""
        raise NotImplementedError(f"{type(self).__name__} has no initialize_root")

    @classmethod
    def new_root(cls, *args: Any, **kwargs: Any) -> Any:
        """The step that stands for the input; the arguments go to :meth:`initialize_root`."""
        root = cls.__new__(cls)
        root.initialize_root(*args, **kwargs)
        return root


class _Named:
    """An operation by the name that programs for HIPS autograd read."""

    def __init__(self, op: Any) -> None:
        self.op, self.__name__ = op, op.name

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self.op(*args, **kwargs)


def trace(start_node: Any, fun: Callable[[Any], Any], x: Any) -> tuple[Any, Any]:
    """Compute ``fun(x)``, and then make a node of the type of ``start_node`` for each step that depends on ``x``.

    Returns:
        The value and its node; ``None`` in place of the node, and a warning, if it does not depend on ``x``.
    """
    leaf = Tensor(x) if isinstance(x, np.ndarray) else Value(x)
    with enter_scope([leaf]):
        end = fun(leaf)
    made: dict[Any, Any] = {leaf: start_node}
    for node in topological_order(end, stop=lambda other: other is leaf) if is_node(end) else ():
        places = [i for i, operand in enumerate(node.operands) if is_node(operand) and operand in made]
        if node is not leaf and places:
            parents = tuple([made[node.operands[i]] for i in places])
            options = getattr(node, "options", {})
            args = tuple(map(getval, node.operands))
            made[node] = type(start_node)(getval(node), _Named(node.op), args, options, tuple(places), parents)
    if end not in made:
        warnings.warn("the output does not depend on the input", stacklevel=2)
        return getval(end), None
    return getval(end), made[end]


def __getattr__(name: str) -> NoReturn:
    if name in {"Box", "new_box", "trace_stack", "toposort"}:
        raise ImportError(f"{name} is an internal name of HIPS autograd: read the graph by node.operands instead")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
