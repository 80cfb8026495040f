"""``Value``: one number that remembers how it was made.

A Value is plain data: the number, the primitive that computed it, the operands, and the local derivative in each
operand, taken at the moment of the computation.  No closures, no reference cycles: a graph is freed as soon as nobody
holds it, can be copied, pickled, drawn and walked by small functions that stand beside it, and nothing here recurses.

The operators at the end of the class are written out from the table in :mod:`autograd.rules`, since every step of every
computation passes through them; ``python -m autograd.source`` writes them anew, and a test keeps them current.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator, Mapping, Sequence
from numbers import Real
from typing import TYPE_CHECKING, Any, NoReturn, Protocol, TypeAlias

import numpy as np

from autograd import doors, rules, special
from autograd.copying import copied, pickled
from autograd.primitive import PRIMITIVES, Primitive, dialect, one_by_one
from autograd.sweep import backward, refresh

if TYPE_CHECKING:
    from types import FrameType

__all__ = ["UFUNCS", "Value", "Watcher", "values_only", "watch"]


class Value:
    """A number in a computation graph.

    Compute with it as with a float: Python's operators, comparisons, the functions of :mod:`autograd` and those of
    NumPy (``np.sin(v)``) all work, with ints, floats and NumPy scalars on either side.  What is computed remembers its
    operands, and :meth:`backward` differentiates it with respect to everything that it was made from.

    ``==`` compares values, and the hash is the identity's, as in PyTorch: sets and dicts tell nodes apart.

    Args:
        data: the number.
        label: a name, for people to read.

    Raises:
        TypeError: if ``data`` is not a single real number, or ``label`` is not text.

    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> y = a * b + a**2
    >>> y.backward()
    >>> y, a.grad, b.grad
    (Value(-2.0, op=add, grad=1.0), 1.0, 2.0)
    """

    # Operands and partials have two slots each because nearly every node has at most two operands, and a tuple for
    # every node costs more than its arithmetic; a node with more keeps the others in _rest and _drest.
    __slots__ = ("_data", "_grad", "_label", "_op", "_x", "_y", "_dx", "_dy", "_rest", "_drest")  # noqa: RUF023

    def __init__(self, data: float, label: str | None = None) -> None:
        self._data = _number(data)
        self._grad: Value | float | None = None
        self.label = label
        self._op: Primitive | None = None
        self._x: Value | float | None = None
        self._y: Value | float | None = None
        self._dx = self._dy = 0.0
        self._rest: tuple[Value | float, ...] = ()
        self._drest: tuple[float, ...] = ()

    # -- what it is ---------------------------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number itself.  Assigning to it changes no recorded derivative; :meth:`refresh` recomputes a graph."""
        if _watcher is not None:
            _watcher.read(self, ".data")
        return self._data

    @data.setter
    def data(self, data: float) -> None:
        if _watcher is not None:
            _watcher.write(self, ".data")
        self._data = _number(data)

    @property
    def grad(self) -> Any:
        """The derivative that the last sweep found here; in a leaf, the sum over all sweeps since it was ``None``.

        ``None`` means that no sweep has reached the node, which is not the same as a gradient of zero.  It is a number,
        or after ``backward(create_graph=True)`` a Value.
        """
        if _watcher is not None and self._grad is not None:
            _watcher.read(self, ".grad")
        return self._grad

    @grad.setter
    def grad(self, grad: float | None) -> None:
        if _watcher is not None:
            _watcher.write(self, ".grad")
        self._grad = None if grad is None else _number(grad)

    @property
    def label(self) -> str | None:
        """Its name, for people to read; a labelled node is a *named variable* of :func:`autograd.paths`."""
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        if not (label is None or isinstance(label, str)):
            raise TypeError(f"a label is text, not {type(label).__name__} ({label!r})")
        self._label = label or None

    @property
    def op(self) -> Primitive | None:
        """The primitive that computed it; ``None`` in a leaf."""
        return self._op

    @property
    def operands(self) -> tuple[Value | float, ...]:
        """What it was computed from, in order: Values, and the plain numbers that stand on the edges as constants."""
        if self._x is None:
            return ()
        return (self._x,) if self._y is None else (self._x, self._y, *self._rest)

    @property
    def slopes(self) -> tuple[float, ...]:
        """The local derivative in each of the :attr:`operands`; 0 in those that are constants."""
        if self._x is None:
            return ()
        return (self._dx,) if self._y is None else (self._dx, self._dy, *self._drest)

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values that it was computed from, one entry for each edge: ``a * a`` has two."""
        x, y = self._x, self._y
        if self._rest:
            return tuple([operand for operand in (x, y, *self._rest) if isinstance(operand, Value)])
        if isinstance(x, Value):
            return (x, y) if isinstance(y, Value) else (x,)
        return (y,) if isinstance(y, Value) else ()

    @property
    def partials(self) -> tuple[float, ...]:
        """The local derivative on each edge, in the order of :attr:`parents`."""
        return tuple([d for operand, d in zip(self.operands, self.slopes, strict=True) if isinstance(operand, Value)])

    def __repr__(self) -> str:
        fields = [repr(self._data)]
        if self._label is not None:
            fields.append(f"label={self._label!r}")
        if self._op is not None:
            fields.append(f"op={self._op.name}")
        if self._grad is not None:
            fields.append(f"grad={self._grad!r}")
        return f"Value({', '.join(fields)})"

    # -- the gradient -------------------------------------------------------------------------------------------------

    def pull(self, gradient: Operand) -> Iterator[tuple[Value, Any]]:
        """What a gradient here sends along each edge: pairs of a parent and ``gradient`` times the local derivative.

        An edge to an operand that was not selected carries nothing at all; see ``selects`` in the table.  Given a Value
        for the gradient, it is recorded what is sent: so arise derivatives of derivatives.
        """
        if isinstance(gradient, Value):
            for parent, slope in self._recorded_edges():
                yield parent, gradient * slope if isinstance(slope, Value) or slope != 1.0 else gradient
            return
        selects = self._op is not None and self._op.selects
        x, y = self._x, self._y
        if isinstance(x, Value) and (self._dx or not selects):
            yield x, gradient * self._dx
        if isinstance(y, Value) and (self._dy or not selects):
            yield y, gradient * self._dy
        for operand, partial in zip(self._rest, self._drest, strict=True):
            if isinstance(operand, Value) and (partial or not selects):
                yield operand, gradient * partial

    def push(self, tangents: Mapping[Value, Operand | None]) -> Operand | None:
        """How fast this changes if its parents change as fast as ``tangents`` says: each times its local derivative.

        Returns ``None`` if none of them changes.  If one of the tangents is a Value, the sum is recorded.
        """
        selects = self._op is not None and self._op.selects
        recorded = any(isinstance(tangents.get(parent), Value) for parent in self.parents)
        edges = self._recorded_edges() if recorded else zip(self.parents, self.partials, strict=True)
        total: Operand | None = None
        for parent, slope in edges:
            tangent = tangents.get(parent)
            if tangent is not None and not (selects and slope == 0):
                total = tangent * slope if total is None else total + tangent * slope
        return total

    def _recorded_edges(self) -> Iterator[tuple[Value, Operand]]:
        """The edges along which something flows, each with its local derivative computed by the table as Values are."""
        if self._op is None:
            return
        operands = self.operands
        for operand, slope in zip(operands, _slopes(self._op, operands, operands, self), strict=True):
            if isinstance(operand, Value) and not (self._op.selects and slope == 0):
                yield operand, slope

    def backward(self, seed: float = 1.0, *, create_graph: bool = False) -> None:
        """Set ``.grad`` of everything this was computed from to the derivative of this with respect to it.

        Leaves *accumulate*: a second sweep adds to what the first one left, so two calls give exactly twice the
        gradient, and sweeps from several losses add up.  Set ``leaf.grad = None`` to start anew.  Between leaf and
        output ``.grad`` is the last sweep's.  Nothing recurses; a graph with 2^60 paths takes one visit an edge.

        Args:
            seed: the derivative to start with, d(something)/d(this).
            create_graph: record the sweep, so that every ``.grad`` is a Value that can be differentiated again.  A
                gradient then holds on to the graph, and the graph to the gradient, until it is set to ``None``.

        >>> x = Value(2.0)
        >>> (x**3).backward(create_graph=True)
        >>> slope, x.grad = x.grad, None
        >>> slope.backward()
        >>> float(slope), x.grad
        (12.0, 12.0)
        """
        if _watcher is not None:
            _watcher.write(self, ".grad")
        backward(self, Value(seed) if create_graph else _number(seed))

    def _receive(self, gradient: Any, taken: set[int]) -> None:
        """Take what the sweep found here."""
        gradient = 0.0 if gradient is None else gradient
        self._grad = gradient if self._op is not None or self._grad is None else self._grad + gradient

    def refresh(self) -> Value:
        """Compute the recorded graph again from the present data of its leaves; returns this node.

        >>> x = Value(3.0)
        >>> y = x * x
        >>> x.data = 5.0
        >>> y.refresh().data
        25.0
        """
        if _watcher is not None:
            _watcher.write(self, ".data")
        return refresh(self)

    def _computed(self, fresh: Mapping[Value, tuple[float, Any]]) -> tuple[float, Any]:
        """What this is, and its local derivatives, when its parents are ``fresh``."""
        if self._op is None:
            return self._data, ()
        operands = self.operands
        return _evaluate(self._op, operands, [fresh[x][0] if isinstance(x, Value) else x for x in operands])

    def _renew(self, state: tuple[float, Any]) -> None:
        self._data, slopes = state
        self._set_slopes(slopes)

    def _set_slopes(self, slopes: Sequence[float]) -> None:
        if len(slopes) > 0:
            self._dx = slopes[0]
        if len(slopes) > 1:
            self._dy = slopes[1]
        self._drest = tuple(slopes[2:])

    # -- the doors to the rooms above ---------------------------------------------------------------------------------

    tree, render, _repr_mimebundle_ = doors.tree, doors.render, doors.mimebundle

    # -- reading the number -------------------------------------------------------------------------------------------

    def __float__(self) -> float:
        if _watcher is not None:
            _watcher.read(self, "float()")
        return self._data

    def __int__(self) -> int:
        if _watcher is not None:
            _watcher.read(self, "int()")
        return int(self._data)

    def __bool__(self) -> bool:
        if _watcher is not None:
            _watcher.read(self, "if, while, and, or, not, assert or bool()")
        return bool(self._data)

    def __round__(self, ndigits: int | None = None) -> float:
        if _watcher is not None:
            _watcher.read(self, "round()")
        return round(self._data, ndigits)

    def __format__(self, spec: str) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __eq__(self, other: object) -> Any:
        number = _operand(other)
        if _watcher is not None and number is not NotImplemented:
            return _watcher.compare("equal", self, number)
        return NotImplemented if number is NotImplemented else self._data == float(number)

    def __ne__(self, other: object) -> Any:
        number = _operand(other)
        if _watcher is not None and number is not NotImplemented:
            return _watcher.compare("not_equal", self, number)
        return NotImplemented if number is NotImplemented else self._data != float(number)

    __hash__ = object.__hash__

    def __lt__(self, other: Any) -> Any:
        number = _operand(other)
        if _watcher is not None and number is not NotImplemented:
            return _watcher.compare("less", self, number)
        return NotImplemented if number is NotImplemented else self._data < float(number)

    def __le__(self, other: Any) -> Any:
        number = _operand(other)
        if _watcher is not None and number is not NotImplemented:
            return _watcher.compare("less_equal", self, number)
        return NotImplemented if number is NotImplemented else self._data <= float(number)

    def __gt__(self, other: Any) -> Any:
        number = _operand(other)
        if _watcher is not None and number is not NotImplemented:
            return _watcher.compare("greater", self, number)
        return NotImplemented if number is NotImplemented else self._data > float(number)

    def __ge__(self, other: Any) -> Any:
        number = _operand(other)
        if _watcher is not None and number is not NotImplemented:
            return _watcher.compare("greater_equal", self, number)
        return NotImplemented if number is NotImplemented else self._data >= float(number)

    # -- NumPy's functions --------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        op = PRIMITIVES.get(UFUNCS.get(ufunc.__name__, ufunc.__name__))
        if any(isinstance(x, np.ndarray) and x.dtype == object for x in inputs):  # an array of Values, one by one
            boxed = tuple([_boxed(x) if isinstance(x, Value) else x for x in inputs])
            if op is not None and method == "__call__" and not options:
                return one_by_one(op, boxed)
            return getattr(ufunc, method)(*boxed, **options)
        if method != "__call__" or options:
            raise TypeError(f"np.{ufunc.__name__} with {method if method != '__call__' else options} takes no Value")
        operands = [_operand(x) for x in inputs]
        if any(operand is NotImplemented for operand in operands):
            from autograd.tensor import array_ufunc

            return array_ufunc(ufunc, method, inputs, options)
        if op is not None:
            return op(*operands)
        result = ufunc(*map(float, operands))
        if isinstance(result, np.bool_):  # comparisons and predicates read the number
            return bool(result)
        raise NotImplementedError(f"np.{ufunc.__name__} is not in the table: declare it with autograd.primitive")

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        from autograd.tensor import array_function

        return array_function(function, args, options)

    # -- copying and pickling, as flat records ------------------------------------------------------------------------

    def __copy__(self) -> Value:
        if _watcher is not None:
            _watcher.read(self, "a copy")
        copy = type(self).__new__(type(self))
        for slot in Value.__slots__:
            setattr(copy, slot, getattr(self, slot))
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if _watcher is not None:
            _watcher.read(self, "a copy")
        return copied(self, memo)

    def _replace_operands(self, substitutes: Mapping[Any, Any]) -> None:
        x, y = self._x, self._y
        self._x = x if x is None or type(x) is float else substitutes[x]
        self._y = y if y is None or type(y) is float else substitutes[y]
        self._rest = tuple([z if type(z) is float else substitutes[z] for z in self._rest])

    def __reduce__(self) -> tuple[Any, ...]:
        if self._op is None:
            return _restored_leaf, (self._data, self._label, self._grad)
        return pickled(self)

    def _record(self) -> tuple[Any, ...]:
        return self._data, self._grad, self._label, self._op, self.slopes

    @classmethod
    def _restored(cls, record: tuple[Any, ...], operands: list[Any]) -> Value:
        data, grad, label, op, slopes = record
        node = _new(op, data, operands, slopes)
        node._grad, node._label = grad, label
        return node

    # -- functions, as methods ----------------------------------------------------------------------------------------

    exp, expm1, log, log1p, log2, log10 = rules.exp, rules.expm1, rules.log, rules.log1p, rules.log2, rules.log10
    sqrt, cbrt, square, reciprocal = rules.sqrt, rules.cbrt, rules.square, rules.reciprocal
    sin, cos, tan, arcsin, arccos, arctan = rules.sin, rules.cos, rules.tan, rules.arcsin, rules.arccos, rules.arctan
    sinh, cosh, tanh, sech = rules.sinh, rules.cosh, rules.tanh, rules.sech
    arcsinh, arccosh, arctanh = rules.arcsinh, rules.arccosh, rules.arctanh
    sigmoid, softplus, relu, leaky_relu, elu = rules.sigmoid, rules.softplus, rules.relu, rules.leaky_relu, rules.elu
    softsign, silu, gelu, erf, erfc = rules.softsign, rules.silu, rules.gelu, rules.erf, rules.erfc
    logit, entr, erfinv, sinc = special.logit, special.entr, special.erfinv, special.sinc
    lgamma, digamma, i0, i1 = special.lgamma, special.digamma, special.i0, special.i1
    sign, floor, clip = rules.sign, rules.floor, rules.clip

    # <operators: written from the table by `python -m autograd.source`>
    def __add__(self, other: Any) -> Value:
        x = self._data
        if isinstance(other, Value):
            y = other._data
            return _node(rules.add, x + y, self, other, 1.0, 1.0)
        y = _operand(other)
        if y is NotImplemented:
            return NotImplemented
        return _node(rules.add, x + y, self, y, 1.0, 0.0)

    def __radd__(self, other: Any) -> Value:
        x = _operand(other)
        if x is NotImplemented:
            return NotImplemented
        y = self._data
        return _node(rules.add, x + y, x, self, 0.0, 1.0)

    def __sub__(self, other: Any) -> Value:
        x = self._data
        if isinstance(other, Value):
            y = other._data
            return _node(rules.subtract, x - y, self, other, 1.0, -1.0)
        y = _operand(other)
        if y is NotImplemented:
            return NotImplemented
        return _node(rules.subtract, x - y, self, y, 1.0, 0.0)

    def __rsub__(self, other: Any) -> Value:
        x = _operand(other)
        if x is NotImplemented:
            return NotImplemented
        y = self._data
        return _node(rules.subtract, x - y, x, self, 0.0, -1.0)

    def __mul__(self, other: Any) -> Value:
        x = self._data
        if isinstance(other, Value):
            y = other._data
            return _node(rules.multiply, x * y, self, other, y, x)
        y = _operand(other)
        if y is NotImplemented:
            return NotImplemented
        return _node(rules.multiply, x * y, self, y, y, 0.0)

    def __rmul__(self, other: Any) -> Value:
        x = _operand(other)
        if x is NotImplemented:
            return NotImplemented
        y = self._data
        return _node(rules.multiply, x * y, x, self, 0.0, x)

    def __truediv__(self, other: Any) -> Value:
        x = self._data
        if isinstance(other, Value):
            y = other._data
            try:
                out = x / y
                dx = 1.0 / y
                dy = -out / y
            except (ArithmeticError, ValueError):
                return record(rules.divide, (self, other))
            return _node(rules.divide, out, self, other, dx, dy)
        y = _operand(other)
        if y is NotImplemented:
            return NotImplemented
        try:
            out = x / y
            dx = 1.0 / y
        except (ArithmeticError, ValueError):
            return record(rules.divide, (self, y))
        return _node(rules.divide, out, self, y, dx, 0.0)

    def __rtruediv__(self, other: Any) -> Value:
        x = _operand(other)
        if x is NotImplemented:
            return NotImplemented
        y = self._data
        try:
            out = x / y
            dy = -out / y
        except (ArithmeticError, ValueError):
            return record(rules.divide, (x, self))
        return _node(rules.divide, out, x, self, 0.0, dy)

    def __pow__(self, other: Any) -> Value:
        x = self._data
        if isinstance(other, Value):
            y = other._data
            try:
                out = math.pow(x, y)
                dx = y * math.pow(x, y - 1 if y != 0 else 1.0) if y != 0 else y * out / (x if x != 0 else 1.0)
                dy = out * math.log(x if x != 0 else 1.0) if x != 0 else 0.0 if y >= 0 else -out
            except (ArithmeticError, ValueError):
                return record(rules.power, (self, other))
            return _node(rules.power, out, self, other, dx, dy)
        y = _operand(other)
        if y is NotImplemented:
            return NotImplemented
        try:
            out = math.pow(x, y)
            dx = y * math.pow(x, y - 1 if y != 0 else 1.0) if y != 0 else y * out / (x if x != 0 else 1.0)
        except (ArithmeticError, ValueError):
            return record(rules.power, (self, y))
        return _node(rules.power, out, self, y, dx, 0.0)

    def __rpow__(self, other: Any) -> Value:
        x = _operand(other)
        if x is NotImplemented:
            return NotImplemented
        y = self._data
        try:
            out = math.pow(x, y)
            dy = out * math.log(x if x != 0 else 1.0) if x != 0 else 0.0 if y >= 0 else -out
        except (ArithmeticError, ValueError):
            return record(rules.power, (x, self))
        return _node(rules.power, out, x, self, 0.0, dy)

    def __mod__(self, other: Any) -> Value:
        x = self._data
        if isinstance(other, Value):
            y = other._data
            try:
                out = x % y
                dx = 1.0
                dy = -(x // y)
            except (ArithmeticError, ValueError):
                return record(rules.mod, (self, other))
            return _node(rules.mod, out, self, other, dx, dy)
        y = _operand(other)
        if y is NotImplemented:
            return NotImplemented
        try:
            out = x % y
            dx = 1.0
        except (ArithmeticError, ValueError):
            return record(rules.mod, (self, y))
        return _node(rules.mod, out, self, y, dx, 0.0)

    def __rmod__(self, other: Any) -> Value:
        x = _operand(other)
        if x is NotImplemented:
            return NotImplemented
        y = self._data
        try:
            out = x % y
            dy = -(x // y)
        except (ArithmeticError, ValueError):
            return record(rules.mod, (x, self))
        return _node(rules.mod, out, x, self, 0.0, dy)

    def __floordiv__(self, other: Any) -> Value:
        x = self._data
        if isinstance(other, Value):
            y = other._data
            try:
                out = x // y
            except (ArithmeticError, ValueError):
                return record(rules.floor_divide, (self, other))
            return _node(rules.floor_divide, out, self, other, 0.0, 0.0)
        y = _operand(other)
        if y is NotImplemented:
            return NotImplemented
        try:
            out = x // y
        except (ArithmeticError, ValueError):
            return record(rules.floor_divide, (self, y))
        return _node(rules.floor_divide, out, self, y, 0.0, 0.0)

    def __rfloordiv__(self, other: Any) -> Value:
        x = _operand(other)
        if x is NotImplemented:
            return NotImplemented
        y = self._data
        try:
            out = x // y
        except (ArithmeticError, ValueError):
            return record(rules.floor_divide, (x, self))
        return _node(rules.floor_divide, out, x, self, 0.0, 0.0)

    def __pos__(self) -> Value:
        x = self._data
        return _node(rules.positive, x, self, None, 1.0, 0.0)

    def __neg__(self) -> Value:
        x = self._data
        return _node(rules.negative, -x, self, None, -1.0, 0.0)

    def __abs__(self) -> Value:
        x = self._data
        return _node(rules.absolute, abs(x), self, None, rules.sign(x), 0.0)

    # </operators>


# ---------------------------------------------------------------------------------------------------------------------
# Making nodes
# ---------------------------------------------------------------------------------------------------------------------

Operand: TypeAlias = "Value | float"

UFUNCS = {
    "remainder": "mod",
    "fabs": "absolute",
    "float_power": "power",
    "expit": "sigmoid",
    "gammaln": "lgamma",
    "psi": "digamma",
}
"""NumPy's and SciPy's functions whose name in the table is another."""


def _node(op: Primitive, data: float, x: Operand, y: Operand | None, dx: float, dy: float) -> Value:
    """A new node with one or two operands."""
    node = Value.__new__(Value)
    node._data = data
    node._grad = None
    node._label = None
    node._op = op
    node._x = x
    node._y = y
    node._dx = dx
    node._dy = dy
    node._rest = ()
    node._drest = ()
    return node


@dialect(Value, rank=2)
def _interpret(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """Record a primitive; with arrays among its operands as a Tensor."""
    for x in operands:
        if isinstance(x, np.ndarray) and x.ndim:
            if x.dtype == object:
                return one_by_one(op, tuple([_boxed(v) if isinstance(v, Value) else v for v in operands]))
            from autograd.tensor import record_elementwise

            return record_elementwise(op, operands)
    return record(op, operands)


def record(op: Primitive, operands: tuple[Any, ...]) -> Value:
    """Compute a primitive of any number of operands and record it."""
    checked = tuple([x if type(x) is float or isinstance(x, Value) else _operand(x) for x in operands])
    for given, operand in zip(operands, checked, strict=True):
        if operand is NotImplemented:
            _refuse(given)
    data, slopes = _evaluate(op, checked, [x._data if isinstance(x, Value) else x for x in checked])
    return _new(op, data, checked, slopes)


def _new(op: Primitive, data: float, operands: Sequence[Operand], slopes: Sequence[float]) -> Value:
    """A new node with any number of operands."""
    node = _node(op, data, operands[0], operands[1] if len(operands) > 1 else None, 0.0, 0.0)
    node._rest = tuple(operands[2:])
    node._set_slopes(slopes)
    return node


def _evaluate(op: Primitive, operands: tuple[Operand, ...], numbers: list[float]) -> tuple[float, list[float]]:
    """The value of a primitive at these numbers, and its local derivative in each operand, 0 in constants."""
    try:
        data = float(op.formula(*numbers))
    except (ArithmeticError, ValueError) as error:
        if _watcher is None or not _watcher.watches():
            raise _explained(error, op, operands, numbers) from None
        data = math.nan  # what is recorded to be computed later matters now only by its form
    try:
        slopes = _slopes(op, operands, numbers, data)
    except (ArithmeticError, ValueError):
        # A slope that Python's arithmetic refuses, such as 0.5 / 0 for sqrt at 0, is what IEEE arithmetic says it is.
        with np.errstate(all="ignore"):
            slopes = _slopes(op, operands, [np.float64(x) for x in numbers], np.float64(data))
    return data, [float(slope) for slope in slopes]


def _slopes(op: Primitive, operands: tuple[Operand, ...], arguments: Sequence[Any], out: Any) -> list[Any]:
    """The local derivative in each operand at ``arguments``, 0 in constants."""
    if op.variadic:
        slopes = op.slopes(arguments, out)
        return [slope if isinstance(operand, Value) else 0.0 for operand, slope in zip(operands, slopes, strict=True)]
    return [
        partial(*arguments, out) if isinstance(operand, Value) else 0.0
        for operand, partial in zip(operands, op.partials, strict=True)
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Watching a function that is recorded
# ---------------------------------------------------------------------------------------------------------------------


class Watcher(Protocol):
    """Who wants to know what a function does with Values but compute: reading their numbers, comparing, assigning."""

    def watches(self) -> bool:
        """Whether this thread is watched: then nothing is raised where a primitive has no value."""

    def read(self, value: Value, how: str) -> None:
        """A number is about to be read."""

    def write(self, value: Value, what: str) -> None:
        """An attribute is about to be assigned."""

    def compare(self, relation: str, x: Value, y: Operand) -> Any:
        """Two numbers are about to be compared; ``relation`` has NumPy's name.  Returns what the comparison gives."""


