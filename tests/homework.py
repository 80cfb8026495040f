"""Backward passes as courses teach them, written here from their formulas, and mistakes to plant in them."""

from __future__ import annotations

import numpy as np

PLANAR = """
Z1 = W1 @ X + b1
A1 = np.tanh(Z1)
Z2 = np.dot(W2, A1) + b2
A2 = 1 / (1 + np.exp(-Z2))
logprobs = np.multiply(np.log(A2), Y) + np.multiply(np.log(1 - A2), 1 - Y)
cost = -np.sum(logprobs) / m
cost = float(np.squeeze(cost))
dZ2 = A2 - Y
dW2 = 1 / m * np.dot(dZ2, A1.T)
db2 = 1 / m * np.sum(dZ2, axis=1, keepdims=True)
dZ1 = np.dot(W2.T, dZ2) * (1 - np.power(A1, 2))
dW1 = 1 / m * dZ1 @ X.T
db1 = 1 / m * np.sum(dZ1, axis=1, keepdims=True)
grads = {"dW1": dW1, "db1": db1, "dW2": dW2, "db2": db2}
"""
"""One hidden layer of tanh, a sigmoid and the cross-entropy: columns are samples."""


def planar(seed=0):
    rng = np.random.default_rng(seed)
    return {
        "X": rng.normal(size=(2, 5)), "Y": (rng.random((1, 5)) > 0.5) * 1.0, "m": 5, "W1": rng.normal(size=(3, 2)),
        "b1": rng.normal(size=(3, 1)), "W2": rng.normal(size=(1, 3)), "b2": np.zeros((1, 1)),
    }  # fmt: skip


TWO_LAYER = """
class TwoLayerNet:
    def __init__(self, inputs, hidden, classes, std=0.5):
        self.params = {}
        self.params["W1"] = std * np.random.randn(inputs, hidden)
        self.params["b1"] = np.zeros(hidden)
        self.params["W2"] = std * np.random.randn(hidden, classes)
        self.params["b2"] = np.zeros(classes)

    def loss(self, X, y=None, reg=0.0):
        W1, b1 = self.params["W1"], self.params["b1"]
        W2, b2 = self.params["W2"], self.params["b2"]
        N, D = X.shape
        hidden = np.maximum(0, X.dot(W1) + b1)
        scores = hidden.dot(W2) + b2
        if y is None:
            return scores
        shifted = scores - np.max(scores, axis=1, keepdims=True)
        probs = np.exp(shifted)
        probs /= np.sum(probs, axis=1, keepdims=True)
        loss = -np.sum(np.log(probs[np.arange(N), y])) / N
        loss += reg * (np.sum(W1 * W1) + np.sum(W2 * W2))

        grads = {}
        dscores = probs.copy()
        dscores[np.arange(N), y] -= 1
        dscores /= N
        grads["W2"] = hidden.T.dot(dscores)
        grads["b2"] = np.sum(dscores, axis=0)
        dhidden = dscores.dot(W2.T)
        dhidden[hidden <= 0] = 0
        grads["W1"] = X.T.dot(dhidden)
        grads["b1"] = np.sum(dhidden, axis=0)
        grads["W2"] += 2 * reg * W2
        grads["W1"] += 2 * reg * W1
        return loss, grads

np.random.seed(1)
net = TwoLayerNet(4, 6, 3)
losses = []
for step in range(3):
    loss, grads = net.loss(X, y, reg=0.1)
    losses.append(loss)
    for name in net.params:
        net.params[name] -= 0.1 * grads[name]
"""
"""Softmax with weight decay in one method, and three steps of training: rows are samples."""

SVM = """
N = X.shape[0]
C = W.shape[1]
dW = np.zeros(W.shape)
loss = 0.0
for i in range(N):
    scores = X[i].dot(W)
    for j in range(C):
        if j == y[i]:
            continue
        margin = scores[j] - scores[y[i]] + 1
        if margin > 0:
            loss += margin
            dW[:, j] += X[i]
            dW[:, y[i]] -= X[i]
loss /= N
dW /= N
loss += reg * np.sum(W * W)
dW += 2 * reg * W
"""
"""The support vector machine's loss in loops, with the gradient between them."""

SVM_ARRAYS = """
N = X.shape[0]
scores = X.dot(W)
correct = scores[np.arange(N), y].reshape(-1, 1)
margins = np.maximum(0, scores - correct + 1)
margins[np.arange(N), y] = 0
loss = np.sum(margins) / N + reg * np.sum(W * W)
dscores = np.zeros(scores.shape)
dscores[margins > 0] = 1
dscores[np.arange(N), y] -= np.sum(margins > 0, axis=1)
dscores /= N
dW = X.T.dot(dscores) + 2 * reg * W
dX = dscores.dot(W.T)
"""
"""The same without loops."""


