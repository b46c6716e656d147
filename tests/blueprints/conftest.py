"""The homes and the studio of the integration's tests."""

from tests.integration.conftest import home, studio, studio_process

__all__ = ["home", "studio", "studio_process"]
