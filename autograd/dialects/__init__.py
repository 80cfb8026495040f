"""The table of calculus in other languages.

A primitive that is called with expressions of a language returns what it computes as an expression of that language.
Read in this order: ``symbolic`` (SymPy's formulas), ``infix`` and ``python`` (Python source), ``value_methods`` (the
operators and functions of ``Value``, generated as Python source), ``c`` (the kernels of the compiled machine),
``javascript`` (the page).
"""
