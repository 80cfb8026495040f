"""Parameters that are updated together, and their state; and all of them as one flat vector."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, TypeAlias

import numpy as np

from autograd import Tensor, Value
from autograd.safety import hand_over
from nn.aliases import Array, Parameter

__all__ = ["Block", "Data", "State", "all_plain", "assigning", "flat_vector", "plain", "set_from_vector", "states_of"]

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


def assigning(blocks: Sequence[Block], data: Sequence[Any]) -> Iterator[Iterator[object]]:
    """The changes that give the parameters of these blocks their new data, for :func:`autograd.safety.hand_over`."""
    for kind in {type(block.params[0]): None for block in blocks}:
        params: list[Parameter] = []
        numbers: list[Any] = []
        for block, x in zip(blocks, data, strict=True):
            if type(block.params[0]) is kind:
                params += block.params
                numbers += block.scattered(x)
        yield kind.assigning(params, numbers)


def states_of(blocks: Iterable[Block]) -> dict[Parameter, State]:
    """The state of each parameter of these blocks."""
    return dict(chain.from_iterable(zip(block.params, block.states(), strict=True) for block in blocks))


def plain(x: Any) -> Data:
    """The data of a node; anything else as it is."""
    return x.data if type(x) is not float and isinstance(x, (Value, Tensor)) else x


def all_plain(gradients: list[Any]) -> list[Data]:
    """The data of each of these; the same list if it holds only floats, as usual."""
    return gradients if _NUMBERS.issuperset(map(type, gradients)) else list(map(plain, gradients))


_NUMBERS = frozenset({float})


def flat_vector(numbers: Sequence[Data | None], params: Sequence[Parameter]) -> Array:
    """All numbers in one vector; zeros for a parameter that has none."""
    return np.concatenate(
        [np.zeros(np.size(p.data)) if x is None else np.ravel(x) for x, p in zip(numbers, params, strict=True)]
    )


def set_from_vector(params: Sequence[Parameter], vector: Array) -> None:
    """Give every parameter its part of the vector, all of them or none."""
    start = 0
    blocks, data = [], []
    for p in params:
        n = int(np.size(p.data))
        part = vector[start : start + n]
        blocks.append(Block(0, [p], State()))
        data.append(float(part[0]) if isinstance(p, Value) else part.reshape(p.shape).astype(p.dtype))
        start += n
    hand_over(*assigning(blocks, data))
