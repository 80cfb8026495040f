"""Property-based tests of derivatives: checks of primitives and functions, and strategies for Hypothesis."""

from autograd.checks.primitives import *
from autograd.checks.primitives import __all__ as __all__
