"""File → Article."""

from hashlib import sha256

from py3langid.langid import classify

from index.errors import ArticleUnreadable
from index.intake.decoding import decode
from index.intake.folder import Found, find, read_bytes
from index.intake.frontmatter import read_front_matter
from index.intake.markdown import read_markdown
from index.intake.metadata import Stated, merge
from index.intake.sidecar import read_sidecar, sidecar_of
from index.intake.text import read_text
from index.types import Article, Span, text_hash

__all__ = ["Found", "find", "read_article"]

# Below this many letters a guess at the language is worth nothing.
MIN_LETTERS = 40
READERS = {".txt": read_text, ".text": read_text, ".md": read_markdown, ".markdown": read_markdown}


def read_article(found: Found, max_mb: float) -> Article:
    """Return the article in a file; raise ArticleUnreadable where there is none, or its sidecar is broken.

    What counts first: the sidecar, then front matter, then what the text itself states.
    """
    raw = read_bytes(found.path, max_mb)
    text = decode(raw, found.path)
    front, start = read_front_matter(text, found.path)
    reader = READERS.get(found.path.suffix.lower(), read_text)
    body, said = reader(text, start)
    if not body:
        raise ArticleUnreadable(found.path, "nothing in it is an article; only menus, captions or lists of links")
    sidecar = sidecar_of(found.path)
    given = read_sidecar(sidecar) if sidecar else Stated()
    stated = merge(given, front, said, Stated(language=_language(text, body)))
    return Article(
        id=found.id,
        path=str(found.path),
        url=stated.url,
        title=stated.title,
        author=stated.author,
        publisher=stated.publisher,
        published=stated.published,
        updated=stated.updated,
        language=stated.language,
        text=text,
        body=body,
        text_sha256=text_hash(text),
        file_sha256=sha256(raw).hexdigest(),
    )


def _language(text: str, body: tuple[Span, ...]) -> str | None:
    sample = " ".join(span.of(text) for span in body[:20])[:2000]
    if sum(letter.isalpha() for letter in sample) < MIN_LETTERS:
        return None
    return str(classify(sample)[0])
