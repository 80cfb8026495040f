"""The exercises of the notebooks: each has a judge, which says what is wrong with an answer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from autograd import BackpropCheck, ClaimCheck
from pathgrad.names import chosen

__all__ = ["EXERCISES", "Exercise", "Verdict", "check", "close", "exercise", "faults"]

Judge: TypeAlias = Callable[[Any], "str | None"]


@dataclass(frozen=True)
class Exercise:
    """An exercise of a notebook.

    Attributes:
        id: the number of its notebook and a short name, as in ``"01-silent-path"``.
        why: why the right answer is right, in one sentence.
        judge: returns what is wrong with an answer, or ``None`` if it is right.
    """

    id: str
    why: str
    judge: Judge


@dataclass(frozen=True, repr=False)
class Verdict:
    """What :func:`check` found: true if the answer is right, and shown as a sentence.

    Attributes:
        right: whether the answer is right; ``None`` while there is no answer.
        reason: what is wrong with it, or why it is right.
    """

    right: bool | None
    reason: str = ""

    def __bool__(self) -> bool:
        return self.right is True

    def __repr__(self) -> str:
        if self.right is None:
            return "not yet"
        space = "\n" if "\n" in self.reason else " "
        return f"right:{space}{self.reason}" if self.right else f"no, because{space}{self.reason}"


EXERCISES: dict[str, Exercise] = {}
"""Every exercise by its id, in the order of the notebooks."""


def exercise(id: str, why: str) -> Callable[[Judge], Judge]:
    """Register the judge of an exercise.

    Args:
        id: the number of its notebook and a short name.
        why: why the right answer is right, in one sentence.

    Raises:
        ValueError: if the id is taken.
    """

    def register(judge: Judge) -> Judge:
        if id in EXERCISES:
            raise ValueError(f"there are two exercises {id!r}")
        EXERCISES[id] = Exercise(id, why, judge)
        return judge

    return register


def check(id: str, answer: Any) -> Verdict:
    """Judge the answer to an exercise.

    Args:
        id: the exercise.
        answer: the answer; ``...`` if there is none so far.

    Raises:
        LookupError: if there is no such exercise.

    >>> check("01-silent-path", ...)
    not yet
    """
    task = EXERCISES[chosen("exercise", id, EXERCISES)]
    if answer is ...:
        return Verdict(None)
    try:
        wrong = task.judge(answer)
    except Exception as error:  # an answer can be anything, also a function that fails
        wrong = f"it raises {type(error).__name__}: {error}"
    return Verdict(False, wrong) if wrong else Verdict(True, task.why)


def close(answer: ArrayLike, true: ArrayLike, tolerance: float = 1e-3) -> bool:
    """Whether an answer has the shape of what is true, and these numbers up to a relative tolerance.

    >>> close(0.333, 1 / 3), close([1, 2], [1, 2, 3])
    (True, False)
    """
    given, expected = np.asarray(answer, dtype=float), np.asarray(true, dtype=float)
    slack = tolerance * np.where(expected == 0, 1, abs(expected))
    return given.shape == expected.shape and bool(np.all(abs(given - expected) <= slack))


def faults(found: ClaimCheck | BackpropCheck) -> str | None:
    """What is wrong with a derivation or with a backward pass; ``None`` if nothing is.

    >>> from autograd import check_claim
    >>> print(faults(check_claim("y = v**2; v = sin(x)", "y", {"x": "2*v"})))
    dy/dx: wrong
    ✗ 2*v  on the path x → v → y: the factor ∂v/∂x = cos(x) is missing
    """
    return None if found else str(found)
