"""The laws of epochs: commitments that bind, a seed that nobody chose, one epoch in force."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidewaiter.core.draw import DrawKey, Ticket, draw
from tidewaiter.core.draw.epoch import Epoch, commitment, hkdf, in_force, seed_name, seed_of, what_if_key

FIRST, LAST = date(2026, 9, 1), date(2026, 9, 30)
secrets = st.binary(min_size=32, max_size=32)


OKM_2 = (
    "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09"
    "da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
)


# RFC 5869, appendix A: test cases 1 to 3 (SHA-256).
@pytest.mark.parametrize(
    ("key", "salt", "info", "length", "made"),
    [
        (
            "0b" * 22, "000102030405060708090a0b0c", "f0f1f2f3f4f5f6f7f8f9", 42,
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        (
            bytes(range(0x50)).hex(), bytes(range(0x60, 0xB0)).hex(), bytes(range(0xB0, 0x100)).hex(), 82,
            OKM_2,
        ),
        (
            "0b" * 22, "", "", 42,
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ],
)  # fmt: skip
def test_hkdf_gives_what_the_standard_says(key: str, salt: str, info: str, length: int, made: str) -> None:
    found = hkdf(bytes.fromhex(key), salt=bytes.fromhex(salt), info=bytes.fromhex(info), length=length)
    assert found.hex() == made


@pytest.mark.parametrize("length", [0, 255 * 32 + 1])
def test_hkdf_refuses_a_length_that_it_cannot_give(length: int) -> None:
    with pytest.raises(ValueError, match="HKDF"):
        hkdf(b"key", salt=b"", info=b"", length=length)


def test_a_commitment_can_be_recomputed_from_its_published_formula() -> None:
    parts = [b"tidewaiter/epoch-commitment/v1", b"7", b"2026-09-01", b"2026-09-30"]
    encoded = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    secret = bytes(range(32))
    assert commitment(7, FIRST, LAST, secret) == hashlib.sha256(encoded + secret).hexdigest()


@given(secrets, secrets)
def test_a_commitment_binds_the_secret_the_number_and_the_days(one: bytes, other: bytes) -> None:
    made = commitment(1, FIRST, LAST, one)
    assert (commitment(1, FIRST, LAST, other) == made) is (one == other)
    assert commitment(2, FIRST, LAST, one) != made
    assert commitment(1, FIRST, LAST + timedelta(days=1), one) != made
    assert seed_name(one) != made[:32]


@given(secrets, secrets, st.text(min_size=1))
def test_every_part_moves_the_seed(one: bytes, two: bytes, beacon: str) -> None:
    seed = seed_of(1, (one, two), beacon)
    assert len(seed) == 32
    assert seed == seed_of(1, (one, two), beacon)
    assert seed != seed_of(2, (one, two), beacon)
    assert seed != seed_of(1, (one, two), beacon + "1")
    assert (seed == seed_of(1, (two, one), beacon)) is (one == two)


@pytest.mark.parametrize("wrong", [(bytes(32),), (bytes(32), bytes(31)), (bytes(32),) * 3])
def test_a_seed_is_made_of_two_whole_secrets(wrong: tuple[bytes, ...]) -> None:
    with pytest.raises(ValueError, match="2 secrets of 32 bytes"):
        seed_of(1, wrong, "beacon")
    with pytest.raises(ValueError, match="32 bytes"):
        commitment(1, FIRST, LAST, b"short")


def test_the_newest_epoch_that_has_begun_is_in_force_and_goes_on_until_the_next_begins() -> None:
    simple = Epoch(number=0, key_id="a")
    opened = Epoch(number=1, first_day=FIRST, last_day=LAST, key_id="b")
    committed = Epoch(number=2, first_day=LAST + timedelta(days=1), last_day=LAST + timedelta(days=31))
    epochs = [simple, opened, committed]
    assert in_force(epochs, FIRST - timedelta(days=1)) is simple
    assert in_force(epochs, FIRST) is opened
    assert in_force(epochs, LAST + timedelta(days=9)) is opened
    assert in_force([committed], LAST) is None


@given(st.text(max_size=20), secrets, secrets)
def test_a_trial_never_draws_with_the_key_of_an_epoch(name: str, one: bytes, two: bytes) -> None:
    trial = what_if_key(name)
    assert trial == what_if_key(name)
    assert trial.secret not in (one, two, seed_of(1, (one, two), name))
    # The name of a sealed key is 32 hex digits: the key of a trial can never be taken for one.
    assert trial.id.startswith("what-if:")


def test_what_a_trial_draws_tells_nothing_of_what_the_sealed_key_draws() -> None:
    sealed = seed_of(1, (bytes(32), bytes(range(32))), "beacon")
    trial = what_if_key("1")
    keys = {"sealed": DrawKey(id="sealed", secret=sealed), trial.id: trial}

    def hit(key_id: str, number: int) -> bool:
        ticket = Ticket(key_id, hashlib.sha256(number.to_bytes(8, "big")).digest())
        return draw(
            keys, tickets=[ticket], plan_id="p", draws="1", probability=0.3, domain="random_floor"
        ).hit

    tries = 20_000
    both = sum(hit("sealed", number) and hit(trial.id, number) for number in range(tries))
    assert abs(both / tries - 0.09) < 5 * (0.09 * 0.91 / tries) ** 0.5
