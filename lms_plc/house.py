"""What every room is given when the house is open: settings, database, clock, seal. Made once, by app or cli."""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from flask import current_app

from lms_plc.config import Settings
from lms_plc.core.clock import Clock, system_clock
from lms_plc.core.database import Database
from lms_plc.core.sealing import Seal


@dataclass(frozen=True)
class House:
    settings: Settings
    database: Database
    seal: Seal
    clock: Clock = system_clock

    def today(self) -> date:
        """The day it is where this installation is."""
        return self.clock().astimezone(ZoneInfo(self.settings.timezone)).date()


def open_house(settings: Settings, *, clock: Clock = system_clock) -> House:
    """Opens the house on its database; makes the data folder if the database is a file in it."""
    if settings.database_url is None:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    return House(settings, Database(settings.database), Seal(settings.secret_key.get_secret_value()), clock)


def house() -> House:
    """The house of the request under way."""
    return current_app.extensions["plc"]
