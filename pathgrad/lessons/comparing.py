"""What the engine computes beside what was found by hand, and beside what the notes print."""

from __future__ import annotations

from autograd import Value, paths
from pathgrad.lessons.exercise import close
from pathgrad.notes import brief, run

__all__ = ["compare", "examples"]


def compare(output: Value, **by_hand: float) -> None:
    """Compare derivatives found by hand with those of the engine, and print what they are.

    Args:
        output: the variable that is differentiated.
        by_hand: its derivatives, each under the name of the variable in which it is taken.

    >>> from autograd import define
    >>> compare(define("y = a*b + 1", a=2, b=3)["y"], a=3, b=1)
    dy/da = 3 ✓
    dy/db = 1 ✗ it is 2
    """
    for name, slope in by_hand.items():
        gradient = paths(output, name).gradient
        verdict = "✓" if close(slope, gradient, 1e-9) else f"✗ it is {gradient:.6g}"
        print(f"d{output.label}/d{name} = {slope:.6g} {verdict}")


def examples(*ids: str) -> None:
    """Recompute worked examples of the notes, and print what the notes print, what is computed, and the verdict.

    Args:
        ids: the examples, or patterns such as ``gd-*``.

    Raises:
        ValueError: if there is no such example.
    """
    print(brief(run(ids)))
