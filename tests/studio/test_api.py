import json
import socket
import time
from typing import Any
from uuid import uuid4

import httpx2
import pytest

from mixtape_studio.app import create_app
from mixtape_studio.contract import CONTRACT_VERSION, SongRequest
from mixtape_studio.settings import Settings
from studio_process import SHORT, Studio, until


@pytest.fixture(scope="module")
def song(studio: Studio) -> dict[str, Any]:
    """A finished job with everything that a home may say."""
    request = {
        **SHORT,
        "wish": "ein Lied für Zoë über Jonglieren 🤹",
        "topic": "juggling pirates",
        "artist": "Villa Kunterbunt",
        "lyrics": "[verse]\nתודה רבה\n[chorus]\nAhoy 🏴‍☠️",  # noqa: RUF001 - real Hebrew
        "bpm": 96,
        "key": "f minor",
        "seed": 7,
    }
    return studio.done(studio.order(request))


def problem(answer: httpx2.Response) -> dict[str, Any]:
    return answer.json()["problem"]


def test_health_tells_strangers_only_that_it_lives(studio: Studio) -> None:
    answer = httpx2.get(f"{studio.client.base_url}/v1/health")
    assert answer.json() == {"status": "ok", "contract": CONTRACT_VERSION}
    health = studio.health()
    assert health["worker_alive"] is True
    assert health["default_engine"] == "composer"
    assert health["home_id"] == "home"
    assert health["free_bytes"] > 0
    assert len(health["studio_id"]) == 32


def test_engines_are_described_by_the_worker(studio: Studio) -> None:
    (composer,) = studio.client.get("/v1/engines").json()["engines"]
    assert (composer["name"], composer["label"], composer["default"]) == ("composer", "Built-in composer", True)
    assert composer["status"]["state"] == "ready"


def test_a_job_becomes_a_song(studio: Studio, song: dict[str, Any]) -> None:
    (take,) = song["takes"]
    assert song["progress"] == 1.0
    assert song["position"] is None
    assert list(song["timings"]) == [
        "plan", "lyrics", "render", "master", "encode", "publish", "encode_mp3", "publish_mp3",
    ]  # fmt: skip
    assert song["plan"]["key"] == "F minor"
    assert song["plan"]["lyrics"] == "[verse]\nתודה רבה\n[chorus]\nAhoy 🏴‍☠️"  # noqa: RUF001 - real Hebrew
    assert "cannot sing" in song["plan"]["notice"]
    assert (take["wished_bpm"], take["wished_key"], take["seed"], take["artist"]) == (
        96,
        "F minor",
        7,
        "Villa Kunterbunt",
    )
    assert take["duration"] == 10.0
    assert len(take["peaks"]) == 800
    assert -14.5 <= take["measured"]["lufs"] <= -13.5
    assert take["measured"]["true_peak"] <= -1.0
    assert [file["format"] for file in take["files"]] == ["flac", "mp3"]
    assert studio.client.get(f"/v1/takes/{take['id']}").json() == take


@pytest.mark.parametrize(
    ("audio_format", "mime", "magic"), [("flac", "audio/flac", b"fLaC"), ("mp3", "audio/mpeg", b"ID3")]
)
def test_audio_is_served_whole_in_ranges_and_not_twice(
    studio: Studio, song: dict[str, Any], audio_format: str, mime: str, magic: bytes
) -> None:
    take = song["takes"][0]
    url = f"/v1/takes/{take['id']}/audio?format={audio_format}"
    file = next(file for file in take["files"] if file["format"] == audio_format)
    whole = studio.client.get(url)
    assert whole.status_code == 200
    assert whole.headers["content-type"] == mime
    assert whole.headers["etag"] == f'"{file["sha256"]}"'
    assert whole.headers["content-disposition"].endswith(f".{audio_format}")
    assert whole.content.startswith(magic)
    assert len(whole.content) == file["size"]

    head = studio.client.head(url)
    assert head.status_code == 200
    assert head.content == b""
    assert int(head.headers["content-length"]) == file["size"]
    assert head.headers["accept-ranges"] == "bytes"

    part = studio.client.get(url, headers={"Range": "bytes=100-199"})
    assert part.status_code == 206
    assert part.content == whole.content[100:200]
    assert part.headers["content-range"] == f"bytes 100-199/{file['size']}"
    assert studio.client.get(url, headers={"Range": "bytes=-50"}).content == whole.content[-50:]
    beyond = studio.client.get(url, headers={"Range": f"bytes={file['size']}-"})
    assert beyond.status_code == 416
    assert beyond.headers["content-range"] == f"bytes */{file['size']}"

    for known in (whole.headers["etag"], f'"other", W/{whole.headers["etag"]}', "*"):
        same = studio.client.get(url, headers={"If-None-Match": known})
        assert (same.status_code, same.content) == (304, b"")
    assert studio.client.get(url, headers={"If-None-Match": '"other"'}).status_code == 200
    resumed = studio.client.get(url, headers={"Range": "bytes=0-9", "If-Range": '"other"'})
    assert resumed.status_code == 200


