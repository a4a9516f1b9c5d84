"""``python -m lms_plc`` is ``lms-plc``."""

from lms_plc.cli import main

main()
