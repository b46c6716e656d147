"""Orders of songs."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from mixtape_studio import engines
from mixtape_studio.auth import HomeIdentity
from mixtape_studio.contract import Job, JobCreate, JobList, JobState
from mixtape_studio.jobs.table import MAX_LISTED, JobTable
from mixtape_studio.routes import problems

router = APIRouter(prefix="/v1/jobs", tags=["jobs"])


def _table(request: Request) -> JobTable:
    table: JobTable = request.app.state.table
    return table


@router.post(
    "",
    status_code=202,
    operation_id="create_job",
    responses={200: {"model": Job, "description": "The same order as before"}, **problems(403, 409, 413, 422, 507)},
)
def create_job(request: Request, response: Response, identity: HomeIdentity, body: JobCreate) -> Job:
    """Order a song. The id is the home's own; the same order with the same id is the same job."""
    engines.check_name(body.request.engine)
    job, created = _table(request).submit(identity.home_id, body)
    if not created:
        response.status_code = 200
    return job


@router.get("", operation_id="list_jobs", responses=problems(403, 422))
def list_jobs(
    request: Request,
    identity: HomeIdentity,
    state: Annotated[list[JobState] | None, Query(description="Only jobs in these states.")] = None,
    limit: Annotated[int, Query(ge=1, le=MAX_LISTED)] = 100,
) -> JobList:
    """The home's jobs, newest first."""
    return JobList(jobs=_table(request).list_jobs(identity.home_id, state or (), limit))


@router.get("/{job_id}", operation_id="get_job", responses=problems(403, 404, 422))
def get_job(request: Request, identity: HomeIdentity, job_id: UUID) -> Job:
    return _table(request).get(identity.home_id, job_id)


@router.delete("/{job_id}", operation_id="cancel_job", responses=problems(403, 404, 422))
def cancel_job(request: Request, identity: HomeIdentity, job_id: UUID) -> Job:
    """Cancel. A waiting job ends at once, a running one within one step of its engine; an ended one stays as it is."""
    return _table(request).cancel(identity.home_id, job_id)
