"""Training: it learns, goes on bit for bit, survives kills and Ctrl-C, and says what is wrong with data and numbers."""

import json
import math
import os
import sys
import weakref

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd
import autograd.files
from autograd import Tensor, Value
from autograd.core.display import function_name
from nn import (
    MLP,
    BatchNorm1d,
    BatchNorm2d,
    Conv2d,
    Dropout,
    Flatten,
    Linear,
    Module,
    ReLU,
    Sequential,
    functional,
    losses,
    optim,
)
from nn.data import batches, digits_28x28, gate, moons
from nn.data import xor as xor_clouds
from nn.training import History, accuracy, evaluate, fit
from nn.training.saving import load, save

MOONS = moons(60, noise=0.1, rng=0)
HELD_OUT = moons(40, noise=0.1, rng=1)


def array_net(seed=0):
    """A network in which everything there is to remember occurs: buffers, and layers that draw."""
    rng = np.random.default_rng(seed)
    return Sequential(Linear(2, 8, rng=rng), BatchNorm1d(8), ReLU(), Dropout(0.2, rng=rng), Linear(8, 2, rng=rng))


def scalar_net(seed=0):
    return MLP([2, 4, 2], rng=seed)


NETS = pytest.mark.parametrize("make", [array_net, scalar_net])


def numbers(model):
    return {name: array.tobytes() for name, array in model.state_dict().items()}


def run(model, epochs, **options):
    """Training with all that has a state."""
    optimizer = optim.Adam(model.parameters(), lr=0.02)
    schedule = optim.StepLR(optimizer, step_size=2, gamma=0.5)
    options = {
        "batch_size": 16,
        "rng": 5,
        "validation": HELD_OUT,
        "metrics": [accuracy],
        "schedule": schedule,
    } | options
    return fit(model, MOONS, functional.cross_entropy, optimizer, epochs, **options)


# ---------------------------------------------------------------------------------------------------------------------
# It learns
# ---------------------------------------------------------------------------------------------------------------------


def test_gradient_descent_is_what_the_formula_says():
    # J = mean (w x - y)², so w ← w - 2 lr mean x (w x - y): by hand for x = 1, 2; y = 2, 4; from w = 0.
    line = Linear(1, 1, bias=False, init="zeros")
    history = fit(
        line, ([[1.0], [2.0]], [[2.0], [4.0]]), functional.mse_loss, optim.SGD(line.parameters(), lr=0.1), epochs=2
    )
    # J(0) = (4 + 16)/2 = 10, slope -10, w = 1; J(1) = (1 + 4)/2 = 2.5, slope -5, w = 1.5.
    assert history == {"loss": [10.0, 2.5]}
    assert line.weight.numpy().tolist() == [[1.5]]
    assert (history.ended, history.epochs, history.best) == ("all epochs", 2, 2)


def test_batches_take_turns_and_the_history_is_their_mean():
    # Stochastic descent in order, by hand: w = 0, sample (1, 2): loss 4, slope -4, w = 0.4;
    # sample (2, 4): error 0.8 - 4 = -3.2, loss 10.24, slope -12.8, w = 1.68.  Or in the other order:
    # (2, 4): loss 16, slope -16, w = 1.6; (1, 2): error -0.4, loss 0.16, slope -0.8, w = 1.68.
    line = Linear(1, 1, bias=False, init="zeros")
    descent = optim.SGD(line.parameters(), lr=0.1)
    data = [[1.0], [2.0]], [[2.0], [4.0]]
    history = fit(line, data, functional.mse_loss, descent, epochs=1, batch_size=1, rng=0)
    assert history["loss"][0] in (pytest.approx(7.12), pytest.approx(8.08))
    assert line.weight.numpy().item() == pytest.approx(1.68)


def test_means_weigh_batches_by_their_samples():
    line = Linear(1, 1, bias=False, init="zeros")
    data = [[1.0], [1.0], [1.0]], [[1.0], [2.0], [3.0]]
    assert evaluate(line, data, functional.mse_loss, batch_size=2)["loss"] == pytest.approx(14 / 3)


WEIGHTS = [0.1, 1.0, 5.0]
OF_LABELS = [  # labels may be -100 here
    functional.cross_entropy,
    losses.CrossEntropyLoss(WEIGHTS),
    losses.CrossEntropyLoss(WEIGHTS, reduction="sum", label_smoothing=0.2),
    lambda outputs, labels: functional.nll_loss(functional.log_softmax(outputs), labels, WEIGHTS),
    lambda outputs, labels: functional.nll_loss(functional.log_softmax(outputs), labels, reduction="sum"),
    lambda outputs, labels: 2.0 * functional.cross_entropy(outputs, labels) + 3.0,
]
OF_NUMBERS = [  # between 0 and 1
    functional.mse_loss,
    losses.half_squared_error,
    losses.MSELoss(reduction="sum"),
    losses.L1Loss(),
    losses.SmoothL1Loss(reduction="sum"),
    losses.HuberLoss(),
    losses.KLDivLoss(reduction="batchmean"),
    losses.KLDivLoss(),
    losses.BCEWithLogitsLoss(pos_weight=WEIGHTS),
    lambda outputs, targets: functional.binary_cross_entropy(functional.softmax(outputs), targets, reduction="sum"),
    lambda outputs, targets: losses.categorical_cross_entropy(functional.softmax(outputs), targets),
    lambda outputs, targets: functional.hinge_loss(outputs, 2 * np.round(targets) - 1),
    lambda outputs, targets: autograd.sqrt(functional.mse_loss(outputs, targets)),
    lambda outputs, targets: (
        functional.mse_loss(outputs, targets) + functional.l1_loss(outputs, targets, reduction="sum")
    ),
]
ROWS = np.random.default_rng(0).normal(size=(9, 2))
SHARES = np.random.default_rng(1).random((9, 3))


def check_reported_losses(net, y, loss, size, rng):
    """What is reported in batches, without a change of the parameters, is the loss of all samples."""
    outputs = [net(row) for row in ROWS.tolist()] if isinstance(net, MLP) else net(ROWS)
    whole = pytest.approx(loss(outputs, y).item(), rel=1e-12)
    standstill = optim.SGD(net.parameters(), lr=0.0)
    history = fit(net, (ROWS, y), loss, standstill, 2, batch_size=size, validation=(ROWS, y), rng=rng)
    assert history == {"loss": [whole] * 2, "val_loss": [whole] * 2}
    assert evaluate(net, (ROWS, y), loss, batch_size=size) == {"loss": whole}


SMALL = MLP([2, 3], rng=0)
REPORTING = pytest.mark.parametrize("net", [SMALL, SMALL.vectorize()], ids=["numbers", "arrays"])


@REPORTING
@pytest.mark.parametrize("loss", OF_LABELS)
@settings(max_examples=10)
@given(size=st.integers(1, 10), seed=st.integers(0, 99), data=st.data())
def test_the_loss_of_an_epoch_is_that_of_all_samples_for_labels(net, loss, size, seed, data):
    smallest = min(9 % size or size, 9)  # some label counts in every batch, or its mean would be undefined
    ignored = data.draw(st.lists(st.integers(0, 8), max_size=smallest - 1))
    labels = np.array(data.draw(st.lists(st.integers(0, 2), min_size=9, max_size=9)))
    labels[ignored] = -100
    check_reported_losses(net, labels, loss, size, seed)


