"""The table of calculus: every scalar primitive under its name."""

from autograd.core import rules, special
from autograd.core.rules import *
from autograd.core.special import *

__all__ = rules.__all__ + special.__all__
