"""Estimators: scikit-learn's own checks, its tools, and its estimators as the oracle."""

from __future__ import annotations

import importlib
import pickle
import sys
from copy import deepcopy
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
        MLPRegressor("squared_error", (10,), learning_rate_init=0.05, max_iter=60),
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
LABELS = np.stack([X[:, 0] > 0, Y == 1, X[:, 1] > X[:, 0]], axis=1).astype(int)
ONE_LOSS: list[tuple[str, Any, Any]] = [
    ("MLPClassifier", X, Y),
    ("MLPClassifier", *THREE),
    ("MLPClassifier", X, LABELS),
    ("MLPRegressor", X, 3.0 * X[:, 0] - Y),
]
"""Where scikit-learn reports the same loss; for several numbers of a sample it reports the mean of their losses."""


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


@pytest.mark.parametrize(("kind", "x", "y"), [*ONE_LOSS, ("MLPRegressor", X, np.stack([X[:, 0], Y], axis=1))])
@pytest.mark.parametrize("activation", ["relu", "tanh", "logistic", "identity"])
def test_a_step_is_that_of_scikit_learn(kind: str, x: Any, y: Any, activation: str) -> None:
    options = {"solver": "sgd", "alpha": 0.5, "learning_rate_init": 0.1, "momentum": 0.5, "random_state": 0}
    options |= {"hidden_layer_sizes": (5, 3), "activation": activation}
    ours = getattr(nn.estimators, kind)(**options)
    theirs = getattr(neural_network, kind)(**options)
    classes = kind == "MLPClassifier"
    started(ours, theirs, x, y)
    for _ in range(3):
        ours.partial_fit(x, y)
        theirs.partial_fit(x, y)
    assert_alike(ours, theirs)
    assert (ours.predict(x) == theirs.predict(x)).all() or not classes
    for method in ("predict_proba", "predict_log_proba") if classes else ("predict",):
        np.testing.assert_allclose(getattr(ours, method)(x), getattr(theirs, method)(x), rtol=1e-6)
    for attribute in ("t_", "n_layers_", "n_outputs_", "out_activation_", "n_features_in_"):
        assert getattr(ours, attribute) == getattr(theirs, attribute)


