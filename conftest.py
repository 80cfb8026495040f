"""What tests and doctests share: how hard hypothesis tries, and tables of calculus that none of them leaves changed."""

from __future__ import annotations

import os
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

import pytest
from hypothesis import Phase, settings

from autograd import PRIMITIVES
from autograd.arrays.array_operation import ARRAY_OPERATIONS

# `pytest` says the same on every run; with `--hypothesis-profile=thorough` it searches for surprises, and with `quick`,
# for mutants, it does not look for the smallest counterexample.
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.register_profile(
    "quick", max_examples=20, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate]
)
settings.load_profile("ci")

collect_ignore = [] if find_spec("sklearn") else ["nn/estimators.py"]  # whose classes are scikit-learn's

os.environ.pop("COLUMNS", None)  # the command prints as into a pipe, wherever the tests run


@pytest.fixture(autouse=True)
def table() -> Iterator[dict[str, Any]]:
    """The table of primitives; rows that a test declares, in it or among the array operations, are taken out again."""
    tables: list[dict[str, Any]] = [PRIMITIVES, ARRAY_OPERATIONS]
    before = [dict(rows) for rows in tables]
    yield PRIMITIVES
    for rows, old in zip(tables, before, strict=True):
        rows.clear()
        rows.update(old)
