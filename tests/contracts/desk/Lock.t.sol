// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IRedemptionDesk, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract LockTest is City {
    bytes32 private _first;
    bytes32 private _second;

    function setUp() public override {
        super.setUp();
        fund(SHOP, 1000);
        fund(CAFE, 1000);
        _first = request(shop, 300);
        _second = request(cafe, 200);
    }

    function test_lock_locks() public {
        bytes32[] memory ids = two(_first, _second);
        bytes memory signature = sign(treasurer, lockDigest(deskDomain(), treasurer, ids, NOW));
        vm.recordLogs();
        vm.prank(stranger);
        desk.lock(treasurer, ids, NOW, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("RedemptionsLocked(uint256,address,bytes32[])"));
        assertEq(uint256(logs[0].topics[1]), 1);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), treasurer);
        assertEq(keccak256(logs[0].data), keccak256(abi.encode(ids)));
        for (uint256 i = 0; i < 2; ++i) {
            assertEq(uint256(desk.redemptionOf(ids[i]).status), uint256(RedemptionStatus.Locked));
            assertEq(desk.redemptionOf(ids[i]).lockId, 1);
        }
        assertEq(desk.redemptionOf(_first).amount, 300);
        (address who, uint256 lockedAt) = desk.lockOf(1);
        assertEq(who, treasurer);
        assertEq(lockedAt, NOW);
        assertEq(token.accountOf(shop).openRedemptions, 1);
        assertEq(token.balanceOf(address(desk)), 500);

        bytes32 third = request(shop, 1);
        lock(otherTreasurer, one(third));
        assertEq(desk.redemptionOf(third).lockId, 2);
        (who,) = desk.lockOf(3);
        assertEq(who, address(0));
    }

    function test_lock_inEveryStatus() public {
        _refused(two(_first, keccak256("unknown")), 1, RedemptionStatus.None);
        _refused(two(_first, _first), 1, RedemptionStatus.Locked);
        lock(treasurer, one(_first));
        _refused(two(_second, _first), 1, RedemptionStatus.Locked);
        settle(otherTreasurer, keccak256("e2e"), one(_first));
        _refused(two(_first, _second), 0, RedemptionStatus.Settled);
        bytes32 id = request(shop, 1);
        refund(treasurer, one(id));
        _refused(two(_second, id), 1, RedemptionStatus.Refunded);
        id = request(shop, 1);
        cancel(shop, id);
        _refused(two(_second, id), 1, RedemptionStatus.Cancelled);
        assertEq(uint256(desk.redemptionOf(_second).status), uint256(RedemptionStatus.Requested));
    }

    function test_lock_nothing_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.NothingToDo.selector));
        desk.lock(treasurer, new bytes32[](0), NOW, "");
    }

    function test_lock_lateSignature_isRefused() public {
        bytes32[] memory ids = one(_first);
        bytes memory signature = sign(treasurer, lockDigest(deskDomain(), treasurer, ids, NOW - 1));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.SignatureExpired.selector, NOW - 1));
        desk.lock(treasurer, ids, NOW - 1, signature);
    }

    function test_lock_signature() public {
        bytes32[] memory ids = one(_first);
        bytes32 digest = lockDigest(deskDomain(), treasurer, ids, NOW);
        _refusedSignature(sign(otherTreasurer, digest));
        _refusedSignature(sign(treasurer, lockDigest(deskDomain(), otherTreasurer, ids, NOW)));
        _refusedSignature(sign(treasurer, lockDigest(deskDomain(), treasurer, one(_second), NOW)));
        _refusedSignature(sign(treasurer, lockDigest(deskDomain(), treasurer, ids, NOW + 1)));
        bytes32 elsewhere = domain(DESK_NAME, block.chainid + 1, address(desk));
        _refusedSignature(sign(treasurer, lockDigest(elsewhere, treasurer, ids, NOW)));
        elsewhere = domain(DESK_NAME, block.chainid, address(token));
        _refusedSignature(sign(treasurer, lockDigest(elsewhere, treasurer, ids, NOW)));
        (uint8 v, bytes32 r, bytes32 s) = signParts(treasurer, digest);
        _refusedSignature(abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27)));
        _refusedSignature("");
        desk.lock(treasurer, ids, NOW, sign(treasurer, digest));
    }

    function test_lock_byOthersThanTreasurers_isRefused() public {
        _refusedTreasurer(stranger);
        _refusedTreasurer(admin);
        vm.prank(admin);
        authority.revokeRole(TREASURER, treasurer);
        _refusedTreasurer(treasurer);
    }

    function test_lock_byATreasurerWithDelay_isRefused() public {
        vm.prank(admin);
        authority.grantRole(TREASURER, stranger, 1 days);
        _refusedTreasurer(stranger);
        // Nor does sending it help: only the signature counts.
        bytes32[] memory ids = one(_first);
        vm.prank(treasurer);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.TreasurerNotAllowed.selector, stranger));
        desk.lock(stranger, ids, NOW, "");
    }

    function test_lock_theRightToThisFunctionCounts() public {
        vm.prank(admin);
        assign(address(desk), PROGRAMME, IRedemptionDesk.lock.selector);
        refund(treasurer, one(_second));
        _refusedTreasurer(treasurer);
    }

    function test_lockDigest_isWhatIsSigned() public view {
        bytes32[] memory ids = two(_first, _second);
        assertEq(desk.lockDigest(treasurer, ids, 7), lockDigest(deskDomain(), treasurer, ids, 7));
    }

    function _refused(bytes32[] memory ids, uint256 index, RedemptionStatus status) private {
        bytes memory signature = sign(treasurer, lockDigest(deskDomain(), treasurer, ids, NOW));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.WrongStatus.selector, index, ids[index], status));
        desk.lock(treasurer, ids, NOW, signature);
    }

    function _refusedSignature(bytes memory signature) private {
        bytes32[] memory ids = one(_first);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.InvalidSignature.selector, treasurer));
        desk.lock(treasurer, ids, NOW, signature);
    }

    function _refusedTreasurer(address who) private {
        bytes32[] memory ids = one(_first);
        bytes memory signature = sign(who, lockDigest(deskDomain(), who, ids, NOW));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.TreasurerNotAllowed.selector, who));
        desk.lock(who, ids, NOW, signature);
    }
}
