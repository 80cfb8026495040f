"""Functions in ONNX: a function that is called with a :class:`Term` adds its operations to a :class:`Graph`."""

from autograd.dialects.onnx import Graph, Term

__all__ = ["Graph", "Term"]
