"""Pickles go to other processes: rows with their modules, rows of ``__main__`` whole, derivatives, schedules."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import autograd
from autograd import PRIMITIVES
from autograd.arrays.array_operation import ARRAY_OPERATIONS
from autograd.core.primitive import Primitive
from autograd.core.travel import received

pytestmark = pytest.mark.same_in_both_modes

MODULE = """
import numpy as np
from autograd import array_operation, primitive

@primitive(lambda x, out: 3 * x * x)
def cubed(x):
    return x**3

def scaling(factor):  # a row that no import declares
    @primitive(lambda x, out: factor)
    def scaled(x):
        return factor * x
    return scaled

def turning(times):
    @array_operation(lambda g, out, x: np.roll(g, -times), linear=True)
    def rolled(x):
        return np.roll(x, times)
    return rolled

def raising(n):
    @primitive(lambda x, out: n * x ** (n - 1), name=f"raised_{n}")
    def raised(x):
        return x**n
    return raised

fourth = raising(4)  # and one that an import declares
"""

MAIN = """
import pickle, sys
import numpy as np
from autograd import Tensor, Value, array_operation, primitive
import rows_of_a_test

@primitive(lambda x, out: {factor} * their_cos(x))
def their_sin(x):
    return {factor} * np.sin(x)

@primitive(lambda x, out: -their_sin(x))
def their_cos(x):
    return np.cos(x)

@primitive(lambda x, out: np.sign(x), kink=lambda x: x, averages=True)
def their_abs(x):
    return abs(x)

@array_operation(lambda g, out, x: g[::-1], linear=True)
def flipped(x):
    return x[::-1]

@array_operation(lambda g, out, x: g * np.cos(x), shortcuts=[lambda kept, g: g * np.cos(kept)])
def turned(x):
    return np.sin(x), x

rows = their_sin, their_cos, their_abs, turned, flipped
data = pickle.dumps((their_sin(Value(0.5)), rows_of_a_test.cubed(Value(2.0)), flipped(Tensor([1.0, 2.0])), *rows))
assert all(one is other for one, other in zip(pickle.loads(data)[3:], rows))
open(sys.argv[1], "wb").write(data)
"""

READER = """
import pickle, sys
import numpy as np
from autograd import Tensor, Value, grad

def read(file):
    return pickle.loads(open(file, "rb").read())

a, b, c, their_sin, their_cos, their_abs, turned, flipped = read(sys.argv[1])
for y in a, b:
    y.backward()
c.backward([3.0, 4.0])
assert (a.data, b.data, c.data.tolist()) == (np.sin(0.5), 8.0, [2.0, 1.0])
assert grad(their_sin)(0.3) == np.cos(0.3) and grad(grad(their_sin))(0.3) == -np.sin(0.3)
assert grad(their_abs)(-2.0) == -1.0
x = Tensor([0.5])
turned(x).backward([1.0])
assert x.grad == np.cos(0.5)
assert read(sys.argv[1])[3] is their_sin  # the same row once more
other = read(sys.argv[2])[3]  # declared differently, as after a change in a notebook
assert other(0.3) == 2 * np.sin(0.3) and grad(other)(0.3) == 2 * np.cos(0.3)
"""


LOCAL = """
import pickle, sys
from autograd import Tensor, Value
from rows_of_a_test import fourth, scaling, turning

doubled, turned = scaling(2.0), turning(1)
data = pickle.dumps((doubled(Value(3.0)), turned(Tensor([1.0, 2.0, 3.0])), fourth))
assert pickle.loads(data)[0].op is doubled and pickle.loads(data)[1].op is turned
assert b"cloudpickle" not in pickle.dumps(fourth)
open(sys.argv[1], "wb").write(data)
tripled = scaling(3.0)  # in place of the first of that name
assert pickle.loads(pickle.dumps(tripled)) is tripled
try:
    pickle.loads(data)
except ValueError as error:
    assert "the pickle has another 'scaled' than the one that is declared here" in str(error)
else:
    raise AssertionError
"""

LOCAL_READER = """
import pickle, sys

def read():
    return pickle.loads(open(sys.argv[1], "rb").read())

