"""Tags as mutagen and FFmpeg read them back."""

from __future__ import annotations

import errno
from dataclasses import replace
from io import BytesIO

import av
import numpy as np
import pytest
from mutagen import MutagenError
from mutagen.flac import FLAC
from mutagen.id3 import ID3
from PIL import Image

from mixtape_studio.audio.encoding import decode, encode
from mixtape_studio.audio.tags import SongTags, short_key, write_tags
from mixtape_studio.contract import AudioFormat

from .conftest import RATE, band


@pytest.fixture(scope="module")
def cover() -> bytes:
    out = BytesIO()
    Image.new("RGB", (800, 800), "teal").save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def tags(cover) -> SongTags:
    return SongTags(
        title="Über 🎵 שלום",
        artist="The Miller Home",
        genre="jazz",
        bpm=119.96,
        key="F# minor",
        lyrics="[verse]\nla la\nżółw",
        made_by="Built-in composer",
        engine="composer",
        seed=4_294_967_295,
        wish="a relaxing jazz song",
        cover_jpeg=cover,
    )


@pytest.fixture(params=list(AudioFormat))
def file(request, tmp_path):
    path = tmp_path / f"song.{request.param}"
    encode(path, request.param, band(2), RATE)
    return path, request.param


def read(path, audio_format) -> dict[str, object]:
    if audio_format is AudioFormat.FLAC:
        flac = FLAC(path)
        pictures = [(p.type, p.mime, p.data) for p in flac.pictures]
        return {**{name.upper(): flac[name][0] for name in flac}, "PICTURES": pictures}
    id3 = ID3(path)
    names = {"TIT2": "TITLE", "TPE1": "ARTIST", "TCON": "GENRE", "TBPM": "BPM", "TKEY": "INITIALKEY"}
    found: dict[str, object] = {name: id3[frame].text[0] for frame, name in names.items() if frame in id3}
    found |= {frame.desc: frame.text[0] for frame in id3.getall("TXXX")}
    for name, frame in (("LYRICS", "USLT"), ("COMMENT", "COMM")):
        for one in id3.getall(frame):
            found[name] = one.text if frame == "USLT" else one.text[0]
    return found | {"PICTURES": [(p.type, p.mime, p.data) for p in id3.getall("APIC")]}


def test_everything_is_read_back(file, tags, cover):
    path, audio_format = file
    before, _ = decode(path)
    write_tags(path, audio_format, tags)
    assert read(path, audio_format) == {
        "TITLE": tags.title,
        "ARTIST": "The Miller Home",
        "GENRE": "jazz",
        "BPM": "120",
        "INITIALKEY": "F#m",
        "LYRICS": tags.lyrics,
        "COMMENT": "Made by Built-in composer, seed 4294967295",
        "MADE_BY": "Built-in composer",
        "MIXTAPE_ENGINE": "composer",
        "MIXTAPE_SEED": "4294967295",
        "MIXTAPE_WISH": "a relaxing jazz song",
        "PICTURES": [(3, "image/jpeg", cover)],
    }
    after, _ = decode(path)
    np.testing.assert_array_equal(after, before)


def test_ffmpeg_reads_title_and_cover(file, tags):
    path, audio_format = file
    write_tags(path, audio_format, tags)
    with av.open(path) as container:
        metadata = {name.lower(): value for name, value in container.metadata.items()}
        assert metadata["title"] == tags.title
        picture = next(container.decode(video=0))
        assert (picture.width, picture.height) == (800, 800)


def test_what_is_unknown_is_left_out_and_old_tags_go(file, tags):
    path, audio_format = file
    write_tags(path, audio_format, tags)
    write_tags(path, audio_format, replace(tags, bpm=None, key=None, lyrics=None, wish=None, cover_jpeg=None))
    found = read(path, audio_format)
    assert found.keys().isdisjoint({"BPM", "INITIALKEY", "LYRICS", "MIXTAPE_WISH"})
    assert found["PICTURES"] == []


@pytest.mark.parametrize(("key", "short"), [("C major", "C"), ("F# minor", "F#m"), ("Bb major", "Bb")])
def test_short_key(key, short):
    assert short_key(key) == short


def test_missing_file_is_an_os_error(tmp_path, tags):
    for audio_format in AudioFormat:
        with pytest.raises(FileNotFoundError):
            write_tags(tmp_path / f"missing.{audio_format}", audio_format, tags)


def test_damaged_flac_is_an_error(tmp_path, tags):
    (tmp_path / "song.flac").write_bytes(b"not a flac file")
    with pytest.raises(MutagenError):
        write_tags(tmp_path / "song.flac", AudioFormat.FLAC, tags)


def test_full_disk_is_an_os_error(file, tags):
    import resource
    import signal

    path, audio_format = file
    # A limit on the file's size fails the write as a full disk does, with EFBIG in place of ENOSPC.
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size, old[1]))
    try:
        with pytest.raises(OSError) as caught:  # noqa: PT011 - errno is checked below
            write_tags(path, audio_format, tags)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert caught.value.errno in (errno.EFBIG, errno.ENOSPC)
