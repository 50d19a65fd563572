# SPDX-License-Identifier: EUPL-1.2
"""Who may call what at once, as AccessManager's `canCall` would have answered then."""

from heitje.audit.roles import PUBLIC_ROLE, Authorities, Authority
from heitje.chain.events import RoleGranted, RoleRevoked, TargetClosed, TargetFunctionRoleUpdated

WHO, TARGET, ISSUE = "0xWho", "0xTarget", b"\1\2\3\4"
ISSUER = 5


def authority() -> Authority:
    made = Authority()
    made.apply(TargetFunctionRoleUpdated(TARGET, ISSUE, ISSUER), 100)
    return made


def test_a_member_may_from_the_moment_the_role_begins() -> None:
    roles = authority()
    roles.apply(RoleGranted(ISSUER, WHO, 0, 200, new_member=True), 100)
    assert not roles.may_call(WHO, TARGET, ISSUE, 199)
    assert roles.may_call(WHO, TARGET, ISSUE, 200)
    assert not roles.may_call("0xElse", TARGET, ISSUE, 200)


def test_a_delayed_member_may_not_at_once() -> None:
    roles = authority()
    roles.apply(RoleGranted(ISSUER, WHO, 3600, 100, new_member=True), 100)
    assert not roles.may_call(WHO, TARGET, ISSUE, 10_000)


def test_a_delay_that_is_lowered_counts_until_the_change_takes_effect() -> None:
    roles = authority()
    roles.apply(RoleGranted(ISSUER, WHO, 3600, 100, new_member=True), 100)
    roles.apply(RoleGranted(ISSUER, WHO, 0, 4000, new_member=False), 400)
    assert not roles.may_call(WHO, TARGET, ISSUE, 3999)
    assert roles.may_call(WHO, TARGET, ISSUE, 4000)


def test_a_revoked_member_may_no_longer() -> None:
    roles = authority()
    roles.apply(RoleGranted(ISSUER, WHO, 0, 100, new_member=True), 100)
    roles.apply(RoleRevoked(ISSUER, WHO), 300)
    assert not roles.may_call(WHO, TARGET, ISSUE, 300)


def test_a_function_without_a_role_is_the_admins() -> None:
    roles = Authority()
    roles.apply(RoleGranted(0, WHO, 0, 100, new_member=True), 100)
    assert roles.may_call(WHO, TARGET, ISSUE, 100)
    roles.apply(TargetFunctionRoleUpdated(TARGET, ISSUE, ISSUER), 100)
    assert not roles.may_call(WHO, TARGET, ISSUE, 100)


def test_nobody_may_call_a_closed_contract() -> None:
    roles = authority()
    roles.apply(RoleGranted(ISSUER, WHO, 0, 100, new_member=True), 100)
    roles.apply(TargetClosed(TARGET, closed=True), 100)
    assert not roles.may_call(WHO, TARGET, ISSUE, 100)
    roles.apply(TargetClosed(TARGET, closed=False), 200)
    assert roles.may_call(WHO, TARGET, ISSUE, 200)


def test_anybody_may_call_what_is_public() -> None:
    roles = authority()
    roles.apply(TargetFunctionRoleUpdated(TARGET, ISSUE, PUBLIC_ROLE), 100)
    assert roles.may_call("0xAnybody", TARGET, ISSUE, 100)


def test_each_contract_is_asked_of_its_own_authority() -> None:
    yes = authority()
    yes.apply(RoleGranted(ISSUER, WHO, 0, 100, new_member=True), 100)
    both = Authorities({"0xYes": yes, "0xNo": Authority()}, {TARGET: "0xNo"})
    assert not both.may_call(WHO, TARGET, ISSUE, 100)
    both.of_contract[TARGET] = "0xYes"
    assert both.may_call(WHO, TARGET, ISSUE, 100)
    assert not both.may_call(WHO, "0xElsewhere", ISSUE, 100)
