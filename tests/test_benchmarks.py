"""The parts of the benchmarks with fake engines, and each group once at its smallest size."""

import doctest
import gc
import json
import math
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest

import autograd
import benchmarks
from benchmarks import (
    command,
    compiled,
    draw,
    figure,
    functions,
    growth,
    instructions,
    measure,
    ours,
    page,
    report,
    scale,
    tensor,
    training,
)
from benchmarks.measure import Disagreement, Engine, Local, Options, Race, in_turns, installed, race, young_heap
from benchmarks.report import Goal, Report


class Pretender:
    """A fake engine with given answers and given times."""

    def __init__(self, log, name, answer=(1.0, 2.0), seconds=(1.0,)):
        self.log, self.name, self.found, self.times = log, name, np.array(answer), list(seconds)
        self.closed = False

    def answer(self):
        self.log.append(f"{self.name} answers")
        return self.found

    def seconds(self, steps):
        self.log.append(self.name)
        return self.times.pop(0) if len(self.times) > 1 else self.times[0]

    def close(self):
        self.closed = True


def entry(run, package="numpy"):
    return Engine(run.name, package, lambda task: run)


# ---------------------------------------------------------------------------------------------------------------------
# Measuring
# ---------------------------------------------------------------------------------------------------------------------


def test_engines_take_turns_after_all_have_answered():
    log = []
    runs = [Pretender(log, name) for name in "ab"]
    race("task", [entry(run) for run in runs], None, Options(repeat=3))
    assert log == [
        "a answers",
        "b answers",
        "a",
        "b",
        "a",
        "b",
        "a",
        "b",
        "a",
        "b",
    ]  # the first is to time a step


def test_the_median_of_the_rounds_counts():
    calibration = 1.0
    slow = Pretender([], "slow", seconds=[calibration, 6.0, 100.0, 5.0])
    fast = Pretender([], "fast", seconds=[calibration, 0.1, 2.0, 3.0])
    result = race("task", [entry(slow), entry(fast)], None, Options(repeat=3))
    assert result.seconds == {"slow": [6.0, 100.0, 5.0], "fast": [0.1, 2.0, 3.0]}
    assert (result.median("slow"), result.median("fast"), result.ratio("slow", "fast")) == (6.0, 2.0, 3.0)
    assert result.ratio("slow", "nobody") is result.ratio("nobody", "fast") is None


def test_quick_steps_are_repeated_until_they_can_be_measured():
    asked = []

    class Quick(Pretender):
        def seconds(self, steps):
            asked.append(steps)
            return 1e-6

    assert in_turns({"quick": Quick([], "quick")}, 2, least=0.01) == {"quick": [1e-6, 1e-6]}
    assert asked[0] == 1
    assert 10_000 <= asked[-1] == asked[-2] < 20_000


def test_quick_races_have_more_rounds():
    runs = {"quick": Pretender([], "quick", seconds=[0.5]), "slow": Pretender([], "slow", seconds=[1.0])}
    assert [len(seconds) for seconds in in_turns(runs, 2, lasting=5.9).values()] == [4, 4]
    assert [len(seconds) for seconds in in_turns(runs, 2, lasting=1.0).values()] == [2, 2]


def test_a_clock_that_stands_still_does_not_loop_forever():
    class Standing(Pretender):
        def seconds(self, steps):
            return 0.0 if steps < 50_000 else 1.0

    assert measure.enough(Standing([], "standing"), 0.01) >= 50_000


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ((1.0, 2.0 + 1e-9), "off by 5e-10"),
        ((1.0, math.nan), "off by nan"),
        ((1.0, 2.0, 3.0), "3 numbers, not 2"),
    ],
)
def test_a_peer_that_disagrees_stops_the_race_before_anything_is_timed(answer, found):
    log = []
    runs = [Pretender(log, "ours"), Pretender(log, "theirs", answer)]
    with pytest.raises(SystemExit, match=rf"^step: theirs disagrees with ours.*{found}.*; nothing was timed$"):
        race("step", [entry(run) for run in runs], None, Options())
    assert log == ["ours answers", "theirs answers"]
    assert all(run.closed for run in runs)


def test_the_tolerance_is_relative_to_the_largest_number():
    answers = {"ours": np.array([1000.0, 0.0]), "theirs": np.array([1000.0, 1e-8])}
    measure.compare("step", answers, 1e-10)
    with pytest.raises(Disagreement):
        measure.compare("step", answers, 1e-12)


