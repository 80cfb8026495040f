"""``compile``: a function of single numbers, recorded once and replayed over a batch, with all its derivatives.

What one sample needs is written as ordinary scalar code; the compiled function takes a whole batch, and computes each
step for all samples at once.

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
from math import isnan
from operator import is_
from threading import RLock
from types import CodeType, MethodType
from typing import Any, TypeAlias
from weakref import finalize

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.compiler.arguments import Entry, Layout, Results, at_rest, form, normal
from autograd.compiler.expressions import Term, gradients, tangents
from autograd.compiler.program import Program
from autograd.compiler.recording import recorded
from autograd.core.nested import entries, rebuild
from autograd.core.rules import divide
from autograd.core.value import Value

__all__ = ["Compiled", "compile"]

Function: TypeAlias = Callable[..., Any]
Which: TypeAlias = "int | str | Sequence[int | str]"
Array: TypeAlias = np.ndarray[Any, Any]
Numbers: TypeAlias = "tuple[list[Any], Array]"  # of uniform inputs, in parts, and a row for each of the others
Made: TypeAlias = "tuple[list[Term], list[tuple[Term, bool]]]"  # further inputs, and what to compute, for each sample?


def compile(function: Function | None = None, *, batch: bool | Which = False, reduction: str = "mean") -> Any:
    """A function of numbers as straight-line code, which computes values and derivatives many times faster.

    The function is run once, with Values, and what it computes is recorded; from then on the recorded steps are
    repeated, without Python.  So it may loop, call other functions and use networks of Values, but what it computes
    must not depend on how large a number is: it may not branch on one (use :func:`autograd.where`), read it or assign
    to it.  Values that it finds outside, such as the parameters of a network, are read anew at each call, and
    :meth:`Compiled.backward` gives them their ``.grad``.  It is recorded anew for arguments of another structure or
    shape, and when a name from outside means another number or another object; what it finds elsewhere, in a list or
    as an attribute, is recorded as it was.

    Arithmetic is that of IEEE, as of arrays: the logarithm of -1 is nan, where that of a ``Value`` is an error.

    Args:
        function: it takes numbers, arrays, and lists, tuples and dicts of them, nested as you like, and returns
            numbers in such a structure.  Inside, numbers are Values and arrays are NumPy arrays of Values.
        batch: the arguments that differ from sample to sample, by position or name, or ``True`` for all.  The function
            gets one sample, and is called with many: arrays with one axis more, the first.
        reduction: what a function with a batch returns: the "mean" over the samples, their "sum", or with "none" an
            array of what it is for each.

    Returns:
        A :class:`Compiled` function.  Without ``function``, a decorator.

    Raises:
        ValueError: if the reduction is unknown.
        RecordingError: when called, if the function does what cannot be recorded.

    >>> from autograd import compile, exp
    >>> f = compile(lambda x: x[0] * exp(x[1]))
    >>> f.value_and_grad([2.0, 0.0])
    (2.0, [1.0, 2.0])
    """
    if reduction not in ("mean", "sum", "none"):
        raise ValueError(f"reduction is mean, sum or none, not {reduction!r}")
    if function is None:
        return partial(compile, batch=batch, reduction=reduction)
    return Compiled(function, batch, reduction)


_PLAIN = (int, float, str, np.number, type(None))
_RECORDINGS = 64  # how many a function keeps: no more, should it be called with other words or numbers each time


def _content(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # nothing has been assigned to that name yet
        return None


def _names(code: Any) -> set[str]:
    """The names that code uses, and the functions and comprehensions within it."""
    return {*code.co_names}.union(*[_names(part) for part in code.co_consts if isinstance(part, CodeType)])


class _Object:
    """An object, which is the same as no other, whatever it says itself."""

    def __init__(self, it: Any) -> None:
        self.it = it

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Object) and self.it is other.it

    def __hash__(self) -> int:
        return id(self.it)


class Compiled:
    """A function that was compiled; see :func:`compile`.

    Arguments are those of the function, with samples where there is a batch.  Derivatives have the structure of the
    arguments.
    """

    def __init__(self, function: Function, batch: bool | Which = False, reduction: str = "mean") -> None:
        self.function = function
        self.reduction = reduction
        self._batch = batch
        self._signature = inspect.signature(function)
        self._recordings: dict[Hashable, _Recording] = {}
        self._methods: dict[int, dict[Hashable, _Recording]] = {}  # the recordings of methods, by the object's id
        self._lock = RLock()
        self._scope: tuple[dict[str, Any], list[str], Sequence[Any]] | None = None
        self._found: tuple[list[Any], tuple[Any, ...]] = [], ()
        update_wrapper(self, function)
        names, kinds = list(self._signature.parameters), {p.kind for p in self._signature.parameters.values()}
        self._plain = kinds <= {inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD}
        self._names, self._usual = names, self._lanes(names) if self._plain else []

    def __repr__(self) -> str:
        return f"<compiled {getattr(self.function, '__name__', self.function)}>"

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        """As an attribute of a class it is a method, which is compiled for each object by itself."""
        if instance is None:
            return self
        if id(instance) not in self._methods:
            self._methods[id(instance)] = {}
            finalize(instance, self._methods.pop, id(instance), None).atexit = False
        method = Compiled(MethodType(self.function, instance), self._batch, self.reduction)
        method._recordings = self._methods[id(instance)]
        return method

    def __reduce__(self) -> tuple[Any, ...]:
        return Compiled, (self.function, self._batch, self.reduction)  # a copy records for itself

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """What the function returns: floats, or without reduction arrays over the samples."""
        recording, arguments = self._recording(args, kwargs)
        return recording.run(recording.program, arguments)[0]

    def value_and_grad(self, *args: Any, argnums: Which = 0, **kwargs: Any) -> tuple[Any, Any]:
        """The value, and its gradient in one argument, by position or name; in several, a tuple of gradients.

        Raises:
            TypeError: if the value is not a single number.
        """
        recording, arguments = self._recording(args, kwargs)
        which = self._which(argnums, recording.layout.names)
        value, results = recording.run(partial(recording.gradient, which), arguments)
        found = tuple([recording.derivative(i, results) for i in which])
        return value, found[0] if isinstance(argnums, (int, str)) else found

    def grad(self, *args: Any, argnums: Which = 0, **kwargs: Any) -> Any:
        """The gradient alone; as :meth:`value_and_grad`."""
        return self.value_and_grad(*args, argnums=argnums, **kwargs)[1]

    def backward(self, *args: Any, seed: Any = None, **kwargs: Any) -> Any:
        """The value; and every Value that it depends on gets its gradient, as after ``backward()`` of a Value.

        These are the Values that the function finds outside, such as the parameters of a network.  Gradients add up
        until they are set to ``None``.

        Args:
            args: the arguments.
            seed: the derivative to start with, in the structure of the value; 1 if left out.
            kwargs: further arguments.

        Raises:
            TypeError: if the value is not a single number and there is no seed.

        >>> from autograd import Value
        >>> w = Value(2.0)
        >>> loss = compile(lambda x: (w * x - 1.0) ** 2, batch=True)
        >>> loss.backward(np.array([1.0, 2.0])), w.grad
        (5.0, 7.0)
        """
        recording, arguments = self._recording(args, kwargs)
        value, results = recording.run(recording.backward, arguments, recording.seeds(seed))
        for leaf, gradient in zip(recording.captured, results.rest(), strict=True):
            leaf.grad = gradient if leaf.grad is None else leaf.grad + gradient
        return value

    def jacobian(self, *args: Any, argnums: int | str = 0, **kwargs: Any) -> Any:
        """The derivative of each number in the value with respect to each in an argument.

        It has the structure of the value, with that of the argument in place of each number.  Without reduction these
        are the derivatives of each sample, arrays whose first axis counts the samples.

        >>> compile(lambda x: [x[0] * x[1], x[0] + x[1]]).jacobian([2.0, 3.0])
        [[3.0, 2.0], [1.0, 1.0]]
        """
        recording, arguments = self._recording(args, kwargs)
        (which,) = self._which(argnums, recording.layout.names)
        _, results = recording.run(partial(recording.jacobian, which), arguments)
        return rebuild(recording.structure, [recording.derivative(which, results) for _ in recording.outputs])

    def hvp(self, primals: Sequence[Any], tangents: Sequence[Any]) -> tuple[Any, ...]:
        """The Hessian times a vector, without the Hessian: a tuple with an entry for each argument, in its structure.

        Args:
            primals: the arguments.
            tangents: the vector, in the same structure.

        Raises:
            TypeError: if the value is not a single number.
            ValueError: if the vector has another structure than the arguments.

        >>> compile(lambda x: x[0] ** 2 * x[1]).hvp(([1.0, 2.0],), ([1.0, 0.0],))
        ([4.0, 2.0],)
        """
        recording, arguments = self._recording(primals, {})
        other, directions = self._recording(tangents, {}) if len(tangents) == len(primals) else (None, [])
        if other is not recording:
            raise ValueError("hvp takes a vector in the structure of the arguments, with as many numbers in each")
        for i in range(len(primals), len(arguments)):  # left out, and so at rest
            directions[i] = at_rest(directions[i])
        _, results = recording.run(recording.hvp, arguments, recording.layout.numbers(directions))
        return tuple([recording.derivative(i, results) for i in range(len(primals))])

    def program(self, *args: Any, argnums: Which | None = None, **kwargs: Any) -> Program:
        """The straight-line code for such arguments: of the value, or with ``argnums`` of value and gradient."""
        recording, _ = self._recording(args, kwargs)
        if argnums is None:
            return recording.program()
        return recording.gradient(self._which(argnums, recording.layout.names))

    def _recording(self, args: Sequence[Any], kwargs: Mapping[str, Any]) -> tuple[_Recording, list[Any]]:
        """What was recorded for arguments of this form, and the arguments themselves, made normal."""
        names, lanes = self._names, self._usual
        keywords: tuple[str, ...] = ()
        if kwargs or not self._plain or len(args) != len(names):
            args, names, keywords = self._bound(args, kwargs)
            lanes = self._lanes(names)
        arguments = [normal(x, name, lane) for x, name, lane in zip(args, names, lanes, strict=True)]
        key = (self._outside(), keywords, *[form(x, lane) for x, lane in zip(arguments, lanes, strict=True)])
        try:
            recording = self._recordings.get(key)
        except TypeError as error:
            raise TypeError(f"{self!r} takes numbers, arrays and what can be hashed: {error}") from None
        if recording is None:
            recording = _Recording(self.function, Layout(arguments, names, lanes), keywords, self.reduction)
            with self._lock:
                recording = self._recordings.setdefault(key, recording)  # another thread may have been faster
                if len(self._recordings) > _RECORDINGS:
                    del self._recordings[next(iter(self._recordings))]
        return recording, arguments

    def _bound(
        self, args: Sequence[Any], kwargs: Mapping[str, Any]
    ) -> tuple[Sequence[Any], list[str], tuple[str, ...]]:
        """The arguments with their names, those that can only be passed by keyword last."""
        bound = self._signature.bind(*args, **kwargs)
        bound.apply_defaults()
        names = [
            name if parameter.kind is not parameter.VAR_POSITIONAL else f"{name}[{i}]"
            for name, parameter in self._signature.parameters.items()
            if parameter.kind not in (parameter.KEYWORD_ONLY, parameter.VAR_KEYWORD)
            for i in range(len(bound.arguments[name]) if parameter.kind is parameter.VAR_POSITIONAL else 1)
        ]
        return [*bound.args, *bound.kwargs.values()], [*names, *bound.kwargs], tuple(bound.kwargs)

    def _outside(self) -> tuple[Any, ...]:
        """What the function finds under the names of its module and of functions around it: numbers, words, objects."""
        if self._scope is None:
            code, scope = getattr(self.function, "__code__", None), getattr(self.function, "__globals__", {})
            names = sorted(name for name in _names(code) if name in scope) if code else []
            self._scope = scope, names, getattr(self.function, "__closure__", None) or ()
        scope, names, cells = self._scope
        found = [scope.get(name) for name in names] + [_content(cell) for cell in cells]
        before, key = self._found
        if len(before) != len(found) or not all(map(is_, before, found)):
            key = tuple([repr(x) if isinstance(x, _PLAIN) else _Object(x) for x in found])
            self._found = found, key
        return key

    def _lanes(self, names: Sequence[str]) -> list[bool]:
        """For each argument whether it differs from sample to sample."""
        if isinstance(self._batch, bool):
            return [self._batch] * len(names)
        batch = self._which(self._batch, names)
        return [i in batch for i in range(len(names))]

    def _which(self, which: Which, names: Sequence[str]) -> list[int]:
        """The positions of some arguments."""
        found = []
        for one in [which] if isinstance(which, (int, str)) else which:
            if isinstance(one, str) and one in names:
                found.append(names.index(one))
            elif isinstance(one, int) and -len(names) <= one < len(names):
                found.append(one % len(names))
            else:
                raise ValueError(f"{self!r} has no argument {one!r}: it has {', '.join(names)}")
        return found


class _Recording:
    """A function as it was recorded for arguments of one form, with the programs that were made of it."""

    def __init__(self, function: Function, layout: Layout, keywords: Sequence[str], reduction: str) -> None:
        def called(leaves: list[Value]) -> Any:
            arguments = layout.called(leaves)
            split = len(arguments) - len(keywords)
            return function(*arguments[:split], **dict(zip(keywords, arguments[split:], strict=True)))

        names = [name for entry in layout for name in entry.names()]
        lanes = [entry.lane for entry in layout for _ in range(entry.size)]
        found = recorded(called, names, lanes, layout.example())
        self.layout, self.terms, self.inputs, self.structure = layout, found.terms, found.inputs, found.structure
        self.captured, self.parameters = list(found.captured), list(found.captured.values())
        self.batched = any(layout.lanes)
        self.per_sample = reduction == "none" and self.batched
        self.outputs = [self._reduced(x, reduction) for x in found.outputs]
        self.selects = any(x.op is not None and x.op.selects for x in self.terms.all)
        self.number = Entry("value", None, self.per_sample)
        self.entries = [[x._replace(lane=x.lane or self.per_sample) for x in part] for part in layout.entries]
        self.alone = found.structure is None
        self._programs: dict[Hashable, Program] = {}
        self._lock = RLock()

    def _reduced(self, output: Term, reduction: str) -> Term:
        if not self.batched or reduction == "none" or (reduction == "mean" and not output.lane):
            return output
        total = self.terms.total(output)
        return total if reduction == "sum" else self.terms.apply(divide, [total, self.terms.samples])

    # -- running ------------------------------------------------------------------------------------------------------

    def run(
        self, program: Callable[..., Program], arguments: Sequence[Any], more: Numbers | None = None
    ) -> tuple[Any, Results]:
        """The value, and what else the program computes; ``more`` are its further inputs.

        A nan may be that of a branch that was not taken.  So it is then computed again, with guards, which are rarely
        needed and cost more than all the rest.
        """
        uniforms, rows = self.layout.numbers(arguments)
        if self.captured:
            uniforms.append([leaf.data for leaf in self.captured])
        if more is not None:
            uniforms += more[0]
            if len(more[1]):
                if more[1].shape[1] not in (1, rows.shape[1]):
                    raise ValueError(f"there are {rows.shape[1]} samples, but further numbers for {more[1].shape[1]}")
                rows = np.concatenate([rows, np.broadcast_to(more[1], (len(more[1]), rows.shape[1]))])
        once, each = program().run(uniforms, rows)
        if self.selects and isnan(np.vdot(once, once) + np.vdot(each, each)) and program(guarded=True) is not program():
            once, each = program(guarded=True).run(uniforms, rows)
        results = Results(once, each)
        if self.alone:
            return results.take(self.number), results
        return rebuild(self.structure, [results.take(self.number) for _ in self.outputs]), results

    def seeds(self, seed: Any) -> Numbers:
        """Numbers for the seeds of :meth:`backward`."""
        if seed is None:
            self._single()
            return [(1.0,)], np.empty((0, 1))
        given = [to_numpy(x) for x in entries(seed)]
        if len(given) != len(self.outputs):
            raise ValueError(f"the value has {len(self.outputs)} numbers, but there are {len(given)} seeds")
        kind = "one for each sample, or one for all" if self.per_sample else "not arrays"
        if any(x.ndim > self.per_sample for x in given):
            raise ValueError(f"seeds are numbers, {kind}, but there is {seed!r}")
        if not self.per_sample:
            return [given], np.empty((0, 1))
        return [], np.array(np.broadcast_arrays(*given), float).reshape(len(given), -1 if given else 0)

    def derivative(self, which: int, results: Results) -> Any:
        """The next derivative in the results, in the structure of an argument."""
        found = [results.take(entry) for entry in self.entries[which]]
        return found[0] if self.layout.alone[which] else self.layout.structured(which, found)

    # -- programs, each made when it is first asked for ---------------------------------------------------------------

    def program(self, guarded: bool = False) -> Program:
        """The value."""
        return self._program("value", lambda: ([], []))

    def gradient(self, which: Sequence[int], guarded: bool = False) -> Program:
        """The value, and its gradient in some arguments."""

        def make() -> Made:
            output = self._single()
            return [], [x for i in which for x in self._derivatives(output, i, guarded)]

        return self._program(("gradient", guarded, *which), make)

    def jacobian(self, which: int, guarded: bool = False) -> Program:
        """The derivatives of all numbers of the value in an argument."""

        def make() -> Made:
            return [], [x for output in self.outputs for x in self._derivatives(output, which, guarded)]

        return self._program(("jacobian", guarded, which), make)

    def backward(self, guarded: bool = False) -> Program:
        """The derivatives in the captured Values of the value times seeds, which are further inputs."""

        def make() -> Made:
            seeds = [self.terms.input(f"seed[{i}]", self.per_sample) for i in range(len(self.outputs))]
            pairs = list(zip(self.outputs, seeds, strict=True))
            found = gradients(self.terms, pairs, self.parameters, guarded=guarded)
            return seeds, [(x, False) for x in found]

        return self._program(("backward", guarded), make)

    def hvp(self, guarded: bool = False) -> Program:
        """The gradient in all arguments, pushed forward along a vector, which is a further input for each."""

        def make() -> Made:
            directions = [self.terms.input(f"tangent of {x.name}", x.lane) for x in self.inputs]
            seeds = [(self._single(), self.terms.constant(1.0))]
            slopes = gradients(self.terms, seeds, self.inputs, guarded=guarded)
            found = tangents(self.terms, dict(zip(self.inputs, directions, strict=True)), slopes)
            return directions, [(x, to.lane) for x, to in zip(found, self.inputs, strict=True)]

        return self._program(("hvp", guarded), make)

    def _derivatives(self, output: Term, which: int, guarded: bool) -> list[tuple[Term, bool]]:
        """The derivatives of an output in an argument, each with whether it is asked for sample by sample."""
        start = sum(entry.size for i in range(which) for entry in self.layout.entries[i])
        lanes = [entry.lane for entry in self.entries[which] for _ in range(entry.size)]
        wanted = self.inputs[start : start + len(lanes)]
        seeds = [(output, self.terms.constant(1.0))]
        found = gradients(self.terms, seeds, wanted, per_sample=self.per_sample, guarded=guarded)
        return list(zip(found, lanes, strict=True))

    def _single(self) -> Term:
        if len(self.outputs) != 1 or self.per_sample:
            what = f"{len(self.outputs)} numbers" if len(self.outputs) != 1 else "a number for each sample"
            raise TypeError(
                f"only a single number has a gradient, but the compiled function returns {what}: choose a reduction, "
                f"ask for the jacobian, or give backward a seed"
            )
        return self.outputs[0]

    def _program(self, key: Hashable, make: Callable[[], Made]) -> Program:
        program = self._programs.get(key)
        if program is not None:
            return program
        with self._lock:
            if key not in self._programs:
                more, found = make()
                found = [*((x, self.per_sample) for x in self.outputs), *found]
                inputs = [*self.inputs, *self.parameters, *more]
                self._programs[key] = Program(
                    self.terms,
                    uniforms=[x for x in inputs if not x.lane],
                    lanes=[x for x in inputs if x.lane],
                    once=[x for x, lane in found if not lane],
                    each=[x for x, lane in found if lane],
                    values=self.outputs,
                )
            return self._programs[key]
