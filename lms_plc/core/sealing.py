"""Secrets at rest: LMS tokens, private keys and what somebody wrote for themselves alone are stored sealed, never as
they are."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class CannotUnseal(Exception):
    """The stored secret was sealed under another ``PLC_SECRET_KEY``."""


class WordsLost(CannotUnseal):
    """What somebody wrote was sealed under another key: it is neither written over nor opened to others."""


class Seal:
    """Seals texts and recordings with a key derived from ``PLC_SECRET_KEY`` (HKDF-SHA256, Fernet: AES-128-CBC +
    HMAC-SHA256)."""

    def __init__(self, secret_key: str) -> None:
        derived = HKDF(SHA256(), length=32, salt=None, info=b"lms-plc sealing 1").derive(secret_key.encode())
        self._fernet = Fernet(base64.urlsafe_b64encode(derived))

    def close(self, secret: str) -> str:
        return self._fernet.encrypt(secret.encode()).decode()

    def open(self, sealed: str) -> str:
        """Raises CannotUnseal."""
        return self.open_bytes(sealed.encode()).decode()

    def words(self, sealed: str) -> str:
        """What somebody wrote, where it is about to be changed. Raises WordsLost."""
        try:
            return self.open(sealed)
        except CannotUnseal as cause:
            raise WordsLost from cause

    def check(self, *sealed: str) -> None:
        """Before something is written over; what is empty is no words. Raises WordsLost for what nobody can open: it
        would be gone for good."""
        for text in sealed:
            if text:
                self.words(text)

    def close_bytes(self, secret: bytes) -> bytes:
        return self._fernet.encrypt(secret)

    def open_bytes(self, sealed: bytes) -> bytes:
        """Raises CannotUnseal."""
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken as cause:
            raise CannotUnseal("sealed with another PLC_SECRET_KEY") from cause
