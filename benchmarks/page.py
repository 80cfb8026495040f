"""The page that explores a graph: how large the file is, how long Python writes it, and how fast a browser answers.

The graphs are losses of networks on several samples.  Each time in the browser lasts until the next frame has been
drawn, after a slider has moved, a node is shown with its paths, a step was taken, or a box was opened.
"""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import autograd
from autograd import Value, topological_order
from benchmarks.browser import INSTALLED, chromium
from benchmarks.measure import Options
from benchmarks.report import Report, duration, table
from nn import MLP

NETWORKS = (([2, 3, 1], 1), ([2, 8, 8, 1], 6), ([2, 16, 16, 1], 38))
"""Sizes of layers and numbers of samples, for graphs of about 30, 300 and 3,000 nodes."""

PLAY = """async (repeat) => {
  const frame = () => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn, 0)));
  const time = async (act) => {
    const seconds = [];
    for (let k = 0; k < repeat; k++) {
      const start = performance.now();
      act(k);
      await frame();
      seconds.push((performance.now() - start) / 1000);
    }
    return seconds;
  };
  const slider = document.querySelector("input[type=range]");
  const [low, high] = [Number(slider.min), Number(slider.max)];
  const over = (box) => box.dispatchEvent(new PointerEvent("pointerover", { bubbles: true }));
  const nodes = () => document.querySelectorAll(".box:not(.group)");
  const found = { load: [performance.getEntriesByType("navigation")[0].loadEventEnd / 1000] };
  found.slider = await time((k) => {
    slider.value = low + ((k + 1) * (high - low)) / (repeat + 2);
    slider.dispatchEvent(new Event("input"));
  });
  found.step = await time(() => document.querySelectorAll(".tools button")[1].click());
  const click = (box) => box.dispatchEvent(new MouseEvent("click", { bubbles: true }));
  const box = document.querySelector(".box.group");
  found.open = box ? (await time((k) => k === 0 && click(box))).slice(0, 1) : [];
  found.hover = await time((k) => nodes().length && over(nodes()[k % nodes().length]));
  return found;
}"""
"""What a reader does with a page, timed."""


def loss(sizes: list[int], samples: int) -> Value:
    """The loss of a network on some samples."""
    draw = random.Random(0)
    net = MLP(sizes, rng=0)
    errors = []
    for i in range(samples):
        x = [Value(draw.uniform(-1, 1), label=f"x({i + 1})_{k + 1}") for k in range(sizes[0])]
        errors.append((net(x) - (1.0 if i % 2 else -1.0)) ** 2)
    total: Value = autograd.sum(errors)
    total.label = "E"
    return total


def measure(options: Options) -> Report:
    """One row for each graph."""
    rows, results = [], []
    for sizes, samples in NETWORKS[: 1 if options.quick else None]:
        output = loss(sizes, samples)
        seconds = []
        for _ in range(options.repeat):
            start = time.perf_counter()
            html = output.explore().html
            seconds.append(time.perf_counter() - start)
        found = {"write": seconds, **(played(html, options.repeat) if INSTALLED else {})}
        result = {"nodes": len(topological_order(output)), "bytes": len(html.encode()), "seconds": found}
        results.append(result)
        times = [duration(statistics.median(taken)) if taken else "" for taken in found.values()]
        rows.append([f"{result['nodes']:,}", f"{result['bytes']:,}", *times])
        head = ["nodes", "bytes", *found]
    lines = table(head, rows)
    return Report(lines, results, missing=[] if INSTALLED else ["Chromium with playwright"])


def played(html: str, repeat: int) -> dict[str, list[float]]:
    """The seconds of everything that a reader does, in a real browser."""
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        file = Path(folder, "page.html")
        file.write_text(html, encoding="utf-8")
        page: Any = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(file.as_uri())
        found: dict[str, list[float]] = page.evaluate(PLAY, repeat)
        return found
