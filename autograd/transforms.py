"""Transforms: from a function to its derivatives.

``grad(f)`` is a function again, and so can be differentiated again, to any order and in any mixture of directions.
Transforms are pure: they make leaves of their own, and no ``.grad`` is touched.

Arguments are numbers, or lists, tuples and dicts of numbers, nested as you like; derivatives come back in the same
structure.  Called with plain numbers, a transform returns plain numbers.  Called with a ``Value``, or inside of a
function that is itself being transformed, it returns Values, so that whoever is outside can differentiate them.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeAlias

from autograd.rules import dot
from autograd.structure import entries, rebuild
from autograd.sweep import adjoints, tangents, topological_order
from autograd.value import Value

__all__ = ["grad", "hessian", "hvp", "jacobian", "jvp", "value_and_grad", "vjp"]

Function: TypeAlias = Callable[..., Any]
Which: TypeAlias = "int | str | Sequence[int | str]"


def value_and_grad(f: Function, argnums: Which = 0) -> Function:
    """The function that returns what ``f`` returns, and its gradient.

    Args:
        f: a function that returns one number.
        argnums: with respect to which argument, by position or by name; several give a tuple of gradients.

    Returns:
        A function of the same arguments that returns ``(value, gradient)``; a gradient has the shape of its argument.

    Raises:
        TypeError: when called, if ``f`` does not return one node, or an argument is not made of numbers.

    >>> value_and_grad(lambda p: p["w"] * p["x"] ** 2)({"w": 2.0, "x": 3.0})
    (18.0, {'w': 9.0, 'x': 12.0})
    """

    def derived(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, kwargs, argnums)
        (gradients,) = call.rows(single=True)
        return call.result(call.output), call.derivative(gradients)

    return derived


def grad(f: Function, argnums: Which = 0) -> Function:
    """The gradient of ``f``, as a function; arguments as in :func:`value_and_grad`.

    >>> from autograd import tanh
    >>> slope = grad(tanh)
    >>> slope(0.0), grad(grad(slope))(0.0)
    (1.0, -2.0)
    """
    both = value_and_grad(f, argnums)
    return lambda *args, **kwargs: both(*args, **kwargs)[1]


def jacobian(f: Function, argnums: Which = 0) -> Function:
    """The derivative of every number that ``f`` returns with respect to every number of an argument.

    Args:
        f: a function that returns numbers in lists, tuples and dicts.
        argnums: as in :func:`value_and_grad`.

    Returns:
        A function of the same arguments that returns the outer structure of what ``f`` returns, with a gradient in the
        place of each number.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] + x[1]])([2.0, 3.0])
    [[3.0, 2.0], [1.0, 1.0]]
    """

    def derived(*args: Any, **kwargs: Any) -> Any:
        call = _Call(f, args, kwargs, argnums)
        rows = iter([call.derivative(gradients) for gradients in call.rows(single=False)])
        return rebuild(call.output, rows)

    return derived


def hessian(f: Function, argnums: Which = 0) -> Function:
    """The second derivatives of ``f``, as the Jacobian of its gradient; arguments as in :func:`value_and_grad`.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([1.0, 2.0])
    [[4.0, 2.0], [2.0, 0.0]]
    """
    return jacobian(grad(f, argnums), argnums)


def jvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, Any]:
    """The value of ``f``, and how fast it changes when its arguments change as fast as the tangents say (forward mode).

    Args:
        f: a function.
        primals: its arguments.
        tangents: their rates of change, in the same structure.

    Raises:
        ValueError: if a tangent has not the structure of its primal.

    >>> jvp(lambda x, y: x * y, (2.0, 3.0), (1.0, 10.0))
    (6.0, 23.0)
    """
    seeds = _same_structure(tuple(primals), tuple(tangents), "tangents", "primals")
    call = _Call(f, tuple(primals), {}, range(len(primals)))
    return call.result(call.output), call.pushed(seeds)


def vjp(f: Function, *primals: Any) -> tuple[Any, Function]:
    """The value of ``f``, and the function that pulls a cotangent of it back to its arguments (reverse mode).

    Args:
        f: a function.
        primals: its arguments.

    Returns:
        The value, and a function that takes one number for each number in it, in the same structure, and returns a
        tuple with a gradient for each argument.

    >>> value, pull = vjp(lambda x: [x**2, 3 * x], 2.0)
    >>> value, pull([1.0, 10.0])
    ([4.0, 6.0], (34.0,))
    """
    call = _Call(f, primals, {}, range(len(primals)))

    def pull(cotangent: Any) -> Any:
        return call.derivative(call.pulled(_same_structure(call.output, cotangent, "cotangent", "value")))

    return call.result(call.output), pull


def hvp(f: Function, primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """The Hessian of ``f`` times a vector, without the Hessian: the gradient, pushed forward along the tangents.

    Args:
        f: a function that returns one number.
        primals: its arguments.
        tangents: the vector, in the same structure.

    Returns:
        A tuple with one entry for each argument, in its structure.

    >>> hvp(lambda x: x[0] ** 2 * x[1], ([1.0, 2.0],), ([1.0, 0.0],))
    ([4.0, 2.0],)
    """
    return jvp(grad(f, range(len(primals))), primals, tangents)[1]


# ---------------------------------------------------------------------------------------------------------------------
# One call of a function, with leaves of its own
# ---------------------------------------------------------------------------------------------------------------------

_inside: ContextVar[bool] = ContextVar("inside", default=False)
"""Whether a function is being transformed right now: then transforms that it calls must record what they do."""


@contextmanager
def _transforming() -> Iterator[None]:
    token = _inside.set(True)
    try:
        yield
    finally:
        _inside.reset(token)


class _Call:
    """A function that was called with leaves in the place of some of its arguments.

    A leaf is always new, also where the argument is a Value: two transforms at work on the same argument each see their
    own leaf, and never take the other's derivative for theirs.
    """

    def __init__(self, f: Function, args: tuple[Any, ...], kwargs: dict[str, Any], argnums: Which) -> None:
        self.f = f
        self.single = isinstance(argnums, (int, str))
        chosen = [argnums] if isinstance(argnums, (int, str)) else list(argnums)
        keys = [_find(f, args, kwargs, which) for which in chosen]
        given: dict[Any, Any] = {**dict(enumerate(args)), **kwargs}
        self.arguments = [given[key] for key in keys]
        numbers = [number for argument in self.arguments for number in entries(argument)]
        self.recorded = _inside.get() or any(isinstance(number, Value) for number in numbers)
        self.leaves = [+number if isinstance(number, Value) else Value(number) for number in numbers]
        leaves = iter(self.leaves)
        given.update({key: rebuild(argument, leaves) for key, argument in zip(keys, self.arguments, strict=True)})
        with _transforming():
            self.output = f(*[given[i] for i in range(len(args))], **{name: given[name] for name in kwargs})
        self.outputs = list(entries(self.output))
        if not any(isinstance(output, Value) for output in self.outputs):
            raise TypeError(
                f"{_name(f)} returned {self.output!r}, which remembers no graph: compute it from the arguments, with "
                "functions such as autograd.sin rather than math.sin"
            )

    def rows(self, single: bool) -> Iterator[list[Any]]:
        """The gradient of each output, one number for each leaf."""
        if single and not isinstance(self.output, Value):
            raise TypeError(f"{_name(self.f)} returned {len(self.outputs)} numbers, not one: use jacobian")
        return (self._gradients(output) for output in self.outputs)

    def pulled(self, cotangents: Sequence[Any]) -> list[Any]:
        """The gradient of the sum of all outputs, each times its cotangent."""
        return self._gradients(dot(self.outputs, cotangents))

    def _gradients(self, output: Any) -> list[Any]:
        found: Mapping[Value, Any] = {}
        if isinstance(output, Value):
            leaves = set(self.leaves)
            order = topological_order(output, stop=leaves.__contains__)
            seed = Value(1.0) if self.recorded else 1.0
            found = adjoints(order, seed, lambda node, g: () if node in leaves else node.pull(g))
        return [self._or_zero(found.get(leaf)) for leaf in self.leaves]

    def pushed(self, seeds: Sequence[Any]) -> Any:
        """How fast the outputs change when the leaves change as fast as the seeds say."""
        rates = [seed if isinstance(seed, Value) or not self.recorded else Value(seed) for seed in seeds]
        self.recorded = self.recorded or any(isinstance(rate, Value) for rate in rates)
        nodes = [output for output in self.outputs if isinstance(output, Value)]
        order = topological_order(*nodes, stop=set(self.leaves).__contains__)
        found = tangents(order, dict(zip(self.leaves, rates, strict=True)))
        return rebuild(self.output, iter([self._or_zero(found.get(output)) for output in self.outputs]))

    def _or_zero(self, derivative: Any) -> Any:
        zero = 0.0 if derivative is None else derivative
        return Value(zero) if self.recorded and not isinstance(zero, Value) else zero

    def derivative(self, gradients: list[Any]) -> Any:
        """A number for each leaf, in the structure of the arguments."""
        numbers = iter(gradients)
        found = [rebuild(argument, numbers) for argument in self.arguments]
        return found[0] if self.single else tuple(found)

    def result(self, output: Any) -> Any:
        """What the function returned: Values for those who go on differentiating, else plain numbers."""
        return output if self.recorded else rebuild(output, map(float, entries(output)))


def _find(f: Function, args: tuple[Any, ...], kwargs: Mapping[str, Any], which: int | str) -> int | str:
    """Where the argument that is meant stands: its position among ``args``, or its name among ``kwargs``."""
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


def _same_structure(one: Any, other: Any, name: str, of: str) -> list[Any]:
    """The numbers of ``other``, which must have the structure of ``one``."""
    shape, given = (rebuild(x, (None for _ in entries(x))) for x in (one, other))
    if shape != given:
        raise ValueError(f"the {name} must have the structure of the {of}, one number for each number: got {other!r}")
    return list(entries(other))
