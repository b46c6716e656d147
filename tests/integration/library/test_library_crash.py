"""What was said to be kept is kept, whatever happens next."""

import subprocess
import sys
from pathlib import Path

from custom_components.mixtape.library import Library
from tests.integration.library.library_samples import contents

ROOT = Path(__file__).parents[3]


def test_a_kill_loses_no_wish_that_was_kept(folder: Path) -> None:
    command = [sys.executable, "-m", "tests.integration.library.wishes_for_ever", str(folder)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(20)]
        process.kill()
        said += process.stdout.read().split()
    assert contents(folder / "audio"), "the kill was to leave half a file"
    library = Library.open(folder)
    kept = [wish.job_id for wish in library.wishes()]
    library.close()
    assert kept[: len(said)] == said
    # One more may have been kept without having been said.
    assert len(kept) - len(said) in (0, 1)
    assert contents(folder / "audio") == {}
