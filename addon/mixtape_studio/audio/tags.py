"""What a file says about itself: ID3 in MP3, Vorbis comments in FLAC."""

# mutagen is typed in part only.
# mypy: disallow-untyped-calls=False

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mutagen import MutagenError
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, COMM, ID3, TBPM, TCON, TIT2, TKEY, TPE1, TXXX, USLT, ID3NoHeaderError

from mixtape_studio.contract import AudioFormat


@dataclass(frozen=True, kw_only=True)
class SongTags:
    title: str
    artist: str
    genre: str
    bpm: float | None
    key: str | None
    """As the contract writes it: ``"F# minor"``."""
    lyrics: str | None
    made_by: str
    """The engine's label."""
    engine: str
    seed: int
    wish: str | None
    cover_jpeg: bytes | None

    def comment(self) -> str:
        return f"Made by {self.made_by}, seed {self.seed}"


def write_tags(path: Path, audio_format: AudioFormat, tags: SongTags) -> None:
    """Replace the tags of the file at ``path``, in place.

    Raises:
        OSError: the file could not be changed; ``errno`` is ``ENOSPC`` on a full disk.
    """
    try:
        if audio_format is AudioFormat.FLAC:
            _write_flac(path, tags)
        else:
            _write_mp3(path, tags)
    except MutagenError as err:
        # mutagen wraps what the operating system said.
        cause = err.args[0] if err.args else None
        if isinstance(cause, OSError):
            raise cause from err
        raise


def short_key(key: str) -> str:
    """``"F# minor"`` → ``"F#m"``, as ID3's TKEY wants it: three characters at most."""
    tonic, _, mode = key.partition(" ")
    return tonic + ("m" if mode == "minor" else "")


def _fields(tags: SongTags) -> dict[str, str]:
    """The fields of our own, by name; players show them as they are."""
    fields = {"MADE_BY": tags.made_by, "MIXTAPE_ENGINE": tags.engine, "MIXTAPE_SEED": str(tags.seed)}
    if tags.wish:
        fields["MIXTAPE_WISH"] = tags.wish
    return fields


def _write_mp3(path: Path, tags: SongTags) -> None:
    try:
        id3 = ID3(path)
        id3.clear()
    except ID3NoHeaderError:
        id3 = ID3()
    id3.add(TIT2(text=tags.title))
    id3.add(TPE1(text=tags.artist))
    id3.add(TCON(text=tags.genre))
    if tags.bpm is not None:
        id3.add(TBPM(text=str(round(tags.bpm))))
    if tags.key is not None:
        id3.add(TKEY(text=short_key(tags.key)))
    if tags.lyrics:
        id3.add(USLT(lang="XXX", desc="", text=tags.lyrics))
    id3.add(COMM(lang="eng", desc="", text=tags.comment()))
    for name, value in _fields(tags).items():
        id3.add(TXXX(desc=name, text=value))
    if tags.cover_jpeg is not None:
        id3.add(APIC(mime="image/jpeg", type=3, desc="Cover", data=tags.cover_jpeg))
    # 2.3 is what every player reads.
    id3.save(path, v1=0, v2_version=3)


def _write_flac(path: Path, tags: SongTags) -> None:
    flac = FLAC(path)
    flac.delete()
    flac.clear_pictures()
    fields = {
        "TITLE": tags.title,
        "ARTIST": tags.artist,
        "GENRE": tags.genre,
        "COMMENT": tags.comment(),
        **_fields(tags),
    }
    if tags.bpm is not None:
        fields["BPM"] = str(round(tags.bpm))
    if tags.key is not None:
        fields["INITIALKEY"] = short_key(tags.key)
    if tags.lyrics:
        fields["LYRICS"] = tags.lyrics
    for name, value in fields.items():
        flac[name] = value
    if tags.cover_jpeg is not None:
        picture = Picture()
        picture.type = 3
        picture.mime = "image/jpeg"
        picture.desc = "Cover"
        picture.width = picture.height = 800
        picture.depth = 24
        picture.data = tags.cover_jpeg
        flac.add_picture(picture)
    flac.save()
