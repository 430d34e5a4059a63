"""Quotary's entry: settings → library → page → launch."""

from dataclasses import replace
from pathlib import Path
from threading import Thread
from typing import Annotated

import typer
from rich.console import Console

from index.embedding import SentenceTransformerEmbedder
from index.engine import Engine
from index.errors import QuotaryError
from index.prepare import prepare
from index.progress import shown
from index.settings import Settings, stay_local

errors = Console(stderr=True, highlight=False, markup=False, soft_wrap=True)


def main(
    articles: Annotated[Path | None, typer.Option(metavar="DIR", help="Serve this folder of articles.")] = None,
    library: Annotated[Path | None, typer.Option(metavar="DIR", help="Serve this library, as it is.")] = None,
    host: Annotated[str | None, typer.Option(help="The address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on; 0 takes a free one.")] = None,
    model: Annotated[str | None, typer.Option(help="A sentence-transformers model: a folder, or a name.")] = None,
) -> None:
    """Serve the chat in the browser."""
    if articles and library:
        raise typer.BadParameter("give either --articles or --library")
    stay_local()
    try:
        _serve(articles, library, {"host": host, "port": port, "model": model})
    except QuotaryError as error:
        errors.print(f"error: {error}")
        raise typer.Exit(1) from None


def _serve(articles: Path | None, library: Path | None, given: dict[str, str | int | None]) -> None:
    options = {name: value for name, value in given.items() if value is not None}
    settings = replace(Settings.from_environment(), **options).checked()  # type: ignore[arg-type]
    embedder = SentenceTransformerEmbedder(settings.model)
    with shown(errors) as report:
        prepared = prepare(settings, embedder, report, articles=articles, library=library)
    if prepared.warning:
        errors.print(f"warning: {prepared.warning}")
    for path, reason in prepared.library.manifest.skipped:
        errors.print(f"skipped {path}: {reason}")
    errors.print(f"{prepared.library.manifest.articles:,} articles; starting the page …")
    # Seconds of import, which a wrong option should not have to wait for.
    from ui.conversation import Conversation
    from ui.server import build_server, check_address, serve

    check_address(settings.host, settings.port)
    engine = Engine(prepared.library, embedder, settings)
    server = build_server(Conversation(engine), settings)

    def ready(address: str) -> None:
        errors.print(f"Quotary is ready: {address}  (Ctrl-C stops it)")
        # The page can be seen already; the models are loaded while the first question is typed.
        Thread(target=engine.load, daemon=True).start()

    serve(server, settings, ready)


if __name__ == "__main__":
    typer.run(main)
