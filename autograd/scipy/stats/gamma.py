"""Names of HIPS autograd; see :mod:`autograd.compat.stats.gamma`."""

from autograd.compat.stats.gamma import *
from autograd.compat.stats.gamma import __all__ as __all__
