"""``Tensor``: an array that remembers how it was computed.

A Tensor is to an array what a ``Value`` is to a number, on the same table of calculus and the same sweep.  It is plain
data: the array, the operation that computed it, its operands and options.  Local derivatives are not stored: the sweep
computes them from the operands.  If the data of an operand has changed since the operation read it, the sweep raises;
:mod:`autograd.arrays.tensor_data` explains how a change is noticed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.lib.array_utils import normalize_axis_index

from autograd.arrays import operations
from autograd.arrays.arithmetic import ArrayArithmetic
from autograd.arrays.array_operation import ArrayOperation, recorder
from autograd.arrays.at import At
from autograd.arrays.item import Item, only_number
from autograd.arrays.masks import pull_masked, push_masked
from autograd.arrays.native_nodes import nodes
from autograd.arrays.operands import constant, new_data, own, read
from autograd.arrays.tensor_methods import TensorMethods
from autograd.core import display, rules
from autograd.core.aliases import Array, ArrayLike
from autograd.core.copies import copied, pickled
from autograd.core.errors import GraphLeftError, closure, hidden, refuse_closure
from autograd.core.foreign import ForeignNames
from autograd.core.grad_mode import enable_grad, grad_enabled
from autograd.core.handover import accumulating
from autograd.core.hooks import hooks
from autograd.core.liveness import Masked, masked, unmasked, with_mask
from autograd.core.primitive import FLAT, PRIMITIVES, Primitive, dialect
from autograd.core.scope import is_argument, note_leaf, open_scopes, recorded_backward, stay
from autograd.core.sweep import adjoints, backward, refresh, topological_order
from autograd.core.value import Value, number_of
from autograd.core.watching import listeners, tell_made, tell_read

__all__ = ["Operation", "Tensor", "new_node"]

__tracebackhide__ = hidden

Operation: TypeAlias = Primitive | ArrayOperation[...]


class Tensor(TensorMethods, ArrayArithmetic, ForeignNames):
    """An array of floats in a computation graph.

    Compute with it as with an array: Python's operators, indexing, the functions of :mod:`autograd` and those of NumPy
    (``np.exp(t)``, ``np.sum(t, axis=0)``, ``A @ t``).  Arrays and numbers among the operands are constants.  The result
    remembers its operands, and :meth:`backward` differentiates it.

    Comparisons return arrays of bool, and Tensors are hashed by identity, as in PyTorch.

    Args:
        data: an array of ``float32`` or ``float64``, which is copied and keeps its dtype; or an array of whole numbers
            or bools, a number, or nested lists of numbers, which become ``float64``.
        label: a readable name.

    Raises:
        TypeError: if ``data`` is an array of another dtype or is not real, or ``label`` is not a string.
        ValueError: if nested lists have rows of different lengths.

    >>> x = Tensor([1.0, 2.0, 3.0], label="x")
    >>> y = (x**2).sum()
    >>> y.backward()
    >>> y.item(), x.grad
    (14.0, array([2., 4., 6.]))
    """

    __slots__ = (
        "__weakref__",
        "_data",  # never written to
        "_grad",
        "_inputs",  # the arrays and numbers that the operation read
        "_kept",  # what the operation kept for the sweep
        "_label",
        "_lent",  # the copy that .data handed out, which may be written to; None if it handed out nothing
        "_op",
        "_operands",
        "_options",
        "_out",  # the array that the operation computed
    )

    _data: Array
    _grad: Any
    _inputs: Sequence[Any]
    _kept: Any
    _label: str | None
    _lent: Array | None
    _op: Operation | None
    _operands: tuple[Any, ...]
    _options: dict[str, Any]
    _out: Array

    def __init__(self, data: ArrayLike, label: str | None = None) -> None:
        self._data = self._out = new_data(data)
        self._op, self._operands, self._options, self._inputs = None, (), {}, ()
        self._grad = self._kept = self._lent = None
        self.label = label
        if open_scopes:
            note_leaf(self)

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if cls._backward is not Tensor._backward:
            refuse_closure(cls.__name__)

    _backward = closure

    # -- attributes ----------------------------------------------------------------------------------------------------

    @property
    def grad(self) -> Any:
        """The derivative found by the last sweep; in a leaf, the sum over all sweeps since it was ``None``.

        It is an array; a Tensor after ``backward(create_graph=True)``; ``None`` if no sweep has reached this node.
        """
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        self._grad = None if grad is None else self._fitting("gradient", grad)

    @property
    def label(self) -> str | None:
        """Its readable name, or ``None``."""
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        if not (label is None or isinstance(label, str)):
            raise TypeError(f"a label is text, not {type(label).__name__} ({label!r})")
        self._label = label or None

    @property
    def op(self) -> Operation | None:
        """The row of a table that computed it; ``None`` for a leaf."""
        return self._op

    @property
    def operands(self) -> tuple[Any, ...]:
        """Its operands in order, which are Tensors, Values, and constant arrays and numbers."""
        return self._operands

    @property
    def options(self) -> dict[str, Any]:
        """The options of the operation, such as ``{"axis": 0, "keepdims": False}``."""
        return dict(self._options)

    @property
    def parents(self) -> tuple[Tensor | Value, ...]:
        """The operands that are Tensors or Values, one entry for each edge, so two for ``t * t``."""
        return tuple([x for x in self._operands if isinstance(x, (Tensor, Value))]) if self._operands else ()

    @property
    def T(self) -> Tensor:  # noqa: N802 (NumPy's name)
        """Its transpose."""
        return operations.transpose(self)

    @property
    def at(self) -> At:
        """Other numbers at some places, as ``x.at[i].set(v)``, ``x.at[i].add(v)``, ``x.at[i].multiply(v)`` of JAX.

        Each returns a new node; in one graph an array cannot have two values.

        >>> x = Tensor([1.0, 2.0, 3.0])
        >>> y = x.at[1:].set(Tensor([7.0, 8.0]))
        >>> y
        Tensor([1., 7., 8.], op=gather)
        """
        return At(self)

    def __setitem__(self, index: Any, values: Any) -> NoReturn:
        raise TypeError(
            "a Tensor is not written to in place, since the graph needs its numbers: write y = x.at[index].set(values) "
            "or where(mask, values, x); to change a leaf between steps, assign to x.data"
        )

    def value(self) -> Value:
        """The number in a Tensor of one element, as a Value of the same graph.

        :func:`autograd.stack` leads in the other direction, so numbers and arrays can share one graph.  For a plain
        number, which does not keep the graph alive, use :meth:`item`.

        Raises:
            TypeError: if the Tensor does not hold exactly one number.

        >>> x = Tensor([3.0, 4.0])
        >>> y = (x * x).sum().value() ** 0.5
        >>> y.backward()
        >>> y.data, x.grad
        (5.0, array([0.6, 0.8]))
        """
        return Item.of(self) if grad_enabled.get() else Value(self._single("value"))

    def detach(self, label: str | None = None) -> Tensor:
        """A leaf with a copy of the data, where gradients stop."""
        return Tensor(self._read(), label)

    def __repr__(self) -> str:
        text = np.array2string(self._read(), separator=", ", prefix="Tensor(", threshold=100, edgeitems=2)
        fields = [text]
        if self.dtype != np.float64:
            fields.append(f"dtype={self.dtype}")
        if self._label is not None:
            fields.append(f"label={self._label!r}")
        if self._op is not None:
            fields.append(f"op={self._op.name}")
        return f"Tensor({', '.join(fields)})"

    # -- the gradient --------------------------------------------------------------------------------------------------

    def pull(self, gradient: Any, careful: bool = False) -> list[tuple[Tensor | Value, Any]]:
        """The contributions of a gradient here to the parents, as pairs of a parent and an array of its shape.

        A parent that is a Value receives a number.  If the gradient is a Tensor, what is sent is recorded too; that is
        how higher derivatives arise.  If ``careful``, the gradient and what is sent may be
        :class:`~autograd.core.liveness.Masked`.

        Raises:
            RuntimeError: if the data of an operand has changed since.
        """
        op = self._op
        if op is None:
            return []
        places = self._edges()
        if not isinstance(gradient, (np.ndarray, Tensor, Masked)):
            gradient = _spread(gradient, self)
        recorded = isinstance(unmasked(gradient)[0] if careful else gradient, Tensor)
        operands, out = (self._operands, self) if recorded else (self._inputs, self._out)
        if isinstance(op, Primitive):
            sent = [self._along(place, gradient, operands, out, careful) for place in places]
        elif careful:
            sent = pull_masked(op, places, gradient, out, operands, self._options)
        elif self._kept is None or recorded:
            sent = op.pull_all(places, gradient, out, operands, self._options)
        else:
            sent = op.pull_kept(places, gradient, self._kept, self._options)
        pairs = []
        for place, x in zip(places, sent, strict=True):
            if x is not None:
                parent = self._operands[place]
                pairs.append((parent, _fitted(x, parent, operations.unbroadcast)))
        return pairs

    def push(self, tangents: Mapping[Any, Any], careful: bool = False) -> Any:
        """The rate of change here, given those of the parents; ``None`` if none of them changes.

        If one of the tangents is a Tensor or a Value, the computation is recorded.  If ``careful``, tangents and result
        may be :class:`~autograd.core.liveness.Masked`.
        """
        rates = [_spread(tangents.get(x), x) if isinstance(x, (Tensor, Value)) else None for x in self._operands]
        if all(rate is None for rate in rates):
            return None
        self._edges()
        recorded = any(isinstance(unmasked(rate)[0], (Tensor, Value)) for rate in rates)
        operands, out = (self._operands, self) if recorded else (self._inputs, self._out)
        total: Any = None
        with np.errstate(all="ignore"):
            if isinstance(self._op, ArrayOperation):
                push = partial(push_masked, self._op) if careful else self._op.push
                total = push(rates, out, operands, self._options)
            else:
                for place, rate in enumerate(rates):
                    term = None if rate is None else self._along(place, rate, operands, out, careful)
                    total = total if term is None else term if total is None else total + term
            return None if total is None else _fitted(total, self, operations.broadcast_to)

    def _along(self, place: int, sent: Any, operands: Sequence[Any], out: Any, careful: bool) -> Any:
        """A gradient or a rate of change times the local derivative in one operand of a row of the table."""
        op: Any = self._op
        slope = _slope(op, place, operands, out)
        if not careful:
            return operations.product(sent, slope, op.selects)
        sent, live = unmasked(sent)
        if op.selects:  # where the slope is 0 the operand is not used, except on a kink, where 0 is a convention
            used = np.not_equal(slope.numpy() if isinstance(slope, Tensor) else slope, 0)
            if op.kink is not None:
                used = used | np.equal(op.kink(*self._inputs), 0)
            live = used if live is None else live & used
        return masked(operations.product(sent, slope, op.selects), live)

    def _edges(self) -> list[int]:
        """The positions of the parents among the operands.

        Raises ``RuntimeError`` if the data of an operand, or of this node, has changed since the operation read it.
        """
        places = []
        for place, x in enumerate(self._operands):
            read = self._inputs[place]
            if isinstance(x, Tensor):
                changed = (x._data if x._lent is None else x._read()) is not read
            elif isinstance(x, Value):
                number = number_of(x)
                changed = number != read and not (number != number and read != read)  # nan equals nan here
            else:
                continue
            if changed:
                self._refuse(x)
            places.append(place)
        if (self._data if self._lent is None else self._read()) is not self._out:
            self._refuse(self)
        return places

    def _refuse(self, changed: Tensor | Value) -> NoReturn:
        raise RuntimeError(
            f"the data of {_name(changed)} was written to after {self._op and self._op.name} had used it: "
            "compute the output again before differentiating it"
        )

    def backward(self, seed: Tensor | ArrayLike | None = None, *, create_graph: bool = False) -> None:
        """Set ``.grad`` of every node that this depends on to the derivative of this with respect to that node.

        Leaves *accumulate*: a second sweep adds to the gradient that the first one left.  Set ``leaf.grad = None`` to
        start again from zero.  Every other node has the gradient of the last sweep only.

        Args:
            seed: the derivative to start with, an array of the same shape; by default 1, if this is a single number.
            create_graph: whether to record the sweep, so that every ``.grad`` is a Tensor that can be differentiated
                again.  Gradient and graph then keep each other alive, until the gradient is set to ``None``.

        Raises:
            RuntimeError: if this is not a single number and no seed is given, or if data was written to since.
            ValueError: if the seed has another shape.

        >>> x = Tensor([1.0, 2.0])
        >>> (x**3).backward([1.0, 1.0], create_graph=True)
        >>> slope, x.grad = x.grad, None
        >>> slope.backward([1.0, 1.0])
        >>> slope.numpy(), x.grad
        (array([ 3., 12.]), array([ 6., 12.]))
        """
        if nodes is not None and not create_graph and nodes.backward(self, seed):
            return
        start = self._seed(seed)
        if not create_graph:
            backward(self, start.numpy() if isinstance(start, Tensor) else start)
            return
        if not isinstance(start, Tensor):
            start = with_mask(Tensor(start), start != 0)  # zeros that are given send nothing
        recorded_backward(self, start)

    def received(self, gradient: Any, taken: set[int]) -> tuple[Any, str, Any]:
        """What keeps the gradient that a sweep found here; a leaf gets an array of its own, to be scaled in place."""
        if gradient is None:
            gradient = np.zeros(self.shape, self.dtype)
        if self._op is None:
            if id(gradient) in taken or (isinstance(gradient, np.ndarray) and gradient.base is not None):
                gradient = +gradient  # another node holds it, or it is a view
            if self._grad is not None:
                gradient = self._grad + gradient
        taken.add(id(gradient))
        return self, "_grad", gradient

    def refresh(self) -> Tensor:
        """Compute the recorded graph again from the present data of its leaves; returns this node.

        >>> x = Tensor([1.0, 2.0])
        >>> y = x.sum()
        >>> x.data[0] = 5.0
        >>> y.refresh().item()
        7.0
        """
        return refresh(self)

    def recompute(self, fresh: Mapping[Any, Any]) -> tuple[Array, None]:
        """The value of this node when its parents have the values ``fresh``."""
        if self._op is None:
            return self._read(), None
        raw = [fresh[x] if isinstance(x, (Tensor, Value)) else x for x in self._operands]
        return _computed(self._op, raw, self._options), None

    def renew(self, data: Array, detail: None) -> None:
        """Store the result of :meth:`recompute`."""
        if self._op is not None:
            self._data, self._out, self._lent, self._kept = data, data, None, None
            self._inputs = read(self._operands)

    def _seed(self, seed: Any) -> Any:
        if seed is None:
            if self.size != 1:
                raise RuntimeError(
                    f"backward() starts from a single number, but this is {_name(self)}: reduce it, with sum() for "
                    "example, or give the seed"
                )
            return np.array(1.0, self.dtype, ndmin=self.ndim)
        return self._fitting("seed", seed)

    def _fitting(self, what: str, x: Any) -> Any:
        """A Tensor as it is, anything else as an array of this dtype; raises ``ValueError`` if the shape differs."""
        if not isinstance(x, Tensor):
            x = np.array(x, self.dtype)
        if x.shape != self.shape:
            raise ValueError(f"a {what} of shape {x.shape} does not fit {_name(self)}")
        return x

    # -- text and pictures ---------------------------------------------------------------------------------------------

    tree, render, mermaid, _repr_mimebundle_ = display.tree, display.render, display.mermaid, display.mimebundle

    # -- NumPy's functions ---------------------------------------------------------------------------------------------

    if not TYPE_CHECKING:  # type checkers would otherwise take a Tensor for an array

        def __array__(self, *args: Any, **options: Any) -> NoReturn:
            raise GraphLeftError(
                "a Tensor is not converted into an array implicitly, since its graph would be lost: use t.data to read "
                "it, t.detach() to cut it off, a @ t or np.dot(a, t) for a.dot(t), and autograd.stack, array, r_ and "
                "c_ to join several"
            )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return hooks.array_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return hooks.array_function(function, args, options)

    # -- copying and pickling, as flat records -------------------------------------------------------------------------

    def __copy__(self) -> Tensor:
        if is_argument(self):
            return self
        copy = _node(self._read(), self._op, self._operands, self._options, self._inputs)
        copy._grad, copy._label = self._grad, self._label
        if self._op is None and open_scopes:
            note_leaf(copy)
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return copied(self, memo)

    def replace_operands(self, substitutes: Mapping[Any, Any]) -> None:
        """Replace every operand ``x`` that is a node by ``substitutes[x]``; for copies."""
        self._edges()
        self._operands = tuple([substitutes[x] if isinstance(x, (Tensor, Value)) else x for x in self._operands])
        self._inputs = read(self._operands)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._op is None:
            stay(self, "a pickle")
            return _restored_leaf, (self._read(), self._label, self._grad)
        return pickled(self)

    def fields(self) -> tuple[Any, ...]:
        """Everything that this node holds except its operands, for pickling."""
        self._edges()
        grad = self._grad._read() if isinstance(self._grad, Tensor) else self._grad
        return self._data, self._label, grad, self._op, self._options

    @classmethod
    def from_fields(cls, fields: tuple[Any, ...], operands: Sequence[Any]) -> Tensor:
        """The node with these :meth:`fields` and operands."""
        data, label, grad, op, options = fields
        node = _node(data.copy(), op, tuple(operands), options, read(operands))
        node._label, node._grad = label, grad
        return node

    # -- methods written by hand; the others are in TensorMethods ------------------------------------------------------

    def astype(self, dtype: npt.DTypeLike) -> Any:
        """The same numbers as ``float32`` or ``float64``; whole numbers and bools as an array without derivatives.

        >>> Tensor([0.5, 2.5]).astype(int)
        array([0, 2])
        """
        if np.dtype(dtype).kind in "biu":
            return self._read().astype(dtype)
        return operations.astype(self, dtype)

    def transpose(self, *axes: Any) -> Tensor:
        """The axes in another order: ``t.transpose(1, 0)`` or ``t.transpose((1, 0))``; by default reversed."""
        return operations.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def reshape(self, *shape: Any) -> Tensor:
        """The same numbers in another shape: ``t.reshape(2, 3)`` or ``t.reshape((2, 3))``."""
        return operations.reshape(self, shape[0] if len(shape) == 1 else shape)

    view = reshape

    def flatten(self, start_dim: int = 0, end_dim: int = -1) -> Tensor:
        """All numbers along one axis; or only those of the axes from ``start_dim`` to ``end_dim``, as in PyTorch.

        >>> Tensor([[[1.0, 2.0], [3.0, 4.0]]]).flatten(1).shape
        (1, 4)
        """
        shape = self.shape or (1,)
        start, end = (normalize_axis_index(axis, len(shape)) for axis in (start_dim, end_dim))
        return operations.reshape(self, (*shape[:start], math.prod(shape[start : end + 1]), *shape[end + 1 :]))

    def unsqueeze(self, dim: int) -> Tensor:
        """With a new axis of length 1 at this position, as :meth:`expand_dims`; PyTorch's name."""
        return operations.expand_dims(self, dim)

    def t(self) -> Tensor:
        """The transpose of a matrix, as in PyTorch; a vector, or a number, as a new node.

        Raises:
            ValueError: if there are more than two axes.
        """
        if self.ndim > 2:
            raise ValueError(f"t() takes a matrix or a vector, not {self.ndim} axes: use transpose")
        return operations.transpose(self)

    def copy(self) -> Tensor:
        """A new node with the same numbers, through which gradients pass."""
        return rules.positive(self)


