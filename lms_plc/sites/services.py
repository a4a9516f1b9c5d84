"""The way to the services of all registered platforms: whoever tells or asks an LMS something by LTI takes it here."""

from lms_plc.house import House
from lms_plc.sites.outgoing import platform_http
from lms_plc.sites.stores import StoredToolKeys
from lti.services.calls import Caller
from lti.services.token import AccessTokens


def open_services(house: House) -> Caller:
    """For as long as there is something to ask: access tokens are kept with it."""
    http = platform_http(house.settings)
    tokens = AccessTokens(http, StoredToolKeys(house.database, house.seal, house.clock), house.clock)
    return Caller(http, tokens)
