"""Names of HIPS autograd; see :mod:`autograd.compat.integrate`."""

from autograd.compat.integrate import *
from autograd.compat.integrate import __all__ as __all__
