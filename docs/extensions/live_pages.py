"""The page of ``y.explore()`` and the playground, live on the site, in frames that may only run scripts."""

from __future__ import annotations

import ast
import io
import json
import tempfile
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

from autograd import Page, write_playground


def frame(page: Page) -> str:
    """The frame in which a notebook shows a page."""
    return page._repr_mimebundle_()["text/html"]


def show_live(_app: Sphinx, docname: str, source: list[str]) -> None:
    """Where a notebook explores a graph, the page takes the place of the picture that is committed."""
    if not docname.startswith("notebooks/") or ".explore(" not in source[0]:
        return
    notebook, variables = json.loads(source[0]), {"__name__": "__main__"}
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            shown = run("".join(cell["source"]), variables)
            if isinstance(shown, Page):
                [output] = cell["outputs"]
                output["data"] = {"text/html": frame(shown)}
    source[0] = json.dumps(notebook)


def run(code: str, variables: dict[str, Any]) -> object:
    """Run a cell; the value of its last line."""
    body = ast.parse(code).body
    last = body.pop().value if body and isinstance(body[-1], ast.Expr) else ast.Constant(None)
    with redirect_stdout(io.StringIO()):
        exec(compile(ast.Module(body, []), "<cell>", "exec"), variables)
        return eval(compile(ast.Expression(ast.fix_missing_locations(last)), "<cell>", "eval"), variables)


class Playground(SphinxDirective):
    """The playground, with the formulas of the first line and the values of the second at its start."""

    has_content = True

    def run(self) -> list[nodes.Node]:
        """The frame."""
        with tempfile.TemporaryDirectory() as folder:
            file = write_playground(Path(folder, "page.html"), *self.content)
            page = Page(file.read_text(encoding="utf-8"), height=900)
        return [nodes.raw("", frame(page), format="html")]


def setup(app: Sphinx) -> dict[str, Any]:
    """Called by Sphinx."""
    app.connect("source-read", show_live)
    app.add_directive("playground", Playground)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
