"""Files under attack: devices, other writers, full disks, and content that was made to do harm."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
import threading
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograd.core.files import check_writable, write
from nn import MLP, functional, optim
from nn.training import Training, fit
from nn.training.history import History
from nn.training.saving import load, save

pytestmark = [
    pytest.mark.same_in_both_modes,
    pytest.mark.skipif(os.name != "posix", reason="modes, links, pipes and limits of POSIX"),
]

# ---------------------------------------------------------------------------------------------------------------------
# Writing
# ---------------------------------------------------------------------------------------------------------------------


def test_a_pipe_is_written_into(tmp_path: Path) -> None:
    pipe, read = tmp_path / "pipe.npz", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()))
    reader.start()
    write(pipe, b"x" * 200_000)
    reader.join()
    assert (read, stat.S_ISFIFO(pipe.stat().st_mode)) == ([b"x" * 200_000], True)
    check_writable(pipe)


def test_a_device_is_written_into(tmp_path: Path) -> None:
    device = tmp_path / "null.png"
    try:
        os.mknod(device, 0o666 | stat.S_IFCHR, os.makedev(1, 3))
        device.write_bytes(b"")
    except PermissionError:
        pytest.skip("only the superuser makes devices")
    write(device, b"gone")
    assert stat.S_ISCHR(device.stat().st_mode)
    with pytest.raises(ValueError, match="not a regular file"):
        load(device)


def test_a_folder_is_refused(tmp_path: Path) -> None:
    for attempt in (lambda: write(tmp_path, b""), lambda: check_writable(tmp_path)):
        with pytest.raises(IsADirectoryError, match=r"cannot write .*: it is a folder"):
            attempt()


def test_modes_and_links_stay(tmp_path: Path) -> None:
    file, link = tmp_path / "weights.npz", tmp_path / "link.npz"
    write(file, b"1")
    mask = os.umask(0)
    os.umask(mask)
    assert stat.S_IMODE(file.stat().st_mode) == 0o666 & ~mask
    file.chmod(0o600)
    link.symlink_to(file)
    write(link, b"2")
    assert (link.is_symlink(), file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (True, b"2", 0o600)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write anything")
def test_what_is_protected_is_refused_before_any_work(tmp_path: Path) -> None:
    file = write(tmp_path / "weights.npz", b"1")
    file.chmod(0o400)
    with pytest.raises(PermissionError, match="cannot write"):
        check_writable(file)
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError, match="cannot write"):
        check_writable(tmp_path / "other.npz")
    tmp_path.chmod(0o700)


def test_a_name_may_be_as_long_as_the_system_allows(tmp_path: Path) -> None:
    assert write(tmp_path / ("x" * 255), b"1").read_bytes() == b"1"


def test_temporary_files_of_dead_runs_are_removed(tmp_path: Path) -> None:
    old, young, other = (
        tmp_path / name for name in (f".pathgrad-{'0' * 16}.tmp", f".pathgrad-{'1' * 16}.tmp", ".x.tmp")
    )
    for file in (old, young, other):
        file.write_bytes(b"")
    for file in (old, other):
        os.utime(file, (0, 0))
    write(tmp_path / "weights.npz", b"1")
    assert {file.name for file in tmp_path.iterdir()} == {"weights.npz", young.name, other.name}


def test_two_writers_and_a_reader_of_one_file(tmp_path: Path) -> None:
    file, contents, damaged = tmp_path / "weights.npz", [bytes([i]) * 100_000 for i in range(2)], list[bytes]()
    write(file, contents[0])
    writers = [
        threading.Thread(target=lambda content=content: [write(file, content) for _ in range(50)])
        for content in contents
    ]
    for writer in writers:
        writer.start()
    while any(writer.is_alive() for writer in writers):
        found = file.read_bytes()
        if found not in contents:
            damaged.append(found)
    assert (damaged, list(tmp_path.iterdir())) == ([], [file])


TRAINING = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from nn import MLP, functional, optim
from nn.training import fit
net = MLP([2, 50, 2], rng=0).vectorize()
epochs = []
resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
try:
    fit(net, ([[0.0, 1.0]] * 4, [0, 1, 0, 1]), functional.cross_entropy, optim.Adam(net.parameters()), 3,
        checkpoint=sys.argv[1], callbacks=[epochs.append])
except OSError as error:
    print(len(epochs), error)
"""


