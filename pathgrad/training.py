"""The command ``pathgrad train``: small networks that train in seconds, with settings that are known to work."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from autograd.files import check_writable
from autograd.safety import setting
from nn import MLP, Module, optim
from nn.data import circles, digits_8x8, digits_28x28, moons, spirals, xor
from nn.data.checks import check_count
from nn.functional import cross_entropy
from nn.init import generator
from nn.neuron import ACTIVATIONS
from nn.training import Training, accuracy, evaluate, fit
from nn.training.saving import load, save
from pathgrad.figures import loss_history, panels
from pathgrad.figures import save as save_figure
from pathgrad.names import chosen

__all__ = ["OPTIMIZERS", "TASKS", "Task", "list_tasks", "train"]

Samples: TypeAlias = tuple[Any, Any]


@dataclass(frozen=True)
class Task:
    """A data set and the default settings for it.

    Attributes:
        about: a description in one line.
        data: a function that makes training samples and held-out samples from a generator.
        hidden: the sizes of the hidden layers.
        activation: the activation of the hidden layers.
        lr: the learning rate of Adam at the start.
        batch: the number of samples for each step.
        epochs: the number of passes over all samples.
    """

    about: str
    data: Callable[[np.random.Generator], tuple[Samples, Samples]]
    hidden: tuple[int, ...] = (16,)
    activation: str = "tanh"
    lr: float = 0.03
    batch: int = 32
    epochs: int = 60


def _points(make: Callable[..., Samples], noise: float) -> Callable[[np.random.Generator], tuple[Samples, Samples]]:
    """A function that makes 400 points to train on, and 200 others."""
    return lambda rng: (make(400, noise=noise, rng=rng), make(200, noise=noise, rng=rng))


TASKS = {
    "digits": Task("handwritten digits of 8x8 pixels", lambda rng: digits_8x8(), (128, 64), "relu", 0.003, epochs=25),
    "digits28": Task(
        "handwritten digits of 28x28 pixels", lambda rng: digits_28x28(), (64,), "relu", 0.004, batch=100, epochs=8
    ),
    "moons": Task("two interleaving half circles", _points(moons, 0.05)),
    "circles": Task("a circle inside a circle", _points(circles, 0.05)),
    "spirals": Task("two interleaving spirals", _points(spirals, 0.01), (32, 32), epochs=100),
    "xor": Task("clouds at the corners of a square, with equal labels at opposite corners", _points(xor, 0.1), (8,)),
}
"""The tasks by name."""

OPTIMIZERS: dict[str, tuple[Callable[..., optim.Optimizer], float]] = {
    "adam": (optim.Adam, 1.0),
    "adamw": (optim.AdamW, 1.0),
    "sgd": (partial(optim.SGD, momentum=0.9), 3.0),
    "rmsprop": (optim.RMSprop, 0.3),
    "adagrad": (optim.Adagrad, 3.0),
}
"""The optimizers by name, each with a suitable multiple of Adam's learning rate."""


def list_tasks() -> int:
    """Print the tasks; returns the exit code."""
    for name, task in TASKS.items():
        print(f"{name:{max(map(len, TASKS))}}  {task.about}")
    return 0


def train(options: argparse.Namespace) -> int:
    """Train on a task, print the results and write the files; returns the exit code."""
    name = chosen("task", options.task, TASKS)
    task = TASKS[name]
    activation = chosen("activation", options.activation or task.activation, ACTIVATIONS)
    curve = _curve(options, name)
    _check_files(options, curve)
    rng = generator(options.seed)
    data, held_out = task.data(rng)
    sizes = [data[0].shape[1], *_hidden(options.hidden, task), int(data[1].max()) + 1]
    model = _model(sizes, activation, options.scalar, rng)
    kind = chosen("optimizer", options.optimizer, OPTIMIZERS)
    optimizer = _optimizer(kind, options.lr, task, model)
    lr = optimizer.param_groups[0]["lr"]
    epochs = task.epochs if options.epochs is None else check_count("--epochs", options.epochs)
    batch = task.batch if options.batch is None else check_count("--batch", options.batch)
    settings = {"task": name, "optimizer": kind, "seed": options.seed, "learning rate": lr, "batch size": batch}
    done = _epochs_done(options.checkpoint, settings, options.resume_anyway)

    print(f"{name}: {len(data[0])} samples to train on, {len(held_out[0])} held out")
    print(
        f"{'-'.join(map(str, sizes))} {activation} network of {'numbers' if options.scalar else 'arrays'}; "
        f"{kind} from learning rate {lr:g}, batches of {batch}, seed {options.seed}",
        flush=True,
    )
    if done >= epochs:
        print(f"nothing left to do: {options.checkpoint} is at epoch {done}; --epochs {done + epochs} trains on")
    elif done:
        print(f"resumed from epoch {done} in {options.checkpoint}", flush=True)
    history = fit(
        model,
        data,
        cross_entropy,
        optimizer,
        epochs,
        batch_size=batch,
        validation=held_out,
        metrics=[accuracy],
        schedule=Annealing(optimizer, epochs),
        callbacks=[_report],
        checkpoint=options.checkpoint,
        settings=settings,
        resume=True,
        rng=rng,
    )
    if history.interrupted:
        print(f"interrupted after {history.epochs} of {epochs} epochs")
    share, samples = evaluate(model, held_out, cross_entropy, [accuracy])["accuracy"], len(held_out[0])
    print(f"test accuracy {share:.1%}: {round(share * samples)} of {samples} held-out samples")
    if options.save:
        print("weights in", save(model.state_dict(), options.save))
    if curve and history.epochs:
        print("loss curve in", save_figure(loss_history(history, title=f"Learning {name}"), curve))
    return 130 if history.interrupted else 0


