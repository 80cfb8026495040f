"""The graph of a node as text, for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from autograd.core.escaping import printable
from autograd.core.hooks import hooks
from autograd.core.sweep import Node, is_node, node_names, topological_order
from autograd.explain.graph import slopes
from autograd.pictures.notation import brief, gradient, number

__all__ = ["tree"]


def tree(output: Node, *, limit: int | None = 200) -> str:
    """The graph of a node as text: what it was computed from, with the local derivative on each branch.

    A node that is used more than once is written out the first time only.

    Args:
        output: the node to start from.
        limit: the maximum number of lines; ``None`` for all.

    Raises:
        TypeError: if ``output`` is not a node.
        ValueError: if ``limit`` is not positive.

    >>> from autograd import Value
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> y = a * b + a**2
    >>> y.backward()
    >>> print(tree(y))
    v4 = -2  [+]  grad 1
    ├─ 1 ─ v2 = -6  [*]  grad 1
    │  ├─ -3 ─ a = 2  grad 1
    │  └─ 2 ─ b = -3  grad 2
    └─ 1 ─ v3 = 4  [**]  grad 1
       ├─ 4 ─ (see a)
       └─ constant 2
    """
    if not is_node(output):
        raise TypeError(f"a tree is drawn of a Value or a Tensor, not of {type(output).__name__} ({output!r})")
    if limit is not None and limit < 1:
        raise ValueError(f"the limit is a number of lines, at least 1, not {limit!r}")
    order = topological_order(output)
    names = node_names(order)
    swept = any(node.grad is not None for node in order)
    shown: set[Node] = set()
    lines: list[str] = []
    # Operands still to be written, the next one last, each with its branch and the indentation of its own branches.
    waiting: list[tuple[Any, str, str]] = [(output, "", "")]
    while waiting and (limit is None or len(lines) < limit):
        operand, branch, indent = waiting.pop()
        if not is_node(operand):
            lines.append(f"{branch}constant {brief(operand)}")
        elif operand in shown:
            lines.append(f"{branch}(see {printable(names[operand])})")
        else:
            shown.add(operand)
            lines.append(branch + _line(operand, names[operand], swept))
            waiting += reversed(list(_branches(operand, indent)))
    if waiting:
        lines.append(f"… {len(order) - len(shown):,} more nodes are not shown (limit={limit})")
    return "\n".join(lines)


def _line(node: Node, name: str, swept: bool) -> str:
    operation = "" if node.op is None else f"  [{node.op.symbol}]"
    return f"{printable(name)} = {brief(node)}{operation}  {gradient(node, swept).text}"


def _branches(node: Node, indent: str) -> Iterator[tuple[Any, str, str]]:
    last = len(node.operands) - 1
    for i, (operand, slope) in enumerate(zip(node.operands, slopes(node), strict=True)):
        corner, below = ("└─ ", "   ") if i == last else ("├─ ", "│  ")
        number_on_branch = "" if slope is None or not is_node(operand) else f"{number(slope)} ─ "
        yield operand, f"{indent}{corner}{number_on_branch}", indent + below


hooks.tree = tree
