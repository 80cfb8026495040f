"""Names of HIPS autograd; see :mod:`autograd.compat.objects`."""

from autograd.compat.objects import func as func
