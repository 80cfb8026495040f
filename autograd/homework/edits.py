"""Single changes of a statement, each with the kind of mistake that it would mend."""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias, cast

from autograd.homework.names import targets

__all__ = ["Edit", "edits"]

Change: TypeAlias = tuple[str, str, ast.expr]

_REDUCTIONS = ("sum", "mean", "max", "min")
_SLOPES = ("(1 - {}**2)", "{} * (1 - {})", "({} > 0)")  # of tanh, sigmoid and relu
_CONSTANTS = (0, 1, 2, 3, 0.5)


class Edit(NamedTuple):
    """A changed statement.

    Attributes:
        kind: the kind of mistake that it mends.
        text: the mistake in words.
        statement: the statement after the change.
    """

    kind: str
    text: str
    statement: ast.stmt


def edits(statement: ast.stmt, target: str, arrays: Sequence[str], counts: Sequence[str]) -> list[Iterator[Edit]]:
    """The changes that are tried, in tiers: the most likely mistakes first.

    Args:
        statement: a statement that writes a gradient.
        target: the text of what it writes to.
        arrays: expressions for the arrays at hand, such as ``A1`` and ``self.x``.
        counts: expressions for the number of samples, such as ``m`` and ``5``.
    """
    written: set[ast.expr] = set()
    for place in targets(statement):
        while isinstance(place, (ast.Subscript, ast.Attribute)):
            place = place.value
            written.add(place)
    places = [
        node for node in ast.walk(statement) if isinstance(node, ast.expr) and _is_read(node) and node not in written
    ]

    def everywhere(*makers: Callable[[ast.expr], Iterator[Change]]) -> Iterator[Edit]:
        for maker in makers:
            for node in places:
                for kind, text, new in maker(node):
                    yield Edit(kind, text, _replaced(statement, node, new))

    return [
        everywhere(_of_means, _of_conditions),
        _of_the_whole(statement, counts),
        everywhere(_of_reductions, _of_transposes, _of_operators),
        _of_assignment(statement, target),
        everywhere(lambda node: _of_variables(node, arrays), _of_constants, lambda node: _of_counts(node, counts)),
        everywhere(_of_extra, lambda node: _of_missing(node, arrays), lambda node: _of_slopes(node, arrays)),
        iter([Edit("superfluous", "this statement should not be there", ast.Pass())]),
    ]


def _is_read(node: ast.expr) -> bool:
    return isinstance(getattr(node, "ctx", ast.Load()), ast.Load)


def _replaced(tree: ast.stmt, old: ast.expr, new: ast.expr) -> ast.stmt:
    """A copy of a tree in which one node is another."""

    class Replace(ast.NodeTransformer):
        def visit(self, node: ast.AST) -> ast.AST:
            return copy.deepcopy(new) if node is old else self.generic_visit(_shallow(node))

    changed: Any = Replace().visit(tree)
    return ast.fix_missing_locations(cast(ast.stmt, changed))


def _shallow(node: ast.AST) -> ast.AST:
    new = copy.copy(node)
    for field, value in ast.iter_fields(node):
        if isinstance(value, list):
            setattr(new, field, list(value))
    return new


def _of_the_whole(statement: ast.stmt, counts: Sequence[str]) -> Iterator[Edit]:
    """The value with another sign or factor, or transposed."""
    if not isinstance(statement, (ast.Assign, ast.AugAssign)):
        return
    value = statement.value

    def with_value(new: ast.expr) -> ast.stmt:
        return _replaced(statement, value, new)

    yield Edit("sign", "the sign is wrong", with_value(_negative(value)))
    for m in sorted([*counts, ""], key=lambda m: (m == "") + 2 * m.isdigit()):  # first those that have a name
        if m:
            yield Edit("factor", f"1/{m} is missing", with_value(_operation(value, ast.Div(), _parsed(m))))
            yield Edit("factor", f"1/{m} is there twice", with_value(_operation(value, ast.Mult(), _parsed(m))))
            continue
        for factor in ("2", "1/2"):
            text = f"the factor {factor} is missing"
            yield Edit("constant", text, with_value(_operation(_parsed(factor), ast.Mult(), value)))
    yield Edit("transposed", "it is transposed", with_value(_transposed(value)))


