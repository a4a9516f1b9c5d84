"""Who somebody is to their colleagues: schools, subjects, languages; and the directory of a community."""

from flask import Blueprint

profiles = Blueprint("profiles", __name__, url_prefix="/s/<seat>", template_folder="templates")
