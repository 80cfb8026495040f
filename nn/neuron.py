"""Neurons, layers and multilayer perceptrons of single numbers: the network that the lecture notes draw.

Every weight is a ``Value`` of its own and every neuron two nodes, ``z = w·x + b`` and ``a = g(z)``.  They bear the
notes' names, layer in brackets and neuron below: ``z[1]_2``, ``a[1]_2``, ``b[1]_2``, and ``w[1]_{2,3}`` for the weight
with which neuron 2 of layer 1 takes its third input.  So the picture of the graph is the picture of the network, and
:func:`autograd.paths` writes the chain rule in the notes' symbols.

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
from typing import Any, TypeAlias

import numpy as np

import autograd
from autograd import Tensor, Value, affine
from autograd.core.value import applied
from nn.activations import ELU, GELU, LeakyReLU, ReLU, Sigmoid, SiLU, Softplus, Softsign, Tanh
from nn.init import Initialiser, Random, generator, initial, positive
from nn.layers import Linear, Sequential
from nn.module import Module

__all__ = ["ACTIVATIONS", "MLP", "Layer", "Neuron"]

Activation: TypeAlias = str | Callable[[Any], Any] | None


def identity(z: Any) -> Any:
    """The number as it is: what a neuron without activation gives."""
    return z


ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
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
"""The activations by name."""


def activation_function(activation: Activation) -> Callable[[Any], Any]:
    """An activation by its name, the function itself, or for ``None`` the identity.

    Raises:
        ValueError: if there is no activation of that name.
        TypeError: if it is neither a name nor a function.
    """
    if activation is None:
        return identity
    if callable(activation):
        return activation
    if not isinstance(activation, str):
        raise TypeError(f"an activation is a name or a function, not {activation!r}")
    if activation not in ACTIVATIONS:
        raise ValueError(f"there is no activation {activation!r}: take one of {', '.join(ACTIVATIONS)}, or a function")
    return ACTIVATIONS[activation]


class Neuron(Module):
    """A neuron: the weighted sum of its inputs, ``z = w·x + b``, and of that its activation, ``a = g(z)``.

    Args:
        n_inputs: how many inputs it has.
        activation: a name in :data:`ACTIVATIONS`, a function from :mod:`autograd` or of your own, or ``None``.
        init: how the weights start, see :mod:`nn.init`; the bias starts at zero.
        rng: a generator, a seed or ``None``.
        layer: the number of its layer, for the names.
        node: its own number in the layer, for the names.
        named: whether the nodes bear names.

    Raises:
        ValueError: if an activation or initialiser is unknown, or its weights are not finite.
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
        layer: int | None = None,
        node: int | None = None,
        named: bool = True,
    ) -> None:
        self.activation = activation_function(activation)
        weights = initial(init, positive("n_inputs", n_inputs), rng).tolist()
        self.weights = [Value(w) for w in weights]
        self.bias = Value(0.0)
        self.names: tuple[str, str] | None = None
        if named:
            self._name("" if layer is None else f"[{layer}]", "" if node is None else str(node))

    def _name(self, layer: str, node: str) -> None:
        """Write the notes' names on weights and bias, and remember those of z and a."""
        below = f"_{node}" if node else ""
        for k, w in enumerate(self.weights, 1):
            w.label = f"w{layer}_{{{node},{k}}}" if node else f"w{layer}_{k}"
        self.bias.label = f"b{layer}{below}"
        self.names = f"z{layer}{below}", f"a{layer}{below}"

    def forward(self, inputs: Sequence[Any]) -> Any:
        """The activation of the neuron, a Value.

        Args:
            inputs: numbers and Values.

        Raises:
            ValueError: if there are not as many inputs as weights.
            TypeError: if the activation returns something through which no gradient flows.
        """
        z = affine(self.weights, one_sample(inputs, len(self.weights)), self.bias)
        a = applied(self.activation, z)
        if not isinstance(a, (Value, Tensor)):
            name = name_of(self.activation)
            raise TypeError(
                f"the activation {name} made a Value into {type(a).__name__}, through which no gradient flows: make it "
                f"of functions from autograd"
            )
        if self.names is not None:
            a.label = self.names[1]
            z.label = self.names[0]  # the last word, for without activation both are one node
        return a

    def extra_repr(self) -> str:
        """Inputs and activation."""
        return f"{len(self.weights)}, activation={name_of(self.activation)}"


