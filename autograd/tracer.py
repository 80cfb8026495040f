"""Names of HIPS autograd; see :mod:`autograd.compat.tracing`."""

from autograd.compat.tracing import *
from autograd.compat.tracing import __all__ as __all__
from autograd.compat.tracing import __getattr__ as __getattr__
