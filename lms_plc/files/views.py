"""Files people attach: looked at, made small, kept once, read by whoever may read what they hang on."""

from flask import Blueprint

files = Blueprint("files", __name__, url_prefix="/s/<seat>", template_folder="templates")
