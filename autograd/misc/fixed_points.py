"""Names of HIPS autograd; see :mod:`autograd.compat.fixed_points`."""

from autograd.compat.fixed_points import *
from autograd.compat.fixed_points import __all__ as __all__
