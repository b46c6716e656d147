"""The studio's commands."""

import asyncio
import json
import logging
import sys
from pathlib import Path
from typing import Annotated

import structlog
import typer
from pydantic import ValidationError
from rich.console import Console
from rich.progress import Progress

from mixtape_studio.auth import Scope, Tokens
from mixtape_studio.errors import ProblemError, StartupError
from mixtape_studio.settings import Settings
from mixtape_studio.storage.database import open_database
from mixtape_studio.storage.schema import DEFAULT_HOME

app = typer.Typer(
    no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Makes songs for homes."
)
token_app = typer.Typer(no_args_is_help=True, help="Tokens for homes.")
app.add_typer(token_app, name="token")

OPENAPI_FILE = Path(__file__).parents[1] / "openapi.json"


def _configure_log(settings: Settings) -> None:
    """One line per event on stderr; stdout is for what a person or a script asked for."""
    level = getattr(logging, settings.log_level.upper())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


@app.command()
def serve() -> None:
    """Serve the HTTP interface and keep a worker running."""
    from mixtape_studio.server import serve as run  # noqa: PLC0415 - what a command needs is imported by it

    settings = Settings()
    _configure_log(settings)
    asyncio.run(run(settings))


@app.command()
def worker(
    parent: Annotated[int | None, typer.Option(help="End when this process, which started it, ends.")] = None,
) -> None:
    """Make songs. `serve` starts one by itself."""
    from mixtape_studio.jobs.worker import run_worker  # noqa: PLC0415 - engines' packages, only here

    settings = Settings()
    _configure_log(settings)
    raise typer.Exit(run_worker(settings, parent=parent))


@app.command()
def make(
    words: Annotated[str, typer.Argument(help="What to make, in plain words.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A .flac or .mp3 file.")] = Path("song.flac"),
) -> None:
    """Make one song here and now, without a server."""
    from mixtape_studio import making  # noqa: PLC0415 - engines' packages, only here
    from mixtape_studio.words import WordsError  # noqa: PLC0415 - see above

    if output.suffix.lower() not in making.FORMATS:
        raise typer.BadParameter(f"{output.name} ends in neither .flac nor .mp3", param_hint="--output")
    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("Playing the instruments", total=1.0)
        try:
            plan = making.make_song(words, output, Settings(), lambda share: progress.update(task, completed=share))
        except (WordsError, ProblemError, OSError) as error:
            progress.stop()
            told = making.refusal(error) if isinstance(error, WordsError) else str(error)
            typer.echo(f"No song was made: {told}.", err=True)
            raise typer.Exit(1) from None
    typer.echo(f"{output}: {plan.title} ({plan.genre}, {plan.bpm} BPM, {plan.key}, {plan.duration:g} s)")
    if plan.notice:
        typer.echo(plan.notice)


@app.command()
def openapi(output: Annotated[Path, typer.Option("--output", "-o")] = OPENAPI_FILE) -> None:
    """Write the OpenAPI document of this version."""
    from mixtape_studio.app import create_app  # noqa: PLC0415 - see serve

    document = create_app(Settings()).openapi()
    output.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


@token_app.command("create")
def token_create(
    name: Annotated[str, typer.Option(help="Who will use it.")],
    scope: Annotated[Scope, typer.Option(help="What it may do.")] = Scope.HOME,
    home: Annotated[str, typer.Option(help="The home whose songs it sees.")] = DEFAULT_HOME,
) -> None:
    """Make a token and print it; it is never shown again."""
    typer.echo(Tokens(open_database(Settings().database)).create(name, scope=scope, home_id=home))


@token_app.command("list")
def token_list() -> None:
    """The tokens, without their secrets."""
    for token in Tokens(open_database(Settings().database)).list():
        state = "active" if token.revoked_at is None else f"revoked {token.revoked_at:%Y-%m-%d %H:%M}"
        typer.echo(
            f"{token.id}\t{token.name}\t{token.scope}\t{token.home_id}\t{token.created_at:%Y-%m-%d %H:%M}\t{state}"
        )


@token_app.command("revoke")
def token_revoke(token_id: Annotated[int, typer.Argument(help="The number that `token list` shows.")]) -> None:
    """Refuse a token from now on."""
    if not Tokens(open_database(Settings().database)).revoke(token_id):
        typer.echo(f"There is no active token {token_id}.", err=True)
        raise typer.Exit(1)


def _complaint(error: ValidationError) -> str:
    """Which setting, as a person sets it, and why not."""
    first = error.errors()[0]
    return f"MIXTAPE_{'_'.join(str(part) for part in first['loc']).upper()}: {first['msg']}"


def main() -> None:
    try:
        app()
    except ValidationError as error:
        typer.echo(f"The studio cannot start: {_complaint(error)}", err=True)
        raise SystemExit(2) from None
    except StartupError as error:
        typer.echo(f"The studio cannot start: {error}", err=True)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