@REPORTING
@pytest.mark.parametrize("loss", OF_NUMBERS)
@pytest.mark.parametrize("size", [1, 2, 4, 5, 8, 9])
def test_the_loss_of_an_epoch_is_that_of_all_samples_for_numbers(net, loss, size):
    check_reported_losses(net, SHARES, loss, size, size)


@REPORTING
def test_a_batch_without_labels_does_not_spoil_a_validation(net):
    labels = np.array([0, 1, 2, -100, -100, -100, 1, 1, -100])
    found = evaluate(net, (ROWS, labels), functional.cross_entropy, batch_size=3)
    assert found == {"loss": pytest.approx(evaluate(net, (ROWS, labels), functional.cross_entropy)["loss"], rel=1e-12)}


def test_the_best_epoch_is_that_with_the_best_loss_of_all_samples():
    # With logits (0, z), a label 0 costs log(1 + exp(z)) and a label 1 costs log(1 + exp(-z)).  For one label 0 and
    # four labels 1, z = 2 is better than z = 0; the mean of the losses of the two batches is lower at z = 0.
    model = Linear(1, 2, init="zeros")
    data = np.zeros((8, 1)), np.array([0, -100, -100, -100, 1, 1, 1, 1])

    def move(training):
        model.bias.data = np.array([0.0, 2.0])

    history = fit(model, ([[0.0]], [0]), functional.cross_entropy, optim.SGD(model.parameters(), lr=0.0), 2,
                  batch_size=4, validation=data, patience=1, callbacks=[move])  # fmt: skip
    costs = math.log(2.0), (math.log1p(math.exp(2.0)) + 4 * math.log1p(math.exp(-2.0))) / 5
    assert history["val_loss"] == pytest.approx(costs)
    assert history.best == 2
    assert model.bias.numpy().tolist() == [0.0, 2.0]


def test_a_penalty_counts_in_the_loss_of_an_epoch():
    line = Linear(1, 1, bias=False, init=lambda shape, rng: np.full(shape, 2.0))

    def penalised(outputs, targets):
        return functional.mse_loss(outputs, targets) + losses.l2_penalty(line.weight, 2.0)

    data = [[1.0], [1.0], [1.0]], [[1.0], [2.0], [3.0]]
    for size in (1, 2, 3):
        history = fit(line, data, penalised, optim.SGD(line.parameters(), lr=0.0), 1, batch_size=size)
        assert history["loss"] == [pytest.approx(2 / 3 + 4.0)]
    history = fit(line, data, penalised, optim.SGD(line.parameters(), lr=0.1), 1)
    assert history["loss"] == [pytest.approx(2 / 3 + 4.0)]  # before the only step


def test_metrics_are_those_of_all_samples():
    def largest_error(outputs, targets):
        return np.abs(outputs - targets).max()

    line = Linear(1, 1, bias=False, init="zeros")
    data = [[1.0], [1.0], [1.0]], [[1.0], [2.0], [3.0]]
    history = fit(line, data, functional.mse_loss, optim.SGD(line.parameters(), lr=0.0), 1, batch_size=1,
                  metrics=[largest_error], validation=data)  # fmt: skip
    assert (history["largest_error"], history["val_largest_error"]) == ([3.0], [3.0])


def test_targets_of_several_kinds_are_put_together():
    class Pair(Module):
        def __init__(self):
            self.weight = Tensor([1.0])

        def forward(self, x):
            return x * self.weight

    def loss(outputs, targets):
        numbers, words, tensor = targets
        return autograd.sum((outputs - numbers) ** 2) * len(words) + autograd.sum(tensor)

    model, x = Pair(), np.arange(5.0)
    data = x, (x + 1, list("abcde"), Tensor(x))
    history = fit(model, data, loss, optim.SGD(model.parameters(), lr=0.0), 1, batch_size=2)
    assert history["loss"] == [35.0]


def test_outputs_of_an_epoch_do_not_keep_their_graphs():
    class Spy(Module):
        def __init__(self):
            self.weight, self.made = Tensor([1.0]), []

        def forward(self, x):
            y = x * self.weight
            assert sum(node() is not None for node in self.made) <= 1  # that of the last batch at most
            self.made.append(weakref.ref(y))
            return y

    spy, x = Spy(), np.arange(8.0)
    fit(spy, (x, x), functional.mse_loss, optim.SGD(spy.parameters(), lr=0.0), 1, batch_size=1)


@pytest.mark.parametrize("make", [lambda: MLP([2, 4, 2], rng=1), lambda: MLP([2, 4, 2], rng=1).vectorize()])
def test_xor_is_learnt(make):
    net = make()
    optimizer = optim.Adam(net.parameters(), lr=0.1)
    fit(net, gate("xor"), functional.cross_entropy, optimizer, epochs=60)
    assert evaluate(net, gate("xor"), functional.cross_entropy, [accuracy])["accuracy"] == 1.0


def test_numbers_and_arrays_learn_the_same():
    numbers_net = MLP([2, 4, 1], rng=1)
    arrays_net = numbers_net.vectorize()
    x, y = xor_clouds(20, rng=0)
    losses = [
        fit(net, (x, targets), functional.binary_cross_entropy_with_logits,
            optim.SGD(net.parameters(), lr=0.5, momentum=0.9), 5, batch_size=8, rng=0)["loss"]
        for net, targets in ((numbers_net, y), (arrays_net, y[:, None]))
    ]  # fmt: skip
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)
    for name, array in numbers_net.vectorize().state_dict().items():
        assert array == pytest.approx(arrays_net.state_dict()[name], rel=1e-10, abs=1e-12)


def test_moons_are_told_apart():
    net = MLP([2, 16, 2], rng=0).vectorize()
    x, y = moons(200, noise=0.1, rng=0)
    history = fit(net, (x, y), functional.cross_entropy, optim.Adam(net.parameters(), lr=0.03), 60, batch_size=20,
                  validation=moons(100, noise=0.1, rng=1), metrics=[accuracy], rng=0)  # fmt: skip
    assert history["val_accuracy"][-1] == 1.0


def test_digits_are_read():
    train, test = digits_28x28()
    net = MLP([784, 32, 10], activation="relu", init="he", rng=0).vectorize()
    optimizer = optim.Adam(net.parameters(), lr=0.01)
    fit(net, train, functional.cross_entropy, optimizer, epochs=3, batch_size=100, rng=0)
    assert evaluate(net, test, functional.cross_entropy, [accuracy])["accuracy"] >= 0.9


def test_a_line_of_values_without_a_network():
    class Line(Module):
        def __init__(self):
            self.slope, self.intercept = Value(0.0), Value(0.0)

        def forward(self, x):
            return self.slope * x + self.intercept

    line = Line()
    x, y = np.array([0.0, 1.0, 2.0]), np.array([1.0, 3.0, 5.0])
    fit(line, (x, y), functional.mse_loss, optim.SGD(line.parameters(), lr=0.3), epochs=200)
    assert (line.slope.data, line.intercept.data) == (pytest.approx(2.0), pytest.approx(1.0))


def test_several_inputs():
    class Product(Module):
        def __init__(self):
            self.scale = Tensor(1.0)

        def forward(self, a, b):
            return self.scale * a * b

    a, b = np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 1.0])
    model = Product()
    fit(model, ((a, b), 4 * a * b), functional.mse_loss, optim.SGD(model.parameters(), lr=0.1), epochs=50)
    assert model.scale.data == pytest.approx(4.0)


def test_gradients_are_clipped():
    line = Linear(1, 1, bias=False, init="zeros")
    descent = optim.SGD(line.parameters(), lr=0.1)
    fit(line, ([[1.0]], [[1000.0]]), functional.mse_loss, descent, epochs=1, clip_norm=2.0)
    assert line.weight.numpy().item() == pytest.approx(0.2)  # the slope -2000 became -2


