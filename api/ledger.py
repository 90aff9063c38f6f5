"""Money: what a complaint has booked, statements of accounts, and payments that wait or have failed."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query

from api.auth import Caller, Site, one_of
from api.complaints import After, Limit, Ref
from api.problems import answers
from api.schemas.base import Page, told
from api.schemas.ledger import BalanceView, LedgerView, LineView, PayoutView, StatementView
from api.texts import Word
from services import ledger as service

router = APIRouter(prefix="/api/v1", tags=["ledger"])

Language = Annotated[str, Query(max_length=8, description="Of titles.", examples=["en"])]
Month = Annotated[str, Query(max_length=7, description="Year and month.", examples=["2026-11"])]


@router.get(
    "/complaints/{ref}/ledger",
    summary="What it has booked",
    responses=answers(404),
    operation_id="read_ledger",
)
async def read_ledger(ref: Ref, actor: Caller, site: Site, language: Language = "en") -> LedgerView:
    """Every line, who it is between, and how the accounts stand. Units see the lines of their own account."""
    found = await service.of_complaint(site, ref, actor)
    lines = []
    for line in found.lines:
        posting = found.postings.get(line.posting)
        lines.append(
            LineView(
                **asdict(line),
                title=told(found.titles.get(line.entry, {"en": line.entry}), language),
                state=posting.state.value if posting else "",
                reversed_by=posting.reversed_by if posting else "",
            )
        )
    return LedgerView(lines=lines, balances=[BalanceView.model_validate(b) for b in found.balances])


@router.get(
    "/ledger/accounts/{account}",
    summary="Statement of an account",
    responses=answers(403),
    operation_id="read_statement",
)
async def read_statement(
    account: Annotated[str, Path(max_length=200, examples=["unit:si-alpha"])],
    month: Month,
    actor: Caller,
    site: Site,
) -> StatementView:
    """One account in one month: a partner's settlement, points it lost, what a person was charged.

    Positive amounts are what it got. Units and persons see their own account.
    """
    return StatementView.model_validate(await service.statement(site, account, month, actor))


@router.get(
    "/ledger/accounts",
    summary="Balances",
    responses=answers(403),
    operation_id="list_balances",
    dependencies=[Depends(one_of(*service.BOOKKEEPERS))],
)
async def list_balances(  # noqa: PLR0917 - one argument for each filter
    actor: Caller,
    site: Site,
    month: Month = "",
    kind: Annotated[Word, Query(description=f"One of {', '.join(service.KINDS)}.")] = "",
    after: After = "",
    limit: Limit = 50,
) -> Page[BalanceView]:
    """How the accounts stand, in a month or over all time."""
    page = await service.balances(site, actor, month=month, kind=kind, after=after, limit=limit)
    return Page[BalanceView](items=[BalanceView.model_validate(b) for b in page.items], after=page.after)


@router.get(
    "/payouts",
    summary="Payments",
    responses=answers(403),
    operation_id="list_payouts",
    dependencies=[Depends(one_of(*service.BOOKKEEPERS))],
)
async def list_payouts(
    actor: Caller,
    site: Site,
    state: Annotated[Literal["due", "held", "failed", "paid"], Query()] = "failed",
    limit: Limit = 50,
) -> list[PayoutView]:
    """Payments that wait, are held, have failed or were made, the oldest first.

    A payment to a unit whose settlement is suspended is held, and made when that ends.
    """
    return [PayoutView.model_validate(p) for p in await service.payouts(site, actor, state, limit=limit)]
