"""Models as ONNX: onnxruntime computes what the model computes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd
import nn
import nn.onnx
from autograd import Tensor, where

onnx = pytest.importorskip("onnx")
runtime = pytest.importorskip("onnxruntime")

pytestmark = pytest.mark.same_in_both_modes

ACTIVATIONS = [
    kind
    for kind in vars(nn).values()
    if isinstance(kind, type) and issubclass(kind, nn.activations.Stateless) and kind.__module__ == "nn.activations"
    if kind not in (nn.GLU, nn.Softmax2d, nn.Threshold)
]


def run(model: Any, x: Any, dtype: Any = np.float32) -> Any:
    """What onnxruntime computes."""
    session = runtime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (output,) = session.run(None, {"input": np.asarray(x, dtype)})
    assert output.shape == tuple(n if isinstance(n, int) else len(x) for n in session.get_outputs()[0].shape)
    return output


def agree(model: nn.Module, shape: tuple[int, ...], samples: int = 5) -> None:
    x = np.random.default_rng(0).normal(size=(samples, *shape))
    written = nn.onnx.export(model, shape)
    vectorized = model.vectorize() if isinstance(model, nn.MLP) else model
    wanted = vectorized.eval()(Tensor(x)).numpy()
    np.testing.assert_allclose(run(written, x), wanted, rtol=2e-5, atol=1e-6)


@pytest.mark.parametrize("kind", ACTIVATIONS, ids=lambda kind: kind.__name__)
def test_every_activation(kind: type[nn.Module]) -> None:
    agree(nn.Sequential(nn.Linear(4, 6, rng=0), kind(), nn.Linear(6, 3, rng=1)), (4,))


@pytest.mark.parametrize(
    ("model", "shape"),
    [
        (nn.MLP([4, 8, 3], activation="tanh", output="sigmoid", rng=0), (4,)),
        (nn.MLP([2, 3, 1], activation=lambda x: where(x > 0.5, x, x * x - 1.0), rng=0), (2,)),
        (nn.Linear(4, 2, rng=0), (4,)),
        (nn.Linear(4, 2, bias=False, rng=0), (3, 4)),
        (nn.Linear(4, 2, rng=0), (3, 4)),
        (nn.Maxout(4, 3, 3, rng=0), (4,)),
        (nn.Sequential(nn.Conv2d(2, 4, 3, 2, 1, rng=0), nn.ReLU(), nn.Flatten(), nn.Linear(64, 3, rng=1)), (2, 8, 8)),
        (nn.Conv2d(2, 4, (4, 3), padding="same", dilation=(1, 2), groups=2, rng=0), (2, 9, 8)),
        (nn.Conv1d(2, 4, 3, bias=False, padding="valid", rng=0), (2, 9)),
        (nn.MaxPool2d(2), (1, 7, 7)),
        (nn.MaxPool2d((3, 2), stride=(2, 1), padding=1, dilation=(1, 2), ceil_mode=True), (1, 8, 9)),
        (nn.AvgPool2d(3, stride=2, padding=1, count_include_pad=False), (2, 7, 7)),
        (nn.AvgPool2d(2), (2, 7, 7)),
        (nn.Flatten(2), (2, 3, 4)),
        (nn.LayerNorm((3, 4)), (2, 3, 4)),
        (nn.LayerNorm(4, bias=False), (4,)),
        (nn.LayerNorm(4, elementwise_affine=False), (4,)),
        (nn.Sequential(nn.Dropout(0.5), nn.Identity(), nn.Sequential(nn.Tanh())), (4,)),
        (nn.Sequential(), (4,)),
        (nn.Softmax(1), (3, 4)),
        (nn.Softmax2d(), (3, 4, 4)),
        (nn.GLU(), (6,)),
        (nn.Threshold(0.1, 2.0), (4,)),
    ],
    ids=lambda x: type(x).__name__,
)  # fmt: skip
def test_layers(model: nn.Module, shape: tuple[int, ...]) -> None:
    agree(model, shape)


def test_numbers_of_twice_the_precision() -> None:
    model = nn.MLP([3, 4, 2], output="sigmoid", rng=0)
    x = np.random.default_rng(0).normal(size=(5, 3))
    written = run(nn.onnx.export(model, (3,), dtype=float), x, float)
    np.testing.assert_allclose(written, model.vectorize()(x).numpy(), rtol=1e-14)


@pytest.mark.parametrize("kind", [nn.BatchNorm1d, nn.BatchNorm2d])
@pytest.mark.parametrize("affine", [True, False])
def test_batch_normalisation_uses_what_was_seen_in_training(kind: Any, affine: bool) -> None:
    shape = (3,) if kind is nn.BatchNorm1d else (3, 4, 4)
    model = nn.Sequential(kind(3, affine=affine), nn.Dropout(0.5, rng=0))
    model(np.random.default_rng(1).normal(2.0, 3.0, size=(20, *shape)))
    nn.onnx.export(model, shape)
    assert all(module.training for module in model.modules())  # as before
    agree(model, shape)


def test_embedding_takes_whole_numbers() -> None:
    model = nn.Sequential(nn.Embedding(10, 3, rng=0), nn.Flatten(), nn.Linear(6, 2, rng=1))
    x = np.array([[1, 2], [9, 0]])
    np.testing.assert_allclose(run(nn.onnx.export(model, (2,)), x, np.int64), model(x).numpy(), rtol=1e-5)


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "model.onnx"
    written = nn.onnx.export(nn.Linear(2, 1, rng=0), (2,), file)
    assert onnx.load(file) == written
    with pytest.raises(FileNotFoundError, match="does not exist"):
        nn.onnx.export(nn.Linear(2, 1), (2,), tmp_path / "no" / "model.onnx")


class Own(nn.Module):
    def forward(self, input: Any) -> Any:
        return input


class Twice(nn.Linear):
    def forward(self, input: Any) -> Any:
        return 2.0 * super().forward(input)


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Own(), r"^Own\(\) has no form in ONNX: nn.onnx does not write the layer Own"),
        (Twice(2, 2), "does not write the layer Twice"),
        (nn.InstanceNorm1d(2), "does not write the layer InstanceNorm1d"),
        (nn.Sequential(nn.ReLU(), Own()), r"Own\(\) \(the part '1' of the model\) has no form"),
        (nn.Flatten(0), "it would mix the samples"),
        (nn.AvgPool2d(2, divisor_override=3), "no divisor_override"),
        (nn.MLP([2, 2, 1], activation=lambda x: x if x > 0 else 0.0 * x), "in ONNX: use where"),
        (nn.MLP([2, 2, 1], activation=lambda x: autograd.gammaln(1.0 + x * x)), "ONNX has no operator for lgamma"),
    ],
)  # fmt: skip
def test_what_has_no_form_in_onnx_is_named(model: Any, message: str) -> None:
    with pytest.raises(TypeError, match=message):
        nn.onnx.export(model, (1, 4, 4) if isinstance(model, nn.AvgPool2d) else (2,))


def test_without_onnx_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(ImportError, match=r'pip install "pathgrad\[onnx\]"'):
        nn.onnx.export(nn.Linear(2, 1), (2,))