def test_gradients_whose_squares_overflow_are_clipped():
    line = Linear(2, 1, bias=False, init="zeros")
    descent = optim.SGD(line.parameters(), lr=0.1)
    fit(
        line, ([[-3.0, -4.0]], [[0.0]]), lambda outputs, targets: 1e200 * autograd.sum(outputs), descent, 1, clip_norm=1
    )
    np.testing.assert_allclose(line.weight.numpy(), [[0.06, 0.08]], rtol=1e-5)


def test_schedules_are_stepped_once_an_epoch():
    line = Linear(1, 1, init="zeros")
    optimizer = optim.SGD(line.parameters(), lr=0.5)
    rates = []
    fit(line, ([[1.0], [2.0]], [[1.0], [2.0]]), functional.mse_loss, optimizer, 3, batch_size=1,
        schedule=optim.ExponentialLR(optimizer, 0.5),
        callbacks=[lambda training: rates.append(optimizer.param_groups[0]["lr"])])  # fmt: skip
    assert rates == [0.25, 0.125, 0.0625]


def test_a_plateau_is_measured_on_validation_data():
    line = Linear(1, 1, init="zeros")
    optimizer = optim.SGD(line.parameters(), lr=0.1)
    schedule = optim.ReduceLROnPlateau(optimizer, factor=0.5, patience=0)
    # The validation targets run away from the training targets, so that the validation loss only grows.
    fit(line, ([[1.0]], [[1.0]]), functional.mse_loss, optimizer, 3, validation=([[1.0]], [[-9.0]]), schedule=schedule)
    assert optimizer.param_groups[0]["lr"] == 0.025


def test_a_model_is_in_training_mode_where_it_learns_and_nowhere_else():
    seen = []

    class Spy(Module):
        def forward(self, x):
            seen.append((self.training, len(x)))
            return x

    net = Sequential(Linear(2, 2, rng=0), Spy())
    fit(net, MOONS, functional.cross_entropy, optim.SGD(net.parameters()), 1, batch_size=30, validation=HELD_OUT)
    assert seen[-4:] == [(True, 30), (True, 30), (False, 30), (False, 10)]
    assert seen[:-4] == [(False, 1)] * 2  # the first look at both sets of data
    assert not any(module.training for _, module in net.named_modules())


def test_evaluation_leaves_a_model_as_it_is():
    net = array_net()
    before, drawn = numbers(net), net[3].rng.bit_generator.state
    evaluate(net, MOONS, functional.cross_entropy, [accuracy], batch_size=16)
    assert numbers(net) == before
    assert net[3].rng.bit_generator.state == drawn
    assert all(module.training for _, module in net.named_modules())


def test_parameters_bear_their_names_only_meanwhile():
    net = array_net()
    labels = []
    run(net, 1, callbacks=[lambda training: labels.extend(p.label for p in net.parameters())])
    assert labels == [name for name, _ in net.named_parameters()]
    assert [p.label for p in net.parameters()] == [None] * len(labels)


# ---------------------------------------------------------------------------------------------------------------------
# Order, history, callbacks
# ---------------------------------------------------------------------------------------------------------------------


@NETS
def test_a_seed_makes_it_repeatable(make):
    first, second, other = make(), make(), make()
    assert run(first, 2) == run(second, 2)
    assert numbers(first) == numbers(second)
    run(other, 2, rng=6)
    assert numbers(first) != numbers(other)


def test_every_epoch_has_an_order_of_its_own():
    seen = []

    class Spy(Module):
        def __init__(self):
            self.weight = Tensor([0.0])

        def forward(self, x):
            if self.training:
                seen.append(np.array(x).tolist())
            return x * self.weight

    spy = Spy()
    x = np.arange(8.0)
    fit(spy, (x, x), functional.mse_loss, optim.SGD(spy.parameters(), lr=0.0), 2, batch_size=4, rng=0)
    epochs = seen[0] + seen[1], seen[2] + seen[3]
    assert [sorted(epoch) for epoch in epochs] == [x.tolist()] * 2
    assert epochs[0] != epochs[1]
    seen.clear()
    fit(spy, (x, x), functional.mse_loss, optim.SGD(spy.parameters(), lr=0.0), 2, batch_size=4, shuffle=False)
    assert seen == [x[:4].tolist(), x[4:].tolist()] * 2


def test_history_is_plain_data():
    history = run(scalar_net(), 2)
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert json.loads(json.dumps(history)) == history
    head, *rows = str(history).splitlines()
    assert head.split() == ["epoch", *history]
    assert [row.split()[0] for row in rows] == ["1", "2"]
    assert {len(line) for line in (head, *rows)} == {len(head)}
    assert float(rows[1].split()[1]) == pytest.approx(history["loss"][1], rel=1e-3)


def test_an_epoch_with_a_loss_of_nan_is_never_the_best():
    assert History({"loss": [math.nan, 0.4, 0.3, math.nan]}).best == 3
    assert History({"loss": [0.1, 0.2], "val_loss": [math.nan, -0.5]}).best == 2


def test_history_of_nothing():
    assert str(History()) == "epoch"
    assert (History().epochs, History().best) == (0, 0)


def test_history_is_plotted():
    pytest.importorskip("matplotlib")
    from pathgrad.figures import loss_history

    history = run(scalar_net(), 2)
    training, validation = loss_history(history).get_lines()
    assert training.get_ydata().tolist() == history["loss"]
    assert validation.get_ydata().tolist() == history["val_loss"]


def test_metrics_by_name():
    halves = {"at_half": lambda outputs, targets: accuracy(outputs, targets)}
    assert list(run(scalar_net(), 1, metrics=halves)) == ["loss", "at_half", "val_loss", "val_at_half"]
    with pytest.raises(ValueError, match="named loss"):
        run(scalar_net(), 1, metrics={"loss": accuracy})


def test_callbacks_see_the_training_and_may_stop_it():
    seen = []

    def watch(training):
        seen.append((training.epoch, training.epochs, dict(training.history), training.model))
        training.stop = training.epoch == 2

    net = scalar_net()
    history = run(net, 5, callbacks=iter([watch]))
    assert [(epoch, epochs) for epoch, epochs, _, _ in seen] == [(1, 5), (2, 5)]
    assert seen[-1][2] == history
    assert seen[-1][3] is net
    assert history.ended == "callback"


def test_early_stopping_gives_back_the_best_parameters():
    # One parameter that goes from 0 to 1; the validation target lies on its way.
    line = Linear(1, 1, bias=False, init="zeros")
    visited = []
    history = fit(
        line, ([[1.0]], [[1.0]]), functional.mse_loss, optim.SGD(line.parameters(), lr=0.05), 100,
        validation=([[1.0]], [[0.5]]), patience=3,
        callbacks=[lambda training: visited.append(line.weight.numpy().item())],
    )  # fmt: skip
    best = min(range(len(visited)), key=lambda i: abs(visited[i] - 0.5))
    assert (history.best, history.epochs, history.ended) == (best + 1, best + 4, "patience")
    assert line.weight.numpy().item() == visited[best]
    assert history["val_loss"][best] == pytest.approx((visited[best] - 0.5) ** 2)


