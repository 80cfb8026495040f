"""The numbers of a structure in one vector, and directions through them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from autograd.arrays.operands import to_numpy
from autograd.core.aliases import Array, Entry, Structure
from autograd.core.nested import entries, rebuild

__all__ = ["Direction", "NumberVector", "entry_names", "flat"]

_SINGLE, _DIRECTIONS = 8, 4  # of many numbers, so many are probed one by one, and so many random directions are taken
_FALL = 1e-3  # by so much smaller derivatives contribute alike along the next of them


@dataclass(frozen=True)
class Direction:
    """A direction through many numbers, or the weights of a sum of them."""

    vector: Array
    name: str
    place: int | None  # of the only number that changes; None in a random direction, along which all change

    def along(self, derivatives: Array) -> Any:
        """The sum of the derivatives, each times its component of the direction."""
        return derivatives.dtype.type(derivatives @ self.vector) if self.place is None else derivatives[self.place]

    def start(self, point: Array) -> float:
        """The ``s`` for which :meth:`moved` returns the point itself."""
        return 0.0 if self.place is None else float(point[self.place])

    def moved(self, point: Array, s: float) -> Array:
        """The point with ``s`` as the only number that changes, or ``s`` steps away in a random direction."""
        return point + s * self.vector if self.place is None else np.where(self.vector, s, point)


class NumberVector:
    """The numbers of a structure in one vector, and their names."""

    def __init__(self, structure: Structure, named: Mapping[str, Structure]) -> None:
        self.structure = structure
        self.arrays = [to_numpy(entry) for entry in entries(structure)]
        self.vector = flat(structure)
        self.names = list(entry_names(named))

    def shaped(
        self, vector: Array, number: Callable[[float], Entry] = float, array: Callable[[Array], Entry] = np.array
    ) -> Any:
        """The same structure with the numbers of another vector."""
        parts = np.split(vector, np.cumsum([x.size for x in self.arrays])[:-1])
        fresh = [
            array(part.reshape(x.shape)) if isinstance(entry, np.ndarray) else number(float(part[0]))
            for entry, x, part in zip(entries(self.structure), self.arrays, parts, strict=True)
        ]
        return rebuild(self.structure, fresh)

    def name(self, i: int) -> str:
        """The expression that reads the i-th number in the user's code, such as ``w[0][2, 1]``."""
        for name, x in zip(self.names, self.arrays, strict=True):
            if i < x.size:
                return name + (f"[{', '.join(str(k) for k in np.unravel_index(i, x.shape))}]" if x.ndim else "")
            i -= x.size
        raise IndexError(i)

    def probes(self, limit: int, sizes: Array | None = None) -> list[Direction]:
        """One direction for each number; if there are more than ``limit``, for some of them, and random directions.

        A wrong derivative is lost among others that are many times as large.  So from one random direction to the next
        more numbers contribute alike to the derivative along it; ``sizes`` says how large their derivatives are.
        """
        size, rng = self.vector.size, np.random.default_rng(0)
        few = size <= limit
        places = list(range(size)) if few else sorted(rng.choice(size, _SINGLE, replace=False).tolist())
        alone = [Direction(np.eye(1, size, i)[0], self.name(i), i) for i in places]
        return alone + [self.random(rng, sizes, _FALL**k) for k in range(0 if few else _DIRECTIONS)]

    def random(self, rng: np.random.Generator, sizes: Array | None = None, least: float = 1.0) -> Direction:
        """A random direction along which every number changes.

        Those with larger ``sizes`` change less; a size below the ``least`` share of the largest counts as that share.
        """
        size = self.vector.size
        vector = rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size)
        if sizes is not None and np.any(sizes):
            counted = np.maximum(sizes, least * sizes.max())
            vector = vector * (counted.min() / counted)
        return Direction(vector, "a random direction", None)

    def extent(self, limit: int, what: str) -> str:
        """The choice of :meth:`probes` in words."""
        size = self.vector.size
        if size <= limit:
            return f"{size} {what}{'s' * (size != 1)}"
        return f"{_SINGLE} of {size:,} {what}s and {_DIRECTIONS} random directions"


def flat(structure: Structure) -> Array:
    """All numbers of a structure in one array."""
    return np.concatenate([np.zeros(0), *(to_numpy(entry).ravel() for entry in entries(structure))])


def entry_names(named: Mapping[str, Structure]) -> Iterator[str]:
    """The expression that reads each entry of a structure."""
    for name, part in named.items():
        if isinstance(part, Mapping):
            yield from entry_names({f"{name}[{key!r}]": x for key, x in part.items()})
        elif isinstance(part, (list, tuple)):
            yield from entry_names({f"{name}[{i}]": x for i, x in enumerate(part)})
        else:
            yield name
