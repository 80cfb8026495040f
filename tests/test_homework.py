"""Backward passes written by hand: the right ones pass, and each planted mistake is named on its line."""

import json

import numpy as np
import pytest
from homework import DEEP, LAYERS, PLANAR, SVM, SVM_ARRAYS, TWO_LAYER, deep, layers, planar, rows, svm

from autograd import check_backprop

HOMEWORK = {
    "planar": (PLANAR, planar),
    "two-layer": (TWO_LAYER, rows),
    "svm": (SVM, svm),
    "svm-arrays": (SVM_ARRAYS, svm),
    "deep": (DEEP, deep),
    "layers": (LAYERS, layers),
}

MISTAKES = [
    # one hidden layer
    ("planar", "dZ2 = A2 - Y", "dZ2 = Y - A2", "sign"),
    ("planar", "dZ2 = A2 - Y", "dZ2 = A1 - Y", "variable"),
    ("planar", "dZ2 = A2 - Y", "dZ2 = (A2 - Y) * A2 * (1 - A2)", "extra"),
    ("planar", "dW2 = 1 / m * np.dot(dZ2, A1.T)", "dW2 = np.dot(dZ2, A1.T)", "factor"),
    ("planar", "dW2 = 1 / m * np.dot(dZ2, A1.T)", "dW2 = 1 / m * np.dot(dZ2, Z1.T)", "variable"),
    ("planar", "dW2 = 1 / m * np.dot(dZ2, A1.T)", "dW2 = 1 / m * np.dot(A1, dZ2.T)", "transposed"),
    ("planar", "dW2 = 1 / m * np.dot(dZ2, A1.T)", "dW2 = 1 / m * np.dot(dZ2, A1)", "transposed"),
    ("planar", "db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)", "db2 = 1 / m * np.sum(dZ2, axis=1)", "keepdims"),
    ("planar", "db2 = 1 / m * np.sum(dZ2,", "db2 = 1 / m * np.mean(dZ2,", "reduction"),
    ("planar", "(1 - np.power(A1, 2))", "(1 - np.power(Z1, 2))", "variable"),
    ("planar", "(1 - np.power(A1, 2))", "(1 - np.power(A1, 3))", "constant"),
    ("planar", "(1 - np.power(A1, 2))", "(1 + np.power(A1, 2))", "sign"),
    ("planar", "(1 - np.power(A1, 2))", "(A1 * (1 - A1))", "slope"),
    ("planar", " * (1 - np.power(A1, 2))", "", "missing"),
    ("planar", "np.dot(W2.T, dZ2) *", "np.dot(W2, dZ2) *", "transposed"),
    ("planar", "dW1 = 1 / m * dZ1 @ X.T", "dW1 = dZ1 @ X.T", "factor"),
    ("planar", "dW1 = 1 / m * dZ1 @ X.T", "dW1 = 1 / m * X @ dZ1.T", "transposed"),
    ("planar", "db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)", "db1 = 1 / m * np.sum(dZ1, axis=0, keepdims=True)",
     "axis"),
    ("planar", "db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)", "db1 = 1 / m * np.sum(dZ1)", "axis"),
    ("planar", "db1 = 1 / m * np.sum(dZ1,", "db1 = 1 / m * np.sum(dZ2,", "variable"),
    # softmax in two layers
    ("two-layer", "dscores[np.arange(N), y] -= 1", "dscores[np.arange(N), y] += 1", "sign"),
    ("two-layer", "dscores[np.arange(N), y] -= 1", "dscores[np.arange(N), y] = 1", "accumulation"),
    ("two-layer", "dscores /= N", "dscores *= N", "factor"),
    ("two-layer", "dhidden = dscores.dot(W2.T)", "dhidden = dscores.dot(W2)", "transposed"),
    ("two-layer", "dhidden[hidden <= 0] = 0", "dhidden[hidden > 0] = 0", "condition"),
    ("two-layer", 'grads["W2"] += 2 * reg * W2', 'grads["W2"] += reg * W2', "constant"),
    ("two-layer", 'grads["W1"] += 2 * reg * W1', 'grads["W1"] = 2 * reg * W1', "accumulation"),
    ("two-layer", 'grads["W1"] += 2 * reg * W1', 'grads["W1"] -= 2 * reg * W1', "sign"),
    ("two-layer", 'grads["b1"] = np.sum(dhidden, axis=0)', 'grads["b1"] = np.sum(dhidden, axis=1)', "axis"),
    ("two-layer", 'grads["b2"] = np.sum(dscores, axis=0)', 'grads["b2"] = np.sum(dscores, axis=0, keepdims=True)',
     "keepdims"),
    # the support vector machine
    ("svm", "dW[:, j] += X[i]", "dW[:, j] = X[i]", "accumulation"),
    ("svm", "dW[:, y[i]] -= X[i]", "dW[:, y[i]] += X[i]", "sign"),
    ("svm", "dW += 2 * reg * W", "dW = 2 * reg * W", "accumulation"),
    ("svm-arrays", "dscores[margins > 0] = 1", "dscores[margins < 0] = 1", "condition"),
    ("svm-arrays", "dX = dscores.dot(W.T)", "dX = -dscores.dot(W.T)", "sign"),
    # layers and caches
    ("deep", "dZ = dA * s * (1 - s)", "dZ = dA * s * (1 + s)", "sign"),
    ("deep", "dZ[Z <= 0] = 0", "dZ[Z >= 0] = 0", "condition"),
    ("deep", "dW = 1. / m * np.dot(dZ, A_prev.T)", "dW = np.dot(dZ, A_prev.T)", "factor"),
    ("deep", "dW = 1. / m * np.dot(dZ, A_prev.T)", "dW = 1. / m * np.dot(A_prev, dZ.T)", "transposed"),
    ("deep", "db = 1. / m * np.sum(dZ, axis=1, keepdims=True)", "db = 1. / m * np.sum(dZ, axis=1)", "keepdims"),
    ("deep", "dA_prev = np.dot(W.T, dZ)", "dA_prev = np.dot(W, dZ)", "transposed"),
    ("deep", "dAL = -(np.divide(Y, AL)", "dAL = (np.divide(Y, AL)", "sign"),
    ("deep", 'grads["dW" + str(l + 1)] = dW_temp', 'grads["dW" + str(l)] = dW_temp', "shape"),
    # layers as classes
    ("layers", "dout[self.mask] = 0", "dout[~self.mask] = 0", "condition"),
    ("layers", "dx = dout * (1.0 - self.out) * self.out", "dx = dout * (1.0 - self.out)", "missing"),
    ("layers", "dx = np.dot(dout, self.W.T)", "dx = np.dot(dout, self.W)", "transposed"),
    ("layers", "self.dW = np.dot(self.x.T, dout)", "self.dW = np.dot(dout.T, self.x)", "transposed"),
    ("layers", "self.db = np.sum(dout, axis=0)", "self.db = np.sum(dout, axis=1)", "axis"),
    ("layers", "self.db = np.sum(dout, axis=0)", "self.db = np.mean(dout, axis=0)", "reduction"),
    ("layers", "dx = dx / batch_size", "dx = dx * batch_size", "factor"),
    ("layers", "dx[np.arange(batch_size), self.t] -= 1", "dx[np.arange(batch_size), self.t] += 1", "sign"),
]  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("name", HOMEWORK)
def test_right_code_gives_no_alarm(name, seed):
    code, inputs = HOMEWORK[name]
    check = check_backprop(code, **inputs(seed))
    assert check, str(check)
    assert {line.kind for line in check.lines} <= {"right", "summed"}