def test_patience_gives_back_the_best_parameters_when_the_epochs_are_over_too():
    line = Linear(1, 1, bias=False, init="zeros")
    fit(line, ([[1.0]], [[1.0]]), functional.mse_loss, optim.SGD(line.parameters(), lr=0.25), 2,
        validation=([[1.0]], [[0.5]]), patience=9)  # fmt: skip
    assert line.weight.numpy().item() == 0.5  # after the first of both epochs


def descending(**options):
    """One parameter on its way to 1 by halves: the losses are 1, 1/4, 1/16, ..."""
    line = Linear(1, 1, bias=False, init="zeros")
    sgd = optim.SGD(line.parameters(), lr=0.25)
    return line, fit(line, ([[1.0]], [[1.0]]), functional.mse_loss, sgd, 100, **options)


def test_patience_without_validation_watches_the_training_loss():
    line, history = descending(patience=2, tolerance=0.01)
    # The losses fall by 0.75, 0.19, 0.047, 0.0117, 0.0029, 0.0007: the last two by less than the tolerance.
    assert history["loss"] == [4.0**-k for k in range(7)]
    assert history.ended == "patience"
    assert line.weight.numpy().item() == 1.0 - 2.0**-7


def test_patience_goes_on_from_a_checkpoint(tmp_path):
    file = tmp_path / "state.npz"
    line = Linear(1, 1, bias=False, init="zeros")
    for epochs in (6, 100):
        sgd = optim.SGD(line.parameters(), lr=0.25)
        data = [[1.0]], [[1.0]]
        history = fit(line, data, "mse", sgd, epochs, patience=2, tolerance=0.01, checkpoint=file, resume=True)
    assert history == descending(patience=2, tolerance=0.01)[1]


# ---------------------------------------------------------------------------------------------------------------------
# Weights of samples, and L-BFGS
# ---------------------------------------------------------------------------------------------------------------------


def weighing(net, loss, y, x=ROWS, epochs=3, **options):
    sgd = optim.SGD(net.parameters(), lr=0.1)
    history = fit(net, (x, y), loss, sgd, epochs, rng=0, **options)
    return history, np.concatenate([array.ravel() for array in net.state_dict().values()])


@pytest.mark.parametrize("scalar", [True, False], ids=["numbers", "arrays"])
@pytest.mark.parametrize(
    ("loss", "y"),
    [(functional.cross_entropy, np.arange(9) % 3), (losses.HuberLoss(delta=0.2), SHARES), ("mse", SHARES)],
)
def test_a_weight_is_that_many_samples(scalar, loss, y):
    counts = np.array([1, 2, 0, 1, 3, 1, 0, 2, 1])
    make = lambda: MLP([2, 3], rng=0) if scalar else MLP([2, 3], rng=0).vectorize()  # noqa: E731
    rows = np.repeat(np.arange(9), counts)
    repeated, expected = weighing(make(), loss, y[rows], ROWS[rows])
    history, found = weighing(make(), loss, y, sample_weight=7.0 * counts)
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert history["loss"] == pytest.approx(repeated["loss"], rel=1e-12)


def test_weights_count_in_the_smallest_batches_and_metrics_ignore_them():
    # w = 0, samples (1, 2) and (1, 4) of weights 3 and 1, divided by their mean 3/2 and 1/2.
    line = Linear(1, 1, bias=False, init="zeros")
    data = [[1.0], [1.0]], [[2.0], [4.0]]
    still = optim.SGD(line.parameters(), lr=0.0)
    history = fit(line, data, "mse", still, 1, batch_size=1, sample_weight=[3, 1], validation=data,
                  metrics={"error": lambda outputs, targets: np.mean(targets - outputs)})  # fmt: skip
    assert history == {"loss": [1.5 * 4 / 2 + 0.5 * 16 / 2], "error": [3.0], "val_loss": [10.0], "val_error": [3.0]}


@pytest.mark.parametrize("net", [SMALL, SMALL.vectorize()], ids=["numbers", "arrays"])
@pytest.mark.parametrize(
    ("loss", "error", "message"),
    [
        (losses.MSELoss(reduction="sum"), ValueError, "a loss that is a mean over samples"),
        (losses.CrossEntropyLoss(WEIGHTS), ValueError, "a loss that is a mean over samples"),
        (lambda outputs, targets: functional.mse_loss(outputs, targets), TypeError, "the loss of every sample"),
    ],
)
def test_a_loss_that_samples_cannot_be_weighed_in_is_refused(net, loss, error, message):
    y = np.arange(9) % 2 if isinstance(loss, losses.CrossEntropyLoss) else SHARES
    with pytest.raises(error, match=message):
        weighing(net, loss, y, sample_weight=np.arange(9.0))


def test_labels_to_be_left_out_cannot_be_weighed():
    with pytest.raises(ValueError, match="mean over samples"):
        weighing(
            SMALL.vectorize(), "cross_entropy", np.array([0, 1, 2, -100, 0, 1, 2, 0, 1]), sample_weight=ROWS[:, 0] ** 2
        )


def test_lbfgs_trains():
    # A line through points is found in a few steps; the first loss is that of the start.
    line = Linear(1, 1, init="zeros")
    data = np.array([[0.0], [1.0], [2.0]]), np.array([[1.0], [3.0], [5.0]])
    history = fit(line, data, "mse", optim.LBFGS(line.parameters(), line_search_fn="strong_wolfe"), 3)
    assert history["loss"][0] == pytest.approx(35 / 3)
    assert [p.numpy().item() for p in line.parameters()] == pytest.approx([2.0, 1.0], abs=1e-6)


# ---------------------------------------------------------------------------------------------------------------------
# Checkpoints
# ---------------------------------------------------------------------------------------------------------------------


@NETS
def test_what_is_resumed_comes_to_the_same_numbers_bit_for_bit(make, tmp_path):
    whole = make()
    history = run(whole, 5)
    run(make(), 2, checkpoint=tmp_path / "run.npz")
    resumed = make(seed=9)  # whatever it starts from
    assert run(resumed, 5, checkpoint=tmp_path / "run.npz", resume=True, rng=77) == history
    assert numbers(resumed) == numbers(whole)
    assert run(make(), 5, checkpoint=tmp_path / "run.npz", resume=True) == history  # nothing is left to do


