"""Transforms: from a function to its derivatives.

``grad(f)`` is a function and can be differentiated again, to any order and in any mixture of forward and reverse mode.
Transforms are pure: they make their own leaves and change no ``.grad``.

Arguments are numbers, NumPy arrays, or nested lists, tuples and dicts of them; derivatives have the same structure.
Inside the function, numbers are Values and arrays are Tensors.  A transform returns plain numbers and arrays, with
one exception: nothing that is captured is lost.  If an argument is a node, or a result depends on a node that the
function found outside, then that result is a node too, and can be differentiated further::

    w = Value(2.0)
    slope = grad(lambda x: w * x)(3.0)  # Value(2.0), whose derivative in w is 1

Inside of ``no_grad()`` a transform returns plain numbers and arrays.  So keep data in arrays: from a captured Tensor,
results would stay attached to its graph.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import copy
from functools import partial
from numbers import Real
from types import MethodType
from typing import Any, TypeAlias

import numpy as np

from autograd.arrays.operands import as_array
from autograd.arrays.operations import reshape
from autograd.arrays.stacking import stack
from autograd.arrays.tensor import Tensor
from autograd.core.aliases import Array, Entry, Structure
from autograd.core.display import function_name
from autograd.core.errors import hidden
from autograd.core.grad_mode import enable_grad, grad_enabled
from autograd.core.liveness import unmasked, with_mask
from autograd.core.nested import entries, entries_as_in, rebuild
from autograd.core.scope import enter_scope
from autograd.core.sweep import Node, adjoints, is_node, tangents, topological_order
from autograd.core.value import Value

__all__ = ["elementwise_grad", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

__tracebackhide__ = hidden

Function: TypeAlias = Callable[..., Structure]
"""A function to differentiate."""

Derivative: TypeAlias = Any
"""Numbers, arrays or nodes, in the structure of an argument or of a value."""

Argnums: TypeAlias = "int | str | Sequence[int | str]"
"""One argument or several of them, by position or by name."""

leaf_types: dict[type, Callable[[Any], Any]] = {}
"""What makes a leaf of an argument that is neither a number nor an array, by its type; see
:mod:`autograd.compat.objects`.  Such a leaf has a method ``gradient_like``, which stands in for :func:`_like`."""


def value_and_grad(
    f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None
) -> Callable[..., tuple[Any, Derivative]]:
    """A function that returns the value of ``f`` and its gradient.

    Args:
        f: a function that returns one number.
        argnums: the argument to differentiate with respect to, by position or by name; several give a tuple of
            gradients.
        argnum: another name for ``argnums``, that of HIPS autograd.

    Returns:
        A function of the same arguments that returns ``(value, gradient)``.  A gradient has the structure of its
        argument, with arrays of the same shapes and dtypes.

    Raises:
        TypeError: if ``f`` is not a function; when called, if it does not return one node, or an argument contains
            anything but real numbers and arrays of them.
        ValueError: when called, if ``argnums`` names an argument that was not given.

    >>> value_and_grad(lambda p: p["w"] * p["x"] ** 2)({"w": 2.0, "x": 3.0})
    (18.0, {'w': 9.0, 'x': 12.0})
    >>> value_and_grad(lambda x: (x**2).sum())(np.array([1.0, 2.0]))
    (5.0, array([2., 4.]))
    """

    chosen = _chosen("value_and_grad", f, argnums, argnum)

    @_described("value_and_grad", "value and gradient", f, chosen)
    def derived(*args: Structure, **kwargs: Structure) -> tuple[Any, Derivative]:
        call = _Call(f, args, kwargs, chosen)
        gradient = call.gradient()
        return call.result(), gradient

    return derived


def grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Callable[..., Derivative]:
    """The gradient of ``f``, as a function; arguments as in :func:`value_and_grad`.

    >>> from autograd import tanh
    >>> slope = grad(tanh)
    >>> slope(0.0), grad(grad(slope))(0.0)
    (1.0, -2.0)
    """
    chosen = _chosen("grad", f, argnums, argnum)
    both = value_and_grad(f, chosen)

    @_described("grad", "gradient", f, chosen)
    def derived(*args: Structure, **kwargs: Structure) -> Derivative:
        return both(*args, **kwargs)[1]

    return derived


def elementwise_grad(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Callable[..., Derivative]:
    """The derivative of an elementwise function at every number of an argument; arguments as in :func:`grad`.

    It is the gradient of the sum of all numbers that ``f`` returns.  That is the same as long as each of them depends
    on only one number of the argument.

    >>> from autograd import tanh
    >>> elementwise_grad(tanh)(np.array([0.0, 0.5])).round(4)
    array([1.    , 0.7864])
    """

    chosen = _chosen("elementwise_grad", f, argnums, argnum)

    @_described("elementwise_grad", "elementwise derivative", f, chosen)
    def derived(*args: Structure, **kwargs: Structure) -> Derivative:
        call = _Call(f, args, kwargs, chosen)
        return call.structured(call.pulled([1.0] * len(call.outputs)))

    return derived


def jacobian(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Callable[..., Derivative]:
    """The derivative of every number that ``f`` returns with respect to every number of an argument.

    Args:
        f: a function that returns numbers and arrays, also in lists, tuples and dicts.
        argnums: as in :func:`value_and_grad`.
        argnum: as in :func:`value_and_grad`.

    Returns:
        A function of the same arguments that returns the structure of the value of ``f`` with each number replaced by
        its gradient.  An array of shape S is replaced by the gradients of its numbers in one array, which has the shape
        S + A for an argument of shape A.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    >>> jacobian(lambda x: x**2)(np.array([1.0, 2.0]))
    array([[2., 0.],
           [0., 4.]])
    """

    chosen = _chosen("jacobian", f, argnums, argnum)

    @_described("jacobian", "Jacobian", f, chosen)
    def derived(*args: Structure, **kwargs: Structure) -> Derivative:
        call = _Call(f, args, kwargs, chosen)
        return rebuild(call.output, map(call.rows, call.outputs))

    return derived


def hessian(f: Function, argnums: Argnums = 0, *, argnum: Argnums | None = None) -> Callable[..., Derivative]:
    """The second derivatives of ``f``: the Jacobian of its gradient; arguments as in :func:`value_and_grad`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([1.0, 2.0])
    [[4.0, 2.0], [2.0, 0.0]]
    """
    chosen = _chosen("hessian", f, argnums, argnum)
    return _described("hessian", "Hessian", f, chosen)(jacobian(grad(f, chosen), chosen))


def jvp(f: Function, primals: Structure, tangents: Structure) -> tuple[Any, Derivative]:
    """The value of ``f`` and its rate of change, given the rates of change of its arguments (forward mode).

    Args:
        f: a function.
        primals: a tuple or list of its arguments; the only argument, if it is neither.
        tangents: their rates of change, in the same structure and shapes.

    Returns:
        The value, and its rate of change in the same structure.

    Raises:
        ValueError: if a tangent does not have the structure of its primal.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    arguments = _several(primals)
    seeds = _same_structure(arguments, _several(tangents), "tangents", "primals")
    call = _Call(f, arguments, {}, range(len(arguments)))
    return call.result(), call.pushed(seeds)


