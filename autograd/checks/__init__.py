"""Checks of derivatives: by differences, edge by edge, and over the whole table of calculus.

Read in this order.

* ``differences`` has the three difference quotients; ``measurement`` chooses the step and bounds the error.
* ``tracing`` notes which line of code made each node; ``nonfinite`` and ``edges`` use it to name the node or edge at
  fault.
* ``directions`` and ``gradients`` check a function at one point: :func:`autograd.check_gradients`.
* ``domains``, ``strategies``, ``search`` and ``primitive_at_point`` are the parts of ``primitives``, which checks rows
  of the table; ``sympy_formulas`` compares them with SymPy, and ``array_functions`` checks functions of arrays.
  :mod:`autograd.testing` collects their public names.
* ``page`` writes the table of calculus as ``docs/primitives.md``.
"""
