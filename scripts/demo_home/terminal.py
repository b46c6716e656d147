"""What a person sees: steps, a progress bar, and how it ended."""

import asyncio
import sys

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

from .errors import DemoError

STEPS = {
    "waiting": "Waiting for the studio",
    "queued": "Waiting for the studio",
    "plan": "Planning the song",
    "lyrics": "Writing the words",
    "render": "Playing the instruments",
    "master": "Mastering",
    "encode": "Encoding",
    "publish": "Publishing",
    "fetch": "Bringing it home",
}
AFTER_STUDIO = "Announcing it and starting the speaker"


class Terminal:
    """A bar on a terminal; a line per step where the output goes to a file."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._errors = Console(stderr=True, highlight=False)
        self._bar: Progress | None = None
        self._last = ""

    def step(self, words: str) -> None:
        self._console.print(f"[dim]·[/dim] {escape(words)}")

    def say(self, words: str = "") -> None:
        """Rich markup."""
        self._console.print(words, soft_wrap=True)

    def start_bar(self) -> None:
        if self._console.is_terminal:
            columns = (
                TextColumn("  {task.description:<40}"),
                BarColumn(bar_width=30),
                TaskProgressColumn(),
                TimeElapsedColumn(),
            )
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._bar.add_task("Waiting for the studio", total=1.0)
            self._bar.start()

    def progress(self, step: str, share: float) -> None:
        """``step`` and ``share`` (0 to 1) as Home Assistant reports them."""
        words = STEPS.get(step, AFTER_STUDIO)
        if self._bar is not None:
            self._bar.update(self._bar.task_ids[0], description=words, completed=share)
        elif words != self._last:
            self.step(words)
        self._last = words

    def stop_bar(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def fail(self, error: DemoError) -> None:
        self.stop_bar()
        self._errors.print(f"[bold red]The demo stopped:[/bold red] {escape(error.message)}")
        if error.hint:
            self._errors.print(f"  {escape(error.hint)}")

    async def wait_for_enter(self) -> None:
        """Until somebody presses Enter."""
        loop = asyncio.get_running_loop()
        pressed = asyncio.Event()
        loop.add_reader(sys.stdin, pressed.set)
        try:
            await pressed.wait()
        finally:
            loop.remove_reader(sys.stdin)
