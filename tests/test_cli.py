"""The command ``pathgrad``: what it prints, its JSON, and one clear sentence with exit code 2 for what is wrong."""

import io
import json
import math
import re
import subprocess
import sys

import numpy as np
import pytest

from autograd import EngineError
from pathgrad.cli import main

FOUR_PATHS = "y = 1/(x+t); x = v**2 + w; t = sin((w+v)*pi); v = exp(w)"


def run(capsys, *arguments):
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def explained(capsys, *arguments):
    code, out, err = run(capsys, "explain", *arguments, "--json")
    assert (code, err) == (0, "")
    return json.loads(out)


def test_explain_prints_values_paths_and_sum(capsys):
    code, out, err = run(capsys, "explain", FOUR_PATHS, "--at", "w=0")
    assert (code, err) == (0, "")
    assert out.startswith("w = 0\nv = exp(w) = 1\n")
    assert "dy/dw: the sum over 4 paths" in out
    assert out.rstrip().endswith("gradient dy/dw    3.283185307")


def test_explain_json(capsys):
    answer = explained(capsys, FOUR_PATHS, "--at", "w=0")
    assert answer["value"] == pytest.approx(1.0)
    assert answer["gradients"] == pytest.approx({"w": 2 * math.pi - 3})
    assert answer["count"] == 4
    assert answer["sum"] == pytest.approx(2 * math.pi - 3)
    paths = {tuple(path["nodes"]): path for path in answer["paths"]}
    assert paths.keys() == {tuple("wxy"), tuple("wvxy"), tuple("wvty"), tuple("wty")}
    assert paths[tuple("wvxy")]["partials"] == pytest.approx([1.0, 2.0, -1.0])
    assert paths[tuple("wvxy")]["product"] == pytest.approx(-2.0)


def test_explain_json_formulas_follow_the_nodes(capsys):
    pytest.importorskip("sympy")
    (path,) = explained(capsys, "y = 1/x; x = v**2; v = exp(w)", "--at", "w=0")["paths"]
    assert path["nodes"] == ["w", "v", "x", "y"]
    assert path["formulas"] == ["v", "2*v", "-1/x**2"]


def test_several_variables_and_wrt(capsys):
    both = explained(capsys, "z = x**2*y", "--at", "x=2", "y=3")
    assert both["gradients"] == {"x": 12.0, "y": 4.0}
    assert both["count"] == 2
    one = explained(capsys, "z = x**2*y", "--at", "x=2", "--at", "y=3", "--wrt", "y")
    assert one["gradients"] == {"y": 4.0}
    inner = explained(capsys, "y = u**2; u = 3*x", "--at", "x=1", "--wrt", "u")
    assert inner["gradients"] == {"u": 6.0}


def test_several_outputs(capsys):
    first, second = explained(capsys, "p = a*b; q = a + b", "--at", "a=2", "b=3")
    assert (first["output"], first["value"], first["gradients"]) == ("p", 6.0, {"a": 3.0, "b": 2.0})
    assert (second["output"], second["value"], second["gradients"]) == ("q", 5.0, {"a": 1.0, "b": 1.0})


def test_values_may_be_formulas(capsys):
    assert explained(capsys, "y = sin(x)", "--at", "x = pi/2")["value"] == 1.0


def test_json_is_json_also_at_a_vertical_tangent(capsys):
    answer = explained(capsys, "y = sqrt(x)", "--at", "x=0")
    assert answer["gradients"] == {"x": "inf"}


def test_limit(capsys):
    text = "; ".join(f"x{i + 1} = a{i} + b{i}; a{i} = 2*x{i}; b{i} = x{i}/2" for i in range(8))
    answer = explained(capsys, text, "--at", "x0=1", "--limit", "3")
    assert (answer["count"], len(answer["paths"])) == (256, 3)
    assert answer["sum"] == pytest.approx(2.5**8)
    _, out, _ = run(capsys, "explain", text, "--at", "x0=1", "--limit", "3")
    assert "253 more paths" in out


