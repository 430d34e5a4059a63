"""What can go wrong, each kind with a message that names the thing and the remedy."""

from pathlib import Path


class QuotaryError(Exception):
    """A failure that a person can mend; its message is one line and says how."""


class ArticleUnreadable(QuotaryError):
    """A file that cannot become an article; the other files go on."""

    def __init__(self, path: Path | str, reason: str) -> None:
        self.path = "".join(_visible(letter) for letter in str(path))
        super().__init__(f"{self.path}: {reason}")
        self.reason = reason


def _visible(letter: str) -> str:
    return letter if letter.isprintable() else letter.encode("unicode_escape").decode()


class NothingToRead(QuotaryError):
    """A place that holds no article: missing, empty, or with no file that can be read."""


class LibraryMissing(QuotaryError):
    """There is no library where one was expected."""


class LibraryDamaged(QuotaryError):
    """A library whose files do not agree with its manifest."""


class LibraryUnwritable(QuotaryError):
    """A library cannot be written: no space, no permission; the previous one stays as it was."""


class LibraryBusy(QuotaryError):
    """Another process is building the same library."""


class ModelUnusable(QuotaryError):
    """An embedding model that is missing, damaged, or not the one it claims to be."""


class QuestionInvalid(QuotaryError):
    """A question that cannot be asked: empty, too long, or malformed in a batch."""


class QuoteMismatch(QuotaryError):
    """A quote that does not equal its slice of the article; it is never shown."""


class SettingInvalid(QuotaryError):
    """A setting or environment variable with a value that cannot be used."""


class ReaderUnusable(QuotaryError):
    """The reader's adapter is missing or damaged; answers go on without it."""
