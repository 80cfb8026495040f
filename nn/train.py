"""Training: the loop that teaches a network, and what makes it safe to leave alone.

The loop itself is short, and stands in :func:`fit` to be read: in each epoch, every batch of samples goes through the
network, the loss says how wrong the outputs are, ``backward`` says what each parameter has to do with it, and the
optimizer moves the parameters.  What stands around it checks the data first, keeps a history, stops in time, and
saves, so that training which is interrupted goes on to the same numbers.

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

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import zip_longest
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd import Tensor, Value, enable_grad, no_grad
from autograd.faults import Recording, nan_in_gradient, nan_in_values
from autograd.files import check_folder
from nn.activations import plain
from nn.data.checks import check_count, check_samples
from nn.data.sampling import Batches, batches
from nn.init import Random, generator
from nn.module import Module
from nn.optim import LRScheduler, Optimizer, ReduceLROnPlateau, clip_grad_norm_
from nn.saving import load, save

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["History", "Training", "accuracy", "evaluate", "fit"]

Array: TypeAlias = np.ndarray[Any, Any]
Pair: TypeAlias = tuple[Any, Any]
Loss: TypeAlias = Callable[[Any, Any], Any]
Metric: TypeAlias = Callable[[Any, Any], float]
Metrics: TypeAlias = Sequence[Metric] | Mapping[str, Metric]
File: TypeAlias = str | PathLike[str]


# ---------------------------------------------------------------------------------------------------------------------
# What is remembered
# ---------------------------------------------------------------------------------------------------------------------


class History(dict[str, list[float]]):
    """What was measured in each epoch: a dict of lists, which is also printed as a table and plotted.

    ``"loss"`` is the mean over an epoch's batches, each measured before its step; ``"val_loss"`` is measured on the
    validation data after the epoch, and likewise metrics, ``"accuracy"`` and ``"val_accuracy"``.

    Attributes:
        ended: why training ended: ``"all epochs"``, ``"patience"``, ``"callback"`` or ``"interrupted"``.

    >>> history = History({"loss": [0.9, 0.4, 0.3], "val_loss": [0.8, 0.5, 0.6]})
    >>> print(history)
    epoch  loss  val_loss
        1   0.9       0.8
        2   0.4       0.5
        3   0.3       0.6
    >>> history.epochs, history.best
    (3, 2)
    """

    ended: str = ""

    @property
    def epochs(self) -> int:
        """How many epochs there have been."""
        return len(self.get("loss", ()))

    @property
    def best(self) -> int:
        """The first epoch with the lowest validation loss, or without validation the lowest loss; counted from 1."""
        losses = self.get("val_loss") or self["loss"]
        return 1 + losses.index(min(losses))

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training."""
        return self.ended == "interrupted"

    def __str__(self) -> str:
        columns = [["epoch", *map(str, range(1, self.epochs + 1))]]
        columns += [[name, *[f"{x:.4g}" for x in column]] for name, column in self.items()]
        widths = [max(map(len, column)) for column in columns]
        return "\n".join(
            "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
            for row in zip(*columns, strict=True)
        )

    def plot(self, ax: Axes | None = None, title: str = "Loss") -> Axes:
        """Draw the losses; see :func:`nn.plots.loss_curves`.

        Raises:
            ImportError: if Matplotlib is not installed.
        """
        from nn.plots import loss_curves

        names = {"loss": "training", "val_loss": "validation"}
        return loss_curves({names[name]: self[name] for name in names if name in self}, title, ax=ax)


