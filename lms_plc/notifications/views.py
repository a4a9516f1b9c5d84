"""What somebody should hear of: inbox, digests by mail, messages in the LMS."""

from flask import Blueprint

notifications = Blueprint("notifications", __name__, url_prefix="/s/<seat>", template_folder="templates")
