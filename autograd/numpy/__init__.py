"""``import autograd.numpy as np``, as programs written for HIPS autograd do: NumPy's own functions, and a few of ours."""

from numpy import *

from autograd.compat.numpy_functions import *  # type: ignore[no-redef, assignment]
from autograd.numpy import fft, linalg, random  # type: ignore[no-redef]
