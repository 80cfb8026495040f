"""The gradient explained.  In reading order:

1. :mod:`~autograd.explain.graph`: the dependency graph, of every node or of the named variables.
2. :mod:`~autograd.explain.paths`: the chain rule along each path, as numbers, tables and LaTeX.
3. :mod:`~autograd.explain.stepping`: the backward sweep, edge by edge; :mod:`~autograd.explain.naive`: why it needs a
   topological order; :mod:`~autograd.explain.nudging`: what a gradient predicts, and what happens.
4. :mod:`~autograd.explain.parser`: from formulas in text to a graph; :mod:`~autograd.explain.spelling` and
   :mod:`~autograd.explain.grammar` read them, and :mod:`~autograd.explain.latex_reader` those in LaTeX.
5. :mod:`~autograd.explain.claims`: a derivation made by hand, checked term by term against the paths.

:mod:`~autograd.explain.labels` labels many nodes at once, :mod:`~autograd.explain.tables` writes tables, and
:mod:`~autograd.explain.extras` finds out whether SymPy is installed.
"""
