"""Speaking to the API: a bearer token, retries that cannot do a thing twice, and errors as failures."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote, urlsplit

import typer

from cli_commands.terminal import UNAVAILABLE, USAGE, Failure, refusal

if TYPE_CHECKING:
    import httpx

    from settings import Settings

Url = Annotated[
    str,
    typer.Option(
        "--url", envvar="PUTRIGHT_URL", help="Where the API is.", show_default="the stack of this machine"
    ),
]
As = Annotated[
    str,
    typer.Option(
        "--as",
        help="Whom to act as when no token is set in PUTRIGHT_TOKEN: the demonstration person of a role "
        "(agent, handler, …), or anybody of a shipped organisation by id (crr-north).",
        show_default="agent",
    ),
]

TOKEN = "PUTRIGHT_TOKEN"  # noqa: S105 - the name of a variable
TRIES = 4
LONGEST_WAIT = 5.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


@dataclass
class Api:
    """The API at one address, as one caller."""

    url: str
    token: str
    patience: float = 10.0

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON at a path below `/api/v1`; parameters that are empty are left out."""
        given = {name: value for name, value in parameters.items() if value not in (None, "", False, [])}
        return self._ask("GET", path, params=given)

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Post a body below `/api/v1`, under a key of its own, so that a retry is no second request."""
        return self._ask("POST", path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())})

    def upload(self, path: str, name: str, content: bytes, **fields: str) -> Any:
        """Post a file below `/api/v1` as a form, under a key of its own."""
        return self._ask(
            "POST",
            path,
            files={"file": (name, content)},
            data={field: value for field, value in fields.items() if value},
            headers={"Idempotency-Key": str(uuid.uuid4())},
        )

    def pages(self, path: str, limit: int, **parameters: Any) -> Iterator[dict[str, Any]]:
        """The items of a list, page by page, until there are `limit`."""
        after: str | None = None
        while limit > 0:
            page = self.get(path, after=after, limit=min(limit, 100), **parameters)
            yield from page["items"][:limit]
            limit -= len(page["items"])
            after = page["after"]
            if not after or not page["items"]:
                return

    def _ask(self, method: str, path: str, **given: Any) -> Any:
        import httpx

        headers = {"Authorization": f"Bearer {self.token}", **given.pop("headers", {})}
        # A proxy of the surroundings is right for an API elsewhere and wrong for one on this machine.
        surroundings = (urlsplit(self.url).hostname or "") not in LOOPBACK
        with httpx.Client(
            base_url=f"{self.url}/api/v1", headers=headers, timeout=30.0, trust_env=surroundings
        ) as client:
            answer = self._until_available(client, method, path, given)
        if answer.is_success:
            return answer.json()
        raise _failure(answer)

    def _until_available(
        self, client: httpx.Client, method: str, path: str, given: Mapping[str, Any]
    ) -> httpx.Response:
        """The answer; a part that is down for a moment is asked again, within `patience` seconds."""
        import httpx

        end = time.monotonic() + self.patience
        for attempt in range(1, TRIES + 1):
            try:
                answer = client.request(method, path, **given)
            except httpx.ConnectError as error:
                raise Failure(
                    f"Nothing answers at {self.url}. Start the laptop stack with `putright up`,\n"
                    "or say where the API is: PUTRIGHT_URL or --url.",
                    UNAVAILABLE,
                ) from error
            except httpx.TransportError as error:
                if attempt == TRIES or time.monotonic() > end:
                    raise Failure(f"{self.url} does not answer: {error}", UNAVAILABLE) from error
                wait = 0.5
            except (httpx.InvalidURL, UnicodeError) as error:
                raise Failure(f"{self.url!r} is no address of an API: {error}", USAGE) from error
            else:
                wait = min(_retry_after(answer), LONGEST_WAIT)
                if answer.status_code != 503 or attempt == TRIES or time.monotonic() + wait > end:
                    return answer
            time.sleep(wait)
        raise AssertionError("the last try returns or raises")


def path_of(ref: str, *parts: str) -> str:
    """The path of a complaint, or of something of it."""
    return "/".join(("/complaints", *(quote(part, safe="") for part in (ref, *parts))))


def _retry_after(answer: httpx.Response) -> float:
    told = answer.headers.get("retry-after", "")
    return float(told) if told.isdigit() else 1.0


def _failure(answer: httpx.Response) -> Failure:
    """What the API said is wrong, as a failure with the exit code that fits."""
    try:
        told = answer.json()
    except ValueError:
        told = {}
    if not isinstance(told, dict) or "code" not in told:
        return Failure(f"{answer.url} answered {answer.status_code}, not as this API does.", UNAVAILABLE)
    if answer.status_code == 503:
        return Failure(f"{told['detail']} ({told['code']})", UNAVAILABLE, told)
    if answer.status_code == 401:
        return Failure(
            f"{told['detail']} ({told['code']})\n"
            f"Set {TOKEN}, or use --as with the laptop stack; `putright token create` makes one.",
            data=told,
        )
    if answer.status_code >= 500:
        return Failure(
            f"The API failed ({answer.status_code}): {told['detail']}. Its log says more.", data=told
        )
    found = refusal(told["code"], told["detail"], told.get("legal", ()), told.get("fields"))
    return Failure(str(found), found.code, told)


def api(url: str, role: str) -> Api:
    """The API to speak to, and as whom: the token that is set, else that of a demonstration person.

    A demonstration token is only ever sent to the stack it was made by.
    """
    from settings import Settings

    settings = Settings()
    own = f"http://{settings.bind}:{settings.api_port}"
    address = (url or settings.base_url()).rstrip("/")
    token = os.environ.get(TOKEN, "")
    if role or not token:
        token = _demo_token(settings, role or "agent", wanted=address in (own, settings.base_url()))
    if not token.isascii() or not token.isprintable():
        raise Failure(f"{TOKEN} has characters that no token has.", USAGE)
    return Api(address, token)


def _demo_token(settings: Settings, role: str, *, wanted: bool) -> str:
    kept = settings.home / "demo-tokens.json"
    if not wanted or not kept.exists():
        raise Failure(
            f"Who are you? Set {TOKEN} to a bearer token (`putright token create` makes one),\n"
            "or start the laptop stack (`putright up`) and use --as agent, handler, callback, …",
            USAGE,
        )
    try:
        known = json.loads(kept.read_text())
        people = {str(person["role"]): str(person["token"]) for person in known["people"]}
        staff = {str(person["person"]): str(person["token"]) for person in known.get("staff", ())}
    except (ValueError, KeyError, TypeError) as error:
        raise Failure(f"{kept} cannot be read; `putright reset` begins anew.", USAGE) from error
    if role not in people and role not in staff:
        raise Failure(_nobody(role, people, staff), USAGE)
    return people.get(role) or staff[role]


def _nobody(name: str, roles: Iterable[str], staff: Iterable[str]) -> str:
    """That nobody is called so, and whom one can act as instead, the nearest first."""
    from domain.spelling import nearest_first

    lines = [f"There is no demonstration person {name!r}. There are"]
    lines.append(f"by role: {', '.join(nearest_first(name, roles))}")
    if by_id := nearest_first(name, staff):
        lines.append(f"by id:   {', '.join(by_id)}")
    return "\n".join(lines)
