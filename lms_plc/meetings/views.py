"""Meetings: when and where, what is on the agenda, what was decided."""

from flask import Blueprint

meetings = Blueprint("meetings", __name__, url_prefix="/s/<seat>", template_folder="templates")
