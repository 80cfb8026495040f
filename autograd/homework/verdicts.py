"""What is said of the lines of a backward pass."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from autograd.core.display import InNotebook, html_table

__all__ = ["BackpropCheck", "CheckedLine"]

_RIGHT = ("right", "summed")
_MARKS = {True: "✓", False: "✗", None: "?"}


@dataclass(frozen=True)
class CheckedLine:
    """The verdict on one line.

    Attributes:
        line: its number.
        source: its text.
        variable: the variable whose gradient it computes.
        kind: ``"right"``; ``"summed"``, if it is m times the gradient of a variable that each sample has its own part
            of, as it is usual where the later lines divide by m; ``"unknown"``, if it could not be checked; otherwise
            the kind of the mistake: ``"shape"``, ``"factor"``, ``"transposed"``, ``"variable"``, ``"axis"``,
            ``"keepdims"``, ``"reduction"``, ``"sign"``, ``"operator"``, ``"order"``, ``"condition"``, ``"constant"``,
            ``"slope"``, ``"missing"``, ``"extra"``, ``"superfluous"``, ``"accumulation"``, ``"raises"`` for an
            exception, or ``"wrong"``.
        text: the verdict in words.
        fix: the statement to write instead; ``None`` if it is right, or no single change makes it right.
    """

    line: int
    source: str
    variable: str
    kind: str
    text: str
    fix: str | None = None

    @property
    def ok(self) -> bool | None:
        """Whether the line is right; ``None`` if it could not be checked."""
        return None if self.kind == "unknown" else self.kind in _RIGHT

    def as_json(self) -> dict[str, Any]:
        """The verdict as a dict."""
        return {**asdict(self), "ok": self.ok}


@dataclass(frozen=True, repr=False)
class BackpropCheck(InNotebook):
    """The verdicts on all lines that compute a gradient; ``print`` shows them, and it is true if none is wrong.

    Attributes:
        lines: the lines, in their order in the code.
        loss: the value of the loss.
    """

    lines: tuple[CheckedLine, ...]
    loss: float

    @property
    def mistakes(self) -> tuple[CheckedLine, ...]:
        """The lines that are wrong."""
        return tuple(line for line in self.lines if line.ok is False)

    def __bool__(self) -> bool:
        return not self.mistakes

    def __repr__(self) -> str:
        return f"<BackpropCheck: {self._summary()}>"

    def rows(self) -> list[tuple[str, ...]]:
        """The verdicts as cells: a head, and a row for each line."""
        rows: list[tuple[str, ...]] = [("line", "", "code", "verdict", "write")]
        for line in self.lines:
            rows.append((str(line.line), _MARKS[line.ok], line.source, line.text, line.fix or ""))
        return rows

    def _forms(self) -> dict[str, str]:
        return {"html": html_table(self.rows(), self._summary())}

    def __str__(self) -> str:
        numbers = max(len(str(line.line)) for line in self.lines)
        width = min(60, max(len(line.source) for line in self.lines))
        rows = []
        for line in self.lines:
            rows.append(f"line {line.line:{numbers}} {_MARKS[line.ok]} {line.source:{width}}  {line.text}".rstrip())
            if line.fix:
                rows.append(f"{'':{numbers + 7}} write {line.fix}")
        return "\n".join([*rows, self._summary()])

    def _summary(self) -> str:
        right = sum(line.ok is True for line in self.lines)
        parts = [f"{right} of {len(self.lines)} lines {'is' if right == 1 else 'are'} right"]
        unknown = sum(line.ok is None for line in self.lines)
        if unknown:
            parts.append(f"{unknown} could not be checked")
        return ", ".join(parts)

    def as_json(self) -> dict[str, Any]:
        """The verdicts as nested dicts and lists of plain numbers and text."""
        return {"ok": bool(self), "loss": self.loss, "lines": [line.as_json() for line in self.lines]}