def vjp(f: Function, *primals: Structure) -> tuple[Any, Callable[[Structure], tuple[Derivative, ...]]]:
    """The value of ``f``, and a function that pulls a cotangent of the value back to the arguments (reverse mode).

    Args:
        f: a function.
        primals: its arguments.

    Returns:
        The value, and a function that takes a cotangent, in the structure of the value, and returns a tuple with one
        gradient for each argument.

    >>> value, pull = vjp(lambda x: [x**2, 3 * x], 2.0)
    >>> value, pull([1.0, 10.0])
    ([4.0, 6.0], (34.0,))
    """
    call = _Call(f, primals, {}, range(len(primals)))

    def pull(cotangent: Structure) -> tuple[Derivative, ...]:
        cotangents = _same_structure(call.output, cotangent, "cotangent", "value")
        sweep = copy(call)
        sweep.take(cotangents)
        gradients: tuple[Derivative, ...] = sweep.structured(sweep.pulled(cotangents))
        return gradients

    return call.result(), pull


def hvp(f: Function, primals: Structure, tangents: Structure) -> Derivative:
    """The Hessian of ``f`` times a vector, without the Hessian itself: the gradient, pushed forward along the vector.

    Args:
        f: a function that returns one number.
        primals: a tuple or list of its arguments; the only argument, if it is neither.
        tangents: the vector, in the same structure.

    Returns:
        A tuple with one part for each argument, in the structure of the argument; for an only argument, its part.

    >>> hvp(lambda x: x[0] ** 2 * x[1], ([1.0, 2.0],), ([1.0, 0.0],))
    ([4.0, 2.0],)
    >>> hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 0.0]))
    array([6., 0.])
    """
    chosen = range(len(primals)) if isinstance(primals, (list, tuple)) else 0
    return jvp(grad(f, chosen), primals, tangents)[1]


