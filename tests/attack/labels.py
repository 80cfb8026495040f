"""Hostile labels through every output: the property tests of ``test_hostile_labels.py``, with many more labels."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests import test_hostile_labels as outputs


def _label(rng: random.Random) -> str:
    pieces = [rng.choice(outputs.HOSTILE), *"x_1[]{}"]
    pieces += [chr(rng.randrange(0x20)), chr(rng.randrange(0x110000)), chr(rng.randrange(0x2000, 0x2100))]
    return "".join(rng.choice(pieces) for _ in range(rng.randint(1, 6)))


def attack(count: int, seed: int) -> Counter[str]:
    """Send so many labels through all outputs."""
    rng = random.Random(seed)
    counts = Counter({"tried": count})
    checks = [check for name, check in vars(outputs).items() if name.startswith("test_")]
    for _ in range(count):
        label = _label(rng)
        for check in checks:
            try:
                check.hypothesis.inner_test(label)
            except (Exception, pytest.fail.Exception) as error:
                counts["crashed"] += 1
                print(f"label {label!r}: {check.__name__}: {type(error).__name__}: {str(error)[:200]}")
    return counts
