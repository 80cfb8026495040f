"""Tables of vectors, whose rows are learned: single rows, and bags of rows as one vector."""

from __future__ import annotations

import operator
from typing import Any, Literal, TypeAlias, overload

import numpy as np
from numpy.typing import DTypeLike

import autograd
from autograd import Tensor, where
from nn.activations import array_operand, operand, plain
from nn.aliases import Array, ArrayOrTensor, Numbers, Random, WholeNumbers
from nn.init import generator, positive
from nn.module import Module
from nn.parameters import parameter

__all__ = ["Embedding", "EmbeddingBag", "embedding", "embedding_bag"]

Mode: TypeAlias = Literal["sum", "mean", "max"]
"""What becomes of the rows of a bag."""


@overload
def embedding(input: WholeNumbers, weight: Tensor, padding_idx: int | None = None) -> Tensor: ...
@overload
def embedding(input: WholeNumbers, weight: Numbers, padding_idx: int | None = None) -> ArrayOrTensor: ...
def embedding(input: WholeNumbers, weight: Numbers, padding_idx: int | None = None) -> ArrayOrTensor:
    """Rows of a table, by row number.

    Args:
        input: row numbers, in an array of any shape.
        weight: the table, of shape ``(rows, features)``.
        padding_idx: the number of a row that receives no gradient; from the end if it is negative.

    Raises:
        TypeError: if a row number is not a whole number.
        IndexError: if the table does not have such a row.

    >>> embedding([1, 1], np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[3., 4.],
           [3., 4.]])
    """
    table: Any = array_operand(weight, "embedding")
    rows = _row_numbers("embedding", input, len(table))
    padding = _padding("embedding", padding_idx, len(table))
    if padding is None or not (rows == padding).any():
        found: ArrayOrTensor = table[rows]
        return found
    used = (rows != padding)[..., None]
    kept: ArrayOrTensor = where(used, table[rows], plain(table)[rows])
    return kept


def embedding_bag(
    input: WholeNumbers,
    weight: Numbers,
    offsets: WholeNumbers | None = None,
    *,
    mode: Mode = "mean",
    per_sample_weights: Numbers | None = None,
    include_last_offset: bool = False,
    padding_idx: int | None = None,
) -> Any:
    """The mean, the sum or the largest numbers of several rows of a table, for each bag of row numbers.

    PyTorch's options that change how gradients are stored or scaled are not here, nor ``max_norm``, which changes the
    table.

    Args:
        input: row numbers, of shape ``(bags, rows of each)``; or of shape ``(n,)``, all bags in a row.
        weight: the table, of shape ``(rows, features)``.
        offsets: for bags in a row, where each of them begins; the first at 0.
        mode: "mean", "sum" or "max", number by number; a bag without rows is 0.  Of equal ones, the first has the slope
            of "max".
        per_sample_weights: factors of the rows in a "sum", in the shape of ``input``.
        include_last_offset: whether the last of ``offsets`` is the end of the last bag.
        padding_idx: the number of a row that is left out of all bags; from the end if it is negative.

    Raises:
        TypeError: if a row number or an offset is not a whole number.
        IndexError: if the table does not have such a row.
        ValueError: if shapes, offsets or options do not fit.

    >>> table = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 8.0]])
    >>> embedding_bag([0, 1, 2], table, offsets=[0, 1])
    array([[1., 2.],
           [4., 6.]])
    """
    name = "embedding_bag"
    table: Any = array_operand(weight, name)
    rows = _row_numbers(name, input, len(table))
    if table.ndim != 2 or mode not in ("sum", "mean", "max"):
        raise ValueError(f"{name} takes a table with 2 axes and the mode sum, mean or max, not {table.ndim}, {mode!r}")
    places, used = _bags(name, rows, offsets, include_last_offset)
    if not rows.size:
        return autograd.sum(table[np.zeros((len(places), 0), int)], 1)
    bags = rows.ravel()[places]
    used = used & (bags != _padding(name, padding_idx, len(table)))
    vectors = table[np.where(used, bags, 0)]
    if per_sample_weights is not None:
        factors: Any = array_operand(per_sample_weights, name)
        if mode != "sum" or factors.shape != rows.shape:
            raise ValueError(
                f'{name}: per_sample_weights are for mode="sum", in the shape {rows.shape} of the input, not for '
                f"{mode!r} in the shape {factors.shape}"
            )
        factors = factors if isinstance(factors, Tensor) else factors.astype(table.dtype)
        vectors = vectors * autograd.ravel(factors)[places][..., None]
    if mode == "max":
        best = np.where(used[..., None], plain(vectors), -np.inf).argmax(1)[:, None]
        return where(used.any(1)[:, None], autograd.take_along_axis(vectors, best, 1)[:, 0], 0.0)
    total = autograd.sum(where(used[..., None], vectors, 0.0), 1)
    return total if mode == "sum" else total / np.maximum(used.sum(1), 1).astype(table.dtype)[:, None]


