"""Mixtape: the home writes its own music."""