def _several(arguments: Structure) -> tuple[Structure, ...]:
    """Arguments as a tuple; anything but a list or a tuple is the only one."""
    return tuple(arguments) if isinstance(arguments, (list, tuple)) else (arguments,)


def _chosen(transform: str, f: Function, argnums: Argnums, argnum: Argnums | None) -> Argnums:
    """The arguments to differentiate with respect to, given under either name.

    Raises:
        TypeError: if ``f`` is not a function, or both names are used.
    """
    if not callable(f):
        given = f"a {type(f).__name__}" if is_node(f) else repr(f)
        raise TypeError(
            f"{transform} takes a function, not {given}: write {transform}(f)(x), where f(x) computes the number; or "
            "write y.backward() for a number y that is computed already, and then x.grad"
        )
    if argnum is None:
        return argnums
    if argnums != 0:
        raise TypeError(f"argnums and argnum are names for the same argument, but both are given: {argnums}, {argnum}")
    return argnum


class _Derived:
    """A derivative, with a name, a description, and the parameters of the function, for calls by name.

    It is an object and not a function so that it can be pickled if the function can.
    """

    def __init__(
        self, transform: str, what: str, f: Function, argnums: Argnums, derived: Callable[..., Derivative]
    ) -> None:
        self.__wrapped__ = f
        self.__name__ = self.__qualname__ = f"{transform}({function_name(f)})"
        wanted = argnums if isinstance(argnums, (int, str)) else ", ".join(map(str, argnums))
        self.__doc__ = f"The {what} of {function_name(f)} with respect to argument {wanted}.\n\n{f.__doc__ or ''}"
        self._made_by = transform, argnums
        self._derived = derived

    def __call__(self, *args: Structure, **kwargs: Structure) -> Any:
        return self._derived(*args, **kwargs)

    def __get__(self, instance: object, owner: type | None = None) -> Any:
        """As an attribute of a class it is a method, like a function."""
        return self if instance is None else MethodType(self, instance)

    def __reduce__(self) -> tuple[Any, ...]:
        transform, argnums = self._made_by
        return globals()[transform], (self.__wrapped__, argnums)

    def __repr__(self) -> str:
        return f"<derivative {self.__name__}>"


def _described(
    transform: str, what: str, f: Function, argnums: Argnums
) -> Callable[[Callable[..., Derivative]], Callable[..., Derivative]]:
    """Make a derivative of the function that computes it."""
    return partial(_Derived, transform, what, f, argnums)


