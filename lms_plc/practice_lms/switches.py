"""What can be switched on that Moodle 4.5 does not have, so that a tool can be tried with an LMS that does."""

from collections.abc import Mapping
from types import MappingProxyType

SWITCHES: Mapping[str, str] = MappingProxyType(
    {
        "storage": "Platform storage: the page around the tool keeps what the tool gives it",
        "notices": "Notices: the tool is told when a course was copied",
        "groups": "Course groups: the tool may read the groups of a course",
        "differences": "Roster differences: the tool may read what changed in a roster",
        "privacy": "Data privacy launch: people can open the tool's page about their data",
        "deep_link_data": "Deep linking data: the tool must send back what it was given",
    }
)
"""Name → what stands beside it on the admin's page. All are off until somebody turns them on."""
