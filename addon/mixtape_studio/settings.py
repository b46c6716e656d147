"""The studio's settings: environment variables first, the app's options file below them."""

import os
from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, JsonConfigSettingsSource, PydanticBaseSettingsSource, SettingsConfigDict

OPTIONS_FILE_VARIABLE = "MIXTAPE_OPTIONS"
DEFAULT_OPTIONS_FILE = Path("/data/options.json")
"""Where the Supervisor puts what the person chose in the app's options."""

LogLevel = Literal["debug", "info", "warning", "error"]


class Settings(BaseSettings):
    """Every field is ``MIXTAPE_<NAME>`` in the environment and ``<name>`` in the options file."""

    model_config = SettingsConfigDict(env_prefix="MIXTAPE_", extra="ignore", env_ignore_empty=True)

    data: Path = Field(default=Path("mixtape-data"), description="Folder of the databases and the audio files.")
    host: str = Field(default="127.0.0.1", description="Address to listen on; the container sets 0.0.0.0.")
    port: int = Field(default=8765, ge=0, le=65535)
    soundfont: Path | None = Field(default=None, description="The built-in composer's SoundFont.")
    announce: bool = Field(default=True, description="Let homes find the studio by zeroconf.")
    log_level: LogLevel = "info"

    default_duration: float = Field(default=120.0, ge=10, le=600, description="Seconds, where a wish names none.")
    admitted_jobs: int = Field(
        default=2, ge=1, le=16, description="Jobs in the workflow at once; the rest wait by rank."
    )
    preload: bool = Field(default=True, description="Load the default engine when the worker starts.")
    queue_poll: float = Field(default=0.2, ge=0.02, le=2, description="Seconds between looks at each queue.")
    render_timeout: float = Field(default=1800, gt=0, description="Seconds a rendering may take.")
    step_timeout: float = Field(default=300, gt=0, description="Seconds any other step may take.")
    step_attempts: int = Field(default=3, ge=1, description="Deaths of the worker in one step before its job fails.")
    worker_timeout: float = Field(
        default=30, ge=1, description="Seconds without a heartbeat until the worker is killed."
    )
    engine_idle: float = Field(default=600, gt=0, description="Seconds without a song until an engine is unloaded.")
    keep_events: int = Field(default=20_000, ge=100)
    keep_event_days: float = Field(default=7, gt=0)
    keep_takes_mb: int = Field(
        default=4096, ge=64, description="Audio kept for homes; beyond it the oldest fetched takes go."
    )
    max_body_bytes: int = Field(default=2_097_152, ge=65_536)

    step_delay: float = Field(default=0, ge=0, description="For tests only: seconds each step waits once it has begun.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - pydantic-settings calls by name
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the same
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        options = Path(os.environ.get(OPTIONS_FILE_VARIABLE) or DEFAULT_OPTIONS_FILE)
        return init_settings, env_settings, JsonConfigSettingsSource(settings_cls, json_file=options)

    @property
    def database(self) -> Path:
        return self.data / "mixtape.db"

    @property
    def jobs_database(self) -> Path:
        """DBOS's own database."""
        return self.data / "jobs.db"

    @property
    def soundfont_file(self) -> Path:
        """The SoundFont that was named, else the one in the data folder, whether it is there or not."""
        if self.soundfont is not None:
            return self.soundfont
        folder = self.data / "soundfont"
        found = sorted(path for path in folder.glob("*.sf[23]"))
        return found[0] if found else folder / "MuseScore_General_Lite.sf3"
