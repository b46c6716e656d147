"""Starting, refusing to start, and the commands."""

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pysqlite3.dbapi2 as sqlite
import pytest
from fastapi import FastAPI

from mixtape_studio import server
from mixtape_studio.app import create_app
from mixtape_studio.auth import Tokens
from mixtape_studio.errors import DatabaseDamagedError, DatabaseNewerError, StartupError
from mixtape_studio.settings import Settings
from mixtape_studio.storage.database import check_file, open_database
from mixtape_studio.storage.schema import Base
from studio_process import ADDON, Studio


@pytest.mark.parametrize("name", ["mixtape.db", "jobs.db"])
def test_a_file_that_is_no_database_is_named_and_kept(make_studio: Callable[..., Studio], name: str) -> None:
    studio = make_studio()
    studio.data.mkdir()
    path = studio.data / name
    content = b"these are holiday pictures" * 100
    path.write_bytes(content)
    ended = studio.run("serve", check=False)
    assert ended.returncode == 2
    assert str(path) in ended.stderr
    assert "damaged" in ended.stderr
    assert "backup" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert path.read_bytes() == content


def test_a_tampered_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mixtape.db"
    database = open_database(path)
    database.close()
    check_file(path)
    content = bytearray(path.read_bytes())
    content[4096 * 2 : 4096 * 6] = b"\xde\xad\xbe\xef" * 4096
    path.write_bytes(content)
    with pytest.raises(DatabaseDamagedError, match=r"mixtape\.db is damaged"):
        open_database(path)
    assert path.read_bytes() == content


def test_a_newer_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mixtape.db"
    open_database(path).close()
    connection = sqlite.connect(str(path))
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    with pytest.raises(DatabaseNewerError, match="newer studio"):
        open_database(path)


def test_migrations_make_the_tables_of_the_schema(tmp_path: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = open_database(tmp_path / "new" / "mixtape.db")
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, Base.metadata)
    database.close()
    assert differences == []
    assert all("home_id" in table.columns for table in Base.metadata.tables.values())


def test_a_port_that_is_taken_is_named(make_studio: Callable[..., Studio]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        studio = make_studio(port=listener.getsockname()[1])
        ended = studio.run("serve", check=False)
    assert ended.returncode == 2
    assert "MIXTAPE_PORT" in ended.stderr


def test_one_studio_per_folder(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio().start()
    second = make_studio()
    second.data = studio.data
    ended = second.run("serve", check=False)
    assert ended.returncode == 2
    assert "Another studio" in ended.stderr
    assert studio.health()["status"] == "ok"


def test_the_token_is_shown_once(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio().start()
    token, studio_id = studio.token, studio.health()["studio_id"]
    assert studio.stop() == 0
    studio.token = ""
    studio.start()
    assert studio.token == ""
    assert studio.health()["studio_id"] == studio_id
    assert token


def test_a_token_that_could_not_be_shown_was_not_made(tmp_path: Path) -> None:
    database = open_database(tmp_path / "mixtape.db")
    tokens = Tokens(database)

    def fail(_token: str) -> None:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        tokens.create("first start", show=fail)
    assert not tokens.any()
    database.close()


def test_a_server_that_does_not_come_up_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        raise OSError(5, "Input/output error")
        yield

    monkeypatch.setenv("MIXTAPE_DATA", str(tmp_path))
    monkeypatch.setattr(server, "create_app", lambda _: FastAPI(lifespan=lifespan))
    with pytest.raises(StartupError, match="did not start"):
        asyncio.run(server.serve(Settings(port=0)))
    assert "Token (shown once): mxt_" in capsys.readouterr().out


def test_the_api_process_knows_no_engine_and_no_dbos() -> None:
    code = (
        "import sys; from mixtape_studio.app import create_app; from mixtape_studio import server;"
        "from mixtape_studio.settings import Settings; create_app(Settings());"
        "print([name for name in ('dbos', 'numpy', 'av', 'PIL', 'tinysoundfont') if name in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], cwd=ADDON, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_every_import_of_dbos_is_in_jobs() -> None:
    users = [path for path in (ADDON / "mixtape_studio").rglob("*.py") if "dbos import" in path.read_text()]
    assert {path.parent.name for path in users} == {"jobs"}


def test_the_openapi_document_is_the_committed_one() -> None:
    committed = json.loads((ADDON / "openapi.json").read_text())
    assert committed == json.loads(json.dumps(create_app(Settings()).openapi())), "run python -m mixtape_studio openapi"


def test_the_openapi_command_writes_it(tmp_path: Path, make_studio: Callable[..., Studio]) -> None:
    make_studio().run("openapi", "-o", str(tmp_path / "api.json"))
    assert (tmp_path / "api.json").read_bytes() == (ADDON / "openapi.json").read_bytes()


def test_settings_come_from_the_environment_and_then_from_the_options(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = tmp_path / "options.json"
    options.write_text(json.dumps({"port": 9001, "log_level": "debug", "unknown": 1}))
    monkeypatch.setenv("MIXTAPE_OPTIONS", str(options))
    monkeypatch.setenv("MIXTAPE_PORT", "9002")
    monkeypatch.setenv("MIXTAPE_SOUNDFONT", "")
    settings = Settings()
    assert (settings.port, settings.log_level) == (9002, "debug")
    assert settings.soundfont_file == settings.data / "soundfont" / "MuseScore_General_Lite.sf3"
    settings = Settings(data=tmp_path)
    (tmp_path / "soundfont").mkdir()
    (tmp_path / "soundfont" / "grand.sf2").touch()
    assert settings.soundfont_file.name == "grand.sf2"
    monkeypatch.setenv("MIXTAPE_SOUNDFONT", "/fonts/a.sf3")
    assert Settings().soundfont_file == Path("/fonts/a.sf3")


def test_a_setting_that_cannot_be_is_named(make_studio: Callable[..., Studio]) -> None:
    ended = make_studio(default_duration=7).run("serve", check=False)
    assert ended.returncode == 2
    assert "MIXTAPE_DEFAULT_DURATION" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_worker_whose_server_died_while_it_started_ends(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    worker = subprocess.run(
        [sys.executable, "-m", "mixtape_studio", "worker", "--parent", str(gone.pid)],
        cwd=ADDON,
        env={"MIXTAPE_DATA": str(tmp_path), "PATH": ""},
        timeout=60,
        check=False,
    )
    assert worker.returncode == 1
