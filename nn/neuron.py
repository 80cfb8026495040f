"""Neurons, layers and multilayer perceptrons of single numbers: the network that the lecture notes draw.

Every weight is a ``Value``, and every neuron is two nodes, ``z = w·x + b`` and ``a = g(z)``.  They carry the notes'
names, with the layer in brackets and the neuron as a subscript: ``z[1]_2``, ``a[1]_2``, ``b[1]_2``, and ``w[1]_{2,3}``
for the weight of the third input of neuron 2 in layer 1.  The picture of the graph is therefore the picture of the
network, and :func:`autograd.paths` writes the chain rule in the notes' symbols.

>>> from autograd import paths
>>> net = MLP([2, 2, 1], rng=0)
>>> y = net([1.0, -2.0])
>>> print(*paths(y, net.layers[0].neurons[1].bias), sep="\\n")
b[1]_2 → z[1]_2 → a[1]_2 → z[2]_1
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from functools import partial
from itertools import pairwise
from typing import Any, TypeAlias, TypeVar

import numpy as np

import autograd
from autograd import Primitive, Tensor, Value, affine, dot
from autograd.notebook import diagram
from nn.activations import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Softsign, Tanh
from nn.aliases import Array, Initialiser, Numbers, Random
from nn.init import check_memory, generator, initial, positive
from nn.layers import Linear, Sequential
from nn.module import Module, in_a_row

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Neuron"]

Function: TypeAlias = Callable[[Any], Any]
Activation: TypeAlias = str | Function | None
Input: TypeAlias = float | Value
Sample: TypeAlias = Sequence[Input] | Array
X = TypeVar("X")

_SIZE = 200  # bytes of a parameter, with its label
_DRAWN, _WRITTEN = 120, 40  # weights that a notebook draws as arrows, and those that it writes beside them


def identity(z: X) -> X:
    """The number itself: the activation of a neuron without one."""
    return z


ACTIVATIONS: dict[str, Function] = {
    "identity": identity,
    "sigmoid": autograd.sigmoid,
    "tanh": autograd.tanh,
    "relu": autograd.relu,
    "leaky_relu": autograd.leaky_relu,
    "elu": autograd.elu,
    "softplus": autograd.softplus,
    "softsign": autograd.softsign,
    "silu": autograd.silu,
    "gelu": autograd.gelu,
}
"""All activations by name."""


def activation_function(activation: Activation) -> Function:
    """The activation function for a name, for a function (itself) or for ``None`` (the identity).

    Raises:
        ValueError: if the name is unknown.
        TypeError: if ``activation`` is neither a name, nor a function, nor ``None``.
    """
    if activation is None:
        return identity
    if callable(activation):
        return activation
    if not isinstance(activation, str):
        raise TypeError(f"an activation must be a name or a function, not {activation!r}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"there is no activation {activation!r}: use one of {', '.join(ACTIVATIONS)}, or a function")
    return ACTIVATIONS[activation]


class Neuron(Module):
    """A neuron: the weighted sum of its inputs, ``z = w·x + b``, and its activation, ``a = g(z)``.

    Args:
        n_inputs: the number of inputs.
        activation: a name in :data:`ACTIVATIONS`, a function from :mod:`autograd` or of your own, or ``None``.
        init: the initialiser of the weights, see :mod:`nn.init`; the bias starts at zero.
        rng: a generator, a seed or ``None``.
        bias: whether to add a bias; without one ``bias`` is ``None`` and ``z = w·x``.
        layer: the number of the layer, for the names.
        node: the number of the neuron in the layer, for the names.
        named: whether to name the nodes.

    Raises:
        ValueError: if the activation or initialiser is unknown, or the initial weights are not finite.
        TypeError: if the number of inputs is not a positive whole number.

    >>> neuron = Neuron(2, "sigmoid", init="zeros")
    >>> neuron.bias.data = 3.0
    >>> print(neuron([1.0, 2.0]).tree())
    a = 0.95257  [σ]  no grad yet
    └─ 0.045177 ─ z = 3  [w·x + b]  no grad yet
       ├─ 1 ─ w_1 = 0  no grad yet
       ├─ 2 ─ w_2 = 0  no grad yet
       ├─ constant 1
       ├─ constant 2
       └─ 1 ─ b = 3  no grad yet
    """

    def __init__(
        self,
        n_inputs: int,
        activation: Activation = "tanh",
        init: str | Initialiser = "xavier",
        rng: Random = None,
        *,
        bias: bool = True,
        layer: int | None = None,
        node: int | None = None,
        named: bool = True,
    ) -> None:
        self.activation = activation_function(activation)
        weights = initial(init, positive("n_inputs", n_inputs), rng).tolist()
        self.weights = [Value(w) for w in weights]
        self.bias = Value(0.0) if bias else None
        self.names: tuple[str, str] | None = None
        if named:
            self._name("" if layer is None else f"[{layer}]", "" if node is None else str(node))

    def _name(self, layer: str, node: str) -> None:
        """Label the weights and the bias with the notes' names, and remember the names of z and a."""
        below = f"_{node}" if node else ""
        for k, w in enumerate(self.weights, 1):
            w.label = f"w{layer}_{{{node},{k}}}" if node else f"w{layer}_{k}"
        if self.bias is not None:
            self.bias.label = f"b{layer}{below}"
        self.names = f"z{layer}{below}", f"a{layer}{below}"

    def forward(self, inputs: Sample) -> Value:
        """The activation of the neuron, a Value.

        Args:
            inputs: numbers and Values.

        Raises:
            ValueError: if the number of inputs is not the number of weights.
            TypeError: if the activation does not return a node.
        """
        inputs = one_sample(inputs, len(self.weights))
        z = dot(self.weights, inputs) if self.bias is None else affine(self.weights, inputs, self.bias)
        g = self.activation
        if isinstance(g, Primitive):  # its method, if it has one, skips the dispatch on the kind of operand
            g = g.methods.get(type(z), g)
        a: Value = g(z)
        if not isinstance(a, (Value, Tensor)):
            name = name_of(self.activation)
            raise TypeError(
                f"the activation {name} turned a Value into {type(a).__name__}, so no gradient flows: "
                f"use functions from autograd in it"
            )
        if self.names is not None:
            a.label = self.names[1]
            z.label = self.names[0]  # last, because without an activation both names refer to the same node
        return a

    def extra_repr(self) -> str:
        """The number of inputs and the activation."""
        return f"{len(self.weights)}, activation={name_of(self.activation)}"


