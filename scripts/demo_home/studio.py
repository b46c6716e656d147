"""The real studio, on a free port, with its data in the demo's folder."""

import re
from dataclasses import dataclass
from typing import Any

import aiohttp

from .errors import DemoError
from .paths import SOUNDFONT, STUDIO_PYTHON
from .processes import Processes, Program, free_port, wait_for

START_LIMIT = 60.0
_TOKEN = re.compile(r"Token \(shown once\): (mxt_\S+)")


@dataclass(frozen=True)
class Studio:
    url: str
    token: str
    program: Program

    async def ask(self, session: aiohttp.ClientSession, method: str, path: str) -> dict[str, Any]:
        """Raises DemoError when the studio refuses."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with session.request(method, f"{self.url}{path}", headers=headers) as response:
            if not response.ok:
                raise DemoError(f"the studio refused {path}: {response.status} {await response.text()}")
            answer: dict[str, Any] = await response.json()
            return answer


async def start_studio(processes: Processes, session: aiohttp.ClientSession) -> Studio:
    """Starts ``mixtape_studio serve`` and reads the token that it shows at its first start."""
    data = processes.folder / "studio"
    data.mkdir()
    port = free_port()
    program = await processes.start(
        "Studio",
        *(STUDIO_PYTHON, "-m", "mixtape_studio", "serve"),
        env={
            "MIXTAPE_DATA": str(data),
            "MIXTAPE_HOST": "127.0.0.1",
            "MIXTAPE_PORT": str(port),
            "MIXTAPE_SOUNDFONT": str(SOUNDFONT),
            # A demo's studio is not offered to other homes on the network.
            "MIXTAPE_ANNOUNCE": "false",
            "PYTHONUNBUFFERED": "1",
        },
    )
    url = f"http://127.0.0.1:{port}"

    async def token() -> str | None:
        found = _TOKEN.search(program.log.read_text(errors="replace"))
        return found[1] if found else None

    shown = await wait_for("the studio's token", token, limit=START_LIMIT, program=program)

    async def answers() -> bool | None:
        try:
            # Answered once the worker has said which engines there are.
            async with session.get(f"{url}/v1/engines", headers={"Authorization": f"Bearer {shown}"}) as response:
                return True if response.ok else None
        except aiohttp.ClientError:
            return None

    await wait_for("the studio's first answer", answers, limit=START_LIMIT, program=program)
    return Studio(url, shown, program)
