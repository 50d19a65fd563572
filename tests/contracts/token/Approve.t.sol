// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {City} from "../support/City.sol";
import {Vm} from "../support/Vm.sol";

contract ApproveTest is City {
    function test_approve_setsTheAllowance() public {
        vm.recordLogs();
        _approve(alice, 5);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        assertEq(logs.length, 1);
        assertEq(logs[0].topics[0], keccak256("Approval(address,address,uint256)"));
        assertEq(address(uint160(uint256(logs[0].topics[1]))), alice);
        assertEq(address(uint160(uint256(logs[0].topics[2]))), stranger);
        assertEq(abi.decode(logs[0].data, (uint256)), 5);
        assertEq(token.allowance(alice, stranger), 5);
        _approve(alice, 2);
        assertEq(token.allowance(alice, stranger), 2);
    }

    function test_approve_movesNothing_alsoWhenFrozen() public {
        mint(ALICE, 10);
        freeze(ALICE);
        _approve(alice, 10);
        assertEq(token.balanceOf(alice), 10);
    }

    function _approve(address owner, uint256 value) private {
        vm.prank(owner);
        assertTrue(token.approve(stranger, value));
    }
}
