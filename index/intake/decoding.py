"""Bytes of a text file → canonical text."""

import codecs
from pathlib import Path

from charset_normalizer import from_bytes

from index.errors import ArticleUnreadable

BINARY = "this is a binary file, not text; convert it to .txt or .md"
# Longer marks first: the UTF-32 mark begins with the UTF-16 one.
MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


def canonical(decoded: str) -> str:
    r"""Fold newlines to \n and drop a leading byte-order mark: 'a\r\nb\rc' → 'a\nb\nc'."""
    return decoded.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")


def decode(raw: bytes, path: Path) -> str:
    """Return the canonical text of a text file; raise ArticleUnreadable for an empty or binary one.

    A byte-order mark decides; then UTF-8, if every byte fits; then the best guess of charset-normalizer.
    """
    if not raw.strip():
        raise ArticleUnreadable(path, "the file is empty; put text into it or remove it")
    text = canonical(_decoded(raw, path))
    if "\x00" in text:
        raise ArticleUnreadable(path, BINARY)
    if not text.strip():
        raise ArticleUnreadable(path, "the file holds only white space; put text into it or remove it")
    return text


def _decoded(raw: bytes, path: Path) -> str:
    try:
        for mark, encoding in MARKS:
            if raw.startswith(mark):
                return raw[len(mark) :].decode(encoding)
    except UnicodeDecodeError as error:
        raise ArticleUnreadable(
            path, f"the byte-order mark says {error.encoding}, but byte {error.start} is not; save it as UTF-8"
        ) from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return _guessed(raw, path)


def _guessed(raw: bytes, path: Path) -> str:
    if b"\x00" in raw:
        raise ArticleUnreadable(path, BINARY)
    guesses = from_bytes(raw)
    best = guesses.best()
    if best is None:
        raise ArticleUnreadable(path, "the encoding cannot be told, or this is no text; save it as UTF-8")
    for guess in guesses:
        # Equal guesses come in alphabetical order, which would read "Muñoz" as the Polish "Muńoz".
        if guess.encoding == "cp1252" and (guess.chaos, guess.coherence) == (best.chaos, best.coherence):
            return str(guess)
    return str(best)
