"""A lesson, that is a model, a loss and data: is it in order before it begins, and which node spoilt it if it fails?"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from autograd import Compiled, RecordingError, Tensor, Value, compile, enable_grad, no_grad
from autograd.faults import Recording, nan_in_gradient, nan_in_values
from autograd.structure import entries, rebuild
from nn.activations import plain
from nn.aliases import Random
from nn.data.checks import check_count, check_samples
from nn.data.sampling import Batches, batches
from nn.module import Module
from nn.training.history import generators

__all__ = ["Lesson", "Loss", "Means", "Metrics", "checked", "evaluating", "explained", "finite"]

Loss: TypeAlias = Callable[[Any, Any], Any]
Metric: TypeAlias = Callable[[Any, Any], float]
Metrics: TypeAlias = Sequence[Metric] | Mapping[str, Metric]


@dataclass(frozen=True, eq=False)
class Lesson:
    """What is learnt: a model, the loss, and what else is measured, by name."""

    model: Module
    loss: Loss
    metrics: dict[str, Metric]
    _replays: dict[bool, Compiled | None] = field(default_factory=dict)  # the compiled model, by its mode
    _compiled: list[Any] = field(default_factory=list)  # what the model was made of at that time

    @classmethod
    def of(cls, model: Module, loss: Loss, metrics: Metrics) -> Lesson:
        """A lesson whose metrics are given by name, or as functions that have names."""
        named = dict(metrics) if isinstance(metrics, Mapping) else {f.__name__: f for f in metrics}
        if "loss" in named:
            raise ValueError("a metric cannot be named loss: that name is taken")
        return cls(model, loss, named)

    @cached_property
    def of_numbers(self) -> bool:
        """Whether the model is a network of single numbers."""
        parameters = self.model.parameters()
        return bool(parameters) and all(isinstance(p, Value) for p in parameters)

    def outputs(self, x: Any) -> Any:
        """What the model puts out: of arrays for a batch at once, of numbers as a list, sample by sample."""
        if self.of_numbers:
            columns = [part.tolist() if isinstance(part, np.ndarray) else part for part in _inputs(x)]
            return [self.model(*sample) for sample in zip(*columns, strict=True)]
        return self.model(*_inputs(x))

    def replayed(self, x: Any) -> Any:
        """The same; but a model of numbers is compiled if it can be, and its outputs are then leaves."""
        replay = self.replay(x)
        if replay is None:
            return self.outputs(x)
        structure = replay(*_inputs(x))
        columns = [column.tolist() for column in entries(structure)]
        return [rebuild(structure, map(Value, numbers)) for numbers in zip(*columns, strict=True)]

    def learnt(self, x: Any, y: Any) -> tuple[Any, Any]:
        """The outputs and the loss of a batch, whose gradient the parameters have got."""
        outputs = self.replayed(x)
        loss = finite(self.loss(outputs, y))
        loss.backward()
        replay = self.replay(x)
        if replay is not None:  # the loss went back to the outputs, and the model goes on from there
            slopes = zip(*[[leaf.grad or 0.0 for leaf in entries(output)] for output in outputs], strict=True)
            replay.backward(*_inputs(x), seed=list(map(np.array, slopes)))
        return outputs, loss

    def replay(self, x: Any) -> Compiled | None:
        """The compiled model, as it is in its present mode; ``None`` if it is of arrays, or cannot be recorded."""
        mode = self.model.training
        if self.of_numbers and mode not in self._replays:
            replay = compile(lambda *inputs: self.model(*inputs), batch=True, reduction="none")
            self._compiled[:] = self._parts()
            try:
                replay.program(*_inputs(x))
                self._replays[mode] = replay
            except RecordingError:
                self._replays[mode] = None
        return self._replays.get(mode)

    def renew(self) -> None:
        """Forget what was compiled if anything in the model has been replaced since, by a callback for instance."""
        parts = self._parts()
        if len(parts) != len(self._compiled) or any(map(operator.is_not, parts, self._compiled)):
            self._replays.clear()

    def _parts(self) -> list[Any]:
        """All that the model is made of."""
        parts: list[Any] = list(self.model.parameters())
        for _, module in self.model.named_modules():
            parts += [part for name, part in vars(module).items() if name != "training"]
        return parts

    @cached_property
    def buffers(self) -> list[tuple[Module, str]]:
        """The buffers of all layers, each as a layer and the name of an attribute."""
        return [(module, name) for _, module in self.model.named_modules() for name in module.buffers]

    @cached_property
    def generators(self) -> list[np.random.Generator]:
        """What the layers draw from."""
        return generators(self.model)

    def remembered(self) -> tuple[list[Any], list[Any]]:
        """What a forward pass changes: buffers, and the state of what layers draw from."""
        buffers = [(module, name, np.copy(getattr(module, name))) for module, name in self.buffers]
        return buffers, [(drawer, drawer.bit_generator.state) for drawer in self.generators]

    def measured(self, outputs: Any, y: Any, loss: Any) -> dict[str, float]:
        """The numbers by name."""
        guesses = plain(outputs)
        return {"loss": float(loss)} | {name: float(f(guesses, y)) for name, f in self.metrics.items()}

    def names(self, validated: bool) -> list[str]:
        """The names of what is measured in an epoch."""
        names = ["loss", *self.metrics]
        return names + [f"val_{name}" for name in names if validated]


def _inputs(x: Any) -> tuple[Any, ...]:
    """What a model takes: several inputs, or one."""
    return x if isinstance(x, tuple) else (x,)


class Means:
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


@contextmanager
def evaluating(model: Module) -> Iterator[None]:
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
# What must be right before anything is trained
# ---------------------------------------------------------------------------------------------------------------------


def checked(name: str, data: tuple[Any, Any], lesson: Lesson, size: int | None, rng: Random = None) -> Batches:
    """Batches of data that were found to fit; in random order if there is something to draw it with.

    The loss sees all targets before anything is trained: with the outputs for the first sample, repeated.
    """
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"{name} is a pair (x, y) of samples and targets, not {type(data).__name__}")
    x, y = data
    try:
        samples = check_samples(x, y)
        first, _ = next(iter(batches(x, y, 1, shuffle=False)))
        with evaluating(lesson.model), np.errstate(all="ignore"):
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


# ---------------------------------------------------------------------------------------------------------------------
# Which node was it?
# ---------------------------------------------------------------------------------------------------------------------


def finite(loss: Any) -> Any:
    """The loss, unless it is nan or infinite."""
    if not math.isfinite(float(loss)):
        raise FloatingPointError(f"the loss is {float(loss):g}")
    return loss


@contextmanager
def explained(place: str, lesson: Lesson, x: Any, y: Any) -> Iterator[None]:
    """Let what goes wrong in a batch be said with its place, and with the node that was the first to be not finite.

    What the layers remember of the batch, running means and the like, is forgotten again.
    """
    before = lesson.remembered()
    try:
        with np.errstate(all="ignore"):  # not to warn of what becomes an error
            yield
    except (ArithmeticError, ValueError) as error:
        _recall(before)
        culprit = _culprit(lesson, x, y, error)
        _recall(before)
        kind = ValueError if isinstance(error, ValueError) and not culprit else FloatingPointError
        raise kind(f"{place}: {culprit or error}") from error


def _recall(before: tuple[list[Any], list[Any]]) -> None:
    buffers, drawers = before
    for module, name, array in buffers:
        setattr(module, name, array.copy())
    for drawer, state in drawers:
        drawer.bit_generator.state = state


def _culprit(lesson: Lesson, x: Any, y: Any, error: Exception) -> str:
    """What went wrong, and the node and layer where it began, as the batch is computed once more; or no words."""
    layers: list[str] = []

    def outputs() -> Any:
        with _watched(lesson.model, layers):
            return lesson.outputs(x)

    for computed in (outputs, lambda: lesson.loss(outputs(), y)):
        layers.clear()
        try:
            with enable_grad(), np.errstate(all="ignore"):
                graph = Recording(computed, (), ())
        except (ArithmeticError, ValueError) as refusal:  # it names the node
            return f"{refusal}: in {layers[0]}" if layers else ""
        if not all(np.isfinite(plain(output)).all() for output in graph.outputs):
            return f"{error}: {nan_in_values(graph)}, in {layers[0] if layers else 'the loss'}"
    gradients = [plain(p.grad) for p in lesson.model.parameters() if p.grad is not None]
    return "" if all(np.isfinite(g).all() for g in gradients) else f"{error}: {nan_in_gradient(graph, infinite=True)}"


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
