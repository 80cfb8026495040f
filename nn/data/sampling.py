"""Which samples are learnt from, and in which order: held-out parts, minibatches, epochs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from autograd import Tensor
from nn.aliases import Array, Random
from nn.data.checks import check_count, check_labels, check_samples
from nn.init import generator

__all__ = ["Batches", "batches", "split", "steps_per_epoch"]


def steps_per_epoch(samples: int, size: int, drop_last: bool = False) -> int:
    """How many minibatches it takes to see every sample once: samples / size, rounded up.

    Args:
        samples: how many there are.
        size: how many make a minibatch.
        drop_last: whether a last minibatch that is smaller is left out.

    Raises:
        TypeError: if one of them is not a whole number.
        ValueError: if one of them is not positive.

    >>> steps_per_epoch(100_000, 100), steps_per_epoch(10, 4), steps_per_epoch(10, 4, drop_last=True)
    (1000, 3, 2)
    """
    check_count("samples", samples)
    check_count("size", size)
    return samples // size if drop_last else -(-samples // size)


class Batches:
    """The minibatches of one epoch after another; :func:`batches` makes it.

    Each ``for`` over it is an epoch.  Its ``len`` is the number of minibatches in one.
    """

    def __init__(self, x: Any, y: Any, size: int, rng: np.random.Generator, shuffle: bool, drop_last: bool):
        self.x, self.y, self.rng, self.shuffle, self.size = x, y, rng, shuffle, size
        self.samples = check_samples(x, y)
        self.steps = steps_per_epoch(self.samples, size, drop_last)
        if self.steps == 0:
            raise ValueError(f"minibatches of {size} with drop_last leave none of the {self.samples} samples")

    def __len__(self) -> int:
        return self.steps

    def __iter__(self) -> Iterator[tuple[Any, Any]]:
        order = self.rng.permutation(self.samples) if self.shuffle else np.arange(self.samples)
        for step in range(self.steps):
            rows = order[step * self.size : (step + 1) * self.size]
            yield _taken(self.x, rows), _taken(self.y, rows)


def batches(x: Any, y: Any, size: int, *, rng: Random = None, shuffle: bool = True, drop_last: bool = False) -> Batches:
    """Minibatches: in each epoch every sample is in one of them, unless it is dropped.

    Args:
        x: samples along the first axis of an array or Tensor, or a list of them; a tuple of these where a model has
            several inputs.
        y: their targets, likewise.
        size: how many samples make a minibatch; the last one of an epoch may be smaller.
        rng: a generator, a seed or ``None``.  It is drawn from once an epoch, so every epoch has an order of its own.
        shuffle: whether the order is random.
        drop_last: whether a smaller last minibatch is left out.

    Returns:
        An object whose ``len`` is the number of minibatches in an epoch; each ``for`` over it is an epoch of pairs of
        a part of ``x`` and the same part of ``y``.

    Raises:
        TypeError: if ``size`` is not a whole number, or x or y has no samples.
        ValueError: if ``size`` is not positive, x and y have different numbers of samples, or one is nan or infinite.

    >>> x, y = np.arange(5.0), [0, 1, 2, 3, 4]
    >>> epoch = batches(x, y, 2, shuffle=False)
    >>> len(epoch), list(epoch)
    (3, [(array([0., 1.]), [0, 1]), (array([2., 3.]), [2, 3]), (array([4.]), [4])])
    """
    return Batches(x, y, size, generator(rng), shuffle, drop_last)


def split(x: Any, y: Any, *parts: float, rng: Random = None, stratify: bool = False) -> tuple[tuple[Any, Any], ...]:
    """Training samples, and one or more parts that are held out from training.

    Args:
        x: samples, as for :func:`batches`.
        y: their targets, likewise.
        parts: the size of each held-out part: a fraction of all samples, between 0 and 1, or a number of them.
        rng: a generator, a seed or ``None``.
        stratify: whether every part gets its share of every label.  The held-out parts are taken one after the other,
            each with as many of a label as is its share of those that are left, to within one.

    Returns:
        A pair of a part of ``x`` and the same part of ``y``, in random order, for the training samples and then for
        every held-out part.

    Raises:
        TypeError: if a size is not a number, or x or y has no samples, or labels to stratify by are not numbers.
        ValueError: if a fraction is not between 0 and 1, a part would be empty, x and y have different numbers of
            samples, one is nan or infinite, or a label to stratify by is not whole.

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
        raise ValueError(f"held-out parts of {' + '.join(map(str, sizes))} leave none of {samples} samples to train on")
    rest = rng.permutation(samples)
    if stratify:
        rest = rest[np.argsort(check_labels("y", y)[rest], kind="stable")]
    held_out = []
    for size in sizes:
        # Evenly spaced places meet every run of equal labels as often as is its share.
        places = np.arange(size) * len(rest) // size
        held_out.append(rest[places])
        rest = np.delete(rest, places)
    orders = [rng.permutation(rows) for rows in (rest, *held_out)]
    return tuple((_taken(x, rows), _taken(y, rows)) for rows in orders)


def _size(part: Any, samples: int) -> int:
    """How many samples a held-out part has, from its fraction or number."""
    if not isinstance(part, (float, np.floating)):
        return check_count("a held-out part, unless a fraction,", part)
    if not 0.0 < part < 1.0:
        raise ValueError(f"the fraction that a held-out part is must lie between 0 and 1, but one is {part}")
    return check_count(f"a held-out part, {part} of {samples} samples,", round(part * samples))


def _taken(data: Any, rows: Array) -> Any:
    """These samples, from an array, a Tensor, another sequence, or a tuple of such."""
    if isinstance(data, tuple):
        return tuple(_taken(part, rows) for part in data)
    if isinstance(data, Tensor):
        return data[rows]
    if hasattr(data, "__array__"):  # an array, a table of pandas
        return np.asarray(data)[rows]
    return [data[row] for row in rows.tolist()]
