"""Convolution and pooling: more rows of the table of array operations.

As in PyTorch, images have their channels before the spatial axes: ``(N, C, H, W)``, or ``(C, H, W)`` without a batch.
With one spatial axis they are sequences, with three they are volumes.  The positions of the windows are plain data,
computed once.  All rows loop over the positions inside a window, and handle each position for all windows at once.
"""
# mypy: disable-error-code="has-type"
# (rows refer to rows below them)

from __future__ import annotations

import operator
from collections.abc import Iterator, Sequence
from itertools import product
from math import inf, prod
from typing import Any, Literal, NamedTuple, TypeAlias

import numpy as np

from autograd.arrays.array_operation import array_operation
from autograd.arrays.functions import pad
from autograd.arrays.linear_maps import fitting_bias, plus
from autograd.arrays.operands import as_floats, to_numpy
from autograd.arrays.operations import expand_dims, gather, reshape, scatter, squeeze, sum
from autograd.arrays.signatures import Operand, takes_array, takes_two_arrays
from autograd.core.aliases import AnyArray

__all__ = [
    "avg_pool1d",
    "avg_pool2d",
    "avg_pool3d",
    "conv1d",
    "conv2d",
    "conv3d",
    "conv_transpose1d",
    "conv_transpose2d",
    "conv_transpose3d",
    "fold",
    "max_pool1d",
    "max_pool2d",
    "max_pool3d",
    "unfold",
]

# ---------------------------------------------------------------------------------------------------------------------
# Windows
# ---------------------------------------------------------------------------------------------------------------------


Lengths: TypeAlias = int | Sequence[int]
"""A whole number for each spatial axis, or one for all of them."""


class Windows(NamedTuple):
    """The windows over an image: position k of the window at output o reads input o * stride + k * dilation - padding.

    Each field has one number for each spatial axis.  Positions before the first or after the last input read nothing.
    """

    inputs: tuple[int, ...]
    outputs: tuple[int, ...]
    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    def places(self) -> Iterator[tuple[int, tuple[Any, ...], tuple[Any, ...]]]:
        """For each position in the window its number, the outputs at which it reads an input, and these inputs."""
        axes = [[_reach(k, *rest) for k in range(kernel)] for *rest, kernel in self.axes()]
        for number, reaches in enumerate(product(*axes)):
            outputs, inputs = zip(*reaches, strict=True)
            yield number, (..., *outputs), (..., *inputs)

    def axes(self) -> Iterator[tuple[int, ...]]:
        """For each spatial axis its inputs, outputs, stride, padding, dilation and kernel."""
        return zip(self.inputs, self.outputs, self.stride, self.padding, self.dilation, self.kernel, strict=True)


