"""Teacher professional learning communities inside an LMS: the host of lti/ and connectors/."""

__version__ = "0.1.0"
