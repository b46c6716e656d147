"""How fast the built-in composer is: seconds of music per second, genre by genre.

Run alone: wall time is what a person waits; CPU seconds are shown too, for machines that were busy.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

from figures import Figure, argument_parser, report

from mixtape_studio.engines.base import RenderRequest
from mixtape_studio.engines.composer import ComposerEngine, suggest
from mixtape_studio.engines.composer.styles import styles

SOUNDFONT = Path(__file__).resolve().parent.parent / ".tools" / "soundfont" / "MuseScore_General_Lite.sf3"
SECONDS = 180.0
MOST_WALL = 8.0


def main() -> None:
    parser = argument_parser("Measures the built-in composer.")
    parser.add_argument("--genre", nargs="*", default=sorted(styles()), help="default: all")
    arguments = parser.parse_args()
    engine = ComposerEngine(Path(os.environ.get("MIXTAPE_SOUNDFONT", SOUNDFONT)))
    begin = time.perf_counter()
    engine.load()
    figures = [Figure("load the SoundFont", time.perf_counter() - begin, "s")]
    for genre in arguments.genre:
        suggestion = suggest(genre, "happy", 1)
        request = RenderRequest(
            caption="",
            genre=genre,
            mood="happy",
            bpm=suggestion.bpm,
            key=suggestion.key,
            time_signature=suggestion.time_signature,
            duration=SECONDS,
            instrumental=True,
            language="en",
            lyrics=None,
            seed=1,
        )
        begin, cpu = time.perf_counter(), time.process_time()
        engine.render(request, lambda _: None, lambda: False)
        wall, cpu = time.perf_counter() - begin, time.process_time() - cpu
        figures += [
            Figure(f"{genre}: {SECONDS:.0f} s of music", wall, "s", MOST_WALL),
            Figure(f"{genre}: CPU", cpu, "s"),
            Figure(f"{genre}: music per second", SECONDS / wall, "s/s", SECONDS / MOST_WALL, "higher"),
        ]
        print(f"{genre}: {SECONDS / wall:.1f} s of music per second", file=sys.stderr)
    report("composer", figures, arguments)


if __name__ == "__main__":
    main()
