"""``Value``: one number that remembers how it was made.

A Value is plain data: the number, the primitive that computed it, the operands, and the local derivative in each
operand, taken at the moment of the computation.  There are no closures and no reference cycles, so a graph is freed as
soon as its last reference goes.  Small functions in other modules copy, pickle, draw and walk it.  Nothing recurses.

Read this file down to the line ``<generated ...>`` near its end.  What follows are the operators and functions of
``Value``, written out from the table in :mod:`autograd.rules`, since every step of every computation passes through
them; ``python -m autograd.generate`` rewrites them, and a test keeps them current.

If there was a C compiler when pathgrad was installed, this file runs as the C that Cython makes of it, ten times as
fast; otherwise it runs as it stands.  Decorators, types such as ``cython.double`` and a few branches on
``cython.compiled`` tell Cython what C must know; plain Python ignores them.
"""

from __future__ import annotations

import gc
import os
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from inspect import Parameter
from numbers import Real
from operator import add, mul, sub, truediv
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias, TypeVar, overload

import numpy as np

from autograd.core import display, plain_sweep, rules, special
from autograd.core.aliases import Number
from autograd.core.columns import Wiring, wiring
from autograd.core.copies import copied, pickled
from autograd.core.errors import closure, evaluation_error, hidden, refuse_closure
from autograd.core.escaping import printable
from autograd.core.foreign import ForeignNames
from autograd.core.foreign_arrays import foreign_array
from autograd.core.grad_mode import grad_enabled
from autograd.core.handover import setting
from autograd.core.hooks import hooks
from autograd.core.primitive import PRIMITIVES, Primitive, dialect, one_by_one
from autograd.core.scope import is_argument, leave_graph, note_leaf, open_scopes, recorded_backward, stay
from autograd.core.sweep import adjoints, backward, orders, refresh, sweeps
from autograd.core.watching import asked_to_compare, current, listeners, tell_made, tell_read, tell_write, watchers

if TYPE_CHECKING:
    from autograd.core import cython_stub as cython
else:
    try:
        import cython
    except ImportError:
        from autograd.core import cython_stub as cython

if cython.compiled:
    from cython.cimports.autograd.core.addresses import chars, doubles, ints
    from cython.cimports.autograd.core.collector import PyObject_GC_UnTrack
    from cython.cimports.cpython.mem import PyMem_Free, PyMem_Malloc
    from cython.cimports.libc import math

    __file__ = os.path.join(os.path.dirname(__file__), "value.py")  # where the source is to be found
else:
    import math

    from autograd.core.addresses import chars, doubles, ints

__all__ = [
    "UFUNCS",
    "Value",
    "affine",
    "data_of",
    "derivative",
    "dot",
    "free_cycles",
    "gradients_of",
    "number_of",
    "parents_first",
    "receive_numbers",
    "record",
    "wired",
    "with_gradient",
]

__tracebackhide__ = hidden


Operand: TypeAlias = "Value | float"
S = TypeVar("S", bound="Scalar")

_IS_NUMBER = cython.declare(object, object())  # what _grad holds if the gradient is a number, kept in _adjoint


