"""Search for a counterexample with Hypothesis, and report it in one line."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import FailedHealthCheck, Unsatisfiable
from hypothesis.strategies import SearchStrategy

from autograd.core.errors import hidden
from autograd.core.grad_mode import enable_grad

__all__ = ["search"]

__tracebackhide__ = hidden


def search(name: str, claim: Callable[..., None], *where: SearchStrategy[Any]) -> None:
    """Call ``claim`` with examples, as many as the active profile says, and raise the failure that shrinks best.

    Raises:
        AssertionError: if ``claim`` raises it, or no example was found; ``name`` says what was checked.
        RuntimeError: inside of another test with ``@given``.
    """
    quiet = settings(
        deadline=None,
        database=None,  # it would replay the failures of one primitive for another
        print_blob=False,
        report_multiple_bugs=False,
        phases=[phase for phase in settings().phases if phase is not Phase.explain],  # the message is one line
        suppress_health_check=list(HealthCheck),
    )
    try:
        with enable_grad():
            quiet(given(*where)(claim))()
    except AssertionError as failure:
        raise AssertionError(str(failure)) from None
    except FailedHealthCheck as error:
        if "nested_given" not in str(error):
            raise
        raise RuntimeError(f"{name} is checked at points of its own: call the check outside of @given") from None
    except Unsatisfiable:
        raise AssertionError(f"{name}: no point was found to check it at: give some, or another domain") from None
