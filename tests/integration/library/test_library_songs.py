"""Songs, wishes and mixtapes come back as they went in."""

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path  # noqa: TC003  # pytest reads annotations

import pytest

from custom_components.mixtape import library as library_package
from custom_components.mixtape.library import (
    Library,
    LibraryConflictError,
    LibraryError,
    LibraryNotFoundError,
    WishState,
)
from tests.integration.library.library_samples import NOON, file, fill, job_id, song, wish


def test_every_public_name_is_listed() -> None:
    modules = {"audio", "database", "exceptions", "library", "migrations", "models", "tables"}
    public = {name for name in vars(library_package) if not name.startswith("_")} - modules
    assert public == set(library_package.__all__)


def test_a_wish_survives_closing(folder: Path) -> None:
    library = Library.open(folder)
    library.add_wish(wish())
    library.close()
    library = Library.open(folder)
    assert library.wish(job_id(1)) == wish()
    assert library.wish(job_id(2)) is None
    library.close()


def test_an_id_takes_one_wish(library: Library) -> None:
    library.add_wish(wish())
    with pytest.raises(LibraryConflictError):
        library.add_wish(wish(text="another"))
    assert library.wish(job_id(1)) == wish()


def test_a_wish_on_its_way(library: Library) -> None:
    library.add_wish(wish())
    sent = library.update_wish(job_id(1), WishState.SENT, sent_at=NOON)
    assert (sent.state, sent.sent_at, sent.ended_at) == (WishState.SENT, NOON, None)
    assert not sent.state.ended
    problem = {"code": "render_failed", "message": "Oh.", "field": None}
    failed = library.update_wish(job_id(1), WishState.FAILED, problem, ended_at=NOON + timedelta(seconds=5))
    assert failed == wish(state=WishState.FAILED, problem=problem, sent_at=NOON, ended_at=NOON + timedelta(seconds=5))
    assert failed.state.ended
    assert library.update_wish(job_id(1), WishState.WAITING).problem is None
    with pytest.raises(LibraryNotFoundError):
        library.update_wish(job_id(2), WishState.DONE)


def test_wishes_come_oldest_first_and_by_state(library: Library) -> None:
    for number in (3, 1, 2):
        library.add_wish(wish(number))
    library.update_wish(job_id(2), WishState.SENT)
    assert [found.job_id for found in library.wishes()] == [job_id(1), job_id(2), job_id(3)]
    assert [found.job_id for found in library.wishes(WishState.WAITING)] == [job_id(1), job_id(3)]
    assert library.wishes(WishState.DONE) == []


def test_a_song_comes_back_as_it_went_in(library: Library) -> None:
    kept = library.add_song(song())
    assert kept == song()
    assert library.song(job_id(1)) == song()
    assert library.song_by_token("token-1") == song()
    assert library.song(job_id(2)) is None
    assert library.song_by_token("") is None


def test_a_bare_song(library: Library) -> None:
    bare = song(
        **dict.fromkeys(
            ("lyrics", "wish", "room_id", "requester", "requester_name", "wished_bpm", "bpm", "key", "cover")
        ),
        files=(),
        peaks=[],
    )
    assert library.add_song(bare) == bare
    assert library.song(job_id(1)) == bare
    assert bare.file("flac") is None


def test_adding_a_song_again_keeps_its_token_and_adds_files(library: Library) -> None:
    library.add_song(song())
    again = library.add_song(song(token="other", title="Other", files=(file(1, "mp3"),)))
    assert (again.token, again.title) == ("token-1", "Song 1")
    assert again.files == (file(1), file(1, "mp3"))
    assert again.file("mp3") == file(1, "mp3")


def test_a_token_opens_one_song(library: Library) -> None:
    library.add_song(song(1))
    with pytest.raises(LibraryConflictError):
        library.add_song(song(2, token="token-1"))
    assert library.count() == 1


def test_files_are_added_and_replaced(library: Library) -> None:
    library.add_song(song(files=()))
    library.add_file(job_id(1), file(1, "mp3"))
    found = library.add_file(job_id(1), file(1, "mp3", size=9))
    assert found.files == (file(1, "mp3", size=9),)
    with pytest.raises(LibraryNotFoundError):
        library.add_file(job_id(2), file(2))


def test_songs_come_newest_first_in_pages(library: Library) -> None:
    fill(library, 7)
    assert [found.title for found in library.songs(limit=3)] == ["Song 7", "Song 6", "Song 5"]
    assert [found.title for found in library.songs(limit=3, offset=6)] == ["Song 1"]
    assert library.count() == 7