def test_cover_is_a_jpeg(studio: Studio, song: dict[str, Any]) -> None:
    cover = studio.client.get(f"/v1/takes/{song['takes'][0]['id']}/cover")
    assert cover.headers["content-type"] == "image/jpeg"
    assert cover.content.startswith(b"\xff\xd8\xff")


def test_a_take_is_fetched_when_its_last_byte_was(studio: Studio, song: dict[str, Any]) -> None:
    take = studio.done(studio.order({**SHORT, "duration": 120}))["takes"][0]
    url, size = f"/v1/takes/{take['id']}/audio?format=flac", take["files"][0]["size"]

    def fetched() -> bool:
        return bool(studio.query("SELECT 1 FROM take WHERE id = ? AND fetched_at IS NOT NULL", take["id"]))

    studio.client.head(url)
    for some in ("bytes=0-99", f"bytes=0-{size - 2}", "bytes=0-9,-9"):
        assert studio.client.get(url, headers={"Range": some}).status_code == 206
    # Some megabytes: more than the sockets between them hold.
    with socket.create_connection(("127.0.0.1", studio.port)) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        request = f"GET {url} HTTP/1.1\r\nHost: studio\r\nAuthorization: Bearer {studio.token}\r\n\r\n"
        connection.sendall(request.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    time.sleep(1)
    assert not fetched()
    assert len(studio.client.get(url, headers={"Range": f"bytes={size - 10}-"}).content) == 10
    until(fetched, "fetched to its end")
    whole = song["takes"][0]["id"]
    studio.client.get(f"/v1/takes/{whole}/audio")
    until(lambda: studio.query("SELECT 1 FROM take WHERE id = ? AND fetched_at IS NOT NULL", whole), "fetched whole")


def test_the_same_order_twice_is_one_job_and_another_is_a_conflict(studio: Studio) -> None:
    body = {"id": str(uuid4()), "request": SHORT}
    first = studio.client.post("/v1/jobs", json=body)
    assert first.status_code == 202
    spelt_out = {**body, "priority": "voice", "request": {**SHORT, "duration": 10.0, "bpm": None}}
    again = studio.client.post("/v1/jobs", json=spelt_out)
    assert again.status_code == 200
    assert again.json()["id"] == first.json()["id"]
    for other in ({**body, "priority": "card"}, {**body, "request": {**SHORT, "bpm": 90}}):
        answer = studio.client.post("/v1/jobs", json=other)
        assert answer.status_code == 409
        assert problem(answer)["code"] == "conflict"
    studio.done(body["id"])
    assert len([job for job in studio.client.get("/v1/jobs").json()["jobs"] if job["id"] == body["id"]]) == 1


def test_jobs_are_listed_newest_first_and_by_state(studio: Studio, song: dict[str, Any]) -> None:
    newer = studio.order()
    listed = [job["id"] for job in studio.client.get("/v1/jobs").json()["jobs"]]
    assert listed.index(newer) < listed.index(song["id"])
    done = studio.client.get("/v1/jobs", params={"state": ["done", "cancelled"]}).json()["jobs"]
    assert song["id"] in [job["id"] for job in done]
    assert {job["state"] for job in done} <= {"done", "cancelled"}
    assert len(studio.client.get("/v1/jobs?limit=1").json()["jobs"]) == 1
    studio.done(newer)


BAD_FIELDS = [
    ("bpm", 0), ("bpm", -1), ("bpm", 10**9), ("bpm", "NaN!"), ("bpm", 99.5), ("duration", 0), ("duration", 601),
    ("duration", -1e308), ("key", "H major"), ("key", "F dorian"), ("time_signature", "7/8"), ("wish", "x" * 100_000),
    ("wish", "bell \x07"), ("title", "null \x00"), ("topic", "del \x7f"), ("lyrics", "x" * 10_001), ("seed", -1),
    ("seed", 2**32), ("language", "english!"), ("artist", "\x1b[31m"), ("mood", 7), ("genre", ["rock"]),
    ("instrumental", "maybe"), ("surprise", 1),
    ("wish", ""), ("wish", " \n "), ("artist", ""), ("artist", "\u3000"), ("lyrics", "next line \x85"),
    ("caption", "\x9b31m"), ("topic", "old Mac\r"), ("language", "zh-"), ("language", "DE"),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value"), BAD_FIELDS)
def test_what_cannot_be_names_its_field(studio: Studio, field: str, value: object) -> None:
    answer = studio.client.post("/v1/jobs", json={"id": str(uuid4()), "request": {field: value}})
    assert answer.status_code == 422
    assert problem(answer)["field"] == f"request.{field}"
    assert problem(answer)["code"] == "invalid_request"


@pytest.mark.parametrize("language", ["de", "gsw", "pt-BR", "zh-Hant-TW", "es-419", "sl-rozaj-biske", "de-1996"])
def test_languages_are_those_of_bcp_47(language: str) -> None:
    assert SongRequest(language=language).language == language


def test_lines_may_end_as_on_windows() -> None:
    request = SongRequest(wish=" a waltz\r\n", lyrics="[verse]\r\nla\tla\r\n\r\nla")
    assert (request.wish, request.lyrics) == ("a waltz", "[verse]\nla\tla\n\nla")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ('{"id": "%s", "request": {"duration": NaN}}', "request.duration"),
        ('{"id": "%s", "request": {"duration": Infinity}}', "request.duration"),
        ('{"id": "%s", "request": {"bpm": NaN}}', "request.bpm"),
        ('{"id": "%s", "request": {"bpm": 1' + "0" * 5000 + "}}", "body"),
        ('{"id": "%s", "request": {"wish": "\\ud800"}}', "request.wish"),
        ('{"id": "%s", "request": {"\\udfff": 1}}', "request"),
        ('{"id": "%s", "request": ' + "[" * 200_000 + "]" * 200_000 + "}", "body"),
        ('{"id": "%s"', "body"),
        ('{"id": "not-a-%s", "request": {}}', "id"),
        ("[]", "body"),
        ("", "body"),
    ],
)
def test_what_is_not_even_json_of_ours_is_refused(studio: Studio, body: str, field: str) -> None:
    content = body % uuid4() if "%s" in body else body
    answer = studio.client.post("/v1/jobs", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422, answer.text
    assert problem(answer)["field"] == field


@pytest.mark.parametrize("name", ["sine-wave", "os:system", "\ud800", ""])
def test_an_unknown_engine_is_named(studio: Studio, name: str) -> None:
    content = json.dumps({"id": str(uuid4()), "request": {"engine": name}})
    answer = studio.client.post("/v1/jobs", content=content, headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert problem(answer)["field"] == "request.engine"
    if name == "sine-wave":
        assert problem(answer)["code"] == "unknown_engine"
        assert "composer" in problem(answer)["message"]


def test_a_body_too_large_is_refused(studio: Studio) -> None:
    body = b"x" * 3_000_000
    for content in (body, iter([body[:2_000_000], body[2_000_000:]])):
        answer = studio.client.post("/v1/jobs", content=content, headers={"content-type": "application/json"})
        assert answer.status_code == 413
        assert problem(answer)["code"] == "too_large"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/v1/jobs/00000000-0000-4000-8000-000000000000", 404),
        ("DELETE", "/v1/jobs/00000000-0000-4000-8000-000000000000", 404),
        ("GET", "/v1/jobs/seven", 422),
        ("GET", "/v1/jobs?state=sleeping", 422),
        ("GET", "/v1/takes/nothing", 404),
        ("GET", "/v1/takes/..%2f..%2fmixtape.db/audio", 404),
        ("GET", "/v1/takes/nothing/cover", 404),
        ("GET", "/v1/nothing", 404),
        ("PUT", "/v1/jobs", 405),
        ("GET", "/openapi.json", 404),
    ],
)
def test_errors_have_one_shape(studio: Studio, method: str, path: str, status: int) -> None:
    answer = studio.client.request(method, path)
    assert answer.status_code == status
    assert set(problem(answer)) == {"code", "message", "field"}


