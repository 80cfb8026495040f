"""Estimators for scikit-learn: networks, logistic regression and the perceptron, trained by :func:`nn.fit`.

They have scikit-learn's names and defaults, and go wherever its estimators go: into a ``Pipeline``, ``GridSearchCV``,
``cross_val_score``.  What they learn is kept as arrays under scikit-learn's names, ``coefs_`` and ``intercepts_``; the
attribute ``module_`` makes a module of this package of them, whose graph can be drawn and explained.

This module needs scikit-learn, and is not loaded by ``import nn``: ``pip install "pathgrad[sklearn]"``.

>>> from nn.data import moons
>>> from sklearn.model_selection import GridSearchCV
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> pipeline = make_pipeline(StandardScaler(), MLPClassifier((8,), learning_rate_init=0.1, random_state=0))
>>> search = GridSearchCV(pipeline, {"mlpclassifier__activation": ["identity", "tanh"]}).fit(*moons(100, rng=0))
>>> search.best_params_
{'mlpclassifier__activation': 'tanh'}
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Literal, TypeAlias, TypeVar
from warnings import warn

import numpy as np
from numpy.typing import ArrayLike

from autograd import no_grad, square
from nn import activations, functional, losses, optim, perceptron
from nn.aliases import Array
from nn.init import positive
from nn.layers import Linear, Sequential
from nn.module import Module
from nn.optimizers import Optimizer
from nn.training import History
from nn.training import fit as train
from nn.training.named import OPTIMIZERS

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state
    from sklearn.utils.class_weight import compute_sample_weight
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data
except ImportError:
    raise ImportError(
        'nn.estimators needs scikit-learn 1.6 or later, which is not installed: pip install "pathgrad[sklearn]"'
    ) from None

__all__ = ["LogisticRegression", "MLPClassifier", "MLPRegressor", "Perceptron"]

Seed: TypeAlias = int | np.random.RandomState | None
"""A seed or a generator, as everywhere in scikit-learn."""

ClassWeight: TypeAlias = dict[Any, float] | Literal["balanced"] | None
"""Factors of the classes; "balanced" for those that give every class the same sum of weights."""

Self = TypeVar("Self", bound="_Estimator")

ACTIVATIONS: dict[str, tuple[type[Module] | None, str]] = {
    "identity": (None, "xavier"),
    "logistic": (activations.Sigmoid, "xavier"),
    "tanh": (activations.Tanh, "xavier"),
    "relu": (activations.ReLU, "he"),
    "gelu": (activations.GELU, "he"),
    "silu": (activations.SiLU, "he"),
    "softplus": (activations.Softplus, "he"),
}
"""The activations of hidden layers, and for each the initialiser of the weights before it."""

_FLOATS = [np.float64, np.float32]


class _Estimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What all estimators share: checked arguments."""

    def _inputs(self, X: Any) -> Array:  # noqa: N803 (scikit-learn's name)
        """Samples to predict for."""
        check_is_fitted(self)
        checked: Array = validate_data(self, X, reset=False, dtype=_FLOATS)
        return checked

    def _warn_unless(self, converged: bool, limit: str) -> None:
        if not converged:
            warn(f"{type(self).__name__} has not converged within {limit}", ConvergenceWarning, stacklevel=3)

    def _seed(self) -> int:
        """A number drawn as ``random_state`` says."""
        return int(check_random_state(self.random_state).randint(2**31))


