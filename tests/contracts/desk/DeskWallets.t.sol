// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk, RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Recovery} from "../support/Recovery.sol";
import {Mood, OddWallet} from "../support/Wallets.sol";

/// @notice Shops and treasurers that are contracts (ERC-1271): a Safe can hold any role.
contract DeskWalletsTest is Recovery {
    address private _bakery;
    address private _safe;

    function setUp() public override {
        super.setUp();
        _bakery = walletOf("bakery");
        enrol(_bakery, 2004, Class.Merchant);
        fund(2004, 500);
        _safe = walletOf("the treasury");
        vm.prank(admin);
        authority.grantRole(TREASURER, _safe, 0);
    }

    function test_request_andCancel_byAContractWallet() public {
        bytes32 id = request(_bakery, 100);
        assertEq(token.balanceOf(address(desk)), 100);
        bytes memory wrong = sign(shop, cancelDigest(deskDomain(), id));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.InvalidSignature.selector, _bakery));
        desk.cancel(id, wrong);
        cancel(_bakery, id);
        assertEq(token.balanceOf(_bakery), 500);
    }

    function test_lock_settle_andRefund_byAContractWallet() public {
        (bytes32 first, bytes32 second) = (request(_bakery, 100), request(_bakery, 200));
        lock(_safe, one(first));
        lock(treasurer, one(second));
        // A Safe that locked does not settle either, whoever its owners are.
        uint256 deadline = block.timestamp;
        bytes32[] memory ids = one(first);
        bytes memory signature = sign(_safe, refundDigest(deskDomain(), _safe, ids, 3, deadline));
        vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.SameTreasurer.selector, 0, first, _safe));
        desk.refund(_safe, ids, 3, deadline, signature);
        settle(treasurer, keccak256("first"), one(first));
        settle(_safe, keccak256("second"), one(second));
        bytes32 third = request(_bakery, 50);
        refund(_safe, one(third));
        (address locker,) = desk.lockOf(1);
        assertEq(locker, _safe);
        assertEq(token.balanceOf(_bakery), 200);
    }

    function test_treasurers_thatSayNo_areRefused() public {
        bytes32 id = request(_bakery, 100);
        Mood[4] memory moods = [Mood.No, Mood.Endless, Mood.Short, Mood.Reverting];
        for (uint256 i = 0; i < moods.length; ++i) {
            address odd = address(new OddWallet(moods[i]));
            vm.prank(admin);
            authority.grantRole(TREASURER, odd, 0);
            vm.expectRevert(abi.encodeWithSelector(IRedemptionDesk.InvalidSignature.selector, odd));
            desk.lock(odd, one(id), NOW, "");
        }
        assertEq(uint256(desk.redemptionOf(id).status), uint256(RedemptionStatus.Requested));
    }
}