@pytest.mark.parametrize(("name", "right", "wrong", "kind"), MISTAKES, ids=[f"{m[0]}-{m[2]}" for m in MISTAKES])
def test_a_planted_mistake_is_named_on_its_line(name, right, wrong, kind):
    code, inputs = HOMEWORK[name]
    assert code.count(right) == 1
    number = code[: code.index(right)].count("\n") + 1
    check = check_backprop(code.replace(right, wrong), **inputs())
    assert [(line.line, line.kind) for line in check.mistakes] == [(number, kind)], str(check)


@pytest.mark.parametrize(("name", "right", "wrong", "kind"), MISTAKES, ids=[f"{m[0]}-{m[2]}" for m in MISTAKES])
def test_what_is_to_be_written_instead_is_right(name, right, wrong, kind):
    code, inputs = HOMEWORK[name]
    wrong_code = code.replace(right, wrong)
    (mistake,) = check_backprop(wrong_code, **inputs()).mistakes
    if mistake.fix is None:
        assert kind == "shape"
        return
    lines = wrong_code.splitlines()
    old = lines[mistake.line - 1]
    lines[mistake.line - 1] = old[: len(old) - len(old.lstrip())] + mistake.fix
    assert check_backprop("\n".join(lines), **inputs())


def test_several_mistakes_are_judged_each_by_itself():
    code = PLANAR
    for right, wrong in [
        ("dZ2 = A2 - Y", "dZ2 = Y - A2"),
        ("dZ2, A1.T", "dZ2, Z1.T"),
        ("(1 - np.power(A1, 2))", "(1 - np.power(Z1, 2))"),
        ("1 / m * dZ1 @ X.T", "dZ1 @ X.T"),
    ]:
        code = code.replace(right, wrong)
    check = check_backprop(code, **planar())
    assert [(line.line, line.kind) for line in check.mistakes] == [
        (9, "sign"), (10, "variable"), (12, "variable"), (13, "factor"),
    ]  # fmt: skip


