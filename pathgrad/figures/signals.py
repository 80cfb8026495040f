"""Figures of the signals in a deep net: activations on the forward pass, gradients on the backward pass."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from itertools import chain
from typing import Any

import numpy as np

from autograd import Value, grad, mean, relu, sigmoid, tanh
from nn.aliases import Initialiser, Random
from nn.init import generator, he, normal, xavier
from pathgrad.figures.canvas import BLUE, GREEN, GREY, RED, Grid, dress, panels, series

__all__ = [
    "RELU_INITIALISERS",
    "SIGMOID_INITIALISERS",
    "activation_histograms",
    "chain_gradients",
    "layer_activations",
    "layer_gradients",
    "relu_histograms",
    "vanishing_gradients",
]

Function = Callable[[Any], Any]

SIGMOID_INITIALISERS: dict[str, Initialiser] = {
    "normal · 1": partial(normal, std=1.0),
    "normal · 0.01": normal,
    "Xavier, 1/√n": xavier,
}
RELU_INITIALISERS: dict[str, Initialiser] = {"normal · 0.01": normal, "Xavier, 1/√n": xavier, "He, √(2/n)": he}
"""The initialisers that the notes compare, for the sigmoid and for ReLU."""


# ---------------------------------------------------------------------------------------------------------------------
# Forward
# ---------------------------------------------------------------------------------------------------------------------


def layer_activations(
    init: Initialiser, activation: Function = sigmoid, layers: int = 5, units: int = 100, rng: Random = 0
) -> list[Grid]:
    """The activations of each layer of an untrained net, for 1,000 samples of normal numbers; the biases are zero.

    Args:
        init: an initialiser of :mod:`nn.init`, or any function of a shape and a generator.
        activation: an elementwise function.
        layers: the number of layers.
        units: the number of inputs, and of neurons in each layer.
        rng: a generator, a seed or ``None``.

    Returns:
        An array of shape ``(1000, units)`` for each layer.
    """
    rng = generator(rng)
    a = rng.normal(size=(1000, units))
    return [a := activation(a @ init((units, units), rng).T) for _ in range(layers)]


def activation_histograms(
    initialisers: Mapping[str, Initialiser] = SIGMOID_INITIALISERS,
    activation: Function = sigmoid,
    layers: int = 5,
    units: int = 100,
    rng: int = 0,
) -> Grid:
    """The distribution of activations in each layer, a row per initialiser (notes: initial values of the weights).

    The default is the sigmoid.  Weights of standard deviation 1 saturate the neurons near 0 or 1, where the slope
    vanishes; with 0.01 all activations are near 1/2, as if each layer had a single neuron; Xavier's 1/√n keeps them
    spread out.

    Args:
        initialisers: the initialisers by name; functions of a shape and a generator.
        activation: an elementwise function.
        layers: the number of layers.
        units: the number of inputs, and of neurons in each layer.
        rng: a seed, the same for all rows.

    Returns:
        An array of axes, of shape ``(len(initialisers), layers)``.
    """
    axes = panels(len(initialisers), layers, size=(2.3, 1.9), sharex=True, sharey=True)
    rows = [layer_activations(init, activation, layers, units, rng) for init in initialisers.values()]
    low, high = np.quantile(rows, [0.001, 0.999])
    edges = np.linspace(math.floor(low), max(math.ceil(high), math.floor(low) + 1), 31)
    for ax, a in zip(axes.flat, chain.from_iterable(rows), strict=True):
        share = np.histogram(np.clip(a, edges[0], edges[-1]), edges)[0] / a.size  # outliers: last bins
        ax.stairs(share, edges, fill=True, color=BLUE)
        ax.text(0.97, 0.95, f"std {a.std():.2g}", transform=ax.transAxes, ha="right", va="top", fontsize=8.5)
        dress(ax, "", "", "", legend=None)
    for i in range(layers):
        axes[0, i].set_title(f"layer {i + 1}", fontsize=11)
        axes[-1, i].set_xlabel("activation")
    for ax, name in zip(axes[:, 0], initialisers, strict=True):
        ax.set_ylabel(f"{name}\nshare")
    return axes


def relu_histograms() -> Grid:
    """The distribution of activations in each layer of ReLUs (notes: initial values of the weights).

    With 0.01 they vanish, with Xavier's 1/√n they shrink from layer to layer, and He's √(2/n) compensates for the half
    that ReLU sets to 0.
    """
    return activation_histograms(RELU_INITIALISERS, relu)


# ---------------------------------------------------------------------------------------------------------------------
# Backward
# ---------------------------------------------------------------------------------------------------------------------


def chain_gradients(activation: Function, depth: int = 10, start: float = 1.0) -> list[float]:
    """The gradients |dhₙ/dh₀| along a chain hₖ = g(hₖ₋₁) without weights, for n = 1 ... depth.

    >>> [round(g, 6) for g in chain_gradients(sigmoid, 3)], chain_gradients(relu, 3)
    ([0.196612, 0.043129, 0.009642], [1.0, 1.0, 1.0])
    """
    h = h0 = Value(start)
    gradients = []
    for _ in range(depth):
        h = activation(h)
        h0.grad = None
        h.backward()
        gradients.append(abs(h0.grad or 0.0))
    return gradients


def layer_gradients(
    activation: Function, init: Initialiser, layers: int = 10, units: int = 50, rng: Random = 0
) -> list[float]:
    """The mean |dL/dW| of each layer of an untrained net, from the first to the last; L is the mean output.

    Args:
        activation: an elementwise function.
        init: an initialiser of :mod:`nn.init`, or any function of a shape and a generator.
        layers: the number of layers.
        units: the number of inputs, and of neurons in each layer.
        rng: a generator, a seed or ``None``.
    """
    rng = generator(rng)
    x = rng.normal(size=(100, units))

    def loss(weights: list[Any]) -> Any:
        a: Any = x
        for w in weights:
            a = activation(a @ w.T)
        return mean(a)

    weights = [init((units, units), rng) for _ in range(layers)]
    return [float(np.mean(abs(gradient))) for gradient in grad(loss)(weights)]


def vanishing_gradients(depth: int = 10, rng: int = 0) -> Grid:
    """Gradients that vanish on the backward pass, layer by layer (notes: the vanishing gradient).

    Each sigmoid multiplies the gradient by a slope of at most 1/4, so that it falls at least like (1/4)ⁿ along a chain
    without weights; tanh, whose slope is 1 at 0, loses less, and ReLU nothing.  The gradients of the weights of a net
    show the same: with the sigmoid, the first layers hardly learn.

    Args:
        depth: the length of the chain, and the number of layers of the net.
        rng: a seed for the weights of the net.

    Returns:
        An array of two axes: the chain, and the net.
    """
    styles: dict[str, tuple[Function, Initialiser, str, str]] = {
        "sigmoid": (sigmoid, xavier, BLUE, "o-"),
        "tanh": (tanh, xavier, GREEN, "s-"),
        "ReLU": (relu, he, RED, "^-"),
    }
    n = np.arange(1, depth + 1)
    axes = series(2)
    axes[0].semilogy(n, 0.25**n, ":", color=GREY, label="(1/4)ⁿ")
    for name, (g, init, colour, style) in styles.items():
        how = "He" if init is he else "Xavier"
        axes[0].semilogy(n, chain_gradients(g, depth), style, color=colour, markersize=4, label=name)
        gradients = layer_gradients(g, init, depth, rng=rng)
        axes[1].semilogy(n, gradients, style, color=colour, markersize=4, label=f"{name}, {how}")
    dress(axes[0], "Chain hₙ = g(hₙ₋₁), h₀ = 1", "n", "|dhₙ/dh₀|, logarithmic")
    dress(axes[1], "Net: gradients of the weights", "layer, counted from the input", "mean |dL/dW|, logarithmic")
    for ax in axes:
        ax.set_xticks(n[:: math.ceil(depth / 10)])
    return axes
