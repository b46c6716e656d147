"""The running studio does what its OpenAPI document says, whatever it is sent."""

import os
import subprocess
import sys
from collections.abc import Callable

from studio_process import ADDON, Studio


def test_whatever_is_sent_the_answers_are_those_of_the_document(make_studio: Callable[..., Studio]) -> None:
    # No worker finishes what is made up here: the songs wait, are read and cancelled.
    studio = make_studio(admitted_jobs=1, step_delay=600).start().ready()
    command = [
        sys.executable, "-m", "schemathesis.cli", "run", str(ADDON / "openapi.json"),
        "--url", str(studio.client.base_url), "--header", f"Authorization: Bearer {studio.token}",
        "--checks", "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance",
        "--phases", "examples,coverage,fuzzing", "--max-examples", "8", "--seed", "1", "--exclude-path", "/v1/events",
        "--no-color",
    ]  # fmt: skip
    environment = {**os.environ, "SCHEMATHESIS_HOOKS": ""}
    ended = subprocess.run(
        command, capture_output=True, text=True, timeout=150, check=False, env=environment, cwd=studio.data
    )
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    assert studio.health()["worker_alive"]
