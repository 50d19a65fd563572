// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IRedemptionDesk, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract CancelTest is City {
    bytes32 private _id;

    function setUp() public override {
        super.setUp();
        fund(SHOP, 1000);
        _id = request(shop, 300);
    }

    function test_cancel_givesBack() public {
        bytes memory signature = sign(shop, cancelDigest(deskDomain(), _id));
        vm.recordLogs();
        vm.prank(stranger);
        desk.cancel(_id, signature);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 2);
        assertEq(logs[0].emitter, address(desk));
        assertEq(logs[0].topics[0], keccak256("RedemptionCancelled(bytes32,uint32,uint256)"));
        assertEq(logs[0].topics[1], _id);
        assertEq(uint256(logs[0].topics[2]), SHOP);
        assertEq(abi.decode(logs[0].data, (uint256)), 300);
        assertTransfer(logs[1], address(desk), shop, 300);
        assertEq(uint256(desk.redemptionOf(_id).status), uint256(RedemptionStatus.Cancelled));
        assertEq(token.balanceOf(shop), 1000);
        assertEq(token.accountOf(shop).openRedemptions, 0);
        assertBooks();
    }

    function test_cancel_byAnother_isRefused() public {
        bytes memory expected = abi.encodeWithSelector(IRedemptionDesk.InvalidSignature.selector, shop);
        bytes memory signature = sign(cafe, cancelDigest(deskDomain(), _id));
        vm.expectRevert(expected);
        desk.cancel(_id, signature);
        signature = sign(shop, cancelDigest(domain(DESK_NAME, block.chainid + 1, address(desk)), _id));
        vm.expectRevert(expected);
        desk.cancel(_id, signature);
        signature = sign(shop, cancelDigest(tokenDomain(), _id));
        vm.expectRevert(expected);
        desk.cancel(_id, signature);
        signature = sign(shop, cancelDigest(deskDomain(), keccak256("another")));
        vm.expectRevert(expected);
        desk.cancel(_id, signature);
        vm.prank(shop);
        vm.expectRevert(expected);
        desk.cancel(_id, "");
    }

    function test_cancel_inEveryStatus() public {
        _refused(keccak256("unknown"), RedemptionStatus.None);
        lock(treasurer, one(_id));
        _refused(_id, RedemptionStatus.Locked);
        settle(otherTreasurer, keccak256("e2e"), one(_id));
        _refused(_id, RedemptionStatus.Settled);
        bytes32 id = request(shop, 1);
        refund(treasurer, one(id));
        _refused(id, RedemptionStatus.Refunded);
        id = request(shop, 1);
        cancel(shop, id);
        _refused(id, RedemptionStatus.Cancelled);
    }

    function test_cancel_whilePausedFrozenAndAfterTheEnd_works() public {
        pause();
        freeze(SHOP);
        vm.warp(REDEEM_UNTIL + 1);
        cancel(shop, _id);
        assertEq(token.balanceOf(shop), 1000);
    }

    function test_cancelDigest_isWhatIsSigned() public view {
        assertEq(desk.cancelDigest(_id), cancelDigest(deskDomain(), _id));
    }

    function _refused(bytes32 id, RedemptionStatus status) private {
        bytes memory signature = sign(shop, cancelDigest(deskDomain(), id));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.WrongStatus.selector, 0, id, status));
        desk.cancel(id, signature);
    }
}
