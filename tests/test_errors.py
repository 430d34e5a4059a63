"""The errors: one family, one line each, every kind explained."""

import inspect
from pathlib import Path

import pytest

from index import errors
from index.errors import ArticleUnreadable, QuotaryError

KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, QuotaryError)]


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_a_quotary_error_and_says_when_it_is_raised(kind: type[QuotaryError]) -> None:
    assert kind.__module__ == "index.errors"
    assert (kind.__doc__ or "").endswith(".")
    assert not issubclass(kind, (OSError, ValueError, LookupError))


def test_no_error_is_named_like_one_of_python() -> None:
    assert not {kind.__name__ for kind in KINDS} & set(dir(__builtins__))


@pytest.mark.parametrize("path", ["a/b.txt", Path("a/b.txt")], ids=["text", "path"])
def test_a_file_that_cannot_be_read_is_named_with_the_reason(path: Path | str) -> None:
    error = ArticleUnreadable(path, "the file is empty")
    assert (error.path, error.reason, str(error)) == ("a/b.txt", "the file is empty", "a/b.txt: the file is empty")


def test_a_name_that_is_not_utf_8_can_be_printed() -> None:
    error = ArticleUnreadable(Path("caf\udce9.txt"), "rename it")
    assert str(error).encode() == rb"caf\udce9.txt: rename it"


@pytest.mark.parametrize("name", ["a\nb.txt", "a\rb.txt"], ids=ascii)
def test_the_message_is_one_line_whatever_the_file_is_called(name: str) -> None:
    assert len(str(ArticleUnreadable(name, "rename it")).splitlines()) == 1