@cython.no_gc
@cython.cclass
class Scalar:
    """Everything of a :class:`Value` except its operators and functions, which are generated below."""

    # Operands and slopes have two slots each because nearly every node has at most two operands, and a tuple for
    # every node costs more than its arithmetic.  A node with more operands keeps all of them in _edges.
    __slots__ = (
        *("_data", "_grad", "_adjoint", "_label", "_op", "_x", "_y", "_dx", "_dy", "_edges"),
        *("_selects", "_arrived", "_visit"),
    )
    _data: cython.double
    _adjoint: cython.double  # the gradient as a number, if _grad says that it is one
    _arrived: cython.double  # in a compiled sweep: the gradient that has arrived so far, and
    _visit: cython.int  # how far the sweep is with this node
    _selects: cython.bint  # whether a slope of 0 means that the operand is not used: if the row selects, off its kink
    _dx: cython.double
    _dy: cython.double
    _x: Any
    _y: Any
    _edges: _Edges | None
    _op: Primitive | None
    _grad: Any  # None, a Value, or _IS_NUMBER
    _label: str | None

    __signature__ = display.Arguments(data=Parameter.empty, label=None)

    @cython.annotation_typing(False)  # for an argument of a wrong type our error is clearer
    def __init__(self, data: Number, label: str | None = None) -> None:
        self._data = _number(data)
        self._adjoint = self._dx = self._dy = 0.0
        self._op = self._x = self._y = self._edges = self._grad = None
        self._selects = False
        self.label = label
        if _open_scopes:
            note_leaf(self)
        if type(self) is not Value and type(self)._backward is not Scalar._backward:
            refuse_closure(type(self).__name__)

    def __dealloc__(self) -> None:
        # Python frees long chains of its own objects without recursion; a compiled class has to do so itself.
        if self._x is not None:
            _count(-1)
            _free_later(self._x)
            self._x = None
            if self._y is not None:
                _free_later(self._y)
                self._y = None
        elif self._edges is not None:
            _count(-1)
            _free_later(self._edges)
            self._edges = None
        if _doomed:
            _free_doomed()

    _backward = closure

    # -- attributes ---------------------------------------------------------------------------------------------------

    @property
    def data(self) -> float:
        """The number itself.  Assigning to it changes no recorded derivative; :meth:`refresh` recomputes a graph."""
        if _watchers:
            tell_read(self, ".data")
        return self._data

    @data.setter
    def data(self, data: Any) -> None:
        if _watchers:
            tell_write(self, ".data")
        self._data = _number(data)

    @property
    def grad(self) -> Any:
        """The derivative that the last sweep found here; in a leaf, the sum over all sweeps since it was ``None``.

        ``None`` means that no sweep has reached the node, which is not the same as a gradient of zero.  Otherwise it is
        a number, or a Value in a leaf after ``backward(create_graph=True)``.
        """
        if _watchers and self._grad is not None:
            tell_read(self, ".grad")
        return self._held()

    @grad.setter
    def grad(self, grad: Any) -> None:
        if _watchers:
            tell_write(self, ".grad")
        self._hold(None if grad is None else _number(grad))

    @property
    def label(self) -> str | None:
        """Its name, for people to read; a labelled node is a *named variable* of :func:`autograd.paths`."""
        return self._label

    @label.setter
    def label(self, label: Any) -> None:
        if not (label is None or isinstance(label, str)):
            raise TypeError(f"a label is text, not {type(label).__name__} ({label!r})")
        self._label = label or None

    @property
    def op(self) -> Primitive | None:
        """The primitive that computed it; ``None`` in a leaf."""
        return self._op

    @property
    def operands(self) -> tuple[Value | float, ...]:
        """What it was computed from, in order, which are Values and plain numbers, the constants on an edge."""
        if self._edges is not None:
            return self._edges.operands
        if self._y is None:
            return () if self._x is None else (self._x,)
        return self._x, self._y

    @property
    def slopes(self) -> tuple[float, ...]:
        """The local derivative in each of the :attr:`operands`; 0 in a constant."""
        if self._edges is not None:
            return tuple([self._edges.slopes[i] for i in range(len(self._edges.operands))])
        if self._y is not None:
            return self._dx, self._dy
        if self._x is not None:
            return (self._dx,)
        return ()

    @property
    def parents(self) -> tuple[Value, ...]:
        """The Values that it was computed from, one entry for each edge, so two for ``a * a``."""
        if self._edges is not None:
            return tuple([operand for operand in self._edges.operands if isinstance(operand, Value)])
        x, y = self._x, self._y
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
            fields.append(f"grad={self._held()!r}")
        return f"Value({', '.join(fields)})"

    # -- the gradient -------------------------------------------------------------------------------------------------

    def pull(self, gradient: Operand, careful: bool = False) -> Iterator[tuple[Value, Any]]:
        """What a gradient here sends along each edge: pairs of a parent and ``gradient`` times the local derivative.

        An edge to an operand that was not selected carries nothing at all; see ``selects`` in the table.  If the
        gradient is a Value, what is sent is recorded too; that is how higher derivatives arise.
        """
        if isinstance(gradient, Value):
            for parent, slope in self._recorded_edges():
                yield parent, gradient * slope if isinstance(slope, Value) or slope != 1.0 else gradient
            return
        for operand, slope in zip(self.operands, self.slopes, strict=True):
            if isinstance(operand, Value) and (slope != 0.0 or not self._selects):
                yield operand, gradient * slope

    def push(self, tangents: Mapping[Value, Operand | None], careful: bool = False) -> Operand | None:
        """How fast this changes if its parents change at the rates ``tangents``: each times its local derivative.

        Returns ``None`` if none of them changes.  If one of the rates is a Value, the sum is recorded.
        """
        recorded = any(isinstance(tangents.get(parent), Value) for parent in self.parents)
        edges = self._recorded_edges() if recorded else zip(self.parents, self.partials, strict=True)
        total: Operand | None = None
        for parent, slope in edges:
            tangent = tangents.get(parent)
            if tangent is not None and not (self._selects and slope == 0):
                total = tangent * slope if total is None else total + tangent * slope
        return total

    def _recorded_edges(self) -> Iterator[tuple[Value, Operand]]:
        """The edges along which something flows, each with its local derivative as a Value or a constant."""
        if self._op is None:
            return
        operands = self.operands
        slopes = _slopes(self._op, operands, operands, self)
        if not _is_as_computed(self, operands, slopes):
            _refuse_changed(self._op, operands)
        for operand, slope in zip(operands, slopes, strict=True):
            if isinstance(operand, Value) and not (self._selects and slope == 0):
                yield operand, slope

    def backward(self, seed: Any = 1.0, *, create_graph: Any = False) -> None:
        """Set ``.grad`` of everything this was computed from to the derivative of this with respect to it.

        Leaves *accumulate*: a second sweep adds to what the first one left, so two calls give exactly twice the
        gradient, and sweeps from several losses add up.  Set ``leaf.grad = None`` to start again.  Between leaf and
        output, ``.grad`` is that of the last sweep.  Nothing recurses; each edge is visited once, even if there are
        2^60 paths.

        Args:
            seed: the derivative to start with, d(something)/d(this).
            create_graph: record the sweep, so that the ``.grad`` of every leaf is a Value that can be differentiated
                again.  Leaf and gradient then keep each other and the graph alive, until it is set to ``None`` or
                nothing else refers to them.

        >>> x = Value(2.0)
        >>> (x**3).backward(create_graph=True)
        >>> slope, x.grad = x.grad, None
        >>> slope.backward()
        >>> slope.data, x.grad
        (12.0, 12.0)
        """
        if _watchers:
            tell_write(self, ".grad")
        number = _number(seed)
        if create_graph:
            if len(_holders) > _ENOUGH + 2 * len(_kept_holders):
                free_cycles()
            recorded_backward(self, Value(number) if number else None)  # a seed of 0 sends nothing
        elif not (_swept(self, number) if cython.compiled else plain_sweep.swept(self, number)):
            backward(self, number)

    def received(self, gradient: Any, taken: set[int]) -> tuple[Any, str, Any]:
        """What keeps the gradient that a sweep found here; only a leaf keeps a Value, which keeps the graph alive."""
        gradient = 0.0 if gradient is None else gradient
        if self._op is not None:
            gradient = number_of(gradient)
        elif cython.compiled and type(gradient) is float:
            return self, "_more", gradient
        elif self._grad is not None:
            gradient = self._held() + gradient
        return self, "_kept" if cython.compiled else "_grad", gradient

    # Compiled, an attribute of Python stores a gradient in one step, which no interrupt and no other thread splits.

    @property
    def _kept(self) -> Any:
        return self._held()

    @_kept.setter
    def _kept(self, gradient: Any) -> None:
        self._hold(gradient)

    @property
    def _more(self) -> Any:
        return self._held()

    @_more.setter
    def _more(self, gradient: Any) -> None:
        self._hold(gradient if self._grad is None else self._held() + gradient)

    @staticmethod
    def assigning(nodes: Sequence[Any], numbers: Iterable[Any]) -> Iterator[None]:
        """Assign to the ``data`` of each of these nodes, in :func:`~autograd.core.handover.hand_over`."""
        if _watchers:
            for node in nodes:
                tell_write(node, ".data")
        plain = [x if type(x) is float else _number(x) for x in numbers]
        if cython.compiled:
            return map(_assign, [list(nodes)], [plain])
        return setting(nodes, "_data", plain)

    def _held(self) -> Any:
        """The gradient: ``None``, a number, or a Value."""
        return self._adjoint if self._grad is _IS_NUMBER else self._grad

    def _hold(self, gradient: Any) -> None:
        """Keep a gradient: ``None``, a number, or a Value."""
        if gradient is None or isinstance(gradient, Value):
            self._grad = gradient
            if cython.compiled and gradient is not None:
                _holders.append(self)  # type: ignore[arg-type]  # every Scalar is a Value
        else:
            self._grad, self._adjoint = _IS_NUMBER, gradient

    def refresh(self: S) -> S:
        """Compute the recorded graph again from the present data of its leaves; returns this node.

        >>> x = Value(3.0)
        >>> y = x * x
        >>> x.data = 5.0
        >>> y.refresh().data
        25.0
        """
        if _watchers:
            tell_write(self, ".data")
        if not (cython.compiled and _refreshed(self)):
            refresh(self)
        return self

    def recompute(self, fresh: Mapping[Any, Any]) -> tuple[float, Any]:
        """The value of this node when its parents have the values ``fresh``, and what :meth:`_connect` needs."""
        if self._op is None:
            return self._data, ()
        operands = self.operands
        return _evaluate(self._op, operands, [fresh[x] if isinstance(x, Value) else x for x in operands])

    def renew(self, data: float, detail: Any) -> None:
        """Take over what :meth:`recompute` has found."""
        self._data = data
        if self._op is not None:
            self._connect(self._op, self.operands, *detail)

    def _connect(self, op: Any, operands: Any, slopes: Any, selects: bool) -> None:
        """Become the result of a primitive of these operands."""
        self._op = op
        self._selects = selects
        if len(operands) > 2:
            self._edges = _new_edges(tuple(operands))
            for i, slope in zip(range(len(operands)), slopes, strict=True):
                self._edges.slopes[i] = slope
            return
        if len(operands) > 0:
            self._x, self._dx = operands[0], slopes[0]
        if len(operands) > 1:
            self._y, self._dy = operands[1], slopes[1]

    # -- text and pictures --------------------------------------------------------------------------------------------

    tree, render, mermaid, explore = display.tree, display.render, display.mermaid, display.explore
    _repr_mimebundle_ = display.mimebundle

    # -- reading the number -------------------------------------------------------------------------------------------

    def item(self) -> float:
        """The number itself, as :attr:`data`; it does not keep the graph alive."""
        if _watchers:
            tell_read(self, ".item()")
        return self._data

    def tolist(self) -> float:
        """The number itself, as :meth:`item`: NumPy's name for an array of any number of axes."""
        if _watchers:
            tell_read(self, ".tolist()")
        return self._data

    def detach(self, label: Any = None) -> Value:
        """A leaf with the same number, where gradients stop.

        >>> x = Value(3.0)
        >>> y = x * x.detach()
        >>> y.backward()
        >>> x.grad
        3.0
        """
        if _watchers:
            tell_read(self, ".detach()")
        return Value(self._data, label)

    def copy(self: S) -> S:
        """A new node with the same number, through which gradients pass."""
        return rules.positive(self)

    shape, ndim, size = (), 0, 1

    def __float__(self) -> float:
        if _watchers:
            tell_read(self, "float()")
        leave_graph(self, "float()")
        return self._data

    def __complex__(self) -> complex:
        if _watchers:
            tell_read(self, "complex()")
        leave_graph(self, "complex()")
        return complex(self._data)

    # Integers and branches lose no derivative, since a staircase has the derivative 0.

    def __int__(self) -> int:
        if _watchers:
            tell_read(self, "int()")
        return int(self._data)

    def __trunc__(self) -> int:
        if _watchers:
            tell_read(self, "math.trunc()")
        return int(self._data)

    def __floor__(self) -> int:
        if _watchers:
            tell_read(self, "math.floor()")
        return int(math.floor(self._data))  # noqa: RUF046 (in C it is a double)

    def __ceil__(self) -> int:
        if _watchers:
            tell_read(self, "math.ceil()")
        return int(math.ceil(self._data))  # noqa: RUF046

    def __bool__(self) -> bool:
        if _watchers:
            tell_read(self, "if, while, and, or, not, assert or bool()")
        return bool(self._data)

    @overload
    def __round__(self, ndigits: None = None) -> int: ...

    @overload
    def __round__(self, ndigits: int) -> float: ...

    def __round__(self, ndigits: Any = None) -> Any:
        if _watchers:
            tell_read(self, "round()")
        return round(self._data, ndigits)

    def __format__(self, spec: Any) -> str:
        return format(self._data, spec) if spec else repr(self)

    def __eq__(self, other: object) -> bool:
        number = _operand(other)
        if number is NotImplemented:
            return NotImplemented
        answer = asked_to_compare("equal", self, number) if _watchers else NotImplemented
        return self._data == number_of(number) if answer is NotImplemented else answer

    def __ne__(self, other: object) -> bool:
        number = _operand(other)
        if number is NotImplemented:
            return NotImplemented
        answer = asked_to_compare("not_equal", self, number) if _watchers else NotImplemented
        return self._data != number_of(number) if answer is NotImplemented else answer

    def __hash__(self) -> int:
        address: cython.Py_hash_t = cython.cast(cython.Py_hash_t, cython.cast(cython.p_void, self))
        return address >> 4

    def __lt__(self, other: Value | Number) -> bool:
        number = _operand(other)
        if number is NotImplemented:
            return NotImplemented
        answer = asked_to_compare("less", self, number) if _watchers else NotImplemented
        return self._data < number_of(number) if answer is NotImplemented else answer

    def __le__(self, other: Value | Number) -> bool:
        number = _operand(other)
        if number is NotImplemented:
            return NotImplemented
        answer = asked_to_compare("less_equal", self, number) if _watchers else NotImplemented
        return self._data <= number_of(number) if answer is NotImplemented else answer

    def __gt__(self, other: Value | Number) -> bool:
        number = _operand(other)
        if number is NotImplemented:
            return NotImplemented
        answer = asked_to_compare("greater", self, number) if _watchers else NotImplemented
        return self._data > number_of(number) if answer is NotImplemented else answer

    def __ge__(self, other: Value | Number) -> bool:
        number = _operand(other)
        if number is NotImplemented:
            return NotImplemented
        answer = asked_to_compare("greater_equal", self, number) if _watchers else NotImplemented
        return self._data >= number_of(number) if answer is NotImplemented else answer

    # -- NumPy's functions --------------------------------------------------------------------------------------------

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        op = PRIMITIVES.get(UFUNCS.get(ufunc.__name__, ufunc.__name__))
        if any(isinstance(x, np.ndarray) and x.dtype == object for x in inputs):  # an array of Values, one by one
            boxed = tuple([_boxed(x) if isinstance(x, Value) else x for x in inputs])
            if op is not None and method == "__call__" and not options:
                return one_by_one(op, boxed)
            return getattr(ufunc, method)(*boxed, **options)
        if method != "__call__" or options:
            detail = f".{method}" if method != "__call__" else f" with {', '.join(options)}="
            raise TypeError(f"np.{ufunc.__name__}{detail} does not support Values")
        operands = [_operand(x) for x in inputs]
        if any(operand is NotImplemented for operand in operands):
            return hooks.array_ufunc(ufunc, method, inputs, options)
        if op is not None:
            return op(*operands)
        if not any(kind.endswith("d->?") for kind in ufunc.types):
            return hooks.array_ufunc(ufunc, method, operands, options)
        if _watchers:  # comparisons and predicates read the number
            for x in operands:
                if isinstance(x, Scalar):
                    tell_read(x, f"np.{ufunc.__name__}()")
        return bool(ufunc(*map(number_of, operands)))

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return hooks.array_function(function, args, options)

    # -- copying and pickling, as flat records ------------------------------------------------------------------------

    def __copy__(self) -> Scalar:
        if _watchers:
            tell_read(self, "a copy")
        if _open_scopes and is_argument(self):
            return self
        copy: Scalar = type(self).__new__(type(self))
        copy._data, copy._adjoint, copy._dx, copy._dy = self._data, self._adjoint, self._dx, self._dy
        copy._x, copy._y, copy._edges = self._x, self._y, self._edges
        copy._op, copy._selects, copy._grad, copy._label = self._op, self._selects, self._grad, self._label
        if self._op is None and _open_scopes:
            note_leaf(copy)
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        if _watchers:
            tell_read(self, "a copy")
        if cython.compiled and not _watchers and not _open_scopes and type(memo) is dict:
            return _copied(self, memo)
        return copied(self, memo)

    def replace_operands(self, substitutes: Mapping[Any, Any]) -> None:
        """Take over ``substitutes[x]`` for every operand ``x`` that is a node; for copies."""
        operands = [x if type(x) is float else substitutes[x] for x in self.operands]
        self._connect(self._op, operands, self.slopes, self._selects)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._op is None:
            stay(self, "a pickle")
            return _restored_leaf, (self._data, self._label, self._held())
        order = ordered(self)
        if order is None:
            return pickled(self)
        stay(self, "a pickle")
        return _unpacked, _packed(order)

    def fields(self) -> tuple[Any, ...]:
        """Everything that this node holds except its operands, for pickling."""
        return self._data, self._held(), self._label, self._op, self.slopes, bool(self._selects)

    @classmethod
    def from_fields(cls, fields: tuple[Any, ...], operands: Sequence[Any]) -> Value:
        """The node with these :meth:`fields` and operands."""
        data, grad, label, op, slopes, selects = fields
        node: Value = _bare(op, data)
        node._connect(op, operands, slopes, selects)
        node._hold(grad)
        if label is not None:
            node.label = label
        return node