def test_a_peer_that_is_not_installed_is_left_out_and_named():
    absent = Engine("absent", "no-such-distribution", lambda task: pytest.fail("it was built"))
    result = race("task", [entry(Pretender([], "here")), absent, absent], None, Options(repeat=1))
    assert list(result.seconds) == ["here"]
    assert result.versions == {"here": np.__version__}
    assert result.missing == ["no-such-distribution"]


def test_the_collector_runs_or_not_as_the_run_says():
    for collector in (True, False):
        seen = []
        run = Local(lambda seen=seen: seen.append(gc.isenabled()), lambda result: [], collector)
        assert run.seconds(2) >= 0
        assert seen == [True, collector, collector]  # the first is not timed
        assert gc.isenabled()


def test_the_collector_is_back_after_an_error():
    results = iter([None])
    run = Local(lambda: next(results), lambda result: [], collector=False)
    with pytest.raises(StopIteration):
        run.seconds(1)
    assert gc.isenabled()


def test_living_objects_are_hidden_from_the_collector_during_a_race():
    with young_heap():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0


# ---------------------------------------------------------------------------------------------------------------------
# Reports
# ---------------------------------------------------------------------------------------------------------------------

RESULT = Race("step", {"ours": [1e-3], "theirs": [2.5e-2]}, {"ours": "1.0", "theirs": "2.0"}, ["absent"])


def test_numbers_are_written_with_three_digits():
    assert doctest.testmod(report).attempted > 0
    assert doctest.testmod(report).failed == 0
    assert [report.duration(x) for x in (0.9996e-3, 0.99999e-6, 99.96e-6)] == ["1.00 ms", "1.00 µs", "100 µs"]


def test_a_race_as_a_table():
    assert report.race_table(RESULT) == [
        "| step | version | one step | multiple of ours |",
        "| --- | ---: | ---: | ---: |",
        "| ours | 1.0 | 1.00 ms | 1.00 |",
        "| theirs | 2.0 | 25.0 ms | 25.0 |",
    ]


def test_engines_that_compile_show_their_first_step():
    log = []
    runs = [Pretender(log, name, seconds=[2e-3]) for name in "ab"]
    result = race("step", [entry(run) for run in runs], None, Options(repeat=1))
    assert all(0 <= seconds < 1 for seconds in result.first.values())
    head, _, *rows = report.race_table(replace(result, first={"a": 1.5, "b": 2e-3}), first=True)
    assert head == "| step | version | first step | one step | multiple of a |"
    assert [row.split(" | ")[2] for row in rows] == ["1.50 s", "2.00 ms"]


@pytest.mark.parametrize(
    ("slow", "times", "text"),
    [
        ("theirs", 25, "- [x] step, theirs / ours: 25.0, goal 25"),
        ("theirs", 60, "- [ ] step, theirs / ours: 25.0, goal 60"),
        ("absent", 2, "- [ ] step, absent / ours: not measured here, goal 2"),
    ],
)
def test_goals_are_shown_beside_what_was_measured(slow, times, text):
    assert str(Goal(RESULT, slow, "ours", times)) == text


def test_missing_engines_are_named_below_the_table():
    lines = Report(["table"], {}, missing=["a", "b"]).markdown().splitlines()
    assert lines == ["table", "", "Not installed, and therefore not in the table: a, b."]


# ---------------------------------------------------------------------------------------------------------------------
# The command
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def two_groups(monkeypatch):
    """Two groups with ready results."""
    told = []

    def measured(options):
        told.append(options)
        goals, files = [Goal(RESULT, "theirs", "ours", 60)], {"docs/figure.svg": "<svg/>"}
        return Report(report.race_table(RESULT), RESULT.as_json(), goals, ["absent"], files=files)

    monkeypatch.setattr("benchmarks.scalar.measure", measured)
    monkeypatch.setattr("benchmarks.tensor.measure", measured)
    monkeypatch.setattr(command, "GROUPS", {"scalar": "first", "tensor": "second"})
    return told


