"""What can be done with protocols: what can be done with any copy of what is shipped."""

from lms_plc.protocols.queries import SHELF

adapt = SHELF.adapt
change = SHELF.change
retire = SHELF.retire
bring_back = SHELF.bring_back