class Layer(Module):
    """Neurons side by side, which share their inputs; a call returns the list of their activations.

    Args:
        n_inputs: how many inputs each neuron has.
        n_outputs: how many neurons there are.
        activation: as in :class:`Neuron`, and so on.
        init: how the weights start.
        rng: a generator, a seed or ``None``; the neurons draw from it one after the other.
        layer: the number of the layer, for the names.
        named: whether the nodes bear names.

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
        layer: int | None = None,
        named: bool = True,
    ) -> None:
        rng = generator(rng)
        self.neurons = [
            Neuron(n_inputs, activation, init, rng, layer=layer, node=j, named=named)
            for j in range(1, positive("n_outputs", n_outputs) + 1)
        ]

    def forward(self, inputs: Sequence[Any]) -> list[Any]:
        """The activations of all neurons."""
        inputs = one_sample(inputs, len(self.neurons[0].weights))
        return [neuron.forward(inputs) for neuron in self.neurons]

    def __repr__(self) -> str:
        neuron = self.neurons[0]
        return f"Layer({len(neuron.weights)}, {len(self.neurons)}, activation={name_of(neuron.activation)})"


class MLP(Module):
    """A multilayer perceptron: layers one after the other.

    A call takes the numbers or Values of one sample.  It returns a Value, or if the last layer has several neurons a
    list of them.

    Args:
        sizes: the number of inputs, and then of the neurons in each layer, as in ``[2, 16, 16, 1]``.
        activation: of the neurons in all layers but the last; as in :class:`Neuron`.
        output: the activation of the last layer; ``None`` leaves its numbers as they are.
        init: how the weights start, see :mod:`nn.init`; ``"he"`` suits relu.
        rng: a generator, a seed or ``None``.
        named: whether the nodes bear the notes' names.

    Raises:
        ValueError: if there are not at least two sizes, or an activation or initialiser is unknown.
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
        sizes: Sequence[int],
        activation: Activation = "tanh",
        output: Activation = None,
        init: str | Initialiser = "xavier",
        rng: Random = None,
        *,
        named: bool = True,
    ) -> None:
        if not isinstance(sizes, Sequence) or len(sizes) < 2:
            raise ValueError(f"MLP takes the sizes of inputs and layers in one list, as in [2, 16, 1], not {sizes!r}")
        rng = generator(rng)
        last = len(sizes) - 1
        self.layers = [
            Layer(sizes[i - 1], sizes[i], output if i == last else activation, init, rng, layer=i, named=named)
            for i in range(1, last + 1)
        ]

    def forward(self, inputs: Sequence[Any]) -> Any:
        """The output for one sample."""
        values = inputs
        for layer in self.layers:
            values = layer(values)
        return values[0] if len(values) == 1 else values

    def vectorize(self) -> Sequential:
        """The same network of arrays, with copies of the weights: the notes' "vectorizing".

        It takes many samples at once, a row for each, and shares nothing with this one but the numbers.  An activation
        of your own must therefore take arrays as well.

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
        >>> abs(float(net.vectorize()([[0.5, -0.5]])) - float(net([0.5, -0.5]))) < 1e-12
        True
        """
        modules: list[Module] = []
        for layer in self.layers:
            linear = Linear(len(layer.neurons[0].weights), len(layer.neurons), init="zeros")
            weight = [[w.data for w in neuron.weights] for neuron in layer.neurons]
            linear.load_state_dict({"weight": weight, "bias": [neuron.bias.data for neuron in layer.neurons]})
            modules += [linear, *_activation_module(layer)]
        return Sequential(*modules)


_MODULES: dict[Callable[[Any], Any], Callable[[], Module]] = {
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
"""The module for each function."""


class Elementwise(Module):
    """A function of your own as a module."""

    def __init__(self, function: Callable[[Any], Any]) -> None:
        self.function = function

    def forward(self, input: Any) -> Any:
        """What the function makes of an array."""
        return self.function(input)

    def extra_repr(self) -> str:
        """Its name."""
        return name_of(self.function)


def _activation_module(layer: Layer) -> list[Module]:
    """What all neurons of a layer do with z, as a module; none for the identity."""
    activations = {neuron.activation for neuron in layer.neurons}
    if len(activations) > 1:
        names = ", ".join(sorted(map(name_of, activations)))
        raise ValueError(f"neurons of one layer with different activations, {names}, are no layer of arrays")
    (activation,) = activations
    if activation is identity:
        return []
    if isinstance(activation, Module):
        return [deepcopy(activation)]
    return [_MODULES[activation]() if activation in _MODULES else Elementwise(activation)]


# ---------------------------------------------------------------------------------------------------------------------
# Clear errors
# ---------------------------------------------------------------------------------------------------------------------


def one_sample(inputs: Sequence[Any], n: int) -> tuple[Any, ...]:
    """The inputs of one sample, of which there must be n."""
    if type(inputs) is tuple and len(inputs) == n:
        return inputs
    if getattr(inputs, "ndim", 1) != 1:
        raise ValueError(f"a neuron takes one sample at a time, not an array of shape {np.shape(inputs)}")
    try:
        inputs = tuple(inputs)
    except TypeError:
        raise TypeError(f"a neuron takes a sequence of numbers, not {type(inputs).__name__}") from None
    if len(inputs) != n:
        raise ValueError(f"a neuron with {n} inputs got {len(inputs)} numbers")
    return inputs


def name_of(function: Callable[[Any], Any]) -> str:
    """What an activation is called."""
    return str(getattr(function, "name", None) or getattr(function, "__name__", function))
