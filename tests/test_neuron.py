"""Scalar networks: the notes' names and formulas, PyTorch-free oracles in plain NumPy, and the vectorized twin."""

import math
import pickle
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
from autograd import Tensor, Value, leaky_relu, paths, topological_order
from nn.layers import LeakyReLU
from nn.neuron import ACTIVATIONS, MLP, Layer, Neuron


def filled(net):
    """The network with weights that are all different."""
    for i, p in enumerate(net.parameters()):
        p.data = math.sin(1.7 * i + 0.3)
    return net


# -- a neuron ---------------------------------------------------------------------------------------------------------


def test_nodes_of_several_samples_are_told_apart_as_in_the_notes():
    net = MLP([2, 2, 1], activation="sigmoid", rng=0)
    loss = (net([1.0, -2.0]) - 1.0) ** 2 + (net([0.5, 0.25]) - 2.0) ** 2 + (net([0.0, 1.0]) - 3.0) ** 2
    bias = net.layers[0].neurons[0].bias
    assert {str(path).rpartition(" → ")[0] for path in paths(loss, bias)} == {
        f"b[1]_1 → z[1]({k})_1 → a[1]({k})_1 → z[2]({k})_1" for k in (1, 2, 3)
    }
    for k in (1, 2, 3):
        node = paths(loss, f"z_1^{{[1]({k})}}").input
        assert node is paths(loss, f"z[1]({k})_1").input
        assert node.label == "z[1]_1"
    with pytest.raises(LookupError, match=r"3 nodes .* or its name, z\[1\]\(1\)_1 to z\[1\]\(3\)_1"):
        paths(loss, "z[1]_1")


def test_a_network_without_bias():
    net = MLP([2, 3, 1], activation="sigmoid", bias=False, rng=0)
    plain = MLP([2, 3, 1], activation="sigmoid", rng=0)  # its biases start at 0
    assert [neuron.bias for layer in net.layers for neuron in layer.neurons] == [None] * 4
    assert len(net.parameters()) == 9
    y, other = net([1.0, -2.0]), plain([1.0, -2.0])
    assert y.data == pytest.approx(other.data, rel=1e-14)
    y.backward()
    other.backward()
    weights = [[w.grad for layer in n.layers for neuron in layer.neurons for w in neuron.weights] for n in (net, plain)]
    assert weights[0] == pytest.approx(weights[1], rel=1e-14)
    twin = net.vectorize()
    assert [m.bias for m in twin if hasattr(m, "bias")] == [None, None]
    assert twin([[1.0, -2.0]]).item() == pytest.approx(y.data, rel=1e-14)
    assert not any("b[" in (node.label or "") for node in topological_order(y))


def test_names_of_samples_in_latex():
    pytest.importorskip("sympy")
    net = MLP([1, 1], activation="sigmoid", rng=0)
    loss = net([1.0]) + net([0.5])
    assert r"\frac{\partial z_{1}^{[1](2)}}{\partial w_{1,1}^{[1]}}" in paths(loss, "w[1]_{1,1}", named=True).latex()
    assert paths(loss, "w_{1,1}^{[1]}").input is net.layers[0].neurons[0].weights[0]


def test_the_logistic_neuron_of_the_notes_has_the_gradients_of_the_notes():
    """z = w1 x1 + w2 x2 + b, y = σ(z), L = -(t log y + (1 - t) log(1 - y)): dw = x (y - t), db = y - t."""
    neuron = Neuron(2, "sigmoid")
    for p, data in zip(neuron.parameters(), [0.7, -1.1, 0.4], strict=True):
        p.data = data
    x, t = [1.5, 2.0], 1.0
    y = neuron(x)
    (-(t * autograd.log(y) + (1 - t) * autograd.log(1 - y))).backward()
    expected = 1 / (1 + math.exp(-(0.7 * 1.5 - 1.1 * 2.0 + 0.4)))
    assert y.data == pytest.approx(expected, rel=1e-14)
    gradients = [x[0] * (expected - t), x[1] * (expected - t), expected - t]
    assert [p.grad for p in neuron.parameters()] == pytest.approx(gradients, rel=1e-13)


def test_a_neuron_is_two_nodes_and_without_activation_one():
    x = [Value(1.0), Value(2.0)]
    a = Neuron(2, "tanh", rng=0)(x)
    assert [node.op.name for node in topological_order(a) if node.op] == ["affine", "tanh"]
    z = Neuron(2, None, rng=0)(x)
    assert (z.op.name, z.label) == ("affine", "z")


