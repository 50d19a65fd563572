# SPDX-License-Identifier: EUPL-1.2
"""How the service is set up: by command line, or by environment variables that begin with `HEITJE_`."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class RoleName(StrEnum):
    """What a process does."""

    ALL = "all"
    API = "api"
    RELAY = "relay"
    INDEX = "index"
    DELIVER = "deliver"


class Settings(BaseSettings):
    """Everything that can be set. Times are seconds.

    Traces are set up by OpenTelemetry's own variables, such as `OTEL_EXPORTER_OTLP_ENDPOINT`: docs/howto/telemetry.md.
    """

    model_config = SettingsConfigDict(env_prefix="HEITJE_", frozen=True)

    rpc: str
    fallback_rpc: tuple[str, ...] = ()
    """Other nodes of the same chain, in the order in which they are used when the one before is away or behind."""
    deployment: Path
    role: RoleName = RoleName.ALL
    database: str = "heitje.sqlite"
    """The path of an SQLite file, or the URL of a PostgreSQL database."""
    keyfile: Path | None = None
    relayer_passphrase: SecretStr = SecretStr("")
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65_535)] = 8000
    metrics_port: Annotated[int | None, Field(ge=0, le=65_535)] = None
    """Where Prometheus asks, on the same host; None where it does not."""
    public_url: str = ""
    """Where people reach the service; it stands in what they sign to log in. Empty: host and port."""
    certificate: Path | None = None
    """A certificate (PEM); with it the service is served by HTTPS as well, at `tls_host` and `tls_port`."""
    certificate_key: Path | None = None
    tls_host: str = "0.0.0.0"  # noqa: S104 - what has a certificate is meant to be reached
    tls_port: Annotated[int, Field(ge=0, le=65_535)] = 8443
    demo: Path | None = None
    """The file with demo people and their keys, which anybody may then be. For demonstrations only."""
    rate: Annotated[int, Field(ge=0)] = 100
    """Requests per second that one network address may make, without a session or key; 0: any number."""
    rate_known: Annotated[int, Field(ge=0)] = 500
    """The same for one address of the chain, with a session or key."""
    finality: Annotated[int, Field(ge=0, le=10_000)] = 0
    """Blocks that must follow one before it is final; 0 where a mined block is never taken back."""
    window: Annotated[int, Field(ge=1, le=1_000)] = 100
    """Most transactions under way; at most half of what the node keeps for one sender.

    Besu's layered pool keeps 200; its sequenced pool must be told (`--tx-pool-limit-by-account-percentage`).
    """
    linger: Annotated[float, Field(ge=0, le=10)] = 0.1
    """How long the first operation of a batch waits for others."""
    lease: Annotated[float, Field(ge=1, le=300)] = 6.0
    """How long the right to use the key, or to index, lasts without being renewed: so soon another takes over."""
    resend: Annotated[float, Field(ge=0.5, le=300)] = 3.0
    """After how long the same bytes are sent again; two blocks."""
    streams: Annotated[int, Field(ge=0, le=100_000)] = 500
    """How many can listen to events at a time."""
    webhook_retries: tuple[float, ...] = (5, 30, 120, 600, 3_600, 21_600, 86_400)
    """After how long a webhook that failed is tried again, each time; after the last it is disabled. JSON."""
    webhook_loopback: bool = False
    """Whether webhooks may lead to this machine itself, without TLS. For tests and demonstrations only."""
    keep_keys: Annotated[int, Field(ge=7, le=3_650)] = 30
    """Days for which an Idempotency-Key is remembered."""
    keep_bytes: Annotated[int, Field(ge=7, le=3_650)] = 30
    """Days for which the signed bytes of a transaction are kept after it was sent, if it is final by then."""
    check_at: Annotated[str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9])?$")] = "03:10"
    """The time of day, UTC, at which the index is compared with the chain; empty: never."""

    keep_photos: Annotated[int, Field(ge=1, le=3_650)] = 60
    """Days for which a photo of a claim is kept, and sign-ups and invitations after they can no longer be used."""
    wrong_codes: Annotated[int, Field(ge=0)] = 10
    """Wrong codes of invitations that may come from one network address in an hour; 0: any number."""

    @property
    def has_api(self) -> bool:
        """Whether this process answers requests."""
        return self.role in (RoleName.ALL, RoleName.API)

    @property
    def has_relay(self) -> bool:
        """Whether this process sends transactions."""
        return self.role in (RoleName.ALL, RoleName.RELAY)

    @property
    def has_index(self) -> bool:
        """Whether this process reads the chain."""
        return self.role in (RoleName.ALL, RoleName.INDEX)

    @property
    def has_deliver(self) -> bool:
        """Whether this process delivers webhooks."""
        return self.role in (RoleName.ALL, RoleName.DELIVER)
