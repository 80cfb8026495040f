"""Training: the loop that teaches a network, and what makes it safe to leave alone.

The loop itself is short: :func:`_epoch` has the four lines that every network is taught by: the outputs of a batch,
the loss that says how wrong they are, ``backward``, which says what each parameter has to do with it, and the
optimizer's step.  :func:`fit` is what stands around it: it checks everything first, keeps a history, stops in time,
and saves, so that training which is interrupted goes on to the same numbers.

Networks of arrays take a batch at once; networks of single numbers, all of whose parameters are ``Value``, take sample
after sample.

>>> from nn import MLP, functional, optim
>>> from nn.data import gate
>>> net = MLP([2, 4, 2], rng=1)
>>> history = fit(net, gate("xor"), functional.cross_entropy, optim.Adam(net.parameters(), lr=0.1), epochs=50)
>>> history["loss"][-1] < 0.05
True
>>> evaluate(net, gate("xor"), functional.cross_entropy, [accuracy])["accuracy"]
1.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd.files import check_folder
from nn.activations import plain
from nn.aliases import Random
from nn.data.checks import check_count
from nn.data.sampling import Batches
from nn.init import generator
from nn.module import Module
from nn.optimizers import Optimizer, clip_grad_norm_
from nn.schedules import ReduceLROnPlateau
from nn.training.history import History, Schedule, Training, description, difference
from nn.training.learner import Lesson, Loss, Means, Metrics, checked, evaluating, explained, finite
from nn.training.saving import load, save

__all__ = ["accuracy", "evaluate", "fit"]

Pair: TypeAlias = tuple[Any, Any]
File: TypeAlias = str | PathLike[str]


def fit(
    model: Module,
    data: Pair,
    loss: Loss,
    optimizer: Optimizer,
    epochs: int,
    *,
    batch_size: int | None = None,
    validation: Pair | None = None,
    metrics: Metrics = (),
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    patience: int | None = None,
    callbacks: Iterable[Callable[[Training], object]] = (),
    checkpoint: File | None = None,
    resume: bool = False,
    rng: Random = None,
    progress: bool | None = None,
) -> History:
    """Train a model in place.  Afterwards it is in evaluation mode, ready to be used.

    Ctrl-C ends the training early: the model and the history are then what they are so far.

    Args:
        model: a network of arrays, or of single numbers.
        data: ``(x, y)``, samples and targets, as for :func:`nn.data.batches`.
        loss: a function of the outputs of a batch and its targets; a list of outputs from a network of numbers.
        optimizer: of the model's parameters.
        epochs: how often all samples are used; together with those of a checkpoint that is resumed.
        batch_size: how many samples make a step; all of them if left out.
        validation: ``(x, y)``, on which loss and metrics are measured after each epoch.
        metrics: what else to measure, functions of arrays of outputs and targets, such as :func:`accuracy`; in a list,
            or by name.
        schedule: of the learning rate, stepped after each epoch; one for plateaus is told the validation loss.
        clip_norm: what to clip the norm of the gradient to.
        patience: stop when the validation loss has not fallen below its lowest for so many epochs; in the end the model
            has the parameters from when it was lowest.
        callbacks: functions that are called after each epoch with the :class:`Training`.
        checkpoint: a file, ``.npz``, that is written after each epoch.  A kill at any moment leaves the last good one.
        resume: go on from that file, to the same numbers as without interruption; if there is none yet, start.
        rng: a generator, a seed or ``None``; it draws the order of the samples.
        progress: whether to show a bar on standard error; by default on a terminal, if tqdm is installed.

    Returns:
        The history, one number an epoch of each thing measured.

    Raises:
        TypeError, ValueError, IndexError: if something does not fit: data of the wrong shape, nan among them, a label
            that is none, the checkpoint of another model.  Nothing is then trained or overwritten.
        FloatingPointError: if a loss or a gradient turns nan or infinite; the message names the node that was the
            first.  The model has the parameters of the last good step.
        ImportError: if a bar is asked for and tqdm is not installed.

    >>> from nn import Linear, functional, optim
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> line = Linear(1, 1, rng=0)
    >>> sgd = optim.SGD(line.parameters(), lr=0.5)
    >>> history = fit(line, (x, 3 * x - 2), functional.mse_loss, sgd, epochs=40, batch_size=5, rng=0)
    >>> line.weight.numpy().round(3), line.bias.numpy().round(3), history.ended
    (array([[3.]]), array([-2.]), 'all epochs')
    """
    rng, lesson, callbacks = generator(rng), Lesson.of(model, loss, metrics), tuple(callbacks)
    _check_optimizer(model, optimizer, schedule)
    rounds = checked("data", data, lesson, batch_size, rng)
    held_out = None if validation is None else checked("validation", validation, lesson, batch_size)
    if patience is not None and check_count("patience", patience) and held_out is None:
        raise ValueError("patience waits for the validation loss to fall: fit needs validation=(x, y) as well")
    training = Training(model, optimizer, schedule, History(), rng, check_count("epochs", epochs))
    if checkpoint is not None:
        _open(Path(checkpoint), training, resume, lesson.names(held_out is not None))
    bar = _bar(progress, training, len(rounds))

    try:
        with _parameters_named(model):
            while not (ended := _end(training, patience)):
                measured = _epoch(lesson, rounds, optimizer, clip_norm, f"epoch {training.epoch + 1}", bar)
                if held_out is not None:
                    found = _evaluated(lesson, held_out, f"epoch {training.epoch + 1}, validation")
                    measured |= {f"val_{name}": number for name, number in found.items()}
                _finish(training, measured, bar)
                for callback in callbacks:
                    callback(training)
                    lesson.renew()
                if checkpoint is not None:
                    save(training.state_dict(), checkpoint)
    except KeyboardInterrupt:
        ended = "interrupted"
    finally:
        model.eval()
        if bar is not None:
            bar.close()
    if patience is not None and training.best is not None:
        model.load_state_dict(training.best)
    training.history.ended = ended
    return training.history


def _epoch(
    lesson: Lesson, rounds: Batches, optimizer: Optimizer, clip_norm: float | None, place: str, bar: Any
) -> dict[str, float]:
    """Learn from every sample once; returns what was measured, each batch before its step."""
    model, means = lesson.model.train(), Means()
    for number, (x, y) in enumerate(rounds, 1):
        with explained(f"{place}, batch {number}", lesson, x, y):
            optimizer.zero_grad()
            outputs, loss = lesson.learnt(x, y)
            if clip_norm is not None:
                clip_grad_norm_(model.parameters(), clip_norm)
            optimizer.step()
        means.add(lesson.measured(outputs, y, loss), len(outputs))
        if bar is not None:
            bar.update()
    return means.result()


def _finish(training: Training, measured: dict[str, float], bar: Any) -> None:
    """Write down what an epoch brought, and what follows from it: the best parameters, the next learning rate."""
    for name, number in measured.items():
        training.history.setdefault(name, []).append(number)
    if "val_loss" in measured and training.history.best == training.epoch:
        training.best = training.model.state_dict()
    if isinstance(training.schedule, ReduceLROnPlateau):
        training.schedule.step(measured.get("val_loss", measured["loss"]))
    elif training.schedule is not None:
        training.schedule.step()
    if bar is not None:
        bar.set_description(f"epoch {training.epoch}/{training.epochs}", refresh=False)
        bar.set_postfix({name: f"{number:.4g}" for name, number in measured.items()})


def _end(training: Training, patience: int | None) -> str:
    """Why training is over; no words if it is not."""
    if training.stop:
        return "callback"
    if patience is not None and training.epoch - training.history.best >= patience:
        return "patience"
    return "all epochs" if training.epoch >= training.epochs else ""


def _open(file: Path, training: Training, resume: bool, names: list[str]) -> None:
    """Look at the checkpoint that is to be gone on from or overwritten, before anything is trained."""
    check_folder(file)
    if not file.exists():
        return
    state = load(file)
    try:
        if not isinstance(state, dict) or "description" not in state:
            raise ValueError("fit did not write it")
        if other := difference(state["description"], description(training.model)):
            raise ValueError(f"it is of another model, {other}")
        if resume and list(state["history"]) != names:
            raise ValueError(f"it measured {', '.join(state['history'])}, and not {', '.join(names)}")
        if resume:
            training.load_state_dict(state)
    except ValueError as error:
        raise ValueError(f"the checkpoint {str(file)!r} does not fit: {error}") from None


def _bar(progress: bool | None, training: Training, steps: int) -> Any:
    """A progress bar, or ``None`` where none is to be shown."""
    if progress is False:
        return None
    try:
        from tqdm import tqdm
    except ImportError:
        if progress:
            raise ImportError(
                'a progress bar needs tqdm, which is not installed: pip install "pathgrad[progress]"'
            ) from None
        return None
    silent = None if progress is None else False  # None: unless it is a terminal
    layout = "{l_bar}{bar:20}| {elapsed}<{remaining}{postfix}"
    bar = tqdm(total=steps * training.epochs, initial=steps * training.epoch, bar_format=layout, disable=silent)
    training.bar = not bar.disable
    return bar if training.bar else None


@contextmanager
def _parameters_named(model: Module) -> Iterator[None]:
    """Let parameters that have no label bear their names meanwhile, so that errors can say which they mean."""
    unnamed = [(name, p) for name, p in model.named_parameters() if p.label is None]
    for name, p in unnamed:
        p.label = name
    try:
        yield
    finally:
        for _, p in unnamed:
            p.label = None


def _check_optimizer(model: Module, optimizer: Optimizer, schedule: Schedule | None) -> None:
    own = set(model.parameters())
    strangers = [p for p in optimizer.state if p not in own]
    if strangers:
        raise ValueError(
            f"the optimizer is of another model, which has {len(strangers)} of its {len(optimizer.state)} parameters: "
            f"make it of model.parameters()"
        )
    if schedule is not None and schedule.optimizer is not optimizer:
        raise ValueError("the schedule is of another optimizer than the one that is to learn")


# ---------------------------------------------------------------------------------------------------------------------
# Measuring
# ---------------------------------------------------------------------------------------------------------------------


def evaluate(
    model: Module, data: Pair, loss: Loss, metrics: Metrics = (), batch_size: int | None = None
) -> dict[str, float]:
    """The loss, and whatever else, of a model on data, in evaluation mode and without recording.

    Args:
        model: a network, which is not changed.
        data: ``(x, y)``, samples and targets.
        loss: as for :func:`fit`.
        metrics: as for :func:`fit`.
        batch_size: how many samples to take at once; all of them if left out.

    Returns:
        ``{"loss": ..., ...}``, means over the samples.

    Raises:
        TypeError, ValueError, IndexError: if something does not fit, as in :func:`fit`.
        FloatingPointError: if the loss is nan or infinite.

    >>> from nn import Linear, functional
    >>> evaluate(Linear(2, 1, init="zeros"), ([[1.0, 2.0], [3.0, 4.0]], [[1.0], [-3.0]]), functional.mse_loss)
    {'loss': 5.0}
    """
    lesson = Lesson.of(model, loss, metrics)
    return _evaluated(lesson, checked("data", data, lesson, batch_size), "evaluation")


def accuracy(outputs: Any, targets: Any, threshold: float = 0.0) -> float:
    """The fraction of samples whose class is guessed right.

    Args:
        outputs: a row of scores for each sample, of which the highest is the guess; or of two classes a single score,
            which says yes above the threshold.
        targets: labels, or in the shape of the rows how much each class is wanted; of a single score, whether it is
            above 0.
        threshold: 0 for logits and scores, 0.5 for probabilities.

    Raises:
        ValueError: if there are not as many targets as outputs.

    >>> accuracy([[0.1, 2.0], [0.3, 0.2], [0.5, 0.6]], [1, 0, 0]) == 2 / 3
    True
    >>> accuracy([-0.5, 3.0], [0, 1]), accuracy([[0.7], [0.8]], [[0], [1]], threshold=0.5)
    (1.0, 0.5)
    """
    scores, wanted = plain(outputs), plain(targets)
    if scores.ndim > 1 and scores.shape[1] > 1:
        guesses = scores.argmax(axis=1)
        wanted = wanted.argmax(axis=1) if wanted.shape == scores.shape else wanted
    else:
        guesses, wanted = scores.reshape(len(scores)) > threshold, wanted.reshape(len(wanted)) > 0
    if guesses.shape != wanted.shape or not guesses.size:
        raise ValueError(f"accuracy: outputs of shape {scores.shape} and targets of shape {plain(targets).shape}")
    return float(np.mean(guesses == wanted))


def _evaluated(lesson: Lesson, rounds: Batches, place: str) -> dict[str, float]:
    means = Means()
    with evaluating(lesson.model):
        for number, (x, y) in enumerate(rounds, 1):
            with explained(f"{place}, batch {number}", lesson, x, y):
                outputs = lesson.replayed(x)
                loss = finite(lesson.loss(outputs, y))
            means.add(lesson.measured(outputs, y, loss), len(outputs))
    return means.result()
