"""Names of HIPS autograd; see :mod:`autograd.compat.stats.norm`."""

from autograd.compat.stats.norm import *
from autograd.compat.stats.norm import __all__ as __all__
