"""The history of a training, and the state from which it can be resumed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import chain, zip_longest
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from autograd.notebook import bundle, chart, html_table
from autograd.safety import hand_over, printable, setting
from nn.aliases import Array
from nn.module import Module
from nn.optimizers import Optimizer
from nn.schedules import LRScheduler, ReduceLROnPlateau
from nn.training.learner import generators

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["History", "Schedule", "Training", "description", "difference"]

_ENDS = 10  # epochs that a notebook lists of both ends of a long training

Schedule: TypeAlias = LRScheduler | ReduceLROnPlateau


class History(dict[str, list[float]]):
    """The loss and the metrics of each epoch: a dict of lists that prints as a table.

    ``"loss"`` is the loss of all samples together, from the outputs that an epoch computes for each batch before its
    step, so it does not matter what the loss divides by; terms without outputs, such as a penalty on weights, are those
    after the last step.  ``"val_loss"`` is measured on the validation data after the epoch.  The names of metrics
    follow the same pattern: ``"accuracy"`` and ``"val_accuracy"``.

    Attributes:
        ended: the reason why training ended: ``"all epochs"``, ``"patience"``, ``"callback"`` or ``"interrupted"``.

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
        """The number of epochs."""
        return len(self.get("loss", ()))

    @property
    def best(self) -> int:
        """The first epoch, counted from 1, with the lowest validation loss (the lowest loss without validation)."""
        losses = self.get("val_loss") or self.get("loss")
        return 1 + int(np.argmin(np.where(np.isnan(losses), np.inf, losses))) if losses else 0

    def since_better(self, tolerance: float = 0.0) -> int:
        """The number of epochs since the last one that lowered the loss by more than a tolerance.

        It is the validation loss (the loss without validation), compared with its lowest before that epoch.

        >>> history = History({"loss": [0.9, 0.4, 0.39, 0.395]})
        >>> history.since_better(), history.since_better(0.1)
        (1, 2)
        """
        losses = np.array(self.get("val_loss") or self.get("loss", []), float)
        lowest = np.fmin.accumulate(np.append(np.inf, losses))[:-1]
        better = np.flatnonzero(losses < lowest - tolerance)
        return int(losses.size - 1 - better[-1]) if better.size else losses.size

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended the training."""
        return self.ended == "interrupted"

    def plot(self, *names: str) -> Figure:
        """Curves over the epochs, as a Matplotlib figure that a notebook shows; ``savefig`` writes it to a file.

        Args:
            names: what to draw; by default the losses.

        Raises:
            KeyError: if the history does not have a name.
            ImportError: if Matplotlib is not installed.

        >>> [axes] = History({"loss": [0.9, 0.4], "val_loss": [0.8, 0.5], "accuracy": [0.5, 0.9]}).plot().axes
        >>> axes.get_legend_handles_labels()[1]
        ['loss', 'val_loss']
        """
        try:
            from matplotlib.figure import Figure
            from matplotlib.ticker import MaxNLocator
        except ImportError:
            raise ImportError('a plot needs Matplotlib, which is not installed: pip install "pathgrad[plot]"') from None
        figure = Figure(figsize=(5.6, 3.6), layout="constrained")
        figure._repr_png_ = partial(_png, figure)  # type: ignore[attr-defined]  # shown by a notebook
        axes = figure.subplots()
        for name in names or [name for name in self if name.endswith("loss")]:
            if name not in self:
                raise KeyError(f"the history has no {name!r}: it has {', '.join(self)}")
            axes.plot(
                range(1, self.epochs + 1),
                self[name],
                ".-" if self.epochs <= 30 else "-",
                label=name.replace("$", r"\$"),
            )
        axes.set_xlabel("epoch")
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.legend()
        return figure

    def rows(self) -> list[tuple[str, ...]]:
        """The table as cells: a head, and a row for each epoch."""
        columns = [["epoch", *map(str, range(1, self.epochs + 1))]]
        columns += [[printable(name, None), *[f"{x:.4g}" for x in column]] for name, column in self.items()]
        return list(zip(*columns, strict=True))

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)

    def _repr_mimebundle_(
        self, include: Iterable[str] | None = None, exclude: Iterable[str] | None = None
    ) -> dict[str, str]:
        head, *rows = self.rows()
        left_out = [("…",) * len(head)] if len(rows) > 2 * _ENDS else []
        shown = [*rows[:_ENDS], *left_out, *rows[-_ENDS:]] if left_out else rows
        best = f"best epoch: {self.best}" if self.best else ""
        table = html_table([head, *shown], below=best) if rows else ""
        drawn = chart({name: column for name, column in self.items() if name.endswith("loss")})
        return bundle(include, exclude, text=str(self), html=f"{table}\n{drawn}".strip(), svg=drawn)


def _png(figure: Figure) -> bytes:
    content = BytesIO()
    figure.savefig(content, format="png")
    return content.getvalue()


@dataclass(eq=False)
class Training:
    """The state of a training, which is passed to callbacks after every epoch.

    Attributes:
        model: the network.
        optimizer: the optimizer, whose options a callback may change.
        schedule: the schedule of the learning rate, or ``None``.
        history: the history so far.
        rng: the generator for the order of the samples.
        epochs: the number of epochs to train.
        settings: plain data that checkpoints keep, such as the seed.
        best: the ``state_dict`` of the model after the epoch with the lowest validation loss, if there is one.
        bar: whether a progress bar is shown.
        stop: set it to ``True`` to end the training after this epoch.
    """

    model: Module
    optimizer: Optimizer
    schedule: Schedule | None
    history: History
    rng: np.random.Generator
    epochs: int
    settings: Mapping[str, Any] | None = None
    best: dict[str, Array] | None = None
    bar: bool = False
    stop: bool = False

    @property
    def epoch(self) -> int:
        """The number of finished epochs."""
        return self.history.epochs

    def record(self, measured: Mapping[str, float]) -> None:
        """End an epoch: append its numbers to the history, keep the best parameters, and step the schedule."""
        columns = [self.history.get(name, []) for name in measured]
        best = self.model.state_dict() if self._is_best(measured) else self.best
        changes: Iterator[object] = iter(())
        if self.schedule is not None:
            loss = [measured.get("val_loss", measured["loss"])] if isinstance(self.schedule, ReduceLROnPlateau) else []
            if type(self.schedule).step in (LRScheduler.step, ReduceLROnPlateau.step):
                changes = self.schedule.stepping(*loss)
            else:  # written by a subclass
                self.schedule.step(*loss)
        hand_over(
            changes,
            setting([self], "best", [best]),
            map(dict.update, [self.history], [dict(zip(measured, columns, strict=True))]),
            map(list.append, columns, measured.values()),
        )

    def _is_best(self, measured: Mapping[str, float]) -> bool:
        """Whether an epoch has the lowest validation loss so far."""
        if "val_loss" not in measured:
            return False
        losses = [*self.history.get("val_loss", []), measured["val_loss"]]
        return History({"val_loss": losses}).best == len(losses)

    def state_dict(self) -> dict[str, Any]:
        """Everything that the next epoch depends on, and the history, as plain data."""
        return {
            "description": description(self.model),
            "kinds": self._kinds(),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "schedule": self.schedule and self.schedule.state_dict(),
            "generators": [rng.bit_generator.state for rng in (self.rng, *generators(self.model))],
            "history": {name: list(column) for name, column in self.history.items()},
            "best": self.best,
            "settings": dict(self.settings or {}),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Continue from a :meth:`state_dict`, to the same bits.  On an error, nothing is changed.

        Raises:
            ValueError: if the state belongs to another model, optimizer or schedule.
        """
        try:
            changes = self._loading(state)
        except (AttributeError, IndexError, KeyError, OverflowError, TypeError, ValueError) as error:
            raise ValueError(f"the state does not match this training: {error}") from None
        hand_over(changes)

    def _kinds(self) -> list[str]:
        return [type(self.optimizer).__name__, type(self.schedule).__name__ if self.schedule else "no schedule"]

    def _loading(self, state: Any) -> Iterator[object]:
        """The changes that :meth:`load_state_dict` makes, after all checks."""
        if other := difference(state["description"], description(self.model)):
            raise ValueError(f"it belongs to another model: {other}")
        if state["kinds"] != self._kinds():
            raise ValueError(
                f"it belongs to a training with {' and '.join(state['kinds'])}, not {' and '.join(self._kinds())}"
            )
        parts = [(self.model, state["model"]), (self.optimizer, state["optimizer"])]
        if self.schedule is not None:
            parts.append((self.schedule, state["schedule"]))
        if state["best"] is not None:
            self.model.loading(state["best"])
        rngs = [rng.bit_generator for rng in (self.rng, *generators(self.model))]
        drawn = [_checked_state(rng, drawn) for rng, drawn in zip(rngs, state["generators"], strict=True)]
        return chain(
            *[_loading(thing, part) for thing, part in parts],
            setting(rngs, "state", drawn),
            map(dict.clear, [self.history]),
            map(dict.update, [self.history], [_checked_columns(state["history"])]),
            setting([self], "best", [state["best"]]),
        )


