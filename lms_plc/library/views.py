"""The library: resources, practice cards and stories, adapted from each other with their origin kept."""

from flask import Blueprint

library = Blueprint("library", __name__, url_prefix="/s/<seat>", template_folder="templates")
