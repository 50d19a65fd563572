// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManaged} from "@openzeppelin/contracts/access/manager/IAccessManaged.sol";

import {IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract UnfreezeTest is City {
    function test_unfreeze_letsPayAgain() public {
        mint(ALICE, 10);
        uint256 before = wordOf(alice);
        freeze(ALICE);
        vm.recordLogs();
        vm.prank(unpauser);
        token.unfreeze(ALICE);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("Unfrozen(uint32,address)"));
        assertEq(uint256(logs[0].topics[1]), ALICE);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), alice);
        assertEq(wordOf(alice), before);
        assertEq(token.pay(payment(alice, shop, 10), signed(payment(alice, shop, 10))), 1);
    }

    function test_unfreeze_notFrozen_isRefused() public {
        vm.prank(unpauser);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.FreezeUnchanged.selector, ALICE, false));
        token.unfreeze(ALICE);
    }

    function test_unfreeze_ofNobody_isRefused() public {
        vm.prank(unpauser);
        vm.expectRevert(abi.encodeWithSelector(IMunicipalToken.UnknownNumber.selector, 9));
        token.unfreeze(9);
    }

    function test_unfreeze_byTheGuardian_isRefused() public {
        freeze(ALICE);
        vm.prank(guardian);
        vm.expectRevert(abi.encodeWithSelector(IAccessManaged.AccessManagedUnauthorized.selector, guardian));
        token.unfreeze(ALICE);
    }
}
