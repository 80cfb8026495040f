"""Names of HIPS autograd; see :mod:`autograd.compat.tracing`."""

from autograd.compat.tracing import *
from autograd.compat.tracing import __all__ as __all__
