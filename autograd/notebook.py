"""How results show themselves outside of Python: in a notebook as text and as tables in HTML, and numbers in JSON."""

from autograd.core.display import bundle, html_table, json_number

__all__ = ["bundle", "html_table", "json_number"]
