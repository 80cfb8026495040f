"""Copies and pickles of whole graphs, for every kind of node, without recursion and with all sharing preserved.

They use the last four methods of :class:`autograd.core.sweep.Node`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd.core.scope import is_argument, stay
from autograd.core.sweep import is_node, topological_order

__all__ = ["copied", "pickled"]


def copied(output: Any, memo: dict[int, Any]) -> Any:
    """A copy of a node and of everything it was computed from; ``memo`` is the one of ``copy.deepcopy``.

    The arguments of a running transform are not copied, since copies of leaves have no derivatives.
    """
    waiting: list[Any] = [output]
    while waiting:
        node = waiting.pop()
        if node is None:  # all parents of the node below it on the stack have been copied
            node = waiting.pop()
            copy = memo[id(node)] = node.__copy__()
            copy.replace_operands({x: memo[id(x)] for x in node.parents})
        elif id(node) not in memo:
            if is_argument(node):
                memo[id(node)] = node
            else:
                waiting += (node, None, *reversed(node.parents))
    return memo[id(output)]


def pickled(output: Any) -> tuple[Callable[..., Any], tuple[Any, ...]]:
    """The result of ``__reduce__`` for a computed node: leaves as they are, the other nodes as flat records."""
    stay(output, "a pickle")
    order = topological_order(output)
    place = {node: i for i, node in enumerate(order)}

    def operands(node: Any) -> list[Any]:
        """The operands of a node: nodes as their place in the order, constants each in a tuple."""
        return [place[x] if is_node(x) else (x,) for x in node.operands]

    return _restored, ([node if node.op is None else (type(node), node.fields(), operands(node)) for node in order],)


def _restored(records: Iterable[Any]) -> Any:
    nodes: list[Any] = []
    for record in records:
        if isinstance(record, tuple):
            kind, fields, operands = record
            record = kind.from_fields(fields, [x[0] if isinstance(x, tuple) else nodes[x] for x in operands])
        nodes.append(record)
    return nodes[-1]
