"""The installation the API is tested on, for the pages in front of it."""

from tests.api.conftest import site, temporal_of_api

__all__ = ["site", "temporal_of_api"]