def rows(seed=0):
    rng = np.random.default_rng(seed)
    return {"X": rng.normal(size=(5, 4)), "y": np.array([0, 2, 1, 0, 2])}


def svm(seed=0):
    return rows(seed) | {"W": np.random.default_rng(seed + 1).normal(size=(4, 3)), "reg": 0.3}


DEEP = """
def initialize(sizes):
    np.random.seed(3)
    parameters = {}
    for l in range(1, len(sizes)):
        parameters["W" + str(l)] = np.random.randn(sizes[l], sizes[l - 1]) / np.sqrt(sizes[l - 1])
        parameters["b" + str(l)] = np.zeros((sizes[l], 1))
    return parameters

def sigmoid(Z):
    A = 1 / (1 + np.exp(-Z))
    cache = Z
    return A, cache

def relu(Z):
    A = np.maximum(0, Z)
    cache = Z
    return A, cache

def linear_forward(A, W, b):
    Z = np.dot(W, A) + b
    cache = (A, W, b)
    return Z, cache

def linear_activation_forward(A_prev, W, b, activation):
    Z, linear_cache = linear_forward(A_prev, W, b)
    if activation == "sigmoid":
        A, activation_cache = sigmoid(Z)
    else:
        A, activation_cache = relu(Z)
    cache = (linear_cache, activation_cache)
    return A, cache

def model_forward(X, parameters):
    caches = []
    A = X
    L = len(parameters) // 2
    for l in range(1, L):
        A_prev = A
        A, cache = linear_activation_forward(A_prev, parameters["W" + str(l)], parameters["b" + str(l)], "relu")
        caches.append(cache)
    AL, cache = linear_activation_forward(A, parameters["W" + str(L)], parameters["b" + str(L)], "sigmoid")
    caches.append(cache)
    return AL, caches

def compute_cost(AL, Y):
    m = Y.shape[1]
    cost = (1. / m) * (-np.dot(Y, np.log(AL).T) - np.dot(1 - Y, np.log(1 - AL).T))
    cost = np.squeeze(cost)
    assert cost.shape == ()
    return cost

def relu_backward(dA, cache):
    Z = cache
    dZ = np.array(dA, copy=True)
    dZ[Z <= 0] = 0
    assert dZ.shape == Z.shape
    return dZ

def sigmoid_backward(dA, cache):
    Z = cache
    s = 1 / (1 + np.exp(-Z))
    dZ = dA * s * (1 - s)
    return dZ

def linear_backward(dZ, cache):
    A_prev, W, b = cache
    m = A_prev.shape[1]
    dW = 1. / m * np.dot(dZ, A_prev.T)
    db = 1. / m * np.sum(dZ, axis=1, keepdims=True)
    dA_prev = np.dot(W.T, dZ)
    return dA_prev, dW, db

def linear_activation_backward(dA, cache, activation):
    linear_cache, activation_cache = cache
    if activation == "relu":
        dZ = relu_backward(dA, activation_cache)
        dA_prev, dW, db = linear_backward(dZ, linear_cache)
    else:
        dZ = sigmoid_backward(dA, activation_cache)
        dA_prev, dW, db = linear_backward(dZ, linear_cache)
    return dA_prev, dW, db

def model_backward(AL, Y, caches):
    grads = {}
    L = len(caches)
    m = AL.shape[1]
    Y = Y.reshape(AL.shape)
    dAL = -(np.divide(Y, AL) - np.divide(1 - Y, 1 - AL))
    current = caches[L - 1]
    dA_prev_temp, dW_temp, db_temp = linear_activation_backward(dAL, current, "sigmoid")
    grads["dA" + str(L - 1)] = dA_prev_temp
    grads["dW" + str(L)] = dW_temp
    grads["db" + str(L)] = db_temp
    for l in reversed(range(L - 1)):
        current = caches[l]
        dA_prev_temp, dW_temp, db_temp = linear_activation_backward(grads["dA" + str(l + 1)], current, "relu")
        grads["dA" + str(l)] = dA_prev_temp
        grads["dW" + str(l + 1)] = dW_temp
        grads["db" + str(l + 1)] = db_temp
    return grads

def update(parameters, grads, rate):
    L = len(parameters) // 2
    for l in range(L):
        parameters["W" + str(l + 1)] = parameters["W" + str(l + 1)] - rate * grads["dW" + str(l + 1)]
        parameters["b" + str(l + 1)] = parameters["b" + str(l + 1)] - rate * grads["db" + str(l + 1)]
    return parameters

parameters = initialize([4, 5, 3, 1])
costs = []
for i in range(5):
    AL, caches = model_forward(X, parameters)
    cost = compute_cost(AL, Y)
    grads = model_backward(AL, Y, caches)
    parameters = update(parameters, grads, 0.1)
    if i % 2 == 0:
        print("cost", i, cost)
        costs.append(cost)
"""
"""A net of L layers: functions for each step, caches, and a training."""


