"""Time limits as procedures write them: an amount and a unit, such as ``24h``, ``8wh`` or ``3wd``."""

import re
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar, Literal, cast, get_args

Unit = Literal["s", "m", "h", "ws", "wm", "wh", "wd", "d", "w"]

_SECONDS: dict[str, int] = {"s": 1, "m": 60, "h": 3600, "ws": 1, "wm": 60, "wh": 3600}
_DAYS: dict[str, int] = {"wd": 1, "d": 1, "w": 7}
_WORKING: frozenset[str] = frozenset({"ws", "wm", "wh", "wd"})
_WRITTEN = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(wd|wh|wm|ws|[smhdw])")


class WorktimeError(ValueError):
    """Something about business time cannot be computed; `code` names the kind for translation."""

    code: ClassVar[str] = "worktime"


class LimitError(WorktimeError):
    """A limit makes no sense: negative, a part of a day, an unknown unit."""

    code: ClassVar[str] = "limit"


def counts_working_time(unit: Unit) -> bool:
    """Whether `unit` is measured in the calendar's working time (else in real time)."""
    return unit in _WORKING


@dataclass(frozen=True, slots=True)
class Limit:
    """How long something may take.

    Units: `s m h` real time, `ws wm wh` working time, `wd` working days, `d` calendar days, `w` weeks of
    seven calendar days. Amounts are never negative; zero means "at once"; days and weeks are whole, the other
    units may have a fraction as long as it is a whole number of microseconds. Two limits are equal when they
    are written the same: `90m` is not `1.5h`. Raises `LimitError` for anything else.
    """

    amount: int | Decimal
    unit: Unit

    def __post_init__(self) -> None:
        if self.unit not in get_args(Unit):
            raise LimitError(f"unknown unit {self.unit!r}: use one of {', '.join(get_args(Unit))}")
        if isinstance(self.amount, bool) or not isinstance(self.amount, int | Decimal):
            raise LimitError(f"an amount is a whole or decimal number, not {self.amount!r}")
        amount = Decimal(self.amount)
        if not amount.is_finite() or amount < 0:
            raise LimitError(f"an amount is zero or more, not {self.amount}")
        if amount == amount.to_integral_value():
            object.__setattr__(self, "amount", int(amount))
        elif self.unit in _DAYS:
            raise LimitError(f"days and weeks are whole: {self.amount}{self.unit}")
        else:
            micros = amount * _SECONDS[self.unit] * 1_000_000
            if micros != micros.to_integral_value():
                raise LimitError(f"finer than a microsecond: {self.amount}{self.unit}")
            object.__setattr__(self, "amount", amount.normalize())

    @classmethod
    def parse(cls, text: str) -> "Limit":
        """Read `8wh`, `1.5h`, `15d`, …; surrounding blanks are allowed. Raises `LimitError`."""
        found = _WRITTEN.fullmatch(text.strip()) if isinstance(text, str) else None
        if found is None:
            raise LimitError(
                f"not a limit: {text!r}; write a number and a unit, such as 24h, 8wh, 3wd, 15d or 8w"
            )
        return cls(Decimal(found[1]), cast(Unit, found[2]))  # the pattern lets no other unit through

    def __str__(self) -> str:
        """The form `parse` reads."""
        return (
            f"{self.amount:f}{self.unit}" if isinstance(self.amount, Decimal) else f"{self.amount}{self.unit}"
        )

    @property
    def days(self) -> int:
        """Number of days (working days for `wd`, else calendar days); 0 for the units of time."""
        return int(self.amount) * _DAYS.get(self.unit, 0)

    @property
    def in_days(self) -> bool:
        """Whether the limit is counted in whole days (`wd`, `d`, `w`)."""
        return self.unit in _DAYS

    @property
    def micros(self) -> int:
        """Exact length in microseconds; 0 for the units of days."""
        return int(self.amount * _SECONDS.get(self.unit, 0) * 1_000_000)

    @property
    def duration(self) -> timedelta:
        """Length of a limit of hours, minutes or seconds; raises `LimitError` for the units of days."""
        if self.in_days:
            raise LimitError(f"{self} has no fixed length")
        try:
            return timedelta(microseconds=self.micros)
        except OverflowError as error:
            raise LimitError(f"{self} is too long") from error