a, b, fourth = read()
a.backward()
b.backward([5.0, 0.0, 0.0])
(x,), (y,) = a.operands, b.operands
assert (a.data, x.grad, fourth(2.0)) == (6.0, 2.0, 16.0)
assert (b.data.tolist(), y.grad.tolist()) == ([3.0, 1.0, 2.0], [0.0, 0.0, 5.0])
assert read()[0].op is a.op
import rows_of_a_test
assert rows_of_a_test.fourth is fourth
"""

LOCAL_BEFORE = """
import pickle, sys
import rows_of_a_test
own = rows_of_a_test.scaling(2.0)  # the same, declared here before
assert pickle.loads(open(sys.argv[1], "rb").read())[0].op is own
"""


def run(code: str, *arguments: Any, folder: Path) -> None:
    root = str(Path(autograd.__file__).parent.parent)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([root, str(folder)])}
    file = folder / "program.py"
    file.write_text(code, encoding="utf-8")
    done = subprocess.run([sys.executable, file, *arguments], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_rows_travel_with_their_module_and_those_of_main_whole(tmp_path: Path) -> None:
    pytest.importorskip("cloudpickle", reason="cloudpickle is not installed")
    (tmp_path / "rows_of_a_test.py").write_text(MODULE, encoding="utf-8")
    for factor in (1, 2):
        run(MAIN.replace("{factor}", str(factor)), str(tmp_path / str(factor)), folder=tmp_path)
    run(READER, str(tmp_path / "1"), str(tmp_path / "2"), folder=tmp_path)


def test_rows_that_a_function_declares_travel_whole(tmp_path: Path) -> None:
    pytest.importorskip("cloudpickle", reason="cloudpickle is not installed")
    (tmp_path / "rows_of_a_test.py").write_text(MODULE, encoding="utf-8")
    for program in (LOCAL, LOCAL_READER, LOCAL_BEFORE):
        run(program, str(tmp_path / "data"), folder=tmp_path)


def test_the_rows_of_the_tables_are_declared_by_imports() -> None:
    for table in (PRIMITIVES, ARRAY_OPERATIONS):
        rows = [row for row in table.values() if row.functions[-1].__module__.startswith("autograd.")]
        assert len(rows) > 50
        assert all(row.by_import for row in rows)


def local_row(factor: float, shift: float = 0.0) -> Any:
    return autograd.primitive(lambda x, out, shift=shift: factor, name="local_row")(lambda x: factor * x + shift)


def test_a_row_from_elsewhere_does_not_take_the_place_of_another_one_declared_here() -> None:
    pytest.importorskip("cloudpickle", reason="cloudpickle is not installed")
    first, again, others = local_row(2.0), local_row(2.0), [local_row(3.0), local_row(2.0, 1.0)]
    PRIMITIVES["local_row"] = again
    assert pickle.loads(pickle.dumps(first)) is again
    for other in others:
        with pytest.raises(ValueError, match="the pickle has another 'local_row' than the one that is declared here"):
            pickle.loads(pickle.dumps(other))
    assert PRIMITIVES["local_row"] is again
    with pytest.raises(pickle.UnpicklingError):
        received(Primitive, PRIMITIVES, "broken", whole=("token", b"broken"))
    assert "broken" not in PRIMITIVES


def test_without_cloudpickle_a_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cloudpickle", None)
    monkeypatch.setitem(sys.modules, "joblib.externals.cloudpickle", None)
    row = local_row(2.0)
    content = pickle.dumps(row)
    assert pickle.loads(content) is row
    monkeypatch.delitem(PRIMITIVES, "local_row")
    with pytest.raises(LookupError, match="in a function or a script, install cloudpickle where it is pickled"):
        pickle.loads(content)


def test_without_its_module_a_row_is_not_found() -> None:
    assert received(Primitive, PRIMITIVES, "nowhere", ["no_such_module"]) is None


def test_derivatives_of_importable_functions_are_pickled() -> None:
    for transform in (autograd.value_and_grad, autograd.grad, autograd.elementwise_grad, autograd.jacobian):
        derived = transform(autograd.hypot, "y")
        again = pickle.loads(pickle.dumps(derived))
        assert again(3.0, y=4.0) == derived(3.0, y=4.0)
        assert (again.__name__, repr(again)) == (derived.__name__, repr(derived))
    third = pickle.loads(pickle.dumps(autograd.grad(autograd.hessian(autograd.sin))))
    assert third(0.5) == autograd.grad(autograd.hessian(autograd.sin))(0.5)

    class Curve:
        slope = autograd.grad(lambda self, x: x**2 * self.factor, 1)
        factor = 3.0

    assert Curve().slope(2.0) == 12.0
    assert repr(Curve.slope) == "<derivative grad(<lambda>)>"
