"""Plain text → body and what it states."""

from index.intake.furniture import divide
from index.intake.lines import units
from index.intake.metadata import Stated
from index.types import Span


def read_text(text: str, start: int) -> tuple[tuple[Span, ...], Stated]:
    """Return the body of a plain text that begins at `start`, and what the text states of itself."""
    return divide(units(text, start))
