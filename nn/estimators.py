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
from dataclasses import KW_ONLY, dataclass
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
from nn.training import History, Training, evaluate
from nn.training import fit as train
from nn.training.named import OPTIMIZERS

try:
    from scipy.sparse import issparse
    from scipy.special import xlogy
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.metrics import r2_score
    from sklearn.model_selection import train_test_split
    from sklearn.utils import check_random_state
    from sklearn.utils.class_weight import compute_sample_weight
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
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

_LEAST_RATE = 1e-6
"""Where "adaptive" has reached this learning rate, training ends instead of going on with a lower one."""


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
    """Predictions from one score for two classes, or from a score for each class or label."""

    classes_: Array
    _multilabel = False

    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """The scores of samples: one for each class, or for two classes that of the second alone."""
        raise NotImplementedError

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The class of each sample, or 1 for each label that it has and 0 for the others."""
        scores = self.decision_function(X)
        if self._multilabel:
            return (scores > 0).astype(int)
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
        """The probability of each class or label, a row for each sample."""
        scores = self.decision_function(X)
        if self._multilabel:
            return np.asarray(activations.sigmoid(scores))
        if scores.ndim == 1:
            return np.stack([activations.sigmoid(-scores), activations.sigmoid(scores)], axis=1)
        return np.asarray(functional.softmax(scores, 1))

    def predict_log_proba(self, X: Any) -> Array:  # noqa: N803
        """The logarithms of :meth:`predict_proba`, also where a probability is rounded to 0."""
        scores = self.decision_function(X)
        if self._multilabel:
            return np.asarray(activations.logsigmoid(scores))
        if scores.ndim == 1:
            return np.stack([activations.logsigmoid(-scores), activations.logsigmoid(scores)], axis=1)
        return np.asarray(functional.log_softmax(scores, 1))

    def _with_classes(self, labels: Array, weights: Array | None) -> Array | None:
        """The weight of each sample, that of its class included."""
        if self.class_weight is None:
            return weights
        if self._multilabel:
            raise ValueError("class_weight is for samples of one class: pass sample_weight for those of several labels")
        if self.class_weight == "balanced":
            sums = np.bincount(labels, weights, len(self.classes_))
            of_classes: Array = (sums.mean() / sums)[labels]
        else:
            of_classes = compute_sample_weight(self.class_weight, self.classes_[labels])
        return of_classes if weights is None else weights * of_classes

    def _targets(self, labels: Array, dtype: Any) -> Array:
        if self._multilabel:
            return labels.astype(dtype)
        return labels if len(self.classes_) > 2 else labels.astype(dtype)[:, None]

    @property
    def _loss(self) -> Any:
        if self._multilabel:
            return _summed(losses.binary_cross_entropy_with_logits)
        return losses.cross_entropy if len(self.classes_) > 2 else losses.binary_cross_entropy_with_logits


def _summed(loss: Any) -> Any:
    """A loss that is a mean over the outputs of a sample, as their sum."""

    def summed(outputs: Any, targets: Any, *, reduction: Any = "mean") -> Any:
        return outputs.shape[1] * loss(outputs, targets, reduction=reduction)

    return summed


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


def _by_lbfgs(
    module: Module,
    loss: Any,
    penalised: Sequence[Any],
    strength: float,
    data: tuple[Array, Array, Array | None],
    tol: float,
    *,
    max_iter: int,
    max_eval: int = 15000,
) -> tuple[int, bool]:
    """Minimise a loss and ½ strength |w|² over all samples, by L-BFGS.

    Returns:
        The number of iterations, and whether fewer of them and of evaluations were enough than are allowed.
    """
    x, targets, weights = data
    calls = 0

    def with_penalty(outputs: Any, targets: Any, *, reduction: Any = "mean") -> Any:
        nonlocal calls
        calls += 1
        penalty = 0.5 * strength * sum(square(w).sum() for w in penalised)
        return loss(outputs, targets, reduction=reduction) + penalty

    optimizer = optim.LBFGS(
        module.parameters(),
        tolerance_grad=tol,
        tolerance_change=1e-3 * tol**2,  # near the optimum, the loss goes with the square of the gradient
        line_search_fn="strong_wolfe",
        max_iter=max_iter,
        max_eval=max_eval,
    )
    history = train(module, (x, targets), with_penalty, optimizer, 1, sample_weight=weights, progress=False)
    if history.interrupted:
        raise KeyboardInterrupt
    iterations = int(optimizer.state[module.parameters()[0]]["n"])
    return iterations, iterations < max_iter and calls < max_eval


# ---------------------------------------------------------------------------------------------------------------------
# Networks
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(eq=False, repr=False)
class _NetworkParameters:
    """The parameters of a network, which :class:`MLPClassifier` describes."""

    hidden_layer_sizes: int | Sequence[int] = (100,)
    activation: str = "relu"
    _: KW_ONLY
    solver: str = "adam"
    alpha: float = 1e-4
    batch_size: int | Literal["auto"] = "auto"
    learning_rate: str = "constant"
    learning_rate_init: float = 1e-3
    power_t: float = 0.5
    max_iter: int = 200
    shuffle: bool = True
    random_state: Seed = None
    tol: float = 1e-4
    verbose: bool = False
    warm_start: bool = False
    momentum: float = 0.9
    nesterovs_momentum: bool = True
    early_stopping: bool = False
    validation_fraction: float = 0.1
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    n_iter_no_change: int = 10
    max_fun: int = 15000


class _Network(_NetworkParameters, _Estimator):
    """A multilayer perceptron."""

    coefs_: list[Array]
    intercepts_: list[Array]
    loss_curve_: list[float]
    validation_scores_: list[float] | None
    n_iter_: int
    t_: int
    _loss: Any
    _rate: float  # the learning rate, which "adaptive" lowers
    _waited: int  # the number of epochs since the last one that was better
    _optimizer_state: dict[int, Any] | None

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

    @property
    def best_loss_(self) -> float | None:
        """The lowest loss of an epoch; ``None`` with ``early_stopping``."""
        check_is_fitted(self)
        return min(self.loss_curve_) if self.validation_scores_ is None else None

    @property
    def best_validation_score_(self) -> float | None:
        """The best score of the held-out samples after an epoch; ``None`` without ``early_stopping``."""
        check_is_fitted(self)
        return max(self.validation_scores_) if self.validation_scores_ else None

    @property
    def n_layers_(self) -> int:
        """The number of layers, those of the inputs and the outputs included."""
        check_is_fitted(self)
        return len(self.coefs_) + 1

    @property
    def n_outputs_(self) -> int:
        """The number of outputs."""
        check_is_fitted(self)
        return len(self.intercepts_[-1])

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
        self._keep(Sequential(*layers).state_dict())
        self.loss_curve_, self.n_iter_, self.t_ = [], 0, 0
        self.validation_scores_ = [] if self.early_stopping else None
        self._rate, self._waited, self._optimizer_state = self.learning_rate_init, 0, None

    def _sizes(self, X: Array, outputs: int) -> list[int]:  # noqa: N803
        hidden = self.hidden_layer_sizes
        widths = np.ravel(hidden).tolist() if np.size(hidden) else []
        return [X.shape[1], *[positive("a size in hidden_layer_sizes", width) for width in widths], outputs]

    def _keep(self, state: dict[str, Array]) -> None:
        """Keep the weights of a module's ``state_dict``."""
        arrays = list(state.values())
        self.coefs_ = [np.ascontiguousarray(weights.T) for weights in arrays[::2]]
        self.intercepts_ = arrays[1::2]

    def _learn(self, X: Array, targets: Array, weights: Array | None) -> None:  # noqa: N803
        """Learn until the loss stays where it is."""
        if self.solver == "lbfgs":
            self._solve(X, targets, weights)
            return
        held_out = None
        if self.early_stopping:
            X, targets, weights, held_out = self._held_out(X, targets, weights)  # noqa: N806
        if self.early_stopping != (self.validation_scores_ is not None):  # switched since the last call
            self.validation_scores_ = [] if self.early_stopping else None
        self._rate, self._optimizer_state = self.learning_rate_init, None
        history = self._trained(_counting(X, targets, weights), self.max_iter, held_out)
        self._warn_unless(history.ended != "all epochs", f"max_iter={self.max_iter} epochs")

    def _solve(self, X: Array, targets: Array, weights: Array | None) -> None:  # noqa: N803
        """Learn from all samples at once, by L-BFGS."""
        module, data = self.module_, _counting(X, targets, weights)
        strength = self.alpha / (len(data[0]) if data[2] is None else data[2].sum())
        weights_of_layers = module.parameters()[::2]
        iterations, converged = _by_lbfgs(
            module,
            self._loss,
            weights_of_layers,
            strength,
            data,
            self.tol,
            max_iter=self.max_iter,
            max_eval=self.max_fun,
        )
        self._keep(module.state_dict())
        self.n_iter_ = iterations
        self.t_ += iterations * len(data[0])
        self.loss_curve_ = [*self.loss_curve_, evaluate(module, data[:2], self._loss)["loss"]]
        if self.verbose:
            print(f"Iteration {self.n_iter_}, loss = {self.loss_:.8f}")
        self._warn_unless(converged, f"max_iter={self.max_iter} iterations and max_fun={self.max_fun} evaluations")

    def _learn_once(self, X: Array, targets: Array, weights: Array | None) -> None:  # noqa: N803
        """Take each batch once, with the optimizer in its state after the last call."""
        if self.early_stopping:
            raise ValueError("partial_fit holds no samples out: pass early_stopping=False")
        self._trained(_counting(X, targets, weights), 1)

    def _held_out(self, X: Array, targets: Array, weights: Array | None) -> tuple[Any, ...]:  # noqa: N803
        """What to learn, and the samples, targets and weights to measure the score of."""
        rows, watched = train_test_split(
            np.arange(len(X)),
            test_size=self.validation_fraction,
            random_state=self._seed(),
            stratify=targets if isinstance(self, _Classifier) and not self._multilabel else None,
        )
        if len(watched) < 2:
            raise ValueError("early_stopping holds out a single sample: pass a larger validation_fraction")
        parts = [(X[part], targets[part], None if weights is None else weights[part]) for part in (rows, watched)]
        return *parts[0], parts[1]

    def _trained(
        self, data: tuple[Array, Array, Array | None], epochs: int, held_out: tuple[Any, ...] | None = None
    ) -> History:
        """Train the network and keep what it has learnt, of the best epoch if samples are held out."""
        X, targets, weights = data  # noqa: N806
        module = self.module_
        optimizer = self._optimizer(module, X, weights)
        watch = _Watch(self, held_out, module)
        history = train(
            module,
            (X, targets),
            self._loss,
            optimizer,
            epochs,
            batch_size=self._batch_size(len(X)),
            shuffle=self.shuffle,
            schedule=self._schedule(optimizer, len(X)),
            sample_weight=weights,
            callbacks=[watch],
            rng=self._rng,
            progress=False,
        )
        self._keep(watch.best_weights or module.state_dict())
        self._optimizer_state = optimizer.state_dict()["state"]
        self.n_iter_ = history.epochs
        self.t_ += history.epochs * len(X)
        if history.interrupted:  # what was learnt is kept, and a search over many estimators ends
            raise KeyboardInterrupt
        return history

    def _batch_size(self, samples: int) -> int:
        return min(200, samples) if self.batch_size == "auto" else min(self.batch_size, samples)

    def _optimizer(self, module: Module, X: Array, weights: Array | None) -> Optimizer:  # noqa: N803
        """The optimizer, whose weight decay is the derivative of ½ alpha |w|² over the weight of a batch."""
        weight = self._batch_size(len(X)) * (1.0 if weights is None else float(weights.mean()))
        kind = _choice("solver", self.solver, {**OPTIMIZERS, "lbfgs": optim.LBFGS})
        options: dict[str, Any] = {}
        if self.solver == "sgd":
            nesterov = self.nesterovs_momentum and self.momentum > 0
            options = {"momentum": self.momentum, "nesterov": nesterov, "velocity": True}
        elif self.solver in ("adam", "adamw"):
            options = {"betas": (self.beta_1, self.beta_2), "eps": self.epsilon}
        parameters = module.parameters()
        made: Optimizer = kind(
            [
                {"params": parameters[::2], "weight_decay": self.alpha / weight},
                {"params": parameters[1::2], "weight_decay": 0.0},
            ],
            lr=self._rate if self._is_adaptive else self.learning_rate_init,
            **options,
        )
        if self._optimizer_state is not None:
            made.load_state_dict({**made.state_dict(), "state": self._optimizer_state})
        return made

    @property
    def _is_adaptive(self) -> bool:
        return self.solver == "sgd" and self.learning_rate == "adaptive"

    def _schedule(self, optimizer: Optimizer, samples: int) -> Any:
        """The schedule of the learning rate; its times are numbers of samples, as in scikit-learn."""
        seen, power = self.t_, self.power_t
        schedules = {
            "constant": lambda: None,
            "invscaling": lambda: optim.LambdaLR(optimizer, lambda epoch: (seen + epoch * samples + 1.0) ** -power),
            "adaptive": lambda: None,  # by _Watch
        }
        made = _choice("learning_rate", self.learning_rate, schedules)
        return made() if self.solver == "sgd" else None

    def _score(self, outputs: Array, targets: Array, weights: Array | None) -> float:
        """How good outputs are, the more the better."""
        raise NotImplementedError


