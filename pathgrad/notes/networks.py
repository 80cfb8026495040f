"""Networks: the smallest one trained by hand, the deltas of backpropagation, and layers as matrices."""

# ruff: noqa: N802, N803, N806 (the names are those of the notes)

from __future__ import annotations

import operator
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np

from autograd import Value, dot, jacobian, matmul, no_grad, paths, relu, reshape, sigmoid
from nn.init import generator
from nn.layers import Linear, Sequential, Sigmoid
from nn.losses import binary_cross_entropy, half_squared_error
from nn.neuron import MLP, Layer
from nn.optimizers import SGD
from pathgrad.notes.example import Facts, Inputs, example
from pathgrad.notes.steps import close, difference, leaves, name, plain, provided, slope

# ---------------------------------------------------------------------------------------------------------------------
# One input, one hidden unit, one output
# ---------------------------------------------------------------------------------------------------------------------

Function = Callable[[Any], Any]


def forward_and_backward(
    weights: list[Value],
    inputs: Inputs,
    hidden: Function = sigmoid,
    output: Function = operator.pos,  # makes y a separate variable, because the notes write the factor ∂y/∂s2 = 1
    loss: Callable[[Any, Any], Any] = half_squared_error,
) -> Facts:
    """x_t → s1 → h → s2 → y → E with the weights w1 and w2, for one sample (x_t, y_t); then the sweep."""
    w1, w2 = weights
    x_t, y_t = leaves(inputs, "x_t", "y_t")
    s1 = name("s1", x_t * w1)
    h = name("h", hidden(s1))
    s2 = name("s2", h * w2)
    y = name("y", output(s2))
    E = name("E", loss(y, y_t))
    w1.grad = w2.grad = None
    E.backward()
    return {"s1": s1, "h": h, "s2": s2, "y": y, "E": E, "dE/dw2": w2.grad, "dE/dw1": w1.grad}


def gradient_step(weights: list[Value], inputs: Inputs) -> Facts:
    """The numbers of one step of gradient descent in the notes, with the new weights."""
    facts = forward_and_backward(weights, inputs)
    SGD(weights, lr=inputs["eta"]).step()
    w1, w2 = weights
    s1, h = facts["s1"], facts["h"]
    return {"s1": s1, "h": h, "1-h": 1 - h, **facts, "new w2": w2.data, "new w1": w1.data}


def paths_to(weights: list[Value], E: Value) -> list[Any]:
    """The paths from the weights to the error."""
    return [paths(E, w) for w in weights]


@example("simple-nn-step-1")
def first_step(inputs: Inputs) -> Facts:
    """The forward pass, the backward pass along the only path to each weight, and the new weights."""
    weights = leaves(inputs, "w1", "w2")
    facts = gradient_step(weights, inputs)
    return {**facts, "paths": paths_to(weights, facts["E"])}


@example("simple-nn-step-2")
def second_step(inputs: Inputs) -> Facts:
    """From the rounded weights of the notes, from the exact weights, and from the printed digits."""
    rounded, first = leaves(inputs, "w1", "w2"), leaves(inputs["first"], "w1", "w2")
    facts = gradient_step(rounded, inputs)
    gradient_step(first, inputs)
    h, y, eta = round(facts["h"].data, 3), round(facts["y"].data, 3), inputs["eta"]
    return {
        **facts,
        "from the weights before rounding": gradient_step(first, inputs),
        "from the printed digits": {
            f"-({inputs['y_t']}-{y})*{h}": -(inputs["y_t"] - y) * h,
            "new w2": inputs["w2"] - eta * round(float(facts["dE/dw2"]), 3),
        },
    }


@example("simple-nn-trajectory")
def trajectory(inputs: Inputs) -> Facts:
    """Gradient descent continues until w2 σ(w1) = 1 and the error vanishes."""
    weights = leaves(inputs, "w1", "w2")
    visited, errors = {}, {}
    for n in range(max(inputs["n"]) + 1):
        at = [w.data for w in weights]
        E = gradient_step(weights, inputs)["E"]
        if n in inputs["n"]:
            visited[str(n)], errors[str(n)] = at, E
    return {**visited, "E": errors}


@example("simple-nn-relu-regression")
def relu_regression(inputs: Inputs) -> Facts:
    """With ReLU in the hidden unit; as in the notes, its slope at the kink is 0."""
    weights = leaves(inputs, "w1", "w2")
    facts = forward_and_backward(weights, inputs, hidden=relu)
    steps = [slope(relu, s1) for s1 in (-1.0, 0.0, 1.0)] == [0.0, 0.0, 1.0]
    return {**facts, "dh/ds1": provided(steps, "1 if s1>0, 0 if s1<=0"), "paths": paths_to(weights, facts["E"])}


