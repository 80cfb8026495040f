"""In pytest, the traceback of an error shows the user's code alone: frames of this package are left out."""

import math
from pathlib import Path

import numpy as np
import pytest

import autograd as ag
from autograd import Primitive, Value
from autograd.testing import check_primitive

PACKAGE = Path(ag.__file__).parent
WRONG = Primitive("wrong_square", lambda x: x * x, [lambda x, out: 3.0 * x], parameters=["x"])

REFUSED = [
    lambda: ag.log(Value(-1.0)),
    lambda: Value(1.0) / Value(0.0),
    lambda: 1.0 / Value(0.0),
    lambda: Value(1000.0).exp(),
    lambda: ag.grad(lambda x: ag.log(x))(-1.0),
    lambda: ag.grad(lambda x: math.sin(x))(1.0),
    lambda: ag.value_and_grad(lambda x: np.float64(x))(1.0),
    lambda: ag.jacobian(lambda x: ag.log(x[0]))([-1.0]),
    lambda: ag.hessian(lambda x: ag.log(x))(-1.0),
    lambda: ag.grad(lambda x: np.asarray(x, float).sum())(np.ones(2)),
    lambda: ag.compile(lambda x: x if x > 0 else -x)(1.0),
    lambda: ag.check_gradients(lambda x: WRONG(x), 1.0),
    lambda: check_primitive(WRONG),
]


@pytest.mark.parametrize("refused", REFUSED)
def test_a_traceback_shows_the_users_code_alone(refused):
    with pytest.raises(Exception) as caught:  # noqa: PT011  # of any kind
        refused()
    shown = [entry.path for entry in caught.traceback.filter(caught)]
    assert Path(__file__) in shown
    assert not any(PACKAGE in file.parents for file in shown)


def test_a_traceback_is_whole_for_an_error_that_is_not_ours():
    with pytest.raises(TypeError) as caught:
        ag.grad(3.0)(1.0)
    assert len(caught.traceback.filter(caught)) == len(caught.traceback)
