"""Agreement with PyTorch in activations, losses and layers, values and gradients, where it is installed."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import nn.functional as F  # noqa: N812
from autograd import Tensor
from nn import layers, losses

pytestmark = pytest.mark.same_in_both_modes

torch = pytest.importorskip("torch")
T = torch.nn.functional

rng = np.random.default_rng(8)
each_dtype = pytest.mark.parametrize("dtype", [np.float64, np.float32])


def tolerance(dtype: Any) -> dict[str, float]:
    """How far results may lie apart."""
    return {"rtol": 1e-9, "atol": 1e-11} if dtype is np.float64 else {"rtol": 2e-4, "atol": 2e-5}


def agree(ours: Any, theirs: Any, *operands: Any, dtype: Any, **options: Any) -> None:
    """The same value and gradients; options that are arrays become torch's own for PyTorch."""
    leaves = [Tensor(np.asarray(x, dtype)) for x in operands]
    others = [torch.tensor(x.numpy(), requires_grad=True) for x in leaves]
    converted = {key: torch.tensor(x) if isinstance(x, np.ndarray) else x for key, x in options.items()}
    y, z = ours(*leaves, **options), theirs(*others, **converted)
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **tolerance(dtype))
    assert (y.dtype, y.shape) == (dtype, tuple(z.shape))
    seed = np.linspace(0.5, 1.5, y.size).reshape(y.shape).astype(dtype)
    y.backward(seed)
    z.backward(torch.tensor(seed))
    for x, other in zip(leaves, others, strict=True):
        np.testing.assert_allclose(x.grad, other.grad.numpy(), **tolerance(dtype))


# ---------------------------------------------------------------------------------------------------------------------
# Activations
# ---------------------------------------------------------------------------------------------------------------------

ACTIVATIONS: list[tuple[str, dict[str, Any]]] = [
    ("relu", {}),
    ("leaky_relu", {}),
    ("leaky_relu", {"negative_slope": 0.3}),
    ("elu", {}),
    ("elu", {"alpha": 0.5}),
    ("gelu", {}),
    ("gelu", {"approximate": "tanh"}),
    ("silu", {}),
    ("softplus", {}),
    ("softplus", {"beta": 2.0, "threshold": 5.0}),
    ("softsign", {}),
    ("logsigmoid", {}),
    ("hardtanh", {}),
    ("hardtanh", {"min_val": -0.5, "max_val": 2.0}),
    ("sigmoid", {}),
    ("tanh", {}),
    ("softmax", {"dim": 0}),
    ("softmax", {"dim": -1}),
    ("log_softmax", {"dim": 1}),
    ("softmin", {"dim": 1}),
]


@each_dtype
@pytest.mark.parametrize(("name", "options"), ACTIVATIONS, ids=str)
def test_activations(name: str, options: dict[str, Any], dtype: Any) -> None:
    at_kinks_and_far_out = [[0.0, -0.0, 1.0, -1.0], [0.5, 2.0, 20.0, -20.0], [30.0, -30.0, 1e4, -1e4]]
    for x in (rng.normal(size=(3, 4)), at_kinks_and_far_out, np.zeros((0, 4))):
        agree(getattr(F, name), getattr(T, name, getattr(torch, name, None)), x, dtype=dtype, **options)


# ---------------------------------------------------------------------------------------------------------------------
# Losses
# ---------------------------------------------------------------------------------------------------------------------

DISTANCES: list[tuple[str, dict[str, Any]]] = [
    ("mse_loss", {}),
    ("l1_loss", {}),
    ("smooth_l1_loss", {}),
    ("smooth_l1_loss", {"beta": 0.3}),
    ("smooth_l1_loss", {"beta": 0.0}),
    ("huber_loss", {}),
    ("huber_loss", {"delta": 0.7}),
]
REDUCTIONS = ("mean", "sum", "none")


@each_dtype
@pytest.mark.parametrize(("name", "options"), DISTANCES, ids=str)
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_distances(name: str, options: Any, reduction: str, dtype: Any) -> None:
    x, t = rng.normal(size=(2, 3, 4)), rng.normal(size=(2, 3, 4))
    x[0, 0], x[0, 1], t[:, :, 0] = t[0, 0], t[0, 1] + 1.0, 1e4  # without error, on the kink, far away
    agree(getattr(F, name), getattr(T, name), x, t, dtype=dtype, reduction=reduction, **options)
    if reduction != "mean":
        agree(getattr(F, name), getattr(T, name), x[:0], t[:0], dtype=dtype, reduction=reduction, **options)


