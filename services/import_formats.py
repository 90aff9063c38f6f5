"""The formats that can be imported, as data: which column of a source becomes what of a complaint."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

from domain.fields import FieldType
from domain.procedure import Procedure

TITLE_LENGTH = 200
EARLIEST = 1970
ADDED_TO_REJECTS = ("line", "reason")
"""Columns a reject file has beside those of its source."""


class BadRow(ValueError):
    """A row of a source cannot become a complaint; the message says why."""


class WrongFormat(ValueError):
    """A file is not of the format named, or the format does not suit the procedure; the message says why."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What is taken over from a row; ``received_at`` is aware UTC."""

    source_id: str
    received_at: datetime
    channel: str
    title: str
    summary: str
    facts: Mapping[str, str]
    form: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Words:
    """A column whose values are put into the words of a procedure's vocabulary.

    ``otherwise`` is the word for a value that is not listed; without it such a row is rejected.
    """

    column: str
    words: Mapping[str, str]
    otherwise: str = ""

    def of(self, row: Mapping[str, str]) -> str:
        """The word for this row's value; raises BadRow for an unknown value."""
        value = row.get(self.column, "")
        word = self.words.get(value.casefold(), self.otherwise)
        if not word:
            raise BadRow(f"{self.column} {value!r} is not known: {', '.join(self.words)}")
        return word


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of CSV file.

    ``columns``:  those a file must have to be of this format
    ``needed``:   those that must be filled in in every row
    ``id``:       the column with the source's own id; a row without one is known by its content
    ``received``: when the complaint was received, in ``timezone`` unless it says otherwise
    ``dates``:    other columns that hold a date when they are filled in
    ``ordered``:  pairs of dates of which the first must not be later than the second
    ``blanks``:   values that mean nothing
    ``facts``:    facts of the procedure, ``form``: fields of its form, each by the column they come from
    ``told``:     what is written below the story, with the name before it: nothing of a row is lost when a
                  procedure has no field for it
    """

    name: str
    title: str
    timezone: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    id: str
    received: str
    headline: tuple[str, ...]
    story: str
    channel: str | Words
    facts: Mapping[str, Words]
    form: Mapping[str, str]
    essential: tuple[str, ...]
    told: tuple[str, ...]
    dates: tuple[str, ...] = ()
    ordered: tuple[tuple[str, str], ...] = ()
    blanks: frozenset[str] = field(default_factory=lambda: frozenset(("", "none", "n/a")))

    def check_columns(self, found: list[str]) -> None:
        """Raise WrongFormat unless the columns of a file are those of this format."""
        missing = [name for name in self.columns if name not in found]
        if missing:
            others = [f.name for f in FORMATS.values() if all(name in found for name in f.columns)]
            hint = f" It looks like --format {others[0]}." if others else ""
            raise WrongFormat(f"this is no {self.name} file: it has no column {', '.join(missing)}.{hint}")

    def check_procedure(self, procedure: Procedure, unit: str = "") -> None:
        """Raise WrongFormat unless complaints of this procedure can hold what such rows say.

        ``unit``: the one that all rows are about; it fills the field for it.
        """
        fields = {form_field.name for form_field in procedure.fields}
        lacking = [f"no field {name!r}" for name in self.essential if name not in fields]
        for name, words in self.facts.items():
            known = procedure.vocabulary.get(name)
            if known is None:
                lacking.append(f"no fact {name!r}")
            elif not set(words.words.values()) | {words.otherwise} <= {*known, ""}:
                lacking.append(f"other words for {name!r}")
        channels = procedure.vocabulary.get("channel")
        ours = set(self.channel.words.values()) if isinstance(self.channel, Words) else {self.channel}
        if channels is not None and not ours <= set(channels):
            lacking.append(f"no channel {', '.join(sorted(ours - set(channels)))}")
        filled = {*self.form, *(f.name for f in procedure.fields if f.subject and unit)}
        required = [f.name for f in procedure.fields if f.required and f.name not in filled]
        lacking += [f"a required field {name!r} that such rows cannot fill" for name in required]
        if lacking:
            raise WrongFormat(
                f"{self.name} rows cannot become complaints of {procedure.name}: it has {', '.join(lacking)}"
            )

    def take(self, raw: Mapping[str, str], procedure: Procedure, now: datetime) -> Taken:
        """What a complaint of ``procedure`` takes over from a row; raises BadRow with the reason."""
        row = {
            name: "" if value.strip().casefold() in self.blanks else value.strip()
            for name, value in raw.items()
        }
        missing = [name for name in self.needed if not row.get(name)]
        if missing:
            raise BadRow(f"{', '.join(missing)} is missing")
        at = {name: self._date(name, row[name]) for name in (self.received, *self.dates) if row.get(name)}
        received_at = at[self.received]
        if received_at > now:
            raise BadRow(f"{self.received} {row[self.received]!r} lies in the future")
        for first, second in self.ordered:
            if first in at and second in at and at[second] < at[first]:
                raise BadRow(f"{second} {row[second]!r} is before {first} {row[first]!r}")
        types = {form_field.name: form_field.type for form_field in procedure.fields}
        form = {
            name: self._local_date(at[column]) if types[name] is FieldType.DATE else row[column]
            for name, column in self.form.items()
            if name in types and row.get(column)
        }
        placed = {column for name, column in self.form.items() if name in types}
        left = [f"{name}: {row[name]}" for name in self.told if row.get(name) and name not in placed]
        source_id = row.get(self.id) or content_id(raw)
        if len(source_id) > TITLE_LENGTH:
            raise BadRow(f"{self.id} is longer than {TITLE_LENGTH} characters")
        return Taken(
            source_id=source_id,
            received_at=received_at,
            channel=self.channel.of(row) if isinstance(self.channel, Words) else self.channel,
            title=_shortened(" · ".join(row[name] for name in self.headline if row.get(name))),
            summary="\n\n".join(part for part in (row.get(self.story, ""), "\n".join(left)) if part),
            facts={name: words.of(row) for name, words in self.facts.items()},
            form=form,
        )

    def _local_date(self, at: datetime) -> str:
        return at.astimezone(ZoneInfo(self.timezone)).date().isoformat()

    def _date(self, name: str, value: str) -> datetime:
        """An instant from any of the ways such files write dates; raises BadRow for one that cannot be."""
        for pattern in _DATES:
            try:
                found = datetime.strptime(value, pattern)  # noqa: DTZ007 - the zone is the source's, added below
            except ValueError:
                continue
            if found.year < EARLIEST:
                break
            return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.timezone))).astimezone(UTC)
        raise BadRow(f"{name} {value!r} is no date")


_DATES = (
    "%m/%d/%Y",
    "%m/%d/%y",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M",
    "%Y-%m-%d",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S%z",
)


def content_id(raw: Mapping[str, str]) -> str:
    """An id for a row that has none: the same content has the same id, whatever the order of columns.

    What a reject file adds to a row does not count.
    """
    text = "\x1e".join(f"{name}\x1f{raw[name]}" for name in sorted(raw) if name not in ADDED_TO_REJECTS)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _shortened(text: str) -> str:
    return text if len(text) <= TITLE_LENGTH else f"{text[: TITLE_LENGTH - 1]}…"


CFPB = Format(
    name="cfpb",
    title="US Consumer Financial Protection Bureau, complaint database",
    timezone="America/New_York",
    columns=("Date received", "Product", "Issue", "Company"),
    needed=("Date received", "Product", "Issue", "Company"),
    id="Complaint ID",
    received="Date received",
    dates=("Date sent to company",),
    headline=("Issue", "Company"),
    story="Consumer complaint narrative",
    channel=Words(
        "Submitted via",
        MappingProxyType(
            {
                "web": "web",
                "phone": "hotline",
                "postal mail": "letter",
                "fax": "fax",
                "email": "email",
                "referral": "referral",
                "web referral": "referral",
                "": "web",
            }
        ),
    ),
    facts={
        "product": Words(
            "Product",
            MappingProxyType(
                {
                    "credit reporting": "credit_reporting",
                    "credit reporting or other personal consumer reports": "credit_reporting",
                    "credit reporting, credit repair services, or other personal consumer reports": (
                        "credit_reporting"
                    ),
                    "debt collection": "debt_collection",
                    "credit card": "credit_card",
                    "credit card or prepaid card": "credit_card",
                    "bank account or service": "bank_account",
                    "checking or savings account": "bank_account",
                    "mortgage": "mortgage",
                    "student loan": "student_loan",
                    "vehicle loan or lease": "vehicle_loan",
                    "consumer loan": "personal_loan",
                    "payday loan": "personal_loan",
                    "payday loan, title loan, or personal loan": "personal_loan",
                    "payday loan, title loan, personal loan, or advance loan": "personal_loan",
                    "money transfers": "money_transfer",
                    "money transfer, virtual currency, or money service": "money_transfer",
                    "virtual currency": "money_transfer",
                    "prepaid card": "prepaid_card",
                    "debt or credit management": "debt_management",
                }
            ),
            otherwise="other",
        ),
        "consumer": Words(
            "Tags",
            MappingProxyType(
                {
                    "older american": "older_american",
                    "servicemember": "servicemember",
                    "older american, servicemember": "servicemember",
                }
            ),
            otherwise="general",
        ),
    },
    form={
        "product_name": "Product",
        "sub_product": "Sub-product",
        "issue": "Issue",
        "sub_issue": "Sub-issue",
        "company": "Company",
        "state": "State",
        "zip_code": "ZIP code",
        "received_on": "Date received",
    },
    essential=("issue",),
    told=(
        "Date received",
        "Company",
        "Product",
        "Sub-product",
        "Sub-issue",
        "State",
        "Date sent to company",
        "Company response to consumer",
        "Company public response",
    ),
)

NYC311 = Format(
    name="nyc311",
    title="New York City, 311 service requests",
    timezone="America/New_York",
    columns=("Unique Key", "Created Date", "Agency", "Complaint Type"),
    needed=("Unique Key", "Created Date", "Complaint Type"),
    id="Unique Key",
    received="Created Date",
    dates=("Closed Date", "Due Date", "Resolution Action Updated Date"),
    ordered=(("Created Date", "Closed Date"),),
    headline=("Complaint Type", "Descriptor", "Borough"),
    story="",
    channel="hotline",
    facts={},
    form={
        "product_name": "Agency",
        "issue": "Complaint Type",
        "sub_issue": "Descriptor",
        "received_on": "Created Date",
    },
    essential=("issue",),
    told=(
        "Created Date",
        "Agency",
        "Descriptor",
        "Location Type",
        "Borough",
        "Status",
        "Due Date",
        "Closed Date",
        "Resolution Description",
    ),
)

FORMATS: Mapping[str, Format] = {found.name: found for found in (CFPB, NYC311)}
"""By the names `--format` takes."""
