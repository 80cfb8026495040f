"""``Box`` and ``VSpace`` as HIPS autograd has them: arguments of a type of the user's own, such as a function.

Such an argument must form a vector space, because its gradient is a sum.  A subclass of :class:`VSpace` says how to add
and scale; a subclass of :class:`Box` stands for the argument while ``grad`` calls the function, and functions made by
:func:`autograd.extend.primitive` lead from it to numbers.  Only first derivatives in reverse mode go through such a
function: what its ``defvjp`` returns is an object, not a node.

In a new program use arrays, or a dict of arrays.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, NoReturn

import numpy as np

from autograd.arrays.tensor import Tensor
from autograd.core.grad_mode import grad_enabled
from autograd.core.sweep import is_node
from autograd.core.value import Value
from autograd.core.watching import tell_made
from autograd.transforms.gradients import leaf_types

__all__ = ["Box", "VSpace", "evaluated", "func"]


def func(f: Any) -> Any:
    """The function itself, as a method of a class is one in Python 3."""
    return f


class VSpace:
    """The vector space of a value; subclasses define ``zeros``, ``_add``, ``_scalar_mul`` and ``_inner_prod``."""

    spaces: ClassVar[dict[type, Callable[[Any], Any]]] = {}
    """What makes the space of a value, by the type of the value."""

    def __init__(self, value: Any) -> None:
        """The space in which the value lies."""

    @classmethod
    def register(cls, value_type: type, vspace_maker: Callable[[Any], Any] | None = None) -> None:
        """Let values of a type have this space."""
        VSpace.spaces[value_type] = vspace_maker or cls

    def zeros(self) -> Any:
        """The zero of the space."""
        raise NotImplementedError(f"{type(self).__name__} does not define zeros")

    def add(self, x: Any, y: Any) -> Any:
        """The sum of two values."""
        return self._add(x, y)

    def scalar_mul(self, x: Any, a: Any) -> Any:
        """A value times a number."""
        return self._scalar_mul(x, a)

    def inner_prod(self, x: Any, y: Any) -> Any:
        """The inner product of two values."""
        return self._inner_prod(x, y)

    def _add(self, x: Any, y: Any) -> Any:
        return x + y

    def _scalar_mul(self, x: Any, a: Any) -> Any:
        return x * a

    def _inner_prod(self, x: Any, y: Any) -> Any:
        raise NotImplementedError(f"{type(self).__name__} does not define _inner_prod")


def space_of(value: Any) -> Any:
    """The space in which a value lies."""
    return VSpace.spaces[type(value)](value)


class Box:
    """A leaf of the graph that holds an object; subclasses inherit from the type of the object as well.

    Methods of the object that :func:`autograd.extend.primitive` made are recorded; attributes that they do not define
    must be properties of the subclass, which read ``self._value``.

    >>> from autograd import grad
    >>> from autograd.extend import defvjp, primitive
    >>> class Waves:  # a sum of cosines
    ...     def __init__(self, amplitudes):
    ...         self.amplitudes = amplitudes
    ...     @primitive
    ...     def at(self, time):
    ...         return sum(a * math.cos(n * time) for n, a in enumerate(self.amplitudes))
    >>> def gradient_at(ans, waves, time):
    ...     return lambda g: Waves([g * math.cos(n * time) for n in range(len(waves.amplitudes))])
    >>> defvjp(Waves.at, gradient_at)
    >>> class WavesSpace(VSpace):
    ...     def _add(self, x, y):
    ...         return Waves([a + b for a, b in zip(x.amplitudes, y.amplitudes)])
    >>> class WavesBox(Box, Waves):
    ...     pass
    >>> WavesSpace.register(Waves)
    >>> WavesBox.register(Waves)
    >>> grad(lambda waves: waves.at(0.0) + 2 * waves.at(math.pi))(Waves([1.0, 0.5])).amplitudes
    [3.0, -1.0]
    """

    op, operands, parents, label, grad = None, (), (), None, None
    _value: Any

    @classmethod
    def register(cls, value_type: type) -> None:
        """Let this class stand for arguments of a type."""
        leaf_types[value_type] = cls._of

    @classmethod
    def _of(cls, value: Any) -> Box:
        if type(value) not in VSpace.spaces:
            name = type(value).__name__
            raise TypeError(
                f"{cls.__name__} is registered for {name}, but no VSpace is: call YourVSpace.register({name})"
            )
        box = cls.__new__(cls)
        box._value = value
        return box

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self._value!r}>"

    @property
    def data(self) -> Any:
        """The object."""
        return self._value

    def gradient_like(self, found: Any) -> Any:
        """What a sweep found here, as an object of the same space; zero if nothing arrived."""
        if found is None:
            return space_of(self._value).zeros()
        if isinstance(found, _Summand):
            return found.total
        raise NotImplementedError(f"forward mode does not take objects ({type(self._value).__name__}): use grad or vjp")

    def pull(self, gradient: Any, careful: bool = False) -> Iterator[tuple[Any, Any]]:
        """Nothing: a leaf has no edges."""
        return iter(())

    def __pos__(self) -> NoReturn:
        """Refused: it would be the leaf of a transform inside of another."""
        kind = type(self._value).__name__
        raise NotImplementedError(f"a derivative with respect to {kind} inside of another: {_LIMIT}")


_LIMIT = "only first derivatives in reverse mode go through an object, so write it as an array"


class _Summand:
    """A gradient of an object, to be added to others in the vector space of the object."""

    def __init__(self, space: Any, total: Any) -> None:
        self.space, self.total = space, total

    def __add__(self, other: _Summand) -> _Summand:
        return _Summand(self.space, self.space.add(self.total, other.total))


class _Evaluated(Value):
    """A number computed from objects: here a graph of numbers begins.

    Its operation is the declared function, ``options`` the arguments of the call, as in a Tensor.
    """

    __slots__ = ("options",)
    options: dict[str, Any]

    @property
    def parents(self) -> tuple[Any, ...]:
        """All operands."""
        return self.operands

    def pull(self, gradient: Any, careful: bool = False) -> Iterator[tuple[Any, Any]]:
        """What ``defvjp`` declares."""
        if is_node(gradient):
            self._refuse()
        nodes = self.operands
        places = range(len(nodes))
        for node, sent in zip(
            nodes, _declared(self).pull_all(places, gradient, self.data, contents(nodes), self.options), strict=True
        ):
            if sent is not None:
                yield node, _Summand(space_of(node.data), sent) if isinstance(node, Box) else _as_in(node, sent)

    def push(self, tangents: Mapping[Any, Any], careful: bool = False) -> NoReturn:
        """Refused: ``defjvp`` knows arrays alone."""
        self._refuse()

    def recompute(self, fresh: Mapping[Any, Any]) -> NoReturn:
        """Refused: the function may have returned another number for another object."""
        self._refuse()

    def _refuse(self) -> NoReturn:
        raise NotImplementedError(
            f"{_declared(self).name} has an object among its arguments: {_LIMIT}; if a captured node asks for more, "
            "call grad inside of no_grad()"
        )


def evaluated(operation: Any, nodes: Sequence[Any], options: dict[str, Any]) -> Value:
    """The number that a declared function computes from nodes of which some are boxes, recorded."""
    result = operation.forward(*contents(nodes), **options)
    if result.shape:
        kinds = " and ".join(sorted({type(x.data).__name__ for x in nodes if isinstance(x, Box)}))
        raise TypeError(
            f"{operation.name} returned an array of shape {result.shape}: with an object ({kinds}) among its arguments "
            "it must return a number"
        )
    if not grad_enabled.get():
        return Value(result.item())
    node = _Evaluated(result.item())
    node._connect(operation, tuple(nodes), [math.nan] * len(nodes), False)
    node.options = options
    tell_made(node)
    return node


def contents(nodes: Sequence[Any]) -> list[Any]:
    """The objects, numbers and arrays in nodes."""
    return [node.numpy() if isinstance(node, Tensor) else node.data for node in nodes]


def _declared(node: Value) -> Any:
    """The operation of a node, which :func:`autograd.extend.primitive` made."""
    return node.op


def _as_in(node: Any, sent: Any) -> Any:
    """What a node is sent, as a number for a Value and as an array for a Tensor."""
    return float(sent) if isinstance(node, Value) else np.broadcast_to(np.asarray(sent, node.dtype), node.shape)
