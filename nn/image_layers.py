"""Layers of images and sequences, under PyTorch's names: convolutions, pools, padding, rearranged pixels.

Those without parameters are functions of :mod:`nn.functional` as modules, with the same options.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar, TypeAlias

import numpy as np  # noqa: F401  # for the examples
from numpy.typing import DTypeLike

from autograd import Tensor
from nn import functional
from nn.activations import Stateless
from nn.aliases import Numbers, Random, WholeNumbers
from nn.init import generator, positive
from nn.module import Module
from nn.parameters import Init, weight_and_bias

__all__ = [
    "AdaptiveAvgPool1d",
    "AdaptiveAvgPool2d",
    "AdaptiveAvgPool3d",
    "AdaptiveMaxPool1d",
    "AdaptiveMaxPool2d",
    "AdaptiveMaxPool3d",
    "AvgPool1d",
    "AvgPool2d",
    "AvgPool3d",
    "ChannelShuffle",
    "CircularPad1d",
    "CircularPad2d",
    "CircularPad3d",
    "ConstantPad1d",
    "ConstantPad2d",
    "ConstantPad3d",
    "Conv1d",
    "Conv2d",
    "Conv3d",
    "ConvTranspose1d",
    "ConvTranspose2d",
    "ConvTranspose3d",
    "Fold",
    "FractionalMaxPool2d",
    "FractionalMaxPool3d",
    "LPPool1d",
    "LPPool2d",
    "LPPool3d",
    "LocalResponseNorm",
    "MaxPool1d",
    "MaxPool2d",
    "MaxPool3d",
    "MaxUnpool1d",
    "MaxUnpool2d",
    "MaxUnpool3d",
    "PixelShuffle",
    "PixelUnshuffle",
    "ReflectionPad1d",
    "ReflectionPad2d",
    "ReflectionPad3d",
    "ReplicationPad1d",
    "ReplicationPad2d",
    "ReplicationPad3d",
    "Unfold",
    "Upsample",
    "UpsamplingBilinear2d",
    "UpsamplingNearest2d",
    "ZeroPad1d",
    "ZeroPad2d",
    "ZeroPad3d",
]

Size: TypeAlias = int | Sequence[int]
"""A length, or a length for each axis."""


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
        self.weight, self.bias = weight_and_bias(shape, bias, init, rng, dtype)
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


class Conv3d(_Convolution):
    """The convolution of volumes ``(N, C, D, H, W)``: like :class:`Conv2d`, with three axes of space."""

    rank = 3

    def forward(self, input: Numbers) -> Tensor:
        """The convolved volumes."""
        outputs: Tensor = functional.conv3d(input, self.weight, self.bias, **self.options)
        return outputs


class ConvTranspose2d(Module):
    """The transposed convolution of images, see :func:`autograd.conv_transpose2d`.

    Arguments are those of :class:`Conv2d`, in PyTorch's order; ``output_padding`` adds rows at the end of each axis.

    >>> ConvTranspose2d(8, 1, kernel_size=2, stride=2, rng=0)(np.zeros((5, 8, 14, 14))).shape
    (5, 1, 28, 28)
    """

    rank: ClassVar[int] = 2

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: Size,
        stride: Size = 1,
        padding: Size = 0,
        output_padding: Size = 0,
        groups: int = 1,
        bias: bool = True,
        dilation: Size = 1,
        *,
        init: Init = "uniform",
        rng: Random = None,
        dtype: DTypeLike = float,
    ) -> None:
        inputs, outputs = positive("in_channels", in_channels), positive("out_channels", out_channels)
        if inputs % positive("groups", groups) or outputs % groups:
            raise ValueError(f"{inputs} input and {outputs} output channels cannot be divided into {groups} groups")
        kernel = tuple(kernel_size) if isinstance(kernel_size, Iterable) else (kernel_size,) * self.rank
        shape = inputs, outputs // groups, *[positive("kernel_size", length) for length in kernel]
        self.weight, self.bias = weight_and_bias(shape, bias, init, rng, dtype, outputs)
        self.options: dict[str, Any] = {
            "stride": stride,
            "padding": padding,
            "output_padding": output_padding,
            "groups": groups,
            "dilation": dilation,
        }

    def forward(self, input: Numbers) -> Tensor:
        """The transposed convolution."""
        function = getattr(functional, f"conv_transpose{self.rank}d")
        outputs: Tensor = function(input, self.weight, self.bias, **self.options)
        return outputs

    def extra_repr(self) -> str:
        """The sizes and options."""
        inputs, outputs, *kernel = self.weight.shape
        options = ", ".join(f"{option}={value!r}" for option, value in self.options.items())
        outputs *= self.options["groups"]
        return f"{inputs}, {outputs}, kernel_size={tuple(kernel)}, {options}, bias={self.bias is not None}"


class ConvTranspose1d(ConvTranspose2d):
    """The transposed convolution of sequences: like :class:`ConvTranspose2d`, with one axis of space."""

    rank = 1


class ConvTranspose3d(ConvTranspose2d):
    """The transposed convolution of volumes: like :class:`ConvTranspose2d`, with three axes of space."""

    rank = 3


class _Pool(Stateless):
    """Windows whose distance is by default their size; the repr says so, and nothing of indices if there are none."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        if self.options.get("stride", 1) is None:
            self.options = {**self.options, "stride": self.options["kernel_size"]}

    def extra_repr(self) -> str:
        """The options."""
        silent = {"return_indices": False, "_random_samples": None}
        shown = {option: value for option, value in self.options.items() if silent.get(option, ...) is not value}
        return ", ".join(f"{option}={value!r}" for option, value in shown.items())


