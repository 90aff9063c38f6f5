"""Telling a database that is away from a query that is wrong."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from services.connect import is_database_down
from storage.engine import Database


class _Driver(Exception):
    def __init__(self, sqlstate: str) -> None:
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("sqlstate", "away"),
    [
        ("57P03", True),  # the database system is starting up
        ("57P01", True),  # terminating connection due to administrator command
        ("57P02", True),  # terminating connection because of crash of another server process
        ("08006", True),  # connection failure
        ("53300", True),  # too many clients already
        ("53100", True),  # its disk is full
        ("53200", True),  # out of memory
        ("58030", True),  # it cannot read or write its files
        ("25006", True),  # it takes no writes: a standby, or one kept read-only while it is mended
        ("28P01", True),  # the password is wrong
        ("3D000", True),  # there is no such database
        ("23505", False),  # unique violation
        ("42P01", False),  # there is no such table
    ],
)
def test_the_state_the_server_answers_with_tells(sqlstate: str, away: bool) -> None:
    assert is_database_down(DBAPIError("SELECT 1", {}, _Driver(sqlstate))) is away


def test_no_free_connection_in_time_is_away() -> None:
    assert is_database_down(PoolTimeout())


async def test_a_wrong_query_is_no_outage(database_url: str) -> None:
    database = Database.at(database_url, pool_size=1)
    try:
        with pytest.raises(DBAPIError) as caught:
            await database.first(text("SELECT nothing FROM nowhere"))
    finally:
        await database.close()
    assert not is_database_down(caught.value)