def _of_assignment(statement: ast.stmt, target: str) -> Iterator[Edit]:
    """Another kind of assignment: ``+=`` for ``=``, ``-=`` for ``+=``, ``/=`` for ``*=``."""
    if isinstance(statement, ast.Assign):
        if len(statement.targets) > 1 or isinstance(statement.targets[0], (ast.Tuple, ast.List)):
            return
        for operator, words in ((ast.Add, "added to"), (ast.Sub, "subtracted from")):
            text = f"it replaces what {target} holds, and should be {words} it"
            yield Edit(
                "accumulation", text, ast.AugAssign(cast(ast.Name, statement.targets[0]), operator(), statement.value)
            )
    elif isinstance(statement, ast.AugAssign):
        text = f"it changes what {target} holds, and should replace it"
        yield Edit("accumulation", text, ast.Assign([statement.target], statement.value))
        swaps: dict[type, tuple[str, ast.operator]] = {
            ast.Add: ("sign", ast.Sub()), ast.Sub: ("sign", ast.Add()),
            ast.Mult: ("factor", ast.Div()), ast.Div: ("factor", ast.Mult()),
        }  # fmt: skip
        if type(statement.op) in swaps:
            kind, other = swaps[type(statement.op)]
            text = f"{_SIGNS[type(other)]}= is meant, not {_SIGNS[type(statement.op)]}="
            yield Edit(kind, text, ast.AugAssign(statement.target, other, statement.value))


def _of_means(node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "mean":
        function = ast.Attribute(node.func.value, "sum", ast.Load())
        yield "reduction", "sum is meant, not mean", ast.Call(function, node.args, node.keywords)


def _of_reductions(node: ast.expr) -> Iterator[Change]:
    """The axis of a sum, ``keepdims``, and a mean for a sum."""
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _REDUCTIONS):
        return
    of_numpy = isinstance(node.func.value, ast.Name) and node.func.value.id in ("np", "numpy")
    operand = node.args[:1] if of_numpy else []
    given = node.args[len(operand) :]
    options: dict[str | None, ast.expr] = {k.arg: k.value for k in node.keywords}
    if given:
        options["axis"] = given[0]

    def called(name: str, **changes: Any) -> ast.Call:
        new = {k: x for k, x in options.items() if changes.get(str(k), "") is not None}
        new |= {k: ast.Constant(x) for k, x in changes.items() if x is not None}
        function = ast.Attribute(node.func.value, name, ast.Load())  # type: ignore[attr-defined]
        return ast.Call(function, operand, [ast.keyword(k, x) for k, x in new.items()])

    name = node.func.attr
    axis = options.get("axis")
    present = axis.value if isinstance(axis, ast.Constant) else None
    kept = options.get("keepdims")
    keeps = isinstance(kept, ast.Constant) and bool(kept.value)
    if keeps:
        yield "keepdims", "keepdims=True should not be there", called(name, keepdims=None)
    else:
        yield "keepdims", "keepdims=True is missing", called(name, keepdims=True)
    for other in (0, 1, None, -1, (0, 2, 3), (0, 1)):
        if other != present:
            text = "it is summed over the wrong axis" if "axis" in options else "the axis of the sum is missing"
            text = text if other is not None else "it should be summed over all axes"
            yield "axis", text, called(name, axis=other)
            if not keeps:
                yield "axis", f"{text}, and so is keepdims=True", called(name, axis=other, keepdims=True)
            elif other is None or isinstance(other, int):
                yield "axis", text, called(name, axis=other, keepdims=None)
    for swap in {"sum": ("mean",), "mean": ("sum",), "max": ("sum",), "min": ("sum",)}[name]:
        yield "reduction", f"{swap} is meant, not {name}", called(swap)


def _of_transposes(node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield "transposed", f"{ast.unparse(node)} should not be transposed", node.value
    elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
        yield "transposed", f"{ast.unparse(node)} should be transposed", _transposed(node)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        yield "order", "the factors of the product are exchanged", _operation(node.right, node.op, node.left)
        both = _operation(_transposed(node.left), node.op, _transposed(node.right))
        yield "transposed", "both factors should be transposed", both
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("dot", "matmul"):
        if len(node.args) == 2:
            yield "order", "the factors of the product are exchanged", ast.Call(node.func, node.args[::-1], [])
        elif len(node.args) == 1:
            exchanged = ast.Attribute(node.args[0], node.func.attr, ast.Load())
            yield "order", "the factors of the product are exchanged", ast.Call(exchanged, [node.func.value], [])


def _of_operators(node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.BinOp):
        swaps: dict[type, tuple[tuple[str, type[ast.operator]], ...]] = {
            ast.Add: (("sign", ast.Sub), ("operator", ast.Mult)),
            ast.Sub: (("sign", ast.Add), ("operator", ast.Mult)),
            ast.Mult: (("operator", ast.MatMult), ("factor", ast.Div), ("operator", ast.Add)),
            ast.MatMult: (("operator", ast.Mult),),
            ast.Div: (("factor", ast.Mult),),
        }
        for kind, operator in swaps.get(type(node.op), ()):
            words = f"{_SIGNS[operator]} is meant, not {_SIGNS[type(node.op)]}"
            yield kind, words, _operation(node.left, operator(), node.right)
        if isinstance(node.op, ast.Sub):
            yield "sign", "the difference is the wrong way round", _operation(node.right, node.op, node.left)
        if isinstance(node.op, ast.Div):
            yield "factor", "the quotient is upside down", _operation(node.right, node.op, node.left)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        yield "sign", "the sign is wrong", node.operand
    elif isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.BinOp)):
        yield "sign", "the sign is wrong", _negative(node)