def test_the_graph_as_a_tree(capsys):
    code, out, err = run(capsys, "explain", "y = a*b; z = a + b", "--at", "a=2, b=3", "--tree")
    assert (code, err) == (0, "")
    assert out.split("\n\n")[0].splitlines() == [
        "y = 6  [*]  grad 1",
        "├─ 3 ─ a = 2  grad 3",
        "└─ 2 ─ b = 3  grad 2",
    ]
    assert out.split("\n\n")[1].startswith("z = 5  [+]  grad 1\n├─ 1 ─ a = 2  grad 1\n")
    _, out, _ = run(capsys, "explain", "y = a*b", "--at", "a=2, b=3", "--tree", "--limit", "2")
    assert out.splitlines()[2] == "… 1 more nodes are not shown (limit=2)"
    code, out, err = run(capsys, "explain", "y = a*b", "--tree")
    assert (code, out) == (2, "")
    assert "--tree shows numbers: give every variable a value" in err


def test_latex(capsys):
    pytest.importorskip("sympy")
    code, out, _ = run(capsys, "explain", "y = 1/x", "--at", "x=2", "--latex")
    assert code == 0
    assert out.startswith("\\begin{aligned}\n\\frac{dy}{dx}\n&= \\frac{\\partial y}{\\partial x} ")


def test_without_values_the_answer_is_in_letters(capsys):
    code, out, err = run(capsys, "explain", "y = 1/x; x = v**2; v = exp(w)")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "v = exp(w)",
        "x = v**2",
        "y = 1/x",
        "",
        "dy/dw: the sum over 1 path",
        "",
        "path           ∂      formula  product",
        "w → v → x → y  ∂y/∂x  -1/x**2",
        "               ∂x/∂v  2*v",
        "               ∂v/∂w  v        -2*v**2/x**2",
        "",
        "dy/dw = -2*v**2/x**2",
    ]


def test_a_long_text_that_names_no_variable_is_not_echoed(capsys):
    code, _, err = run(capsys, "explain", "+".join(["x"] * 2000), "--at", "x=1")
    assert code == 2
    assert "is not a definition: write it as name = formula" in err
    assert len(err) < 300


