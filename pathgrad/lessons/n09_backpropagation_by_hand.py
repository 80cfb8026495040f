"""The exercises of the notebook 09-backpropagation-by-hand."""

from __future__ import annotations

from typing import Any

from autograd import check_backprop, check_claim
from pathgrad.lessons.exercise import close, exercise, faults


@exercise("09-third-step", "the output is now 0.761, so both gradients are a little smaller than in step 2")
def third_step(answer: Any) -> str | None:
    """dE/dw1 and dE/dw2 at w1 = 1.0104 and w2 = 1.0383."""
    if close(answer, (-0.04852, -0.17508), 5e-3):
        return None
    if close(answer, (0.04852, 0.17508), 5e-3):
        return "y is below its target, so E falls as the weights grow: the gradients are negative"
    if close(answer, (-0.17508, -0.04852), 5e-3):
        return "the order is dE/dw1, dE/dw2"
    if close(answer, (-0.04673, -0.17508), 5e-3):
        return "the path from w1 leads through s2 = h·w2, so its factors include w2"
    if close(answer, (-0.051, -0.186), 5e-3):
        return "these are the gradients of step 2; step 3 begins with the weights that step 2 ends with"
    return "dE/dw2 = -(1 - y)·h and dE/dw1 = -(1 - y)·w2·h·(1 - h)·1, with h and y of the new weights"


@exercise("09-middle-weight", "one path leads from w2 to E, and δ2 is the product of all its factors but the last")
def middle_weight(answer: Any) -> str | None:
    """The formula of dE/dw2."""
    definitions = "s1 = x_t*w1; h1 = sigmoid(s1); s2 = h1*w2; h2 = sigmoid(s2); s3 = h1*w3; h3 = sigmoid(s3)"
    return faults(check_claim(f"{definitions}; s4 = h2*w4 + h3*w5; y = s4; E = (y_t - y)**2/2", "E", {"w2": answer}))


_FORWARD = """\
s1 = x_t*w1
h1 = 1/(1 + np.exp(-s1))
s2 = h1*w2
h2 = 1/(1 + np.exp(-s2))
s3 = h1*w3
h3 = 1/(1 + np.exp(-s3))
y = h2*w4 + h3*w5
E = (y_t - y)**2/2
"""
_GIVEN: dict[str, Any] = {"x_t": 1.5, "y_t": 0.25, "w1": 0.5, "w2": -0.3, "w3": 0.8, "w4": 1.2, "w5": -0.7}


@exercise("09-backward-as-code", "every line uses only gradients that the lines above it have completed")
def backward_as_code(answer: Any) -> str | None:
    """The lines of a backward pass that follow the forward pass."""
    found = check_backprop(_FORWARD + answer, **_GIVEN)
    missing = [f"dw{i}" for i in range(1, 6) if f"w{i}" not in {line.variable for line in found.lines}]
    return faults(found) or (f"no line computes {', '.join(missing)}" if missing else None)
