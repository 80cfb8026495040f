"""Every public callable of NumPy and PyTorch is there, not differentiable, or refused for a reason."""

from __future__ import annotations

import numpy as np
import pytest

from autograd import GraphLeftError, Tensor, generate
from autograd.checks import coverage

pytestmark = pytest.mark.same_in_both_modes


def test_every_name_is_accounted_for() -> None:
    assert coverage.unaccounted() == []


def test_the_page_is_current() -> None:
    assert coverage.write(check=True), "run python -m autograd.generate"
    assert any("coverage.md" in what for what in generate.WRITERS)


@pytest.mark.parametrize("library", coverage.OURS)
def test_no_name_has_two_reasons_or_one_in_vain(library: str) -> None:
    explained = [
        name
        for reasons in (coverage.NOT_DIFFERENTIABLE, coverage.REFUSED)
        for names in reasons.get(library, {}).values()
        for name in names.split()
    ]
    assert len(explained) == len(set(explained))
    there = {entry.name for entry in coverage.entries_of(library) if entry.status == "there"}
    assert there.isdisjoint(explained)


@pytest.mark.parametrize("library", coverage.PYTORCH)
def test_the_names_of_pytorch_are_current(library: str) -> None:
    torch = pytest.importorskip("torch")
    module = {"torch.nn": torch.nn, "torch.nn.functional": torch.nn.functional, "torch.optim": torch.optim}[library]
    public = {name for name in dir(module) if not name.startswith("_") and callable(getattr(module, name))}
    if library == "torch.nn":
        public = {name for name in public if isinstance(getattr(module, name), type)}
    known = set(coverage.PYTORCH[library].split())
    if torch.__version__.startswith(("2.13.", "2.14.")):
        helpers = {name for name in public - known if not (name[0].isupper() or "torch_function" in name)}
        assert known <= public
        assert helpers <= {"assert_int_or_pair", "boolean_dispatch"}


X = Tensor([[2.0, 1.0], [1.0, 3.0]])
FURTHER = {
    "copyto": (1.0,),
    "fill_diagonal": (1.0,),
    "place": (np.eye(2, dtype=bool), 1.0),
    "polydiv": (X,),
    "put": (0, 1.0),
    "put_along_axis": (np.zeros((2, 2), int), 1.0, 0),
    "putmask": (np.eye(2, dtype=bool), 1.0),
}
"""The further arguments of functions of NumPy that are refused."""


@pytest.mark.filterwarnings("ignore")
def test_what_is_refused_raises() -> None:
    for library, module in (("numpy", np), ("numpy.linalg", np.linalg)):
        for name in [entry.name for entry in coverage.entries_of(library) if entry.status == "refused"]:
            if name not in ("bmat", "frompyfunc", "nested_iters"):  # these take text, functions and iterators
                with pytest.raises((NotImplementedError, GraphLeftError)):
                    getattr(module, name)(X, *FURTHER.get(name, ()))


def test_the_command_prints_the_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert coverage.main() == 0
    assert "## torch.optim" in capsys.readouterr().out