@example("simple-nn-relu-classification")
def relu_classification(inputs: Inputs) -> Facts:
    """With a sigmoid at the output as well, for which the cross entropy has the slope y - y_t."""
    weights = leaves(inputs, "w1", "w2")
    facts = forward_and_backward(weights, inputs, hidden=relu, output=sigmoid, loss=binary_cross_entropy)
    s2, y = facts["s2"], facts["y"]
    slopes = {"dE/dy": y.grad, "dy/ds2": paths(y, s2).gradient, "dE/ds2": s2.grad}
    return {**facts, **slopes, "paths": paths_to(weights, facts["E"])}


# ---------------------------------------------------------------------------------------------------------------------
# Backpropagation in general
# ---------------------------------------------------------------------------------------------------------------------


@example("delta-recursion")
def delta_recursion(inputs: Inputs) -> Facts:
    """δ = dH/ds of a unit from the deltas of the layer above, and dH/dw from δ."""
    rng, sizes = generator(inputs["seed"]), inputs["units"]
    net = MLP(sizes, activation="sigmoid", output="sigmoid", rng=rng)
    x, t = rng.uniform(size=sizes[0]).tolist(), rng.uniform(size=sizes[-1]).tolist()
    layers = [x]
    for layer in net.layers:
        layers.append(layer(layers[-1]))
    half_squared_error(layers[-1], t).backward()

    delta = [[unit.parents[0].grad for unit in units] for units in layers[1:]]  # of x = θ(s), s is the only parent
    weights = [[neuron.weights for neuron in layer.neurons] for layer in net.layers]
    products = [
        (d * plain(x_i), w.grad or 0.0)
        for w_l, delta_l, x_l in zip(weights, delta, layers, strict=False)
        for w_j, d in zip(w_l, delta_l, strict=True)
        for w, x_i in zip(w_j, x_l, strict=True)
    ]
    recursion = [
        (dot(above, [w.data for w in w_j]) * unit.partials[0], d)
        for (below, above), units, w_l in zip(pairwise(delta), layers[1:], weights[1:], strict=False)
        for d, unit, w_j in zip(below, units, zip(*w_l, strict=True), strict=True)
    ]
    return {
        "dH/dw_ij^(l)": provided(close(*zip(*products, strict=True)), "delta_j^(l) * x_i^(l)"),
        "delta_j^(l)": provided(
            close(*zip(*recursion, strict=True)), "(delta^(l+1))^T w_j^(l+1) * dx_j^(l+1)/ds_j^(l)"
        ),
        "largest deviation from central differences": deviation(lambda: half_squared_error(net(x), t), net),
    }


def deviation(error: Callable[[], Any], net: MLP) -> float:
    """The largest deviation of the gradients of a net from the central differences of its error."""
    return float(max(abs(w.grad - difference(error, w)) for w in net.parameters() if isinstance(w, Value)))


@example("two-layer-vectorised-backprop")
def vectorised_backprop(inputs: Inputs) -> Facts:
    """The formulas with a column for each sample, compared with the same net of arrays and of single numbers."""
    units, m, rng = inputs["units"], inputs["m"], generator(inputs["seed"])
    net = MLP(units, activation="tanh", output="sigmoid", rng=rng)
    X, Y = rng.normal(size=(units[0], m)), rng.integers(2, size=(units[-1], m))

    def J() -> Any:
        return binary_cross_entropy([net(x) for x in X.T], Y[0])

    J().backward()
    layers: list[Any] = list(net.vectorize())
    first, g, second, sigma = layers
    A1 = g(Z1 := first(X.T))  # samples are rows here
    A2 = sigma(Z2 := second(A1))
    binary_cross_entropy(A2, Y.T).backward()

    W2, A1, A2 = second.weight.numpy(), A1.numpy().T, A2.numpy().T
    dZ2 = A2 - Y
    dZ1 = W2.T @ dZ2 * (1 - A1**2)
    formulas = {
        "dZ2": ("A2-Y", dZ2, m * Z2.grad.T),
        "dW2": ("(1/m) dZ2 A1^T", dZ2 @ A1.T / m, second.weight.grad),
        "db2": ("(1/m) sum(dZ2)", dZ2.sum(axis=1) / m, second.bias.grad),
        "dZ1": ("W2^T dZ2 * g1'(Z1)", dZ1, m * Z1.grad.T),
        "dW1": ("(1/m) dZ1 X^T", dZ1 @ X.T / m, first.weight.grad),
        "db1": ("(1/m) sum(dZ1)", dZ1.sum(axis=1) / m, first.bias.grad),
    }
    both = zip(net.layers, (first, second), strict=True)
    return {
        **{key: provided(same(found, swept), text) for key, (text, found, swept) in formulas.items()},
        "the net of single numbers": provided(all(same_slopes(*pair) for pair in both), "the same gradients"),
        "largest deviation from central differences": deviation(J, net),
        "with the layers as printed": {
            "dz^[0] A^[0]T": f"{product_shape(A1 - Y, A1.T)}, but W^[0] is {shape(first.weight)}",
            "W^[1]T dz^[0]": product_shape(W2.T, A1 - Y),
        },
    }


