"""The engines: which is tried when, what happens if one fails, and what is said if all do."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib.util import find_spec
from pathlib import Path

import pytest

from autograd import Value, draw, render
from autograd.pictures import engines as the_engines
from autograd.pictures.engines import EngineError, convert

pytestmark = pytest.mark.same_in_both_modes

DOT = "digraph { a -> b }"

PURE = shutil.which("graphviz-pure", path=os.path.dirname(sys.executable)) or shutil.which("graphviz-pure")

needs_pure = pytest.mark.skipif(PURE is None, reason="graphviz-pure is not installed")
needs_pygraphviz = pytest.mark.skipif(find_spec("pygraphviz") is None, reason="pygraphviz is not installed")
posix = pytest.mark.skipif(os.name == "nt", reason="the stand-in programs are shell scripts")


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine without any engine; what a test puts into the folder that it returns is on PATH."""
    programs = tmp_path / "programs"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.delenv("GRAPHVIZ_DOT", raising=False)
    monkeypatch.delenv("FONTCONFIG_FILE", raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setattr(the_engines, "find_spec", lambda name: None)
    return programs


def program(folder: Path, name: str, script: str) -> Path:
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


# ---------------------------------------------------------------------------------------------------------------------
# The methods of a drawing, which replace those of graphviz.Digraph
# ---------------------------------------------------------------------------------------------------------------------


@posix
@pytest.mark.parametrize(
    ("call", "file", "content"),
    [
        (lambda d: d.render("q.png"), "q.png", "drawn -Tpng"),
        (lambda d: d.render("q"), "q.svg", "drawn -Tsvg"),
        (lambda d: d.render("q", format="pdf", cleanup=True), "q.pdf", "drawn -Tpdf"),
        (lambda d: d.render("q.png", format="svg"), "q.png.svg", "drawn -Tsvg"),
        (lambda d: d.render("q.png", format="png"), "q.png", "drawn -Tpng"),
        (lambda d: d.render(outfile="q.svg"), "q.svg", "drawn -Tsvg"),
        (lambda d: d.render("q.gv"), "q.gv", "digraph"),
        (lambda d: d.save("q.png"), "q.png", "drawn -Tpng"),
        (lambda d: d.save("q.dot"), "q.dot", "digraph"),
        (lambda d: d.save("q"), "q", "digraph"),
    ],
)
def test_a_drawing_is_written_by_our_engines(bare, tmp_path, monkeypatch, call, file, content):
    program(bare, "dot", 'echo "drawn $*"')
    monkeypatch.chdir(tmp_path)
    before = {path.name for path in tmp_path.iterdir()}
    assert call(draw(Value(2.0) * 3)) == file
    assert {path.name for path in tmp_path.iterdir()} - before == {file}  # and no DOT besides
    assert (tmp_path / file).read_text().startswith(content)


@posix
def test_a_drawing_is_piped_and_viewed_by_our_engines(bare, tmp_path, monkeypatch):
    program(bare, "dot", 'echo "drawn $*"')
    monkeypatch.chdir(tmp_path)
    drawing, viewed = draw(Value(2.0) * 3), []
    monkeypatch.setattr("graphviz.view", viewed.append)
    assert drawing.pipe("png") == b"drawn -Tpng\n"
    assert drawing.pipe(encoding="utf-8") == "drawn -Tsvg\n"
    assert drawing.view("q.png") == "q.png"
    assert viewed == [Path("q.png")]
    assert drawing.source == draw(Value(2.0) * 3).source


def test_a_drawing_needs_no_engine_for_svg_and_names_what_png_needs(bare, tmp_path):
    drawing = draw(Value(2.0) * 3)
    assert ET.fromstring(drawing.pipe("svg"))
    with pytest.raises(EngineError, match=r"pip install .*; the graph itself is in .*q\.dot"):
        drawing.render(tmp_path / "q.png")
    assert not (tmp_path / "q.png").exists()


# ---------------------------------------------------------------------------------------------------------------------
# The order
# ---------------------------------------------------------------------------------------------------------------------


@posix
def test_dot_comes_first(bare):
    program(bare, "dot", 'echo "dot $*"')
    program(bare, "graphviz-pure", "echo pure")
    assert convert(DOT, "png") == b"dot -Tpng\n"


@posix
def test_the_environment_names_a_dot_before_path_does(bare, tmp_path, monkeypatch):
    program(bare, "dot", "echo from PATH")
    monkeypatch.setenv("GRAPHVIZ_DOT", str(program(tmp_path, "mine", "echo mine")))
    assert convert(DOT, "svg") == b"mine\n"


@posix
def test_an_engine_reads_the_source_whole(bare):
    program(bare, "dot", 'while IFS= read -r line; do echo "$line"; done')
    source = draw(Value(1.0, "온도 ∂")).source
    assert convert(source, "svg").decode() == source


@posix
def test_an_engine_that_fails_makes_room_for_the_next(bare):
    program(bare, "dot", "echo 'a warning' >&2; echo 'no plugins' >&2; exit 1")
    program(bare, "graphviz-pure", "echo pure")
    assert convert(DOT, "svg") == b"pure\n"


@needs_pygraphviz
def test_pygraphviz_draws(bare, monkeypatch):
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(bare))
    monkeypatch.setattr(the_engines.shutil, "which", lambda *_, **__: None)
    assert convert(DOT, "png").startswith(b"\x89PNG")
    assert convert(DOT, "pdf").startswith(b"%PDF")
    assert b"Graphics/SVG" in convert(DOT, "svg")


