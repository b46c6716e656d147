"""What the library does on a disk that fills up: run on a small file system, as a script or from a test."""

import contextlib
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from custom_components.mixtape.library import Library, LibraryError, LibraryFullError
from tests.integration.library.library_samples import contents, job_id, song, wish

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextlib.contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """Mount a tmpfs of one mebibyte: for root, or within a namespace of one's own."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def fill_up(disk: Path) -> dict[str, bool]:
    """Meet a full disk at every turn; each entry is a promise and whether it was kept."""
    kept: dict[str, bool] = {}
    library = Library.open(disk / "mixtape")
    library.add_song(song())
    before = contents(library.audio.folder)

    def write_audio() -> None:
        with library.audio.begin(job_id(1), "flac") as partial:
            for _ in range(100):
                partial.write(b"x" * 100_000)

    def write_audio_at_once() -> None:
        # So little that only the flush of the commit meets the disk.
        with library.audio.begin(job_id(1), "flac") as partial:
            partial.write(b"x" * 5000)
            partial.commit()

    kept["audio: says so"] = _raises(LibraryFullError, write_audio)
    kept["audio: nothing is left"] = contents(library.audio.folder) == before

    ballast = disk / "ballast"
    _fill(ballast)
    kept["audio at the commit: says so"] = _raises(LibraryFullError, write_audio_at_once)
    kept["audio at the commit: nothing is left"] = contents(library.audio.folder) == before
    kept["new library: says so"] = _raises(LibraryFullError, lambda: Library.open(disk / "another").close())

    ballast.write_bytes(ballast.read_bytes()[:-40_000])
    added = 0

    def add_wishes() -> None:
        nonlocal added
        for number in range(1, 1000):
            library.add_wish(wish(number, text="x" * 1000))
            added = number

    kept["wishes: says so"] = _raises(LibraryFullError, add_wishes)
    kept["wishes: some found room"] = added > 0
    kept["wishes: none is lost"] = [found.job_id for found in library.wishes()] == [
        job_id(n) for n in range(1, added + 1)
    ]
    kept["songs are still there"] = library.song(job_id(1)) == song()

    ballast.unlink()
    library.add_wish(wish(added + 1))
    kept["with room again it goes on"] = len(library.wishes()) == added + 1
    library.close()
    library = Library.open(disk / "mixtape")
    kept["and after opening again"] = len(library.wishes()) == added + 1
    library.close()
    return kept


def _raises(kind: type[LibraryError], call: Callable[[], object]) -> bool:
    try:
        call()
    except kind:
        return True
    return False


def _fill(path: Path) -> None:
    with contextlib.suppress(OSError), path.open("wb", buffering=0) as file:
        while file.write(b"x" * 4096):
            pass


if __name__ == "__main__":
    with small_disk(Path(sys.argv[1])) as mounted:
        sys.stdout.write(json.dumps(fill_up(mounted)))
