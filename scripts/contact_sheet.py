"""Pictures and figures of the built-in composer's songs, to look at while listening is not possible.

``scripts/contact-sheet --out FOLDER [--genre jazz …] [--mood …] [--seconds 90] [--seed 1] [--wav]``
"""

from __future__ import annotations

import argparse
import os
import wave
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from mixtape_studio.engines.base import RenderRequest
from mixtape_studio.engines.composer import ComposerEngine, suggest
from mixtape_studio.engines.composer.arrangement import compose
from mixtape_studio.engines.composer.harmony import ChordTrack
from mixtape_studio.engines.composer.score import Part, Score
from mixtape_studio.engines.composer.styles import styles
from mixtape_studio.engines.composer.theory import chord_scale, parse_chord

ROOT = Path(__file__).resolve().parent.parent
SOUNDFONT = ROOT / ".tools" / "soundfont" / "MuseScore_General_Lite.sf3"
WIDTH, LEFT, RIGHT = 1800, 90, 20
PLOT = WIDTH - LEFT - RIGHT
ROLES = {
    "lead": (255, 196, 60),
    "counter": (255, 120, 90),
    "comp": (90, 170, 255),
    "pad": (120, 110, 220),
    "bass": (90, 220, 140),
    "drums": (200, 200, 200),
}
KINDS = {
    "intro": (70, 90, 110),
    "verse": (60, 110, 150),
    "prechorus": (130, 100, 160),
    "chorus": (190, 90, 80),
    "bridge": (90, 140, 80),
    "solo": (180, 140, 60),
    "breakdown": (80, 80, 130),
    "outro": (70, 90, 110),
}
BACKGROUND, GRID, TEXT = (16, 18, 24), (44, 48, 58), (225, 225, 230)


def x_of(seconds: float, score: Score) -> float:
    return LEFT + seconds / score.duration * PLOT


