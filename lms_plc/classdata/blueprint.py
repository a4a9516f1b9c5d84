"""Where the pages of class results hang."""

from flask import Blueprint

classdata = Blueprint("classdata", __name__, url_prefix="/s/<seat>", template_folder="templates")

PROJECTS = "inquiry.inquiry_list"
"""The tab these pages stand under."""
