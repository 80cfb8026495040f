"""``Tensor``: a NumPy array that remembers how it was made.

A Tensor is to an array what a ``Value`` is to a number, on the same table of calculus and the same sweep.  It is plain
data: the array, the operation that computed it, its operands and options.  Local derivatives are not kept but computed
by the sweep from the operands, as long as these are what the operation read; if they have changed, the sweep says so.

*How a change is noticed.*  The arrays that operations read and compute are never written to.  None comes in from
outside: the constructor and every assignment to ``.data`` copy, and constant arrays among the operands are copied.
None goes out either: ``.data`` returns a copy for everybody to write to.  When the data is read next, comparing the two
tells whether somebody did; then a new array takes the old one's place.  A node keeps the arrays that it read, and
nothing was changed as long as its operands still hold the same ones.  What nobody reads through ``.data`` costs
nothing; assigning to it, as ``p.data -= step`` does, ends the watch.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from numbers import Real
from typing import Any, NoReturn

import numpy as np

from autograd.arrays import functions, linear_algebra, operations
from autograd.arrays.arithmetic import ArrayOperators
from autograd.arrays.array_operation import ArrayOperation, recorder
from autograd.core import display, rules, special
from autograd.core.copies import copied, pickled
from autograd.core.hooks import hooks
from autograd.core.primitive import PRIMITIVES, Primitive, dialect
from autograd.core.sweep import backward, refresh
from autograd.core.value import UFUNCS, Value, number_of
from autograd.core.watching import tell_made

__all__ = ["Tensor", "enable_grad", "no_grad"]

Array = np.ndarray[Any, Any]
Operation = Primitive | ArrayOperation

_recording: ContextVar[bool] = ContextVar("recording", default=True)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute Tensors without recording: inside of ``with no_grad():``, or in a function decorated with ``@no_grad()``.

    Values always record: what they remember is a few bytes.

    >>> x = Tensor([1.0, 2.0])
    >>> with no_grad():
    ...     y = x * 2
    >>> y.parents
    ()
    """
    with _recording_set(False):
        yield


@contextmanager
def enable_grad() -> Iterator[None]:
    """Record again, inside of :func:`no_grad`.

    >>> x = Tensor([1.0, 2.0])
    >>> with no_grad(), enable_grad():
    ...     y = x * 2
    >>> y.parents == (x,)
    True
    """
    with _recording_set(True):
        yield


@contextmanager
def _recording_set(recording: bool) -> Iterator[None]:
    token = _recording.set(recording)
    try:
        yield
    finally:
        _recording.reset(token)