def _of_conditions(node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        yield "condition", "the condition is inverted", node.operand
    elif isinstance(node, (ast.Name, ast.Attribute)):
        yield "condition", "the condition is inverted", ast.UnaryOp(ast.Invert(), node)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        for operator in (ast.Gt, ast.LtE, ast.GtE, ast.Lt):
            if not isinstance(node.ops[0], operator):
                yield "condition", "the condition is wrong", ast.Compare(node.left, [operator()], node.comparators)


_SIGNS: dict[type, str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.MatMult: "@", ast.Div: "/"}


def _of_variables(node: ast.expr, arrays: Sequence[str]) -> Iterator[Change]:
    """Another array in the place of one, transposed too."""
    if not isinstance(node, (ast.Name, ast.Attribute, ast.Subscript)):
        return
    old = ast.unparse(node)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return
    for array in arrays:
        if array != old:
            yield "variable", f"{old} stands where {array} should", _parsed(array)


def _of_constants(node: ast.expr) -> Iterator[Change]:
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        for number in _CONSTANTS:
            if number != node.value:
                yield "constant", f"{number} is meant, not {node.value}", ast.Constant(number)


def _of_counts(node: ast.expr, counts: Sequence[str]) -> Iterator[Change]:
    if isinstance(node, (ast.BinOp, ast.Call)):
        for m in counts:
            yield "factor", f"1/{m} is missing", _operation(node, ast.Div(), _parsed(m))
            yield "factor", f"1/{m} is too much", _operation(node, ast.Mult(), _parsed(m))


def _of_missing(node: ast.expr, arrays: Sequence[str]) -> Iterator[Change]:
    """A factor or a term put in; the derivative of an activation, too."""
    if isinstance(node, (ast.BinOp, ast.Call, ast.Name)):
        for array in arrays:
            for form in (*_SLOPES, "{}", "(1 - {})"):
                factor = form.replace("{}", array)
                yield "missing", f"the factor {factor} is missing", _operation(node, ast.Mult(), _parsed(factor))
            yield "missing", f"the term {array} is missing", _operation(node, ast.Add(), _parsed(array))


def _of_extra(node: ast.expr) -> Iterator[Change]:
    """A factor or a term left out."""
    if isinstance(node, ast.Call) and len(node.args) == 1:
        yield "extra", f"{ast.unparse(node.func)} should not be there", node.args[0]
    if not isinstance(node, ast.BinOp):
        return
    for part, rest in ((node.right, node.left), (node.left, node.right)):
        if isinstance(node.op, (ast.Mult, ast.Div, ast.MatMult)):
            yield "extra", f"the factor {ast.unparse(part)} should not be there", rest
        elif isinstance(node.op, (ast.Add, ast.Sub)):
            yield "extra", f"the term {ast.unparse(part)} should not be there", rest
    inner: ast.expr = node
    while isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Mult):
        inner = inner.left
    yield "extra", f"only {ast.unparse(inner)} should be there", inner


def _of_slopes(node: ast.expr, arrays: Sequence[str]) -> Iterator[Change]:
    """The derivative of another activation."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult):
        for part, rest in ((node.right, node.left), (node.left, node.right)):
            for array in arrays:
                for form in _SLOPES:
                    new = form.replace("{}", array)
                    text = f"{new} is meant, not {ast.unparse(part)}"
                    yield "slope", text, _operation(rest, ast.Mult(), _parsed(new))


def _parsed(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def _operation(left: ast.expr, operator: ast.operator, right: ast.expr) -> ast.expr:
    return ast.BinOp(left, operator, right)


def _transposed(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.Attribute) and node.attr == "T":
        return node.value
    return ast.Attribute(node, "T", ast.Load())


def _negative(node: ast.expr) -> ast.expr:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return node.operand
    return ast.UnaryOp(ast.USub(), node)
