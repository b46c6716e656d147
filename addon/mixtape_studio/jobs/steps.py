"""What each step does. Results are plain JSON: they are what a checkpoint keeps."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from mixtape_studio import engines
from mixtape_studio.audio.analysis import analyse, waveform_peaks
from mixtape_studio.audio.cover import cover_jpeg
from mixtape_studio.audio.encoding import encode
from mixtape_studio.audio.mastering import master
from mixtape_studio.audio.tags import SongTags, write_tags
from mixtape_studio.contract import PEAKS, AudioFormat, JobState, Measured, Plan, SongRequest, Take
from mixtape_studio.engines.base import EngineError, RenderCancelled, RenderRequest
from mixtape_studio.engines.composer import suggest
from mixtape_studio.jobs.plan import make_plan, write_lyrics
from mixtape_studio.jobs.workshop import STEPS, Workshop
from mixtape_studio.storage.artifacts import sha256_of
from mixtape_studio.words.titles import song_title

Json = dict[str, Any]


def plan_song(workshop: Workshop, job_id: UUID) -> Json:
    """Raise `ProblemError` where the engine that was asked for cannot be used."""
    request = workshop.record.request(job_id)
    engine = engines.resolve(request.engine, workshop.shelf.infos())
    plan = make_plan(
        request,
        job_id,
        engine=engine,
        default_duration=workshop.settings.default_duration,
        suggest=suggest,
        song_title=song_title,
    )
    workshop.record.set_plan(job_id, plan)
    return plan.model_dump(mode="json")


def add_lyrics(workshop: Workshop, job_id: UUID, planned: Json) -> Json:
    plan = write_lyrics(workshop.record.request(job_id), Plan.model_validate(planned))
    workshop.record.set_plan(job_id, plan)
    return plan.model_dump(mode="json")


def render(workshop: Workshop, job_id: UUID, planned: Json) -> list[Json]:
    """One entry per take: its file of samples and what the engine says of it."""
    plan = Plan.model_validate(planned)
    weight = STEPS["render"]
    if workshop.stop_requested(job_id):
        raise RenderCancelled
    engine = workshop.shelf.load(plan.engine)

    def on_progress(share: float) -> None:
        workshop.record.progress(job_id, weight.begin + (weight.end - weight.begin) * share)

    fields = plan.model_dump(exclude={"title", "engine", "notice"})
    rendered = engine.render(RenderRequest(**fields), on_progress, lambda: workshop.stop_requested(job_id))
    workshop.shelf.touch()
    if not rendered:
        message = f"{engine.label} returned no sound."
        raise EngineError(message)
    takes = []
    for number, take in enumerate(rendered, start=1):
        if not take.samples.size or not np.isfinite(take.samples).all():
            message = f"{engine.label} returned no usable sound."
            raise EngineError(message)
        _save(workshop, job_id, f"take-{number}.render.npy", take.samples)
        takes.append({"number": number, "sample_rate": take.sample_rate, "seed": take.seed, "used": take.used})
    return takes


def master_takes(workshop: Workshop, job_id: UUID, planned: Json, takes: list[Json]) -> list[Json]:
    """Each take with its loudness set and everything that is measured on it."""
    exact = workshop.shelf.engine(Plan.model_validate(planned).engine).capabilities().exact_duration
    mastered = []
    for take in takes:
        samples = _load(workshop, job_id, f"take-{take['number']}.render.npy")
        rate = int(take["sample_rate"])
        # Measured on the samples as they were rendered, beside the mastering: tempo and key know no loudness.
        with ThreadPoolExecutor(1) as beside:
            analysing = beside.submit(analyse, samples, rate)
            made = master(samples, rate, trim_silence=not exact)
            _save(workshop, job_id, f"take-{take['number']}.master.npy", made.samples)
            analysis = analysing.result()
        measured = Measured(lufs=made.loudness.lufs, true_peak=made.loudness.true_peak, **asdict(analysis))
        mastered.append(
            {
                **take,
                "sample_rate": made.sample_rate,
                "duration": made.samples.shape[1] / made.sample_rate,
                "peaks": [int(peak) for peak in waveform_peaks(made.samples, PEAKS)],
                "measured": measured.model_dump(mode="json"),
                "made_at": datetime.now(UTC).isoformat(),
            }
        )
    return mastered


def encode_takes(workshop: Workshop, job_id: UUID, planned: Json, takes: list[Json], audio_format: AudioFormat) -> bool:
    """Tagged files in the work folder, with the cover beside the first."""
    plan, request = Plan.model_validate(planned), workshop.record.request(job_id)
    label = workshop.shelf.engine(plan.engine).label
    for item in takes:
        take = _take(job_id, plan, request, label, item)
        # The mastering is in its checkpoint by now: what it was made from is needed no more.
        workshop.artifacts.work(job_id, f"take-{item['number']}.render.npy").unlink(missing_ok=True)
        name = f"take-{item['number']}.{audio_format}"
        with (
            ThreadPoolExecutor(1) as beside,
            workshop.artifacts.writing(workshop.artifacts.work(job_id, name)) as path,
        ):
            cover = beside.submit(_cover, workshop, take, f"take-{item['number']}.jpg")
            encode(path, audio_format, _load(workshop, job_id, f"take-{item['number']}.master.npy"), take.sample_rate)
            write_tags(path, audio_format, _tags(take, request, cover.result()))
    return True


def publish_takes(
    workshop: Workshop, job_id: UUID, planned: Json, takes: list[Json], audio_format: AudioFormat
) -> bool:
    """Let the home see the files of one format, and the cover with the first."""
    plan, request = Plan.model_validate(planned), workshop.record.request(job_id)
    label = workshop.shelf.engine(plan.engine).label
    for item in takes:
        name = f"take-{item['number']}.{audio_format}"
        if audio_format is AudioFormat.FLAC:
            workshop.artifacts.publish(job_id, f"take-{item['number']}.jpg")
        digest, size = sha256_of(workshop.artifacts.publish(job_id, name))
        take = _take(job_id, plan, request, label, item)
        workshop.record.publish_file(take, name, audio_format, digest, size)
    return True


def finish(workshop: Workshop, job_id: UUID) -> None:
    workshop.record.finish(job_id, JobState.DONE)
    workshop.clear(job_id)


def _take(job_id: UUID, plan: Plan, request: SongRequest, label: str, item: Json) -> Take:
    return Take(
        id=f"{job_id}-{item['number']}",
        job_id=job_id,
        title=plan.title,
        artist=request.artist,
        caption=plan.caption,
        genre=plan.genre,
        mood=plan.mood,
        lyrics=plan.lyrics,
        language=plan.language,
        wished_bpm=request.bpm,
        wished_key=request.key,
        planned_bpm=plan.bpm,
        planned_key=plan.key,
        time_signature=plan.time_signature,
        duration=item["duration"],
        sample_rate=item["sample_rate"],
        seed=item["seed"],
        engine=plan.engine,
        engine_label=label,
        measured=Measured.model_validate(item["measured"]),
        peaks=item["peaks"],
        files=[],
        created_at=datetime.fromisoformat(item["made_at"]),
    )


def _cover(workshop: Workshop, take: Take, name: str) -> bytes:
    """Drawn with the first format and kept for the next."""
    for path in (workshop.artifacts.take(take.job_id, name), workshop.artifacts.work(take.job_id, name)):
        if path.is_file():
            return path.read_bytes()
    cover = cover_jpeg(
        title=take.title,
        artist=take.artist,
        genre=take.genre,
        mood=take.mood,
        key=take.measured.key,
        bpm=take.measured.bpm,
        seed=take.seed,
        peaks=take.peaks,
    )
    with workshop.artifacts.writing(workshop.artifacts.work(take.job_id, name)) as path:
        path.write_bytes(cover)
    return cover


def _tags(take: Take, request: SongRequest, cover: bytes) -> SongTags:
    return SongTags(
        title=take.title,
        artist=take.artist,
        genre=take.genre,
        bpm=take.measured.bpm,
        key=take.measured.key,
        lyrics=take.lyrics,
        made_by=take.engine_label,
        engine=take.engine,
        seed=take.seed,
        wish=request.wish,
        cover_jpeg=cover,
    )


def _save(workshop: Workshop, job_id: UUID, name: str, samples: npt.NDArray[np.float32]) -> None:
    with workshop.artifacts.writing(workshop.artifacts.work(job_id, name)) as path:
        whole = np.ascontiguousarray(samples)
        # Not np.save: it hands the array to C, whose error on a full disk has lost its number.
        with path.open("wb") as file:
            np.lib.format.write_array_header_1_0(file, np.lib.format.header_data_from_array_1_0(whole))
            file.write(whole.data)


def _load(workshop: Workshop, job_id: UUID, name: str) -> npt.NDArray[np.float32]:
    samples: npt.NDArray[np.float32] = np.load(workshop.artifacts.work(job_id, name))
    return samples