if not cython.compiled:
    Scalar.__hash__ = object.__hash__  # type: ignore[method-assign]  # Python calls it without a frame of its own

# ---------------------------------------------------------------------------------------------------------------------
# Making nodes: a primitive is computed, and the result remembers how
# ---------------------------------------------------------------------------------------------------------------------


_watchers: dict[int, Any] = cython.declare(dict, watchers)  # the same dict, typed for C
_listeners: dict[object, None] = cython.declare(dict, listeners)
_open_scopes: dict[Any, None] = cython.declare(dict, open_scopes)

UFUNCS = {
    "remainder": "mod",
    "fabs": "absolute",
    "float_power": "power",
    "expit": "sigmoid",
    "gammaln": "lgamma",
    "psi": "digamma",
    "yn": "yv",
}
"""The functions of NumPy and SciPy that have another name in the table."""


@cython.cfunc
@cython.inline
def _node(op: Any, data: cython.double, x: Any, y: Any, dx: cython.double, dy: cython.double) -> Value:
    """A new node with one or two operands."""
    node: Value = Value.__new__(Value)
    if cython.compiled:
        _count(1)
    node._data = data
    node._op = op
    node._x = x
    node._y = y
    node._dx = dx
    node._dy = dy
    node._edges = node._grad = node._label = None
    node._adjoint = 0.0
    node._selects = False
    if _listeners:
        _announce(node)
    return node


def _announce(node: Value) -> None:  # not a C function, which would be inlined where nodes are made
    """Tell the watcher of a new node; inside of ``no_grad()``, make it a leaf instead."""
    if grad_enabled.get():
        tell_made(node)
        return
    for parent in node.parents:
        tell_read(parent, "no_grad()")
    node._op = node._x = node._y = node._edges = None
    node._dx = node._dy = 0.0
    if cython.compiled:
        _count(-1)
    if _open_scopes:
        note_leaf(node)


@cython.cfunc
@cython.inline
def _bare(op: Any, data: cython.double) -> Value:
    """A new node without its operands."""
    node: Value = Value.__new__(Value)
    if cython.compiled:
        _count(1)
    node._data = data
    node._adjoint = node._dx = node._dy = 0.0
    node._op = op
    node._x = node._y = node._edges = node._grad = node._label = None
    node._selects = False
    return node


@dialect(Scalar, rank=2)
def _interpret(op: Primitive, operands: tuple[Any, ...]) -> Any:
    """Record a primitive; as a Tensor if there are arrays among its operands."""
    for x in operands:
        if isinstance(x, np.ndarray) and x.ndim:
            if x.dtype == object:
                return one_by_one(op, tuple([_boxed(v) if isinstance(v, Value) else v for v in operands]))
            return hooks.elementwise(op, operands)
    return record(op, operands)


def record(op: Primitive, operands: tuple[Any, ...]) -> Value:
    """Compute a primitive of any number of operands and record it."""
    checked = tuple([x if type(x) is float or isinstance(x, Value) else _operand(x) for x in operands])
    for given, operand in zip(operands, checked, strict=True):
        if operand is NotImplemented:
            _refuse(given)
    data, (slopes, selects) = _evaluate(op, checked, [number_of(x) for x in checked])
    node: Value = _bare(op, data)
    node._connect(op, checked, slopes, selects)
    if _listeners:
        _announce(node)
    return node


def _evaluate(
    op: Primitive, operands: tuple[Operand, ...], numbers: list[float]
) -> tuple[float, tuple[list[float], bool]]:
    """The value of a primitive at these numbers, its local derivative in each operand, 0 in constants, and ``selects``.

    The last is whether an operand whose local derivative is 0 is not used: on a kink, 0 is a convention.
    """
    try:
        data = float(op.formula(*numbers))
    except (ArithmeticError, ValueError) as error:
        watcher = current()
        if watcher is None or not watcher.only_form:
            raise evaluation_error(error, _reason(error, op, operands, numbers)) from None
        data = float("nan")
    try:
        slopes = _slopes(op, operands, numbers, data)
    except (ArithmeticError, ValueError):
        # Where Python's arithmetic raises an error, as for the slope 0.5 / 0 of sqrt at 0, take the IEEE result.
        with np.errstate(all="ignore"):
            slopes = _slopes(op, operands, [np.float64(x) for x in numbers], np.float64(data))
    return data, ([float(slope) for slope in slopes], op.selects and not op.on_kink(numbers))


def _is_as_computed(node: Scalar, operands: tuple[Operand, ...], slopes: Sequence[Operand]) -> bool:
    """Whether a node and its operands still have the numbers with which the node was computed.

    A node does not keep what it read.  So its local derivatives, which a recorded sweep has just computed from the
    operands, are compared with those that it has kept; and its value, if one of them can be differentiated again.
    """
    constant = True
    for slope, kept in zip(slopes, node.slopes, strict=True):
        if not _is_close(number_of(slope), kept):
            return False
        constant = constant and not isinstance(slope, Value)
    if constant or node._op is None:
        return True
    try:
        return _is_close(float(node._op.formula(*map(number_of, operands))), node._data)
    except (ArithmeticError, ValueError):
        return node._data != node._data


@cython.cfunc
@cython.inline
def _is_close(x: cython.double, y: cython.double) -> cython.bint:
    """Whether two numbers are equal but for rounding; nan equals nan."""
    return x == y or (x != x and y != y) or abs(x - y) <= 1e-9 * min(abs(x), abs(y))


def _refuse_changed(op: Any, operands: tuple[Operand, ...]) -> NoReturn:
    names = [repr(x.label) if x.label else repr(x) for x in operands if isinstance(x, Value)]
    raise RuntimeError(
        f"the data of {' or '.join(names)}, or of the result, was written to after {op.name} had used it: compute the "
        "output again before a sweep that is recorded"
    )


