"""Habits of NumPy, PyTorch and micrograd: what each line gives, or what the error says to write instead.

The tables are read as: habit, and what comes out.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

import autograd
import nn
import pathgrad
from autograd import Tensor, Value, grad, stop_gradient
from autograd.core.foreign import FOREIGN_NAMES

A = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
LOSS = nn.functional.cross_entropy(A[:, :2], [1, 0]).item()


def square(side: Any) -> Any:
    """The area of a square."""
    return side * side


@pytest.fixture
def names() -> dict[str, Any]:
    """What the habits are written with: a number x, a number as a Tensor s, a matrix t."""
    modules = {"autograd": autograd, "nn": nn, "np": np, "net": nn.Sequential(nn.Linear(2, 2, rng=0), nn.Identity())}
    return globals() | modules | {"x": Value(2.0, label="x"), "s": Tensor(3.14159), "t": Tensor(A)}


@pytest.mark.parametrize(
    ("habit", "gives"),
    [
        ('f"{s:.3f}"', "'3.142'"),
        ('f"{Tensor([2.5]):.1e}"', "'2.5e+00'"),
        ('f"{x:.2f}"', "'2.00'"),
        ("x.detach()", "Value(2.0)"),
        ("x.detach('y')", "Value(2.0, label='y')"),
        ("s.detach()", "Tensor(3.14159)"),
        ("x.copy()", "Value(2.0, op=positive)"),
        ("s.copy()", "Tensor(3.14159, op=positive)"),
        ("np.copy(s)", "Tensor(3.14159, op=positive)"),
        ("x.tolist(), x.shape, x.ndim", "(2.0, (), 0)"),
        ("t.tolist()", "[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]"),
        ("s.tolist()", "3.14159"),
        ("t.numel(), t.dim()", "(6, 2)"),
        ("t.view(3, 2).shape, t.view(-1).shape, t.view((6, 1)).shape", "((3, 2), (6,), (6, 1))"),
        ("t.unsqueeze(0).shape, t.unsqueeze(-1).shape", "((1, 2, 3), (2, 3, 1))"),
        ("t.t().shape, Tensor([1.0, 2.0]).t().shape, s.t().shape", "((3, 2), (2,), ())"),
        ("t.flatten().shape, s.flatten().shape", "((6,), (1,))"),
        ("t.unsqueeze(0).flatten(1).shape, t.unsqueeze(0).flatten(0, 1).shape", "((1, 6), (2, 3))"),
        ("t.sum(dim=1, keepdim=True)", "Tensor([[ 6.],\n        [15.]], op=sum)"),
        ("t.mean(dim=(0, 1)), t.mean(dim=[0, 1])", "(Tensor(3.5, op=divide), Tensor(3.5, op=divide))"),
        ("t.std(dim=1).shape, t.std(dim=0)[0].item()", "((2,), 1.5)"),
        ("t.softmax(dim=0)[0, 0].item() == t.softmax(axis=0)[0, 0].item()", "True"),
        ("t.argmax(dim=1), t.argmin(axis=0)", "(array([2, 2]), array([0, 0, 0]))"),
        ("bool(t.all()), t.any(dim=0)", "(True, array([ True,  True,  True]))"),
        ("t.cumsum(dim=0)[1].tolist()", "[5.0, 7.0, 9.0]"),
        ("Tensor(np.array([1, 2]))", "Tensor([1., 2.])"),
        ("Tensor(np.array([True, False]))", "Tensor([1., 0.])"),
        ("grad(lambda x: (x**2).sum())(np.array([1, 2]))", "array([2., 4.])"),
        ("grad(lambda x, y: x * y, argnum=1)(2.0, 3.0)", "2.0"),
        ("autograd.hessian(lambda x, y: y**3, argnum='y')(1.0, y=2.0)", "12.0"),
        ("grad(square).__name__, grad(grad(square)).__name__", "('grad(square)', 'grad(grad(square))')"),
        ("grad(square).__doc__", "'The gradient of square with respect to argument 0.\\n\\nThe area of a square.'"),
        ("autograd.hvp(lambda x: x**3, 2.0, 1.0)", "12.0"),
        ("autograd.hvp(lambda x: (x**3).sum(), np.array([1.0, 2.0]), np.array([1.0, 0.0]))", "array([6., 0.])"),
        ("autograd.hvp(lambda p: p['w'] ** 3, {'w': 2.0}, {'w': 1.0})", "{'w': 12.0}"),
        ("autograd.jvp(lambda x: x**3, 2.0, 1.0)", "(8.0, 12.0)"),
        ("len(nn.MLP(2, [16, 16, 1]).parameters())", "337"),
        ("[len(layer.neurons) for layer in nn.MLP(2, (3, 1), rng=0).layers]", "[3, 1]"),
        ("[type(module).__name__ for module in net.children()]", "['Linear', 'Identity']"),
        ("[type(module).__name__ for module in net.modules()]", "['Sequential', 'Linear', 'Identity']"),
        ("net.apply(lambda module: None) is net", "True"),
        ("[name for name, _ in nn.ModuleList([net]).named_parameters()]", "['0.0.weight', '0.0.bias']"),
        ("nn.functional.cross_entropy(t[:, :2], np.array([True, False])).item() == LOSS", "True"),
        ("round(nn.functional.cross_entropy([[x, 3.0]], [True]).item(), 6)", "0.313262"),
        ("nn.fit(net, (A[:, :2], A[:, :2]), 'mse', 'adam', 2).epochs", "2"),
        ("nn.fit(net, (A[:, :2], [True, False]), 'cross_entropy', 'SGD', 2).ended", "'all epochs'"),
        (
            "list(nn.fit(net, (A[:, :2], [1, 0]), 'cross_entropy', 'adam', 1, metrics=['accuracy']))",
            "['loss', 'accuracy']",
        ),
        ("autograd.pick(t, [True, False]).tolist()", "[2.0, 4.0]"),
        ("autograd.one_hot(np.array([True, False]), 2).tolist()", "[[0.0, 1.0], [1.0, 0.0]]"),
        ("autograd.testing.__name__", "'autograd.testing'"),
        ("nn.MLP(2, [3, 1], activation='relu').layers[0]", "Layer(2, 3, activation=relu)"),
        ("list(nn.evaluate(net, (A[:, :2], [0, 1]), 'cross_entropy'))", "['loss']"),
    ],
)
def test_a_habit_is_followed(habit: str, gives: str, names: dict[str, Any]) -> None:
    assert repr(eval(habit, names)) == gives


@pytest.mark.parametrize(
    ("habit", "error", "says"),
    [
        ("x._prev", AttributeError, "a Value has no _prev: write x.parents"),
        ("t._children", AttributeError, "a Tensor has no _children: write x.parents"),
        ("x.requires_grad", AttributeError, r"every node has a gradient; write x.detach\(\)"),
        ("setattr(t, 'requires_grad', True)", AttributeError, r"every node has a gradient; write x.detach\(\)"),
        ("x.draw_dot()", AttributeError, r"write autograd.draw\(x\)"),
        ("x.trace", AttributeError, r"write autograd.topological_order\(x\)"),
        ("t.clone()", AttributeError, r"write x.copy\(\)"),
        ("autograd.compile(lambda x: x * x.detach())(3.0)", autograd.RecordingError, "leave it out of argnums"),
        ("t.mm(t)", AttributeError, "a Tensor has no mm: write x @ y"),
        ("t.zero_()", AttributeError, "nothing computes in place"),
        ("autograd.randn(3)", AttributeError, "make the array with NumPy"),
        ("autograd.cat([t, t])", AttributeError, "write autograd.concatenate"),
        ("setattr(x, 'name', 'w')", AttributeError, "a Value has no name: write x.label"),
        ("setattr(t, 'm', 0)", AttributeError, r"keep what belongs to one in a dict, as in state\[p\] = 0.0"),
        ("setattr(x, 'anything', 0)", AttributeError, "anything"),
        ("t.max(dim=1)", TypeError, r"write t.max\(axis=1\) for the values and t.argmax\(axis=1\) for the indices"),
        ("t.sum(1, dim=0)", TypeError, "axis and dim are names for the same argument, but both are given: 1 and 0"),
        ("t.softmax(axis=0, dim=1)", TypeError, "both are given: 0 and 1"),
        ("t.unsqueeze(0).t()", ValueError, r"t\(\) takes a matrix or a vector, not 3 axes: use transpose"),
        ("t.flatten(2)", ValueError, "axis 2 is out of bounds"),
        ("Tensor(np.ones(2, complex))", TypeError, "take its real part"),
        (
            "grad(x * x, [x])",
            TypeError,
            r"write grad\(f\)\(x\), where f\(x\) computes the number; or write y.backward\(\)",
        ),
        ("grad(3)", TypeError, "grad takes a function, not 3: write"),
        ("autograd.jacobian(t)", TypeError, "jacobian takes a function, not a Tensor: write"),
        ("grad(square, 1, argnum=2)", TypeError, "both are given: 1, 2"),
        (
            "autograd.draw_dot",
            AttributeError,
            r"module 'autograd' has no attribute 'draw_dot': write autograd.draw\(y\)",
        ),
        ("autograd.nonsense", AttributeError, "module 'autograd' has no attribute 'nonsense'$"),
        ("nn.Parameter", AttributeError, "a Tensor in an attribute of a module is a parameter"),
        ("nn.SGD", AttributeError, "write nn.optim.SGD"),
        ("nn.accuracy", AttributeError, "write nn.training.accuracy"),
        ("nn.relu", AttributeError, "write nn.functional.relu"),
        ("nn.MLP([2, 3, 1], 'relu')", ValueError, "name all other arguments, as in activation='relu'"),
        (
            "nn.fit(net, (A, A), 'mse', 'adam', 1, metrics=['f1'])",
            ValueError,
            "there is no metric 'f1': use 'accuracy'",
        ),
        ("nn.fit(net, (A, A), 'mse', 'adam', 1, metrics='accuracy')", TypeError, r"write metrics=\['accuracy'\]"),
        ("nn.fit(net, (A, A), 'mse', 'adam', 1, metrics=[3])", TypeError, "a metric is a function"),
        ("nn.nonsense", AttributeError, "module 'nn' has no attribute 'nonsense'$"),
        ("nn.MLP(2, 16, 1)", ValueError, r"in one list, as in \[2, 16, 1\]"),
        ("nn.ModuleList([3])", TypeError, r"ModuleList takes modules, such as ReLU\(\), but number 0 is 3"),
        ("nn.fit(net, (A, A), 'mse', 'adagrod', 1)", ValueError, "no optimizer 'adagrod': use one of sgd, adagrad"),
        ("nn.fit(net, (A, A), 'mze', 'adam', 1)", ValueError, "no loss 'mze': use one of binary_cross_entropy"),
        ("nn.fit(net, (A, A), 'mse', nn.optim.Adam, 1)", TypeError, r"as in optim.Adam\(model.parameters\(\)\)"),
        ("nn.fit(net, (A, A), nn.MSELoss, 'adam', 1)", TypeError, r"write MSELoss\(\)"),
    ],
)
def test_an_error_says_what_to_write(habit: str, error: type[Exception], says: str, names: dict[str, Any]) -> None:
    with pytest.raises(error, match=says):
        eval(habit, names)


# ---------------------------------------------------------------------------------------------------------------------
# Names of other libraries
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("node", [Value(1.0), Tensor([1.0])], ids=["Value", "Tensor"])
def test_foreign_names_are_not_attributes(node: Any) -> None:
    for name in FOREIGN_NAMES:
        if not (name in dir(node) or name == "_op"):  # trace is NumPy's for a Tensor, _op its own
            assert not hasattr(node, name), name
            with pytest.raises(AttributeError, match=f"has no {name}: "):
                setattr(node, name, 0)


def test_the_packages_have_one_version() -> None:
    assert autograd.__version__ == nn.__version__ == pathgrad.__version__


# ---------------------------------------------------------------------------------------------------------------------
# Where gradients stop and where they pass
# ---------------------------------------------------------------------------------------------------------------------


def test_detach_and_stop_gradient_make_constants() -> None:
    for cut in (lambda x: x.detach(), stop_gradient):
        assert grad(lambda x, cut=cut: x * cut(x))(3.0) == 3.0
        assert grad(grad(lambda x, cut=cut: x * x * cut(x)))(3.0) == 6.0
        assert grad(lambda x, cut=cut: (x * cut(x)).sum())(np.array([1.0, 2.0])).tolist() == [1.0, 2.0]


def test_stop_gradient_of_structures_and_constants() -> None:
    x, t = Value(2.0), Tensor([1.0])
    y, cut, plain = stop_gradient([x * 2, {"t": t * 2}, 3.0])
    assert (y.parents, cut["t"].parents, plain) == ((), (), 3.0)
    assert (y.item(), cut["t"].tolist()) == (4.0, [2.0])


@given(arrays(float, array_shapes(min_dims=0, max_dims=3, max_side=3), elements=st.floats(-5, 5)))
def test_gradients_pass_through_new_shapes_and_copies(x: np.ndarray) -> None:
    for shaped in (
        lambda t: t.copy(),
        lambda t: t.flatten(),
        lambda t: t.view(-1),
        lambda t: t.unsqueeze(0),
        lambda t: t.view(t.numel()).t(),
    ):
        assert np.array_equal(grad(lambda t, shaped=shaped: (shaped(t) ** 2).sum())(x), 2 * x)


# ---------------------------------------------------------------------------------------------------------------------
# Methods agree with NumPy's functions
# ---------------------------------------------------------------------------------------------------------------------

REDUCTIONS = ["all", "any", "argmax", "argmin", "sum", "prod", "mean", "std", "var", "ptp", "max", "min"]


@pytest.mark.parametrize("name", REDUCTIONS)
@given(
    x=arrays(float, array_shapes(max_dims=3, max_side=3), elements=st.integers(-2, 2).map(float)),
    data=st.data(),
    keepdims=st.booleans(),
)
def test_reductions_are_those_of_numpy(name: str, x: np.ndarray, data: Any, keepdims: bool) -> None:
    axis = data.draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    expected = getattr(np, name)(x, axis=axis, keepdims=keepdims)
    method = getattr(Tensor(x), name)
    results = [method(axis, keepdims=keepdims), method(axis=axis, keepdim=keepdims)]
    if name not in ("max", "min"):
        results.append(method(dim=axis, keepdim=keepdims))
    for result in results:
        found = result.numpy() if isinstance(result, Tensor) else result
        assert np.shape(found) == np.shape(expected)
        assert np.allclose(found, expected)


@given(arrays(float, array_shapes(min_dims=0, max_dims=3, max_side=3), elements=st.floats(-5, 5)))
def test_readings_are_those_of_numpy(x: np.ndarray) -> None:
    t = Tensor(x)
    assert (t.tolist(), t.dim(), t.numel()) == (x.tolist(), x.ndim, x.size)
    assert np.array_equal(t.flatten().numpy(), x.flatten())
    assert np.array_equal(t.copy().numpy(), x)


@pytest.mark.parametrize("dtype", [bool, np.int8, np.uint64, int])
def test_whole_numbers_become_floats_as_in_lists(dtype: Any) -> None:
    x = np.array([0, 1, 1], dtype)
    assert Tensor(x).dtype == Tensor(x.tolist()).dtype == np.float64
    assert Tensor(x).tolist() == x.tolist()
