"""Audio files of jobs in a folder. Names are keyed by job, so doing a step twice writes the same file twice."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final
from uuid import UUID

_PART: Final = ".part"
_DISK_FULL: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def is_disk_full(error: BaseException) -> bool:
    """Whether the error, or one it was raised from, says that there is no room: the disk's, a quota's, a limit's."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _DISK_FULL:
            return True
        if "database or disk is full" in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


class Artifacts:
    """``takes/<job>/`` is what homes fetch; ``work/<job>/`` is what one step leaves for the next."""

    def __init__(self, data: Path) -> None:
        self.root = data
        self._takes = data / "takes"
        self._work = data / "work"

    def work(self, job_id: UUID, name: str) -> Path:
        return self._work / str(job_id) / name

    def take(self, job_id: UUID, name: str) -> Path:
        return self._takes / str(job_id) / name

    @contextmanager
    def writing(self, path: Path) -> Iterator[Path]:
        """A path to write to, which becomes ``path`` when the block ends well and vanishes when it does not."""
        path.parent.mkdir(parents=True, exist_ok=True)
        # The suffix stays last: encoders and tag writers choose their container by it.
        part = path.with_name(f"{path.stem}{_PART}{path.suffix}")
        try:
            yield part
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(path)
        except BaseException:
            part.unlink(missing_ok=True)
            raise

    def publish(self, job_id: UUID, name: str) -> Path:
        """Move a finished file from work to takes; doing it again changes nothing."""
        source, target = self.work(job_id, name), self.take(job_id, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.exists():
            source.replace(target)
        return target

    def drop_work(self, job_id: UUID) -> None:
        shutil.rmtree(self._work / str(job_id), ignore_errors=True)

    def drop_take(self, job_id: UUID) -> None:
        shutil.rmtree(self._takes / str(job_id), ignore_errors=True)

    def work_folders(self) -> list[UUID]:
        return _jobs_in(self._work)

    def take_folders(self) -> list[UUID]:
        return _jobs_in(self._takes)

    def free_bytes(self) -> int:
        return shutil.disk_usage(self.root).free


def _jobs_in(folder: Path) -> list[UUID]:
    """What is named as no job is not ours."""
    found = []
    for path in folder.glob("*/"):
        with suppress(ValueError):
            found.append(UUID(path.name))
    return found


def sha256_of(path: Path) -> tuple[str, int]:
    """Digest and size in bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest(), path.stat().st_size
