"""Programs as functions in Python and C: run where this package is not known, they give what the program gives."""

from __future__ import annotations

import ctypes
import math
import shutil
import subprocess
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import autograd
import nn
from autograd import (
    Value,
    compile,
    cos,
    exp,
    lgamma,
    log,
    maximum,
    primitive,
    sin,
    softplus,
    sqrt,
    where,
)
from autograd.compiler.expressions import ExpressionGraph
from autograd.compiler.program import Program, running_on
from autograd.testing import expressions

COMPILER = shutil.which("cc") or shutil.which("gcc")
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="no C compiler")


def compiled(formula: Any) -> Any:
    return compile(lambda x, y: formula(x, y))


def in_python(program: Program) -> Callable[..., Any]:
    """The function that the text in Python defines, in a namespace of its own."""
    namespace: dict[str, Any] = {}
    text = program.python()
    assert text.startswith("import math\n")
    assert text.count("import") == 1
    exec(text, namespace)
    return namespace[text[text.rindex("def ") + 4 :].partition("(")[0]]


def in_c(folder: Path, *programs: Program) -> list[Any]:
    """The functions that the texts in C define; a number is returned unless that is changed."""
    sources = [folder / f"f{i}.c" for i in range(len(programs))]
    for i, (source, program) in enumerate(zip(sources, programs, strict=True)):
        source.write_text(program.c().replace(" f(", f" f{i}("), encoding="utf-8")
    options = ["-std=c99", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-O1", "-ffp-contract=off", "-shared", "-fPIC"]
    subprocess.run([str(COMPILER), *options, *map(str, sources), "-o", str(folder / "f.so"), "-lm"], check=True)
    loaded = ctypes.CDLL(str(folder / "f.so"))
    found = [getattr(loaded, f"f{i}") for i in range(len(programs))]
    for function in found:
        function.restype = ctypes.c_double
    return found


def to(array: Any) -> Any:
    """A pointer to the numbers of an array."""
    return array.ctypes.data_as(ctypes.POINTER(ctypes.c_double))


def same(found: Any, wanted: Any) -> bool:
    return np.array_equal(np.asarray(found, float), np.asarray(wanted, float), equal_nan=True)


POINTS = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.25, 1.0, 3.0, 800.0, -1e200, 1e308, math.inf, -math.inf, math.nan])


@settings(max_examples=60, deadline=None)
@given(expressions(), st.lists(st.tuples(POINTS, POINTS), min_size=3, max_size=3))
def test_any_formula_in_python_gives_the_same_bits(formula, points):
    with running_on("NumPy"):  # the machine that calls math
        f = compiled(formula)
        run = in_python(f.program(0.5, 0.25, argnums=(0, 1)))
        for point in points:
            value, slopes = f.value_and_grad(*point, argnums=(0, 1))
            assert same(run(*point), [value, *slopes])


@needs_compiler
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(expressions(), POINTS, POINTS), min_size=12, max_size=12))
def test_any_formula_in_c_gives_the_same_bits(tmp_path, formulas):
    folder = tmp_path / uuid.uuid4().hex  # of its own, so that the library is not one that is loaded already
    folder.mkdir()
    with running_on("NumPy"):
        functions = [compiled(formula) for formula, *_ in formulas]
        programs = [f.program(0.5, 0.25, argnums=(0, 1)) for f in functions]
        for f, run, (_, *point) in zip(functions, in_c(folder, *programs), formulas, strict=True):
            slopes = np.empty(2)
            value = run(*map(ctypes.c_double, point), to(slopes), to(slopes[1:]))
            wanted, gradient = f.value_and_grad(*point, argnums=(0, 1))
            assert same([value, *slopes], [wanted, *gradient])


@pytest.fixture(scope="module")
def loss() -> Any:
    """A function of structured arguments, arrays and samples."""

    def loss(p, w, x, t, kind):
        z = sum(a * b for a, b in zip(w[0], x, strict=True)) + p["b"][1] * w[1, 0]
        return (maximum(z, 0.0) + softplus(z) * p["a"] - t) ** 2 if kind == "soft" else z

    return compile(loss, batch=("x", "t"))