@each_dtype
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_binary_cross_entropy(reduction: str, dtype: Any) -> None:
    p, t = rng.uniform(0.01, 0.99, (4, 3)), rng.uniform(0.0, 1.0, (4, 3))
    x = rng.normal(size=(4, 3))
    x[0] = [1e4, -1e4, 0.0]
    t[0] = [1.0, 1.0, 0.5]
    weight, many = rng.uniform(1.0, 2.0, 3).astype(dtype), rng.uniform(1.0, 2.0, (4, 3)).astype(dtype)
    for w in ({}, {"weight": weight}, {"weight": many}):
        agree(F.binary_cross_entropy, T.binary_cross_entropy, p, t, dtype=dtype, reduction=reduction, **w)
        for positive in ({}, {"pos_weight": weight}, {"pos_weight": np.asarray(2.0, dtype)}):
            options = {"reduction": reduction, **w, **positive}
            ours, theirs = F.binary_cross_entropy_with_logits, T.binary_cross_entropy_with_logits
            agree(ours, theirs, x, t, dtype=dtype, **options)
            if reduction != "mean" and w.get("weight") is not many:
                agree(ours, theirs, x[:0], t[:0], dtype=dtype, **options)


@each_dtype
def test_the_losses_of_certainties(dtype: Any) -> None:
    p, t = np.array([0.0, 1.0, 0.0, 1.0], dtype), np.array([1.0, 0.0, 0.0, 1.0], dtype)
    wanted = T.binary_cross_entropy(torch.tensor(p), torch.tensor(t), reduction="none").numpy()
    np.testing.assert_array_equal(F.binary_cross_entropy(p, t, reduction="none"), wanted)


@each_dtype
@pytest.mark.parametrize("shape", [(3,), (5, 3), (5, 3, 2), (2, 4, 3, 2)])
@pytest.mark.parametrize("scale", [1.0, 1e4])
def test_cross_entropy(shape: tuple[int, ...], scale: float, dtype: Any) -> None:
    classes = shape[min(1, len(shape) - 1)]
    x = scale * rng.normal(size=shape)
    labels = rng.integers(0, classes, (*shape[:1], *shape[2:]) if len(shape) > 1 else ())
    weight = rng.uniform(0.5, 2.0, classes).astype(dtype)
    for reduction in REDUCTIONS:
        for options in (
            {},
            {"weight": weight},
            {"ignore_index": 1},
            {"weight": weight, "ignore_index": 1},
            {"label_smoothing": 0.1},
            {"label_smoothing": 1.0},
            {"weight": weight, "label_smoothing": 0.1, "ignore_index": 0},
        ):
            counted = np.where(labels == options.get("ignore_index", -100), 0, 1).sum()
            if reduction == "mean" and not counted:
                continue
            options = {"reduction": reduction, **options}
            target = torch.tensor(labels)
            agree(
                lambda x, **o: F.cross_entropy(x, labels, **o),
                lambda x, **o: T.cross_entropy(x, target, **o),  # noqa: B023
                x,
                dtype=dtype,
                **options,
            )
            if "label_smoothing" not in options:
                agree(
                    lambda x, **o: F.nll_loss(x, labels, **o),
                    lambda x, **o: T.nll_loss(x, target, **o),  # noqa: B023
                    x,
                    dtype=dtype,
                    **options,
                )


@each_dtype
@pytest.mark.parametrize("shape", [(3,), (5, 3), (2, 4, 3)])
@pytest.mark.parametrize("reduction", REDUCTIONS)
def test_cross_entropy_of_probabilities(shape: tuple[int, ...], reduction: str, dtype: Any) -> None:
    x, p = 3.0 * rng.normal(size=shape), rng.uniform(size=shape)
    weight = rng.uniform(0.5, 2.0, shape[min(1, len(shape) - 1)]).astype(dtype)
    for options in ({}, {"weight": weight}, {"label_smoothing": 0.2}, {"weight": weight, "label_smoothing": 0.2}):
        agree(F.cross_entropy, T.cross_entropy, x, p, dtype=dtype, reduction=reduction, **options)


