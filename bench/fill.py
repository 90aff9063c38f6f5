"""Fills a database with complaints in the proportions of a large organisation, for timing lists.

The rows are made inside PostgreSQL. They have no events and no workflow: lists read nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text

from storage.engine import Database

BATCH = 50_000
UNITS = 200
OWNERS = 500

# Skewed as life is: most are closed, few are under review; units differ a hundredfold in size; a month's
# complaints are open, and deadlines are missed by about one in twelve.
_COMPLAINTS = text(
    "INSERT INTO complaints (ref, procedure, version, fingerprint, channel, language, customer_id, "
    "customer_name, title, summary, form, draw, search, status, step, kind, category, severity, unit, owner, "
    "facts, opened_at, closed_at, next_due, breached, major, seq) "
    "SELECT ref, p.name, p.version, p.fingerprint, (ARRAY['hotline','web','email','hall'])[1 + n % 4], 'en', "
    "'c' || n % 300000, (ARRAY['Wang','Li','Zhang','Smith','Jones'])[1 + n % 5] || ' ' || n % 9000, "
    "'Charged for service ' || n % 1000, repeat('The bill shows a service that was never ordered. ', 5), "
    "jsonb_build_object('phone', '+8610' || n, 'product', 'plan ' || n % 50), n % 10000, "
    "array_to_tsvector(ARRAY[lower(ref), 'charged', 'service', 'w' || n % 20000, '宽带']), "
    "status, CASE status WHEN 'closed' THEN '' ELSE status END, 'complaint', "
    "'category ' || (h3 * h3 * 20)::int, (ARRAY['low','low','low','high','high','urgent'])[1 + n % 6], "
    "'unit-' || (h1 * h1 * :units)::int, 'person:' || (h2 * :owners)::int, "
    "jsonb_build_object('severity', 'low', 'kind', 'complaint'), opened_at, "
    "CASE status WHEN 'closed' THEN opened_at + interval '9 days' END, "
    "CASE status WHEN 'closed' THEN NULL ELSE opened_at + interval '12 days' END, "
    "CASE WHEN h3 < 0.08 THEN 1 ELSE 0 END, h3 > 0.99, 12 "
    "FROM (SELECT n, 'FILL-' || lpad(n::text, 9, '0') AS ref, h1, h2, h3, "
    "now() - (CAST(:count AS float8) - n) / :count * interval '3 years' AS opened_at, "
    "CASE WHEN n < :count * 0.95 AND h3 > 0.01 THEN 'closed' "
    "ELSE (ARRAY['handling','handling','handling','decision','callback','proposing','approval','review'])"
    "[1 + (h1 * 7.99)::int % 8] END AS status FROM (SELECT n, "
    "(hashint8extended(n, 1) & 1048575) / 1048576.0::float8 AS h1, "
    "(hashint8extended(n, 2) & 1048575) / 1048576.0::float8 AS h2, "
    "(hashint8extended(n, 3) & 1048575) / 1048576.0::float8 AS h3 "
    "FROM generate_series(CAST(:first AS bigint), CAST(:last AS bigint)) AS n) AS hashed) AS made "
    "CROSS JOIN LATERAL (SELECT name, version, fingerprint FROM procedures WHERE active "
    "ORDER BY hashint8extended(n, 4) # hashtextextended(name, 5) LIMIT 1) AS p"
)
_ORDERS = text(
    "INSERT INTO orders (ref, order_id, unit, purpose, round, state, at, due) "
    "SELECT ref, '1', unit, 'handle', 1, CASE status WHEN 'handling' THEN 'dispatched' ELSE 'answered' END, "
    "opened_at, next_due FROM complaints "
    "WHERE ref BETWEEN 'FILL-' || lpad(CAST(:first AS text), 9, '0') "
    "AND 'FILL-' || lpad(CAST(:last AS text), 9, '0')"
)


def batches(count: int, size: int = BATCH) -> Iterator[tuple[int, int]]:
    """First and last number of each batch up to ``count``."""
    for first in range(1, count + 1, size):
        yield first, min(first + size - 1, count)


async def fill(database: Database, count: int, *, orders: bool = True) -> None:
    """Add ``count`` complaints over the last three years, spread over the procedures that are stored.

    ``orders``: each with an order to its unit. Ends with the statistics the planner needs.
    """
    for first, last in batches(count):
        numbers = {"first": first, "last": last}
        async with database.transaction() as connection:
            # A filling that is lost with the machine is made again.
            await connection.execute(text("SET LOCAL synchronous_commit = off"))
            await connection.execute(
                _COMPLAINTS, {**numbers, "count": count, "units": UNITS, "owners": OWNERS}
            )
            if orders:
                await connection.execute(_ORDERS, {"first": str(first), "last": str(last)})
    await database.run(text("VACUUM ANALYZE complaints"))
    await database.run(text("VACUUM ANALYZE orders"))
