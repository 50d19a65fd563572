# SPDX-License-Identifier: EUPL-1.2
"""The desk's words: every act, every role, every fault of a report and the contracts' refusals have some."""

import re

import pytest

from heitje.chain.abi import error_names
from heitje.city.roles import OFFICES, Role
from heitje.office.acts import ACTS
from heitje.office.service import NAMES, NOT_YOURS
from heitje.reports.problems import Fault
from heitje.web.desk.faults import FAULTS
from heitje.web.desk.names import DUTIES, ROLES
from heitje.web.desk.refusals import REFUSALS
from heitje.web.desk.words import LABELS, WORDS
from heitje.web.texts import catalogues

COMPUTED = {"total", "activity", "number", "what", "replacement_days", "clawback_days", "locked_days"}
"""What stands in sentences besides the particulars of the act."""


def test_every_act_is_told_in_words():
    assert set(WORDS) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_the_words_of_an_act_name_only_what_is_known_of_it(name):
    known = set(ACTS[name].particulars) if name in ACTS else set()
    for sentence in WORDS[name]:
        assert set(re.findall(r"\{(\w+)\}", sentence)) <= known | COMPUTED


@pytest.mark.parametrize("name", NAMES)
def test_dutch_words_name_the_same_particulars(name):
    for sentence in WORDS[name]:
        dutch = catalogues()["nl"].gettext(sentence)
        assert sorted(re.findall(r"\{\w+\}", dutch)) == sorted(re.findall(r"\{\w+\}", sentence))


def test_everything_that_is_signed_is_shown_to_whoever_signs_it():
    in_tables = {"ids", "groups", "uid"}
    for kind in ACTS.values():
        assert set(kind.particulars) - in_tables <= set(LABELS)


def test_every_role_and_fault_has_words():
    assert set(OFFICES) <= set(ROLES)
    assert set(OFFICES) <= set(DUTIES)
    assert ROLES[Role.SEALED] == ROLES[Role.ADMIN]
    assert set(FAULTS) == set(Fault)


def test_words_are_of_refusals_that_the_contracts_know():
    assert set(REFUSALS) - {NOT_YOURS} <= error_names()
