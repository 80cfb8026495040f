"""The operators and functions of ``Value``, generated from the table as the last part of ``core/value.py``.

Every operation on Values runs one of them.  Calling the table's row from each would cost too much time, and a formula
written by hand would be a second copy of the table.  So each method is the text of its row, which the row returns when
it is called with :class:`~autograd.dialects.python.Source`.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from autograd.core import rules, special
from autograd.core.files import update
from autograd.core.primitive import PRIMITIVES, Primitive
from autograd.dialects.python import Source

__all__ = ["generated", "write"]

BINARY = {
    "add": "add", "sub": "subtract", "mul": "multiply", "truediv": "divide",
    "pow": "power", "mod": "mod", "floordiv": "floor_divide",
}  # fmt: skip
UNARY = {"pos": "positive", "neg": "negative", "abs": "absolute"}

_AS_PYTHON = {"mod", "floor_divide"}  # computed by Python's arithmetic, because C rounds them differently

LINE = "# <generated from the table by `python -m autograd.generate`: change the table, not what follows>\n"
"""The line of ``value.py`` below which everything is generated."""

_CLASS = '''
@cython.no_gc
@cython.cclass
class Value(Scalar, ForeignNames):
    """A number in a computation graph.

    It computes like a float: with Python's operators and comparisons, the functions of :mod:`autograd` and those of
    NumPy (``np.sin(v)``), and with ints, floats and NumPy scalars on either side.  The result remembers its operands,
    and :meth:`backward` differentiates it with respect to everything that it was computed from.

    ``==`` compares values, but the hash is by identity, as in PyTorch, so sets and dicts tell nodes apart.

    Args:
        data: the number.
        label: a name for text and pictures.

    Raises:
        TypeError: if ``data`` is not a single real number, or ``label`` is not text.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> y = a * b + a**2
    >>> y.backward()
    >>> y, a.grad, b.grad
    (Value(-2.0, op=add, grad=1.0), 1.0, 2.0)
    """

    __slots__ = ()

'''


def generated() -> str:
    """The generated part of ``value.py``."""
    inlined = _inlined_functions()
    methods = [method for name, row in BINARY.items() for method in _binary(name, PRIMITIVES[row])]
    methods += [_unary(f"__{name}__", PRIMITIVES[row]) for name, row in UNARY.items()]
    methods += [_unary(op.name, op) if op in inlined else _call(op) for op in _functions()]
    body = textwrap.indent("\n\n".join("\n".join(lines) for lines in methods), "    ")
    return "\n".join([_rows(inlined), _CLASS + body, "", "", _methods(inlined), _affine()])


def write(check: bool = False) -> bool:
    """Write the generated part of ``core/value.py``; see :func:`autograd.core.files.update`.

    Raises:
        ValueError: if the file lacks the line that separates the generated part from the rest.
    """
    file = Path(__file__).parent.parent / "core" / "value.py"
    head, line, _ = file.read_text(encoding="utf-8").partition(LINE)
    if not line:
        raise ValueError(f"{file} lacks the line {LINE.strip()!r}")
    return update(file, head + line + generated(), check)


# ---------------------------------------------------------------------------------------------------------------------
# Which rows become methods, and which of them are inlined
# ---------------------------------------------------------------------------------------------------------------------


def _functions() -> list[Primitive]:
    """The rows that become methods: public functions of one number x and of settings, as the bounds of ``clip``."""
    public = [op for op in PRIMITIVES.values() if op in (vars(rules).get(op.name), vars(special).get(op.name))]
    of_one_number = [op for op in public if op.parameters[:1] == ("x",) and "y" not in op.parameters]
    return [op for op in of_one_number if op.name not in UNARY.values()]


def _inlined_functions() -> list[Primitive]:
    """The functions of one operand whose text has only arithmetic and functions of ``math`` that C has too."""
    x, out = Source("x"), Source("out")
    inlined = []
    for op in _functions():
        if len(op.parameters) == 1 and op.__module__ == rules.__name__:
            text = " ".join(map(str, (op(x), *op.slopes([x], out))))
            if "rules." not in text and "hypot" not in text:
                inlined.append(op)
    return inlined


def _rows(inlined: Iterable[Primitive]) -> str:
    """A variable of the module for each row that is inlined."""
    names = [*BINARY.values(), *UNARY.values(), "affine_map", *[op.name for op in inlined]]
    return "\n".join(f"_{name} = cython.declare(object, rules.{name})" for name in names) + "\n"


def _methods(inlined: Iterable[Primitive]) -> str:
    """The methods that are written out, for calls of their rows to use."""
    return "\n".join([*[f"_{op.name}.methods[Value] = Value.{op.name}" for op in inlined], ""])


# ---------------------------------------------------------------------------------------------------------------------
# The text of a method
# ---------------------------------------------------------------------------------------------------------------------


def _binary(method: str, op: Primitive) -> tuple[list[str], list[str]]:
    """The operator, and the one that Python calls if only the right operand is a Value."""
    dx, dy = op.slopes([Source("x"), Source("y")], Source("out"))
    left, right = (f"def __{name}__(self, other: Value | Number) -> Value:" for name in (method, f"r{method}"))
    read = [
        "    number = _operand(other)",
        "    if number is NotImplemented:",
        f"        return _with_array(_{op.name}, self, other)  # type: ignore[no-any-return]",
    ]
    read_right = [
        read[0],
        "    if type(number) is not float:  # NotImplemented, or a Value whose own operator has declined",
        f"        return _with_array(_{op.name}, other, self)  # type: ignore[no-any-return]",
    ]
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
        *_record(8, op, "self, v", dx, dy),
        *read,
        "    y = number",
        *_record(4, op, "self, number", dx, 0.0),
    ], [
        right,
        *read_right,
        "    x: cython.double = number",
        "    y: cython.double = self._data",
        *_record(4, op, "number, self", 0.0, dy),
    ]


def _unary(method: str, op: Primitive) -> list[str]:
    """A method that computes and records a row of one operand."""
    (dx,) = op.slopes([Source("x")], Source("out"))
    return [
        f"def {method}(self) -> Value:",
        *([] if method.startswith("__") else [_doc(op)]),
        "    x: cython.double = self._data",
        *_record(4, op, "self, None", dx, 0.0),
    ]


def _call(op: Primitive) -> list[str]:
    """A method that calls its row."""
    _, *settings = op.__signature__.parameters.values()
    others = [setting.replace(annotation="Value | Number") for setting in settings]
    signature = inspect.Signature([inspect.Parameter("self", inspect.Parameter.POSITIONAL_OR_KEYWORD), *others])
    text = str(signature).replace("'", "")
    arguments = ", ".join(["self", *[parameter.name for parameter in others]])
    return [f"def {op.name}{text} -> Value:", _doc(op), f"    return {op.home}.{op.name}({arguments})"]


def _doc(op: Primitive) -> str:
    return f'    """{(op.__doc__ or op.name).splitlines()[0]}"""'


def _record(indent: int, op: Primitive, operands: str, dx: Source | float, dy: Source | float) -> list[str]:
    """The lines that compute a row and its slopes, and return the node.

    Where Python's arithmetic raises an error, C's returns inf or nan.  Both then leave it to ``record``, which says
    where there is no value, and gives infinite slopes.
    """
    texts = {"out": str(op(*map(Source, op.parameters))), "dx": str(dx), "dy": str(dy)}
    if not any(risk in text for text in texts.values() for risk in ("/", "math.")):
        made = f"_node(_{op.name}, {', '.join((texts['out'], operands, texts['dx'], texts['dy']))})"
        lines = [f"return {made}"]
        if op.selects:
            off_kink = "True" if op.kink is None else f"{op.kink(*map(Source, op.parameters))} != 0.0"
            lines = [f"node = {made}", f"node._selects = {off_kink}", "return node"]
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
    """The same expressions, with a variable for every call that occurs several times in them."""
    nodes = [node for text in texts.values() for node in ast.walk(ast.parse(text))]
    calls = Counter(ast.unparse(node) for node in nodes if isinstance(node, ast.Call))
    named = {f"t{i}": call for i, call in enumerate([call for call in calls if calls[call] > 1 and "math." in call], 1)}
    for name, call in named.items():
        texts = {key: text.replace(call, name) for key, text in texts.items()}
    return named | texts


def _affine() -> str:
    """The row ``affine`` as a loop, which applies the row to one product at a time, with the sum so far as the bias."""
    op, (w, x, out) = PRIMITIVES["affine"], map(Source, ("w", "x", "out"))
    dw, dx, dout = op.slopes([w, x, out], out)
    return f'''
@cython.cfunc
@cython.boundscheck(False)
@cython.wraparound(False)
def _affine_value(edges: _Edges) -> cython.double:
    """The value of the row affine at these operands, floats and Values; writes the slopes into the edges."""
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
