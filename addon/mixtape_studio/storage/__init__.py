"""The studio's own database and its audio files."""
