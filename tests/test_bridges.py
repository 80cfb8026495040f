"""Functions of ours inside PyTorch and JAX."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import autograd
from autograd import primitive, to_jax, to_torch

pytestmark = pytest.mark.same_in_both_modes


@primitive(lambda x, out: 3 * x**2, name="bridge_cube")
def cube(x: Any) -> Any:
    return x * x * x


def product(x: Any, w: Any, t: Any) -> Any:
    return {"sum": (autograd.tanh(x @ w) * t).sum(), "all": [cube(x) * t, autograd.sin(t)]}


def numbers() -> tuple[Any, Any]:
    rng = np.random.default_rng(0)
    return rng.normal(size=(2, 3)), rng.normal(size=(3, 2))


def test_a_function_of_ours_is_a_function_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    x, w = (torch.tensor(array, requires_grad=True) for array in numbers())
    t = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    f = to_torch(product)

    def flat(*args: Any) -> Any:
        found = f(*args)
        return found["sum"], *found["all"]

    assert torch.autograd.gradcheck(flat, (x, w, t))
    assert torch.autograd.gradgradcheck(flat, (x, w, t))
    assert torch.autograd.gradcheck(to_torch(cube), (t,))
    single = torch.ones(3, requires_grad=True)
    to_torch(lambda x: (x**2).sum())(single).backward()
    assert single.grad.dtype == torch.float32
    assert to_torch(cube)(torch.tensor(2.0)).dtype == torch.float32
    assert torch.equal(to_torch(lambda x, i: x[i])(single, torch.tensor([0, 1])), torch.ones(2))
    with pytest.raises(TypeError, match="float16"):
        to_torch(cube)(single.half())


def test_a_function_of_ours_is_a_function_of_jax() -> None:
    jax = pytest.importorskip("jax")
    from jax.test_util import check_grads

    f = to_jax(product)
    with jax.enable_x64(True):
        x, w = map(jax.numpy.asarray, numbers())
        check_grads(f, (x, w, 0.7), order=2, modes=["rev"])
        cubes = to_jax(cube)
        assert jax.jit(jax.grad(cubes))(2.0) == 12.0
        assert jax.grad(jax.grad(cubes))(2.0) == 12.0
        assert jax.vmap(jax.grad(cubes))(jax.numpy.array([1.0, 2.0])).tolist() == [3.0, 12.0]
        assert jax.jacrev(jax.jacrev(to_jax(lambda x: (x**3).sum())))(x[0]).shape == (3, 3)
        assert to_jax(lambda x, i: x[i])(x[0], jax.numpy.array([0, 1])).shape == (2,)
    assert jax.grad(lambda x: to_jax(cube)(x).sum())(jax.numpy.ones(3)).dtype == jax.numpy.float32
