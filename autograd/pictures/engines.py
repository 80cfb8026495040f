"""The engines that turn DOT into a picture, in the order in which they are tried.

1. ``dot`` of an installed Graphviz: the one that ``$GRAPHVIZ_DOT`` names, or the one on ``PATH``;
2. ``pygraphviz``, whose wheels carry Graphviz;
3. ``graphviz-pure``, a rewrite of Graphviz in a small wheel for nearly every machine.  It makes PNG and SVG, but not
   PDF, and its PNG has the characters of its own fonts only: Latin, Greek and ∂, but neither ∇ nor Hangul.

``pip install "pathgrad[draw]"`` installs the last two.  Each engine runs in a process of its own, so that a slow one
can be ended, and its warnings stay out of the user's terminal.  Without any engine :mod:`autograd.pictures.svg` still
draws SVG.

A PNG or PDF shows the characters of the fonts on the machine; Hangul needs a Korean font, such as Debian's
``fonts-nanum``.  A warning names characters without a font, once, where that can be found out.  On a Linux without
fonts, such as a slim container, the DejaVu fonts of matplotlib are used (Latin, Greek, ∂, ∇); without matplotlib too,
``graphviz-pure`` goes first.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from warnings import warn

from autograd.core.errors import stack_level

__all__ = ["EngineError", "SizeError", "convert"]

_PYGRAPHVIZ = """
import sys, pygraphviz
graph = pygraphviz.AGraph(string=sys.stdin.buffer.read().decode())
sys.stdout.buffer.write(graph.draw(format=sys.argv[1], prog=graph.graph_attr.get("layout") or "dot"))
"""


class EngineError(RuntimeError):
    """No engine could draw the picture; the message says what was tried and what to do."""

    __module__ = "autograd"


class SizeError(EngineError):
    """The picture is larger than its format can be, so that the engine would have made it smaller."""


def convert(source: str, format: str, timeout: float | None = 60.0) -> bytes:
    """Convert DOT with the first engine that can.

    Args:
        source: the graph, in the DOT language.
        format: ``"png"``, ``"svg"`` or ``"pdf"``.
        timeout: how many seconds all attempts together may take; ``None`` for no limit.

    Raises:
        EngineError: if none of them can; a :class:`SizeError` if the picture is too large.
    """
    end = None if timeout is None else time.monotonic() + timeout
    remedy = 'pip install "pathgrad[draw]"'
    failures = []
    fontless = _fontless()
    borrowed = _borrowed_fonts() if fontless else None
    engines = list(_commands(format))
    if fontless and borrowed is None:
        engines.reverse()  # the last one has its own fonts
    with _environment(borrowed) as environment:
        for engine, command in engines:
            if isinstance(command, str):
                failures.append(f"{engine}: {command}")
                continue
            try:
                drawn = _run(command, source, environment, None if end is None else end - time.monotonic())
            except subprocess.TimeoutExpired:
                failures.append(f"{engine}: not done after {timeout:g} seconds")
                remedy = "draw less, with named=True, or allow more, with timeout=None"
                break  # the others are no faster
            except SizeError:
                raise
            except (OSError, EngineError) as error:
                failures.append(f"{engine}: {error}")
            else:
                if format != "svg":  # whose fonts are those of its reader
                    _warn_of_missing_characters(source, engine, borrowed)
                return drawn
    raise EngineError(f"nothing here could make {format.upper()} ({'; '.join(failures)}): {remedy}")


def _commands(format: str) -> Iterator[tuple[str, list[str] | str]]:
    """Every engine, with the command that reads DOT and writes the picture, or the reason why it cannot run."""
    dot = os.environ.get("GRAPHVIZ_DOT") or shutil.which("dot")
    yield "dot", [dot, f"-T{format}"] if dot else "not on PATH"

    if find_spec("pygraphviz") is None:
        yield "pygraphviz", "not installed"
    else:
        yield "pygraphviz", [sys.executable, "-c", _PYGRAPHVIZ, format]

    scripts = os.path.dirname(sys.executable)
    pure = shutil.which("graphviz-pure", path=scripts) or shutil.which("graphviz-pure")
    yield "graphviz-pure", [pure, f"-T{format}"] if pure else "not installed"


def _run(command: list[str], source: str, environment: dict[str, str], timeout: float | None) -> bytes:
    done = subprocess.run(command, input=source.encode(), capture_output=True, env=environment, timeout=timeout)
    if done.returncode or not done.stdout:
        complaint = done.stderr.decode(errors="replace").strip().splitlines()
        raise EngineError(complaint[-1] if complaint else f"ended with exit code {done.returncode}")
    if b"too large" in done.stderr:  # "graph is too large for cairo-renderer bitmaps. Scaling by 0.5 to fit"
        raise SizeError("the picture is too large for its format: draw it folded, with fold=True, or as SVG")
    return done.stdout


# ---------------------------------------------------------------------------------------------------------------------
# Fonts
# ---------------------------------------------------------------------------------------------------------------------

_PURE_LACKS = re.compile("[\u0600-\u1dff∇\u2c00-\U0010ffff]")
"""Characters that the fonts of graphviz-pure do not have; it also lacks some signs of mathematics."""
_DEJAVU_ENDS = "\u2c00"
"""The fonts of matplotlib have most letters and signs before this one, and hardly any after it."""
_warned: set[str] = set()

_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")

_FONTCONFIG = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir></fontconfig>
"""


