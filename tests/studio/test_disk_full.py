"""A disk of 24 MB that fills up under a job: a tmpfs in the studio's own mount namespace."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from studio_process import SHORT, Studio, until

MOUNT = 'mount -t tmpfs -o size=24m tmpfs "$0" && exec "$@"'


@pytest.fixture
def small(make_studio: Callable[..., Studio]) -> Studio:
    studio = make_studio(step_delay=0.8)
    studio.data.mkdir()
    unshare = ["unshare", "-m"] if os.getuid() == 0 else ["unshare", "-rm"]
    mounted = studio.data
    studio.start(*unshare, "sh", "-c", MOUNT, str(mounted))
    assert studio.process is not None
    # What lies in the studio's own mounts is only to be seen through it.
    studio.data = Path(f"/proc/{studio.process.pid}/root{mounted}")
    return studio.ready()


def fill(folder: Path) -> Path:
    filler = folder / "holiday-pictures"
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"\xff" * 4096)
        except OSError:
            return filler


def reached(job: dict[str, Any], step: str) -> bool:
    if step == "encode_mp3":
        return job["step"] == "encode" and "publish" in job["timings"]
    return job["step"] == step


@pytest.mark.parametrize("step", ["render", "encode_mp3", "publish"])
def test_a_full_disk_fails_the_job_and_a_later_one_succeeds(small: Studio, step: str) -> None:
    job_id = small.order()
    until(lambda: reached(small.job(job_id), step), f"the step {step}")
    filler = fill(small.data)
    # With not a byte left the failure itself may have to wait for room.
    until(lambda: small.job(job_id)["state"] == "failed" or small.log.count("unsettled"), "the job is given up")
    assert not list(small.data.rglob("*.part.*"))
    filler.unlink()
    job = small.ended(job_id)
    assert (job["state"], job["problem"]["code"]) == ("failed", "disk_full")
    assert not (small.data / "work" / job_id).exists()
    again = small.done(small.order())
    assert len(again["takes"][0]["files"]) == 2


def test_an_order_on_a_full_disk_is_refused_as_such(small: Studio) -> None:
    filler = fill(small.data)
    answer = None
    for _ in range(2000):  # a page of the log may still have room
        answer = small.client.post(
            "/v1/jobs", json={"id": os.urandom(16).hex(), "request": {**SHORT, "wish": "x" * 2000}}
        )
        if answer.status_code != 202:
            break
    assert answer is not None
    assert answer.status_code == 507
    assert answer.json()["problem"]["code"] == "disk_full"
    assert small.client.get("/v1/health").status_code == 200
    filler.unlink()
    assert small.client.get("/v1/jobs").status_code == 200


def test_a_file_size_limit_counts_as_a_full_disk(make_studio: Callable[..., Studio]) -> None:
    studio = make_studio()
    studio.data.mkdir()
    studio.start("prlimit", "--fsize=3000000").ready()
    job = studio.ended(studio.order())
    assert (job["state"], job["problem"]["code"]) == ("failed", "disk_full")
    assert not list(studio.data.rglob("*.part.*"))
