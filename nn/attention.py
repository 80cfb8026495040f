"""Attention: scaled dot products, several heads, and a head that sees only the past."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

import autograd
from autograd import linear, reshape, softmax, swapaxes, where
from nn.activations import operand
from nn.aliases import Array, Numbers, Random
from nn.init import generator, initial, positive
from nn.module import Module
from nn.noise import dropout
from nn.parameters import parameter

__all__ = ["CausalSelfAttention", "MultiheadAttention", "scaled_dot_product_attention"]


def scaled_dot_product_attention(
    query: Numbers,
    key: Numbers,
    value: Numbers,
    attn_mask: Numbers | None = None,
    dropout_p: float = 0.0,
    is_causal: bool = False,
    scale: float | None = None,
    enable_gqa: bool = False,
    *,
    rng: Random = None,
) -> Any:
    """softmax(Q Kᵀ / √d) V: for each query a mean of the values, weighted by how well their keys match.

    Args:
        query: of shape ``(..., L, d)``.
        key: of shape ``(..., S, d)``.
        value: of shape ``(..., S, e)``.
        attn_mask: bools, false where a query must not see a key; or numbers that are added to the scores.
        dropout_p: the probability to drop a weight.
        is_causal: whether query i sees only the keys up to i.
        scale: a factor of the scores in place of 1/√d.
        enable_gqa: whether each head of keys and values serves a group of neighbouring heads of queries; the heads are
            the axis before L and S.
        rng: a generator, a seed or ``None``, for dropout.

    Raises:
        ValueError: if there is a mask, and ``is_causal`` asks for another; or if the queries of ``enable_gqa`` cannot
            be divided among the heads of keys and values.

    >>> scaled_dot_product_attention(np.eye(2), np.eye(2), np.array([[1.0], [3.0]]), is_causal=True).round(3)
    array([[1.  ],
           [2.34]])
    """
    q, k, v = (operand(x, "scaled_dot_product_attention") for x in (query, key, value))
    if enable_gqa:
        k, v = (_for_groups(x, q.shape[-3]) for x in (k, v))
    weights = attention_weights(q, k, attn_mask, is_causal, scale)
    return dropout(weights, dropout_p, dropout_p > 0, rng=rng) @ v


def _for_groups(x: Any, heads: int) -> Any:
    """Keys or values for so many heads of queries: each head stands as often as its group has queries."""
    if not x.shape[-3] or heads % x.shape[-3]:
        raise ValueError(
            f"enable_gqa: {heads} heads of queries cannot be divided among {x.shape[-3]} of keys or values"
        )
    return autograd.repeat(x, heads // x.shape[-3], axis=-3)


def attention_weights(q: Any, k: Any, mask: Any = None, is_causal: bool = False, scale: float | None = None) -> Any:
    """How much each query attends to each key; they add up to 1."""
    scores = (q @ swapaxes(k, -1, -2)) * (1.0 / math.sqrt(q.shape[-1]) if scale is None else scale)
    if is_causal:
        if mask is not None:
            raise ValueError("scaled_dot_product_attention takes a mask or is_causal, not both")
        mask = np.tri(*scores.shape[-2:], dtype=bool)
    if mask is not None:
        mask = mask if isinstance(mask, autograd.Tensor) else np.asarray(mask)
        scores = where(mask, scores, -np.inf) if mask.dtype == bool else scores + mask.astype(scores.dtype)
    return softmax(scores, -1)


class MultiheadAttention(Module):
    """Several heads of attention side by side, with affine maps before and after them (Vaswani et al., 2017).

    Args:
        embed_dim: the length of queries and of the results.
        num_heads: the number of heads, which divides it.
        dropout: the probability to drop a weight in training.
        bias: whether the affine maps have biases, which start at zero.
        add_bias_kv: whether a key and a value that are parameters stand behind those that are given.
        add_zero_attn: whether a key and a value of zeros do.
        kdim: the length of keys, by default ``embed_dim``.
        vdim: the length of values, by default ``embed_dim``.
        batch_first: whether the batch is the first axis; otherwise, as in PyTorch, it is the second.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    >>> layer = MultiheadAttention(8, 2, batch_first=True, rng=0)
    >>> x = np.ones((5, 3, 8))
    >>> y, weights = layer(x, x, x)
    >>> y.shape, weights.shape
    ((5, 3, 8), (5, 3, 3))
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        add_bias_kv: bool = False,
        add_zero_attn: bool = False,
        kdim: int | None = None,
        vdim: int | None = None,
        batch_first: bool = False,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        if positive("embed_dim", embed_dim) % positive("num_heads", num_heads):
            raise ValueError(f"MultiheadAttention: {num_heads} heads do not divide an embedding of {embed_dim}")
        self.num_heads, self.dropout, self.batch_first, self.rng = num_heads, dropout, batch_first, generator(rng)
        self.embed_dim, self.add_zero_attn = embed_dim, add_zero_attn
        widths = [embed_dim, *(embed_dim if width is None else width for width in (kdim, vdim))]
        shapes = {f"{name}_proj_weight": (embed_dim, width) for name, width in zip("qkv", widths, strict=True)}
        if {*widths} == {embed_dim}:
            shapes = {"in_proj_weight": (3 * embed_dim, embed_dim)}
        self._weights = list(shapes)
        for name, shape in shapes.items():
            setattr(self, name, parameter(initial("xavier", shape, self.rng), dtype))
        self.in_proj_bias = parameter(np.zeros(3 * embed_dim), dtype) if bias else None
        self.bias_k, self.bias_v = (
            parameter(initial("xavier", (1, 1, embed_dim), self.rng), dtype) if add_bias_kv else None for _ in "kv"
        )
        self.out_proj = _Projection(embed_dim, bias, self.rng, dtype)

    def forward(
        self,
        query: Numbers,
        key: Numbers,
        value: Numbers,
        key_padding_mask: Array | None = None,
        need_weights: bool = True,
        attn_mask: Array | None = None,
        average_attn_weights: bool = True,
        is_causal: bool = False,
    ) -> tuple[Any, Any]:
        """The results, and the weights of the keys, averaged over the heads; ``None`` without ``need_weights``.

        Masks are PyTorch's: bools are true where a key must *not* be seen, and numbers are added to the scores.  With
        ``is_causal`` and no ``attn_mask``, each query sees only the keys up to its own place.
        """
        q, k, v = (operand(x, "MultiheadAttention") for x in (query, key, value))
        batched = q.ndim == 3
        if not batched:
            q, k, v = q[None], k[None], v[None]
        elif not self.batch_first:
            q, k, v = (swapaxes(x, 0, 1) for x in (q, k, v))
        weights = [getattr(self, name) for name in self._weights]
        weights = autograd.split(weights[0], 3) if len(weights) == 1 else weights
        biases = [None] * 3 if self.in_proj_bias is None else autograd.split(self.in_proj_bias, 3)
        q, k, v = (linear(x, w, b) for x, w, b in zip((q, k, v), weights, biases, strict=True))
        given = k.shape[1]
        k, v = self._extended(k, self.bias_k), self._extended(v, self.bias_v)
        q, k, v = self._heads(q), self._heads(k), self._heads(v)
        mask = self._mask(key_padding_mask, attn_mask, q.shape, (*k.shape[:2], given), is_causal)
        if mask is not None:
            mask = np.pad(mask, [(0, 0)] * (mask.ndim - 1) + [(0, k.shape[2] - given)])
        shares = attention_weights(q, k, mask)
        y = dropout(shares, self.dropout, self.training and self.dropout > 0, rng=self.rng) @ v
        y = self.out_proj(reshape(swapaxes(y, 1, 2), (y.shape[0], y.shape[2], -1)))
        shares = autograd.mean(shares, 1) if average_attn_weights else shares
        if not batched:
            y, shares = y[0], shares[0]
        elif not self.batch_first:
            y = swapaxes(y, 0, 1)
        return y, shares if need_weights else None

    def _extended(self, x: Any, bias: Any) -> Any:
        """Keys or values, with one that is a parameter and one of zeros behind them, if these are wanted."""
        row = (x.shape[0], 1, self.embed_dim)
        parts = [x] if bias is None else [x, autograd.broadcast_to(bias, row)]
        parts += [np.zeros(row, x.dtype)] * self.add_zero_attn
        return parts[0] if len(parts) == 1 else autograd.concatenate(parts, 1)

    def _heads(self, x: Any) -> Any:
        """The embedding of each place divided among the heads: ``(N, heads, L, d)``."""
        return swapaxes(reshape(x, (*x.shape[:2], self.num_heads, -1)), 1, 2)

    def _mask(self, padding: Any, mask: Any, q: tuple[int, ...], k: tuple[int, ...], is_causal: bool) -> Any:
        """What is added to the scores, for all masks together; ``None`` for nothing."""
        if mask is None and is_causal:
            mask = ~np.tri(q[2], k[2], dtype=bool)
        added = [_as_numbers(mask)] if mask is not None else []
        if mask is not None and added[0].ndim == 3:
            added[0] = added[0].reshape(q[0], self.num_heads, q[2], k[2])
        if padding is not None:
            added.append(_as_numbers(np.atleast_2d(padding))[:, None, None, :])
        return sum(added[1:], added[0]) if added else None

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.embed_dim}, num_heads={self.num_heads}, batch_first={self.batch_first}"


def _as_numbers(mask: Any) -> Any:
    mask = np.asarray(mask)
    return np.where(mask, -np.inf, 0.0) if mask.dtype == bool else mask


class _Projection(Module):
    """The affine map after the heads."""

    def __init__(self, width: int, bias: bool, rng: np.random.Generator, dtype: DTypeLike) -> None:
        self.weight = parameter(initial("uniform", (width, width), rng), dtype)
        self.bias = parameter(np.zeros(width), dtype) if bias else None

    def forward(self, input: Numbers) -> Any:
        """The affine map."""
        return linear(input, self.weight, self.bias)


class CausalSelfAttention(MultiheadAttention):
    """Attention of a sequence to its own past, for language models; the batch is the first axis.

    >>> CausalSelfAttention(8, 2, rng=0)(np.ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    def __init__(
        self,
        embed_dim: int,
        num_heads: int,
        dropout: float = 0.0,
        bias: bool = True,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        super().__init__(embed_dim, num_heads, dropout, bias, batch_first=True, rng=rng, dtype=dtype)

    def forward(self, input: Numbers) -> Any:  # type: ignore[override]  # one operand in place of three
        """For each place, what it takes from itself and those before it."""
        return super().forward(input, input, input, need_weights=False, is_causal=True)[0]
