"""A learner: a model with a loss and metrics, its outputs on a batch, and the checks of data before training."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np

from autograd import (
    Compiled,
    GraphLeftError,
    RecordingError,
    Tensor,
    Value,
    compile,
    enable_grad,
    entries,
    no_grad,
    rebuild,
)
from nn.activations import number, plain
from nn.aliases import Parameter, Random
from nn.data.checks import check_count, check_samples
from nn.data.sampling import Batches, batches
from nn.module import Module
from nn.training.named import loss_named, metric_named

__all__ = [
    "Learner",
    "Loss",
    "Metrics",
    "check_smallest_batch",
    "checked_batches",
    "detached",
    "evaluation_mode",
    "finite",
    "generators",
]

Loss: TypeAlias = Callable[[Any, Any], Parameter]
"""A function of outputs and targets that returns a node."""

Metric: TypeAlias = Callable[[Any, Any], float]
"""A function of outputs and targets, as arrays, that returns a number."""

Metrics: TypeAlias = Sequence[Metric | str] | Mapping[str, Metric | str]


@dataclass(frozen=True, eq=False)
class Learner:
    """A model, its loss, and the metrics by name."""

    model: Module
    loss: Loss
    metrics: dict[str, Metric]
    _compiled: dict[bool, Compiled | None] = field(default_factory=dict)  # the compiled model, for each mode

    @classmethod
    def of(cls, model: Module, loss: Loss | str, metrics: Metrics) -> Learner:
        """A learner whose loss and metrics are functions, or their names."""
        if isinstance(metrics, str) or callable(metrics):
            raise TypeError(
                f"metrics are given in a list: write metrics=[{getattr(metrics, '__name__', repr(metrics))}]"
            )
        if isinstance(metrics, Mapping):
            named = {name: metric_named(metric) for name, metric in metrics.items()}
        else:
            named = {metric.__name__: metric for metric in map(metric_named, metrics)}
        if "loss" in named:
            raise ValueError("a metric cannot be named loss: that name is taken")
        return cls(model, loss_named(loss), named)

    # -- outputs and gradients ----------------------------------------------------------------------------------------

    @cached_property
    def is_scalar(self) -> bool:
        """Whether the model is a network of single numbers."""
        parameters = self.model.parameters()
        return bool(parameters) and all(isinstance(p, Value) for p in parameters)

    def outputs(self, x: Any) -> Any:
        """The outputs for a batch: an array or Tensor, or for a network of numbers a list with one output a sample."""
        if self.is_scalar:
            columns = [part.tolist() if isinstance(part, np.ndarray) else part for part in _inputs(x)]
            return [self.model(*sample) for sample in zip(*columns, strict=True)]
        return self.model(*_inputs(x))

    def fast_outputs(self, x: Any) -> Any:
        """Like :meth:`outputs`, but a network of numbers is compiled if possible; its outputs are then leaves."""
        compiled = self.compiled()
        if compiled is None:
            return self.outputs(x)
        try:
            with no_grad():
                structure = compiled(*_inputs(x))
        except (RecordingError, GraphLeftError):
            self._compiled[self.model.training] = None
            return self.outputs(x)
        columns = [column.tolist() for column in entries(structure)]
        return [rebuild(structure, map(Value, numbers)) for numbers in zip(*columns, strict=True)]

    def backward(self, x: Any, y: Any) -> tuple[Any, Parameter]:
        """The outputs and the loss of a batch, after a backward sweep to the parameters."""
        with enable_grad():
            outputs = self.fast_outputs(x)
            loss = finite(self.loss(outputs, y))
        loss.backward()
        compiled = self.compiled()
        if compiled is not None:  # the sweep stopped at the outputs, and the compiled model continues it
            slopes = zip(*[[leaf.grad or 0.0 for leaf in entries(output)] for output in outputs], strict=True)
            compiled.backward(*_inputs(x), seed=list(map(np.array, slopes)))
        return outputs, loss

    def compiled(self) -> Compiled | None:
        """The model, compiled for its present mode; ``None`` for a network of arrays, or if it cannot be recorded."""
        mode, model = self.model.training, self.model
        if self.is_scalar and mode not in self._compiled:
            self._compiled[mode] = compile(lambda *inputs: model(*inputs), batch=True, reduction="none")
        return self._compiled.get(mode)

    # -- the state that a forward pass changes ------------------------------------------------------------------------

    @cached_property
    def buffers(self) -> list[tuple[Module, str]]:
        """All buffers, each as a module and the name of an attribute."""
        return [(module, name) for _, module in self.model.named_modules() for name in module.buffers]

    @cached_property
    def generators(self) -> list[np.random.Generator]:
        """The random generators of the layers."""
        return generators(self.model)

    def snapshot(self) -> Callable[[], None]:
        """Remember the buffers and the states of the generators; returns a function that restores them."""
        buffers = [(module, name, np.copy(getattr(module, name))) for module, name in self.buffers]
        states = [(rng, rng.bit_generator.state) for rng in self.generators]

        def restore() -> None:
            for module, name, array in buffers:
                setattr(module, name, array.copy())
            for rng, state in states:
                rng.bit_generator.state = state

        return restore

    # -- metrics ------------------------------------------------------------------------------------------------------

    def measure(self, outputs: Any, y: Any, loss: Parameter | None = None) -> dict[str, float]:
        """The loss and the metrics by name; the loss is computed unless it is given."""
        if loss is None:
            with no_grad():
                loss = finite(self.loss(outputs, y))
        guesses = plain(outputs)
        return {"loss": loss.item()} | {name: number(f(guesses, y)) for name, f in self.metrics.items()}

    def measured_names(self, validated: bool) -> list[str]:
        """The names of everything that is measured in an epoch."""
        names = ["loss", *self.metrics]
        return names + [f"val_{name}" for name in names if validated]


def _inputs(x: Any) -> tuple[Any, ...]:
    """The inputs of a model: a tuple holds several, anything else is the only one."""
    return x if isinstance(x, tuple) else (x,)


def finite(loss: Parameter) -> Parameter:
    """The loss, checked to be finite."""
    if not math.isfinite(loss.item()):
        raise FloatingPointError(f"the loss is {loss.item():g}")
    return loss


def detached(outputs: Any) -> Any:
    """The outputs without their graph, which would otherwise stay in memory."""
    if isinstance(outputs, list):
        return rebuild(outputs, [Value(number(x)) for x in entries(outputs)])
    return outputs.detach() if isinstance(outputs, Tensor) else outputs


@contextmanager
def evaluation_mode(model: Module) -> Iterator[None]:
    """Evaluation mode, without recording; afterwards every layer is back in its mode from before."""
    modes = [(module, module.training) for _, module in model.named_modules()]
    model.eval()
    try:
        with no_grad():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def generators(model: Module) -> list[np.random.Generator]:
    """The random generators in the layers of a model, such as those of dropout."""
    held = [thing for _, module in model.named_modules() for thing in vars(module).values()]
    return [thing for thing in held if isinstance(thing, np.random.Generator)]


def checked_batches(
    name: str, data: tuple[Any, Any], learner: Learner, size: int | None, rng: Random = None
) -> Batches:
    """Batches of data that match the model and the loss; in random order if ``rng`` is given.

    Before any training, the loss is computed for all targets, with the outputs for the first sample repeated.
    """
    if not isinstance(data, (tuple, list)) or len(data) != 2:
        raise TypeError(f"{name} must be a pair (x, y) of samples and targets, not {type(data).__name__}")
    x, y = data
    try:
        samples = check_samples(x, y)
        first, _ = next(iter(batches(x, y, 1, shuffle=False)))
        with evaluation_mode(learner.model), np.errstate(all="ignore"):
            outputs = learner.outputs(first)
            if np.shape(outputs)[:1] != (1,):
                raise ValueError(f"the model gives an output of shape {np.shape(outputs)} for an array of one sample")
            if np.isfinite(plain(outputs)).all():  # otherwise training reports the node at fault
                everywhere = outputs * samples if isinstance(outputs, list) else outputs[np.zeros(samples, int)]
                loss = learner.loss(everywhere, y)
                if not isinstance(loss, (Value, Tensor)) or np.size(plain(loss)) != 1:
                    raise TypeError(f"the loss must be one number, computed with autograd, but it is {loss!r}")
                learner.measure(everywhere, y, loss)
    except ArithmeticError:  # training reports the node at fault
        pass
    except (IndexError, TypeError, ValueError) as error:
        kind = next(kind for kind in (IndexError, TypeError, ValueError) if isinstance(error, kind))
        raise kind(f"{name}: {error}") from None
    return batches(x, y, samples if size is None else check_count("batch_size", size), rng=rng, shuffle=rng is not None)


def check_smallest_batch(learner: Learner, rounds: Batches) -> None:
    """Check before any step that the model can be trained on a batch of one sample, if there is one in an epoch.

    Layers that compare samples, such as batch normalisation, refuse it.  What the layers remember is restored.

    Raises:
        ValueError: if the model or the loss refuses it.
    """
    if (rounds.samples % rounds.size or rounds.size) > 1:
        return
    x, y = next(iter(batches(rounds.x, rounds.y, 1, shuffle=False)))
    restore = learner.snapshot()
    try:
        with evaluation_mode(learner.model), np.errstate(all="ignore"):
            learner.model.train()
            learner.loss(learner.outputs(x), y)
    except ArithmeticError:  # training reports the node at fault
        pass
    except (IndexError, TypeError, ValueError) as error:
        raise ValueError(
            f"data: a batch has only one sample (batch_size={rounds.size}, samples={rounds.samples}), on which this "
            f"model cannot be trained: {error}; choose another batch_size"
        ) from error
    finally:
        restore()
