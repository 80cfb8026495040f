"""Changes that no interrupt splits, and names that no output takes for commands."""

from autograd.core.escaping import printable
from autograd.core.handover import hand_over, setting

__all__ = ["hand_over", "printable", "setting"]
