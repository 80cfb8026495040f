"""What training remembers: the history of what was measured, and the state from which it can go on."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any, TypeAlias

import numpy as np

from nn.aliases import Array
from nn.module import Module
from nn.optimizers import Optimizer
from nn.schedules import LRScheduler, ReduceLROnPlateau

__all__ = ["History", "Schedule", "Training", "description", "difference", "generators"]

Schedule: TypeAlias = LRScheduler | ReduceLROnPlateau


class History(dict[str, list[float]]):
    """What was measured in each epoch: a dict of lists, which prints as a table.

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
        losses = self.get("val_loss") or self.get("loss")
        return 1 + losses.index(min(losses)) if losses else 0

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
    schedule: Schedule | None
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
            "description": description(self.model),
            "kinds": self._kinds(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule and self.schedule.state_dict(),
            "generators": [rng.bit_generator.state for rng in (self.rng, *generators(self.model))],
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
        if other := difference(state["description"], description(self.model)):
            raise ValueError(f"it is of another model: {other}")
        if state["kinds"] != self._kinds():
            raise ValueError(
                f"it is of training with {' and '.join(state['kinds'])}, not {' and '.join(self._kinds())}"
            )
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        if self.schedule is not None:
            self.schedule.load_state_dict(state["schedule"])
        for rng, drawn in zip((self.rng, *generators(self.model)), state["generators"], strict=True):
            rng.bit_generator.state = drawn
        self.history.clear()
        self.history.update(state["history"])
        self.best = state["best"]


def generators(model: Module) -> list[np.random.Generator]:
    """What the model's layers draw from, dropout for one."""
    held = [thing for _, module in model.named_modules() for thing in vars(module).values()]
    return [thing for thing in held if isinstance(thing, np.random.Generator)]


def description(model: Module) -> list[str]:
    """A model in lines: its layers, and the shapes of its parameters and buffers."""
    layers = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(model)).splitlines()
    return [line.strip() for line in layers] + [f"{name} {array.shape}" for name, array in model.state_dict().items()]


def difference(saved: Sequence[str], present: Sequence[str]) -> str:
    """Where two descriptions differ; no words if they do not."""
    for there, here in zip_longest(saved, present, fillvalue="nothing"):
        if there != here:
            return f"it has {there} where this one has {here}"
    return ""