ARGUMENTS = (
    {"a": 0.5, "b": [2.0, -1.0]},
    np.array([[0.5, -1.5], [2.0, 3.0]]),
    np.array([[1.0, 2.0], [-1.0, 0.5], [4.0, 0.25], [0.0, 1.0]]),
    np.array([1.0, 2.0, 3.0, 0.0]),
    "soft",
)


def flat(*things: Any) -> Any:
    """All numbers in nested structures, in order."""
    found = []
    for x in things:
        parts = x.values() if isinstance(x, dict) else x if isinstance(x, (list, tuple, np.ndarray)) else None
        found += [float(x)] if parts is None else flat(*parts)
    return found


def test_structures_and_samples_in_python(loss):
    which = ("p", "w", "x")
    run = in_python(loss.program(*ARGUMENTS, argnums=which))
    value, gradients = loss.value_and_grad(*ARGUMENTS, argnums=which)
    plain = [x.tolist() if isinstance(x, np.ndarray) else x for x in ARGUMENTS]
    for arguments in (ARGUMENTS, plain):
        found = run(*arguments)
        assert flat(found) == pytest.approx(flat(value, gradients), rel=1e-12)
        assert np.shape(found[-1]) == (4, 2)  # the gradient of x: a row for each sample
        assert np.shape(found[-2]) == (2, 2)
    assert in_python(loss.program(*ARGUMENTS))(*plain) == pytest.approx(value, rel=1e-12)


@needs_compiler
def test_structures_and_samples_in_c(loss, tmp_path):
    program = loss.program(*ARGUMENTS, argnums=("p", "w", "x"))
    assert "double loss(size_t samples, double p_a, double p_b_0, double p_b_1, const double *w" in program.c()
    source, library = tmp_path / "loss.c", tmp_path / "loss.so"
    source.write_text(program.c())
    subprocess.run([COMPILER, "-std=c99", "-O2", "-shared", "-fPIC", source, "-o", library, "-lm"], check=True)
    run = ctypes.CDLL(str(library)).loss
    run.restype = ctypes.c_double
    p, w, x, t, _ = ARGUMENTS
    slopes = [np.empty(1), np.empty(1), np.empty(1), np.empty((2, 2)), np.empty((4, 2))]
    numbers = map(ctypes.c_double, flat(p))
    value = run(ctypes.c_size_t(4), *numbers, to(w), to(x), to(t), *map(to, slopes))
    wanted, gradients = loss.value_and_grad(*ARGUMENTS, argnums=("p", "w", "x"))
    assert flat(value, slopes) == pytest.approx(flat(wanted, gradients), rel=1e-12)


@needs_compiler
def test_a_value_for_each_sample_and_captured_numbers(tmp_path):
    net = nn.MLP([2, 3, 2], rng=0)
    f = compile(lambda x: net(x), batch=True, reduction="none")
    x = np.array([[0.5, -1.0], [2.0, 0.25], [0.0, 3.0]])
    program = f.program(x)
    wanted = [[y.data for y in net(row)] for row in x.tolist()]
    first, second = in_python(program)(x.tolist())
    assert np.transpose([first, second]) == pytest.approx(np.array(wanted), rel=1e-14)
    assert "  # w[1]_{1,2}\n" in program.python()
    assert "; /* w[1]_{1,2} */\n" in program.c()
    assert "void f(size_t samples, const double *x, double *value_0, double *value_1)" in program.c()
    [run] = in_c(tmp_path, program)
    found = np.empty((2, 3))
    run(ctypes.c_size_t(3), to(x), to(found[0]), to(found[1]))
    assert pytest.approx(np.array(wanted), rel=1e-14) == found.T


