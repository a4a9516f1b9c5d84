"""What does an LMS know about its courses and people? One vocabulary, read from any LMS, over a careful line.

    with Transport() as transport:
        source = open_source("moodle", "https://moodle.example.org", token, transport)
        for page in source.enrolment_pages(course_id):
            ...

Nothing here knows a community, a web framework or a database.
"""

from connectors.errors import BadAnswer, ConnectorError, NotAllowed, NotFound, Refused, Unavailable
from connectors.outcomes import LEVELS, Outcome, OutcomeSource
from connectors.roster import (
    POST_TYPES,
    Category,
    Cohort,
    Course,
    Enrolment,
    Group,
    Grouping,
    Person,
    Site,
)
from connectors.source import (
    BrokenSource,
    Installed,
    Missing,
    Page,
    Probe,
    RosterSource,
    installed_sources,
    open_source,
)
from connectors.transport import Limits, Transport

__all__ = [
    "LEVELS",
    "POST_TYPES",
    "BadAnswer",
    "BrokenSource",
    "Category",
    "Cohort",
    "ConnectorError",
    "Course",
    "Enrolment",
    "Group",
    "Grouping",
    "Installed",
    "Limits",
    "Missing",
    "NotAllowed",
    "NotFound",
    "Outcome",
    "OutcomeSource",
    "Page",
    "Person",
    "Probe",
    "Refused",
    "RosterSource",
    "Site",
    "Transport",
    "Unavailable",
    "installed_sources",
    "open_source",
]