class Annealing(optim.CosineAnnealingLR):
    """Anneals from the learning rate of this command, also after a checkpoint that was made with another one."""

    def loading(self, state_dict: Any) -> Iterator[object]:
        changes = super().loading(state_dict)
        return chain(changes, setting([self], "base_lrs", [self.base_lrs]), self.rates(state_dict["last_epoch"]))


def _report(training: Training) -> None:
    """Print about ten lines of progress in all, unless there is a progress bar."""
    epoch, epochs = training.epoch, training.epochs
    if not training.bar and (epoch in (1, epochs) or epoch % math.ceil(epochs / 10) == 0):
        loss, seen, held_out = (training.history[name][-1] for name in ("loss", "accuracy", "val_accuracy"))
        count = f"{epoch:{len(str(epochs))}}/{epochs}"
        print(f"epoch {count}  loss {loss:<9.4g} accuracy {seen:6.1%}  held out {held_out:6.1%}", flush=True)


# ---------------------------------------------------------------------------------------------------------------------
# Options
# ---------------------------------------------------------------------------------------------------------------------


def _check_files(options: argparse.Namespace, curve: str | None) -> None:
    """Check the names of the files before any work is done for them."""
    for option in ("save", "checkpoint"):
        file = getattr(options, option)
        if file and Path(file).suffix != ".npz":
            raise ValueError(f"--{option}: the file must end in .npz, NumPy's format, not {file!r}")
    for file in filter(None, (options.save, options.checkpoint, curve)):
        check_writable(file)


def _epochs_done(file: str | None, settings: dict[str, Any], anyway: bool) -> int:
    """The number of epochs in the checkpoint, 0 if there is none; its settings must be those of this training."""
    if not file or not Path(file).exists():
        return 0
    state = load(file)
    if not isinstance(state, dict) or not isinstance(state.get("settings"), dict):
        return 0  # fit says what is wrong with it
    kept = state["settings"]
    if not anyway and kept != settings:
        other = [name for name in settings if kept.get(name) != settings[name]]
        there, here = (", ".join(f"{name} {known.get(name)}" for name in other) for known in (kept, settings))
        raise ValueError(
            f"the checkpoint {file!r} belongs to a training with {there}, not {here}: name another file, or add "
            "--resume-anyway"
        )
    return len(state["history"]["loss"])


def _hidden(text: str | None, task: Task) -> tuple[int, ...]:
    """The sizes of the hidden layers."""
    if text is None:
        return task.hidden
    try:
        sizes = tuple(int(size) for size in text.split(","))
    except ValueError:
        raise ValueError(f"--hidden needs the sizes of layers, as in --hidden 32,32, not {text!r}") from None
    for size in sizes:
        check_count("a size in --hidden", size)
    return sizes


def _model(sizes: Sequence[int], activation: str, scalar: bool, rng: np.random.Generator) -> Module:
    net = MLP(sizes, activation=activation, init="he" if activation in ("relu", "leaky_relu") else "xavier", rng=rng)
    return net if scalar else net.vectorize()


def _optimizer(name: str, lr: float | None, task: Task, model: Module) -> optim.Optimizer:
    make, factor = OPTIMIZERS[name]
    return make(model.parameters(), lr=factor * task.lr if lr is None else lr)


def _curve(options: argparse.Namespace, task: str) -> str | None:
    """The file for the loss curve; ``None`` if the curve is not wanted, or Matplotlib is missing."""
    if options.no_plot:
        return None
    if find_spec("matplotlib") is None:
        if options.plot:
            panels()  # raises an error that names the missing package
        return None
    file = options.plot or f"{task}-loss.png"
    if Path(file).suffix.lower() not in (".png", ".svg", ".pdf"):
        raise ValueError(f"--plot: the file must end in .png, .svg or .pdf, not {file!r}")
    return file
