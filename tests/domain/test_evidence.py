"""Evidence: an answer counts only with files of this complaint, enough of them, of the kind asked for."""

import pytest

from domain import commands as c
from domain.commands import Actor, Asked
from domain.decide import decide
from domain.errors import Refused
from domain.evidence import could_be_files, fits, ids_in, usual_kind
from domain.fields import FieldType, FormField
from domain.forms import problems
from procedures.loader import load_procedure
from tests.drive import Case
from tests.procedures.test_checker import GOOD

PHOTO, SECOND, SOUND, FOREIGN = (f"0000000{n}-0000-4000-8000-000000000000" for n in range(1, 5))
FILES = {PHOTO: "photo", SECOND: "photo", SOUND: "recording"}
FIELD = FormField("photos", FieldType.FILE, {}, required=True, evidence=("photo",), at_least=2)


def wrong(value, field=FIELD, files=FILES):
    return problems((field,), {field.name: value} if value else {}, {}, files).get(field.name, "")


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("", "required"),
        ("a photo", "ids of this complaint's attachments"),
        (f"{PHOTO} {PHOTO}", "twice"),
        (f"{PHOTO}, {FOREIGN}", f"no file {FOREIGN}"),
        (f"{PHOTO},{SOUND}", f"{SOUND} is a recording"),
        (PHOTO, "at least 2"),
    ],
)
def test_what_does_not_count(value, says):
    assert says in wrong(value)


def test_enough_files_of_the_kind_count():
    assert wrong(f"{PHOTO}, {SECOND}") == ""
    assert wrong(SOUND, FormField("any", FieldType.FILE, {})) == ""


def test_nothing_counts_that_nobody_has_looked_up():
    assert "no file" in wrong(f"{PHOTO} {SECOND}", files={})


def test_ids_are_read_as_typed():
    assert ids_in(f" {PHOTO.upper()},\n{SECOND} ") == (PHOTO, SECOND)
    assert not could_be_files("words that are no ids")
    assert not could_be_files(" ")
    assert not could_be_files(" ".join([PHOTO] * 51))


@pytest.mark.parametrize(
    ("media_type", "usual", "also"),
    [
        ("image/jpeg", "photo", {"photo", "document", "batch_record"}),
        ("audio/mpeg", "recording", {"recording"}),
        ("video/mp4", "recording", {"recording"}),
        ("application/pdf", "document", {"document", "batch_record"}),
        ("text/plain", "document", {"document", "batch_record"}),
    ],
)
def test_what_a_file_can_be_evidence_of(media_type, usual, also):
    assert usual_kind(media_type) == usual
    kinds = ("photo", "recording", "batch_record", "document", "gossip")
    assert {kind for kind in kinds if fits(kind, media_type)} == also


PROCEDURE = load_procedure(
    GOOD.replace(
        "    to: [unit:north, same]\n",
        "    to: [unit:north, same]\n    form:\n"
        "      photos: {type: file, title: {en: Photos}, evidence: [photo], required: true}\n",
    )
)
UNIT = Actor("person:north", ("handler",), ("north",))


@pytest.mark.rule("MFG-10", "CTR-2")
def test_an_order_is_not_answered_without_its_evidence():
    case = Case(PROCEDURE, {"kind": "parcel"})
    answer = c.AnswerOrder("1", "The box is torn.", answers={"photos": PHOTO})
    with pytest.raises(Refused) as refused:
        decide(PROCEDURE, case.complaint, answer, Asked(UNIT, files={SOUND: "recording"}), case.now)
    assert refused.value.code == "form"
    assert "no file" in refused.value.fields["photos"]
    events = decide(PROCEDURE, case.complaint, answer, Asked(UNIT, files={PHOTO: "photo"}), case.now)
    assert events[0].fact.answers == {"photos": PHOTO}


def test_information_names_only_files_of_this_complaint():
    case = Case(PROCEDURE, {"kind": "parcel"})
    refusal = case.refused(c.AddInformation("Look at this.", (FOREIGN,)))
    assert (refusal.code, set(refusal.fields)) == ("no_such_file", {"attachments"})
