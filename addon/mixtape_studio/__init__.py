"""The studio: it makes the music. It knows nothing of rooms or of Home Assistant."""

__version__ = "0.1.0"
