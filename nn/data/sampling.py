"""Sampling: held-out parts and minibatches."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograd import Tensor
from nn.aliases import Array, Random
from nn.data.checks import check_count, check_labels, check_samples
from nn.init import generator

__all__ = ["Batches", "batches", "joined", "split", "steps_per_epoch"]


def steps_per_epoch(samples: int, size: int, drop_last: bool = False) -> int:
    """The number of minibatches in an epoch: samples / size, rounded up.

    Args:
        samples: the number of samples.
        size: the number of samples in a minibatch.
        drop_last: whether to leave out a smaller last minibatch.

    Raises:
        TypeError: if an argument is not a whole number.
        ValueError: if an argument is not positive.

    >>> steps_per_epoch(100_000, 100), steps_per_epoch(10, 4), steps_per_epoch(10, 4, drop_last=True)
    (1000, 3, 2)
    """
    check_count("samples", samples)
    check_count("size", size)
    return samples // size if drop_last else -(-samples // size)


class Batches:
    """Minibatches; made by :func:`batches`.

    Each loop over it is an epoch.  Its ``len`` is the number of minibatches in an epoch.
    """

    def __init__(self, x: Any, y: Any, size: int, rng: np.random.Generator, shuffle: bool, drop_last: bool):
        self.x, self.y, self.rng, self.shuffle, self.size = x, y, rng, shuffle, size
        self.samples = check_samples(x, y)
        self.steps = steps_per_epoch(self.samples, size, drop_last)
        if self.steps == 0:
            raise ValueError(f"minibatches of {size} with drop_last leave out all {self.samples} samples")

    def __repr__(self) -> str:
        return f"<{self.steps} batches of {self.size} from {self.samples} samples>"

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        order = self.rng.permutation(self.samples) if self.shuffle else np.arange(self.samples)
        for step in range(self.steps):
            rows = order[step * self.size : (step + 1) * self.size]
            yield _taken(self.x, rows), _taken(self.y, rows)


def batches(x: Any, y: Any, size: int, *, rng: Random = None, shuffle: bool = True, drop_last: bool = False) -> Batches:
    """Minibatches: in each epoch, every sample is in exactly one of them, unless it is dropped.

    Args:
        x: samples along the first axis of an array or Tensor, or a list of samples; a tuple of these for a model with
            several inputs.
        y: the targets, in the same form.
        size: the number of samples in a minibatch; the last one of an epoch may be smaller.
        rng: a generator, a seed or ``None``, for a new order in every epoch.
        shuffle: whether to shuffle the samples.
        drop_last: whether to leave out a smaller last minibatch.

    Returns:
        An object whose ``len`` is the number of minibatches in an epoch.  Each loop over it is an epoch of pairs of a
        part of ``x`` and the same part of ``y``.

    Raises:
        TypeError: if ``size`` is not a whole number, or x or y is not a collection of samples.
        ValueError: if ``size`` is not positive, x and y have different numbers of samples, or one is nan or infinite.

    >>> x, y = np.arange(5.0), [0, 1, 2, 3, 4]
    >>> epoch = batches(x, y, 2, shuffle=False)
    >>> len(epoch), list(epoch)
    (3, [(array([0., 1.]), [0, 1]), (array([2., 3.]), [2, 3]), (array([4.]), [4])])
    """
    return Batches(x, y, size, generator(rng), shuffle, drop_last)


def split(x: Any, y: Any, *parts: float, rng: Random = None, stratify: bool = False) -> tuple[tuple[Any, Any], ...]:
    """Split data into training samples and one or more held-out parts.

    Args:
        x: samples, as for :func:`batches`.
        y: the targets, in the same form.
        parts: the size of each held-out part: a fraction of all samples, between 0 and 1, or a number of samples.
        rng: a generator, a seed or ``None``.
        stratify: whether every part gets its share of every label.  The held-out parts are drawn one after the other;
            each gets its share of the remaining samples of each label, to within one.

    Returns:
        A pair of a part of ``x`` and the same part of ``y``, in random order: first for the training samples, then for
        each held-out part.

    Raises:
        TypeError: if a size or a label to stratify is not a number, or x or y is not a collection of samples.
        ValueError: if a fraction is not between 0 and 1, a part would be empty, x and y have different numbers of
            samples, one is nan or infinite, or a label to stratify is not a whole number.

    >>> x, y = np.arange(100.0), np.arange(100) % 2
    >>> train, validation, test = split(x, y, 0.1, 20, rng=0, stratify=True)
    >>> [np.bincount(labels).tolist() for _, labels in (train, validation, test)]
    [[35, 35], [5, 5], [10, 10]]
    """
    samples, rng = check_samples(x, y), generator(rng)
    sizes = [_size(part, samples) for part in parts]
    if not sizes:
        raise ValueError("split needs the size of a held-out part: a fraction, as in split(x, y, 0.2), or a number")
    if sum(sizes) >= samples:
        raise ValueError(f"held-out parts of {' + '.join(map(str, sizes))} leave no training samples out of {samples}")
    rest = rng.permutation(samples)
    if stratify:
        rest = rest[np.argsort(check_labels("y", y)[rest], kind="stable")]
    held_out = []
    for size in sizes:
        # Evenly spaced places hit every run of equal labels in proportion to its length.
        places = np.arange(size) * len(rest) // size
        held_out.append(rest[places])
        rest = np.delete(rest, places)
    orders = [rng.permutation(rows) for rows in (rest, *held_out)]
    return tuple((_taken(x, rows), _taken(y, rows)) for rows in orders)


def _size(part: Any, samples: int) -> int:
    """The number of samples in a held-out part, from its fraction or number."""
    if not isinstance(part, (float, np.floating)):
        return check_count("a held-out part, unless a fraction,", part)
    if not 0.0 < part < 1.0:
        raise ValueError(f"the fraction of a held-out part must be between 0 and 1, but it is {part}")
    return check_count(f"a held-out part, {part} of {samples} samples,", round(part * samples))


def _taken(data: Any, rows: Array) -> Any:
    """These rows of an array, a Tensor, another sequence, or a tuple of these."""
    if type(data) is np.ndarray:
        return data.take(rows, 0)  # several times as fast as indexing
    if isinstance(data, tuple):
        return tuple(_taken(part, rows) for part in data)
    if isinstance(data, Tensor):
        return data[rows]
    if hasattr(data, "__array__"):  # an array of another type, or a pandas table
        return np.asarray(data)[rows]
    return [data[row] for row in rows.tolist()]


def joined(parts: Sequence[Any]) -> Any:
    """The samples of several minibatches, in the form of one.

    Args:
        parts: arrays, Tensors, lists, or tuples of these.

    >>> joined([(np.array([1.0]), ["a"]), (np.array([2.0, 3.0]), ["b", "c"])])
    (array([1., 2., 3.]), ['a', 'b', 'c'])
    """
    first = parts[0]
    if isinstance(first, tuple):
        return tuple(map(joined, zip(*parts, strict=True)))
    if isinstance(first, list):
        return [sample for part in parts for sample in part]
    return np.concatenate(parts)
