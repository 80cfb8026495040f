"""Names of HIPS autograd; see :mod:`autograd.compat.checking`."""

from autograd.compat.checking import *
from autograd.compat.checking import __all__ as __all__
