"""What the notebooks are taught with: exercises that are judged, and the worked examples of the notes in brief.

>>> from pathgrad.lessons import check, examples
>>> check("01-silent-path", "w → t → y")
no, because its product is not 0: at w = 0 it is 2
>>> examples("chain-rule-two-paths")
✓ chain-rule-two-paths: dy/dv at v=0 for y=1/(x+t), x=v^2, t=e^v
  the notes   t = 1; x = 0; dy/dv: -1/1^2 * 2 * 0 - 1/1^2 * e^0 = -1
  computed    t = 1; x = 0; y = 1; dy/dv = -1
"""

# Importing the module of a notebook registers its exercises.
from pathgrad.lessons import (
    n01_paths,
    n02_numerical_differences,
    n03_descent_and_its_traps,
    n04_momentum_to_adam,
    n05_perceptron_and_gates,
    n06_activations_and_vanishing_gradients,
    n07_losses_from_likelihood,
    n08_regression,
    n09_backpropagation_by_hand,
    n10_from_neurons_to_matrices,
    n11_initialisation,
    n12_regularisation,
    n13_digits_and_mini_batches,
    n14_a_sweep_of_your_own,
)
from pathgrad.lessons.comparing import compare, examples
from pathgrad.lessons.exercise import EXERCISES, Exercise, Verdict, check

__all__ = ["EXERCISES", "Exercise", "Verdict", "check", "compare", "examples"]
