// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk, RedemptionRequest} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Recovery} from "../support/Recovery.sol";
import {Vm} from "../support/Vm.sol";

/// @notice A desk that a newer one replaces takes no new requests, and what is open still ends.
contract CloseTest is Recovery {
    function setUp() public override {
        super.setUp();
        fund(SHOP, 1000);
    }

    function test_close_isSaidAndTakesNoNewRequests() public {
        assertFalse(desk.isClosed());
        vm.recordLogs();
        _close();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].emitter, address(desk));
        assertEq(logs[0].topics[0], keccak256("DeskClosed()"));
        assertTrue(desk.isClosed());
        RedemptionRequest[] memory items = new RedemptionRequest[](1);
        bytes[] memory signatures = new bytes[](1);
        items[0] = redemption(shop, 10);
        signatures[0] = signed(items[0]);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.DeskIsClosed.selector));
        desk.request(items, signatures);
        assertFalse(token.authorizationState(shop, idOf(items[0])));
        assertEq(token.balanceOf(shop), 1000);
    }

    function test_close_whatIsOpenStillEnds() public {
        bytes32[5] memory ids;
        for (uint256 i = 0; i < 5; ++i) {
            ids[i] = request(shop, 10);
        }
        lock(treasurer, one(ids[0]));
        _close();
        lock(treasurer, one(ids[1]));
        settle(otherTreasurer, keccak256("first"), one(ids[0]));
        settle(otherTreasurer, keccak256("second"), one(ids[1]));
        refund(treasurer, one(ids[2]));
        cancel(shop, ids[3]);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.AccountNotEmpty.selector, address(desk), 10, 0));
        this.retire(address(desk));
        vm.warp(NOW + RECLAIM_AFTER);
        desk.reclaim(ids[4]);
        assertEq(token.balanceOf(shop), 980);
        assertEq(token.accountOf(shop).openRedemptions, 0);
        this.retire(address(desk));
        assertBooks();
    }

    function test_close_theNewDeskTakesOver() public {
        bytes32 old = request(shop, 100);
        _close();
        IRedemptionDesk before = desk;
        desk = deployDesk();
        vm.prank(admin);
        token.setDesk(address(desk), true);
        bytes32 id = request(shop, 200);
        assertEq(token.accountOf(shop).openRedemptions, 2);
        assertEq(token.balanceOf(address(before)), 100);
        assertEq(token.balanceOf(address(desk)), 200);
        before.cancel(old, sign(shop, cancelDigest(domain(DESK_NAME, block.chainid, address(before)), old)));
        cancel(shop, id);
        assertEq(token.balanceOf(shop), 1000);
    }

    function test_close_twice_isRefused() public {
        _close();
        vm.prank(admin);
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.DeskIsClosed.selector));
        desk.close();
    }

    function test_close_byAnyoneElse_isRefused() public {
        address[3] memory others = [treasurer, guardian, shop];
        for (uint256 i = 0; i < others.length; ++i) {
            vm.prank(others[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, others[i]));
            desk.close();
        }
        assertFalse(desk.isClosed());
    }

    /// @dev An outside call, so that a revert within it can be expected.
    function retire(address which) external {
        vm.prank(admin);
        token.setDesk(which, false);
    }

    function _close() private {
        vm.prank(admin);
        desk.close();
    }
}
