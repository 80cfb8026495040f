"""Jacobian and Hessian of Rosenbrock's function, most of whose entries are 0 at every point.

The Jacobian is that of the residuals whose squares the function adds up.  Engines return what their users get:

* **pathgrad compiled**: a ``scipy.sparse.csr_array`` from ``autograd.compile``; a second row returns dense arrays.
* **CasADi SX**: a sparse matrix of CasADi; a second row fills a buffer with the entries that can be other than 0.
* **JAX**: ``jit`` of ``jacfwd`` and ``hessian``, dense.
* **PyTorch**: ``torch.func``, dense.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

import autograd
from benchmarks import peers
from benchmarks.measure import Engine, Local, Options, Race, Run, race
from benchmarks.report import Goal, Report, race_table

Floats: TypeAlias = NDArray[np.float64]
KINDS = ("jacobian", "hessian")


def residuals(x: Any, join: Callable[[Any], Any]) -> Any:
    """The terms of Rosenbrock's function, of an array of any engine."""
    return join((10.0 * (x[1:] - x[:-1] ** 2), 1.0 - x[:-1]))


def pathgrad(kind: str, sparse: bool) -> Callable[[Floats], Run]:
    """Our compiled function; it is recorded for two different points."""

    def build(x: Floats) -> Run:
        def terms(x: Any) -> Any:
            return residuals(x, np.concatenate)

        compiled = autograd.compile(terms if kind == "jacobian" else lambda x: (terms(x) ** 2).sum())
        matrix = getattr(compiled, kind)
        for step in (1.0, 1.5):
            matrix(step * x, sparse=sparse)
        return Local(lambda: matrix(x, sparse=sparse), lambda found: (found.toarray() if sparse else found).ravel())

    return build


def casadi_function(kind: str, x: Floats) -> Any:
    """The matrix as a function of CasADi."""
    import casadi

    variable = casadi.SX.sym("x", len(x))
    terms = residuals(variable, lambda parts: casadi.vertcat(*parts))
    if kind == "jacobian":
        return casadi.Function("f", [variable], [casadi.jacobian(terms, variable)])
    return casadi.Function("f", [variable], [casadi.hessian(casadi.sumsqr(terms), variable)[0]])


def casadi(kind: str) -> Callable[[Floats], Run]:
    """A matrix of CasADi."""

    def build(x: Floats) -> Run:
        function = casadi_function(kind, x)
        return Local(lambda: function(x), lambda found: found.full().ravel())

    return build


def casadi_buffer(kind: str) -> Callable[[Floats], Run]:
    """The entries of this matrix, in a buffer."""

    def build(x: Floats) -> Run:
        function = casadi_function(kind, x)
        argument, found = x.copy(), np.zeros(function.nnz_out(0))
        buffer, call = function.buffer()
        buffer.set_arg(0, argument.data)
        buffer.set_res(0, found.data)

        def step() -> tuple[Floats, Any]:
            argument[:] = x
            call()
            return found, buffer  # the buffer must outlive the calls

        def dense(result: tuple[Floats, Any]) -> Floats:
            rows, columns = function.sparsity_out(0).get_triplet()
            matrix = np.zeros(function.size_out(0))
            matrix[rows, columns] = result[0]
            return matrix.ravel()

        return Local(step, dense)

    return build


def jax(kind: str) -> Callable[[Floats], Run]:
    """Compiled by XLA."""

    def build(x: Floats) -> Run:
        jax = peers.jax()

        def terms(x: Any) -> Any:
            return residuals(x, jax.numpy.concatenate)

        matrix = jax.jacfwd(terms) if kind == "jacobian" else jax.hessian(lambda x: (terms(x) ** 2).sum())
        compiled, point = jax.jit(matrix), jax.numpy.asarray(x)
        return Local(lambda: jax.block_until_ready(compiled(point)), np.ravel)

    return build


def pytorch(kind: str) -> Callable[[Floats], Run]:
    """Eager, all columns at once."""

    def build(x: Floats) -> Run:
        torch = peers.torch()

        def terms(x: Any) -> Any:
            return residuals(x, torch.cat)

        matrix = torch.func.jacfwd(terms) if kind == "jacobian" else torch.func.hessian(lambda x: (terms(x) ** 2).sum())
        point = torch.from_numpy(x)
        return Local(lambda: matrix(point), lambda found: found.numpy().ravel())

    return build


def measure(options: Options) -> Report:
    """Time all engines at both matrices."""
    n = 3 if options.quick else 200
    x = np.random.default_rng(0).uniform(-1, 1, n)
    races = [race(f"{kind.title()} of Rosenbrock, {n} variables", engines(kind), x, options) for kind in KINDS]
    lines = [line for result in races for line in ("", *race_table(result, first=True))][1:]
    return Report(lines, [result.as_json() for result in races], goals(races), races[0].missing, races)


def engines(kind: str) -> list[Engine]:
    """All engines for one kind of matrix."""
    return [
        Engine("pathgrad compiled", "pathgrad", pathgrad(kind, sparse=True)),
        Engine("pathgrad compiled, dense", "pathgrad", pathgrad(kind, sparse=False)),
        Engine("CasADi SX", "casadi", casadi(kind)),
        Engine("CasADi SX, buffer", "casadi", casadi_buffer(kind)),
        Engine("JAX, dense", "jax", jax(kind)),
        Engine("PyTorch, dense", "torch", pytorch(kind)),
    ]


def goals(races: list[Race]) -> list[Goal]:
    """The ratios that both matrices aim at."""
    return [
        goal
        for race in races
        for goal in (
            Goal(race, "CasADi SX", "pathgrad compiled", 1.0),
            Goal(race, "JAX, dense", "pathgrad compiled, dense", 1.0),
        )
    ]
