"""When somebody is hurt: report, talk, hide, remove, appeal; and blocking."""

from flask import Blueprint

moderation = Blueprint("moderation", __name__, url_prefix="/s/<seat>", template_folder="templates")