def test_an_unknown_format_of_a_take(studio: Studio, song: dict[str, Any]) -> None:
    answer = studio.client.get(f"/v1/takes/{song['takes'][0]['id']}/audio?format=ogg")
    assert (answer.status_code, problem(answer)["field"]) == (422, "format")


def _routes() -> list[tuple[str, str]]:
    paths = create_app(Settings()).openapi()["paths"]
    return sorted((method.upper(), path) for path, methods in paths.items() for method in methods)


def test_no_route_is_without_a_token(studio: Studio) -> None:
    metrics = studio.run("token", "create", "--name", "graphs", "--scope", "metrics").stdout.strip()
    doomed = studio.run("token", "create", "--name", "guest").stdout.strip()
    number = next(
        line.split("\t")[0] for line in studio.run("token", "list").stdout.splitlines() if "\tguest\t" in line
    )
    studio.run("token", "revoke", number)
    strangers = [{}, {"Authorization": "Bearer mxt_wrong"}, {"Authorization": f"Bearer {doomed}"}]
    strangers += [{"Authorization": "Basic bWU6bWU="}, {"Authorization": f"Bearer {studio.token}x"}]
    routes = _routes()
    assert len(routes) >= 10
    with httpx2.Client(base_url=studio.client.base_url) as client:
        for method, template in routes:
            path = template.replace("{job_id}", str(uuid4())).replace("{take_id}", "some")
            for headers in strangers:
                answer = client.request(method, path, headers=headers)
                if path == "/v1/health" and not headers:
                    assert answer.json() == {"status": "ok", "contract": CONTRACT_VERSION}
                    continue
                assert answer.status_code == 401, (method, path, headers)
                assert answer.headers["www-authenticate"] == "Bearer"
            scoped = client.request(method, path, headers={"Authorization": f"Bearer {metrics}"})
            assert scoped.status_code == (200 if path in ("/v1/health", "/v1/engines") else 403), (method, path)


