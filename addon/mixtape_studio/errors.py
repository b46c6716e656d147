"""The studio's exceptions.

``MixtapeError`` is the root::

    MixtapeError
    ├── ProblemError          refused or failed, with a code that homes understand
    ├── JobEndedError         (jobs.record) the job is over: whatever still runs for it stops
    └── StartupError          the studio cannot start; the message tells what to do
        ├── DatabaseDamagedError
        ├── DatabaseNewerError
        └── DataFolderBusyError
"""

from mixtape_studio.contract import ErrorCode, Problem


class MixtapeError(Exception):
    pass


class ProblemError(MixtapeError):
    def __init__(self, code: ErrorCode, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.problem = Problem(code=code, message=message, field=field)


class StartupError(MixtapeError):
    pass


class DatabaseDamagedError(StartupError):
    pass


class DatabaseNewerError(StartupError):
    pass


class DataFolderBusyError(StartupError):
    pass
