"""Every step of a JAX function checked by itself: the wrong one is named, and no right one."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from autograd import GradientError
from autograd.testing import check_jax

jax = pytest.importorskip("jax")
jnp = jax.numpy

pytestmark = pytest.mark.same_in_both_modes

X = np.array([0.5, 0.7, -0.3])


def by_vjp(left: float, right: float) -> Any:
    """x³y with a rule of custom_vjp, whose gradients are multiplied by these factors."""

    def cube(x: Any, y: Any) -> Any:
        return x**3 * y

    cube.__name__ = "cube" if (left, right) == (1, 1) else "bad_cube"
    rule = jax.custom_vjp(cube)
    rule.defvjp(
        lambda x, y: (x**3 * y, (x, y)),
        lambda kept, g: (left * 3 * g * kept[0] ** 2 * kept[1], right * g * kept[0] ** 3),
    )
    return rule


def by_jvp(left: float, right: float) -> Any:
    """The same with a rule of custom_jvp."""

    def cube(x: Any, y: Any) -> Any:
        return x**3 * y

    cube.__name__ = "cube" if (left, right) == (1, 1) else "bad_cube"
    rule = jax.custom_jvp(cube)

    @rule.defjvp
    def push(primals: Any, tangents: Any) -> Any:
        (x, y), (dx, dy) = primals, tangents
        return x**3 * y, left * 3 * x**2 * y * dx + right * x**3 * dy

    return rule


@pytest.mark.parametrize("make", [by_vjp, by_jvp])
@pytest.mark.parametrize(("position", "factors"), [(1, (1.001, 1)), (2, (1, 1.001))])
def test_a_factor_in_one_of_ten_functions_is_the_only_one_named(
    make: Any, position: int, factors: tuple[float, float]
) -> None:
    cube, bad = make(1, 1), make(*factors)

    def f(x: Any) -> Any:
        y = x
        for _ in range(5):
            y = cube(y + 1, x)
        y = bad(y, x)
        for _ in range(4):
            y = cube(jnp.tanh(y) + 1, x)
        return y

    line = f.__code__.co_firstlineno + 4
    with pytest.raises(GradientError) as caught:
        check_jax(f, X)
    found = str(caught.value)
    assert found.startswith("1 local derivative is wrong; at fault: ")
    assert f"bad_cube, argument {position} ({__file__}:{line}): its backward gives " in found
    assert found.count("its backward gives") == 1


def test_a_fault_is_found_inside_of_control_flow() -> None:
    bad = by_vjp(1, 2)
    places = {
        "jit": lambda x: jax.jit(lambda y: bad(y, y) + 1)(x),
        "cond": lambda x: jax.lax.cond(x[0] > 0, lambda y: bad(y, y), lambda y: y, x),
        "scan": lambda x: jax.lax.scan(lambda c, y: (bad(c, y), c), 2.0, x),
        "while": lambda x: jax.lax.while_loop(lambda s: s[0] < 2, lambda s: (s[0] + 1, bad(s[1], x)), (0, x))[1],
        "checkpoint": lambda x: jax.checkpoint(lambda y: bad(y, y))(x),
        "vmap": lambda x: jax.vmap(bad)(x, x),
    }
    for f in places.values():
        with pytest.raises(GradientError, match=r"1 local derivative is wrong; at fault: bad_cube, argument 2 "):
            check_jax(f, X)


def test_a_fault_that_later_passes_of_a_loop_reach_is_found() -> None:
    bad = by_vjp(1, 2)
    double = jax.custom_vjp(lambda x: 2.0 * x)  # its rule is wrong above 20
    double.defvjp(lambda x: (2.0 * x, x), lambda x, g: (jnp.where(x > 20.0, 3.0, 2.0) * g,))
    for loop in (
        lambda x: jax.lax.fori_loop(0, 5, lambda i, y: jax.lax.cond(i < 4, jnp.sin, lambda y: bad(y, x), y), x),
        lambda x: jax.lax.fori_loop(0, 3, lambda i, y: jax.lax.fori_loop(0, 2, lambda j, y: double(y), y), x[1]),
    ):
        with pytest.raises(GradientError, match=r"1 local derivative is wrong; at fault: [^;]*test_check_jax.py:\d+\)"):
            check_jax(loop, X)


def test_a_while_loop_is_checked_in_forward_mode() -> None:
    def root(x: Any) -> Any:  # of x, by Newton's method
        start = (jnp.ones_like(x), x)
        return jax.lax.while_loop(
            lambda s: abs(s[0] ** 2 - x).max() > 1e-12, lambda s: ((s[0] + x / s[0]) / 2, x), start
        )[0]

    check = check_jax(root, abs(X))
    assert check.modes == ("forward",)
    assert not check.unmeasured
    assert str(check).split(" agree in ")[1].startswith("forward and measured")
    bad, good = by_jvp(1, 1.001), by_vjp(1, 1)
    times = lambda f: lambda x: jax.lax.while_loop(lambda s: s[0] < 9, lambda s: (s[0] + 1, f(s[1], x)), (0, x))[1]  # noqa: E731
    with pytest.raises(GradientError, match=r"bad_cube, argument 2 .*: its backward gives .* and its jvp gives"):
        check_jax(times(bad), X)
    with pytest.raises(ValueError, match="Reverse-mode differentiation does not work"):
        check_jax(times(good), X)  # its rule is for the other mode


def many_operations(p: Any, x: Any) -> Any:
    h = jax.nn.gelu(x @ p["w"] + p["b"])
    h = jnp.concatenate([h.at[0].set(2.0), h[:, ::-1]])
    s = jnp.sort(jnp.cumsum(jax.nn.softmax(h), 0).max(1))
    s = jnp.where(s > 0, s, 0.1 * s) / 3
    matrix = h.T @ h + 3 * jnp.eye(h.shape[1])
    solved = jnp.linalg.solve(matrix, h[0])
    log_det = jnp.log(jnp.diagonal(jnp.linalg.cholesky(matrix))).sum()
    waves = jnp.abs(jnp.fft.fft(s)).sum()
    total, _ = jax.lax.scan(lambda c, y: (jnp.sin(c) * y, None), 1.0, s)
    return jax.scipy.special.logsumexp(s) + solved @ solved + log_det + waves + total


def test_a_function_of_thirty_operations_passes() -> None:
    rng = np.random.default_rng(0)
    check = check_jax(many_operations, {"w": rng.normal(size=(3, 2)), "b": np.zeros(2)}, rng.normal(size=(2, 3)))
    assert int(check.extent.split()[0]) >= 30
    assert not check.unmeasured
    assert "agree in reverse, forward and measured" in str(check)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: jax.nn.relu(x) @ jnp.array([1.0, -1.0, 1.0]),
        lambda x: jnp.abs(x).sum() + jnp.maximum(x, -x).sum(),
    ],
)
def test_any_slope_between_those_on_both_sides_of_a_kink_is_right(f: Any) -> None:
    assert check_jax(f, np.zeros(3)).kinks


def test_a_graph_that_is_left_is_found() -> None:
    with pytest.raises(GradientError, match=r"the derivative in x .* does f leave the graph"):
        check_jax(lambda x: (x * jax.lax.stop_gradient(x)).sum(), X)


def test_an_argument_without_floats_is_refused() -> None:
    with pytest.raises(TypeError, match="floats"):
        check_jax(lambda x: x, 3)