def test_the_mean_may_be_taken_first_or_last():
    first = (
        PLANAR.replace("dZ2 = A2 - Y", "dZ2 = (A2 - Y) / m")
        .replace("W2 = 1 / m * np", "W2 = np")
        .replace("b2 = 1 / m * np", "b2 = np")
        .replace("W1 = 1 / m * ", "W1 = ")
        .replace("b1 = 1 / m * np", "b1 = np")
    )
    check = check_backprop(first, **planar())
    assert check
    assert {line.kind for line in check.lines} == {"right"}
    check = check_backprop(PLANAR.replace("dZ2 = A2 - Y", "dZ2 = (A2 - Y) / m"), **planar())
    assert [line.variable for line in check.mistakes] == ["W2", "b2", "W1", "b1"]
    assert {line.text for line in check.mistakes} == {"1/m is there twice"}


def test_a_mean_forgotten_at_the_start_is_one_mistake():
    check = check_backprop(TWO_LAYER.replace("dscores /= N", "pass"), **rows())
    (mistake,) = check.mistakes
    assert (mistake.line, mistake.kind, mistake.text) == (26, "factor", "1/N is missing")


def dense(X, Y, W, b):
    Z = forward(X, W, b)
    loss = np.mean((Z - Y) ** 2)
    dZ = 2 * (Z - Y) / Z.size
    dW = X.T @ dZ
    db = dZ.sum(axis=1)
    return loss, dW, db


def forward(X, W, b):
    return X @ W + b


def test_a_function_is_called_with_the_inputs():
    rng = np.random.default_rng(0)
    given = {"X": rng.normal(size=(5, 4)), "Y": rng.normal(size=(5, 3)), "W": rng.normal(size=(4, 3)), "b": np.zeros(3)}
    before = given["W"].copy()
    check = check_backprop(dense, **given)
    (mistake,) = check.mistakes
    first = dense.__code__.co_firstlineno
    assert (mistake.line, mistake.kind, mistake.variable) == (first + 5, "axis", "b")
    assert mistake.source == "db = dZ.sum(axis=1)"
    assert mistake.fix == "db = dZ.sum(axis=0)"
    assert (given["W"] == before).all()


AFFINE = """
def affine_forward(x, w, b):
    out = x.reshape(x.shape[0], -1).dot(w) + b
    cache = (x, w, b)
    return out, cache

def affine_backward(dout, cache):
    x, w, b = cache
    dx, dw, db = None, None, None
    dx = dout.dot(w.T).reshape(x.shape)
    dw = x.reshape(x.shape[0], -1).T.dot(dout)
    db = np.sum(dout, axis=0)
    return dx, dw, db

out, cache = affine_forward(x, w, b)
dx, dw, db = affine_backward(dout, cache)
"""


def test_a_layer_alone_starts_from_a_given_gradient():
    rng = np.random.default_rng(0)
    given = {name: rng.normal(size=shape) for name, shape in
             [("x", (4, 2, 3)), ("w", (6, 5)), ("b", 5), ("dout", (4, 5))]}  # fmt: skip
    assert check_backprop(AFFINE, **given)
    check = check_backprop(AFFINE.replace("dout.dot(w.T)", "dout.dot(w.T * 2)"), **given)
    assert [(line.line, line.kind) for line in check.mistakes] == [(10, "constant")]


