"""The graph of a node as text, for the terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from autograd.core.escaping import printable
from autograd.core.hooks import hooks
from autograd.core.sweep import Node, is_node, node_names, topological_order
from autograd.explain.brief import brief, number
from autograd.explain.graph import slopes
from autograd.explain.groups import Group, Part, nodes_of
from autograd.explain.labels import labelled
from autograd.pictures.folding import Folding, parts_of
from autograd.pictures.notation import gradient

__all__ = ["tree"]

_FOLDED = 10_000  # nodes up to which a tree is folded unless that is asked for


def tree(output: Node, *, limit: int | None = 200, fold: Folding = None, names: Mapping[str, Any] | None = None) -> str:
    """The graph of a node as text: what it was computed from, with the local derivative on each branch.

    A node or a group that is used more than once is written out the first time only.

    Args:
        output: the node to start from.
        limit: the maximum number of lines; ``None`` for all.
        fold: what to show as closed groups, as for :func:`autograd.draw`; by default, groups are closed if the graph
            has more nodes than ``limit``, up to 10,000.
        names: variables by their names, such as ``locals()``, for nodes without a label; as for :func:`autograd.draw`.

    Raises:
        TypeError: if ``output`` is not a node.
        ValueError: if ``limit`` is not positive, or a group is unknown.

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
    >>> print(tree(y, names=locals()).splitlines()[0])
    y = -2  [+]  grad 1
    """
    if not is_node(output):
        raise TypeError(f"a tree is drawn of a Value or a Tensor, not of {type(output).__name__} ({output!r})")
    if limit is not None and limit < 1:
        raise ValueError(f"the limit is a number of lines, at least 1, not {limit!r}")
    with labelled(names):
        return _text(output, limit, fold)


def _text(output: Node, limit: int | None, fold: Folding) -> str:
    """The lines of a tree."""
    order = topological_order(output)
    if fold is None:
        fold = limit is not None and limit < len(order) <= _FOLDED
    parts = parts_of(output, fold)
    holder = {node: part for part in (order if parts is None else parts) for node in nodes_of(part)}
    names = node_names(order)
    swept = any(node.grad is not None for node in order)
    shown: set[Part] = set()
    lines: list[str] = []
    # Operands still to be written, the next one last, each with its branch and the indentation of its own branches.
    waiting: list[tuple[Any, str, str]] = [(holder[output], "", "")]
    while waiting and (limit is None or len(lines) < limit):
        part, branch, indent = waiting.pop()
        if not (is_node(part) or isinstance(part, Group)):
            lines.append(f"{branch}constant {brief(part)}")
        elif part in shown:
            lines.append(f"{branch}(see {printable(part.name if isinstance(part, Group) else names[part])})")
        else:
            shown.add(part)
            lines.append(branch + _line(part, names, swept))
            if not branch and isinstance(part, Group):
                lines[0] += f"  {_line(output, names, swept)}"
            waiting += reversed(list(_branches(part, holder, indent)))
    if waiting:
        hidden = len(order) - sum(len(nodes_of(part)) for part in shown)
        lines.append(f"… {hidden:,} more nodes are not shown (limit={limit})")
    return "\n".join(lines)


def _line(part: Part, names: Mapping[Node, str], swept: bool) -> str:
    if isinstance(part, Group):
        return f"▸ {printable(str(part))}"
    operation = "" if part.op is None else f"  [{part.op.symbol}]"
    return f"{printable(names[part])} = {brief(part)}{operation}  {gradient(part, swept).text}"


def _branches(part: Part, holder: Mapping[Node, Part], indent: str) -> Iterator[tuple[Any, str, str]]:
    """What a part was made of: each with its branch, and the indentation of its own branches."""
    found = list(_feeding(part, holder))
    for i, (operand, text) in enumerate(found):
        corner, below = ("└─ ", "   ") if i == len(found) - 1 else ("├─ ", "│  ")
        yield operand, f"{indent}{corner}{text}{' ─ ' * bool(text)}", indent + below


def _feeding(part: Part, holder: Mapping[Node, Part]) -> Iterator[tuple[Any, str]]:
    """The operands of a part, each with its local derivative or, of a group, the number of edges that it stands for."""
    edges = [edge for node in nodes_of(part) for edge in zip(node.operands, slopes(node), strict=True)]
    if isinstance(part, Group):
        edges = [(operand, slope) for operand, slope in edges if is_node(operand) and holder[operand] is not part]
    tails = [holder[operand] if is_node(operand) else operand for operand, _ in edges]
    counts = Counter(tail for tail in tails if isinstance(tail, Group) or isinstance(part, Group))
    for tail, (_, slope) in zip(tails, edges, strict=True):
        if not (isinstance(tail, Group) or isinstance(part, Group)):
            yield tail, "" if slope is None or not is_node(tail) else number(slope)
        elif count := counts.pop(tail, 0):
            yield tail, f"×{count:,}" if count > 1 else "" if slope is None else number(slope)


hooks.tree = tree