def same(found: Any, swept: Any) -> bool:
    """Whether two arrays agree up to rounding."""
    return np.allclose(found, swept, rtol=1e-12, atol=1e-15)


def same_slopes(layer: Layer, linear: Linear) -> bool:
    """Whether a layer of neurons and one of arrays have the same gradients."""
    weights = [[w.grad for w in neuron.weights] for neuron in layer.neurons]
    biases = [neuron.bias.grad for neuron in layer.neurons if neuron.bias is not None]
    return linear.bias is not None and same(weights, linear.weight.grad) and same(biases, linear.bias.grad)


# ---------------------------------------------------------------------------------------------------------------------
# Layers as matrices
# ---------------------------------------------------------------------------------------------------------------------


def shape(x: Any, m: int | None = None) -> str:
    """The shape of a matrix, with m for the number of samples.

    >>> shape(np.zeros((1, 7)), m=7)
    '(1,m)'
    """
    return f"({','.join('m' if n == m else str(n) for n in x.shape)})"


def product_shape(a: Any, b: Any) -> str:
    """The shape of a product of matrices, or the reason why it is undefined."""
    try:
        return shape(matmul(a, b))
    except ValueError:
        return f"undefined: {shape(a)}{shape(b)} do not conform"


@example("matrix-shapes")
def matrix_shapes(inputs: Inputs) -> Facts:
    """A net of two layers by the notes' matrix formulas, compared with the layers."""
    (n_x, hidden, out), m, rng = inputs["units"], inputs["m"], generator(inputs["seed"])
    first, second = Linear(n_x, hidden), Linear(hidden, out)
    net = Sequential(first, Sigmoid(), second)
    for parameter in net.parameters():
        parameter.data = rng.normal(size=np.shape(parameter.data))
    assert first.bias is not None
    assert second.bias is not None
    W1, b1 = first.weight, reshape(first.bias, (hidden, 1))
    W2, b2 = second.weight, reshape(second.bias, (out, 1))
    X = rng.normal(size=(n_x, m))
    w1, x = reshape(W1[0], (n_x, 1)), X[:, :1]

    Z1 = W1 @ X + b1
    A1 = sigmoid(Z1)
    Z2 = W2 @ A1 + b2
    return {
        "w1^t x": product_shape(w1.T, x),
        "w1 x": product_shape(w1, x),
        "Z1": f"{shape(Z1, m)}={shape(W1)}{shape(X, m)}+{shape(b1)}",
        "Z2": f"{shape(Z2, m)}={shape(W2)}{shape(A1, m)}+{shape(b2)}",
        "W": shape(W2 @ W1),
        "b": shape(W2 @ b1 + b2),
        "the layers": provided(same(Z2.numpy().T, net(X.T).numpy()), "Z2=W2 sigma(W1 X+b1)+b2"),
    }


@example("linear-collapse-matrix")
def linear_collapse(inputs: Inputs) -> Facts:
    """Two layers without activation are one: W is the Jacobian of the net at any point, b its value at 0."""
    names = {"0.weight": "W1", "0.bias": "b1", "1.weight": "W2", "1.bias": "b2"}
    net = Sequential(Linear(2, 3), Linear(3, 1))
    net.load_state_dict({parameter: inputs[key] for parameter, key in names.items()})
    W1, b1, W2, b2 = net.state_dict().values()
    with no_grad():  # plain arrays: the derivatives of W in the parameters are not needed
        at_zero, *elsewhere = [jacobian(net)(np.array(x, float)) for x in ([0, 0], *inputs["x"])]
    return {
        "W": at_zero.ravel().tolist(),
        "b": net(np.zeros(2)).item(),
        "W elsewhere": provided(all(np.array_equal(W, at_zero) for W in elsewhere), "the same"),
        "W2 W1": (W2 @ W1).ravel().tolist(),
        "W2 b1+b2": (W2 @ b1 + b2).item(),
    }
