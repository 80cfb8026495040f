"""Parameters that are updated together, and their state; and all of them as one flat vector."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from autograd import Tensor, Value
from nn.aliases import Array, Parameter

__all__ = ["Block", "Data", "State", "flat_vector", "plain", "set_from_vector"]

Data: TypeAlias = float | Array
"""The data of a parameter: a number for a Value, an array for a Tensor."""


class State(dict[str, Any]):
    """The state of an optimizer for one parameter; a symbol that was never set is 0, the start of every recursion."""

    def __missing__(self, symbol: str) -> int:
        return 0


@dataclass
class Block:
    """Parameters that are updated together: one alone, or Values as one array.

    Attributes:
        place: which group they belong to.
        params: the parameters.
        state: their state; for several its entries are arrays, except the number of steps.
    """

    place: int
    params: list[Parameter]
    state: State

    def gathered(self, numbers: Sequence[Data]) -> Any:
        """One number or array for the block, from those of its parameters."""
        return np.array(numbers, float) if len(self.params) > 1 else numbers[0]

    def scattered(self, numbers: Any) -> list[Any]:
        """What belongs to each parameter; one number may stand for all."""
        if len(self.params) == 1:
            return [numbers]
        return numbers.tolist() if np.ndim(numbers) else [numbers] * len(self.params)

    def states(self) -> Iterator[State]:
        """The state of each parameter."""
        rows = zip(*map(self.scattered, self.state.values()), strict=True)
        return (State(zip(self.state, row, strict=True)) for row in rows)


def plain(x: Any) -> Data:
    """The data of a node; anything else as it is."""
    return x.data if type(x) is not float and isinstance(x, (Value, Tensor)) else x


def flat_vector(numbers: Sequence[Data | None], params: Sequence[Parameter]) -> Array:
    """All numbers in one vector; zeros for a parameter that has none."""
    return np.concatenate(
        [np.zeros(np.size(p.data)) if x is None else np.ravel(x) for x, p in zip(numbers, params, strict=True)]
    )


def set_from_vector(params: Sequence[Parameter], vector: Array) -> None:
    """Give every parameter its part of the vector."""
    start = 0
    for p in params:
        n = int(np.size(p.data))
        part = vector[start : start + n]
        p.data = float(part[0]) if isinstance(p, Value) else part.reshape(p.shape).astype(p.dtype)
        start += n
