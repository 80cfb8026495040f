"""The perceptron: gates, the learning rule step by step, and points that no line separates."""

from __future__ import annotations

from typing import Any

import numpy as np

from autograd.linalg import solve
from nn.data import gate
from nn.layers import Flatten
from nn.perceptron import XOR, Perceptron, separate, step
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import provided
from pathgrad.notes.tables import perceptron_points


@example("mark1-photocells")
def photocells(inputs: Inputs) -> Facts:
    """The number of inputs for an image."""
    [picture] = Flatten()(np.zeros((1, *inputs["picture"])))
    return {"cells": len(picture)}


# ---------------------------------------------------------------------------------------------------------------------
# Gates
# ---------------------------------------------------------------------------------------------------------------------


@example("or-gate-perceptron")
@example("and-gate-perceptron")
def gate_perceptron(inputs: Inputs) -> Facts:
    """One perceptron, its formula, and its outputs for the four inputs, which must be those of the gate."""
    perceptron = Perceptron(inputs["w"])
    a, b, c = perceptron.boundary
    x, y = gate(inputs["gate"])
    bits = [perceptron.bit(point) for point in x]
    return {
        "formula": f"sign[{a:g}x1{b:+g}x2{c:+g}]",
        "sums": [perceptron.score(point) for point in x],
        "signs": [perceptron(point) for point in x],
        "y": bits,
        "the gate": provided(bits == y.tolist(), inputs["gate"].upper()),
    }


@example("xor-two-layer")
def xor_of_two_layers(inputs: Inputs) -> Facts:
    """AND of OR and NAND: the truth values, with the sums in brackets as in the notes."""
    x, _ = gate("xor")
    rows = [XOR.columns(point) for point in x]
    return {printed: [row[unit] for row in rows] for unit, printed in inputs["units"].items()}


@example("xor-not-separable")
def xor_is_not_separable(inputs: Inputs) -> Facts:
    """The conditions of the four points, and their contradiction."""
    x, y = gate("xor")
    *conditions, positive, negative, _ = str(separate(x, 2 * y - 1)).splitlines()
    return {"conditions": [line.rpartition(": ")[2] for line in conditions], "feasible": f"no: {positive}; {negative}"}


@example("activation-role-table")
def activation_role(inputs: Inputs) -> Facts:
    """The step turns the sums into AND and OR; but three affine sums at a square's corners determine the fourth."""
    (x, y1), (_, y2) = gate("and"), gate("or")
    s1, s2 = np.transpose(inputs["s"])
    y = [[step(sum_) for sum_ in row] for row in inputs["s"]]

    def units(sums: Any) -> list[Perceptron]:
        """For each corner, the unit with the given sums at the other corners."""
        return [through(np.delete(x, corner, 0), np.delete(sums, corner)) for corner in range(4)]

    _, without_01, _, without_11 = units(s1)
    both_and = all([unit.bit(point) for point in x] == y1.tolist() for unit in (without_01, without_11))
    return {
        "y": y,
        "y1, y2": provided(y == np.transpose([y1, y2]).tolist(), "AND, OR"),
        "s1 from the other three": [unit.score(point) for unit, point in zip(units(s1), x, strict=True)],
        "s2 from the other three": [unit.score(point) for unit, point in zip(units(s2), x, strict=True)],
        "w of s2": units(s2)[0].weights.tolist(),
        "w of s1 without (0,1)": without_01.weights.tolist(),
        "w of s1 without (1,1)": without_11.weights.tolist(),
        "y1 with either": provided(both_and, "AND"),
    }


def through(points: Any, sums: Any) -> Perceptron:
    """The perceptron with these sums at three points."""
    return Perceptron(solve(np.insert(points, 0, 1.0, axis=1), sums).round(12))


# ---------------------------------------------------------------------------------------------------------------------
# The learning rule
# ---------------------------------------------------------------------------------------------------------------------


@example("perceptron-update-1")
@example("perceptron-update-2")
@example("perceptron-update-3")
def update(inputs: Inputs) -> Facts:
    """One step of the learning rule: w' = w + y x, which makes y w·x larger by |x|²."""
    y = inputs["y_k"]
    [learned] = Perceptron(inputs["w"]).learn([inputs["x_k"][1:]], [y], max_updates=1).steps
    before, after = y * learned.score_before, y * learned.score_after
    return {"w'": learned.after.tolist(), "y w.x before": before, "y w'.x after": after, "increase": after - before}


@example("perceptron-final-boundary")
def final_boundary(inputs: Inputs) -> Facts:
    """The whole run: at each step only one of the two points is misclassified, so that the choice is unique."""
    points, labels = perceptron_points()
    perceptron = Perceptron(inputs["w"])
    trace = perceptron.learn(points, labels)
    return {
        "updates": len(trace.steps),
        "w": trace.weights.tolist(),
        "w.x": [perceptron.score(point) for point in points],
        "all classified correctly": provided(trace.converged, "yes"),
    }


@example("perceptron-misclassified-set")
def misclassified_set(inputs: Inputs) -> Facts:
    """The condition for a sign P that differs from the label y, by a perceptron whose only feature is P."""
    facts = {}
    for when, rows in inputs.items():
        signs, labels = [[P] for P, _ in rows.values()], [y for _, y in rows.values()]
        wrong = Perceptron([0, 1]).misclassified(signs, labels)
        facts[f"wrong of those listed, {when}"] = [list(rows)[i] for i in wrong]
    return facts