def _fontless() -> bool:
    """Whether this is a Linux without any font; other systems always have some."""
    if not sys.platform.startswith("linux") or "FONTCONFIG_FILE" in os.environ:
        return False
    return not any(True for folder in _FONT_FOLDERS for _ in Path(folder).expanduser().rglob("*.[ot]t[fc]"))


def _borrowed_fonts() -> Path | None:
    """The folder of matplotlib's fonts, if it is installed."""
    matplotlib = find_spec("matplotlib")
    return Path(matplotlib.origin).parent / "mpl-data/fonts/ttf" if matplotlib and matplotlib.origin else None


def _warn_of_missing_characters(source: str, engine: str, borrowed: Path | None) -> None:
    """Warn, once, of characters that the fonts of the engine do not have."""
    letters = [letter for letter in dict.fromkeys(source) if not letter.isascii() and letter not in _warned]
    missing = [letter for letter in letters if not _has_font(letter, engine, borrowed)]
    if missing:
        _warned.update(missing)
        shown = " ".join(missing[:10] + ["…"] * (len(missing) > 10))
        warn(
            f"no font here has {shown}, so the picture shows boxes instead: install a font "
            "that has, such as Debian's fonts-nanum for Hangul, or draw SVG",
            stacklevel=stack_level(),
        )


def _has_font(letter: str, engine: str, borrowed: Path | None) -> bool:
    """Whether a font has this character; also if that cannot be found out."""
    if engine == "graphviz-pure":
        return not _PURE_LACKS.match(letter)
    if borrowed:
        return letter < _DEJAVU_ENDS
    command = shutil.which("fc-list")
    if command is None:
        return True
    asked = [command, "--quiet", f":charset={ord(letter):x}"]
    try:
        return subprocess.run(asked, capture_output=True, timeout=10).returncode != 1
    except (OSError, subprocess.TimeoutExpired):
        return True


@contextmanager
def _environment(fonts: Path | None) -> Iterator[dict[str, str]]:
    """The environment variables for an engine: our own, or with these fonts."""
    if fonts is None:
        yield dict(os.environ)
        return
    with TemporaryDirectory() as folder:
        settings = Path(folder, "fonts.conf")
        settings.write_text(_FONTCONFIG.format(fonts=fonts, cache=folder), encoding="utf-8")
        yield {**os.environ, "FONTCONFIG_FILE": str(settings)}
