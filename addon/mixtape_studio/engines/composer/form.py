"""The form: which sections, how many bars each, how full."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from mixtape_studio.engines.composer.rhythm import pick, stream
from mixtape_studio.engines.composer.score import FIRST_BEAT, Section
from mixtape_studio.engines.composer.styles import Mood, Style

LONGEST_TAIL_SHARE = 0.25
"""Of the duration, that the final chord may take at least."""

_BASE_ENERGY = {
    "intro": 0.35,
    "verse": 0.52,
    "prechorus": 0.64,
    "chorus": 0.84,
    "bridge": 0.58,
    "solo": 0.76,
    "breakdown": 0.34,
    "outro": 0.42,
}
_KINDS = {
    "intro": "intro",
    "opening": "intro",
    "verse": "verse",
    "strophe": "verse",
    "prechorus": "prechorus",
    "pre chorus": "prechorus",
    "build": "prechorus",
    "chorus": "chorus",
    "post chorus": "chorus",
    "refrain": "chorus",
    "hook": "chorus",
    "drop": "chorus",
    "bridge": "bridge",
    "middle": "bridge",
    "solo": "solo",
    "instrumental": "solo",
    "interlude": "breakdown",
    "break": "breakdown",
    "breakdown": "breakdown",
    "outro": "outro",
    "ending": "outro",
    "end": "outro",
    "coda": "outro",
}
_HEADING = re.compile(r"^\s*[\[(]\s*([^\])]{1,60}?)\s*[\])]\s*:?\s*$")
_TINY = {1: "verse", 2: "verse", 3: "verse", 4: "verse chorus", 5: "verse chorus", 6: "intro verse chorus"}


@dataclass(frozen=True, slots=True)
class Stanza:
    kind: str
    lines: int


def section_kind(heading: str) -> str:
    """``"Verse 2"`` → ``"verse"``; what is not known is a verse."""
    words = " ".join(re.sub(r"[^a-z]+", " ", heading.casefold()).split())
    found = [name for name in _KINDS if words == name or f" {name} " in f" {words} "]
    return _KINDS[max(found, key=len)] if found else "verse"


def parse_lyrics(lyrics: str | None) -> list[Stanza]:
    """The sections of the words in order; without headings, a stanza that returns is the chorus."""
    stanzas: list[tuple[str, list[str]]] = []
    marked = False
    kind, lines = "", []
    for line in [*(lyrics or "").splitlines(), "[end of the words]"]:
        heading = _HEADING.match(line)
        if heading is None and line.strip():
            lines.append(line.strip().casefold())
            continue
        if lines or kind:
            if heading is None and kind and not lines:
                continue
            stanzas.append((kind, lines))
        marked = marked or (heading is not None and line != "[end of the words]")
        kind, lines = (section_kind(heading.group(1)) if heading else ""), []
    if not marked:
        texts = [lines for _, lines in stanzas]
        return [Stanza("chorus" if texts.count(lines) > 1 else "verse", len(lines)) for lines in texts]
    # A blank line within a section goes on with it.
    merged: list[Stanza] = []
    for kind, lines in stanzas:
        if not kind and merged:
            merged[-1] = Stanza(merged[-1].kind, merged[-1].lines + len(lines))
        else:
            merged.append(Stanza(kind or "verse", len(lines)))
    return merged


def bars_for(duration: float, bpm: int, beats_per_bar: int, tail: float) -> int:
    """Whole bars before the final chord, so that it falls on a downbeat and has ``tail`` seconds or more to ring."""
    bar = beats_per_bar * 60 / bpm
    ringing = min(tail, LONGEST_TAIL_SHARE * duration)
    return max(1, int((duration - FIRST_BEAT - ringing) / bar + 1e-9))


def _template(style: Style, total: int, rng: np.random.Generator) -> list[str]:
    """A form of the genre whose usual length is near the wanted one, varied by the seed."""
    if total in _TINY:
        return _TINY[total].split()
    bars = style.form.bars

    def usual(kinds: list[str]) -> int:
        return sum(bars.get(kind, 8) for kind in kinds)

    templates = [template.split() for template in style.form.templates]
    fitting = [kinds for kinds in templates if 0.55 <= usual(kinds) / total <= 1.9 and 4 * len(kinds) <= total]
    if fitting:
        # The nearer a form's usual length, the likelier it is.
        fits = np.array([(min(usual(kinds), total) / max(usual(kinds), total)) ** 3 for kinds in fitting])
        kinds = list(fitting[int(rng.choice(len(fitting), p=fits / fits.sum()))])
    elif total < min(usual(kinds) for kinds in templates):
        kinds = list(
            pick(rng, [["intro", "verse", "chorus"], ["verse", "chorus", "outro"], ["intro", "verse", "outro"]])
        )
    else:
        kinds = list(pick(rng, templates))
        cycle = pick(rng, [["verse", "chorus"], ["solo", "chorus"], ["breakdown", "verse", "chorus"]])
        while usual(kinds) * 1.25 < total:
            at = len(kinds) - (kinds[-1] == "outro")
            kinds[at:at] = cycle
            cycle = pick(rng, [["verse", "chorus"], ["bridge", "chorus"], ["solo", "chorus"], ["breakdown", "chorus"]])
    # Small freedoms, so that two seeds seldom share a form.
    if len(kinds) > 4 and rng.random() < 0.3 and usual(kinds) < 1.1 * total:
        at = max(index for index, kind in enumerate(kinds) if kind != "outro")
        kinds.insert(at, kinds[at])
    if kinds[0] == "intro" and len(kinds) > 4 and rng.random() < 0.1:
        kinds = kinds[1:]
    return kinds


def _shares(kinds: list[str], weights: list[float], total: int) -> list[int]:
    """Bars per section in proportion to the weights, in phrases of four or two bars while they fit."""
    unit = next(unit for unit in (4, 2, 1) if unit * len(kinds) <= total)
    scale = total / sum(weights)
    ideal = [weight * scale / unit for weight in weights]
    counts = [max(1, int(share)) for share in ideal]
    while sum(counts) * unit > total:
        counts[counts.index(max(counts))] -= 1
    while (sum(counts) + 1) * unit <= total:
        missing = [
            (share - count) * (0.5 if kind in ("intro", "outro") else 1.0)
            for share, count, kind in zip(ideal, counts, kinds, strict=True)
        ]
        counts[missing.index(max(missing))] += 1
    bars = [count * unit for count in counts]
    # What is left is less than a phrase: a longer way in, a tag at the end.
    left = total - sum(bars)
    if left == 3 and kinds[0] == "intro":
        bars[0] += 2
        left = 1
    bars[-1] += left
    return bars


def make_form(style: Style, mood: Mood, *, bars: int, lyrics: str | None, seed: int) -> tuple[Section, ...]:
    """Sections that fill exactly ``bars`` bars."""
    rng = stream(seed, "form", style.name)
    stanzas = parse_lyrics(lyrics)[: max(1, bars)]
    usual = style.form.bars
    if stanzas:
        kinds = [stanza.kind for stanza in stanzas]
        weights = [float(max(2, 2 * stanza.lines) if stanza.lines else usual.get(stanza.kind, 4)) for stanza in stanzas]
        for place, kind in ((0, "intro"), (len(kinds) + 1, "outro")):
            if kind not in kinds and bars >= 4 * (len(kinds) + 1):
                kinds.insert(place, kind)
                weights.insert(place, 4.0)
    else:
        kinds = _template(style, bars, rng)
        weights = [
            usual.get(kind, 8) * (1.0 if kind in ("intro", "outro") else pick(rng, [1.0, 1.0, 1.5])) for kind in kinds
        ]
    while len(kinds) > bars:
        kinds, weights = kinds[:-1], weights[:-1]
    sections: list[Section] = []
    first = 0
    for index, (kind, length) in enumerate(zip(kinds, _shares(kinds, weights, bars), strict=True)):
        occurrence = kinds[:index].count(kind)
        last = kind not in kinds[index + 1 :]
        energy = style.form.energy.get(kind, _BASE_ENERGY[kind]) + 0.06 * min(occurrence, 3)
        if kind == "chorus" and last and occurrence:
            energy += 0.08
        energy = 0.55 + (energy - 0.55) * mood.range + mood.energy
        sections.append(Section(kind, first, length, occurrence, float(np.clip(energy, 0.08, 1.0)), last))
        first += length
    return tuple(sections)
