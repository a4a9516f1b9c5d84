"""The blueprints of the library: its pages for whoever came by a launch, and those its authors opened to everybody."""

from flask import Blueprint

library = Blueprint("library", __name__, url_prefix="/s/<seat>", template_folder="templates")
library_open = Blueprint("library_open", __name__, url_prefix="/open/library", template_folder="templates")