# ---------------------------------------------------------------------------------------------------------------------
# Making nodes
# ---------------------------------------------------------------------------------------------------------------------


@dialect(Tensor, rank=3)
def record_elementwise(op: Primitive, operands: tuple[Any, ...]) -> Tensor:
    """Compute a row of the table element by element."""
    constants_copied = [
        x if isinstance(x, (Tensor, float, Value)) else constant(x, op.name, number=True) for x in operands
    ]
    return _recorded(op, tuple(constants_copied), {})


hooks.elementwise = record_elementwise


@recorder(Tensor)
@recorder(Value)
def _record_array_operation(op: ArrayOperation[...], operands: Sequence[Any], options: dict[str, Any]) -> Tensor:
    """Compute a row of the array operations, for which a Value is an array without axes."""
    for name, option in options.items():
        if isinstance(option, (list, tuple, np.ndarray)):  # all others are immutable
            options = {**options, name: own(option)}
    return _recorded(op, tuple([x if isinstance(x, Tensor) else _array_operand(op, x) for x in operands]), options)


def _array_operand(op: ArrayOperation[...], x: Any) -> Any:
    """An operand that is not a Tensor, as a constant array; a Value as a Tensor."""
    return _recorded(rules.positive, (x,), {}) if isinstance(x, Value) else constant(x, op.name, number=False)