_watcher: Watcher | None = None


def watch(watcher: Watcher | None) -> Watcher | None:
    """Let a watcher be asked, in place of the one before, which is returned; ``None`` for nobody."""
    global _watcher
    before, _watcher = _watcher, watcher
    return before


def _restored_leaf(data: float, label: str | None, grad: float | None) -> Value:
    leaf = Value(data, label)
    leaf._grad = grad
    return leaf


# ---------------------------------------------------------------------------------------------------------------------
# Numbers in, clear errors out
# ---------------------------------------------------------------------------------------------------------------------


def values_only(order: list[Any], what: str) -> list[Value]:
    """The same nodes, if there is no node of arrays among them, which ``what`` could not deal with."""
    for node in order:
        if not isinstance(node, Value):
            raise TypeError(f"{what} are for graphs of Values, but this one leads through {node!r}")
    return order


def _operand(x: Any) -> Any:
    """A Value as it is, a real number as a float, anything else as ``NotImplemented``."""
    if isinstance(x, (Value, float)):
        return x if isinstance(x, Value) else float(x)
    if isinstance(x, (Real, np.bool_)) or (isinstance(x, np.ndarray) and x.ndim == 0 and x.dtype.kind in "biuf"):
        return float(x)
    return NotImplemented


def _boxed(value: Value) -> Any:
    """A Value as an array without dimensions, which NumPy takes as it takes any other object."""
    box = np.empty((), object)
    box[()] = value
    return box


