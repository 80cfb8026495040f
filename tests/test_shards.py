"""Batches in shards: the same bits on any number of workers of any kind, whichever of them dies."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
from autograd import primitive
from nn import MLP, BatchNorm1d, Dropout, Linear, Module, Sequential, Tanh, functional, losses, optim
from nn.training import fit

for name in ("joblib", "cloudpickle", "threadpoolctl"):
    pytest.importorskip(name, reason=f"{name} is not installed")

import joblib  # noqa: E402

from nn.training.shards import tree_sum  # noqa: E402

pytestmark = [pytest.mark.same_in_both_modes, pytest.mark.filterwarnings("ignore::ResourceWarning")]

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(90, 6)), RNG.integers(0, 3, 90)


def network(*layers: Module) -> Sequential:
    return Sequential(Linear(6, 8, rng=0), Tanh(), *layers, Linear(8, 3, rng=1))


class Deadly(Module):
    """Kills the process that computes it, if it is not the one that made it, once for each such file."""

    def __init__(self, file: Path) -> None:
        self.file, self.process = file, os.getpid()

    def forward(self, x: Any) -> Any:
        if os.getpid() != self.process and self.file.exists():
            self.file.unlink()
            os.kill(os.getpid(), signal.SIGKILL)
        return x


def learnt(model: Module, epochs: int = 3, loss: Any = "cross_entropy", **options: Any) -> tuple[bytes, Any]:
    """The bits of all parameters after training, and the history."""
    options = {"batch_size": 40, "shard_size": 16, "rng": 3} | options
    history = fit(model, (X, Y), loss, optim.Adam(model.parameters(), lr=0.02), epochs, **options)
    return b"".join(array.tobytes() for array in model.state_dict().values()), history


@cache
def expected() -> tuple[bytes, Any]:
    """What one process learns.  Workers import this module, and must not compute it."""
    return learnt(network())


def test_shards_learn_what_batches_learn() -> None:
    whole = network()
    _, history = learnt(whole, shard_size=None)
    assert expected()[1]["loss"] == pytest.approx(history["loss"], rel=1e-12)
    parameters = np.frombuffer(expected()[0])
    np.testing.assert_allclose(parameters, np.concatenate([p.numpy().ravel() for p in whole.parameters()]), rtol=1e-9)


@pytest.mark.parametrize("make", [lambda: MLP([6, 4, 3], rng=0), lambda: MLP([6, 3], rng=0).vectorize()])
@pytest.mark.parametrize(
    "options",
    [
        {"sample_weight": np.arange(90.0), "metrics": ["accuracy"], "clip_norm": 0.1},
        {"loss": lambda outputs, targets: functional.mse_loss(outputs, [[float(t)] * 3 for t in targets])},
    ],
)
def test_with_weights_metrics_and_networks_of_numbers(make: Any, options: Any) -> None:
    found, history = learnt(make(), 2, **options)
    other = make()
    assert learnt(other, 2, **options)[0] == found
    _, whole = learnt(make(), 2, **options, shard_size=None)
    for name, column in whole.items():
        assert history[name] == pytest.approx(column, rel=1e-10)


@pytest.mark.parametrize("other", [{"dtype": np.float32}, {"hidden": 5}], ids=["float32", "narrow"])
def test_a_worker_tells_models_apart_that_differ_only_in_their_parameters(other: Any) -> None:
    def made(hidden: int = 8, dtype: Any = np.float64) -> Sequential:
        return Sequential(Linear(6, hidden, rng=0, dtype=dtype), Tanh(), Linear(hidden, 3, rng=1, dtype=dtype))

    first, _ = learnt(made(**other))
    learnt(made())
    assert learnt(made(**other))[0] == first


def test_workers_give_the_same_bits(tmp_path: Path) -> None:
    for n_jobs in (2, 4):
        assert learnt(network(), n_jobs=n_jobs) == expected()
    file = tmp_path / "state.npz"
    for epochs, n_jobs in ((1, 2), (3, 1)):
        resumed = learnt(network(), epochs, n_jobs=n_jobs, checkpoint=file, resume=True)
    assert resumed == expected()


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
@pytest.mark.filterwarnings("ignore")
def test_a_worker_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    (tmp_path / "alive").touch()
    assert learnt(network(Deadly(tmp_path / "alive")), n_jobs=2) == expected()
    assert not (tmp_path / "alive").exists()


def test_a_primitive_of_main_goes_to_the_workers() -> None:
    slope = lambda x, out: -2 * x * out  # noqa: E731
    formula = lambda x: autograd.exp(-x * x)  # noqa: E731
    slope.__module__ = formula.__module__ = "__main__"
    bell = primitive(slope, name="bell_in_main")(formula)

    class Bell(Module):
        def forward(self, x: Any) -> Any:
            return bell(x)

    assert learnt(network(Bell()), n_jobs=2) == learnt(network(Bell()), n_jobs=1)


@pytest.mark.parametrize("samples", range(1, 9))
def test_the_tree_adds_every_term_once(samples: int) -> None:
    terms = [[10.0**k, None if k % 2 else np.array([1.0])] for k in range(samples)]
    total, gradient = tree_sum(terms)
    assert total == sum(10**k for k in range(samples))
    assert gradient == [(samples + 1) // 2]


class Whitened(Module):
    def forward(self, x: Any) -> Any:
        return x - x.mean(axis=0)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"model": network(BatchNorm1d(8))}, ValueError, "without BatchNorm1d: such a layer looks at the whole batch"),
        ({"model": network(Dropout(0.5))}, ValueError, "without Dropout"),
        ({"model": network(Whitened())}, ValueError, "the outputs of a shard are not those"),
        ({"loss": losses.CrossEntropyLoss(reduction="sum")}, ValueError, "needs a loss that is a mean over samples"),
        ({"loss": losses.CrossEntropyLoss([1, 2, 3])}, ValueError, "needs a loss that is a mean over samples"),
        ({"shard_size": 0}, ValueError, "shard_size must be at least 1"),
        ({"shard_size": None, "n_jobs": 2}, ValueError, "pass shard_size= as well"),
    ],
)
def test_what_cannot_be_sharded_is_refused(options: Any, error: Any, message: str) -> None:
    model = options.pop("model", network())
    before = b"".join(array.tobytes() for array in model.state_dict().values())
    with pytest.raises(error, match=message):
        learnt(model, **options)
    assert b"".join(array.tobytes() for array in model.state_dict().values())[: len(before)] == before


def test_a_gradient_that_is_not_finite_is_named() -> None:
    class Root(Module):
        def forward(self, x: Any) -> Any:
            return autograd.sqrt(x)

    with pytest.raises(FloatingPointError, match=r"epoch 1, batch 1: .*sqrt.*, in layer 2 \(Root\)"):
        learnt(network(Root()))


def test_without_joblib_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "joblib", None)
    with pytest.raises(ImportError, match=r'shard_size needs joblib, .*: pip install "pathgrad\[cores\]"$'):
        learnt(network())


# ---------------------------------------------------------------------------------------------------------------------
# Dask
# ---------------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two processes that are reached over TCP."""
    distributed = pytest.importorskip("distributed", reason="Dask is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    with distributed.LocalCluster(**options) as cluster, distributed.Client(cluster):
        yield cluster


@pytest.mark.filterwarnings("ignore")
def test_a_cluster_gives_the_same_bits(cluster: Any, tmp_path: Path) -> None:
    with joblib.parallel_config(backend="dask"):
        assert learnt(network()) == expected()
        if sys.platform != "win32":
            (tmp_path / "alive").touch()
            assert learnt(network(Deadly(tmp_path / "alive"))) == expected()
            assert not (tmp_path / "alive").exists()


@pytest.mark.filterwarnings("ignore")
def test_a_search_gives_the_same_scores_everywhere(cluster: Any) -> None:
    selection = pytest.importorskip("sklearn.model_selection", reason="scikit-learn is not installed")
    from nn.estimators import MLPClassifier

    def scores(n_jobs: int | None = None) -> Any:
        network = MLPClassifier((8,), max_iter=5, random_state=0)
        search = selection.GridSearchCV(network, {"alpha": [1e-4, 1.0]}, cv=3, n_jobs=n_jobs).fit(X, Y)
        return search.cv_results_["mean_test_score"].tolist()

    serially = scores()
    assert scores(2) == serially
    with joblib.parallel_config(backend="dask"):
        assert scores() == serially
