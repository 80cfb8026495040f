"""Layers of arrays, with PyTorch's names and shapes.

A layer holds its parameters as Tensors and computes with :mod:`nn.functional`.  Samples are rows: where the lecture
notes write ``Z = W X + b`` with a sample in each column, a layer computes ``X @ W.T + b``, with the same W of shape
``(out, in)``.

>>> net = Sequential(Linear(2, 3, rng=0), Tanh(), Linear(3, 1, rng=1))
>>> net(np.zeros((5, 2))).shape
(5, 1)
>>> [name for name, _ in net.named_parameters()]
['0.weight', '0.bias', '2.weight', '2.bias']
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, reshape
from nn import functional, image_layers, normalization, recurrent
from nn.activations import (
    CELU,
    ELU,
    GELU,
    GLU,
    SELU,
    Hardshrink,
    Hardsigmoid,
    Hardswish,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    Mish,
    ReLU,
    ReLU6,
    Sigmoid,
    SiLU,
    Softmax,
    Softmax2d,
    Softmin,
    Softplus,
    Softshrink,
    Softsign,
    Stateless,
    Tanh,
    Tanhshrink,
    Threshold,
)
from nn.aliases import Numbers, Random, Reduction
from nn.attention import CausalSelfAttention, MultiheadAttention
from nn.embeddings import Embedding, EmbeddingBag
from nn.image_layers import *  # noqa: F403
from nn.init import generator, positive
from nn.module import Module, count, in_a_row
from nn.noise import AlphaDropout, Dropout, Dropout1d, Dropout2d, Dropout3d, FeatureAlphaDropout, RReLU
from nn.normalization import *  # noqa: F403
from nn.parameters import Init, parameter, weight_and_bias
from nn.recurrent import *  # noqa: F403

__all__ = [
    "Bilinear",
    "CausalSelfAttention",
    "CosineSimilarity",
    "Embedding",
    "EmbeddingBag",
    "Flatten",
    "Identity",
    "Linear",
    "LinearCrossEntropyLoss",
    "Maxout",
    "ModuleList",
    "MultiheadAttention",
    "PReLU",
    "PairwiseDistance",
    "Sequential",
    "Unflatten",
]
__all__ += ["AlphaDropout", "Dropout", "Dropout1d", "Dropout2d", "Dropout3d", "FeatureAlphaDropout", "RReLU"]
__all__ += [
    "CELU",
    "ELU",
    "GELU",
    "GLU",
    "SELU",
    "Hardshrink",
    "Hardsigmoid",
    "Hardswish",
    "Hardtanh",
    "LeakyReLU",
    "LogSigmoid",
    "LogSoftmax",
    "Mish",
    "ReLU",
    "ReLU6",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmax2d",
    "Softmin",
    "Softplus",
    "Softshrink",
    "Softsign",
    "Tanh",
    "Tanhshrink",
    "Threshold",
]
__all__ += image_layers.__all__
__all__ += normalization.__all__
__all__ += recurrent.__all__

# ---------------------------------------------------------------------------------------------------------------------
# Affine maps
# ---------------------------------------------------------------------------------------------------------------------


class Linear(Module):
    """The affine map ``x @ weight.T + bias``.

    Args:
        in_features: the number of inputs.
        out_features: the number of outputs.
        bias: whether to add a bias, which starts at zero.
        init: the initialiser of the weights, see :mod:`nn.init`; the default is PyTorch's.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    Raises:
        TypeError: if a size is not a positive whole number, or the dtype is neither of the two.
        ValueError: if the initialiser is unknown.

    >>> layer = Linear(2, 3, init="he", rng=0)
    >>> layer, layer.weight.shape, layer.bias.shape
    (Linear(in_features=2, out_features=3, bias=True), (3, 2), (3,))
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        bias: bool = True,
        *,
        init: Init = "uniform",
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        shape = positive("out_features", out_features), positive("in_features", in_features)
        self.weight, self.bias = weight_and_bias(shape, bias, init, rng, dtype)

    def forward(self, input: Numbers) -> Tensor:
        """The outputs of shape ``(..., out_features)`` for inputs of shape ``(..., in_features)``."""
        return functional.linear(input, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, as in PyTorch."""
        outputs, inputs = self.weight.shape
        return f"in_features={inputs}, out_features={outputs}, bias={self.bias is not None}"


class Maxout(Module):
    """For each output, the largest of several affine maps of the inputs (Goodfellow et al., 2013).

    Args:
        in_features: the number of inputs.
        out_features: the number of outputs.
        pieces: the number of affine maps for each output.
        bias: whether each of them has a bias, which starts at zero.
        init: the initialiser of the weights, see :mod:`nn.init`.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    >>> Maxout(2, 1, rng=0)(np.zeros((4, 2))).shape
    (4, 1)
    """

    def __init__(
        self,
        in_features: int,
        out_features: int,
        pieces: int = 2,
        bias: bool = True,
        *,
        init: Init = "uniform",
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        rng = generator(rng)
        self.pieces = [
            Linear(in_features, out_features, bias, init=init, rng=rng, dtype=dtype)
            for _ in range(positive("pieces", pieces))
        ]

    def forward(self, input: Numbers) -> Tensor:
        """The largest output of the pieces."""
        outputs: Tensor = functional.maxout(*[piece(input) for piece in self.pieces])
        return outputs


class Bilinear(Module):
    """x1ᵀ W x2 + b for each output, see :func:`nn.functional.bilinear`.

    >>> Bilinear(2, 3, 4, rng=0)(np.zeros((5, 2)), np.zeros((5, 3))).shape
    (5, 4)
    """

    def __init__(
        self,
        in1_features: int,
        in2_features: int,
        out_features: int,
        bias: bool = True,
        *,
        init: Init = "uniform",
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        shape = positive("out_features", out_features), positive("in1_features", in1_features)
        self.weight, self.bias = weight_and_bias(
            (*shape, positive("in2_features", in2_features)), bias, init, rng, dtype
        )

    def forward(self, input1: Numbers, input2: Numbers) -> Any:
        """The outputs for pairs of inputs."""
        return functional.bilinear(input1, input2, self.weight, self.bias)

    def extra_repr(self) -> str:
        """The sizes, as in PyTorch."""
        outputs, first, second = self.weight.shape
        bias = self.bias is not None
        return f"in1_features={first}, in2_features={second}, out_features={outputs}, bias={bias}"


class LinearCrossEntropyLoss(Module):
    """The last layer of a classifier and its loss, see :func:`nn.functional.linear_cross_entropy`.

    Args:
        in_features: the number of inputs.
        num_classes: C, the number of classes.
        out_features: how many labels each sample has along further axes.
        bias: whether the layer, ``linear``, adds a bias.
        weight: a factor for each class.
        reduction: "mean", "sum" or "none".
        ignore_index: the label of samples to leave out, by default -100.
        label_smoothing: the share of the targets that is spread evenly over all classes.
        init: the initialiser of the weights, see :mod:`nn.init`.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    >>> round(LinearCrossEntropyLoss(4, 3, rng=0)(np.zeros((2, 4)), [0, 2]).item(), 6)
    1.098612
    """

    def __init__(
        self,
        in_features: int,
        num_classes: int,
        *,
        out_features: Sequence[int] = (),
        bias: bool = False,
        weight: Any = None,
        reduction: Reduction = "mean",
        ignore_index: int | None = None,
        label_smoothing: float = 0.0,
        init: Init = "uniform",
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        self.shape = positive("num_classes", num_classes), *[positive("out_features", n) for n in out_features]
        self.linear = Linear(in_features, prod(self.shape), bias, init=init, rng=rng, dtype=dtype)
        self.options: dict[str, Any] = {
            "weight": weight,
            "reduction": reduction,
            "ignore_index": ignore_index,
            "label_smoothing": label_smoothing,
        }

    def forward(self, input: Numbers, target: Numbers) -> Any:
        """The loss of these inputs of the layer."""
        matrix = reshape(self.linear.weight, (*self.shape, -1))
        bias = None if self.linear.bias is None else reshape(self.linear.bias, self.shape)
        return functional.linear_cross_entropy(input, matrix, target, linear_bias=bias, **self.options)


class PReLU(Module):
    """:func:`nn.functional.prelu` with weights that are learned: one, or one for each channel."""

    def __init__(self, num_parameters: int = 1, init: float = 0.25, *, dtype: DTypeLike = float) -> None:
        self.weight = parameter(np.full(positive("num_parameters", num_parameters), float(init)), dtype)

    def forward(self, input: Numbers) -> Any:
        """x for x > 0, else the weight times x."""
        return functional.prelu(input, self.weight)

    def extra_repr(self) -> str:
        """The number of weights."""
        return f"num_parameters={self.weight.size}"


class CosineSimilarity(Stateless):
    """:func:`nn.functional.cosine_similarity` as a module."""

    function = staticmethod(functional.cosine_similarity)
    inputs = 2


class PairwiseDistance(Stateless):
    """:func:`nn.functional.pairwise_distance` as a module."""

    function = staticmethod(functional.pairwise_distance)
    inputs = 2


# ---------------------------------------------------------------------------------------------------------------------
# Shapes
# ---------------------------------------------------------------------------------------------------------------------


class Unflatten(Module):
    """The inverse of :class:`Flatten`: one axis becomes several.

    >>> Unflatten(1, (8, 3, 3))(np.zeros((5, 72))).shape
    (5, 8, 3, 3)
    """

    def __init__(self, dim: int, unflattened_size: Sequence[int]) -> None:
        self.dim, self.unflattened_size = dim, tuple(unflattened_size)

    def forward(self, input: Numbers) -> Any:
        """The same numbers in another shape."""
        x: Any = input
        shape, dim = np.shape(x), self.dim % np.ndim(x)
        return reshape(x, (*shape[:dim], *self.unflattened_size, *shape[dim + 1 :]))

    def extra_repr(self) -> str:
        """The axis and its new lengths."""
        return f"dim={self.dim}, unflattened_size={self.unflattened_size}"


class Flatten(Module):
    """Flatten several axes into one: by default all but the first, the axis of the samples.

    >>> Flatten()(np.zeros((5, 8, 3, 3))).shape
    (5, 72)
    """

    def __init__(self, start_dim: int = 1, end_dim: int = -1) -> None:
        self.start_dim, self.end_dim = start_dim, end_dim

    def forward(self, input: Numbers) -> Any:
        """The same numbers in another shape."""
        x: Any = input
        shape, ndim = np.shape(x), np.ndim(x)
        if not (-ndim <= self.start_dim < ndim and -ndim <= self.end_dim < ndim):
            raise ValueError(f"{self!r} cannot flatten shape {shape}")
        start, end = self.start_dim % ndim, self.end_dim % ndim + 1
        return reshape(x, (*shape[:start], prod(shape[start:end]), *shape[end:]))

    def extra_repr(self) -> str:
        """The axes."""
        return f"start_dim={self.start_dim}, end_dim={self.end_dim}"


# ---------------------------------------------------------------------------------------------------------------------
# Modules in a row
# ---------------------------------------------------------------------------------------------------------------------


class Identity(Module):
    """The input itself, for the place of a layer that is left out.

    >>> Identity()(3.0)
    3.0
    """

    def forward(self, input: Any) -> Any:
        """The input itself."""
        return input


class ModuleList(Module):
    """A list of modules, which a module of yours calls as it likes.  A plain list in an attribute does the same.

    They are named by number, as in PyTorch: ``0.weight``.

    Args:
        modules: the modules.

    Raises:
        TypeError: if one of them is not a module.

    >>> layers = ModuleList(Linear(2, 2) for _ in range(3)).append(Linear(2, 1))
    >>> len(layers), layers[-1], len(layers[:2])
    (4, Linear(in_features=2, out_features=1, bias=True), 2)
    """

    def __init__(self, modules: Iterable[Module] = ()) -> None:
        self.extend(modules)

    def append(self: L, module: Module) -> L:
        """Add a module at the end; returns the list."""
        number = len(self)
        if not isinstance(module, Module):
            raise TypeError(f"{type(self).__name__} takes modules, such as ReLU(), but number {number} is {module!r}")
        setattr(self, str(number), module)
        return self

    def extend(self: L, modules: Iterable[Module]) -> L:
        """Add modules at the end; returns the list."""
        for module in modules:
            self.append(module)
        return self

    def __iter__(self) -> Iterator[Module]:
        return (thing for thing in vars(self).values() if isinstance(thing, Module))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    @overload
    def __getitem__(self, index: int) -> Module: ...
    @overload
    def __getitem__(self: L, index: slice) -> L: ...
    def __getitem__(self, index: int | slice) -> Module:
        chosen = list(self)[index]
        return type(self)().extend(chosen) if isinstance(chosen, list) else chosen


L = TypeVar("L", bound=ModuleList)


class Sequential(ModuleList):
    """Modules in a row, each applied to the output of the one before.

    They are named by number, as in PyTorch: ``0.weight``.

    Args:
        modules: the layers and activations.

    Raises:
        TypeError: if one of them is not a module.

    >>> net = Sequential(Linear(2, 3), ReLU(), Linear(3, 1))
    >>> net
    Sequential(
      (0): Linear(in_features=2, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=1, bias=True)
    )
    >>> len(net), net[-1], len(net[:2])
    (3, Linear(in_features=3, out_features=1, bias=True), 2)
    """

    def __init__(self, *modules: Module) -> None:
        super().__init__(modules)

    def forward(self, input: Numbers) -> Any:
        """The output of the last module."""
        for module in self:
            input = module(input)
        return input

    def _drawn(self) -> str:
        """The modules in a row; those in the middle of a long one are left out."""
        boxes = {name: [type(child).__name__, f"{count(child):,} numbers"] for name, child in self.named_children()}
        return in_a_row(boxes, f"{len(self)} modules in a row")