@each_dtype
@pytest.mark.filterwarnings("ignore:reduction. 'mean' divides:UserWarning")
@pytest.mark.parametrize("reduction", [*REDUCTIONS, "batchmean"])
def test_kullback_leibler_divergence(reduction: str, dtype: Any) -> None:
    x, t = rng.normal(size=(4, 3)), rng.uniform(0.01, 1.0, (4, 3))
    agree(F.kl_div, T.kl_div, x, t, dtype=dtype, reduction=reduction)
    agree(F.kl_div, T.kl_div, x, np.log(t), dtype=dtype, reduction=reduction, log_target=True)
    none = np.where(t > 0.5, t, 0.0).astype(dtype)
    agree(lambda x, **o: F.kl_div(x, none, **o), lambda x, **o: T.kl_div(x, torch.tensor(none), **o), x, dtype=dtype)


@pytest.mark.parametrize("loss", ["mse_loss", "l1_loss", "cross_entropy"])
def test_the_mean_of_nothing_is_nan(loss: str) -> None:
    target = np.zeros(0, int) if loss == "cross_entropy" else np.zeros((0, 3))
    ours = getattr(F, loss)(np.zeros((0, 3)), target)
    theirs = getattr(T, loss)(torch.zeros(0, 3), torch.tensor(target))
    assert np.isnan(ours)
    assert np.isnan(theirs.item())


# ---------------------------------------------------------------------------------------------------------------------
# Normalisation and the rest
# ---------------------------------------------------------------------------------------------------------------------


@each_dtype
@pytest.mark.parametrize("shape", [(5, 3), (4, 3, 2), (2, 3, 4, 2)])
@pytest.mark.parametrize("training", [True, False])
def test_batch_norm(shape: tuple[int, ...], training: bool, dtype: Any) -> None:
    statistics = [rng.normal(size=3).astype(dtype), rng.uniform(0.5, 2.0, 3).astype(dtype)]
    others = [torch.tensor(x) for x in statistics]
    x, weight, bias = rng.normal(2.0, 3.0, shape), rng.normal(size=3), rng.normal(size=3)
    options = {"training": training, "momentum": 0.3, "eps": 1e-3}
    agree(
        lambda x, w, b: F.batch_norm(x, *statistics, w, b, **options),
        lambda x, w, b: T.batch_norm(x, *others, w, b, **options),
        *(x, weight, bias),
        dtype=dtype,
    )
    for ours, theirs in zip(statistics, others, strict=True):
        np.testing.assert_allclose(ours, theirs.numpy(), **tolerance(dtype))


@each_dtype
@pytest.mark.parametrize("inner", [(4,), (3, 4)])
def test_layer_norm(inner: tuple[int, ...], dtype: Any) -> None:
    for samples in (2, 0):
        x, weight, bias = rng.normal(size=(samples, 3, 4)), rng.normal(size=inner), rng.normal(size=inner)
        agree(
            lambda x, *p: F.layer_norm(x, inner, *p),
            lambda x, *p: T.layer_norm(x, inner, *p),
            *(x, weight, bias),
            dtype=dtype,
        )


def test_one_hot_and_embedding() -> None:
    labels = rng.integers(0, 4, (3, 2))
    for classes in (-1, 6):
        ours, theirs = F.one_hot(labels, classes), T.one_hot(torch.tensor(labels), classes).numpy()
        np.testing.assert_array_equal(ours, theirs)
        assert ours.dtype == theirs.dtype
    table = rng.normal(size=(4, 5))
    agree(lambda w: F.embedding(labels, w), lambda w: T.embedding(torch.tensor(labels), w), table, dtype=np.float64)


@pytest.mark.parametrize("p", [0.0, 0.3, 1.0])
def test_dropout_scales_as_theirs(p: float) -> None:
    """The masks differ; what is kept has the same size."""
    ours = {*np.unique(F.dropout(np.ones(1000), p, rng=0))}
    theirs = {*np.unique(T.dropout(torch.ones(1000, dtype=torch.float64), p).numpy())}
    assert ours == theirs


