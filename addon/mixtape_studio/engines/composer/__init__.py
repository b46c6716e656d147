"""The built-in composer: the engine that every machine can run.

A genre is one file in ``genres/``; moods are in ``moods.toml``. The way of a song: ``form`` → ``harmony`` → ``melody``,
``counterline``, ``comping``, ``bass``, ``drums`` (all called by ``arrangement``) → ``score`` → ``synthesis`` → ``mix``.
"""

from mixtape_studio.engines.composer.engine import ComposerEngine, Suggestion, suggest

__all__ = ["ComposerEngine", "Suggestion", "suggest"]
