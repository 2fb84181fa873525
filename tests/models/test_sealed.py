import base64
import os
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from models.sealed import Keyring, Place, SealError, kid_of


def ring(*kids: str) -> Keyring:
    return Keyring({kid: os.urandom(32) for kid in kids})


def place() -> Place:
    return Place("account", "sealed_token", uuid4(), uuid4())


@given(st.text(min_size=1))
def test_what_was_sealed_opens_in_its_own_place(secret: str) -> None:
    keys, here = ring("k1"), place()
    sealed = keys.seal(SecretStr(secret.encode("utf-8", "replace").decode()), here)

    opened = keys.open(sealed, here)

    assert opened.get_secret_value() == secret.encode("utf-8", "replace").decode()


def test_s4_a_sealed_token_moved_to_another_row_does_not_open() -> None:
    keys = ring("k1")
    sealed = keys.seal(SecretStr("token"), place())

    with pytest.raises(SealError):
        keys.open(sealed, place())


def test_s4_a_value_under_an_unknown_key_names_the_key_and_not_the_secret() -> None:
    here = place()
    sealed = ring("old").seal(SecretStr("very-secret"), here)

    with pytest.raises(SealError, match="old") as caught:
        ring("new").open(sealed, here)

    assert "very-secret" not in str(caught.value)


def test_s4_after_a_rotation_old_values_open_and_new_ones_use_the_new_key() -> None:
    old, here = os.urandom(32), place()
    sealed = Keyring({"a": old}).seal(SecretStr("token"), here)
    rotated = Keyring({"b": os.urandom(32), "a": old})

    again = rotated.seal(rotated.open(sealed, here), here)

    assert not rotated.is_current(sealed)
    assert rotated.is_current(again)
    assert kid_of(again) == "b"
    assert rotated.open(again, here).get_secret_value() == "token"


@given(st.integers(min_value=0), st.integers(min_value=1, max_value=255))
def test_s4_any_changed_byte_is_noticed(position: int, flip: int) -> None:
    keys, here = ring("k1"), place()
    sealed = bytearray(keys.seal(SecretStr("token"), here).encode())
    sealed[position % len(sealed)] ^= flip

    text = sealed.decode("latin-1")
    try:
        opened = keys.open(text, here).get_secret_value()
    except SealError:
        return

    # Unused bits at the end of base64 may flip without changing what they mean.
    assert opened == "token"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "k1",
        "k1:not base64!",
        "k1:" + base64.b64encode(b"short").decode(),
        "k1:" + base64.b64encode(b"a" * 32).decode(),
        "k 1:" + base64.b64encode(bytes(range(32))).decode(),
    ],
)
def test_bad_089_a_missing_short_or_placeholder_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="key"):
        Keyring.parse(text)
