"""Exercises on the chain rule: small whole factors, as many paths as asked for, and answers that are judged."""

from __future__ import annotations

import re
import sys
from functools import partial
from io import StringIO
from typing import Any

import pytest

from autograd import FormulaError, exp, grad, log, sin
from pathgrad.cli import main
from pathgrad.exercises import Exercise, exercise, judge, latex_sheet, text_sheet


def tasks(level: int, count: int) -> list[Exercise]:
    return [exercise(seed, level=level) for seed in range(count)]


@pytest.mark.parametrize(("level", "count"), [(1, 100), (2, 100), (3, 30)])
def test_every_factor_is_small_and_whole(level: int, count: int) -> None:
    for task in tasks(level, count):
        for path in task.found:
            assert path.partials == pytest.approx([round(factor) for factor in path.partials])
            assert all(abs(factor) <= 9 for factor in path.partials)
            assert path.product != 0
        assert task.found.sum == pytest.approx(task.answer)


@pytest.mark.parametrize("level", [1, 2, 3])
def test_the_answer_is_the_derivative(level: int) -> None:
    for task in tasks(level, 10):
        assert grad(partial(y_of, task.text))(float(task.at)) == pytest.approx(task.answer)


def y_of(text: str, w: Any) -> Any:
    """y as a function of w, evaluated as Python."""
    names: dict[str, Any] = {"w": w, "exp": exp, "log": log, "sin": sin}
    for line in reversed(text.split("; ")):
        name, _, formula = line.partition(" = ")
        names[name] = eval(formula, names)
    return names["y"]


def test_an_exercise_is_made_again_by_its_seed() -> None:
    assert exercise(5).text == exercise(5).text
    assert len({task.text for task in tasks(2, 50)}) > 45
    assert exercise(5, level=1).text != exercise(5).text


@pytest.mark.parametrize("paths", range(1, 9))
def test_it_has_as_many_paths_as_asked_for(paths: int) -> None:
    assert exercise(0, level=1, paths=paths).found.count == paths


def test_every_variable_lies_on_a_path() -> None:
    for task in tasks(2, 30):
        defined = set(re.findall(r"(\w) =", task.text)) | {"w"}
        assert {name for path in task.found for name in path.names} == defined


@pytest.mark.parametrize(
    ("options", "said"),
    [({"paths": 0}, "from 1 to 8, not 0"), ({"paths": 9}, "from 1 to 8, not 9"), ({"level": 4}, "1, 2 and 3, not 4")],
)
def test_what_cannot_be_asked_for(options: dict[str, int], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        exercise(0, **options)


# ---------------------------------------------------------------------------------------------------------------------
# The answer
# ---------------------------------------------------------------------------------------------------------------------

TASK = exercise(1)  # y = t**2 + 1; t = w + x; x = w**3 at w = 1, with dy/dw = 2t(1 + 3w²) = 16


def test_the_exercise_of_these_tests() -> None:
    assert (TASK.text, TASK.at, TASK.answer) == ("y = t**2 + 1; t = w + x; x = w**3", 1, 16)


@pytest.mark.parametrize(
    ("claim", "right", "said"),
    [
        ("16", True, "✓ 16  together all paths: w → x → t → y and w → t → y"),
        ("2*2*(1 + 3)", True, "✓ 2*2*3  is the path w → x → t → y"),
        ("2*t*(1 + 3*w**2)", True, "✓ 2*t*1       is the path w → t → y"),
        ("2*(w + w**3)*(1 + 3*w**2)", True, "dy/dw: right"),
        ("dy/dt * dt/dw = 2*t*(1 + 3*w**2) = 16", True, "✓ dy/dt * dt/dw  together all paths"),
        ("15", False, "✗ 15  perhaps on the path w → t → y"),
        ("-16", False, "✗ -16  all of it: the sign is wrong"),
        ("2*t*3*w**2", False, "✗ the path w → t → y is missing"),
        ("16*w", False, "16*w is right at w = 1, but not as a formula"),
        ("2*t*(1 + 3*w**2) = 16*w", False, "16*w is right at w = 1, but not as a formula"),
    ],
)
def test_an_answer_is_judged(claim: str, right: bool, said: str) -> None:
    judged, message = judge(TASK, claim)
    assert judged == right
    assert said in message


@pytest.mark.parametrize("claim", ["2*", "q", "1; z = 2", "import os"])
def test_what_is_not_a_formula_is_refused(claim: str) -> None:
    with pytest.raises(FormulaError):
        judge(TASK, claim)


# ---------------------------------------------------------------------------------------------------------------------
# The command
# ---------------------------------------------------------------------------------------------------------------------


def asked(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], lines: str, *words: str) -> Any:
    monkeypatch.setattr(sys, "stdin", StringIO(lines))
    code = main(["exercise", *words])
    return code, *capsys.readouterr()


