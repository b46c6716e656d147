"""Chords for the form: the genre's progressions, one per kind of section, coloured and led into each other."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle, islice, pairwise

import numpy as np

from mixtape_studio.engines.composer.rhythm import pick, stream
from mixtape_studio.engines.composer.score import ChordSpan, Section
from mixtape_studio.engines.composer.styles import Mode, Style
from mixtape_studio.engines.composer.theory import Chord, Key, parse_chord

_SUBSTITUTES = {
    "prechorus": ("bridge", "verse"),
    "solo": ("verse", "chorus"),
    "breakdown": ("intro", "verse"),
    "intro": ("verse",),
    "outro": ("intro", "verse"),
    "bridge": ("verse",),
    "chorus": ("verse",),
}
Bar = tuple[str, ...]


def _bars(progression: str) -> list[Bar]:
    return [tuple(bar.split()) for bar in progression.split("|")]


def _progressions(style: Style, mode: Mode, kind: str) -> list[str]:
    table = style.harmony.major if mode == "major" else style.harmony.minor
    for name in (kind, *_SUBSTITUTES.get(kind, ())):
        if name in table:
            return table[name]
    return table["verse"]


def _is_dominant(chord: Chord) -> bool:
    return 4 in chord.intervals and 10 in chord.intervals


def _coloured(bars: Sequence[Bar], style: Style, key: Key, rng: np.random.Generator) -> list[Bar]:
    """Secondary dominants, tritone substitutes and borrowed subdominants, where the next chord takes them."""
    harmony = style.harmony
    flat = [*bars, bars[0]]
    result: list[Bar] = []
    for index, (bar, following) in enumerate(pairwise(flat)):
        chord, target = parse_chord(bar[-1], key), parse_chord(following[0], key)
        new = bar
        falls = (chord.root - target.root) % 12 == 7
        if _is_dominant(chord) and falls and rng.random() < harmony.tritone:
            flat_two = parse_chord(
                "bII7" if following[0].casefold().startswith("i") else f"bII7/{_numeral(target, key)}", key
            )
            if (flat_two.root - target.root) % 12 == 1:
                new = (*bar[:-1], flat_two.symbol)
        elif len(bar) == 1 and index % 2 and not falls and rng.random() < harmony.secondary:
            dominant = f"V7/{_numeral(target, key)}"
            diatonic = target.root in key.scale and target.root not in (key.tonic, chord.root)
            if diatonic and 6 not in target.intervals:
                new = (bar[0], dominant)
        elif (
            key.mode == "major"
            and bar[-1].startswith("IV")
            and following[0].startswith("I")
            and not following[0].startswith("IV")
            and rng.random() < harmony.interchange
        ):
            borrowed = "iv" if len(chord.intervals) == 3 else "iv6"
            new = (bar[-1], borrowed) if len(bar) == 1 else (*bar[:-1], borrowed)
        result.append(new)
    return result


def _numeral(chord: Chord, key: Key) -> str:
    steps = ("I", "bII", "II", "bIII", "III", "IV", "#IV", "V", "bVI", "VI", "bVII", "VII")
    minor = ("I", "bII", "II", "III", "#III", "IV", "#IV", "V", "VI", "#VI", "VII", "#VII")
    return (steps if key.mode == "major" else minor)[(chord.root - key.tonic) % 12]


def _lengths(count: int, beats: int) -> list[int]:
    """How many beats each of a bar's chords gets."""
    count = min(count, beats)
    base, more = divmod(beats, count)
    return [base + (1 if index < more else 0) for index in range(count)]


def harmonise(
    style: Style, sections: Sequence[Section], key: Key, beats_per_bar: int, seed: int
) -> tuple[tuple[ChordSpan, ...], Chord]:
    """Chords for every bar of the sections, and the final chord."""
    mode: Mode = "major" if key.mode == "major" else "minor"
    rng = stream(seed, "harmony", style.name, mode)
    material: dict[str, list[Bar]] = {}
    used: set[str] = set()
    for section in sections:
        if section.kind in material:
            continue
        options = _progressions(style, mode, section.kind)
        if section.kind == "solo" and "verse" in material and "solo" not in style.harmony.major:
            material["solo"] = material["verse"]
            continue
        chosen = pick(rng, [option for option in options if option not in used] or options)
        used.add(chosen)
        material[section.kind] = _coloured(_bars(chosen), style, key, rng)
    spans: list[ChordSpan] = []
    for index, section in enumerate(sections):
        bars = list(islice(cycle(material[section.kind]), section.bars))
        following = sections[index + 1] if index + 1 < len(sections) else None
        turnarounds = style.harmony.turnaround.get(mode, [])
        if following is None:
            bars[-1] = tuple(pick(rng, style.harmony.cadence[mode]).split())
        elif turnarounds and section.bars >= 4 and (section.kind != following.kind or rng.random() < 0.4):
            turn = _bars(pick(rng, turnarounds))
            bars[-len(turn) :] = turn
        if section.occurrence and section.last and section.bars >= 8:
            bars[:-2] = _coloured(bars, style, key, rng)[:-2]
        beat = float(section.first_bar * beats_per_bar)
        for bar in bars:
            for symbol, length in zip(bar, _lengths(len(bar), beats_per_bar), strict=False):
                spans.append(ChordSpan(beat, float(length), parse_chord(symbol, key)))
                beat += length
    return _joined(spans), parse_chord(pick(rng, style.harmony.final[mode]), key)


def _joined(spans: Sequence[ChordSpan]) -> tuple[ChordSpan, ...]:
    """Repeats of a chord within one bar become one."""
    joined: list[ChordSpan] = []
    for span in spans:
        if joined and joined[-1].chord == span.chord and span.length < 3 and joined[-1].length < 3:
            joined[-1] = ChordSpan(joined[-1].start, joined[-1].length + span.length, span.chord)
        else:
            joined.append(span)
    return tuple(joined)


class ChordTrack:
    """The chord at any beat."""

    def __init__(self, spans: Sequence[ChordSpan], final: Chord) -> None:
        self.spans = tuple(spans)
        self.final = final
        self.end = spans[-1].end
        self._starts = np.array([span.start for span in spans])

    def at(self, beat: float) -> Chord:
        if beat >= self.end - 1e-6:
            return self.final
        return self.spans[max(0, int(np.searchsorted(self._starts, beat + 1e-6)) - 1)].chord

    def between(self, start: float, end: float) -> list[ChordSpan]:
        """The spans that begin within [start, end)."""
        return [span for span in self.spans if start - 1e-6 <= span.start < end - 1e-6]