def _slopes(op: Primitive, operands: tuple[Operand, ...], arguments: Sequence[Any], out: Any) -> list[Any]:
    """The local derivative in each operand at ``arguments``, 0 in constants."""
    if op.variadic:
        slopes = op.slopes(arguments, out)
        return [slope if isinstance(operand, Value) else 0.0 for operand, slope in zip(operands, slopes, strict=True)]
    if op.finite_outside and number_of(out) != number_of(out):  # the slope of nan is nan again, to every order
        return [out if isinstance(operand, Value) else 0.0 for operand in operands]
    return [
        partial(*arguments, out) if isinstance(operand, Value) else 0.0
        for operand, partial in zip(operands, op.partials, strict=True)
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Nodes with many operands
# ---------------------------------------------------------------------------------------------------------------------


@cython.no_gc
@cython.final
@cython.cclass
class _Edges:
    """The operands of a node that has more than two, and its local derivative in each of them."""

    __slots__ = ("operands", "slopes")
    operands: tuple  # type: ignore[type-arg]  # Cython knows no tuple[Any, ...]
    slopes: cython.p_double

    def __dealloc__(self) -> None:
        if cython.compiled:
            PyMem_Free(self.slopes)


@cython.cfunc
def _new_edges(operands: tuple[Any, ...]) -> _Edges:
    edges: _Edges = _Edges.__new__(_Edges)
    edges.operands = operands
    if cython.compiled:
        edges.slopes = cython.cast(cython.p_double, PyMem_Malloc(8 * len(operands)))
        if not edges.slopes:
            raise MemoryError
    else:
        edges.slopes = [0.0] * len(operands)
    return edges


def dot(xs: Iterable[Any], ys: Iterable[Any]) -> Any:
    """The inner product Σ xᵢ yᵢ of two sequences of equal length, as a single node.

    Raises:
        ValueError: if the lengths differ.

    >>> w, x = Value(2.0), Value(3.0)
    >>> dot([w, w], [x, 4.0])
    Value(14.0, op=dot)
    """
    xs, ys = _sequence(xs), _sequence(ys)
    _same_length("dot", xs, ys)
    return rules.dot_product(*xs, *ys)


@overload
def affine(weights: Iterable[float], inputs: Iterable[float], bias: float) -> float: ...  # type: ignore[overload-overlap]


@overload
def affine(weights: Iterable[Value | Number], inputs: Iterable[Value | Number], bias: Value | Number) -> Value: ...


@overload
def affine(weights: Iterable[Any], inputs: Iterable[Any], bias: Any) -> Any: ...


def affine(weights: Iterable[Any], inputs: Iterable[Any], bias: Any) -> Any:
    """The affine combination Σ wᵢ xᵢ + b, which a neuron computes before its activation, as a single node.

    Raises:
        ValueError: if there are not as many weights as inputs.

    >>> w, b = Value(2.0), Value(-1.0)
    >>> affine([w], [3.0], b)
    Value(5.0, op=affine)
    """
    weights, inputs = _sequence(weights), _sequence(inputs)
    _same_length("affine", weights, inputs)
    operands = (*weights, *inputs, bias)
    if len(operands) < 3 or not _are_plain(operands):
        return rules.affine_map(*operands)
    if cython.compiled:  # a tuple of numbers and Values is never part of a cycle
        PyObject_GC_UnTrack(operands)
    node: Value = _bare(_affine_map, 0.0)
    node._edges = _new_edges(operands)
    node._data = _affine_value(node._edges)
    if _listeners:
        _announce(node)
    return node


@cython.cfunc
def _sequence(xs: Any) -> Any:
    return xs if isinstance(xs, (list, tuple)) else tuple(xs)


@cython.cfunc
def _same_length(name: str, first: Any, second: Any) -> Any:
    if len(first) != len(second):
        raise ValueError(f"{name} needs two sequences of equal length, but got {len(first)} and {len(second)} numbers")


@cython.cfunc
def _are_plain(operands: tuple[Any, ...]) -> cython.bint:
    """Whether all operands are Values and floats, and one of them is a Value."""
    values: cython.bint = False
    for x in operands:
        if type(x) is Value:
            values = True
        elif type(x) is not float:
            return False
    return values


# ---------------------------------------------------------------------------------------------------------------------
# Compiled: the backward sweep of a graph of Values alone
# ---------------------------------------------------------------------------------------------------------------------

_LISTED = cython.declare(cython.int, -1)
_REACHED = cython.declare(cython.int, -2)


@cython.cfunc
def _swept(output: Scalar, seed: cython.double) -> cython.bint:
    """The sweep of :mod:`autograd.core.sweep`, step by step, but with its state in the nodes instead of dicts.

    No other code runs in between, so nobody sees the state.  Returns whether it was possible; if the graph contains
    anything but Values, or a leaf has a recorded gradient, it was not, and nothing has changed.
    """
    order: list[Value] = []
    node: Value
    i: cython.Py_ssize_t
    if not _list_parents_first(output, order, True):
        return False
    output._arrived = seed
    output._visit = _REACHED if seed != 0.0 else _LISTED  # a seed of 0 sends nothing
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        if node._visit == _REACHED:
            _send_gradient(node)
        node._visit = 0
        if node._op is None and node._grad is not None:
            node._adjoint += node._arrived
        else:
            node._grad = _IS_NUMBER
            node._adjoint = node._arrived
    return True


def _assign(nodes: list[Any], numbers: list[float]) -> None:
    """Assign to the ``data`` of Values; compiled, without running any Python in between."""
    node: Value
    for i in range(len(nodes)):
        node = nodes[i]
        node._data = numbers[i]


def data_of(nodes: Sequence[Any]) -> list[Any]:
    """The ``data`` of each of these nodes; those of Values without telling an observer.

    >>> data_of([Value(1.0), Value(2.0)])
    [1.0, 2.0]
    """
    found: list[Any] = []
    node: Value
    for x in nodes:
        if isinstance(x, Value):
            node = x
            found.append(node._data)
        else:
            found.append(x.data)
    return found


def gradients_of(nodes: Sequence[Any]) -> list[Any]:
    """The ``grad`` of each of these nodes.

    >>> gradients_of([Value(1.0)])
    [None]
    """
    found: list[Any] = []
    node: Value
    for x in nodes:
        if type(x) is Value and not _watchers:
            node = x
            found.append(node._adjoint if node._grad is _IS_NUMBER else node._grad)
        else:
            found.append(x.grad)
    return found


def with_gradient(nodes: Sequence[Any]) -> list[Any]:
    """Those of these nodes whose ``grad`` is not ``None``.

    >>> with_gradient([Value(1.0)])
    []
    """
    node: Value
    found: list[Any] = []
    for x in nodes:
        if type(x) is Value and not _watchers:
            node = x
            if node._grad is not None:
                found.append(x)
        elif x.grad is not None:
            found.append(x)
    return found


def receive_numbers(values: Sequence[Any], gradients: Sequence[float]) -> bool:
    """What :func:`autograd.core.sweep.receive` does, for leaves and numbers.  Returns whether it was possible."""
    node: Value
    gradient: cython.double
    if not cython.compiled:
        return False
    for x in values:
        if type(x) is not Value:
            return False
        node = x
        if node._op is not None or _is_recorded(node):
            return False
    for x, number in zip(values, gradients, strict=True):
        node, gradient = x, number
        node._adjoint = gradient if node._grad is None else node._adjoint + gradient
        node._grad = _IS_NUMBER
    return True


# ---------------------------------------------------------------------------------------------------------------------
# Compiled: recorded gradients that only their own graph refers to
# ---------------------------------------------------------------------------------------------------------------------

# A leaf whose gradient is a Value is part of a cycle: the gradient was computed from the leaf.  Python's collector does
# not see compiled Values, so these leaves are remembered, and examined as it would.

_holders: list[Value] = cython.declare(list, [])  # since the last examination: leaves that got such a gradient
_kept_holders: list[Value] = cython.declare(list, [])  # those that were in use then
_ENOUGH = cython.declare(cython.int, 1000)


def free_cycles() -> int:
    """Free the recorded gradients that nothing refers to but their own graphs; ``gc.collect`` calls this too.

    Returns:
        How many leaves had such a gradient.
    """
    leaf: Value
    leaves = list({leaf: None for leaf in (*_kept_holders, *_holders) if _is_recorded(leaf)})
    _holders.clear()
    _kept_holders.clear()
    if not leaves:
        return 0
    nodes: list[Value] = []
    inside: dict[int, int] = {}  # how often the nodes refer to each of them
    waiting: list[Any] = list(leaves)
    while waiting:
        node = waiting.pop()
        if id(node) not in inside:
            inside[id(node)] = 0
            nodes.append(node)
            waiting += _referred(node)
    for node in nodes:
        for other in _referred(node):
            inside[id(other)] += 1
    for node in leaves:
        inside[id(node)] += 1  # by the list of leaves
    del node, other
    probe = [Value(0.0)]
    [none] = [sys.getrefcount(node) for node in probe]
    used = [node for node in nodes if sys.getrefcount(node) > none + inside[id(node)]]
    alive: set[int] = set()
    while used:
        node = used.pop()
        if id(node) not in alive:
            alive.add(id(node))
            used += _referred(node)
    for leaf in leaves:
        if id(leaf) in alive:
            _kept_holders.append(leaf)
        else:
            leaf._grad = None
    return len(leaves) - len(_kept_holders)


def _referred(node: Value) -> list[Value]:
    """The Values that a Value refers to, except through a tuple of operands that something else refers to as well."""
    found = [x for x in (node._x, node._y, node._grad) if type(x) is Value]
    if node._edges is not None and sys.getrefcount(node._edges) <= 2 and sys.getrefcount(node._edges.operands) <= 2:
        found += [x for x in node._edges.operands if type(x) is Value]
    return found


if cython.compiled:
    gc.callbacks.append(lambda phase, info: free_cycles() if phase == "start" and info["generation"] == 2 else None)


def ordered(output: Any) -> list[Value] | None:
    """The topological order of :mod:`autograd.core.sweep`; ``None`` if it must find it itself."""
    return parents_first([output]) if type(output) is Value else None


def _adjoints(order: Any, seeds: Any) -> Any:
    """What :func:`autograd.core.sweep.adjoints` finds, for a graph of Values and a number; ``None`` for others."""
    node: Value
    found: dict[Any, Any] = {}
    if type(order) is not list or len(seeds) != 1 or not _are_values(order):
        return None
    [(output, seed)] = seeds.items()
    if not order or output is not order[-1] or type(seed) is not float or seed == 0.0:  # a seed of 0 may send nothing
        return None
    try:
        _send_back(order, seed)
        for i in range(len(order)):
            node = order[i]
            found[node] = node._arrived if node._visit == _REACHED else None
    finally:
        _forget(order)
    return found


def derivative(order: list[Any], x: Any) -> float:
    """The derivative of the last node of a topological order with respect to ``x``, as :func:`adjoints` finds it.

    >>> x = Value(3.0)
    >>> derivative([x, x * x], x)
    6.0
    """
    node: Value
    if not cython.compiled or type(x) is not Value or not _are_values(order):
        return adjoints(order).get(x) or 0.0
    node = x
    try:
        _send_back(order, 1.0)
        return node._arrived + 0.0 if node._visit == _REACHED else 0.0  # no -0.0
    finally:
        _forget(order)


@cython.cfunc
def _send_back(order: list[Any], seed: cython.double) -> cython.void:
    """Sweep back over a topological order of Values.  What has arrived at each of them is kept until it is forgotten.

    No other code runs meanwhile, so nobody sees it.
    """
    node: Value
    i: cython.Py_ssize_t
    for i in range(len(order)):
        node = order[i]
        node._visit = _LISTED
        node._arrived = 0.0
    node._visit = _REACHED
    node._arrived = seed
    for i in range(len(order) - 1, -1, -1):
        node = order[i]
        if node._visit == _REACHED:
            _send_gradient(node)


@cython.cfunc
def _forget(order: list[Any]) -> cython.void:
    node: Value
    for i in range(len(order)):
        node = order[i]
        node._visit = 0


if cython.compiled:
    orders.append(ordered)
    sweeps.append(_adjoints)


@cython.cfunc
def _copied(output: Scalar, memo: dict[int, Any]) -> Any:
    """What :func:`autograd.core.copies.copied` does, outside of a transform."""
    waiting: list[Any] = [output]
    node: Value
    while waiting:
        top = waiting.pop()
        if top is None:  # all operands of the node below it on the stack have been copied
            node = waiting.pop()
            memo[_id(node)] = _copy(node, memo)
        elif _id(top) in memo:
            continue
        elif type(top) is not Value:
            copied(top, memo)
        else:
            node = top
            waiting.append(node)
            waiting.append(None)
            if node._edges is not None:
                waiting.extend([x for x in reversed(node._edges.operands) if type(x) is not float])
            else:
                if node._y is not None and type(node._y) is not float:
                    waiting.append(node._y)
                if node._x is not None and type(node._x) is not float:
                    waiting.append(node._x)
    return memo[_id(output)]


@cython.cfunc
@cython.inline
def _id(x: Any) -> Any:
    return cython.cast(cython.Py_ssize_t, cython.cast(cython.p_void, x))


@cython.cfunc
def _copy(node: Value, memo: dict[int, Any]) -> Value:
    """A copy of a node whose operands have been copied."""
    copy: Value = _bare(node._op, node._data)
    copy._adjoint, copy._grad, copy._label, copy._selects = node._adjoint, node._grad, node._label, node._selects
    copy._x, copy._y, copy._dx, copy._dy = _copy_of(node._x, memo), _copy_of(node._y, memo), node._dx, node._dy
    if node._edges is not None:
        operands: tuple[Any, ...] = node._edges.operands
        copy._edges = _new_edges(tuple([_copy_of(x, memo) for x in operands]))
        for i in range(len(operands)):
            copy._edges.slopes[i] = node._edges.slopes[i]
    if node._op is None:
        _count(-1)
    return copy


@cython.cfunc
@cython.inline
def _copy_of(operand: Any, memo: dict[int, Any]) -> Any:
    return operand if operand is None or type(operand) is float else memo[_id(operand)]


_OPERATORS = {"add": add, "subtract": sub, "multiply": mul, "divide": truediv, "power": pow}
_MAKERS: dict[Any, Any] = cython.declare(dict, {})  # what computes a row fastest: an operator, or the row itself


@cython.cfunc
def _refreshed(output: Scalar) -> cython.bint:
    """What :func:`autograd.core.sweep.refresh` does, by recording the graph once more.

    Returns whether it was possible; if not, nothing has changed.
    """
    node: Value
    made: Value
    if _listeners or _open_scopes:
        return False
    order = ordered(output)
    if order is None:
        return False
    fresh: dict[Any, Any] = {}
    try:
        for node in order:
            if node._op is None:
                fresh[node] = Value(node._data)
                continue
            maker = _MAKERS.get(node._op)
            if maker is None:
                maker = _MAKERS[node._op] = _OPERATORS.get(node._op.name, node._op)
            if node._edges is not None:
                result = maker(*[fresh[x] if isinstance(x, Value) else x for x in node._edges.operands])
            elif node._y is None:
                result = maker(fresh[node._x])
            else:
                x, y = node._x, node._y
                result = maker(fresh[x] if isinstance(x, Value) else x, fresh[y] if isinstance(y, Value) else y)
            if type(result) is not Value or cython.cast(Value, result)._op is not node._op:
                return False
            fresh[node] = result
    except (ArithmeticError, ValueError):  # the usual way says at which nodes
        return False
    for node in order:
        if node._op is not None:
            made = fresh[node]
            node._data, node._dx, node._dy, node._selects = made._data, made._dx, made._dy, made._selects
            if node._edges is not None and made._edges is not None:
                made._edges.operands = node._edges.operands
                node._edges = made._edges
    return True


@cython.cfunc
def _list_parents_first(output: Scalar, order: list[Value], for_numbers: cython.bint) -> cython.bint:
    """The topological order of :mod:`autograd.core.sweep`; ``_visit`` counts the edges of a node seen so far.

    Returns whether it was possible: there are only Values, and ``for_numbers``, no leaf has a recorded gradient.
    """
    stack: list[Value]
    node: Value
    parent: Value
    if type(output) is not Value:
        return False
    stack = [output]
    output._visit = 1
    while stack:
        node = stack[-1]
        operand = _next_operand(node)
        if operand is None and not (for_numbers and node._op is None and _is_recorded(node)):
            node._visit = _LISTED
            node._arrived = 0.0
            order.append(node)
            stack.pop()
        elif type(operand) is Value:
            parent = cython.cast(Value, operand)
            parent._visit = 1
            stack.append(parent)
        else:
            for node in stack + order:
                node._visit = 0
            return False
    return True


@cython.cfunc
@cython.inline
def _is_recorded(node: Value) -> cython.bint:
    """Whether the gradient is a Value."""
    return node._grad is not None and node._grad is not _IS_NUMBER


@cython.cfunc
@cython.boundscheck(False)
@cython.wraparound(False)
def _next_operand(node: Value) -> Any:
    """The next operand of a node that is neither a number nor listed; ``None`` if there are no more."""
    edges = node._edges
    if edges is not None:
        operands: tuple[Any, ...] = edges.operands
        while node._visit <= len(operands):
            node._visit += 1
            if _is_ahead(operands[node._visit - 2]):
                return operands[node._visit - 2]
        return None
    if node._visit == 1:
        node._visit = 2
        if _is_ahead(node._x):
            return node._x
    if node._visit == 2:
        node._visit = 3
        if _is_ahead(node._y):
            return node._y
    return None


@cython.cfunc
@cython.inline
def _is_ahead(operand: Any) -> cython.bint:
    """Whether the sweep has yet to visit an operand."""
    if type(operand) is Value:
        node: Value = cython.cast(Value, operand)
        return node._visit == 0
    return operand is not None and type(operand) is not float


@cython.cfunc
@cython.inline
@cython.boundscheck(False)
@cython.wraparound(False)
@cython.exceptval(check=False)
def _send_gradient(node: Value) -> cython.void:
    """Send along each edge the gradient times the local derivative, as :meth:`Value.pull` does."""
    i: cython.Py_ssize_t
    edges = node._edges
    if edges is not None:
        operands: tuple[Any, ...] = edges.operands
        for i in range(len(operands)):
            _send(node, operands[i], edges.slopes[i])
    else:
        _send(node, node._x, node._dx)
        _send(node, node._y, node._dy)


@cython.cfunc
@cython.inline
@cython.exceptval(check=False)
def _send(node: Value, operand: Any, slope: cython.double) -> cython.void:
    if type(operand) is not Value or (slope == 0.0 and node._selects):
        return
    parent: Value = cython.cast(Value, operand)
    if parent._visit == _LISTED:
        parent._visit = _REACHED
        parent._arrived = node._arrived * slope
    else:
        parent._arrived += node._arrived * slope


# ---------------------------------------------------------------------------------------------------------------------
# Graphs of Values as columns of numbers
# ---------------------------------------------------------------------------------------------------------------------


def wired(order: list[Any], all_live: bool = False) -> Wiring:
    """The edges of a topological order, as :func:`autograd.core.columns.wiring` finds them, found faster."""
    return _wired(order, None, all_live) if _are_values(order) else wiring(order, all_live)


@cython.cfunc
def _are_values(order: list[Any]) -> cython.bint:
    for node in order:  # noqa: SIM110 (without a generator)
        if type(node) is not Value:
            return False
    return True


@cython.cfunc
def _wired(order: list[Any], constants: list[float] | None, all_live: cython.bint) -> Wiring:
    """The edges of a topological order of Values; with a list for the constants, constant k is the parent -1 - k.

    Compiled, the nodes are numbered in themselves.  No other code runs meanwhile, so nobody sees it.
    """
    node: Value
    i: cython.int
    k: cython.int
    e: cython.int = 0
    for i in range(len(order)):
        node = order[i]
        e += _count_operands(node)
    columns = array("i", [0]) * (len(order) + 1), array("i", [0]) * e, array("d", [0]) * e, array("b", [0]) * e
    starts: cython.p_int = ints(columns[0])
    parents: cython.p_int = ints(columns[1])
    slopes: cython.p_double = doubles(columns[2])
    live: cython.p_char = chars(columns[3])
    known: dict[int, int] = {}  # the constants that have been met, by their ids
    places: dict[Any, int] = {} if cython.compiled else {node: i for i, node in enumerate(order)}
    try:
        e = 0
        for i in range(len(order)):
            node = order[i]
            if cython.compiled:
                node._visit = i
            for k in range(_count_operands(node)):
                x = _operand_at(node, k)
                if type(x) is Value:
                    parents[e] = cython.cast(Value, x)._visit if cython.compiled else places[x]
                else:
                    parents[e] = -1 if constants is None else -1 - _number_constant(x, constants, known)
                slopes[e] = _slope_at(node, k)
                live[e] = all_live or slopes[e] != 0.0 or not node._selects
                e += 1
            starts[i + 1] = e
    finally:
        if cython.compiled:
            _forget(order)
    return Wiring(*columns)


@cython.cfunc
@cython.inline
def _count_operands(node: Value) -> cython.int:
    if node._edges is not None:
        return len(node._edges.operands)
    return 0 if node._x is None else 1 if node._y is None else 2


@cython.cfunc
@cython.inline
def _operand_at(node: Value, k: cython.int) -> Any:
    if node._edges is not None:
        return node._edges.operands[k]
    return node._x if k == 0 else node._y


@cython.cfunc
@cython.inline
def _slope_at(node: Value, k: cython.int) -> cython.double:
    if node._edges is not None:
        return node._edges.slopes[k]
    return node._dx if k == 0 else node._dy


@cython.cfunc
def _number_constant(x: Any, constants: list[float], known: dict[int, int]) -> cython.int:
    """The number of a constant; one that is an operand of many nodes has one number."""
    number = known.get(id(x))
    if number is None:
        number = known[id(x)] = len(constants)
        constants.append(x)
    return number


def _packed(order: list[Any]) -> tuple[Any, ...]:
    """A topological order of Values as a few columns, in place of an object for each node.

    Leaves stay as they are, so that graphs that are pickled together share them.
    """
    node: Value
    i: cython.int
    constants: list[float] = []
    edges = _wired(order, constants, True).columns[:3]
    columns = array("i", [0]) * len(order), array("b", [0]) * len(order), *(array("d", [0]) * len(order) for _ in "xx")
    rows: cython.p_int = ints(columns[0])
    marks: cython.p_char = chars(columns[1])
    data: cython.p_double = doubles(columns[2])
    gradients: cython.p_double = doubles(columns[3])
    leaves: list[Value] = []
    numbers: dict[Primitive, int] = {}  # of the rows
    labels: dict[int, str] = {}
    for i in range(len(order)):
        node = order[i]
        if node._op is None:
            leaves.append(node)
            rows[i] = -1
            continue
        rows[i] = numbers.setdefault(node._op, len(numbers))
        data[i] = node._data
        marks[i] = _SELECTS if node._selects else 0
        if node._grad is not None:
            gradients[i] = node._held()
            marks[i] |= _HAS_GRADIENT
        if node._label is not None:
            labels[i] = node._label
    return leaves, list(numbers), labels, *columns, *edges, array("d", constants)


def _unpacked(leaves: list[Value], ops: list[Primitive], labels: dict[int, str], *columns: array[Any]) -> Value:
    """The last node of such columns.

    Raises:
        ValueError: if they do not fit together.
    """
    i: cython.int
    e: cython.int
    node: Value
    if not _fit_together(leaves, ops, labels, columns):
        raise ValueError("the pickle of a graph is damaged")
    rows: cython.p_int = ints(columns[0])
    marks: cython.p_char = chars(columns[1])
    data: cython.p_double = doubles(columns[2])
    gradients: cython.p_double = doubles(columns[3])
    starts: cython.p_int = ints(columns[4])
    parents: cython.p_int = ints(columns[5])
    slopes: cython.p_double = doubles(columns[6])
    constants: list[Any] = list(columns[7])  # objects: what was one constant stays one
    waiting = iter(leaves)
    nodes: list[Value] = []
    for i in range(len(columns[0])):
        if rows[i] < 0:
            nodes.append(next(waiting))
            continue
        node = _bare(ops[rows[i]], data[i])
        operands: list[Any] = []
        for e in range(starts[i], starts[i + 1]):
            operands.append(nodes[parents[e]] if parents[e] >= 0 else constants[-1 - parents[e]])
        _join(node, operands, slopes, starts[i])
        node._selects = marks[i] & _SELECTS != 0
        if marks[i] & _HAS_GRADIENT:
            node._grad, node._adjoint = _IS_NUMBER, gradients[i]
        nodes.append(node)
    for place, label in labels.items():
        nodes[place].label = label
    return nodes[-1]


@cython.cfunc
def _join(node: Value, operands: list[Any], slopes: cython.p_double, first: cython.int) -> cython.void:
    """Connect a node to its operands, whose slopes begin at the place ``first`` of a column."""
    k: cython.int
    if len(operands) > 2:
        node._edges = _new_edges(tuple(operands))
        for k in range(len(operands)):
            node._edges.slopes[k] = slopes[first + k]
        return
    if len(operands) > 0:
        node._x, node._dx = operands[0], slopes[first]
    if len(operands) > 1:
        node._y, node._dy = operands[1], slopes[first + 1]


def _fit_together(leaves: list[Any], ops: list[Any], labels: dict[Any, Any], columns: tuple[Any, ...]) -> bool:
    """Whether columns describe a graph, so that no number in them leads out of it."""
    i: cython.int
    e: cython.int
    if [type(x) is array and x.typecode for x in columns] != list("ibddiidd"):
        return False
    if not _are_values(leaves) or not all(isinstance(op, Primitive) for op in ops):
        return False
    nodes: cython.int = len(columns[0])
    edges: cython.int = len(columns[5])
    if not nodes or [len(x) for x in columns[1:7]] != [nodes, nodes, nodes, nodes + 1, edges, edges]:
        return False
    if not all(place in range(len(columns[0])) for place in labels):
        return False
    rows: cython.p_int = ints(columns[0])
    starts: cython.p_int = ints(columns[4])
    parents: cython.p_int = ints(columns[5])
    constants: cython.int = len(columns[7])
    missing: cython.int = len(leaves)
    for i in range(nodes):
        missing -= rows[i] < 0
        if not (rows[i] < len(ops) and 0 <= starts[i] <= starts[i + 1] <= edges):
            return False
        for e in range(starts[i], starts[i + 1]):
            if not -constants <= parents[e] < i:
                return False
    return missing == 0


_HAS_GRADIENT = cython.declare(cython.int, 1)
_SELECTS = cython.declare(cython.int, 2)


# ---------------------------------------------------------------------------------------------------------------------
# Compiled: freeing long chains without recursion
# ---------------------------------------------------------------------------------------------------------------------

_doomed: list[Any] = cython.declare(list, [])
_freeing = cython.declare(cython.bint, False)


@cython.cfunc
@cython.inline
def _free_later(operand: Any) -> cython.void:
    """Keep an operand of a node that is being freed alive until it can be freed without recursion."""
    if type(operand) is not float:
        _doomed.append(operand)


@cython.cfunc
def _free_doomed() -> cython.void:
    """Free them one after the other; each adds its own operands to the list."""
    global _freeing
    if not _freeing:
        _freeing = True
        while _doomed:
            _doomed.pop()
        _freeing = False


# ---------------------------------------------------------------------------------------------------------------------
# Compiled: keeping memory for the next graph
# ---------------------------------------------------------------------------------------------------------------------

# Python gives memory back to the system when an arena of it, a megabyte, is empty.  The next graph would ask for it
# again, page by page, which takes longer than making its nodes.  So where many nodes were alive at once, one idle node
# in each arena keeps it; other objects can use the rest.

_STEP = cython.declare(cython.Py_ssize_t, 4096)  # nodes, about half an arena
_MOST_IDLE = cython.declare(cython.Py_ssize_t, 1024 if getattr(sys, "_is_gil_enabled", lambda: True)() else 0)
_idle: list[Any] = cython.declare(list, [])
_alive = cython.declare(cython.Py_ssize_t, 0)  # nodes that have operands
_mark = cython.declare(cython.Py_ssize_t, 4096)  # the next number of them at which an idle one is made


@cython.cfunc
@cython.inline
def _count(change: cython.int) -> cython.void:
    """Count the nodes that are alive."""
    global _alive
    _alive += change
    if _alive > _mark:
        _keep_arena()


@cython.cfunc
def _keep_arena() -> cython.void:
    global _mark
    _mark += _STEP
    if len(_idle) < _MOST_IDLE:
        _idle.append(Value.__new__(Value))


def _restored_leaf(data: Any, label: Any, grad: Any) -> Value:
    leaf = Value(data, label)
    leaf._hold(grad)
    return leaf


# ---------------------------------------------------------------------------------------------------------------------
# Numbers in, clear errors out
# ---------------------------------------------------------------------------------------------------------------------


@cython.cfunc
def _operand(x: Any) -> Any:
    """A Value as it is, a real number as a float, anything else as ``NotImplemented``."""
    if type(x) is float:
        return x
    if type(x) is int:
        return float(x)
    if isinstance(x, (Value, float)):
        return x if isinstance(x, Value) else float(x)
    if isinstance(x, (Real, np.bool_)) or (isinstance(x, np.ndarray) and x.ndim == 0 and x.dtype.kind in "biuf"):
        return float(x)
    array = foreign_array(x)
    return NotImplemented if array is NotImplemented or array.ndim or array.dtype.kind not in "biuf" else float(array)


def _with_array(op: Primitive, left: Any, right: Any) -> Any:
    """An operation with an array of another library; ``NotImplemented`` for anything else, whose operator may know."""
    operands = [x if isinstance(x, Value) else foreign_array(x) for x in (left, right)]
    return NotImplemented if any(x is NotImplemented for x in operands) else op(*operands)


def _boxed(value: Value) -> Any:
    """A Value in an array without axes, which NumPy treats like any other object."""
    box = np.empty((), object)
    box[()] = value
    return box


@cython.ccall
def number_of(x: Any) -> cython.double:
    """The number of a Value, without telling an observer; a plain number as it is."""
    if isinstance(x, Value):
        value: Value = x
        return value._data
    return float(x)


def parents_first(outputs: Sequence[Value]) -> list[Value] | None:
    """The topological order of :mod:`autograd.core.sweep`, found faster; ``None`` unless all nodes are Values."""
    order: list[Value] = []
    node: Value
    if not cython.compiled:
        return plain_sweep.parents_first(outputs)
    for output in outputs:
        node = output
        if node._visit == 0 and not _list_parents_first(node, order, False):
            return None
    for node in order:
        node._visit = 0
    return order


def _number(x: Any) -> float:
    if type(x) is float:
        return x
    if isinstance(x, Value):
        raise TypeError("a Value holds a plain number, not another Value: use the Value itself, or its .data")
    plain = _operand(x)
    if plain is NotImplemented:
        _refuse(x)
    return float(plain)


def _refuse(x: Any) -> NoReturn:
    if isinstance(x, (np.ndarray, list, tuple)):
        shape = np.shape(x)
        raise TypeError(f"a Value holds one number, not an array of shape {shape}: use a Tensor for arrays")
    raise TypeError(f"a Value takes a real number, not {type(x).__name__} ({x!r})")


def _reason(error: Exception, op: Primitive, operands: tuple[Operand, ...], numbers: list[float]) -> str:
    """The error of Python's arithmetic, and the operands that caused it, by their labels where they have some.

    Constants stand in the formula: ``divide: division by zero in 1.0 / x at x = 0.0``.
    """
    labels = [printable(x.label, None) if isinstance(x, Value) and x.label else None for x in operands]
    shown = [repr(number) for number in numbers]  # the names of the operands, else their numbers
    for i, operand in enumerate(operands):
        name = labels[i] or (op.parameters[i] if op.parameters else f"x{i}")
        if isinstance(operand, Value) and (labels[i] or name not in labels):
            shown[i] = name
    where = [f"{name} = {number!r}" for name, number in zip(shown, numbers, strict=True) if name != repr(number)]
    kind = "overflow" if isinstance(error, OverflowError) else str(error).removeprefix("float ")
    place = "" if len(where) == len(shown) else f" in {_written(op, shown)}"
    return f"{op.name}: {kind}{place} at {', '.join(dict.fromkeys(where))}"


def _written(op: Primitive, operands: list[str]) -> str:
    if len(operands) == 2 and set(op.symbol) <= set("+-*/%"):
        return f" {op.symbol} ".join(operands)
    return f"{op.name}({', '.join(operands)})"


# ---------------------------------------------------------------------------------------------------------------------
# Generated: the operators and functions of Value
# ---------------------------------------------------------------------------------------------------------------------

# <generated from the table by `python -m autograd.generate`: change the table, not what follows>
_add = cython.declare(object, rules.add)
_subtract = cython.declare(object, rules.subtract)
_multiply = cython.declare(object, rules.multiply)
_divide = cython.declare(object, rules.divide)
_power = cython.declare(object, rules.power)
_mod = cython.declare(object, rules.mod)
_floor_divide = cython.declare(object, rules.floor_divide)
_positive = cython.declare(object, rules.positive)
_negative = cython.declare(object, rules.negative)
_absolute = cython.declare(object, rules.absolute)
_affine_map = cython.declare(object, rules.affine_map)
_square = cython.declare(object, rules.square)
_reciprocal = cython.declare(object, rules.reciprocal)
_sqrt = cython.declare(object, rules.sqrt)
_exp = cython.declare(object, rules.exp)
_expm1 = cython.declare(object, rules.expm1)
_log = cython.declare(object, rules.log)
_log1p = cython.declare(object, rules.log1p)
_log2 = cython.declare(object, rules.log2)
_log10 = cython.declare(object, rules.log10)
_sin = cython.declare(object, rules.sin)
_cos = cython.declare(object, rules.cos)
_tan = cython.declare(object, rules.tan)
_arcsin = cython.declare(object, rules.arcsin)
_arccos = cython.declare(object, rules.arccos)
_arctan = cython.declare(object, rules.arctan)
_sinh = cython.declare(object, rules.sinh)
_cosh = cython.declare(object, rules.cosh)
_tanh = cython.declare(object, rules.tanh)
_sech = cython.declare(object, rules.sech)
_arccosh = cython.declare(object, rules.arccosh)
_arctanh = cython.declare(object, rules.arctanh)
_sigmoid = cython.declare(object, rules.sigmoid)
_softplus = cython.declare(object, rules.softplus)
_relu = cython.declare(object, rules.relu)
_softsign = cython.declare(object, rules.softsign)
_silu = cython.declare(object, rules.silu)
_erf = cython.declare(object, rules.erf)
_erfc = cython.declare(object, rules.erfc)
_gelu = cython.declare(object, rules.gelu)


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

    def __add__(self, other: Value | Number) -> Value:
        x: cython.double = self._data
        y: cython.double
        if isinstance(other, Value):
            v: Value = other
            y = v._data
            return _node(_add, x + y, self, v, 1.0, 1.0)
        number = _operand(other)
        if number is NotImplemented:
            return _with_array(_add, self, other)  # type: ignore[no-any-return]
        y = number
        return _node(_add, x + y, self, number, 1.0, 0.0)

    def __radd__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if type(number) is not float:  # NotImplemented, or a Value whose own operator has declined
            return _with_array(_add, other, self)  # type: ignore[no-any-return]
        x: cython.double = number
        y: cython.double = self._data
        return _node(_add, x + y, number, self, 0.0, 1.0)

    def __sub__(self, other: Value | Number) -> Value:
        x: cython.double = self._data
        y: cython.double
        if isinstance(other, Value):
            v: Value = other
            y = v._data
            return _node(_subtract, x - y, self, v, 1.0, -1.0)
        number = _operand(other)
        if number is NotImplemented:
            return _with_array(_subtract, self, other)  # type: ignore[no-any-return]
        y = number
        return _node(_subtract, x - y, self, number, 1.0, 0.0)

    def __rsub__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if type(number) is not float:  # NotImplemented, or a Value whose own operator has declined
            return _with_array(_subtract, other, self)  # type: ignore[no-any-return]
        x: cython.double = number
        y: cython.double = self._data
        return _node(_subtract, x - y, number, self, 0.0, -1.0)

    def __mul__(self, other: Value | Number) -> Value:
        x: cython.double = self._data
        y: cython.double
        if isinstance(other, Value):
            v: Value = other
            y = v._data
            return _node(_multiply, x * y, self, v, y, x)
        number = _operand(other)
        if number is NotImplemented:
            return _with_array(_multiply, self, other)  # type: ignore[no-any-return]
        y = number
        return _node(_multiply, x * y, self, number, y, 0.0)

    def __rmul__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if type(number) is not float:  # NotImplemented, or a Value whose own operator has declined
            return _with_array(_multiply, other, self)  # type: ignore[no-any-return]
        x: cython.double = number
        y: cython.double = self._data
        return _node(_multiply, x * y, number, self, 0.0, x)

    def __truediv__(self, other: Value | Number) -> Value:
        x: cython.double = self._data
        y: cython.double
        if isinstance(other, Value):
            v: Value = other
            y = v._data
            try:
                out = x / y
                dx = 1.0 / y
                dy = -out / y
                if cython.compiled and not math.isfinite(out + dx + dy):
                    raise ArithmeticError
            except (ArithmeticError, ValueError):
                return record(_divide, (self, v))
            return _node(_divide, out, self, v, dx, dy)
        number = _operand(other)
        if number is NotImplemented:
            return _with_array(_divide, self, other)  # type: ignore[no-any-return]
        y = number
        try:
            out = x / y
            dx = 1.0 / y
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_divide, (self, number))
        return _node(_divide, out, self, number, dx, 0.0)

    def __rtruediv__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if type(number) is not float:  # NotImplemented, or a Value whose own operator has declined
            return _with_array(_divide, other, self)  # type: ignore[no-any-return]
        x: cython.double = number
        y: cython.double = self._data
        try:
            out = x / y
            dy = -out / y
            if cython.compiled and not math.isfinite(out + dy):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_divide, (number, self))
        return _node(_divide, out, number, self, 0.0, dy)

    def __pow__(self, other: Value | Number) -> Value:
        x: cython.double = self._data
        y: cython.double
        if isinstance(other, Value):
            v: Value = other
            y = v._data
            try:
                out = math.pow(x, y)
                dx = y * math.pow(x, y - 1 if y != 0 else 1.0) if y != 0 else y * out / (x if x != 0 else 1.0)
                dy = out * math.log(x if x != 0 else 1.0) if x != 0 else 0.0 if y >= 0 else -out
                if cython.compiled and not math.isfinite(out + dx + dy):
                    raise ArithmeticError
            except (ArithmeticError, ValueError):
                return record(_power, (self, v))
            return _node(_power, out, self, v, dx, dy)
        number = _operand(other)
        if number is NotImplemented:
            return _with_array(_power, self, other)  # type: ignore[no-any-return]
        y = number
        try:
            out = math.pow(x, y)
            dx = y * math.pow(x, y - 1 if y != 0 else 1.0) if y != 0 else y * out / (x if x != 0 else 1.0)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_power, (self, number))
        return _node(_power, out, self, number, dx, 0.0)

    def __rpow__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if type(number) is not float:  # NotImplemented, or a Value whose own operator has declined
            return _with_array(_power, other, self)  # type: ignore[no-any-return]
        x: cython.double = number
        y: cython.double = self._data
        try:
            out = math.pow(x, y)
            dy = out * math.log(x if x != 0 else 1.0) if x != 0 else 0.0 if y >= 0 else -out
            if cython.compiled and not math.isfinite(out + dy):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_power, (number, self))
        return _node(_power, out, number, self, 0.0, dy)

    def __mod__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if number is NotImplemented:
            return _with_array(_mod, self, other)  # type: ignore[no-any-return]
        return record(_mod, (self, number))

    def __rmod__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if type(number) is not float:  # NotImplemented, or a Value whose own operator has declined
            return _with_array(_mod, other, self)  # type: ignore[no-any-return]
        return record(_mod, (number, self))

    def __floordiv__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if number is NotImplemented:
            return _with_array(_floor_divide, self, other)  # type: ignore[no-any-return]
        return record(_floor_divide, (self, number))

    def __rfloordiv__(self, other: Value | Number) -> Value:
        number = _operand(other)
        if type(number) is not float:  # NotImplemented, or a Value whose own operator has declined
            return _with_array(_floor_divide, other, self)  # type: ignore[no-any-return]
        return record(_floor_divide, (number, self))

    def __pos__(self) -> Value:
        x: cython.double = self._data
        return _node(_positive, x, self, None, 1.0, 0.0)

    def __neg__(self) -> Value:
        x: cython.double = self._data
        return _node(_negative, -x, self, None, -1.0, 0.0)

    def __abs__(self) -> Value:
        x: cython.double = self._data
        return _node(_absolute, abs(x), self, None, rules.sign(x), 0.0)

    def square(self) -> Value:
        """The square of x."""
        x: cython.double = self._data
        return _node(_square, x * x, self, None, 2.0 * x, 0.0)

    def reciprocal(self) -> Value:
        """One over x; at zero it raises ``ZeroDivisionError``."""
        x: cython.double = self._data
        try:
            out = 1.0 / x
            dx = -out * out
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_reciprocal, (self,))
        return _node(_reciprocal, out, self, None, dx, 0.0)

    def sqrt(self) -> Value:
        """The square root of x; at 0 the slope is ``inf``."""
        x: cython.double = self._data
        try:
            out = math.sqrt(x)
            dx = 0.5 / out
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_sqrt, (self,))
        return _node(_sqrt, out, self, None, dx, 0.0)

    def cbrt(self) -> Value:
        """The cube root of x, negative for negative x; at 0 the slope is ``inf``."""
        return rules.cbrt(self)

    def exp(self) -> Value:
        """The exponential e ** x, which is its own slope."""
        x: cython.double = self._data
        try:
            out = math.exp(x)
            dx = out
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_exp, (self,))
        return _node(_exp, out, self, None, dx, 0.0)

    def expm1(self) -> Value:
        """e ** x - 1, accurate even for tiny x."""
        x: cython.double = self._data
        try:
            out = math.expm1(x)
            dx = math.exp(x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_expm1, (self,))
        return _node(_expm1, out, self, None, dx, 0.0)

    def log(self) -> Value:
        """The natural logarithm of x > 0; any other x raises ``ValueError``."""
        x: cython.double = self._data
        try:
            out = math.log(x)
            dx = 1.0 / x
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_log, (self,))
        return _node(_log, out, self, None, dx, 0.0)

    def log1p(self) -> Value:
        """log(1 + x), accurate even for tiny x."""
        x: cython.double = self._data
        try:
            out = math.log1p(x)
            dx = 1.0 / (1.0 + x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_log1p, (self,))
        return _node(_log1p, out, self, None, dx, 0.0)

    def log2(self) -> Value:
        """The logarithm of x to base 2."""
        x: cython.double = self._data
        try:
            out = math.log2(x)
            dx = 1.0 / (x * 0.6931471805599453)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_log2, (self,))
        return _node(_log2, out, self, None, dx, 0.0)

    def log10(self) -> Value:
        """The logarithm of x to base 10."""
        x: cython.double = self._data
        try:
            out = math.log10(x)
            dx = 1.0 / (x * 2.302585092994046)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_log10, (self,))
        return _node(_log10, out, self, None, dx, 0.0)

    def sin(self) -> Value:
        """The sine of x radians."""
        x: cython.double = self._data
        try:
            out = math.sin(x)
            dx = math.cos(x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_sin, (self,))
        return _node(_sin, out, self, None, dx, 0.0)

    def cos(self) -> Value:
        """The cosine of x radians."""
        x: cython.double = self._data
        try:
            out = math.cos(x)
            dx = -math.sin(x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_cos, (self,))
        return _node(_cos, out, self, None, dx, 0.0)

    def tan(self) -> Value:
        """The tangent of x radians."""
        x: cython.double = self._data
        try:
            out = math.tan(x)
            dx = 1.0 + out * out
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_tan, (self,))
        return _node(_tan, out, self, None, dx, 0.0)

    def arcsin(self) -> Value:
        """The angle in [-π/2, π/2] whose sine is x; at x = ±1 the slope is ``inf``."""
        x: cython.double = self._data
        try:
            out = math.asin(x)
            dx = 1.0 / math.sqrt((1.0 - x) * (1.0 + x))
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_arcsin, (self,))
        return _node(_arcsin, out, self, None, dx, 0.0)

    def arccos(self) -> Value:
        """The angle in [0, π] whose cosine is x; at x = ±1 the slope is ``-inf``."""
        x: cython.double = self._data
        try:
            out = math.acos(x)
            dx = -1.0 / math.sqrt((1.0 - x) * (1.0 + x))
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_arccos, (self,))
        return _node(_arccos, out, self, None, dx, 0.0)

    def arctan(self) -> Value:
        """The angle in (-π/2, π/2) whose tangent is x."""
        x: cython.double = self._data
        try:
            out = math.atan(x)
            dx = 1.0 / (1.0 + x * x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_arctan, (self,))
        return _node(_arctan, out, self, None, dx, 0.0)

    def sinh(self) -> Value:
        """The hyperbolic sine, (e^x - e^-x) / 2."""
        x: cython.double = self._data
        try:
            out = math.sinh(x)
            dx = math.cosh(x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_sinh, (self,))
        return _node(_sinh, out, self, None, dx, 0.0)

    def cosh(self) -> Value:
        """The hyperbolic cosine, (e^x + e^-x) / 2."""
        x: cython.double = self._data
        try:
            out = math.cosh(x)
            dx = math.sinh(x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_cosh, (self,))
        return _node(_cosh, out, self, None, dx, 0.0)

    def tanh(self) -> Value:
        """The hyperbolic tangent, (e^x - e^-x) / (e^x + e^-x); its slope is 1 - tanh(x)^2 = sech(x)^2."""
        x: cython.double = self._data
        try:
            t1 = math.exp(-abs(x))
            out = math.tanh(x)
            dx = 2.0 * t1 / (1.0 + t1 * t1) * (2.0 * t1 / (1.0 + t1 * t1))
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_tanh, (self,))
        return _node(_tanh, out, self, None, dx, 0.0)

    def sech(self) -> Value:
        """The hyperbolic secant 1 / cosh(x), also for x so large that cosh(x) overflows."""
        x: cython.double = self._data
        try:
            t1 = math.exp(-abs(x))
            out = 2.0 * t1 / (1.0 + t1 * t1)
            dx = -out * math.tanh(x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_sech, (self,))
        return _node(_sech, out, self, None, dx, 0.0)

    def arcsinh(self) -> Value:
        """The number whose hyperbolic sine is x."""
        return rules.arcsinh(self)

    def arccosh(self) -> Value:
        """The number y >= 0 whose hyperbolic cosine is x; at x = 1 the slope is ``inf``."""
        x: cython.double = self._data
        try:
            out = math.acosh(x)
            dx = 1.0 / (math.sqrt(x - 1.0) * math.sqrt(x + 1.0))
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_arccosh, (self,))
        return _node(_arccosh, out, self, None, dx, 0.0)

    def arctanh(self) -> Value:
        """The number whose hyperbolic tangent is x."""
        x: cython.double = self._data
        try:
            out = math.atanh(x)
            dx = 1.0 / ((1.0 - x) * (1.0 + x))
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_arctanh, (self,))
        return _node(_arctanh, out, self, None, dx, 0.0)

    def clip(self, low: Value | Number, high: Value | Number) -> Value:
        """x, but at least ``low`` and at most ``high``; at a bound it is the bound, with the slope 0 in x."""
        return rules.clip(self, low, high)

    def sign(self) -> Value:
        """The sign of x: -1, 0 or 1.  Its derivative is 0 wherever it exists, so no gradient passes through it."""
        return rules.sign(self)

    def floor(self) -> Value:
        """The largest integer that is not above x: a staircase, whose derivative is 0 between the jumps."""
        return rules.floor(self)

    def sigmoid(self) -> Value:
        """The logistic function 1 / (1 + e^-x); its slope σ(x)(1 - σ(x)) = σ(x) σ(-x) is at most 1/4."""
        x: cython.double = self._data
        try:
            t1 = math.exp(-abs(x))
            out = (1.0 if x >= 0 else t1) / (1.0 + t1)
            dx = t1 / ((1.0 + t1) * (1.0 + t1))
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_sigmoid, (self,))
        return _node(_sigmoid, out, self, None, dx, 0.0)

    def softplus(self) -> Value:
        """log(1 + e^x), a smooth relu; its slope is the sigmoid (Dugas et al., 2001)."""
        x: cython.double = self._data
        try:
            t1 = math.exp(-abs(x))
            out = (x if x > 0 else 0.0) + math.log1p(t1)
            dx = (1.0 if x >= 0 else t1) / (1.0 + t1)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_softplus, (self,))
        return _node(_softplus, out, self, None, dx, 0.0)

    def relu(self) -> Value:
        """max(0, x), the rectified linear unit; at its kink x = 0 the slope is taken as 0 (Nair and Hinton, 2010)."""
        x: cython.double = self._data
        node = _node(_relu, x if x > 0.0 or x != x else 0.0, self, None, 1.0 if x > 0 else 0.0, 0.0)
        node._selects = x != 0.0
        return node

    def leaky_relu(self, slope: Value | Number = 0.01) -> Value:
        """x for x > 0, else ``slope`` times x; at the kink x = 0 the slope is ``slope`` (Maas et al., 2013)."""
        return rules.leaky_relu(self, slope)

    def elu(self, alpha: Value | Number = 1.0) -> Value:
        """x for x > 0, else alpha (e^x - 1), the exponential linear unit (Clevert et al., 2015)."""
        return rules.elu(self, alpha)

    def softsign(self) -> Value:
        """x / (1 + |x|), which saturates more slowly than tanh (Bergstra et al., 2009)."""
        x: cython.double = self._data
        try:
            out = x / (1.0 + abs(x))
            dx = 1.0 / (1.0 + abs(x)) * (1.0 / (1.0 + abs(x)))
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_softsign, (self,))
        return _node(_softsign, out, self, None, dx, 0.0)

    def silu(self) -> Value:
        """x σ(x), also called swish (Ramachandran et al., 2017)."""
        x: cython.double = self._data
        try:
            t1 = math.exp(-abs(x))
            t2 = math.exp(-abs(-x))
            out = x * ((1.0 if x >= 0 else t1) / (1.0 + t1))
            dx = (1.0 if x >= 0 else t1) / (1.0 + t1) + out * ((1.0 if -x >= 0 else t2) / (1.0 + t2))
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_silu, (self,))
        return _node(_silu, out, self, None, dx, 0.0)

    def erf(self) -> Value:
        """The error function, 2/√π times the integral of e^(-t²) from 0 to x."""
        x: cython.double = self._data
        try:
            out = math.erf(x)
            dx = 1.1283791670955126 * math.exp(-x * x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_erf, (self,))
        return _node(_erf, out, self, None, dx, 0.0)

    def erfc(self) -> Value:
        """1 - erf(x), accurate even for large x, where the difference is tiny (DLMF 7.2.2)."""
        x: cython.double = self._data
        try:
            out = math.erfc(x)
            dx = -1.1283791670955126 * math.exp(-x * x)
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_erfc, (self,))
        return _node(_erfc, out, self, None, dx, 0.0)

    def gelu(self) -> Value:
        """x Φ(x), where Φ is the normal distribution function: the Gaussian error linear unit."""
        x: cython.double = self._data
        try:
            t1 = math.erfc(-x / 1.4142135623730951)
            out = 0.5 * x * t1
            dx = 0.5 * t1 + x * math.exp(-0.5 * x * x) / 2.5066282746310002
            if cython.compiled and not math.isfinite(out + dx):
                raise ArithmeticError
        except (ArithmeticError, ValueError):
            return record(_gelu, (self,))
        return _node(_gelu, out, self, None, dx, 0.0)

    def i0(self) -> Value:
        """The modified Bessel function I₀, whose slope is :func:`i1` (DLMF 10.29.3); it needs SciPy."""
        return special.i0(self)

    def i1(self) -> Value:
        """The modified Bessel function I₁; it needs SciPy.  Its slope I₀ - I₁/x is written as (I₀ + I₂)/2."""
        return special.i1(self)

    def j0(self) -> Value:
        """The Bessel function J₀, whose slope is -J₁ (DLMF 10.6.3); it needs SciPy."""
        return special.j0(self)

    def j1(self) -> Value:
        """The Bessel function J₁; it needs SciPy."""
        return special.j1(self)

    def y0(self) -> Value:
        """The Bessel function of the second kind Y₀, for x > 0; it needs SciPy."""
        return special.y0(self)

    def y1(self) -> Value:
        """The Bessel function of the second kind Y₁, for x > 0; it needs SciPy."""
        return special.y1(self)

    def sinc(self) -> Value:
        """NumPy's sin(πx) / (πx), the Fourier transform of a box: 1 at 0, and 0 at all other integers."""
        return special.sinc(self)

    def digamma(self) -> Value:
        """The digamma function ψ, the slope of :func:`lgamma` (DLMF 5.2.2).  SciPy's ufunc calls it ``psi``."""
        return special.digamma(self)

    def lgamma(self) -> Value:
        """log |Γ(x)|, where Γ(n + 1) = n!; SciPy calls it ``gammaln``."""
        return special.lgamma(self)

    def gamma(self) -> Value:
        """The gamma function Γ(x), where Γ(n + 1) = n! (DLMF 5.2.1)."""
        return special.gamma(self)

    def rgamma(self) -> Value:
        """1 / Γ(x), which has a value everywhere: 0 at the poles of Γ."""
        return special.rgamma(self)

    def logit(self) -> Value:
        """log(x / (1 - x)), the logarithm of the odds: the inverse of the sigmoid."""
        return special.logit(self)

    def entr(self) -> Value:
        """-x log x, the contribution of a probability x to an entropy: 0 for x = 0, where the slope is ``inf``."""
        return special.entr(self)

    def erfinv(self) -> Value:
        """The number whose error function is x (DLMF 7.17.1), used for quantiles of the normal distribution."""
        return special.erfinv(self)

    def erfcinv(self) -> Value:
        """The inverse of :func:`erfc`, which is ``erfinv(1 - x)``, accurate for tiny x; it needs SciPy."""
        return special.erfcinv(self)

    def erfcx(self) -> Value:
        """e^x² erfc(x), the scaled complementary error function, which for large x is 1 / (√π x) where erfc is 0."""
        return special.erfcx(self)

    def ndtr(self) -> Value:
        """The standard normal distribution function Φ: the probability of a number below x."""
        return special.ndtr(self)

    def ndtri(self) -> Value:
        """The number below which a standard normal variable is with probability x: the inverse of :func:`ndtr`."""
        return special.ndtri(self)

    def inverse_mills_excess(self) -> Value:
        """x + φ(x) / Φ(x), which tends to 0 far below 0; the slope of :func:`inverse_mills` contains it."""
        return special.inverse_mills_excess(self)

    def inverse_mills(self) -> Value:
        """The inverse Mills ratio φ(x) / Φ(x) of the normal distribution: the slope of :func:`log_ndtr`."""
        return special.inverse_mills(self)

    def log_ndtr(self) -> Value:
        """The logarithm of :func:`ndtr`, also far below 0, where the probability itself is too small for a float."""
        return special.log_ndtr(self)


