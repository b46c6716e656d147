"""The durable workflow on DBOS: a parent per job, whose children wait in the queues ``render`` and ``finish``.

The words are a step of the parent: they are the person's own or none, and nothing is to be waited for. A lyricist, who
takes time on a machine, gets a queue of its own; each costs 2 % of a core in looking, and a tenth of a second a song.

A step that returned is in DBOS's checkpoint and is not done again, whatever happens to the process.
"""

from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
import structlog
from dbos import DBOS, DBOSConfig, DBOSPortableJSONSerializer, SetWorkflowID

from mixtape_studio.contract import AudioFormat
from mixtape_studio.jobs import steps
from mixtape_studio.jobs.workshop import Workshop, problem_of
from mixtape_studio.storage.database import sqlite_engine

log = structlog.get_logger()

APPLICATION_VERSION: Final = "1"
"""Goes up only when the shape of the workflow breaks; jobs of an older version are not taken up."""
QUEUES: Final = {"render": 1, "finish": 2}
"""How many children of each queue run at once. One engine, one rendering."""
RESULT_POLL: Final = 0.03
ENDED: Final = frozenset({"SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"})

Json = dict[str, Any]


def jobs_engine(workshop: Workshop) -> sa.Engine:
    """DBOS leaves the settings of an engine that it is given alone, so they are all made here.

    The pysqlite3 module because DBOS needs SQLite 3.42 on Python 3.12 and later, which Debian 12's is not.
    """
    engine = sqlite_engine(workshop.settings.jobs_database, pool_size=10, max_overflow=20)

    @sa.event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: object) -> None:
        connection.isolation_level = "IMMEDIATE"
        connection.execute("PRAGMA busy_timeout=30000")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    return engine


class Workflow:
    """One per process: DBOS's registries are global."""

    def __init__(self, workshop: Workshop, executor_id: str) -> None:
        self._workshop = workshop
        config: DBOSConfig = {
            "name": "mixtape",
            "system_database_url": f"sqlite:///{workshop.settings.jobs_database}",
            "system_database_engine": jobs_engine(workshop),
            "serializer": DBOSPortableJSONSerializer(),
            "application_version": APPLICATION_VERSION,
            "executor_id": executor_id,
            "log_level": "ERROR",
            "notification_listener_polling_interval_sec": 1.0,
            "scheduler_polling_interval_sec": 300.0,
        }
        DBOS(config=config)
        self._song = self._register()

    def launch(self) -> None:
        """Start executing; what a killed worker of this id left behind goes on."""
        DBOS.launch()
        for name, concurrency in QUEUES.items():
            DBOS.register_queue(
                name,
                worker_concurrency=concurrency,
                polling_interval_sec=self._workshop.settings.queue_poll,
                on_conflict="always_update",
            )

    def start(self, job_id: UUID) -> None:
        """Start the job's workflow; the id makes a second start nothing."""
        with SetWorkflowID(str(job_id)):
            DBOS.start_workflow(self._song, str(job_id))

    def status(self, job_id: UUID) -> str | None:
        found = DBOS.list_workflows(workflow_ids=[str(job_id)], load_input=False, load_output=False)
        return found[0].status if found else None

    def cancel(self, job_id: UUID) -> None:
        DBOS.cancel_workflow(str(job_id), cancel_children=True)

    def forget(self, before: str) -> int:
        """Delete what DBOS keeps of workflows that ended before the ISO time; returns how many jobs that were."""
        old = DBOS.list_workflows(
            name="song", status=sorted(ENDED), completed_before=before, limit=500, load_input=False, load_output=False
        )
        for workflow in old:
            DBOS.delete_workflow(workflow.workflow_id, delete_children=True)
        return len(old)

    def _register(self) -> Any:  # noqa: C901 - one nested function per step and workflow, each of a line or two
        workshop = self._workshop
        run = workshop.run

        @DBOS.step(name="plan")
        def plan(job: str) -> Json | None:
            return run(UUID(job), "plan", lambda: steps.plan_song(workshop, UUID(job)))

        @DBOS.step(name="lyrics")
        def lyrics(job: str, planned: Json) -> Json | None:
            return run(UUID(job), "lyrics", lambda: steps.add_lyrics(workshop, UUID(job), planned))

        @DBOS.step(name="render")
        def render(job: str, planned: Json) -> list[Json] | None:
            with workshop.shelf.renting():
                return run(UUID(job), "render", lambda: steps.render(workshop, UUID(job), planned))

        @DBOS.step(name="master")
        def master(job: str, planned: Json, takes: list[Json]) -> list[Json] | None:
            return run(UUID(job), "master", lambda: steps.master_takes(workshop, UUID(job), planned, takes))

        @DBOS.step(name="encode")
        def encode(job: str, planned: Json, takes: list[Json], kind: str) -> bool | None:
            name = "encode" if kind == AudioFormat.FLAC else f"encode_{kind}"
            made = AudioFormat(kind)
            return run(UUID(job), name, lambda: steps.encode_takes(workshop, UUID(job), planned, takes, made))

        @DBOS.step(name="publish")
        def publish(job: str, planned: Json, takes: list[Json], kind: str) -> bool | None:
            name = "publish" if kind == AudioFormat.FLAC else f"publish_{kind}"
            made = AudioFormat(kind)
            return run(UUID(job), name, lambda: steps.publish_takes(workshop, UUID(job), planned, takes, made))

        @DBOS.step(name="end", retries_allowed=True, max_attempts=8, interval_seconds=0.5)
        def end(job: str) -> None:
            steps.finish(workshop, UUID(job))

        @DBOS.workflow(name="render_takes")
        def render_takes(job: str, planned: Json) -> list[Json] | None:
            return render(job, planned)

        @DBOS.workflow(name="finish_takes")
        def finish_takes(job: str, planned: Json, takes: list[Json]) -> bool | None:
            mastered = master(job, planned, takes)
            if mastered is None:
                return None
            for kind in (AudioFormat.FLAC, AudioFormat.MP3):
                if not encode(job, planned, mastered, kind.value) or not publish(job, planned, mastered, kind.value):
                    return None
            end(job)
            return True

        def child(queue: str, function: Any, *arguments: Any) -> Any:
            return DBOS.enqueue_workflow(queue, function, *arguments).get_result(polling_interval_sec=RESULT_POLL)

        @DBOS.workflow(name="song")
        def song(job: str) -> bool | None:
            try:
                planned = plan(job)
                worded = planned and lyrics(job, planned)
                takes = worded and child("render", render_takes, job, worded)
                return cast("bool | None", takes and child("finish", finish_takes, job, worded, takes))
            except Exception as error:
                # Only DBOS itself raises here, steps do not: a cancelled job has ended by then, and any other
                # must not stay running for ever.
                if not workshop.stop_requested(UUID(job)):
                    workshop.settle(UUID(job), problem_of(error, "workflow"))
                raise

        return song
