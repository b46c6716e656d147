"""What a language module gives: one instance of ``Vocabulary``, data only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .tokens import Phrases


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    language: str
    genres: Mapping[str, tuple[str, ...]]
    """Canonical name to its other names and its styles."""
    moods: Mapping[str, tuple[str, ...]]

    genre_words: Phrases
    faint_genres: Phrases
    """Words that mean a genre where no other word does."""
    mood_words: Phrases
    style_words: Phrases
    """Words about sound (tempo, instruments, …) with no field of their own."""
    song_words: Phrases
    """Nouns that say no more than "a song"."""

    carriers: Phrases
    """How a wish is wrapped: greetings, politeness, verbs.

    Value "verb", "it" (a verb with its object: "make it") or "sing" where somebody shall sing.
    """
    restarts: frozenset[str]
    """Before a word about music, these end a topic: "about rain something jazzy"."""
    prepositions: frozenset[str]
    """Fillers that stay before a phrase: "in the world"."""
    fillers: frozenset[str]
    """Words that mean nothing at the edge of a phrase."""
    tails: Phrases
    """Polite words at the end of a clause."""
    articles: frozenset[str]
    pronouns: frozenset[str]
    """Of the third person: such a sentence goes on telling the topic."""

    topic_leads: Phrases
    title_leads: Phrases
    topic_labels: frozenset[str]
    """Before a colon."""
    title_labels: frozenset[str]
    dedication_leads: frozenset[str]
    activities: Phrases
    """What music is for, rather than about."""
    activity_endings: tuple[str, ...]
    not_activities: frozenset[str]
    """Words with such an ending all the same."""
    indefinite: frozenset[str]
    """Articles that part a person from a song: "write Anna a song"."""
    style_leads: Phrases
    """Start a description that is kept as it is. Value "joined" where no comma belongs before it."""
    style_closers: Phrases
    """Style leads that end a topic, too."""
    style_nouns: frozenset[str]
    """End "in a … style"."""
    with_words: frozenset[str]
    negations: Phrases
    degrees: frozenset[str]
    alternatives: frozenset[str]

    instrumental: Phrases
    vocal: Phrases
    voices: frozenset[str]
    languages: Mapping[str, str]
    language_leads: Phrases

    room_leads: frozenset[str]
    pointing_leads: frozenset[str]
    """Of these, the ones that need an article: "to the study", not "to study"."""
    room_tails: frozenset[str]
    here: Phrases
    room_words: Phrases
    """Rooms that many homes have, known here or not."""

    numbers: Phrases
    amounts: Phrases
    """Numbers and fractions before a unit: "a", "two and a half", "half a"."""
    minus: frozenset[str]
    half_after: Phrases
    range_words: frozenset[str]
    """Between two numbers: "two or three"."""
    conjunctions: frozenset[str]
    time_units: Mapping[str, float]
    """Seconds."""
    letter_units: frozenset[str]
    """Units that must touch their number: "4m"."""
    decades: frozenset[int]
    duration_leads: Phrases
    duration_tails: Phrases
    ordinals: frozenset[str]
    """"The last five minutes" is no duration of a song."""
    clock_leads: frozenset[str]
    tempo_units: Phrases
    tempo_leads: Phrases
    bare_tempo_leads: frozenset[str]
    metres: Phrases
    metre_leads: frozenset[str]
    metre_tails: frozenset[str]
    implied_metres: Mapping[str, str]
    key_leads: Phrases
    """Value "sure" where nothing but a key can follow."""
    notes: Mapping[str, str]
    accidentals: Mapping[str, str]
    modes: Mapping[str, str]
    labels: frozenset[str]
    """Words before a colon that only name the field after it."""
    abbreviations: frozenset[str]
    """A full stop after one of these ends nothing."""
