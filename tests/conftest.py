"""What several test files share."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FunctionType
from typing import Any

import pytest

import autograd
from autograd.arrays.tensor_data import TensorData
from autograd.compiler import native_machine, program
from autograd.core import value

# Programs of users, which test_typing.py runs; what make attack and make mutants run.
collect_ignore = ["typed", "attack", "mutants.py"]


@pytest.fixture(scope="module", params=range(len(program.MACHINES)), ids=lambda i: program.MACHINES[i].name)
def machine(request: pytest.FixtureRequest) -> Iterator[str]:
    """The name of a machine; compiled functions run on it wherever it supports their code."""
    machines = program.MACHINES[request.param :]
    if machines[0] is native_machine.NativeMachine and not native_machine.is_compiled():
        pytest.skip("the native machine is not compiled here")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(program, "MACHINES", machines)
        yield machines[0].name


# The package itself never reads a node by float(), which drops its graph: it uses .item() or .data.  Compiled types
# cannot be changed, so only tests with the pure core see this.

_ROOT = Path(autograd.__file__).parent.parent
_METHODS = ("__float__", "__complex__")
_PACKAGES = tuple(f"{_ROOT / name}/" for name in ("autograd", "nn", "pathgrad"))


def _for_users_only(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A method that raises if it is called from within the package."""

    def checked(node: Any) -> Any:
        file = sys._getframe(1).f_code.co_filename
        assert not file.startswith(_PACKAGES), f"{file} reads a node by {read.__name__}: use .item()"
        return read(node)

    # Errors and warnings name the innermost line outside of the package; this function counts as part of it.
    return FunctionType(checked.__code__, globals() | {"__name__": "autograd"}, None, None, checked.__closure__)


_READS = [(kind, name, vars(kind)[name]) for kind in (value.Scalar, TensorData) for name in _METHODS]
_READS = [(kind, name, read) for kind, name, read in _READS if isinstance(read, FunctionType)]
for _kind, _name, _read in _READS:
    setattr(_kind, _name, _for_users_only(_read))


@pytest.fixture
def functions_in_c(monkeypatch: pytest.MonkeyPatch) -> None:
    """The package may call a user's function that is written in C, whose reads cannot be told from its own."""
    for kind, name, read in _READS:
        monkeypatch.setattr(kind, name, read)