# ---------------------------------------------------------------------------------------------------------------------
# Layers, with the same state
# ---------------------------------------------------------------------------------------------------------------------

LAYERS: list[tuple[str, tuple[Any, ...], dict[str, Any], tuple[int, ...]]] = [
    ("Linear", (4, 3), {}, (5, 4)),
    ("Linear", (4, 3), {"bias": False}, (2, 5, 4)),
    ("Linear", (4, 3), {}, (0, 4)),
    ("Conv1d", (2, 4, 3), {"groups": 2, "padding": "same"}, (5, 2, 9)),
    ("Conv2d", (2, 3, (3, 2)), {"stride": 2, "padding": 1}, (5, 2, 6, 7)),
    ("Conv2d", (2, 4, 3), {"dilation": 2, "bias": False}, (2, 6, 7)),
    ("BatchNorm1d", (3,), {}, (5, 3)),
    ("BatchNorm1d", (3,), {"momentum": None, "eps": 1e-3}, (5, 3, 2)),
    ("BatchNorm2d", (3,), {"affine": False}, (5, 3, 2, 2)),
    ("LayerNorm", (4,), {}, (5, 4)),
    ("LayerNorm", ((3, 4),), {"bias": False}, (5, 3, 4)),
    ("LayerNorm", (4,), {"elementwise_affine": False}, (5, 4)),
    ("MaxPool2d", (2,), {"stride": 1, "padding": 1}, (5, 3, 6, 6)),
    ("AvgPool2d", (2,), {"count_include_pad": False, "padding": 1}, (5, 3, 6, 6)),
    ("Flatten", (), {}, (5, 3, 2)),
    ("Flatten", (0, 1), {}, (5, 3, 2)),
    ("Identity", (), {}, (5, 3)),
    ("ReLU", (), {}, (5, 3)),
    ("LeakyReLU", (0.2,), {}, (5, 3)),
    ("ELU", (), {"alpha": 0.5}, (5, 3)),
    ("GELU", (), {"approximate": "tanh"}, (5, 3)),
    ("SiLU", (), {}, (5, 3)),
    ("Tanh", (), {}, (5, 3)),
    ("Hardtanh", (-0.5, 0.5), {}, (5, 3)),
    ("Sigmoid", (), {}, (5, 3)),
    ("LogSigmoid", (), {}, (5, 3)),
    ("Softplus", (2.0,), {}, (5, 3)),
    ("Softsign", (), {}, (5, 3)),
    ("Softmax", (), {"dim": 1}, (5, 3)),
    ("LogSoftmax", (), {"dim": 0}, (5, 3)),
    ("Softmin", (1,), {}, (5, 3)),
]


def twins(ours: Any, theirs: Any) -> None:
    """PyTorch's state for our module; the names and shapes must be the same."""
    ours.load_state_dict({name: x.numpy() for name, x in theirs.state_dict().items()})


def compare_modules(ours: Any, theirs: Any, x: Any, dtype: Any) -> None:
    """The same outputs, gradients of parameters and inputs, and the same state afterwards."""
    leaf, other = Tensor(x), torch.tensor(x, requires_grad=True)
    y, z = ours(leaf), theirs(other)
    np.testing.assert_allclose(y.numpy(), z.detach().numpy(), **tolerance(dtype))
    assert y.dtype == dtype
    seed = np.linspace(0.5, 1.5, y.size).reshape(y.shape).astype(dtype)
    ours.zero_grad()
    theirs.zero_grad()
    y.backward(seed)
    z.backward(torch.tensor(seed))
    np.testing.assert_allclose(leaf.grad, other.grad.numpy(), **tolerance(dtype))
    parameters = dict(ours.named_parameters())
    assert list(parameters) == [name for name, _ in theirs.named_parameters()]
    for name, parameter in theirs.named_parameters():
        np.testing.assert_allclose(parameters[name].grad, parameter.grad.numpy(), **tolerance(dtype), err_msg=name)
    for name, array in theirs.state_dict().items():
        np.testing.assert_allclose(ours.state_dict()[name], array.numpy(), **tolerance(dtype), err_msg=name)