RECURRENT = """
hs, ys = {-1: np.zeros((5, 1))}, {}
loss = 0
for t in range(3):
    hs[t] = np.tanh(Wxh @ xs[t] + Whh @ hs[t - 1])
    ys[t] = Why @ hs[t]
    loss += 0.5 * np.sum((ys[t] - targets[t]) ** 2)
dWxh, dWhh, dWhy = np.zeros_like(Wxh), np.zeros_like(Whh), np.zeros_like(Why)
dhnext = np.zeros((5, 1))
for t in reversed(range(3)):
    dy = ys[t] - targets[t]
    dWhy += dy @ hs[t].T
    dh = Why.T @ dy + dhnext
    draw = (1 - hs[t] ** 2) * dh
    dWxh += draw @ xs[t].T
    dWhh += draw @ hs[t - 1].T
    dhnext = Whh.T @ draw
"""


def recurrent():
    rng = np.random.default_rng(0)
    shapes = {"Wxh": (5, 4), "Whh": (5, 5), "Why": (2, 5)}
    given = {name: rng.normal(size=shape) / 2 for name, shape in shapes.items()}
    return given | {"xs": list(rng.normal(size=(3, 4, 1))), "targets": list(rng.normal(size=(3, 2, 1)))}


def test_a_recurrent_net():
    check = check_backprop(RECURRENT, **recurrent())
    assert check
    assert {line.variable for line in check.lines} == {"Wxh", "Whh", "Why", "y", "h"}
    for right, wrong, line, kind in [
        ("dWhh += draw @ hs[t - 1].T", "dWhh = draw @ hs[t - 1].T", 16, "accumulation"),
        ("dh = Why.T @ dy + dhnext", "dh = Why.T @ dy", 13, "missing"),
        ("dWhy += dy @ hs[t].T", "dWhy += hs[t] @ dy.T", 12, "transposed"),
    ]:
        check = check_backprop(RECURRENT.replace(right, wrong), **recurrent())
        assert [(x.line, x.kind) for x in check.mistakes] == [(line, kind)], str(check)


def test_numbers():
    code = "q = x + y\nL = q * z\ndq = z\ndz = q\ndx = dq\ndy = -dq"
    check = check_backprop(code, x=-2, y=5, z=-4)
    assert [(line.line, line.kind, line.fix) for line in check.mistakes] == [(6, "sign", "dy = dq")]
    assert check.loss == -12.0


def test_a_small_constant_in_a_logarithm_is_no_mistake():
    code = """
p = 1 / (1 + np.exp(-w * x))
loss = -np.mean(y * np.log(p + 1e-7) + (1 - y) * np.log(1 - p + 1e-7))
dw = np.mean((p - y) * x)
"""
    assert check_backprop(code, x=np.array([1.0, 5.0]), y=np.array([1, 0]), w=1.0)


def test_what_the_code_prints_is_not_shown_and_random_numbers_stay(capsys):
    state = np.random.get_state()[1].copy()
    code = "w = np.random.rand(3)\nloss = np.sum(w * w)\ndw = 2 * w\nprint(dw)\nassert False"
    assert check_backprop(code)
    assert capsys.readouterr().out == ""
    assert (np.random.get_state()[1] == state).all()


def test_a_gradient_without_a_variable_is_not_checked():
    check = check_backprop("loss = w * w\ndw = 2 * w\ndV = 1.0", w=3.0)
    assert check
    assert str(check).splitlines() == [
        "line 2 ✓ dw = 2 * w",
        "line 3 ? dV = 1.0    there is no variable V: name it in the forward pass",
        "1 of 2 lines is right, 1 could not be checked",
    ]