def test_everything_as_json(two_groups, tmp_path, capsys):
    command.main(["--repeat", "3", "--hips", "/a/python", "--json", str(tmp_path / "all.json")])
    assert two_groups == [Options(3, "/a/python", False)] * 2
    found = json.loads((tmp_path / "all.json").read_text())
    assert found["machine"] in capsys.readouterr().out
    assert list(found["groups"]) == ["scalar", "tensor"]
    group = found["groups"]["scalar"]
    assert group["results"]["seconds"] == RESULT.seconds
    assert group["results"]["medians"] == {"ours": 1e-3, "theirs": 2.5e-2}
    assert group["goals"] == [{"task": "step", "slow": "theirs", "fast": "ours", "goal": 60, "ratio": 25.0}]
    assert group["missing"] == ["absent"]


def test_files_get_new_tables_between_their_marks(two_groups, tmp_path, monkeypatch):
    readme, other = tmp_path / "README.md", tmp_path / "other.md"
    text = "before\n<!-- benchmarks scalar -->\n{}<!-- end of benchmarks scalar -->\nafter <!-- benchmarks tensor -->\n"
    readme.write_text(text.format("old\n"))
    other.write_text("without marks")
    monkeypatch.setattr(command, "FILES", [readme, other])
    monkeypatch.setattr(command, "ROOT", tmp_path)
    (tmp_path / "docs").mkdir()
    command.main(["--readme"])
    written = readme.read_text()
    assert other.read_text() == "without marks"
    start, tables, end = written.partition("\n".join(report.race_table(RESULT)))
    assert (start, bool(tables)) == ("before\n<!-- benchmarks scalar -->\n", True)
    assert end.endswith(
        "interleaved rounds or more.\n<!-- end of benchmarks scalar -->\nafter <!-- benchmarks tensor -->\n"
    )
    assert "old" not in written
    assert (tmp_path / "docs/figure.svg").read_text() == "<svg/>"
    command.main(["scalar", "--readme"])
    assert readme.read_text() == written


def test_the_summary_takes_rows_from_both_training_steps():
    eager = Race("eager training step", {"pathgrad": [1e-2], "micrograd": [1.0], "theirs": [1.0]}, {}, [])
    compiled = Race("compiled training step", {"NumPy by hand": [4e-5], "pathgrad compiled": [2e-5]}, {}, [])
    assert report.summary([eager, compiled]) == [
        "| one training step | time | multiple |",
        "| --- | ---: | ---: |",
        "| pathgrad, `compile` | 20.0 µs | 1.00 |",
        "| NumPy, derivatives by hand | 40.0 µs | 2.00 |",
        "| pathgrad, one node per operation | 10.0 ms | 500 |",
        "| micrograd, one node per operation | 1.00 s | 50,000 |",
    ]
    assert report.summary([eager]) == report.summary([compiled]) == []


def test_every_row_of_the_summary_is_a_row_of_another_table():
    text = "".join(file.read_text(encoding="utf-8") for file in command.FILES)
    for task, engine in report.SUMMARY:
        _, _, rows = text.partition(f"\n| {task} |")
        assert f"\n| {engine} |" in rows.partition("\n\n")[0]


@pytest.mark.parametrize(
    "names", [["summary"], ["scalar", "compiled", "functions", "matrices", "tensor", "fit", "scale", "growth"]]
)
def test_a_file_has_marks_for_tables_that_exist(names):
    [text] = [text for file in command.FILES if f"<!-- benchmarks {names[0]} -->" in (text := file.read_text("utf-8"))]
    for name in names:
        assert command.rewritten(text, name, "new tables") != text
    assert text.count("<!-- benchmarks ") == text.count("<!-- end of benchmarks ") == len(names)


@pytest.mark.parametrize("rounds", ["0", "-1", "many"])
def test_there_is_at_least_one_round(rounds, capsys):
    with pytest.raises(SystemExit):
        command.main(["--repeat", rounds])
    assert "the number of rounds must be at least 1" in capsys.readouterr().err


# ---------------------------------------------------------------------------------------------------------------------
# The groups
# ---------------------------------------------------------------------------------------------------------------------

QUICK = Options(repeat=1, quick=True)


@pytest.mark.parametrize("group", ["scalar", "compiled", "functions", "matrices", "tensor", "fit", "draw"])
@pytest.mark.filterwarnings("default")  # other engines give warnings
def test_each_group_runs_with_whatever_is_installed(group, capsys):
    command.main([group, "--quick", "--repeat", "1"])
    printed = capsys.readouterr().out
    assert f"## {group}: " in printed
    assert "| pathgrad " in printed
    assert printed.count("\n| ") > 2