def _recorded(op: Operation, operands: tuple[Any, ...], options: dict[str, Any]) -> Tensor:
    inputs = read(operands)
    if not grad_enabled.get():
        return _unrecorded(_computed(op, inputs, options), operands)
    if isinstance(op, Primitive) or op.forward_and_kept is None:
        return _node(_computed(op, inputs, options), op, operands, options, inputs)
    data, kept = op.forward_and_kept(*inputs, **options)
    return _node(np.asarray(data), op, operands, options, inputs, kept)


def new_node(op: Operation, data: Array, operands: tuple[Any, ...], options: dict[str, Any]) -> Tensor:
    """A node with the result of an operation; a leaf if recording is switched off."""
    if grad_enabled.get():
        return _node(data, op, operands, options, read(operands))
    return _unrecorded(data, operands)


def _unrecorded(data: Array, operands: Iterable[Any]) -> Tensor:
    """The result of an operation inside of ``no_grad()``: a leaf."""
    for x in operands:
        if isinstance(x, Value):
            tell_read(x, "no_grad()")
    leaf = _node(data, None, (), {}, ())
    if open_scopes:
        note_leaf(leaf)
    return leaf


def _node(
    data: Array,
    op: Operation | None,
    operands: tuple[Any, ...],
    options: dict[str, Any],
    inputs: Sequence[Any],
    kept: Any = None,
) -> Tensor:
    node = Tensor.__new__(Tensor)
    node._data = node._out = data
    node._op = op
    node._operands = operands
    node._options = options
    node._inputs = inputs
    node._kept = kept
    node._grad = node._label = node._lent = None
    if op is not None:
        tell_made(node)
    return node


