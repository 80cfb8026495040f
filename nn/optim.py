"""Optimizers and schedules under the name that PyTorch gives them: ``optim.Adam``, ``optim.StepLR``."""

from nn import adaptive, factored, lbfgs, optimizers, schedules
from nn.adaptive import *  # noqa: F403
from nn.factored import *  # noqa: F403
from nn.lbfgs import *  # noqa: F403
from nn.optimizers import *  # noqa: F403
from nn.schedules import *  # noqa: F403

__all__ = [*optimizers.__all__, *adaptive.__all__, *factored.__all__, *lbfgs.__all__, *schedules.__all__]
