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

from sys import modules as _modules
from typing import TYPE_CHECKING as _TYPE_CHECKING
from typing import NoReturn as _NoReturn

import autograd as _autograd

if not hasattr(_autograd, "PRIMITIVES"):
    raise ImportError(
        "nn needs the package autograd of pathgrad, but import autograd finds another one, most likely HIPS autograd: "
        "keep the two in separate environments (pip uninstall autograd pathgrad, then pip install pathgrad)"
    )

from autograd import __version__
from nn import (
    activations,
    alignment,
    clusters,
    data,
    functional,
    init,
    layers,
    losses,
    margins,
    onnx,
    optim,
    optimizers,
    schedules,
    training,
    transformer,
)
from nn.alignment import *
from nn.clusters import *
from nn.layers import *
from nn.losses import *
from nn.margins import *
from nn.module import Module
from nn.neuron import MLP, Layer, Neuron
from nn.perceptron import Perceptron
from nn.training import evaluate, fit, load, save
from nn.transformer import *

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
    "load",
    "onnx",
    "optim",
    "save",
    "training",
]
__all__ += alignment.__all__
__all__ += clusters.__all__
__all__ += layers.__all__
__all__ += losses.__all__
__all__ += margins.__all__
__all__ += transformer.__all__

_FOREIGN = {
    "ModuleDict": "a dict of modules in an attribute does the same",
    "Parameter": "a Tensor in an attribute of a module is a parameter, as in self.weight = autograd.Tensor(...)",
    "ParameterList": "a list of Tensors in an attribute does the same",
    **{
        name: f"it needs scikit-learn, and is imported by itself: from nn.estimators import {name}"
        for name in ("LogisticRegression", "MLPClassifier", "MLPRegressor")
    },
    "estimators": "they need scikit-learn, and are imported by themselves: from nn.estimators import MLPClassifier",
    "utils": "gradients are clipped by nn.optim.clip_grad_norm_",
    **{name: f"write nn.optim.{name}" for name in optim.__all__},
    **{name: f"write nn.functional.{name}" for name in functional.__all__},
    **{name: f"write nn.training.{name}" for name in training.__all__},
    **{name: f"write nn.init.{name}" for name in init.__all__},
}
"""Names that are looked for in ``nn``, and for each a sentence that says where it is or what to write instead."""

if not _TYPE_CHECKING:  # type checkers would take every name for an attribute

    def __getattr__(name: str) -> _NoReturn:
        sentence = f": {_FOREIGN[name]}" if name in _FOREIGN else ""
        raise AttributeError(f"module 'nn' has no attribute {name!r}{sentence}", name=name, obj=_modules[__name__])
