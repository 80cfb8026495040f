"""``compile``: a function of single numbers, recorded once and replayed over a batch, with all its derivatives.

You write ordinary scalar code for one sample; the compiled function takes a whole batch, and computes each step for all
samples at once.

>>> import numpy as np
>>> from autograd import compile
>>> @compile(batch=("x", "t"))
... def loss(w, b, x, t):
...     return (w * x + b - t) ** 2
>>> x = np.array([0.0, 1.0, 2.0])
>>> loss(2.0, 0.0, x, 3 * x - 1)  # the mean over the samples
0.6666666666666666
>>> loss.value_and_grad(2.0, 0.0, x, 3 * x - 1, argnums=("w", "b"))
(0.6666666666666666, (-1.3333333333333333, 0.0))
>>> print(loss.program(2.0, 0.0, x, x))
for each sample:
    v1 = b + w * x
    v2 = v1 - t
    v3 = total(v2 * v2)
once:
    v4 = v3 / samples
return v4
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial, update_wrapper
from numbers import Real
from threading import RLock
from types import MethodType
from typing import Any, Literal, NamedTuple, TypeAlias, get_args, overload

import numpy as np

from autograd.compiler.arguments import (
    ArgumentSpec,
    NodeReader,
    OutputReader,
    cache_key,
    canonical,
    without_nodes,
    zeros_like,
)
from autograd.compiler.compiled_operation import CompiledOperation
from autograd.compiler.environment import Environment
from autograd.compiler.program import Program
from autograd.compiler.recording import RecordingError, is_recording
from autograd.compiler.specialization import Reduction, Specialization
from autograd.compiler.threads import cores
from autograd.core.aliases import Structure
from autograd.core.display import function_name
from autograd.core.errors import hidden
from autograd.core.grad_mode import grad_enabled
from autograd.core.nested import entries, rebuild
from autograd.core.primitive import PRIMITIVES
from autograd.core.value import UFUNCS, Value
from autograd.core.watching import watchers

__all__ = ["Compiled", "compile"]

__tracebackhide__ = hidden

Function: TypeAlias = Callable[..., Any]
Argnums: TypeAlias = int | str | Sequence[int | str]
"""One argument or several, by position or name."""


@overload
def compile(
    function: Function, *, batch: bool | Argnums = ..., reduction: Reduction = ..., threads: int | None = ...
) -> Compiled: ...
@overload
def compile(
    function: None = None, *, batch: bool | Argnums = ..., reduction: Reduction = ..., threads: int | None = ...
) -> Callable[[Function], Compiled]: ...
def compile(
    function: Function | None = None,
    *,
    batch: bool | Argnums = False,
    reduction: Reduction = "mean",
    threads: int | None = 1,
) -> Compiled | Callable[[Function], Compiled]:
    """A function of numbers as straight-line code, which computes values and derivatives many times faster.

    The function is run with Values, and what it computes is recorded; later calls repeat the recorded steps without
    Python.  So it may loop, call other functions and use networks of Values, but what it computes must not depend on
    how large a number is: it may not branch on a number (use :func:`autograd.where`), read one or assign to one.

    It runs at the first call, and again at the second one and when it is first called with other numbers: a function
    that then does something else, such as drawing another random number, is refused.  Of a batch, it runs for the first
    two samples.  It is recorded again for arguments of another structure or shape, and when something that it
    reads from outside has changed: a global name, a variable of an enclosing function, an entry of a list, a dict or
    an array, an attribute of an object, also in the functions that it calls.

    Nodes that the function captures, such as the parameters of a network, are read at each call.  If it captured some,
    or if there are nodes among the arguments, the result is a node of the same graph, which can be differentiated to
    any order; inside of ``no_grad()`` it is plain.  Derivatives, such as :meth:`Compiled.grad`, are nodes only if there
    are nodes among the arguments.  :meth:`Compiled.backward` sets the ``.grad`` of what was captured.

    Arithmetic follows IEEE, as for arrays: the logarithm of -1 is nan, where that of a ``Value`` raises.  Steps that
    are alike, as in a loop, are computed together.  A sum may add its terms in another order than the function does,
    always the same one; that changes no more than its rounding.

    Args:
        function: takes and returns numbers, arrays, and nested lists, tuples and dicts of them.  Inside, numbers are
            Values and arrays are NumPy arrays of Values.
        batch: the arguments that differ from sample to sample, by position or name, or ``True`` for all.  The function
            gets one sample; the compiled function is called with arrays that have one more axis, the first.
        reduction: what the compiled function returns for a batch: the "mean" over the samples, their "sum", or with
            "none" an array with the value of each sample.
        threads: how many threads share a batch that is large enough to gain from it; ``None`` for one on each core.
            The results are the same, to the last bit, for any number.  Without the compiled machine there is one.

    Returns:
        A :class:`Compiled` function.  Without ``function``, a decorator.

    Raises:
        ValueError: if the reduction is unknown, or the number of threads is not a whole number from 1 on.
        RecordingError: when called, if the function cannot be recorded.
        GraphLeftError: when called, if it reads a number with ``float()``, as ``math.sin`` does.

    >>> from autograd import compile, exp
    >>> f = compile(lambda x: x[0] * exp(x[1]))
    >>> f.value_and_grad([2.0, 0.0])
    (2.0, [1.0, 2.0])
    >>> from autograd import grad
    >>> grad(lambda t: f([t, 0.0]) * t)(3.0)
    6.0
    """
    if reduction not in get_args(Reduction):
        raise ValueError(f"reduction is mean, sum or none, not {reduction!r}")
    if threads is not None and (not isinstance(threads, int) or isinstance(threads, bool) or threads < 1):
        raise ValueError(f"threads is how many there are, at least 1, or None for one on each core, not {threads!r}")
    if function is None:
        return partial(Compiled, batch=batch, reduction=reduction, threads=threads)
    return Compiled(function, batch, reduction, threads)


_MAX_SPECIALIZATIONS = 64  # of one function; the oldest is dropped, in case static arguments differ in every call


class _Replay(NamedTuple):
    """A program as a function of plain arguments, and whether what its function reads from outside is the same."""

    unchanged: Callable[[], bool]
    call: Callable[..., Any]


_NO_REPLAY = _Replay(bool, bool)  # bool() is False


class Compiled:
    """A compiled function; see :func:`compile`.

    It takes the arguments of the function, with samples where there is a batch.  Derivatives have the structure of the
    arguments.  The parameters have no static types, because the function takes and returns Values where the compiled
    function takes and returns floats, arrays and structures of them.

    Attributes:
        function: the function that was compiled.
        reduction: "mean", "sum" or "none".
        threads: how many threads share a large batch; ``None`` for one on each core.
    """

    def __init__(
        self,
        function: Function,
        batch: bool | Argnums = False,
        reduction: Reduction = "mean",
        threads: int | None = 1,
    ) -> None:
        function = self.function = _by_row(function)
        self.reduction, self.threads = reduction, threads
        self._batch = batch
        self._signature = _signature(function)
        self._specializations: dict[Hashable, Specialization] = {}
        self._environment, self._version = Environment(function), -1
        self._replays: dict[Hashable, _Replay] = {}
        self._lock = RLock()
        update_wrapper(self, function)
        kinds = {parameter.kind for parameter in self._signature.parameters.values()}
        self._is_positional = kinds <= {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
        self._names = list(self._signature.parameters)
        self._varying = self._which_vary(self._names) if self._is_positional else []

    def __repr__(self) -> str:
        return f"<compiled {function_name(self.function)}>"

    def __get__(self, instance: object, owner: type | None = None) -> Compiled:
        """Make it a method of an object, which keeps what is recorded for it among its attributes."""
        if instance is None:
            return self
        kept: dict[str, Any] = getattr(instance, "__dict__", {})
        name = f"<compiled {getattr(self.function, '__qualname__', '')}>"
        method = kept[name].method if name in kept else None
        if method is None or method.function.__self__ is not instance or method.function.__func__ is not self.function:
            method = Compiled(MethodType(self.function, instance), self._batch, self.reduction, self.threads)
            kept[name] = _Kept(method)
        return method

    def __reduce__(self) -> tuple[Any, ...]:
        return Compiled, (self.function, self._batch, self.reduction, self.threads)  # a copy records for itself

    def __call__(self, *args: Structure, **kwargs: Structure) -> Any:
        """The value: the result of the function as floats, or as arrays over the samples if there is no reduction.

        If there are nodes among the arguments, or if the function captured some, it is a node.
        """
        if (
            watchers and self._batch is False and is_recording()
        ):  # it becomes a part of the function that is being recorded
            return self.function(*map(_as_recorded, args), **{key: _as_recorded(x) for key, x in kwargs.items()})
        found = self._replayed(None, args, kwargs)
        if found is not None:
            return found
        special, arguments, given = self._specialize(args, kwargs)
        self._remember(None, special, None, single=True)
        if special.captured and grad_enabled.get():
            return special.record(special.value(), given)[0]
        return self._evaluated(special, special.value(), arguments, given)[0]

    def value_and_grad(self, *args: Structure, argnums: Argnums = 0, **kwargs: Structure) -> tuple[Any, Any]:
        """The value and its gradient: plain numbers and arrays, or nodes if there are nodes among the arguments.

        Args:
            args: the arguments.
            argnums: the argument to differentiate with respect to, by position or name; or several.
            kwargs: further arguments.

        Returns:
            The value, and the gradient in the structure of the argument; a tuple of gradients for several.

        Raises:
            TypeError: if the value is not a single number.
            ValueError: if there is no such argument.
        """
        key = argnums if isinstance(argnums, (int, str)) else tuple(argnums)
        found = self._replayed(key, args, kwargs)
        if found is not None:
            return found  # type: ignore[no-any-return]
        special, arguments, given = self._specialize(args, kwargs)
        which = self._positions(argnums, special.spec.names)
        single = isinstance(argnums, (int, str))
        self._remember(key, special, which, single)
        value, outputs = self._evaluated(special, special.gradient(which), arguments, given)
        gradients = tuple([special.derivative(i, outputs) for i in which])
        return value, gradients[0] if single else gradients

    def grad(self, *args: Structure, argnums: Argnums = 0, **kwargs: Structure) -> Any:
        """The gradient alone; see :meth:`value_and_grad`."""
        return self.value_and_grad(*args, argnums=argnums, **kwargs)[1]

    def backward(self, *args: Structure, seed: Structure | None = None, **kwargs: Structure) -> Any:
        """Add the gradient to the ``.grad`` of every captured node, as ``backward()`` of a node does.

        The captured nodes are those that the function finds outside, such as the parameters of a network.  Nodes among
        the arguments receive nothing.

        Args:
            args: the arguments.
            seed: the derivative to start with, in the structure of the value; 1 by default.  A seed of 0 sends nothing.
            kwargs: further arguments.

        Returns:
            The value; a node if there are nodes among the arguments.

        Raises:
            TypeError: if the value is not a single number and there is no seed.
            ValueError: if the seed does not have the structure of the value.

        >>> import numpy as np
        >>> from autograd import Value
        >>> w = Value(2.0)
        >>> loss = compile(lambda x: (w * x - 1.0) ** 2, batch=True)
        >>> loss.backward(np.array([1.0, 2.0])), w.grad
        (5.0, 7.0)
        """
        special, arguments, given = self._specialize(args, kwargs)
        value, gradients = special.sweep(arguments, seed)
        special.accumulate(gradients)
        return value if given is arguments else special.record(special.value(), given)[0]

    def jacobian(self, *args: Structure, argnums: Argnums = 0, sparse: bool = False, **kwargs: Structure) -> Any:
        """The derivatives of each number of the value with respect to each number of an argument.

        A derivative is computed only where a path leads from the input to the output, also if the result is dense.

        Args:
            args: the arguments.
            argnums: the argument to differentiate with respect to, by position or name; or several.
            sparse: whether to return one ``scipy.sparse.csr_array``, with a row for each number of the value and a
                column for each number of the arguments, in order.  It holds the derivatives that are not 0 at every
                point.  This needs SciPy, ``pip install "pathgrad[special]"``.
            kwargs: further arguments.

        Returns:
            The structure of the value, with the structure of the argument in place of each number, or a tuple of these
            for several arguments; an array of shape S becomes one of shape S + A for an argument of shape A.  Without
            reduction these are the derivatives of each sample, arrays whose first axis counts the samples.  They are
            nodes if there are nodes among the arguments.

        Raises:
            ValueError: if there is no such argument, if it is named twice, or if ``sparse`` is asked for where there is
                a matrix for each sample.
            TypeError: if ``sparse`` is asked for and there are nodes among the arguments.
            ImportError: if ``sparse`` is asked for without SciPy.

        >>> f = compile(lambda x: [x[0] * x[1], x[0] + x[1]])
        >>> f.jacobian([2.0, 3.0])
        [[3.0, 2.0], [1.0, 1.0]]
        >>> import numpy as np
        >>> steps = compile(lambda x: x[1:] - x[:-1] ** 2)
        >>> steps.jacobian(np.array([1.0, 2.0, 3.0]))
        array([[-2.,  1.,  0.],
               [ 0., -4.,  1.]])
        >>> steps.jacobian(np.array([1.0, 2.0, 3.0]), sparse=True).nnz
        4
        """
        return self._matrix("jacobian", args, kwargs, argnums, sparse)

    def hessian(self, *args: Structure, argnums: Argnums = 0, sparse: bool = False, **kwargs: Structure) -> Any:
        """The second derivatives of the value with respect to each two numbers of an argument.

        Args:
            args: the arguments.
            argnums: as for :meth:`jacobian`.
            sparse: as for :meth:`jacobian`; the matrix has a row and a column for each number of the arguments.
            kwargs: further arguments.

        Returns:
            The structure of the argument, with this structure again in place of each number.  For an array of shape A
            it is an array of shape A + A.  Without reduction there is a Hessian for each sample, and the first axis
            counts the samples.  They are nodes if there are nodes among the arguments.

        Raises:
            TypeError: if the value is not a single number, or as for :meth:`jacobian`.
            ValueError: as for :meth:`jacobian`, or if an argument differs from sample to sample and there is a
                reduction.
            ImportError: if ``sparse`` is asked for without SciPy.

        >>> f = compile(lambda x: x[0] ** 2 * x[1])
        >>> f.hessian([1.0, 2.0])
        [[4.0, 2.0], [2.0, 0.0]]
        >>> compile(lambda x, y: x * y**2).hessian(2.0, 3.0, argnums=("x", "y"))
        ((0.0, 6.0), (6.0, 4.0))
        """
        return self._matrix("hessian", args, kwargs, argnums, sparse)

    def _matrix(
        self,
        kind: Literal["jacobian", "hessian"],
        args: Sequence[Structure],
        kwargs: Mapping[str, Structure],
        argnums: Argnums,
        sparse: bool,
    ) -> Any:
        special, arguments, given = self._specialize(args, kwargs)
        which = self._positions(argnums, special.spec.names)
        if len(set(which)) < len(which):
            raise ValueError(f"argnums names an argument twice: {argnums}")
        matrix = special.matrix(kind, which)
        if sparse and matrix.varying:
            raise ValueError(f"a sparse {kind.title()} is one matrix, but here there is one for each sample")
        if sparse and given is not arguments:
            raise TypeError(
                f"a sparse {kind.title()} holds plain numbers, but there are nodes among the arguments: call it in "
                "no_grad(), or without sparse=True"
            )
        numbers = special.numbers(matrix, arguments, given)
        if sparse:
            return matrix.pattern.sparse(numbers)
        dense = matrix.pattern.dense(numbers)
        return special.in_structure(kind, which, dense, isinstance(argnums, (int, str)))

    def hvp(self, primals: Sequence[Structure], tangents: Sequence[Structure]) -> tuple[Any, ...]:
        """The Hessian times a vector, without the Hessian.

        Args:
            primals: the arguments.
            tangents: the vector, in the same structure.

        Returns:
            A tuple with an entry for each argument, in its structure; nodes if there are nodes among the arguments or
            in the vector.

        Raises:
            TypeError: if the value is not a single number.
            ValueError: if the vector does not have the structure of the arguments.

        >>> compile(lambda x: x[0] ** 2 * x[1]).hvp(([1.0, 2.0],), ([1.0, 0.0],))
        ([4.0, 2.0],)
        """
        special, arguments, given = self._specialize(primals, {})
        spec = special.spec
        other = self._bound(tangents, {})[0] if len(tangents) == len(primals) else []
        vector, keys, nodes = canonical(other, spec.names[: len(other)], spec.varying[: len(other)])
        if keys != list(map(cache_key, arguments, spec.varying)):
            raise ValueError("hvp takes a vector in the structure of the arguments, with as many numbers in each")
        for i in range(len(primals), len(arguments)):  # defaults of the function, which do not change
            vector[i] = zeros_like(vector[i])
        outputs: OutputReader | NodeReader
        if grad_enabled.get() and (given is not arguments or nodes):
            _, outputs = special.record(special.hvp(), given, spec.packed(vector))
        else:
            _, outputs = special.run(special.hvp(), arguments, spec.flatten(list(map(without_nodes, vector))))
        return tuple([special.derivative(i, outputs) for i in range(len(primals))])

    def program(self, *args: Structure, argnums: Argnums | None = None, **kwargs: Structure) -> Program:
        """The straight-line code of the value for these arguments, or with ``argnums`` of value and gradient.

        Print it to read it.  :meth:`Program.python` and :meth:`Program.c` write it as a function that runs without this
        package.
        """
        special, _, _ = self._specialize(args, kwargs)
        which = None if argnums is None else self._positions(argnums, special.spec.names)
        return special.program(which, function_name(self.function))

    # -- replays: nothing but the program, for plain arguments and an environment that has not changed -----------------

    def _replayed(self, key: Hashable, args: Sequence[Structure], kwargs: Mapping[str, Structure]) -> Any:
        """What was last computed for this key, computed with other numbers; ``None`` if it takes more than that."""
        replay = self._replays.get(key, _NO_REPLAY)
        try:
            if kwargs or watchers or not replay.unchanged():
                return None
        except Exception:  # a container was changed by another thread, or a variable is no longer defined
            return None
        return replay.call(*args)

    def _remember(self, key: Hashable, special: Specialization, which: Sequence[int] | None, single: bool) -> None:
        """Use the value, or the value and gradients, of this specialization for later calls with the same key."""
        call = special.call(which, single)
        snapshot = self._environment.snapshot()
        if call is not None and snapshot.version == special.version:  # another thread may have seen a change
            self._replays[key] = _Replay(snapshot.comparison(), call)

    # -- arguments ----------------------------------------------------------------------------------------------------

    def _evaluated(
        self,
        special: Specialization,
        operation: CompiledOperation,
        arguments: Sequence[Structure],
        given: Sequence[Structure],
    ) -> tuple[Any, OutputReader | NodeReader]:
        """The value, and a reader of the other outputs; nodes if there are nodes among the given arguments."""
        return special.run(operation, arguments) if given is arguments else special.record(operation, given)

    def _specialize(
        self, args: Sequence[Structure], kwargs: Mapping[str, Structure]
    ) -> tuple[Specialization, list[Structure], list[Structure]]:
        """The specialization for these arguments; plain arguments; and those to compute with, which may hold nodes.

        Without nodes, or if recording is switched off, the last two are the same list.
        """
        version = self._environment.version()
        if version != self._version:  # defaults may have been replaced
            self._signature, self._version = inspect.signature(self.function), version
        names, varying = self._names, self._varying
        keywords: tuple[str, ...] = ()
        if kwargs or not self._is_positional or len(args) != len(names):
            args, names, keywords = self._bound(args, kwargs)
            varying = self._which_vary(names)
        given, keys, nodes = canonical(args, names, varying)
        arguments = list(map(without_nodes, given)) if nodes else given
        key = (version, keywords, *keys)
        try:
            special = self._specializations.get(key)
        except TypeError as error:
            raise TypeError(f"{self!r} takes numbers, arrays and hashable objects: {error}") from None
        if special is None:
            special = self._recorded(key, version, ArgumentSpec(arguments, names, varying), keywords, arguments)
        elif special.first_run is not None:
            special.check(arguments)
        if watchers and (special.captured or given is not arguments) and is_recording():
            raise RecordingError(
                f"{self!r} has a batch or is to be differentiated, so it cannot become a part of another compiled "
                f"function: call its .function, sample by sample, and differentiate that with autograd.grad"
            )
        return special, arguments, given if grad_enabled.get() else arguments

    def _recorded(
        self,
        key: Hashable,
        version: int,
        spec: ArgumentSpec,
        keywords: Sequence[str],
        arguments: Sequence[Structure],
    ) -> Specialization:
        """A new specialization, kept for later calls unless the function has changed what it reads from outside."""
        threads = self.threads or cores()
        special = Specialization(self.function, spec, keywords, self.reduction, arguments, threads)
        if self._environment.version() != version:
            return special
        with self._lock:
            special.version = version
            special = self._specializations.setdefault(key, special)  # another thread may have been faster
            if len(self._specializations) > _MAX_SPECIALIZATIONS:
                del self._specializations[next(iter(self._specializations))]
        return special

    def _bound(
        self, args: Sequence[Structure], kwargs: Mapping[str, Structure]
    ) -> tuple[Sequence[Structure], list[str], tuple[str, ...]]:
        """All arguments, defaults included; their names; and the names of the last ones, which are keyword-only."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        names: list[str] = []
        for name, parameter in self._signature.parameters.items():
            if parameter.kind is parameter.VAR_POSITIONAL:
                names += [f"{name}[{i}]" for i in range(len(bound.arguments[name]))]
            elif parameter.kind not in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD):
                names.append(name)
        return [*bound.args, *bound.kwargs.values()], [*names, *bound.kwargs], tuple(bound.kwargs)

    def _which_vary(self, names: Sequence[str]) -> list[bool]:
        """For each argument whether it differs from sample to sample."""
        if isinstance(self._batch, bool):
            return [self._batch] * len(names)
        batch = self._positions(self._batch, names)
        return [i in batch for i in range(len(names))]

    def _positions(self, argnums: Argnums, names: Sequence[str]) -> list[int]:
        """The positions of the arguments that ``argnums`` names.

        Raises:
            ValueError: if there is no such argument.
        """
        found = []
        for one in [argnums] if isinstance(argnums, (int, str)) else argnums:
            if isinstance(one, str) and one in names:
                found.append(names.index(one))
            elif isinstance(one, int) and -len(names) <= one < len(names):
                found.append(one % len(names))
            else:
                raise ValueError(f"{self!r} has no argument {one!r}: it has {', '.join(names)}")
        return found


