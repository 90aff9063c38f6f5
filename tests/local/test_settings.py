"""Every setting is documented, addresses are checked, and secrets are kept to their owner."""

import subprocess
import sys
import threading
from pathlib import Path

import pytest
from pydantic import ValidationError

from settings import ROOT, Settings, kept_secret

DOCUMENTED = (ROOT / "docs" / "settings.md").read_text()


def _variable(name: str) -> str:
    alias = Settings.model_fields[name].validation_alias
    return str(alias) if alias else f"PUTRIGHT_{name.upper()}"


@pytest.mark.parametrize("name", Settings.model_fields)
def test_every_setting_is_documented(name: str) -> None:
    row = f"| `{_variable(name)}` | {Settings.model_fields[name].description} |"
    assert row in DOCUMENTED, f"docs/settings.md needs this row, with its default after it:\n{row}"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+asyncpg"])
def test_any_postgresql_url_becomes_one_for_asyncpg(scheme: str) -> None:
    assert Settings(database_url=f"{scheme}://u:p@h/d").database_url == "postgresql+asyncpg://u:p@h/d"


@pytest.mark.parametrize("url", ["mysql://h/d", "h/d"])
def test_another_database_is_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="must be a PostgreSQL URL"):
        Settings(database_url=url)


def test_temporal_is_configured_the_sdks_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example.org:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "complaints")
    monkeypatch.setenv("TEMPORAL_API_KEY", "k")
    config = Settings().temporal_connect_config()
    assert (config["target_host"], config["namespace"]) == ("temporal.example.org:7233", "complaints")
    assert config["api_key"] == "k"
    assert config["tls"]


def test_the_first_to_ask_makes_the_secret_and_all_get_the_same(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secret"
    got: list[str] = []
    threads = [threading.Thread(target=lambda: got.append(kept_secret(path))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(got) == 8
    assert len(set(got)) == 1
    assert path.stat().st_mode & 0o077 == 0
    assert [entry.name for entry in path.parent.iterdir()] == ["secret"]


def test_reading_settings_does_not_load_the_temporal_sdk() -> None:
    code = "import sys, settings; settings.Settings(); sys.exit('temporalio' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