@pytest.mark.parametrize("bits", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
@pytest.mark.parametrize(
    "make_optimizer",
    [
        lambda p: optim.SGD(p, lr=0.1, momentum=0.9, nesterov=True),
        lambda p: optim.Adagrad(p, lr=0.1, lr_decay=0.1),
        lambda p: optim.RMSprop(p, lr=0.01, centered=True, momentum=0.5),
        lambda p: optim.AdamW(p, lr=0.01, amsgrad=True),
    ],
)
def test_every_optimizer_and_generator_is_resumed(bits, make_optimizer, tmp_path):
    def go(epochs, **options):
        net = array_net()
        optimizer = make_optimizer(net.parameters())
        schedule = optim.ReduceLROnPlateau(optimizer, patience=0)
        rng = np.random.Generator(bits(3))
        fit(
            net,
            MOONS,
            functional.cross_entropy,
            optimizer,
            epochs,
            batch_size=16,
            schedule=schedule,
            rng=rng,
            **options,
        )
        return numbers(net), optimizer.state_dict()["param_groups"], schedule.state_dict()

    go(2, checkpoint=tmp_path / "run.npz")
    assert go(4, checkpoint=tmp_path / "run.npz", resume=True) == go(4)


def test_early_stopping_is_resumed(tmp_path):
    def go(epochs, **options):
        line = Linear(1, 1, bias=False, init="zeros")
        history = fit(line, ([[1.0]], [[1.0]]), functional.mse_loss, optim.SGD(line.parameters(), lr=0.05), epochs,
                      validation=([[1.0]], [[0.5]]), patience=3, **options)  # fmt: skip
        return history, numbers(line)

    whole = go(100)
    go(whole[0].best + 1, checkpoint=tmp_path / "run.npz")
    assert go(100, checkpoint=tmp_path / "run.npz", resume=True) == whole
    assert go(100, checkpoint=tmp_path / "run.npz", resume=True) == whole  # is over


def test_resume_without_a_checkpoint_yet_starts(tmp_path):
    net = scalar_net()
    run(net, 1, checkpoint=tmp_path / "run.npz", resume=True)
    assert [file.name for file in tmp_path.iterdir()] == ["run.npz"]
    assert load(tmp_path / "run.npz")["history"].keys() == {"loss", "accuracy", "val_loss", "val_accuracy"}


@pytest.mark.parametrize("moment", ["fsync", "replace"])
def test_a_kill_while_a_checkpoint_is_written_leaves_the_last_one(moment, tmp_path, monkeypatch):
    file = tmp_path / "run.npz"
    run(array_net(), 2, checkpoint=file)
    good = file.read_bytes()

    class Kill(BaseException):
        pass

    def killed(*_):
        raise Kill

    monkeypatch.setattr(autograd.core.files.os, moment, killed)
    with pytest.raises(Kill):
        run(array_net(), 3, checkpoint=file, resume=True)
    monkeypatch.undo()
    assert file.read_bytes() == good
    assert list(tmp_path.iterdir()) == [file]
    resumed, whole = array_net(), array_net()
    run(resumed, 4, checkpoint=file, resume=True)
    run(whole, 4)
    assert numbers(resumed) == numbers(whole)


@NETS
def test_ctrl_c_returns_what_there_is(make, tmp_path):
    def interrupt(training):
        if training.epoch == 3:
            raise KeyboardInterrupt

    net, whole, resumed = make(), make(), make()
    history = run(net, 5, checkpoint=tmp_path / "run.npz", callbacks=[interrupt])
    assert history.interrupted
    assert history.epochs == 3
    assert not net.training
    assert run(resumed, 5, checkpoint=tmp_path / "run.npz", resume=True) == run(whole, 5)
    assert numbers(resumed) == numbers(whole)


def test_ctrl_c_in_the_middle_of_an_epoch():
    steps = []

    def interrupted_loss(outputs, targets):
        steps.append(len(targets))
        if len(steps) == 10:
            raise KeyboardInterrupt
        return functional.cross_entropy(outputs, targets)

    net = array_net()
    history = fit(net, MOONS, interrupted_loss, optim.SGD(net.parameters()), 50, batch_size=20)
    assert (history.ended, history.epochs) == ("interrupted", 2)  # a look at all targets first, then steps 3 an epoch


@pytest.mark.parametrize(
    ("other", "difference"),
    [
        (lambda: MLP([2, 5, 2]), "(layers.0): Layer(2, 5, activation=tanh)"),
        (lambda: MLP([2, 4, 2], activation="relu"), "activation=relu"),
        (lambda: MLP([2, 4, 2]).vectorize(), "Sequential"),
    ],
)
@pytest.mark.parametrize("resume", [True, False])
def test_the_checkpoint_of_another_model(other, difference, resume, tmp_path):
    file = tmp_path / "run.npz"
    run(other(), 1, checkpoint=file)
    good, net = file.read_bytes(), scalar_net()
    before = numbers(net)
    with pytest.raises(ValueError, match="does not fit: it belongs to another model") as caught:
        run(net, 3, checkpoint=file, resume=resume)
    assert difference in str(caught.value)
    assert "\n" not in str(caught.value)
    assert numbers(net) == before
    assert file.read_bytes() == good


def test_the_checkpoint_of_other_training(tmp_path):
    file, net = tmp_path / "run.npz", scalar_net()
    run(scalar_net(3), 1, checkpoint=file)
    before = numbers(net)
    adamw, sgd = optim.AdamW(net.parameters()), optim.SGD(net.parameters())
    arguments = {"checkpoint": file, "resume": True, "validation": HELD_OUT, "metrics": [accuracy]}
    with pytest.raises(ValueError, match="Adam and StepLR, not AdamW and StepLR"):
        fit(net, MOONS, functional.cross_entropy, adamw, 2, schedule=optim.StepLR(adamw, 1), **arguments)
    with pytest.raises(ValueError, match="Adam and StepLR, not SGD and no schedule"):
        fit(net, MOONS, functional.cross_entropy, sgd, 2, **arguments)
    with pytest.raises(ValueError, match="contains loss, accuracy, val_loss, val_accuracy, not loss"):
        fit(net, MOONS, functional.cross_entropy, sgd, 2, checkpoint=file, resume=True)
    assert numbers(net) == before
    assert sgd.state_dict()["state"] == {}


@pytest.mark.parametrize("resume", [True, False])
def test_a_file_that_is_no_checkpoint(resume, tmp_path):
    file = tmp_path / "run.npz"
    run(scalar_net(), 1, checkpoint=file)
    whole = file.read_bytes()
    for content in (b"my thesis", whole[: len(whole) // 2], b""):
        file.write_bytes(content)
        with pytest.raises(ValueError, match=r"is damaged or was not written by nn\.training\.save"):
            run(scalar_net(), 1, checkpoint=file, resume=resume)
        assert file.read_bytes() == content
    save(scalar_net().state_dict(), file)
    with pytest.raises(ValueError, match="it was not written by fit"):
        run(scalar_net(), 1, checkpoint=file, resume=resume)
    with pytest.raises(FileNotFoundError, match="make it first"):
        run(scalar_net(), 1, checkpoint=tmp_path / "nowhere" / "run.npz")


# ---------------------------------------------------------------------------------------------------------------------
# Plain data in files
# ---------------------------------------------------------------------------------------------------------------------


def test_saved_data_are_the_same_and_of_the_same_types(tmp_path):
    data = {
        "arrays": [
            np.arange(6.0).reshape(2, 3).T,
            np.float32([1.5]),
            np.zeros((0, 2)),
            np.array(7),
            np.array(["é", "字"]),
        ],
        "numbers": (1, -0.0, math.inf, 0.1, 2**100, True, None, "text", np.float32(0.1), np.int64(3)),
        3: {"a/b": np.array([1]), "a": {"b": np.array([2])}, "file": np.array([3])},
    }
    found = load(save(data, tmp_path / "data.npz"))
    for saved, restored in zip(data["arrays"], found["arrays"], strict=True):
        assert (saved.dtype, saved.shape, saved.flags.fnc) == (restored.dtype, restored.shape, restored.flags.fnc)
        assert saved.tobytes() == restored.tobytes()
    assert found["numbers"] == data["numbers"]
    assert [type(x) for x in found["numbers"]] == [type(x) for x in data["numbers"]]
    assert math.copysign(1.0, found["numbers"][1]) == -1.0
    assert (found[3]["a/b"].item(), found[3]["a"]["b"].item(), found[3]["file"].item()) == (1, 2, 3)
    assert math.isnan(load(save(math.nan, tmp_path / "nan.npz")))


def test_the_same_data_are_the_same_bytes_and_numpy_reads_them(tmp_path):
    net = array_net()
    first, second = (save(net.state_dict(), tmp_path / name) for name in ("first.npz", "second.npz"))
    assert first.read_bytes() == second.read_bytes()
    with np.load(first, allow_pickle=False) as arrays:
        assert arrays["0.weight"].tolist() == net[0].weight.numpy().tolist()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"a": {"b": Value(1.0)}}, "Value at a/b cannot be saved"),
        ([np.array([None])], "an array of object at 0 cannot be saved"),
        ({(1, 2): 3}, r"the key \(1, 2\) at the top"),
        (object(), "object at the top"),
    ],
)
def test_what_is_no_plain_data(data, message, tmp_path):
    with pytest.raises(TypeError, match=message):
        save(data, tmp_path / "data.npz")
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_unpickled(tmp_path):
    class Bomb:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "exploded"),)

    np.savez(tmp_path / "bomb.npz", array=np.array([Bomb()]))
    with pytest.raises(ValueError, match="damaged"):
        load(tmp_path / "bomb.npz")
    assert not (tmp_path / "exploded").exists()