def _reach(k: int, inputs: int, outputs: int, stride: int, padding: int, dilation: int) -> tuple[slice, slice]:
    """The outputs at which position k of the window along an axis reads an input, and these inputs."""
    first = k * dilation - padding  # the input that it reads at output 0
    start = max(0, -(first // stride))
    stop = max(start, min(outputs, (inputs - 1 - first) // stride + 1))
    return slice(start, stop), slice(first + start * stride, first + stop * stride, stride)


def _lay(
    name: str, space: Sequence[int], kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool = False
) -> Windows:
    """Windows over an image of this size; raises ``ValueError`` if none fits."""
    rank = len(space)
    kernel, stride = _each(name, "kernel_size", kernel, rank, 1), _each(name, "stride", stride, rank, 1)
    dilation = _each(name, "dilation", dilation, rank, 1)
    spans = tuple(d * (k - 1) + 1 for k, d in zip(kernel, dilation, strict=True))
    if padding == "same":
        if max(stride) > 1:
            raise ValueError(f"{name}: padding='same' needs a stride of 1, not {stride}")
        before, after = tuple((span - 1) // 2 for span in spans), tuple(span // 2 for span in spans)
    else:
        before = after = _each(name, "padding", 0 if padding == "valid" else padding, rank, 0)
    lengths = zip(space, before, after, spans, stride, strict=True)
    outputs = tuple(_fitting(n + low + high - span, s, ceil_mode, n + low) for n, low, high, span, s in lengths)
    if min(outputs) < 1:
        raise ValueError(f"{name}: windows that span {spans} do not fit into {tuple(space)} with a padding of {before}")
    return Windows(tuple(space), outputs, kernel, stride, before, dilation)


def _fitting(room: int, stride: int, ceil_mode: bool, end: int) -> int:
    """The number of windows that fit if one can move so far; with ``ceil_mode`` one more, if it begins before the end.

    >>> _fitting(4, 2, False, 7), _fitting(5, 2, False, 8), _fitting(5, 2, True, 8), _fitting(-1, 2, False, 3)
    (3, 3, 4, 0)
    """
    count = room // stride + 1
    return count + (ceil_mode and room % stride > 0 and count * stride < end)


def _each(name: str, what: str, given: AnyArray, rank: int, least: int) -> tuple[int, ...]:
    """A whole number for each spatial axis, given one for all of them or one for each."""
    try:
        numbers = tuple(map(operator.index, given)) if isinstance(given, (tuple, list)) else (operator.index(given),)
    except TypeError:
        numbers = ()
    if len(numbers) not in (1, rank) or min(numbers) < least:
        several = f", or {rank} of them" if rank > 1 else ""
        raise ValueError(f"{name}: {what} is a whole number of at least {least}{several}, not {given!r}")
    return numbers * (rank // len(numbers))


def _space(x: AnyArray, rank: int, name: str) -> tuple[int, ...]:
    """The lengths of the spatial axes, which come last."""
    if x.ndim not in (rank + 1, rank + 2):
        axes = ("L", "H, W", "D, H, W")[rank - 1]
        raise ValueError(f"{name} takes x of shape (N, C, {axes}) or (C, {axes}), not {x.shape}")
    return tuple(x.shape[-rank:])


# ---------------------------------------------------------------------------------------------------------------------
# Convolution.  Σ g[n, o, i] weight[o, c, k] x[n, c, i * stride + k * dilation - padding] is linear in g, weight and x.
# Its three partial derivatives are the three rows, so each row is a gradient of the others.
# ---------------------------------------------------------------------------------------------------------------------


def _columns(x: AnyArray, windows: Windows, groups: int) -> AnyArray:
    """The numbers that windows read, as a matrix for each sample and group: channels and positions by windows."""
    samples, channels = x.shape[:2]
    columns = np.zeros((samples, channels, prod(windows.kernel), *windows.outputs), x.dtype)
    for k, outputs, inputs in windows.places():
        columns[:, :, k][outputs] = x[inputs]
    return columns.reshape(samples, groups, channels // groups * prod(windows.kernel), prod(windows.outputs))


def _image(columns: AnyArray, windows: Windows) -> AnyArray:
    """The transpose of :func:`_columns`: each number is added where it was read."""
    samples, groups, rows, _ = columns.shape
    channels = groups * rows // prod(windows.kernel)
    columns = columns.reshape(samples, channels, prod(windows.kernel), *windows.outputs)
    image = np.zeros((samples, channels, *windows.inputs), columns.dtype)
    for k, outputs, inputs in windows.places():
        image[inputs] += columns[:, :, k][outputs]
    return image


def _weights(weight: AnyArray, groups: int) -> AnyArray:
    """The weight as a matrix for each group, with a row for each of its outputs."""
    return weight.reshape(groups, len(weight) // groups, prod(weight.shape[1:]))


def _outputs(g: AnyArray, groups: int) -> AnyArray:
    """The outputs as a matrix for each sample and group, with a row for each output channel."""
    return g.reshape(len(g), groups, g.shape[1] // groups, prod(g.shape[2:]))


def _convolution_part(
    place: int, g: AnyArray, out: AnyArray, *operands: AnyArray, windows: Windows, groups: int
) -> AnyArray:
    if place == 0:
        return convolution_to_input(g, operands[1], windows, groups)
    if place == 1:
        return convolution_to_weight(operands[0], g, windows, groups)
    return sum(g, (0, *range(2, g.ndim)))


def _convolution_tangent(
    place: int, t: AnyArray, out: AnyArray, *operands: AnyArray, windows: Windows, groups: int
) -> AnyArray:
    if place == 0:
        return convolution(t, operands[1], windows=windows, groups=groups)
    if place == 1:
        return convolution(operands[0], t, windows=windows, groups=groups)
    return reshape(t, (-1, *(1,) * len(windows.kernel)))


@array_operation(_convolution_part, jvps=[_convolution_tangent], linear=True)
def convolution(*operands: AnyArray, windows: Windows, groups: int) -> AnyArray:
    """The weighted sum over each window of x, plus a bias if there are three operands."""
    x, weight, *bias = operands
    y = np.matmul(_weights(weight, groups), _columns(x, windows, groups))
    y = y.reshape(len(x), len(weight), *windows.outputs)
    return plus(y, bias[0].reshape(-1, *(1,) * len(windows.kernel))) if bias else y


@array_operation(
    lambda h, out, g, weight, windows, groups: convolution(h, weight, windows=windows, groups=groups),
    lambda h, out, g, weight, windows, groups: convolution_to_weight(h, g, windows, groups),
    linear=True,
)
def convolution_to_input(g: AnyArray, weight: AnyArray, windows: Windows, groups: int) -> AnyArray:
    """The gradient that a convolution sends to its x: the transposed convolution."""
    return _image(np.matmul(_weights(weight, groups).swapaxes(1, 2), _outputs(g, groups)), windows)


@array_operation(
    lambda h, out, x, g, windows, groups: convolution_to_input(g, h, windows, groups),
    lambda h, out, x, g, windows, groups: convolution(x, h, windows=windows, groups=groups),
    linear=True,
)
def convolution_to_weight(x: AnyArray, g: AnyArray, windows: Windows, groups: int) -> AnyArray:
    """The gradient that a convolution sends to its weight."""
    shape = (g.shape[1], x.shape[1] // groups, *windows.kernel)
    total = np.zeros((groups, shape[0] // groups, prod(shape[1:])), np.result_type(x, g))
    for seen, sent in zip(_columns(x, windows, groups), _outputs(g, groups), strict=True):
        total += np.matmul(sent, seen.swapaxes(1, 2))
    return total.reshape(shape)


def _conv(
    name: str,
    rank: int,
    x: AnyArray,
    weight: AnyArray,
    bias: AnyArray,
    stride: Any,
    padding: Any,
    dilation: Any,
    groups: Any,
) -> AnyArray:
    """A convolution with this number of spatial axes, ``rank``."""
    x, weight = as_floats(x), as_floats(weight)
    space = _space(x, rank, name)
    [groups] = _each(name, "groups", groups, 1, 1)
    if weight.ndim != rank + 2:
        raise ValueError(f"{name} takes a weight of shape (out, in / groups, *kernel), not {weight.shape}")
    channels = x.shape[-rank - 1]
    if weight.shape[1] * groups != channels or weight.shape[0] % groups:
        raise ValueError(
            f"{name}: in {groups} group{'s' * (groups > 1)}, a weight of shape {weight.shape} does not fit x of shape "
            f"{x.shape}: it is (out, in / groups, *kernel), and out divides into the groups"
        )
    windows = _lay(name, space, weight.shape[2:], stride, padding, dilation)
    operands = [x if x.ndim == rank + 2 else expand_dims(x, 0), weight]
    if bias is not None:
        operands.append(fitting_bias(bias, weight, name))
    y = convolution(*operands, windows=windows, groups=groups)
    return y if x.ndim == rank + 2 else squeeze(y, 0)


@takes_two_arrays
def conv1d(
    x: AnyArray,
    weight: AnyArray,
    bias: Operand | None = None,
    stride: Lengths = 1,
    padding: Lengths | Literal["valid", "same"] = 0,
    dilation: Lengths = 1,
    groups: int = 1,
) -> AnyArray:
    """The convolution of sequences ``(N, C, L)``: as :func:`conv2d`, with one spatial axis.

    >>> conv1d(np.array([[1.0, 2.0, 4.0, 8.0]]), np.array([[[-1.0, 1.0]]]))
    array([[1., 2., 4.]])
    """
    return _conv("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)


@takes_two_arrays
def conv2d(
    x: AnyArray,
    weight: AnyArray,
    bias: Operand | None = None,
    stride: Lengths = 1,
    padding: Lengths | Literal["valid", "same"] = 0,
    dilation: Lengths = 1,
    groups: int = 1,
) -> AnyArray:
    """The convolution of images, as one node: the sum over each window times the weight, which is not flipped.

    Args:
        x: of shape ``(N, C, H, W)``, or ``(C, H, W)`` without a batch.
        weight: of shape ``(out, C / groups, *kernel)``.
        bias: of shape ``(out,)``, or ``None``.
        stride: the distance between neighbouring windows; a number for each axis, or one for both.
        padding: the number of zeros before and after the image; a number for each axis, or one for both; or
            ``"valid"`` for none, or ``"same"`` for as many as keep the size.
        dilation: the distance between neighbouring numbers in a window.
        groups: the number of groups of channels; each group computes its part of the outputs.

    Returns:
        An array or Tensor of shape ``(N, out, ...)``, without the N if there was none.

    Raises:
        ValueError: if the shapes do not fit, or the image is smaller than a window.

    >>> image = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> print(conv2d(image, np.ones((1, 1, 2, 2)))[0, 0])
    [[ 8. 12.]
     [20. 24.]]
    """
    return _conv("conv2d", 2, x, weight, bias, stride, padding, dilation, groups)


@takes_two_arrays
def conv3d(
    x: AnyArray,
    weight: AnyArray,
    bias: Operand | None = None,
    stride: Lengths = 1,
    padding: Lengths | Literal["valid", "same"] = 0,
    dilation: Lengths = 1,
    groups: int = 1,
) -> AnyArray:
    """The convolution of volumes ``(N, C, D, H, W)``: as :func:`conv2d`, with three spatial axes.

    >>> conv3d(np.ones((1, 2, 2, 2)), np.ones((1, 1, 2, 2, 2))).item()
    8.0
    """
    return _conv("conv3d", 3, x, weight, bias, stride, padding, dilation, groups)


def _conv_transpose(
    name: str,
    rank: int,
    x: AnyArray,
    weight: AnyArray,
    bias: AnyArray,
    stride: Any,
    padding: Any,
    output_padding: Any,
    groups: Any,
    dilation: Any,
) -> AnyArray:
    """What a convolution with this weight sends back to its input, with this number of spatial axes."""
    x, weight = as_floats(x), as_floats(weight)
    space = _space(x, rank, name)
    [groups] = _each(name, "groups", groups, 1, 1)
    if weight.ndim != rank + 2 or weight.shape[0] != x.shape[-rank - 1] or weight.shape[0] % groups:
        raise ValueError(
            f"{name}: a weight of shape {weight.shape} does not fit x of shape {x.shape}: it is "
            f"(in, out / groups, *kernel), and in divides into {groups} groups"
        )
    kernel = tuple(weight.shape[2:])
    stride, dilation = _each(name, "stride", stride, rank, 1), _each(name, "dilation", dilation, rank, 1)
    padding = _each(name, "padding", padding, rank, 0)
    extra = _each(name, "output_padding", output_padding, rank, 0)
    lengths = zip(space, stride, padding, dilation, kernel, extra, strict=True)
    image = tuple((n - 1) * s - 2 * p + d * (k - 1) + 1 + e for n, s, p, d, k, e in lengths)
    if min(image) < 1 or any(e >= max(s, d) for e, s, d in zip(extra, stride, dilation, strict=True)):
        raise ValueError(f"{name}: the result would have the shape {image}, with an output_padding of {extra}")
    batch = x if x.ndim == rank + 2 else expand_dims(x, 0)
    y = convolution_to_input(batch, weight, Windows(image, space, kernel, stride, padding, dilation), groups)
    if bias is not None:
        y = y + reshape(as_floats(bias), (-1, *(1,) * rank))
    return y if x.ndim == rank + 2 else squeeze(y, 0)


@takes_two_arrays
def conv_transpose1d(
    x: AnyArray,
    weight: AnyArray,
    bias: Operand | None = None,
    stride: Lengths = 1,
    padding: Lengths = 0,
    output_padding: Lengths = 0,
    groups: int = 1,
    dilation: Lengths = 1,
) -> AnyArray:
    """The transposed convolution of sequences: as :func:`conv_transpose2d`, with one spatial axis.

    >>> conv_transpose1d(np.array([[1.0, 2.0]]), np.array([[[1.0, 10.0]]]), stride=2)
    array([[ 1., 10.,  2., 20.]])
    """
    return _conv_transpose("conv_transpose1d", 1, x, weight, bias, stride, padding, output_padding, groups, dilation)


@takes_two_arrays
def conv_transpose2d(
    x: AnyArray,
    weight: AnyArray,
    bias: Operand | None = None,
    stride: Lengths = 1,
    padding: Lengths = 0,
    output_padding: Lengths = 0,
    groups: int = 1,
    dilation: Lengths = 1,
) -> AnyArray:
    """The transposed convolution of images: what :func:`conv2d` with this weight sends back to its input.

    Args:
        x: of shape ``(N, C, H, W)``, or ``(C, H, W)`` without a batch.
        weight: of shape ``(C, out / groups, *kernel)``.
        bias: of shape ``(out,)``, or ``None``.
        stride: the distance between the windows of neighbouring numbers of x.
        padding: the number of rows that are cut off on each side.
        output_padding: the number of rows that are added at the end of each axis.
        groups: the number of groups of channels.
        dilation: the distance between neighbouring numbers in a window.

    Raises:
        ValueError: if the shapes do not fit.
    """
    return _conv_transpose("conv_transpose2d", 2, x, weight, bias, stride, padding, output_padding, groups, dilation)


@takes_two_arrays
def conv_transpose3d(
    x: AnyArray,
    weight: AnyArray,
    bias: Operand | None = None,
    stride: Lengths = 1,
    padding: Lengths = 0,
    output_padding: Lengths = 0,
    groups: int = 1,
    dilation: Lengths = 1,
) -> AnyArray:
    """The transposed convolution of volumes: as :func:`conv_transpose2d`, with three spatial axes."""
    return _conv_transpose("conv_transpose3d", 3, x, weight, bias, stride, padding, output_padding, groups, dilation)


# ---------------------------------------------------------------------------------------------------------------------
# Windows as columns
# ---------------------------------------------------------------------------------------------------------------------


def _window_places(name: str, shape: Sequence[int], space: Sequence[int], *laid: Any) -> tuple[AnyArray, list[int]]:
    """The places in a padded image of this shape that windows read, as columns; and the padding of both axes."""
    kernel, dilation, padding, stride = laid
    margins = list(_each(name, "padding", padding, 2, 0))
    padded = tuple(n + 2 * p for n, p in zip(space, margins, strict=True))
    windows = _lay(name, padded, kernel, stride, 0, dilation)
    places = np.arange(prod(shape[:2]) * prod(padded)).reshape(*shape[:2], *padded)
    return _columns(places, windows, 1)[:, 0], margins


@takes_array
def unfold(
    x: AnyArray, kernel_size: Lengths, dilation: Lengths = 1, padding: Lengths = 0, stride: Lengths = 1
) -> AnyArray:
    """The windows of images ``(N, C, H, W)`` as columns: ``(N, C * numbers in a window, windows)``.

    >>> unfold(np.arange(9.0).reshape(1, 1, 3, 3), 2)[0, :, 0]
    array([0., 1., 3., 4.])
    """
    x = as_floats(x)
    space = _space(x, 2, "unfold")
    batch = x if x.ndim == 4 else expand_dims(x, 0)
    places, margins = _window_places("unfold", batch.shape, space, kernel_size, dilation, padding, stride)
    y = gather(pad(batch, [(0, 0), (0, 0), *[(p, p) for p in margins]]), places)
    return y if x.ndim == 4 else squeeze(y, 0)


@takes_array
def fold(
    x: AnyArray,
    output_size: Lengths,
    kernel_size: Lengths,
    dilation: Lengths = 1,
    padding: Lengths = 0,
    stride: Lengths = 1,
) -> AnyArray:
    """The images ``(N, C, *output_size)`` in which each number is added where :func:`unfold` reads it."""
    x = as_floats(x)
    if x.ndim not in (2, 3):
        raise ValueError(f"fold takes columns of shape (N, rows, windows), not {x.shape}")
    space, kernel = _each("fold", "output_size", output_size, 2, 1), _each("fold", "kernel_size", kernel_size, 2, 1)
    batch = x if x.ndim == 3 else expand_dims(x, 0)
    shape = (batch.shape[0], batch.shape[1] // prod(kernel))
    places, margins = _window_places("fold", shape, space, kernel, dilation, padding, stride)
    if places.shape != batch.shape:
        raise ValueError(f"fold: {space} has columns of shape {places.shape} with these windows, not {batch.shape}")
    image = scatter(batch, places, (*shape, *[n + 2 * p for n, p in zip(space, margins, strict=True)]))
    y = pad(image, [(0, 0), (0, 0), *[(-p, -p) for p in margins]])
    return y if x.ndim == 3 else squeeze(y, 0)


# ---------------------------------------------------------------------------------------------------------------------
# Pooling
# ---------------------------------------------------------------------------------------------------------------------


@array_operation(lambda g, out, x, chosen, windows: window_spread(g, chosen, windows), linear=True, picks=True)
def window_sum(x: AnyArray, chosen: AnyArray, windows: Windows) -> AnyArray:
    """The sum over each window, or over the chosen positions in it."""
    total = np.zeros((*x.shape[: -len(windows.kernel)], *windows.outputs), x.dtype)
    for k, outputs, inputs in windows.places():
        total[outputs] += x[inputs] if chosen is None else np.where(chosen[k][outputs], x[inputs], 0.0)
    return total


@array_operation(lambda h, out, g, chosen, windows: window_sum(h, chosen, windows), linear=True, picks=True)
def window_spread(g: AnyArray, chosen: AnyArray, windows: Windows) -> AnyArray:
    """The transpose of :func:`window_sum`: each number goes to all positions of its window, or to the chosen ones."""
    image = np.zeros((*g.shape[: -len(windows.kernel)], *windows.inputs), g.dtype)
    for k, outputs, inputs in windows.places():
        image[inputs] += g[outputs] if chosen is None else np.where(chosen[k][outputs], g[outputs], 0.0)
    return image


def _first_largest(x: AnyArray, out: AnyArray, windows: Windows) -> AnyArray:
    """For each position in a window the outputs whose largest number is there; of equal numbers, the first counts."""
    x, out = to_numpy(x), to_numpy(out)
    first = np.zeros((prod(windows.kernel), *out.shape), bool)
    found = np.zeros(out.shape, bool)
    some_nan = np.isnan(out).any()
    for k, outputs, inputs in windows.places():
        largest = x[inputs] == out[outputs]
        if some_nan:
            largest |= np.isnan(x[inputs])
        first[k][outputs] = largest & ~found[outputs]
        found[outputs] |= largest
    return first


@array_operation(
    lambda g, out, x, windows: window_spread(g, _first_largest(x, out, windows), windows),
    jvps=[lambda t, out, x, windows: window_sum(t, _first_largest(x, out, windows), windows)],
    picks=True,
)
def max_pool(x: AnyArray, windows: Windows) -> AnyArray:
    """The largest number in each window; if several are equally large, the first has the slope."""
    largest = np.full((*x.shape[: -len(windows.kernel)], *windows.outputs), -inf, x.dtype)
    for _, outputs, inputs in windows.places():
        largest[outputs] = np.maximum(largest[outputs], x[inputs])
    return largest


def _largest(x: AnyArray, windows: Windows, return_indices: bool) -> Any:
    """The largest numbers, and where each is, counted along the flattened image."""
    y = max_pool(x, windows=windows)
    if not return_indices:
        return y
    places = np.broadcast_to(np.arange(float(prod(windows.inputs))).reshape(windows.inputs), x.shape)
    return y, window_sum(places, _first_largest(x, y, windows), windows).astype(int)


def _pool_windows(
    name: str, x: AnyArray, rank: int, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool
) -> Windows:
    """Windows for pooling; the padding must be at most half a window, so that each window reads an input."""
    space = _space(x, rank, name)
    padding = _each(name, "padding", padding, rank, 0)
    windows = _lay(name, space, kernel, stride if stride or stride == 0 else kernel, padding, dilation, ceil_mode)
    spans = tuple(d * (k - 1) + 1 for k, d in zip(windows.kernel, windows.dilation, strict=True))
    if any(2 * p > span for p, span in zip(padding, spans, strict=True)):
        raise ValueError(f"{name}: a padding of {padding} is more than half of windows that span {spans}")
    return windows


@takes_array
def max_pool1d(
    x: AnyArray,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    dilation: Lengths = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number in each window of sequences ``(N, C, L)``: as :func:`max_pool2d`, with one spatial axis.

    >>> max_pool1d(np.array([[1.0, 3.0, 2.0, 0.0]]), 2)
    array([[3., 2.]])
    """
    x = as_floats(x)
    windows = _pool_windows("max_pool1d", x, 1, kernel_size, stride, padding, dilation, ceil_mode)
    return _largest(x, windows, return_indices)


@takes_array
def max_pool2d(
    x: AnyArray,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    dilation: Lengths = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number in each window of images; if several are equally large, the first has the slope.

    Args:
        x: of shape ``(N, C, H, W)``, or ``(C, H, W)`` without a batch.
        kernel_size: the size of a window; a number for each axis, or one for both.
        stride: the distance between neighbouring windows; by default the size of a window, so that none overlap.
        padding: how far windows extend beyond the edges, at most half of their size; nothing is read there.
        dilation: the distance between neighbouring numbers in a window.
        ceil_mode: whether a last window may extend beyond the far edge, if it begins before it.
        return_indices: whether to return as well where these numbers are, counted along the flattened image.

    Returns:
        An array or Tensor of shape ``(N, C, ...)``, without the N if there was none; with ``return_indices`` a pair.

    Raises:
        ValueError: if the shape does not fit, or the image is smaller than a window.

    >>> print(max_pool2d(np.arange(16.0).reshape(1, 4, 4), 2))
    [[[ 5.  7.]
      [13. 15.]]]
    """
    x = as_floats(x)
    windows = _pool_windows("max_pool2d", x, 2, kernel_size, stride, padding, dilation, ceil_mode)
    return _largest(x, windows, return_indices)


@takes_array
def max_pool3d(
    x: AnyArray,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    dilation: Lengths = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
) -> Any:
    """The largest number in each window of volumes ``(N, C, D, H, W)``: as :func:`max_pool2d`, with three axes.

    >>> max_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 2).item()
    7.0
    """
    x = as_floats(x)
    windows = _pool_windows("max_pool3d", x, 3, kernel_size, stride, padding, dilation, ceil_mode)
    return _largest(x, windows, return_indices)


def _means(x: AnyArray, windows: Windows, count_include_pad: bool, divisor: Any = None) -> AnyArray:
    """The sum of each window, divided by the count of its numbers, or by the divisor."""
    if divisor is None:
        count = _counts(windows, count_include_pad).astype(x.dtype)
    else:
        count = operator.index(divisor)
        if not count:
            raise ValueError("avg_pool: divisor_override must not be 0")
    return window_sum(x, chosen=None, windows=windows) / count


def _counts(windows: Windows, count_include_pad: bool) -> Any:
    """The count of numbers in each window."""
    counts = np.array(1)
    for n, m, stride, padding, _, kernel in windows.axes():
        margin = padding if count_include_pad else 0
        start = np.arange(m) * stride - padding
        counts = np.multiply.outer(counts, np.minimum(start + kernel, n + margin) - np.maximum(start, -margin))
    return counts


@takes_array
def avg_pool1d(
    x: AnyArray,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
) -> AnyArray:
    """The mean of each window of sequences ``(N, C, L)``: as :func:`avg_pool2d`, with one spatial axis.

    >>> avg_pool1d(np.array([[1.0, 3.0, 2.0, 0.0]]), 2)
    array([[2., 1.]])
    """
    x = as_floats(x)
    windows = _pool_windows("avg_pool1d", x, 1, kernel_size, stride, padding, 1, ceil_mode)
    return _means(x, windows, count_include_pad)


@takes_array
def avg_pool2d(
    x: AnyArray,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> AnyArray:
    """The mean of each window of images.

    Args:
        x: of shape ``(N, C, H, W)``, or ``(C, H, W)`` without a batch.
        kernel_size: the size of a window; a number for each axis, or one for both.
        stride: the distance between neighbouring windows; by default the size of a window, so that none overlap.
        padding: the number of zeros before and after the image, at most half of a window.
        ceil_mode: whether a last window may extend beyond the far edge, if it begins before it.
        count_include_pad: whether these zeros count as numbers; positions beyond them never do.
        divisor_override: a number to divide the sums by instead.

    Returns:
        An array or Tensor of shape ``(N, C, ...)``, without the N if there was none.

    Raises:
        ValueError: if the shape does not fit, or the image is smaller than a window.

    >>> print(avg_pool2d(np.arange(16.0).reshape(1, 4, 4), 2))
    [[[ 2.5  4.5]
      [10.5 12.5]]]
    """
    x = as_floats(x)
    windows = _pool_windows("avg_pool2d", x, 2, kernel_size, stride, padding, 1, ceil_mode)
    return _means(x, windows, count_include_pad, divisor_override)


@takes_array
def avg_pool3d(
    x: AnyArray,
    kernel_size: Lengths,
    stride: Lengths | None = None,
    padding: Lengths = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> AnyArray:
    """The mean of each window of volumes ``(N, C, D, H, W)``: as :func:`avg_pool2d`, with three spatial axes.

    >>> avg_pool3d(np.arange(8.0).reshape(1, 2, 2, 2), 2).item()
    3.5
    """
    x = as_floats(x)
    windows = _pool_windows("avg_pool3d", x, 3, kernel_size, stride, padding, 1, ceil_mode)
    return _means(x, windows, count_include_pad, divisor_override)