@each_dtype
@pytest.mark.parametrize(("name", "arguments", "options", "shape"), LAYERS, ids=str)
def test_layers(name: str, arguments: Any, options: Any, shape: Any, dtype: Any) -> None:
    theirs = getattr(torch.nn, name)(*arguments, **options).to(torch.float64 if dtype is np.float64 else torch.float32)
    precision = {"dtype": dtype} if theirs.state_dict() else {}
    ours = getattr(layers, name)(*arguments, **options, **precision)
    twins(ours, theirs)
    for _ in range(3):
        compare_modules(ours, theirs, rng.normal(size=shape).astype(dtype), dtype)
    compare_modules(ours.eval(), theirs.eval(), rng.normal(size=shape).astype(dtype), dtype)


def test_module_lists_and_the_order_of_modules() -> None:
    def network(kit: Any) -> Any:
        hidden = kit.ModuleList([kit.Linear(2, 3), kit.Sequential(kit.Linear(3, 2), kit.Tanh())])
        return kit.Sequential(hidden.append(kit.Identity()).extend([kit.Linear(2, 1)]), kit.ReLU())

    def orders(net: Any) -> list[list[str]]:
        visited: list[Any] = []
        net.apply(visited.append)
        return [[type(x).__name__ for x in modules] for modules in (net.children(), net.modules(), visited, net[0][1:])]

    ours, theirs = network(layers), network(torch.nn)
    twins(ours, theirs)
    assert orders(ours) == orders(theirs)


@each_dtype
def test_a_whole_network(dtype: Any) -> None:
    def network(kit: Any, **precision: Any) -> Any:
        return kit.Sequential(
            kit.Conv2d(1, 4, 3, padding=1, **precision),
            kit.BatchNorm2d(4, **precision),
            kit.ReLU(),
            kit.MaxPool2d(2),
            kit.Flatten(),
            kit.Sequential(kit.Linear(36, 8, **precision), kit.LayerNorm(8, **precision), kit.GELU()),
            kit.Dropout(0.0),
            kit.Linear(8, 3, **precision),
        )

    ours = network(layers, dtype=dtype)
    theirs = network(torch.nn, dtype=torch.float64 if dtype is np.float64 else torch.float32)
    twins(ours, theirs)
    for mode in (True, False):
        x = rng.normal(size=(6, 1, 6, 6)).astype(dtype)
        compare_modules(ours.train(mode), theirs.train(mode), x, dtype)
    labels = rng.integers(0, 3, 6)
    ours.zero_grad()
    theirs.zero_grad()
    loss = losses.CrossEntropyLoss()(ours(x), labels)
    other = torch.nn.CrossEntropyLoss()(theirs(torch.tensor(x)), torch.tensor(labels))
    loss.backward()
    other.backward()
    assert loss.item() == pytest.approx(other.item(), rel=1e-4 if dtype is np.float32 else 1e-12)
    for mine, yours in zip(ours.parameters(), theirs.parameters(), strict=True):
        np.testing.assert_allclose(mine.grad, yours.grad.numpy(), **tolerance(dtype))


LOSSES: list[tuple[str, dict[str, Any]]] = [
    ("MSELoss", {"reduction": "sum"}),
    ("L1Loss", {}),
    ("SmoothL1Loss", {"beta": 0.5}),
    ("HuberLoss", {"delta": 0.5}),
    ("BCELoss", {"weight": np.array([1.0, 2.0, 3.0])}),
    ("BCEWithLogitsLoss", {"pos_weight": np.array([1.0, 2.0, 3.0])}),
    ("CrossEntropyLoss", {"weight": np.array([1.0, 2.0, 3.0]), "label_smoothing": 0.1}),
    ("KLDivLoss", {"reduction": "batchmean"}),
]


@pytest.mark.parametrize(("name", "options"), LOSSES, ids=str)
def test_losses_as_modules(name: str, options: dict[str, Any]) -> None:
    x, t = rng.uniform(size=(4, 3)), rng.uniform(size=(4, 3))
    agree(
        lambda x, t, **o: getattr(losses, name)(**o)(x, t),
        lambda x, t, **o: getattr(torch.nn, name)(**o)(x, t),
        *(x, t),
        dtype=np.float64,
        **options,
    )
