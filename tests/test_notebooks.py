"""Every notebook, run from the top, gives what it was committed with; `python tests/test_notebooks.py` renews that.

A notebook is run here as Jupyter would, but without it: what a cell prints, and then the picture, the formula or the
`repr` of its last line.  What changes from run to run, such as times, is not kept.
`python tests/test_notebooks.py 02 03` renews some alone.

Each notebook but the tour ends with three exercises.  It is run a second time with their solutions filled in.
"""

import ast
import base64
import io
import json
import linecache
import re
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pathgrad.lessons import EXERCISES
from pathgrad.notes import EXAMPLES

pytestmark = pytest.mark.same_in_both_modes

NOTEBOOKS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


# ---------------------------------------------------------------------------------------------------------------------
# Running a notebook
# ---------------------------------------------------------------------------------------------------------------------


def executed(notebook, name):
    """The notebook with the outputs of a run from the top; a cell that raises, or writes to stderr, ends the run."""
    namespace, count, cells = {"__name__": "__main__"}, 0, []
    for i, cell in enumerate(notebook["cells"]):
        metadata = {"tags": cell["metadata"]["tags"]} if tags(cell) else {}
        fresh = {"cell_type": cell["cell_type"], "id": f"cell-{i:02}", "metadata": metadata, "source": cell["source"]}
        if cell["cell_type"] == "code":
            count += 1
            outputs = run("".join(cell["source"]), namespace, f"{name}[{count}]", count)
            fresh |= {"execution_count": count, "outputs": outputs}
        cells.append(fresh)
    return {"cells": cells, "metadata": METADATA, "nbformat": 4, "nbformat_minor": 5}


def tags(cell):
    return cell.get("metadata", {}).get("tags", [])


def run(source, namespace, name, count):
    """What a cell prints, and what it shows: the value of its last line, unless that ends with a semicolon."""
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name  # for tracebacks
    tree = ast.parse(source, name)
    shows = tree.body and isinstance(tree.body[-1], ast.Expr) and not source.endswith(";")
    last = ast.Expression(tree.body.pop().value) if shows else ast.parse("None", mode="eval")
    printed, complaints = io.StringIO(), io.StringIO()
    with redirect_stdout(printed), redirect_stderr(complaints):
        exec(compile(tree, name, "exec"), namespace)
        shown = eval(compile(last, name, "eval"), namespace)
    assert not complaints.getvalue(), f"{name} writes to stderr: {complaints.getvalue()}"
    outputs = []
    if printed.getvalue():
        outputs.append({"name": "stdout", "output_type": "stream", "text": lines(printed.getvalue())})
    if shown is not None:
        data = {kind: lines(content) for kind, content in display(shown).items()}
        outputs.append({"data": data, "execution_count": count, "metadata": {}, "output_type": "execute_result"})
    return outputs


def display(shown):
    """What Jupyter would show of an object; no `repr` that has an address in it."""
    text = repr(shown)
    data = {} if " at 0x" in text else {"text/plain": text}
    if hasattr(shown, "_repr_mimebundle_"):
        data |= shown._repr_mimebundle_()
    if data.get("text/html", "").startswith("<iframe"):
        del data["text/html"]  # sites that show notebooks drop frames; the picture stays
    if hasattr(shown, "_repr_latex_"):
        data["text/latex"] = shown._repr_latex_()
    if hasattr(shown, "_repr_png_"):
        data["image/png"] = base64.b64encode(shown._repr_png_()).decode() + "\n"
    return data


def lines(text):
    """Text as notebooks keep it."""
    return text.splitlines(keepends=True)


def read(file):
    return json.loads(file.read_text(encoding="utf-8"))


def write(file, notebook):
    file.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def readable(notebook):
    """The notebook without what another Graphviz or Matplotlib may draw otherwise; of a graph the words are kept."""
    cells = []
    for cell in notebook["cells"]:
        outputs = [
            output | {"data": {kind: words(kind, "".join(text)) for kind, text in output["data"].items()}}
            if "data" in output
            else output
            for output in cell.get("outputs", [])
        ]
        cells.append(cell | {"outputs": outputs})
    return notebook | {"cells": cells}


