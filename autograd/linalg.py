"""Linear algebra under the names of ``numpy.linalg``, for arrays and Tensors, and more that ``scipy.linalg`` has."""

from autograd.arrays import linear_algebra, matrix_equations, matrix_functions
from autograd.arrays.linear_algebra import *
from autograd.arrays.matrix_equations import *
from autograd.arrays.matrix_functions import *

__all__ = []
__all__ += linear_algebra.__all__
__all__ += matrix_functions.__all__
__all__ += matrix_equations.__all__