def test_a_home_sees_only_its_own(studio: Studio, song: dict[str, Any]) -> None:
    other = studio.run("token", "create", "--name", "neighbour", "--home", "next-door").stdout.strip()
    headers = {"Authorization": f"Bearer {other}"}
    take_id = song["takes"][0]["id"]
    assert studio.client.get("/v1/jobs", headers=headers).json() == {"jobs": []}
    for path in (
        f"/v1/jobs/{song['id']}",
        f"/v1/takes/{take_id}",
        f"/v1/takes/{take_id}/audio",
        f"/v1/takes/{take_id}/cover",
    ):
        assert studio.client.get(path, headers=headers).status_code == 404
    assert studio.client.delete(f"/v1/jobs/{song['id']}", headers=headers).status_code == 404
    body = {"id": song["id"], "request": song["request"]}
    answer = studio.client.post("/v1/jobs", json=body, headers=headers)
    assert answer.status_code == 409
    assert studio.client.get("/v1/health", headers=headers).json()["home_id"] == "next-door"


def test_a_token_is_stored_only_as_its_hash(studio: Studio) -> None:
    stored = json.dumps(studio.query("SELECT * FROM token"))
    assert studio.token.startswith("mxt_")
    assert studio.token not in stored
    assert studio.token.removeprefix("mxt_") not in stored
    assert studio.token not in studio.log
    assert studio.run("token", "revoke", "999", check=False).returncode == 1
