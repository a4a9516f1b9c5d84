"""Where the pages of thoughts, evidence and outcomes stand."""

from flask import Blueprint

evidence = Blueprint("evidence", __name__, url_prefix="/s/<seat>", template_folder="templates")
TAB = "inquiry.inquiry_list"