def words(kind, content):
    if kind == "image/svg+xml":
        texts = ElementTree.fromstring(content).iter("{http://www.w3.org/2000/svg}text")
        return sorted(" ".join(letters for text in texts for letters in text.itertext()).split())
    return "a picture" if kind.startswith("image/") else content


# ---------------------------------------------------------------------------------------------------------------------
# The notebooks
# ---------------------------------------------------------------------------------------------------------------------


CHAPTERS = [
    "00-tour",
    "01-paths",
    "02-numerical-differences",
    "03-descent-and-its-traps",
    "04-momentum-to-adam",
    "05-perceptron-and-gates",
    "06-activations-and-vanishing-gradients",
    "07-losses-from-likelihood",
    "08-regression",
    "09-backpropagation-by-hand",
    "10-from-neurons-to-matrices",
    "11-initialisation",
    "12-regularisation",
    "13-digits-and-mini-batches",
    "14-a-sweep-of-your-own",
]
MISSING = [chapter for chapter in CHAPTERS if chapter not in {file.stem for file in NOTEBOOKS}]


def test_there_are_notebooks():
    assert [file.stem for file in NOTEBOOKS] == [chapter for chapter in CHAPTERS if chapter not in MISSING]


def test_the_tour_leads_to_every_notebook():
    links = re.findall(r"\]\(([^)]+)\)", "".join(read(NOTEBOOKS[0])["cells"][-1]["source"]))
    assert links == [f"{chapter}.ipynb" for chapter in CHAPTERS[1:]]


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_gives_what_it_shows(file):
    pytest.importorskip("sympy")
    pytest.importorskip("matplotlib")
    committed = read(file)
    fresh, shown = readable(executed(committed, file.stem)), readable(committed)
    for cell, cell_shown in zip(fresh["cells"], shown["cells"], strict=True):
        assert cell == cell_shown
    assert fresh == shown


