"""``scripts/demo [SENTENCE] [--keep] [--silent] [--report FILE]``."""

import argparse
import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path

from rich.markup import escape

from .dashboard import PATH as DASHBOARD
from .errors import DemoError
from .evening import Outcome, make_a_wish, write_report
from .home import PASSWORD, USER
from .stage import stage
from .terminal import Terminal

DEFAULT_SENTENCE = "create a relaxing jazz song for the living room"
NEXT = (
    "make me something energetic at 128 bpm in F minor for the kitchen",
    "create a lullaby for the nursery, one minute, no vocals",
    "write an uplifting rock anthem about juggling pirates for the living room",
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/demo", description="Speak a wish to a real Home Assistant, and hear the song that the home makes."
    )
    parser.add_argument("sentence", nargs="?", default=DEFAULT_SENTENCE, help=f'default: "{DEFAULT_SENTENCE}"')
    parser.add_argument("--keep", action="store_true", help="leave everything running until Ctrl-C")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write what was seen as JSON")
    parser.add_argument("--silent", action="store_true", help="do not use the sound card")
    return parser.parse_args()


def tell(terminal: Terminal, outcome: Outcome, total: float, *, aloud: bool) -> None:
    playing, song = outcome.playing, outcome.song
    measured, status = song.measured, playing.status
    position = f"{status.position:.1f} s" if status.position is not None else "unknown"
    lines = {
        "Song": f"{song.title} ({measured.seconds:.0f} s, made by: {song.made_by}, seed {song.seed})",
        "Room": playing.room.name,
        "Player": f'{playing.room.player}; the speaker says "{status.state}" at {position} of {status.media}',
        "File": str(song.path),
        "Loudness": f"{measured.lufs:.1f} LUFS, true peak {measured.true_peak:.1f} dBTP (measured from the file)",
        "Answered": f"after {outcome.acknowledgement.seconds * 1000:.0f} ms",
        "Sound": f"after {playing.sound_after:.1f} s"
        + (", spoken announcement included" if outcome.course.announced_from else ""),
        "In all": f"{total:.0f} s from nothing, Home Assistant's first start included",
    }
    terminal.say()
    for name, text in lines.items():
        terminal.say(f"  [bold]{name:<9}[/bold] {escape(text)}")
    if not aloud:
        terminal.say("  [dim]No sound card here: open the file to hear it.[/dim]")
    terminal.say("\nTry next:")
    for sentence in NEXT:
        terminal.say(f'  scripts/demo "{sentence}"')


async def demo(options: argparse.Namespace, terminal: Terminal, folder: Path, began: float) -> None:
    async with stage(folder, silent=options.silent, on_step=terminal.step) as scene:
        outcome = await make_a_wish(scene, options.sentence, Path.cwd(), terminal)
        total = time.monotonic() - began
        if options.report is not None:
            write_report(options.report, outcome.report(total))
        tell(terminal, outcome, total, aloud=scene.aloud)
        watched = sys.stdin.isatty() and sys.stdout.isatty()
        if options.keep or watched:
            # Otherwise nobody could follow the link before it leads nowhere.
            terminal.say(f"\nHome Assistant: {scene.home.url}/{DASHBOARD}  (user {USER}, password {PASSWORD})")
        if options.keep:
            terminal.say("Everything keeps running until you press Ctrl-C.")
            await asyncio.Event().wait()
        elif watched:
            terminal.say("The song plays on. Press Enter to end it all.")
            await terminal.wait_for_enter()
        else:
            terminal.say("\nAll of it ends now; --keep leaves it running.")


async def until_stopped(options: argparse.Namespace, terminal: Terminal, folder: Path, began: float) -> bool:
    """Runs the demo; False when Ctrl-C or another signal ended it. What was started is ended first."""
    task = asyncio.create_task(demo(options, terminal, folder, began))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        return False
    return True


def main() -> int:
    # scripts/demo started the clock before it looked at the environments.
    began = time.monotonic() - max(0.0, time.time() - float(os.environ.get("MIXTAPE_DEMO_BEGAN", time.time())))
    options, terminal = arguments(), Terminal()
    folder = Path(tempfile.mkdtemp(prefix="mixtape-demo-"))
    try:
        finished = asyncio.run(until_stopped(options, terminal, folder, began))
    except DemoError as err:
        terminal.fail(err)
        terminal.say(f"The logs are in {folder}")
        return 1
    except BaseException:
        terminal.stop_bar()
        raise
    with contextlib.suppress(OSError):
        shutil.rmtree(folder)
    if not finished:
        terminal.stop_bar()
        terminal.say("\nEverything that the demo started has ended.")
        return 0 if options.keep else 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