# ---------------------------------------------------------------------------------------------------------------------
# One call of a function with its own leaves
# ---------------------------------------------------------------------------------------------------------------------


class _Call:
    """One call of a function with leaves in place of some of its arguments.

    A leaf is always new, even if the argument is a node.  So two transforms of the same argument have different leaves,
    and neither mistakes the derivative of the other for its own.

    If an argument is a node, or the function captured one, sweeps are recorded, and what they find can be
    differentiated further.  Otherwise, and inside of ``no_grad()``, they compute plain numbers.
    """

    def __init__(
        self, f: Function, args: Sequence[Structure], kwargs: Mapping[str, Structure], argnums: Argnums
    ) -> None:
        self.f = f
        self.single = isinstance(argnums, (int, str))
        chosen = [argnums] if isinstance(argnums, (int, str)) else list(argnums)
        keys = [_key(f, args, kwargs, which) for which in chosen]
        given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
        self.arguments = [given[key] for key in keys]
        wants_nodes = grad_enabled.get()
        self.takes_nodes = wants_nodes and any(map(is_node, entries(self.arguments)))
        with enable_grad():
            self.leaves: list[Node] = [_leaf(entry) for entry in entries(self.arguments)]
            self.ends = {leaf: place for place, leaf in enumerate(self.leaves)}
            are_numbers = all(isinstance(leaf, Value) for leaf in self.leaves)
            self.zeros: list[Derivative] | None = [0.0] * len(self.leaves) if are_numbers else None
            leaves = iter(self.leaves)
            given.update({key: rebuild(argument, leaves) for key, argument in zip(keys, self.arguments, strict=True)})
            with enter_scope(self.leaves) as scope:
                output = f(*[given[i] for i in range(len(args))], **{name: given[name] for name in kwargs})
            self.outputs = [_output(f, entry) for entry in entries(output)]
        self.output: Any = rebuild(output, self.outputs)
        self.order = self._order(*filter(is_node, self.outputs))
        self.captured = scope.captured(self.order) if wants_nodes else []
        self.recorded = self.takes_nodes or bool(self.captured)

    def take(self, seeds: Iterable[Derivative]) -> None:
        """Record sweeps that start from these cotangents or tangents, if one of them is a node."""
        self.takes_nodes = self.takes_nodes or (grad_enabled.get() and any(map(is_node, seeds)))
        self.recorded = self.recorded or self.takes_nodes

    def gradient(self) -> Derivative:
        """The gradient of the only number that the function returned."""
        sizes = [np.size(output) for output in self.outputs]
        if sizes != [1]:
            raise TypeError(f"{function_name(self.f)} returned {sum(sizes)} numbers, not one: use jacobian")
        return self.structured(self.pulled([1.0]))

    def pulled(self, cotangents: Iterable[Derivative]) -> list[Derivative]:
        """The gradient of the sum of all outputs, each times its cotangent, as one entry for each leaf."""
        totals: dict[Node, Derivative] = {}
        for output, cotangent in zip(self.outputs, cotangents, strict=True):
            if is_node(output):
                seed = _like(output, cotangent)
                totals[output] = totals[output] + seed if output in totals else seed
        return self._gradients(self.order, totals)

    def rows(self, output: Entry) -> Derivative:
        """All derivatives of an output: for each leaf an array with the axes of the output, then those of the leaf."""
        shape = np.shape(output)
        order = [] if not is_node(output) else self.order if len(self.outputs) == 1 else self._order(output)
        rows = [self._gradients(order, {output: _like(output, unit)} if order else {}) for unit in _units(shape)]
        if shape == ():
            return self.structured(rows[0])
        with enable_grad():
            columns = [[row[i] for row in rows] for i in range(len(self.leaves))]
            return self.structured(list(map(partial(_stacked, shape), self.leaves, columns)))

    def pushed(self, tangents_given: Sequence[Derivative]) -> Derivative:
        """The rates of change of the outputs, given those of the leaves."""
        self.take(tangents_given)
        rates = {leaf: self._seed(_like(leaf, x)) for leaf, x in zip(self.leaves, tangents_given, strict=True)}
        with enable_grad(), self._sweep_scope(rates.values()):
            found = tangents(self.order, rates)
        changes = [_like(output, found[output] if is_node(output) else None) for output in self.outputs]
        return rebuild(self.output, self._kept(changes, _plain))

    def structured(self, gradients: Sequence[Derivative]) -> Derivative:
        """One entry for each leaf, put into the structure of the arguments."""
        found = iter(self._kept(gradients, _numbers))
        parts = [rebuild(argument, found) for argument in self.arguments]
        return parts[0] if self.single else tuple(parts)

    def result(self) -> Any:
        """The value of the function: nodes if they can be differentiated further, else plain numbers and arrays."""
        return self.output if self.takes_nodes else rebuild(self.output, self._kept(self.outputs, _plain))

    def _order(self, *outputs: Node) -> list[Node]:
        return topological_order(*outputs, stop=self.ends.__contains__)

    def _gradients(self, order: list[Node], totals: Mapping[Node, Derivative]) -> list[Derivative]:
        seeds = {output: self._seed(total) for output, total in totals.items()}
        with enable_grad(), self._sweep_scope(seeds.values()):
            found = adjoints(order, seeds, stop=self.ends.__contains__)
        if self.zeros is None or len(found) >= len(self.leaves):
            return _owned([_like(leaf, found.get(leaf)) for leaf in self.leaves])
        gradients = self.zeros.copy()  # the output depends on few of the arguments
        for node, gradient in found.items():
            place = self.ends.get(node)
            if place is not None:
                gradients[place] = _like(node, gradient)
        return gradients

    def _seed(self, seed: Derivative) -> Derivative:
        """What a sweep starts with: a node if it is to be recorded, in which zeros that are given send nothing."""
        if not self.recorded or is_node(seed):
            return seed
        if isinstance(seed, np.ndarray):
            return with_mask(Tensor(seed), np.asarray(seed != 0))
        return Value(seed) if seed != 0 else None

    def _sweep_scope(self, seeds: Iterable[Derivative]) -> AbstractContextManager[Any]:
        """The scope of a sweep: a recorded sweep calls partial derivatives with nodes, which must stay in the graph."""
        if not self.recorded:
            return nullcontext()
        given = [seed for seed, _ in map(unmasked, seeds) if is_node(seed)]
        return enter_scope([*self.leaves, *self.captured, *given])

    def _kept(self, found: Sequence[Derivative], plain: Callable[[Entry], Entry]) -> Iterable[Derivative]:
        """Derivatives or outputs as nodes where they depend on a node from outside, and as plain numbers elsewhere."""
        if self.takes_nodes:
            return [x if is_node(x) else _leaf(x) for x in found]
        reached: set[Node] = set()
        if self.captured:
            outside = set(self.captured)
            for node in topological_order(*[x for x in found if is_node(x)]):
                if node in outside or not reached.isdisjoint(node.parents):
                    reached.add(node)
        return [x if type(x) is float or (is_node(x) and x in reached) else plain(x) for x in found]


