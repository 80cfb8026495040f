"""Names of HIPS autograd; see :mod:`autograd.compat.optimizers`."""

from autograd.compat.optimizers import *
from autograd.compat.optimizers import __all__ as __all__