def test_the_page_is_timed_if_there_is_a_browser(monkeypatch):
    monkeypatch.setattr(page, "INSTALLED", False)
    without = page.measure(QUICK)
    assert [*without.results[0]["seconds"]] == ["write"]
    assert without.missing == ["Chromium with playwright"]
    monkeypatch.undo()
    if page.INSTALLED:
        (result,) = page.measure(QUICK).results
        assert set(result["seconds"]) == {"write", "load", "slider", "step", "open", "hover"}


def test_a_node_has_its_cost():
    result = scale.measure(QUICK)
    (cost,) = result.results
    assert set(cost) == {"nodes", *scale.COLUMNS}
    assert cost["nodes"] == 1000
    assert all(cost[what] > 0 for what in ("build", "sweep", "free", "traced"))
    if sys.platform == "linux":
        assert cost["peak"] >= cost["resident"] > 8  # a node needs more memory than its number


def test_sizes_beyond_the_memory_are_left_out_and_named(monkeypatch):
    costs = {"build": 1.0, "sweep": 1.0, "free": 1.0, "resident": None, "traced": 100.0, "peak": None}
    monkeypatch.setattr(scale, "cost_in_new_process", lambda nodes: {"nodes": nodes, **costs})
    monkeypatch.setattr(scale, "memory", lambda line, file: 700_000_000)
    lines = scale.measure(Options()).lines
    assert [line.split(" | ")[0] for line in lines[2:6]] == ["| 1,000", "| 10,000", "| 100,000", "| 1,000,000"]
    assert lines[2].endswith("| ? | 100 | ? |")
    assert lines[7:] == ["Left out for lack of memory: 10,000,000 nodes, which would need 6 GB."]
    monkeypatch.undo()
    assert scale.memory("VmRSS", "/no/such/file") is None


@pytest.mark.parametrize("name", growth.SUBJECTS)
def test_engines_whose_costs_grow_agree(name):
    subject = growth.SUBJECTS[name]
    if name == "jacobian":
        pytest.importorskip("scipy")
    for package, cost in subject.engines.values():
        if package == "pathgrad":
            seconds, answer = cost(30)
            assert len(seconds) == len(subject.panels)
            assert np.isfinite(answer()).all()
    compared = {engine: cost(30)[1]() for engine, (package, cost) in subject.engines.items() if installed(package)}
    measure.compare(name, compared, 1e-10)


def test_a_curve_ends_where_a_size_takes_too_long(monkeypatch, capsys):
    monkeypatch.setattr(growth, "AT_LEAST", 0.0001)
    monkeypatch.setattr(growth, "PATIENCE", 0.02)

    def cost(size):
        start = time.process_time()
        while time.process_time() - start < size * 1e-5:
            pass
        return [size * 1e-9, size * 2e-9], lambda: np.zeros(1)

    points = growth.curve(cost, [10, 1000, 10_000, 100_000])
    assert [size for size, _ in points] == [10, 1000, 10_000]
    assert all(costs == pytest.approx([1.0, 2.0]) for _, costs in points)
    assert [tuple(json.loads(line)) for line in capsys.readouterr().out.splitlines()] == points
    found = {"build, ns per node": {"ours": [(1000, 1.0), (3162, 2.0), (10**5, 3.0)]}}
    assert growth.growth_table(found, growth.SIZES)[2] == "| build, ns per node | ours | 1.00 |  | 3.00 |  |  |"