def _output(f: Function, entry: Entry) -> Entry:
    """An entry of the value of a function, with a Tensor in place of an array of Values.

    Raises:
        TypeError: if it is not a real number, an array of real numbers, or a node.
    """
    if is_node(entry):
        return entry
    if isinstance(entry, np.ndarray) and entry.dtype == object:
        return as_array(entry.tolist()) if entry.size else np.zeros(entry.shape)
    if isinstance(entry, (Real, np.bool_)) or (isinstance(entry, np.ndarray) and entry.dtype.kind in "biuf"):
        return entry
    raise TypeError(f"{function_name(f)} returned {entry!r}, which is not a real number, an array of them, or a node")


def _like(entry: Entry, derivative: Derivative) -> Derivative:
    """A derivative of the same kind as an entry; a number stands for an array of it, and ``None`` for zeros."""
    if leaf_types and not isinstance(entry, (Value, Tensor, np.ndarray, Real)):
        return entry.gradient_like(derivative)
    derivative = 0.0 if derivative is None else derivative
    if isinstance(entry, (Tensor, np.ndarray)):
        if is_node(derivative):  # a Value, for an array without axes
            return as_array(derivative)
        array = np.asarray(derivative, _dtype(entry))
        return array if array.shape == entry.shape else np.full(entry.shape, array)
    if isinstance(derivative, Tensor):
        return derivative.value()
    return derivative if isinstance(derivative, Value) else float(derivative)


