"""The table of calculus as Python source: a dialect in which every rule writes itself down.

Call a rule with :class:`Source` operands and it returns its own text.  From that text ``python -m
autograd.dialects.python`` writes the operators of ``Value`` (the marked part of ``value.py``), so that the most
travelled lines of the project cost no call into the table and still are no second copy of it.
"""

from __future__ import annotations

import ast
import inspect
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from autograd.core import rules
from autograd.core.primitive import PRIMITIVES, Primitive, dialect

__all__ = ["Infix", "Source", "functions", "operators", "rows", "sums", "write"]

CHOICE, EQUALITY, ORDER, SUM, PRODUCT, SIGN, ATOM = range(7)  # how tightly an expression binds


class Infix:
    """The operators of a number, for expressions that are written in some language.

    A language says how it writes a symbol between two expressions, and how a number.
    """

    def infix(self, symbol: str, other: Any, binding: int) -> Any:
        """This expression, the symbol and another, which together bind so tightly."""
        raise NotImplementedError

    def lift(self, x: Any) -> Any:
        """A number as an expression; an expression as it is."""
        raise NotImplementedError

    def __add__(self, other: Any) -> Any:
        return self.infix("+", other, SUM)

    def __radd__(self, other: Any) -> Any:
        return self.lift(other) + self

    def __sub__(self, other: Any) -> Any:
        return self.infix("-", other, SUM)

    def __rsub__(self, other: Any) -> Any:
        return self.lift(other) - self

    def __mul__(self, other: Any) -> Any:
        return self.infix("*", other, PRODUCT)

    def __rmul__(self, other: Any) -> Any:
        return self.lift(other) * self

    def __truediv__(self, other: Any) -> Any:
        return self.infix("/", other, PRODUCT)

    def __rtruediv__(self, other: Any) -> Any:
        return self.lift(other) / self

    def __pos__(self) -> Any:
        return self

    def __gt__(self, other: Any) -> Any:
        return self.infix(">", other, ORDER)

    def __lt__(self, other: Any) -> Any:
        return self.infix("<", other, ORDER)

    def __ge__(self, other: Any) -> Any:
        return self.infix(">=", other, ORDER)

    def __le__(self, other: Any) -> Any:
        return self.infix("<=", other, ORDER)

    def __ne__(self, other: Any) -> Any:
        return self.infix("!=", other, EQUALITY)

    __hash__ = object.__hash__


class Source(Infix):
    """An expression of Python source, with the operators of a number.

    >>> x, y = Source("x"), Source("y")
    >>> print((x + 1.0) * -y)
    (x + 1.0) * -y
    """

    def __init__(self, text: str, binding: int = ATOM) -> None:
        self.text = text
        self.binding = binding

    def __str__(self) -> str:
        return self.text

    def at(self, binding: int) -> str:
        """Its text, in parentheses if it binds less tightly."""
        return self.text if self.binding >= binding else f"({self.text})"

    def infix(self, symbol: str, other: Any, binding: int) -> Source:
        """Two expressions with a symbol between; Python's comparisons would chain without parentheses."""
        return Source(f"{self.at(max(binding, SUM))} {symbol} {source(other).at(max(binding + 1, SUM))}", binding)

    def lift(self, x: Any) -> Source:
        """As :func:`source`."""
        return source(x)

    def __mod__(self, other: Any) -> Source:
        return self.infix("%", other, PRODUCT)

    def __floordiv__(self, other: Any) -> Source:
        return self.infix("//", other, PRODUCT)

    def __neg__(self) -> Source:
        return Source(f"-{self.at(SIGN)}", SIGN)


def source(x: Any) -> Source:
    """A number as an expression; an expression as it is."""
    return x if isinstance(x, Source) else Source(repr(x), ATOM if x >= 0 else SIGN)


@dialect(Source, rank=4)
def _write_call(op: Primitive, operands: tuple[Any, ...]) -> Source:
    if op.name == "where":  # written as a conditional expression, which leaves the branch not taken alone
        condition, x, y = map(source, operands)
        return Source(f"{x.at(EQUALITY)} if {condition.at(EQUALITY)} else {y}", CHOICE)
    if not op.native:
        return source(op.formula(*operands))
    if op.formula in (rules._maximum, rules._minimum):
        return _written_out(op.formula, operands)
    module, name = op.formula.__module__, op.formula.__name__
    if name == "<lambda>" or module.startswith("autograd"):
        module, name = module.rpartition(".")[2], op.name
    call = name if module == "builtins" else f"{module}.{name}"
    return Source(f"{call}({', '.join(source(operand).text for operand in operands)})")


