"""The commands ``pathgrad train`` and ``pathgrad figure``."""

import builtins
import importlib.util
import re

import numpy as np
import pytest

import pathgrad.training
from nn import MLP
from nn.training.saving import load
from pathgrad.cli import main
from pathgrad.figures import FIGURES
from pathgrad.training import OPTIMIZERS, TASKS


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *arguments):
    code = main(arguments)
    out, err = capsys.readouterr()
    return code, out, err


def trained(capsys, *arguments):
    """What a training that works prints."""
    code, out, err = run(capsys, "train", *arguments)
    assert (code, err) == (0, "")
    return out


def accuracy(out):
    (line,) = [line for line in out.splitlines() if line.startswith("test accuracy")]
    return float(line.split()[2].rstrip("%:"))


def without(monkeypatch, package):
    """As if a package were not installed."""
    find, imported = importlib.util.find_spec, builtins.__import__

    def refuse(name, *others):
        if name.partition(".")[0] == package:
            raise ImportError(name)
        return imported(name, *others)

    monkeypatch.setattr(pathgrad.training, "find_spec", lambda name: None if name == package else find(name))
    monkeypatch.setattr(builtins, "__import__", refuse)


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad train
# ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("task", ["xor", "moons"])
def test_all_points_are_told_apart(task, capsys):
    out = trained(capsys, task, "--no-plot")
    assert accuracy(out) == 100.0
    assert out.endswith("test accuracy 100.0%: 200 of 200 held-out samples\n")


@pytest.mark.parametrize("task", ["circles", "spirals"])
def test_most_points_are_told_apart(task, capsys):
    assert accuracy(trained(capsys, task, "--no-plot")) >= 98.0


def test_small_digits_are_read(capsys):
    pytest.importorskip("sklearn")
    out = trained(capsys, "digits", "--no-plot")
    assert "1438 samples to train on, 359 held out" in out
    assert accuracy(out) >= 97.0


def test_digits_are_read(capsys):
    out = trained(capsys, "digits28", "--no-plot", "--epochs", "4", "--hidden", "32")
    assert "4000 samples to train on, 1000 held out" in out
    assert accuracy(out) >= 90.0


def test_a_network_of_numbers(capsys):
    out = trained(capsys, "xor", "--scalar", "--epochs", "15", "--no-plot")
    assert "2-8-2 tanh network of numbers" in out
    assert accuracy(out) == 100.0


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_learns(optimizer, capsys):
    out = trained(capsys, "xor", "--optimizer", optimizer, "--epochs", "20", "--no-plot")
    assert f"; {optimizer} from learning rate" in out
    assert accuracy(out) >= 99.0


def test_options_are_followed(capsys):
    out = trained(capsys, "xor", "--hidden", "5,4", "--activation", "relu", "--lr", "0.02", "--batch", "50",
                  "--seed", "3", "--epochs", "2", "--save", "net.npz", "--no-plot")  # fmt: skip
    assert "2-5-4-2 relu network of arrays; adam from learning rate 0.02, batches of 50, seed 3" in out
    assert [line.split()[1] for line in out.splitlines() if line.startswith("epoch")] == ["1/2", "2/2"]
    assert "weights in net.npz" in out
    net = MLP([2, 5, 4, 2], activation="relu").vectorize()
    net.load_state_dict(load("net.npz"))
    assert np.load("net.npz")["0.weight"].tolist() == net[0].weight.numpy().tolist()


def test_off_a_terminal_there_are_about_ten_lines(capsys):
    out = trained(capsys, "xor", "--epochs", "60", "--no-plot")
    epochs = [int(epoch) for epoch in re.findall(r"^epoch +(\d+)/60 ", out, re.MULTILINE)]
    assert epochs == [1, *range(6, 61, 6)]


def test_a_seed_makes_it_repeatable(capsys):
    arguments = "xor", "--epochs", "3", "--no-plot"
    assert trained(capsys, *arguments) == trained(capsys, *arguments)
    assert trained(capsys, *arguments) != trained(capsys, *arguments, "--seed", "1")


@pytest.mark.parametrize(("arguments", "file"), [((), "xor-loss.png"), (("--plot", "curve.svg"), "curve.svg")])
def test_the_curve_is_drawn(arguments, file, capsys, folder):
    pytest.importorskip("matplotlib")
    assert f"loss curve in {file}\n" in trained(capsys, "xor", "--epochs", "2", *arguments)
    assert (folder / file).stat().st_size > 1000
    assert [path.name for path in folder.iterdir()] == [file]