def test_arrays_are_returned_in_their_shape():
    f = compile(lambda a: a[1:] * a[:-1])
    assert in_python(f.program(np.ones(4)))([1.0, 2.0, 3.0, 4.0]) == [2.0, 6.0, 12.0]
    assert "void f(const double *a, double *value)" in f.program(np.ones(4)).c()


@pytest.mark.parametrize("x", [-2.0, 0.0, 2.0, 0.5, math.inf, -math.inf, math.nan, 1e200, -1e200])
@pytest.mark.parametrize("name", sorted(autograd.dialects.standalone._INSTEAD))
def test_where_math_raises_the_text_follows_ieee(name, x):
    row = next(op for op in autograd.PRIMITIVES.values() if getattr(op.formula, "__name__", "") == name)
    for y in (0.5, -1.0, 3.0, -3.0) if name == "pow" else (1.0,):
        f = compile((lambda x, y: row(x, y)) if name == "pow" else (lambda x, y: row(x) * y))
        with running_on("NumPy"):
            assert same(in_python(f.program(0.5, 0.5))(x, y), f(x, y))


def test_a_branch_that_is_not_taken_spoils_nothing():
    f = compile(lambda x: where(x > 0, log(x) * sqrt(x), x / (x - x)))
    program = f.program(1.0, argnums="x")
    assert in_python(program)(2.0) == pytest.approx(flat(f.value_and_grad(2.0)))
    guarded = compile(lambda x: where(x > 0, x, log(x)))
    assert in_python(guarded.program(1.0, argnums="x"))(0.0)[0] == -math.inf
    assert in_python(guarded.program(1.0, argnums="x"))(1.0) == (1.0, 1.0)


def test_names_that_languages_reserve():
    def double(math, samples, v1, i, _exp, int):
        return exp(math * samples) + v1 / i + _exp * int

    f = compile(double, batch="i")
    arguments = (0.5, 2.0, 3.0, np.array([4.0, 5.0]), 1.0, 0.25)
    program = f.program(*arguments, argnums="v1")
    assert flat(in_python(program)(*arguments)) == pytest.approx(flat(f.value_and_grad(*arguments, argnums="v1")))
    assert "def double(math_, samples_, v1, i, _exp_, int):" in program.python()
    assert "double double_(size_t samples, double math, double samples_, double v1_, const double *i" in program.c()


def test_a_label_ends_no_comment():
    w = Value(2.0, label="*/ int x; /*\n\\")
    program = compile(lambda x: w * x).program(1.0)
    assert program.c().count("*/") == 1
    assert in_python(program)(3.0) == 6.0


def test_what_cannot_be_written_is_refused():
    with pytest.raises(NotImplementedError, match="Python's math has no function for lgamma"):
        compile(lambda x: lgamma(x)).program(1.0).python()
    with pytest.raises(NotImplementedError, match="C has no function lgamma"):
        compile(lambda x: lgamma(x)).program(1.0).c()
    rough = primitive(lambda x, out: 3.0 * x * x, name="rough_cube")(lambda x: math.fsum([x**3]))
    for write in (Program.python, Program.c):
        with pytest.raises(NotImplementedError, match="rough_cube computes with numbers alone"):
            write(compile(lambda x: rough(x)).program(1.0))
    long = compile(lambda x: sum(sin(x * k) * cos(x + k) for k in range(400))).program(1.0)
    for write in (Program.python, Program.c):
        with pytest.raises(ValueError, match=r"the text would have about 1,\d+ lines, more than anyone reads"):
            write(long)
    assert "v1200" in long.python(limit=None)


def test_a_program_of_expressions_takes_one_argument_for_each_input():
    graph = ExpressionGraph()
    w, x = graph.input("w"), graph.input("x", varying=True)
    program = Program(graph, [w], [x], [graph.total(w * x)], [(w - 1.0) * x])
    assert in_python(program)(2.0, [1.0, 2.0, 3.0]) == (12.0, [1.0, 2.0, 3.0])
    assert "void f(size_t samples, double w, const double *x, double *out1, double *out2)" in program.c()
