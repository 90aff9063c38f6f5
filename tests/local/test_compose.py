"""The deployment's Compose file: read by Compose itself, then held to what a deployment must be."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from settings import ROOT

ONE_SHOT = {"temporal-schema", "temporal-bootstrap", "migrate"}
PASSWORDS = ("POSTGRES_PASSWORD", "PUTRIGHT_DB_PASSWORD", "TEMPORAL_DB_PASSWORD", "PUTRIGHT_SECRET")
SECRETS = dict.fromkeys(PASSWORDS, "example")


def compose(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    spec = importlib.util.find_spec("compose")
    binary = Path(spec.origin).parent / "docker-compose"
    return subprocess.run(
        [binary, "--project-directory", ROOT, *arguments],
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    done = compose("config", "--format", "json", environment={**SECRETS, "SMTP_HOST": "mail.example.org"})
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["services"]


@pytest.mark.parametrize("missing", SECRETS)
def test_no_password_has_a_default(missing: str) -> None:
    given = {name: value for name, value in SECRETS.items() if name != missing}
    done = compose("config", environment={**given, "SMTP_HOST": "mail.example.org"})
    assert done.returncode != 0
    assert missing in done.stderr


def test_every_variable_is_in_the_example_and_no_other() -> None:
    """Whoever copies it sees everything that can be set, and what has no default is not commented out."""
    compose_file = (ROOT / "docker-compose.yml").read_text()
    read = dict(re.findall(r"\$\{([A-Z_]+)(:[?-])", compose_file))
    example = (ROOT / "deploy" / "example.env").read_text()
    assert set(re.findall(r"^(?:# )?([A-Z_]+)=", example, re.MULTILINE)) == set(read)
    needed = {name for name, how in read.items() if how == ":?"}
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == needed


def test_our_own_containers_are_of_no_privilege(services: dict[str, Any]) -> None:
    for name in ("temporal-bootstrap", "migrate", "worker", "api"):
        one = services[name]
        assert one["read_only"], name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
    image = (ROOT / "Dockerfile").read_text().split("FROM ")[-1]
    assert re.search(r"^USER putright$", image, re.MULTILINE), "not root"
    assert not re.search(r"(?i)secret|password|token", image)


def test_the_inside_has_no_way_out() -> None:
    done = compose("config", "--format", "json", environment={**SECRETS, "SMTP_HOST": "mail.example.org"})
    networks = json.loads(done.stdout)["networks"]
    assert networks["inside"]["internal"]
    assert not networks["outside"].get("internal")


def test_health_checks_ask_by_address(services: dict[str, Any]) -> None:
    """A name such as localhost may be IPv6 first, where nothing listens."""
    for name, service in services.items():
        test = " ".join(service.get("healthcheck", {}).get("test", ()))
        assert not test or "127.0.0.1" in test, name


def test_nothing_is_published_beyond_loopback(services: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert published.keys() == {"api", "temporal-ui"}
    assert {port["host_ip"] for ports in published.values() for port in ports} == {"127.0.0.1"}
    assert not [name for name, service in services.items() if service.get("network_mode")]


def test_databases_and_temporal_are_inside_only(services: dict[str, Any]) -> None:
    for name in ("postgres", "temporal", "temporal-schema"):
        assert list(services[name]["networks"]) == ["inside"]


def test_what_stays_up_is_watched_and_started_again(services: dict[str, Any]) -> None:
    for name in services.keys() - ONE_SHOT:
        assert services[name]["restart"] == "unless-stopped", name
        assert services[name]["healthcheck"]["test"], name
    for name in ONE_SHOT:
        assert services[name]["restart"] in ("no", "on-failure:10"), name


def test_everything_waits_for_what_it_needs(services: dict[str, Any]) -> None:
    for name, service in services.items():
        for needed, how in service.get("depends_on", {}).items():
            wanted = "service_completed_successfully" if needed in ONE_SHOT else "service_healthy"
            assert how["condition"] == wanted, f"{name} waits for {needed}"
    for name in ("worker", "api"):
        assert services[name]["depends_on"].keys() == {"migrate", "temporal-bootstrap"}


def test_versions_are_chosen_and_no_image_is_the_auto_setup(services: dict[str, Any]) -> None:
    for name, service in services.items():
        if "build" not in service:
            _, _, tag = service["image"].rpartition(":")
            assert tag.split(".")[0].isdigit(), name
        assert "auto-setup" not in service["image"]
    assert services["temporal"]["environment"]["DB"] == "postgres12"
    assert int(services["temporal"]["environment"]["NUM_HISTORY_SHARDS"]) >= 128


def test_data_is_on_a_named_volume(services: dict[str, Any]) -> None:
    mounts = {mount["target"]: mount for mount in services["postgres"]["volumes"]}
    assert mounts["/var/lib/postgresql"]["type"] == "volume"


def test_files_that_are_mounted_are_there(services: dict[str, Any]) -> None:
    binds = [m for s in services.values() for m in s.get("volumes", []) if m["type"] == "bind"]
    assert len(binds) == 3
    assert all(Path(mount["source"]).is_file() for mount in binds)


def copy_of_the_image(folder: Path) -> Path:
    """The files that `COPY . .` takes into the image, by `.dockerignore`."""
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for path in {found for name in kept for found in ROOT.glob(name)}:
        if path.is_dir():
            shutil.copytree(path, folder / path.name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder / path.name)
    return folder


LOADED = """
import sys, pathlib, server, worker, cli, deploy.bootstrap, deploy.probe
from cli_commands import application
from settings import ROOT, Settings
from web import portal
server.application(Settings())
clone = pathlib.Path(sys.argv[1])
files = (pathlib.Path(m.__file__) for m in sys.modules.values() if getattr(m, "__file__", None))
print([str(f) for f in files if f.is_relative_to(clone) and ".venv" not in f.parts], ROOT)
"""


def test_the_image_holds_everything_the_processes_load(tmp_path: Path) -> None:
    """Without the clone beside it: every module and file, and nothing taken from elsewhere."""
    image = copy_of_the_image(tmp_path)
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(image), "PUTRIGHT_HOME": str(tmp_path / "h"),
                   "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", LOADED, ROOT],
        cwd=image,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"[] {image}\n"
