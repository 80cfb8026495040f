"""Strategies for Hypothesis: random points of primitives, expressions, graphs and arrays.

Read in this order: ``points``, ``rows``, ``expressions``, ``arrays``, ``graphs``.  The public names are collected in
:mod:`autograd.testing`.
"""

try:
    import hypothesis
except ImportError:
    raise ImportError(
        'strategies and checks need hypothesis, which is not installed: pip install "pathgrad[checks]"'
    ) from None
