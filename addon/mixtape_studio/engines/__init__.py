"""Which engines there are. A new one is a module and a line in ``REGISTRY``.

Nothing heavy is imported here: the API process knows engines by name only.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast

from mixtape_studio.contract import AUTO_ENGINE, EngineInfo, EngineState, ErrorCode
from mixtape_studio.errors import ProblemError
from mixtape_studio.settings import Settings

if TYPE_CHECKING:  # NumPy, which the API process does without
    from mixtape_studio.engines.base import Engine


@dataclass(frozen=True, slots=True)
class Entry:
    path: str
    """``module:Class``"""
    arguments: Callable[[Settings], dict[str, Any]]


REGISTRY: Final[Mapping[str, Entry]] = {
    # Best first: ``auto`` takes the first that is ready.
    "composer": Entry(
        "mixtape_studio.engines.composer:ComposerEngine", lambda s: {"soundfont": Path(s.soundfont_file)}
    ),
}


def create(name: str, settings: Settings) -> "Engine":
    """Import the engine's module and make it; nothing is loaded yet."""
    entry = REGISTRY[name]
    module, _, attribute = entry.path.partition(":")
    return cast("Engine", getattr(import_module(module), attribute)(**entry.arguments(settings)))


def check_name(name: str) -> None:
    """Raise `ProblemError` where there is no engine of that name."""
    if name != AUTO_ENGINE and name not in REGISTRY:
        known = ", ".join([AUTO_ENGINE, *REGISTRY])
        message = f"There is no engine {name!a}; this studio knows {known}."
        raise ProblemError(ErrorCode.UNKNOWN_ENGINE, message, "request.engine")


def default_engine(engines: list[EngineInfo]) -> str:
    """The name that ``auto`` means: the first that is ready, else the last, which then says what it lacks."""
    ready = [engine.name for engine in engines if engine.status.state is EngineState.READY]
    return (ready or [*REGISTRY][-1:])[0]


def resolve(name: str, engines: list[EngineInfo]) -> EngineInfo:
    """The engine to use for a request.

    Raises:
        ProblemError: unknown, or known but not ready, with the engine's own reason.
    """
    check_name(name)
    wanted = default_engine(engines) if name == AUTO_ENGINE else name
    found = next(engine for engine in engines if engine.name == wanted)
    if found.status.state is not EngineState.READY:
        reason = found.status.reason or found.status.state.value.replace("_", " ")
        message = f"{found.label} cannot be used: {reason}"
        raise ProblemError(ErrorCode.ENGINE_UNAVAILABLE, message, "request.engine")
    return found


def describe(name: str, engine: "Engine", *, default: bool) -> EngineInfo:
    return EngineInfo(
        name=name,
        label=engine.label,
        licence=engine.licence,
        default=default,
        capabilities=engine.capabilities(),
        status=engine.status(),
    )