def test_letters_in_latex_json_and_a_picture(capsys, tmp_path):
    pytest.importorskip("sympy")
    text = "E = (y_t - y)**2/2; y = sigmoid(x_t*w1)"
    _, out, _ = run(capsys, "explain", text, "--wrt", "w1", "--latex")
    assert out.splitlines()[3] == r"&= \left(- \left(y_{t} - y\right)\right) \left(y \left(1 - y\right) x_{t}\right) \\"
    answer = explained(capsys, text, "--wrt", "w1")
    assert answer == {
        "output": "E",
        "paths": [
            {
                "nodes": ["w1", "y", "E"],
                "formulas": ["y*(1 - y)*x_t", "-(y_t - y)"],
                "product": "-(y_t - y)*y*(1 - y)*x_t",
            }
        ],
        "count": 1,
    }
    assert run(capsys, "explain", text, "--png", str(tmp_path / "graph.dot"))[0] == 0
    drawn = (tmp_path / "graph.dot").read_text(encoding="utf-8")
    words = re.sub("<[/A-Z].*?>", "", drawn)  # with t as a subscript
    assert "y*(1 - y)*xt" in words
    assert "(yt - y)**2/2" in words
    assert not re.search("nan|grad", drawn)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--at", "x=2", "y = x**2"),
        ("--at", "x=2", "y = x**2", "--wrt", "x"),
        ("--at", "x=2", "--wrt", "x", "y = x**2"),
        ("--at", "x=2", "formulas.txt"),
        ("formulas.txt", "--at", "x=2"),
        ("-", "--at", "x=2"),
    ],
)
def test_where_the_formulas_may_stand(arguments, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "formulas.txt").write_text("y = v**2\n\nv = x\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("y = x**2\n"))
    assert explained(capsys, *arguments)["gradients"] == {"x": 4.0}


def test_claims_may_stand_before_the_formulas(capsys):
    assert run(capsys, "explain", "--claim", "x = 2*x", "y = x**2")[0] == 0


@pytest.mark.parametrize("values", [("x=1,z=2",), ("x=1, z=2",), ("x=1;z=2",), ("x=min(1, 3),z=2",)])
def test_values_may_be_separated_by_commas(values, capsys):
    assert explained(capsys, "y = x*z", "--at", *values)["value"] == 2.0


def test_a_narrow_terminal_breaks_the_cells_of_a_table(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    _, out, _ = run(capsys, "explain", FOUR_PATHS, "--at", "w=0")
    assert max(map(len, out.splitlines())) <= 50
    assert "".join(out.split()).count("-3.14159") == 2  # no cell is cut
    _, out, _ = run(capsys, "notes", "--list")
    assert max(map(len, out.splitlines())) <= 50
    _, out, _ = run(capsys, "notes", "chain-rule-*")
    assert max(map(len, out.splitlines())) <= 50


def test_the_table_is_printed_without_the_picture(capsys, monkeypatch, tmp_path):
    def nothing(*_):
        raise EngineError("nothing here could make PNG")

    monkeypatch.setattr("autograd.pictures.engines.convert", nothing)
    code, out, err = run(capsys, "explain", "y = x**2", "--at", "x=3", "--png", str(tmp_path / "y.png"))
    assert code == 2
    assert "gradient dy/dx    6" in out
    assert err.startswith("pathgrad: nothing here could make PNG")


@pytest.mark.parametrize("style", ["--json", "--latex"])
def test_the_file_of_a_picture_is_named_apart_from_what_a_program_reads(style, capsys, tmp_path):
    pytest.importorskip("sympy")
    file = tmp_path / "y.dot"
    code, out, err = run(capsys, "explain", "y = x**2", "--at", "x=3", "--png", str(file), style)
    assert (code, err) == (0, f"drawn in {file}\n")
    assert "drawn" not in out


def test_a_reader_that_goes_away_is_no_error(tmp_path):
    with open(tmp_path / "errors", "w+") as errors:
        done = subprocess.Popen([sys.executable, "-m", "pathgrad", "notes"], stdout=subprocess.PIPE, stderr=errors)
        done.stdout.close()
        assert done.wait() == 141
        errors.seek(0)
        assert errors.read() == ""


def test_ctrl_c_is_one_line(capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("pathgrad.cli.paths", interrupted)
    assert run(capsys, "explain", "y = x") == (130, "", "pathgrad: interrupted\n")
    monkeypatch.setattr("builtins.input", interrupted)
    code, _, err = run(capsys, "exercise", "--seed", "1")
    assert (code, err) == (130, "pathgrad: interrupted\n")


@pytest.mark.parametrize("ending", ["png", "svg", "pdf", "dot"])
def test_picture(capsys, tmp_path, ending):
    if ending in ("png", "pdf"):
        pytest.importorskip("pygraphviz")
    file = tmp_path / f"graph.{ending}"
    code, out, err = run(capsys, "explain", FOUR_PATHS, "--at", "w=0", "--png", str(file))
    assert (code, err) == (0, "")
    assert f"\n\ndrawn in {file}\n" in out
    heads = {"png": b"\x89PNG", "svg": (b"<?xml", b"<svg"), "pdf": b"%PDF", "dot": b"digraph"}  # ours has no <?xml
    assert file.read_bytes().lstrip(b"// \n").startswith(heads[ending])


def test_a_picture_for_each_output(capsys, tmp_path):
    code, _, _ = run(capsys, "explain", "p = a*b; q = a + b", "--at", "a=2", "b=3", "--png", str(tmp_path / "g.dot"))
    assert code == 0
    assert sorted(file.name for file in tmp_path.iterdir()) == ["g-p.dot", "g-q.dot"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["y = 1/z", "--at", "x=0"], '"y = 1/z" uses z, which is neither defined nor given a value'),
        (
            ["y = a*x", "--at", "a=1"],
            "uses x, which is neither defined nor given a value: give every variable a value, or",
        ),
        (["y = x", "--at", "x=1", "x=2"], "--at gives x twice: as 1 and as 2"),
        (["y = x", "--at", "x="], "--at x= lacks the value"),
        (["y = x", "--wrt", "x", "x"], "--wrt names x twice"),
        ([], "there is no formula"),
        (["--at", "x=1"], "there is no formula"),
        (["y = x", "--at", "x"], '--at takes NAME=VALUE, not "x"'),
        (["y = x", "--at", "x=two"], "'two' is not a number"),
        (["y = x; x = y"], "the definitions depend on each other in a circle"),
        (["y = x", "--at", "x=1", "--wrt", "z"], "--wrt z: unknown variable; the variables are x, y"),
        (["y = 1/x", "--at", "x=0"], "division by zero"),
        (["y = x", "--at", "x=1", "--limit", "0"], "--limit must be positive, not 0"),
        (["y = x", "--at", "x=1", "--png", "graph.bmp"], "bmp"),
    ],
)
def test_what_the_user_can_mend(capsys, tmp_path, monkeypatch, arguments, message):
    monkeypatch.chdir(tmp_path)
    code, out, err = run(capsys, "explain", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("pathgrad: ")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_place_is_shown_below_the_sentence(capsys):
    code, out, err = run(capsys, "explain", "y = 2*x + sin x", "--at", "x=1")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        'pathgrad: "2*x + sin x" is not a formula: write sin(x): an argument stands in parentheses',
        "    2*x + sin x",
        "          ^",
    ]
    _, _, err = run(capsys, "explain", "y = frob(x)", "--at", "x=1")
    assert err.splitlines()[0].startswith('pathgrad: "frob(x)" is not a formula: frob is not a function of the table')
    assert err.splitlines()[1:] == ["    frob(x)", "    ^"]
    assert "a comma is not a decimal sign: write 1.5" in run(capsys, "explain", "y = x", "--at", "x=1,5")[2]


def test_superscripts_in_formulas_and_values(capsys):
    answer = explained(capsys, "y = 10⁵*x²", "--at", "x=2³")
    assert (answer["value"], answer["gradients"]) == (6400000.0, {"x": 1600000.0})
    assert "y = 10⁵*x² = 6400000" in run(capsys, "explain", "y = 10⁵*x²", "--at", "x=2³")[1]


def test_a_failing_formula_leaves_an_old_picture_alone(capsys, tmp_path):
    file = tmp_path / "graph.png"
    file.write_bytes(b"old")
    assert run(capsys, "explain", "y = log(x)", "--at", "x=-1", "--png", str(file))[0] == 2
    assert file.read_bytes() == b"old"


def test_notes(capsys):
    code, out, err = run(capsys, "notes", "chain-rule-single-path")
    assert (code, err) == (0, "")
    assert "-e" in out
    assert "-2" in out
    assert "the scan is damaged: As scanned" in out
    assert "statement   y = 1/x\n" in out
    assert "inputs      w = 0\n" in out


def test_notes_json(capsys):
    code, out, _ = run(capsys, "notes", "--json", "chain-rule-single-path", "chain-rule-four-paths")
    assert code == 0
    first, second = json.loads(out)
    assert first.keys() == second.keys()
    assert first["heading"] == "Recap: composite function differentiation"
    assert first["statement"] == ["y = 1/x", "x = v**2", "v = exp(w)", "dy/dw at w=0"]
    assert (first["ok"], second["ok"], second["reason"]) == (True, True, None)
    assert (first["verdict"], second["verdict"]) == ("the scan is damaged", "agrees")
    assert float(first["computed"]["dy/dw"]) == pytest.approx(-2.0)


def test_notes_unknown_id(capsys):
    code, out, err = run(capsys, "notes", "chain-rule-four-path")
    assert (code, out) == (2, "")
    assert "chain-rule-four-paths" in err
    assert len(err) < 200


def test_notes_by_capital_letters(capsys):
    _, out, _ = run(capsys, "notes", "Chain-Rule-*", "--json")
    assert "chain-rule-four-paths" in [record["id"] for record in json.loads(out)]


def test_notes_list(capsys):
    code, out, err = run(capsys, "notes", "--list")
    assert (code, err) == (0, "")
    assert len(re.findall("^  [✓✗?~] ", out, re.MULTILINE)) == 108
    assert out.index("Notes 0: ") < out.index("Notes 1: ") < out.index("Notes 4: ")


def test_notes_errata(capsys):
    code, out, _ = run(capsys, "notes", "--errata", "--json")
    assert code == 0
    assert {record["verdict"] for record in json.loads(out)} == {"the notes err"}


def test_notes_of_a_chapter_and_of_a_pattern(capsys):
    _, out, _ = run(capsys, "notes", "--chapter", "4", "--json")
    records = json.loads(out)
    assert all("notes 4, " in record["source"] for record in records)
    assert "activation-sigmoid" in {record["id"] for record in records}
    _, out, _ = run(capsys, "notes", "gd-*", "--chapter", "3", "--list")
    assert "gd-update-rule-2" in out
    assert "gd-quadratic" not in out


def test_version(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["--version"])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith("pathgrad 0.")


def test_as_a_process():
    command = [sys.executable, "-m", "pathgrad", "explain", "y = x**2", "--at", "x=3", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["gradients"] == {"x": 6.0}
    command[4] = "y = x + z"
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")


HOMEWORK = """
x = np.array([1.0, 2.0, 4.0])
w = np.array([0.5, 1.0, -1.0])
y = np.dot(w, x)
loss = (y - 1) ** 2
dy = 2 * (y - 1)
dw = dy * x
"""


def test_check_backprop(capsys, tmp_path):
    file = tmp_path / "homework.py"
    file.write_text(HOMEWORK)
    code, out, err = run(capsys, "check-backprop", str(file), "--run")
    assert (code, err) == (0, "")
    assert out.splitlines() == ["line 6 ✓ dy = 2 * (y - 1)", "line 7 ✓ dw = dy * x", "2 of 2 lines are right"]
    file.write_text(HOMEWORK.replace("dy * x", "dy * w"))
    code, out, err = run(capsys, "check-backprop", str(file), "--run")
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        "line 6 ✓ dy = 2 * (y - 1)",
        "line 7 ✗ dw = dy * w       w stands where x should",
        "         write dw = dy * x",
        "1 of 2 lines is right",
    ]


def test_check_backprop_json_inputs_and_loss(capsys, tmp_path):
    file, inputs = tmp_path / "homework.py", tmp_path / "inputs.npz"
    file.write_text("import mine\nrisk = np.sum((mine.identity(w) - x) ** 2)\ndw = w - x\n")
    (tmp_path / "mine.py").write_text("def identity(x):\n    return x\n")
    np.savez(inputs, x=np.array([1.0, 2.0]), w=np.array([3.0, 5.0]))
    options = ("--run", "--inputs", str(inputs), "--loss", "risk", "--json")
    code, out, err = run(capsys, "check-backprop", str(file), *options)
    assert (code, err) == (1, "")
    answer = json.loads(out)
    assert (answer["ok"], answer["loss"]) == (False, 13.0)
    assert [(line["line"], line["kind"], line["fix"]) for line in answer["lines"]] == [
        (3, "constant", "dw = 2 * (w - x)")
    ]


def test_check_backprop_runs_nothing_unless_it_is_told_to(capsys, tmp_path):
    file, trace = tmp_path / "homework.py", tmp_path / "trace"
    file.write_text(f"open({str(trace)!r}, 'w')\n")
    code, out, err = run(capsys, "check-backprop", str(file))
    assert (code, out) == (2, "")
    assert err == f"pathgrad: checking {file} runs the code in it: look at it first, then add --run\n"
    assert not trace.exists()


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("loss = = 1", "line 1: the code cannot be read: invalid syntax"),
        ("w = np.ones(2)\ndw = w", "no loss was found"),
        ("w = np.ones(2)\nloss = w @ v\ndw = w", "line 2: NameError: name 'v' is not defined, in 'loss = w @ v'"),
        (None, "No such file"),
    ],
)
def test_check_backprop_of_bad_code(capsys, tmp_path, source, message):
    file = tmp_path / "homework.py"
    if source is not None:
        file.write_text(source)
    code, out, err = run(capsys, "check-backprop", str(file), "--run")
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("pathgrad: ")
    assert err.count("\n") == 1


def test_an_answer_in_plain_text_does_not_load_sympy():
    code = """
import sys
from autograd import draw
from pathgrad.cli import main
main(["explain", "y = sigmoid(v)**2; v = sin(w*pi)"])
main(["explain", "y = v**2; v = sin(w)", "--at", "w=1"])
print(len(draw(next(iter(__import__("autograd").define("y = x*x; x = 2").values())), named=False).source) > 0)
print("sympy" in sys.modules)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("True\nFalse\n")
