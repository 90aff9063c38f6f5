"""Reading who is told what, and in which words: notices and texts."""

from __future__ import annotations

from domain.notice import Notice, Text
from procedures.nodes import Entry
from procedures.offices import read_posts
from procedures.sheet import Sheet, read_condition, read_trigger

PARTS = ("subject", "thanks", "apology", "body", "closing")


def read_notices(sheet: Sheet, entry: Entry | None) -> tuple[Notice, ...]:
    """The notices: on which trigger who is told which text."""
    return tuple(_read_notice(sheet, item) for item in entry.items()) if entry else ()


def _read_notice(sheet: Sheet, entry: Entry) -> Notice:
    table = entry.table(("on", "to", "text", "when"))
    on = table.need("on", "what has to happen, for example opened")
    to = table.need("to", "who is told, for example customer or handler")
    text = table.need("text", "the name of the text that is sent")
    template = text.text() if text else ""
    sheet.notices.append(entry.place)
    return Notice(
        on=read_trigger(sheet, on) if on else "",
        to=read_posts(sheet, to, with_customer=True),
        template=template,
        when=read_condition(sheet, table.get("when")),
    )


def read_texts(
    sheet: Sheet, entry: Entry | None, shared_by: Entry | None = None
) -> dict[str, dict[str, Text]]:
    """The texts by name and language.

    ``shared_by`` is where a procedure takes texts over that others share: of those only its own languages
    are kept, and what is wrong with them is told there.
    """
    found: dict[str, dict[str, Text]] = {}
    if entry is None:
        return found
    for name, key, value in entry.named():
        sheet.put("text", name, shared_by or key)
        languages = value.table(() if shared_by else sheet.languages)
        found[name] = {}
        for language, (language_key, parts) in languages.rows.items():
            if language in sheet.languages:
                sheet.put("text", f"{name}.{language}", shared_by or language_key)
                found[name][language] = _read_text(sheet, f"{name}.{language}", parts, shared_by)
    return found


def _read_text(sheet: Sheet, where: str, entry: Entry, shared_by: Entry | None) -> Text:
    table = entry.table(PARTS)
    table.need("subject", "one line that says what the message is about")
    for part, (_, value) in table.rows.items():
        sheet.put("text", f"{where}.{part}", shared_by or value)
    return Text(**{part: table.text(part) for part in PARTS})
