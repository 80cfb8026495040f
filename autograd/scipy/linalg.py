"""Names of HIPS autograd; see :mod:`autograd.compat.linalg`."""

from autograd.compat.linalg import *
from autograd.compat.linalg import __all__ as __all__
