"""Training: the loop that fits a model, and what it measures, checks and saves."""

from nn.training.history import History, Training
from nn.training.loop import accuracy, evaluate, fit
from nn.training.saving import load, save

__all__ = ["History", "Training", "accuracy", "evaluate", "fit", "load", "save"]