def test_the_bias_starts_at_zero_and_the_weights_as_the_initialiser_says():
    neuron = Neuron(3, init="he", rng=4)
    expected = np.random.default_rng(4).normal(0.0, math.sqrt(2 / 3), 3)
    assert neuron.bias.data == 0.0
    assert [w.data for w in neuron.weights] == expected.tolist()


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_have_names(name):
    z = 0.8
    expected = {
        "identity": z,
        "sigmoid": 1 / (1 + math.exp(-z)),
        "tanh": math.tanh(z),
        "relu": z,
        "leaky_relu": z,
        "elu": z,
        "softplus": math.log(1 + math.exp(z)),
        "softsign": z / (1 + z),
        "silu": z / (1 + math.exp(-z)),
        "gelu": z * (1 + math.erf(z / math.sqrt(2))) / 2,
    }
    neuron = Neuron(1, name, init=lambda shape, rng: [1.0])
    assert neuron([z]).data == pytest.approx(expected[name], rel=1e-14)


def test_an_activation_may_be_any_function():
    def leaky(z):
        return leaky_relu(z, 0.1)

    neuron = Neuron(1, leaky, init=lambda shape, rng: [1.0])
    a = neuron([-2.0])
    a.backward()
    assert (a.data, neuron.weights[0].grad, a.label) == (-0.2, -0.2, "a")
    assert repr(neuron) == "Neuron(1, activation=leaky)"


# -- names ------------------------------------------------------------------------------------------------------------


def test_nodes_bear_the_names_of_the_notes():
    net = MLP([2, 3, 1], rng=0)
    labels = {node.label for node in topological_order(net([Value(1.0, "x_1"), Value(2.0, "x_2")]))}
    assert labels == {
        *("x_1", "x_2"),
        *(f"w[1]_{{{j},{k}}}" for j in (1, 2, 3) for k in (1, 2)),
        *(f"{name}[1]_{j}" for name in "bza" for j in (1, 2, 3)),
        *("w[2]_{1,1}", "w[2]_{1,2}", "w[2]_{1,3}", "b[2]_1", "z[2]_1"),
    }


def test_names_of_a_layer_and_of_a_neuron_leave_out_what_there_is_but_one_of():
    layer, neuron = Layer(2, 2, rng=0), Neuron(2, rng=0)
    assert [p.label for p in layer.parameters()] == ["w_{1,1}", "w_{1,2}", "b_1", "w_{2,1}", "w_{2,2}", "b_2"]
    assert [p.label for p in neuron.parameters()] == ["w_1", "w_2", "b"]


def test_without_names_the_numbers_are_the_same():
    named, plain = MLP([2, 3, 1], rng=0), MLP([2, 3, 1], rng=0, named=False)
    y, twin = named([0.5, -1.0]), plain([0.5, -1.0])
    assert y.data == twin.data
    assert {node.label for node in topological_order(twin)} == {None}


def test_paths_write_the_chain_rule_of_the_notes():
    """Two paths from the bias of the first layer's only neuron to the loss, through either neuron of the second."""
    net = filled(MLP([1, 1, 2, 1], activation="tanh", rng=0))
    y = net([0.5])
    loss = (y - 1.0) ** 2
    loss.label = "E"
    found = paths(loss, net.layers[0].neurons[0].bias)
    routes = {str(path) for path in found}
    assert routes == {f"b[1]_1 → z[1]_1 → a[1]_1 → z[2]_{j} → a[2]_{j} → z[3]_1 → E" for j in (1, 2)}
    loss.backward()
    assert found.sum == pytest.approx(net.layers[0].neurons[0].bias.grad, rel=1e-12)
    assert "∂z[3]_1/∂a[2]_1" in str(found)
    assert "w[3]_{1,1}" in str(found)


def test_the_graph_draws_neuron_by_neuron(tmp_path):
    text = MLP([2, 2, 1], rng=0)([1.0, 2.0]).render(tmp_path / "net.dot").read_text(encoding="utf-8")
    text = re.sub(r"</?FONT[^>]*>", "", text)
    for base, below, above in ("z11", "a11", "z21", "a21", "z12", ("w", "2,1", "1"), "b12"):
        assert text.count(f"<B>{base}<SUB>{below}</SUB><SUP>[{above}]</SUP></B>") == 1


# -- layers and networks ----------------------------------------------------------------------------------------------


