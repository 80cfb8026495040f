"""Backward passes written by hand: the right ones pass, and each planted mistake is named on its line."""

import json

import homework
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
