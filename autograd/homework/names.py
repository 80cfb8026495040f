"""Which statement writes which gradient, from the names alone: ``dW1``, ``grads["W1"]``, ``self.dW``, ``dL_dW``."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

__all__ = ["is_loss", "looks_like_gradient", "names_in", "reads", "targets", "text_of", "variables_of"]

_LOSSES = ("loss", "cost", "J", "E", "L", "C", "total_loss", "total_cost", "error")

_GRADIENTS = [
    re.compile(pattern)
    for pattern in (
        r"d(?:L|J|E|C|loss|cost)_?d_?(?P<of>\w+)",
        r"d_?(?P<of>[A-Za-z]\w*)",
        r"grad_?(?P<of>[A-Za-z]\w*)",
        r"(?P<of>\w+?)_grad",
    )
]


def variables_of(name: str) -> list[str]:
    """The variables whose gradient may have this name, the most likely first: ``W1`` for ``dW1``."""
    return [match["of"] for pattern in _GRADIENTS if (match := pattern.fullmatch(name))]


def looks_like_gradient(name: str) -> bool:
    """Whether the name alone says that it is a gradient, as ``dZ3`` and ``dw`` do and ``data`` does not."""
    return re.fullmatch(r"d[A-Z]\w*|d[a-z]\d*", name) is not None


def is_loss(name: str, given: str | None) -> bool:
    """Whether a variable of this name is the loss: the given name, or one of the usual ones."""
    return name == given if given is not None else name in _LOSSES


def text_of(target: ast.expr) -> str:
    """The last name in a target: ``W`` in ``self.W``; empty if it has none."""
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return ""


def targets(statement: ast.stmt) -> list[ast.expr]:
    """What a statement writes to, tuples taken apart; also the array that ``np.add.at`` changes."""
    if isinstance(statement, ast.Assign):
        return [leaf for target in statement.targets for leaf in _leaves(target)]
    if isinstance(statement, ast.AugAssign) or (isinstance(statement, ast.AnnAssign) and statement.value):
        return [statement.target]
    if isinstance(statement, (ast.For, ast.AsyncFor)):
        return list(_leaves(statement.target))
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        call = statement.value
        if isinstance(call.func, ast.Attribute) and call.func.attr == "at" and call.args:
            return [call.args[0]]
    return []


def _leaves(target: ast.expr) -> Iterator[ast.expr]:
    if isinstance(target, (ast.Tuple, ast.List)):
        for element in target.elts:
            yield from _leaves(element)
    elif isinstance(target, ast.Starred):
        yield from _leaves(target.value)
    else:
        yield target


def reads(statement: ast.AST, *, whole: bool = False) -> set[str]:
    """The texts of all expressions that a statement or an expression reads, such as ``dZ2`` and ``self.dW``.

    What it writes to is left out, and so is the container in which it writes: ``grads["W1"] = dW1`` reads ``dW1`` only.
    With ``whole``, a container is left out too if it reads a named entry only.
    """
    left_out: set[int] = set()
    if isinstance(statement, ast.stmt):
        for target in targets(statement):
            left_out.add(id(target))
            while isinstance(target, (ast.Subscript, ast.Attribute)):
                target = target.value
                left_out.add(id(target))
    read = [node for node in ast.walk(statement) if isinstance(node, (ast.Name, ast.Attribute, ast.Subscript))]
    if whole:
        left_out |= {
            id(node.value) for node in read if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant)
        }
    return {ast.unparse(node) for node in read if id(node) not in left_out}


def names_in(tree: ast.AST) -> set[str]:
    """Every name that the code uses: of variables, arguments, attributes, and keys of dicts."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.isidentifier():
            found.add(node.value)
    return found