class _Watch:
    """After each epoch, says how far training has come; ends it, or lowers an adaptive rate, when it gets no further.

    What it watches is the loss, or the score of samples that are held out.  It counts as scikit-learn does.

    Args:
        network: the estimator, whose curves it extends.
        held_out: samples, targets and weights; or ``None``.
        module: the module that is trained.

    Attributes:
        best_weights: with samples held out, the ``state_dict`` of the module when their score was best.
    """

    def __init__(self, network: _Network, held_out: tuple[Any, ...] | None, module: Sequential) -> None:
        self.network, self.held_out = network, held_out
        self.best_weights = None if held_out is None else module.state_dict()
        scores = [-loss for loss in network.loss_curve_] if held_out is None else network.validation_scores_
        self.best = max(scores or (), default=-np.inf)

    def __call__(self, training: Training) -> None:
        network = self.network
        network.loss_curve_.append(training.history["loss"][-1])
        if network.verbose:
            print(f"Iteration {training.epoch}, loss = {network.loss_:.8f}")
        score = -network.loss_ if self.held_out is None else self._measured(training.model, *self.held_out)
        network._waited = network._waited + 1 if score < self.best + network.tol else 0
        if score > self.best:
            self.best = score
            self.best_weights = None if self.held_out is None else training.model.state_dict()
        if network._waited > network.n_iter_no_change:
            self._get_no_further(training)

    def _measured(self, module: Module, samples: Array, targets: Array, weights: Array | None) -> float:
        """Measure the score of the held-out samples, and append it."""
        with no_grad():
            outputs = module.eval()(samples).numpy()
        score = self.network._score(outputs, targets, weights)
        self.network.validation_scores_ = [*(self.network.validation_scores_ or ()), score]
        if self.network.verbose:
            print(f"Validation score: {score:f}")
        return score

    def _get_no_further(self, training: Training) -> None:
        network = self.network
        training.stop = not network._is_adaptive or network._rate <= _LEAST_RATE
        if not training.stop:
            network._rate /= 5.0
            network._waited = 0
            for group in training.optimizer.param_groups:
                group["lr"] = network._rate


