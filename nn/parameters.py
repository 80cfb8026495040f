"""Parameters of layers: leaves of a dtype, and the weight and bias of an affine map."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, astype
from nn.aliases import Array, Initialiser, Random
from nn.init import initial

__all__ = ["Init", "parameter", "weight_and_bias"]

Init: TypeAlias = str | Initialiser


def parameter(numbers: Array, dtype: DTypeLike) -> Tensor:
    """A leaf of this dtype."""
    return astype(Tensor(numbers), dtype).detach()  # it refuses other dtypes than those of floats


def weight_and_bias(
    shape: tuple[int, ...], bias: bool, init: Init, rng: Random, dtype: DTypeLike, outputs: int | None = None
) -> tuple[Tensor, Tensor | None]:
    """The parameters of an affine map, whose outputs are by default along the first axis of the weights."""
    weight = parameter(initial(init, shape, rng), dtype)
    return weight, parameter(np.zeros(shape[0] if outputs is None else outputs), dtype) if bias else None