# ---------------------------------------------------------------------------------------------------------------------
# Numbers that are none
# ---------------------------------------------------------------------------------------------------------------------


class Log(Module):
    def forward(self, x):
        return autograd.log(x)


def test_a_nan_is_named_by_node_layer_epoch_and_batch():
    net = Sequential(Linear(1, 2, init=lambda shape, rng: np.ones(shape)), Log(), Linear(2, 1, rng=0))
    x, y = np.array([[1.0], [2.0], [-3.0]]), np.zeros((3, 1))
    before = numbers(net)
    with pytest.raises(FloatingPointError) as caught:
        fit(net, (x, y), functional.mse_loss, optim.SGD(net.parameters()), 3)
    assert str(caught.value).startswith("epoch 1, batch 1: the loss is nan: the value is nan from log at ")
    assert str(caught.value).endswith(" on, in layer 1 (Log)")
    assert f"{__file__}:{Log.forward.__code__.co_firstlineno + 1}" in str(caught.value)
    assert numbers(net) == before


def test_an_overflow_of_numbers_is_named():
    net = MLP([1, 1, 1], activation=autograd.exp, rng=0)
    net.layers[0].neurons[0].weights[0].data = 1.0
    with pytest.raises(FloatingPointError) as caught:
        fit(net, ([[1.0], [800.0]], [0.0, 0.0]), functional.mse_loss, optim.SGD(net.parameters()), 1, batch_size=2)
    assert "epoch 1, batch 1: exp: overflow at x = 800.0" in str(caught.value)
    assert str(caught.value).endswith("in layer layers.0.neurons.0 (Neuron)")


def test_an_infinity_in_the_loss_is_named():
    def steep(outputs, targets):
        return autograd.sum((outputs - targets) ** 2) * 1e308

    line = Linear(1, 1, init="zeros")
    with pytest.raises(
        FloatingPointError, match=r"the loss is inf: the value is inf from multiply at .*, in the loss$"
    ):
        fit(line, ([[1.0]], [[9.0]]), steep, optim.SGD(line.parameters()), 1)


def test_a_nan_that_the_loss_itself_refuses_is_named():
    net = Sequential(Linear(1, 1, init=lambda shape, rng: np.ones(shape)), Log())
    named = r"probabilities must be between 0 and 1.*the value is nan from log at .*, in layer 1 \(Log\)$"
    with pytest.raises(FloatingPointError, match=named):
        fit(net, ([[1.5], [-1.0]], [[1], [0]]), functional.binary_cross_entropy, optim.SGD(net.parameters()), 1)


def test_an_infinite_gradient_is_named():
    class Root(Module):
        def __init__(self):
            self.weight = Tensor([1.0])

        def forward(self, x):
            return -autograd.sqrt(self.weight - x)

    net = Root()
    optimizer = optim.SGD(net.parameters(), lr=0.1)
    seen = []
    data = np.array([1.0, 0.0]), np.array([1.0, 0.0])
    with pytest.raises(FloatingPointError) as caught:  # the tangent of sqrt at 0 is vertical
        fit(net, data, functional.mse_loss, optimizer, 1, callbacks=[lambda _: seen.append(1)])
    assert "the gradient of weight is nan or infinite" in str(caught.value)
    assert ": the gradient is inf from sqrt, argument 1, at " in str(caught.value)
    assert (net.weight.numpy().tolist(), seen) == ([1.0], [])


def test_what_diverges_stops_with_the_last_good_parameters():
    net = array_net()
    good = []
    net_parameters = net.parameters()

    class Remember(optim.SGD):
        def step(self):
            super().step()
            good.append([p.numpy() for p in net_parameters])

    with pytest.raises(FloatingPointError, match=r"^epoch \d+, batch \d+: "):
        fit(net, MOONS, diverging, Remember(net_parameters, lr=1e30), 50)
    assert good
    for p, last in zip(net_parameters, good[-1], strict=True):
        assert p.numpy().tobytes() == last.tobytes()
    assert all(np.isfinite(array).all() for array in net.state_dict().values())  # running means, too


def diverging(outputs, targets):
    return autograd.mean(outputs**2)


def test_a_bad_batch_leaves_no_trace_in_what_layers_remember():
    net = Sequential(Log(), BatchNorm1d(1), Dropout(0.5, rng=0), Linear(1, 1, rng=0))
    x, y = np.array([[1.0], [-1.0], [2.0]]), np.zeros((3, 1))
    before, drawn = numbers(net), net[2].rng.bit_generator.state
    with pytest.raises(FloatingPointError, match=r"layer 0 \(Log\)"):
        fit(net, (x, y), functional.mse_loss, optim.SGD(net.parameters()), 1)
    assert numbers(net) == before
    assert net[2].rng.bit_generator.state == drawn
    assert "forward" not in vars(net[0])


def test_a_nan_in_validation():
    net = Sequential(Linear(1, 1, init=lambda shape, rng: np.ones(shape)), Log())
    with pytest.raises(FloatingPointError, match=r"^epoch 1, validation, batch 1: the loss is nan"):
        fit(net, ([[1.0]], [[0.0]]), functional.mse_loss, optim.SGD(net.parameters()), 2,
            validation=([[1.0], [-1.0]], [[0.0], [0.0]]))  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# Bad input
# ---------------------------------------------------------------------------------------------------------------------

X, Y = MOONS


def with_nan():
    x = X.copy()
    x[7, 1] = np.nan
    return x