def deep(seed=0):
    rng = np.random.default_rng(seed)
    return {"X": rng.normal(size=(4, 7)), "Y": (rng.random((1, 7)) > 0.5) * 1}


LAYERS = """
from collections import OrderedDict

def softmax(x):
    x = x - np.max(x, axis=-1, keepdims=True)
    return np.exp(x) / np.sum(np.exp(x), axis=-1, keepdims=True)

def cross_entropy_error(y, t):
    if y.ndim == 1:
        t = t.reshape(1, t.size)
        y = y.reshape(1, y.size)
    if t.size == y.size:
        t = t.argmax(axis=1)
    batch_size = y.shape[0]
    return -np.sum(np.log(y[np.arange(batch_size), t] + 1e-7)) / batch_size

class Relu:
    def __init__(self):
        self.mask = None

    def forward(self, x):
        self.mask = (x <= 0)
        out = x.copy()
        out[self.mask] = 0
        return out

    def backward(self, dout):
        dout[self.mask] = 0
        dx = dout
        return dx

class Sigmoid:
    def __init__(self):
        self.out = None

    def forward(self, x):
        out = 1 / (1 + np.exp(-x))
        self.out = out
        return out

    def backward(self, dout):
        dx = dout * (1.0 - self.out) * self.out
        return dx

class Affine:
    def __init__(self, W, b):
        self.W = W
        self.b = b
        self.x = None
        self.dW = None
        self.db = None

    def forward(self, x):
        self.x = x
        out = np.dot(self.x, self.W) + self.b
        return out

    def backward(self, dout):
        dx = np.dot(dout, self.W.T)
        self.dW = np.dot(self.x.T, dout)
        self.db = np.sum(dout, axis=0)
        return dx

class SoftmaxWithLoss:
    def __init__(self):
        self.loss = None
        self.y = None
        self.t = None

    def forward(self, x, t):
        self.t = t
        self.y = softmax(x)
        self.loss = cross_entropy_error(self.y, self.t)
        return self.loss

    def backward(self, dout=1):
        batch_size = self.t.shape[0]
        if self.t.size == self.y.size:
            dx = (self.y - self.t) / batch_size
        else:
            dx = self.y.copy()
            dx[np.arange(batch_size), self.t] -= 1
            dx = dx / batch_size
        return dx

class Net:
    def __init__(self, sizes):
        self.params = {}
        for i in range(1, len(sizes)):
            self.params["W" + str(i)] = 0.5 * np.random.randn(sizes[i - 1], sizes[i])
            self.params["b" + str(i)] = np.zeros(sizes[i])
        self.layers = OrderedDict()
        self.layers["Affine1"] = Affine(self.params["W1"], self.params["b1"])
        self.layers["Relu1"] = Relu()
        self.layers["Affine2"] = Affine(self.params["W2"], self.params["b2"])
        self.layers["Sigmoid2"] = Sigmoid()
        self.layers["Affine3"] = Affine(self.params["W3"], self.params["b3"])
        self.last = SoftmaxWithLoss()

    def predict(self, x):
        for layer in self.layers.values():
            x = layer.forward(x)
        return x

    def loss(self, x, t):
        y = self.predict(x)
        return self.last.forward(y, t)

    def gradient(self, x, t):
        self.loss(x, t)
        dout = 1
        dout = self.last.backward(dout)
        layers = list(self.layers.values())
        layers.reverse()
        for layer in layers:
            dout = layer.backward(dout)
        grads = {}
        grads["W1"], grads["b1"] = self.layers["Affine1"].dW, self.layers["Affine1"].db
        grads["W2"], grads["b2"] = self.layers["Affine2"].dW, self.layers["Affine2"].db
        grads["W3"], grads["b3"] = self.layers["Affine3"].dW, self.layers["Affine3"].db
        return grads

np.random.seed(0)
net = Net([4, 6, 5, 3])
grads = net.gradient(x, t)
for key in ("W1", "b1", "W2", "b2", "W3", "b3"):
    net.params[key] -= 0.1 * grads[key]
loss = net.loss(x, t)
"""
"""Layers with forward and backward, in a net that goes through them in reverse."""


def layers(seed=0, one_hot=False):
    given = rows(seed)
    return {"x": given["X"], "t": np.eye(3)[given["y"]] if one_hot else given["y"]}