def test_a_full_disk_is_noticed_before_the_first_epoch(tmp_path: Path) -> None:
    """A limit on the size of files stands for the disk."""
    file = write(tmp_path / "run.npz", b"")
    file.unlink()
    root = Path(__file__).parent.parent
    found = subprocess.run(
        [sys.executable, "-c", TRAINING, str(file)], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    assert found.startswith("0 ")
    assert f"cannot write {str(file)!r}: File too large" in found
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------------------------------------------------------------
# Reading
# ---------------------------------------------------------------------------------------------------------------------


def header(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def archive(structure: str, compression: int = zipfile.ZIP_STORED, **arrays: bytes) -> bytes:
    content = BytesIO()
    with zipfile.ZipFile(content, "w", compression) as file:
        file.writestr("structure.json", structure)
        for name, array in arrays.items():
            file.writestr(f"{name}.npy", array)
    return content.getvalue()


NUMBER = header("(1,)") + bytes(8)
HARMFUL = {
    "a terabyte in 354 bytes": archive('{"array": "a"}', a=header("(131072, 1048576)")),
    "nothing, in a huge shape": archive('{"array": "a"}', a=header(f"(0, {10**30})")),
    "a negative shape": archive('{"array": "a"}', a=header("(-1,)") + bytes(8)),
    "compressed": archive("[" + "0, " * 100_000 + "0]", zipfile.ZIP_DEFLATED),
    "compressed in a rare way": archive("[1]", zipfile.ZIP_LZMA),
    "deep": archive("[" * 100_000 + "]" * 100_000),
    "objects": archive('{"array": "a"}', a=header("(1,)", "'|O'") + bytes(8)),
    "one array, many times": archive(str([{"array": "a"}] * 9).replace("'", '"'), a=NUMBER),
    "an unknown kind": archive('{"thing": "a"}', a=NUMBER),
    "a list as a key": archive('{"dict": [[[], 1]]}'),
    "no structure": archive("", a=NUMBER),
    "a number beyond all bounds": archive("[" + "9" * 5000 + "]"),
    "a program as a header": archive('{"array": "a"}', a=header("__import__('os').mkdir('exploded')")),
}


@pytest.mark.parametrize("content", HARMFUL.values(), ids=HARMFUL)
def test_harmful_content_is_a_value_error(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "data.npz"
    file.write_bytes(content)
    with pytest.raises(ValueError, match=r"is damaged or was not written by nn\.training\.save"):
        load(file)
    assert not Path("exploded").exists()


def encrypted() -> bytes:
    content = bytearray(archive("[1]"))
    for place in (content.index(b"PK\x03\x04") + 6, content.index(b"PK\x01\x02") + 8):
        content[place] |= 1
    return bytes(content)


def test_an_encrypted_entry_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.npz").write_bytes(encrypted())
    with pytest.raises(ValueError, match="compressed or encrypted"):
        load(tmp_path / "data.npz")


def test_whatever_is_damaged_is_a_value_error_or_read_as_data(tmp_path: Path) -> None:
    rng, file = random.Random(0), tmp_path / "data.npz"
    whole = save({"a": np.arange(6.0), "b": [1, "x", None, (True, 0.5)]}, file).read_bytes()
    refused = 0
    for _ in range(500):
        content = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            content[rng.randrange(len(content))] = rng.randrange(256)
        file.write_bytes(content[: rng.randrange(len(content))] if rng.random() < 0.2 else content)
        try:
            load(file)
        except ValueError:
            refused += 1
    assert refused > 300


def test_data_that_are_nested_too_deeply_are_not_saved(tmp_path: Path) -> None:
    deep: Any = 1
    for _ in range(150):
        deep = {"x": [deep]}
    for _ in range(2):
        with pytest.raises(TypeError, match="nested too deeply"):
            save(deep, tmp_path / "data.npz")
        for _ in range(5000):
            deep = [deep]
    assert list(tmp_path.iterdir()) == []


def test_what_does_not_exist_is_an_os_error(tmp_path: Path) -> None:
    for file in (tmp_path, tmp_path / "none.npz"):
        with pytest.raises(OSError, match=r"directory"):
            load(file)


# ---------------------------------------------------------------------------------------------------------------------
# A state that does not fit changes nothing
# ---------------------------------------------------------------------------------------------------------------------


def training(seed: int = 0) -> Training:
    net = MLP([2, 3, 2], rng=seed).vectorize()
    adam = optim.Adam(net.parameters(), lr=0.1)
    made = Training(net, adam, optim.StepLR(adam, 2), History(), np.random.default_rng(seed), 3)
    x = np.random.default_rng(seed).normal(size=(4, 2))

    def keep(now: Training) -> None:
        made.history, made.best = now.history, now.model.state_dict()

    fit(net, (x, np.array([0, 1, 0, 1])), functional.cross_entropy, adam, 2, schedule=made.schedule, callbacks=[keep])
    return made


def damages(state: dict[str, Any]) -> list[tuple[str, Any]]:
    """Every part of a state, each replaced by what is wrong there."""
    found: list[tuple[str, Any]] = []
    for name in ("description", "kinds", "model", "optimizer", "schedule", "generators", "history"):
        found += [(name, wrong) for wrong in (None, 3, "abc", [], {"x": 1})]
    found += [("history", {"loss": wrong}) for wrong in ("abc", ["x"], [[1.0]], None)]
    found += [("history", {"loss": [1.0], "accuracy": []}), ("best", 3), ("best", {"0.weight": 1.0})]
    optimizer = state["optimizer"]
    found += [("optimizer", optimizer | {"state": wrong}) for wrong in (None, 3, {0: None}, {0: {"M": "x"}}, {9: {}})]
    groups = optimizer["param_groups"]
    found += [
        ("optimizer", optimizer | {"param_groups": wrong}) for wrong in (None, [None], [groups[0] | {"lr": -1.0}])
    ]
    found += [("schedule", state["schedule"] | {"last_epoch": wrong}) for wrong in (None, "x", [1])]
    return found


def test_a_state_that_does_not_fit_changes_nothing() -> None:
    now, other = training(0), training(1)
    before, state = repr(now.state_dict()), other.state_dict()
    for name, wrong in damages(state):
        with pytest.raises(ValueError, match="the state does not match this training"):
            now.load_state_dict(state | {name: wrong})
        assert repr(now.state_dict()) == before, (name, wrong)
    for wrong in (None, 3, [], "abc"):
        with pytest.raises(ValueError, match="the state does not match this training"):
            now.load_state_dict(wrong)  # type: ignore[arg-type]
    assert repr(now.state_dict()) == before
    now.load_state_dict(state)
    assert repr(now.state_dict()) == repr(state)
