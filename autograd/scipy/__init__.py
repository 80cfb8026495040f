"""Names of HIPS autograd; see :mod:`autograd.compat`."""

from autograd.scipy import integrate, linalg, signal, special, stats
