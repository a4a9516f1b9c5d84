"""The issue board: what is in the way at school, who takes it on, and what became of it."""

from flask import Blueprint

board = Blueprint("board", __name__, url_prefix="/s/<seat>", template_folder="templates")
