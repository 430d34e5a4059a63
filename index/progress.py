"""A build's progress as a bar on a console; a console that is no terminal stays silent."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from index.library import Progress


@contextmanager
def shown(console: Console) -> Iterator[Callable[[Progress], None]]:
    """Yield what a build reports to; each stage gets a bar, with the time that is left."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Bars(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        tasks: dict[str, TaskID] = {}

        def report(progress: Progress) -> None:
            if progress.stage not in tasks:
                tasks[progress.stage] = bars.add_task(progress.stage.capitalize())
            bars.update(tasks[progress.stage], completed=progress.done, total=progress.total or None)

        yield report
