"""Adds wishes until it is killed, and says each one's id once it is kept."""

import sys
from pathlib import Path

from custom_components.mixtape.library import Library
from tests.integration.library.library_samples import job_id, wish

if __name__ == "__main__":
    library = Library.open(Path(sys.argv[1]))
    library.audio.begin(job_id(1), "flac").write(b"x" * 100_000)
    for number in range(1, 1_000_000):
        library.add_wish(wish(number))
        sys.stdout.write(f"{job_id(number)}\n")
        sys.stdout.flush()
