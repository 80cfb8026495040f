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
from autograd.core.primitive import Primitive
from autograd.core.travel import received

pytestmark = pytest.mark.same_in_both_modes

MODULE = """
from autograd import primitive
@primitive(lambda x, out: 3 * x * x)
def cubed(x):
    return x**3
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


def test_a_row_of_another_main_does_not_take_the_place_of_one_declared_here(monkeypatch: pytest.MonkeyPatch) -> None:
    cloudpickle = pytest.importorskip("cloudpickle", reason="cloudpickle is not installed")
    local = autograd.primitive(lambda x, out: 1.0, name="local_row")(lambda x: x)
    content = cloudpickle.dumps({"name": "local_row"})
    with pytest.raises(ValueError, match="the pickle has another 'local_row' than the one that is declared here"):
        received(Primitive, PRIMITIVES, "local_row", whole=("token", content))
    assert PRIMITIVES["local_row"] is local
    for function in (local.formula, *local.partials):
        monkeypatch.setattr(function, "__module__", "__main__")
    assert received(Primitive, PRIMITIVES, "local_row", whole=("token", content)) is local  # the same program again
    with pytest.raises(pickle.UnpicklingError):
        received(Primitive, PRIMITIVES, "broken", whole=("token", b"broken"))
    assert "broken" not in PRIMITIVES


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
