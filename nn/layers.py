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
from typing import Any, ClassVar, TypeAlias, TypeVar, overload

import numpy as np
from numpy.typing import DTypeLike

from autograd import Tensor, astype, recomputing, reshape
from nn import functional
from nn.activations import (
    ELU,
    GELU,
    Hardtanh,
    LeakyReLU,
    LogSigmoid,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softmin,
    Softplus,
    Softsign,
    Stateless,
    Tanh,
)
from nn.aliases import Array, ArrayOrTensor, Initialiser, Numbers, Random, WholeNumbers
from nn.init import generator, initial, positive
from nn.module import Module

__all__ = [
    "ELU",
    "GELU",
    "AvgPool2d",
    "BatchNorm1d",
    "BatchNorm2d",
    "Conv1d",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "Hardtanh",
    "Identity",
    "LayerNorm",
    "LeakyReLU",
    "Linear",
    "LogSigmoid",
    "LogSoftmax",
    "MaxPool2d",
    "Maxout",
    "ModuleList",
    "ReLU",
    "Sequential",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softmin",
    "Softplus",
    "Softsign",
    "Tanh",
]

Init: TypeAlias = str | Initialiser
Size: TypeAlias = int | Sequence[int]
"""A length, or a length for each axis."""

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
        self.weight, self.bias = _weight_and_bias(shape, bias, init, rng, dtype)

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


class Embedding(Module):
    """A table of vectors; the inputs are row numbers.

    >>> Embedding(10, 3, rng=0)([[1, 2], [9, 9]]).shape
    (2, 2, 3)
    """

    def __init__(
        self, num_embeddings: int, embedding_dim: int, *, rng: Random = None, dtype: DTypeLike = float
    ) -> None:
        shape = positive("num_embeddings", num_embeddings), positive("embedding_dim", embedding_dim)
        self.weight = _parameter(generator(rng).normal(size=shape), dtype)

    def forward(self, input: WholeNumbers) -> Tensor:
        """The rows with these numbers."""
        return functional.embedding(input, self.weight)

    def extra_repr(self) -> str:
        """The sizes."""
        return "{}, {}".format(*self.weight.shape)


def _parameter(numbers: Array, dtype: DTypeLike) -> Tensor:
    return astype(Tensor(numbers), dtype).detach()  # it refuses other dtypes than those of floats


def _weight_and_bias(
    shape: tuple[int, ...], bias: bool, init: Init, rng: Random, dtype: DTypeLike
) -> tuple[Tensor, Tensor | None]:
    """The parameters of an affine map; the first axis of the weights is that of the outputs."""
    weight = _parameter(initial(init, shape, rng), dtype)
    return weight, _parameter(np.zeros(shape[0]), dtype) if bias else None


# ---------------------------------------------------------------------------------------------------------------------
# Images
# ---------------------------------------------------------------------------------------------------------------------


class _Convolution(Module):
    """A convolution with ``rank`` axes of space."""

    rank: ClassVar[int]

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size | str = 0,
        dilation: Size = 1,
        groups: int = 1,
        bias: bool = True,
        *,
        init: Init = "uniform",
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        inputs, outputs = positive("in_channels", in_channels), positive("out_channels", out_channels)
        if inputs % positive("groups", groups) or outputs % groups:
            raise ValueError(f"{inputs} input and {outputs} output channels cannot be divided into {groups} groups")
        kernel = tuple(kernel_size) if isinstance(kernel_size, Iterable) else (kernel_size,) * self.rank
        shape = outputs, inputs // groups, *[positive("kernel_size", length) for length in kernel]
        self.weight, self.bias = _weight_and_bias(shape, bias, init, rng, dtype)
        self.options: dict[str, Any] = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}

    def extra_repr(self) -> str:
        """The sizes and options."""
        outputs, inputs, *kernel = self.weight.shape
        options = ", ".join(f"{option}={value!r}" for option, value in self.options.items())
        inputs *= self.options["groups"]
        return f"{inputs}, {outputs}, kernel_size={tuple(kernel)}, {options}, bias={self.bias is not None}"