def started(ours: Any, theirs: Any, x: Any, y: Any) -> None:
    """Both with the same weights, as if they had learnt nothing yet."""
    classes = {"classes": np.unique(y) if y.ndim == 1 else np.arange(y.shape[1])}
    for estimator in (ours, theirs):
        estimator.partial_fit(x, y, **(classes if hasattr(estimator, "predict_proba") else {}))
        estimator.t_ = estimator.n_iter_ = 0
        estimator.loss_curve_.clear()
    ours._optimizer_state, ours._waited, theirs._no_improvement_count = None, 0, 0
    theirs.best_loss_ = np.inf
    del theirs._optimizer
    for mine, other in zip([*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True):
        assert mine.shape == other.shape
        other[...] = mine


def assert_alike(ours: Any, theirs: Any) -> None:
    for mine, other in zip([*ours.coefs_, *ours.intercepts_], [*theirs.coefs_, *theirs.intercepts_], strict=True):
        np.testing.assert_allclose(mine, other, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    "options",
    [
        {"learning_rate": "invscaling"},
        {"learning_rate": "invscaling", "power_t": 0.2, "momentum": 0.5, "nesterovs_momentum": False},
        {"learning_rate": "adaptive", "momentum": 0.0},
        {"learning_rate": "constant", "momentum": 0.99},
        {"solver": "adam", "beta_1": 0.5, "beta_2": 0.99, "epsilon": 1e-14},  # a larger one stands elsewhere there
    ],
)
@pytest.mark.parametrize("parts", [False, True])
def test_epochs_are_those_of_scikit_learn(options: Any, parts: bool) -> None:
    x, y = THREE
    given: dict[str, Any] = {"solver": "sgd", "activation": "tanh", "alpha": 0.5, "learning_rate_init": 0.1}
    given |= {"hidden_layer_sizes": (5,), "shuffle": False, "batch_size": 20, "max_iter": 5, "n_iter_no_change": 100}
    given |= {"warm_start": True, "random_state": 0} | options
    ours, theirs = MLPClassifier(**given), neural_network.MLPClassifier(**given)
    started(ours, theirs, x, y)
    for estimator in (ours, theirs):
        for _ in range(5 if parts else 1):
            estimator.partial_fit(x, y) if parts else estimator.fit(x, y)
    assert ours.t_ == theirs.t_ == 300
    assert_alike(ours, theirs)


def first_four_fifths(*arrays: Any, **options: Any) -> list[Any]:
    """In place of ``train_test_split``: what to learn and what to hold out, without chance."""
    part = 4 * len(arrays[0]) // 5
    return [piece for array in arrays for piece in (array[:part], array[part:])]


@pytest.mark.filterwarnings("error::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize(("kind", "x", "y"), ONE_LOSS)
@pytest.mark.parametrize("early_stopping", [False, True])
@pytest.mark.parametrize("learning_rate", ["constant", "adaptive"])
def test_training_ends_where_that_of_scikit_learn_ends(
    kind: str, x: Any, y: Any, early_stopping: bool, learning_rate: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = {"solver": "sgd", "activation": "tanh", "hidden_layer_sizes": (5,), "shuffle": False}
    options |= {"learning_rate_init": 0.1, "learning_rate": learning_rate, "early_stopping": early_stopping}
    options |= {"alpha": 0.0, "max_iter": 2000, "n_iter_no_change": 4, "tol": 1e-3}
    options |= {"warm_start": True, "random_state": 0}
    ours = getattr(nn.estimators, kind)(**options | {"early_stopping": False})
    theirs = getattr(neural_network, kind)(**options | {"early_stopping": False})
    started(ours, theirs, x, y)
    for module in (nn.estimators, neural_network._multilayer_perceptron):
        monkeypatch.setattr(module, "train_test_split", first_four_fifths)
    for estimator in (ours, theirs):
        estimator.set_params(early_stopping=early_stopping)
    theirs.best_validation_score_, theirs.validation_scores_ = -np.inf, []
    weights = np.linspace(1.0, 2.0, len(x))
    for _ in range(2):  # the second goes on from the first
        for estimator in (ours, theirs):
            estimator.fit(x, y, weights)
        assert ours.n_iter_ == theirs.n_iter_
        assert len(ours.loss_curve_) > 4
        np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)
        assert_alike(ours, theirs)
        if early_stopping:
            np.testing.assert_allclose(ours.validation_scores_, theirs.validation_scores_, rtol=1e-9)
            assert ours.best_validation_score_ == pytest.approx(theirs.best_validation_score_)
            held_out = (array[4 * len(x) // 5 :] for array in (x, y, weights))
            assert ours.score(*held_out) == pytest.approx(ours.best_validation_score_)
            # Without copies, it would go on in those that it keeps as the best.
            theirs._best_coefs, theirs._best_intercepts = deepcopy((theirs.coefs_, theirs.intercepts_))


@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_counts_are_predicted_by_the_poisson_loss(weights: Any) -> None:
    x, y = THREE[0], RNG.poisson(np.exp(THREE[0][:, :2]))
    for targets in (y, y[:, 0]):
        options: dict[str, Any] = {"hidden_layer_sizes": (5,), "activation": "tanh", "solver": "sgd", "shuffle": False}
        options |= {"learning_rate_init": 0.05, "alpha": 0.0, "max_iter": 5, "warm_start": True, "random_state": 0}
        ours, theirs = (module.MLPRegressor("poisson", **options) for module in (nn.estimators, neural_network))
        started(ours, theirs, x, targets)
        for estimator in (ours, theirs):
            estimator.fit(x, targets, weights)
        assert_alike(ours, theirs)
        np.testing.assert_allclose(ours.predict(x), theirs.predict(x), rtol=1e-9)
        assert ours.out_activation_ == theirs.out_activation_ == "exp"
        if weights is None:
            np.testing.assert_allclose(ours.loss_curve_, theirs.loss_curve_, rtol=1e-9)


@pytest.mark.parametrize("kind", ["MLPClassifier", "MLPRegressor"])
@pytest.mark.parametrize("weights", [None, WEIGHTS])
def test_lbfgs_finds_the_same_minimum(kind: str, weights: Any) -> None:
    x, y = THREE
    y = y if kind == "MLPClassifier" else 3.0 * x[:, 0] - x[:, 1] ** 2
    options: dict[str, Any] = {"hidden_layer_sizes": (), "solver": "lbfgs", "alpha": 5.0, "tol": 1e-8, "max_iter": 1000}
    ours, theirs = (getattr(module, kind)(random_state=0, **options) for module in (nn.estimators, neural_network))
    repeated = slice(None) if weights is None else np.repeat(np.arange(60), weights)  # a weight is that many samples
    assert ours.fit(x, y, weights).n_iter_ < 100
    theirs.fit(x[repeated], y[repeated])
    np.testing.assert_allclose(ours.coefs_[0], theirs.coefs_[0], rtol=1e-3, atol=1e-4)
    penalty = 0.5 * 5.0 * np.sum(ours.coefs_[0] ** 2) / len(x)
    assert weights is not None or ours.loss_ + penalty == pytest.approx(theirs.loss_, rel=1e-6)


def test_the_parameters_of_scikit_learn_have_the_same_defaults() -> None:
    for kind in ("MLPClassifier", "MLPRegressor"):
        ours, theirs = (getattr(module, kind)().get_params() for module in (nn.estimators, neural_network))
        extra = {"class_weight"} if kind == "MLPClassifier" else set()
        assert list(ours) == sorted(theirs.keys() | extra)
        assert {name: ours[name] for name in theirs} == theirs


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
    assert (one.n_iter_, other.n_iter_) == (3, 1)
    assert (one.loss_curve_, one.loss_) == (other.loss_curve_, other.loss_curve_[-1])
    other.partial_fit(x[:1], y[:1])  # a part need not have all classes


def test_a_warm_start_goes_on_from_the_weights() -> None:
    warm = MLPClassifier(**QUICK | {"max_iter": 5, "warm_start": True}).fit(X, Y)
    first = warm.coefs_[0]
    assert warm.fit(X, Y).n_iter_ == 5
    assert len(warm.loss_curve_) == 10
    assert warm.loss_curve_[5] < warm.loss_curve_[4] * 1.2
    assert MLPClassifier(**QUICK | {"max_iter": 5}).fit(X, Y).fit(X, Y).n_iter_ == 5
    assert (first != warm.coefs_[0]).any()
    with pytest.raises(ValueError, match="warm_start continues with the classes"):
        warm.fit(X, Y + 1)
    assert warm.classes_.tolist() == [0, 1]


def test_weights_of_samples_and_classes() -> None:
    x, y = np.array([[0.0], [1.0], [0.0], [1.0]]), np.array(["a", "b", "b", "a"])
    for kind in (LogisticRegression, lambda: MLPClassifier((), learning_rate_init=0.5, random_state=0)):
        assert kind().fit(x, y, [3, 3, 1, 1]).predict(x).tolist() == ["a", "b", "a", "b"]
        assert kind().fit(x, y, [0, 0, 1, 1]).predict(x).tolist() == ["b", "a", "b", "a"]
    classifier = LogisticRegression(class_weight={"a": 1, "b": 9}).fit(x, y)
    np.testing.assert_allclose(classifier.predict_proba(x), [[0.1, 0.9]] * 4, rtol=1e-3)
    regressor = MLPRegressor(
        hidden_layer_sizes=(), learning_rate_init=0.1, max_iter=300, n_iter_no_change=300, random_state=0
    )
    np.testing.assert_allclose(regressor.fit(x * 0, [0, 1, 2, 3], [1, 0, 0, 3]).predict(x), 2.25, atol=1e-2)


def test_a_sample_can_have_several_labels() -> None:
    fitted = MLPClassifier(**QUICK | {"early_stopping": True, "max_iter": 200}).fit(X, LABELS)
    assert fitted.score(X, LABELS) > 0.8
    assert fitted.predict(X).shape == fitted.predict_proba(X).shape == (80, 3)
    assert (fitted.predict(X) == (fitted.predict_proba(X) > 0.5)).all()
    sparse = pytest.importorskip("scipy.sparse")
    assert MLPClassifier(**QUICK).fit(X, sparse.csr_array(LABELS)).score(X, LABELS) > 0.8
    with pytest.raises(TypeError, match="toarray"):
        fitted.predict(sparse.csr_array(X))


def test_every_epoch_can_be_printed(capsys: pytest.CaptureFixture[str]) -> None:
    for solver, lines in (("adam", 3), ("lbfgs", 1)):
        fitted = MLPRegressor(hidden_layer_sizes=(3,), solver=solver, max_iter=3, verbose=True, random_state=0).fit(
            X, Y
        )
        printed = capsys.readouterr().out.splitlines()
        assert len(printed) == lines
        assert printed[-1] == f"Iteration 3, loss = {fitted.loss_:.8f}"
        assert fitted.best_loss_ == min(fitted.loss_curve_)


def test_lbfgs_does_not_learn_in_parts() -> None:
    network = MLPClassifier(solver="lbfgs")
    assert not hasattr(network, "partial_fit")
    with pytest.raises(AttributeError, match=r"partial_fit") as caught:
        network.partial_fit(X, Y)
    assert "needs another solver" in str(caught.value.__cause__)
    assert MLPClassifier((5,), solver="lbfgs", random_state=0).fit(X, Y).score(X, Y) > 0.9


def test_what_has_not_converged_warns() -> None:
    with pytest.warns(ConvergenceWarning, match="MLPClassifier has not converged within max_iter=2 epochs"):
        MLPClassifier(max_iter=2).fit(X, Y)
    for limit in ({"max_iter": 2}, {"max_fun": 5}):
        with pytest.warns(ConvergenceWarning, match="MLPClassifier has not converged within max_iter=.* max_fun="):
            MLPClassifier(solver="lbfgs", **limit).fit(X, Y)
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
        (lambda: MLPClassifier(solver="elephant").fit(X, Y), "solver must be one of sgd, adagrad"),
        (lambda: MLPClassifier(learning_rate="fast").fit(X, Y), "learning_rate must be one of constant, invscaling, a"),
        (lambda: MLPClassifier().fit(X, np.stack([Y, 2 + Y], 1)), "a column of 0 and 1 for each label"),
        (lambda: MLPClassifier(class_weight="balanced").fit(X, LABELS), "pass sample_weight for those of several"),
        (lambda: MLPClassifier().partial_fit(X, LABELS, [0, 1]), "y has 3 labels, not 2"),
        (lambda: MLPClassifier().partial_fit(X, LABELS, [0, 1, 2]).partial_fit(X, Y), "labels for each sample in one"),
        (
            lambda: MLPClassifier(max_iter=1, warm_start=True).fit(*THREE).fit(X, LABELS),
            "features|one class in another",
        ),
        (lambda: MLPClassifier().partial_fit(X, Y), "needs all classes"),
        (lambda: MLPClassifier().partial_fit(X, Y, classes=[0, 5]), r"y has the classes \[1\]"),
        (lambda: MLPClassifier().partial_fit(X, Y, classes=[0, 1]).partial_fit(X, Y, [0, 2]), "not those of the first"),
        (lambda: MLPClassifier(class_weight="balanced").partial_fit(X, Y, [0, 1]), "does not see all samples"),
        (lambda: MLPClassifier().fit(X, Y, 0 * X[:, 0]), "weights? (0|must contain)"),
        (lambda: MLPClassifier().fit(X, 0 * Y), "y has one class, 0"),
        (lambda: MLPRegressor((20,)).fit(X, Y), r"loss must be one of squared_error, poisson, not \(20,\)"),
        (lambda: MLPRegressor("poisson").fit(X, Y - 1.0), "y must not be negative, and its least is -1"),
        (lambda: MLPClassifier(early_stopping=True).partial_fit(X, Y, [0, 1]), "partial_fit holds no samples out"),
        (
            lambda: MLPRegressor(early_stopping=True, validation_fraction=0.01).fit(X, Y),
            "holds out a single sample: pass a larger validation_fraction",
        ),
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
