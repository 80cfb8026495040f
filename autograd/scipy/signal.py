"""Names of HIPS autograd; see :mod:`autograd.compat.signal`."""

from autograd.compat.signal import *
from autograd.compat.signal import __all__ as __all__
