"""Names of HIPS autograd; see :mod:`autograd.compat.stats.beta`."""

from autograd.compat.stats.beta import *
from autograd.compat.stats.beta import __all__ as __all__
