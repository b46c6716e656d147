"""English."""

from __future__ import annotations

from typing import Final

from .tokens import Phrases
from .vocabulary import Vocabulary


def _phrases(text: str, value: str = "") -> dict[str, str]:
    """Comma-separated phrases, all of one value."""
    return {phrase.strip(): value for phrase in text.split(",")}


def _listed(text: str) -> list[str]:
    return text.split()


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _names(canonical: dict[str, tuple[str, ...]]) -> Phrases:
    return Phrases({name: value for value, names in canonical.items() for name in (value, *names)})


_UNITS: Final = _listed(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
)
_TENS: Final = _listed("twenty thirty forty fifty sixty seventy eighty ninety")


def _numbers() -> dict[str, str]:
    below = {word: value for value, word in enumerate(_UNITS)}
    for ten, word in enumerate(_TENS, start=2):
        below[word] = ten * 10
        below.update({f"{word} {unit}": ten * 10 + value for value, unit in enumerate(_UNITS[1:10], start=1)})
    numbers = dict(below)
    for hundreds in range(1, 10):
        for head in (_UNITS[hundreds], *(("a",) if hundreds == 1 else ())):
            numbers[f"{head} hundred"] = hundreds * 100
            for words, value in below.items():
                if value:
                    numbers[f"{head} hundred {words}"] = hundreds * 100 + value
                    numbers[f"{head} hundred and {words}"] = hundreds * 100 + value
    # "one twenty bpm", "one oh five"
    for words, value in below.items():
        if value >= 10:
            numbers[f"one {words}"] = 100 + value
    numbers |= {
        f"one {zero} {unit}": 100 + value for zero in ("oh", "o") for value, unit in enumerate(_UNITS[1:10], start=1)
    }
    numbers["a thousand"] = numbers["one thousand"] = 1000
    numbers["a million"] = numbers["one million"] = 1_000_000
    return {words: str(value) for words, value in numbers.items()}


def _amounts() -> dict[str, str]:
    amounts = _numbers()
    halves = {f"{words} and a half": f"{value}.5" for words, value in amounts.items() if 0 < int(value) < 100}
    amounts.update(halves)
    amounts.update({"a": "1", "an": "1", "half a": "0.5", "half an": "0.5", "a half": "0.5", "½": "0.5"})
    amounts.update({"a couple of": "2", "a couple": "2", "a quarter of an": "0.25", "a quarter of a": "0.25"})
    amounts.update({"three quarters of a": "0.75", "three quarters of an": "0.75"})
    return amounts


