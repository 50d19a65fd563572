# SPDX-License-Identifier: EUPL-1.2
"""Words of attestations and redemptions."""

from hypothesis import given
from hypothesis import strategies as st

from heitje.chain.words import Attestation, AttestationStatus, Redemption, RedemptionStatus, uid_of

words = st.integers(0, 2**256 - 1)


@given(words)
def test_every_attestation_survives_unpacking_and_packing(word: int) -> None:
    assert Attestation.from_word(word).to_word() == word


@given(words)
def test_every_redemption_survives_unpacking_and_packing(word: int) -> None:
    assert Redemption.from_word(word).to_word() == word


def test_the_fields_of_an_attestation_lie_where_the_contract_draws_them() -> None:
    word = 750 | 90 << 64 | 24322 << 80 | 3 << 96 | 1_800_000_000 << 128 | 1 << 168
    expected = Attestation(750, 0, 90, 24322, 3, 1_800_000_000, AttestationStatus.ISSUED)
    assert Attestation.from_word(word) == expected


def test_the_fields_of_a_redemption_lie_where_the_contract_draws_them() -> None:
    word = 1250 | 77 << 48 | 1_800_000_000 << 80 | 2 << 120 | 3 << 152
    assert Redemption.from_word(word) == Redemption(1250, 77, 1_800_000_000, 2, RedemptionStatus.SETTLED)


def test_a_uid_joins_activity_and_number() -> None:
    assert uid_of(3, 77) == 3 * 2**32 + 77
