"""Models as ONNX, for programs that run models: ``nn.onnx.export``.

Activations are written by the dialect of ONNX, from the table; a layer has a function here that says how it is written.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from math import prod
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

import autograd.files
from autograd.onnx import Graph, Term
from nn.activations import GLU, LogSoftmax, Softmax, Softmax2d, Softmin, Stateless
from nn.aliases import Array
from nn.layers import (
    AvgPool2d,
    BatchNorm1d,
    Conv1d,
    Conv2d,
    Dropout,
    Embedding,
    Flatten,
    Identity,
    LayerNorm,
    Linear,
    Maxout,
    MaxPool2d,
    ModuleList,
    Sequential,
)
from nn.module import Module
from nn.neuron import MLP, Elementwise
from nn.training.learner import evaluation_mode

__all__ = ["export"]


def export(
    model: Module, shape: Sequence[int], file: str | os.PathLike[str] | None = None, *, dtype: DTypeLike = np.float32
) -> Any:
    """A model in evaluation mode as ONNX, for inputs of shape ``(N, *shape)`` with any number N of samples.

    The input is called ``input`` and the output ``output``; weights keep their names.

    Args:
        model: a :class:`~nn.Sequential` of layers and activations, or an :class:`~nn.MLP`.
        shape: the shape of one sample; ``(2,)`` for two numbers.
        file: an ``.onnx`` file to write.
        dtype: the type of the numbers, ``numpy.float32`` or ``float``, for which onnxruntime lacks many operators; the
            inputs of an embedding are int64.

    Returns:
        An ``onnx.ModelProto``, which onnx has checked.

    Raises:
        ImportError: without onnx, which ``pip install "pathgrad[onnx]"`` installs.
        TypeError: if a part of the model has no form in ONNX; the message says which.

    >>> from nn import Linear, ReLU, Sequential
    >>> model = export(Sequential(Linear(2, 3, rng=0), ReLU()), (2,))
    >>> [node.op_type for node in model.graph.node], [weight.name for weight in model.graph.initializer]
    (['Gemm', 'Relu', 'Identity'], ['0.weight', '0.bias'])
    """
    if file is not None:
        autograd.files.check_writable(file)
    if isinstance(model, MLP):
        model = model.vectorize()
    first = next((part for part in model.modules() if not isinstance(part, ModuleList)), None)
    numbers: DTypeLike = np.int64 if isinstance(first, Embedding) else dtype
    graph = Graph(dtype)
    start = graph.input("input", (None, *shape), numbers)
    with evaluation_mode(model):
        output, sample = _applied(model, start, np.zeros((1, *shape), numbers), "")
    written = graph.model(output, (None, *sample.shape[1:]))
    if file is not None:
        autograd.files.write(file, written.SerializeToString())
    return written


def _applied(module: Module, x: Term, sample: Array, prefix: str) -> tuple[Term, Array]:
    """What a module makes of a term, and of one sample, from which the next one sees its shape."""
    if _is_plain(module, Sequential):
        for name, part in module.named_children():
            x, sample = _applied(part, x, sample, f"{prefix}{name}.")
        return x, sample
    weights = {name: x.graph.constant(data, prefix + name) for name, data in module.state_dict().items()}
    try:
        term = _writer(module)(module, x, sample, weights)
    except (AttributeError, NotImplementedError, TypeError, ValueError) as error:
        place = f" (the part {prefix.removesuffix('.')!r} of the model)" if prefix else ""
        raise TypeError(f"{module!r}{place} has no form in ONNX: {error}") from error
    output = module(sample)
    return term, output.numpy() if hasattr(output, "numpy") else output


# ---------------------------------------------------------------------------------------------------------------------
# How each module is written
# ---------------------------------------------------------------------------------------------------------------------

Weights: TypeAlias = dict[str, Term]

Writer: TypeAlias = Callable[[Any, Term, Array, Weights], Term]
"""What a module makes of a term; it also takes an input, which tells the shape, and the parameters and buffers."""

_WRITERS: dict[type[Module], Writer] = {}


def _writes(*kinds: type[Module]) -> Callable[[Writer], Writer]:
    """Register the function that writes modules of these kinds."""

    def register(writer: Writer) -> Writer:
        _WRITERS.update(dict.fromkeys(kinds, writer))
        return writer

    return register


def _writer(module: Module) -> Writer:
    """The function that writes a module."""
    for kind in type(module).__mro__:
        if kind in _WRITERS and _is_plain(module, kind):
            return _WRITERS[kind]
    raise NotImplementedError(f"nn.onnx does not write the layer {type(module).__name__}")


def _is_plain(module: Module, kind: type[Module]) -> bool:
    """Whether a module is of a kind, and computes what that kind computes."""
    return isinstance(module, kind) and type(module).forward is kind.forward


@_writes(Stateless)
def _(module: Stateless, x: Term, sample: Array, weights: Weights) -> Any:
    return module.function(x, **module.options)


@_writes(Elementwise)
def _(module: Elementwise, x: Term, sample: Array, weights: Weights) -> Any:
    return module.function(x)


@_writes(Identity, Dropout)
def _(module: Module, x: Term, sample: Array, weights: Weights) -> Term:
    return x


@_writes(Softmax, Softmin, LogSoftmax)
def _(module: Stateless, x: Term, sample: Array, weights: Weights) -> Term:
    operator = "LogSoftmax" if isinstance(module, LogSoftmax) else "Softmax"
    return x.graph.add(operator, -x if isinstance(module, Softmin) else x, axis=module.options["dim"])


@_writes(Softmax2d)
def _(module: Softmax2d, x: Term, sample: Array, weights: Weights) -> Term:
    return x.graph.add("Softmax", x, axis=-3)


@_writes(GLU)
def _(module: GLU, x: Term, sample: Array, weights: Weights) -> Term:
    axis = module.options.get("dim", -1)
    n = sample.shape[axis] // 2
    halves = [x.graph.add("Slice", x, *map(x.graph.constant, ([i], [i + n], [axis]))) for i in (0, n)]
    return halves[0] * x.graph.add("Sigmoid", halves[1])


@_writes(Linear)
def _(module: Linear, x: Term, sample: Array, weights: Weights) -> Term:
    return _affine(x, sample.ndim, *weights.values())


@_writes(Maxout)
def _(module: Maxout, x: Term, sample: Array, weights: Weights) -> Term:
    rows = [[weights[name] for name in weights if name.startswith(f"pieces.{i}.")] for i in range(len(module.pieces))]
    return x.graph.add("Max", *[_affine(x, sample.ndim, *row) for row in rows])


def _affine(x: Term, ndim: int, weight: Term, *bias: Term) -> Term:
    """``x @ weight.T + bias`` along the last axis."""
    if ndim == 2:
        return x.graph.add("Gemm", x, weight, *bias, transB=1)
    product = x.graph.add("MatMul", x, x.graph.add("Transpose", weight, perm=[1, 0]))
    return sum(bias, product)


@_writes(Embedding)
def _(module: Embedding, x: Term, sample: Array, weights: Weights) -> Term:
    return x.graph.add("Gather", weights["weight"], x)


@_writes(Conv1d, Conv2d)
def _(module: Conv1d | Conv2d, x: Term, sample: Array, weights: Weights) -> Term:
    kernel = module.weight.shape[2:]
    strides, dilations = _each(module.options["stride"], len(kernel)), _each(module.options["dilation"], len(kernel))
    padding = module.options["padding"]
    if padding == "same":
        spans = [(n - 1) * step for n, step in zip(kernel, dilations, strict=True)]
        pads = [*[span // 2 for span in spans], *[span - span // 2 for span in spans]]
    else:
        pads = 2 * _each(0 if padding == "valid" else padding, len(kernel))
    options = {"strides": strides, "pads": pads, "dilations": dilations, "group": module.options["groups"]}
    return x.graph.add("Conv", x, *weights.values(), **options)


@_writes(MaxPool2d)
def _(module: MaxPool2d, x: Term, sample: Array, weights: Weights) -> Term:
    return x.graph.add("MaxPool", x, dilations=_each(module.options["dilation"]), **_windows(module))


@_writes(AvgPool2d)
def _(module: AvgPool2d, x: Term, sample: Array, weights: Weights) -> Term:
    if module.options["divisor_override"] is not None:
        raise NotImplementedError("its average has no divisor_override")
    return x.graph.add("AveragePool", x, count_include_pad=int(module.options["count_include_pad"]), **_windows(module))


def _windows(module: Stateless) -> dict[str, Any]:
    options = module.options
    kernel = _each(options["kernel_size"])
    strides = kernel if options["stride"] is None else _each(options["stride"])
    pads = 2 * _each(options["padding"])
    return {"kernel_shape": kernel, "strides": strides, "pads": pads, "ceil_mode": int(options["ceil_mode"])}


def _each(lengths: int | Iterable[int], rank: int = 2) -> list[int]:
    """A length for each axis."""
    return [int(n) for n in lengths] if isinstance(lengths, Iterable) else [int(lengths)] * rank


@_writes(Flatten)
def _(module: Flatten, x: Term, sample: Array, weights: Weights) -> Term:
    start, end = module.start_dim % sample.ndim, module.end_dim % sample.ndim + 1
    if start == 0:
        raise ValueError("it would mix the samples")
    lengths = [0] * start + [
        prod(sample.shape[start:end]),
        *sample.shape[end:],
    ]  # 0 keeps a length
    return x.graph.add("Reshape", x, x.graph.constant(lengths))


@_writes(BatchNorm1d)
def _(module: BatchNorm1d, x: Term, sample: Array, weights: Weights) -> Term:
    if "running_mean" not in weights:
        raise NotImplementedError("it normalises by the mean of each batch")
    channels = len(module.running_mean)
    scale = weights["weight"] if "weight" in weights else x.graph.constant(np.ones(channels))
    shift = weights["bias"] if "bias" in weights else x.graph.constant(np.zeros(channels))
    mean, variance = weights["running_mean"], weights["running_var"]
    return x.graph.add("BatchNormalization", x, scale, shift, mean, variance, epsilon=module.eps)


@_writes(LayerNorm)
def _(module: LayerNorm, x: Term, sample: Array, weights: Weights) -> Term:
    scale = weights["weight"] if "weight" in weights else x.graph.constant(np.ones(module.normalized_shape))
    shift = [weights["bias"]] if "bias" in weights else []
    axis = -len(module.normalized_shape)
    return x.graph.add("LayerNormalization", x, scale, *shift, axis=axis, epsilon=module.eps)