GENRES: Final[dict[str, tuple[str, ...]]] = {
    "rock": (
        "rock 'n' roll", "rock and roll", "rock'n'roll", "rock n roll", "rock & roll", "rocky", "rockabilly", "hard rock",
        "metal", "heavy metal", "death metal", "black metal", "punk", "punk rock", "pop punk", "grunge", "indie rock",
        "alternative rock", "alternative", "country rock", "folk rock", "blues rock", "jazz rock", "soft rock", "surf rock",
        "surf", "prog rock", "progressive rock", "prog", "psychedelic rock", "psychedelic", "garage rock", "glam rock",
        "stoner rock", "pop rock", "post rock", "hardcore", "emo", "shoegaze", "power ballad", "rocking", "rock music",
    ),
    "pop": (
        "poppy", "synth pop", "synthpop", "dance pop", "indie pop", "k pop", "kpop", "j pop", "jpop", "dream pop",
        "electropop", "power pop", "teen pop", "britpop", "bubblegum", "indie", "soul", "r&b", "r & b", "r and b", "rnb",
        "r n b", "motown", "gospel", "reggae", "ska", "latin", "latin pop", "reggaeton", "salsa", "calypso", "schlager",
        "funk", "funky", "afrobeat", "afrobeats", "chanson", "europop", "singer songwriter", "easy listening",
    ),
    "jazz": (
        "jazzy", "bossa nova", "bossa", "swing", "swinging", "bebop", "big band", "blues", "bluesy", "smooth jazz",
        "cool jazz", "dixieland", "ragtime", "free jazz", "gypsy jazz", "latin jazz", "acid jazz", "fusion", "boogie woogie",
        "boogie", "samba", "lounge jazz", "delta blues", "lounge music",
    ),
    "electronic": (
        "electronica", "electro", "edm", "techno", "house", "deep house", "tech house", "trance", "psytrance", "dubstep",
        "drum and bass", "drum 'n' bass", "drum n bass", "drum & bass", "dnb", "d&b", "jungle", "breakbeat", "synthwave",
        "retrowave", "vaporwave", "chiptune", "8 bit", "idm", "hardstyle", "eurodance", "dance", "disco", "nu disco",
        "trip hop", "downtempo", "industrial", "electronic dance", "uk garage", "big beat", "rave", "hyperpop", "eurobeat",
    ),
    "classical": (
        "classic music", "orchestral", "orchestra", "symphonic", "symphony", "baroque", "chamber music", "chamber",
        "string quartet", "sonata", "concerto", "opera", "operatic", "fugue", "cinematic", "film score", "film music",
        "movie score", "renaissance", "romantic era", "neoclassical", "neo classical", "minuet", "nocturne", "etude",
        "prelude", "requiem", "choral",
    ),
    "hip-hop": (
        "hip hop", "hiphop", "rap", "trap", "boom bap", "lo fi", "lofi", "lo fi hip hop", "lofi hip hop", "lo-fi hip-hop",
        "gangsta rap", "drill", "grime", "old school hip hop", "turntablism", "hip hoppy",
    ),
    "country": (
        "bluegrass", "folk", "folky", "folksy", "americana", "western", "country and western", "country western",
        "honky tonk", "outlaw country", "cajun", "zydeco", "hillbilly", "indie folk", "irish folk", "celtic", "folk music",
        "countrified", "campfire", "alt country", "roots",
    ),
    "ambient": (
        "new age", "drone", "soundscape", "soundscapes", "meditation", "meditation music", "meditative", "spa", "space music",
        "dark ambient", "chillout", "chill out", "drones", "atmospheric", "nature sounds", "white noise",
    ),
    "lullaby": ("lullabies", "cradle song", "berceuse"),
}  # fmt: skip
"""Canonical genre to its other names and to the styles played as it."""

MOODS: Final[dict[str, tuple[str, ...]]] = {
    "uplifting": ("uplifted", "inspiring", "inspirational", "motivational", "motivating", "encouraging", "positive", "feel good", "triumphant", "optimistic", "upbeat", "joyous"),
    "relaxing": ("relaxed", "relax", "relaxation", "calm", "calming", "chill", "chilled", "chilling", "chilled out", "mellow", "laid back", "peaceful", "serene", "soothing", "tranquil", "gentle", "easy going", "easygoing", "restful", "sleepy", "drowsy", "cosy", "cozy", "lazy", "zen", "soft", "quiet"),
    "energetic": ("energy", "energising", "energizing", "high energy", "lively", "pumped up", "pumping", "dynamic", "driving", "powerful", "vigorous", "exciting", "excited", "peppy", "full of energy", "wild"),
    "melancholic": ("melancholy", "sad", "sorrowful", "blue", "wistful", "bittersweet", "heartbroken", "heartbreaking", "mournful", "lonely", "lonesome", "depressing", "tearful", "sombre", "somber", "moody"),
    "happy": ("cheerful", "cheery", "joyful", "merry", "jolly", "sunny", "glad", "bright", "bouncy", "happy birthday", "jaunty", "gleeful", "carefree"),
    "romantic": ("love", "loving", "sensual", "intimate", "sexy", "passionate", "seductive", "amorous", "tender"),
    "dark": ("gloomy", "sinister", "ominous", "brooding", "spooky", "scary", "creepy", "eerie", "haunting", "grim", "evil", "bleak", "menacing"),
    "dreamy": ("dreamlike", "ethereal", "floating", "hazy", "otherworldly", "hypnotic", "spacey", "airy", "trippy"),
    "epic": ("heroic", "grand", "majestic", "dramatic", "monumental", "bombastic", "anthemic", "sweeping"),
    "playful": ("fun", "funny", "silly", "quirky", "whimsical", "cheeky", "goofy", "humorous", "comical", "childlike", "cute"),
    "angry": ("aggressive", "furious", "raging", "mad", "fierce", "brutal", "rebellious"),
    "mysterious": ("mystical", "enigmatic", "magical", "secretive", "suspicious", "mystic"),
    "nostalgic": ("nostalgia", "sentimental", "reminiscing", "retro", "old timey", "old fashioned", "vintage", "yearning"),
    "hopeful": ("hope", "reassuring", "warm", "comforting", "heartwarming", "tender and hopeful"),
    "groovy": ("danceable", "catchy", "swaggering"),
    "tense": ("suspenseful", "anxious", "nervous", "dissonant", "uneasy", "thrilling", "frantic"),
}  # fmt: skip

