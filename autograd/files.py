"""Files that are written whole or not at all."""

from autograd.core.files import check_writable, write

__all__ = ["check_writable", "write"]
