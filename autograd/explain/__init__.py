"""The gradient explained.  In reading order:

1. :mod:`~autograd.explain.graph`: the dependency graph, of every node or of the named variables.
2. :mod:`~autograd.explain.paths`: the chain rule along each path, as numbers, tables and LaTeX.
3. :mod:`~autograd.explain.naive`: why the backward sweep needs a topological order.
4. :mod:`~autograd.explain.parser`: from formulas in text to a graph; :mod:`~autograd.explain.spelling` and
   :mod:`~autograd.explain.grammar` read them, and :mod:`~autograd.explain.latex_reader` those in LaTeX.
5. :mod:`~autograd.explain.claims`: a derivation made by hand, checked term by term against the paths.

:mod:`~autograd.explain.labels` labels many nodes at once, and :mod:`~autograd.explain.extras` finds out whether SymPy
is installed.
"""