def test_the_figure_is_small_and_readable_on_light_and_dark_pages(monkeypatch):
    points = [(size, 40.0 + size / 1e6) for size in growth.SIZES]
    panels = ["build, ns per node", "sweep, ns per node", "first call, ns per operation", "Jacobian, ns per entry"]
    found = {panel: dict.fromkeys([*figure.LINES][k : k + 4], points) for k, panel in enumerate(panels)}
    svg = figure.growth(found)
    if not svg:
        pytest.skip("matplotlib is not installed")
    root = ElementTree.fromstring(svg)
    texts = {"".join(text.itertext()).strip() for text in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {*panels, *figure.LINES, "entries"} <= texts
    assert len(svg.encode()) < 60_000
    assert "/work/" not in svg
    papers = figure.PAPER, figure.DARK[figure.PAPER]
    assert min(contrast(color, paper) for color, _ in figure.LINES.values() for paper in papers) >= 3
    assert min(contrast(figure.INK, papers[0]), contrast(figure.DARK[figure.INK], papers[1])) >= 4.5
    assert all(f"fill:{dark}!important" in svg for dark in figure.DARK.values())
    assert svg == figure.growth(found)
    monkeypatch.setattr(figure, "find_spec", lambda name: None)
    assert figure.growth({}) == ""


def contrast(color, other):
    """The ratio of the luminances of two colours."""
    light, dark = sorted((luminance(color), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color):
    parts = [int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return float(np.dot(linear, [0.2126, 0.7152, 0.0722]))


def test_the_training_step_has_the_size_that_it_says():
    task = training.Training()
    assert (len(task.points), len(task.parameters)) == (100, 337)
    assert {len(x) for x in task.points} == {2}
    assert set(task.targets) == {1.0, -1.0}
    flat = list(training.flat(0.0, task.matrices()))
    assert flat == [0.0, *task.parameters]  # matrices and numbers have the same parameters in the same order


@pytest.mark.parametrize("net", [tensor.Net((2, 3, 2), name, 4, "float64") for name in ("relu", "tanh")], ids=str)
def test_gradients_of_nets_by_hand_are_slopes(net, monkeypatch):
    x, labels, parameters = net.data()
    loss, *gradients = tensor.numpy_by_hand(net).answer()

    def moved(i, k, h):
        copies = [p.copy() for p in parameters]
        copies[i].flat[k] += h
        monkeypatch.setattr(tensor.Net, "data", lambda net: (x, labels, copies))
        return tensor.numpy_by_hand(net).answer()[0]

    places = [(i, k) for i, p in enumerate(parameters) for k in range(p.size)]
    slopes = [(moved(i, k, 1e-6) - moved(i, k, -1e-6)) / 2e-6 for i, k in places]
    assert gradients == pytest.approx(slopes, abs=1e-8)
    assert loss > 0


def test_plain_python_is_timed_only_if_asked_for(monkeypatch):
    monkeypatch.setattr(ours, "parts", lambda: {"compiled core": "no: no compiler", "compiled lanes": "yes"})
    monkeypatch.delenv("PATHGRAD_PURE", raising=False)
    with pytest.raises(SystemExit, match=r"^pathgrad is not compiled here \(compiled core: no: no compiler\): run"):
        ours.refuse_plain_python()
    monkeypatch.setenv("PATHGRAD_PURE", "1")
    ours.refuse_plain_python()


def test_the_installed_package_is_found_before_the_source(tmp_path):
    """From inside a checkout that is not compiled, where Python looks first."""
    installed = tmp_path / "installed"
    for folder in (tmp_path / "checkout/autograd/core", installed / "autograd"):
        folder.mkdir(parents=True)
        (folder / "__init__.py").touch()
    (tmp_path / "checkout/autograd/__init__.py").touch()
    shutil.copytree(Path(benchmarks.__file__).parent, tmp_path / "checkout/benchmarks")
    program = "import benchmarks, autograd; print(autograd.__file__)"

    def found():
        environment = {**os.environ, "PYTHONPATH": str(installed)}
        command = [sys.executable, "-c", program]
        folder = tmp_path / "checkout"
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout

    assert Path(found().strip()).parent.parent == installed
    (tmp_path / f"checkout/autograd/core/value{EXTENSION_SUFFIXES[0]}").touch()
    assert Path(found().strip()).parent.parent == tmp_path / "checkout"


def test_lanes_of_numpy_are_run_by_numpy():
    compiled_function = autograd.compile(lambda x: x * x)
    with ours.without_native_machine():
        assert compiled_function.program(2.0).stats().machine == "NumPy"
    assert compiled_function(3.0) == 9.0
    assert set(ours.MACHINES) == {"pathgrad compiled", "pathgrad NumPy lanes"}


def test_formulas_by_hand_are_those_of_scipy():
    optimize = pytest.importorskip("scipy.optimize")
    special = pytest.importorskip("scipy.special")
    x = np.random.default_rng(0).uniform(-1, 1, 10)
    value, gradient = functions.rosenbrock_by_hand(x)
    assert value == pytest.approx(optimize.rosen(x), rel=1e-14)
    assert gradient == pytest.approx(optimize.rosen_der(x), rel=1e-12)
    value, gradient = functions.logsumexp_by_hand(x)
    assert value == pytest.approx(special.logsumexp(x), rel=1e-14)
    assert gradient == pytest.approx(special.softmax(x), rel=1e-14)


@pytest.mark.parametrize("name", functions.tasks())
def test_gradients_of_functions_by_hand(name):
    task = functions.tasks()[name]
    expected = functions.pathgrad("pathgrad compiled")(task).answer()
    assert np.isfinite(expected).all()
    for by_hand in filter(None, (task.by_hand, task.in_loops)):
        found = measure.Local(lambda by_hand=by_hand: by_hand(task.x), compiled.one_result).answer()
        assert found == pytest.approx(expected, rel=1e-12, abs=1e-12 * np.abs(expected).max())
    if task.in_arrays is not None:
        value = task.in_arrays(task.x, functions.Namespace(np.exp, np.log, np.sin, np.sum))
        assert value == pytest.approx(expected[0], rel=1e-12)


# ---------------------------------------------------------------------------------------------------------------------
# HIPS autograd, in another Python
# ---------------------------------------------------------------------------------------------------------------------

PYTHON_WITH_HIPS = """#!{python}
import json, sys
sys.path.insert(0, {root!r})
if "-c" in sys.argv:
    print("9.9")
else:
    from benchmarks import tensor
    answer = tensor.numpy_by_hand(tensor.NETS[0]).answer()
    print(json.dumps({factor} * answer[: {numbers}].tolist()), flush=True)
    for line in sys.stdin:
        print(1 / int(line), flush=True)
"""


def pretending(tmp_path, factor=1, numbers=None):
    """A fake Python that appears to have HIPS autograd."""
    python = tmp_path / "python"
    root = str(Path(tensor.__file__).parent.parent)
    python.write_text(PYTHON_WITH_HIPS.format(python=sys.executable, root=root, factor=factor, numbers=numbers))
    python.chmod(0o755)
    return str(python)


needs_shebang = pytest.mark.skipif(sys.platform == "win32", reason="a script with #! is no program there")


@needs_shebang
def test_another_python_answers_and_times_itself(tmp_path):
    engine = tensor.hips(pretending(tmp_path))
    assert engine.version == "9.9"
    run = engine.build(tensor.NETS[0])
    try:
        assert run.answer().tolist() == tensor.numpy_by_hand(tensor.NETS[0]).answer().tolist()
        assert (run.seconds(1), run.seconds(4)) == (1.0, 0.25)
    finally:
        run.close()
    assert run.process.returncode == 0
    assert not Path(run.folder.name).exists()


@needs_shebang
def test_another_python_that_disagrees_stops_the_race(tmp_path):
    engines = [Engine("NumPy by hand", "numpy", tensor.numpy_by_hand), tensor.hips(pretending(tmp_path, numbers=5))]
    with pytest.raises(Disagreement, match="HIPS autograd disagrees with NumPy by hand, it finds 5 numbers"):
        race("net", engines, tensor.NETS[0], QUICK)


def test_a_python_without_hips_autograd_is_refused(tmp_path):
    with pytest.raises(SystemExit, match=r"HIPS autograd is not installed: .* -m pip install autograd"):
        tensor.hips(sys.executable)
    with pytest.raises(SystemExit, match=r"^--hips .*none: No such file or directory$"):
        tensor.hips(str(tmp_path / "none"))


@needs_shebang
def test_another_python_that_ends_early_is_named(tmp_path):
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\nexit 1\n")
    python.chmod(0o755)
    with pytest.raises(SystemExit, match="HIPS autograd ended early"):
        tensor.OtherPython(str(python), tensor.NETS[0])


@pytest.mark.skipif("HIPS_PYTHON" not in os.environ, reason="HIPS_PYTHON names no Python with HIPS autograd")
def test_hips_autograd_itself():
    result = tensor.measure(Options(1, os.environ["HIPS_PYTHON"], quick=True))
    assert "HIPS autograd" in result.results[0]["medians"]


# ---------------------------------------------------------------------------------------------------------------------
# Instructions and pictures
# ---------------------------------------------------------------------------------------------------------------------


def test_the_help_of_counting(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match=r"^0$"):
        instructions.main(["--help"])
    assert "more than 5%" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize("job", instructions.JOBS, ids=lambda job: job.name)
def test_every_job_can_be_done_any_number_of_times(job, monkeypatch):
    monkeypatch.setattr(instructions, "alive", [])
    step = job.prepare()
    for _ in range(3):
        step()
    assert job.times > 0


def test_without_valgrind_the_command_says_what_to_install(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(ours, "refuse_plain_python", lambda: None)
    with pytest.raises(SystemExit, match=r"^valgrind counts the instructions, and is not on PATH: install it .*$"):
        instructions.main([])
    instructions.main(["--check"])
    assert capsys.readouterr().out.startswith("Instructions are not compared: valgrind counts")


VALGRIND = """#!{python}
import sys
[file] = [option.partition("=")[2] for option in sys.argv if option.startswith("--callgrind-out-file=")]
for part in range(1, {parts} + 1):
    with open(f"{{file}}.{{part}}", "w") as out:
        print("ob=/usr/lib/libc.so", "fn=malloc", "1 1000000", "ob={ours}/core/value.so", sep="\\n", file=out)
        print("fn=add", f"1 {{100 * part}}", "calls=1 0", "1 5000", "+3 50", "totals: 1", sep="\\n", file=out)
print('{{"Python": "3"}}')
print("==1== {says}", file=sys.stderr)
sys.exit({code})
"""


@needs_shebang
@pytest.mark.parametrize(("parts", "code", "says"), [(4, 0, ""), (4, 139, "it crashed"), (3, 0, "nothing of use")])
def test_what_valgrind_writes_is_read(parts, code, says, monkeypatch, tmp_path):
    folder = Path(autograd.__file__).parent
    text = VALGRIND.format(python=sys.executable, parts=parts, ours=folder, code=code, says=says)
    (tmp_path / "valgrind").write_text(text)
    (tmp_path / "valgrind").chmod(0o755)
    monkeypatch.setattr(instructions, "JOBS", [instructions.Job("a", abs, 10), instructions.Job("b", abs, 1, 50)])
    if not says:  # parts 2 and 4 are the work: 200 + 50, and 400 + 50 instructions of ours
        assert instructions.counted(str(tmp_path / "valgrind")) == ({"Python": "3"}, {"a": 25.0, "b": 9.0})
    else:
        with pytest.raises(SystemExit, match=rf"^valgrind ended with exit code {code}: ==1== {says}$"):
            instructions.counted(str(tmp_path / "valgrind"))


def test_counts_that_grow_fail_the_check(monkeypatch, tmp_path, capsys):
    kept = tmp_path / "kept.json"
    kept.write_text(json.dumps({"conditions": {"Python": "3"}, "instructions": {"a": 100.0, "b": 100.0, "c": 1.0}}))
    found = {"a": 104.0, "b": 106.0, "d": 1.0}
    monkeypatch.setattr(instructions, "KEPT", kept)
    monkeypatch.setattr(instructions, "valgrind", lambda: "")
    monkeypatch.setattr(instructions, "counted", lambda _: ({"Python": "3"}, found))
    monkeypatch.setattr(ours, "refuse_plain_python", lambda: None)
    instructions.main([])
    assert capsys.readouterr().out.splitlines()[-3:] == ["| a | 104 | +4.0% |", "| b | 106 | +6.0% |", "| d | 1 |  |"]
    with pytest.raises(SystemExit) as failed:
        instructions.main(["--check"])
    assert str(failed.value).splitlines() == [
        "b takes 6.0% more instructions than were kept",
        "d was never counted: keep its count with --write",
        "c is not counted any more: drop its count with --write",
    ]
    instructions.main(["--write"])
    instructions.main(["--check"])
    monkeypatch.setattr(instructions, "counted", lambda _: ({"Python": "4"}, {"a": 1000.0}))
    instructions.main(["--check"])
    assert capsys.readouterr().out.endswith("because they were counted elsewhere: Python was 3, is 4\n")


def test_the_counts_that_are_kept_are_those_of_all_jobs():
    kept = json.loads(instructions.KEPT.read_text(encoding="utf-8"))
    assert [*kept["instructions"]] == [job.name for job in instructions.JOBS]
    assert set(instructions.conditions()) == set(kept["conditions"])


def test_a_picture_that_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(draw, "PATIENCE", 0.05)
    command = [sys.executable, "-c", "import time; time.sleep(60)"]
    (seconds,) = draw.times({("SVG", "slow"): lambda: draw.drawn(command, "")}, 1).values()
    assert len(seconds) == 1
    assert seconds[0] >= 0.05


def test_slow_pictures_are_not_drawn_in_each_round(monkeypatch):
    monkeypatch.setattr(draw, "SLOW", 0.001)
    drawn = []

    def slow():
        time.sleep(0.002)
        drawn.append("slow")

    draw.times({("SVG", "slow"): slow, ("SVG", "quick"): lambda: None}, 5)
    assert drawn == ["slow"]
