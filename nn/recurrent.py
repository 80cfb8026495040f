"""Recurrent networks under PyTorch's names: RNN, LSTM and GRU, and their cells, which take one step.

The formula of a step is written once, in the cell; a network applies it along a sequence, layer by layer.
"""

from __future__ import annotations

import math
from typing import Any, ClassVar

import numpy as np
from numpy.typing import DTypeLike

from autograd import concatenate, flip, linear, relu, sigmoid, split, stack, swapaxes, tanh
from nn.activations import operand
from nn.aliases import Numbers, Random
from nn.init import generator, positive
from nn.module import Module
from nn.noise import dropout
from nn.parameters import parameter

__all__ = ["GRU", "LSTM", "RNN", "GRUCell", "LSTMCell", "RNNCell"]

State = tuple[Any, ...]
"""What a step hands on: the hidden state, and for an LSTM the cell state."""


def _rnn_step(x: Any, h: Any, state: State, nonlinearity: str = "tanh") -> State:
    return ((tanh if nonlinearity == "tanh" else relu)(x + h),)


def _lstm_step(x: Any, h: Any, state: State) -> State:
    i, f, g, o = split(x + h, 4, -1)
    cell = sigmoid(f) * state[1] + sigmoid(i) * tanh(g)
    return sigmoid(o) * tanh(cell), cell


def _gru_step(x: Any, h: Any, state: State) -> State:
    (xr, xz, xn), (hr, hz, hn) = split(x, 3, -1), split(h, 3, -1)
    keep, fresh = sigmoid(xz + hz), tanh(xn + sigmoid(xr + hr) * hn)
    return (fresh + keep * (state[0] - fresh),)


class _Recurrent(Module):
    """What cells and networks share: a step, the weights of its gates, and their initial values."""

    step: ClassVar[Any]
    gates: ClassVar[int]
    states: ClassVar[int] = 1
    hidden_size: int
    proj_size: int = 0
    options: dict[str, Any]

    @property
    def width(self) -> int:
        """The length of what a step puts out."""
        return self.proj_size or self.hidden_size

    def _add(self, suffix: str, inputs: int, bias: bool, rng: np.random.Generator, dtype: DTypeLike) -> None:
        """The parameters of a step, uniform within 1/√hidden_size as in PyTorch."""
        bound, rows = 1.0 / math.sqrt(self.hidden_size), self.gates * self.hidden_size
        shapes = {"weight_ih": (rows, inputs), "weight_hh": (rows, self.width), "bias_ih": (rows,), "bias_hh": (rows,)}
        if self.proj_size:
            shapes["weight_hr"] = (self.proj_size, self.hidden_size)
        for name, shape in shapes.items():
            numbers = rng.uniform(-bound, bound, shape) if bias or name.startswith("weight") else None
            setattr(self, name + suffix, None if numbers is None else parameter(numbers, dtype))

    def _from_inputs(self, x: Any, suffix: str = "") -> Any:
        return linear(x, getattr(self, "weight_ih" + suffix), getattr(self, "bias_ih" + suffix))

    def _next(self, from_inputs: Any, state: State, suffix: str = "") -> State:
        h = linear(state[0], getattr(self, "weight_hh" + suffix), getattr(self, "bias_hh" + suffix))
        found: State = type(self).step(from_inputs, h, state, **self.options)
        return (linear(found[0], getattr(self, "weight_hr" + suffix)), *found[1:]) if self.proj_size else found


# ---------------------------------------------------------------------------------------------------------------------
# One step
# ---------------------------------------------------------------------------------------------------------------------


class _Cell(_Recurrent):
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        self.hidden_size, self.options = positive("hidden_size", hidden_size), {}
        self.input_size = positive("input_size", input_size)
        self._add("", input_size, bias, generator(rng), dtype)

    def forward(self, input: Numbers, hx: Any = None) -> Any:
        """The next state, from inputs ``(N, input_size)`` and the state before, which is 0 if left out."""
        x: Any = operand(input, type(self).__name__)
        if hx is None:
            zeros = np.zeros((*x.shape[:-1], self.hidden_size), x.dtype)
            state: State = (zeros,) * self.states
        else:
            state = tuple(hx) if self.states > 1 else (hx,)
        found = self._next(self._from_inputs(x), state)
        return found if self.states > 1 else found[0]

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.input_size}, {self.hidden_size}"


class RNNCell(_Cell):
    """One step of an :class:`RNN`: tanh(W x + b + W' h + b').

    >>> RNNCell(2, 3, rng=0)(np.zeros((5, 2))).shape
    (5, 3)
    """

    step, gates = staticmethod(_rnn_step), 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        bias: bool = True,
        nonlinearity: str = "tanh",
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        super().__init__(input_size, hidden_size, bias, rng=rng, dtype=dtype)
        self.options = {"nonlinearity": _known(nonlinearity)}


class LSTMCell(_Cell):
    """One step of an :class:`LSTM`, whose state is a pair (h, c)."""

    step, gates, states = staticmethod(_lstm_step), 4, 2


class GRUCell(_Cell):
    """One step of a :class:`GRU`."""

    step, gates = staticmethod(_gru_step), 3


def _known(nonlinearity: str) -> str:
    if nonlinearity not in ("tanh", "relu"):
        raise ValueError(f'nonlinearity must be "tanh" or "relu", not {nonlinearity!r}')
    return nonlinearity


