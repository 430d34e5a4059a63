"""The command line: what goes to stdout and stderr, exit statuses, one-line errors."""

from typer.testing import CliRunner, Result

from index.__main__ import app

PAUSE = "Fishing crews asked for a pause during the herring run in April."
QUESTION = "Who asked for a pause during the herring run?"
# The interface of DESIGN.md, section 6, and what has been added to it since.
FIELDS = {"question", "answered", "confidence", "searched", "quotes", "elapsed_ms"} | {"understood", "read", "warnings"}


def run(*arguments: object, status: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == status, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


def mistaken(*arguments: object) -> str:
    """Return the error of a command that ends with status 1: one line on stderr, nothing on stdout."""
    result = run(*arguments, status=1)
    assert result.stdout == ""
    (line,) = result.stderr.splitlines()
    assert line.startswith("error: ")
    return line


def misused(*arguments: object) -> str:
    result = run(*arguments, status=2)
    assert result.stdout == ""
    return " ".join(result.stderr.split())
