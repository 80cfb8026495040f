"""Convolution and pooling: values by loops over all windows, derivatives against differences, and what is refused."""

from __future__ import annotations

import copy
import math
import pickle
from collections.abc import Iterator
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import hessian, hvp
from autograd.arrays import convolution as rows
from autograd.arrays.convolution import conv1d, conv2d, conv3d
from autograd.arrays.tensor import Tensor
from autograd.core.sweep import topological_order
from autograd.testing import check_function

pytestmark = pytest.mark.same_in_both_modes

rng = np.random.default_rng(5)
CONVOLUTIONS = {1: conv1d, 2: conv2d, 3: conv3d}
MAX_POOLS = {1: rows.max_pool1d, 2: rows.max_pool2d, 3: rows.max_pool3d}
AVG_POOLS = {1: rows.avg_pool1d, 2: rows.avg_pool2d, 3: rows.avg_pool3d}


def numbers(*shape: int) -> np.ndarray:
    """Distinct numbers, far enough from each other for differences."""
    return (rng.permutation(math.prod(shape)).reshape(shape) - math.prod(shape) / 2.0) * 0.1 + 0.03


def convolution(x: Any, weight: Any, bias: Any, stride: Any, padding: Any, dilation: Any, groups: int) -> np.ndarray:
    """What a convolution is, number by number: x and weight in PyTorch's layout, a number for each axis."""
    x = np.pad(x, [(0, 0), (0, 0), *zip(padding, padding, strict=True)])
    spans = [(k - 1) * d + 1 for k, d in zip(weight.shape[2:], dilation, strict=True)]
    size = [(n - span) // s + 1 for n, span, s in zip(x.shape[2:], spans, stride, strict=True)]
    y = np.zeros((len(x), len(weight), *size))
    for n, o, *place in np.ndindex(y.shape):
        first = o // (len(weight) // groups) * weight.shape[1]
        for c, *k in np.ndindex(weight.shape[1:]):
            at = [i * s + j * d for i, s, j, d in zip(place, stride, k, dilation, strict=True)]
            y[(n, o, *place)] += weight[(o, c, *k)] * x[(n, first + c, *at)]
        y[(n, o, *place)] += bias[o]
    return y


def draw_windows(data: Any, rank: int, half: bool = False) -> tuple[tuple[int, ...], dict[str, Any]]:
    """The size of an image, and how windows lie over it, so that at least one fits; padding by half of it at most."""

    def each(low: int, high: int) -> tuple[int, ...]:
        return tuple(data.draw(st.integers(low, high)) for _ in range(rank))

    kernel, stride, dilation = each(1, 3), each(1, 3), each(1, 2)
    spans = [(k - 1) * d + 1 for k, d in zip(kernel, dilation, strict=True)]
    padding = tuple(data.draw(st.integers(0, span // 2 if half else 2)) for span in spans)
    room = [max(1, span - 2 * p) for span, p in zip(spans, padding, strict=True)]
    space = tuple(data.draw(st.integers(low, low + 4 - rank)) for low in room)
    return space, {"kernel_size": kernel, "stride": stride, "padding": padding, "dilation": dilation}


# ---------------------------------------------------------------------------------------------------------------------
# Convolution
# ---------------------------------------------------------------------------------------------------------------------


@given(data=st.data(), rank=st.integers(1, 3))
def test_convolution(data: Any, rank: int) -> None:
    space, options = draw_windows(data, rank)
    kernel = options.pop("kernel_size")
    samples, groups, inside, outside = (data.draw(st.integers(low, 2)) for low in (0, 1, 1, 1))
    x, weight = numbers(samples, groups * inside, *space), numbers(groups * outside, inside, *kernel)
    bias = numbers(groups * outside)
    wanted = convolution(x, weight, bias, groups=groups, **options)

    def f(x: Any, *others: Any) -> Any:
        return CONVOLUTIONS[rank](x, *others, groups=groups, **options)

    np.testing.assert_allclose(f(x, weight, bias), wanted, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(f(x, weight), wanted - bias.reshape(-1, *(1,) * rank), rtol=1e-12, atol=1e-12)
    check_function(f, x, weight, bias)


OPTIONS: list[dict[str, Any]] = [
    {},
    {"stride": 2},
    {"stride": (1, 2), "padding": (0, 2), "dilation": (2, 1)},
    {"padding": 1},
    {"padding": [1, 0]},
]


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_one_number_for_all_axes_or_one_for_each(options: Any) -> None:
    x, weight, bias = numbers(2, 3, 5, 6), numbers(4, 3, 2, 3), numbers(4)
    default = {"stride": 1, "padding": 0, "dilation": 1} | options
    spread = {name: (v, v) if isinstance(v, int) else v for name, v in default.items()}
    np.testing.assert_allclose(conv2d(x, weight, bias, **options), convolution(x, weight, bias, groups=1, **spread))
    check_function(lambda *xs: conv2d(*xs, **options), x, weight, bias)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_padding_in_words(kernel: int, dilation: int) -> None:
    """Of the zeros that keep the size, one more stands behind than before if they are odd in number."""
    x, weight = numbers(2, 1, 10), numbers(1, 1, kernel)
    extra = (kernel - 1) * dilation
    around = np.pad(x, [(0, 0), (0, 0), (extra // 2, extra - extra // 2)])
    same = conv1d(x, weight, padding="same", dilation=dilation)
    assert same.shape == x.shape
    np.testing.assert_array_equal(same, conv1d(around, weight, dilation=dilation))
    valid = conv1d(x, weight, padding="valid", dilation=dilation)
    np.testing.assert_array_equal(valid, conv1d(x, weight, dilation=dilation))
    check_function(lambda x, w: conv1d(x, w, padding="same", dilation=dilation), x, weight)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_convolution_without_a_batch(rank: int) -> None:
    f = CONVOLUTIONS[rank]
    x, weight, bias = numbers(2, *[4] * rank), numbers(3, 2, *[2] * rank), numbers(3)
    np.testing.assert_array_equal(f(x, weight, bias), f(x[None], weight, bias)[0])
    check_function(f, x, weight, bias)


def test_convolution_is_one_node_and_writes_to_no_operand() -> None:
    arrays = numbers(2, 1, 4), numbers(3, 1, 1), numbers(3)
    leaves = [Tensor(x) for x in arrays]
    y = conv1d(*leaves)
    assert y.parents == tuple(leaves)
    y.backward(np.ones(y.shape))
    for leaf, before in zip(leaves, arrays, strict=True):
        np.testing.assert_array_equal(leaf.data, before)


def test_convolution_of_parts_that_are_not_contiguous() -> None:
    x, weight = numbers(6, 7, 2, 3), numbers(2, 3, 4, 2)
    np.testing.assert_array_equal(
        conv2d(x.T[:, :, ::-2], weight.T[:, :2, :, ::-1]),
        conv2d(x.T[:, :, ::-2].copy(), weight.T[:, :2, :, ::-1].copy()),
    )
    check_function(lambda x, w: conv2d(x.T[:, :, ::-2], w.T[:, :2, :, ::-1]), x, weight)


def test_a_bias_alone_can_change() -> None:
    x, weight = numbers(2, 1, 4), numbers(3, 1, 2)
    check_function(lambda b: conv1d(x, weight, b), numbers(3))


# ---------------------------------------------------------------------------------------------------------------------
# Pooling
# ---------------------------------------------------------------------------------------------------------------------


def windows_of(space: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, size: Any) -> Iterator[Any]:
    """For each window its place, the inputs in it, and how many places of it are inside of the padded image."""
    for place in np.ndindex(*size):
        axes, padded = [], 1
        for i, n, k, s, p, d in zip(place, space, kernel, stride, padding, dilation, strict=True):
            read = [i * s - p + j * d for j in range(k)]
            axes.append([r for r in read if 0 <= r < n])
            padded *= sum(r < n + p for r in read)
        yield place, list(product(*axes)), padded


def pooled_size(space: Any, kernel: Any, stride: Any, padding: Any, dilation: Any, ceil_mode: bool) -> list[int]:
    """As many windows along an axis as PyTorch documents."""
    size = []
    for n, k, s, p, d in zip(space, kernel, stride, padding, dilation, strict=True):
        steps = (n + 2 * p - d * (k - 1) - 1) / s
        m = (math.ceil(steps) if ceil_mode else math.floor(steps)) + 1
        size.append(m - (ceil_mode and (m - 1) * s >= n + p))
    return size


@given(data=st.data(), rank=st.integers(1, 3), ceil_mode=st.booleans())
def test_max_pool(data: Any, rank: int, ceil_mode: bool) -> None:
    space, options = draw_windows(data, rank, half=True)
    leading = (2, 1) if data.draw(st.booleans()) else (2,)
    x = numbers(*leading, *space)
    lie = tuple(options.values())
    wanted = np.full((*leading, *pooled_size(space, *lie, ceil_mode)), -np.inf)
    for place, inputs, _ in windows_of(space, *lie, wanted.shape[len(leading) :]):
        for where in np.ndindex(leading):
            wanted[(*where, *place)] = max([x[(*where, *i)] for i in inputs], default=-np.inf)

    def f(x: Any) -> Any:
        return MAX_POOLS[rank](x, **options, ceil_mode=ceil_mode)

    np.testing.assert_array_equal(f(x), wanted)
    if np.isfinite(wanted).all():
        check_function(f, x)


@given(data=st.data(), rank=st.integers(1, 3), ceil_mode=st.booleans(), count_include_pad=st.booleans())
def test_avg_pool(data: Any, rank: int, ceil_mode: bool, count_include_pad: bool) -> None:
    space, options = draw_windows(data, rank, half=True)
    del options["dilation"]
    kernel, stride, padding = options.values()
    options["padding"] = padding = tuple(min(p, k // 2) for p, k in zip(padding, kernel, strict=True))
    space = tuple(max(n, k - 2 * p) for n, k, p in zip(space, kernel, padding, strict=True))
    x = numbers(2, 1, *space)
    lie = kernel, stride, padding, (1,) * rank
    wanted = np.empty((2, 1, *pooled_size(space, *lie, ceil_mode)))
    for place, inputs, padded in windows_of(space, *lie, wanted.shape[2:]):
        for n in range(2):
            total = math.fsum(x[(n, 0, *i)] for i in inputs)
            wanted[(n, 0, *place)] = total / (padded if count_include_pad else len(inputs))

    def f(x: Any) -> Any:
        return AVG_POOLS[rank](x, **options, ceil_mode=ceil_mode, count_include_pad=count_include_pad)

    np.testing.assert_allclose(f(x), wanted, rtol=1e-12, atol=1e-12)
    check_function(lambda x: f(x) ** 2, x)


def test_windows_lie_side_by_side_unless_a_stride_is_given() -> None:
    x = numbers(1, 7)
    np.testing.assert_array_equal(rows.max_pool1d(x, 3), x[:, :6].reshape(1, 2, 3).max(-1))
    np.testing.assert_allclose(rows.avg_pool1d(x, 3), x[:, :6].reshape(1, 2, 3).mean(-1), rtol=1e-13)


@pytest.mark.parametrize("f", [rows.avg_pool2d, rows.avg_pool3d])
def test_another_divisor(f: Any) -> None:
    rank = 2 if f is rows.avg_pool2d else 3
    np.testing.assert_array_equal(
        f(np.ones((1, *[2] * rank)), 2, divisor_override=2), np.full((1,) * (rank + 1), 2.0 ** (rank - 1))
    )


def test_the_first_of_the_largest_counts_as_in_pytorch() -> None:
    x = Tensor([[1.0, 1.0, 0.0, 2.0, 2.0, 2.0]])
    y = rows.max_pool1d(x, 3, 3)
    y.backward([[1.0, 3.0]])
    np.testing.assert_array_equal(x.grad, [[1.0, 0.0, 0.0, 3.0, 0.0, 0.0]])
    assert y.push({x: np.array([[1.0, 2.0, 9.0, 1.0, 2.0, 3.0]])}).tolist() == [[1.0, 1.0]]


def test_the_first_of_the_largest_counts_to_every_order() -> None:
    x = np.array([[1.0, 1.0, 2.0, 2.0]])
    second = hessian(lambda x: np.sum(rows.max_pool1d(x, 2) ** 2))(x).reshape(4, 4)
    np.testing.assert_array_equal(second, np.diag([2.0, 0.0, 2.0, 0.0]))
    overlapping = hessian(lambda x: np.sum(rows.max_pool1d(x, 2, 1) ** 3))(np.ones((1, 3))).reshape(3, 3)
    np.testing.assert_array_equal(overlapping, np.diag([6.0, 6.0, 0.0]))
    [pushed] = hvp(lambda x: np.sum(rows.max_pool1d(x, 2) ** 2), [x], [np.ones_like(x)])
    np.testing.assert_array_equal(pushed, [[2.0, 0.0, 2.0, 0.0]])


def test_what_is_not_the_largest_receives_nothing() -> None:
    x = Tensor([[1.0, 2.0]])
    rows.max_pool1d(x, 2).backward([[np.inf]])
    np.testing.assert_array_equal(x.grad, [[0.0, np.inf]])


def test_max_pool_of_infinities_and_nan() -> None:
    x = Tensor([[-np.inf, -np.inf, np.nan, 1.0]])
    y = rows.max_pool1d(x, 2, padding=1)
    y.backward(np.ones((1, 3)))
    np.testing.assert_array_equal(y.numpy(), [[-np.inf, np.nan, 1.0]])
    np.testing.assert_array_equal(x.grad, [[1.0, 0.0, 1.0, 1.0]])


def test_a_window_with_nothing_in_it() -> None:
    x = Tensor([[5.0]])
    y = rows.max_pool1d(x, 2, dilation=4, padding=2)
    y.backward([[1.0]])
    assert y.item() == -np.inf
    np.testing.assert_array_equal(x.grad, [[0.0]])
    assert y.push({x: np.ones((1, 1))}).tolist() == [[0.0]]


# ---------------------------------------------------------------------------------------------------------------------
# All of them
# ---------------------------------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, tuple[Any, tuple[tuple[int, ...], ...]]] = {
    "conv": (lambda *xs: conv2d(*xs, padding=1), ((2, 3, 4, 4), (2, 3, 2, 2), (2,))),
    "max": (lambda x: rows.max_pool2d(x, 2, 1, 1), ((2, 3, 4, 4),)),
    "avg": (lambda x: rows.avg_pool2d(x, 2, 1, 1, count_include_pad=False), ((2, 3, 4, 4),)),
}
each_function = pytest.mark.parametrize(("f", "shapes"), FUNCTIONS.values(), ids=FUNCTIONS)


@each_function
def test_float32_is_kept(f: Any, shapes: Any) -> None:
    plain = [numbers(*shape).astype(np.float32) for shape in shapes]
    leaves = [Tensor(x) for x in plain]
    y = f(*leaves)
    assert f(*plain).dtype == y.dtype == np.float32
    y.backward(np.ones(y.shape), create_graph=True)
    assert {x.grad.dtype for x in leaves} == {np.dtype(np.float32)}
    for x in leaves:
        x.grad = None


@each_function
def test_an_empty_batch(f: Any, shapes: Any) -> None:
    check_function(f, np.zeros((0, *shapes[0][1:])), *[numbers(*shape) for shape in shapes[1:]])


@each_function
def test_whole_numbers_are_numbers(f: Any, shapes: Any) -> None:
    plain = [rng.integers(-9, 9, shape) for shape in shapes]
    np.testing.assert_array_equal(f(*plain), f(*[x.astype(float) for x in plain]))


@each_function
def test_a_graph_travels(f: Any, shapes: Any) -> None:
    y = f(*[Tensor(numbers(*shape)) for shape in shapes])
    y.backward(np.ones(y.shape))
    for again in (pickle.loads(pickle.dumps(y)), copy.deepcopy(y)):
        again.backward(np.ones(y.shape))
        np.testing.assert_array_equal(again.numpy(), y.numpy())
        gradient = topological_order(again)[0].grad
        np.testing.assert_array_equal(gradient, 2.0 * topological_order(y)[0].grad)


X, WEIGHT = numbers(2, 4, 5, 6), numbers(6, 2, 3, 3)


@pytest.mark.parametrize(
    ("call", "match"),
    [
        (lambda: conv2d(X[0, 0], WEIGHT), r"conv2d takes x of shape \(N, C, H, W\) or \(C, H, W\), not \(5, 6\)"),
        (lambda: conv1d(X, WEIGHT), r"conv1d takes x of shape \(N, C, L\) or \(C, L\), not \(2, 4, 5, 6\)"),
        (lambda: conv3d(X[0], WEIGHT), r"\(N, C, D, H, W\) or \(C, D, H, W\), not \(4, 5, 6\)"),
        (lambda: conv2d(X, WEIGHT[0]), r"weight of shape \(out, in / groups, \*kernel\), not \(2, 3, 3\)"),
        (lambda: conv2d(X, WEIGHT), r"in 1 group, a weight of shape \(6, 2, 3, 3\) does not fit x of shape \(2, 4, 5"),
        (lambda: conv2d(X, WEIGHT[:5], groups=2), r"in 2 groups, a weight of shape \(5, 2, 3, 3\) does not fit x"),
        (lambda: conv2d(X, WEIGHT, groups=0), "groups is a whole number of at least 1, not 0"),
        (lambda: conv2d(X, WEIGHT, np.ones(2), groups=2), r"bias of shape \(2,\) does not fit a weight of shape \(6,"),
        (lambda: conv2d(X, WEIGHT, groups=2, stride=0), "stride is a whole number of at least 1, or 2 of them, not 0"),
        (lambda: conv2d(X, WEIGHT, groups=2, stride=(1, 2, 3)), r"stride is .* not \(1, 2, 3\)"),
        (lambda: conv2d(X, WEIGHT, groups=2, stride=1.5), r"stride is .* not 1.5"),
        (lambda: conv2d(X, WEIGHT, groups=2, dilation=()), r"dilation is .* not \(\)"),
        (lambda: conv2d(X, WEIGHT, groups=2, padding=-1), "padding is a whole number of at least 0"),
        (lambda: conv2d(X, WEIGHT, groups=2, padding="full"), "padding is .* not 'full'"),
        (lambda: conv2d(X, WEIGHT, groups=2, padding="same", stride=2), r"padding='same' needs a stride of 1"),
        (lambda: conv2d(X, WEIGHT, groups=2, dilation=3), r"span \(7, 7\) do not fit into \(5, 6\)"),
        (lambda: conv2d(X, WEIGHT[:, :, :0], groups=2), "kernel_size is a whole number of at least 1"),
        (lambda: rows.max_pool2d(X[0, 0], 2), r"max_pool2d takes x of shape \(N, C, H, W\)"),
        (lambda: rows.max_pool2d(X, 7), r"span \(7, 7\) do not fit into \(5, 6\)"),
        (
            lambda: rows.max_pool2d(X, 2, padding=2),
            r"padding of \(2, 2\) is more than half of windows that span \(2, 2\)",
        ),
        (lambda: rows.max_pool2d(X, (2, 2, 2)), r"kernel_size is a whole number .* not \(2, 2, 2\)"),
        (lambda: rows.max_pool1d(X[0], 2, padding="same"), "padding is a whole number of at least 0, not 'same'"),
        (lambda: rows.avg_pool2d(X, 2, divisor_override=0), "divisor_override must not be 0"),
    ],
)
def test_errors(call: Any, match: str) -> None:
    with pytest.raises(ValueError, match=match):
        call()