def test_the_command_asks_until_the_answer_is_right(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = asked(monkeypatch, capsys, "3\n2*\n16\n17\n", "--seed", "1")
    assert (code, err) == (0, "")
    assert out.startswith("Exercise 1, level 2\n\nFind dy/dw at w = 1 for\n  y = t**2 + 1\n")
    said = ["✗ 3 ", '"2*" is not a formula', "dy/dw: right", "✓ 16 ", "∂x/∂w"]
    assert said == sorted(said, key=out.index)
    assert "17" not in out


@pytest.mark.parametrize("lines", ["", "\n"])
def test_an_empty_line_or_the_end_shows_the_solution(
    lines: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = asked(monkeypatch, capsys, lines, "--seed", "1")
    assert code == 0
    assert "gradient dy/dw    16" in out


@pytest.mark.parametrize(("answer", "code"), [("16", 0), ("-16", 1), ("16*", 2)])
def test_an_answer_given_as_an_option(answer: str, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercise", "--seed", "1", f"--answer={answer}"]) == code
    assert ("not a formula" in capsys.readouterr().err) == (code == 2)


def test_a_seed_is_drawn_and_shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = asked(monkeypatch, capsys, "", "--level", "1")
    [seed] = re.findall(r"Exercise (\d+), level 1", out)
    _, again, _ = asked(monkeypatch, capsys, "", "--level", "1", "--seed", seed)
    assert again == out


def test_a_sheet_has_its_solutions_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercise", "--sheet", "3", "--seed", "1"]) == 0
    out = capsys.readouterr().out
    assert out == text_sheet(tasks(2, 4)[1:]) + "\n"
    questions, solutions = out.split("\n\nSolutions\n\n")
    assert len(re.findall(r"^\d\. Find dy/dw", questions, re.MULTILINE)) == 3
    assert len(re.findall(r"^\d\. dy/dw: the sum over", solutions, re.MULTILINE)) == 3


def test_a_sheet_in_latex(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("sympy")
    assert main(["exercise", "--sheet", "10", "--latex", "--seed", "0", "--level", "3"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("\\documentclass{article}")
    assert out.count("\\item") == 20
    for opening in ("{", "\\left(", "\\begin"):
        closing = {"{": "}", "\\left(": "\\right)", "\\begin": "\\end"}[opening]
        assert out.count(opening) == out.count(closing)


def test_the_solution_in_latex() -> None:
    pytest.importorskip("sympy")
    sheet = latex_sheet([TASK])
    assert r"\[ y = t^2 + 1 \qquad t = w + x \qquad x = w^3 \]" in sheet
    assert r"&= \left(2 t\right) \left(1\right) \left(3 w^{2}\right) \\" in sheet
    assert r"&= 4 \cdot 1 \cdot 3 = 12 \\" in sheet
    assert r"\frac{dy}{dw} &= 12 + 4 = 16" in sheet


def test_a_sheet_without_exercises_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["exercise", "--sheet", "0"]) == 2
    assert "--sheet must be positive, not 0" in capsys.readouterr().err