class Tensor(ArrayOperators):
    """An array of floats in a computation graph.

    Compute with it as with an array: Python's operators, indexing, the functions of :mod:`autograd` and those of NumPy
    (``np.exp(t)``, ``np.sum(t, axis=0)``, ``A @ t``).  Arrays and numbers among the operands are constants.  What is
    computed remembers its operands, and :meth:`backward` differentiates it.

    Comparisons give arrays of bool, and the hash is the identity's, as in PyTorch.

    Args:
        data: an array of ``float32`` or ``float64``, which keeps its type and is copied; or numbers and nested lists of
            them, which become ``float64``.
        label: a name, for people to read.

    Raises:
        TypeError: if ``data`` is an array of another type, or ``label`` is not text.

    >>> x = Tensor([1.0, 2.0, 3.0], label="x")
    >>> y = (x**2).sum()
    >>> y.backward()
    >>> float(y), x.grad
    (14.0, array([2., 4., 6.]))
    """

    __slots__ = (
        "__weakref__",
        "_data",  # never written to
        "_grad",
        "_inputs",  # the arrays and numbers that the operation read
        "_kept",  # what else it computed, for the sweep to use
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

    def __init__(self, data: Any, label: str | None = None) -> None:
        self._data = self._out = _floats(data)
        self._op, self._operands, self._options, self._inputs = None, (), {}, ()
        self._grad = self._kept = self._lent = None
        self.label = label

    # -- what it is ---------------------------------------------------------------------------------------------------

    @property
    def data(self) -> Array:
        """The array itself: it may be written to, after a sweep, as in ``p.data -= rate * p.grad``.

        A write between a computation and its sweep is an error that the sweep reports.  Assigning copies; shape and
        dtype stay what they are.
        """
        if self._lent is None:
            self._lent = self._data.copy()
        return self._lent

    @data.setter
    def data(self, data: Any) -> None:
        fresh = np.array(data._read() if isinstance(data, Tensor) else data, self.dtype)
        if fresh.shape != self.shape:
            raise ValueError(f"the data of {_name(self)} cannot be replaced by an array of shape {fresh.shape}")
        self._data, self._lent = fresh, None

    def _read(self) -> Array:
        """The data as it is now, in an array that is never written to: another one after every change."""
        if self._lent is not None:
            bits = f"u{self._data.itemsize}"
            if not np.array_equal(self._data.view(bits), self._lent.view(bits)):
                self._data = self._lent.copy()
        return self._data

    @property
    def grad(self) -> Any:
        """The derivative that the last sweep found here; in a leaf, the sum over all sweeps since it was ``None``.

        An array, or after ``backward(create_graph=True)`` a Tensor; ``None`` if no sweep has reached this Tensor.
        """
        return self._grad

    @grad.setter
    def grad(self, grad: Any) -> None:
        if grad is not None and not isinstance(grad, Tensor):
            grad = np.array(grad, self.dtype)
        if grad is not None and grad.shape != self.shape:
            raise ValueError(f"a gradient of shape {grad.shape} does not fit {_name(self)}")
        self._grad = grad

    @property
    def label(self) -> str | None:
        """Its name, for people to read."""
        return self._label

    @label.setter
    def label(self, label: str | None) -> None:
        if not (label is None or isinstance(label, str)):
            raise TypeError(f"a label is text, not {type(label).__name__} ({label!r})")
        self._label = label or None

    @property
    def op(self) -> Operation | None:
        """The row of a table that computed it; ``None`` in a leaf."""
        return self._op

    @property
    def operands(self) -> tuple[Any, ...]:
        """What it was computed from, in order: Tensors, and the constant arrays and numbers."""
        return self._operands

    @property
    def options(self) -> dict[str, Any]:
        """How the operation was called, such as ``{"axis": 0, "keepdims": False}``."""
        return dict(self._options)

    @property
    def parents(self) -> tuple[Tensor | Value, ...]:
        """The Tensors and Values that it was computed from, one entry for each edge."""
        return tuple([x for x in self._operands if isinstance(x, (Tensor, Value))]) if self._operands else ()

    @property
    def shape(self) -> tuple[int, ...]:
        """The lengths of its axes."""
        return tuple(self._data.shape)

    @property
    def dtype(self) -> Any:
        """``float32`` or ``float64``."""
        return self._data.dtype

    @property
    def ndim(self) -> int:
        """How many axes it has."""
        return self._data.ndim

    @property
    def size(self) -> int:
        """How many numbers it holds."""
        return self._data.size

    @property
    def T(self) -> Any:  # noqa: N802 (NumPy's name)
        """Its transpose."""
        return operations.transpose(self)

    def item(self) -> Value:
        """The number that a Tensor of one element holds, as a Value of the same graph.

        With :func:`autograd.stack` that leads the other way, graphs of numbers and of arrays are one graph.  For a log,
        take ``float(t)``: a plain number holds on to nothing.

        Raises:
            TypeError: if there is not exactly one number.

        >>> x = Tensor([3.0, 4.0])
        >>> y = (x * x).sum().item() ** 0.5
        >>> y.backward()
        >>> y.data, x.grad
        (5.0, array([0.6, 0.8]))
        """
        return Item._of(self) if _recording.get() else Value(float(self))

    def numpy(self) -> Array:
        """A copy of the data."""
        return self._read().copy()

    def detach(self, label: str | None = None) -> Tensor:
        """A leaf with a copy of the data: gradients stop there."""
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

    # -- the gradient -------------------------------------------------------------------------------------------------

    def pull(self, gradient: Any) -> list[tuple[Tensor | Value, Any]]:
        """What a gradient here sends along each edge, as pairs of a parent and an array of the parent's shape.

        To a Value it sends a number.

        Given a Tensor for the gradient, it is recorded what is sent: so arise derivatives of derivatives.

        Raises:
            RuntimeError: if the data of an operand was changed since.
        """
        op = self._op
        if op is None:
            return []
        places = self._edges()
        recorded = isinstance(gradient, Tensor)
        operands, out = (self._operands, self) if recorded else (self._inputs, self._out)
        if not isinstance(gradient, (np.ndarray, Tensor)):
            gradient = _spread(gradient, self)
        if isinstance(op, Primitive):
            sent = [operations.flow(gradient, _slope(op, place, operands, out), op.selects) for place in places]
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

    def push(self, tangents: Mapping[Any, Any]) -> Any:
        """How fast this changes if its parents change as fast as ``tangents`` says; ``None`` if none of them does.

        If one of the tangents is a Tensor, it is recorded.
        """
        rates = [_spread(tangents.get(x), x) if isinstance(x, (Tensor, Value)) else None for x in self._operands]
        if all(rate is None for rate in rates):
            return None
        self._edges()
        recorded = any(isinstance(rate, (Tensor, Value)) for rate in rates)
        operands, out = (self._operands, self) if recorded else (self._inputs, self._out)
        total: Any = None
        with np.errstate(all="ignore"):
            if isinstance(self._op, ArrayOperation):
                total = self._op.push(rates, out, operands, self._options)
            elif self._op is not None:
                for place, rate in enumerate(rates):
                    if rate is not None:
                        term = operations.flow(rate, _slope(self._op, place, operands, out), self._op.selects)
                        total = term if total is None else total + term
            return _fitted(total, self, operations.broadcast_to)

    def _edges(self) -> list[int]:
        """The places of its parents among the operands.

        Raises ``RuntimeError`` if what the operation read, or its result, is not what it was.
        """
        places = []
        for place, x in enumerate(self._operands):
            read = self._inputs[place]
            if isinstance(x, Tensor):
                changed = (x._data if x._lent is None else x._read()) is not read
            elif isinstance(x, Value):
                number = number_of(x)
                changed = number != read and not (number != number and read != read)  # nan is itself
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
            "compute the output anew before differentiating it"
        )

    def backward(self, seed: Any = None, *, create_graph: bool = False) -> None:
        """Set ``.grad`` of everything this was computed from to the derivative of this with respect to it.

        Leaves *accumulate*: a second sweep adds to what the first one left.  Set ``leaf.grad = None`` to start anew.
        Between leaf and output ``.grad`` is the last sweep's.

        Args:
            seed: the derivative to start with, an array of the shape of this; 1 if this holds a single number.
            create_graph: record the sweep, so that every ``.grad`` is a Tensor that can be differentiated again.  A
                gradient then holds on to the graph, and the graph to the gradient, until it is set to ``None``.

        Raises:
            RuntimeError: if no seed is given, and this is not a single number; or if data was written to since.
            ValueError: if the seed has another shape.

        >>> x = Tensor([1.0, 2.0])
        >>> (x**3).backward([1.0, 1.0], create_graph=True)
        >>> slope, x.grad = x.grad, None
        >>> slope.backward([1.0, 1.0])
        >>> slope.numpy(), x.grad
        (array([ 3., 12.]), array([ 6., 12.]))
        """
        start = self._seed(seed)
        if create_graph != isinstance(start, Tensor):
            start = Tensor(start) if create_graph else start.numpy()
        backward(self, start)

    def receive(self, gradient: Any, taken: set[int]) -> None:
        """Take what the sweep found here; a leaf's gradient is its own, for its owner to scale or clip."""
        if gradient is None:
            gradient = np.zeros(self.shape, self.dtype)
        if self._op is None:
            if id(gradient) in taken or (isinstance(gradient, np.ndarray) and gradient.base is not None):
                gradient = +gradient  # others hold it, or what it is a view of
            if self._grad is not None:
                gradient = self._grad + gradient
        taken.add(id(gradient))
        self._grad = gradient

    def refresh(self) -> Tensor:
        """Compute the recorded graph again from the present data of its leaves; returns this node.

        >>> x = Tensor([1.0, 2.0])
        >>> y = x.sum()
        >>> x.data[0] = 5.0
        >>> float(y.refresh())
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
        """Take over what :meth:`recompute` has found."""
        if self._op is not None:
            self._data, self._out, self._lent, self._kept = data, data, None, None
            self._inputs = _raw(self._operands)

    def _seed(self, seed: Any) -> Any:
        if seed is None:
            if self.size != 1:
                raise RuntimeError(
                    f"backward() starts from a single number, but this is {_name(self)}: reduce it, with sum() for "
                    "example, or give the seed"
                )
            return np.array(1.0, self.dtype, ndmin=self.ndim)
        if not isinstance(seed, Tensor):
            seed = np.array(seed, self.dtype)
        if seed.shape != self.shape:
            raise ValueError(f"a seed of shape {seed.shape} does not fit {_name(self)}")
        return seed

    # -- the doors to the rooms above ---------------------------------------------------------------------------------

    tree, render, _repr_mimebundle_ = display.tree, display.render, display.mimebundle

    # -- NumPy's functions --------------------------------------------------------------------------------------------

    def __array__(self, *args: Any, **options: Any) -> NoReturn:
        raise TypeError(
            "a Tensor does not turn into an array by itself, which would lose its graph: use t.data to read it, "
            "t.detach() to cut it off, autograd.stack to join several"
        )

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        return array_ufunc(ufunc, method, inputs, options)

    def __array_function__(self, function: Any, types: Any, args: Any, options: Any) -> Any:
        return array_function(function, args, options)

    # -- copying and pickling, as flat records ------------------------------------------------------------------------

    def __copy__(self) -> Tensor:
        copy = _node(self._read(), self._op, self._operands, self._options, self._inputs)
        copy._grad, copy._label = self._grad, self._label
        return copy

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return copied(self, memo)

    def replace_operands(self, substitutes: Mapping[Any, Any]) -> None:
        """Take over ``substitutes[x]`` for every operand ``x`` that is a node; for copies."""
        self._edges()
        self._operands = tuple([substitutes[x] if isinstance(x, (Tensor, Value)) else x for x in self._operands])
        self._inputs = _raw(self._operands)

    def __reduce__(self) -> tuple[Any, ...]:
        if self._op is None:
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
        node = _node(data.copy(), op, tuple(operands), options, _raw(operands))
        node._label, node._grad = label, grad
        return node

    # -- functions, as methods ----------------------------------------------------------------------------------------

    astype, ravel, flatten = operations.astype, operations.ravel, operations.ravel
    squeeze, swapaxes = operations.squeeze, operations.swapaxes
    sum, prod, max, min = operations.sum, operations.prod, operations.max, operations.min
    cumsum, logsumexp = operations.cumsum, operations.logsumexp
    mean, var, std, cumprod, ptp = functions.mean, functions.var, functions.std, functions.cumprod, functions.ptp
    dot, trace, diagonal, take, repeat = (
        functions.dot,
        functions.trace,
        functions.diagonal,
        functions.take,
        functions.repeat,
    )
    softmax, log_softmax = operations.softmax, operations.log_softmax
    exp, expm1, log, log1p, log2, log10 = rules.exp, rules.expm1, rules.log, rules.log1p, rules.log2, rules.log10
    sqrt, cbrt, square, reciprocal = rules.sqrt, rules.cbrt, rules.square, rules.reciprocal
    sin, cos, tan, arcsin, arccos, arctan = rules.sin, rules.cos, rules.tan, rules.arcsin, rules.arccos, rules.arctan
    sinh, cosh, tanh, sech = rules.sinh, rules.cosh, rules.tanh, rules.sech
    arcsinh, arccosh, arctanh = rules.arcsinh, rules.arccosh, rules.arctanh
    sigmoid, softplus, relu, leaky_relu, elu = rules.sigmoid, rules.softplus, rules.relu, rules.leaky_relu, rules.elu
    softsign, silu, gelu, erf, erfc = rules.softsign, rules.silu, rules.gelu, rules.erf, rules.erfc
    logit, entr, erfinv, sinc = special.logit, special.entr, special.erfinv, special.sinc
    lgamma, digamma, i0, i1 = special.lgamma, special.digamma, special.i0, special.i1
    sign, floor, clip = rules.sign, rules.floor, functions.clip

    def transpose(self, *axes: Any) -> Any:
        """The axes in another order, ``t.transpose(1, 0)`` or ``t.transpose((1, 0))``; reversed if none is given."""
        return operations.transpose(self, (axes[0] if len(axes) == 1 else axes) or None)

    def reshape(self, *shape: Any) -> Any:
        """The same numbers in another shape, ``t.reshape(2, 3)`` or ``t.reshape((2, 3))``."""
        return operations.reshape(self, shape[0] if len(shape) == 1 else shape)


# ---------------------------------------------------------------------------------------------------------------------
# Making nodes
# ---------------------------------------------------------------------------------------------------------------------


@dialect(Tensor, rank=3)
def record_elementwise(op: Primitive, operands: tuple[Any, ...]) -> Tensor:
    """Compute a row of the table number by number."""
    return _recorded(
        op, tuple([x if isinstance(x, (Tensor, float, Value)) else _constant(op, x) for x in operands]), {}
    )


@recorder(Tensor)
@recorder(Value)
def _record_array_operation(op: ArrayOperation, operands: Sequence[Any], options: dict[str, Any]) -> Tensor:
    """Compute a row of the array operations, to which a Value is an array without axes."""
    return _recorded(op, tuple([x if isinstance(x, Tensor) else _array(op, x) for x in operands]), options)


def _array(op: ArrayOperation, x: Any) -> Any:
    """An operand that is no Tensor, as an array or a Tensor."""
    return _recorded(rules.positive, (x,), {}) if isinstance(x, Value) else _constant(op, x)


def _recorded(op: Operation, operands: tuple[Any, ...], options: dict[str, Any]) -> Tensor:
    inputs = _raw(operands)
    if not _recording.get():
        return _node(_computed(op, inputs, options), None, (), {}, ())
    if isinstance(op, Primitive) or op.forward_and_kept is None:
        return _node(_computed(op, inputs, options), op, operands, options, inputs)
    data, kept = op.forward_and_kept(*inputs, **options)
    return _node(np.asarray(data), op, operands, options, inputs, kept)


def new_node(op: Operation, data: Array, operands: tuple[Any, ...], options: dict[str, Any]) -> Tensor:
    """A node that holds what an operation computed; a leaf, if nothing is being recorded."""
    if _recording.get():
        return _node(data, op, operands, options, _raw(operands))
    return _node(data, None, (), {}, ())


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
    """The value of an operation; of a row of the table, in the dtype that NumPy gives to arrays like these."""
    if isinstance(op, ArrayOperation):
        return np.asarray(op.forward(*raw, **options))
    data = np.asarray(op(*raw) if op.array is None else op.array(*raw))
    dtypes = {x.dtype for x in raw if isinstance(x, (np.ndarray, np.generic))} or {data.dtype}
    dtype = np.result_type(*dtypes) if len(dtypes) > 1 else dtypes.pop()
    if dtype.kind != "f":  # a Value met whole numbers only
        dtype = np.dtype(np.float64)
    return data if data.dtype == dtype else data.astype(dtype)


def _restored_leaf(data: Array, label: str | None, grad: Any) -> Tensor:
    leaf = Tensor(data, label)
    leaf._grad = grad
    return leaf


def _raw(operands: Iterable[Any]) -> list[Any]:
    """Operands as operations read them: arrays, which are never written to, and numbers."""
    return [
        (x._data if x._lent is None else x._read())
        if isinstance(x, Tensor)
        else (number_of(x) if isinstance(x, Value) else x)
        for x in operands
    ]


def _slope(op: Primitive, place: int, operands: Sequence[Any], out: Any) -> Any:
    """The local derivative in one operand, from the table."""
    return op.partials[0](operands, out)[place] if op.variadic else op.partials[place](*operands, out)


def _spread(rate: Any, node: Tensor | Value) -> Any:
    """A gradient or a rate of change at a node; a plain number stands for an array of it."""
    if rate is None or isinstance(rate, (np.ndarray, Tensor, Value)):
        return rate
    return np.asarray(rate) if isinstance(node, Value) else np.full(node.shape, rate, node.dtype)


def _fitted(x: Any, like: Tensor | Value, fit: Callable[[Any, tuple[int, ...]], Any]) -> Any:
    """An array or a Tensor brought to the shape of ``like``, in its dtype; for a Value, a number or a Value."""
    if not isinstance(x, Tensor):
        x = np.asarray(x)
    if isinstance(like, Value):
        return (x if x.shape == () else fit(x, ())).item()
    data = like._data
    if x.shape != data.shape:
        x = fit(x, data.shape)
    return x if x.dtype == data.dtype else operations.astype(x, data.dtype)


def _name(node: Tensor | Value) -> str:
    """A node as error messages call it."""
    kind = type(node).__name__
    if node.label:
        return f"{kind} {node.label!r}"
    return f"a Tensor of shape {node.shape}" if isinstance(node, Tensor) else repr(node)


# ---------------------------------------------------------------------------------------------------------------------
# From arrays to numbers
# ---------------------------------------------------------------------------------------------------------------------


class Item(Value):
    """The number of a Tensor that holds a single one: where a graph of arrays goes on as one of numbers."""

    __slots__ = ()

    @classmethod
    def _of(cls, tensor: Any) -> Item:
        node = cls(float(tensor))
        node._connect(_ITEM, (tensor,), (1.0,))
        tell_made(node)
        return node

    @property
    def parents(self) -> tuple[Any, ...]:
        """The Tensor."""
        return self.operands

    @property
    def partials(self) -> tuple[float, ...]:
        """1: it is the same number."""
        return (1.0,)

    def pull(self, gradient: Any) -> Iterator[tuple[Any, Any]]:
        """The gradient, as an array of the Tensor's shape."""
        tensor: Any = self.operands[0]
        if isinstance(gradient, Value):
            yield tensor, operations.astype(operations.reshape(gradient, tensor.shape), tensor.dtype)
        else:
            yield tensor, np.full(tensor.shape, gradient, tensor.dtype)

    def push(self, tangents: Mapping[Any, Any]) -> Any:
        """The Tensor's rate of change, as a number."""
        rate = tangents.get(self.operands[0])
        return None if rate is None else rate.item()

    def recompute(self, fresh: Mapping[Any, Any]) -> tuple[float, Any]:
        return fresh[self.operands[0]].item(), (1.0,)

    def fields(self) -> tuple[Any, ...]:
        """Everything that this node holds except its operands, for pickling."""
        return self._held(), self.label

    @classmethod
    def from_fields(cls, fields: tuple[Any, ...], operands: Sequence[Any]) -> Item:
        """The node with these :meth:`fields` and operands."""
        node = cls._of(*operands)
        grad, node.label = fields
        node._hold(grad)
        return node


