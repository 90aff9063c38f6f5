"""The customer's pages: how their complaint stands, and forms for what they can do now.

No protection against forged requests is needed: there is no cookie and no other standing permission a
foreign page could borrow; the secret is in the address itself, and whoever knows it needs no forgery.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.routing import APIRoute

from domain.commands import Asked
from domain.errors import Refused
from domain.events import Option
from domain.messages import PUBLISHED
from procedures.texts import title_of
from services.access import customer_actor
from services.acting import act
from services.connect import Connections
from services.errors import Unavailable
from services.portal import CustomerCase, customer_case
from web import pages, texts
from web.forms import FORMS, LARGEST_FORM, LONGEST, Posted, mistakes, new_key, read_form
from web.pages import HEADERS, asked_language, failure_page, page, root_of


class PageRoute(APIRoute):
    """A route for people: whatever goes wrong, they get a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """The handler, and a page for every error it raises."""
        handle = super().get_route_handler()

        async def handle_for_people(request: Request) -> Response:
            try:
                return await handle(request)
            except (
                Exception
            ) as error:  # logged there; problem details, the answer elsewhere, are for programs
                return failure_page(request, error)

        return handle_for_people


router = APIRouter(prefix="/portal", route_class=PageRoute, include_in_schema=False)


@router.api_route("/{token}", methods=["GET", "HEAD"])
async def show(token: str, request: Request) -> Response:
    """How the complaint stands, for the customer who holds the link."""
    case = await _case(request, token)
    return _shown(request, token, case, done=request.query_params.get("done", ""))


@router.post("/{token}/{verb}")
async def take(token: str, verb: str, request: Request) -> Response:
    """Do what a form asks and go back to the page; if it cannot be done, the page keeps what was typed."""
    posted = read_form(verb, await _body(request))
    request.state.posted = posted  # so that the page for an outage can keep it
    case = await _case(request, token)
    if wrong := mistakes(posted):
        if verb not in case.actions:
            return _again(request, token, case, posted, problem="not_now", status=409)
        return _again(request, token, case, posted, problem="form", status=422, wrong=wrong)
    asked = Asked(customer_actor(case.row.customer_id), posted.request_id(token), posted.seq)
    try:
        await act(_site(request), case.row.ref, verb, posted.command(), asked)
    except Refused as refusal:
        return _refused(request, token, await _case(request, token), posted, refusal)
    except Unavailable as error:
        answer = _again(request, token, case, posted, problem="unavailable", status=503)
        answer.headers["Retry-After"] = str(error.retry_after)
        return answer
    return RedirectResponse(_address(request, token, done=verb), 303, HEADERS)


@router.get("/{token}/{verb}")
async def back(token: str, verb: str, request: Request) -> Response:
    """The address of a form, opened as a page: the page itself."""
    if verb not in FORMS:
        raise Refused("not_found", "there is no such form")
    return RedirectResponse(_address(request, token), 303, HEADERS)


def _site(request: Request) -> Connections:
    found: Connections = request.app.state.connections
    return found


async def _body(request: Request) -> bytes:
    """The body, read no further than a form can be long."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            raise Refused("too_large", f"a form has at most {LARGEST_FORM} bytes")
    return bytes(body)


async def _case(request: Request, token: str) -> CustomerCase:
    """The complaint behind a link, told in the language of the page."""
    ref = request.app.state.links.ref(token)
    return await customer_case(_site(request), ref, asked_language(request))


def _language(request: Request, case: CustomerCase) -> str:
    """The language of the page: as asked for in the address, else the complaint's."""
    return texts.spoken(asked_language(request), case.row.language)


def _address(request: Request, token: str, **query: str) -> str:
    """The address of the page, in the language that was asked for if one was."""
    wanted = asked_language(request)
    given = {**({"lang": wanted} if wanted else {}), **query}
    return f"{root_of(request)}/portal/{token}" + (f"?{urlencode(given)}" if given else "")


def _refused(request: Request, token: str, case: CustomerCase, posted: Posted, refusal: Refused) -> Response:
    """The page with what was refused: reasons of the domain are for staff, so it is said in own words."""
    if refusal.code == "not_found":
        raise refusal
    if refusal.code == "no_such_option":
        return _again(request, token, case, posted, problem="form", status=422, wrong={"option": "choose"})
    moved_on = refusal.code == "stale" and posted.verb in case.actions
    problem = "moved_on" if moved_on else "not_now"
    return _again(request, token, case, posted, problem=problem, status=409)


def _again(
    request: Request,
    token: str,
    case: CustomerCase,
    posted: Posted,
    *,
    problem: str,
    status: int,
    wrong: Mapping[str, str] | None = None,
) -> Response:
    """The page with what was typed and what is the matter with it."""
    language = _language(request, case)
    said = {name: _mistake(language, posted.verb, name, kind) for name, kind in (wrong or {}).items()}
    return _shown(request, token, case, posted=posted, problem=problem, wrong=said, status=status)


def _mistake(language: str, verb: str, name: str, kind: str) -> str:
    label = texts.text(language, f"{verb}.{name}")
    return texts.text(language, f"error.{kind}", label=label, most=LONGEST)


def _shown(
    request: Request,
    token: str,
    case: CustomerCase,
    *,
    done: str = "",
    posted: Posted | None = None,
    problem: str = "",
    wrong: Mapping[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The page of a complaint."""
    language = _language(request, case)
    zone = case.procedure.calendar.zone

    def shown_at(at: datetime) -> str:
        return texts.instant(language, at.astimezone(zone))

    def remedies(option: Option) -> list[str]:
        return [_remedy(case, remedy, language) for remedy in option.remedies]

    return page(
        request,
        "complaint.html",
        language,
        status=status,
        case=case,
        state=case.complaint.status.value,
        written=texts.TAGS.get(case.row.language[:2], ""),
        timeline=[event for event in reversed(case.timeline) if event.text],
        ways=[way.title.get(language) or next(iter(way.title.values()), "") for way in case.ways],
        contacts=[
            (
                one.name.get(language) or next(iter(one.name.values()), one.unit),
                {how: one.published[how] for how in PUBLISHED if how in one.published},
            )
            for one in case.contacts
        ],
        forms=FORMS,
        key=new_key(),
        most=LONGEST,
        shown_at=shown_at,
        remedies=remedies,
        zone=case.procedure.calendar.timezone,
        here=f"{root_of(request)}/portal/{token}",
        query=f"?lang={language}" if asked_language(request) else "",
        done=done if done in FORMS else "",
        posted=posted,
        problem=problem,
        wrong=wrong or {},
    )


def _remedy(case: CustomerCase, remedy: Any, language: str) -> str:
    amount = f"{remedy.amount} {remedy.currency}" if remedy.amount is not None else ""
    title = title_of(case.procedure, f"remedy.{remedy.type}", language)
    return " ".join(part for part in (title, amount, remedy.note) if part)


ROUTERS = (router, pages.router)
"""Every page there is, and the style sheet."""
