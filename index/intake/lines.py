"""Canonical text → units: the lines or paragraphs that furniture rules judge, one after another."""

import re
from dataclasses import dataclass
from itertools import pairwise

from index.types import Span

_LINE = re.compile(r"[^\n]+")
# Text that a mail program or editor broke itself is narrower than this; a wider line is a paragraph.
MAX_WRAP = 100
MIN_WRAP = 40


@dataclass(frozen=True, slots=True)
class Unit:
    """One paragraph or line: its span, its words without markup (to judge by), and what markup says of it."""

    span: Span
    words: str
    heading: bool = False
    listed: bool = False


def units(text: str, start: int = 0) -> list[Unit]:
    """Return the paragraphs of a plain text from `start` on, white space trimmed.

    A line is a paragraph of its own, unless the text was broken to a fixed width: then the lines up to
    a blank line are one.
    """
    blocks = _blocks(text, start)
    width = _wrap_width(text, blocks)
    found: list[Unit] = []
    for block in blocks:
        if width and len(block) > 1 and _is_wrapped([line.of(text) for line in block], width):
            found.append(_unit(text, Span(block[0].start, block[-1].end)))
        else:
            found.extend(_unit(text, line) for line in block)
    return found


def _unit(text: str, span: Span) -> Unit:
    return Unit(span, " ".join(span.of(text).split()))


def _blocks(text: str, start: int) -> list[list[Span]]:
    """Return runs of lines without a blank line between them; each line without the space around it."""
    blocks: list[list[Span]] = []
    previous_end = None
    for match in _LINE.finditer(text, start):
        line = match[0]
        if not line.strip():
            continue
        span = Span(match.start() + len(line) - len(line.lstrip()), match.end() - len(line) + len(line.rstrip()))
        if previous_end is None or match.start() != previous_end + 1:
            blocks.append([])
        blocks[-1].append(span)
        previous_end = match.end()
    return blocks


def _wrap_width(text: str, blocks: list[list[Span]]) -> int | None:
    """Return the width at which the text was broken, or None if its lines end where their writer ended them."""
    long = [[line.of(text) for line in block] for block in blocks if len(block) > 2]
    width = max((len(line) for lines in long for line in lines[:-1]), default=0)
    if not MIN_WRAP <= width <= MAX_WRAP:
        return None
    # A title block or a list may stand beside wrapped paragraphs: half of the lines is evidence enough,
    # for no other kind of text has lines of which each is just too long for the next word.
    breaks = [_is_full(*pair, width) for lines in long for pair in pairwise(lines)]
    return width if len(breaks) >= 3 and sum(breaks) >= 0.5 * len(breaks) else None


def _is_wrapped(lines: list[str], width: int) -> bool:
    breaks = [_is_full(*pair, width) for pair in pairwise(lines)]
    return sum(breaks) >= 0.9 * len(breaks)


def _is_full(line: str, following: str, width: int) -> bool:
    """Say whether the next line's first word would not have fitted: why a program breaks a line there."""
    return len(line) + 1 + len(following.split(maxsplit=1)[0]) > width
