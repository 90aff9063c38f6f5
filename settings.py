"""Everything that can be set from outside, read once by the composition roots (worker, server, cli, local).

Each setting is an environment variable; docs/settings.md describes them all and a test keeps it complete.
The connection to Temporal is configured the SDK's own way (`TEMPORAL_*`, profiles, TLS, API key).
"""

import contextlib
import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

if TYPE_CHECKING:
    from temporalio.envconfig import ClientConnectConfig

ROOT = Path(__file__).resolve().parent

LOOPBACK = "127.0.0.1"

Port = Annotated[int, Field(ge=1, le=65535)]


def async_database_url(url: str) -> str:
    """Return a PostgreSQL URL as SQLAlchemy wants it for asyncpg; an empty one stays empty.

    Accepts `postgres://`, `postgresql://` and `postgresql+asyncpg://`; anything else is a ValueError.
    """
    if not url:
        return url
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in ("postgres", "postgresql", "postgresql+asyncpg"):
        raise ValueError(
            "must be a PostgreSQL URL, for example postgresql://user:password@host:5432/putright"
        )
    return f"postgresql+asyncpg://{rest}"


class Settings(BaseSettings):
    """The settings of one process. Field descriptions are the documentation; see docs/settings.md."""

    model_config = SettingsConfigDict(
        env_prefix="PUTRIGHT_", populate_by_name=True, extra="ignore", frozen=True
    )

    # Where things are.
    home: Path = Field(
        default=ROOT / ".putright", description="Folder for data, logs and secrets of this machine."
    )
    bind: str = Field(
        default=LOOPBACK, description="Address the API listens on; the laptop stack is always on loopback."
    )
    api_port: Port = Field(default=8080, description="Port of the API and the console.")
    public_url: str = Field(
        default="", description="Address under which users reach the API; links in messages start with it."
    )

    # PostgreSQL.
    database_url: Annotated[str, AfterValidator(async_database_url)] = Field(
        default="",
        validation_alias="DATABASE_URL",
        description="PostgreSQL to use. Unset: `putright up` starts its own.",
    )
    database_pool: int = Field(default=10, ge=1, description="Most connections to PostgreSQL per process.")
    postgres_port: Port = Field(default=54329, description="Port of the laptop stack's PostgreSQL.")

    # Temporal: address, namespace, TLS and API key come from the SDK's own variables.
    temporal_address: str = Field(
        default="",
        validation_alias="TEMPORAL_ADDRESS",
        description="Temporal server, host:port. Unset, without TEMPORAL_PROFILE: `putright up` starts one.",
    )
    temporal_port: Port = Field(default=7233, description="Port of the laptop stack's Temporal server.")
    temporal_ui_port: Port = Field(default=8233, description="Port of the laptop stack's Temporal UI.")
    temporal_ui_url: str = Field(
        default="", description="Address of the Temporal UI, for links from the console."
    )

    # The worker.
    queues: list[str] = Field(
        default=[], description='Task queues this worker serves, as JSON: `["complaints"]`.'
    )
    deployment_name: str = Field(
        default="putright", description="Temporal worker deployment this worker belongs to."
    )
    build_id: str = Field(
        default="", description="Build id of this worker version; unset: workers are not versioned."
    )
    cached_workflows: int = Field(default=1000, ge=1, description="Complaints a worker keeps in memory.")
    grace_seconds: float = Field(
        default=10.0, ge=0, description="Seconds a stopping process may take to finish what it has begun."
    )
    metrics_port: int = Field(
        default=0, ge=0, le=65535, description="Prometheus port of this process; 0: none."
    )

    # The relay that starts workflows for intakes an outage left behind.
    relay_rate: float = Field(default=40.0, gt=0, description="Most workflows the relay starts per second.")

    # Messages.
    smtp_host: str = Field(
        default="",
        validation_alias="SMTP_HOST",
        description="Mail server. Unset: `putright up` catches mail on this machine.",
    )
    smtp_port: Port = Field(default=25, validation_alias="SMTP_PORT", description="Port of the mail server.")
    smtp_username: str = Field(
        default="", validation_alias="SMTP_USERNAME", description="User name at the mail server."
    )
    smtp_password: SecretStr = Field(
        default=SecretStr(""), validation_alias="SMTP_PASSWORD", description="Password at the mail server."
    )
    smtp_security: Literal["none", "starttls", "tls"] = Field(
        default="none", validation_alias="SMTP_SECURITY", description="`none`, `starttls` or `tls`."
    )
    mail_from: str = Field(
        default="Putright <putright@localhost.localdomain>", description="Sender of every e-mail."
    )
    webhook_url: str = Field(default="", description="Where webhooks go; unset: none are sent.")
    webhook_secret: SecretStr = Field(
        default=SecretStr(""),
        description="Standard Webhooks signing secret (`whsec_…`) of webhooks; units may have their own.",
    )
    webhook_allow_private: bool = Field(
        default=False, description="Whether webhooks may call loopback and private addresses."
    )
    payments_url: str = Field(
        default="", description="Payment system that is asked by webhook to pay; unset: people pay by hand."
    )
    payments_secret: SecretStr = Field(
        default=SecretStr(""), description="Signing secret (`whsec_…`) of payments, not that of messages."
    )
    apprise_urls: dict[str, list[str]] = Field(
        default={}, description='Chat and SMS gateways by channel, as JSON: `{"sms": ["…"], "chat": ["…"]}`.'
    )
    mail_smtp_port: Port = Field(default=1025, description="Port on which the laptop stack catches mail.")
    mail_http_port: Port = Field(
        default=8025, description="Port on which the laptop stack shows caught mail."
    )

    # Secrets and logs.
    secret: SecretStr = Field(
        default=SecretStr(""),
        description="Key that signs portal links. Unset: made at first start and kept in the home folder.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level logged."
    )
    log_format: Literal["console", "json"] = Field(
        default="json", description="`json` for machines, `console` to read."
    )

    def secret_key(self) -> str:
        """Return the signing key: the one set, or the one kept in the home folder (made if there is none)."""
        return self.secret.get_secret_value() or kept_secret(self.home / "secret")

    def base_url(self) -> str:
        """Return the address links start with, without a trailing slash."""
        return (self.public_url or f"http://{LOOPBACK}:{self.api_port}").rstrip("/")

    def temporal_ui(self) -> str:
        """Return the address of the Temporal UI, without a trailing slash."""
        return (self.temporal_ui_url or f"http://{LOOPBACK}:{self.temporal_ui_port}").rstrip("/")

    def temporal_is_given(self) -> bool:
        """Tell whether a Temporal server is configured from outside (an address or a profile)."""
        return bool(self.temporal_address or os.environ.get("TEMPORAL_PROFILE"))

    def temporal_connect_config(self) -> "ClientConnectConfig":
        """Return the keyword arguments for `temporalio.client.Client.connect`.

        Read by the SDK's envconfig from `TEMPORAL_*` and its configuration file; without an address the
        laptop stack's own port is used, without a namespace `default`.
        """
        # Imported where it is used: half a second that most commands need not wait.
        from temporalio.envconfig import ClientConfig

        config = ClientConfig.load_client_connect_config()
        if self.temporal_address:
            config["target_host"] = self.temporal_address
        config.setdefault("target_host", f"{LOOPBACK}:{self.temporal_port}")
        config.setdefault("namespace", "default")
        return config


def kept_secret(path: Path) -> str:
    """Return the secret kept in `path`, readable by its owner only; make a random one if there is none.

    Safe when several processes ask at once: the first to create the file wins and the others read it.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # another process was first; its secret is the one
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()
