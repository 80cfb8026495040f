"""The dialect of ONNX: a function that is called with a :class:`Term` adds its operations to an ONNX graph.

A row of the table becomes the operator of ONNX of that meaning, or else the operators that its formula is made of.  So
every function that is composed of rows, such as an activation, has a form in ONNX.

>>> graph = Graph(np.float32)
>>> x = graph.input("x", [None, 3])
>>> y = rules.silu(x) + 1.0
>>> [node.op_type for node in graph.nodes]
['Sigmoid', 'Mul', 'Add']
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NoReturn

import numpy as np

from autograd.core import rules
from autograd.core.comparisons import COMPARISONS
from autograd.core.primitive import Primitive, dialect
from autograd.dialects.infix import Infix

__all__ = ["Graph", "Term"]

OPSET = 20
"""The version of the operators."""

_IR = 9
"""The version of the format, which must not be newer than the program that reads it."""

_SYMBOLS = {"+": "Add", "-": "Sub", "*": "Mul", "/": "Div", "<": "Less", ">": "Greater", "<=": "LessOrEqual",
            ">=": "GreaterOrEqual", "==": "Equal"}  # fmt: skip

_ROWS = {
    "absolute": "Abs", "arccos": "Acos", "arccosh": "Acosh", "arcsin": "Asin", "arcsinh": "Asinh", "arctan": "Atan",
    "arctanh": "Atanh", "ceil": "Ceil", "cos": "Cos", "cosh": "Cosh", "erf": "Erf", "exp": "Exp", "floor": "Floor",
    "log": "Log", "maximum": "Max", "minimum": "Min", "power": "Pow", "reciprocal": "Reciprocal", "relu": "Relu",
    "sigmoid": "Sigmoid", "sign": "Sign", "sin": "Sin", "sinh": "Sinh", "softplus": "Softplus", "softsign": "Softsign",
    "sqrt": "Sqrt", "tan": "Tan", "tanh": "Tanh",
}  # fmt: skip
"""The operators of rows."""

_TRUTHS = {"Less", "Greater", "LessOrEqual", "GreaterOrEqual", "Equal", "Not"}
"""The operators whose results are conditions."""

_COMPOSED: dict[str, Callable[[Any], Any]] = {
    "erfc": lambda x: 1.0 - rules.erf(x),
    "expm1": lambda x: rules.exp(x) - 1.0,
    "log1p": lambda x: rules.log(x + 1.0),
}
"""Rows that ONNX lacks.  Near 0, and far out for erfc, they are exact only to a spacing of floats at 1."""


def library() -> Any:
    """The library.

    Raises:
        ImportError: if it is not installed.
    """
    try:
        import onnx
    except ImportError:
        raise ImportError('ONNX needs the library onnx, which is not installed: pip install "pathgrad[onnx]"') from None
    return onnx


class Graph:
    """An ONNX graph to which terms add operators.

    Args:
        dtype: the type of its numbers, ``numpy.float32`` or ``float``.

    Attributes:
        nodes: its operators in order, as ``onnx.NodeProto``.
    """

    def __init__(self, dtype: Any) -> None:
        self._onnx = library()
        self.dtype = np.dtype(dtype)
        self.nodes: list[Any] = []
        self._inputs: list[Any] = []
        self._kept: list[Any] = []
        self._count = 0

    def input(self, name: str, shape: Sequence[int | None], dtype: Any = None) -> Term:
        """An input; an axis of any length is ``None``, and called N."""
        self._inputs.append(self._described(name, shape, dtype))
        return Term(self, name)

    def constant(self, data: Any, name: str | None = None) -> Term:
        """A number or an array: of floats in the type of the graph, of whole numbers as int64."""
        array = np.asarray(data)
        array = np.ascontiguousarray(array, self.dtype if array.dtype.kind == "f" else np.int64)
        name = name or self._fresh()
        self._kept.append(self._onnx.numpy_helper.from_array(array.reshape(np.shape(data)), name))
        return Term(self, name)

    def add(self, operator: str, *operands: Any, **attributes: Any) -> Term:
        """The result of an operator of ONNX; operands are terms, numbers and arrays."""
        terms = [self.lift(x) for x in operands]
        name = self._fresh()
        names = [term.name for term in terms]
        self.nodes.append(self._onnx.helper.make_node(operator, names, [name], **attributes))
        return Term(self, name, operator in _TRUTHS)

    def lift(self, x: Any) -> Term:
        """A number or an array as a term; a term as it is."""
        return x if isinstance(x, Term) else self.constant(np.asarray(x, float))

    def number(self, x: Any) -> Term:
        """The same, with the numbers 0 and 1 in place of a condition."""
        term = self.lift(x)
        return self.add("Cast", term, to=self._kind(self.dtype)) if term.truth else term

    def model(self, output: Term, shape: Sequence[int | None], name: str = "pathgrad") -> Any:
        """The graph as a checked ``onnx.ModelProto``, whose output is called ``output``."""
        onnx = self._onnx
        self.nodes.append(onnx.helper.make_node("Identity", [self.number(output).name], ["output"]))
        outputs = [self._described("output", shape)]
        graph = onnx.helper.make_graph(self.nodes, name, self._inputs, outputs, self._kept)
        versions = [onnx.helper.make_opsetid("", OPSET)]
        model = onnx.helper.make_model(graph, opset_imports=versions, producer_name="pathgrad", ir_version=_IR)
        onnx.checker.check_model(model, full_check=True)
        return model

    def _described(self, name: str, shape: Sequence[int | None], dtype: Any = None) -> Any:
        lengths = ["N" if n is None else n for n in shape]
        return self._onnx.helper.make_tensor_value_info(name, self._kind(dtype or self.dtype), lengths)

    def _kind(self, dtype: Any) -> Any:
        return self._onnx.helper.np_dtype_to_tensor_dtype(np.dtype(dtype))

    def _fresh(self) -> str:
        self._count += 1
        return f"v{self._count}"


class Term(Infix):
    """A number or an array in an ONNX graph, with the operators of a number.

    Attributes:
        graph: the graph.
        name: its name there.
        truth: whether it is a condition, true or false.
    """

    __array_ufunc__ = None  # NumPy leaves array + term to this class

    def __init__(self, graph: Graph, name: str, truth: bool = False) -> None:
        self.graph, self.name, self.truth = graph, name, truth

    def __bool__(self) -> NoReturn:
        raise TypeError("a branch in Python has no form in ONNX: use where")

    def __repr__(self) -> str:
        return f"<Term {self.name}>"

    def infix(self, symbol: str, other: Any, binding: int) -> Term:
        """The operator of this symbol, applied to this and another term."""
        x, y = self.graph.number(self), self.graph.number(other)
        if symbol == "!=":
            return self.graph.add("Not", self.graph.add("Equal", x, y))
        return self.graph.add(_SYMBOLS[symbol], x, y)

    @classmethod
    def lift(cls, x: Any) -> Any:
        """The number as it is: the term beside it knows the graph."""
        return x

    def __radd__(self, other: Any) -> Term:
        return self.graph.lift(other) + self

    def __rsub__(self, other: Any) -> Term:
        return self.graph.lift(other) - self

    def __rmul__(self, other: Any) -> Term:
        return self.graph.lift(other) * self

    def __rtruediv__(self, other: Any) -> Term:
        return self.graph.lift(other) / self

    def __pow__(self, other: Any) -> Term:
        return self.graph.add("Pow", self, other)

    def __rpow__(self, other: Any) -> Term:
        return self.graph.lift(other) ** self

    def __neg__(self) -> Term:
        return self.graph.add("Neg", self)

    def __abs__(self) -> Term:
        return self.graph.add("Abs", self)

    def __eq__(self, other: Any) -> Term:  # type: ignore[override]  # a term, not a bool
        return self.infix("==", other, 0)

    __hash__ = object.__hash__


@dialect(Term, rank=4)
def _add_operator(op: Primitive, operands: tuple[Any, ...]) -> Any:
    graph = next(x.graph for x in operands if isinstance(x, Term))
    if op.name == "where":
        condition, x, y = operands
        condition = graph.lift(condition)
        condition = condition if condition.truth else condition != 0.0
        return graph.add("Where", condition, graph.number(x), graph.number(y))
    if op.name in COMPARISONS:
        return graph.lift(operands[0]).infix(op.symbol, operands[1], 0)
    if op.name in _ROWS:
        return graph.add(_ROWS[op.name], *map(graph.number, operands))
    if op.name in _COMPOSED:
        return _COMPOSED[op.name](*operands)
    if op.library:
        raise NotImplementedError(f"ONNX has no operator for {op.name}")
    return op.formula(*operands)