class _Classifier(ClassifierMixin, _Estimator):  # type: ignore[misc]
    """Predictions from one score for two classes, or from a score for each class."""

    classes_: Array

    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """The scores of samples: one for each class, or for two classes that of the second alone."""
        raise NotImplementedError

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The class of each sample."""
        scores = self.decision_function(X)
        places = scores.argmax(axis=1) if scores.ndim == 2 else (scores > 0).astype(int)
        found: Array = self.classes_[places]
        return found

    def _labels(self, y: Array) -> Array:
        """The classes as numbers; keeps which they are."""
        check_classification_targets(y)
        classes, labels = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"a classifier needs at least two classes, but y has one class, {classes[0]}")
        self.classes_ = classes
        return labels


class _Probabilistic(_Classifier):
    """Classifiers whose scores are logits."""

    class_weight: ClassWeight

    def predict_proba(self, X: Any) -> Array:  # noqa: N803
        """The probability of each class, a row for each sample."""
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return np.stack([activations.sigmoid(-scores), activations.sigmoid(scores)], axis=1)
        return np.asarray(functional.softmax(scores, 1))

    def predict_log_proba(self, X: Any) -> Array:  # noqa: N803
        """The logarithms of :meth:`predict_proba`, also where a probability is rounded to 0."""
        scores = self.decision_function(X)
        if scores.ndim == 1:
            return np.stack([activations.logsigmoid(-scores), activations.logsigmoid(scores)], axis=1)
        return np.asarray(functional.log_softmax(scores, 1))

    def _with_classes(self, labels: Array, weights: Array | None) -> Array | None:
        """The weight of each sample, that of its class included."""
        if self.class_weight is None:
            return weights
        if self.class_weight == "balanced":
            sums = np.bincount(labels, weights, len(self.classes_))
            of_classes: Array = (sums.mean() / sums)[labels]
        else:
            of_classes = compute_sample_weight(self.class_weight, self.classes_[labels])
        return of_classes if weights is None else weights * of_classes

    def _targets(self, labels: Array, dtype: Any) -> Array:
        return labels if len(self.classes_) > 2 else labels.astype(dtype)[:, None]

    @property
    def _loss(self) -> Any:
        return losses.cross_entropy if len(self.classes_) > 2 else losses.binary_cross_entropy_with_logits


def _weights(X: Array, sample_weight: Any) -> Array | None:  # noqa: N803
    if sample_weight is None:
        return None
    weights: Array = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
    return weights


def _counting(X: Array, targets: Array, weights: Array | None) -> tuple[Array, Array, Array | None]:  # noqa: N803
    """The same without samples of weight 0, which would still take their place in a batch."""
    if weights is None or weights.all():
        return X, targets, weights
    if not weights.any():
        raise ValueError("all samples have the weight 0, so that there is no class and no target to learn")
    counts = weights > 0
    return X[counts], targets[counts], weights[counts]


# ---------------------------------------------------------------------------------------------------------------------
# Networks
# ---------------------------------------------------------------------------------------------------------------------


class _Network(_Estimator):
    """A multilayer perceptron."""

    coefs_: list[Array]
    intercepts_: list[Array]
    loss_curve_: list[float]
    n_iter_: int
    _loss: Any
    _optimizer_state: dict[int, Any] | None

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate_init: float = 1e-3,
        max_iter: int = 200,
        random_state: Seed = None,
        tol: float = 1e-4,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.tol = tol
        self.warm_start = warm_start
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change

    @property
    def module_(self) -> Sequential:
        """The network as a module with a copy of what was learnt."""
        check_is_fitted(self)
        kind, _ = _choice("activation", self.activation, ACTIVATIONS)
        layers: list[Module] = []
        for weights, bias in zip(self.coefs_, self.intercepts_, strict=True):
            if layers and kind is not None:
                layers.append(kind())
            layers.append(_linear(weights, bias))
        return Sequential(*layers).eval()

    @property
    def loss_(self) -> float:
        """The loss of the last epoch."""
        check_is_fitted(self)
        return self.loss_curve_[-1]

    def _outputs(self, X: Any) -> Array:  # noqa: N803
        X = self._inputs(X)  # noqa: N806
        with no_grad():
            outputs: Array = self.module_(X).numpy()
        return outputs

    def _start(self, sizes: Sequence[int], dtype: Any) -> None:
        """Draw initial weights."""
        self._rng = np.random.default_rng(self._seed())
        _, init = _choice("activation", self.activation, ACTIVATIONS)
        layers = [Linear(*pair, init=init, rng=self._rng, dtype=dtype) for pair in pairwise(sizes)]
        self._keep(Sequential(*layers))
        self.loss_curve_, self.n_iter_, self._optimizer_state = [], 0, None

    def _sizes(self, X: Array, outputs: int) -> list[int]:  # noqa: N803
        hidden = self.hidden_layer_sizes
        widths = np.ravel(hidden).tolist() if np.size(hidden) else []
        return [X.shape[1], *[positive("a size in hidden_layer_sizes", width) for width in widths], outputs]

    def _keep(self, module: Sequential) -> None:
        """Keep the weights of a module."""
        state = list(module.state_dict().values())
        self.coefs_ = [np.ascontiguousarray(weights.T) for weights in state[::2]]
        self.intercepts_ = state[1::2]

    def _learn(self, X: Array, targets: Array, weights: Array | None) -> None:  # noqa: N803
        """Learn until the loss stays where it is."""
        validation = None
        if self.early_stopping:
            X, targets, weights, validation = self._held_out(X, targets, weights)  # noqa: N806
        module = self.module_
        data = _counting(X, targets, weights)
        self._optimizer_state = None
        history = self._trained(
            module,
            self._optimizer(module, *data),
            *data,
            epochs=self.max_iter,
            validation=validation,
            patience=self.n_iter_no_change,
            tolerance=self.tol,
        )
        self._warn_unless(history.ended == "patience", f"max_iter={self.max_iter} epochs")

    def _learn_once(self, X: Array, targets: Array, weights: Array | None) -> None:  # noqa: N803
        """Take each batch once, with the optimizer in its state after the last call."""
        module, data = self.module_, _counting(X, targets, weights)
        optimizer = self._optimizer(module, *data)
        if self._optimizer_state is not None:
            optimizer.load_state_dict({**optimizer.state_dict(), "state": self._optimizer_state})
        self._trained(module, optimizer, *data, epochs=1)
        self._optimizer_state = optimizer.state_dict()["state"]

    def _held_out(self, X: Array, targets: Array, weights: Array | None) -> tuple[Any, ...]:  # noqa: N803
        """What to learn, and a pair of samples and targets to watch."""
        rows, watched = train_test_split(
            np.arange(len(X)),
            test_size=self.validation_fraction,
            random_state=self._seed(),
            stratify=targets if isinstance(self, ClassifierMixin) else None,
        )
        return X[rows], targets[rows], None if weights is None else weights[rows], (X[watched], targets[watched])

    def _trained(
        self,
        module: Sequential,
        optimizer: Optimizer,
        X: Array,  # noqa: N803
        targets: Array,
        weights: Array | None,
        **options: Any,
    ) -> History:
        """Train the module, and keep what it has learnt."""
        history = train(
            module,
            (X, targets),
            self._loss,
            optimizer,
            batch_size=self._batch_size(len(X)),
            sample_weight=weights,
            rng=self._rng,
            progress=False,
            **options,
        )
        self._keep(module)
        self.loss_curve_ = self.loss_curve_ + history["loss"]
        self.n_iter_ += history.epochs
        if history.interrupted:  # what was learnt is kept, and a search over many estimators ends
            raise KeyboardInterrupt
        return history

    def _batch_size(self, samples: int) -> int:
        return min(200, samples) if self.batch_size == "auto" else min(self.batch_size, samples)

    def _optimizer(self, module: Module, X: Array, targets: Array, weights: Array | None) -> Optimizer:  # noqa: N803
        """The optimizer, whose weight decay is the derivative of ½ alpha |w|² over the weight of a batch."""
        weight = self._batch_size(len(X)) * (1.0 if weights is None else float(weights.mean()))
        kind = _choice("solver", self.solver, OPTIMIZERS)
        momentum = {"momentum": self.momentum, "nesterov": self.nesterovs_momentum and self.momentum > 0}
        parameters = module.parameters()
        made: Optimizer = kind(
            [
                {"params": parameters[::2], "weight_decay": self.alpha / weight},
                {"params": parameters[1::2], "weight_decay": 0.0},
            ],
            lr=self.learning_rate_init,
            **(momentum if self.solver == "sgd" else {}),
        )
        return made


def _linear(weights: Array, bias: Array) -> Linear:
    """A layer with copies of these weights, a column for each output, and of this bias."""
    layer = Linear(*weights.shape, init="zeros", dtype=weights.dtype)
    layer.load_state_dict({"weight": weights.T, "bias": bias})
    return layer


def _choice(name: str, chosen: Any, choices: dict[str, Any]) -> Any:
    if not isinstance(chosen, str) or chosen not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {chosen!r}")
    return choices[chosen]


class MLPClassifier(_Probabilistic, _Network):
    """A network that predicts classes.

    Args:
        hidden_layer_sizes: the number of neurons in each hidden layer.
        activation: one of :data:`ACTIVATIONS`, for the hidden layers.
        solver: the optimizer: "adam", "sgd", "adamw", "rmsprop" or "adagrad".
        alpha: the strength of the penalty ½ alpha |w|² on the weights, divided by the number of samples in a batch.  It
            acts by the optimizer's weight decay, and is not part of the loss that is reported.
        batch_size: the number of samples for each step; "auto" for 200, or all if there are fewer.
        learning_rate_init: the learning rate.
        max_iter: the largest number of epochs.
        random_state: a seed or a generator, for the initial weights and the order of the samples.
        tol: training ends when ``n_iter_no_change`` epochs in a row have not lowered the loss by more than this.
        warm_start: whether ``fit`` continues from the weights of the last call.
        momentum: the momentum of "sgd".
        nesterovs_momentum: whether it is Nesterov's.
        early_stopping: whether the loss to watch is that of held-out samples; the weights are then those of the epoch
            with the lowest.
        validation_fraction: the fraction of samples to hold out.
        n_iter_no_change: see ``tol``.
        class_weight: a factor for each class, as a dict; or "balanced".

    Attributes:
        classes_: the classes, in order.
        coefs_: the weights of each layer, a column for each neuron.
        intercepts_: the biases of each layer.
        loss_curve_: the loss of each epoch; ``loss_`` is the last one.
        n_iter_: the number of epochs.
        module_: the network as a module.

    >>> from nn.data import gate
    >>> classifier = MLPClassifier((4,), "tanh", learning_rate_init=0.1, random_state=1).fit(*gate("xor"))
    >>> classifier.predict([[0, 0], [0, 1]]), classifier.module_
    (array([0, 1]), Sequential(
      (0): Linear(in_features=2, out_features=4, bias=True)
      (1): Tanh()
      (2): Linear(in_features=4, out_features=1, bias=True)
    ))
    """

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 1e-4,
        batch_size: int | Literal["auto"] = "auto",
        learning_rate_init: float = 1e-3,
        max_iter: int = 200,
        random_state: Seed = None,
        tol: float = 1e-4,
        warm_start: bool = False,
        momentum: float = 0.9,
        nesterovs_momentum: bool = True,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        class_weight: ClassWeight = None,
    ) -> None:
        super().__init__(
            hidden_layer_sizes,
            activation,
            solver=solver,
            alpha=alpha,
            batch_size=batch_size,
            learning_rate_init=learning_rate_init,
            max_iter=max_iter,
            random_state=random_state,
            tol=tol,
            warm_start=warm_start,
            momentum=momentum,
            nesterovs_momentum=nesterovs_momentum,
            early_stopping=early_stopping,
            validation_fraction=validation_fraction,
            n_iter_no_change=n_iter_no_change,
        )
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> MLPClassifier:  # noqa: N803
        """Learn from samples and their classes.

        Raises:
            ValueError: if an argument does not match, or with ``warm_start`` the classes differ.
            FloatingPointError: if a loss or a gradient becomes nan or infinite.
        """
        X, y = validate_data(self, X, y, dtype=_FLOATS)  # noqa: N806
        X, y, weights = _counting(X, y, _weights(X, sample_weight))  # noqa: N806
        before = getattr(self, "classes_", None) if self.warm_start else None
        labels = self._labels(y)
        if before is None:
            self._start_for(X)
        elif not np.array_equal(before, self.classes_):
            self.classes_, found = before, self.classes_
            raise ValueError(f"warm_start continues with the classes {before}, but y has {found}")
        self._learn(X, self._targets(labels, X.dtype), self._with_classes(labels, weights))
        return self

    def partial_fit(
        self,
        X: Any,  # noqa: N803
        y: Any,
        classes: Any = None,
        sample_weight: ArrayLike | None = None,
    ) -> MLPClassifier:
        """Take each batch of these samples once, and continue from there in the next call.

        Args:
            X: samples.
            y: their classes.
            classes: all classes, in the first call.
            sample_weight: a number for each sample.

        Raises:
            ValueError: if the first call has no classes, or if a class is not one of them.
        """
        first = not hasattr(self, "classes_")
        if first and classes is None:
            raise ValueError("the first call of partial_fit needs all classes: pass classes=")
        if self.class_weight == "balanced":
            raise ValueError('partial_fit does not see all samples: pass class_weight as a dict, not "balanced"')
        X, y = validate_data(self, X, y, dtype=_FLOATS, reset=first)  # noqa: N806
        known = np.unique(classes) if first else self.classes_
        if classes is not None and not np.array_equal(np.unique(classes), known):
            raise ValueError(f"the classes {np.unique(classes)} are not those of the first call, {known}")
        if (strange := np.setdiff1d(y, known)).size:
            raise ValueError(f"y has the classes {strange}, which are not among {known}")
        if first:
            self.classes_ = known
            self._start_for(X)
        labels, weights = np.searchsorted(known, y), _weights(X, sample_weight)
        self._learn_once(X, self._targets(labels, X.dtype), self._with_classes(labels, weights))
        return self

    def _start_for(self, X: Array) -> None:  # noqa: N803
        self._start(self._sizes(X, 1 if len(self.classes_) == 2 else len(self.classes_)), X.dtype)

    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """The logits of samples: one for each class, or for two classes that of the second alone."""
        logits = self._outputs(X)
        return logits[:, 0] if logits.shape[1] == 1 else logits


class MLPRegressor(RegressorMixin, _Network):  # type: ignore[misc]
    """A network that predicts numbers, by the least squared error.

    Arguments and attributes are those of :class:`MLPClassifier`, without classes.  The loss of a sample is
    half the squared error, summed over its numbers.

    >>> x = np.linspace(-1, 1, 50)[:, None]
    >>> regressor = MLPRegressor((20,), "tanh", learning_rate_init=0.02, max_iter=500, random_state=0)
    >>> regressor.fit(x, np.sin(3 * x[:, 0])).score(x, np.sin(3 * x[:, 0])) > 0.95
    True
    """

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> MLPRegressor:  # noqa: N803
        """Learn from samples and their numbers, one or several for each sample.

        Raises:
            ValueError: if an argument does not match.
            FloatingPointError: if a loss or a gradient becomes nan or infinite.
        """
        X, targets, weights = self._checked(X, y, sample_weight, reset=True)  # noqa: N806
        if not (self.warm_start and hasattr(self, "coefs_")):
            self._start(self._sizes(X, targets.shape[1]), X.dtype)
        self._learn(X, targets, weights)
        return self

    def partial_fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> MLPRegressor:  # noqa: N803
        """Take each batch of these samples once, and continue from there in the next call."""
        first = not hasattr(self, "coefs_")
        X, targets, weights = self._checked(X, y, sample_weight, reset=first)  # noqa: N806
        if first:
            self._start(self._sizes(X, targets.shape[1]), X.dtype)
        self._learn_once(X, targets, weights)
        return self

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The numbers of each sample, in the shape of ``y``."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._one_axis else outputs

    def _checked(self, X: Any, y: Any, sample_weight: Any, reset: bool) -> tuple[Array, Array, Array | None]:  # noqa: N803
        X, y = validate_data(self, X, y, dtype=_FLOATS, multi_output=True, y_numeric=True, reset=reset)  # noqa: N806
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        self._one_axis = y.ndim == 1
        return (*_counting(X, y.reshape(len(y), -1).astype(X.dtype), _weights(X, sample_weight)),)

    @staticmethod
    def _loss(outputs: Any, targets: Any, *, reduction: Any = "mean") -> Any:
        return outputs.shape[1] * losses.half_squared_error(outputs, targets, reduction=reduction)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


# ---------------------------------------------------------------------------------------------------------------------
# Linear classifiers
# ---------------------------------------------------------------------------------------------------------------------


class LogisticRegression(_Probabilistic):
    """Logistic regression, fitted by L-BFGS.

    Args:
        C: the inverse strength of the penalty: the loss is Σ wᵢ lossᵢ + |w|² / 2C.  ``np.inf`` for none.
        tol: the fit ends when no gradient of the mean loss is larger.
        class_weight: as for :class:`MLPClassifier`.
        max_iter: the largest number of iterations.

    Attributes:
        classes_: the classes, in order.
        coef_: the weights, a row for each class, or for two classes a single row.
        intercept_: the biases.
        n_iter_: the number of iterations, in an array of one number.
        module_: the fitted linear layer.

    >>> from nn.data import gate
    >>> LogisticRegression(C=100).fit(*gate("or")).predict([[0, 0], [0, 1]])
    array([0, 1])
    """

    def __init__(
        self,
        *,
        C: float = 1.0,  # noqa: N803 (scikit-learn's name)
        tol: float = 1e-4,
        class_weight: ClassWeight = None,
        max_iter: int = 100,
    ) -> None:
        self.C = C
        self.tol = tol
        self.class_weight = class_weight
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> LogisticRegression:  # noqa: N803
        """Learn from samples and their classes.

        Raises:
            ValueError: if an argument does not match.
        """
        if not self.C > 0:
            raise ValueError(f"C must be positive, not {self.C!r}")
        X, y = validate_data(self, X, y, dtype=_FLOATS)  # noqa: N806
        X, y, weights = _counting(X, y, _weights(X, sample_weight))  # noqa: N806
        labels = self._labels(y)
        targets, weights = self._targets(labels, X.dtype), self._with_classes(labels, weights)
        layer = Linear(X.shape[1], 1 if len(self.classes_) == 2 else len(self.classes_), init="zeros", dtype=X.dtype)
        loss, strength = self._loss, 1.0 / (self.C * (len(X) if weights is None else weights.sum()))

        def penalised(outputs: Any, targets: Any, *, reduction: Any = "mean") -> Any:
            penalty = 0.5 * strength * square(layer.weight).sum()
            return loss(outputs, targets, reduction=reduction) + penalty

        optimizer = optim.LBFGS(
            layer.parameters(),
            max_iter=self.max_iter,
            tolerance_grad=self.tol,
            tolerance_change=1e-3 * self.tol**2,  # near the optimum, the loss goes with the square of the gradient
            line_search_fn="strong_wolfe",
        )
        train(layer, (X, targets), penalised, optimizer, 1, sample_weight=weights, progress=False)
        iterations = optimizer.state[layer.weight]["n"]
        self.coef_, self.intercept_ = layer.state_dict().values()
        self.n_iter_ = np.array([iterations])
        self._warn_unless(iterations < self.max_iter, f"max_iter={self.max_iter} iterations")
        return self

    @property
    def module_(self) -> Linear:
        """The fitted layer, with a copy of what was learnt."""
        check_is_fitted(self)
        return _linear(self.coef_.T, self.intercept_)

    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """The logits of samples: one for each class, or for two classes that of the second alone."""
        logits: Array = self._inputs(X) @ self.coef_.T + self.intercept_
        return logits[:, 0] if logits.shape[1] == 1 else logits


class Perceptron(_Classifier):
    """Rosenblatt's perceptron by the rule of :class:`nn.Perceptron`, for two classes.

    Args:
        max_updates: the number of updates of the weights after which to give up.
        random_state: a seed or a generator, for the choice among misclassified samples.

    Attributes:
        classes_: the two classes.
        coef_: the weights, in a single row.
        intercept_: the bias, in an array of one number.
        n_updates_: the number of updates.
        perceptron_: the same as :class:`nn.Perceptron`.

    >>> from nn.data import gate
    >>> Perceptron(random_state=0).fit(*gate("and")).predict([[1, 0], [1, 1]])
    array([0, 1])
    """

    def __init__(self, *, max_updates: int = 1000, random_state: Seed = None) -> None:
        self.max_updates = max_updates
        self.random_state = random_state

    def fit(self, X: Any, y: Any) -> Perceptron:  # noqa: N803
        """Learn from samples and their classes.

        Raises:
            ValueError: if there are not exactly two classes.
        """
        X, y = validate_data(self, X, y, dtype=_FLOATS)  # noqa: N806
        labels = self._labels(y)
        if len(self.classes_) > 2:
            raise ValueError(
                f"Only binary classification is supported: a perceptron has two classes, not {len(self.classes_)}"
            )
        learner = perceptron.Perceptron(np.zeros(X.shape[1] + 1))
        trace = learner.learn(X, 2 * labels - 1, np.random.default_rng(self._seed()), self.max_updates)
        self.coef_, self.intercept_ = trace.weights[None, 1:], trace.weights[:1]
        self.n_updates_ = len(trace.steps)
        self._warn_unless(trace.converged, f"max_updates={self.max_updates} updates")
        return self

    @property
    def perceptron_(self) -> perceptron.Perceptron:
        """The perceptron, with a copy of the weights."""
        check_is_fitted(self)
        return perceptron.Perceptron(np.append(self.intercept_, self.coef_))

    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """The weighted sums ``w·x`` of samples, positive for the second class."""
        sums: Array = self._inputs(X) @ self.coef_[0] + self.intercept_[0]
        return sums

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        return tags
