"""How results show themselves in a notebook: as text, and as tables in HTML."""

from autograd.core.display import bundle, html_table

__all__ = ["bundle", "html_table"]