@dataclass(eq=False)
class Training:
    """Where training stands: what callbacks are given after every epoch.

    Attributes:
        model: the network.
        optimizer: the optimizer; its options may be changed.
        schedule: the schedule of the learning rate, or ``None``.
        history: what was measured so far.
        rng: what draws the order of the samples.
        epochs: how many there are to be.
        best: the ``state_dict`` of the model after the epoch with the lowest validation loss, if there is one.
        bar: whether a progress bar is shown.
        stop: set this to end the training after this epoch.
    """

    model: Module
    optimizer: Optimizer
    schedule: LRScheduler | ReduceLROnPlateau | None
    history: History
    rng: np.random.Generator
    epochs: int
    best: dict[str, Array] | None = None
    bar: bool = False
    stop: bool = False

    @property
    def epoch(self) -> int:
        """How many epochs are done."""
        return self.history.epochs

    def state_dict(self) -> dict[str, Any]:
        """All that the next epoch depends on, and what was measured, as plain data."""
        return {
            "description": _description(self.model),
            "kinds": self._kinds(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule and self.schedule.state_dict(),
            "generators": [rng.bit_generator.state for rng in (self.rng, *_generators(self.model))],
            "history": {name: list(column) for name, column in self.history.items()},
            "best": self.best,
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a :meth:`state_dict`, to the same numbers bit for bit; nothing is changed if it does not fit.

        Raises:
            ValueError: if it is of another model, optimizer or schedule.
        """
        before = self.state_dict()
        try:
            self._take(state)
        except (KeyError, TypeError, ValueError) as error:
            self._take(before)
            raise ValueError(f"the state does not fit this training: {error}") from None

    def _kinds(self) -> list[str]:
        return [type(self.optimizer).__name__, type(self.schedule).__name__ if self.schedule else "no schedule"]

    def _take(self, state: Mapping[str, Any]) -> None:
        if other := _difference(state["description"], _description(self.model)):
            raise ValueError(f"it is of another model: {other}")
        if state["kinds"] != self._kinds():
            raise ValueError(
                f"it is of training with {' and '.join(state['kinds'])}, not {' and '.join(self._kinds())}"
            )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        for rng, drawn in zip((self.rng, *_generators(self.model)), state["generators"], strict=True):
            rng.bit_generator.state = drawn
        self.history.clear()
        self.history.update(state["history"])
        self.best = state["best"]


def _generators(model: Module) -> list[np.random.Generator]:
    """What the model's layers draw from, dropout for one."""
    held = [thing for _, module in model.named_modules() for thing in vars(module).values()]
    return [thing for thing in held if isinstance(thing, np.random.Generator)]


def _description(model: Module) -> list[str]:
    """A model in lines: its layers, and the shapes of its parameters and buffers."""
    layers = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(model)).splitlines()
    return [line.strip() for line in layers] + [f"{name} {array.shape}" for name, array in model.state_dict().items()]


def _difference(saved: Sequence[str], present: Sequence[str]) -> str:
    """Where two descriptions differ; no words if they do not."""
    for there, here in zip_longest(saved, present, fillvalue="nothing"):
        if there != here:
            return f"it has {there} where this one has {here}"
    return ""


# ---------------------------------------------------------------------------------------------------------------------
# The loop
# ---------------------------------------------------------------------------------------------------------------------


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
    schedule: LRScheduler | ReduceLROnPlateau | None = None,
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
    rng, lesson = generator(rng), _Lesson(model, loss, _by_name(metrics))
    _check_optimizer(model, optimizer)
    rounds = _checked("data", data, lesson, batch_size, rng)
    held_out = None if validation is None else _checked("validation", validation, lesson, batch_size)
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
    lesson: _Lesson, rounds: Batches, optimizer: Optimizer, clip_norm: float | None, place: str, bar: Any
) -> dict[str, float]:
    """Learn from every sample once; returns what was measured, each batch before its step."""
    model, means = lesson.model.train(), _Means()
    for number, (x, y) in enumerate(rounds, 1):
        with _explained(f"{place}, batch {number}", lesson, x, y):
            optimizer.zero_grad()
            outputs = lesson.outputs(x)
            loss = _finite(lesson.loss(outputs, y))
            loss.backward()
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
    if patience is not None and training.epoch and training.epoch - training.history.best >= patience:
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
        if other := _difference(state["description"], _description(training.model)):
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
    lesson = _Lesson(model, loss, _by_name(metrics))
    return _evaluated(lesson, _checked("data", data, lesson, batch_size), "evaluation")


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


