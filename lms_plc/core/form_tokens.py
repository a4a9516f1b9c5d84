"""What a form carries to show that it was rendered here, for whoever sends it back."""

import hashlib
import hmac
import secrets


def form_token(secret_key: str, owner: str) -> str:
    """A token that fits this ``owner`` only (ids of a sitting, no names).

    It differs each time: pages are compressed, and a text that repeats could be guessed from their size (BREACH).
    """
    salt = secrets.token_hex(8)
    return f"{salt}.{_signed(secret_key, owner, salt)}"


def is_form_token(secret_key: str, owner: str, token: str) -> bool:
    salt, _, signed = token.partition(".")
    return hmac.compare_digest(_signed(secret_key, owner, salt).encode(), signed.encode())


def _signed(secret_key: str, owner: str, salt: str) -> str:
    return hmac.new(secret_key.encode(), f"form|{salt}|{owner}".encode(), hashlib.sha256).hexdigest()