def _written_out(formula: Any, operands: tuple[Any, ...]) -> Source:
    """What a Python function of one line returns, with these operands for its parameters."""
    tree = ast.parse(inspect.getsource(formula))
    (expression,) = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value]
    given = dict(zip(inspect.signature(formula).parameters, operands, strict=True))

    class Substitute(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.parse(source(given[node.id]).text, mode="eval").body

    return Source(ast.unparse(Substitute().visit(expression)), CHOICE)


# ---------------------------------------------------------------------------------------------------------------------
# The operators of Value
# ---------------------------------------------------------------------------------------------------------------------

_BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
    "pow": "power", "mod": "mod", "floordiv": "floor_divide",
}  # fmt: skip
_UNARY = {"pos": "positive", "neg": "negative", "abs": "absolute"}

_AS_PYTHON = {"mod", "floor_divide"}  # C rounds them otherwise


def operators() -> str:
    """The operators of ``Value``, each with the formula and the partials of its row in the table."""
    methods = [lines for method, name in _BINARY.items() for lines in _binary(method, PRIMITIVES[name])]
    methods += [_unary(f"__{method}__", PRIMITIVES[name]) for method, name in _UNARY.items()]
    return _indented(methods)


def functions() -> str:
    """The methods of ``Value`` that are functions of one operand."""
    return _indented([_unary(op.name, op, op.__doc__) for op in _written_functions()])


def rows() -> str:
    """The rows that operators and functions name, each a variable of the module; and the functions by their rows."""
    methods = [op.name for op in _written_functions()]
    names = [*_BINARY.values(), *_UNARY.values(), "affine_map", *methods]
    lines = [f"_{name} = cython.declare(object, rules.{name})" for name in names]
    pairs = [f"    _{name}: Value.{name}," for name in methods]
    lines += ["", "_METHODS: dict[Primitive, Any] = {", *pairs, "}"]
    return "\n".join(lines) + "\n"


def sums() -> str:
    """The row ``affine`` as a loop: one product more is the row once more, with the sum so far as its bias."""
    op, (w, x, out) = PRIMITIVES["affine"], map(Source, ("w", "x", "out"))
    dw, dx, dout = op.slopes([w, x, out], out)
    return f'''@cython.cfunc
@cython.boundscheck(False)
@cython.wraparound(False)
def _affine_value(edges: _Edges) -> cython.double:
    """The value of the row affine at these operands, floats and Values; notes the slopes."""
    i: cython.Py_ssize_t
    operands: tuple[Any, ...] = edges.operands
    slopes: cython.p_double = edges.slopes
    n: cython.Py_ssize_t = len(operands) // 2
    out: cython.double = number_of(operands[2 * n])
    for i in range(n):
        w: cython.double = number_of(operands[i])
        x: cython.double = number_of(operands[n + i])
        out = {op(w, x, out)}
        slopes[i] = {dw} if type(operands[i]) is Value else 0.0
        slopes[n + i] = {dx} if type(operands[n + i]) is Value else 0.0
    slopes[2 * n] = {dout} if type(operands[2 * n]) is Value else 0.0
    return out
'''


def _written_functions() -> list[Primitive]:
    """The functions of one operand that consist of arithmetic and of those functions that C and Python share."""
    x, out = Source("x"), Source("out")
    found = [op for op in PRIMITIVES.values() if len(op.parameters) == 1 and getattr(rules, op.name, None) is op]
    texts = {op: " ".join(map(str, (op(x), *op.slopes([x], out)))) for op in found if op.name not in _UNARY.values()}
    return [op for op, text in texts.items() if "rules." not in text and "hypot" not in text]


def _indented(methods: Iterable[Sequence[str]]) -> str:
    return textwrap.indent("\n\n".join("\n".join(lines) for lines in methods) + "\n\n", "    ")