def test_a_network_is_the_matrix_formula_of_the_notes():
    """z[1] = W[1] x + b[1], a[1] = tanh(z[1]), z[2] = W[2] a[1] + b[2], with W[1] (3, 2) and W[2] (1, 3)."""
    net = filled(MLP([2, 3, 1]))
    w1, w2 = ([[w.data for w in n.weights] for n in layer.neurons] for layer in net.layers)
    b1, b2 = ([n.bias.data for n in layer.neurons] for layer in net.layers)
    assert (np.shape(w1), np.shape(w2)) == ((3, 2), (1, 3))
    x = np.array([0.3, -0.8])
    expected = w2 @ np.tanh(w1 @ x + b1) + b2
    assert net(x).data == pytest.approx(expected.item(), rel=1e-14)


def test_a_network_without_activations_is_one_affine_map():
    net = filled(MLP([2, 3, 1], activation=None))
    f = lambda *x: net(x).data  # noqa: E731
    b = f(0.0, 0.0)
    assert f(2.0, -3.0) == pytest.approx(2 * (f(1.0, 0.0) - b) - 3 * (f(0.0, 1.0) - b) + b, rel=1e-13)


def test_one_output_is_a_value_and_several_are_a_list():
    assert isinstance(MLP([2, 1], rng=0)([1.0, 2.0]), Value)
    outputs = MLP([2, 1, 3], rng=0)([1.0, 2.0])
    assert [y.label for y in outputs] == ["z[2]_1", "z[2]_2", "z[2]_3"]
    assert [a.label for a in Layer(2, 1, rng=0)([1.0, 2.0])] == ["a_1"]


def test_hidden_and_last_layers_have_activations_of_their_own():
    y = filled(MLP([2, 2, 1], activation="relu", output="sigmoid"))([1.0, 2.0])
    assert {node.op.name for node in topological_order(y) if node.op} == {"affine", "relu", "sigmoid"}
    assert (y.op.name, y.label) == ("sigmoid", "a[2]_1")


@pytest.mark.parametrize("x", [[1, 2], (1.0, 2.0), np.array([1, 2]), np.float32([1, 2]), iter([1, 2.0])])
def test_a_sample_is_any_sequence_of_numbers(x):
    net = filled(MLP([2, 2, 1]))
    assert net(x).data == net([1.0, 2.0]).data


def test_gradients_in_the_inputs():
    net = filled(MLP([2, 3, 1]))
    x = [Value(0.3), Value(-0.8)]
    net(x).backward()
    expected = [g.grad for g in x]
    assert autograd.grad(net)([0.3, -0.8]) == expected
    slopes = autograd.grad(net)(np.array([0.3, -0.8]))  # a Tensor, because it depends on the parameters
    np.testing.assert_allclose(slopes.numpy(), expected, rtol=1e-14)


def test_the_number_of_parameters_and_their_order():
    net = MLP([2, 16, 16, 1], rng=0)
    assert len(net.parameters()) == 16 * 3 + 16 * 17 + 17
    assert next(iter(dict(net.named_parameters()))) == "layers.0.neurons.0.weights.0"


def test_networks_are_pickled_with_their_activations():
    net = MLP([2, 2, 1], activation="relu", rng=0)
    twin = pickle.loads(pickle.dumps(net))
    assert twin([1.0, 2.0]).data == net([1.0, 2.0]).data
    assert repr(twin) == repr(net)


def test_gradient_descent_learns_xor():
    samples = [([0.0, 0.0], 0.0), ([0.0, 1.0], 1.0), ([1.0, 0.0], 1.0), ([1.0, 1.0], 0.0)]
    net = MLP([2, 4, 1], rng=1)
    for _ in range(500):
        net.zero_grad()
        for x, t in samples:
            ((net(x) - t) ** 2).backward()
        for p in net.parameters():
            p.data -= 0.1 * p.grad
    assert max(abs(net(x).data - t) for x, t in samples) < 0.1


# -- the vectorized network -------------------------------------------------------------------------------------------


