"""Every notebook runs from the top, prints what it was committed with, and stays small."""

import contextlib
import io
import json
from pathlib import Path

import pytest

pytest.importorskip("sympy")

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


def test_there_are_notebooks():
    assert NOTEBOOKS


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_prints_what_it_shows(file):
    cells = [cell for cell in json.loads(file.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    namespace = {"__name__": "__main__"}
    for cell in cells:
        shown = "".join("".join(o["text"]) for o in cell["outputs"] if o["output_type"] == "stream")
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            exec(compile("".join(cell["source"]), str(file), "exec"), namespace)
        assert printed.getvalue() == shown
        assert not [o for o in cell["outputs"] if o["output_type"] == "error"]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_executed_and_small(file):
    cells = json.loads(file.read_text(encoding="utf-8"))["cells"]
    counts = [cell["execution_count"] for cell in cells if cell["cell_type"] == "code"]
    assert counts == list(range(1, len(counts) + 1))
    assert file.stat().st_size < 200_000
