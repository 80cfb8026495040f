"""Names of HIPS autograd; see :mod:`autograd.compat`."""

from autograd.misc.flatten import flatten as flatten
