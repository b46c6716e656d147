"""A voice for the home: espeak-ng behind the Wyoming protocol, so that announcements are really spoken."""

import asyncio
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from wyoming.audio import AudioChunk, AudioStart, AudioStop
from wyoming.error import Error
from wyoming.event import Event
from wyoming.info import Attribution, Describe, Info, TtsProgram, TtsVoice
from wyoming.server import AsyncEventHandler, AsyncTcpServer
from wyoming.tts import Synthesize

from .errors import DemoError
from .paths import espeak_data, program
from .processes import free_port

SPEECH_LIMIT = 20.0
VOICE = "en-us"
_RATE = 22_050
_WIDTH = 2
_WAV_HEADER = 44
_CHUNK = 8192
_ESPEAK = Attribution(name="eSpeak NG", url="https://github.com/espeak-ng/espeak-ng")

INFO = Info(
    tts=[
        TtsProgram(
            name="eSpeak NG",
            attribution=_ESPEAK,
            installed=True,
            description="eSpeak NG",
            version=None,
            voices=[
                TtsVoice(
                    name=VOICE,
                    attribution=_ESPEAK,
                    installed=True,
                    description="English",
                    version=None,
                    languages=["en"],
                )
            ],
        )
    ]
)


async def speak(espeak: Path, text: str) -> bytes:
    """``text`` as 16-bit mono samples at 22,050 Hz.

    Raises:
        DemoError: espeak-ng failed or took too long.
    """
    data = espeak_data()
    process = await asyncio.create_subprocess_exec(
        *(espeak, "--stdout", "--stdin", "-v", VOICE, "-s", "165", "-b", "1"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**os.environ, "ESPEAK_DATA_PATH": str(data)} if data else None,
    )
    try:
        async with asyncio.timeout(SPEECH_LIMIT):
            audio, complaint = await process.communicate(text.encode())
    except TimeoutError as err:
        raise DemoError(f"espeak-ng did not finish speaking {text[:60]!r}") from err
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode or len(audio) <= _WAV_HEADER:
        raise DemoError(f"espeak-ng failed: {complaint.decode(errors='replace').strip()}")
    # The header names no length, because espeak-ng writes to a pipe.
    return audio[_WAV_HEADER:]


class VoiceHandler(AsyncEventHandler):
    """One connection of a Wyoming client."""

    def __init__(self, espeak: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        super().__init__(reader, writer)
        self._espeak = espeak

    async def handle_event(self, event: Event) -> bool:
        if Describe.is_type(event.type):
            await self.write_event(INFO.event())
        elif Synthesize.is_type(event.type):
            try:
                samples = await speak(self._espeak, Synthesize.from_event(event).text)
            except DemoError as err:
                await self.write_event(Error(text=err.message, code="tts-failed").event())
                return True
            await self.write_event(AudioStart(rate=_RATE, width=_WIDTH, channels=1).event())
            for start in range(0, len(samples), _CHUNK):
                chunk = AudioChunk(rate=_RATE, width=_WIDTH, channels=1, audio=samples[start : start + _CHUNK])
                await self.write_event(chunk.event())
            await self.write_event(AudioStop().event())
        return True


@asynccontextmanager
async def voice_server() -> AsyncGenerator[int]:
    """Yields the port that the voice listens on."""
    espeak = program("espeak-ng")
    port = free_port()
    server = AsyncTcpServer("127.0.0.1", port)
    await server.start(partial(VoiceHandler, espeak))
    try:
        yield port
    finally:
        await server.stop()