_ITEM = Primitive("item", float, [lambda x, out: 1.0], parameters=["x"])


# ---------------------------------------------------------------------------------------------------------------------
# Arrays in, clear errors out
# ---------------------------------------------------------------------------------------------------------------------


def _floats(data: Any) -> Array:
    """A copy of an array of floats, or an array made of numbers and lists of them."""
    if isinstance(data, (Tensor, Value)):
        raise TypeError(f"a Tensor holds plain numbers, not a {type(data).__name__}: use t.detach(), or float(v)")
    if isinstance(data, np.ndarray):
        if data.dtype not in (np.float32, np.float64):
            hint = "take its real part" if data.dtype.kind == "c" else "convert it first, as with data.astype(float)"
            raise TypeError(f"a Tensor holds an array of float32 or float64, not of {data.dtype}: {hint}")
        return np.array(data)
    try:
        array = np.asarray(data)
    except ValueError:
        raise ValueError("a Tensor takes nested lists whose rows are equally long, but these are not") from None
    if array.dtype.kind not in "biuf":
        what = f"a Tensor takes real numbers and nested lists of them, not {type(data).__name__} ({data!r})"
        raise TypeError(f"{what}: autograd.stack makes a Tensor of Values" if array.dtype.kind == "O" else what)
    return array.astype(np.float32 if isinstance(data, np.float32) else np.float64)


