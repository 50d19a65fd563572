// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Group, IRedemptionDesk, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract SettleTest is City {
    bytes32 private constant E2E = keccak256("E2E-1");

    bytes32 private _first;
    bytes32 private _second;
    bytes32 private _third;

    function setUp() public override {
        super.setUp();
        fund(SHOP, 1000);
        fund(CAFE, 1000);
        _first = request(shop, 300);
        _second = request(shop, 200);
        _third = request(cafe, 50);
    }

    function test_settle_burnsOnce() public {
        lock(treasurer, two(_first, _third));
        lock(treasurer, one(_second));
        Group[] memory groups = new Group[](2);
        groups[0] = Group(E2E, two(_second, _first));
        groups[1] = Group(keccak256("E2E-2"), one(_third));
        bytes memory signature = sign(otherTreasurer, settleDigest(deskDomain(), otherTreasurer, groups, NOW));
        vm.recordLogs();
        vm.prank(stranger);
        desk.settle(otherTreasurer, groups, NOW, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 3);
        _assertSettled(logs[0], groups[0], SHOP, 500);
        _assertSettled(logs[1], groups[1], CAFE, 50);
        assertTransfer(logs[2], address(desk), address(0), 550);
        assertEq(uint256(desk.redemptionOf(_first).status), uint256(RedemptionStatus.Settled));
        assertEq(desk.redemptionOf(_first).lockId, 1);
        assertEq(desk.redemptionOf(_first).amount, 300);
        assertTrue(desk.isPayoutReferenceUsed(E2E));
        assertFalse(desk.isPayoutReferenceUsed(keccak256("E2E-3")));
        assertEq(token.accountOf(shop).openRedemptions, 0);
        assertEq(token.accountOf(cafe).openRedemptions, 0);
        (, uint256 settled,,) = token.ledger();
        assertEq(settled, 550);
        assertEq(token.balanceOf(address(desk)), 0);
        assertBooks();
    }

    function test_settle_twoGroupsOfOneShop() public {
        lock(treasurer, two(_first, _second));
        Group[] memory groups = new Group[](2);
        (groups[0], groups[1]) = (Group(E2E, one(_first)), Group(keccak256("E2E-2"), one(_second)));
        settle(otherTreasurer, groups);
        assertEq(token.accountOf(shop).openRedemptions, 0);
        assertBooks();
    }

    function test_settle_inEveryStatus() public {
        _refused(E2E, two(_first, _second), _wrongStatus(0, _first, RedemptionStatus.Requested));
        _refused(E2E, one(keccak256("unknown")), _wrongStatus(0, keccak256("unknown"), RedemptionStatus.None));
        lock(treasurer, one(_first));
        _refused(E2E, two(_first, _second), _wrongStatus(1, _second, RedemptionStatus.Requested));
        _refused(E2E, two(_first, _first), _wrongStatus(1, _first, RedemptionStatus.Settled));
        settle(otherTreasurer, E2E, one(_first));
        _refused(keccak256("E2E-2"), one(_first), _wrongStatus(0, _first, RedemptionStatus.Settled));
        refund(treasurer, one(_second));
        _refused(keccak256("E2E-2"), one(_second), _wrongStatus(0, _second, RedemptionStatus.Refunded));
        cancel(cafe, _third);
        _refused(keccak256("E2E-2"), one(_third), _wrongStatus(0, _third, RedemptionStatus.Cancelled));
    }

    function test_settle_sameInTwoGroups_isRefused() public {
        lock(treasurer, one(_first));
        Group[] memory groups = new Group[](2);
        (groups[0], groups[1]) = (Group(E2E, one(_first)), Group(keccak256("E2E-2"), one(_first)));
        _refused(groups, _wrongStatus(0, _first, RedemptionStatus.Settled));
    }

    function test_settle_byTheLocker_isRefused() public {
        lock(otherTreasurer, one(_second));
        lock(treasurer, one(_first));
        _refused(
            E2E,
            two(_first, _second),
            abi.encodeWithSelector(IRedemptionDesk.SameTreasurer.selector, 1, _second, otherTreasurer)
        );
        settle(treasurer, E2E, one(_second));
    }

    function test_settle_referenceTwice_isRefused() public {
        lock(treasurer, two(_first, _second));
        settle(otherTreasurer, E2E, one(_first));
        _refused(E2E, one(_second), abi.encodeWithSelector(IRedemptionDesk.PayoutReferenceUsed.selector, 0, E2E));
        Group[] memory groups = new Group[](2);
        lock(treasurer, one(_third));
        bytes32 other = keccak256("E2E-2");
        (groups[0], groups[1]) = (Group(other, one(_second)), Group(other, one(_third)));
        _refused(groups, abi.encodeWithSelector(IRedemptionDesk.PayoutReferenceUsed.selector, 1, other));
    }

    function test_settle_mixedGroup_isRefused() public {
        lock(treasurer, two(_first, _third));
        _refused(E2E, two(_first, _third), abi.encodeWithSelector(IRedemptionDesk.MixedGroup.selector, 0, _third));
    }

    function test_settle_nothing_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.NothingToDo.selector));
        desk.settle(treasurer, new Group[](0), NOW, "");
        lock(treasurer, one(_first));
        Group[] memory groups = new Group[](2);
        (groups[0], groups[1]) = (Group(E2E, one(_first)), Group(keccak256("E2E-2"), new bytes32[](0)));
        _refused(groups, abi.encodeWithSelector(IRedemptionDesk.EmptyGroup.selector, 1));
    }

    function test_settle_signature() public {
        lock(treasurer, two(_first, _second));
        Group[] memory groups = new Group[](1);
        groups[0] = Group(E2E, one(_first));
        bytes32 here = deskDomain();
        bytes memory signature = sign(otherTreasurer, settleDigest(here, otherTreasurer, groups, NOW - 1));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.SignatureExpired.selector, NOW - 1));
        desk.settle(otherTreasurer, groups, NOW - 1, signature);

        signature = sign(otherTreasurer, settleDigest(here, otherTreasurer, groups, NOW));
        Group[] memory others = new Group[](1);
        others[0] = Group(keccak256("E2E-2"), one(_first));
        _refusedSignature(others, signature);
        others[0] = Group(E2E, two(_first, _second));
        _refusedSignature(others, signature);
        others = new Group[](2);
        (others[0], others[1]) = (groups[0], Group(keccak256("E2E-2"), one(_second)));
        _refusedSignature(others, signature);
        _refusedSignature(groups, sign(treasurer, settleDigest(here, otherTreasurer, groups, NOW)));
        here = domain(DESK_NAME, block.chainid + 1, address(desk));
        _refusedSignature(groups, sign(otherTreasurer, settleDigest(here, otherTreasurer, groups, NOW)));
        desk.settle(otherTreasurer, groups, NOW, signature);
    }

    function test_settle_byOthersThanTreasurers_isRefused() public {
        lock(treasurer, one(_first));
        vm.prank(admin);
        authority.revokeRole(TREASURER, otherTreasurer);
        bytes memory expected = abi.encodeWithSelector(IRedemptionDesk.TreasurerNotAllowed.selector, otherTreasurer);
        _refused(E2E, one(_first), expected);
        vm.prank(admin);
        authority.grantRole(TREASURER, otherTreasurer, 1 hours);
        _refused(E2E, one(_first), expected);
        vm.prank(admin);
        authority.revokeRole(TREASURER, otherTreasurer);
        vm.prank(admin);
        authority.grantRole(TREASURER, otherTreasurer, 0);
        settle(otherTreasurer, E2E, one(_first));
    }

    function test_settle_afterTheEnd_works() public {
        lock(treasurer, one(_first));
        freeze(SHOP);
        pause();
        vm.warp(REDEEM_UNTIL + 30 days);
        settle(otherTreasurer, E2E, one(_first));
        assertEq(token.balanceOf(address(desk)), 250);
    }

    function test_settle_theRightToThisFunctionCounts() public {
        vm.prank(admin);
        assign(address(desk), PROGRAMME, IRedemptionDesk.settle.selector);
        lock(treasurer, two(_first, _second));
        refund(otherTreasurer, one(_second));
        _refused(E2E, one(_first), abi.encodeWithSelector(IRedemptionDesk.TreasurerNotAllowed.selector, otherTreasurer));
    }

    function test_settleDigest_isWhatIsSigned() public view {
        Group[] memory groups = new Group[](2);
        groups[0] = Group(E2E, two(_second, _first));
        groups[1] = Group(keccak256("E2E-2"), one(_third));
        assertEq(desk.settleDigest(treasurer, groups, 7), settleDigest(deskDomain(), treasurer, groups, 7));
    }

    function _assertSettled(Vm.Log memory log, Group memory group, uint32 number, uint256 amount) private view {
        assertEq(log.emitter, address(desk));
        assertEq(log.topics[0], keccak256("RedemptionsSettled(bytes32,uint32,address,uint256,bytes32[])"));
        assertEq(log.topics[1], group.payoutReference);
        assertEq(uint256(log.topics[2]), number);
        assertEq(address(uint160(uint256(log.topics[3]))), otherTreasurer);
        assertEq(keccak256(log.data), keccak256(abi.encode(amount, group.ids)));
    }

    function _wrongStatus(uint256 index, bytes32 id, RedemptionStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRedemptionDesk.WrongStatus.selector, index, id, status);
    }

    function _refused(bytes32 payoutReference, bytes32[] memory ids, bytes memory expected) private {
        Group[] memory groups = new Group[](1);
        groups[0] = Group(payoutReference, ids);
        _refused(groups, expected);
    }

    function _refused(Group[] memory groups, bytes memory expected) private {
        bytes memory signature = sign(otherTreasurer, settleDigest(deskDomain(), otherTreasurer, groups, NOW));
        vm.expectRevert(expected);
        desk.settle(otherTreasurer, groups, NOW, signature);
    }

    function _refusedSignature(Group[] memory groups, bytes memory signature) private {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.InvalidSignature.selector, otherTreasurer));
        desk.settle(otherTreasurer, groups, NOW, signature);
    }
}
