"""What type checkers know of Tensors and functions of arrays."""

from __future__ import annotations

import inspect
import subprocess
import sys
from pathlib import Path

import pytest

import autograd
from autograd.arrays import convolution, functions, labels, linear_algebra, linear_maps, losses, operations, stacking

pytestmark = pytest.mark.same_in_both_modes

RIGHT = """
from __future__ import annotations

import numpy as np

import autograd
from autograd import Tensor, Value, linalg

X = np.ones((3, 4))


def f(x: Tensor) -> Tensor:
    return x @ x.T + autograd.sum(x * 2.0)


def loss(w: Tensor, b: Tensor) -> Tensor:
    h = (X @ w + b).tanh()
    h = 2 / (h[0:1] * np.ones(3) - 1.0) + abs(-h) ** 2
    scores = autograd.softmax(autograd.linear(h, w.T), axis=-1)
    parts: list[Tensor] = autograd.split(autograd.concatenate([h, scores]), 3)
    rows: list[Tensor] = [row.reshape(2, -1) for row in parts[0]]
    return autograd.softmax_cross_entropy(h, [0, 1, 2]).mean(axis=0) + linalg.norm(linalg.inv(w)) + rows[0].max()


def joined(a: Value, b: Value) -> Tensor:
    return autograd.stack([a, b, 1.0])


def number(t: Tensor) -> Value:
    return t.sum().item()


def total(values: list[Value], weights: list[float]) -> Value:
    return autograd.sum(values) if not weights else autograd.dot(values, weights)


def step(p: Tensor, rate: float) -> None:
    p.backward()
    p.data -= rate * p.grad
    p.data = 3.0


@autograd.array_operation(lambda g, out, x, n: g * n)
def times(x: np.ndarray[tuple[int, ...], np.dtype[np.float64]], n: int) -> object:
    return x * n


a: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = autograd.mean(X, axis=0)
t: Tensor = times(Tensor(1.0), 2)
"""

WRONG = """
import numpy as np
from autograd import Tensor, conv2d, mean, reshape, softmax

x = Tensor(1.0)
a: Tensor = softmax(np.ones(3))
b: int = mean(x)
reshape(x, "3")
x.sum(ax=1)
conv2d(x, x, stride="2")
"""


def check(tmp_path: Path, script: str) -> list[str]:
    """The complaints of mypy about a script of a user."""
    pytest.importorskip("mypy")
    (tmp_path / "script.py").write_text(script, encoding="utf-8")
    (tmp_path / "mypy.ini").write_text("[mypy]\nstrict = True\nfollow_imports = silent\n", encoding="utf-8")
    root = Path(autograd.__file__).parent.parent
    command = [sys.executable, "-m", "mypy", "--no-error-summary", f"--cache-dir={root / '.mypy_cache'}", "script.py"]
    run = subprocess.run(command, cwd=tmp_path, env={"MYPYPATH": str(root)}, capture_output=True, text=True)
    assert not run.stderr
    return [line for line in run.stdout.splitlines() if ": error: " in line]


def test_a_script_of_a_user_is_typed(tmp_path: Path) -> None:
    assert check(tmp_path, RIGHT) == []


def test_mistakes_are_found(tmp_path: Path) -> None:
    lines = [int(complaint.split(":")[1]) for complaint in check(tmp_path, WRONG)]
    assert lines == [6, 7, 8, 9, 10]


@pytest.mark.parametrize(
    "module", [convolution, functions, labels, linear_algebra, linear_maps, losses, operations, stacking]
)
def test_signatures_and_docs_are_those_of_the_functions(module: object) -> None:
    for name in module.__all__:  # type: ignore[attr-defined]
        parameters = inspect.signature(getattr(module, name)).parameters
        assert parameters, name
        assert "args" not in parameters, name
        assert inspect.getdoc(getattr(module, name)), name