# ---------------------------------------------------------------------------------------------------------------------
# Sequences
# ---------------------------------------------------------------------------------------------------------------------


class _Network(_Recurrent):
    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        self.hidden_size, self.num_layers = positive("hidden_size", hidden_size), positive("num_layers", num_layers)
        self.batch_first, self.dropout, self.options = batch_first, dropout, {}
        self.directions, self.rng = ["", "_reverse"][: 1 + bidirectional], generator(rng)
        width = self.input_size = positive("input_size", input_size)
        for layer in range(num_layers):
            for direction in self.directions:
                self._add(f"_l{layer}{direction}", width, bias, self.rng, dtype)
            width = self.width * len(self.directions)

    def forward(self, input: Numbers, hx: Any = None) -> tuple[Any, Any]:
        """The outputs of the last layer for all steps, and the last states of all layers.

        Args:
            input: of shape ``(L, N, input_size)``, with ``batch_first`` ``(N, L, input_size)``, or ``(L, input_size)``.
            hx: the first states, of shape ``(layers * directions, N, hidden_size)``; for an LSTM a pair of them.  By
                default they are 0.
        """
        x: Any = operand(input, type(self).__name__)
        batched = x.ndim == 3
        if not batched:
            x = x[:, None]
        elif self.batch_first:
            x = swapaxes(x, 0, 1)
        first = self._first_states(hx, x, batched)
        last: list[State] = []
        for layer in range(self.num_layers):
            if layer and self.dropout and self.training:
                x = dropout(x, self.dropout, rng=self.rng)
            outputs = []
            for direction in self.directions:
                y, state = self._along(x, first[len(last)], f"_l{layer}{direction}", bool(direction))
                outputs.append(y)
                last.append(state)
            x = outputs[0] if len(outputs) == 1 else concatenate(outputs, -1)
        states = [stack([state[i] for state in last]) for i in range(self.states)]
        if not batched:
            x, states = x[:, 0], [state[:, 0] for state in states]
        elif self.batch_first:
            x = swapaxes(x, 0, 1)
        return x, tuple(states) if self.states > 1 else states[0]

    def _first_states(self, hx: Any, x: Any, batched: bool) -> list[State]:
        count = self.num_layers * len(self.directions)
        if hx is None:
            lengths = (self.width, self.hidden_size)[: self.states]
            return [tuple(np.zeros((x.shape[1], n), x.dtype) for n in lengths)] * count
        given = [operand(h, type(self).__name__) for h in (hx if self.states > 1 else (hx,))]
        return [tuple(h[i] if batched else h[i][None] for h in given) for i in range(count)]

    def _along(self, x: Any, state: State, suffix: str, backwards: bool) -> tuple[Any, State]:
        """One layer in one direction: the hidden states of all steps, and the last state."""
        inputs = self._from_inputs(flip(x, 0) if backwards else x, suffix)
        hidden = []
        for i in range(x.shape[0]):
            state = self._next(inputs[i], state, suffix)
            hidden.append(state[0])
        y = stack(hidden)
        return flip(y, 0) if backwards else y, state

    def extra_repr(self) -> str:
        """The sizes."""
        return f"{self.input_size}, {self.hidden_size}, num_layers={self.num_layers}, batch_first={self.batch_first}"


class RNN(_Network):
    """A recurrent network: h ← tanh(W x + b + W' h + b') along a sequence, with ``num_layers`` layers.

    Args:
        input_size: the number of inputs of each step.
        hidden_size: the number of hidden units of each layer.
        num_layers: the number of layers, each of which reads the outputs of the one before.
        nonlinearity: "tanh" or "relu".
        bias: whether the affine maps have biases.
        batch_first: whether the batch is the first axis; otherwise, as in PyTorch, it is the second, after the steps.
        dropout: the probability to drop an output between layers in training.
        bidirectional: whether a second set of weights reads the sequence backwards.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    >>> y, h = RNN(2, 3, batch_first=True, rng=0)(np.zeros((5, 4, 2)))
    >>> y.shape, h.shape
    ((5, 4, 3), (1, 5, 3))
    """

    step, gates = staticmethod(_rnn_step), 1

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        nonlinearity: str = "tanh",
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng=rng, dtype=dtype
        )
        self.options = {"nonlinearity": _known(nonlinearity)}


class LSTM(_Network):
    """Long short-term memory (Hochreiter and Schmidhuber, 1997); arguments are those of :class:`RNN`.

    >>> y, (h, c) = LSTM(2, 3, num_layers=2, rng=0)(np.zeros((4, 5, 2)))
    >>> y.shape, h.shape, c.shape
    ((4, 5, 3), (2, 5, 3), (2, 5, 3))
    """

    step, gates, states = staticmethod(_lstm_step), 4, 2

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
        proj_size: int = 0,
        *,
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        """As for :class:`RNN`; ``proj_size`` is the length to which hidden states are projected, 0 for not at all."""
        if not 0 <= proj_size < hidden_size:
            raise ValueError(f"LSTM: proj_size must be from 0 to hidden_size - 1, not {proj_size}")
        self.proj_size = proj_size
        super().__init__(
            input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, rng=rng, dtype=dtype
        )


class GRU(_Network):
    """Gated recurrent units (Cho et al., 2014); arguments are those of :class:`RNN`."""

    step, gates = staticmethod(_gru_step), 3
