"""The exercises of the notebook 04-momentum-to-adam."""

from __future__ import annotations

from typing import Any

from pathgrad.lessons.exercise import close, exercise


@exercise("04-terminal-velocity", "v = βv - αf′ gives v = -αf′/(1 - β), here ten steps of gradient descent")
def terminal_velocity(answer: Any) -> str | None:
    """The velocity at which momentum settles on a constant slope."""
    if close(answer, -0.1):
        return "that is the first step; nine tenths of it are kept in the second"
    if close(answer, 1.0):
        return "the slope is positive, so downhill is towards smaller x"
    return None if close(answer, -1.0) else "at the limit the velocity no longer changes: v = 0.9v - 0.1"


@exercise("04-adagrad-tenth", "G is 100 after 100 steps, and its root is 10")
def adagrad_tenth(answer: Any) -> str | None:
    """The number of steps."""
    if close(answer, 10):
        return "after 10 steps G is 10, but the step is divided by its root"
    return None if close(answer, 100) else "G grows by 1 in each step, and the step is α/√G"


@exercise("04-adam-first-step", "corrected, M is the gradient and V its square, so only its sign is left")
def adam_first_step(answer: Any) -> str | None:
    """The first step of Adam in x and y."""
    if close(answer, (-0.3, 0.3)):
        return "a step goes against the gradient, which is (-0.7, 4) at (-7, 2)"
    if close(answer, (0.21, -1.2)):
        return "that is the step of gradient descent; Adam divides by the root of V"
    if close(answer, (0.948683, -0.948683)):
        return "that is the step without the correction of M and V for their start at 0"
    if close(answer, (0.03, -0.03)):
        return "V is corrected there, but M is not: it is a tenth of the gradient"
    return None if close(answer, (0.3, -0.3)) else "the corrected M is the gradient, and the corrected V its square"