class Conv1d(_Convolution):
    """The convolution of sequences ``(N, C, L)``: like :class:`Conv2d`, with one axis of space.

    >>> Conv1d(2, 4, kernel_size=3, rng=0)(np.zeros((5, 2, 10))).shape
    (5, 4, 8)
    """

    rank = 1

    def forward(self, input: Numbers) -> Tensor:
        """The convolved sequences."""
        outputs: Tensor = functional.conv1d(input, self.weight, self.bias, **self.options)
        return outputs


class Conv2d(_Convolution):
    """The convolution of images ``(N, C, H, W)`` with learned kernels, see :func:`autograd.conv2d`.

    Args:
        in_channels: the number of channels of the input.
        out_channels: the number of channels of the output.
        kernel_size: the size of a kernel; one number, or one for each axis.
        stride: the distance between neighbouring windows.
        padding: the number of zeros around the images.
        dilation: the distance between neighbouring numbers in a window.
        groups: the number of groups that the channels are divided into.
        bias: whether to add a bias, which starts at zero.
        init: the initialiser of the weights, see :mod:`nn.init`.
        rng: a generator, a seed or ``None``.
        dtype: ``float`` or ``numpy.float32``.

    >>> Conv2d(1, 8, kernel_size=3, padding=1, rng=0)(np.zeros((5, 1, 28, 28))).shape
    (5, 8, 28, 28)
    """

    rank = 2

    def forward(self, input: Numbers) -> Tensor:
        """The convolved images."""
        outputs: Tensor = functional.conv2d(input, self.weight, self.bias, **self.options)
        return outputs


class MaxPool2d(Stateless):
    """:func:`autograd.max_pool2d` as a module.

    >>> MaxPool2d(2)(np.zeros((5, 8, 28, 28))).shape
    (5, 8, 14, 14)
    """

    function = staticmethod(functional.max_pool2d)

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        dilation: Size = 1,
        ceil_mode: bool = False,
    ) -> None:
        self.options = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "dilation": dilation,
            "ceil_mode": ceil_mode,
        }


