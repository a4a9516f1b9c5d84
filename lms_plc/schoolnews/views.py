"""What communities tell their whole school."""

from flask import Blueprint

schoolnews = Blueprint("schoolnews", __name__, url_prefix="/s/<seat>", template_folder="templates")
