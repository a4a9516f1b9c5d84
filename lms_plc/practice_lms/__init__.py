"""A small LMS that behaves like Moodle 4.5, for demo, tests and measurements; no part of the product.

``python -m lms_plc.practice_lms --port 8001 --data DIR --tool http://localhost:8000`` serves it.
With ``--no-preset-tool`` it knows no tool until one registers; ``--beyond storage`` and the like switch on what Moodle
has not.
"""

from lms_plc.practice_lms.app import create_app
from lms_plc.practice_lms.faults import Fault
from lms_plc.practice_lms.practice import Practice, web_service_token
from lms_plc.practice_lms.settings import Settings, registration

__all__ = ["Fault", "Practice", "Settings", "create_app", "registration", "web_service_token"]