class MaxPool1d(_Pool):
    """:func:`nn.functional.max_pool1d` as a module."""

    function = staticmethod(functional.max_pool1d)


class AvgPool1d(_Pool):
    """:func:`nn.functional.avg_pool1d` as a module."""

    function = staticmethod(functional.avg_pool1d)


class LPPool1d(_Pool):
    """:func:`nn.functional.lp_pool1d` as a module."""

    function = staticmethod(functional.lp_pool1d)


class AdaptiveAvgPool1d(_Pool):
    """:func:`nn.functional.adaptive_avg_pool1d` as a module."""

    function = staticmethod(functional.adaptive_avg_pool1d)


class AdaptiveMaxPool1d(_Pool):
    """:func:`nn.functional.adaptive_max_pool1d` as a module."""

    function = staticmethod(functional.adaptive_max_pool1d)


class MaxPool2d(_Pool):
    """:func:`nn.functional.max_pool2d` as a module."""

    function = staticmethod(functional.max_pool2d)


class AvgPool2d(_Pool):
    """:func:`nn.functional.avg_pool2d` as a module."""

    function = staticmethod(functional.avg_pool2d)


class LPPool2d(_Pool):
    """:func:`nn.functional.lp_pool2d` as a module."""

    function = staticmethod(functional.lp_pool2d)


class AdaptiveAvgPool2d(_Pool):
    """:func:`nn.functional.adaptive_avg_pool2d` as a module."""

    function = staticmethod(functional.adaptive_avg_pool2d)


class AdaptiveMaxPool2d(_Pool):
    """:func:`nn.functional.adaptive_max_pool2d` as a module."""

    function = staticmethod(functional.adaptive_max_pool2d)


class MaxPool3d(_Pool):
    """:func:`nn.functional.max_pool3d` as a module."""

    function = staticmethod(functional.max_pool3d)


class AvgPool3d(_Pool):
    """:func:`nn.functional.avg_pool3d` as a module."""

    function = staticmethod(functional.avg_pool3d)


class LPPool3d(_Pool):
    """:func:`nn.functional.lp_pool3d` as a module."""

    function = staticmethod(functional.lp_pool3d)


class AdaptiveAvgPool3d(_Pool):
    """:func:`nn.functional.adaptive_avg_pool3d` as a module."""

    function = staticmethod(functional.adaptive_avg_pool3d)


class AdaptiveMaxPool3d(_Pool):
    """:func:`nn.functional.adaptive_max_pool3d` as a module."""

    function = staticmethod(functional.adaptive_max_pool3d)


