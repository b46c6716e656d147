"""Where the repository keeps what the demo starts; ``scripts/setup`` puts it there."""

import shutil
from pathlib import Path

import imageio_ffmpeg

from .errors import DemoError

ROOT = Path(__file__).resolve().parents[2]
TOOLS = ROOT / ".tools"
HOME_PYTHON = ROOT / ".venv/bin/python"
STUDIO_PYTHON = ROOT / "addon/.venv/bin/python"
SOUNDFONT = TOOLS / "soundfont/MuseScore_General_Lite.sf3"
INTEGRATION = ROOT / "custom_components/mixtape"
_SPEAKERS = TOOLS / "speakers/usr"


def program(name: str) -> Path:
    """The system's program, else the one unpacked into ``.tools``.

    Raises:
        DemoError: it is in neither place.
    """
    private = _SPEAKERS / "bin" / name
    if (system := shutil.which(name)) is not None:
        return Path(system)
    if private.is_file():
        return private
    raise DemoError(f"{name} is not on this machine", f"run scripts/setup, or: sudo apt-get install {name}")


def espeak_data() -> Path | None:
    """The folder that holds ``espeak-ng-data`` when espeak-ng is the one unpacked into ``.tools``."""
    if shutil.which("espeak-ng") is not None:
        return None
    return next(_SPEAKERS.glob("lib/*/espeak-ng-data"), None)


def ffmpeg() -> Path:
    """What Home Assistant turns speech into MP3 with: the system's, else the one of the environment."""
    return Path(shutil.which("ffmpeg") or imageio_ffmpeg.get_ffmpeg_exe())