def _dtype(entry: Any) -> Any:
    """The dtype of the derivatives of an entry."""
    return entry.dtype if entry.dtype.kind == "f" else float


def _leaf(entry: Entry) -> Node:
    """A new leaf for an argument: a Tensor for an array, a Value for a number."""
    leaf: Node
    if is_node(entry):
        leaf = +entry
    elif type(entry) in leaf_types:
        leaf = leaf_types[type(entry)](entry)
    else:
        leaf = Tensor(entry) if isinstance(entry, np.ndarray) else Value(entry)
    return leaf


def _numbers(x: Entry) -> Entry:
    """A Tensor as an array, a Value as a number, anything else as it is."""
    return x.numpy() if isinstance(x, Tensor) else x.item() if isinstance(x, Value) else x


def _plain(x: Entry) -> Entry:
    """A node or number as a plain number, or as an array if it has axes."""
    return _numbers(x) if np.ndim(x) else x.item() if is_node(x) else float(x)


def _owned(gradients: list[Derivative]) -> list[Derivative]:
    """The gradients, with copies of arrays that are views or occur twice."""
    met: set[int] = set()
    for i, gradient in enumerate(gradients):
        if isinstance(gradient, np.ndarray) and (gradient.base is not None or id(gradient) in met):
            gradients[i] = gradient.copy()
        met.add(id(gradient))
    return gradients


def _units(shape: tuple[int, ...]) -> Iterator[Array]:
    """For each entry of an array of this shape, the array in which this entry is 1 and all others are 0."""
    for index in np.ndindex(shape):
        unit = np.zeros(shape)
        unit[index] = 1.0
        yield unit


def _stacked(shape: tuple[int, ...], leaf: Entry, rows: list[Derivative]) -> Derivative:
    """The gradients of all entries of an output of this shape, in one array."""
    full = shape + np.shape(leaf)
    return reshape(stack(rows), full) if rows else np.zeros(full)


def _key(f: Function, args: Sequence[Structure], kwargs: Mapping[str, Structure], which: int | str) -> int | str:
    """The key of an argument: its position among ``args``, or its name among ``kwargs``."""
    if which in kwargs:
        return which
    if isinstance(which, int):
        if -len(args) <= which < len(args):
            return which % len(args)
        raise ValueError(
            f"argnums asks for argument {which}, but {function_name(f)} was called with {len(args)} by position"
        )
    names = list(inspect.signature(f).parameters)
    if which in names[: len(args)]:
        return names.index(which)
    raise ValueError(f"argnums asks for {which!r}, but {function_name(f)} was called without an argument of that name")


def _same_structure(one: Structure, other: Structure, name: str, of: str) -> list[Entry]:
    """The entries of ``other``, with copies of arrays; its structure and shapes must be those of ``one``."""
    wanted, given = (rebuild(x, map(np.shape, entries(x))) for x in (one, other))
    if wanted != given:
        raise ValueError(
            f"the {name} must have the structure of the {of}, a number for each number and an array of the same shape "
            f"for each array: got {other!r}"
        )
    return [np.array(entry) if isinstance(entry, np.ndarray) else entry for entry in entries_as_in(one, other)]
