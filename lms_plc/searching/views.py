"""Finding what was written, in whatever script and language, among what one may see."""

from flask import Blueprint

searching = Blueprint("searching", __name__, url_prefix="/s/<seat>", template_folder="templates")
