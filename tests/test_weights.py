"""Weights go to PyTorch and come back: ``.npz`` and safetensors."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

import nn
from nn.training.safetensors import from_safetensors, to_safetensors

safetensors = pytest.importorskip("safetensors.numpy")

pytestmark = pytest.mark.same_in_both_modes

KINDS = st.sampled_from(["?", "i1", "u2", "<i4", ">i8", "f2", "f4", "f8", ">f8"])
ARRAYS = KINDS.flatmap(lambda kind: npst.arrays(kind, npst.array_shapes(min_dims=0, max_dims=3, min_side=0)))


@given(st.dictionaries(st.text(max_size=5).filter(lambda name: name != "__metadata__"), ARRAYS, max_size=4))
def test_any_layout_is_written_in_the_order_of_its_axes(state: dict[str, Any]) -> None:
    turned = {name: array.T for name, array in state.items()}
    for again in (from_safetensors(to_safetensors(turned)), safetensors.load(to_safetensors(turned))):
        assert again.keys() == turned.keys()
        for name, array in turned.items():
            np.testing.assert_array_equal(again[name], array)
            assert (again[name].shape, again[name].dtype) == (array.shape, array.dtype.newbyteorder("="))


@given(st.binary(max_size=60))
@settings(max_examples=50)
def test_damaged_content_is_a_value_error(content: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        from_safetensors(content)
    whole = to_safetensors({"a": np.ones(3)})
    with pytest.raises(ValueError, match=r"\w"):
        from_safetensors(whole[: len(content) % len(whole)])


def network() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 2, 3, rng=0), nn.BatchNorm2d(2), nn.Flatten(), nn.Linear(8, 3, rng=1), nn.LayerNorm(3)
    )


@pytest.mark.parametrize("name", ["model.npz", "model.safetensors", "MODEL.SAFETENSORS"])
def test_a_model_is_saved_and_loaded(name: str, tmp_path: Path) -> None:
    model, other = network(), network()
    for parameter in model.parameters():
        parameter.data = parameter.data + 1.0
    file = nn.save(model, tmp_path / name)
    other.load_state_dict(nn.load(file))
    for key, array in model.state_dict().items():
        np.testing.assert_array_equal(other.state_dict()[key], array)


def test_arrays_of_numpy_are_read(tmp_path: Path) -> None:
    state = network().state_dict()
    np.savez(tmp_path / "model.npz", **state)
    again = nn.load(tmp_path / "model.npz")
    assert again.keys() == state.keys()
    assert all(np.array_equal(again[name], state[name]) for name in state)
    np.savez_compressed(tmp_path / "small.npz", **state)
    with pytest.raises(ValueError, match="is compressed"):
        nn.load(tmp_path / "small.npz")


def test_what_safetensors_does_not_hold_is_refused(tmp_path: Path) -> None:
    for data, message in [
        ([np.ones(2)], "a dict of arrays, such as a state_dict, not list"),
        ({"a": "text"}, "not <U4 under 'a'"),
        ({"a": np.ones(2, complex)}, "not complex128 under 'a'"),
        ({1: np.ones(2)}, "not float64 under 1"),
    ]:
        with pytest.raises(TypeError, match=message):
            nn.save(data, tmp_path / "a.safetensors")
    assert not list(tmp_path.iterdir())


def test_without_safetensors_a_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = nn.save(network(), tmp_path / "model.safetensors")
    monkeypatch.setitem(sys.modules, "safetensors", None)
    for use in (lambda: nn.save(network(), file), lambda: nn.load(file)):
        with pytest.raises(ImportError, match=r'pip install "pathgrad\[safetensors\]"'):
            use()


# ---------------------------------------------------------------------------------------------------------------------
# With PyTorch
# ---------------------------------------------------------------------------------------------------------------------


def test_weights_of_pytorch(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import load_file, save_file

    theirs = torch.nn.Sequential(
        torch.nn.Conv2d(1, 2, 3),
        torch.nn.BatchNorm2d(2),
        torch.nn.Flatten(),
        torch.nn.Linear(8, 3),
        torch.nn.LayerNorm(3),
    ).double()
    save_file(theirs.state_dict(), tmp_path / "theirs.safetensors")
    ours = network()
    ours.load_state_dict(nn.load(tmp_path / "theirs.safetensors"))
    x = np.random.default_rng(0).normal(size=(5, 1, 4, 4))
    np.testing.assert_allclose(ours.eval()(x).numpy(), theirs.eval()(torch.tensor(x)).detach().numpy(), rtol=1e-12)
    theirs.load_state_dict(load_file(nn.save(network(), tmp_path / "ours.safetensors")))
    wanted = network().eval()(x).numpy()
    np.testing.assert_allclose(theirs(torch.tensor(x)).detach().numpy(), wanted, rtol=1e-12)


def test_parameters_of_pytorch_and_bfloat16_are_read(tmp_path: Path) -> None:
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    theirs = torch.nn.Linear(3, 2)
    ours = nn.Linear(3, 2)
    ours.load_state_dict(dict(theirs.named_parameters()))
    np.testing.assert_array_equal(ours.weight.numpy(), theirs.weight.detach().numpy())
    half = theirs.to(torch.bfloat16)
    save_file(half.state_dict(), tmp_path / "half.safetensors")
    for state in (half.state_dict(), nn.load(tmp_path / "half.safetensors")):
        ours.load_state_dict(state)
        np.testing.assert_array_equal(ours.weight.numpy(), half.weight.float().detach().numpy())