_square.methods[Value] = Value.square
_reciprocal.methods[Value] = Value.reciprocal
_sqrt.methods[Value] = Value.sqrt
_exp.methods[Value] = Value.exp
_expm1.methods[Value] = Value.expm1
_log.methods[Value] = Value.log
_log1p.methods[Value] = Value.log1p
_log2.methods[Value] = Value.log2
_log10.methods[Value] = Value.log10
_sin.methods[Value] = Value.sin
_cos.methods[Value] = Value.cos
_tan.methods[Value] = Value.tan
_arcsin.methods[Value] = Value.arcsin
_arccos.methods[Value] = Value.arccos
_arctan.methods[Value] = Value.arctan
_sinh.methods[Value] = Value.sinh
_cosh.methods[Value] = Value.cosh
_tanh.methods[Value] = Value.tanh
_sech.methods[Value] = Value.sech
_arccosh.methods[Value] = Value.arccosh
_arctanh.methods[Value] = Value.arctanh
_sigmoid.methods[Value] = Value.sigmoid
_softplus.methods[Value] = Value.softplus
_relu.methods[Value] = Value.relu
_softsign.methods[Value] = Value.softsign
_silu.methods[Value] = Value.silu
_erf.methods[Value] = Value.erf
_erfc.methods[Value] = Value.erfc
_gelu.methods[Value] = Value.gelu


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
        out = out + w * x
        slopes[i] = x if type(operands[i]) is Value else 0.0
        slopes[n + i] = w if type(operands[n + i]) is Value else 0.0
    slopes[2 * n] = 1.0 if type(operands[2 * n]) is Value else 0.0
    return out
