"""The worker's one loop: admits jobs by rank, carries cancellations to them, ends what took too long, tidies up."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

import structlog

from mixtape_studio.contract import EngineInfo, ErrorCode, Problem, Step
from mixtape_studio.jobs.workflow import ENDED, Workflow
from mixtape_studio.jobs.workshop import STEPS, Workshop, problem_of
from mixtape_studio.storage.database import ChangeWatch
from mixtape_studio.storage.schema import DEFAULT_HOME

log = structlog.get_logger()

TICK: Final = 0.02
LOOK_ANYWAY: Final = 1.0
"""Seconds after which the table is read even if nobody seems to have written."""
HOUSEKEEPING: Final = 300.0
ENGINE_LOOK: Final = 30.0
STOP_GRACE: Final = 5.0
"""Seconds that a step out of time gets to stop by itself."""
STALL: Final = 60.0
"""Seconds in which admitted jobs may show no step at all."""
WORKFLOWS_KEPT: Final = timedelta(days=1)


class StuckStepError(Exception):
    """A step neither ends nor stops; only a new process helps."""


class Dispatcher:
    def __init__(self, workshop: Workshop, workflow: Workflow, watch: ChangeWatch) -> None:
        self._workshop = workshop
        self._workflow = workflow
        self._watch = watch
        self._looked = 0.0
        self._retried = 0.0
        self._tidied = 0.0
        self._asked = 0.0
        self._engines: list[EngineInfo] = []
        self._idle_since: float | None = None

    def recover(self) -> None:
        """Bring the table and DBOS together after a start: every admitted job has a workflow that goes on."""
        cancelled = self._workshop.record.cancel_requests()
        for job_id in self._workshop.record.unfinished():
            status = self._workflow.status(job_id)
            if job_id in cancelled:
                self._workshop.stopping.add(job_id)
                if status is not None and status not in ENDED:
                    self._workflow.cancel(job_id)
                self._workshop.settle(job_id, None)
            elif status is None:
                self._start(job_id)
            elif status in ENDED:
                self._abandon(job_id, f"its workflow ended as {status}")

    def tick(self) -> None:
        """Raise `StuckStepError` where the process must end."""
        now = time.monotonic()
        if self._workshop.unsettled and now - self._retried > LOOK_ANYWAY:
            self._retried = now
            for job_id, problem in list(self._workshop.unsettled.items()):
                self._workshop.settle(job_id, problem)
        if self._watch.changed() or now - self._looked > LOOK_ANYWAY:
            self._looked = now
            self._stop_cancelled()
            self._admit()
            self._end_stalled(now)
        self._end_overdue(now)
        if now - self._asked > ENGINE_LOOK or not self._asked:
            self._asked = now
            self._tell_engines()
            self._workshop.shelf.release_idle()
        if now - self._tidied > HOUSEKEEPING or not self._tidied:
            self._tidied = now
            self._tidy()

    def _admit(self) -> None:
        running = self._workshop.record.unfinished()
        room = self._workshop.settings.admitted_jobs - len(running)
        if room > 0 and self._workshop.record.waiting():
            for job_id in self._workshop.record.admit(room):
                self._start(job_id)

    def _start(self, job_id: UUID) -> None:
        try:
            self._workflow.start(job_id)
        except Exception as error:  # noqa: BLE001 - whatever DBOS met, the job must not stay running for ever
            self._workshop.settle(job_id, problem_of(error, "workflow"))

    def _stop_cancelled(self) -> None:
        for job_id in self._workshop.record.cancel_requests() - self._workshop.stopping:
            self._workshop.stopping.add(job_id)
            self._workflow.cancel(job_id)
            rendering = any(
                step.run.job_id == job_id and STEPS[step.run.name].step is Step.RENDER
                for step in self._workshop.active_steps()
            )
            # A rendering says itself when it has stopped. Any other step is short and runs out unheard.
            if not rendering:
                self._workshop.settle(job_id, None)

    def _end_overdue(self, now: float) -> None:
        for step in self._workshop.active_steps():
            if not step.overdue:
                continue
            if step.overdue_since is None:
                step.overdue_since = now
                message = f"The step {step.run.name} took longer than {step.limit:g} seconds."
                # Before the step is told to stop: it would end the job as cancelled.
                self._workshop.settle(step.run.job_id, Problem(code=ErrorCode.TIMEOUT, message=message))
                self._workshop.stopping.add(step.run.job_id)
            elif now - step.overdue_since > STOP_GRACE:
                raise StuckStepError(step.run.name)

    def _end_stalled(self, now: float) -> None:
        """No job runs for ever without a step: something outside them broke, such as DBOS's own database."""
        running = self._workshop.record.unfinished()
        if self._workshop.active_steps() or self._workshop.shelf.rented or not running:
            self._idle_since = None
        elif self._idle_since is None:
            self._idle_since = now
        elif now - self._idle_since > STALL:
            for job_id in running:
                self._workflow.cancel(job_id)
                self._abandon(job_id, "nothing went on")
            self._idle_since = None

    def _abandon(self, job_id: UUID, reason: str) -> None:
        problem = Problem(code=ErrorCode.INTERNAL, message=f"The studio lost track of the job: {reason}.")
        self._workshop.settle(job_id, problem)

    def _tell_engines(self) -> None:
        engines = self._workshop.shelf.infos()
        if engines != self._engines:
            self._workshop.record.set_engines(engines, DEFAULT_HOME)
            self._engines = engines

    def _tidy(self) -> None:
        settings = self._workshop.settings
        attempts: list[Callable[[], object]] = [
            lambda: self._workshop.record.forget_events(keep=settings.keep_events, days=settings.keep_event_days),
            self._forget_takes,
            self._forget_stopping,
            lambda: self._workflow.forget((datetime.now(UTC) - WORKFLOWS_KEPT).isoformat()),
        ]
        for attempt in attempts:
            try:
                attempt()
            except Exception as error:  # noqa: BLE001 - tidying is tried again later; jobs go on meanwhile
                log.warning("tidying.failed", error=str(error))

    def _forget_stopping(self) -> None:
        needed = {step.run.job_id for step in self._workshop.active_steps()}
        self._workshop.stopping.intersection_update(needed.union(self._workshop.record.unfinished()))

    def _forget_takes(self) -> None:
        for job_id in self._workshop.record.forget_takes(self._workshop.settings.keep_takes_mb * 1_000_000):
            self._workshop.artifacts.drop_take(job_id)
            log.info("take.forgotten", job=str(job_id))
