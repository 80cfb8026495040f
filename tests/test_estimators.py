"""Estimators: scikit-learn's own checks, its tools, and its estimators as the oracle."""

from __future__ import annotations

import importlib
import pickle
import sys
from typing import Any

import numpy as np
import pytest

import autograd
import nn
from nn.data import gate, moons

sklearn = pytest.importorskip("sklearn", minversion="1.6", reason="scikit-learn is not installed")

from sklearn import linear_model, neural_network  # noqa: E402
from sklearn.base import clone  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, DataConversionWarning, NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.estimator_checks import check_estimator  # noqa: E402

from nn.estimators import LogisticRegression, MLPClassifier, MLPRegressor, Perceptron  # noqa: E402

pytestmark = [
    pytest.mark.same_in_both_modes,
    pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning"),
]

X, Y = moons(80, noise=0.2, rng=0)
RNG = np.random.default_rng(0)
THREE = RNG.normal(size=(60, 4)), np.array(list("abc"))[np.arange(60) % 3]
THREE[0][np.arange(60), np.arange(60) % 3] += 1.5
QUICK: dict[str, Any] = {"hidden_layer_sizes": (8,), "learning_rate_init": 0.05, "max_iter": 40, "random_state": 0}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "estimator",
    [
        MLPClassifier((10,), learning_rate_init=0.02, max_iter=60),
        MLPRegressor((10,), learning_rate_init=0.05, max_iter=60),
        LogisticRegression(),
        Perceptron(),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_scikit_learn_finds_no_fault(estimator: Any) -> None:
    results = check_estimator(estimator, on_fail=None)
    assert len(results) > 40
    wrong = {result["check_name"]: result["exception"] for result in results if result["status"] != "passed"}
    wrong.pop("check_array_api_input", None)  # runs only where SCIPY_ARRAY_API is set
    assert {name: fault for name, fault in wrong.items() if "pandas" not in str(fault)} == {}


def test_what_is_learnt_predicts() -> None:
    assert MLPClassifier((8,), "tanh", learning_rate_init=0.05, random_state=0).fit(X, Y).score(X, Y) > 0.95
    assert LogisticRegression().fit(*THREE).score(*THREE) > 0.7
    assert Perceptron(random_state=0).fit(*gate("nand")).score(*gate("nand")) == 1.0


# ---------------------------------------------------------------------------------------------------------------------
# scikit-learn's estimators as the oracle
# ---------------------------------------------------------------------------------------------------------------------

WEIGHTS = RNG.integers(0, 4, 60)


@pytest.mark.parametrize("options", [{}, {"C": 0.1}, {"class_weight": "balanced"}, {"class_weight": {"a": 3, "b": 1}}])
@pytest.mark.parametrize("classes", [2, 3])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_logistic_regression_is_that_of_scikit_learn(options: Any, classes: int, weights: Any) -> None:
    x, y = THREE
    rows = np.flatnonzero(np.isin(y, list("abc")[:classes]))[:50]
    solver = "newton-cholesky" if classes == 2 else "newton-cg"
    ours, theirs = (
        LogisticRegression(tol=1e-8, **options),
        linear_model.LogisticRegression(tol=1e-10, max_iter=1000, solver=solver, **options),
    )
    ours.fit(x[rows], y[rows], None if weights is None else weights[rows])
    repeated = rows if weights is None else np.repeat(rows, weights[rows])  # a weight is that many samples
    theirs.fit(x[repeated], y[repeated])
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(ours.intercept_, theirs.intercept_, rtol=1e-4, atol=1e-5)
    for method in ("predict_proba", "predict_log_proba", "decision_function"):
        np.testing.assert_allclose(getattr(ours, method)(x), getattr(theirs, method)(x), rtol=1e-3, atol=1e-5)
    assert (ours.predict(x) == theirs.predict(x)).all()


@pytest.mark.parametrize(
    ("kind", "x", "y"),
    [
        ("MLPClassifier", X, Y),
        ("MLPClassifier", *THREE),
        ("MLPRegressor", X, 3.0 * X[:, 0] - Y),
        ("MLPRegressor", X, np.stack([X[:, 0], Y], axis=1)),
    ],
)
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_a_step_is_that_of_scikit_learn(kind: str, x: Any, y: Any, activation: str) -> None:
    options = {"solver": "sgd", "alpha": 0.5, "learning_rate_init": 0.1, "momentum": 0.5, "random_state": 0}
    options |= {"hidden_layer_sizes": (5, 3), "activation": activation}
    ours = getattr(nn.estimators, kind)(**options)
    theirs = getattr(neural_network, kind)(**options)
    classes = {"classes": np.unique(y)} if kind == "MLPClassifier" else {}
    ours.partial_fit(x, y, **classes)
    theirs.partial_fit(x, y, **classes)
    ours._optimizer_state = None
    del theirs._optimizer
    for mine, other in zip([*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True):
        assert mine.shape == other.shape
        other[...] = mine
    for _ in range(3):
        ours.partial_fit(x, y)
        theirs.partial_fit(x, y)
    for mine, other in zip([*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(ours.predict_proba(x) if classes else ours.predict(x),
                               theirs.predict_proba(x) if classes else theirs.predict(x))  # fmt: skip


# ---------------------------------------------------------------------------------------------------------------------
# scikit-learn's tools
# ---------------------------------------------------------------------------------------------------------------------


def test_searches_pipelines_and_scores() -> None:
    pipeline = make_pipeline(StandardScaler(), MLPClassifier(**QUICK))
    search = GridSearchCV(pipeline, {"mlpclassifier__alpha": [1e-4, 100.0]}, cv=3).fit(X, Y)
    assert search.best_params_ == {"mlpclassifier__alpha": 1e-4}
    assert (cross_val_score(MLPRegressor(**QUICK), X, X[:, 0], cv=3) > 0.9).all()
    assert clone(MLPClassifier(alpha=3.0)).alpha == 3.0


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_columns_of_tables_have_names(library: str) -> None:
    table = pytest.importorskip(library, reason=f"{library} is not installed").DataFrame({"a": X[:, 0], "b": X[:, 1]})
    for kind in (MLPClassifier, MLPRegressor):
        fitted = kind(**QUICK).fit(table, Y)
        assert fitted.feature_names_in_.tolist() == ["a", "b"]
        np.testing.assert_array_equal(fitted.predict(table), kind(**QUICK).fit(X, Y).predict(X))
        with pytest.raises(ValueError, match="feature names should match"):
            fitted.predict(table[["b", "a"]])


def test_fitted_estimators_are_pickled_and_hold_arrays() -> None:
    for fitted in (
        MLPClassifier(**QUICK).fit(X, Y),
        MLPRegressor(**QUICK).partial_fit(X, Y),
        LogisticRegression().fit(X, Y),
    ):
        again = pickle.loads(pickle.dumps(fitted))
        np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
        assert not any(isinstance(thing, (nn.Module, autograd.Tensor)) for thing in vars(fitted).values())


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor, LogisticRegression, Perceptron])
def test_skops_needs_to_trust_the_class_alone(kind: Any) -> None:
    skops = pytest.importorskip("skops.io", reason="skops is not installed")
    fitted = kind(**QUICK) if kind in (MLPClassifier, MLPRegressor) else kind()
    for method in ("fit", "partial_fit"):
        if hasattr(fitted, method):
            getattr(fitted, method)(X, Y)
            content = skops.dumps(fitted)
            trusted = [f"nn.estimators.{kind.__name__}"]
            assert skops.get_untrusted_types(data=content) == trusted
            again = skops.loads(content, trusted=trusted)
            np.testing.assert_array_equal(again.predict(X), fitted.predict(X))
            if method == "partial_fit":
                np.testing.assert_array_equal(again.fit(X, Y).predict(X), fitted.fit(X, Y).predict(X))


def test_the_module_is_drawn_and_explained() -> None:
    for fitted in (MLPClassifier(**QUICK).fit(X, Y), LogisticRegression().fit(X, Y)):
        module = fitted.module_
        x = autograd.Tensor(X[:1], label="x")
        y = module(x)
        assert y.item() == pytest.approx(fitted.decision_function(X[:1]).item())
        assert "x = " in y.tree()
        for parameter in module.parameters():  # it is a copy
            parameter.data = parameter.data + 1.0
        assert fitted.module_(x).item() == y.item()
    assert Perceptron(random_state=0).fit(*gate("or")).perceptron_([1, 1]) == 1


# ---------------------------------------------------------------------------------------------------------------------
# Learning goes on, and stops
# ---------------------------------------------------------------------------------------------------------------------


def test_partial_fit_is_an_epoch_after_the_other() -> None:
    x, y = THREE
    options = QUICK | {"max_iter": 3, "batch_size": 16}
    one, other = MLPClassifier(**options).fit(x, y), MLPClassifier(**options)
    for _ in range(3):
        other.partial_fit(x, y, classes=list("cab"))
    np.testing.assert_array_equal(one.coefs_[0], other.coefs_[0])
    assert (one.n_iter_, one.loss_curve_, one.loss_) == (other.n_iter_, other.loss_curve_, other.loss_curve_[-1])
    other.partial_fit(x[:1], y[:1])  # a part need not have all classes


def test_a_warm_start_goes_on_from_the_weights() -> None:
    warm = MLPClassifier(**QUICK | {"max_iter": 5, "warm_start": True}).fit(X, Y)
    first = warm.coefs_[0]
    assert warm.fit(X, Y).n_iter_ == 10
    assert warm.loss_curve_[5] < warm.loss_curve_[4] * 1.2
    assert MLPClassifier(**QUICK | {"max_iter": 5}).fit(X, Y).fit(X, Y).n_iter_ == 5
    assert (first != warm.coefs_[0]).any()
    with pytest.raises(ValueError, match="warm_start continues with the classes"):
        warm.fit(X, Y + 1)
    assert warm.classes_.tolist() == [0, 1]


@pytest.mark.parametrize("kind", [MLPClassifier, MLPRegressor])
def test_early_stopping_watches_held_out_samples(kind: Any) -> None:
    stopping = {"early_stopping": True, "max_iter": 500, "n_iter_no_change": 5}
    stopped = kind(**QUICK | stopping).fit(X, X[:, 0] > 0, np.ones(len(X)))
    assert stopped.n_iter_ < 500
    assert stopped.score(X, X[:, 0] > 0) > 0.5


def test_weights_of_samples_and_classes() -> None:
    x, y = np.array([[0.0], [1.0], [0.0], [1.0]]), np.array(["a", "b", "b", "a"])
    for kind in (LogisticRegression, lambda: MLPClassifier((), learning_rate_init=0.5, random_state=0)):
        assert kind().fit(x, y, [3, 3, 1, 1]).predict(x).tolist() == ["a", "b", "a", "b"]
        assert kind().fit(x, y, [0, 0, 1, 1]).predict(x).tolist() == ["b", "a", "b", "a"]
    classifier = LogisticRegression(class_weight={"a": 1, "b": 9}).fit(x, y)
    np.testing.assert_allclose(classifier.predict_proba(x), [[0.1, 0.9]] * 4, rtol=1e-3)
    regressor = MLPRegressor((), learning_rate_init=0.1, max_iter=300, n_iter_no_change=300, random_state=0)
    np.testing.assert_allclose(regressor.fit(x * 0, [0, 1, 2, 3], [1, 0, 0, 3]).predict(x), 2.25, atol=1e-2)


def test_what_has_not_converged_warns() -> None:
    with pytest.warns(ConvergenceWarning, match="MLPClassifier has not converged within max_iter=2 epochs"):
        MLPClassifier(max_iter=2).fit(X, Y)
    with pytest.warns(ConvergenceWarning, match="within max_iter=1 iterations"):
        LogisticRegression(max_iter=1).fit(X, Y)
    with pytest.warns(ConvergenceWarning, match="within max_updates=5 updates"):
        Perceptron(max_updates=5).fit(*gate("xor"))


def test_an_interrupt_keeps_what_was_learnt_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    steps = iter(range(20))

    class Interrupted(nn.optim.Adam):
        def step(self) -> None:
            if next(steps) == 15:
                raise KeyboardInterrupt
            super().step()

    monkeypatch.setitem(nn.training.named.OPTIMIZERS, "adam", Interrupted)
    network = MLPClassifier(**QUICK)
    with pytest.raises(KeyboardInterrupt):
        network.fit(X, Y)
    assert network.n_iter_ == 15


# ---------------------------------------------------------------------------------------------------------------------
# Errors
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MLPClassifier(activation="elephant").fit(X, Y), "activation must be one of identity, logistic, tanh"),
        (lambda: MLPClassifier(solver="lbfgs").fit(X, Y), "solver must be one of sgd, adagrad"),
        (lambda: MLPClassifier().partial_fit(X, Y), "needs all classes"),
        (lambda: MLPClassifier().partial_fit(X, Y, classes=[0, 5]), r"y has the classes \[1\]"),
        (lambda: MLPClassifier().partial_fit(X, Y, classes=[0, 1]).partial_fit(X, Y, [0, 2]), "not those of the first"),
        (lambda: MLPClassifier(class_weight="balanced").partial_fit(X, Y, [0, 1]), "does not see all samples"),
        (lambda: MLPClassifier().fit(X, Y, 0 * X[:, 0]), "weights? (0|must contain)"),
        (lambda: MLPClassifier().fit(X, 0 * Y), "y has one class, 0"),
        (lambda: LogisticRegression(C=0).fit(X, Y), "C must be positive, not 0"),
        (lambda: Perceptron().fit(*THREE), "a perceptron has two classes, not 3"),
    ],
)
def test_errors_are_one_sentence(make: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        make()


def test_sizes_are_checked_and_nothing_is_predicted_before_a_fit() -> None:
    with pytest.raises(TypeError, match="a size in hidden_layer_sizes must be a positive whole number, not -1"):
        MLPClassifier(hidden_layer_sizes=[4, -1]).fit(X, Y)
    for attribute in ("module_", "loss_"):
        with pytest.raises(NotFittedError):
            getattr(MLPClassifier(), attribute)
    with pytest.warns(DataConversionWarning):
        assert MLPRegressor(**QUICK).fit(X, X[:, :1]).predict(X).shape == (80,)


def test_without_scikit_learn_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "sklearn"]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delitem(sys.modules, "nn.estimators")
    with pytest.raises(ImportError, match=r'which is not installed: pip install "pathgrad\[sklearn\]"$'):
        importlib.import_module("nn.estimators")
    with pytest.raises(AttributeError, match=r"from nn\.estimators import MLPClassifier$"):
        nn.MLPClassifier  # noqa: B018