def test_without_matplotlib(capsys, monkeypatch, folder):
    without(monkeypatch, "matplotlib")
    assert "curve" not in trained(capsys, "xor", "--epochs", "1")
    code, out, err = run(capsys, "train", "xor", "--plot", "curve.png")
    assert (code, out) == (2, "")
    assert 'pip install "pathgrad[plot]"' in err
    assert list(folder.iterdir()) == []


def test_a_checkpoint_is_gone_on_from(capsys, folder):
    arguments = "xor", "--no-plot", "--epochs", "6", "--save"
    whole = trained(capsys, *arguments, "whole.npz")
    stop = pathgrad.training._report
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pathgrad.training, "_report", lambda training: interrupt(training, stop))
        code, out, _ = run(capsys, "train", *arguments, "half.npz", "--checkpoint", "run.npz")
    assert code == 130
    assert "interrupted after 3 of 6 epochs\ntest accuracy" in out
    assert "weights in half.npz" in out
    rest = trained(capsys, *arguments, "rest.npz", "--checkpoint", "run.npz")
    assert (folder / "rest.npz").read_bytes() == (folder / "whole.npz").read_bytes()
    assert rest.splitlines()[-2] == whole.splitlines()[-2]


def test_a_checkpoint_says_where_it_goes_on(capsys):
    arguments = "xor", "--no-plot", "--checkpoint", "run.npz", "--epochs"
    assert "resumed" not in trained(capsys, *arguments, "2")
    done = trained(capsys, *arguments, "2")
    assert "nothing left to do: run.npz is at epoch 2; --epochs 4 trains on\n" in done
    assert "epoch 2/2" not in done
    more = trained(capsys, *arguments, "3")
    assert "resumed from epoch 2 in run.npz\nepoch 3/3" in more


OTHERS = [
    ("moons", [], "task xor, not task moons"),
    ("xor", ["--seed", "5"], "seed 0, not seed 5"),
    ("xor", ["--lr", "0.5"], "learning rate 0.03, not learning rate 0.5"),
    ("xor", ["--batch", "7"], "batch size 32, not batch size 7"),
]


@pytest.mark.parametrize(("task", "options", "message"), OTHERS)
def test_the_checkpoint_of_other_settings(task, options, message, capsys, folder):
    arguments = "--no-plot", "--hidden", "8", "--checkpoint", "run.npz", "--epochs"
    trained(capsys, "xor", *arguments, "2")
    good = (folder / "run.npz").read_bytes()
    code, out, err = run(capsys, "train", task, *arguments, "3", *options)
    assert (code, out) == (2, "")
    assert f"the checkpoint 'run.npz' belongs to a training with {message}: name another file, or" in err
    assert (folder / "run.npz").read_bytes() == good
    assert "resumed from epoch 2" in trained(capsys, task, *arguments, "3", *options, "--resume-anyway")
    assert load("run.npz")["settings"]["task"] == task


def test_the_learning_rate_of_a_checkpoint_is_replaced(capsys):
    arguments = "xor", "--no-plot", "--checkpoint", "run.npz", "--epochs"
    trained(capsys, *arguments, "2")
    trained(capsys, *arguments, "4", "--lr", "0.5", "--resume-anyway")
    assert load("run.npz")["schedule"]["base_lrs"] == [0.5]


def interrupt(training, report):
    report(training)
    if training.epoch == 3:
        raise KeyboardInterrupt


def test_interrupted_at_once(capsys, monkeypatch, folder):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("nn.training.loop._epoch", interrupted)
    code, out, _ = run(capsys, "train", "xor")
    assert code == 130
    assert "interrupted after 0 of 60 epochs" in out
    assert list(folder.iterdir()) == []  # no curve of nothing


def test_capital_letters_do_not_matter(capsys, folder):
    pytest.importorskip("matplotlib")
    out = trained(capsys, "XOR", "--activation", "ReLU", "--optimizer", "Adam", "--epochs", "1")
    assert out.startswith("xor: 400")
    assert "2-8-2 relu network of arrays; adam" in out
    assert run(capsys, "figure", "Tangent")[1] == "drawn in tangent.png\n"
    assert sorted(path.name for path in folder.iterdir()) == ["tangent.png", "xor-loss.png"]


