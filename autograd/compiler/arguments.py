"""Arguments of a compiled function: which numbers there are in them, and how they go to the inputs of a program.

An argument is a number, an array, or nested lists, tuples and dicts of these.  An argument that differs from sample to
sample is an array whose first axis counts the samples, or a structure of such arrays.  Whatever else an argument may
be, text or ``None`` or a function, is *static*: the function is recorded anew for each.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from math import prod
from numbers import Real
from typing import Any, NamedTuple

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.core.nested import entries, rebuild
from autograd.core.sweep import is_node
from autograd.core.value import Value

__all__ = ["Entry", "Layout", "Results", "at_rest", "form", "normal"]

Array = np.ndarray[Any, Any]


_FLOAT = np.dtype(float)


class Entry(NamedTuple):
    """A number or an array in an argument.

    Attributes:
        name: where it stands, as in ``weights[0]``.
        shape: of the array, that of one sample if there are samples; ``None`` for a number.
        lane: whether there are samples.
    """

    name: str
    shape: tuple[int, ...] | None
    lane: bool

    @property
    def size(self) -> int:
        """How many numbers there are, for each sample."""
        return prod(self.shape or ())

    def names(self) -> list[str]:
        """What its numbers are called."""
        if not self.shape:
            return [self.name]
        return [f"{self.name}[{', '.join(map(str, index))}]" for index in np.ndindex(self.shape)]


def normal(argument: Any, name: str, lane: bool) -> Any:
    """An argument with its numbers as floats, and with arrays of floats; lists of numbers of all samples as an array.

    Raises:
        TypeError: if there is something in an argument with samples that has no first axis.
    """
    if type(argument) is np.ndarray and argument.dtype is _FLOAT and argument.ndim >= lane:
        return argument
    if lane and isinstance(argument, (list, tuple)) and all(map(_is_number, entries(argument))):
        try:
            argument = np.array(rebuild(argument, map(float, entries(argument))))
        except ValueError:
            raise ValueError(f"the argument {name} takes as many numbers for each sample, not {argument!r}") from None
    return rebuild(argument, [_normal(x, name, lane) for x in entries(argument)])


def _is_number(x: Any) -> bool:
    return isinstance(x, (Real, Value)) and not isinstance(x, bool)


def _normal(x: Any, name: str, lane: bool) -> Any:
    if is_node(x) and not isinstance(x, Value):
        x = to_numpy(x)
    if isinstance(x, np.ndarray) and x.dtype.kind in "biuf" and x.ndim >= lane:
        return x.astype(float, copy=False)
    if lane or isinstance(x, np.ndarray):
        what = f"an array of {x.dtype}" if isinstance(x, np.ndarray) and x.ndim >= lane else repr(x)
        axis = " whose first axis counts the samples" if lane else ""
        raise TypeError(f"the argument {name} takes arrays of real numbers{axis}, not {what}")
    return float(x) if _is_number(x) else x


def form(argument: Any, lane: bool) -> Any:
    """What two normal arguments have in common for which a function is recorded once."""
    if isinstance(argument, np.ndarray):
        return argument.shape[1:] if lane else argument.shape
    if isinstance(argument, Mapping):
        return "dict", *[(key, form(part, lane)) for key, part in argument.items()]
    if isinstance(argument, (list, tuple)):
        return type(argument), *[form(part, lane) for part in argument]
    return "number" if isinstance(argument, float) else ("static", type(argument), argument)


def at_rest(argument: Any) -> Any:
    """A normal argument with zeros for its numbers."""
    numbers = (float, np.ndarray)
    return rebuild(argument, [np.zeros_like(x)[()] if isinstance(x, numbers) else x for x in entries(argument)])


class Layout:
    """How the numbers in arguments follow each other, those that are the same for all samples and those of a sample.

    Args:
        arguments: an example, made normal.
        names: what they are called.
        lanes: for each whether it differs from sample to sample.
    """

    def __init__(self, arguments: Sequence[Any], names: Sequence[str], lanes: Sequence[bool]) -> None:
        self.arguments = list(arguments)
        self.names = list(names)
        self.lanes = list(lanes)
        self.alone = [isinstance(argument, (float, np.ndarray)) for argument in arguments]
        self.entries = [
            [
                Entry(place, x.shape[lane:] if isinstance(x, np.ndarray) else None, lane)
                for place, x in zip(_places(argument, name), entries(argument), strict=True)
                if isinstance(x, (float, np.ndarray))
            ]
            for argument, name, lane in zip(arguments, names, lanes, strict=True)
        ]

    def __iter__(self) -> Iterator[Entry]:
        for argument in self.entries:
            yield from argument

    def example(self) -> list[float]:
        """A number for each input, of the first sample."""
        found: list[float] = []
        for argument, lane in zip(self.arguments, self.lanes, strict=True):
            for x in _numbers(argument):
                if lane and not len(x):
                    raise ValueError("there is no sample: arguments with samples must have at least one")
                found += np.ravel(x[0] if lane else x).tolist()
        return found

    def called(self, numbers: Iterable[Any]) -> list[Any]:
        """The arguments with other numbers in place of theirs; arrays become arrays of these."""
        fresh = iter(numbers)

        def replaced(argument: Any, parts: Iterator[Entry]) -> Iterator[Any]:
            for x in entries(argument):
                if not isinstance(x, (float, np.ndarray)):
                    yield x
                elif (entry := next(parts)).shape is None or entry.shape == ():
                    yield next(fresh)
                else:
                    array = np.empty(entry.shape, object)
                    array.ravel()[:] = [next(fresh) for _ in range(entry.size)]
                    yield array

        pairs = zip(self.arguments, self.entries, strict=True)
        return [rebuild(argument, replaced(argument, iter(parts))) for argument, parts in pairs]

    def numbers(self, arguments: Sequence[Any]) -> tuple[list[Any], Array]:
        """The numbers in arguments: those for all samples, in parts, and a row for each other, a column a sample."""
        uniforms: list[Any] = []
        columns: list[Any] = []
        for argument, lane in zip(arguments, self.lanes, strict=True):
            if lane:
                columns += _numbers(argument)
            elif type(argument) is np.ndarray:
                uniforms.append(argument.ravel())
            else:
                uniforms += [x.ravel() if isinstance(x, np.ndarray) else (x,) for x in _numbers(argument)]
        return uniforms, _rows(columns)

    def structured(self, argument: int, found: Iterable[Any]) -> Any:
        """Derivatives in the structure of an argument; ``None`` where it is static."""
        fresh = iter(found)
        example = self.arguments[argument]
        return rebuild(example, [next(fresh) if isinstance(x, (float, np.ndarray)) else None for x in entries(example)])


def _numbers(argument: Any) -> Iterable[Any]:
    if type(argument) is np.ndarray:
        return (argument,)
    return [x for x in entries(argument) if isinstance(x, (float, np.ndarray))]


def _rows(columns: Sequence[Array]) -> Array:
    """Arrays with an entry for each sample, as rows of numbers."""
    if not columns:
        return np.empty((0, 1))
    samples = len(columns[0])
    if not samples or any(len(x) != samples for x in columns):
        counts = " and ".join([str(len(x)) for x in columns])
        raise ValueError(f"all arguments with samples must have equally many, at least one, but they have {counts}")
    rows = np.empty((sum([x.size for x in columns]) // samples, samples))
    start = 0
    for x in columns:
        stop = start + x.size // samples
        rows[start:stop] = x.T if x.ndim <= 2 else x.reshape(samples, -1).T
        start = stop
    return rows


def _places(argument: Any, name: str) -> Iterator[str]:
    """Where each entry of an argument stands, as Python would index it."""
    if isinstance(argument, Mapping):
        for key, part in argument.items():
            yield from _places(part, f"{name}[{key!r}]")
    elif isinstance(argument, (list, tuple)):
        for i, part in enumerate(argument):
            yield from _places(part, f"{name}[{i}]")
    else:
        yield name


class Results:
    """What a program computed, to be taken entry by entry in the order of its outputs."""

    def __init__(self, once: Array, each: Array) -> None:
        self._rows = {False: once, True: each}
        self._taken = {False: 0, True: 0}

    def take(self, entry: Entry) -> Any:
        """The next number or array: of an entry with samples, an array whose first axis counts them."""
        start = self._taken[entry.lane]
        stop = self._taken[entry.lane] = start + entry.size
        block = self._rows[entry.lane][start:stop]
        if entry.lane:
            return block.T.reshape(block.shape[1], *(entry.shape or ()))
        return float(block[0]) if entry.shape is None else block.reshape(entry.shape)

    def rest(self) -> list[float]:
        """All further numbers that are the same for all samples."""
        return self._rows[False][self._taken[False] :].tolist()  # type: ignore[no-any-return]
