"""A peer of one's own subject elsewhere, found by consent."""

from flask import Blueprint

peers = Blueprint("peers", __name__, url_prefix="/s/<seat>", template_folder="templates")