def test_songs_by_room_and_genre(library: Library) -> None:
    library.add_song(song(1))
    library.add_song(song(2, room_id="kitchen", genre="Lullaby"))
    assert [found.title for found in library.songs(room_id="kitchen")] == ["Song 2"]
    assert [found.title for found in library.songs(genre="jazz")] == ["Song 1"]
    assert library.songs(room_id="kitchen", genre="jazz") == []
    assert library.count(room_id="kitchen") == library.count(genre="LULLABY") == 1


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("song", [2, 1]),
        ("fenetre", [1]),
        ("FENÊTRE rain", [1]),
        ("straße", [2]),
        ("STRASSE", [2]),
        ("שיר", [2]),
        ("ada", []),
        ("rain strasse", []),
        ("100%", [2]),
        ("0%0", []),
        ("_", []),
        ("'; DROP TABLE songs; --", []),
        ("  ", [2, 1]),
        ("", [2, 1]),
    ],
)
def test_search_finds_all_words_whatever_case_or_accent(library: Library, text: str, found: list[int]) -> None:
    library.add_song(song(1))
    library.add_song(song(2, lyrics="Die lange Straße, 100% \u05e9\u05d9\u05e8"))
    assert [hit.id for hit in library.songs(text=text)] == [job_id(number) for number in found]
    assert library.count(text=text) == len(found)


def test_a_mixtape_is_ordered_and_holds_a_song_once(library: Library) -> None:
    fill(library, 3)
    assert [library.add_to_mixtape("living", job_id(number)) for number in (2, 3, 1)] == [1, 2, 3]
    assert library.add_to_mixtape("living", job_id(3)) == 2
    assert library.add_to_mixtape("kitchen", job_id(3)) == 1
    assert [found.title for found in library.mixtape("living")] == ["Song 2", "Song 3", "Song 1"]
    assert [found.title for found in library.mixtape("living", "jazz 3")] == ["Song 3"]
    assert [found.title for found in library.mixtape("living", "song")] == ["Song 2", "Song 3", "Song 1"]
    assert [found.files for found in library.mixtape("kitchen")] == [(file(3),)]
    assert library.mixtape("nowhere") == []
    with pytest.raises(LibraryNotFoundError):
        library.add_to_mixtape("living", job_id(9))


def test_times_keep_their_moment_in_any_zone(library: Library) -> None:
    there = datetime(2026, 11, 21, 5, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-9)))
    library.add_song(song(created_at=there))
    found = library.song(job_id(1))
    assert found is not None
    assert found.created_at == there
    assert found.created_at.tzinfo is UTC


def test_peaks_beyond_a_byte_are_clamped(library: Library) -> None:
    assert library.add_song(song(peaks=[-1, 256, 7])).peaks == [0, 255, 7]


@pytest.mark.parametrize("changes", [{"seed": 2**64}, {"title": "half \ud83d"}, {"title": None}])
def test_what_cannot_be_kept_is_an_error_of_ours(library: Library, changes: dict[str, object]) -> None:
    with pytest.raises(LibraryError):
        library.add_song(dataclasses.replace(song(), **changes))
    assert library.count() == 0


def test_more_songs_than_a_statement_takes_parameters(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("custom_components.mixtape.library.library._BATCH", 2)
    added = fill(library, 5)
    assert [found.files for found in library.songs()] == [item.files for item in reversed(added)]


def test_many_threads_lose_nothing(library: Library) -> None:
    """More threads than the pool holds, writing and reading at once."""
    together = threading.Barrier(16)

    def work(worker: int) -> int:
        together.wait(10)
        for step in range(3):
            number = worker * 100 + step
            library.add_wish(wish(number))
            library.add_song(song(number))
            library.add_file(job_id(number), file(number, "mp3"))
            library.add_to_mixtape("living", job_id(number))
            library.update_wish(job_id(number), WishState.DONE)
            assert library.song_by_token(f"token-{number}") is not None
        return worker

    with ThreadPoolExecutor(16) as pool:
        assert len(list(pool.map(work, range(16)))) == 16
    assert library.count() == 48
    assert len(library.wishes(WishState.DONE)) == 48
    entries = library.mixtape("living")
    assert len({entry.id for entry in entries}) == 48
    assert all(len(entry.files) == 2 for entry in entries)


def test_a_closed_library_says_so(folder: Path) -> None:
    library = Library.open(folder)
    library.close()
    for call in (library.songs, lambda: library.add_song(song())):
        with pytest.raises(LibraryError, match="closed"):
            call()
    library.close()
