"""Training: the loop that fits a model to data.

* :mod:`nn.training.loop`: :func:`fit` and :func:`evaluate`;
* :mod:`nn.training.learner`: the model with its loss and metrics, on one batch;
* :mod:`nn.training.weighting`: the same with weights for samples;
* :mod:`nn.training.shards`: the same in shards of a batch, on several cores or machines;
* :mod:`nn.training.metrics`: :func:`accuracy`;
* :mod:`nn.training.named`: losses, metrics and optimizers by name;
* :mod:`nn.training.history`: the measured numbers, and the state of a training;
* :mod:`nn.training.saving`: :func:`save` and :func:`load` of plain data, such as a ``state_dict``;
* :mod:`nn.training.diagnosis`: the node and the layer where nan first appeared.
"""

from nn.training.history import History, Training
from nn.training.loop import evaluate, fit
from nn.training.metrics import accuracy
from nn.training.saving import load, save

__all__ = ["History", "Training", "accuracy", "evaluate", "fit", "load", "save"]
