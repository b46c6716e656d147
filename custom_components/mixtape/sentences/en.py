"""English."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from .language import Language

if TYPE_CHECKING:
    from custom_components.mixtape.words import ParsedWish

_POLITE: Final = "[(please|hey|okay|ok)] [(can|could|would|will) you] [please]"
_TO_ME: Final = "[(me|us)]"
_ONE: Final = "(a|an|another|one|some|my|our)"
_NOUN: Final = "(song|songs|track|tune|lullaby|anthem|ballad|jingle|melody|music)"
_NEW: Final = "[(brand|completely|totally)] new"
_MAKE: Final = "(create|make|write|compose|generate|produce|invent)"
_HEAR: Final = "(hear|have|listen to|get)"
_WANT: Final = (
    f"(I|we) (want|need|wanna {_HEAR}|(want|need) to {_HEAR}|would like|would like to {_HEAR}|would love to {_HEAR})"
)
_LIKE: Final = f"(I'd|we'd|Id|wed) (like|love) [to {_HEAR}]"
_SOUNDS: Final = (
    "(relaxing|relaxed|calm|quiet|soft|sleepy|happy|cheerful|sad|melancholic|uplifting|energetic|upbeat|romantic|dreamy|"
    "dark|epic|funny|fast|slow|rock|pop|jazz|jazzy|electronic|techno|classical|hip hop|hip-hop|country|ambient|"
    "acoustic|instrumental|birthday|christmas|bedtime)"
)

TEMPLATES: Final = (
    # "make me a song", "create a relaxing jazz song for the living room"
    f"{_POLITE} {_MAKE} {_TO_ME} {_ONE} [{{style}}] {_NOUN} [{{rest}}]",
    # "create jazz song for the kitchen", "write song about rain": as one writes, and as it is heard
    f"{_POLITE} {_MAKE} {_TO_ME} [{_SOUNDS}] (song|track|tune|lullaby|anthem|ballad|jingle) [{{rest}}]",
    # "make music", "compose music for dinner"
    f"{_POLITE} {_MAKE} {_TO_ME} [{_SOUNDS}] music [{{rest}}]",
    # "make me something energetic in the kitchen": only with the verbs that lights and timers do not have
    f"{_POLITE} (compose|(make|play|create|write) (me|us)) something [{{rest}}]",
    f"{_POLITE} {_MAKE} something {_SOUNDS} [{{rest}}]",
    # "write lyrics and music about …" is nothing that Home Assistant does
    f"{_POLITE} sing {_TO_ME} {_ONE} [{{style}}] (song|tune|lullaby) [{{rest}}]",
    # Playing belongs to the library, unless it shall be new, is for us, or is a kind rather than a title.
    f"{_POLITE} play {_TO_ME} {_ONE} {_NEW} [{{style}}] {_NOUN} [{{rest}}]",
    f"{_POLITE} play {_TO_ME} something {_NEW} [{{rest}}]",
    f"{_POLITE} play {_TO_ME} (a|an) {_SOUNDS} [{_SOUNDS}] (song|track|tune|lullaby) [{{rest}}]",
    f"{_POLITE} play (me|us) (a|an) [{{style}}] (song|track|tune|lullaby) (about|for) {{rest}}",
    f"{_POLITE} play {_TO_ME} a lullaby [{{rest}}]",
    # "I want to hear a new song", "I'd like a jazz song about the sea"
    f"({_WANT}|{_LIKE}) {_ONE} [{{style}}] (song|track|tune|lullaby|anthem|ballad|jingle) [{{rest}}]",
    f"({_WANT}|{_LIKE}) {_ONE} {_NEW} [{{style}}] music [{{rest}}]",
)

NOUNS: Final = frozenset(
    ["song", "songs", "track", "tune", "lullaby", "anthem", "ballad", "jingle", "melody", "music", "something"]
)
NOT_WISHES: Final = frozenset(
    [
        "timer",
        "alarm",
        "reminder",
        "note",
        "list",
        "item",
        "event",
        "appointment",
        "task",
        "todo",
        "playlist",
        "playlists",
        "library",
        "scene",
        "scenario",
        "script",
        "automation",
        "light",
        "lights",
        "lamp",
        "lamps",
        "volume",
        "temperature",
        "louder",
        "quieter",
        "brighter",
        "darker",
        "warmer",
        "cooler",
        "room",
        "door",
        "blinds",
        "curtain",
        "curtains",
        "switch",
        "tv",
        "television",
        "radio",
        "call",
        "message",
        "email",
        "shopping",
        "backup",
        "photo",
        "picture",
        "sure",
    ]
)

_COMMON_ROOM: Final = re.compile(
    r"\b(room|kitchen|bathroom|bedroom|office|garage|basement|attic|hall|hallway|garden|patio|terrace|balcony|studio|"
    r"study|nursery|library|lounge|den|cellar|porch|pantry|workshop|house|upstairs|downstairs)$",
    re.IGNORECASE,
)
_EXISTING: Final = re.compile(
    # What is played or heard, and not made; by or from somebody, and not near or for us
    r"^(?!.*\b(?:make|create|write|compose|generate|produce|invent|sing)\b.*\b(?:play|hear|listen)\b)"
    r".*\b(?:play|hear|listen)\b.*\b(?:by (?!(?:me|us|myself|ourselves)\b)|from my\b)"
    r"|\b(?:want|need|like|love)\b.*\bfrom (?:my|our|the) (?:\w+ )?(?:library|collection|playlists?|albums?)\b"
    rf"|\b(?:play|{_MAKE[1:-1]})(?: me| us)? something to\b",
    re.IGNORECASE,
)
_VOWEL: Final = re.compile(r"[aeiou](?!n[io]|ne\b)|hono|8", re.IGNORECASE)


def not_ours(text: str) -> bool:
    """``"play me a song by Queen"``, ``"I want a song from my library"``, ``"make me something to eat"``."""
    return _EXISTING.search(text) is not None


def place(name: str) -> str:
    """``"Living Room"`` → ``"the living room"``; ``"Emma's Room"`` and ``"Batcave"`` stay."""
    if _COMMON_ROOM.search(name) and "'" not in name and "\u2019" not in name:
        return f"the {name.lower()}"
    return name


def describe(heard: ParsedWish) -> str:
    """``"an uplifting rock song about juggling pirates"``; what nobody understood stays unsaid."""
    words = [heard.mood or "", "instrumental" if heard.instrumental else ""]
    noun = "song"
    if heard.genre == "lullaby":
        noun = "lullaby"
    elif heard.genre:
        words.append(heard.genre)
    told = " ".join([*filter(None, words), noun])
    article = "an" if _VOWEL.match(told) else "a"
    topic = f" about {heard.topic}" if heard.topic and len(heard.topic) <= 60 else ""
    return f"{article} {told}{topic}"


ENGLISH: Final = Language(
    code="en",
    templates=TEMPLATES,
    not_wishes=NOT_WISHES,
    nouns=NOUNS,
    not_ours=not_ours,
    describe=describe,
    place=place,
    texts={
        "making": "I'm making {song} for {room}.",
        "making_unplaced": "I'm making {song}.",
        "asleep": "The studio is asleep. I'll make {song} for {room} when it is back.",
        "asleep_unplaced": "The studio is asleep. I'll make {song} when it is back.",
        "ready": "Your song {title} is ready.",
        "unknown_room": "I don't know a room called {room}. I know {rooms}.",
        "which_room": "For which room? I know {rooms}.",
        "no_rooms": "Mixtape has no room yet. Add one in its settings.",
        "no_speakers": "There is no speaker in {room}. Add one in Mixtape's settings.",
        "not_ready": "Mixtape is not set up, or could not be loaded.",
        "out_of_range": "I can't do that: the {field} must be between {low} and {high}.",
        "not_understood": "I can't do that: I don't understand the {field} {value}.",
        "not_a_wish": "Sorry, I couldn't understand that.",
        "too_long": "That was too long for me. Please say it in fewer words.",
        "failed": "Sorry, I could not keep your wish: {reason}.",
        "disk_full": "the disk is full",
        "library": "the library cannot be used",
    },
    fields={
        "bpm": "tempo in beats per minute",
        "duration": "length in seconds",
        "key": "key",
        "text": "wish",
        "time_signature": "time signature",
    },
)
