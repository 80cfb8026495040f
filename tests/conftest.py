"""What several test files share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from autograd.compiler import native_machine, program


@pytest.fixture(scope="module", params=range(len(program.MACHINES)), ids=lambda i: program.MACHINES[i].name)
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a machine; compiled functions run on it wherever it supports their code."""
    machines = program.MACHINES[request.param :]
    if machines[0] is native_machine.NativeMachine and not native_machine.is_compiled():
        pytest.skip("the native machine is not compiled here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "MACHINES", machines)
        yield machines[0].name
