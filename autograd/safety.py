"""Many nodes read and changed at once, so that no interrupt splits it; and names that no output takes for commands."""

from autograd.core.escaping import printable
from autograd.core.handover import hand_over, setting
from autograd.core.value import data_of, gradients_of, with_gradient

__all__ = ["data_of", "gradients_of", "hand_over", "printable", "setting", "with_gradient"]
