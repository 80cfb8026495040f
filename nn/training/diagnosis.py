"""Finding the node and the layer where nan or infinity first appeared in a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np

from autograd import autopsy
from nn.activations import plain
from nn.module import Module
from nn.training.learner import Learner

__all__ = ["explained"]

R = TypeVar("R")


def explained(action: Callable[[], R], place: str, learner: Learner, x: Any, y: Any) -> R:
    """The result of an action; its errors name the place, and the first node that is not finite.

    The state that the layers keep of the batch, such as running means, is then restored.

    Args:
        action: what to do with a batch.
        place: where in the training this is.
        learner: the model and its loss.
        x: the samples of the batch.
        y: their targets.
    """
    restore = learner.snapshot()
    try:
        with np.errstate(all="ignore"):  # an error is raised, so NumPy need not warn as well
            return action()
    except (ArithmeticError, ValueError) as error:
        restore()
        fault = _fault(learner, x, y, error)
        restore()
        kind = ValueError if isinstance(error, ValueError) and not fault else FloatingPointError
        raise kind(f"{place}: {fault or error}") from error


def _fault(learner: Learner, x: Any, y: Any, error: Exception) -> str:
    """The node and the layer at fault, found by computing the batch again; an empty string if everything is finite."""
    layers: list[str] = []

    def outputs() -> Any:
        with _noting_layers(learner.model, layers):
            return learner.outputs(x)

    for computed in (outputs, lambda: learner.loss(outputs(), y)):
        layers.clear()
        try:
            found = autopsy(computed).forward
        except (ArithmeticError, ValueError) as refusal:  # the message names the node
            return f"{refusal}: in {layers[0]}" if layers else ""
        except TypeError:  # the outputs of a model without parameters are plain numbers
            continue
        if found is not None:
            return f"{error}: {found}, in {layers[0] if layers else 'the loss'}"
    gradients = [plain(p.grad) for p in learner.model.parameters() if p.grad is not None]
    if all(np.isfinite(gradient).all() for gradient in gradients):
        return ""
    found = autopsy(lambda: learner.loss(outputs(), y)).backward
    return f"{error}: {found}" if found else ""


@contextmanager
def _noting_layers(model: Module, layers: list[str]) -> Iterator[None]:
    """Collect the layers that fail or return numbers that are not finite, inner layers before outer ones.

    In this block every module has an attribute ``forward``, which Python finds before the method of the class.
    """
    modules = [(name, module) for name, module in model.named_modules() if "forward" not in vars(module)]
    for name, module in modules:
        layer = f"layer {name} ({type(module).__name__})" if name else f"the model ({type(module).__name__})"
        module.forward = _noting(layer, module.forward, layers)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for _, module in modules:
            del module.forward


def _noting(layer: str, forward: Callable[..., Any], layers: list[str]) -> Callable[..., Any]:
    """The method ``forward``, which also adds the layer to the list if its output is not finite."""

    def noting_forward(*inputs: Any) -> Any:
        try:
            output = forward(*inputs)
        except ArithmeticError:
            layers.append(layer)
            raise
        if not np.isfinite(plain(output)).all():
            layers.append(layer)
        return output

    return noting_forward
