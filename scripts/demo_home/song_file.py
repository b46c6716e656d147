"""The song as a file: fetched from Home Assistant as any speaker fetches it, then measured."""

import asyncio
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import aiohttp
from mutagen.id3 import ID3
from yarl import URL

from .errors import DemoError
from .measure import Measurement, measure
from .processes import wait_for

MP3_LIMIT = 60.0


@dataclass(frozen=True)
class SongFile:
    path: Path
    title: str
    artist: str
    engine: str
    made_by: str
    seed: int
    measured: Measurement


async def fetch_mp3(session: aiohttp.ClientSession, playing_url: str, path: Path) -> SongFile:
    """Saves the MP3 of the song that a speaker plays (it is filed a little after the FLAC).

    Raises:
        DemoError: it did not come, cannot be written, or is not the audio that it should be.
    """
    url = URL(playing_url).with_suffix(".mp3")

    async def fetch() -> bytes | None:
        async with session.get(url) as response:
            return await response.read() if response.ok else None

    content = await wait_for("the song's MP3", fetch, limit=MP3_LIMIT, interval=0.3)
    try:
        await asyncio.to_thread(path.write_bytes, content)
    except OSError as err:
        raise DemoError(f"{path} could not be written: {err.strerror}", "start the demo in a folder of yours") from err
    tags = ID3(BytesIO(content))

    def own(name: str) -> str:
        return str(tags[f"TXXX:{name}"])

    return SongFile(
        path,
        title=str(tags["TIT2"]),
        artist=str(tags["TPE1"]),
        engine=own("MIXTAPE_ENGINE"),
        made_by=own("MADE_BY"),
        seed=int(own("MIXTAPE_SEED")),
        measured=await measure(path),
    )