_STYLE = """slow, slowly, slower, fast, faster, quick, very, uptempo, mid tempo, midtempo, loud, heavy, light,
acoustic, electric, unplugged, live, short, long, longer, simple, minimal, minimalist, complex, rhythmic, melodic, smooth, warm,
raw, distorted, clean, traditional, modern, contemporary, old school, medieval, tropical, anthem, ballad, hymn, jingle, fanfare, march, polka,
tango, waltz, rumba, beat, beats, groove, melody, melodies, rhythm, rhythms, tempo, bass, bassline, bass line, drums, drum,
percussion, piano, guitar, guitars, violin, violins, cello, strings, viola, flute, clarinet, oboe, bassoon, saxophone, sax, trumpet,
trombone, tuba, horn, horns, brass, organ, harpsichord, harp, celesta, music box, accordion, harmonica, banjo, fiddle, mandolin,
ukulele, sitar, synth, synths, synthesiser, synthesizer, pads, bells, chimes, handclaps, claps, choir, chorus, solo, riff, riffs,
solos, marimba, vibraphone, xylophone, glockenspiel, kazoo, whistle, bagpipes, double bass, tabla, bongos, congas, cowbell, soundtrack,
score, sound, sounds, style, vibe, vibes, feel, feeling, mood, tune, intro, outro, drop, harmonies, harmony, build up, buildup,
instruments, arpeggio, arpeggios, hook, chords, reverb, echo, distortion, shuffle, syncopated, staccato, legato, bpm, hit, banger, earworm, remix, medley, theme"""

_VERBS: Final = _listed(
    "make create write play compose generate produce sing record build craft prepare find start do put announce get give have hear improvise perform deliver invent arrange"
)
_LONG_VERBS = (
    "come up with",
    "put on",
    "put together",
    "turn on",
    "cook up",
    "listen to",
    "whip up",
    "think of",
    "knock up",
    "put out",
)
_ASKS = (
    "could you", "can you", "would you", "will you", "could we", "can we", "can i", "could i", "may i", "may we", "would you mind",
    "do you think you could", "do you think you can", "are you able to", "i would like", "i'd like", "id like", "i want", "i need",
    "i wish", "we would like", "we'd like", "we want", "we need", "i would love", "i'd love", "we'd love", "we would love", "i feel like",
    "i wanna", "i'm in the mood for", "i am in the mood for", "we're in the mood for", "let's", "lets", "let us", "let me", "please let me",
    "how about", "what about", "why don't you", "why not", "i could use", "it's time for", "time for", "i'd really like", "i would really like",
    "i really want", "i'm looking for", "i am looking for", "i'd be happy with", "we feel like", "wanna", "would it be possible to",
    "be so kind and", "be so kind as to", "i want you to", "i'd like you to", "i would like you to", "i need you to", "we'd like you to", "you could",
    "if you could", "surprise me", "surprise us", "you choose", "your choice", "whatever you like", "anything you like", "i am", "i'm", "i feel", "i'm feeling", "i am feeling", "we are", "we're", "my wish is", "my wish", "the wish is", "there should be", "there shall be",
)  # fmt: skip
_FOLLOW_ONS = (
    "it should be", "it shall be", "it must be", "it has to be", "it needs to be", "it should have", "it should", "should be", "make it", "keep it",
    "have it", "i want it", "i want it to be", "i'd like it", "i'd like it to be", "let it be", "with it", "it can be", "it is", "it's", "use",
)  # fmt: skip
_GREETINGS = "hey, hi, hello, ok, okay, so, well, yes, mixtape, hey mixtape, good morning, good evening, dear studio, alright, right, now, please, kindly, then, just, quickly, maybe, perhaps, thanks, thank you, thank you very much, um, uh, er, listen, computer, also, and, again, another"


