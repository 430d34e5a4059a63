"""Confidence against how often the answer was there, as a drawing (SVG): on the diagonal, a confidence is true."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

SIDE, EDGE, TICKS = 320, 48, 5
HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {width}" font-family="sans-serif" font-size="12">\n'
    '<rect width="{width}" height="{width}" fill="#fff"/>\n'
)


@dataclass(frozen=True, slots=True)
class Bin:
    """Cases of like confidence: how many, their mean confidence, and the part of them that was right."""

    cases: int
    confidence: float
    right: float


def bins(sure: NDArray[np.float64], right: NDArray[np.bool_], count: int = 10) -> list[Bin]:
    """Return the bins, each `1 / count` wide, that hold a case; `sure` and `right` have one value a case."""
    places = np.minimum((sure * count).astype(int), count - 1)
    held = [places == place for place in range(count)]
    return [Bin(int(some.sum()), float(sure[some].mean()), float(right[some].mean())) for some in held if some.any()]


def draw(found: Sequence[Bin], path: Path) -> None:
    """Write the drawing; the area of a dot is the number of its cases."""
    most = max(some.cases for some in found)
    parts = [HEAD.format(width=SIDE + 2 * EDGE), _line(0, 0, 1, 1, "#999", ' stroke-dasharray="4 4"')]
    for tick in np.linspace(0, 1, TICKS + 1):
        parts += [_line(tick, 0, tick, 1, "#eee"), _line(0, tick, 1, tick, "#eee")]
        parts += [_text(tick, -0.06, f"{tick:.1f}"), _text(-0.07, tick - 0.012, f"{tick:.1f}")]
    for some in found:
        x, y = _at(some.confidence, some.right)
        label = f"{some.cases} cases: confidence {some.confidence:.2f}, answered {some.right:.2f}"
        radius = 4 + 12 * (some.cases / most) ** 0.5
        parts.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:.1f}" fill="#1f5fa8" fill-opacity=".75">'
            f"<title>{label}</title></circle>\n"
        )
    parts += [_text(0.5, -0.13, "confidence"), _text(0.5, 1.04, "part of the cases in which the first quote answers")]
    path.write_text("".join(parts) + "</svg>\n", "utf-8")


def _at(x: float, y: float) -> tuple[float, float]:
    return EDGE + SIDE * x, EDGE + SIDE * (1 - y)


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, more: str = "") -> str:
    (a, b), (c, d) = _at(x1, y1), _at(x2, y2)
    return f'<line x1="{a:.1f}" y1="{b:.1f}" x2="{c:.1f}" y2="{d:.1f}" stroke="{colour}"{more}/>\n'


def _text(x: float, y: float, words: str) -> str:
    a, b = _at(x, y)
    return f'<text x="{a:.1f}" y="{b:.1f}" text-anchor="middle" fill="#333">{words}</text>\n'