@needs_pygraphviz
def test_an_engine_keeps_its_warnings_to_itself(capfd):
    render_to_nowhere = convert(DOT, "svg")
    assert render_to_nowhere
    assert capfd.readouterr() == ("", "")


@needs_pure
@posix
def test_graphviz_pure_draws_from_path_or_from_beside_python(bare, monkeypatch):
    (bare / "graphviz-pure").symlink_to(PURE)
    assert convert(DOT, "png").startswith(b"\x89PNG")
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", str(bare / "python"))
    assert b"</svg>" in convert(DOT, "svg")


@needs_pure
@posix
def test_graphviz_pure_knows_no_pdf_and_says_so(bare):
    (bare / "graphviz-pure").symlink_to(PURE)
    with pytest.raises(EngineError, match=r"could make PDF \(.*graphviz-pure: Format: .*not recognized"):
        convert(DOT, "pdf")


# ---------------------------------------------------------------------------------------------------------------------
# When nothing helps
# ---------------------------------------------------------------------------------------------------------------------


@posix
def test_a_picture_that_an_engine_would_shrink_is_refused(bare, tmp_path):
    program(bare, "dot", "echo 'dot: graph is too large for cairo-renderer bitmaps. Scaling by 0.5' >&2; echo x")
    with pytest.raises(
        EngineError, match="the picture is too large for its format: draw it folded, with fold=True, or"
    ):
        render(Value(3.0, "x") * 2, tmp_path / "y.png")
    assert not (tmp_path / "y.png").exists()
    assert (tmp_path / "y.dot").exists()


@posix
def test_a_sharp_picture_that_is_too_large_is_drawn_at_the_usual_resolution(bare):
    complain = 'while read -r line; do case "$line" in *dpi*) echo "graph is too large" >&2;; esac; done; echo plain'
    program(bare, "dot", complain)
    assert draw(Value(3.0, "x") * 2).pipe("png") == b"plain\n"


def test_without_an_engine_the_message_says_what_was_tried_and_what_to_do(bare):
    with pytest.raises(EngineError) as error:
        convert(DOT, "png")
    assert str(error.value) == (
        "nothing here could make PNG (dot: not on PATH; pygraphviz: not installed; graphviz-pure: not installed): "
        'pip install "pathgrad[draw]"'
    )


def test_without_an_engine_svg_is_drawn_all_the_same(bare, tmp_path):
    x = Value(3.0, "x")
    root = ET.parse(render(x * x, tmp_path / "y.svg")).getroot()
    assert {"x", "v1 = x * x", "9", "3"} <= {"".join(text.itertext()) for text in root.iter()}
    assert ET.fromstring(draw(x * x)._repr_mimebundle_()["image/svg+xml"]).tag.endswith("svg")


@pytest.mark.parametrize("suffix", [".png", ".pdf"])
def test_without_an_engine_the_dot_is_there_and_an_old_picture_stays(bare, tmp_path, suffix):
    old = tmp_path / f"y{suffix}"
    old.write_bytes(b"old")
    y = Value(3.0, "x") * 2
    with pytest.raises(EngineError, match=r'pip install "pathgrad\[draw\]"; the graph itself is in .*y\.dot'):
        render(y, old)
    assert old.read_bytes() == b"old"
    assert (tmp_path / "y.dot").read_text(encoding="utf-8").count("->") == draw(y).source.count("->") == 2
    assert sorted(os.listdir(tmp_path)) == sorted(["programs", "y.dot", old.name])


@posix
def test_a_program_that_is_none_is_named(bare, tmp_path, monkeypatch):
    monkeypatch.setenv("GRAPHVIZ_DOT", str(tmp_path / "gone"))
    with pytest.raises(EngineError, match=r"dot: .*gone"):
        convert(DOT, "png")


@posix
def test_an_engine_without_output_has_failed(bare):
    program(bare, "dot", "exit 0")
    with pytest.raises(EngineError, match="dot: ended with exit code 0"):
        convert(DOT, "png")


