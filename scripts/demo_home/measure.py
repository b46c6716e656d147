"""Measures an audio file, in the studio's environment: ``python -m demo_home.measure FILE`` prints JSON."""

import asyncio
import json
import sys
from dataclasses import dataclass
from pathlib import Path

from .errors import DemoError

MEASURE_LIMIT = 60.0


@dataclass(frozen=True)
class Measurement:
    seconds: float
    sample_rate: int
    lufs: float
    true_peak: float
    """dBTP."""


async def measure(path: Path) -> Measurement:
    """What the file on disk holds, decoded: not what anybody says about it.

    Raises:
        DemoError: the file does not decode.
    """
    from .paths import ROOT, STUDIO_PYTHON  # noqa: PLC0415 - the studio's Python needs nothing of them

    process = await asyncio.create_subprocess_exec(
        *(STUDIO_PYTHON, "-m", "demo_home.measure", path),
        cwd=ROOT / "scripts",
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        async with asyncio.timeout(MEASURE_LIMIT):
            output, complaint = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        raise DemoError(f"{path} could not be measured:\n{complaint.decode(errors='replace')[-600:]}")
    return Measurement(**json.loads(output))


def main() -> None:
    from mixtape_studio.audio.encoding import decode  # noqa: PLC0415 - only there in the studio's environment
    from mixtape_studio.audio.mastering import measure_loudness  # noqa: PLC0415

    samples, sample_rate = decode(Path(sys.argv[1]))
    loudness = measure_loudness(samples, sample_rate)
    figures = {
        "seconds": samples.shape[1] / sample_rate,
        "sample_rate": sample_rate,
        "lufs": round(loudness.lufs, 2),
        "true_peak": round(loudness.true_peak, 2),
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
