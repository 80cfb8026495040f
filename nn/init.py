"""Initial weights: zeros, small normal numbers, and the rules of Xavier and He.

An initialiser is a function of a shape and a random generator that returns an array.  The shape is that of the weights
of a layer, ``(out, in)``, or the number of weights of a single neuron.  The rules of Xavier and He depend on ``n``, the
number of inputs of a neuron.

Every random function in this package takes ``rng``: a NumPy generator, a seed, or ``None`` for a new generator every
time.  Passing one generator from call to call makes a whole experiment repeatable.

>>> rng = generator(0)
>>> he((3, 2), rng).shape, xavier(100, rng).shape
((3, 2), (100,))
"""

from __future__ import annotations

import math
import os
from decimal import Decimal

import numpy as np

from nn.aliases import Array, Initialiser, Random, Shape

__all__ = [
    "INITIALISERS",
    "check_memory",
    "fan_in",
    "generator",
    "he",
    "initial",
    "normal",
    "positive",
    "uniform",
    "xavier",
    "zeros",
]


def generator(rng: Random = None) -> np.random.Generator:
    """The generator itself, or a new one made from a seed.

    Raises:
        TypeError: if ``rng`` is neither a generator, nor a whole number, nor ``None``.
        ValueError: if the seed is negative.

    >>> int(generator(7).integers(100)) == int(generator(7).integers(100))
    True
    """
    if isinstance(rng, np.random.Generator):
        return rng
    if rng is not None and (isinstance(rng, bool) or not isinstance(rng, (int, np.integer))):
        raise TypeError(f"rng must be a NumPy generator, a whole number as a seed, or None, not {rng!r}")
    if rng is not None and rng < 0:
        raise ValueError(f"a seed must not be negative, but this one is {rng}")
    return np.random.default_rng(rng)


def zeros(shape: Shape, rng: Random = None) -> Array:
    """Zeros: right for biases, wrong for weights.

    Neurons that start equal get the same inputs and the same gradients, and stay equal: a layer of them learns no more
    than a single neuron.

    >>> from nn.neuron import MLP
    >>> net = MLP([2, 2, 1], activation="sigmoid", init="zeros")
    >>> for step in range(100):
    ...     net.zero_grad()
    ...     ((net([1.0, 2.0]) - 0.3) ** 2).backward()
    ...     for p in net.parameters():
    ...         p.data -= 0.5 * p.grad
    >>> first, second = net.layers[0].neurons
    >>> first.state_dict() == second.state_dict() and first.bias != 0.0
    True
    """
    return np.zeros(shape)


def normal(shape: Shape, rng: Random = None, std: float = 0.01) -> Array:
    """Normal numbers around 0, so small that no neuron saturates; deep nets need :func:`xavier` or :func:`he`.

    Args:
        shape: the shape of the weights.
        rng: a generator, a seed or ``None``.
        std: the standard deviation.
    """
    return generator(rng).normal(0.0, std, shape)


def xavier(shape: Shape, rng: Random = None) -> Array:
    """Normal numbers with the standard deviation 1/√n, where n is the number of inputs.

    The sum of n inputs then has the variance of one input: the choice for sigmoid and tanh (Glorot and Bengio, 2010).

    >>> round(float(xavier((1000, 100), rng=0).std()), 2)
    0.1
    """
    return normal(shape, rng, 1.0 / math.sqrt(fan_in(shape)))


def he(shape: Shape, rng: Random = None) -> Array:
    """Normal numbers with the standard deviation √(2/n), where n is the number of inputs.

    The 2 compensates for relu, which sets half of them to 0 (He et al., 2015).

    >>> round(float(he((1000, 100), rng=0).std()), 2)
    0.14
    """
    return normal(shape, rng, math.sqrt(2.0 / fan_in(shape)))


def uniform(shape: Shape, rng: Random = None) -> Array:
    """Uniform numbers between -1/√n and 1/√n, where n is the number of inputs, as in PyTorch's layers."""
    bound = 1.0 / math.sqrt(fan_in(shape))
    return generator(rng).uniform(-bound, bound, shape)


def fan_in(shape: Shape) -> int:
    """The number of inputs of each neuron: the product of all axes of the weights but the first, or the only axis.

    >>> fan_in(5), fan_in((3, 2)), fan_in((8, 3, 5, 5))
    (5, 2, 75)
    """
    axes = (shape,) if isinstance(shape, int) else shape
    return max(1, math.prod(axes[1:] or axes))


INITIALISERS: dict[str, Initialiser] = {f.__name__: f for f in (zeros, normal, xavier, he, uniform)}
"""The initialisers by name."""


def initial(init: str | Initialiser, shape: Shape, rng: Random = None) -> Array:
    """Initial weights from one of the initialisers of this module, by name, or from a function of your own.

    Args:
        init: a name in :data:`INITIALISERS`, or a function of a shape and a generator.
        shape: the shape of the weights.
        rng: a generator, a seed or ``None``.

    Raises:
        ValueError: if there is no initialiser of that name, or the weights have the wrong shape or are not finite.

    >>> initial("zeros", (2, 1)).tolist()
    [[0.0], [0.0]]
    >>> initial(lambda shape, rng: rng.uniform(-1, 1, shape), 3, rng=0).shape
    (3,)
    """
    name = init if isinstance(init, str) else getattr(init, "__name__", repr(init))
    if name not in INITIALISERS and not callable(init):
        raise ValueError(f"there is no initialiser {name!r}: use one of {', '.join(INITIALISERS)}, or a function")
    function = init if callable(init) else INITIALISERS[name]
    weights = np.asarray(function(shape, generator(rng)), float)
    expected = (shape,) if isinstance(shape, int) else tuple(shape)
    if weights.shape != expected:
        raise ValueError(f"the initialiser {name} returned weights of shape {weights.shape}, not {expected}")
    if not np.isfinite(weights).all():
        raise ValueError(f"the initialiser {name} returned weights that are not finite")
    return weights


def check_memory(what: str, numbers: int, size: int) -> None:
    """Check that so many numbers of ``size`` bytes fit into the memory of this machine, before any is made.

    Raises:
        ValueError: if they do not.

    >>> check_memory("an MLP of these sizes", 10**30, 8)
    Traceback (most recent call last):
    ValueError: an MLP of these sizes has 1.000e+30 parameters, for 8.000e+21 GB: this machine has ... GB of memory
    """
    try:
        present = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):  # where that cannot be asked: what a processor can address
        present = 2**47
    if numbers * size > present:
        raise ValueError(
            f"{what} has {Decimal(numbers):.4g} parameters, for {Decimal(numbers * size) / 10**9:.4g} GB: this "
            f"machine has {present / 1e9:.4g} GB of memory"
        )


def positive(name: str, n: int) -> int:
    """The number n, checked to be a positive whole number; ``name`` is its name in the error.

    Raises:
        TypeError: if it is anything else.

    >>> positive("n_inputs", 3)
    3
    """
    if isinstance(n, bool) or not isinstance(n, (int, np.integer)) or n < 1:
        raise TypeError(f"{name} must be a positive whole number, not {n!r}")
    return int(n)
