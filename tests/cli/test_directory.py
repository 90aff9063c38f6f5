"""`putright directory`: what the API does with units and people, at the command line."""

from __future__ import annotations

from tests.cli.conftest import Putright


async def test_an_organisation_is_built_and_changed(with_database: Putright) -> None:
    putright = with_database
    unit = (
        "directory",
        "unit",
        "cl-hq",
        "--name",
        "en=Headquarters",
        "--name",
        "zh=总部",
        "--kind",
        "company",
    )
    assert "Headquarters / 总部" in (await putright(*unit)).out
    await putright("directory", "unit", "cl-desk", "--name", "en=Desk", "--above", "cl-hq")
    person = ("directory", "person", "cl-li", "--name", "Li", "--email", "li@cl.example")
    assert (await putright(*person, "--json")).data["email"] == "li@cl.example"
    renamed = (await putright("directory", "person", "cl-li", "--name", "Li Wei", "--json")).data
    assert (renamed["name"], renamed["email"]) == ("Li Wei", "li@cl.example")
    await putright("directory", "unit", "cl-desk", "--published", "phone=12315")
    desk = (await putright("directory", "unit", "cl-desk", "--kind", "counter", "--json")).data
    assert (desk["name"], desk["parent_id"], desk["published"]) == (
        {"en": "Desk"},
        "cl-hq",
        {"phone": "12315"},
    )
    held = await putright(
        "directory", "post", "cl-li", "handler", "--unit", "cl-desk", "--rank", "B", "--json"
    )
    assert held.data["posts"] == [{"unit_id": "cl-desk", "role": "handler", "rank": "B"}]
    days = ("--from", "2030-02-01T09:00:00+08:00", "--to", "2030-02-08T09:00:00+08:00")
    assert (await putright("directory", "absence", "cl-li", *days, "--json")).data["absences"]
    assert not (await putright("directory", "absence", "cl-li", "--back", "--json")).data["absences"]
    change = ("directory", "contact", "cl-li", "--phone", "12", "--on", "2030-02-01T09:00:00+08:00", "--json")
    assert (await putright(*change)).data["contact_changes"][0]["phone"] == "12"
    assert "cl-li" in (await putright("directory", "show", "cl-desk")).out
    assert "handler in cl-desk (B)" in (await putright("directory", "people", code=0)).out.replace("\n", " ")
    refused = await putright("directory", "dissolve", "cl-hq", code=3)
    assert "cl-desk" in refused.err
    assert (await putright("directory", "dissolve", "cl-desk", "--json")).data["active_to"]
    assert "cl-desk" in (await putright("directory", "units")).out


async def test_what_is_typed_wrongly_is_said(with_database: Putright) -> None:
    putright = with_database
    assert "of the form" in (await putright("directory", "unit", "cl-x", "--name", "Desk", code=2)).err
    assert (
        "offset"
        in (await putright("directory", "contact", "cl-x", "--phone", "1", "--on", "2030-02-01", code=2)).err
    )
    assert "--from" in (await putright("directory", "absence", "cl-x", code=2)).err
    assert "A or B" in (await putright("directory", "post", "cl-x", "handler", "--rank", "C", code=2)).err
    assert "cl-nobody" in (await putright("directory", "show", "cl-nobody", code=2)).err
