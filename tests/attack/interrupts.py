"""Interrupts before every instruction of a step and a sweep, and before many of a training."""

from __future__ import annotations

import sys
from collections import Counter
from typing import Any

from tests import test_interrupts as moments


def attack(count: int, seed: int) -> Counter[str]:
    """Interrupt each action at so many moments, or at all that it has; trainings, which have more, at a tenth."""
    counts = Counter({"tried": 0})
    sys.unraisablehook = _unraisable
    actions = [
        lambda name=name, shared=shared, arrays=arrays: moments.test_a_step_is_whole(name, shared, arrays)
        for name in moments.OPTIMIZERS
        for shared in (False, True)
        for arrays in (False, True)
    ]
    actions += [
        lambda kind=kind, graph=graph: moments.test_a_sweep_is_whole(kind, graph)
        for kind in ("values", "tensors", "both")
        for graph in (False, True)
    ]
    for action, tries in [*((action, count) for action in actions), (moments.test_a_training_stops, count // 10)]:
        moments.MOMENTS, moments.SEED = max(1, tries), seed
        before = moments.TRIED["moments"]
        try:
            action()
        except AssertionError as error:
            counts["half changed"] += 1
            print(f"interrupt: {error}")
        counts["tried"] += moments.TRIED["moments"] - before
    return counts


def _unraisable(unraisable: Any) -> None:
    """Print what was raised where nobody could catch it, but not the interrupts: in a destructor Python goes on."""
    if unraisable.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(unraisable)
