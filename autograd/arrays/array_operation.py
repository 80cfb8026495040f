"""``ArrayOperation``: a function of whole arrays, and how gradients and rates of change pass through it.

The table in :mod:`autograd.rules` has the elementwise functions.  Sums, changes of shape, indexing and products of
matrices are not elementwise; each of them is a row of :mod:`autograd.arrays.operations`, and this module defines what a
row is.

For an operation y = f(x) with the Jacobian J, a row says how a gradient g passes backward, gᵀJ (its *vjp*), and how a
rate of change t passes forward, J t (its *jvp*).  Most operations are linear, so that J t is f(t).  Rows are written
with functions that take both arrays and Tensors, so the same line also gives higher derivatives.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from functools import partial
from types import MethodType
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeAlias, overload

import numpy as np

from autograd.arrays.signatures import Nodes
from autograd.arrays.tensor_data import T
from autograd.core.aliases import Array, ArrayLike, Axis
from autograd.core.hooks import hooks
from autograd.core.travel import declared_by_import, received, reduced

__all__ = ["ARRAY_OPERATIONS", "ArrayOperation", "Declaration", "array_operation", "recorder"]

P = ParamSpec("P")
Rule: TypeAlias = Callable[..., Any]
Mixes: TypeAlias = "Axis | str"
Recorder: TypeAlias = "Callable[[ArrayOperation[...], Sequence[Any], dict[str, Any]], Any]"

ARRAY_OPERATIONS: dict[str, ArrayOperation[...]] = {}
"""Every array operation by its name."""


class ArrayOperation(Generic[P]):
    """One operation on whole arrays, called like the NumPy function of the same name.

    With arrays it computes; with a Tensor among its operands it records a node.

    Attributes:
        name: its name.
        forward: its value, as a function of NumPy arrays and options.
        forward_and_kept: the same, which also returns what the shortcuts need; ``None`` if there are no shortcuts.
        vjps: for each operand, how a gradient passes to it: a function of ``(gradient, out, *operands, **options)``.
        jvps: for each operand, how its rate of change passes on: a function of ``(tangent, out, *operands,
            **options)``; ``None`` if it is not declared.
        linear: whether the operation is linear in each operand, so that without ``jvps`` it is applied to tangents.
        picks: whether an entry of an operand is not used if ``vjps`` send 0 to it, as in indexing.
        mixes: the axes along which every entry of the result depends on every entry of an operand, or the name of the
            option that has them; ``None`` for all axes.
        sees_live: whether ``vjps`` also take ``live=``, the mask of the gradient or ``None``.
        arity: the number of operands; ``None`` if it takes any number.  In that case ``vjps`` has one entry, whose
            first argument is the position of the operand, and so has ``jvps``; a linear operation without ``jvps`` is
            linear in all operands together.
        shortcuts: for each operand, how a gradient that is a plain array passes to it: a function of ``(kept, gradient,
            **options)``; empty if the operation keeps nothing.
        symbol: the text on the node in a picture.
    """

    def __init__(
        self,
        forward: Rule,
        vjps: Sequence[Rule],
        jvps: Sequence[Rule] | None,
        name: str | None,
        shortcuts: Sequence[Rule] = (),
        *,
        linear: bool = False,
        picks: bool = False,
        mixes: Mixes = None,
        sees_live: bool = False,
    ) -> None:
        self.name = self.symbol = name or forward.__name__
        self.forward: Rule = (lambda *xs, **options: forward(*xs, **options)[0]) if shortcuts else forward
        self.forward_and_kept = forward if shortcuts else None
        self.shortcuts = tuple(shortcuts)
        self.vjps = tuple(vjps)
        self.jvps = None if jvps is None else tuple(jvps)
        self.linear, self.picks, self.mixes, self.sees_live = linear, picks, mixes, sees_live
        self.__signature__ = inspect.signature(forward)
        self.__doc__ = inspect.getdoc(forward)
        parameters = list(self.__signature__.parameters.values())
        variadic = parameters[0].kind is inspect.Parameter.VAR_POSITIONAL
        self.arity = None if variadic else len(self.vjps)
        options = parameters[1 if variadic else len(self.vjps) :]
        self.defaults = {option.name: option.default for option in options}
        self.required = {option.name for option in options if option.default is inspect.Parameter.empty}
        self.by_import = declared_by_import(self.functions)

    @property
    def functions(self) -> tuple[Any, ...]:
        """The functions in which it is written."""
        return (self.forward_and_kept or self.forward, *self.vjps, *(self.jvps or ()), *self.shortcuts)

    def __repr__(self) -> str:
        return f"<array operation {self.name}{self.__signature__}>"

    def __reduce__(self) -> tuple[Any, ...]:
        return reduced(_by_name, self)

    def __deepcopy__(self, memo: dict[int, Any]) -> ArrayOperation[P]:
        return self

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As an attribute of a class an operation is a method, like a function."""
        return self if instance is None else MethodType(self, instance)

    @overload
    def __call__(self, x: T, /, *arguments: P.args, **options: P.kwargs) -> T: ...
    @overload
    def __call__(self, x: ArrayLike, /, *arguments: P.args, **options: P.kwargs) -> Array: ...
    @overload
    def __call__(self, x: Nodes, /, *arguments: P.args, **options: P.kwargs) -> Any: ...

    def __call__(self, *arguments: Any, **options: Any) -> Any:  # type: ignore[misc]  # P ends with these as well
        """Compute the value, or record a node if an operand is a Tensor or a Value."""
        if options or self.defaults or self.arity not in (None, len(arguments)):
            arguments, options = self._bind(arguments, options)
        for operand in arguments:
            record = _recorders[type(operand)]
            if record is not None:
                return record(self, arguments, options)
        return self.forward(*arguments, **options)

    def _bind(self, arguments: tuple[Any, ...], options: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """The operands and all options, bound as Python binds them; the usual cases take a shorter path."""
        if len(arguments) == self.arity:
            if options.keys() == self.defaults.keys():
                return arguments, options
            if not options and not self.required:
                return arguments, self.defaults.copy()
        operands = arguments[: self.arity]
        if not options and len(arguments) == len(operands) + len(self.defaults) and len(operands) >= (self.arity or 0):
            return operands, dict(zip(self.defaults, arguments[len(operands) :], strict=True))
        given = {**dict(zip(self.defaults, arguments[len(operands) :], strict=False)), **options}
        as_many = len(arguments) + len(options) == len(operands) + len(given)  # no name twice, no argument too many
        if as_many and len(operands) >= (self.arity or 0) and self.required <= given.keys() <= self.defaults.keys():
            return operands, {**self.defaults, **given}
        try:
            bound = self.__signature__.bind(*arguments, **options)
        except TypeError as error:
            raise TypeError(f"{self.name}{self.__signature__}: {error}") from None
        bound.apply_defaults()
        values = list(bound.arguments.values())
        return tuple(values[: self.arity]), dict(zip(self.defaults, values[self.arity :], strict=True))

    def pull(self, place: int, gradient: Any, out: Any, operands: Sequence[Any], options: dict[str, Any]) -> Any:
        """The contribution of a gradient to the operand at position ``place``."""
        return self._rule(self.vjps, place)(gradient, out, *operands, **options)

    def pull_all(
        self, places: Sequence[int], gradient: Any, out: Any, operands: Sequence[Any], options: dict[str, Any]
    ) -> list[Any]:
        """The contributions of a gradient to the operands at these positions; ``None`` for none."""
        if self.arity is None:
            (vjp,) = self.vjps
            return [vjp(place, gradient, out, *operands, **options) for place in places]
        return [self.vjps[place](gradient, out, *operands, **options) for place in places]

    def pull_kept(self, places: Sequence[int], gradient: Any, kept: Any, options: dict[str, Any]) -> list[Any]:
        """The same for a gradient that is a plain array, computed from what the operation kept."""
        return [self.shortcuts[place](kept, gradient, **options) for place in places]

    def push(self, tangents: Sequence[Any], out: Any, operands: Sequence[Any], options: dict[str, Any]) -> Any:
        """The rate of change of the result, given those of the operands: some of them, but not all, are ``None``."""
        if self.arity is None and self.jvps is None:
            apply: Rule = self
            pairs = zip(operands, tangents, strict=True)
            return apply(*[np.zeros(x.shape, x.dtype) if t is None else t for x, t in pairs], **options)
        total: Any = None
        for place, tangent in enumerate(tangents):
            if tangent is not None:
                term = self.push_one(place, tangent, out, operands, options)
                total = term if total is None else total + term
        return total

    def push_one(self, place: int, tangent: Any, out: Any, operands: Sequence[Any], options: dict[str, Any]) -> Any:
        """The rate of change of the result if only the operand at position ``place`` changes."""
        if self.jvps is not None:
            return self._rule(self.jvps, place)(tangent, out, *operands, **options)
        if not self.linear:
            return hooks.transposed(self, place, tangent, out, operands, options)
        apply: Rule = self
        return apply(*operands[:place], tangent, *operands[place + 1 :], **options)

    def _rule(self, rules: Sequence[Rule], place: int) -> Rule:
        return partial(rules[0], place) if self.arity is None else rules[place]


def _by_name(name: str, modules: Sequence[str] = (), whole: Any = None) -> ArrayOperation[...]:
    """The operation of that name in a pickle."""
    row = received(ArrayOperation, ARRAY_OPERATIONS, name, modules, whole)
    if row is None:
        raise LookupError(
            f"no array operation {name!r} is declared: import the module that declares it, or if it is declared in a "
            "function or a script, install cloudpickle where it is pickled"
        )
    return row


class Declaration(Protocol):
    """A decorator that makes an array operation of a function; the parameters after the first keep their types."""

    def __call__(self, forward: Callable[Concatenate[Any, P], Any], /) -> ArrayOperation[P]: ...  # noqa: D102


def array_operation(
    *vjps: Rule,
    jvps: Sequence[Rule] | None = None,
    name: str | None = None,
    shortcuts: Sequence[Rule] = (),
    linear: bool = False,
    picks: bool = False,
    mixes: Mixes = None,
    sees_live: bool = False,
) -> Declaration:
    """Declare an array operation: decorate its function of NumPy arrays, and say how gradients pass through it.

    Args:
        vjps: for each operand in order, what a gradient sends to it, as a function of the gradient, the output, all
            operands and all options.  Broadcasting and dtypes are handled by the caller.
        jvps: the same for rates of change in the forward direction.  If they are left out, forward mode applies the
            operation itself if it is ``linear``, and otherwise transposes ``vjps``, which must then accept Tensors.
        name: its name; by default the name of the function.
        shortcuts: for an operation whose gradient needs intermediate results of its value.  The function then returns
            the value and what to keep, and there is one shortcut for each operand: what a gradient that is a plain
            array sends to it, as a function of what was kept, the gradient and all options.
        linear: whether the operation is linear in each operand.
        picks: whether an entry of an operand to which ``vjps`` send 0 is not used at all, as in indexing.
        mixes: the axes along which every entry of the result depends on every entry of an operand, or the name of the
            option that has them, as ``"axis"``; ``()`` for an elementwise operation; by default all axes.  Like
            ``picks``, this tells a zero that means "not used" from a zero that was computed; see
            :mod:`autograd.core.liveness`.
        sees_live: whether ``vjps`` also take ``live=``, an array of booleans that says which entries of the gradient
            are used at all, or ``None``.

    Returns:
        A decorator that turns the function into an :class:`ArrayOperation`.

    >>> from autograd.arrays.tensor import Tensor
    >>> @array_operation(lambda g, out, x: flipped(g), linear=True)
    ... def flipped(x):
    ...     return x[::-1]
    >>> x = Tensor([1.0, 2.0])
    >>> flipped(x).backward([3.0, 4.0])
    >>> x.grad
    array([4., 3.])

    With a shortcut the angle is computed only once:

    >>> @array_operation(lambda g, out, x: g * turned(x + np.pi / 2), shortcuts=[lambda kept, g: g * np.cos(kept)])
    ... def turned(x):
    ...     angle = np.fmod(x, 2 * np.pi)
    ...     return np.sin(angle), angle
    >>> x = Tensor([0.0, np.pi])
    >>> turned(x).backward([1.0, 1.0])
    >>> x.grad
    array([ 1., -1.])
    """

    def declare(forward: Callable[Concatenate[Any, P], Any]) -> ArrayOperation[P]:
        row: ArrayOperation[P] = ArrayOperation(
            forward, vjps, jvps, name, shortcuts, linear=linear, picks=picks, mixes=mixes, sees_live=sees_live
        )
        ARRAY_OPERATIONS[row.name] = row
        return row

    return declare


class _Recorders(dict[type, "Recorder | None"]):
    """The functions that record operations, by the type of an operand; subclasses share the function of their base."""

    def __missing__(self, kind: type) -> Recorder | None:
        self[kind] = next((self[base] for base in kind.__mro__[1:] if base in self), None)
        return self[kind]


_recorders = _Recorders()


def recorder(kind: type) -> Callable[[Recorder], Recorder]:
    """Register the function that records operations with an operand of this type."""

    def register(record: Recorder) -> Recorder:
        _recorders[kind] = record
        return record

    return register
