"""What several test files share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd.compiler import native_machine

collect_ignore = ["typed"]  # programs of users, which test_typing.py runs


@pytest.fixture(scope="module", params=["native", "NumPy"])
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """Compiled functions, run on both machines."""
    if request.param == "native" and not native_machine.supports("add"):
        pytest.skip("the native machine is not compiled here")
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "NumPy":
            patch.setattr(native_machine, "supports", lambda op: False)
        yield request.param
