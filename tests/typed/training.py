"""A user's program: a network of numbers and one of arrays, trained by hand and by ``fit``."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from typing_extensions import assert_type

from autograd import Tensor, Value
from nn import MLP, CrossEntropyLoss, Dropout, Linear, Module, ReLU, Sequential, evaluate, fit
from nn.data import batches, moons, split
from nn.functional import (
    cross_entropy,
    dropout,
    embedding,
    kl_div,
    layer_norm,
    log_softmax,
    mse_loss,
    relu,
    softmax,
)
from nn.losses import l2_penalty
from nn.optim import SGD, Adam, CosineAnnealingLR, LRScheduler, Optimizer, StepLR, clip_grad_norm_
from nn.training import History, Training, accuracy


class Residual(Module):
    """x plus what a small network makes of it."""

    def __init__(self, width: int, rng: int) -> None:
        self.inner = Linear(width, width, rng=rng)
        self.scale = Tensor(np.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        hidden: Tensor = self.inner(x)
        return x + self.scale * relu(hidden)


def squared_error(outputs: Sequence[Value], targets: Sequence[float]) -> Value:
    return mse_loss(outputs, targets, reduction="sum")


def penalised(outputs: Sequence[Value], label: int, weights: Sequence[Value]) -> Value:
    return cross_entropy(outputs, label, label_smoothing=0.1) + l2_penalty(weights, 0.01)


def per_sample(outputs: Tensor, targets: Tensor) -> Tensor:
    return kl_div(log_softmax(outputs), targets, reduction="none")


def descend(parameters: Sequence[Value | Tensor], rate: float = 0.1) -> None:
    for p in parameters:
        p.data -= rate * p.grad
        p.grad = None


# A network of numbers: the same four lines as everywhere, by hand
line = MLP([1, 1], rng=0)
samples, targets = [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0]
for _ in range(20):
    loss = squared_error([line(sample) for sample in samples], targets)
    assert_type(loss, Value)
    loss.backward()
    descend(line.parameters(), rate=0.05)
numbers = [Value(0.5), Value(-0.5)]
assert_type(softmax(numbers), list[Value])
assert_type(penalised(numbers, 0, numbers), Value)
entries: list[Value] = mse_loss(numbers, [1.0, 0.0], reduction="none")

# A network of arrays
x, labels = moons(60, noise=0.1, rng=0)
(x, labels), (x_test, labels_test) = split(x, labels, 0.5, rng=0)
model = Sequential(Linear(2, 8, rng=1), ReLU(), Residual(8, rng=2), Dropout(0.1, rng=3), Linear(8, 2, rng=4))
optimizer: Optimizer = Adam(model.parameters(), lr=0.05, betas=(0.9, 0.99))
schedule: LRScheduler = CosineAnnealingLR(optimizer, T_max=10)
criterion = CrossEntropyLoss()
for _epoch in range(3):
    for batch, wanted in batches(x, labels, 16, rng=5):
        optimizer.zero_grad()
        logits: Tensor = model(batch)
        error = criterion(logits, wanted)
        assert_type(cross_entropy(logits, wanted), Tensor)
        error.backward()
        assert_type(clip_grad_norm_(model.parameters(), 1.0), float)
        optimizer.step()
    schedule.step()
scores: Tensor = model(x)
assert_type(log_softmax(scores), Tensor)
assert_type(per_sample(scores, softmax(scores)), Tensor)
assert_type(dropout(layer_norm(scores, 2), 0.5, rng=7), Tensor)
assert_type(embedding([0, 1], scores), Tensor)
assert_type(Linear(2, 1, rng=8).forward(scores), Tensor)


def report(training: Training) -> None:
    training.stop = training.epoch >= 4


sgd = SGD(model.parameters(), lr=0.1, momentum=0.9)
history = fit(
    model,
    (x, labels),
    cross_entropy,
    sgd,
    epochs=5,
    batch_size=16,
    validation=(x_test, labels_test),
    metrics=[accuracy],
    schedule=StepLR(sgd, step_size=2),
    callbacks=[report],
    rng=6,
    progress=False,
)
assert_type(history, History)
assert_type(history["loss"][-1], float)
measured = evaluate(model, (x_test, labels_test), cross_entropy, {"accuracy": accuracy})
assert_type(measured["accuracy"], float)
model.load_state_dict(model.state_dict())
sizes: dict[str, int] = {name: np.size(p.data) for name, p in model.named_parameters()}
