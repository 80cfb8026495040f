"""The arguments of a compiled function: which numbers they contain, and how these become the inputs of a program.

An argument is a number, an array, or nested lists, tuples and dicts of these.  An argument that differs from sample to
sample is *varying*: an array whose first axis counts the samples, or a structure of such arrays.  Anything else, such
as text, ``None`` or a function, is *static*: the function is recorded for each value of it.

Arguments are made canonical first, :func:`canonicalize`; two calls with the same :func:`cache_key` share a recording.
An :class:`ArgumentSpec` then flattens arguments into numbers and puts numbers back into their structure.  Nodes among
canonical arguments stay nodes: a program that is called with them becomes a node itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from math import prod
from numbers import Real
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from autograd.arrays.operands import as_array, to_numpy
from autograd.arrays.operations import ravel, reshape, transpose
from autograd.arrays.tensor_data import TensorData
from autograd.core.aliases import Array, Structure
from autograd.core.nested import entries, rebuild
from autograd.core.value import Value, number_of

__all__ = [
    "ArgumentSpec",
    "EntrySpec",
    "FlatInputs",
    "NodeReader",
    "OutputReader",
    "blocks_of",
    "cache_key",
    "canonical",
    "canonicalize",
    "has_node",
    "without_nodes",
    "zeros_like",
]

FlatInputs: TypeAlias = tuple[list[Sequence[float] | Array], Array]
"""Flat inputs of a program: the uniform ones, in parts, and a row for each varying one."""

_FLOAT = np.dtype(float)
_NUMBER = "number"  # the cache key of any number
_NODES = (Value, TensorData)
_NUMERIC = (float, np.ndarray, *_NODES)  # the entries of canonical arguments that are not static


# ---------------------------------------------------------------------------------------------------------------------
# Canonical arguments: every number is a float, in an array of floats, or a node
# ---------------------------------------------------------------------------------------------------------------------


def canonical(
    arguments: Iterable[Structure], names: Sequence[str], varying: Sequence[bool]
) -> tuple[list[Structure], list[Any], bool]:
    """Canonical arguments, the :func:`cache_key` of each, and whether there are nodes among them.

    Floats and arrays of floats, which are canonical already, take a shorter path.
    """
    found: list[Structure] = []
    keys: list[Any] = []
    nodes = False
    x: Any
    for x, name, varies in zip(arguments, names, varying, strict=True):
        kind = type(x)
        if kind is np.ndarray and x.dtype is _FLOAT and x.ndim >= varies:
            keys.append(x.shape[varies:])
        elif kind is float and not varies:
            keys.append(_NUMBER)
        else:
            x = canonicalize(x, name, varies)
            keys.append(cache_key(x, varies))
            nodes = nodes or has_node(x)
        found.append(x)
    return found, keys, nodes


def canonicalize(argument: Structure, name: str, varying: bool) -> Structure:
    """The same argument with floats and arrays of floats; a varying list of numbers becomes one array.

    Raises:
        TypeError: if a varying argument contains something without a first axis.
        ValueError: if a list of samples is ragged.

    >>> canonicalize([1, 2], "x", varying=False), canonicalize([1, 2], "x", varying=True)
    ([1.0, 2.0], array([1., 2.]))
    """
    if varying and isinstance(argument, (list, tuple)):
        try:
            if _holds_plain_numbers(argument):
                return np.array(argument, float)
            if all(map(_is_number, entries(argument))):
                nodes = any(isinstance(x, Value) for x in entries(argument))
                argument = as_array(argument) if nodes else np.array(rebuild(argument, map(float, entries(argument))))
        except ValueError:
            raise ValueError(
                f"the argument {name} takes the same number of entries for each sample, not {argument!r}"
            ) from None
    return rebuild(argument, [_canonical_entry(x, name, varying) for x in entries(argument)])


def _holds_plain_numbers(samples: Sequence[Any]) -> bool:
    """Whether nested lists and tuples hold floats and ints alone, as samples mostly do; a whole level is one step."""
    kinds = set(map(type, samples))
    while kinds and kinds <= {list, tuple}:
        samples = list(chain.from_iterable(samples))
        kinds = set(map(type, samples))
    return bool(kinds) and kinds <= {float, int}


def _canonical_entry(x: Any, name: str, varying: bool) -> Any:
    if isinstance(x, np.ndarray) and x.dtype == object and all(map(_is_number, x.flat)) and x.size:
        x = as_array(x.tolist())
    if isinstance(x, (np.ndarray, TensorData)) and x.dtype.kind in "biuf" and x.ndim >= varying:
        return x if isinstance(x, TensorData) else x.astype(float, copy=False)
    if varying or isinstance(x, np.ndarray):
        given = f"an array of {x.dtype}" if isinstance(x, np.ndarray) and x.ndim >= varying else repr(x)
        axis = " whose first axis counts the samples" if varying else ""
        raise TypeError(f"the argument {name} takes arrays of real numbers{axis}, not {given}")
    return float(x) if _is_number(x) and not isinstance(x, Value) else x


def has_node(argument: Structure) -> bool:
    """Whether there is a node in a canonical argument."""
    if isinstance(argument, Mapping):
        return any(map(has_node, argument.values()))
    if isinstance(argument, (list, tuple)):
        return not _PLAIN.issuperset(map(type, argument)) and any(map(has_node, argument))
    return isinstance(argument, _NODES)


_PLAIN = frozenset({float, np.ndarray})


def without_nodes(argument: Structure) -> Structure:
    """A canonical argument with the numbers of its nodes."""
    return rebuild(argument, map(_plain, entries(argument))) if has_node(argument) else argument


def _plain(x: Any) -> Any:
    if isinstance(x, Value):
        return number_of(x)
    return to_numpy(x).astype(float, copy=False) if isinstance(x, TensorData) else x


def _is_number(x: Any) -> bool:
    return isinstance(x, (Real, Value)) and not isinstance(x, bool)


def cache_key(argument: Structure, varying: bool) -> Any:
    """Equal for canonical arguments that one recording serves: the structure, the shapes and the static entries."""
    if isinstance(argument, (np.ndarray, TensorData)):
        return argument.shape[varying:]
    if isinstance(argument, Mapping):
        return "dict", *[(key, cache_key(part, varying)) for key, part in argument.items()]
    if isinstance(argument, (list, tuple)):
        return type(argument), *[cache_key(part, varying) for part in argument]
    return _NUMBER if isinstance(argument, (float, Value)) else ("static", type(argument), argument)


def zeros_like(argument: Structure) -> Structure:
    """A canonical argument with zeros in place of its numbers."""
    return rebuild(argument, [np.zeros_like(x)[()] if isinstance(x, _NUMERIC) else x for x in entries(argument)])


# ---------------------------------------------------------------------------------------------------------------------
# The numbers in arguments
# ---------------------------------------------------------------------------------------------------------------------


class EntrySpec(NamedTuple):
    """A number or an array in an argument, without its contents.

    Attributes:
        name: its name, as in ``weights[0]``.
        shape: the shape of the array, for one sample if it is varying; ``None`` for a number.
        varying: whether it differs from sample to sample.
    """

    name: str
    shape: tuple[int, ...] | None
    varying: bool

    @property
    def size(self) -> int:
        """How many numbers it has for one sample."""
        return prod(self.shape or ())

    def names(self) -> list[str]:
        """A name for each number."""
        if not self.shape:
            return [self.name]
        return [f"{self.name}[{', '.join(map(str, index))}]" for index in np.ndindex(self.shape)]


class ArgumentSpec:
    """The structure of some arguments: flattens them into numbers, and puts numbers back.

    Args:
        arguments: an example, canonical.
        names: the names of the arguments.
        varying: for each argument whether it differs from sample to sample.

    Attributes:
        entries: for each argument its numbers and arrays, in order.
        is_entry: for each argument whether it is a number or an array itself.
        has_static: for each argument whether there is anything else in it than numbers and arrays.
    """

    def __init__(self, arguments: Sequence[Structure], names: Sequence[str], varying: Sequence[bool]) -> None:
        self.arguments = list(arguments)
        self.names = list(names)
        self.varying = list(varying)
        self.is_entry = [isinstance(argument, _NUMERIC) for argument in arguments]
        self.has_static = [not all(isinstance(x, _NUMERIC) for x in entries(argument)) for argument in arguments]
        self.entries = [
            [
                EntrySpec(place, x.shape[varies:] if isinstance(x, np.ndarray) else None, varies)
                for place, x in zip(_places(argument, name), entries(argument), strict=True)
                if isinstance(x, _NUMERIC)
            ]
            for argument, name, varies in zip(arguments, names, varying, strict=True)
        ]

    def __iter__(self) -> Iterator[EntrySpec]:
        for argument in self.entries:
            yield from argument

    def example(self, arguments: Sequence[Structure], sample: int = 0) -> list[float]:
        """A number for each input, from one sample of plain arguments.

        Raises:
            ValueError: if there is no such sample.
        """
        found: list[float] = []
        for argument, varies in zip(arguments, self.varying, strict=True):
            for x in _numeric_entries(argument):
                if varies and not len(x):
                    raise ValueError("the batch is empty: it must have at least one sample")
                found += np.ravel(x[sample] if varies else x).tolist()
        return found

    def first_numbers(self, arguments: Sequence[Structure]) -> list[Any]:
        """The same as :meth:`example`, in a form that is made and compared faster, and in which nan equals nan."""
        return [
            (x[0] if varies else x).tobytes() if type(x) is np.ndarray else self._in_bytes(x, varies)
            for x, varies in zip(arguments, self.varying)  # noqa: B905 (strict takes longer)
        ]

    def _in_bytes(self, argument: Structure, varies: bool) -> Any:
        if type(argument) is float and argument == argument:
            return argument
        return [np.asarray(x[0] if varies else x).tobytes() for x in _numeric_entries(argument)]

    def samples(self, arguments: Sequence[Structure]) -> int:
        """How many samples there are; 1 without a batch.

        Raises:
            ValueError: if varying arguments differ in the number of samples, or have none.
        """
        varying = [argument for argument, varies in zip(arguments, self.varying, strict=True) if varies]
        return _samples([x for argument in varying for x in _numeric_entries(argument)])

    def packed(self, arguments: Sequence[Structure]) -> list[Any]:
        """The numbers, arrays and nodes in canonical arguments, each as an operand of a compiled operation."""
        samples = self.samples(arguments)
        return [
            x if isinstance(x, (float, Value)) else _packed(x, samples if varies else None)
            for argument, varies in zip(arguments, self.varying, strict=True)
            for x in _numeric_entries(argument)
        ]

    def flatten(self, arguments: Sequence[Structure]) -> FlatInputs:
        """The numbers in canonical arguments.

        Raises:
            ValueError: if varying arguments differ in the number of samples, or have none.
        """
        uniform: list[Sequence[float] | Array] = []
        varying: list[Array] = []
        for argument, varies in zip(arguments, self.varying, strict=True):
            if varies:
                varying += _numeric_entries(argument)
            elif type(argument) is np.ndarray:
                uniform.append(argument.ravel())
            else:
                uniform += [x.ravel() if isinstance(x, np.ndarray) else (x,) for x in _numeric_entries(argument)]
        return uniform, _rows(varying)

    def unflatten(self, numbers: Iterable[Any]) -> list[Structure]:
        """The arguments of one sample, with these objects in place of numbers and in arrays."""
        fresh = iter(numbers)

        def replaced(argument: Structure, specs: Iterator[EntrySpec]) -> Iterator[Any]:
            for x in entries(argument):
                if not isinstance(x, _NUMERIC):
                    yield x
                elif not (spec := next(specs)).shape:
                    yield next(fresh)
                else:
                    array = np.empty(spec.shape, object)
                    array.ravel()[:] = [next(fresh) for _ in range(spec.size)]
                    yield array

        pairs = zip(self.arguments, self.entries, strict=True)
        return [rebuild(argument, replaced(argument, iter(specs))) for argument, specs in pairs]

    def restore(self, argument: int, found: Sequence[Any]) -> Structure:
        """Numbers and arrays in the structure of the argument at this position; ``None`` where it is static."""
        if self.is_entry[argument]:
            return found[0]
        example = self.arguments[argument]
        if not self.has_static[argument]:
            return rebuild(example, found)
        fresh = iter(found)
        return rebuild(example, [next(fresh) if isinstance(x, _NUMERIC) else None for x in entries(example)])


def _packed(x: Any, samples: int | None) -> Any:
    """All numbers of an array in one row, those of a varying array number by number and not sample by sample."""
    if samples is not None:
        x = transpose(reshape(x, (samples, x.size // samples)))
    return ravel(x) if isinstance(x, TensorData) else x.flatten()  # a copy, which nobody writes to


def _numeric_entries(argument: Structure) -> Sequence[Any]:
    if type(argument) is np.ndarray:
        return (argument,)
    return [x for x in entries(argument) if isinstance(x, _NUMERIC)]


def _rows(arrays: Sequence[Array]) -> Array:
    """Arrays whose first axis counts the samples, as one array with a row for each number."""
    samples = _samples(arrays)
    if len(arrays) == 1 and arrays[0].ndim == 1:
        return np.ascontiguousarray(arrays[0])[np.newaxis]  # programs only read it, so it need not be copied
    if not arrays:
        return np.empty((0, samples))
    rows = np.empty((sum([x.size for x in arrays]) // samples, samples))
    start = 0
    for x in arrays:
        stop = start + x.size // samples
        rows[start:stop] = x.T if x.ndim <= 2 else x.reshape(samples, -1).T
        start = stop
    return rows


def _samples(arrays: Sequence[Any]) -> int:
    """The length of the first axis of all these arrays; 1 if there are none."""
    if not arrays:
        return 1
    samples = len(arrays[0])
    if not samples or list(map(len, arrays)).count(samples) < len(arrays):
        counts = " and ".join([str(len(x)) for x in arrays])
        raise ValueError(f"all arguments of a batch need the same number of samples, at least one, but have {counts}")
    return samples


def _places(argument: Structure, name: str) -> Iterator[str]:
    """The name of each entry of an argument, as Python would index it."""
    if isinstance(argument, Mapping):
        for key, part in argument.items():
            yield from _places(part, f"{name}[{key!r}]")
    elif isinstance(argument, (list, tuple)):
        for i, part in enumerate(argument):
            yield from _places(part, f"{name}[{i}]")
    else:
        yield name


def blocks_of(matrix: Any, rows: Iterable[EntrySpec], columns: Sequence[EntrySpec]) -> Iterator[list[Any]]:
    """The blocks of a matrix, or of a matrix for each sample, for each row a list.

    Args:
        matrix: an array or a Tensor, with an axis for the samples in front if there are any.
        rows: the numbers and arrays that the rows belong to.
        columns: those that the columns belong to.
    """
    batch, start = matrix.shape[:-2], 0
    ends = list(accumulate([column.size for column in columns]))
    places = [slice(end - column.size, end) for column, end in zip(columns, ends, strict=True)]
    only_numbers = all(column.shape is None for column in columns)
    for row in rows:
        if row.shape is None and not batch and isinstance(matrix, np.ndarray):
            numbers = matrix[start]
            yield (
                numbers.tolist()
                if only_numbers
                else [
                    numbers[place].reshape(column.shape) if column.shape is not None else numbers[place.start].item()
                    for place, column in zip(places, columns, strict=True)
                ]
            )
        else:
            part = matrix[..., start : start + row.size, :]
            yield [_block(part[..., place], batch, row, column) for place, column in zip(places, columns, strict=True)]
        start += row.size


def _block(block: Any, batch: tuple[int, ...], row: EntrySpec, column: EntrySpec) -> Any:
    if not batch and row.shape is None and column.shape is None:
        return block.value()
    return reshape(block, (*batch, *(row.shape or ()), *(column.shape or ())))


class OutputReader:
    """Reads the outputs of a program one after the other.

    Args:
        once: the outputs that were computed once.
        each: a row for each output that was computed for each sample.
    """

    def __init__(self, once: Array, each: Array) -> None:
        self._rows = {False: once, True: each}
        self._read = {False: 0, True: 0}

    def read(self, entry: EntrySpec) -> Any:
        """The next number or array; if the entry is varying, an array whose first axis counts the samples."""
        start = self._read[entry.varying]
        stop = self._read[entry.varying] = start + entry.size
        block = self._rows[entry.varying][start:stop]
        if entry.varying:
            return block.T.reshape(block.shape[1], *(entry.shape or ()))
        return float(block[0]) if entry.shape is None else block.reshape(entry.shape)

    def rest(self) -> list[float]:
        """All remaining numbers that were computed once."""
        return self._rows[False][self._read[False] :].tolist()  # type: ignore[no-any-return]


class NodeReader:
    """Reads the outputs of a compiled operation one after the other, as nodes.

    Args:
        found: all of them in one Tensor.
        n_uniform: how many were computed once; the others follow, a row with all samples for each of them.
        samples: the number of samples.
    """

    def __init__(self, found: Any, n_uniform: int, samples: int) -> None:
        self._found = found
        self._samples = samples
        self._read = {False: 0, True: n_uniform}

    def read(self, entry: EntrySpec) -> Any:
        """The next number or array; see :meth:`OutputReader.read`."""
        start = self._read[entry.varying]
        stop = self._read[entry.varying] = start + entry.size * (self._samples if entry.varying else 1)
        block = self._found if (start, stop) == (0, self._found.size) else self._found[start:stop]
        if entry.varying:
            rows = transpose(reshape(block, (entry.size, self._samples)))
            return reshape(rows, (self._samples, *(entry.shape or ())))
        return block.value() if entry.shape is None else reshape(block, entry.shape)