def test_tasks_are_listed(capsys):
    out = trained(capsys)
    assert [line.split()[0] for line in out.splitlines()] == list(TASKS)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["cats"], "there is no task 'cats'; choose from digits, digits28, moons"),
        (["moon"], "there is no task 'moon'; did you mean moons?"),
        (["xor", "--activation", "swish"], "there is no activation 'swish'"),
        (["xor", "--activation", "tahn"], "there is no activation 'tahn'; did you mean tanh?"),
        (["xor", "--save", "net.pt"], "--save: the file must end in .npz, NumPy's format, not 'net.pt'"),
        (["xor", "--checkpoint", "net"], "--checkpoint: the file must end in .npz"),
        (["xor", "--optimizer", "lion"], "there is no optimizer 'lion'; choose from adam"),
        (["xor", "--hidden", "8,x"], "--hidden needs the sizes of layers, as in --hidden 32,32, not '8,x'"),
        (["xor", "--hidden", "8,0"], "a size in --hidden must be at least 1"),
        (["xor", "--epochs", "0"], "--epochs must be at least 1"),
        (["xor", "--batch", "0"], "--batch must be at least 1"),
        (["xor", "--lr", "-1"], "lr must be at least 0"),
        (["xor", "--lr", "nan"], "lr must be at least 0"),
        (["xor", "--seed", "-1"], "a seed must not be negative"),
        (["xor", "--plot", "curve.bmp"], "must end in .png, .svg or .pdf"),
        (["xor", "--plot", "nowhere/curve.png"], "make it first"),
        (["xor", "--save", "nowhere/net.npz"], "make it first"),
        (["xor", "--checkpoint", "nowhere/run.npz"], "make it first"),
    ],
)
def test_what_the_user_can_mend(arguments, message, capsys, folder):
    code, out, err = run(capsys, "train", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.startswith("pathgrad: ")
    assert err.count("\n") == 1
    assert list(folder.iterdir()) == []


def test_the_checkpoint_of_another_model(capsys, folder):
    trained(capsys, "xor", "--epochs", "1", "--checkpoint", "run.npz", "--no-plot")
    good = (folder / "run.npz").read_bytes()
    code, _, err = run(capsys, "train", "xor", "--epochs", "2", "--checkpoint", "run.npz", "--hidden", "3")
    assert code == 2
    assert err.startswith("pathgrad: the checkpoint 'run.npz' does not fit: it belongs to another model")
    assert err.count("\n") == 1
    assert (folder / "run.npz").read_bytes() == good
    assert [path.name for path in folder.iterdir()] == ["run.npz"]


def test_what_diverges_is_one_line(capsys, folder):
    code, _, err = run(capsys, "train", "xor", "--lr", "1e308", "--activation", "relu", "--optimizer", "sgd")
    assert code == 2
    assert err.startswith("pathgrad: epoch 1, batch ")
    assert err.count("\n") == 1
    assert list(folder.iterdir()) == []


# ---------------------------------------------------------------------------------------------------------------------
# pathgrad figure
# ---------------------------------------------------------------------------------------------------------------------


def test_figures_are_listed_with_a_line_each(capsys):
    code, out, err = run(capsys, "figure")
    assert (code, err) == (0, "")
    lines = [line.split(maxsplit=1) for line in out.splitlines()]
    assert [name for name, _ in lines] == list(FIGURES)
    assert all(len(about) > 10 for _, about in lines)


@pytest.mark.parametrize(("arguments", "file"), [(["tangent"], "tangent.png"), (["tangent", "t.svg"], "t.svg")])
def test_a_figure_is_drawn(arguments, file, capsys, folder):
    pytest.importorskip("matplotlib")
    assert run(capsys, "figure", *arguments) == (0, f"drawn in {file}\n", "")
    assert [path.name for path in folder.iterdir()] == [file]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mona-lisa"], "there is no figure 'mona-lisa'; choose from difference-errors"),
        (["tangent", "tangent.bmp"], "must end in .png, .svg or .pdf"),
        (["tangent", "nowhere/tangent.png"], "make it first"),
    ],
)
def test_what_cannot_be_drawn(arguments, message, capsys, folder):
    pytest.importorskip("matplotlib")
    code, out, err = run(capsys, "figure", *arguments)
    assert (code, out) == (2, "")
    assert message in err
    assert err.count("\n") == 1
    assert list(folder.iterdir()) == []
