"""Files that are written whole or not at all."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["check_writable", "update", "write"]

_TEMPORARY = re.compile(r"\.pathgrad-[0-9a-f]{16}\.tmp")
_STALE = 3600.0  # a temporary file that has not been written to for so many seconds belongs to a dead run


def write(file: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file; on any error, an existing file stays as it was.

    The content goes into a temporary file in the same folder, which then replaces the file in one step.  Both the
    content and the step have reached the disk when this returns.  The file keeps its mode, and a link stays a link.  A
    device or a pipe is written into.

    Args:
        file: the file to write.
        content: its whole content.

    Returns:
        The path of the file.

    Raises:
        FileNotFoundError: if the folder does not exist.
        OSError: if the file cannot be written.

    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(Path(folder, "note.txt"), b"whole").read_bytes()
    b'whole'
    """
    path = Path(file)
    with _named(path):
        present = _present(path)
        if present is not None and not stat.S_ISREG(present.st_mode):
            with open(path, "wb", buffering=0) as stream:
                _write_all(stream, content)
        else:
            _replace(Path(os.path.realpath(path)), content, present)
    return path


def check_writable(file: str | os.PathLike[str], size: int = 0) -> None:
    """Check that :func:`write` can write a file, before any work is done for it.

    Args:
        file: the file.
        size: the number of bytes that there must be room for.

    Raises:
        FileNotFoundError: if the folder does not exist.
        OSError: if the file cannot be written.
    """
    path = Path(file)
    with _named(path):
        present = _present(path)
        if present is None or stat.S_ISREG(present.st_mode):
            with _temporary(Path(os.path.realpath(path)).parent, 0o600) as (stream, _):
                for _ in range(0, size, 1 << 20):
                    _write_all(stream, bytes(1 << 20))


def update(file: Path, text: str, check: bool = False) -> bool:
    """Give a generated file this text.

    Args:
        file: where to.
        text: all of it.
        check: only look, and write nothing.

    Returns:
        Whether the file had this text already.
    """
    current = file.exists() and file.read_text(encoding="utf-8") == text
    if not (check or current):
        write(file, text.encode())
    return current


def _present(path: Path) -> os.stat_result | None:
    """What stands under this name, ``None`` for nothing; an error if it must not be written to."""
    folder = Path(os.path.realpath(path)).parent
    if not folder.is_dir():
        raise FileNotFoundError(f"the folder {str(path.parent)!r} for {path.name!r} does not exist: make it first")
    try:
        present = os.stat(path)
    except FileNotFoundError:
        return None
    if stat.S_ISDIR(present.st_mode):
        raise IsADirectoryError(errno.EISDIR, "it is a folder")
    if stat.S_ISBLK(present.st_mode) or stat.S_ISSOCK(present.st_mode):
        raise OSError(errno.EINVAL, "it is a disk or a socket")
    if not os.access(path, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
    return present


def _replace(target: Path, content: bytes, present: os.stat_result | None) -> None:
    """Put the content in the place of a regular file, or of nothing."""
    with _temporary(target.parent, 0o666 if present is None else 0o600) as (stream, temporary):
        if present is not None and hasattr(os, "fchmod"):
            with suppress(OSError):  # only the superuser may give files away
                os.fchown(stream.fileno(), present.st_uid, present.st_gid)
            os.fchmod(stream.fileno(), stat.S_IMODE(present.st_mode))
        _write_all(stream, content)
        os.fsync(stream.fileno())
        stream.close()  # Windows renames no open file
        os.replace(temporary, target)
    _sync_folder(target.parent)


@contextmanager
def _temporary(folder: Path, mode: int) -> Iterator[tuple[BinaryIO, Path]]:
    """A new file with a random name, which is removed afterwards if it is still there; and those of dead runs too."""
    path = folder / f".pathgrad-{secrets.token_hex(8)}.tmp"
    stream = open(  # noqa: SIM115 (it is closed below)
        path, "xb", buffering=0, opener=lambda name, flags: os.open(name, flags, mode)
    )
    try:
        now = os.fstat(stream.fileno()).st_mtime  # by the clock of the file system
        for entry in os.scandir(folder):
            if _TEMPORARY.fullmatch(entry.name):
                with suppress(OSError):  # another process may remove it too
                    if now - entry.stat(follow_symlinks=False).st_mtime > _STALE:
                        os.unlink(entry)
        yield stream, path
    finally:
        stream.close()
        path.unlink(missing_ok=True)


def _write_all(stream: BinaryIO, content: bytes) -> None:
    rest = memoryview(content)
    while rest:
        rest = rest[stream.write(rest) :]


def _sync_folder(folder: Path) -> None:
    """Make the disk remember the names in a folder; where folders cannot be synced, there is nothing to do."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """Errors of the system in this block name the file that was asked for."""
    try:
        yield
    except OSError as error:
        if error.errno is None:
            raise
        raise OSError(error.errno, f"cannot write {str(path)!r}: {error.strerror}") from None
