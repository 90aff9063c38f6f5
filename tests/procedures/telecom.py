"""Complaints under the telecom pack, as far as a test needs them to have come."""

from domain import commands as c
from domain.events import Option, Remedy
from procedures.loader import load_pack
from tests.drive import Case

PACK = load_pack("telecom-si")
SI = "si-north"
EXPLAINED = (Option("1", "We explain the charge.", (Remedy("explanation"),)),)


def opened(**facts):
    """A complaint about an SI, received by the operator; ``facts`` replace the defaults."""
    return Case(PACK, {**PACK.defaults, **facts})


def answered(case, unit=SI):
    """Dispatch to ``unit`` unless it has the order already, and answer."""
    if not any(order.unit == unit for order in case.complaint.open_orders()):
        case.do(c.Dispatch(unit=unit))
    case.do(c.AnswerOrder(order=case.order, result="The charge was checked."))
    return case


def proposed(case, *remedies):
    """Answered and proposed, with an explanation unless other remedies are given."""
    answered(case)
    options = (Option("1", "As follows.", remedies),) if remedies else EXPLAINED
    case.do(c.Propose(options=options))
    return case


def called_back(case, outcome="satisfied", **more):
    case.do(c.RecordCallback(outcome, **more))
    return case


def dispatched(purpose="handle", **facts):
    case = opened(**facts)
    case.do(c.Dispatch(unit=SI, purpose=purpose))
    return case
