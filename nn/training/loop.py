"""The training loop, :func:`fit`, and the evaluation of a trained model.

The core of the loop is in :func:`_epoch` and :meth:`Learner.backward`: compute the outputs of a batch, compute the
loss, call ``backward``, take a step of the optimizer.  :func:`fit` adds the rest: it checks everything first, keeps a
history, stops early, and saves checkpoints from which an interrupted training continues to the same numbers.

Networks of arrays take a whole batch at once; networks of single numbers, whose parameters are all ``Value``, take one
sample after another.

>>> from nn import MLP, functional, optim
>>> from nn.data import gate
>>> net = MLP([2, 4, 2], rng=1)
>>> history = fit(net, gate("xor"), functional.cross_entropy, optim.Adam(net.parameters(), lr=0.1), epochs=50)
>>> history["loss"][-1] < 0.05
True
>>> evaluate(net, gate("xor"), functional.cross_entropy, ["accuracy"])["accuracy"]
1.0
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, TypeAlias
from warnings import catch_warnings, simplefilter

import numpy as np
from numpy.typing import ArrayLike

from autograd.files import check_writable
from nn.aliases import Random
from nn.data.checks import check_count, check_samples
from nn.data.sampling import Batches
from nn.init import generator
from nn.lbfgs import LBFGS
from nn.module import Module
from nn.optimizers import Optimizer, clip_grad_norm_
from nn.training.diagnosis import explained
from nn.training.history import History, Schedule, Training, description, difference
from nn.training.learner import (
    Learner,
    Loss,
    Metrics,
    Outcome,
    check_smallest_batch,
    checked_batches,
    evaluation_mode,
)
from nn.training.named import optimizer_named
from nn.training.saving import load, packed, save
from nn.training.shards import Sharded
from nn.training.weighting import normalized, weighted

__all__ = ["evaluate", "fit"]

Pair: TypeAlias = tuple[Any, Any]
"""Samples and targets, as for :func:`nn.data.batches`."""

File: TypeAlias = str | PathLike[str]

_ROOM = 4  # times the first checkpoint: later ones also have two numbers of Adam, and the best parameters


def fit(
    model: Module,
    data: Pair,
    loss: Loss | str,
    optimizer: Optimizer | str,
    epochs: int,
    *,
    batch_size: int | None = None,
    shuffle: bool = True,
    sample_weight: ArrayLike | None = None,
    validation: Pair | None = None,
    metrics: Metrics = (),
    schedule: Schedule | None = None,
    clip_norm: float | None = None,
    patience: int | None = None,
    tolerance: float = 0.0,
    shard_size: int | None = None,
    n_jobs: int | None = None,
    callbacks: Iterable[Callable[[Training], object]] = (),
    checkpoint: File | None = None,
    resume: bool = False,
    settings: Mapping[str, Any] | None = None,
    rng: Random = None,
    progress: bool | None = None,
) -> History:
    """Train a model in place.  Afterwards it is in evaluation mode.

    Ctrl-C ends the training early and keeps the model and the history reached so far.

    Args:
        model: a network of arrays, or of single numbers.
        data: ``(x, y)``, samples and targets, as for :func:`nn.data.batches`.
        loss: a function of the outputs and the targets of a batch, and once an epoch of all samples; the outputs of a
            network of numbers are a list.  Or its name in :mod:`nn.functional`, as in ``"cross_entropy"``.
        optimizer: an optimizer of the model's parameters; or its name, as in ``"adam"``, with its default options.
        epochs: the number of passes over all samples, including those before a resumed checkpoint.
        batch_size: the number of samples for each step; by default all of them.
        shuffle: whether each epoch takes the samples in a new order.
        sample_weight: a number for each sample, not negative, that its loss is multiplied by; what counts are their
            ratios, because they are divided by their mean.  The loss must be a mean over samples with the option
            ``reduction``.  Metrics and validation count every sample once.
        validation: ``(x, y)`` to measure the loss and the metrics on after each epoch.
        metrics: functions of arrays of outputs and targets to measure as well, or ``"accuracy"``; a list, or a dict by
            name.  Like the loss of an epoch, they are called with all outputs and targets of the epoch.
        schedule: a schedule of the learning rate, stepped after each epoch; ``ReduceLROnPlateau`` is given the
            validation loss.
        clip_norm: the bound for the norm of the gradient.
        patience: stop after this many epochs without a new lowest validation loss; the model then gets the parameters
            of the epoch with the lowest.  Without validation it is the training loss, and the model keeps its last
            parameters.
        tolerance: patience counts a loss as lower only if it is so by more than this.
        shard_size: learn each batch in shards of this many samples, in the processes that joblib starts.  The numbers
            depend on the size of the shards, but not on the number of processes.  The model must treat every sample
            alone, and the loss must be a mean over samples.  See docs/more-cores.md.
        n_jobs: the number of processes, as in joblib: by default 1, or what ``joblib.parallel_config`` says, as with
            the workers of a Dask cluster; -1 for all cores.
        callbacks: functions to call with the :class:`Training` after each epoch.
        checkpoint: a file, ``.npz``, to write after each epoch.  If the process is killed, the last checkpoint stays
            intact.
        resume: continue from the checkpoint, to the same numbers as without interruption; start if there is none.
        settings: plain data to keep in the checkpoint, such as the seed.
        rng: a generator, a seed or ``None``, for the order of the samples.
        progress: whether to show a progress bar, on standard error or in the notebook; by default on a terminal and in
            a notebook, if tqdm is installed.  It shows training and validation as ``loss=0.21/0.25``.

    Returns:
        The history, with one number per epoch for the loss and each metric.

    Raises:
        TypeError, ValueError, IndexError: if the arguments do not match: data of the wrong shape or with nan, a label
            out of range, a last batch of one sample for batch normalisation, the checkpoint of another model.  Nothing
            is trained or overwritten.
        FloatingPointError: if a loss or a gradient becomes nan or infinite; the message names the first such node.
            The model keeps the parameters of the last good step.
        ImportError: if ``progress`` is true and tqdm is not installed, or for ``shard_size`` joblib is not.

    >>> import numpy as np
    >>> from nn import Linear, functional, optim
    >>> x = np.linspace(-1, 1, 20)[:, None]
    >>> line = Linear(1, 1, rng=0)
    >>> sgd = optim.SGD(line.parameters(), lr=0.5)
    >>> history = fit(line, (x, 3 * x - 2), functional.mse_loss, sgd, epochs=40, batch_size=5, rng=0)
    >>> line.weight.numpy().round(3), line.bias.numpy().round(3), history.ended
    (array([[3.]]), array([-2.]), 'all epochs')
    """
    rng, learner, callbacks = generator(rng), Learner.of(model, loss, metrics), tuple(callbacks)
    optimizer = optimizer_named(optimizer, model)
    _check_optimizer(model, optimizer, schedule)
    taught = learner if sample_weight is None else weighted(learner)
    if shard_size is not None:
        taught = Sharded.out_of(taught, shard_size, n_jobs)
    elif n_jobs is not None:
        raise ValueError("n_jobs is the number of processes that learn shards of a batch: pass shard_size= as well")
    order = rng if shuffle else None
    rounds = checked_batches("data", _with_weights(data, sample_weight), taught, batch_size, order)
    held_out = None if validation is None else checked_batches("validation", validation, learner, batch_size)
    check_smallest_batch(taught, rounds)
    _check_patience(patience, tolerance)
    training = Training(model, optimizer, schedule, History(), rng, check_count("epochs", epochs), settings)
    if checkpoint is not None:
        _open(Path(checkpoint), training, resume, learner.measured_names(held_out is not None))
    bar = _bar(progress, training, len(rounds))

    try:
        with _parameters_named(model):
            model.train()
            while not (ended := _end(training, patience, tolerance)):
                measured = _epoch(taught, rounds, optimizer, clip_norm, f"epoch {training.epoch + 1}", bar)
                if held_out is not None:
                    found = _evaluated(learner, held_out, f"epoch {training.epoch + 1}, validation")
                    measured |= {f"val_{name}": number for name, number in found.items()}
                _finish(training, measured, bar)
                for callback in callbacks:
                    callback(training)
                    model.train()
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
    learner: Learner, rounds: Batches, optimizer: Optimizer, clip_norm: float | None, place: str, bar: Any
) -> dict[str, float]:
    """Train on every sample once; returns the loss and the metrics of the outputs from before the steps."""
    outcomes = []
    for number, (x, y) in enumerate(rounds, 1):
        step = partial(_step, learner, optimizer, clip_norm, x, y)
        outcomes.append(explained(step, f"{place}, batch {number}", learner, x, y))
        if bar is not None:
            bar.update()
    return _measured(learner, rounds, outcomes, place)


def _step(learner: Learner, optimizer: Optimizer, clip_norm: float | None, x: Any, y: Any) -> Outcome:
    """Take a step; returns what the model made of the batch before it."""
    outcomes = []

    def loss_with_gradients() -> float | None:
        optimizer.zero_grad()
        outcomes.append(learner.backward(x, y))
        if clip_norm is not None:
            clip_grad_norm_(learner.parameters, clip_norm)
        return outcomes[-1].loss

    if isinstance(optimizer, LBFGS):  # it computes the loss at several points
        optimizer.step(loss_with_gradients)
    else:
        loss_with_gradients()
        optimizer.step()
    return outcomes[0]


def _measured(learner: Learner, rounds: Batches, outcomes: list[Outcome], place: str) -> dict[str, float]:
    return explained(partial(learner.measure, outcomes), place, learner, rounds.x, rounds.y)


def _finish(training: Training, measured: dict[str, float], bar: Any) -> None:
    """Record an epoch, and show it."""
    training.record(measured)
    if bar is not None:
        bar.set_description(f"epoch {training.epoch}/{training.epochs}", refresh=False)
        bar.set_postfix(_shown(measured))


def _end(training: Training, patience: int | None, tolerance: float) -> str:
    """The reason why training is over; an empty string if it is not."""
    if training.stop:
        return "callback"
    if patience is not None and training.history.since_better(tolerance) >= patience:
        return "patience"
    return "all epochs" if training.epoch >= training.epochs else ""


def _open(file: Path, training: Training, resume: bool, names: list[str]) -> None:
    """Check the checkpoint file before any training, and load it in order to resume."""
    check_writable(file, _ROOM * len(packed(training.state_dict())))
    if not file.exists():
        return
    state = load(file)
    try:
        if not isinstance(state, dict) or "description" not in state:
            raise ValueError("it was not written by fit")
        if other := difference(state["description"], description(training.model)):
            raise ValueError(f"it belongs to another model: {other}")
        if resume and list(state["history"]) != names:
            raise ValueError(f"it contains {', '.join(state['history'])}, not {', '.join(names)}")
        if resume:
            training.load_state_dict(state)
    except ValueError as error:
        raise ValueError(f"the checkpoint {str(file)!r} does not fit: {error}") from None


def _bar(progress: bool | None, training: Training, steps: int) -> Any:
    """A progress bar, or ``None`` if none should be shown."""
    if progress is False:
        return None
    try:
        with catch_warnings():
            simplefilter("ignore")  # in a notebook without ipywidgets
            from tqdm.auto import tqdm
    except ImportError:
        if progress:
            raise ImportError(
                'a progress bar needs tqdm, which is not installed: pip install "pathgrad[progress]"'
            ) from None
        return None
    in_notebook = any(kind.__module__ == "tqdm.notebook" for kind in tqdm.__mro__)
    silent = None if progress is None and not in_notebook else False  # None: unless it is a terminal
    layout = "{l_bar}{bar}| {remaining}{postfix}"  # with a loss and a metric of both kinds of data within 80 columns
    bar = tqdm(total=steps * training.epochs, initial=steps * training.epoch, bar_format=layout, disable=silent)
    training.bar = not bar.disable
    return bar if training.bar else None


def _shown(measured: dict[str, float]) -> dict[str, str]:
    """What the bar shows of each measured number: training and validation side by side, as in ``loss=0.21/0.25``."""
    validated = {f"val_{name}" for name in measured}
    return {
        name: "/".join(f"{measured[each]:.4g}" for each in (name, f"val_{name}") if each in measured)
        for name in measured
        if name not in validated
    }


@contextmanager
def _parameters_named(model: Module) -> Iterator[None]:
    """Label the parameters without a label with their names in this block, so that errors can name them."""
    unnamed = [(name, p) for name, p in model.named_parameters() if p.label is None]
    for name, p in unnamed:
        p.label = name
    try:
        yield
    finally:
        for _, p in unnamed:
            p.label = None


def _with_weights(data: Pair, sample_weight: ArrayLike | None) -> Pair:
    """The data, with pairs of targets and weights if there are weights."""
    if sample_weight is None or not isinstance(data, (tuple, list)) or len(data) != 2:
        return data
    x, y = data
    return x, (y, normalized(sample_weight, check_samples(x, y)))


def _check_patience(patience: int | None, tolerance: float) -> None:
    if patience is not None:
        check_count("patience", patience)
    if not 0.0 <= tolerance < np.inf:
        raise ValueError(f"tolerance must be at least 0 and finite, not {tolerance!r}")


def _check_optimizer(model: Module, optimizer: Optimizer, schedule: Schedule | None) -> None:
    own = set(model.parameters())
    params = [p for group in optimizer.param_groups for p in group["params"]]
    strangers = [p for p in params if p not in own]
    if strangers:
        raise ValueError(
            f"the optimizer has {len(strangers)} of {len(params)} parameters that are not in the model: "
            f"create it with model.parameters()"
        )
    if schedule is not None and schedule.optimizer is not optimizer:
        raise ValueError("the schedule belongs to another optimizer")


# ---------------------------------------------------------------------------------------------------------------------
# Evaluation
# ---------------------------------------------------------------------------------------------------------------------


def evaluate(
    model: Module, data: Pair, loss: Loss | str, metrics: Metrics = (), batch_size: int | None = None
) -> dict[str, float]:
    """The loss and the metrics of a model on data, in evaluation mode and without recording.

    Args:
        model: a network; it is not changed.
        data: ``(x, y)``, samples and targets.
        loss: as for :func:`fit`.
        metrics: as for :func:`fit`.
        batch_size: the number of samples whose outputs are computed at once; by default all of them.

    Returns:
        ``{"loss": ..., ...}``, of all samples together, whatever the batch size.

    Raises:
        TypeError, ValueError, IndexError: if the arguments do not match, as in :func:`fit`.
        FloatingPointError: if the loss is nan or infinite.

    >>> from nn import Linear, functional
    >>> evaluate(Linear(2, 1, init="zeros"), ([[1.0, 2.0], [3.0, 4.0]], [[1.0], [-3.0]]), functional.mse_loss)
    {'loss': 5.0}
    """
    learner = Learner.of(model, loss, metrics)
    return _evaluated(learner, checked_batches("data", data, learner, batch_size), "evaluation")


def _evaluated(learner: Learner, rounds: Batches, place: str) -> dict[str, float]:
    outcomes = []
    with evaluation_mode(learner.model):
        for number, (x, y) in enumerate(rounds, 1):
            evaluate = partial(learner.evaluate, x, y)
            outcomes.append(explained(evaluate, f"{place}, batch {number}", learner, x, y))
        return _measured(learner, rounds, outcomes, place)