class Layer(Module):
    """Neurons that share their inputs; a call returns the list of their activations.

    Args:
        n_inputs: the number of inputs of each neuron.
        n_outputs: the number of neurons.
        activation: the activation of all neurons, as in :class:`Neuron`.
        init: the initialiser of the weights.
        rng: a generator, a seed or ``None``; the neurons draw from it in order.
        bias: whether the neurons have a bias.
        layer: the number of the layer, for the names.
        named: whether to name the nodes.

    >>> layer = Layer(2, 3, "relu", init="zeros")
    >>> layer
    Layer(2, 3, activation=relu)
    >>> [a.label for a in layer([1.0, 2.0])]
    ['a_1', 'a_2', 'a_3']
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: Activation = "tanh",
        init: str | Initialiser = "xavier",
        rng: Random = None,
        *,
        bias: bool = True,
        layer: int | None = None,
        named: bool = True,
    ) -> None:
        rng = generator(rng)
        self.neurons = [
            Neuron(n_inputs, activation, init, rng, bias=bias, layer=layer, node=j, named=named)
            for j in range(1, positive("n_outputs", n_outputs) + 1)
        ]

    def forward(self, inputs: Sample) -> list[Value]:
        """The activations of all neurons."""
        inputs = one_sample(inputs, len(self.neurons[0].weights))
        return [neuron.forward(inputs) for neuron in self.neurons]

    def __repr__(self) -> str:
        neuron = self.neurons[0]
        return f"Layer({len(neuron.weights)}, {len(self.neurons)}, activation={name_of(neuron.activation)})"


class MLP(Module):
    """A multilayer perceptron: layers in a row, each fed with the outputs of the one before.

    A call takes the numbers or Values of one sample.  It returns a Value, or a list of Values if the last layer has
    several neurons.

    Args:
        sizes: the number of inputs, then the number of neurons in each layer, as in ``[2, 16, 16, 1]``.
        neurons: the numbers of neurons, if ``sizes`` is the number of inputs alone: micrograd's
            ``MLP(2, [16, 16, 1])``.
        activation: the activation of all layers but the last, as in :class:`Neuron`.
        output: the activation of the last layer; ``None`` for the identity.
        init: the initialiser of the weights, see :mod:`nn.init`; ``"he"`` suits relu.
        rng: a generator, a seed or ``None``.
        bias: whether the neurons have a bias.
        named: whether to label the nodes with the notes' names.

    Raises:
        ValueError: if there are fewer than two sizes, or an activation or initialiser is unknown.
        TypeError: if a size is not a positive whole number.

    >>> net = MLP([2, 3, 1], activation="relu", output="sigmoid", init="he", rng=0)
    >>> net
    MLP(
      (layers.0): Layer(2, 3, activation=relu)
      (layers.1): Layer(3, 1, activation=sigmoid)
    )
    >>> y = net([0.5, -0.5])
    >>> y.label, len(net.parameters())
    ('a[2]_1', 13)
    """

    def __init__(
        self,
        sizes: Sequence[int] | int,
        *neurons: Sequence[int],
        activation: Activation = "tanh",
        output: Activation = None,
        init: str | Initialiser = "xavier",
        rng: Random = None,
        bias: bool = True,
        named: bool = True,
    ) -> None:
        if isinstance(sizes, int) and len(neurons) == 1 and not isinstance(neurons[0], (int, str)):
            sizes, neurons = [sizes, *neurons[0]], ()
        if neurons or not isinstance(sizes, Sequence) or len(sizes) < 2:
            raise ValueError(
                "MLP takes the sizes of inputs and layers in one list, as in [2, 16, 1], not "
                f"{', '.join(map(repr, [sizes, *neurons]))}; name all other arguments, as in activation='relu'"
            )
        sizes = [positive("a size", size) for size in sizes]
        check_memory("an MLP of these sizes", sum(n * (m + 1) for m, n in pairwise(sizes)), _SIZE)
        rng = generator(rng)
        last = len(sizes) - 1
        self.layers = [
            Layer(
                sizes[i - 1], sizes[i], output if i == last else activation, init, rng, bias=bias, layer=i, named=named
            )
            for i in range(1, last + 1)
        ]

    def forward(self, inputs: Sample) -> Value | list[Value]:
        """The output for one sample."""
        first, *others = self.layers
        outputs: list[Value] = first(inputs)
        for layer in others:
            outputs = layer(outputs)
        return outputs[0] if len(outputs) == 1 else outputs

    def _drawn(self) -> str:
        """The neurons in columns, and the weights on the arrows between them; of a large network, its layers."""
        sizes = [len(self.layers[0].neurons[0].weights), *(len(layer.neurons) for layer in self.layers)]
        weights = sum(m * n for m, n in pairwise(sizes))
        if weights > _DRAWN:
            boxes = {"0": ["inputs", f"{sizes[0]:,}"]}
            for i, (layer, size) in enumerate(zip(self.layers, sizes[1:], strict=True), 1):
                boxes[str(i)] = [f"layer {i}", f"{size:,} × {name_of(layer.neurons[0].activation)}"]
            return in_a_row(boxes, f"{len(self.layers)} layers")
        columns = [[f"x_{k}" for k in range(1, sizes[0] + 1)]]
        arrows = []
        for i, layer in enumerate(self.layers, 1):
            columns.append([f"a[{i}]_{j}" for j in range(1, len(layer.neurons) + 1)])
            for head, neuron in zip(columns[i], layer.neurons, strict=True):
                for tail, weight in zip(columns[i - 1], neuron.weights, strict=True):
                    arrows.append((tail, head, f"{weight.data:.3g}" if weights <= _WRITTEN else ""))
        return diagram({key: [key] for column in columns for key in column}, arrows, columns, "the neurons and weights")

    def vectorize(self) -> Sequential:
        """The same network as one of arrays, with copies of the weights: the notes' "vectorizing".

        It takes many samples at once, one in each row, and shares no parameters with this network.  An activation of
        your own must work on arrays as well.

        Raises:
            ValueError: if the neurons of a layer have different activations.

        >>> net = MLP([2, 3, 1], output="sigmoid", rng=0)
        >>> net.vectorize()
        Sequential(
          (0): Linear(in_features=2, out_features=3, bias=True)
          (1): Tanh()
          (2): Linear(in_features=3, out_features=1, bias=True)
          (3): Sigmoid()
        )
        >>> abs(net.vectorize()([[0.5, -0.5]]).item() - net([0.5, -0.5]).item()) < 1e-12
        True
        """
        modules: list[Module] = []
        for layer in self.layers:
            biases = [neuron.bias.data for neuron in layer.neurons if neuron.bias is not None]
            linear = Linear(len(layer.neurons[0].weights), len(layer.neurons), bool(biases), init="zeros")
            weight = [[w.data for w in neuron.weights] for neuron in layer.neurons]
            linear.load_state_dict({"weight": weight, **({"bias": biases} if biases else {})})
            modules += [linear, *_activation_module(layer)]
        return Sequential(*modules)


_MODULES: dict[Function, Callable[[], Module]] = {
    autograd.sigmoid: Sigmoid,
    autograd.tanh: Tanh,
    autograd.relu: ReLU,
    autograd.leaky_relu: LeakyReLU,
    autograd.elu: ELU,
    autograd.softplus: partial(Softplus, threshold=math.inf),
    autograd.softsign: Softsign,
    autograd.silu: SiLU,
    autograd.gelu: GELU,
}
"""The module for each activation function."""


class Elementwise(Module):
    """A function of your own as a module."""

    def __init__(self, function: Function) -> None:
        self.function = function

    def forward(self, input: Numbers) -> Any:
        """The function of an array."""
        return self.function(input)

    def extra_repr(self) -> str:
        """The name of the function."""
        return name_of(self.function)


def _activation_module(layer: Layer) -> list[Module]:
    """The activation of a layer as a list of one module; an empty list for the identity."""
    activations = {neuron.activation for neuron in layer.neurons}
    if len(activations) > 1:
        names = ", ".join(sorted(map(name_of, activations)))
        raise ValueError(f"cannot vectorize: the neurons of a layer have different activations, {names}")
    (activation,) = activations
    if activation is identity:
        return []
    if isinstance(activation, Module):
        return [deepcopy(activation)]
    return [_MODULES[activation]() if activation in _MODULES else Elementwise(activation)]


# ---------------------------------------------------------------------------------------------------------------------
# Inputs and names
# ---------------------------------------------------------------------------------------------------------------------


def one_sample(inputs: Any, n: int) -> tuple[Input, ...]:
    """The inputs of one sample as a tuple of length n."""
    sample: tuple[Input, ...]
    if type(inputs) is tuple and len(inputs) == n:
        sample = inputs
        return sample
    if getattr(inputs, "ndim", 1) > 1:
        raise ValueError(f"a neuron takes one sample at a time, not an array of shape {np.shape(inputs)}")
    try:
        sample = tuple(inputs)
    except TypeError:
        raise TypeError(f"a neuron takes a sequence of numbers, not {type(inputs).__name__}") from None
    if len(sample) != n:
        raise ValueError(f"a neuron with {n} inputs got {len(sample)} numbers")
    return sample


def name_of(function: Function) -> str:
    """The name of an activation."""
    return str(getattr(function, "name", None) or getattr(function, "__name__", function))