@posix
def test_an_engine_that_takes_too_long_is_ended(bare, tmp_path):
    program(bare, "dot", "exec /bin/sleep 600")
    with pytest.raises(EngineError, match=r"dot: not done after 0\.2 seconds\): draw less, with named=True"):
        convert(DOT, "png", timeout=0.2)
    assert b"<svg" in render(Value(1.0), tmp_path / "y.svg", timeout=0.2).read_bytes()


# ---------------------------------------------------------------------------------------------------------------------
# Fonts
# ---------------------------------------------------------------------------------------------------------------------

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only a Linux can be without fonts")
SHOW_FONTS = 'echo "$FONTCONFIG_FILE"; while IFS= read -r line; do echo "$line"; done < "$FONTCONFIG_FILE"'


@pytest.fixture
def fontless(bare, monkeypatch):
    monkeypatch.setattr(the_engines, "_FONT_FOLDERS", (str(bare),))
    return bare


@linux
def test_a_machine_without_fonts_borrows_those_of_matplotlib(fontless, tmp_path, monkeypatch):
    class Spec:
        origin = str(tmp_path / "matplotlib" / "__init__.py")

    monkeypatch.setattr(the_engines, "find_spec", lambda name: Spec if name == "matplotlib" else None)
    program(fontless, "dot", SHOW_FONTS)
    file, *settings = convert(DOT, "png").decode().splitlines()
    fonts = ET.fromstringlist(settings).findtext("dir")
    assert fonts == str(tmp_path / "matplotlib" / "mpl-data" / "fonts" / "ttf")
    assert not os.path.exists(file)


@linux
def test_matplotlib_keeps_its_fonts_where_they_are_looked_for():
    matplotlib = pytest.importorskip("matplotlib")
    assert the_engines._borrowed_fonts() == Path(matplotlib.get_data_path(), "fonts", "ttf")
    assert (the_engines._borrowed_fonts() / "DejaVuSans.ttf").is_file()


@linux
def test_without_any_font_the_engine_that_brings_its_own_goes_first(fontless, monkeypatch):
    program(fontless, "dot", "echo dot")
    program(fontless, "graphviz-pure", "echo pure")
    assert convert(DOT, "png") == b"pure\n"
    (fontless / "some.ttf").touch()
    assert convert(DOT, "png") == b"dot\n"


@linux
def test_fonts_that_the_user_chose_are_left_alone(fontless, monkeypatch):
    monkeypatch.setenv("FONTCONFIG_FILE", "mine.conf")
    program(fontless, "dot", 'echo "$FONTCONFIG_FILE"')
    assert convert(DOT, "png") == b"mine.conf\n"


@pytest.fixture
def nothing_said(monkeypatch):
    monkeypatch.setattr(the_engines, "_warned", set())


HANGUL = 'digraph { a [label="손실 ∂"] }'


@posix
def test_a_script_without_a_font_is_said_once(bare, nothing_said, tmp_path, monkeypatch):
    (bare / "some.ttf").touch()
    monkeypatch.setattr(the_engines, "_FONT_FOLDERS", (str(bare),))
    program(bare, "dot", "echo drawn")
    program(bare, "fc-list", 'test "$2" = ":charset=2202"')  # a font with ∂
    assert convert(HANGUL, "svg") == b"drawn\n"  # whose fonts are those of its reader
    with pytest.warns(UserWarning, match="no font here has 손 실, so the picture shows boxes") as caught:
        convert(HANGUL, "png")
    assert caught[0].filename == __file__
    assert convert(HANGUL, "png") == b"drawn\n"
    (bare / "fc-list").unlink()
    the_engines._warned.clear()
    assert convert(HANGUL, "png") == b"drawn\n"  # it cannot be found out


@linux
def test_fonts_that_are_brought_along_lack_hangul(fontless, nothing_said, monkeypatch):
    program(fontless, "graphviz-pure", "echo pure")
    with pytest.warns(UserWarning, match="no font here has 손 실"):
        assert convert(HANGUL, "png") == b"pure\n"
    the_engines._warned.clear()
    monkeypatch.setattr(the_engines, "_borrowed_fonts", lambda: fontless)
    program(fontless, "dot", "echo dot")
    with pytest.warns(UserWarning, match="no font here has 손 실"):
        assert convert(HANGUL, "png") == b"dot\n"


@needs_pure
def test_what_graphviz_pure_lacks_it_draws_as_a_box(tmp_path):
    def drawn(letter):
        source = f'digraph {{ a [label="{letter}"] }}'
        return subprocess.run([PURE, "-Tpng"], input=source.encode(), capture_output=True).stdout

    box = drawn("\ue000")
    assert box.startswith(b"\x89PNG")
    for letter in "∂√∑∞→−≤π½":
        assert drawn(letter) != box
        assert not the_engines._PURE_LACKS.match(letter)
    for letter in "∇가漢あ":
        assert drawn(letter) == box
        assert the_engines._PURE_LACKS.match(letter)
