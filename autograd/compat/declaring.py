"""``primitive``, ``defvjp`` and ``defjvp`` as HIPS autograd has them, on :mod:`autograd.arrays.array_operation`.

In a new program use :func:`autograd.primitive` or :func:`autograd.array_operation`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import wraps
from typing import Any, NoReturn, TypeAlias

import numpy as np

from autograd.arrays.array_operation import ArrayOperation
from autograd.arrays.operands import own
from autograd.arrays.reductions import sum as sum_of
from autograd.arrays.tensor import Tensor
from autograd.compat.objects import Box, VSpace, evaluated
from autograd.core.hooks import hooks
from autograd.core.nested import entries, entries_as_in, rebuild
from autograd.core.sweep import is_node

__all__ = [
    "Box",
    "VSpace",
    "defjvp",
    "defjvp_argnum",
    "defvjp",
    "defvjp_argnum",
    "defvjp_argnums",
    "notrace_primitive",
    "plain",
    "primitive",
]

Function: TypeAlias = Callable[..., Any]


def primitive(function: Function) -> Function:
    """Make a function whose derivatives are declared, not found by looking into it.

    The function is called with plain numbers and arrays.  Its positional arguments may hold nodes, also in lists,
    tuples and dicts.

    Args:
        function: a function of any arguments that returns a number or an array.

    Returns:
        A function of the same arguments.  It raises ``NotImplementedError`` in a sweep that needs a derivative that is
        not declared.

    >>> from autograd import exp, grad
    >>> @primitive
    ... def bell(x):
    ...     return np.exp(-x * x)
    >>> defvjp(bell, lambda ans, x: lambda g: -2 * g * x * ans)
    >>> round(grad(bell)(0.5), 4)
    -0.7788
    """
    return _as_function(_Declared(function), function)


def _as_function(operation: _Declared, function: Function) -> Function:
    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        if any(map(is_node, entries(kwargs))):
            raise TypeError(f"{operation.name}: pass arguments that are to be differentiated by position, not by name")
        nodes = [x for x in entries(args) if is_node(x)]
        if not nodes:
            return function(*args, **kwargs)
        arguments = _Arguments.of(args, kwargs)
        if any(isinstance(x, Box) for x in nodes):
            return evaluated(operation, nodes, {"call": arguments})
        return operation(*nodes, call=arguments)

    call.operation = operation  # type: ignore[attr-defined]
    return call


def notrace_primitive(function: Function) -> Function:
    """Make a function that reads the numbers of nodes, and whose result has no derivative, such as ``np.argmax``."""

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        return function(*plain(args), **plain(kwargs))

    return call


def plain(structure: Any) -> Any:
    """The structure with plain numbers and arrays in place of nodes.

    >>> from autograd import Value
    >>> plain([Value(1.0), Tensor([2.0]), "text"])
    [1.0, array([2.]), 'text']
    """
    if not any(map(is_node, entries(structure))):
        return structure
    return rebuild(
        structure,
        [x.numpy() if isinstance(x, Tensor) else x.item() if is_node(x) else x for x in entries(structure)],
    )


def defvjp(function: Function, *makers: Function | None, argnums: Sequence[int] | None = None) -> None:
    """Declare how gradients pass backward through a function that :func:`primitive` made.

    Args:
        function: the function.
        makers: for each argument, a function of the result and the arguments that returns a function of the gradient
            of the result, ``lambda ans, x: lambda g: …``; ``None`` for an argument that is not used.
        argnums: the positions of these arguments; by default the first ones.
    """
    operation = _declared(function)
    for argnum, maker in zip(range(len(makers)) if argnums is None else argnums, makers, strict=True):
        operation.pulls[argnum] = maker


def defvjp_argnum(function: Function, maker: Function) -> None:
    """Declare the same for all arguments by one function, ``lambda argnum, ans, args, kwargs: lambda g: …``."""
    _declared(function).pull_any = maker


def defvjp_argnums(function: Function, maker: Function) -> None:
    """Declare the same for several arguments at once, ``lambda argnums, ans, args, kwargs: lambda g: […]``."""

    def one(argnum: int, ans: Any, args: Any, kwargs: dict[str, Any]) -> Function:
        pull = maker((argnum,), ans, args, kwargs)
        return lambda g: next(iter(pull(g)))

    defvjp_argnum(function, one)


def defjvp(function: Function, *rules: Function | str | None, argnums: Sequence[int] | None = None) -> None:
    """Declare how rates of change pass forward through a function that :func:`primitive` made.

    Without it, forward mode is derived from what :func:`defvjp` declares.

    Args:
        function: the function.
        rules: for each argument, a function of its rate of change, the result and the arguments, ``lambda g, ans, x:
            …``; ``"same"`` if the function is linear in the argument; ``None`` for an argument that is not used.
        argnums: the positions of these arguments; by default the first ones.

    Raises:
        ValueError: if a rule is another word than ``"same"``.
    """
    operation = _declared(function)
    for argnum, rule in zip(range(len(rules)) if argnums is None else argnums, rules, strict=True):
        if isinstance(rule, str) and rule != "same":
            raise ValueError(f'defjvp takes functions, None and "same", not {rule!r}')
        operation.pushes[argnum] = rule


def defjvp_argnum(function: Function, rule: Function) -> None:
    """Declare the same for all arguments by one function, ``lambda argnum, g, ans, args, kwargs: …``."""
    _declared(function).push_any = rule


def __getattr__(name: str) -> NoReturn:
    if name in {"JVPNode", "SparseObject", "VJPNode", "vspace"}:
        raise ImportError(f"{name} is an internal name of HIPS autograd: read the graph by node.operands instead")
    if name in {"def_linear", "defjvp_argnums", "register_notrace"}:
        raise ImportError(f"{name} is not supported: declare each argument with defvjp or defjvp")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


# ---------------------------------------------------------------------------------------------------------------------
# The operation
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Arguments:
    """The arguments of a call, with gaps where nodes were: an entry of ``structure`` is a gap or a constant."""

    structure: tuple[Any, ...]
    options: dict[str, Any]
    argnums: tuple[int, ...]
    """For each node, the position of its argument."""

    @staticmethod
    def of(args: tuple[Any, ...], options: dict[str, Any]) -> _Arguments:
        """The arguments without their nodes, and with copies of arrays, so that later writes do not reach the graph."""
        structure = []
        argnums: list[int] = []
        for argnum, argument in enumerate(args):
            found = list(entries(argument))
            argnums += [argnum] * sum(map(is_node, found))
            is_structure = isinstance(argument, (list, tuple, dict)) or is_node(argument)
            kept = [_GAP if is_node(x) else own(x) if isinstance(x, np.ndarray) else x for x in found]
            structure.append(rebuild(argument, kept) if is_structure else kept[0] if len(kept) == 1 else argument)
        return _Arguments(tuple(structure), options, tuple(argnums))

    def filled(self, operands: Sequence[Any]) -> list[Any]:
        """The arguments with these operands in their gaps."""
        rest = iter(operands)
        return [
            rebuild(argument, [next(rest) if x is _GAP else x for x in entries(argument)])
            if argnum in self.argnums
            else argument
            for argnum, argument in enumerate(self.structure)
        ]

    def of_argument(self, argnum: int, sent: Any) -> list[Any]:
        """What was sent to the nodes of an argument, given what was sent to the whole argument."""
        gaps = [x is _GAP for x in entries(self.structure[argnum])]
        return [x for x, gap in zip(entries_as_in(self.structure[argnum], sent), gaps, strict=True) if gap]


_GAP = object()


class _Declared(ArrayOperation[...]):
    """A function with declared derivatives, as an operation on all nodes in its arguments."""

    def __init__(self, function: Function) -> None:
        self.pulls: dict[int, Function | None] = {}
        self.pushes: dict[int, Function | str | None] = {}
        self.pull_any: Function | None = None
        self.push_any: Function | None = None

        def forward(*operands: Any, call: _Arguments) -> Any:
            result = function(*call.filled([_read_only(x) for x in operands]), **call.options)
            return _as_floats(self.name, result)

        self.function = function
        super().__init__(forward, (), (), getattr(function, "__name__", type(function).__name__))
        self.__doc__ = getattr(function, "__doc__", None)

    def pull(self, place: int, gradient: Any, out: Any, operands: Sequence[Any], options: dict[str, Any]) -> Any:
        (sent,) = self.pull_all([place], gradient, out, operands, options)
        if is_node(gradient) and not is_node(sent) and sent is not None and not np.any(sent):
            return sum_of(gradient) * np.asarray(sent, float)  # 0, as a node of the gradient
        return sent

    def pull_all(
        self, places: Sequence[int], gradient: Any, out: Any, operands: Sequence[Any], options: dict[str, Any]
    ) -> list[Any]:
        call: _Arguments = options["call"]
        args = call.filled([_scalar(x) for x in operands])
        sent: list[Any] = []
        for argnum in dict.fromkeys(call.argnums):
            count = call.argnums.count(argnum)
            if any(call.argnums[place] == argnum for place in places):
                maker = self._maker(argnum)
                sent += (
                    [None] * count
                    if maker is None
                    else call.of_argument(argnum, maker(_scalar(out), *args, **call.options)(_scalar(gradient)))
                )
            else:
                sent += [None] * count
        return [sent[place] for place in places]

    def push(self, tangents: Sequence[Any], out: Any, operands: Sequence[Any], options: dict[str, Any]) -> Any:
        call: _Arguments = options["call"]
        args = call.filled([_scalar(x) for x in operands])
        total: Any = None
        for argnum in dict.fromkeys(call.argnums):
            mine = [place for place, its in enumerate(call.argnums) if its == argnum and tangents[place] is not None]
            if argnum in self.pushes or self.push_any is not None:
                rates = [np.zeros(np.shape(x)) if t is None else t for x, t in zip(operands, tangents, strict=True)]
                terms = [self._pushed(argnum, call.filled(rates)[argnum], out, args, call.options)] if mine else []
            else:
                terms = [hooks.transposed(self, place, tangents[place], out, operands, options) for place in mine]
            for term in terms:
                total = term if total is None else total if term is None else total + term
        return np.zeros(out.shape) if total is None else total

    def _maker(self, argnum: int) -> Function | None:
        if argnum in self.pulls:
            return self.pulls[argnum]
        if self.pull_any is not None:
            shared = self.pull_any
            return lambda ans, *args, **kwargs: shared(argnum, ans, args, kwargs)
        raise NotImplementedError(
            f"the derivative of {self.name} in argument {argnum} is not declared: "
            f"use defvjp({self.name}, lambda ans, *args: lambda g: …, argnums=[{argnum}])"
        )

    def _pushed(self, argnum: int, rate: Any, out: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """The rate of change of the result if one argument changes; ``None`` if it is declared not to matter."""
        rule = self.pushes.get(argnum, self.push_any)
        if rule is None:
            return None
        if isinstance(rule, str):
            return _as_function(self, self.function)(*args[:argnum], rate, *args[argnum + 1 :], **kwargs)
        if argnum in self.pushes:
            return rule(rate, _scalar(out), *args, **kwargs)
        return rule(argnum, rate, _scalar(out), args, kwargs)


def _declared(function: Function) -> _Declared:
    operation = getattr(function, "operation", None)
    if not isinstance(operation, _Declared):
        name = getattr(function, "__name__", None) or str(function)
        raise TypeError(f"{name} is not a primitive: decorate it with autograd.extend.primitive first")
    return operation


def _scalar(x: Any) -> Any:
    """An array without axes as a number."""
    return x[()] if isinstance(x, np.ndarray) and x.ndim == 0 else x


def _read_only(x: Any) -> Any:
    """A view of an operand that cannot be written to: its numbers belong to the graph."""
    x = _scalar(x)
    if isinstance(x, np.ndarray):
        x = x.view()
        x.flags.writeable = False
    return x


def _as_floats(name: str, result: Any) -> Any:
    """The result of a function as an array of floats."""
    if any(map(is_node, entries(result))):
        raise TypeError(
            f"{name} returned a node, which it found outside of its arguments: pass everything that is to be "
            "differentiated as an argument"
        )
    array = np.asarray(result)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"{name} returned {type(result).__name__}, not a real number or an array of real numbers")
    return array if array.dtype in (np.float32, np.float64) else array.astype(float)