@pytest.mark.parametrize(
    ("data", "error", "message"),
    [
        (
            (X, np.where(np.arange(60) == 59, 2, Y)),
            IndexError,
            "data: cross_entropy: the label 2 at 59 is not one of",
        ),
        ((X, np.where(np.arange(60) == 59, -1, Y)), IndexError, "the label -1 at 59"),
        ((X, Y + 0.5), TypeError, "labels must be an array of whole numbers"),
        ((X, np.array(list("ab" * 30))), TypeError, r"real numbers, not ndarray \(.{,60}\)$"),
        ((X, Y[:, None]), ValueError, r"targets must be labels of shape \(60,\)"),
        ((X, Y[:50]), ValueError, "x has 60, y has 50"),
        ((X[:, :1], Y), ValueError, "shape|inputs"),
        ((with_nan(), Y), ValueError, "x must be finite, but row 7 has nan"),
        ((X[:0], Y[:0]), ValueError, "number of samples must be at least 1"),
        ((X, None), TypeError, "y must be an array"),
        (X, TypeError, r"data must be a pair \(x, y\)"),
    ],
)
@NETS
def test_data_that_do_not_fit(make, data, error, message, tmp_path):
    net = make()
    optimizer = optim.Adam(net.parameters())
    before = numbers(net)
    arguments = {"batch_size": 10, "checkpoint": tmp_path / "run.npz"}
    with pytest.raises(error, match=message):
        fit(net, data, functional.cross_entropy, optimizer, 1, **arguments)
    with pytest.raises(error, match=message.replace("data", "validation")):
        fit(net, MOONS, functional.cross_entropy, optimizer, 1, validation=data, **arguments)
    with pytest.raises(error, match=message):
        evaluate(net, data, functional.cross_entropy)
    assert numbers(net) == before
    assert list(tmp_path.iterdir()) == []
    assert all(module.training for _, module in net.named_modules())


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be at least 1"),
        ({"epochs": 1.5}, TypeError, "epochs must be a whole number"),
        ({"batch_size": 0}, ValueError, "batch_size must be at least 1"),
        ({"patience": 0, "validation": HELD_OUT}, ValueError, "patience must be at least 1"),
        ({"tolerance": -0.1}, ValueError, "tolerance must be at least 0 and finite"),
        ({"sample_weight": [1.0]}, ValueError, "one number for each of 60 samples"),
        ({"sample_weight": [-1.0] * 60}, ValueError, "finite and not negative"),
        ({"sample_weight": [0.0] * 60}, ValueError, "at least one weight must not be 0"),
        ({"rng": -1}, ValueError, "a seed must not be negative"),
        ({"loss": lambda outputs, targets: 3.0}, TypeError, "computed with autograd, but it is 3.0"),
        ({"loss": lambda outputs, targets: outputs}, TypeError, "must be one number"),
        ({"optimizer": optim.SGD(MLP([2, 2]).parameters())}, ValueError, "not in the model"),
        (
            {"schedule": optim.StepLR(optim.SGD(MLP([2, 2]).parameters()), 1)},
            ValueError,
            "to another optimizer",
        ),
    ],
)
def test_arguments_that_do_not_fit(options, error, message):
    net = array_net()
    before = numbers(net)
    arguments = {"loss": functional.cross_entropy, "optimizer": optim.SGD(net.parameters()), "epochs": 1} | options
    with pytest.raises(error, match=message):
        fit(net, MOONS, **arguments)
    assert numbers(net) == before


def test_a_model_that_gives_no_output_a_sample():
    class Total(Module):
        def __init__(self):
            self.weight = Tensor([1.0, 1.0])

        def forward(self, x):
            return autograd.sum(x * self.weight)

    model = Total()
    with pytest.raises(ValueError, match=r"an output of shape \(\) for an array of one sample"):
        fit(model, MOONS, functional.mse_loss, optim.SGD(model.parameters()), 1)


class OfFour(Module):
    """A layer that refuses a batch of another size in training."""

    def forward(self, x):
        if self.training and len(x) != 4:
            raise ValueError("four samples are needed")
        return x


def test_a_failing_batch_that_is_not_about_numbers_is_a_value_error_with_its_place():
    net = Sequential(Linear(2, 2, rng=0), OfFour())
    with pytest.raises(ValueError, match=r"^epoch 1, batch 2: four samples are needed") as caught:
        fit(net, (X[:7], Y[:7]), functional.cross_entropy, optim.SGD(net.parameters()), 1, batch_size=4)
    assert not isinstance(caught.value, FloatingPointError)


@pytest.mark.parametrize(
    ("samples", "size", "found"),
    [(5, 4, "batch_size=4, samples=5"), (5, 1, "batch_size=1, samples=5"), (1, None, "batch_size=1, samples=1")],
)
@pytest.mark.parametrize("layer", [BatchNorm1d(2), OfFour()], ids=["batch_norm", "own"])
def test_a_batch_of_one_sample_that_cannot_be_normalised_is_refused_before_any_step(
    samples, size, found, layer, tmp_path
):
    net = Sequential(Linear(2, 2, rng=0), layer, Dropout(0.5, rng=0))
    before, drawn = numbers(net), net[2].rng.bit_generator.state
    optimizer = optim.SGD(net.parameters())
    with pytest.raises(
        ValueError, match=rf"^data: a batch has only one sample \({found}\), .* choose another batch_size$"
    ):
        fit(net, (X[:samples], Y[:samples]), functional.cross_entropy, optimizer, 1, batch_size=size,
            checkpoint=tmp_path / "run.npz")  # fmt: skip
    assert (numbers(net), net[2].rng.bit_generator.state) == (before, drawn)
    assert list(tmp_path.iterdir()) == []
    assert net.training
    fit(net.eval(), (X[:4], Y[:4]), functional.cross_entropy, optimizer, 1, batch_size=4)
    evaluate(net, (X[:5], Y[:5]), functional.cross_entropy, batch_size=4)


def test_a_batch_of_one_image_can_be_normalised_and_leaves_no_trace_before_training():
    def learn(samples, drawn):
        net = Sequential(Conv2d(1, 2, 2, rng=0), BatchNorm2d(2), Dropout(0.5, rng=0), Flatten(), Linear(8, 2, rng=0))
        images = np.random.default_rng(0).normal(size=(3, 1, 3, 3))[:samples]
        fit(net, (images, [0, 1, 0][:samples]), functional.cross_entropy, optim.SGD(net.parameters(), lr=0.0), 1,
            batch_size=2, rng=0)  # fmt: skip
        assert net[1].num_batches_tracked == drawn

    learn(3, 2)
    learn(1, 1)


# ---------------------------------------------------------------------------------------------------------------------
# Accuracy
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("outputs", "targets", "expected"),
    [
        ([[1, 0], [0, 1], [1, 0], [0, 1]], [0, 1, 1, 1], 0.75),
        ([[1, 0], [0, 1]], [[1, 0], [1, 0]], 0.5),
        (Tensor([[3.0, 1.0, 2.0]]), [0], 1.0),
        ([[Value(1.0), Value(2.0)]], [1], 1.0),
        ([Value(1.0), Value(-2.0)], [1, 1], 0.5),
        ([[0.5], [-0.5]], [[1], [-1]], 1.0),
        # A score of nan is never correct, whatever its label.
        ([[math.nan, 1.0]], [0], 0.0),
        ([[math.nan, 1.0]], [1], 0.0),
        ([[1.0, math.nan], [1.0, 0.0]], [[1.0, 0.0], [1.0, 0.0]], 0.5),
        ([[1.0, 0.0], [1.0, 0.0]], [[math.nan, 0.0], [1.0, 0.0]], 0.5),
        ([math.nan, -1.0], [0, 0], 0.5),
        ([[math.nan], [1.0]], [[1], [1]], 0.5),
        ([-1.0, -1.0], [math.nan, 0.0], 0.5),
        (Tensor([[math.nan, math.nan]]), [0], 0.0),
        ([[Value(math.nan), Value(2.0)]], [1], 0.0),
        # Infinite scores have an order.
        ([[math.inf, 1.0], [-math.inf, 1.0]], [0, 1], 1.0),
    ],
)
def test_accuracy(outputs, targets, expected):
    assert accuracy(outputs, targets) == expected


def test_accuracy_of_other_shapes():
    assert accuracy(np.zeros((2, 3, 4)), np.zeros((2, 4), int)) == 1.0
    with pytest.raises(ValueError, match="accuracy: outputs"):
        accuracy([[1.0, 2.0], [1.0, 2.0]], [1])


# ---------------------------------------------------------------------------------------------------------------------
# The bar
# ---------------------------------------------------------------------------------------------------------------------


def test_the_bar_is_silent_off_a_terminal(capsys):
    shown = []
    run(scalar_net(), 1, callbacks=[lambda training: shown.append(training.bar)])
    assert capsys.readouterr() == ("", "")
    assert shown == [False]