def _learns_in_parts(network: _Network) -> bool:
    if network.solver == "lbfgs":
        raise AttributeError('"lbfgs" learns from all samples at once: partial_fit needs another solver')
    return True


def _linear(weights: Array, bias: Array) -> Linear:
    """A layer with copies of these weights, a column for each output, and of this bias."""
    layer = Linear(*weights.shape, init="zeros", dtype=weights.dtype)
    layer.load_state_dict({"weight": weights.T, "bias": bias})
    return layer


def _choice(name: str, chosen: Any, choices: dict[str, Any]) -> Any:
    if not isinstance(chosen, str) or chosen not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {chosen!r}")
    return choices[chosen]


@dataclass(eq=False, repr=False)
class MLPClassifier(_Probabilistic, _Network):
    """A network that predicts classes.

    Args:
        hidden_layer_sizes: the number of neurons in each hidden layer.
        activation: one of :data:`ACTIVATIONS`, for the hidden layers.
        solver: "adam", "sgd", "adamw", "rmsprop" or "adagrad"; or "lbfgs", which learns from all samples at once.
        alpha: the strength of the penalty ½ alpha |w|² on the weights, divided by the number of samples in a batch.  It
            acts by the optimizer's weight decay, and is not part of the loss that is reported.
        batch_size: the number of samples for each step; "auto" for 200, or all if there are fewer.
        learning_rate: the schedule of "sgd": "constant"; "invscaling", by which the rate of an epoch is
            ``learning_rate_init / (t + 1) ** power_t``, where t counts the samples before it; or "adaptive", by which
            the rate is divided by 5 where training would end, until it is at most 1e-6.
        learning_rate_init: the learning rate at the start.
        power_t: the exponent of "invscaling".
        max_iter: the largest number of epochs, or of iterations of "lbfgs".
        shuffle: whether each epoch takes the samples in a new order.
        random_state: a seed or a generator, for the initial weights and the order of the samples.
        tol: training ends when more than ``n_iter_no_change`` epochs in a row have not lowered the loss by this much,
            as in scikit-learn; with "lbfgs" when no gradient is larger.
        verbose: whether to print the loss of each epoch.
        warm_start: whether ``fit`` continues from the weights of the last call.
        momentum: the momentum of "sgd".
        nesterovs_momentum: whether it is Nesterov's.
        early_stopping: whether to watch the score of held-out samples in place of the loss; the weights are then those
            of the epoch with the best.  ``partial_fit`` refuses it.
        validation_fraction: the fraction of samples to hold out.
        beta_1: the decay of the mean of gradients in "adam" and "adamw".
        beta_2: the decay of the mean of their squares.
        epsilon: what these two add to the root of that mean, which is corrected before, as in PyTorch.
        n_iter_no_change: see ``tol``.
        max_fun: the largest number of evaluations of "lbfgs".
        class_weight: a factor for each class, as a dict; or "balanced".

    Attributes:
        classes_: the classes, in order.
        coefs_: the weights of each layer, a column for each neuron.
        intercepts_: the biases of each layer.
        loss_curve_: the loss of each epoch; ``loss_`` is the last one, and ``best_loss_`` the lowest.
        validation_scores_: with ``early_stopping`` the score of the held-out samples after each epoch, the accuracy or
            for numbers R²; ``best_validation_score_`` is the best.
        n_iter_: the number of epochs of the last call.
        t_: the number of samples that were learnt from, as often as they were.
        module_: the network as a module.

    Several labels for each sample are a column of 0 and 1 for each label in ``y``.  ``X`` is dense: of a sparse matrix,
    pass ``X.toarray()``.

    >>> from nn.data import gate
    >>> classifier = MLPClassifier((4,), "tanh", learning_rate_init=0.1, random_state=1).fit(*gate("xor"))
    >>> classifier.predict([[0, 0], [0, 1]]), classifier.module_
    (array([0, 1]), Sequential(
      (0): Linear(in_features=2, out_features=4, bias=True)
      (1): Tanh()
      (2): Linear(in_features=4, out_features=1, bias=True)
    ))
    """

    class_weight: ClassWeight = None

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> MLPClassifier:  # noqa: N803
        """Learn from samples and their classes.

        Raises:
            ValueError: if an argument does not match, or with ``warm_start`` the classes differ.
            FloatingPointError: if a loss or a gradient becomes nan or infinite.
        """
        X, y = self._samples(X, y, reset=True)  # noqa: N806
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

    def _samples(self, X: Any, y: Any, reset: bool) -> tuple[Array, Array]:  # noqa: N803
        """Samples, and their classes or for several labels a column of 0 and 1 for each label."""
        X, y = validate_data(self, X, y, dtype=_FLOATS, multi_output=True, reset=reset)  # noqa: N806
        y = y.toarray() if issparse(y) else y
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        multilabel = type_of_target(y) == "multilabel-indicator"
        if y.ndim == 2 and not multilabel:
            raise ValueError("y must have one class for each sample, or a column of 0 and 1 for each label")
        goes_on = not reset or (self.warm_start and hasattr(self, "classes_"))
        if goes_on and multilabel != self._multilabel:
            raise ValueError("y has several labels for each sample in one call, and one class in another")
        self._multilabel = multilabel
        return X, y

    def _labels(self, y: Array) -> Array:
        if not self._multilabel:
            return super()._labels(y)
        self.classes_ = np.arange(y.shape[1])
        return y

    @available_if(_learns_in_parts)  # type: ignore[untyped-decorator]
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
        X, y = self._samples(X, y, reset=first)  # noqa: N806
        known = np.unique(classes) if first else self.classes_
        if classes is not None and not np.array_equal(np.unique(classes), known):
            raise ValueError(f"the classes {np.unique(classes)} are not those of the first call, {known}")
        if self._multilabel and y.shape[1] != len(known):
            raise ValueError(f"y has {y.shape[1]} labels, not {len(known)}")
        if not self._multilabel and (strange := np.setdiff1d(y, known)).size:
            raise ValueError(f"y has the classes {strange}, which are not among {known}")
        if first:
            self.classes_ = known
            self._start_for(X)
        labels = y if self._multilabel else np.searchsorted(known, y)
        weights = _weights(X, sample_weight)
        self._learn_once(X, self._targets(labels, X.dtype), self._with_classes(labels, weights))
        return self

    def _start_for(self, X: Array) -> None:  # noqa: N803
        single = len(self.classes_) == 2 and not self._multilabel
        self._start(self._sizes(X, 1 if single else len(self.classes_)), X.dtype)

    @property
    def out_activation_(self) -> str:
        """By what outputs become probabilities, "softmax", or "logistic" for two classes and for several labels."""
        check_is_fitted(self)
        return "logistic" if self._multilabel or len(self.classes_) == 2 else "softmax"

    def decision_function(self, X: Any) -> Array:  # noqa: N803
        """The logits of samples: one for each class or label, or for two classes that of the second alone."""
        logits = self._outputs(X)
        return logits[:, 0] if logits.shape[1] == 1 else logits

    def _score(self, outputs: Array, targets: Array, weights: Array | None) -> float:
        """The fraction of samples whose class, or whose labels, are right."""
        right = outputs.argmax(axis=1) == targets if targets.ndim == 1 else ((outputs > 0) == targets).all(axis=1)
        return float(np.average(right, weights=weights))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags


