"""Initialisers: their spread by formula, one generator for everything, and the trap of weights that start equal."""

import math
import pickle

import numpy as np
import pytest

from nn.init import INITIALISERS, fan_in, generator, he, initial, normal, uniform, xavier, zeros
from nn.neuron import MLP, Neuron

AND = [([0.0, 0.0], 0.0), ([0.0, 1.0], 0.0), ([1.0, 0.0], 0.0), ([1.0, 1.0], 1.0)]


@pytest.mark.parametrize(
    ("init", "std"),
    [(normal, 0.01), (xavier, 1 / math.sqrt(100)), (he, math.sqrt(2 / 100)), (uniform, 0.1 / math.sqrt(3))],
)
@pytest.mark.parametrize("shape", [(1000, 100), 100])
def test_weights_have_mean_zero_and_the_standard_deviation_of_the_formula(init, std, shape):
    rng = generator(0)
    weights = np.concatenate([np.ravel(init(shape, rng)) for _ in range(100_000 // math.prod(np.atleast_1d(shape)))])
    error = std / math.sqrt(weights.size)  # of the mean, and as large or larger than that of the deviation
    assert abs(weights.mean()) < 5 * error
    assert abs(weights.std() - std) < 5 * error


def test_the_standard_deviations_of_the_notes():
    unit = np.random.default_rng(3).normal(size=100)
    np.testing.assert_allclose(xavier(100, 3), unit * 0.1, rtol=1e-14)
    np.testing.assert_allclose(he(100, 3), unit * 0.141421356237309504880168872421, rtol=1e-14)
    np.testing.assert_allclose(normal((2, 2), 3).ravel(), unit[:4] * 0.01, rtol=1e-14)


def test_uniform_weights_keep_within_their_bound():
    weights = uniform((500, 4), rng=1)
    assert 0.49 < abs(weights).max() <= 0.5


@pytest.mark.parametrize("init", [normal, xavier, he, uniform])
def test_neurons_drawn_one_by_one_are_the_layer_drawn_at_once(init):
    rng = generator(5)
    np.testing.assert_array_equal([init(4, rng) for _ in range(3)], init((3, 4), 5))


def test_inputs_are_counted_as_pytorch_counts_them():
    assert [fan_in(shape) for shape in (7, (7,), (3, 7), (8, 3, 5, 5), 0)] == [7, 7, 7, 75, 1]


def test_he_keeps_the_size_of_what_relus_pass_on_and_small_numbers_lose_it():
    rng = generator(0)
    sizes = {}
    for init in (he, normal):
        a = rng.normal(size=400)
        for _ in range(10):
            a = np.maximum(0.0, init((400, 400), rng) @ a)
        sizes[init] = np.mean(a**2)
    assert 0.2 < sizes[he] < 5.0
    assert sizes[normal] < 1e-10


# -- one generator ----------------------------------------------------------------------------------------------------


def test_a_generator_is_handed_on_and_a_seed_makes_one():
    rng = np.random.default_rng(0)
    assert generator(rng) is rng
    assert generator(4).random() == generator(np.int64(4)).random() == np.random.default_rng(4).random()
    assert generator().random() != generator().random()


def test_a_network_is_repeatable_by_its_seed_and_goes_on_with_a_generator():
    def state(rng):
        return pickle.dumps(MLP([2, 3, 1], rng=rng).state_dict())

    rng = generator(0)
    assert state(0) == state(0) == state(rng) != state(rng)


@pytest.mark.parametrize(("rng", "error"), [("0", TypeError), (1.5, TypeError), (True, TypeError), (-1, ValueError)])
def test_what_is_no_seed_is_refused(rng, error):
    with pytest.raises(error, match=r"rng must be a NumPy generator, a whole number|a seed must not be negative"):
        generator(rng)


# -- by name ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", INITIALISERS)
def test_initialisers_have_names(name):
    np.testing.assert_array_equal(initial(name, (3, 2), 1), INITIALISERS[name]((3, 2), 1))


def test_any_function_of_a_shape_and_a_generator_is_an_initialiser():
    assert Neuron(3, init=lambda shape, rng: np.arange(shape)).weights == [0.0, 1.0, 2.0]


@pytest.mark.parametrize(
    ("init", "message"),
    [
        ("glorot", "there is no initialiser 'glorot': use one of zeros, normal, xavier, he, uniform, or a function"),
        (None, "there is no initialiser 'None'"),
        (lambda shape, rng: np.zeros(5), r"<lambda> returned weights of shape \(5,\), not \(2,\)"),
        (lambda shape, rng: np.full(shape, math.nan), "<lambda> returned weights that are not finite"),
    ],
)
def test_weights_that_are_no_weights_are_refused(init, message):
    with pytest.raises(ValueError, match=message):
        Neuron(2, init=init)


# -- the symmetry trap ------------------------------------------------------------------------------------------------


def descend(net, steps, rate):
    """Full-batch gradient descent on AND; the gradients of the first step."""
    first = None
    for _ in range(steps):
        net.zero_grad()
        sum((net(x) - t) ** 2 for x, t in AND).backward()
        first = first or [p.grad for p in net.parameters()]
        for p in net.parameters():
            p.data -= rate * p.grad
    return first


@pytest.mark.parametrize("init", [zeros, lambda shape, rng: np.full(shape, 0.3)])
@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
@pytest.mark.parametrize("output", [None, "sigmoid"])
def test_neurons_that_start_equal_stay_equal_to_the_last_bit(init, activation, output):
    net = MLP([2, 2, 1], activation=activation, output=output, init=init)
    start = [p.data for p in net.parameters()]
    descend(net, 100, 0.1)
    one, two = net.layers[0].neurons
    assert [p.data for p in one.parameters()] == [p.data for p in two.parameters()]
    assert net.layers[1].neurons[0].weights[0] == net.layers[1].neurons[0].weights[1]
    assert [p.data for p in net.parameters()] != start  # though they learned


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_zeros_in_the_last_layer_let_no_gradient_through_to_the_first(activation):
    first = descend(MLP([2, 2, 1], activation=activation, init=zeros), 1, 0.1)
    assert first[:6] == [0.0] * 6
    assert first[-1] != 0.0


def test_random_weights_break_the_symmetry():
    net = MLP([2, 2, 1], init="normal", rng=0)
    descend(net, 100, 0.1)
    one, two = net.layers[0].neurons
    assert [p.data for p in one.parameters()] != [p.data for p in two.parameters()]