def _computed(op: Operation, raw: list[Any], options: dict[str, Any]) -> Array:
    """The value of an operation; for a row of the scalar table in the dtype that NumPy gives to such operands."""
    if isinstance(op, ArrayOperation):
        return np.asarray(op.forward(*raw, **options))
    data = np.asarray(op(*raw) if op.array is None else op.array(*raw))
    dtypes = {x.dtype for x in raw if isinstance(x, (np.ndarray, np.generic))} or {data.dtype}
    dtype = np.result_type(*dtypes) if len(dtypes) > 1 else dtypes.pop()
    if dtype.kind != "f":  # a Value and arrays of whole numbers
        dtype = np.dtype(np.float64)
    return data if data.dtype == dtype else data.astype(dtype)


def _restored_leaf(data: Array, label: str | None, grad: Any) -> Tensor:
    leaf = Tensor(data, label)
    leaf._grad = grad
    return leaf


def _slope(op: Primitive, place: int, operands: Sequence[Any], out: Any) -> Any:
    """The local derivative with respect to one operand, from the table; nan where the value is nan."""
    try:
        slope = _partial(op, place, operands, out)
    except (ArithmeticError, ValueError):  # Python's arithmetic with a number among the operands: take the IEEE result
        numbers = [np.float64(x) if isinstance(x, float) else x for x in operands]
        with np.errstate(all="ignore"):
            try:
                slope = _partial(op, place, numbers, out)
            except ValueError:  # a number without a logarithm, as the base of (-2.0) ** t: the slope is not real
                slope = np.nan * out
    if op.finite_outside:
        data = out._out if isinstance(out, Tensor) else out
        if np.isnan(data).any():
            return rules.where(data == data, slope, out)  # the slope of nan is nan again, to every order
    return slope