@dataclass(frozen=True, eq=False)
class _Lesson:
    """What is learnt: a model, the loss, and what else is measured, by name."""

    model: Module
    loss: Loss
    metrics: dict[str, Metric]

    @cached_property
    def of_numbers(self) -> bool:
        """Whether the model is a network of single numbers."""
        return all(isinstance(p, Value) for p in self.model.parameters())

    def outputs(self, x: Any) -> Any:
        """What the model puts out: of arrays for a batch at once, of numbers as a list, sample by sample."""
        inputs = x if isinstance(x, tuple) else (x,)
        if self.of_numbers:
            columns = [part.tolist() if isinstance(part, np.ndarray) else part for part in inputs]
            return [self.model(*sample) for sample in zip(*columns, strict=True)]
        return self.model(*inputs)

    @cached_property
    def buffers(self) -> list[tuple[Module, str]]:
        """The buffers of all layers, each as a layer and the name of an attribute."""
        return [(module, name) for _, module in self.model.named_modules() for name in module.buffers]

    @cached_property
    def generators(self) -> list[np.random.Generator]:
        """What the layers draw from."""
        return _generators(self.model)

    def remembered(self) -> tuple[list[Any], list[Any]]:
        """What a forward pass changes: buffers, and the state of what layers draw from."""
        buffers = [(module, name, np.copy(getattr(module, name))) for module, name in self.buffers]
        return buffers, [(drawer, drawer.bit_generator.state) for drawer in self.generators]

    def measured(self, outputs: Any, y: Any, loss: Any) -> dict[str, float]:
        """The numbers by name."""
        return {"loss": float(loss)} | {name: float(f(plain(outputs), y)) for name, f in self.metrics.items()}

    def names(self, validated: bool) -> list[str]:
        """The names of what is measured in an epoch."""
        names = ["loss", *self.metrics]
        return names + [f"val_{name}" for name in names if validated]


class _Means:
    """Means over samples, from means over batches."""

    def __init__(self) -> None:
        self.sums: dict[str, float] = {}
        self.samples = 0

    def add(self, measured: Mapping[str, float], samples: int) -> None:
        """Take in a batch."""
        self.samples += samples
        for name, number in measured.items():
            self.sums[name] = self.sums.get(name, 0.0) + samples * number

    def result(self) -> dict[str, float]:
        """The means by name."""
        return {name: total / self.samples for name, total in self.sums.items()}


def _evaluated(lesson: _Lesson, rounds: Batches, place: str) -> dict[str, float]:
    means = _Means()
    with _evaluating(lesson.model):
        for number, (x, y) in enumerate(rounds, 1):
            with _explained(f"{place}, batch {number}", lesson, x, y):
                outputs = lesson.outputs(x)
                loss = _finite(lesson.loss(outputs, y))
            means.add(lesson.measured(outputs, y, loss), len(outputs))
    return means.result()


@contextmanager
def _evaluating(model: Module) -> Iterator[None]:
    """In evaluation mode and without recording; afterwards every layer is in the mode it was in."""
    modes = [(module, module.training) for _, module in model.named_modules()]
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


# ---------------------------------------------------------------------------------------------------------------------
# Which node was it?
# ---------------------------------------------------------------------------------------------------------------------


def _finite(loss: Any) -> Any:
    """The loss, unless it is nan or infinite."""
    if not math.isfinite(float(loss)):
        raise FloatingPointError(f"the loss is {float(loss):g}")
    return loss


@contextmanager
def _explained(place: str, lesson: _Lesson, x: Any, y: Any) -> Iterator[None]:
    """Let what goes wrong in a batch be said with its place, and with the node that was the first to be not finite.

    What the layers remember of the batch, running means and the like, is forgotten again.
    """
    before = lesson.remembered()
    try:
        with np.errstate(all="ignore"):  # not to warn of what becomes an error
            yield
    except (ArithmeticError, ValueError) as error:
        _recall(before)
        culprit = _culprit(lesson, x, y)
        _recall(before)
        kind = ValueError if isinstance(error, ValueError) and not culprit else FloatingPointError
        raise kind(f"{place}: {error}{culprit and f': {culprit}'}") from error


def _recall(before: tuple[list[Any], list[Any]]) -> None:
    buffers, drawers = before
    for module, name, array in buffers:
        setattr(module, name, array.copy())
    for drawer, state in drawers:
        drawer.bit_generator.state = state


