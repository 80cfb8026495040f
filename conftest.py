"""What tests and doctests share: a table of calculus that none of them leaves changed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd import PRIMITIVES


@pytest.fixture(autouse=True)
def _same_table() -> Iterator[None]:
    """Take the rows that a test declared out of the table again."""
    before = dict(PRIMITIVES)
    yield
    PRIMITIVES.clear()
    PRIMITIVES.update(before)
