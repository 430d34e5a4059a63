"""Article → source: what a citation needs, and the line that names it."""

from index.types import Article, Source

UNKNOWN = {"publisher": "publisher not stated", "author": "author not stated", "published": "date not stated"}


def source_of(article: Article, paragraph: int) -> Source:
    """Return the source of words in a paragraph (counted from 1) of an article."""
    return Source(
        title=article.title,
        author=article.author,
        publisher=article.publisher,
        published=article.published,
        url=article.url,
        path=article.id,
        paragraph=paragraph,
    )


def title_of(source: Source) -> str:
    """Return the title, or the name of the file where no title is stated."""
    return source.title or source.path


def line_of(source: Source) -> str:
    """Return a source in one line, what is not known named as such.

    'Bridge opens — The Gazette, Ann Lee, 2025-03-19, paragraph 4, https://gazette.example/bridge'
    """
    parts = [
        source.publisher or UNKNOWN["publisher"],
        source.author or UNKNOWN["author"],
        source.published or UNKNOWN["published"],
        f"paragraph {source.paragraph}",
    ]
    if source.url:
        parts.append(source.url)
    return f"{title_of(source)} — {', '.join(parts)}"


def quotation(text: str, source: Source) -> str:
    """Return words with their source, as plain text to paste: the words to the letter, then the source line."""
    return f"“{text}”\n— {line_of(source)}"