def spectrogram(samples: np.ndarray, height: int) -> Image.Image:
    """Log frequency 30 Hz … 18 kHz, 80 dB."""
    mono = samples.mean(axis=0)
    size = 4096
    hop = max(1, (len(mono) - size) // PLOT)
    window = np.hanning(size).astype(np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(mono, size)[::hop][:PLOT]
    power = np.concatenate([np.abs(np.fft.rfft(part * window, axis=1)) for part in np.array_split(frames, 16)])
    bins = np.geomspace(30, 18_000, height) / 48_000 * size
    rows = power[:, np.clip(bins.astype(int), 1, size // 2)]
    level = 20 * np.log10(rows + 1e-6)
    shade = np.clip((level - level.max() + 80) / 80, 0, 1)[:, ::-1].T
    colour = np.stack([shade**0.8 * 255, shade**1.6 * 220, np.sin(shade * np.pi) * 160 + shade**4 * 95], axis=-1)
    return Image.fromarray(np.clip(colour, 0, 255).astype(np.uint8)).resize((PLOT, height))


def loudness_curve(samples: np.ndarray) -> np.ndarray:
    """RMS of 400 ms every 100 ms, dBFS."""
    power = (samples**2).mean(axis=0)
    total = np.concatenate(([0.0], np.cumsum(power, dtype=np.float64)))
    starts = np.arange(0, len(power) - 19_200, 4800)
    return 10 * np.log10((total[starts + 19_200] - total[starts]) / 19_200 + 1e-9)


def measure(score: Score, samples: np.ndarray) -> dict[str, float]:
    """The figures under the pictures."""
    track = ChordTrack(score.chords, parse_chord(str(score.details["final_chord"]), score.key))
    lead = [note for part in score.parts if part.role == "lead" for note in part.notes]
    strong = [note for note in lead if note.start % 1 == 0]
    fitting = [note for note in strong if note.pitch % 12 in track.at(note.start + 0.49 * min(note.length, 1)).tones]
    pitched = [note for part in score.parts if part.role != "drums" for note in part.notes]
    foreign = [note for note in pitched if note.pitch % 12 not in score.key.scale]
    strange = [note for note in foreign if note.pitch % 12 not in chord_scale(track.at(note.start), score.key)]
    rms = float(np.sqrt(np.mean(samples**2)))
    middle, side = samples.mean(axis=0), (samples[0] - samples[1]) / 2
    spectrum = np.abs(np.fft.rfft(middle[: 1 << 22])) ** 2
    frequency = np.fft.rfftfreq(min(len(middle), 1 << 22), 1 / 48_000)

    def band(low: float, high: float) -> float:
        inside = spectrum[(frequency >= low) & (frequency < high)].sum()
        return float(10 * np.log10(inside / spectrum.sum() + 1e-12))

    return {
        "strong tune notes on the chord %": 100 * len(fitting) / max(1, len(strong)),
        "notes outside the key %": 100 * len(foreign) / max(1, len(pitched)),
        "outside key and chord scale %": 100 * len(strange) / max(1, len(pitched)),
        "crest dB": 20 * np.log10(float(np.abs(samples).max()) / rms),
        "low<120 dB": band(20, 120),
        "mid 120-500": band(120, 500),
        "500-2k": band(500, 2000),
        "2k-6k": band(2000, 6000),
        "6k+": band(6000, 20_000),
        "side/mid dB": 20 * np.log10(float(np.sqrt(np.mean(side**2) / np.mean(middle**2)))),
        "end dBFS": 20 * np.log10(float(np.sqrt(np.mean(samples[:, -4800:] ** 2))) + 1e-9),
    }


def draw_part(draw: ImageDraw.ImageDraw, score: Score, part: Part, *, top: int, height: int, drum_top: int) -> None:
    colour = ROLES[part.role]
    drum_rows = (36, 38, 37, 39, 42, 44, 46, 51, 49, 43, 47, 50)
    for note in part.notes:
        begin, end = score.seconds(note.start), score.seconds(note.start + note.length)
        bright = tuple(int(channel * (0.35 + 0.65 * note.velocity / 127)) for channel in colour)
        if part.role == "drums":
            row = drum_rows.index(note.pitch) if note.pitch in drum_rows else len(drum_rows)
            y = drum_top + row * 8
            draw.rectangle((x_of(begin, score), y, x_of(begin, score) + 1.5, y + 6), fill=bright)
            continue
        y = top + height - (note.pitch - 24) * height / 72
        draw.rectangle(
            (x_of(begin, score), y - 2, max(x_of(end, score) - 1, x_of(begin, score) + 1), y + 2), fill=bright
        )


def sheet(score: Score, samples: np.ndarray, title: str) -> Image.Image:
    image = Image.new("RGB", (WIDTH, 1180), BACKGROUND)
    draw = ImageDraw.Draw(image)
    font = ImageFont.load_default(17)
    small = ImageFont.load_default(13)
    draw.text((LEFT, 10), title, fill=TEXT, font=font)
    form_top, roll_top, roll_height, drum_top, spectrum_top, loud_top = 40, 84, 440, 540, 660, 920
    for section in score.sections:
        begin = score.seconds(section.first_bar * score.beats_per_bar)
        end = score.seconds((section.first_bar + section.bars) * score.beats_per_bar)
        left, right = x_of(begin, score), x_of(end, score)
        draw.rectangle((left, form_top, right - 1, form_top + 30), fill=KINDS[section.kind])
        draw.text(
            (left + 4, form_top + 6), f"{section.kind} {section.bars} e{section.energy:.2f}", fill=TEXT, font=small
        )
        draw.line((left, roll_top, left, loud_top + 150), fill=GRID)
    for pitch in range(24, 97, 12):
        y = roll_top + roll_height - (pitch - 24) * roll_height / 72
        draw.line((LEFT, y, WIDTH - RIGHT, y), fill=GRID)
        draw.text((50, y - 8), f"C{pitch // 12 - 1}", fill=TEXT, font=small)
    order = ("pad", "comp", "bass", "counter", "lead", "drums")
    for part in sorted(score.parts, key=lambda part: order.index(part.role)):
        draw_part(draw, score, part, top=roll_top, height=roll_height, drum_top=drum_top)
    image.paste(spectrogram(samples, 240), (LEFT, spectrum_top))
    curve = loudness_curve(samples)
    points = [
        (LEFT + index / len(curve) * PLOT, loud_top + 150 - max(0.0, (value + 50) / 50 * 150))
        for index, value in enumerate(curve)
    ]
    draw.line(points, fill=(120, 230, 200), width=2)
    draw.text((30, loud_top), "0 dBFS", fill=TEXT, font=small)
    draw.text((30, loud_top + 140), "-50", fill=TEXT, font=small)
    legend = "   ".join(f"{part.name} ({part.role})" for part in score.parts)
    draw.text((LEFT, 1080), legend, fill=TEXT, font=small)
    figures = [f"{name} {value:.1f}" for name, value in measure(score, samples).items()]
    draw.text((LEFT, 1104), "   ".join(figures[:6]), fill=TEXT, font=small)
    draw.text((LEFT, 1126), "   ".join(figures[6:]), fill=TEXT, font=small)
    draw.text((LEFT, 1148), "   ".join(str(span.chord.symbol) for span in score.chords[:40]), fill=TEXT, font=small)
    for index, (role, colour) in enumerate(ROLES.items()):
        draw.text((LEFT + 900 + index * 90, 1080), role, fill=colour, font=small)
    return image


def write_wav(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(48_000)
        file.writeframes((samples.T * 32_767).astype("<i2").tobytes())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, default=Path("build/contact-sheet"))
    parser.add_argument("--genre", nargs="*", default=sorted(styles()), help="default: all")
    parser.add_argument("--mood", default="neutral")
    parser.add_argument("--seconds", type=float, default=90.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--time-signature", choices=["3/4", "4/4"])
    parser.add_argument("--wav", action="store_true", help="write the sound too")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    engine = ComposerEngine(Path(os.environ.get("MIXTAPE_SOUNDFONT", SOUNDFONT)))
    for genre in arguments.genre:
        suggestion = suggest(genre, arguments.mood, arguments.seed)
        request = RenderRequest(
            caption="",
            genre=genre,
            mood=arguments.mood,
            bpm=suggestion.bpm,
            key=suggestion.key,
            time_signature=arguments.time_signature or suggestion.time_signature,
            duration=arguments.seconds,
            instrumental=True,
            language="en",
            lyrics=None,
            seed=arguments.seed,
        )
        (take,) = engine.render(request, lambda _: None, lambda: False)
        score = compose(request)
        head = f"{genre} / {arguments.mood}: {request.bpm} bpm, {request.key}, {request.time_signature}, seed {request.seed}"
        name = f"{genre}-{arguments.mood}-{arguments.seed}"
        picture = sheet(score, take.samples, f"{head}  |  {take.used['instruments']}")
        picture.save(arguments.out / f"{name}.png")
        if arguments.wav:
            write_wav(arguments.out / f"{name}.wav", take.samples)
        figures = ", ".join(f"{key} {value:.1f}" for key, value in measure(score, take.samples).items())
        print(f"{arguments.out / name}.png\n  {figures}")


if __name__ == "__main__":
    main()
