"""A private notebook; its author may share a part."""

from flask import Blueprint

journal = Blueprint("journal", __name__, url_prefix="/s/<seat>", template_folder="templates")
