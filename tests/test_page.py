"""The page of the table of calculus matches the table."""

import pytest

from autograd import ARRAY_OPERATIONS, PRIMITIVES

sympy = pytest.importorskip("sympy")

from autograd.checks import page  # noqa: E402


def test_the_page_is_current():
    assert page.write(check=True), "run python -m autograd.generate"


def test_every_row_is_on_the_page_once():
    names = [line.split("`")[1] for line in page.page().splitlines() if line.startswith("| `")]
    assert sorted(names) == sorted([*PRIMITIVES, *ARRAY_OPERATIONS])


def test_a_page_that_is_not_current_is_noticed_and_written(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "FILE", tmp_path / "primitives.md")
    assert not page.write(check=True)
    assert not page.write()
    assert page.write(check=True)
    page.FILE.write_text(page.FILE.read_text(encoding="utf-8") + "more\n", encoding="utf-8")
    assert not page.write(check=True)


def test_a_page_of_another_sympy_is_not_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(page, "FILE", tmp_path / "primitives.md")
    page.FILE.write_text("with the formulas as SymPy 0.1 prints them", encoding="utf-8")
    assert page.write(check=True)


def test_no_cell_is_cut_by_a_bar_of_mathematics():
    for line in page.page().splitlines():
        if line.startswith("| `"):
            assert line.count("|") in (6, 3), line