def _constant(op: Operation, x: Any) -> Any:
    """A constant operand: a plain number, or a copy of an array, so that later writes do not reach the graph.

    An array that owns its numbers and is read-only (``x.flags.writeable = False``) is taken as it is.
    """
    if isinstance(op, Primitive) and isinstance(x, (Real, np.generic)) and not isinstance(x, np.complexfloating):
        return x
    frozen = isinstance(x, np.ndarray) and x.base is None and not x.flags.writeable
    array = x if frozen else np.array(x)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8:
        what = f"an array of {array.dtype}" if isinstance(x, (np.ndarray, np.generic)) else type(x).__name__
        hint = ": autograd.stack makes a Tensor of Values" if array.dtype.kind == "O" else ""
        raise TypeError(f"{op.name} takes Tensors and arrays of real numbers, not {what}{hint}")
    return array


# ---------------------------------------------------------------------------------------------------------------------
# NumPy's functions
# ---------------------------------------------------------------------------------------------------------------------

_FUNCTIONS: dict[Any, Any] = {
    getattr(np, name): getattr(module, name)
    for module in (operations, functions)
    for name in module.__all__
    if hasattr(np, name)
}
_FUNCTIONS |= {
    getattr(np.linalg, name): getattr(linear_algebra, name)
    for name in linear_algebra.__all__
    if hasattr(np.linalg, name)
}
_FUNCTIONS |= {np.amax: operations.max, np.amin: operations.min, np.sinc: special.sinc, np.i0: special.i0}

