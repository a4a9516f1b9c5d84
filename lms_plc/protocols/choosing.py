"""Which protocol fits? By what it is for, how many come, and how long there is.

Nothing is hidden that was asked for by its purpose: what does not fit is shown with the reason, after what does.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from lms_plc.protocols.content import shipped
from lms_plc.protocols.queries import ProtocolListed
from lms_plc.protocols.wording import said
from lms_plc.web.i18n import gettext, ngettext

MOST = 999


@dataclass(frozen=True, slots=True)
class Asked:
    """``when`` is a line of a protocol's ``use_when``; None for what was not said."""

    when: str = ""
    people: int | None = None
    minutes: int | None = None

    def __bool__(self) -> bool:
        return bool(self.when) or self.people is not None or self.minutes is not None


@dataclass(frozen=True, slots=True)
class Fitting:
    protocol: ProtocolListed
    why_not: tuple[str, ...] = ()


def asked_in(given: Mapping[str, str]) -> Asked:
    """What somebody asked; nonsense asks nothing."""
    when = given.get("when", "")
    return Asked(when if when in occasions() else "", _number(given.get("people")), _number(given.get("minutes")))


def occasions() -> list[str]:
    """When the shipped protocols are of use, as it is written, in their order."""
    return list(dict.fromkeys(line for one in shipped().values() for line in one.content.use_when))


def fitting(protocols: Sequence[ProtocolListed], asked: Asked) -> list[Fitting]:
    """What is made for the occasion, then what is of its family and fits; without an occasion all that fits."""
    found = [Fitting(one, _why_not(one, asked)) for one in protocols]
    if not asked.when:
        return [one for one in found if not one.why_not]
    made_for = [one for one in found if asked.when in one.protocol.use_when]
    families = {one.protocol.family for one in made_for}
    akin = [one for one in found if one not in made_for and one.protocol.family in families and not one.why_not]
    return sorted(made_for, key=lambda one: bool(one.why_not)) + akin


def occasion_names() -> list[tuple[str, str]]:
    return [(line, said(line)) for line in occasions()]


def _why_not(one: ProtocolListed, asked: Asked) -> tuple[str, ...]:
    reasons = []
    if asked.minutes is not None and one.minutes > asked.minutes:
        reasons.append(
            ngettext(
                "It takes %(num)s minute; you can adapt it and leave out a step.",
                "It takes %(num)s minutes; you can adapt it and leave out a step.",
                one.minutes,
            )
        )
    if asked.people is not None and asked.people < one.smallest:
        reasons.append(ngettext("It needs at least %(num)s person.", "It needs at least %(num)s people.", one.smallest))
    if asked.people is not None and asked.people > one.largest:
        many = gettext("It is made for at most %(num)s people; you could split into groups.", num=one.largest)
        reasons.append(many)
    return tuple(reasons)


def _number(given: str | None) -> int | None:
    if not given or not given.strip().isascii() or not given.strip().isdigit():
        return None
    return min(int(given.strip()[:6]), MOST)
