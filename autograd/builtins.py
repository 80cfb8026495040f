"""Names of HIPS autograd; see :mod:`autograd.compat.containers`."""

from autograd.compat.containers import *
from autograd.compat.containers import __all__ as __all__
