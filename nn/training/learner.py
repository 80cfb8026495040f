"""A learner: a model with a loss and metrics, its outputs on a batch, and the checks of data before training."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Any, NamedTuple, TypeAlias

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
from nn.data.sampling import Batches, batches, joined
from nn.losses import loss_of_sample, takes_arrays
from nn.module import Module
from nn.training.named import loss_named, metric_named

__all__ = [
    "Learner",
    "Loss",
    "Metric",
    "Metrics",
    "Outcome",
    "check_smallest_batch",
    "checked_batches",
    "evaluation_mode",
    "generators",
]

Loss: TypeAlias = Callable[[Any, Any], Parameter]
"""A function of outputs and targets that returns a node."""

Metric: TypeAlias = Callable[[Any, Any], float]
"""A function of outputs and targets, as arrays, that returns a number."""

Metrics: TypeAlias = Sequence[Metric | str] | Mapping[str, Metric | str]


class Outcome(NamedTuple):
    """What a model made of a batch.

    Attributes:
        outputs: the outputs, without their graph; ``None`` if they are not needed.
        targets: the targets.
        loss: the loss of the batch; ``None`` if it is not needed.
    """

    outputs: Any
    targets: Any
    loss: float | None


class _Samples:
    """A network of numbers with its loss, compiled; the loss of a batch is the mean of the losses of its samples."""

    def __init__(self, model: Module, loss: Callable[[Any, Any], Any], with_outputs: bool) -> None:
        def of_sample(x: Any, y: Any) -> list[Any]:
            outputs = model(*_inputs(x))
            return [loss(outputs, y), *([outputs] if with_outputs else [])]

        self._compiled = compile(of_sample, batch=True, reduction="none")
        self._no_seeds: list[float] | None = None  # for the outputs, from which nothing is sent

    def evaluate(self, x: Any, y: Any) -> Outcome:
        """The outputs and the loss of a batch."""
        return self._outcome(y, *self._compiled(x, y))

    def backward(self, x: Any, y: Any) -> Outcome:
        """The same, after a backward sweep to the parameters."""
        if self._no_seeds is None:
            self._no_seeds = [0.0 for _ in entries(self._compiled(x, y)[1:])]
        return self._outcome(y, *self._compiled.backward(x, y, seed=[1.0 / len(y), *self._no_seeds]))

    def _outcome(self, y: Any, losses: Any, outputs: Any = None) -> Outcome:
        loss = finite(float(plain(losses).sum()) / len(y))
        return Outcome(None if outputs is None else np.moveaxis(plain(outputs), -1, 0), y, loss)


@dataclass(frozen=True, eq=False)
class Learner:
    """A model, its loss, and the metrics by name."""

    model: Module
    loss: Loss
    metrics: dict[str, Metric]
    _models: dict[bool, Compiled | None] = field(default_factory=dict)  # the compiled model, for each mode
    _samples: dict[bool, _Samples | None] = field(default_factory=dict)  # the same together with the loss

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
    def parameters(self) -> list[Parameter]:
        """The parameters of the model."""
        return self.model.parameters()

    @cached_property
    def is_scalar(self) -> bool:
        """Whether the model is a network of single numbers."""
        return bool(self.parameters) and all(isinstance(p, Value) for p in self.parameters)

    @cached_property
    def _loss_of_sample(self) -> Callable[[Any, Any], Any] | None:
        return loss_of_sample(self.loss)

    def outputs(self, x: Any) -> Any:
        """The outputs for a batch: an array or Tensor, or for a network of numbers a list with one output a sample."""
        if self.is_scalar:
            columns = [part.tolist() if isinstance(part, np.ndarray) else part for part in _inputs(x)]
            return [self.model(*sample) for sample in zip(*columns, strict=True)]
        return self.model(*_inputs(x))

    def backward(self, x: Any, y: Any) -> Outcome:
        """The outputs and the loss of a batch, after a backward sweep to the parameters."""
        outcome = self._with_loss(_Samples.backward, x, y)
        if outcome is not None:
            return outcome
        with enable_grad():
            outputs = self._fast_outputs(x)
            loss = self.loss(outputs, y)
        number = finite(loss.item())
        loss.backward()
        compiled = self._compiled()
        if compiled is not None:  # the sweep stopped at the outputs, and the compiled model continues it
            slopes = zip(*[[leaf.grad or 0.0 for leaf in entries(output)] for output in outputs], strict=True)
            compiled.backward(*_inputs(x), seed=list(map(np.array, slopes)))
        return Outcome(_detached(outputs), y, number)

    def evaluate(self, x: Any, y: Any) -> Outcome:
        """The outputs of a batch, and its loss if that is needed."""
        outcome = self._with_loss(_Samples.evaluate, x, y)
        if outcome is not None:
            return outcome
        outputs = self._fast_outputs(x)
        is_needed = self._loss_of_sample is not None or not np.isfinite(plain(outputs)).all()
        return Outcome(outputs, y, finite(self.loss(outputs, y).item()) if is_needed else None)

    def _with_loss(self, what: Callable[[_Samples, Any, Any], Outcome], x: Any, y: Any) -> Outcome | None:
        """What the model gives, compiled together with its loss; ``None`` if it cannot be."""
        mode = self.model.training
        if mode not in self._samples:
            loss = self._loss_of_sample if self.is_scalar else None
            self._samples[mode] = None if loss is None else _Samples(self.model, loss, bool(self.metrics))
        samples = self._samples[mode]
        if samples is not None:
            try:
                return what(samples, x, y)
            except (RecordingError, GraphLeftError):
                self._samples[mode] = None
        return None

    def _fast_outputs(self, x: Any) -> Any:
        """Like :meth:`outputs`, but a network of numbers is compiled if possible; its outputs are then leaves."""
        compiled = self._compiled()
        if compiled is None:
            return self.outputs(x)
        try:
            with no_grad():
                structure = compiled(*_inputs(x))
        except (RecordingError, GraphLeftError):
            self._models[self.model.training] = None
            return self.outputs(x)
        columns = [column.tolist() for column in entries(structure)]
        return [rebuild(structure, map(Value, numbers)) for numbers in zip(*columns, strict=True)]

    def _compiled(self) -> Compiled | None:
        """The model, compiled for its present mode; ``None`` for a network of arrays, or if it cannot be recorded."""
        mode, model = self.model.training, self.model
        if self.is_scalar and mode not in self._models:
            self._models[mode] = compile(lambda *inputs: model(*inputs), batch=True, reduction="none")
        return self._models.get(mode)

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

    def measure(self, outcomes: Sequence[Outcome]) -> dict[str, float]:
        """The loss and the metrics by name, of all samples together.

        A mean over batches is right only if the loss is known to be a mean over samples; any other loss is computed
        once more.
        """
        found: dict[str, float] = {}
        if len(outcomes) == 1 and outcomes[0].loss is not None:
            found["loss"] = outcomes[0].loss
        elif self._loss_of_sample is not None:
            sizes = [len(part.targets) for part in outcomes]
            means = [part.loss for part in outcomes if part.loss is not None]
            found["loss"] = finite(float(np.dot(means, sizes)) / sum(sizes))
        if self.metrics or not found:
            outputs, y = joined([part[:2] for part in outcomes])
            guesses = plain(outputs)
            if not found:
                with no_grad():
                    found["loss"] = finite(number(self.loss(guesses if takes_arrays(self.loss) else outputs, y)))
            found |= {name: number(f(guesses, y)) for name, f in self.metrics.items()}
        return found

    def measured_names(self, validated: bool) -> list[str]:
        """The names of everything that is measured in an epoch."""
        names = ["loss", *self.metrics]
        return names + [f"val_{name}" for name in names if validated]


def _inputs(x: Any) -> tuple[Any, ...]:
    """The inputs of a model: a tuple holds several, anything else is the only one."""
    return x if isinstance(x, tuple) else (x,)


def finite(loss: float) -> float:
    """The loss, checked to be finite."""
    if not isfinite(loss):
        raise FloatingPointError(f"the loss is {loss:g}")
    return loss


def _detached(outputs: Any) -> Any:
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
                learner.measure([Outcome(everywhere, y, loss.item())])
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
