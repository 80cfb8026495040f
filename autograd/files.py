"""Files that are written whole or not at all."""

from autograd.core.files import check_folder, write

__all__ = ["check_folder", "write"]
