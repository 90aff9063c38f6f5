"""Payments: asked for by a signed webhook, as in the Standard Webhooks specification."""

from __future__ import annotations

import json
from dataclasses import replace

from channels.webhook import WebhookChannel, WebhookConfig
from domain.postings import Payment


class WebhookPayments:
    """Asks a payment system by webhook; ``webhook-id`` names the payment, the same on every try.

    The receiver pays once for each ``webhook-id`` (``data.key`` says the same in clear) and answers 2xx when
    it has: 4xx refuses for good (except 408, 409, 425, 429), everything else is asked again.
    """

    def __init__(self, config: WebhookConfig) -> None:
        """Raises ValueError when the secret or the URL cannot be used."""
        if not config.url:
            raise ValueError("payments need the URL of a payment system")
        self._webhook = WebhookChannel(replace(config, secret_of=None))

    async def pay(self, payment: Payment) -> str:
        """Ask for the payment and return the receipt: what the system says in ``{"receipt": …}``, else its
        status.

        Raises DeliveryFailed as the webhook channel does.
        """
        answer = await self._webhook.post(payment.key, _body(payment))
        try:
            said = json.loads(answer.text) if answer.text else None
        except ValueError:
            said = None
        receipt = said.get("receipt") if isinstance(said, dict) else None
        return str(receipt)[:200] if receipt else f"HTTP {answer.status}"


def _body(payment: Payment) -> str:
    """``{type, timestamp, data}``; the same on every try. Amounts are text: exact, whatever reads them."""
    return json.dumps(
        {
            "type": "payout.requested",
            "timestamp": payment.at.isoformat(),
            "data": {
                "key": payment.key,
                "ref": payment.ref,
                "posting": payment.posting,
                "entry": payment.entry,
                "amount": str(payment.amount),
                "currency": payment.currency,
                "from": payment.source,
                "to": payment.target,
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
