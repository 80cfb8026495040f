"""How results show themselves outside of Python: in a notebook as text, tables and pictures, and numbers in JSON."""

from autograd.core.display import bundle, chart, diagram, html_table, json_number

__all__ = ["bundle", "chart", "diagram", "html_table", "json_number"]
