"""The worked examples of the lecture notes, recomputed by the engine.

Each example of the notes has a record in ``examples.json`` (the inputs, what the notes print, what is true, and the
errors of the notes) and a function in a module for its chapter.  The function gets the inputs, never the answers, and
computes the rest with the engine and :mod:`nn`.  To add an example, write its record and a function marked
``@example(id)``.

>>> from pathgrad.notes import report, run
>>> print(report(run(["chain-rule-single-path"])))
chain-rule-single-path: dy/dw at w=0 for y=1/x, x=v^2, v=e^w (notes 3, lines 315-338)
  the notes   v = 1; x = 1; dy/dw: -1/1^2 * 2 * 1 * e = -e
  computed    v = 1; x = 1; y = 1; dy/dw = -2
  the paths   w → v → x → y: -2
  verdict     the notes are wrong here: e^w at w = 0 is e^0 = 1, not e, so dy/dw = (-1)(2)(1) = -2 and not -e; besides,
              the factors as printed would give -2e.
<BLANKLINE>
1 ok
"""

# Importing a chapter registers its examples.
from pathgrad.notes import (
    activations,
    backpropagation,
    chain_rule,
    gradient_descent,
    initialisation,
    likelihood,
    linear_models,
    losses,
    networks,
    numerical_differences,
    optimizers,
    perceptron,
    regularisation,
    samples,
)
from pathgrad.notes.example import EXAMPLES, Example, Result, run
from pathgrad.notes.reporting import report

__all__ = ["EXAMPLES", "Example", "Result", "report", "run"]
