"""Whatever `nn` exports is compared with PyTorch, or listed here with the reason why not."""

import re
from pathlib import Path

import pytest

from nn import activations, alignment, clusters, layers, losses, margins, optim

pytestmark = pytest.mark.same_in_both_modes

COMPARISONS = "".join(
    file.read_text(encoding="utf-8") for file in sorted(Path(__file__).parent.glob("test_torch_*.py"))
)

ALONE = {
    "Data": "a type",
    "HingeLoss": "PyTorch's is another function",
    "LRScheduler": "a base class",
    "Loss": "a base class",
    "Maxout": "not in PyTorch",
    "NLLLoss": "its function is compared",
    "Optimizer": "a base class",
    "State": "a dict",
    "categorical_cross_entropy": "not in PyTorch",
    "half_squared_error": "not in PyTorch",
    "hinge_loss": "PyTorch's is another function",
    "l1_penalty": "not in PyTorch",
    "l2_penalty": "not in PyTorch",
    "trajectory": "not in PyTorch",
}


@pytest.mark.parametrize(
    "name",
    sorted({name for module in (layers, losses, margins, alignment, clusters, optim) for name in module.__all__}),
)
def test_every_name_is_compared_or_has_a_reason(name):
    compared = re.search(rf"\b{name}\b", COMPARISONS) is not None
    assert compared != (name in ALONE), f"compare {name} with PyTorch in tests/test_torch_*.py, or say in ALONE why not"


def test_every_activation_is_a_layer():
    kinds = {name for name in activations.__all__ if isinstance(getattr(activations, name), type)} - {"Stateless"}
    assert kinds <= set(layers.__all__)
