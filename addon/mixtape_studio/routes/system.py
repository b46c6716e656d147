"""How the studio is."""

from fastapi import APIRouter, Request

from mixtape_studio import __version__, engines
from mixtape_studio.auth import AnyIdentity
from mixtape_studio.contract import Health, Liveness
from mixtape_studio.jobs.heartbeat import is_alive
from mixtape_studio.jobs.table import JobTable
from mixtape_studio.routes import problems
from mixtape_studio.settings import Settings
from mixtape_studio.storage.artifacts import Artifacts

router = APIRouter(prefix="/v1/health", tags=["system"])


@router.get(
    "", operation_id="get_health", response_model=None, responses={200: {"model": Health | Liveness}, **problems()}
)
def get_health(request: Request, identity: AnyIdentity) -> Health | Liveness:
    """Without a token only that the studio lives; with one, how it is."""
    if identity is None:
        return Liveness()
    table: JobTable = request.app.state.table
    settings: Settings = request.app.state.settings
    artifacts: Artifacts = request.app.state.artifacts
    waiting, running = table.counts()
    known = table.engines()
    return Health(
        studio_id=request.app.state.studio_id,
        version=__version__,
        worker_alive=is_alive(settings),
        queue_length=waiting,
        running=running,
        default_engine=engines.default_engine(known),
        free_bytes=artifacts.free_bytes(),
        home_id=identity.home_id,
    )
