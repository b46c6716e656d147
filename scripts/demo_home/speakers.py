"""Three real players: the Music Player Daemon, aloud where there is a sound card, else into a null output."""

import asyncio
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from mpd.asyncio import MPDClient

from .errors import DemoError
from .paths import program
from .processes import Processes, Program, free_port, wait_for

START_LIMIT = 15.0

# Software mixing gives every output a volume, the null output too.
_CONFIGURATION = """\
bind_to_address "127.0.0.1"
port "{port}"
music_directory "{folder}/music"
playlist_directory "{folder}/playlists"
db_file "{folder}/database"
zeroconf_enabled "no"
auto_update "no"
input {{
  plugin "curl"
}}
audio_output {{
  type "{output}"
  name "{name}"
  mixer_type "software"
{extra}}}
"""


@dataclass(frozen=True)
class SpeakerStatus:
    """What the player itself says."""

    state: str
    position: float | None
    media: str | None


@dataclass(frozen=True)
class Speaker:
    """The player of one room."""

    area: str
    port: int
    program: Program

    async def status(self) -> SpeakerStatus:
        """Raises DemoError when the player does not answer."""
        client = MPDClient()
        client.timeout = 5
        try:
            async with asyncio.timeout(10):
                await client.connect("127.0.0.1", self.port)
                status, song = await client.status(), await client.currentsong()
        except OSError as err:
            self.program.check()
            raise DemoError(f"the speaker of {self.area} does not answer: {err}") from err
        finally:
            client.disconnect()
        elapsed = status.get("elapsed")
        return SpeakerStatus(status["state"], None if elapsed is None else float(elapsed), song.get("file"))


def sound_output(mpd: Path) -> str:
    """``pulse`` or ``alsa`` where there is something to hear with, else ``null``."""
    plugins = subprocess.run([mpd, "--version"], capture_output=True, text=True, check=False, timeout=20).stdout
    outputs = plugins.partition("Output plugins:")[2].partition("\n\n")[0].split()
    pulse = Path(os.environ.get("XDG_RUNTIME_DIR", "/run/user/none")) / "pulse/native"
    if "pulse" in outputs and ("PULSE_SERVER" in os.environ or pulse.exists()):
        return "pulse"
    cards = Path("/proc/asound/cards")
    has_card = cards.is_file() and "no soundcards" not in cards.read_text()
    if "alsa" in outputs and has_card and any(os.access(device, os.W_OK) for device in Path("/dev/snd").glob("pcm*p")):
        return "alsa"
    return "null"


async def start_speaker(processes: Processes, area: str, *, output: str) -> Speaker:
    folder = processes.folder / f"speaker-{area.lower().replace(' ', '-')}"
    for part in ("music", "playlists"):
        (folder / part).mkdir(parents=True)
    port = free_port()
    configuration = folder / "mpd.conf"
    configuration.write_text(
        # A null output that keeps time: its position rises as a real one's does.
        _CONFIGURATION.format(
            port=port, folder=folder, output=output, name=area, extra='  sync "yes"\n' if output == "null" else ""
        )
    )
    running = await processes.start(f"Speaker {area}", program("mpd"), "--no-daemon", "--stderr", configuration)
    speaker = Speaker(area, port, running)

    async def answers() -> SpeakerStatus | None:
        try:
            return await speaker.status()
        except DemoError:
            return None

    await wait_for(f"the start of the speaker of {area}", answers, limit=START_LIMIT, program=running, interval=0.05)
    return speaker
