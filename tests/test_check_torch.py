"""Every step of a PyTorch function checked by itself: the wrong one is named, and no right one."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from autograd import GradientError
from autograd.testing import check_torch

torch = pytest.importorskip("torch")
F = torch.nn.functional

pytestmark = pytest.mark.same_in_both_modes

X = np.array([0.5, 0.7, -0.3])


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Any:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def scaled_product(left: float, right: float, *, late: bool = False) -> Any:
    """x³y as a custom Function, whose gradients are multiplied by these factors."""

    def backward(ctx: Any, g: Any) -> Any:
        x, y = ctx.saved_tensors
        return left * g * 3 * x**2 * y, right * g * x**3

    def forward(ctx: Any, x: Any, y: Any) -> Any:
        ctx.save_for_backward(x, y)
        return x**3 * y

    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs)

    parts = {"forward": staticmethod(forward), "backward": staticmethod(backward)}
    if late:
        parts["forward"] = staticmethod(lambda x, y: x**3 * y)
        parts["setup_context"] = staticmethod(setup_context)
    name = "Cube" if (left, right) == (1, 1) else "BadCube"
    return type(name, (torch.autograd.Function,), parts).apply


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize(("position", "factors"), [(1, (1.001, 1)), (2, (1, 1.001))])
def test_a_factor_in_one_of_ten_functions_is_the_only_one_named(
    position: int, factors: tuple[float, float], late: bool
) -> None:
    cubes = [scaled_product(1, 1, late=late) for _ in range(9)]
    bad = scaled_product(*factors, late=late)

    def f(x: Any) -> Any:
        y = x
        for cube in cubes[:5]:
            y = cube(torch.sin(y) + 1, x)
        y = bad(y, x)
        for cube in cubes[5:]:
            y = cube(torch.tanh(y) + 1, x.exp())
        return y

    line = f.__code__.co_firstlineno + 4
    with pytest.raises(GradientError) as caught:
        check_torch(f, X)
    found = str(caught.value)
    assert found.startswith("1 local derivative is wrong; at fault: ")
    assert f"BadCube, argument {position} ({__file__}:{line}): its backward gives " in found
    assert found.count("its backward gives") == 1


class Product(torch.autograd.Function):
    """x³y with rules for both modes, which subclasses spoil by factors."""

    left = right = backwards = 1.0

    @staticmethod
    def forward(x: Any, y: Any) -> Any:
        return x**3 * y

    @staticmethod
    def setup_context(ctx: Any, inputs: Any, output: Any) -> None:
        ctx.save_for_backward(*inputs)
        ctx.save_for_forward(*inputs)

    @classmethod
    def rules(cls, ctx: Any) -> Any:
        x, y = ctx.saved_tensors
        return 3 * x**2 * y, x**3

    @staticmethod
    def backward(ctx: Any, g: Any) -> Any:
        kind = type(ctx)._forward_cls
        of_x, of_y = kind.rules(ctx)
        return kind.backwards * g * of_x, g * of_y

    @staticmethod
    def jvp(ctx: Any, dx: Any, dy: Any) -> Any:
        kind = type(ctx)._forward_cls
        of_x, of_y = kind.rules(ctx)
        return kind.left * of_x * dx + kind.right * of_y * dy


@pytest.mark.parametrize(("position", "factors"), [(1, {"left": 1.001}), (2, {"right": 1.001})])
def test_a_factor_in_the_forward_mode_of_one_function_is_the_only_one_named(position: int, factors: Any) -> None:
    bad = type("BadProduct", (Product,), factors)

    def f(x: Any) -> Any:
        y = Product.apply(x, x + 1)
        y = bad.apply(y, x)
        return Product.apply(torch.tanh(y) + 1, x)

    line = f.__code__.co_firstlineno + 2
    with pytest.raises(GradientError) as caught:
        check_torch(f, X)
    found = str(caught.value)
    assert (
        f"1 local derivative is wrong; at fault: BadProduct, argument {position} ({__file__}:{line}): its jvp" in found
    )
    assert "backward" not in found


def test_both_modes_can_be_wrong_and_one_can_be_missing() -> None:
    bad = type("BadProduct", (Product,), {"left": 2.0, "backwards": 1.001})
    with pytest.raises(GradientError, match=r"its backward gives [-.\d]+ and its jvp gives [-.\d]+ along"):
        check_torch(lambda x: bad.apply(x, x), X)
    assert check_torch(lambda x: Product.apply(x, x), X).modes == ("reverse", "forward")
    assert check_torch(lambda x: scaled_product(1, 1)(x, x), X).modes == ("reverse",)

    class Broken(Product):
        @staticmethod
        def jvp(ctx: Any, dx: Any, dy: Any) -> Any:
            raise ZeroDivisionError("broken")

    (said,) = check_torch(lambda x: Broken.apply(x, x), X).unmeasured
    assert said.startswith("Broken (")
    assert said.endswith(": broken")


def many_operations(x: Any, w: Any) -> Any:
    h = F.linear(x, w, torch.ones(4, dtype=x.dtype))
    h = F.layer_norm(F.gelu(h), (4,)).clone()
    h[0] = 2.0
    h = h + 0.1
    h *= torch.tensor([[1.0, 2.0, 3.0, 4.0]], dtype=x.dtype)
    h = torch.cat([h, x[:, :2].T.repeat(1, 2)[:, :4]])
    s = torch.einsum("ij,j->i", F.softmax(h, -1), h.amax(0))
    s = torch.where(s > 0, s, 0.1 * s).cumsum(0) / 3 - torch.sigmoid(s).flip(0)
    top, _ = F.dropout(s, 0.5).abs().max(0)
    matrix = h.T @ h + 3 * torch.eye(4, dtype=x.dtype)
    solved = torch.linalg.solve(matrix, h[0])
    factor = torch.linalg.cholesky(matrix)
    waves = torch.fft.fft(s).abs()
    loss = F.cross_entropy(h, torch.tensor([0, 1, 2, 3]))
    return (
        loss
        + s.logsumexp(0)
        + top
        + solved.norm()
        + factor.diagonal().log().sum()
        + waves.sum()
        + torch.atan2(s, s + 2).mean()
    )


def test_a_function_of_thirty_operations_passes() -> None:
    rng = np.random.default_rng(0)
    check = check_torch(many_operations, rng.normal(size=(2, 3)), rng.normal(size=(4, 3)))
    assert check.modes == ("reverse", "forward")
    assert int(check.extent.split()[0]) >= 30
    assert not check.unmeasured
    assert "agree in reverse, forward and measured" in str(check)


def test_a_model_in_single_precision_passes() -> None:
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.BatchNorm1d(8), torch.nn.ReLU(), torch.nn.Linear(8, 1))
    assert check_torch(model, torch.randn(5, 3)).derivatives > 10
    assert check_torch(lambda p: F.softplus(p["w"] * p["b"][0]).sum(), {"w": X, "b": [2.0]}).derivatives > 2


@pytest.mark.parametrize(
    "f",
    [
        lambda x: torch.relu(x).sum(),
        lambda x: torch.relu(x) @ torch.tensor([1.0, -1.0, 1.0], dtype=x.dtype),
        lambda x: x.abs().sum() + x.norm(),
        lambda x: torch.maximum(x, -x).sum(),
        lambda x: F.hardtanh(x, -1, 0).sum(),
    ],
)
def test_any_slope_between_those_on_both_sides_of_a_kink_is_right(f: Any) -> None:
    assert check_torch(f, np.zeros(3)).kinks


def test_a_wrong_slope_on_a_kink_is_found() -> None:
    class Ramp(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            ctx.save_for_backward(x)
            return x.clamp(min=0)

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            (x,) = ctx.saved_tensors
            return g * torch.where(x == 0, 1.5, (x > 0).to(x.dtype))

    with pytest.raises(GradientError, match=r"Ramp, argument 1 .* gives .* on the left and .* on the right"):
        check_torch(lambda x: Ramp.apply(x), np.zeros(3))


def test_a_graph_that_is_left_is_found() -> None:
    with pytest.raises(GradientError, match=r"the derivative in x .* does f leave the graph"):
        check_torch(lambda x: (x * x.detach()).sum(), X)
    with pytest.raises(GradientError, match="does f leave the graph"):
        check_torch(lambda x: torch.as_tensor(np.sin(x.detach().numpy())).sum(), X)


def test_a_derivative_that_is_nan_is_found() -> None:
    with pytest.raises(GradientError, match=r"is nan|gives nan"):
        check_torch(lambda x: torch.where(x > 0, x.sqrt(), 0.0).sum(), np.array([-1.0, 4.0]))


def test_a_check_disturbs_nothing() -> None:
    before, profile = torch.get_rng_state(), sys.getprofile()
    x = torch.tensor(X, requires_grad=True)
    check_torch(lambda x: F.dropout(x, 0.5).sin(), x)
    assert torch.equal(torch.get_rng_state(), before)
    assert x.grad is None
    assert sys.getprofile() is profile


def test_an_argument_without_floats_is_refused() -> None:
    with pytest.raises(TypeError, match="floats"):
        check_torch(lambda x: x, 3)


def test_what_cannot_be_checked_is_said() -> None:
    with pytest.raises(GradientError, match=r"not finite: log, argument|not finite: log \("):
        check_torch(lambda x: torch.log(x).sum(), -X)
    with pytest.raises(TypeError, match="returned no floats"):
        check_torch(lambda x: x > 0, X)
    count = iter(range(10**6))
    with pytest.raises(ValueError, match="different values at the same point"):
        check_torch(lambda x: x * next(count), X)
