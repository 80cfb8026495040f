"""The figures of the lecture notes: functions that return Matplotlib axes (``pip install "pathgrad[plot]"``).

Everything they show is computed by the engine: slopes by the backward sweep, descents by :mod:`nn.optimizers`.  The
numbers are also available without the figures, from the functions in the same modules.

>>> axes = simple_network(steps=64)
>>> w1, w2 = axes[0].get_lines()[0].get_xydata()[-1]
>>> round(float(w1), 4), round(float(w2), 4)
(1.0984, 1.3271)

:data:`FIGURES` contains all of them by name, and :func:`save` writes them to files.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pathgrad.figures import boundaries, canvas, curves, descents, fits, likelihoods, networks, signals
from pathgrad.figures.boundaries import *
from pathgrad.figures.canvas import panels, save
from pathgrad.figures.curves import *
from pathgrad.figures.descents import *
from pathgrad.figures.fits import *
from pathgrad.figures.likelihoods import *
from pathgrad.figures.networks import *
from pathgrad.figures.signals import *

__all__ = ["FIGURES", "panels", "save"]
for _module in (curves, descents, signals, boundaries, fits, likelihoods, networks):
    __all__ += _module.__all__
__all__ = sorted(__all__)


FIGURES: dict[str, Callable[[], Any]] = {
    "difference-errors": curves.difference_errors,
    "difference-orders": curves.difference_orders,
    "tangent": curves.tangent,
    "directional-derivative": descents.directional_derivative,
    "learning-rates": descents.learning_rates,
    "local-minimum": descents.local_minimum,
    "optimizers": descents.optimizers,
    "bowl-momentum": descents.bowl_momentum,
    "bowl-adagrad": descents.bowl_adagrad,
    "bowl-rmsprop": descents.bowl_rmsprop,
    "bowl-adam": descents.bowl_adam,
    "adam-bias-correction": descents.adam_bias_correction,
    "gates": boundaries.gates,
    "perceptron": boundaries.perceptron_steps,
    "margin": boundaries.margin,
    "planes": networks.planes,
    "activations": curves.activations,
    "relu-approximation": curves.relu_approximation,
    "likelihood": likelihoods.likelihood,
    "bayes-sigmoid": likelihoods.bayes_sigmoid,
    "cross-entropy": curves.cross_entropy,
    "line-fit": fits.line_fit,
    "logistic-regression": boundaries.logistic_regression,
    "decision-boundary": boundaries.trained_boundary,
    "simple-network": descents.simple_network,
    "networks": networks.network_diagrams,
    "vanishing-gradients": signals.vanishing_gradients,
    "initialisers-sigmoid": signals.activation_histograms,
    "initialisers-relu": signals.relu_histograms,
    "overfitting": fits.overfitting,
    "weight-decay": fits.weight_decay,
    "dropout": networks.dropout,
    "batch-norm": descents.batch_norm,
    "digit": likelihoods.digit,
    "batch-sizes": fits.batch_sizes,
}
"""The figures by name; each function draws its figure without arguments."""
