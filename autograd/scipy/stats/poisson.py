"""Names of HIPS autograd; see :mod:`autograd.compat.stats.poisson`."""

from autograd.compat.stats.poisson import *
from autograd.compat.stats.poisson import __all__ as __all__
