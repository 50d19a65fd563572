# SPDX-License-Identifier: EUPL-1.2
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heitje.activities.photos import NoPhoto, strip
from tests.support.photos import GPS, jpeg, png, webp


@pytest.mark.parametrize(("photo", "kind"), [(jpeg(), "image/jpeg"), (png(), "image/png"), (webp(), "image/webp")])
def test_what_draws_the_picture_stays_and_the_rest_goes(photo, kind):
    found, kept = strip(photo)
    assert found == kind
    assert GPS not in kept
    assert strip(kept) == (kind, kept)


def test_a_jpeg_keeps_its_scan_and_ends_where_the_picture_ends():
    _, kept = strip(jpeg())
    assert kept.startswith(b"\xff\xd8\xff\xdb")
    assert kept.endswith(b"\x3f\xff\0\xff\xd0\x3f\xff\xd9")


@pytest.mark.parametrize("turn", [3, 6, 8])
def test_a_jpeg_is_still_turned_as_the_phone_said(turn):
    _, kept = strip(jpeg(turn))
    assert kept[2:4] == b"\xff\xe1"
    assert struct.pack(">HHIHH", 0x0112, 3, 1, turn, 0) in kept
    assert strip(kept)[1] == kept


def test_a_jpeg_that_needs_no_turning_has_no_exif_at_all():
    assert b"Exif" not in strip(jpeg(1))[1]


def test_a_webp_says_no_more_that_it_has_metadata():
    _, kept = strip(webp())
    assert kept[20] & 0x0C == 0


def test_a_picture_that_moves_is_refused():
    with pytest.raises(NoPhoto, match="moves"):
        strip(webp(moves=True))


@pytest.mark.parametrize("photo", [jpeg(), png(), webp()])
def test_a_photo_that_was_cut_off_is_refused(photo):
    _, whole = strip(photo)
    for length in range(len(whole) - 1):
        with pytest.raises(NoPhoto):
            strip(whole[:length])


def test_what_is_too_large_is_refused():
    with pytest.raises(NoPhoto, match="at most 2000000"):
        strip(png() + bytes(2_000_000))


@given(
    st.sampled_from([jpeg(), png(), webp()]), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), max_size=5)
)
def test_damage_is_refused_or_harmless_and_never_an_accident(photo, damage):
    broken = bytearray(photo)
    for place, value in damage:
        broken[place % len(broken)] = value
    try:
        kind, kept = strip(bytes(broken))
    except NoPhoto:
        return
    assert kind.startswith("image/")
    assert len(kept) <= len(broken) + 36
