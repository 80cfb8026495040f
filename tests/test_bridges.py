"""Functions of ours inside PyTorch and JAX, and small ones of theirs as graphs of Values."""

from __future__ import annotations

import doctest
import re
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import Value, from_jax, from_torch, paths, primitive, to_jax, to_torch

pytestmark = pytest.mark.same_in_both_modes


@primitive(lambda x, out: 3 * x**2, name="bridge_cube")
def cube(x: Any) -> Any:
    return x * x * x


del autograd.PRIMITIVES["bridge_cube"]  # or other tests would find it


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
    logarithm = to_jax(lambda x: autograd.log(x - 5))
    assert jax.jit(jax.grad(logarithm))(7.0) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="found no numbers"):
        jax.jit(to_jax(lambda x: autograd.log(x - 50)))(70.0)
    assert jax.grad(lambda x: to_jax(cube)(x).sum())(jax.numpy.ones(3)).dtype == jax.numpy.float32


def test_a_function_of_pytorch_is_a_graph_of_values() -> None:
    torch = pytest.importorskip("torch")
    w = Value(0.5, label="w")
    y = from_torch(lambda w, t: (1 / (w**2 + t)).sin() * torch.where(t > 0, 2 * w, t) - torch.relu(-w).sum(), w, 0.25)
    assert len(list(paths(y, w, named=False))) > 1
    y.backward()
    assert w.grad == pytest.approx(_slope(torch), rel=1e-12)
    with pytest.raises(NotImplementedError, match=r"lgamma \(.*test_bridges\.py:\d+\)"):
        from_torch(lambda x: torch.lgamma(x), 2.0)
    with pytest.raises(NotImplementedError, match="computes an array"):
        from_torch(lambda x: torch.stack([x, x]).sum(), 2.0)


def _slope(torch: Any) -> float:
    w, t = torch.tensor(0.5, dtype=torch.float64, requires_grad=True), torch.tensor(0.25, dtype=torch.float64)
    ((1 / (w**2 + t)).sin() * 2 * w - torch.relu(-w)).backward()
    return float(w.grad)


def test_a_custom_function_of_pytorch_is_not_replaced_by_our_derivative() -> None:
    torch = pytest.importorskip("torch")

    class Double(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: Any) -> Any:
            return 2 * x

        @staticmethod
        def backward(ctx: Any, g: Any) -> Any:
            return 3 * g

    for f in (lambda x: Double.apply(x) + 1, Double.apply):
        with pytest.raises(NotImplementedError, match=r"Double.* has a backward of its own"):
            from_torch(lambda x, f=f: f(x), 2.0)


def test_a_function_of_jax_is_a_graph_of_values() -> None:
    jax = pytest.importorskip("jax")
    jnp = jax.numpy

    def f(w: Any, t: Any) -> Any:
        v = jax.jit(lambda w: jnp.sin(1 / (w**2 + t)))(w)
        return {"y": jnp.where(t > 0, 2 * w, t) * v - jax.nn.relu(w), "t": jax.lax.cond(t > 0, jnp.exp, jnp.cos, w)}

    w = Value(0.5, label="w")
    found = from_jax(f, w, 0.25)
    with jax.enable_x64(True):
        slope = jax.grad(lambda w: f(w, 0.25)["y"])(0.5)
    assert len(list(paths(found["y"], w, named=False))) > 1
    found["y"].backward()
    assert w.grad == pytest.approx(float(slope), rel=1e-12)
    assert found["t"].item() == pytest.approx(np.exp(0.5))
    with pytest.raises(NotImplementedError, match=r"lgamma \(.*test_bridges\.py:\d+\)"):
        from_jax(lambda x: jax.lax.lgamma(x), 2.0)
    with pytest.raises(NotImplementedError, match="computes an array"):
        from_jax(lambda x: jnp.ones(3).sum() * x, 2.0)
    rule = jax.custom_vjp(lambda x: 2 * x)
    rule.defvjp(lambda x: (2 * x, None), lambda _, g: (3 * g,))
    with pytest.raises(NotImplementedError, match="a rule of its own"):
        from_jax(lambda x: rule(x), 2.0)


def test_the_examples_of_the_page_of_guarantees() -> None:
    pytest.importorskip("torch")
    page = Path(__file__).parent.parent / "docs/guarantees.md"
    blocks = re.findall(r"^```(?:python|pycon)\n(.*?)^```$", page.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    parsed = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, page.name, str(page), 0)
    assert doctest.DocTestRunner(optionflags=doctest.ELLIPSIS).run(parsed).failed == 0


@pytest.mark.parametrize("library", ["torch", "jax"])
def test_a_library_that_is_missing_is_one_sentence(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from autograd import testing

    monkeypatch.setitem(sys.modules, library, None)
    uses = {
        f"to_{library}": lambda name: getattr(autograd, name)(cube),
        f"from_{library}": lambda name: getattr(autograd, name)(cube, 1.0),
        f"check_{library}": lambda name: getattr(testing, name)(cube, 1.0),
    }
    for name, use in uses.items():
        with pytest.raises(ImportError, match=rf'^{name} needs (PyTorch|JAX), .* pip install "pathgrad\[{library}\]"$'):
            use(name)
