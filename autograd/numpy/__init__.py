"""``import autograd.numpy as np``, as programs written for HIPS autograd do: NumPy's functions, and a few of ours."""

from numpy import *

import autograd.numpy.fft as fft  # type: ignore[no-redef]
import autograd.numpy.linalg as linalg  # type: ignore[no-redef]
import autograd.numpy.random as random  # type: ignore[no-redef]
from autograd.compat.numpy_functions import *  # type: ignore[no-redef, assignment]
