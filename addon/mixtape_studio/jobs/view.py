"""Rows to what crosses the wire."""

from collections.abc import Iterable
from typing import Any

from mixtape_studio.contract import MIME_TYPES, AudioFormat, Job, Take, TakeFile
from mixtape_studio.storage.schema import JobRow, TakeFileRow, TakeRow

CHANGING = ("state", "step", "progress", "position", "problem", "timings", "started_at", "ended_at")
"""The fields of a job that an event keeps as they were."""


def take_of(row: TakeRow, files: Iterable[TakeFileRow]) -> Take:
    listed = [
        TakeFile(
            format=AudioFormat(file.format),
            mime_type=MIME_TYPES[AudioFormat(file.format)],
            size=file.size,
            sha256=file.sha256,
        )
        for file in sorted(files, key=lambda file: file.format)
    ]
    return Take.model_validate({**row.content, "files": listed})


def job_of(row: JobRow, takes: list[Take], position: int | None) -> Job:
    return Job.model_validate(
        {
            "id": row.id,
            "state": row.state,
            "step": row.step,
            "progress": row.progress,
            "priority": row.priority,
            "request": row.request,
            "plan": row.plan,
            "takes": takes,
            "problem": row.problem,
            "position": position,
            "timings": row.timings,
            "created_at": row.created_at,
            "started_at": row.started_at,
            "ended_at": row.ended_at,
        }
    )


def changing_fields(row: JobRow, position: int | None) -> dict[str, Any]:
    """What an event stores, as JSON."""
    return {
        "state": row.state,
        "step": row.step,
        "progress": row.progress,
        "position": position,
        "problem": row.problem,
        "timings": dict(row.timings),
        "started_at": None if row.started_at is None else row.started_at.isoformat(),
        "ended_at": None if row.ended_at is None else row.ended_at.isoformat(),
    }