def test_the_bar_on_request(capsys):
    pytest.importorskip("tqdm")
    shown = []
    history = run(scalar_net(), 2, progress=True, callbacks=[lambda training: shown.append(training.bar)])
    out, err = capsys.readouterr()
    assert out == ""
    assert "epoch 2/2: 100%" in err
    assert f"loss={history['loss'][1]:.4g}" in err
    assert shown == [True, True]


def test_the_bar_shows_training_and_validation_within_80_columns(capsys, monkeypatch):
    pytest.importorskip("tqdm")
    monkeypatch.setenv("COLUMNS", "81")  # tqdm leaves one free
    model, data = Linear(2, 2, init="zeros"), (np.eye(2), [0, 1])
    sgd = optim.SGD(model.parameters(), lr=1e-9)
    fit(model, data, "cross_entropy", sgd, 100, validation=data, metrics=[accuracy], progress=True)
    *_, last = capsys.readouterr().err.rstrip().split("\r")
    assert len(last) <= 80
    assert last.startswith("epoch 100/100: 100%")
    assert last.endswith("loss=0.6931/0.6931, accuracy=1/1")


def test_the_bar_of_a_notebook_is_shown_by_default(monkeypatch):
    auto = pytest.importorskip("tqdm.auto")

    class Widget(auto.tqdm):
        __module__ = "tqdm.notebook"

    shown = []
    monkeypatch.setattr(auto, "tqdm", Widget)
    run(scalar_net(), 1, callbacks=[lambda training: shown.append(training.bar)])
    assert shown == [True]


def test_without_tqdm_there_is_no_bar_and_a_sentence_if_one_is_asked_for(monkeypatch, capsys):
    for module in ("tqdm", "tqdm.auto"):
        monkeypatch.setitem(sys.modules, module, None)
    run(scalar_net(), 1)
    assert capsys.readouterr() == ("", "")
    with pytest.raises(ImportError, match=r'pip install "pathgrad\[progress\]"'):
        run(scalar_net(), 1, progress=True)


def test_a_callback_may_replace_what_the_model_is_made_of():
    def straighten(training):
        for neuron in training.model.layers[0].neurons:
            neuron.activation = autograd.relu

    def learn(net, callbacks):
        data = [[0.5, -1.0], [2.0, 0.25]], [1.0, -1.0]
        fit(net, data, functional.mse_loss, optim.SGD(net.parameters(), lr=0.1), 2, callbacks=callbacks)
        return numbers(net)

    net, by_hand = MLP([2, 3, 1], rng=1), MLP([2, 3, 1], rng=1)
    after = learn(net, [straighten])
    learn(by_hand, [lambda training: setattr(training, "stop", True)])  # one epoch as it was
    for neuron in by_hand.layers[0].neurons:
        neuron.activation = autograd.relu
    assert after == learn(by_hand, [lambda training: setattr(training, "stop", True)])


def test_a_model_of_numbers_that_branches_learns_without_being_compiled():
    class Bent(MLP):
        def forward(self, inputs):
            z = super().forward(inputs)
            return z if z > 0 else 0.1 * z

    def learn(net):
        data = [[0.5, -1.0], [2.0, 0.25], [-1.0, 1.0]], [1.0, -1.0, 0.0]
        fit(net, data, functional.mse_loss, optim.SGD(net.parameters(), lr=0.1), 3)
        return [p.data for p in net.parameters()]

    bent, leaky = Bent([2, 3, 1], rng=1), MLP([2, 3, 1], output=lambda z: autograd.leaky_relu(z, 0.1), rng=1)
    np.testing.assert_allclose(learn(bent), learn(leaky), rtol=1e-12)


SAMPLE_LOSSES = [
    functional.mse_loss,
    losses.MSELoss(),
    functional.l1_loss,
    functional.smooth_l1_loss,
    functional.huber_loss,
    functional.hinge_loss,
    functional.binary_cross_entropy_with_logits,
]


@pytest.mark.parametrize("loss", SAMPLE_LOSSES, ids=function_name)
@pytest.mark.parametrize("sizes", [[2, 5, 1], [2, 4, 2]], ids=str)
def test_numbers_learn_to_the_bits_of_the_compiled_gradient(loss, sizes):
    x, labels = MOONS
    y = np.where(labels > 0, 1.0, -1.0 if loss is functional.hinge_loss else 0.0)
    y = y if sizes[-1] == 1 else np.stack([y, y[::-1]], axis=1)
    of_sample = losses.loss_of_sample(loss)

    net, by_hand, by_lists = (MLP(sizes, rng=2) for _ in range(3))
    history = fit(net, (x, y), loss, optim.Adam(net.parameters(), lr=0.02), 4, batch_size=25, rng=7)

    adam, compiled = optim.Adam(by_hand.parameters(), lr=0.02), autograd.compile(
        lambda x, y: of_sample(by_hand(x), y), batch=True, reduction="none"
    )  # fmt: skip
    rounds = batches(x, y, 25, rng=7)
    for _ in range(4):
        for xs, ys in rounds:
            adam.zero_grad()
            compiled.backward(xs, ys, seed=1 / len(ys))
            adam.step()
    assert numbers(net) == numbers(by_hand)

    seen = fit(by_lists, (x, y), lambda outputs, targets: loss(outputs, targets),
               optim.Adam(by_lists.parameters(), lr=0.02), 4, batch_size=25, rng=7)  # fmt: skip
    np.testing.assert_allclose(history["loss"], seen["loss"], rtol=1e-12)
    for p, q in zip(net.parameters(), by_lists.parameters(), strict=True):
        assert p.data == pytest.approx(q.data, rel=1e-9, abs=1e-12)


@NETS
def test_a_loss_that_is_a_mean_over_samples_is_not_computed_again(make, monkeypatch):
    x, y = MOONS[0], np.eye(2)[MOONS[1]]
    sizes = []

    def noting(input, target, **options):
        sizes.append(len(target))
        return functional.mse_loss(input, target, **options)

    monkeypatch.setattr(losses.MSELoss, "function", staticmethod(noting))
    monkeypatch.setitem(losses._FORMULAS, noting, losses._FORMULAS[functional.mse_loss])
    net = make()
    history = fit(net, (x, y), losses.MSELoss(), optim.SGD(net.parameters(), lr=0.0), 3, batch_size=16, rng=0)
    assert sizes.count(len(x)) == 1  # before the training, for the sake of the targets
    if make is scalar_net:
        wanted = functional.mse_loss([net(sample) for sample in x.tolist()], y).item()
        assert history["loss"] == pytest.approx([wanted] * 3, rel=1e-14)


@pytest.mark.parametrize(
    "loss", [functional.cross_entropy, losses.CrossEntropyLoss(weight=[1.0, 3.0])], ids=["function", "class"]
)
def test_the_loss_of_an_epoch_of_numbers_is_that_of_all_samples(loss):
    net = scalar_net()
    history = fit(net, MOONS, loss, optim.SGD(net.parameters(), lr=0.0), 2, batch_size=25, rng=0)
    wanted = loss([net(sample) for sample in MOONS[0].tolist()], MOONS[1]).item()
    assert history["loss"] == pytest.approx([wanted] * 2, rel=1e-14)


def test_losses_that_are_not_means_over_samples():
    for loss in (functional.cross_entropy, losses.MSELoss(reduction="sum"), losses.HuberLoss(delta=2.0), len, 3):
        assert losses.loss_of_sample(loss) is None
