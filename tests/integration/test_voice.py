"""What Mixtape takes for a wish, and what it leaves to Home Assistant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hassil.intents import Intents, WildcardSlotList
from hassil.recognize import recognize

from custom_components.mixtape.sentences import LANGUAGES, Language
from custom_components.mixtape.sentences.language import SAID
from custom_components.mixtape.voice import sounds_like_a_wish

if TYPE_CHECKING:
    from collections.abc import Callable

WISHES = """
create a relaxing jazz song for the living room
Create a relaxing jazz song for the living room.
make me a song
make a song
make us a happy song for the kitchen
please make me a song about my cat
can you write a song about the sea
could you please compose a lullaby for Emma in the bedroom
compose something for a rainy evening
write an uplifting rock anthem about juggling pirates
generate a 90 second techno track at 128 bpm
generate some ambient music for the bedroom
make some music
make jazz music in the kitchen
produce a hip hop track with no vocals
invent a new tune for breakfast
create another song like that
create a birthday song for grandma
make a new song
make me something energetic in the kitchen
make something energetic at 128 bpm in F minor for the kitchen, three minutes, no vocals
play me something new
play something new in the kitchen
play a new song
play a brand new jazz song in the living room
play some new music
play a relaxing jazz song for the living room
play a sad song
play an upbeat pop track in the kitchen
play me a song about pirates
play us a song for dinner
play a lullaby
play me a lullaby for Tim
sing me a song about robots
sing a lullaby
I want to hear a new song
I want a song about summer
I'd like a jazz song about the sea
I'd like to hear a lullaby
we would like to hear a happy song in the kitchen
I would love to hear a song about trains
I want some new music
okay make me a country song
hey could you make a polka song for the garage
make a skiffle song about tea in the kitchen
write me a song in F minor at 90 bpm, three minutes long
create a waltz song for grandpa and grandma
write a jingle for our coffee machine
create jazz song for the kitchen
write song about rain
play a new track in the kitchen
make a song for mum by tomorrow
play me a song about us by us
make me something quiet to sleep by
make a song about how I hear voices by night
make a song about something to remember
""".strip().splitlines()

NOT_OURS = """
play music
play some music
play music in the kitchen
play jazz
play some jazz
play some jazz in the living room
play Bohemian Rhapsody by Queen
play the album Kind of Blue by Miles Davis
play the song Yesterday by The Beatles
play song 2 by blur
play my favourites playlist
play the playlist new music friday
play the next song
play the last song again
play the radio
play track 5
play something
play
next song
next track
skip this song
previous song
previous track
pause the music
stop the music
resume the music
turn the music up
turn up the volume of the music
set the music volume to 20 percent
what song is this
what song is playing
who sings this song
shuffle the music
repeat this song
add this song to my favourites
add song ideas to my to-do list
turn on the light in the living room
make the living room brighter
make it warmer
make the lights red
make the music louder
set a timer for five minutes
create a timer for 5 minutes
create a timer for the song
create a 5 minute timer for music
create a five minute pizza timer
make a note that I like this song
make an appointment for music lessons
make a call to my music teacher
write a note about the new song
write a reminder for music lessons
create a playlist with a happy song
make a list of songs
create a to-do item to learn a song
make sure the music is off
I want the lights on
I want to listen to the radio
I want to hear the news
I'd like the light on
I want to hear Yesterday by The Beatles
what is the weather
good night
make music louder
make my music louder
make music quieter
create a music playlist
make a song list
make a music alarm for 7
create a tune reminder for tomorrow
make me something to eat
I want a song from my library
play a rock song by Queen
play me something by Queen
play me a song about love by Adele
I want to hear a song by Adele
""".strip().splitlines()

# Matched by a free template, but given back to Home Assistant's own intents.
HANDED_BACK = """
create a timer for the song
create a 5 minute timer for music
make a note that I like this song
make an appointment for music lessons
make a call to my music teacher
create a playlist with a happy song
make a list of songs
create a to-do item to learn a song
write a note about the new song
write a reminder for music lessons
make music louder
make my music louder
make music quieter
create a music playlist
make a song list
make a music alarm for 7
create a tune reminder for tomorrow
make me something to eat
I want a song from my library
play a rock song by Queen
play me something by Queen
play me a song about love by Adele
I want to hear a song by Adele
""".strip().splitlines()


@pytest.fixture(scope="module")
def english() -> Language:
    return LANGUAGES["en"]


@pytest.fixture(scope="module")
def matches(english: Language) -> Callable[[str], bool]:
    """As Home Assistant's default agent does it for sentence triggers."""
    intents = Intents.from_dict(
        {"language": "en", "intents": {"Wish": {"data": [{"sentences": list(english.templates)}]}}}
    )
    for name in ("style", "rest"):
        intents.slot_lists[name] = WildcardSlotList(name)
    return lambda text: recognize(text, intents) is not None


@pytest.mark.parametrize("sentence", WISHES)
def test_a_wish_is_heard(matches: Any, english: Language, sentence: str) -> None:
    assert matches(sentence)
    assert sounds_like_a_wish(sentence, english)


@pytest.mark.parametrize("sentence", NOT_OURS)
def test_other_commands_are_left_alone(matches: Any, english: Language, sentence: str) -> None:
    assert not (matches(sentence) and sounds_like_a_wish(sentence, english))


def test_only_the_known_ones_need_handing_back(matches: Any) -> None:
    assert {sentence for sentence in NOT_OURS if matches(sentence)} == set(HANDED_BACK)


@pytest.mark.parametrize("language", LANGUAGES.values(), ids=lambda language: language.code)
def test_a_language_says_everything(language: Language) -> None:
    assert set(language.texts) == SAID
