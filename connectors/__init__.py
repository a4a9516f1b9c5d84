"""What does an LMS know about its courses and people? One vocabulary, read from any LMS, over a careful line.

    with Transport() as transport:
        source = open_source("moodle", "https://moodle.example.org", token, transport)
        for page in source.enrolment_pages(course_id):
            ...

Nothing here knows a community, a web framework or a database.
"""

from connectors.errors import BadAnswer, ConnectorError, NotAllowed, NotFound, Refused, Unavailable
from connectors.roster import Cohort, Course, Enrolment, Group, Person, Site
from connectors.source import Missing, Page, Probe, RosterSource, open_source
from connectors.transport import Limits, Transport

__all__ = [
    "BadAnswer",
    "Cohort",
    "ConnectorError",
    "Course",
    "Enrolment",
    "Group",
    "Limits",
    "Missing",
    "NotAllowed",
    "NotFound",
    "Page",
    "Person",
    "Probe",
    "Refused",
    "RosterSource",
    "Site",
    "Transport",
    "Unavailable",
    "open_source",
]