def _number(x: Any) -> float:
    if isinstance(x, Value):
        raise TypeError("a Value holds a plain number, not another Value: use it as it is, or float(v) to cut it off")
    number = _operand(x)
    if number is NotImplemented:
        _refuse(x)
    return float(number)


def _refuse(x: Any) -> NoReturn:
    if isinstance(x, (np.ndarray, list, tuple)):
        shape = np.shape(x)
        raise TypeError(f"a Value holds one number, not an array of shape {shape}: arrays are what Tensor is for")
    raise TypeError(f"a Value takes a real number, not {type(x).__name__} ({x!r})")


def _explained(error: Exception, op: Primitive, operands: tuple[Operand, ...], numbers: list[float]) -> Exception:
    """The error that Python's arithmetic raised, with the operands and the user's line.

    It is raised by the caller: a frame that keeps the error it raises is a reference cycle, and would hold the graph.
    """
    names = op.parameters or [f"x{i}" for i in range(len(operands))]
    shown = []
    for name, operand, number in zip(names, operands, numbers, strict=True):
        label = operand._label if isinstance(operand, Value) and operand._label else name
        shown.append(f"{label} = {number!r}")
    kind = "overflow" if isinstance(error, OverflowError) else str(error).removeprefix("float ")
    reason = f"{op.name}: {kind} at {', '.join(shown)}"
    explained = type(error)(reason + user_line())
    explained.reason = reason  # type: ignore[attr-defined]  # for those who know a better place to name
    return explained


def user_line(frame: FrameType | None = None) -> str:
    """The file and line outside of this package that is being executed, at ``frame`` or where this is called."""
    frame = frame or sys._getframe(1)
    package = __name__.partition(".")[0]
    while frame is not None and frame.f_globals.get("__name__", "").partition(".")[0] == package:
        frame = frame.f_back
    return "" if frame is None else f" ({frame.f_code.co_filename}:{frame.f_lineno})"
