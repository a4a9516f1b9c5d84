"""Where the routes of a meeting and of its agenda hang."""

from flask import Blueprint

meetings = Blueprint("meetings", __name__, url_prefix="/s/<seat>", template_folder="templates")
