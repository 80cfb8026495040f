"""Names of HIPS autograd; see :mod:`autograd.compat.stats.t`."""

from autograd.compat.stats.t import *
from autograd.compat.stats.t import __all__ as __all__
