"""Tokens at rest: sealed with AES-256-GCM, bound to their row, under keys that can be changed.

Form `v1.<kid>.<nonce>.<ciphertext>` (base64url). The associated data names table, column, row,
team and key, so a sealed token copied to another row does not open.
"""

import base64
import binascii
import os
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import SecretStr

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealError(Exception):
    """A sealed value does not open: foreign row, unknown key, or damaged."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value rests; part of what is authenticated."""

    table: str
    column: str
    row_id: UUID
    team_id: UUID

    def bound_to(self, kid: str) -> bytes:
        """Return the associated data for a value sealed here under the key *kid*."""
        return "|".join(
            (self.table, self.column, str(self.row_id), str(self.team_id), kid)
        ).encode()


class Keyring:
    """The keys of an installation: the first one seals, all of them open."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        """Take keys by id, in order; each 32 bytes."""
        if not keys:
            raise ValueError("a keyring needs at least one key")
        if any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError("every key is 32 bytes long")
        self._keys = dict(keys)
        self._ciphers = {kid: AESGCM(key) for kid, key in keys.items()}

    def __repr__(self) -> str:
        return f"Keyring({', '.join(self._keys)})"

    @classmethod
    def parse(cls, text: str) -> "Keyring":
        """Read `kid:base64,kid:base64`.

        Raises:
            ValueError: in words fit for the operator, never with a key in it.
        """
        keys: dict[str, bytes] = {}
        for part in text.split(","):
            kid, colon, encoded = part.strip().partition(":")
            if not colon or not kid or not kid.isalnum():
                raise ValueError("each key is written as id:base64, the id in letters and digits")
            try:
                key = base64.b64decode(encoded, validate=True)
            except binascii.Error as err:
                raise ValueError(f"key {kid} is not base64") from err
            if len(key) != KEY_BYTES:
                raise ValueError(f"key {kid} is {len(key)} bytes long, it must be 32")
            if len(set(key)) < KEY_BYTES // 4:
                raise ValueError(f"key {kid} looks like a placeholder, not like a random key")
            if kid in keys:
                raise ValueError(f"key id {kid} stands there twice")
            keys[kid] = key
        return cls(keys)

    @property
    def kids(self) -> tuple[str, ...]:
        """The ids of all keys, the sealing one first."""
        return tuple(self._keys)

    def seal(self, secret: SecretStr, place: Place) -> str:
        """Return *secret* sealed for *place* under the first key."""
        kid = self.kids[0]
        nonce = os.urandom(_NONCE_BYTES)
        data = secret.get_secret_value().encode()
        sealed = self._ciphers[kid].encrypt(nonce, data, place.bound_to(kid))
        return f"v1.{kid}.{_text(nonce)}.{_text(sealed)}"

    def open(self, sealed: str, place: Place) -> SecretStr:
        """Return what was sealed for *place*.

        Raises:
            SealError: the value belongs elsewhere, its key is not in the ring, or it is damaged.
        """
        version, _, rest = sealed.partition(".")
        parts = rest.split(".")
        if version != "v1" or len(parts) != 3:  # noqa: PLR2004
            raise SealError("not a sealed value")
        kid, nonce, data = parts
        if kid not in self._keys:
            raise SealError(f"the key {kid} is not in ENCRYPTION_KEYS")
        try:
            plain = self._ciphers[kid].decrypt(_raw(nonce), _raw(data), place.bound_to(kid))
        except (InvalidTag, ValueError) as err:
            raise SealError("the sealed value does not belong here or is damaged") from err
        return SecretStr(plain.decode())

    def is_current(self, sealed: str) -> bool:
        """Say whether *sealed* was sealed under the first key."""
        return sealed.startswith(f"v1.{self.kids[0]}.")


def kid_of(sealed: str) -> str:
    """Return the id of the key that *sealed* was sealed under, "" when it is none of ours."""
    parts = sealed.split(".")
    return parts[1] if len(parts) == 4 and parts[0] == "v1" else ""  # noqa: PLR2004


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def _raw(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