def _partial(op: Primitive, place: int, operands: Sequence[Any], out: Any) -> Any:
    if op.quick and isinstance(out, np.ndarray):
        return _quick_partial(op, operands[0], out)
    return op.partials[0](operands, out)[place] if op.variadic else op.partials[place](*operands, out)


def _quick_partial(op: Primitive, x: Array, out: Array) -> Array:
    """The partial of a row of one operand by its quick formula, and by the other one where digits would be lost."""
    slope = np.asarray(op.quick[0](x, out))
    if not np.minimum.reduce(slope, axis=None, initial=1.0) > FLAT:  # also true if there is a nan
        flat = slope < FLAT
        slope[flat] = op.partials[0](x[flat], out[flat])
    return slope


def _transposed(
    op: ArrayOperation[...], place: int, rate: Any, out: Any, operands: Sequence[Any], options: dict[str, Any]
) -> Any:
    """J t for an operation that declares only gᵀJ: the derivative of (gᵀJ) t with respect to g."""
    g = Tensor(np.zeros(out.shape, out.dtype))
    try:
        with enable_grad():
            sent = op.pull(place, g, out, operands, options)
        if not isinstance(sent, Tensor):
            raise TypeError(f"its vjp returned {type(sent).__name__}")
    except TypeError as error:
        raise TypeError(
            f"forward mode through {op.name} needs its jvps: declare them, or linear=True if it is linear, or write "
            f"its vjps with functions that accept Tensors ({error})"
        ) from error
    ends = {g, *[x for x in (out, *operands) if isinstance(x, (Tensor, Value))]}
    rate = adjoints(topological_order(sent, stop=ends.__contains__), {sent: rate}, stop=ends.__contains__)[g]
    return np.zeros(out.shape, out.dtype) if rate is None else rate


