"""Audio files: whole and checked, or not there."""

import hashlib
from pathlib import Path  # noqa: TC003  # pytest reads annotations

import pytest

from custom_components.mixtape.library import AudioDamagedError, Library, LibraryError, LibraryNotFoundError
from tests.integration.library.library_samples import contents, job_id

DATA = b"fLaC" + bytes(range(256)) * 100
SHA256 = hashlib.sha256(DATA).hexdigest()


def test_a_committed_file_is_there_and_nothing_else(library: Library) -> None:
    partial = library.audio.begin(job_id(1), ".flac")
    for start in range(0, len(DATA), 1000):
        partial.write(DATA[start : start + 1000])
    assert not (library.audio.folder / f"{job_id(1)}.flac").exists()
    path = partial.commit(SHA256.upper(), len(DATA))
    assert path == library.audio.path(f"{job_id(1)}.flac")
    assert contents(library.audio.folder) == {f"{job_id(1)}.flac": DATA}


@pytest.mark.parametrize(
    ("received", "message"),
    [
        (DATA[:-1], "25603 bytes came instead of 25604"),
        (DATA + b"x", "25605 bytes"),
        (b"", "0 bytes"),
        (DATA[:-1] + b"\x00", "hash"),
    ],
)
def test_a_damaged_download_is_removed_and_what_was_there_stays(
    library: Library, received: bytes, message: str
) -> None:
    with library.audio.begin(job_id(1), "flac") as partial:
        partial.write(b"earlier")
        partial.commit()
    partial = library.audio.begin(job_id(1), "flac")
    partial.write(received)
    with pytest.raises(AudioDamagedError, match=message) as caught:
        partial.commit(SHA256, len(DATA))
    assert caught.value.name == f"{job_id(1)}.flac"
    assert contents(library.audio.folder) == {f"{job_id(1)}.flac": b"earlier"}


def test_abort_removes_and_may_be_repeated(library: Library) -> None:
    partial = library.audio.begin(job_id(1), "mp3")
    partial.write(DATA)
    partial.abort()
    partial.abort()
    assert contents(library.audio.folder) == {}


def test_abort_after_commit_does_nothing(library: Library) -> None:
    partial = library.audio.begin(job_id(1), "mp3")
    partial.write(DATA)
    path = partial.commit()
    partial.abort()
    assert path.read_bytes() == DATA


def test_with_aborts_what_was_not_committed(library: Library) -> None:
    with pytest.raises(ZeroDivisionError), library.audio.begin(job_id(1), "mp3") as partial:
        partial.write(DATA[: 1 // 0])
    assert contents(library.audio.folder) == {}


def test_two_downloads_of_one_file_do_not_meet(library: Library) -> None:
    first, second = library.audio.begin(job_id(1), "mp3"), library.audio.begin(job_id(1), "mp3")
    first.write(b"one")
    second.write(b"second")
    first.commit(size=3)
    assert second.commit(size=6).read_bytes() == b"second"
    assert len(contents(library.audio.folder)) == 1


def test_leftovers_of_a_crash_are_swept(folder: Path) -> None:
    library = Library.open(folder)
    with library.audio.begin(job_id(1), "mp3") as partial:
        partial.write(DATA)
        partial.commit()
    # What a crash leaves: written, neither committed nor aborted.
    left = library.audio.begin(job_id(2), "mp3")
    left.write(DATA)
    left._file.close()
    library.close()
    assert len(contents(folder / "audio")) == 2
    Library.open(folder).close()
    assert contents(folder / "audio") == {f"{job_id(1)}.mp3": DATA}


@pytest.mark.parametrize(
    ("song_id", "suffix"),
    [
        ("../../etc/x", "mp3"),
        ("", "mp3"),
        ("a/b", "mp3"),
        ("a", "m/p"),
        ("a", ""),
        ("a", ".."),
        ("a" * 65, "mp3"),
        ("é", "mp3"),
    ],
)
def test_no_name_leaves_the_folder(library: Library, song_id: str, suffix: str) -> None:
    with pytest.raises(LibraryError, match="no file name"):
        library.audio.begin(song_id, suffix)


@pytest.mark.parametrize(
    "name", ["../mixtape.db", "/etc/passwd", ".a.mp3.01.part", "a", "a.mp3/", "a\0.mp3", "a.mp3\n", ""]
)
def test_no_path_leaves_the_folder(library: Library, name: str) -> None:
    with pytest.raises(LibraryNotFoundError):
        library.audio.path(name)


def test_a_folder_that_vanished_is_an_error_of_ours(library: Library) -> None:
    partial = library.audio.begin(job_id(1), "mp3")
    next(library.audio.folder.iterdir()).unlink()
    library.audio.folder.rmdir()
    with pytest.raises(LibraryError):
        partial.commit()
    with pytest.raises(LibraryError, match="cannot be written"):
        library.audio.begin(job_id(1), "mp3")
