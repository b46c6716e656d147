"""How the database came to its current schema.

A migration is literal SQL and never changes once released: it must make from an old file what it made
then, whatever ``tables`` says today. The next one is appended.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Migration:
    """From ``version - 1`` to ``version``, in one transaction."""

    version: int
    statements: tuple[str, ...]


_FIRST: Final = Migration(
    1,
    (
        """CREATE TABLE schema_version (
            version INTEGER NOT NULL PRIMARY KEY,
            migrated_at VARCHAR NOT NULL
        )""",
        """CREATE TABLE wishes (
            job_id VARCHAR NOT NULL PRIMARY KEY,
            text VARCHAR NOT NULL,
            request VARCHAR NOT NULL,
            room_id VARCHAR,
            requester VARCHAR,
            requester_name VARCHAR,
            priority VARCHAR NOT NULL,
            state VARCHAR NOT NULL,
            created_at VARCHAR NOT NULL,
            sent_at VARCHAR,
            ended_at VARCHAR,
            announce BOOLEAN NOT NULL,
            play BOOLEAN NOT NULL,
            satellite_id VARCHAR,
            device_id VARCHAR,
            language VARCHAR NOT NULL,
            problem VARCHAR
        )""",
        "CREATE INDEX wishes_by_state ON wishes (state, created_at)",
        """CREATE TABLE songs (
            id VARCHAR NOT NULL PRIMARY KEY,
            title VARCHAR NOT NULL,
            artist VARCHAR NOT NULL,
            genre VARCHAR NOT NULL,
            mood VARCHAR NOT NULL,
            caption VARCHAR NOT NULL,
            lyrics VARCHAR,
            wish VARCHAR,
            room_id VARCHAR,
            requester VARCHAR,
            requester_name VARCHAR,
            engine VARCHAR NOT NULL,
            engine_label VARCHAR NOT NULL,
            seed INTEGER NOT NULL,
            language VARCHAR NOT NULL,
            wished_bpm INTEGER,
            wished_key VARCHAR,
            bpm FLOAT,
            key VARCHAR,
            time_signature VARCHAR NOT NULL,
            duration FLOAT NOT NULL,
            lufs FLOAT NOT NULL,
            true_peak FLOAT NOT NULL,
            peaks BLOB NOT NULL,
            created_at VARCHAR NOT NULL,
            token VARCHAR NOT NULL UNIQUE,
            cover VARCHAR,
            words VARCHAR NOT NULL
        )""",
        "CREATE INDEX songs_by_time ON songs (created_at)",
        "CREATE INDEX songs_by_room ON songs (room_id, created_at)",
        """CREATE TABLE song_files (
            song_id VARCHAR NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
            audio_format VARCHAR NOT NULL,
            mime_type VARCHAR NOT NULL,
            size INTEGER NOT NULL,
            sha256 VARCHAR NOT NULL,
            name VARCHAR NOT NULL,
            PRIMARY KEY (song_id, audio_format)
        )""",
        """CREATE TABLE mixtape_entries (
            room_id VARCHAR NOT NULL,
            song_id VARCHAR NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            added_at VARCHAR NOT NULL,
            PRIMARY KEY (room_id, song_id),
            UNIQUE (room_id, position)
        )""",
    ),
)

MIGRATIONS: Final = (_FIRST,)
