"""The worked examples of the lecture notes, recomputed by the engine.

Each example of the notes has a record in ``examples.json`` (the statement and the inputs, what the notes print, what is
true, and a verdict) and a function in a module for its chapter.  The function gets the inputs, never the answers, and
computes the rest with the engine and :mod:`nn`.  To add an example, write its record and a function marked
``@example(id)``.

>>> from pathgrad.notes import report, run
>>> print(report(run(["chain-rule-single-path"])))
Notes 3: Error Back Propagation Algorithm
  slides with handwriting: the chain rule along the paths of a graph, and a network trained by hand
<BLANKLINE>
chain-rule-single-path: dy/dw at w=0 for y=1/x, x=v^2, v=e^w
  source      notes 3, lines 315-338, under: Recap: composite function differentiation
  statement   y = 1/x
              x = v**2
              v = exp(w)
              dy/dw at w=0
  inputs      w = 0
  the notes   v = 1; x = 1; dy/dw: -1/1^2 * 2 * 1 * e = -e
  computed    v = 1; x = 1; y = 1; dy/dw = -2
  the paths   w → v → x → y: -2
  verdict     the scan is damaged: As scanned, line 338 ends in e = -e. But e^w at w = 0 is e^0 = 1, so dy/dw =
              (-1)(2)(1) = -2. A lost exponent 0 and a 2 read as an e explain both; the factors as scanned would give
              -2e.
<BLANKLINE>
1 ok: 1 damaged in the scan

The line numbers are those of the scanned text.  :func:`select` finds examples by patterns, and :func:`listing` lists
them.
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
from pathgrad.notes.example import EXAMPLES, VERDICTS, Example, Result, run, select
from pathgrad.notes.outline import NOTES, Notes
from pathgrad.notes.reporting import brief, listing, report

__all__ = ["EXAMPLES", "NOTES", "VERDICTS", "Example", "Notes", "Result", "brief", "listing", "report", "run", "select"]
