"""Secrets at rest: LMS tokens and private keys are stored sealed, never as they are."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotUnseal(Exception):
    """The stored secret was sealed under another ``PLC_SECRET_KEY``."""


class Seal:
    """Seals texts with a key derived from ``PLC_SECRET_KEY`` (HKDF-SHA256, Fernet: AES-128-CBC + HMAC-SHA256)."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"lms-plc sealing 1").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises CannotUnseal."""
        try:
            return self._fernet.decrypt(sealed.encode()).decode()
        except InvalidToken as cause:
            raise CannotUnseal("sealed with another PLC_SECRET_KEY") from cause
