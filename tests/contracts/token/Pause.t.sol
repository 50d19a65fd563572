// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

/// @notice What stops has its case in the file of its function; here is what goes on.
contract PauseTest is City {
    function test_pause_isSaid() public {
        vm.recordLogs();
        pause();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("Paused(address)"));
        assertEq(address(uint160(uint256(logs[0].topics[1]))), guardian);
        (, bool paused,,,) = token.rules();
        assertTrue(paused);
    }

    function test_pause_twice_isRefused() public {
        pause();
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenPaused.selector));
        token.pause();
    }

    function test_pause_byAnyoneElse_isRefused() public {
        vm.prank(unpauser);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, unpauser));
        token.pause();
    }

    function test_pause_holdsNoShopUp() public {
        setRule(Class.Merchant, Class.Merchant, true);
        fund(SHOP, 100);
        bytes32 before = request(shop, 10);
        pause();
        bytes32 cancelled = request(shop, 10);
        bytes32 refunded = request(shop, 10);
        cancel(shop, cancelled);
        refund(treasurer, one(refunded));
        lock(treasurer, one(before));
        settle(otherTreasurer, keccak256("e2e"), one(before));
        carryTransfer(authorization(shop, alice, 10, keccak256("refund")));
        carryTransfer(authorization(shop, cafe, 10, keccak256("trade")));
        vm.prank(shop);
        token.transfer(cafe, 10);
        setClass(SHOP, Class.Closing);
        carryTransfer(authorization(shop, alice, 10, keccak256("refund 2")));
        enrol(stranger, 3001, Class.Resident);
        assertEq(token.balanceOf(shop), 50);
        assertBooks();
    }
}