hooks.transposed = _transposed


def _spread(rate: Any, node: Tensor | Value) -> Any:
    """A gradient or a rate of change at a node; a number becomes an array filled with it, and a Value a Tensor."""
    if isinstance(rate, Value):
        return operations.astype(rate, float)
    if rate is None or isinstance(rate, (np.ndarray, Tensor, Masked)):
        return rate
    return np.asarray(rate) if isinstance(node, Value) else np.full(node.shape, rate, node.dtype)


def _fitted(x: Any, like: Tensor | Value, fit: Callable[[Any, tuple[int, ...]], Any]) -> Any:
    """An array or a Tensor, fitted to the shape and dtype of ``like``; if that is a Value, a number or a Value."""
    if not isinstance(x, (Tensor, Masked)):
        x = np.asarray(x)
    elif isinstance(x, Masked):
        shape = () if isinstance(like, Value) else like.shape
        live = fit(x.live.astype(float), shape) != 0
        return with_mask(_fitted(x.data, like, fit), live)
    if isinstance(like, Value):
        return only_number(x if x.shape == () else fit(x, ()))
    data = like._data
    if x.shape != data.shape:
        x = fit(x, data.shape)
    return x if x.dtype == data.dtype else operations.astype(x, data.dtype)


def _name(node: Tensor | Value) -> str:
    """A node as error messages name it."""
    kind = type(node).__name__
    if node.label:
        return f"{kind} {node.label!r}"
    return f"a Tensor of shape {node.shape}" if isinstance(node, Tensor) else repr(node)


# ---------------------------------------------------------------------------------------------------------------------
# In C
# ---------------------------------------------------------------------------------------------------------------------


def _record_in_c() -> None:
    """Let the C code record what it can; see :mod:`autograd.arrays.native_nodes`."""
    nodes.setup(
        tensor=Tensor,
        value=Value,
        primitive=Primitive,
        listeners=listeners,
        own=own,
        constant=_array_operand,
        recorded=_record_array_operation,
        elementwise=record_elementwise,
        fitted=partial(_fitted, fit=operations.unbroadcast),
        quiet=partial(np.errstate, all="ignore"),
        accumulating=accumulating,
    )
    dialect(Tensor, rank=3)(nodes.record_row)
    for kind in (Tensor, Value):
        recorder(kind)(nodes.record)
    for op in PRIMITIVES.values():
        if len(op.parameters) == 1:
            op.methods[Tensor] = nodes.elementwise(op, op.name, op.array or op)


if nodes is not None:
    _record_in_c()
