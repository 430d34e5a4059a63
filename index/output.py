"""Answers and articles as JSON objects, the form that scripts and the evaluation read."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from index.types import Answer, Article, Quote, Source

Json = dict[str, Any]


def answer_json(answer: Answer, id: str | None = None) -> Json:
    """Return an answer as a JSON object; offsets in characters of the article, times in milliseconds."""
    return {
        **({} if id is None else {"id": id}),
        "question": answer.question,
        "understood": answer.understood,
        "read": answer.read,
        "answered": answer.answered,
        "confidence": round(answer.confidence, 4),
        "searched": asdict(answer.searched),
        "quotes": [_quote_json(quote) for quote in answer.quotes],
        "warnings": list(answer.warnings),
        "elapsed_ms": round(answer.elapsed_ms, 1),
    }


def _quote_json(quote: Quote) -> Json:
    quote.check()
    return {
        "article": quote.article.id,
        "start": quote.start,
        "end": quote.end,
        "text": quote.text,
        "highlights": [[span.start, span.end] for span in quote.highlights],
        "exact": [quote.exact.start, quote.exact.end] if quote.exact else None,
        "score": round(quote.score, 4),
        "paragraph": quote.source.paragraph,
        "title": quote.source.title,
        "author": quote.source.author,
        "publisher": quote.source.publisher,
        "published": quote.source.published,
        "url": quote.source.url,
        "text_sha256": quote.article.text_sha256,
        "file_sha256": quote.article.file_sha256,
        "also_in": _places(quote.also_in),
        "versions": _places(quote.versions),
    }


def _places(sources: Sequence[Source]) -> list[Json]:
    return [{"article": source.path, "paragraph": source.paragraph} for source in sources]


def article_json(article: Article) -> Json:
    """Return an article as Quotary reads it; `body` in characters of `text`."""
    names = ("path", "title", "author", "publisher", "published", "updated", "url", "language", "text")
    return {
        **{name: getattr(article, name) for name in names},
        "body": [[span.start, span.end] for span in article.body],
        "text_sha256": article.text_sha256,
        "file_sha256": article.file_sha256,
    }
