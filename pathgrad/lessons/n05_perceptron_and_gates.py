"""The exercises of the notebook 05-perceptron-and-gates."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from nn.data import gate
from nn.perceptron import NAND, OR, Perceptron, TwoLayers
from pathgrad.lessons.exercise import close, exercise


def faulty_corner(machine: Perceptron | TwoLayers, last: Perceptron, wanted: Sequence[int]) -> str | None:
    """The first corner of the square at which the output differs from the wanted one, or lies on the line.

    Args:
        machine: the whole, as a function of the corner.
        last: its last perceptron, whose sum decides.
        wanted: the outputs at (0, 0), (0, 1), (1, 0) and (1, 1).
    """
    for corner, bit in zip(gate("or")[0].astype(int).tolist(), wanted, strict=True):
        seen = [unit.bit(corner) for unit in machine.hidden] if isinstance(machine, TwoLayers) else corner
        total = last.score(seen)
        if total == 0:
            return f"the sum at {tuple(corner)} is 0: that corner lies on the line"
        if machine.bit(corner) != bit:
            return f"the output at {tuple(corner)} must be {bit}, but the sum there is {total:g}"
    return None


@exercise("05-nand", "only (1, 1) lies on the negative side")
def nand(answer: Any) -> str | None:
    """The weights of one perceptron."""
    unit = Perceptron(answer)
    return faulty_corner(unit, unit, [1, 1, 1, 0])


@exercise("05-update", "the sum at the point was 3 and is -2, less by |x|² = 5")
def update(answer: Any) -> str | None:
    """The weights after one more update."""
    if close(answer, (-10, 2, 9)):
        return "the label is -1, so the point is subtracted"
    if close(answer, (-11, 2, 5)):
        return "x₀ = 1 belongs to the point, and so the bias changes as well"
    if close(answer, (-11, 2, 7)):
        return "the sum -11 + 2·0 + 7·2 = 3 is positive and the label is -1, so the point is misclassified"
    return None if close(answer, (-12, 2, 5)) else "the rule is w + y x with y = -1 and x = (1, 0, 2)"


@exercise("05-xnor", "the second layer negates what it said before, and the two lines stay")
def xnor(answer: Any) -> str | None:
    """The weights of the second layer."""
    last = Perceptron(answer)
    return faulty_corner(TwoLayers([OR, NAND], last), last, [1, 0, 0, 1])
