"""Transforms: from a function to its derivatives.

``grad(f)`` is a function and can be differentiated again, to any order and in any mixture of forward and reverse mode.
Transforms are pure: they make their own leaves and change no ``.grad``.

Arguments are numbers, NumPy arrays, or nested lists, tuples and dicts of them; derivatives have the same structure.
Inside the function, numbers are Values and arrays are Tensors.  Called with plain numbers and arrays, a transform
returns plain numbers and arrays.  Called with a node, or inside of a function that is itself being transformed, it
returns nodes, which can be differentiated further.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any, TypeAlias

import numpy as np

from autograd.arrays.operations import reshape
from autograd.arrays.stacking import stack
from autograd.arrays.tensor import Tensor
from autograd.core.aliases import Array, Entry, Structure
from autograd.core.grad_mode import enable_grad
from autograd.core.nested import entries, rebuild
from autograd.core.scope import enter_scope
from autograd.core.sweep import Node, adjoints, is_node, tangents, topological_order
from autograd.core.value import Value

__all__ = ["elementwise_grad", "grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Function: TypeAlias = Callable[..., Structure]
"""A function to differentiate."""

Derivative: TypeAlias = Any
"""Numbers, arrays or nodes, in the structure of an argument or of a value."""

Argnums: TypeAlias = "int | str | Sequence[int | str]"
"""One argument or several of them, by position or by name."""


def value_and_grad(f: Function, argnums: Argnums = 0) -> Callable[..., tuple[Any, Derivative]]:
    """A function that returns the value of ``f`` and its gradient.

    Args:
        f: a function that returns one number.
        argnums: the argument to differentiate with respect to, by position or by name; several give a tuple of
            gradients.

    Returns:
        A function of the same arguments that returns ``(value, gradient)``.  A gradient has the structure of its
        argument, with arrays of the same shapes and dtypes.

    Raises:
        TypeError: when called, if ``f`` does not return one node, or an argument contains anything but real numbers and
            arrays of floats.
        ValueError: when called, if ``argnums`` names an argument that was not given.

    >>> value_and_grad(lambda p: p["w"] * p["x"] ** 2)({"w": 2.0, "x": 3.0})
    (18.0, {'w': 9.0, 'x': 12.0})
    >>> value_and_grad(lambda x: (x**2).sum())(np.array([1.0, 2.0]))
    (5.0, array([2., 4.]))
    """

    @_with_signature_of(f)
    def derived(*args: Structure, **kwargs: Structure) -> tuple[Any, Derivative]:
        call = _Call(f, args, kwargs, argnums)
        gradient = call.gradient()
        return call.result(), gradient

    return derived


def grad(f: Function, argnums: Argnums = 0) -> Callable[..., Derivative]:
    """The gradient of ``f``, as a function; arguments as in :func:`value_and_grad`.

    >>> from autograd import tanh
    >>> slope = grad(tanh)
    >>> slope(0.0), grad(grad(slope))(0.0)
    (1.0, -2.0)
    """
    both = value_and_grad(f, argnums)

    @_with_signature_of(f)
    def derived(*args: Structure, **kwargs: Structure) -> Derivative:
        return both(*args, **kwargs)[1]

    return derived


def elementwise_grad(f: Function, argnums: Argnums = 0) -> Callable[..., Derivative]:
    """The derivative of an elementwise function at every number of an argument; arguments as in :func:`grad`.

    It is the gradient of the sum of all numbers that ``f`` returns.  That is the same as long as each of them depends
    on only one number of the argument.

    >>> from autograd import tanh
    >>> elementwise_grad(tanh)(np.array([0.0, 0.5])).round(4)
    array([1.    , 0.7864])
    """

    @_with_signature_of(f)
    def derived(*args: Structure, **kwargs: Structure) -> Derivative:
        call = _Call(f, args, kwargs, argnums)
        return call.structured(call.pulled([1.0] * len(call.outputs)))

    return derived


def jacobian(f: Function, argnums: Argnums = 0) -> Callable[..., Derivative]:
    """The derivative of every number that ``f`` returns with respect to every number of an argument.

    Args:
        f: a function that returns numbers and arrays, also in lists, tuples and dicts.
        argnums: as in :func:`value_and_grad`.

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

    @_with_signature_of(f)
    def derived(*args: Structure, **kwargs: Structure) -> Derivative:
        call = _Call(f, args, kwargs, argnums)
        return rebuild(call.output, map(call.rows, call.outputs))

    return derived


