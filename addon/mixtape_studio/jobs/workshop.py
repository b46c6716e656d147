"""How any step runs: noted in the table, cancelled when asked, and whatever goes wrong becomes the job's problem."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar
from uuid import UUID

import structlog

from mixtape_studio.contract import ErrorCode, JobState, Problem, Step
from mixtape_studio.engines.base import EngineError, RenderCancelled
from mixtape_studio.errors import ProblemError
from mixtape_studio.jobs.record import JobEndedError, JobRecord, StepRun
from mixtape_studio.jobs.shelf import EngineShelf
from mixtape_studio.settings import Settings
from mixtape_studio.storage.artifacts import Artifacts, is_disk_full

log = structlog.get_logger()

Result = TypeVar("Result")

_DELAY_SLICE: Final = 0.05


@dataclass(frozen=True, slots=True, kw_only=True)
class StepPlan:
    """A step as the workflow sees it: FLAC and MP3 are encoded and published one after the other."""

    name: str
    step: Step
    begin: float
    """Progress of the whole job when it begins."""
    end: float


STEPS: Final = {
    plan.name: plan
    for plan in (
        StepPlan(name="plan", step=Step.PLAN, begin=0.0, end=0.02),
        StepPlan(name="lyrics", step=Step.LYRICS, begin=0.02, end=0.05),
        StepPlan(name="render", step=Step.RENDER, begin=0.05, end=0.85),
        StepPlan(name="master", step=Step.MASTER, begin=0.85, end=0.92),
        StepPlan(name="encode", step=Step.ENCODE, begin=0.92, end=0.94),
        StepPlan(name="publish", step=Step.PUBLISH, begin=0.94, end=0.95),
        StepPlan(name="encode_mp3", step=Step.ENCODE, begin=0.95, end=0.99),
        StepPlan(name="publish_mp3", step=Step.PUBLISH, begin=0.99, end=1.0),
    )
}


@dataclass(slots=True)
class ActiveStep:
    run: StepRun
    limit: float
    """Seconds that it may take."""
    overdue_since: float | None = None

    @property
    def overdue(self) -> bool:
        return time.monotonic() - self.run.began > self.limit


@dataclass(slots=True)
class Workshop:
    """What the steps of one worker share."""

    settings: Settings
    record: JobRecord
    artifacts: Artifacts
    shelf: EngineShelf
    stopping: set[UUID] = field(default_factory=set)
    """Jobs whose steps should stop: cancelled, or out of time."""
    active: dict[int, ActiveStep] = field(default_factory=dict)
    unsettled: dict[UUID, Problem | None] = field(default_factory=dict)
    """Endings that could not be written yet, most likely because the disk is full; None is cancelled."""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, job_id: UUID, name: str, body: Callable[[], Result]) -> Result | None:
        """Do one step; None where the job is over, however it ended. Nothing but None or the result comes out."""
        plan = STEPS[name]
        try:
            run = self.record.begin_step(job_id, name, plan.step, plan.begin)
        except JobEndedError:
            self.clear(job_id)
            return None
        except Exception as error:  # noqa: BLE001 - the edge of a step: every error ends the job
            self.settle(job_id, problem_of(error, name))
            return None
        limit = self.settings.render_timeout if plan.step is Step.RENDER else self.settings.step_timeout
        with self.lock:
            self.active[run.id] = ActiveStep(run, limit)
        outcome = "stopped"
        try:
            self._delay(job_id)
            result = body()
            self.record.end_step(run, "done", plan.end)
        except (RenderCancelled, JobEndedError):
            self.settle(job_id, None)
        except Exception as error:  # noqa: BLE001 - the edge of a step: every error ends the job
            self.settle(job_id, None if self.stop_requested(job_id) else problem_of(error, name))
        else:
            outcome = "done"
            return result
        finally:
            with self.lock:
                del self.active[run.id]
            if outcome == "stopped":
                self._note_stop(run)
            elif self.stop_requested(job_id):
                self.settle(job_id, None)  # cancelled after its last look, and no other step comes to do this
        return None

    def stop_requested(self, job_id: UUID) -> bool:
        return job_id in self.stopping

    def settle(self, job_id: UUID, problem: Problem | None) -> None:
        """End a job as failed, or as cancelled without a problem, and remove what it left half done."""
        problem = self.unsettled.get(job_id, problem)  # the first verdict holds
        if problem is not None and problem.code is ErrorCode.DISK_FULL:
            self.clear(job_id)  # first: the ending needs room to be written
        try:
            ended = self.record.finish(job_id, JobState.CANCELLED if problem is None else JobState.FAILED, problem)
        except Exception as error:  # noqa: BLE001 - whatever it is, the dispatcher tries again
            log.warning("job.unsettled", job=str(job_id), error=str(error))
            self.unsettled[job_id] = problem
            return
        self.unsettled.pop(job_id, None)
        # Not before the job has ended: a step that still runs would fail for want of its files, and say so.
        self.clear(job_id)
        if ended and problem is not None:
            log.warning("job.failed", job=str(job_id), code=problem.code, reason=problem.message)

    def clear(self, job_id: UUID) -> None:
        """Remove what one step left for the next."""
        self.artifacts.drop_work(job_id)

    def active_steps(self) -> list[ActiveStep]:
        with self.lock:
            return list(self.active.values())

    def _delay(self, job_id: UUID) -> None:
        end = time.monotonic() + self.settings.step_delay
        while time.monotonic() < end and not self.stop_requested(job_id):
            time.sleep(_DELAY_SLICE)

    def _note_stop(self, run: StepRun) -> None:
        try:
            self.record.end_step(run, "stopped", 0.0)
        except Exception as error:  # noqa: BLE001 - a note for the log of steps, never worth a job
            log.warning("step.unnoted", step=run.name, error=str(error))


def problem_of(error: Exception, step: str) -> Problem:
    """What a person is told when a step fails."""
    if is_disk_full(error):
        message = f"The studio's disk is full: the step {step} could not write its files."
        return Problem(code=ErrorCode.DISK_FULL, message=message)
    if isinstance(error, ProblemError):
        return error.problem
    if isinstance(error, EngineError):
        return Problem(code=ErrorCode.RENDER_FAILED, message=str(error))
    log.error("step.failed", step=step, exc_info=error)
    code = ErrorCode.RENDER_FAILED if step == "render" else ErrorCode.INTERNAL
    if isinstance(error, MemoryError):
        return Problem(code=code, message=f"The studio ran out of memory in the step {step}.")
    return Problem(code=code, message=f"The step {step} failed: {type(error).__name__}; the studio's log tells more.")
