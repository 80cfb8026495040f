"""Names of HIPS autograd; see :mod:`autograd.compat.stats.dirichlet`."""

from autograd.compat.stats.dirichlet import *
from autograd.compat.stats.dirichlet import __all__ as __all__
