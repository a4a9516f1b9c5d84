"""Direct messages, one to one or in a small group."""

from flask import Blueprint

messages = Blueprint("messages", __name__, url_prefix="/s/<seat>", template_folder="templates")