class _FractionalMaxPool(_Pool):
    """Windows at random places; each call draws from ``rng``."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.rng = generator(self.options["rng"])
        self.options = {option: value for option, value in self.options.items() if option != "rng"}

    def forward(self, input: Numbers) -> Any:
        """The largest numbers of the windows."""
        return self.function(input, **self.options, rng=self.rng)


class FractionalMaxPool2d(_FractionalMaxPool):
    """:func:`nn.functional.fractional_max_pool2d` as a module.

    >>> FractionalMaxPool2d(2, output_ratio=0.7, rng=0)(np.zeros((1, 8, 10, 10))).shape
    (1, 8, 7, 7)
    """

    function = staticmethod(functional.fractional_max_pool2d)


class FractionalMaxPool3d(_FractionalMaxPool):
    """:func:`nn.functional.fractional_max_pool3d` as a module."""

    function = staticmethod(functional.fractional_max_pool3d)


class _MaxUnpool(_Pool):
    inputs = 2

    def forward(self, input: Numbers, indices: WholeNumbers, output_size: Sequence[int] | None = None) -> Any:
        """The numbers at their indices, in images of this size if it is given."""
        options = self.options if output_size is None else {**self.options, "output_size": output_size}
        return self.function(input, indices, **options)


class MaxUnpool1d(_MaxUnpool):
    """:func:`nn.functional.max_unpool1d` as a module of numbers, indices and, if wanted, the size of the output."""

    function = staticmethod(functional.max_unpool1d)


class MaxUnpool2d(_MaxUnpool):
    """:func:`nn.functional.max_unpool2d` as a module of numbers, indices and, if wanted, the size of the output."""

    function = staticmethod(functional.max_unpool2d)


class MaxUnpool3d(_MaxUnpool):
    """:func:`nn.functional.max_unpool3d` as a module of numbers, indices and, if wanted, the size of the output."""

    function = staticmethod(functional.max_unpool3d)


class LocalResponseNorm(Stateless):
    """:func:`nn.functional.local_response_norm` as a module."""

    function = staticmethod(functional.local_response_norm)


class PixelShuffle(Stateless):
    """:func:`nn.functional.pixel_shuffle` as a module."""

    function = staticmethod(functional.pixel_shuffle)


class PixelUnshuffle(Stateless):
    """:func:`nn.functional.pixel_unshuffle` as a module."""

    function = staticmethod(functional.pixel_unshuffle)


class ChannelShuffle(Stateless):
    """:func:`nn.functional.channel_shuffle` as a module."""

    function = staticmethod(functional.channel_shuffle)


class Unfold(Stateless):
    """:func:`nn.functional.unfold` as a module."""

    function = staticmethod(functional.unfold)


class Upsample(Stateless):
    """:func:`nn.functional.interpolate` as a module."""

    function = staticmethod(functional.interpolate)


class UpsamplingNearest2d(Stateless):
    """:class:`Upsample` with the nearest numbers."""

    function = staticmethod(functional.upsample_nearest)


class UpsamplingBilinear2d(Stateless):
    """:class:`Upsample` by linear interpolation along both axes, whose corners stay where they are."""

    function = staticmethod(functional.upsample_bilinear)


class Fold(Stateless):
    """:func:`nn.functional.fold` as a module."""

    function = staticmethod(functional.fold)


class _Padding(Module):
    """Numbers added around the axes of space."""

    rank: ClassVar[int]
    mode: ClassVar[str]
    value: float | None = None

    def __init__(self, padding: Size) -> None:
        self.padding = tuple(padding) if isinstance(padding, Iterable) else (padding,) * (2 * self.rank)

    def forward(self, input: Numbers) -> Any:
        """The padded input."""
        return functional.pad(input, self.padding, self.mode, self.value)

    def extra_repr(self) -> str:
        """The widths, from the last axis on."""
        return repr(self.padding)


class ZeroPad1d(_Padding):
    """Padding of 1 axis of space with zeros."""

    rank, mode = 1, "constant"


class ReflectionPad1d(_Padding):
    """Padding of 1 axis of space with the numbers inside, reflected."""

    rank, mode = 1, "reflect"


class ReplicationPad1d(_Padding):
    """Padding of 1 axis of space with copies of the numbers at the edges."""

    rank, mode = 1, "replicate"


class CircularPad1d(_Padding):
    """Padding of 1 axis of space with the numbers at the other end."""

    rank, mode = 1, "circular"


class ZeroPad2d(_Padding):
    """Padding of 2 axes of space with zeros."""

    rank, mode = 2, "constant"


class ReflectionPad2d(_Padding):
    """Padding of 2 axes of space with the numbers inside, reflected."""

    rank, mode = 2, "reflect"


class ReplicationPad2d(_Padding):
    """Padding of 2 axes of space with copies of the numbers at the edges."""

    rank, mode = 2, "replicate"


class CircularPad2d(_Padding):
    """Padding of 2 axes of space with the numbers at the other end."""

    rank, mode = 2, "circular"


class ZeroPad3d(_Padding):
    """Padding of 3 axes of space with zeros."""

    rank, mode = 3, "constant"


class ReflectionPad3d(_Padding):
    """Padding of 3 axes of space with the numbers inside, reflected."""

    rank, mode = 3, "reflect"


class ReplicationPad3d(_Padding):
    """Padding of 3 axes of space with copies of the numbers at the edges."""

    rank, mode = 3, "replicate"


class CircularPad3d(_Padding):
    """Padding of 3 axes of space with the numbers at the other end."""

    rank, mode = 3, "circular"


class ConstantPad1d(_Padding):
    """Padding of 1 axis of space with a number."""

    rank, mode = 1, "constant"

    def __init__(self, padding: Size, value: float) -> None:
        super().__init__(padding)
        self.value = value


class ConstantPad2d(ConstantPad1d):
    """Padding of 2 axes of space with a number."""

    rank = 2


class ConstantPad3d(ConstantPad1d):
    """Padding of 3 axes of space with a number."""

    rank = 3
