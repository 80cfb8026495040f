"""Files that are written whole or not at all, and changes that are made whole or not at all."""

from autograd.core.files import check_writable, write
from autograd.core.handover import hand_over, setting

__all__ = ["check_writable", "hand_over", "setting", "write"]