def hessian(f: Function, argnums: Argnums = 0) -> Callable[..., Derivative]:
    """The second derivatives of ``f``: the Jacobian of its gradient; arguments as in :func:`value_and_grad`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([1.0, 2.0])
    [[4.0, 2.0], [2.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def jvp(f: Function, primals: Sequence[Structure], tangents: Sequence[Structure]) -> tuple[Any, Derivative]:
    """The value of ``f`` and its rate of change, given the rates of change of its arguments (forward mode).

    Args:
        f: a function.
        primals: its arguments.
        tangents: their rates of change, in the same structure and shapes.

    Returns:
        The value, and its rate of change in the same structure.

    Raises:
        ValueError: if a tangent does not have the structure of its primal.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    seeds = _same_structure(tuple(primals), tuple(tangents), "tangents", "primals")
    call = _Call(f, tuple(primals), {}, range(len(primals)))
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
        gradients: tuple[Derivative, ...] = call.structured(
            call.pulled(_same_structure(call.output, cotangent, "cotangent", "value"))
        )
        return gradients

    return call.result(), pull


def hvp(f: Function, primals: Sequence[Structure], tangents: Sequence[Structure]) -> tuple[Derivative, ...]:
    """The Hessian of ``f`` times a vector, without the Hessian itself: the gradient, pushed forward along the vector.

    Args:
        f: a function that returns one number.
        primals: its arguments.
        tangents: the vector, in the same structure.

    Returns:
        A tuple with one part for each argument, in the structure of the argument.

    >>> hvp(lambda x: x[0] ** 2 * x[1], ([1.0, 2.0],), ([1.0, 0.0],))
    ([4.0, 2.0],)
    """
    product: tuple[Derivative, ...] = jvp(grad(f, range(len(primals))), primals, tangents)[1]
    return product


