"""Names of HIPS autograd; see :mod:`autograd.compat.flattening`."""

from autograd.compat.flattening import *
from autograd.compat.flattening import __all__ as __all__
