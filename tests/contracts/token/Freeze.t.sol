// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, IMunicipalToken, Refusal} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Authorization} from "../support/Signing.sol";
import {Vm} from "../support/Vm.sol";

/// @notice I8. Each way of paying has its own frozen case in its own file; here is what goes on.
contract FreezeTest is City {
    function test_freeze_setsTheFlagAndNothingElse() public {
        mint(ALICE, 10);
        uint256 before = wordOf(alice);
        vm.recordLogs();
        freeze(ALICE);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("Frozen(uint32,address,uint16)"));
        assertEq(uint256(logs[0].topics[1]), ALICE);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), alice);
        assertEq(abi.decode(logs[0].data, (uint256)), 7);
        assertEq(wordOf(alice), before + 2 ** 200);
        assertTrue(token.accountOf(alice).frozen);
    }

    function test_freeze_rollsTheAccount() public {
        mint(ALICE, 10);
        vm.warp(JANUARY_2027);
        freeze(ALICE);
        assertEq(token.balanceOf(alice), 0);
        assertEq(token.totalSupply(), 0);
        assertEq(token.accountOf(alice).epoch, EPOCH + 2);
    }

    function test_freeze_twice_isRefused() public {
        freeze(ALICE);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.FreezeUnchanged.selector, ALICE, true));
        token.freeze(ALICE, 1);
    }

    function test_freeze_ofNobody_isRefused_theDeskCannotBeFrozen() public {
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 9));
        token.freeze(9, 1);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 0));
        token.freeze(0, 1);
    }

    function test_freeze_byAnyoneElse_isRefused() public {
        vm.prank(unpauser);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, unpauser));
        token.freeze(ALICE, 1);
    }

    function test_freeze_mayReceive_rewardAndRefund() public {
        fund(SHOP, 10);
        freeze(ALICE);
        mint(ALICE, 5);
        carryTransfer(authorization(shop, alice, 10, keccak256("refund")));
        assertEq(token.balanceOf(alice), 15);
    }

    function test_freeze_shop_cannotRedeemButOpenOnesEnd() public {
        fund(SHOP, 40);
        bytes32 first = request(shop, 10);
        bytes32 second = request(shop, 10);
        bytes32 third = request(shop, 10);
        freeze(SHOP);
        Authorization memory a = authorization(shop, address(desk), 10, keccak256("id"));
        bytes memory signature = sign(shop, receiveDigest(tokenDomain(), a));
        vm.prank(address(desk));
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, shop, address(desk), Refusal.Frozen)
        );
        token.receiveWithAuthorization(shop, address(desk), 10, a.validAfter, a.validBefore, a.nonce, signature);

        cancel(shop, first);
        refund(treasurer, one(second));
        lock(treasurer, one(third));
        settle(otherTreasurer, keccak256("e2e"), one(third));
        assertEq(token.balanceOf(shop), 30);
        assertEq(token.balanceOf(address(desk)), 0);
        assertEq(token.accountOf(shop).openRedemptions, 0);
        assertBooks();
    }

    function test_freeze_shop_cannotRefund() public {
        fund(SHOP, 40);
        setClass(SHOP, Class.Closing);
        freeze(SHOP);
        Authorization memory a = authorization(shop, alice, 10, keccak256("refund"));
        bytes memory signature = sign(shop, transferDigest(tokenDomain(), a));
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TransferRefused.selector, shop, alice, Refusal.Frozen));
        carryTransfer(a, signature);
    }
}