def test_json():
    check = check_backprop("loss = w * w\ndw = w", w=3.0)
    assert json.loads(json.dumps(check.as_json())) == {
        "ok": False,
        "loss": 9.0,
        "lines": [
            {
                "line": 2,
                "source": "dw = w",
                "variable": "w",
                "kind": "constant",
                "text": "the factor 2 is missing",
                "fix": "dw = 2 * w",
                "ok": False,
            }
        ],
    }


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("loss = w * w\ndw = = w", "line 2: the code cannot be read: invalid syntax"),
        ("return 3", "line 1: the code cannot be read: 'return' outside function"),
        ("y = w * w\ndw = 2 * w", "no loss was found: compute it as a single number in a variable named loss"),
        ("loss = w * w", "no gradient was found: the code has to compute one, such as dW for the variable W"),
        ("def f(w):\n    loss = w * w\n    dw = w\n", "no gradient was found: .* if it only defines functions"),
        ("loss = w * w\nx = {} / w\ndw = w", "line 2: TypeError: .* in 'x = {} / w'"),
        ("loss = w * w\ndV = 2 * w", "no gradient could be checked: line 2: there is no variable V: name it"),
        ("loss = u * u\ndu = w", "line 1: NameError: name 'u' is not defined, in 'loss = u \\* u'"),
        ("raise SystemExit", "line 1: SystemExit"),
    ],
)  # fmt: skip
def test_bad_code_gives_one_clear_sentence(code, message):
    with pytest.raises(ValueError, match=message) as error:
        check_backprop(code, w=np.array(3.0))
    assert "\n" not in str(error.value)


def test_a_gradient_that_raises_is_a_mistake():
    check = check_backprop("loss = np.sum(w * w)\ndw = w @ v", w=np.ones(3), v=np.ones(2))
    (mistake,) = check.mistakes
    assert (mistake.line, mistake.kind) == (2, "raises")
    assert "matmul" in mistake.text


def test_other_bad_input():
    with pytest.raises(TypeError, match="source must be code or a function, not int"):
        check_backprop(3)
    with pytest.raises(ValueError, match="no variable cost is a single number that depends on the inputs"):
        check_backprop("loss = w * w\ndw = 2 * w", loss="cost", w=3.0)
    with pytest.raises(ValueError, match="dense: missing a required argument: 'Y'"):
        check_backprop(dense, X=np.ones((2, 2)))
    names = {}
    exec("def f(w):\n    loss = w * w", names)
    with pytest.raises(ValueError, match="the source of f was not found: give the code as text"):
        check_backprop(names["f"], w=3.0)


CONVOLUTION = """
N, F, S = x.shape[0], w.shape[0], w.shape[1]
out = np.zeros((N, F, 2, 2))
for n in range(N):
    for f in range(F):
        for i in range(2):
            for j in range(2):
                out[n, f, i, j] = np.sum(x[n, i:i + S, j:j + S] * w[f]) + b[f]
dx, dw, db = np.zeros_like(x), np.zeros_like(w), np.zeros_like(b)
for n in range(N):
    for f in range(F):
        for i in range(2):
            for j in range(2):
                dx[n, i:i + S, j:j + S] += w[f] * dout[n, f, i, j]
                dw[f] += x[n, i:i + S, j:j + S] * dout[n, f, i, j]
                db[f] += dout[n, f, i, j]
"""


def test_a_convolution_that_writes_into_arrays():
    rng = np.random.default_rng(0)
    shapes = {"x": (2, 4, 4), "w": (2, 3, 3), "b": 2, "dout": (2, 2, 2, 2)}
    given = {name: rng.normal(size=shape) for name, shape in shapes.items()}
    assert check_backprop(CONVOLUTION, **given)
    check = check_backprop(CONVOLUTION.replace("db[f] +=", "db[f] ="), **given)
    assert [(line.line, line.kind) for line in check.mistakes] == [(16, "accumulation")]


BASE_CLASS = """
class Layer:
    def __init__(self, *params):
        self.params = list(params)
        self.grads = [np.zeros_like(p) for p in params]

class MatMul(Layer):
    def __init__(self, W):
        super().__init__(W)
        self.x = None

    def forward(self, x):
        W, = self.params
        out = np.dot(x, W)
        self.x = x
        return out

    def backward(self, dout):
        W, = self.params
        dx = np.dot(dout, W.T)
        dW = np.dot(self.x.T, dout)
        self.grads[0][...] = dW
        return dx

layer = MatMul(W)
out = layer.forward(x)
loss = np.sum(out ** 2)
dx = layer.backward(2 * out)
"""


def test_layers_may_have_a_base_class():
    rng = np.random.default_rng(0)
    given = {"x": rng.normal(size=(4, 3)), "W": rng.normal(size=(3, 2))}
    assert check_backprop(BASE_CLASS, **given)
    check = check_backprop(BASE_CLASS.replace("np.dot(dout, W.T)", "np.dot(dout, -W.T)"), **given)
    assert [(line.line, line.kind) for line in check.mistakes] == [(20, "sign")]
