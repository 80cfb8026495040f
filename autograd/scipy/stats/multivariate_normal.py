"""Names of HIPS autograd; see :mod:`autograd.compat.stats.multivariate_normal`."""

from autograd.compat.stats.multivariate_normal import *
from autograd.compat.stats.multivariate_normal import __all__ as __all__