class _Kept:
    """The compiled method of an object.  A copy of the object starts without it."""

    def __init__(self, method: Compiled | None = None) -> None:
        self.method = method

    def __reduce__(self) -> tuple[Any, ...]:
        return _Kept, ()


def _as_recorded(argument: Structure) -> Structure:
    """An argument as a function finds it while it is recorded: Values in place of numbers, also in arrays."""
    return rebuild(argument, map(_entry_as_recorded, entries(argument)))


def _entry_as_recorded(x: Any) -> Any:
    if isinstance(x, np.ndarray) and x.dtype.kind in "biuf":
        return np.reshape(np.array([Value(number) for number in x.ravel().tolist()] + [None], object)[:-1], x.shape)
    return Value(float(x)) if isinstance(x, Real) and not isinstance(x, (bool, Value)) else x


def _by_row(function: Function) -> Function:
    """The row of the table in place of a ufunc such as ``np.sin``."""
    name = function_name(function)
    return PRIMITIVES.get(UFUNCS.get(name, name), function) if isinstance(function, np.ufunc) else function


def _signature(function: Function) -> inspect.Signature:
    try:
        if not isinstance(function, np.ufunc):
            return inspect.signature(function)
    except (TypeError, ValueError):  # a function written in C
        pass
    name = function_name(function)
    raise TypeError(f"{name} does not tell its arguments: compile a function that calls it, as lambda x: {name}(x)")
