// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract RefundTest is City {
    bytes32 private _first;
    bytes32 private _second;

    function setUp() public override {
        super.setUp();
        fund(SHOP, 1000);
        fund(CAFE, 1000);
        _first = request(shop, 300);
        _second = request(cafe, 200);
    }

    function test_refund_givesBack() public {
        bytes32[] memory ids = two(_first, _second);
        bytes memory signature = sign(treasurer, refundDigest(deskDomain(), treasurer, ids, 12, NOW));
        vm.recordLogs();
        vm.prank(stranger);
        desk.refund(treasurer, ids, 12, NOW, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 4);
        _assertRefunded(logs[0], _first, SHOP, 300);
        assertTransfer(logs[1], address(desk), shop, 300);
        _assertRefunded(logs[2], _second, CAFE, 200);
        assertTransfer(logs[3], address(desk), cafe, 200);
        assertEq(uint256(desk.redemptionOf(_first).status), uint256(RedemptionStatus.Refunded));
        assertEq(token.accountOf(shop).openRedemptions, 0);
        assertEq(token.balanceOf(shop), 1000);
        assertEq(token.balanceOf(address(desk)), 0);
        assertBooks();
    }

    function test_refund_locked_byAnotherThanTheLocker() public {
        lock(treasurer, two(_first, _second));
        _refused(
            treasurer, one(_first), abi.encodeWithSelector(IRedemptionDesk.SameTreasurer.selector, 0, _first, treasurer)
        );
        refund(otherTreasurer, one(_first));
        assertEq(desk.redemptionOf(_first).lockId, 1);
        bytes32 unlocked = request(shop, 5);
        _refused(
            treasurer,
            two(unlocked, _second),
            abi.encodeWithSelector(IRedemptionDesk.SameTreasurer.selector, 1, _second, treasurer)
        );
        refund(otherTreasurer, two(unlocked, _second));
        assertBooks();
    }

    function test_refund_inEveryStatus() public {
        _refused(treasurer, two(_first, keccak256("?")), _wrongStatus(1, keccak256("?"), RedemptionStatus.None));
        _refused(treasurer, two(_first, _first), _wrongStatus(1, _first, RedemptionStatus.Refunded));
        refund(treasurer, one(_first));
        _refused(treasurer, one(_first), _wrongStatus(0, _first, RedemptionStatus.Refunded));
        lock(treasurer, one(_second));
        settle(otherTreasurer, keccak256("e2e"), one(_second));
        _refused(treasurer, one(_second), _wrongStatus(0, _second, RedemptionStatus.Settled));
        bytes32 id = request(shop, 1);
        cancel(shop, id);
        _refused(treasurer, one(id), _wrongStatus(0, id, RedemptionStatus.Cancelled));
    }

    function test_refund_toFrozenAndClosing_alsoAfterTheEnd() public {
        setClass(SHOP, Class.Closing);
        freeze(SHOP);
        pause();
        vm.warp(REDEEM_UNTIL + 1);
        refund(treasurer, one(_first));
        assertEq(token.balanceOf(shop), 1000);
    }

    function test_refund_nothing_isRefused() public {
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.NothingToDo.selector));
        desk.refund(treasurer, new bytes32[](0), 1, NOW, "");
    }

    function test_refund_signature() public {
        bytes32[] memory ids = one(_first);
        bytes memory signature = sign(treasurer, refundDigest(deskDomain(), treasurer, ids, 12, NOW - 1));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.SignatureExpired.selector, NOW - 1));
        desk.refund(treasurer, ids, 12, NOW - 1, signature);
        _refusedSignature(sign(treasurer, refundDigest(deskDomain(), treasurer, ids, 13, NOW)));
        _refusedSignature(sign(treasurer, refundDigest(deskDomain(), treasurer, one(_second), 12, NOW)));
        _refusedSignature(sign(otherTreasurer, refundDigest(deskDomain(), treasurer, ids, 12, NOW)));
        bytes32 elsewhere = domain(DESK_NAME, block.chainid + 1, address(desk));
        _refusedSignature(sign(treasurer, refundDigest(elsewhere, treasurer, ids, 12, NOW)));
        _refusedSignature(sign(treasurer, lockDigest(deskDomain(), treasurer, ids, NOW)));
        assertEq(token.balanceOf(address(desk)), 500);
    }

    function test_refund_byOthersThanTreasurers_isRefused() public {
        bytes4 error_ = IRedemptionDesk.TreasurerNotAllowed.selector;
        _refused(shop, one(_first), abi.encodeWithSelector(error_, shop));
        vm.prank(admin);
        authority.revokeRole(TREASURER, treasurer);
        _refused(treasurer, one(_first), abi.encodeWithSelector(error_, treasurer));
        vm.prank(admin);
        authority.grantRole(TREASURER, treasurer, 5 days);
        _refused(treasurer, one(_first), abi.encodeWithSelector(error_, treasurer));
    }

    function test_refund_theRightToThisFunctionCounts() public {
        vm.prank(admin);
        assign(address(desk), PROGRAMME, IRedemptionDesk.refund.selector);
        lock(treasurer, one(_second));
        settle(otherTreasurer, keccak256("e2e"), one(_second));
        _refused(
            treasurer, one(_first), abi.encodeWithSelector(IRedemptionDesk.TreasurerNotAllowed.selector, treasurer)
        );
    }

    function test_refundDigest_isWhatIsSigned() public view {
        bytes32[] memory ids = two(_first, _second);
        assertEq(desk.refundDigest(treasurer, ids, 9, 7), refundDigest(deskDomain(), treasurer, ids, 9, 7));
    }

    function _assertRefunded(Vm.Log memory log, bytes32 id, uint32 number, uint256 amount) private view {
        assertEq(log.emitter, address(desk));
        assertEq(log.topics[0], keccak256("RedemptionRefunded(bytes32,uint32,address,uint256,uint16)"));
        assertEq(log.topics[1], id);
        assertEq(uint256(log.topics[2]), number);
        assertEq(address(uint160(uint256(log.topics[3]))), treasurer);
        assertEq(keccak256(log.data), keccak256(abi.encode(amount, 12)));
    }

    function _wrongStatus(uint256 index, bytes32 id, RedemptionStatus status) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IRedemptionDesk.WrongStatus.selector, index, id, status);
    }

    function _refused(address who, bytes32[] memory ids, bytes memory expected) private {
        bytes memory signature = sign(who, refundDigest(deskDomain(), who, ids, 12, NOW));
        vm.expectRevert(expected);
        desk.refund(who, ids, 12, NOW, signature);
    }

    function _refusedSignature(bytes memory signature) private {
        bytes32[] memory ids = one(_first);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.InvalidSignature.selector, treasurer));
        desk.refund(treasurer, ids, 12, NOW, signature);
    }
}
