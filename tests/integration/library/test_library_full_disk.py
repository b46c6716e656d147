"""A full disk loses nothing but what did not fit, and is named."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from custom_components.mixtape.library import Library, LibraryFullError
from tests.integration.library.full_disk import fill_up, small_disk
from tests.integration.library.library_samples import contents, job_id, wish

ROOT = Path(__file__).parents[3]


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        with small_disk(tmp_path / "disk") as disk:
            kept = fill_up(disk)
    else:
        # Who is not root may mount in a namespace of their own.
        script = [sys.executable, "-m", "tests.integration.library.full_disk", str(tmp_path / "disk")]
        done = subprocess.run(
            ["unshare", "--user", "--map-root-user", "--mount", *script],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"a small disk needs unshare and mount (util-linux): {done.stderr}"
        kept = json.loads(done.stdout)
    assert kept == dict.fromkeys(kept, True)


def test_audio_onto_the_device_that_is_always_full(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    partial = library.audio.begin(job_id(1), "flac")
    partial._file.close()
    partial._file = open("/dev/full", "wb")  # noqa: PTH123, SIM115
    with pytest.raises(LibraryFullError, match=r"\.flac"):
        partial.write(b"x" * 1_000_000)
    assert contents(library.audio.folder) == {}


def test_a_database_that_may_not_grow(library: Library) -> None:
    with library._database.read() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(LibraryFullError, match=r"mixtape\.db"):
        library.add_wish(wish(text="x" * 100_000))
    assert library.wishes() == []