def _bags(name: str, rows: Array, offsets: WholeNumbers | None, closed: bool) -> tuple[Array, Array]:
    """For each bag the places of its rows in the input, and which of them are used: bags are filled to one length."""
    if rows.ndim == 2 and offsets is None:
        count, length = rows.shape
        starts, ends = np.arange(count) * length, np.arange(1, count + 1) * length
    elif rows.ndim == 1 and offsets is not None:
        starts = _whole(name, "offsets", offsets).reshape(-1)
        ends = np.append(starts[1:], [] if closed else len(rows)).astype(int)
        starts = starts[: len(ends)]
        if starts.size and (starts[0] != 0 or ends[-1] != len(rows) or (ends < starts).any()):
            raise ValueError(
                f"{name}: offsets must rise from 0 to at most the number of row numbers, {len(rows)}, which is the "
                f"last of them with include_last_offset, not {np.asarray(offsets).tolist()}"
            )
    else:
        raise ValueError(
            f"{name} takes row numbers of shape (bags, rows), or of shape (n,) with offsets, not of shape {rows.shape} "
            f"{'without' if offsets is None else 'with'} offsets"
        )
    places = starts[:, None] + np.arange(max(1, (ends - starts).max(initial=0)))
    used = places < ends[:, None]
    return np.where(used, places, 0), used


def _row_numbers(name: str, input: WholeNumbers, count: int) -> Array:
    rows = _whole(name, "row numbers", input)
    wrong = rows[(rows < 0) | (rows >= count)]
    if wrong.size:
        raise IndexError(f"{name}: row {wrong[0]} is out of range for a table of {count} rows")
    return rows


def _whole(name: str, what: str, given: WholeNumbers) -> Array:
    numbers = operand(given, name, whole=True)
    if isinstance(numbers, Tensor) or (numbers.dtype.kind not in "iu" and numbers.size):
        raise TypeError(f"{name}: {what} must be an array of whole numbers, not of {numbers.dtype}")
    return numbers.astype(int, copy=False)


def _padding(name: str, padding_idx: int | None, count: int) -> int | None:
    """The number of the row that counts as padding."""
    if padding_idx is None:
        return None
    number = operator.index(padding_idx)
    if not -count <= number < count:
        raise IndexError(f"{name}: padding_idx {number} is out of range for a table of {count} rows")
    return number % count


# ---------------------------------------------------------------------------------------------------------------------
# As modules
# ---------------------------------------------------------------------------------------------------------------------


class Embedding(Module):
    """A table of vectors; the inputs are row numbers.

    Args:
        num_embeddings: the number of rows.
        embedding_dim: the length of a row.
        padding_idx: the number of a row that starts at zero and receives no gradient.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    >>> Embedding(10, 3, rng=0)([[1, 2], [9, 9]]).shape
    (2, 2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        padding_idx: int | None = None,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        shape = positive("num_embeddings", num_embeddings), positive("embedding_dim", embedding_dim)
        self.padding_idx = _padding(type(self).__name__, padding_idx, num_embeddings)
        start = generator(rng).normal(size=shape)
        if self.padding_idx is not None:
            start[self.padding_idx] = 0.0
        self.weight = parameter(start, dtype)

    def forward(self, input: WholeNumbers) -> Tensor:
        """The rows with these numbers."""
        return embedding(input, self.weight, self.padding_idx)

    def extra_repr(self) -> str:
        """The sizes, and the row of the padding."""
        padding = "" if self.padding_idx is None else f", padding_idx={self.padding_idx}"
        return "{}, {}".format(*self.weight.shape) + padding


class EmbeddingBag(Embedding):
    """:func:`nn.functional.embedding_bag` of a table that is learned.

    >>> EmbeddingBag(10, 3, mode="sum", rng=0)([1, 2, 9, 9], offsets=[0, 1]).shape
    (2, 3)
    """

    def __init__(
        self,
        num_embeddings: int,
        embedding_dim: int,
        *,
        mode: Mode = "mean",
        include_last_offset: bool = False,
        padding_idx: int | None = None,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        super().__init__(num_embeddings, embedding_dim, padding_idx, rng=rng, dtype=dtype)
        self.mode, self.include_last_offset = mode, include_last_offset

    def forward(
        self, input: WholeNumbers, offsets: WholeNumbers | None = None, per_sample_weights: Numbers | None = None
    ) -> Any:
        """One vector for each bag."""
        return embedding_bag(
            input,
            self.weight,
            offsets,
            mode=self.mode,
            per_sample_weights=per_sample_weights,
            include_last_offset=self.include_last_offset,
            padding_idx=self.padding_idx,
        )

    def extra_repr(self) -> str:
        """The sizes, and what becomes of the rows."""
        return f"{super().extra_repr()}, mode={self.mode!r}"
