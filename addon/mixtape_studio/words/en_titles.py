"""English titles."""

from __future__ import annotations

from typing import Final

from .titling import TitleStyle

ENGLISH_TITLES: Final = TitleStyle(
    of_topic=("{topic}", "{topic}", "{topic}", "The {topic} Song", "All About {topic}"),
    of_topic_bare=("{topic}", "{bare}"),
    of_style=("{mood} {genre}", "{mood} {genre}", "{noun} {genre}", "{mood} {noun}", "{noun}"),
    nouns={
        "uplifting": ("Open Sky", "Higher Ground", "New Morning", "Sunrise"),
        "relaxing": ("Slow Afternoon", "Evening Tide", "Soft Light", "Candlelight"),
        "energetic": ("Full Speed", "Overdrive", "Wide Awake", "Fireworks"),
        "melancholic": ("Grey Window", "Last Train", "Empty Street", "November Rain Coat"),
        "happy": ("Sunny Side", "Good Day", "Lemonade", "Bright Corner"),
        "romantic": ("Moonlight Dance", "Two Chairs", "Rose Window", "Hand in Hand"),
        "dark": ("Midnight Hall", "Black Water", "Long Shadow", "Under the Stairs"),
        "dreamy": ("Cloud Harbour", "Half Asleep", "Paper Lantern", "Floating Home"),
        "epic": ("Thunder Ridge", "The Long March", "Dragon Sky", "Kingdom"),
        "playful": ("Hop and Skip", "Jelly Parade", "Marmalade", "Tickle Time"),
        "angry": ("Broken Glass", "Red Alarm", "Slammed Door", "Storm Warning"),
        "mysterious": ("Hidden Room", "Foggy Harbour", "Secret Stair", "The Third Key"),
        "nostalgic": ("Old Photograph", "Summer of Then", "Attic Box", "Garden Gate"),
        "hopeful": ("First Light", "Tomorrow's Door", "Seedling", "Green Again"),
        "groovy": ("Loose Shoelaces", "Backbeat", "Kitchen Floor", "Strut"),
        "tense": ("Ticking Clock", "Wire Walk", "Held Breath", "Footsteps"),
    },
    any_nouns=("Home Tune", "Tuesday Special", "House Song", "Window Seat"),
    untitled="Untitled",
    determiners=("a", "an", "the", "my", "our", "your", "his", "her", "their"),
    small_words=frozenset({
        "a", "an", "the", "and", "or", "but", "nor", "of", "in", "on", "at", "to", "for", "from", "by", "with", "as", "into", "over", "than",
    }),
)  # fmt: skip
