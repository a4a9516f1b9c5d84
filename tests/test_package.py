"""Is everything the program needs at run time in the package that `pip install .` makes?"""

from configparser import ConfigParser
from fnmatch import fnmatch
from pathlib import Path

from setuptools import find_namespace_packages

ROOT = Path(__file__).parents[1]
LEFT_OUT = {".pyc", ".pot", ".cfg", ".md"}
"""Nothing of these is read at run time."""


def test_every_template_style_catalogue_and_migration_is_in_the_package() -> None:
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    assert setup["options"]["packages"] == "find_namespace:"
    include = setup["options.packages.find"]["include"].split()
    packages = {name.replace(".", "/") for name in find_namespace_packages(str(ROOT), include=include)}
    patterns = [pattern.strip() for pattern in setup["options.package_data"]["*"].split(",")]

    missing = [
        str(file.relative_to(ROOT))
        for top in ("lms_plc", "lti", "connectors")
        for file in (ROOT / top).rglob("*")
        if file.is_file() and file.suffix not in LEFT_OUT and "__pycache__" not in file.parts
        if str(file.parent.relative_to(ROOT)) not in packages
        or not (file.suffix == ".py" or any(fnmatch(file.name, pattern) for pattern in patterns))
    ]
    assert missing == []
