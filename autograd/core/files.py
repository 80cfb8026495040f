"""Files that are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["check_folder", "update", "write"]


def write(file: str | os.PathLike[str], content: bytes) -> Path:
    """Write a file; on any error, an existing file stays as it was.

    The content goes into a temporary file in the same folder, which then replaces the file in one step.

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
    check_folder(file)
    path = Path(file)
    target = path.resolve()  # a link stays a link
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        temporary.write_bytes(content)
        os.replace(temporary, target)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def check_folder(file: str | os.PathLike[str]) -> None:
    """Check that the folder of a file exists, before any work is done for it.

    Raises:
        FileNotFoundError: if the folder does not exist.
    """
    path = Path(file)
    if not path.resolve().parent.is_dir():
        raise FileNotFoundError(f"the folder {str(path.parent)!r} for {path.name!r} does not exist: make it first")


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
