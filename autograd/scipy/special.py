"""Names of HIPS autograd; see :mod:`autograd.compat.special`."""

from autograd.compat.special import *
from autograd.compat.special import __all__ as __all__
