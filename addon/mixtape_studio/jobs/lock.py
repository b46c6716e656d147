"""One studio and one worker per data folder."""

import fcntl
import os
import time
from pathlib import Path
from typing import IO, Final

from mixtape_studio.errors import DataFolderBusyError

_LOOK: Final = 0.1


def take_lock(path: Path, wait: float) -> IO[str]:
    """Hold the file's lock until the file is closed or the process ends.

    Raises:
        DataFolderBusyError: another process still holds it after ``wait`` seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.open("a+")
    end = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            if time.monotonic() > end:
                file.seek(0)
                holder = file.read().strip() or "unknown"
                file.close()
                message = (
                    f"Another studio (process {holder}) uses the folder {path.parent}. Stop it, or set MIXTAPE_DATA."
                )
                raise DataFolderBusyError(message) from None
            time.sleep(_LOOK)
        else:
            file.truncate(0)
            file.write(str(os.getpid()))
            file.flush()
            return file
