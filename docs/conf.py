"""The documentation site; ``make docs`` builds it."""

import sys
from importlib.resources import files
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "docs" / "extensions")]

from autograd import __version__  # noqa: E402

project = "pathgrad"
author = "The pathgrad authors"
copyright = "The pathgrad authors"
version = release = __version__

# The pages are the files of the repository as they stand, so that links between them hold in both places.
root_doc = "docs/index"
include_patterns = ["docs/**.md", "notebooks/*.ipynb", "README.md", "CHANGELOG.md", "CONTRIBUTING.md"]
exclude_patterns = [".*", "build", "**/.ipynb_checkpoints"]
html_additional_pages = {"index": "front.html"}  # leads to the root document
templates_path = ["templates"]

extensions = [f"sphinx.ext.{name}" for name in ("autodoc", "napoleon", "mathjax")]
extensions += ["myst_nb", "public_names", "live_pages"]
nitpicky = True
default_role = "code"

myst_enable_extensions = ["dollarmath", "fieldlist"]
myst_heading_anchors = 3
nb_execution_mode = "off"

autodoc_inherit_docstrings = False
autodoc_typehints = "none"
napoleon_custom_sections = [("Attributes", "params_style")]  # a list, and no entry for each in the index
python_use_unqualified_type_names = True
toc_object_entries_show_parents = "hide"

html_theme = "furo"
html_title = "pathgrad"
html_static_path = ["static", str(files("mathjax") / "static" / "mathjax" / "es5" / "tex-svg.js")]
html_css_files = ["site.css"]
html_js_files = [("site.js", {"defer": "defer"})]
html_copy_source = False
mathjax_path = "tex-svg.js"
