"""`mixtape-studio make`: plain words in, a file out, by the real command."""

import subprocess
import sys
from pathlib import Path

import mutagen
import pytest

from mixtape_studio.audio.encoding import decode
from studio_process import ADDON, SOUNDFONT


def run(words: str, output: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mixtape_studio", "make", words, "--output", output],
        cwd=ADDON,
        env={"MIXTAPE_SOUNDFONT": str(SOUNDFONT), "PATH": "", **environment},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_song_is_made_from_words(tmp_path: Path) -> None:
    output = tmp_path / "pirates.mp3"
    done = run("a ten second rock song about pirates at 120 bpm in E minor", output)
    assert done.returncode == 0, done.stderr
    assert "120 BPM, E minor, 10 s" in done.stdout
    samples, rate = decode(output)
    assert samples.shape[1] / rate == pytest.approx(10, abs=0.01)
    tags = mutagen.File(output, easy=True)
    assert "irates" in tags["title"][0]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("", "wish: say what to make"),
        ("a song at 999 bpm", "bpm: 999 is not between 40 and 220"),
        ("a song in H minor", "key: H minor is not a key"),
        ("a song of an hour", "duration: 3600 is not between 10 and 600"),
        ("a song\x07", "control character U+0007"),
        ("la " * 1000, "too many"),
    ],
)
def test_what_cannot_be_made_is_named(tmp_path: Path, words: str, told: str) -> None:
    done = run(words, tmp_path / "song.flac")
    assert done.returncode == 1
    assert told in done.stderr
    assert not (tmp_path / "song.flac").exists()


def test_a_missing_soundfont_is_named(tmp_path: Path) -> None:
    done = run("a song", tmp_path / "song.flac", MIXTAPE_SOUNDFONT=str(tmp_path / "none.sf3"))
    assert done.returncode == 1
    assert "none.sf3" in done.stderr


def test_an_unknown_ending_is_refused(tmp_path: Path) -> None:
    done = run("a song", tmp_path / "song.ogg")
    assert done.returncode == 2
    assert ".flac" in done.stderr
