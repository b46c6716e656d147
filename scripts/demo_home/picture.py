"""``scripts/screenshot OUT.png``: the picture of the README, of a real home with a song that plays.

Stands in a folder that has ``node_modules/playwright-core``; see ``scripts/screenshot``.
"""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

from .dashboard import PATH
from .errors import DemoError
from .evening import make_a_wish
from .paths import ROOT
from .stage import stage
from .terminal import Terminal

SENTENCE = "create a relaxing jazz song for the living room"
LIMIT = 120.0


async def take_picture(folder: Path, out: Path) -> None:
    terminal = Terminal()
    async with stage(folder, silent=True, on_step=terminal.step) as scene:
        outcome = await make_a_wish(scene, SENTENCE, folder, terminal)
        login = folder / "login.json"
        await asyncio.to_thread(login.write_text, json.dumps(scene.home.login))
        # The dashboard with the room's player open in front of it.
        page = f"{scene.home.url}/{PATH}?more-info-entity-id={outcome.playing.room.player}"
        camera = await scene.processes.start(
            "Camera", "node", ROOT / "scripts/screenshot.mjs", page, login, out, cwd=Path.cwd()
        )
        async with asyncio.timeout(LIMIT):
            if await camera.process.wait():
                raise DemoError(f"the picture was not taken:\n{camera.tail()}")


def main() -> int:
    with tempfile.TemporaryDirectory(prefix="mixtape-demo-") as folder:
        try:
            asyncio.run(take_picture(Path(folder), Path(sys.argv[1]).resolve()))
        except DemoError as err:
            Terminal().fail(err)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
