"""Names of HIPS autograd; see :mod:`autograd.compat.declaring`."""

from autograd.compat.declaring import *
from autograd.compat.declaring import __all__ as __all__
from autograd.compat.declaring import __getattr__ as __getattr__