@pytest.mark.parametrize("file", NOTEBOOKS, ids=lambda file: file.stem)
def test_a_notebook_is_small(file):
    assert file.stat().st_size < 200_000
    cells = read(file)["cells"]
    assert len(cells) <= 45
    assert max(len(cell["source"]) for cell in cells if cell["cell_type"] == "code") <= 15
    assert len(" ".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown").split()) <= 1500


def test_every_example_and_every_figure_stands_in_a_notebook():
    pytest.importorskip("matplotlib")
    from pathgrad.figures import FIGURES

    cells = [(cell["cell_type"], "".join(cell["source"])) for file in NOTEBOOKS for cell in read(file)["cells"]]
    named = {id for _, text in cells for id in re.findall(r"[\w-]+(?:\.\d[\w-]*)*", text)}
    called = {name for kind, text in cells if kind == "code" for name in re.findall(r"\b(\w+)\(", text)}
    nowhere = [id for id in EXAMPLES if id not in named]
    nowhere += [name for name, function in FIGURES.items() if function.__name__ not in called]
    if MISSING:
        pytest.skip(f"no notebook has {', '.join(nowhere)}; {', '.join(MISSING)} are not written yet")
    assert nowhere == []


# ---------------------------------------------------------------------------------------------------------------------
# The exercises
# ---------------------------------------------------------------------------------------------------------------------

TAUGHT = [file for file in NOTEBOOKS if file.stem != "00-tour"]
BLANK = "answer = ...  # what to fill in\n"
SOLUTION = re.compile(r"<details><summary>Solution</summary>\n\n.*?```python\n(.*?)```.*?</details>", re.DOTALL)


def exercises(notebook):
    """The last cells in threes: a question, a cell to fill in, and a folded solution."""
    cells = notebook["cells"]
    return [cells[i - 1 : i + 2] for i, cell in enumerate(cells) if "exercise" in tags(cell)]


def solved(notebook):
    """The notebook, with the solutions filled in."""
    notebook = json.loads(json.dumps(notebook))
    for _, blank, folded in exercises(notebook):
        [solution] = SOLUTION.findall("".join(folded["source"]))
        blank["source"] = lines(solution + "".join(blank["source"]).removeprefix(BLANK))
    return notebook


def verdicts(notebook):
    """What is said of the answers, by the id of the exercise."""
    said = {}
    for _, cell, _ in exercises(notebook):
        [id] = re.findall(r'^check\("(.+)", answer\)$', "".join(cell["source"]), re.MULTILINE)
        said[id] = "".join(cell["outputs"][-1]["data"]["text/plain"])
    return said


@pytest.mark.parametrize("file", TAUGHT, ids=lambda file: file.stem)
def test_a_notebook_ends_with_three_exercises(file):
    notebook = read(file)
    assert notebook["cells"][-9:] == [cell for three in exercises(notebook) for cell in three]
    assert verdicts(notebook) == {id: "not yet" for id in EXERCISES if id[:2] == file.stem[:2]}
    for question, blank, folded in exercises(notebook):
        assert question["cell_type"] == folded["cell_type"] == "markdown"
        assert blank["source"][0] == BLANK
        assert "".join(folded["source"]).count("```") == 2


@pytest.mark.parametrize("file", TAUGHT, ids=lambda file: file.stem)
def test_the_solutions_are_right(file):
    pytest.importorskip("sympy")
    pytest.importorskip("matplotlib")
    said = verdicts(executed(solved(read(file)), file.stem))
    assert [verdict for verdict in said.values() if not verdict.startswith("right")] == []


# ---------------------------------------------------------------------------------------------------------------------
# That the comparison would see it
# ---------------------------------------------------------------------------------------------------------------------


def a_notebook(*sources):
    cells = [{"cell_type": "code", "source": lines(source)} for source in sources]
    return executed({"cells": cells}, "a notebook")


def test_a_cell_that_raises_ends_the_run():
    with pytest.raises(ZeroDivisionError):
        a_notebook("x = 0", "1 / x")


def test_a_cell_that_warns_ends_the_run():
    with pytest.raises(UserWarning, match="careful"):
        a_notebook("import warnings", "warnings.warn('careful')")


def test_a_cell_that_writes_to_stderr_ends_the_run():
    with pytest.raises(AssertionError, match="progress"):
        a_notebook("import sys", "print('progress', file=sys.stderr)")


@pytest.mark.parametrize(
    ("shown", "now"),
    [
        ("print(1)", "print(2)"),
        ("print('a ')", "print('a')"),
        ("'1'", "print('1')"),
        ("1", "1;"),
        ("Value(2.0) * 3", "Value(2.0) * 4"),
        ("draw(Value(2.0) * 3)", "draw(Value(3.0) * 3)"),
    ],
)
def test_another_output_is_noticed(shown, now):
    cell = "from autograd import Value, draw\n{}"
    committed, fresh = a_notebook(cell.format(shown)), a_notebook(cell.format(now))
    fresh["cells"][0]["source"] = committed["cells"][0]["source"]
    assert readable(fresh) != readable(committed) == readable(a_notebook(cell.format(shown)))


def test_a_graph_is_compared_by_its_words():
    [cell] = a_notebook("from autograd import Value, draw; draw(Value(2.0, label='a') * 3)")["cells"]
    [output] = cell["outputs"]
    said = "v1 = a * 3 6 no grad yet a 2 no grad yet 3 3 on an arrow: local derivative"
    assert readable({"cells": [cell]})["cells"][0]["outputs"][0]["data"] == {
        "text/plain": "<Drawing of 3 boxes and 2 arrows>",
        "image/svg+xml": sorted(said.split()),
    }
    assert "<svg" in "".join(output["data"]["image/svg+xml"])


def test_a_figure_shows_itself():
    pytest.importorskip("matplotlib")
    from pathgrad.figures import panels

    assert base64.b64decode(display(panels()[0, 0].figure)["image/png"]).startswith(b"\x89PNG")


if __name__ == "__main__":
    for file in [file for file in NOTEBOOKS if file.stem.startswith(tuple(sys.argv[1:]) or "")]:
        write(file, executed(read(file), file.stem))
        sys.stdout.write(f"{file.name}: {file.stat().st_size:,} bytes\n")
