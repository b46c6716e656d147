-- What version 1 of the schema left on disks. Never change it.
CREATE TABLE schema_version (version INTEGER NOT NULL PRIMARY KEY, migrated_at VARCHAR NOT NULL);
INSERT INTO schema_version VALUES (1, '2026-11-21T10:00:00.000000+00:00');
CREATE TABLE wishes (
  job_id VARCHAR NOT NULL PRIMARY KEY, text VARCHAR NOT NULL, request VARCHAR NOT NULL, room_id VARCHAR,
  requester VARCHAR, requester_name VARCHAR, priority VARCHAR NOT NULL, state VARCHAR NOT NULL,
  created_at VARCHAR NOT NULL, sent_at VARCHAR, ended_at VARCHAR, announce BOOLEAN NOT NULL, play BOOLEAN NOT NULL,
  satellite_id VARCHAR, device_id VARCHAR, language VARCHAR NOT NULL, problem VARCHAR
);
CREATE INDEX wishes_by_state ON wishes (state, created_at);
CREATE TABLE songs (
  id VARCHAR NOT NULL PRIMARY KEY, title VARCHAR NOT NULL, artist VARCHAR NOT NULL, genre VARCHAR NOT NULL,
  mood VARCHAR NOT NULL, caption VARCHAR NOT NULL, lyrics VARCHAR, wish VARCHAR, room_id VARCHAR, requester VARCHAR,
  requester_name VARCHAR, engine VARCHAR NOT NULL, engine_label VARCHAR NOT NULL, seed INTEGER NOT NULL,
  language VARCHAR NOT NULL, wished_bpm INTEGER, wished_key VARCHAR, bpm FLOAT, key VARCHAR,
  time_signature VARCHAR NOT NULL, duration FLOAT NOT NULL, lufs FLOAT NOT NULL, true_peak FLOAT NOT NULL,
  peaks BLOB NOT NULL, created_at VARCHAR NOT NULL, token VARCHAR NOT NULL UNIQUE, cover VARCHAR, words VARCHAR NOT NULL
);
CREATE INDEX songs_by_time ON songs (created_at);
CREATE INDEX songs_by_room ON songs (room_id, created_at);
CREATE TABLE song_files (
  song_id VARCHAR NOT NULL REFERENCES songs (id) ON DELETE CASCADE, audio_format VARCHAR NOT NULL,
  mime_type VARCHAR NOT NULL, size INTEGER NOT NULL, sha256 VARCHAR NOT NULL, name VARCHAR NOT NULL,
  PRIMARY KEY (song_id, audio_format)
);
CREATE TABLE mixtape_entries (
  room_id VARCHAR NOT NULL, song_id VARCHAR NOT NULL REFERENCES songs (id) ON DELETE CASCADE,
  position INTEGER NOT NULL, added_at VARCHAR NOT NULL, PRIMARY KEY (room_id, song_id), UNIQUE (room_id, position)
);
INSERT INTO wishes VALUES (
  '00000000-0000-0000-0000-000000000002', 'some jazz', '{"genre": "jazz"}', 'living', NULL, NULL, 'voice', 'waiting',
  '2026-11-21T10:00:02.000000+00:00', NULL, NULL, 1, 0, NULL, NULL, 'en', NULL
);
INSERT INTO songs VALUES (
  '00000000-0000-0000-0000-000000000001', 'Beyoncé', 'Home', 'Pop', 'uplifting', 'bright', NULL, 'a pop song', 'living',
  NULL, NULL, 'composer', 'Built-in composer', 7, 'en', 120, NULL, 119.5, 'C major', '4/4', 60.0, -14.0, -1.2,
  X'00FF', '2026-11-21T10:00:01.000000+00:00', 'tok-1', NULL, 'beyonce pop uplifting bright a pop song'
);
INSERT INTO song_files VALUES
  ('00000000-0000-0000-0000-000000000001', 'flac', 'audio/flac', 4, 'aa', '00000000-0000-0000-0000-000000000001.flac'),
  ('00000000-0000-0000-0000-000000000001', 'mp3', 'audio/mpeg', 4, 'bb', '00000000-0000-0000-0000-000000000001.mp3');
INSERT INTO mixtape_entries VALUES
  ('living', '00000000-0000-0000-0000-000000000001', 1, '2026-11-21T10:00:03.000000+00:00');