def _carriers() -> Phrases:
    carriers = _phrases(_GREETINGS)
    carriers |= dict.fromkeys((*_ASKS, *_FOLLOW_ONS), "")
    carriers |= {f"{ask} to": "" for ask in _ASKS}
    carriers |= {f"{ask} please": "" for ask in _ASKS}
    carriers |= {
        "to": "",
        "me": "",
        "us": "",
        "for me": "",
        "for us": "",
        "you": "",
        "a bit of": "",
        "a little": "",
        "a little bit of": "",
    }
    for verb in (*_VERBS, *_LONG_VERBS):
        for object_ in ("", " me", " us", " for me", " for us", " it"):
            carriers[verb + object_] = "sing" if verb == "sing" else "it" if object_ == " it" else "verb"
    return Phrases(carriers)


_VOICES = "vocals vocal singing singer singers lyrics voice voices sung"
_SUNG = "vocals, vocal, singing, a singer, lyrics, words, voice, voices, a voice, text"


def _instrumental() -> dict[str, str]:
    phrases = _phrases(
        "instrumental, instrumentals, instrumental only, instrumental version, only instruments, instruments only, purely instrumental, vocal free"
    )
    for noun in (
        *_SUNG.split(", "),
        "any vocals",
        "any singing",
        "any lyrics",
        "any words",
        "any voices",
        "vocals or lyrics",
        "lyrics or vocals",
        "singers",
        "people singing",
        "anyone singing",
        "anybody singing",
    ):
        phrases |= {
            f"{lead} {noun}": "" for lead in ("no", "without", "with no", "and no", "not any", "but no", "minus")
        }
    return phrases


def _vocal() -> dict[str, str]:
    phrases = {f"with {noun}": "" for noun in _SUNG.split(", ")}
    return phrases | _phrases(
        "sung, with some singing, with someone singing, with somebody singing, that is sung, with vocals and lyrics, with lyrics and vocals"
    )


_ROOMS = """living room, kitchen, bedroom, bathroom, nursery, office, study, garage, basement, cellar, attic, loft, hallway, hall, dining room,
kids room, kid's room, kids' room, children's room, playroom, guest room, guest bedroom, laundry room, utility room, workshop, garden, patio,
balcony, terrace, porch, sauna, gym, home cinema, media room, music room, conservatory, library, shed, lounge, family room, den, spare room,
entrance, corridor, stairway, pool, veranda, sunroom, winter garden, game room, games room, toilet, pantry, master bedroom, whole house, entire house"""

_LETTERS = "cdefgab"


def _notes() -> dict[str, str]:
    """Enharmonic spellings without a key of their own (E#, B#, Cb, Fb) become the common one.

    H is no English note: "H minor" is an unknown key, never silently B minor.
    """
    respelt = {"E#": "F", "B#": "C", "Cb": "B", "Fb": "E"}
    notes = {letter: letter.upper() for letter in _LETTERS}
    for letter in _LETTERS:
        for accidental in "#b":
            name = letter.upper() + accidental
            notes[letter + accidental] = respelt.get(name, name)
    return notes


_LANGUAGES: Final = {
    "english": "en",
    "german": "de",
    "french": "fr",
    "spanish": "es",
    "dutch": "nl",
    "italian": "it",
    "portuguese": "pt",
    "polish": "pl",
    "russian": "ru",
    "ukrainian": "uk",
    "swedish": "sv",
    "norwegian": "no",
    "danish": "da",
    "finnish": "fi",
    "czech": "cs",
    "hungarian": "hu",
    "greek": "el",
    "turkish": "tr",
    "arabic": "ar",
    "hebrew": "he",
    "persian": "fa",
    "hindi": "hi",
    "chinese": "zh",
    "mandarin": "zh",
    "japanese": "ja",
    "korean": "ko",
    "vietnamese": "vi",
    "thai": "th",
    "indonesian": "id",
    "romanian": "ro",
    "bulgarian": "bg",
    "croatian": "hr",
    "serbian": "sr",
    "slovak": "sk",
    "catalan": "ca",
    "irish": "ga",
    "latin": "la", "welsh": "cy",
    "icelandic": "is",
    "latvian": "lv",
}  # fmt: skip

