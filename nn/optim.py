"""Optimizers and schedules under the name that PyTorch gives them: ``optim.Adam``, ``optim.StepLR``."""

from nn import optimizers, schedules
from nn.optimizers import *  # noqa: F403
from nn.schedules import *  # noqa: F403

__all__ = [*optimizers.__all__, *schedules.__all__]
