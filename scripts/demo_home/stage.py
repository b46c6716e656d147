"""Everything on stage: a studio, three speakers, a voice and a home that knows them all."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from .dashboard import add_dashboard
from .errors import DemoError
from .home import AREAS, Home, onboarded, start_home
from .household import add_speaker, add_voice
from .mixtape_setup import Room, add_mixtape
from .paths import program
from .processes import Processes
from .speakers import Speaker, sound_output, start_speaker
from .studio import Studio, start_studio
from .voice import voice_server


@dataclass(frozen=True)
class Stage:
    home: Home
    studio: Studio
    speakers: dict[str, Speaker]
    """By the name of their area."""
    rooms: dict[str, Room]
    """By the name of their area."""
    processes: Processes
    session: aiohttp.ClientSession
    aloud: bool
    """There is a sound card: the speakers can be heard."""


@asynccontextmanager
async def stage(
    folder: Path, *, silent: bool = False, on_step: Callable[[str], None] = lambda _: None
) -> AsyncGenerator[Stage]:
    """Starts everything in ``folder`` and ends it with the block.

    Raises:
        DemoError: something did not start; the message holds its last words.
    """
    output = "null" if silent else sound_output(program("mpd"))
    async with AsyncExitStack() as stack:
        session = await stack.enter_async_context(aiohttp.ClientSession())
        processes = await stack.enter_async_context(Processes(folder))
        voice_port = await stack.enter_async_context(voice_server())
        on_step("Starting the studio, three speakers and Home Assistant")
        try:
            async with asyncio.TaskGroup() as group:
                studio_start = group.create_task(start_studio(processes, session))
                speaker_starts = [group.create_task(start_speaker(processes, area, output=output)) for area in AREAS]
                home_start = group.create_task(start_home(processes, session))
        except* DemoError as failed:
            # The first is the one to tell; the others were cancelled because of it.
            raise failed.exceptions[0] from None
        studio, speakers = studio_start.result(), [start.result() for start in speaker_starts]
        home = await stack.enter_async_context(onboarded(home_start.result(), session))
        on_step("Adding the speakers and a voice to Home Assistant")
        for speaker in speakers:
            await add_speaker(home, speaker)
        await add_voice(home, voice_port)
        on_step("Adding Mixtape to Home Assistant")
        rooms = await add_mixtape(home, studio)
        await add_dashboard(home, rooms)
        by_area = {speaker.area: speaker for speaker in speakers}
        yield Stage(home, studio, by_area, rooms, processes, session, output != "null")
