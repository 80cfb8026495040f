"""NumPy's Fourier transforms; they raise ``NotImplementedError`` for Tensors, which hold real numbers."""

from numpy.fft import *
