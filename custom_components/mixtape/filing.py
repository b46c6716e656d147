"""From the studio's take to the home's song. Pure, but for the download."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Final

from .client import AudioFormat
from .library import Song, SongFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from homeassistant.core import HomeAssistant

    from .client import Job, StudioClient, Take, TakeFile
    from .library import Library, Wish

CHUNK: Final = 512 * 1024
"""Bytes handed to the disk at once: every write is a trip to another thread."""


def takes_of(job: Job) -> list[Take]:
    """The job's first take; its id names our files, so it must be this job's own."""
    return [take for take in job.takes[:1] if take.job_id == job.id]


def first_file(take: Take, wanted: str, *, complete: bool) -> TakeFile | None:
    """The file to fetch first: the room's, or, once no more will come, any."""
    usable = [file for file in take.files if file.format is not AudioFormat.UNKNOWN]
    found = next((file for file in usable if file.format == wanted), None)
    return found or (usable[0] if complete and usable else None)


def missing_files(take: Take, song: Song) -> list[TakeFile]:
    have = {file.audio_format for file in song.files}
    return [file for file in take.files if file.format is not AudioFormat.UNKNOWN and file.format not in have]


def to_song(take: Take, wish: Wish, files: Iterable[SongFile], cover: str | None) -> Song:
    return Song(
        id=wish.job_id,
        title=take.title,
        artist=take.artist,
        genre=take.genre,
        mood=take.mood,
        caption=take.caption,
        lyrics=take.lyrics,
        wish=wish.text or None,
        room_id=wish.room_id,
        requester=wish.requester,
        requester_name=wish.requester_name,
        engine=take.engine,
        engine_label=take.engine_label,
        seed=take.seed,
        language=take.language,
        wished_bpm=take.wished_bpm,
        wished_key=take.wished_key,
        bpm=take.measured.bpm,
        key=take.measured.key,
        time_signature=take.time_signature,
        duration=take.duration,
        lufs=take.measured.lufs,
        true_peak=take.measured.true_peak,
        peaks=list(take.peaks),
        created_at=take.created_at,
        token=secrets.token_urlsafe(16),
        cover=cover,
        files=tuple(files),
    )


async def async_fetch_audio(
    hass: HomeAssistant, client: StudioClient, library: Library, take: Take, file: TakeFile
) -> SongFile:
    """Download one file; it is in place only once its hash is right.

    Raises:
        StudioError: the studio or the way to it.
        LibraryError: the disk, or a download that is not what was announced.
    """
    partial = await hass.async_add_executor_job(library.audio.begin, take.job_id, file.format.value)
    try:
        pending = bytearray()
        async for chunk in client.iter_audio(take.id, file.format):
            pending += chunk
            if len(pending) >= CHUNK:
                await hass.async_add_executor_job(partial.write, bytes(pending))
                pending.clear()
        await hass.async_add_executor_job(partial.write, bytes(pending))
        path = await hass.async_add_executor_job(partial.commit, file.sha256, file.size)
    except BaseException:
        await hass.async_add_executor_job(partial.abort)
        raise
    return SongFile(
        audio_format=file.format.value, mime_type=file.mime_type, size=file.size, sha256=file.sha256, name=path.name
    )


async def async_fetch_cover(hass: HomeAssistant, client: StudioClient, library: Library, take: Take) -> str:
    """Return the file's name. Raises StudioError or LibraryError."""
    picture = await client.cover(take.id)

    def write() -> str:
        with library.audio.begin(take.job_id, "jpg") as partial:
            partial.write(picture)
            return partial.commit().name

    return await hass.async_add_executor_job(write)
