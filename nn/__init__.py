"""Neurons, layers, losses and optimizers: a thin layer on :mod:`autograd`, under PyTorch's names.

Use :class:`MLP` for a network of single numbers, whose graph can be drawn, and :class:`Sequential` with layers for a
network of arrays.

>>> from autograd import Tensor
>>> from nn import MLP, Linear, Sequential, Tanh, functional, optim
>>> len(MLP([2, 3, 1], rng=0).parameters())
13
>>> model = Sequential(Linear(2, 3, rng=0), Tanh(), Linear(3, 1, rng=1))
>>> loss = functional.mse_loss(model(Tensor([[1.0, 2.0]])), [[0.5]])
>>> loss.backward()
>>> optim.SGD(model.parameters(), lr=0.1).step()
>>> bool(functional.mse_loss(model(Tensor([[1.0, 2.0]])), [[0.5]]) < loss)
True
"""

from nn import activations, data, functional, init, layers, losses, optim, optimizers, schedules, training
from nn.layers import *
from nn.losses import *
from nn.module import Module
from nn.neuron import MLP, Layer, Neuron
from nn.perceptron import Perceptron
from nn.training import evaluate, fit

__all__ = [
    "MLP",
    "Layer",
    "Module",
    "Neuron",
    "Perceptron",
    "data",
    "evaluate",
    "fit",
    "functional",
    "init",
    "optim",
    "training",
]
__all__ += layers.__all__
__all__ += losses.__all__