def _binary(method: str, op: Primitive) -> tuple[list[str], list[str]]:
    dx, dy = op.slopes([Source("x"), Source("y")], Source("out"))
    left, right = f"def __{method}__(self, other: Any) -> Any:", f"def __r{method}__(self, other: Any) -> Any:"
    read = ["    number = _operand(other)", "    if number is NotImplemented:", "        return NotImplemented"]
    read_right = [read[0], "    if type(number) is not float:  # a Value has its own say, on the left", read[2]]
    if op.name in _AS_PYTHON:
        recorded = [f"    return record(_{op.name}, ({operands}))" for operands in ("self, number", "number, self")]
        return [left, *read, recorded[0]], [right, *read_right, recorded[1]]
    return [
        left,
        "    x: cython.double = self._data",
        "    y: cython.double",
        "    if isinstance(other, Value):",
        "        v: Value = other",
        "        y = v._data",
        *_step(8, op, "self, v", dx, dy),
        *read,
        "    y = number",
        *_step(4, op, "self, number", dx, 0.0),
    ], [
        right,
        *read_right,
        "    x: cython.double = number",
        "    y: cython.double = self._data",
        *_step(4, op, "number, self", 0.0, dy),
    ]


def _unary(method: str, op: Primitive, doc: str | None = None) -> list[str]:
    (dx,) = op.slopes([Source("x")], Source("out"))
    return [
        f"def {method}(self) -> Value:",
        *([f'    """{doc.splitlines()[0]}"""'] if doc else []),
        "    x: cython.double = self._data",
        *_step(4, op, "self, None", dx, 0.0),
    ]


def _step(indent: int, op: Primitive, operands: str, dx: Any, dy: Any) -> list[str]:
    """Compute and record; what Python's arithmetic refuses is left to the table, which knows what to say of it.

    Where Python refuses, C gives what is not finite.
    """
    texts = {"out": str(op(*map(Source, op.parameters))), "dx": str(dx), "dy": str(dy)}
    if not any(sign in text for text in texts.values() for sign in ("/", "math.")):
        made = f"_node(_{op.name}, {', '.join((texts['out'], operands, texts['dx'], texts['dy']))})"
        lines = [f"node = {made}", "node._selects = True", "return node"] if op.selects else [f"return {made}"]
    else:
        computed = _without_repetition({name: text for name, text in texts.items() if text != "0.0"})
        slopes = [name if name in computed else "0.0" for name in ("dx", "dy")]
        finite = " + ".join(name for name in texts if name in computed)
        lines = [
            "try:",
            *(f"    {name} = {text}" for name, text in computed.items()),
            f"    if cython.compiled and not math.isfinite({finite}):",
            "        raise ArithmeticError",
            "except (ArithmeticError, ValueError):",
            f"    return record(_{op.name}, ({operands.removesuffix(' None')}))",
            f"return _node(_{op.name}, out, {operands}, {', '.join(slopes)})",
        ]
    return [" " * indent + line for line in lines]


def _without_repetition(texts: dict[str, str]) -> dict[str, str]:
    """The same expressions, with a name for every call that occurs several times in them."""
    nodes = [node for text in texts.values() for node in ast.walk(ast.parse(text))]
    calls = Counter(ast.unparse(node) for node in nodes if isinstance(node, ast.Call))
    named = {f"t{i}": call for i, call in enumerate([call for call in calls if calls[call] > 1 and "math." in call], 1)}
    for name, call in named.items():
        texts = {key: text.replace(call, name) for key, text in texts.items()}
    return named | texts


_WRITTEN = {
    "operators": ("    ", operators),
    "functions": ("    ", functions),
    "sums": ("", lambda: sums() + "\n\n"),
    "rows": ("", rows),
}
"""The parts of ``value.py`` that are written here: how far each is indented, and its text."""


def write(check: bool = False) -> bool:
    """Write what belongs to the table into ``value.py``; with ``check``, only say whether it stands there."""
    file = Path(__file__).parent.parent / "core" / "value.py"
    text = old = file.read_text(encoding="utf-8")
    for name, (indent, current) in _WRITTEN.items():
        begin = f"{indent}# <{name}: written from the table by `python -m autograd.dialects.python`>\n"
        end = f"{indent}# </{name}>\n"
        head, mark, rest = text.partition(begin)
        _, other_mark, tail = rest.partition(end)
        if not (mark and other_mark):
            raise ValueError(f"{file} has no part marked {begin.strip()!r} … {end.strip()!r}")
        text = head + begin + current() + end + tail
    if not check and text != old:
        file.write_text(text, encoding="utf-8")
    return text == old


if __name__ == "__main__":
    if not write(check="--check" in sys.argv) and "--check" in sys.argv:
        sys.exit("the operators of Value are not what the table says: run python -m autograd.dialects.python")