def _loading(thing: Any, state: Any) -> Iterator[object]:
    """The changes that ``load_state_dict`` makes; one that a subclass has written is called as it is."""
    if type(thing).load_state_dict in (Module.load_state_dict, Optimizer.load_state_dict, LRScheduler.load_state_dict):
        changes: Iterator[object] = thing.loading(state)
        return changes
    return map(thing.load_state_dict, [state])


def _checked_state(rng: Any, drawn: Any) -> Any:
    """The state of a random generator, tried on a copy."""
    copy = deepcopy(rng)
    copy.state = drawn
    return copy.state


def _checked_columns(columns: Any) -> dict[str, list[float]]:
    """The columns of a history: lists of numbers, all of the same length."""
    if not isinstance(columns, dict) or not all(isinstance(column, list) for column in columns.values()):
        raise ValueError("its history must have lists of numbers")
    for name, column in columns.items():
        if not isinstance(name, str) or not all(isinstance(x, (int, float)) for x in column):
            raise ValueError(f"{name} in its history must be a list of numbers")
    if len(set(map(len, columns.values()))) > 1:
        raise ValueError("its history has lists of different lengths")
    return {name: list(column) for name, column in columns.items()}


def description(model: Module) -> list[str]:
    """A model as lines of text: its layers, and the shapes of its parameters and buffers."""
    layers = re.sub(r" at 0x[0-9a-fA-F]+", "", repr(model)).splitlines()
    return [line.strip() for line in layers] + [f"{name} {array.shape}" for name, array in model.state_dict().items()]


def difference(saved: Sequence[str], present: Sequence[str]) -> str:
    """The first difference between two descriptions; an empty string if there is none."""
    for there, here in zip_longest(saved, present, fillvalue="nothing"):
        if there != here:
            return f"it has {there} where this one has {here}"
    return ""
