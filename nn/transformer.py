"""Transformers under PyTorch's names: attention and two affine maps, each added to what it reads.

Source: Vaswani et al., "Attention is all you need", 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from typing import Any, TypeAlias

import numpy as np  # noqa: F401  # for the examples
from numpy.typing import DTypeLike

from nn import functional
from nn.aliases import Array, Numbers, Random
from nn.attention import MultiheadAttention
from nn.init import generator, initial
from nn.layers import Dropout, LayerNorm, Linear, ModuleList
from nn.module import Module

__all__ = [
    "Transformer",
    "TransformerDecoder",
    "TransformerDecoderLayer",
    "TransformerEncoder",
    "TransformerEncoderLayer",
]

Activation: TypeAlias = str | Callable[[Any], Any]


class _Layer(Module):
    """What both layers share: some attention, two affine maps, and a norm and a dropout for each step."""

    attentions: tuple[str, ...] = ()
    self_attn: MultiheadAttention
    multihead_attn: MultiheadAttention

    def __init__(
        self,
        d_model: int,
        nhead: int,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        if isinstance(activation, str) and activation not in ("relu", "gelu"):
            raise ValueError(f'{type(self).__name__}: activation is "relu", "gelu" or a function, not {activation!r}')
        rng, steps = generator(rng), range(1, len(self.attentions) + 2)
        for name in self.attentions:
            attention = MultiheadAttention(d_model, nhead, dropout, bias, batch_first=batch_first, rng=rng, dtype=dtype)
            setattr(self, name, attention)
        self.linear1 = Linear(d_model, dim_feedforward, bias, rng=rng, dtype=dtype)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, bias, rng=rng, dtype=dtype)
        for step in steps:
            setattr(self, f"norm{step}", LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype))
        for step in steps:
            setattr(self, f"dropout{step}", Dropout(dropout, rng=rng))
        self.norm_first = norm_first
        self.activation = getattr(functional, activation) if isinstance(activation, str) else activation

    def _step(self, number: int, x: Any, of: Callable[[Any], Any]) -> Any:
        """``x`` plus a function of it."""
        norm, dropout = getattr(self, f"norm{number}"), getattr(self, f"dropout{number}")
        return x + dropout(of(norm(x))) if self.norm_first else norm(x + dropout(of(x)))

    def _feed_forward(self, x: Any) -> Any:
        return self.linear2(self.dropout(self.activation(self.linear1(x))))


class TransformerEncoderLayer(_Layer):
    """Attention of a sequence to itself, and two affine maps.

    Args:
        d_model: the length of each place.
        nhead: the number of heads.
        dim_feedforward: the number of units between the two affine maps.
        dropout: the probability to drop a number in training.
        activation: "relu", "gelu", or a function.
        layer_norm_eps: ε of the norms.
        batch_first: whether the batch is the first axis; otherwise, as in PyTorch, it is the second.
        norm_first: whether a step normalises what it reads, and not its result.
        bias: whether there are biases.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    >>> TransformerEncoderLayer(8, 2, 16, batch_first=True, rng=0)(np.ones((5, 3, 8))).shape
    (5, 3, 8)
    """

    attentions = ("self_attn",)

    def forward(
        self,
        src: Numbers,
        src_mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        is_causal: bool = False,
    ) -> Any:
        """The sequence, with what each place takes from the others; masks as for :class:`MultiheadAttention`."""

        def to_itself(x: Any) -> Any:
            return self.self_attn(x, x, x, src_key_padding_mask, False, src_mask, is_causal=is_causal)[0]

        return self._step(2, self._step(1, src, to_itself), self._feed_forward)


class TransformerDecoderLayer(_Layer):
    """Attention of a sequence to itself and to another, and two affine maps.

    Arguments are those of :class:`TransformerEncoderLayer`.
    """

    attentions = ("self_attn", "multihead_attn")

    def forward(
        self,
        tgt: Numbers,
        memory: Numbers,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
        tgt_is_causal: bool = False,
        memory_is_causal: bool = False,
    ) -> Any:
        """The sequence ``tgt``, with what each place takes from the others and from ``memory``."""

        def to_itself(x: Any) -> Any:
            return self.self_attn(x, x, x, tgt_key_padding_mask, False, tgt_mask, is_causal=tgt_is_causal)[0]

        def to_memory(x: Any) -> Any:
            padding, attention = memory_key_padding_mask, self.multihead_attn
            return attention(x, memory, memory, padding, False, memory_mask, is_causal=memory_is_causal)[0]

        return self._step(3, self._step(2, self._step(1, tgt, to_itself), to_memory), self._feed_forward)


class _Stack(Module):
    """Copies of a layer, one after the other, and a norm behind them."""

    def __init__(self, layer: Module, num_layers: int, norm: Module | None = None) -> None:
        generators = [module.rng for module in layer.modules() if hasattr(module, "rng")]
        self.layers = ModuleList(deepcopy(layer, {id(g): g for g in generators}) for _ in range(num_layers))
        self.norm = norm

    def _through(self, x: Any, *operands: Any, **options: Any) -> Any:
        for layer in self.layers:
            x = layer(x, *operands, **options)
        return x if self.norm is None else self.norm(x)


class TransformerEncoder(_Stack):
    """``num_layers`` copies of a :class:`TransformerEncoderLayer` in a row, and a norm behind them if it is given.

    >>> layer = TransformerEncoderLayer(8, 2, 16, batch_first=True, rng=0)
    >>> TransformerEncoder(layer, 2)(np.ones((5, 3, 8)), is_causal=True).shape
    (5, 3, 8)
    """

    def forward(
        self,
        src: Numbers,
        mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        is_causal: bool | None = None,
    ) -> Any:
        """The sequence after all layers."""
        return self._through(src, mask, src_key_padding_mask, bool(is_causal))


class TransformerDecoder(_Stack):
    """``num_layers`` copies of a :class:`TransformerDecoderLayer` in a row, and a norm behind them if it is given."""

    def forward(self, tgt: Numbers, memory: Numbers, *masks: Array | None, **options: Any) -> Any:
        """The sequence after all layers, each of which takes these masks and options."""
        return self._through(tgt, memory, *masks, **options)


class Transformer(Module):
    """An encoder and a decoder, which reads what the encoder wrote.

    Arguments are those of :class:`TransformerEncoderLayer`, and ``num_encoder_layers`` and ``num_decoder_layers``;
    ``custom_encoder`` and ``custom_decoder`` are modules in place of the two.

    >>> model = Transformer(8, 2, 1, 1, 16, batch_first=True, rng=0)
    >>> model(np.ones((5, 3, 8)), np.ones((5, 4, 8))).shape
    (5, 4, 8)
    """

    def __init__(
        self,
        d_model: int = 512,
        nhead: int = 8,
        num_encoder_layers: int = 6,
        num_decoder_layers: int = 6,
        dim_feedforward: int = 2048,
        dropout: float = 0.1,
        activation: Activation = "relu",
        custom_encoder: Module | None = None,
        custom_decoder: Module | None = None,
        layer_norm_eps: float = 1e-5,
        batch_first: bool = False,
        norm_first: bool = False,
        bias: bool = True,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        rng = generator(rng)
        shared = (d_model, nhead, dim_feedforward, dropout, activation, layer_norm_eps, batch_first, norm_first, bias)

        def stack(kind: Any, layer: Any, count: int) -> Module:
            norm = LayerNorm(d_model, layer_norm_eps, bias=bias, dtype=dtype)
            built: Module = kind(layer(*shared, rng=rng, dtype=dtype), count, norm)
            return built

        self.encoder = custom_encoder or stack(TransformerEncoder, TransformerEncoderLayer, num_encoder_layers)
        self.decoder = custom_decoder or stack(TransformerDecoder, TransformerDecoderLayer, num_decoder_layers)
        for weight in self.parameters():  # copies would begin with the same weights
            if weight.ndim > 1:
                weight.data = initial("xavier", weight.shape, rng).astype(dtype)

    def forward(
        self,
        src: Numbers,
        tgt: Numbers,
        src_mask: Array | None = None,
        tgt_mask: Array | None = None,
        memory_mask: Array | None = None,
        src_key_padding_mask: Array | None = None,
        tgt_key_padding_mask: Array | None = None,
        memory_key_padding_mask: Array | None = None,
        src_is_causal: bool | None = None,
        tgt_is_causal: bool | None = None,
        memory_is_causal: bool = False,
    ) -> Any:
        """The sequence ``tgt``, decoded from what the encoder made of ``src``."""
        memory = self.encoder(src, src_mask, src_key_padding_mask, src_is_causal)
        padding = tgt_key_padding_mask, memory_key_padding_mask
        return self.decoder(tgt, memory, tgt_mask, memory_mask, *padding, bool(tgt_is_causal), memory_is_causal)
