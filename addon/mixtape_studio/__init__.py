"""The studio: it makes the music. It knows nothing of rooms or of Home Assistant."""