class AvgPool2d(Stateless):
    """:func:`autograd.avg_pool2d` as a module."""

    function = staticmethod(functional.avg_pool2d)

    def __init__(
        self,
        kernel_size: Size,
        stride: Size | None = None,
        padding: Size = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> None:
        self.options = {
            "kernel_size": kernel_size,
            "stride": stride,
            "padding": padding,
            "ceil_mode": ceil_mode,
            "count_include_pad": count_include_pad,
            "divisor_override": divisor_override,
        }


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
# Normalisation and dropout, which behave differently in training
# ---------------------------------------------------------------------------------------------------------------------


class BatchNorm1d(Module):
    """Batch normalisation of ``(N, C)`` or ``(N, C, L)``, see :func:`nn.functional.batch_norm`.

    In training it uses the mean and variance of the batch, and moves the running mean and variance towards them.  In
    evaluation it uses the running mean and variance.

    Args:
        num_features: C, the number of channels.
        eps: ε, which keeps the root away from 0.
        momentum: how far the running mean and variance move; ``None`` makes them the means over all batches so far.
        affine: whether to learn a scale and a shift.
        dtype: ``float`` or ``numpy.float32``.

    >>> norm = BatchNorm1d(2)
    >>> norm(np.array([[1.0, 10.0], [3.0, 30.0]])).numpy().round(3)
    array([[-1., -1.],
           [ 1.,  1.]])
    >>> norm.running_mean
    array([0.2, 2. ])
    """

    buffers = ("running_mean", "running_var", "num_batches_tracked")
    ndims: ClassVar[tuple[int, ...]] = (2, 3)

    def __init__(
        self,
        num_features: int,
        eps: float = 1e-5,
        momentum: float | None = 0.1,
        affine: bool = True,
        *,
        dtype: DTypeLike = float,
    ) -> None:
        channels = positive("num_features", num_features)
        self.eps, self.momentum = eps, momentum
        self.weight = _parameter(np.ones(channels), dtype) if affine else None
        self.bias = _parameter(np.zeros(channels), dtype) if affine else None
        self.running_mean, self.running_var = np.zeros(channels, dtype), np.ones(channels, dtype)
        self.num_batches_tracked = np.zeros((), int)

    def forward(self, input: Numbers) -> ArrayOrTensor:
        """The normalised numbers, scaled and shifted."""
        x: Any = input
        if np.ndim(x) not in self.ndims:
            axes = " or ".join(map(str, self.ndims))
            raise ValueError(f"{type(self).__name__} takes an array with {axes} axes, not {np.ndim(x)}")
        momentum = 1.0 / (1 + int(self.num_batches_tracked)) if self.momentum is None else self.momentum
        running = self.running_mean, self.running_var
        y: ArrayOrTensor = functional.batch_norm(x, *running, self.weight, self.bias, self.training, momentum, self.eps)
        self.num_batches_tracked += self.training and not recomputing()
        return y

    def extra_repr(self) -> str:
        """The size and options."""
        affine = self.weight is not None
        return f"{len(self.running_mean)}, eps={self.eps}, momentum={self.momentum}, affine={affine}"


class BatchNorm2d(BatchNorm1d):
    """Batch normalisation of images ``(N, C, H, W)``, channel by channel: like :class:`BatchNorm1d`."""

    ndims = (4,)


class LayerNorm(Module):
    """Layer normalisation, sample by sample, see :func:`nn.functional.layer_norm`.

    Args:
        normalized_shape: the lengths of the last axes, those of a sample; or the length of the only one.
        eps: ε, which keeps the root away from 0.
        elementwise_affine: whether to learn scales.
        bias: whether to learn shifts as well.
        dtype: ``float`` or ``numpy.float32``.

    >>> LayerNorm(2)(np.array([[1.0, 3.0]])).numpy().round(3)
    array([[-1.,  1.]])
    """

    def __init__(
        self,
        normalized_shape: Size,
        eps: float = 1e-5,
        elementwise_affine: bool = True,
        bias: bool = True,
        *,
        dtype: DTypeLike = float,
    ) -> None:
        lengths = normalized_shape if isinstance(normalized_shape, Iterable) else (normalized_shape,)
        self.normalized_shape = tuple(positive("normalized_shape", length) for length in lengths)
        self.eps = eps
        self.weight = _parameter(np.ones(self.normalized_shape), dtype) if elementwise_affine else None
        self.bias = _parameter(np.zeros(self.normalized_shape), dtype) if elementwise_affine and bias else None

    def forward(self, input: Numbers) -> ArrayOrTensor:
        """The normalised numbers, scaled and shifted."""
        return functional.layer_norm(input, self.normalized_shape, self.weight, self.bias, self.eps)

    def extra_repr(self) -> str:
        """The shape and options."""
        affine, bias = self.weight is not None, self.bias is not None
        return f"{self.normalized_shape}, eps={self.eps}, elementwise_affine={affine}, bias={bias}"


class Dropout(Module):
    """In training each number becomes 0 with the probability p, and the others are divided by 1 - p.

    Args:
        p: the probability to drop a number, as in PyTorch.
        keep: the probability to keep it instead, ``1 - p``, as textbooks have it (``keep_prob``).
        rng: a generator, a seed or ``None``; each call draws from it.

    Raises:
        ValueError: if it is not a probability.

    >>> layer = Dropout(keep=0.75, rng=1)
    >>> layer(np.ones(4)).round(2), layer.eval()(np.ones(4))
    (array([1.33, 1.33, 0.  , 1.33]), array([1., 1., 1., 1.]))
    """

    def __init__(self, p: float = 0.5, *, keep: float | None = None, rng: Random = None) -> None:
        self.p = p if keep is None else 1.0 - keep
        if not 0.0 <= self.p <= 1.0:
            raise ValueError(f"{'p' if keep is None else 'keep'} is a probability, not {p if keep is None else keep!r}")
        self.rng = generator(rng)

    def forward(self, input: Numbers) -> Any:
        """The input; in training, with some numbers set to 0."""
        return functional.dropout(input, self.p, self.training, rng=self.rng)

    def extra_repr(self) -> str:
        """The probability of dropping a number."""
        return f"p={self.p}"


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
