"""``python -m benchmarks [GROUP]`` prints how fast every engine is, as tables in Markdown."""

from __future__ import annotations

import os

from benchmarks import ONE_THREAD

os.environ.update(ONE_THREAD)

from benchmarks import ours
from benchmarks.command import main

ours.refuse_plain_python()
main()