_TIME_UNITS: Final = {
    "second": 1,
    "seconds": 1,
    "sec": 1,
    "secs": 1,
    "s": 1,
    "minute": 60,
    "minutes": 60,
    "min": 60,
    "mins": 60,
    "m": 60,
    "hour": 3600,
    "hours": 3600,
    "hr": 3600,
    "hrs": 3600,
    "h": 3600,
}  # fmt: skip

_METRES: Final = {
    **dict.fromkeys(("three four time", "in three four time", "in three four", "three quarter time", "in three quarter time", "waltz time", "in waltz time", "triple time", "in triple time", "in triple metre", "in triple meter"), "3/4"),
    **dict.fromkeys(("four four time", "in four four time", "in four four", "four quarter time", "common time", "in common time"), "4/4"),
}  # fmt: skip

ENGLISH: Final = Vocabulary(
    language="en",
    genres=GENRES,
    moods=MOODS,
    genre_words=_names(GENRES),
    faint_genres=Phrases({"waltz": "classical", "waltzes": "classical", "bedtime": "lullaby"}),
    mood_words=_names(MOODS),
    style_words=Phrases(_phrases(_STYLE)),
    song_words=Phrases(
        _phrases(
            "song, songs, music, track, tracks, tune, tunes, piece, piece of music, number, something, anything, some music, musical piece, composition, one, songs to play, thing, stuff"
        )
    ),
    carriers=_carriers(),
    fillers=_words(
        "a an the some any of and or but in at on to for with is are be it that this my our your please by from as also which i we really kind sort"
    ),
    tails=Phrases(
        _phrases(
            "please, thanks, thank you, thank you very much, now, right now, for me, for us, if you can, if possible, if you could, if you please, immediately, straight away, right away, ok, okay, would you, will you, could you, can you, cheers"
        )
    ),
    restarts=_words("something"),
    prepositions=_words("in on at from as by"),
    articles=_words("a an the some my our your his her their this"),
    pronouns=_words("he she they his her their him them who whose"),
    topic_leads=Phrases(
        _phrases(
            "about, about how, on the subject of, on the topic of, that tells the story of, which tells the story of, telling the story of, that tells of, telling of, that tells about, telling about, that talks about, which talks about, that is about, which is about, that's about, it is about, it's about, it should be about, all about, dedicated to, in honour of, in honor of, in memory of, celebrating, to celebrate, that celebrates, inspired by, with the theme of, with the theme, with the topic, themed around, topic is, the topic is, theme is, the theme is, the subject is, describing, that describes, in praise of, concerning"
        )
    ),
    title_leads=Phrases(
        _phrases(
            "called, titled, entitled, named, with the title, with the name, the title is, call it, name it, titled as"
        )
    ),
    topic_labels=_words("topic theme subject about"),
    title_labels=_words("title name"),
    dedication_leads=_words("for"),
    activities=Phrases(
        _phrases(
            "yoga, pilates, sleep, meditation, work, study, dinner, breakfast, lunch, tea, coffee, homework, bedtime, bed, a workout, workout, workouts, gym, tonight, today, this evening, this morning, this afternoon, kids, children, toddlers, babies, adults, everyone, everybody, all, beginners, the kids, the children, the evening, the morning, the afternoon, fun, concentration, focus, relaxation, background, the background, radio, a change"
        )
    ),
    activity_endings=("ing",),
    not_activities=_words(
        "spring king wedding thing string evening morning sibling darling ming sterling viking being ring ping irving everything nothing"
    ),
    indefinite=_words("a an some another"),
    style_leads=Phrases(
        _phrases(
            "with, featuring, in the style of, in the manner of, reminiscent of, similar to, like, played on, played by, sung by, in a, in an, using, including, plus, by"
        )
        | _phrases("to, that, which, where, while, when, because", "joined")
    ),
    style_closers=Phrases(
        _phrases(
            "in the style of, in the manner of, reminiscent of, similar to, played on, played by, sung by, sounding like, featuring"
        )
    ),
    style_nouns=_words("style way mood mode fashion manner vein key tempo feel spirit tone metre meter rhythm"),
    with_words=_words("with"),
    negations=Phrases(
        _phrases(
            "not, no, without, never, nothing, anything but, everything but, except, except for, isn't, don't, doesn't, avoid, non, less, hardly, instead of, rather than, with no, no more, nor, neither"
        )
    ),
    degrees=_words("too very so that really overly a an the any much many as quite all particularly like"),
    alternatives=_words("or nor"),
    instrumental=Phrases(_instrumental()),
    vocal=Phrases(_vocal()),
    voices=_words(_VOICES),
    languages=_LANGUAGES,
    language_leads=Phrases(
        _phrases(
            "in, sung in, sing in, singing in, with vocals in, with lyrics in, lyrics in, vocals in, in the, words in, with words in, sing it in, rapped in"
        )
    ),
    room_leads=_words("for in to on at into through inside"),
    pointing_leads=_words("to into through at"),
    room_tails=_words("speaker speakers"),
    here=Phrases(
        _phrases(
            "in here, for here, here, for this room, in this room, to this room, over here, right here, in my room, for my room, on this speaker, on these speakers"
        )
    ),
    room_words=Phrases(_phrases(_ROOMS)),
    numbers=Phrases(_numbers()),
    amounts=Phrases(_amounts()),
    minus=_words("minus negative"),
    half_after=Phrases(_phrases("and a half, ½")),
    range_words=_words("or to \u2013"),
    conjunctions=_words("and"),
    time_units=_TIME_UNITS,
    letter_units=_words("s m h"),
    decades=frozenset({50, 60, 70, 80, 90, 1920, 1930, 1940, 1950, 1960, 1970, 1980, 1990, 2000, 2010, 2020}),
    duration_leads=Phrases(
        _phrases(
            "for, lasting, that lasts, which lasts, to last, that is, which is, with a length of, with a duration of, length of, a length of, duration of, length, duration, about, around, roughly, approximately, exactly, some, nearly, almost, up to, at most, at least, no longer than, not longer than, no more than, of, in, ca, circa, under, over, just, only, of about, it should last, it lasts, it should be, should last, and lasts, running for, running"
        )
    ),
    duration_tails=Phrases(
        _phrases("long, in length, in duration, or so, of length, of music, of, at most, at least, max, maximum, tops")
    ),
    ordinals=_words("last first final next these those every each past previous"),
    clock_leads=_words("at by until till before after since"),
    tempo_units=Phrases(_phrases("bpm, beats per minute, beats a minute, beats per min, b p m, beat per minute")),
    tempo_leads=Phrases(
        _phrases(
            "bpm, bpm of, tempo, tempo of, a tempo of, at a tempo of, with a tempo of, at tempo, tempo is, bpm is, with a bpm of, at a bpm of, at bpm, the tempo is, at a speed of, speed of, in tempo"
        )
    ),
    bare_tempo_leads=_words("at"),
    metres=Phrases(_METRES),
    metre_leads=_words("in a with time signature"),
    metre_tails=_words("time metre meter beat"),
    implied_metres={"waltz": "3/4", "waltzes": "3/4"},
    key_leads=Phrases(
        _phrases("in")
        | _phrases(
            "in the key of, the key of, key of, key, in key, in the key, the key is, key is, with the key", "sure"
        )
    ),
    notes=_notes(),
    accidentals={"sharp": "#", "flat": "b"},
    modes={"major": "major", "maj": "major", "minor": "minor", "min": "minor"},
    labels=_words(
        "genre mood style tempo bpm key length duration room language topic theme subject title time signature"
    ),
    abbreviations=_words("st mr mrs ms dr vs prof jr sr no vol feat"),
)
