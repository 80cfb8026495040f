"""Modules: what they hold is found, named, saved and loaded; a state that does not fit changes nothing."""

import copy
import pickle

import numpy as np
import pytest

from autograd import Tensor, Value
from nn.module import Module


class Affine(Module):
    def __init__(self, n, m):
        self.weight = Tensor(np.arange(float(n * m)).reshape(m, n))
        self.bias = Tensor(np.zeros(m))
        self.n = n

    def forward(self, x, scale=1.0):
        return (self.weight @ x + self.bias) * scale

    def extra_repr(self):
        return f"n={self.n}"


class Counter(Module):
    buffers = ("seen",)

    def __init__(self):
        self.gain = Value(2.0)
        self.seen = np.zeros(2)
        self.scratch = np.ones(3)


class Net(Module):
    def __init__(self):
        self.layers = [Affine(2, 3), (Affine(3, 1),)]
        self.extras = {"counter": Counter(), "shift": Value(0.5)}
        self.rate = 0.1


NAMES = ["extras.shift", "layers.0.weight", "layers.0.bias", "layers.1.0.weight", "layers.1.0.bias"]
NAMES += ["extras.counter.gain"]


def test_own_parameters_come_first_and_then_those_of_the_children_in_order_of_assignment():
    assert [name for name, _ in Net().named_parameters()] == NAMES


def test_calling_a_module_is_its_forward():
    assert Affine(2, 1)(Tensor([3.0, 4.0]), scale=10.0).numpy().tolist() == [40.0]


def test_a_module_without_forward_says_so():
    with pytest.raises(NotImplementedError, match="Net has no forward method"):
        Net()(1.0)


def test_what_is_computed_is_no_parameter():
    module = Module()
    module.weight = Value(2.0)
    module.output = module.weight * 3.0
    assert module.parameters() == [module.weight]


def test_a_parameter_that_occurs_twice_is_listed_once_by_its_first_name():
    tied = Net()
    tied.layers[1][0].bias = tied.layers[0].bias
    tied.again = tied.layers[0]
    assert [name for name, _ in tied.named_parameters()] == [name for name in NAMES if name != "layers.1.0.bias"]


def test_a_module_that_holds_itself_is_visited_once():
    knot = Module()
    knot.self, knot.weight = knot, Value(1.0)
    assert [name for name, _ in knot.named_modules()] == [""]
    assert knot.parameters() == [knot.weight]


def test_equal_values_are_different_parameters():
    module = Module()
    module.pair = [Value(1.0), Value(1.0)]
    assert len(module.parameters()) == 2


def test_training_and_evaluation_reach_every_module():
    net = Net()
    assert net.training
    assert net.eval() is net
    assert not any(module.training for _, module in net.named_modules())
    net.layers[0].train()
    assert [name for name, module in net.named_modules() if module.training] == ["layers.0"]


def test_zero_grad_forgets_all_gradients():
    net = Net()
    for parameter in net.parameters():
        parameter.grad = np.ones(np.shape(parameter)) if isinstance(parameter, Tensor) else 1.0
    net.zero_grad()
    assert [parameter.grad for parameter in net.parameters()] == [None] * 6


def test_repr_nests_as_in_pytorch():
    net = Net()
    assert repr(net) == (
        "Net(\n  (layers.0): Affine(n=2)\n  (layers.1.0): Affine(n=3)\n  (extras.counter): Counter()\n)"
    )
    outer = Affine(4, 1)
    outer.net = net
    assert repr(outer).splitlines()[:4] == ["Affine(", "  n=4", "  (net): Net(", "    (layers.0): Affine(n=2)"]


# -- states -----------------------------------------------------------------------------------------------------------


def test_a_state_holds_copies_of_parameters_and_buffers():
    net = Net()
    state = net.state_dict()
    assert list(state) == [*NAMES, "extras.counter.seen"]
    assert all(type(entry) is np.ndarray for entry in state.values())
    assert state["extras.shift"].shape == ()
    net.layers[0].weight.data -= 1.0
    net.extras["counter"].seen += 1.0
    assert state["layers.0.weight"].tolist() == [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]
    assert state["extras.counter.seen"].tolist() == [0.0, 0.0]


def test_a_state_that_was_saved_by_numpy_loads_into_another_module(tmp_path):
    net, other = Net(), Net()
    net.extras["shift"].data = -4.0
    net.layers[0].weight.data *= -1.0
    net.extras["counter"].seen += 7.0
    np.savez(tmp_path / "net.npz", **net.state_dict())
    seen = other.extras["counter"].seen
    other.load_state_dict(np.load(tmp_path / "net.npz"))
    for name, entry in other.state_dict().items():
        np.testing.assert_array_equal(entry, net.state_dict()[name])
    assert other.extras["counter"].seen is seen


def test_a_loaded_state_is_copied():
    net = Net()
    state = net.state_dict()
    net.load_state_dict(state)
    state["layers.0.weight"][:] = 99.0
    assert net.layers[0].weight.numpy().max() == 5.0


def test_parameters_themselves_make_a_state():
    net, other = Net(), Net()
    net.extras["shift"].data = -4.0
    buffers = {"extras.counter.seen": np.ones(2)}
    other.load_state_dict(dict(net.named_parameters()) | buffers)
    assert other.extras["shift"].data == -4.0


def test_a_state_keeps_the_dtype_of_the_parameter():
    module = Module()
    module.weight = Tensor(np.ones(2, np.float32))
    module.load_state_dict({"weight": [1, 2]})
    assert module.weight.dtype == np.float32
    assert module.weight.numpy().tolist() == [1.0, 2.0]


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        (lambda s: s.pop("extras.shift"), ValueError, "missing extras.shift"),
        (lambda s: s.update(stranger=1.0), ValueError, "unexpected stranger"),
        (lambda s: s.update({"layers.0.bias": [1.0]}), ValueError, r"layers.0.bias has shape \(1,\), not \(3,\)"),
        (lambda s: s.update({"extras.counter.seen": 1.0}), ValueError, r"seen has shape \(\), not \(2,\)"),
        (
            lambda s: s.update({"layers.0.bias": ["a", "b", "c"]}),
            TypeError,
            "layers.0.bias in the state must hold real",
        ),
        (lambda s: s.update({"extras.shift": 1j}), TypeError, "extras.shift in the state must hold real numbers"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_and_nothing_is_changed(change, error, message):
    net = Net()
    before = net.state_dict()
    state = {name: entry + 1.0 for name, entry in before.items()}
    change(state)
    with pytest.raises(error, match=message):
        net.load_state_dict(state)
    for name, entry in net.state_dict().items():
        np.testing.assert_array_equal(entry, before[name])


def test_all_faults_of_a_state_are_named_at_once():
    with pytest.raises(ValueError, match="fit Affine: missing bias; unexpected a, b; weight has shape"):
        Affine(2, 3).load_state_dict({"weight": 1.0, "a": 1.0, "b": 2.0})


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda net: pickle.loads(pickle.dumps(net))])
def test_copies_and_pickles_share_nothing_with_the_original(duplicate):
    net = Net()
    net.layers[1][0].bias = net.layers[0].bias
    twin = duplicate(net)
    assert [name for name, _ in twin.named_parameters()] == [name for name, _ in net.named_parameters()]
    twin.layers[0].weight.data += 1.0
    assert net.layers[0].weight.numpy()[0, 0] == 0.0