def _culprit(lesson: _Lesson, x: Any, y: Any) -> str:
    """The node and the layer from which on numbers are not finite, as the batch is computed once more; or no words."""
    layers: list[str] = []

    def outputs() -> Any:
        with _watched(lesson.model, layers):
            return lesson.outputs(x)

    for computed in (outputs, lambda: lesson.loss(outputs(), y)):
        layers.clear()
        try:
            with enable_grad(), np.errstate(all="ignore"):
                graph = Recording(computed, (), ())
        except (ArithmeticError, ValueError):  # whose message names the node
            return f"in {layers[0]}" if layers else ""
        if not all(np.isfinite(plain(output)).all() for output in graph.outputs):
            return f"{nan_in_values(graph)}, in {layers[0] if layers else 'the loss'}"
    gradients = [plain(p.grad) for p in lesson.model.parameters() if p.grad is not None]
    return "" if all(np.isfinite(g).all() for g in gradients) else nan_in_gradient(graph, infinite=True)


@contextmanager
def _watched(model: Module, layers: list[str]) -> Iterator[None]:
    """Note meanwhile the layers that give what is not finite, or fail, the first first, and inner ones before outer."""
    modules = [(name, module) for name, module in model.named_modules() if "forward" not in vars(module)]
    for name, module in modules:
        layer = f"layer {name} ({type(module).__name__})" if name else f"the model ({type(module).__name__})"
        vars(module)["forward"] = _noting(layer, module.forward, layers)
    try:
        yield
    finally:
        for _, module in modules:
            del vars(module)["forward"]


def _noting(layer: str, forward: Callable[..., Any], layers: list[str]) -> Callable[..., Any]:
    def noted(*inputs: Any) -> Any:
        try:
            output = forward(*inputs)
        except ArithmeticError:
            layers.append(layer)
            raise
        if not np.isfinite(plain(output)).all():
            layers.append(layer)
        return output

    return noted


# ---------------------------------------------------------------------------------------------------------------------
# What must be right before anything is trained
# ---------------------------------------------------------------------------------------------------------------------


def _by_name(metrics: Metrics) -> dict[str, Metric]:
    named = dict(metrics) if isinstance(metrics, Mapping) else {f.__name__: f for f in metrics}
    if "loss" in named:
        raise ValueError("a metric cannot be named loss: that name is taken")
    return named


def _check_optimizer(model: Module, optimizer: Optimizer) -> None:
    own = set(model.parameters())
    strangers = [p for p in optimizer.state if p not in own]
    if strangers:
        raise ValueError(
            f"the optimizer is of another model, which has {len(strangers)} of its {len(optimizer.state)} parameters: "
            f"make it of model.parameters()"
        )


def _checked(name: str, data: Pair, lesson: _Lesson, size: int | None, rng: Random = None) -> Batches:
    """Batches of data that were found to fit; in random order if there is something to draw it with.

    The loss sees all targets before anything is trained: with the outputs for the first sample, repeated.
    """
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"{name} is a pair (x, y) of samples and targets, not {type(data).__name__}")
    x, y = data
    try:
        samples = check_samples(x, y)
        first, _ = next(iter(batches(x, y, 1, shuffle=False)))
        with _evaluating(lesson.model), np.errstate(all="ignore"):
            outputs = lesson.outputs(first)
            if np.shape(outputs)[:1] != (1,):
                raise ValueError(f"the model gives an output of shape {np.shape(outputs)} for an array of one sample")
            if np.isfinite(plain(outputs)).all():  # else training says which node is to blame
                everywhere = outputs * samples if isinstance(outputs, list) else outputs[np.zeros(samples, int)]
                loss = lesson.loss(everywhere, y)
                if not isinstance(loss, (Value, Tensor)) or np.size(plain(loss)) != 1:
                    raise TypeError(f"the loss must be one number, computed with autograd, but it gives {loss!r}")
                lesson.measured(everywhere, y, loss)
    except ArithmeticError:  # likewise
        pass
    except (IndexError, TypeError, ValueError) as error:
        kind = next(kind for kind in (IndexError, TypeError, ValueError) if isinstance(error, kind))
        raise kind(f"{name}: {error}") from None
    return batches(x, y, samples if size is None else check_count("batch_size", size), rng=rng, shuffle=rng is not None)
