"""Which engines this studio has."""

from fastapi import APIRouter, Request

from mixtape_studio.auth import ReadIdentity
from mixtape_studio.contract import EngineList, ErrorCode
from mixtape_studio.errors import ProblemError
from mixtape_studio.jobs.table import JobTable
from mixtape_studio.routes import problems

router = APIRouter(prefix="/v1/engines", tags=["engines"])


@router.get("", operation_id="list_engines", responses=problems(503))
def list_engines(request: Request, _identity: ReadIdentity) -> EngineList:
    """Every engine as the worker last found it, best first."""
    table: JobTable = request.app.state.table
    engines = table.engines()
    if not engines:
        raise ProblemError(ErrorCode.NOT_READY, "The studio's worker is starting for the first time.")
    return EngineList(engines=engines)
