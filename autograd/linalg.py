"""Linear algebra under the names of ``numpy.linalg``, for arrays and Tensors."""

from autograd.arrays.linear_algebra import *
from autograd.arrays.linear_algebra import __all__ as __all__