@given(
    st.lists(st.integers(1, 5), min_size=2, max_size=4),
    st.sampled_from([*ACTIVATIONS, None]),
    st.sampled_from([*ACTIVATIONS, None]),
    st.integers(1, 4),
    st.integers(0, 2**32),
)
def test_the_vectorized_network_has_the_same_outputs_and_gradients(sizes, activation, output, samples, seed):
    rng = np.random.default_rng(seed)
    net = MLP(sizes, activation=activation, output=output, init=lambda shape, rng: rng.normal(0.0, 2.0, shape), rng=rng)
    for p in net.parameters():
        p.data += rng.normal()  # the biases, too
    x = 10.0 ** rng.integers(-2, 2) * rng.normal(size=(samples, sizes[0]))
    factors = rng.normal(size=(samples, sizes[-1]))

    rows = [[Value(n) for n in row] for row in x]
    outputs = [net(row) for row in rows]
    outputs = [y if isinstance(y, list) else [y] for y in outputs]
    for ys, cs in zip(outputs, factors, strict=True):
        for y, c in zip(ys, cs, strict=True):
            y.backward(c)

    batch = Tensor(x)
    twin = net.vectorize()
    result = twin(batch)
    result.backward(factors)

    def same(actual, expected):
        scale = max(1.0, np.abs(expected).max())
        np.testing.assert_allclose(actual, expected, rtol=1e-12, atol=1e-12 * scale)

    same(result.numpy(), [[y.data for y in row] for row in outputs])
    same(batch.grad, [[n.grad or 0.0 for n in row] for row in rows])
    linears = [module for module in twin if module.parameters()]
    for layer, linear in zip(net.layers, linears, strict=True):
        same(linear.weight.grad, [[w.grad or 0.0 for w in neuron.weights] for neuron in layer.neurons])
        same(linear.bias.grad, [neuron.bias.grad or 0.0 for neuron in layer.neurons])


def test_the_vectorized_network_shares_nothing_with_the_scalar_one():
    net = filled(MLP([2, 2, 1]))
    before = net([1.0, 2.0]).data
    twin = net.vectorize()
    for p in twin.parameters():
        p.data = p.numpy() + 1.0
    assert net([1.0, 2.0]).data == before
    assert twin([[1.0, 2.0]]).item() != before


def test_activations_of_ones_own_are_vectorized():
    def cubic(z):
        return z**3

    net = filled(MLP([2, 3, 2], activation=cubic, output=LeakyReLU(0.3)))
    twin = net.vectorize()
    assert repr(twin[1]) == "Elementwise(cubic)"
    assert repr(twin[3]) == "LeakyReLU(negative_slope=0.3)"
    np.testing.assert_allclose(twin([[1.0, -2.0]]).numpy()[0], [y.data for y in net([1.0, -2.0])], rtol=1e-14)


def test_a_layer_of_different_neurons_is_not_vectorized():
    net = MLP([2, 2, 1], rng=0)
    net.layers[0].neurons[1].activation = autograd.relu
    with pytest.raises(ValueError, match=r"cannot vectorize: the neurons .* have different activations, relu, tanh"):
        net.vectorize()


# -- bad input --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (
            lambda: Neuron(2, "tan"),
            ValueError,
            "there is no activation 'tan': use one of identity, sigmoid, tanh",
        ),
        (lambda: MLP([2, 1], output="softmax"), ValueError, "there is no activation 'softmax'"),
        (lambda: Neuron(2, 3), TypeError, "an activation must be a name or a function, not 3"),
        (lambda: Neuron(0), TypeError, "n_inputs must be a positive whole number, not 0"),
        (lambda: Layer(2, 1.5), TypeError, "n_outputs must be a positive whole number, not 1.5"),
        (lambda: MLP([2, 10**30, 2]), ValueError, r"an MLP of these sizes has 5.000e\+30 parameters, for .* GB"),
        (lambda: MLP([2]), ValueError, r"the sizes of inputs and layers in one list, as in \[2, 16, 1\], not \[2\]"),
        (lambda: MLP(2, 16, 1), ValueError, "in one list, as in .*, not 2"),
        (lambda: MLP(2, []), ValueError, r"in one list, as in .*, not \[2\]"),
        (lambda: MLP([2, 1])([1.0]), ValueError, "a neuron with 2 inputs got 1 numbers"),
        (lambda: Neuron(2)([1.0, 2.0, 3.0]), ValueError, "a neuron with 2 inputs got 3 numbers"),
        (lambda: MLP([2, 1])(np.ones((2, 2))), ValueError, r"one sample at a time, not an array of shape \(2, 2\)"),
        (lambda: Neuron(1)(3.0), TypeError, "a sequence of numbers, not float"),
        (lambda: Neuron(1)([None]), TypeError, "affine takes numbers and Values, not NoneType"),
        (lambda: Neuron(1, Value.item)([1.0]), TypeError, "item turned a Value into float, so no gradient flows"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(call, error, message):
    with pytest.raises(error, match=message):
        call()
