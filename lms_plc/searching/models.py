"""What is stored: the index of ``core.search``, which every room writes to. Nobody's searches are stored."""

from lms_plc.core.search import SearchEntry as SearchEntry
