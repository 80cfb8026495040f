"""Generated files: one command writes them, they are up to date, and every row of the table has its method."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd import PRIMITIVES, Value
from autograd.core import rules, special
from autograd.dialects import value_methods

pytest.importorskip("sympy", reason="the table of primitives shows SymPy's formulas")

from autograd import generate

ROOT = Path(autograd.__file__).parent.parent
SOURCE = ROOT / "autograd" / "core" / "value.py"


@pytest.mark.parametrize("what", generate.WRITERS)
def test_generated_files_are_current(what: str) -> None:
    assert generate.WRITERS[what](check=True), "run python -m autograd.generate"


def test_the_command_says_what_is_out_of_date(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = []

    def stale(check: bool = False) -> bool:
        written.append(not check)
        return False

    monkeypatch.setattr(generate, "WRITERS", {"one file": lambda check: True, "another file": stale})
    assert generate.main(["--check"]) == 1
    assert capsys.readouterr().out == "out of date: another file\n"
    assert generate.main([]) == 0
    assert capsys.readouterr().out == "written: another file\n"
    assert written == [False, True]


def test_the_command_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "autograd.generate", "--check"], cwd=ROOT, capture_output=True, check=False
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_an_operator_that_is_not_current_is_found_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    current = SOURCE.read_text(encoding="utf-8")
    value = tmp_path / "core" / "value.py"
    value.parent.mkdir()
    stale = current.replace("x + y", "x - y", 1)
    value.write_text(stale, encoding="utf-8")
    monkeypatch.setattr(value_methods, "__file__", str(tmp_path / "dialects" / "value_methods.py"))
    assert not value_methods.write(check=True)
    assert value.read_text(encoding="utf-8") == stale
    assert not value_methods.write()
    assert value.read_text(encoding="utf-8") == current
    value.write_text("no line here", encoding="utf-8")
    with pytest.raises(ValueError, match="lacks the line"):
        value_methods.write()


def test_the_hand_written_part_of_value_has_no_operator_and_no_function() -> None:
    hand_written, line, generated = SOURCE.read_text(encoding="utf-8").partition(value_methods.LINE)
    assert line
    for name in ("def __add__", "def __rpow__", "def __neg__", "def tanh", "def clip"):
        assert name not in hand_written
        assert name in generated


def test_every_function_of_one_number_is_a_method() -> None:
    operators = {"positive", "negative", "absolute"}
    ours = [op for op in PRIMITIVES.values() if op in (vars(rules).get(op.name), vars(special).get(op.name))]
    functions = {op.name for op in ours if op.parameters == ("x",)} - operators
    assert {"exp", "cbrt", "i0"} <= functions
    assert functions | {"clip", "leaky_relu", "elu"} <= set(dir(Value))
