"""Names of HIPS autograd; see :mod:`autograd.compat.stats`."""

from autograd.scipy.stats import beta, chi2, dirichlet, gamma, multivariate_normal, norm, poisson, t
