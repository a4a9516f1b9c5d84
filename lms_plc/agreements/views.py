"""What a community promised itself: charter, norms, rhythm, privacy, and the rounds in which it consents."""

from flask import Blueprint

agreements = Blueprint("agreements", __name__, url_prefix="/s/<seat>", template_folder="templates")
