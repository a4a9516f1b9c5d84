"""What an LMS has to be told to register this tool by hand, to the slash, in Moodle's own words."""

from lms_plc.sites.arrivals import CONTEXT_HISTORY
from lms_plc.web.i18n import N_

CUSTOM_PARAMETERS = {
    CONTEXT_HISTORY: "$Context.id.history",
}
"""Asked for so that a copied course is known as a copy."""


def tool_values(base_url: str) -> list[tuple[str, str]]:
    """Label (a message id; Moodle's English name of the field) and value, in the order of Moodle's form."""
    return [
        (N_("Tool name"), "Learning communities"),
        (N_("Tool URL"), f"{base_url}/lti/launch"),
        (N_("LTI version"), "LTI 1.3"),
        (N_("Public key type"), "Keyset URL"),
        (N_("Public keyset"), f"{base_url}/lti/jwks"),
        (N_("Initiate login URL"), f"{base_url}/lti/login"),
        (N_("Redirection URI(s)"), f"{base_url}/lti/launch"),
        (N_("Custom parameters"), "\n".join(f"{name}={value}" for name, value in CUSTOM_PARAMETERS.items())),
        (N_("Tool configuration usage"), "Show in activity chooser and as a preconfigured tool"),
        (N_("Default launch container"), "Embed, without blocks"),
        (N_("IMS LTI Names and Role Provisioning"), "Use this service to retrieve members' information"),
        (N_("Share launcher's name with tool"), "Always"),
        (N_("Share launcher's email with tool"), "Never"),
    ]
