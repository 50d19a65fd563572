// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract UnpauseTest is City {
    function test_unpause_letsPayAndEarnAgain() public {
        mint(ALICE, 10);
        pause();
        vm.recordLogs();
        vm.prank(unpauser);
        token.unpause();
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("Unpaused(address)"));
        assertEq(address(uint160(uint256(logs[0].topics[1]))), unpauser);
        (, bool paused,,,) = token.rules();
        assertFalse(paused);
        mint(ALICE, 10);
        vm.prank(alice);
        token.transfer(shop, 20);
        assertBooks();
    }

    function test_unpause_notPaused_isRefused() public {
        vm.prank(unpauser);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.TokenNotPaused.selector));
        token.unpause();
    }

    function test_unpause_byTheGuardian_isRefused() public {
        pause();
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        token.unpause();
    }
}
