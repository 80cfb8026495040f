"""What all tests share: how hard hypothesis tries, and a table of calculus that no test leaves changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from autograd import PRIMITIVES

# `pytest` is quick and says the same on every run; `pytest --hypothesis-profile=thorough` searches for surprises.
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("thorough", max_examples=10_000, deadline=None)
settings.load_profile("ci")


@pytest.fixture
def table() -> Iterator[dict]:
    """The table of primitives, restored after a test that declares its own."""
    before = dict(PRIMITIVES)
    yield PRIMITIVES
    PRIMITIVES.clear()
    PRIMITIVES.update(before)