def _with_signature_of(f: Function) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Make ``inspect.signature`` show the parameters of ``f``, so that derivatives take arguments by the same names."""
    return wraps(f, assigned=(), updated=())


# ---------------------------------------------------------------------------------------------------------------------
# One call of a function with its own leaves
# ---------------------------------------------------------------------------------------------------------------------

_inside: ContextVar[bool] = ContextVar("inside", default=False)
"""Whether a function is being transformed now; transforms that it calls must then record what they do."""


@contextmanager
def _transforming() -> Iterator[None]:
    token = _inside.set(True)
    try:
        with enable_grad():
            yield
    finally:
        _inside.reset(token)


class _Call:
    """One call of a function with leaves in place of some of its arguments.

    A leaf is always new, even if the argument is a node.  So two transforms of the same argument have different leaves,
    and neither mistakes the derivative of the other for its own.
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
        self.recorded = _inside.get() or any(map(is_node, entries(self.arguments)))
        with _transforming():
            self.leaves: list[Node] = [_leaf(entry) for entry in entries(self.arguments)]
            self.ends = set(self.leaves)
            leaves = iter(self.leaves)
            given.update({key: rebuild(argument, leaves) for key, argument in zip(keys, self.arguments, strict=True)})
            with enter_scope(self.leaves):
                self.output: Any = f(*[given[i] for i in range(len(args))], **{name: given[name] for name in kwargs})
        self.outputs = list(entries(self.output))
        if not any(map(is_node, self.outputs)):
            raise TypeError(
                f"{_name(f)} returned {self.output!r}, which remembers no graph: compute it from the arguments, with "
                "functions such as autograd.sin rather than math.sin"
            )

    def gradient(self) -> Derivative:
        """The gradient of the only number that the function returned."""
        if len(self.outputs) != 1 or np.size(self.output) != 1:
            many = sum(np.size(output) for output in self.outputs)
            raise TypeError(f"{_name(self.f)} returned {many} numbers, not one: use jacobian")
        return self.structured(self.pulled([1.0]))

    def pulled(self, cotangents: Iterable[Derivative]) -> list[Derivative]:
        """The gradient of the sum of all outputs, each times its cotangent, as one entry for each leaf."""
        seeds: dict[Node, Derivative] = {}
        for output, cotangent in zip(self.outputs, cotangents, strict=True):
            if is_node(output):
                seed = self._like(output, cotangent)
                seeds[output] = seeds[output] + seed if output in seeds else seed
        return self._gradients(self._order(*seeds), seeds)

    def _order(self, *outputs: Node) -> list[Node]:
        return topological_order(*outputs, stop=self.ends.__contains__)

    def _gradients(self, order: list[Node], seeds: Mapping[Node, Derivative]) -> list[Derivative]:
        with enable_grad(), self._sweep_scope(seeds.values()):
            found = adjoints(order, seeds, stop=self.ends.__contains__)
        return _owned([self._like(leaf, found.get(leaf)) for leaf in self.leaves])

    def rows(self, output: Entry) -> Derivative:
        """All derivatives of an output: for each leaf an array with the axes of the output, then those of the leaf."""
        shape = np.shape(output)
        order = self._order(output) if is_node(output) else []
        rows = [self._gradients(order, {output: self._like(output, unit)} if order else {}) for unit in _units(shape)]
        if shape == ():
            return self.structured(rows[0])
        with enable_grad():
            columns = [[row[i] for row in rows] for i in range(len(self.leaves))]
            return self.structured(map(partial(_stacked, shape), self.leaves, columns))

    def pushed(self, seeds: Sequence[Derivative]) -> Derivative:
        """The rates of change of the outputs, given those of the leaves."""
        self.recorded = self.recorded or any(map(is_node, seeds))
        rates = {leaf: self._like(leaf, seed) for leaf, seed in zip(self.leaves, seeds, strict=True)}
        nodes = [output for output in self.outputs if is_node(output)]
        with enable_grad(), self._sweep_scope(rates.values()):
            found = tangents(self._order(*nodes), rates)
        changes = [self._like(output, found[output] if is_node(output) else None) for output in self.outputs]
        return rebuild(self.output, changes if self.recorded else map(_plain, changes))

    def _sweep_scope(self, seeds: Iterable[Derivative]) -> AbstractContextManager[Any]:
        """The scope of a sweep: a recorded sweep calls partial derivatives with nodes."""
        return enter_scope([*self.leaves, *filter(is_node, seeds)]) if self.recorded else nullcontext()

    def _like(self, entry: Entry, derivative: Derivative) -> Derivative:
        """A derivative of the same kind as an entry; a number stands for an array of it, and ``None`` for zeros."""
        derivative = 0.0 if derivative is None else derivative
        if isinstance(entry, (Tensor, np.ndarray)):
            if not isinstance(derivative, Tensor):
                array = np.asarray(derivative, entry.dtype)
                derivative = array if array.shape == entry.shape else np.full(entry.shape, array)
        elif isinstance(derivative, Tensor):
            derivative = derivative.value()
        elif not isinstance(derivative, Value):
            derivative = float(derivative)
        return _leaf(derivative) if self.recorded and not is_node(derivative) else derivative

    def structured(self, gradients: Iterable[Derivative]) -> Derivative:
        """One entry for each leaf, put into the structure of the arguments."""
        found = iter(gradients)
        parts = [rebuild(argument, found) for argument in self.arguments]
        return parts[0] if self.single else tuple(parts)

    def result(self) -> Any:
        """The value of the function: nodes if they can be differentiated further, else plain numbers and arrays."""
        return self.output if self.recorded else rebuild(self.output, map(_plain, self.outputs))


def _leaf(entry: Entry) -> Value | Tensor:
    """A new leaf for an argument: a Tensor for an array, a Value for a number."""
    if is_node(entry):
        leaf: Value | Tensor = +entry
        return leaf
    return Tensor(entry) if isinstance(entry, np.ndarray) else Value(entry)


def _plain(x: Entry) -> Entry:
    """A node or number as a plain number, or as an array if it has axes."""
    if is_node(x):
        return x.numpy() if isinstance(x, Tensor) and x.ndim else x.item()
    return x if np.ndim(x) else float(x)


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
        raise ValueError(f"argnums asks for argument {which}, but {_name(f)} was called with {len(args)} by position")
    names = list(inspect.signature(f).parameters)
    if which in names[: len(args)]:
        return names.index(which)
    raise ValueError(f"argnums asks for {which!r}, but {_name(f)} was called without an argument of that name")


def _name(f: Function) -> str:
    return getattr(f, "__name__", None) or str(f)


def _same_structure(one: Structure, other: Structure, name: str, of: str) -> list[Entry]:
    """The entries of ``other``, with copies of arrays; its structure and shapes must be those of ``one``."""
    wanted, given = (rebuild(x, map(np.shape, entries(x))) for x in (one, other))
    if wanted != given:
        raise ValueError(
            f"the {name} must have the structure of the {of}, a number for each number and an array of the same shape "
            f"for each array: got {other!r}"
        )
    return [np.array(entry) if isinstance(entry, np.ndarray) else entry for entry in entries(other)]
