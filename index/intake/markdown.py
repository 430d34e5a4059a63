"""Markdown → body and what it states; the markup stays in the text, for a quote is what the file holds."""

import re

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.intake.furniture import divide
from index.intake.lines import Unit
from index.intake.metadata import Stated
from index.types import Span

_IMAGE = re.compile(r"^(?:\[?!\[[^\]]*\]\([^)]*\)(?:\]\([^)]*\))?\s*)+$")
MAX_LINE = 60
_MARKS = re.compile(r"^(?:[\s>*+-]|#+(?=\s))*(?:\d{1,9}[.)]\s)?\s*")


def read_markdown(text: str, start: int) -> tuple[tuple[Span, ...], Stated]:
    """Return the body of a Markdown text that begins at `start`, and what the text states of itself.

    Blocks are told by markdown-it-py (CommonMark and tables). HTML blocks and images are furniture.
    """
    return divide(_units(text, start))


def _units(text: str, start: int) -> list[Unit]:
    tokens = MarkdownIt("commonmark").enable("table").parse(text[start:])
    offsets = _line_offsets(text, start)
    found: list[Unit] = []
    in_table = 0
    in_list = 0
    heading = False
    for token in tokens:
        in_list += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        in_table += {"table_open": 1, "table_close": -1}.get(token.type, 0)
        heading = token.type == "heading_open" or (heading and token.type == "inline")
        if token.map is None or (in_table and token.type != "table_open"):
            continue
        if token.type in ("inline", "fence", "code_block", "table_open"):
            unit = _unit(text, offsets, token, heading=heading, listed=bool(in_list))
            if unit is not None:
                found.extend(_lines(text, unit, token))
    return found


def _unit(text: str, offsets: list[int], token: Token, *, heading: bool, listed: bool) -> Unit | None:
    assert token.map is not None
    span = Span(offsets[token.map[0]], offsets[token.map[1]])
    source = span.of(text)
    marks = _MARKS.match(source) if token.type == "inline" and not token.content.startswith(("-", "*", "+")) else None
    first = span.start + (marks.end() if marks else len(source) - len(source.lstrip()))
    last = span.start + len(source.rstrip())
    if first >= last or _IMAGE.match(token.content.strip()):
        return None
    words = _plain(token) if token.type == "inline" else source
    return Unit(Span(first, last), " ".join(words.split()), heading, listed)


def _lines(text: str, unit: Unit, token: Token) -> list[Unit]:
    """Return the lines of a paragraph as units of their own where none of them ends like a sentence.

    'By Ann Lee' and 'Published: 3 May 2025' on two lines are two statements, though to Markdown they are one paragraph.
    """
    breaks = [child for child in token.children or [] if child.type in ("softbreak", "hardbreak")]
    lines = [line for line in re.finditer(r"[^\n]+", unit.span.of(text)) if line[0].strip()]
    if (
        unit.listed
        or not breaks
        or any(len(line[0]) > MAX_LINE or line[0].rstrip().endswith((".", "!", "?", ",")) for line in lines)
    ):
        return [unit]
    split = []
    for line in lines:
        start = unit.span.start + line.start() + len(line[0]) - len(line[0].lstrip())
        end = unit.span.start + line.start() + len(line[0].rstrip())
        split.append(Unit(Span(start, end), line[0].strip().strip("*_ \\"), unit.heading, unit.listed))
    return split


def _plain(token: Token) -> str:
    """Return the words of an inline token without their markup: '**By** [Ann](x)' → 'By Ann'."""
    parts = []
    for child in token.children or []:
        parts.append(" " if child.type in ("softbreak", "hardbreak") else child.content)
    return "".join(parts)


def _line_offsets(text: str, start: int) -> list[int]:
    offsets = [start]
    for match in re.finditer("\n", text[start:]):
        offsets.append(start + match.end())
    offsets.append(len(text))
    return offsets