def _half_deviance(outputs: Any, targets: Array, *, reduction: Any = "mean") -> Any:
    """Half the Poisson deviance y log(y/p) - y + p, where the outputs are log p."""
    known = xlogy(targets, targets) - targets  # not 0 where a prediction is perfect without it
    return functional.poisson_nll_loss(outputs, targets, reduction=reduction) + (
        known if reduction == "none" else getattr(known, reduction)()
    )


_LOSSES = {"squared_error": losses.half_squared_error, "poisson": _half_deviance}


@dataclass(eq=False, repr=False)
class _WithLoss:
    """The first parameter of a regressor."""

    loss: str = "squared_error"


@dataclass(eq=False, repr=False)
class MLPRegressor(RegressorMixin, _Network, _WithLoss):  # type: ignore[misc]
    """A network that predicts numbers.

    Args:
        loss: "squared_error", half the squared error; or "poisson" for counts, half the Poisson deviance
            y log(y/p) - y + p of predictions p, of which the outputs of the module are the logarithms.  That of a
            sample is the sum over its numbers.

    The other arguments and the attributes are those of :class:`MLPClassifier`, without classes.

    >>> x = np.linspace(-1, 1, 50)[:, None]
    >>> regressor = MLPRegressor(hidden_layer_sizes=(20,), learning_rate_init=0.02, max_iter=500, random_state=0)
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

    @available_if(_learns_in_parts)  # type: ignore[untyped-decorator]
    def partial_fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> MLPRegressor:  # noqa: N803
        """Take each batch of these samples once, and continue from there in the next call."""
        first = not hasattr(self, "coefs_")
        X, targets, weights = self._checked(X, y, sample_weight, reset=first)  # noqa: N806
        if first:
            self._start(self._sizes(X, targets.shape[1]), X.dtype)
        self._learn_once(X, targets, weights)
        return self

    @property
    def out_activation_(self) -> str:
        """By what outputs become predictions, "identity" or with the loss "poisson" "exp"."""
        check_is_fitted(self)
        return "exp" if self.loss == "poisson" else "identity"

    def predict(self, X: Any) -> Array:  # noqa: N803
        """The numbers of each sample, in the shape of ``y``."""
        predictions = self._predictions(self._outputs(X))
        return predictions[:, 0] if self._one_axis else predictions

    def _predictions(self, outputs: Array) -> Array:
        return np.exp(outputs) if self.loss == "poisson" else outputs

    def _score(self, outputs: Array, targets: Array, weights: Array | None) -> float:
        """The coefficient of determination R²."""
        return float(r2_score(targets, self._predictions(outputs), sample_weight=weights))

    def _checked(self, X: Any, y: Any, sample_weight: Any, reset: bool) -> tuple[Array, Array, Array | None]:  # noqa: N803
        X, y = validate_data(self, X, y, dtype=_FLOATS, multi_output=True, y_numeric=True, reset=reset)  # noqa: N806
        if y.ndim == 2 and y.shape[1] == 1:
            y = column_or_1d(y, warn=True)
        if self.loss == "poisson" and y.min() < 0:
            raise ValueError(f'the loss "poisson" is for counts: y must not be negative, and its least is {y.min()}')
        self._one_axis = y.ndim == 1
        return (*_counting(X, y.reshape(len(y), -1).astype(X.dtype), _weights(X, sample_weight)),)

    @property
    def _loss(self) -> Any:
        return _summed(_choice("loss", self.loss, _LOSSES))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


# ---------------------------------------------------------------------------------------------------------------------
# Linear classifiers
# ---------------------------------------------------------------------------------------------------------------------


@dataclass(eq=False, repr=False)
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

    _: KW_ONLY
    C: float = 1.0
    tol: float = 1e-4
    class_weight: ClassWeight = None
    max_iter: int = 100

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
        strength = 1.0 / (self.C * (len(X) if weights is None else weights.sum()))
        data = X, targets, weights
        iterations, converged = _by_lbfgs(
            layer, self._loss, [layer.weight], strength, data, self.tol, max_iter=self.max_iter
        )
        self.coef_, self.intercept_ = layer.state_dict().values()
        self.n_iter_ = np.array([iterations])
        self._warn_unless(converged, f"max_iter={self.max_iter} iterations")
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


@dataclass(eq=False, repr=False)
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

    _: KW_ONLY
    max_updates: int = 1000
    random_state: Seed = None

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
