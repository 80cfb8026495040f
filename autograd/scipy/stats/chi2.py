"""Names of HIPS autograd; see :mod:`autograd.compat.stats.chi2`."""

from autograd.compat.stats.chi2 import *
from autograd.compat.stats.chi2 import __all__ as __all__