_READERS = {
    *(np.shape, np.ndim, np.size, np.zeros_like, np.ones_like, np.argmax, np.argmin, np.argsort, np.nonzero),
    *(np.argpartition, np.searchsorted, np.may_share_memory, np.shares_memory),
    *(np.any, np.all, np.count_nonzero, np.isclose, np.allclose, np.array_equal, np.result_type, np.array2string),
}
"""Functions that only read: their results have no derivative."""


def array_ufunc(ufunc: np.ufunc, method: str, inputs: Sequence[Any], options: dict[str, Any]) -> Any:
    """One of NumPy's elementwise functions, called with a Tensor, or with a Value and arrays."""
    name = f"np.{ufunc.__name__}"
    if method != "__call__" or options:
        detail = f".{method}" if method != "__call__" else f" with {', '.join(options)}="
        raise NotImplementedError(f"{name}{detail} is not there for a Tensor")
    operands = [np.asarray(x) if isinstance(x, (list, tuple)) else x for x in inputs]
    row = operations.matmul if ufunc is np.matmul else PRIMITIVES.get(UFUNCS.get(ufunc.__name__, ufunc.__name__))
    if row is not None:
        return row(*operands)
    if not {"d->?", "dd->?"}.isdisjoint(ufunc.types):  # comparisons and predicates read the data
        return ufunc(*_raw(operands))
    raise NotImplementedError(f"{name} is not in the table: declare it with autograd.primitive")


def array_function(function: Any, args: Sequence[Any], options: dict[str, Any]) -> Any:
    """One of NumPy's functions of arrays, called with a Tensor or a Value somewhere in its arguments."""
    if function in _READERS:
        return function(*_raw(args), **dict(zip(options, _raw(options.values()), strict=True)))
    ours = _FUNCTIONS.get(function)
    if ours is None:
        raise NotImplementedError(f"{_numpy_name(function)} is not there for a Tensor or a Value")
    if isinstance(ours, Primitive):
        return ours(*args, **options)
    takes = ours.signature if isinstance(ours, ArrayOperation) else inspect.signature(ours)
    options = {name: x for name, x in options.items() if x is not None or name in takes.parameters}
    try:
        takes.bind(*args, **options)
    except TypeError as error:
        known = ", ".join(takes.parameters)
        raise NotImplementedError(f"{_numpy_name(function)} of a Tensor takes ({known}): {error}") from None
    return ours(*args, **options)


def _numpy_name(function: Any) -> str:
    return f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)


hooks.array_ufunc, hooks.array_function, hooks.elementwise = array_ufunc, array_function, record_elementwise
