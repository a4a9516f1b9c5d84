"""When does somebody want to be left alone? Evenings, nights and weekends, unless they say otherwise."""

from datetime import datetime, timedelta, tzinfo

from lms_plc.notifications.queries import Choice

SATURDAY = 5
_LONGEST = 24 * 8
"""Hours after which any quiet has ended."""


def awake_at(choice: Choice, at: datetime, zone: tzinfo) -> datetime:
    """The moment itself, or the first one after it that is not quiet."""
    moment = at
    for _ in range(_LONGEST):
        if not is_quiet(choice, moment, zone):
            return moment
        local = moment.astimezone(zone)
        moment += timedelta(hours=1) - timedelta(
            minutes=local.minute, seconds=local.second, microseconds=local.microsecond
        )
    return moment


def is_quiet(choice: Choice, at: datetime, zone: tzinfo) -> bool:
    local = at.astimezone(zone)
    if choice.quiet_weekends and local.weekday() >= SATURDAY:
        return True
    if choice.quiet_from <= choice.quiet_until:
        return choice.quiet_from <= local.hour < choice.quiet_until
    return local.hour >= choice.quiet_from or local.hour < choice.quiet_until
