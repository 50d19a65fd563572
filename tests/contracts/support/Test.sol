// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Vm} from "./Vm.sol";

/// @notice What a test contract needs of the tool that runs it: the cheatcodes and assertions that say what differs.
abstract contract Test {
    bool public constant IS_TEST = true;

    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    function assertTrue(bool condition) internal pure {
        if (!condition) revert("assertion failed: not true");
    }

    function assertTrue(bool condition, string memory what) internal pure {
        if (!condition) revert(string.concat("assertion failed: ", what));
    }

    function assertFalse(bool condition) internal pure {
        if (condition) revert("assertion failed: not false");
    }

    function assertFalse(bool condition, string memory what) internal pure {
        if (condition) revert(string.concat("assertion failed: ", what));
    }

    function assertEq(uint256 actual, uint256 expected) internal pure {
        assertEq(actual, expected, "");
    }

    function assertEq(uint256 actual, uint256 expected, string memory what) internal pure {
        if (actual != expected) _differ(what, vm.toString(actual), "!=", vm.toString(expected));
    }

    function assertEq(address actual, address expected) internal pure {
        assertEq(actual, expected, "");
    }

    function assertEq(address actual, address expected, string memory what) internal pure {
        if (actual != expected) _differ(what, vm.toString(actual), "!=", vm.toString(expected));
    }

    function assertEq(bytes32 actual, bytes32 expected) internal pure {
        assertEq(actual, expected, "");
    }

    function assertEq(bytes32 actual, bytes32 expected, string memory what) internal pure {
        if (actual != expected) _differ(what, vm.toString(actual), "!=", vm.toString(expected));
    }

    function assertEq(bool actual, bool expected) internal pure {
        assertEq(actual, expected, "");
    }

    function assertEq(bool actual, bool expected, string memory what) internal pure {
        if (actual != expected) _differ(what, actual ? "true" : "false", "!=", expected ? "true" : "false");
    }

    function assertEq(string memory actual, string memory expected) internal pure {
        if (keccak256(bytes(actual)) != keccak256(bytes(expected))) _differ("", actual, "!=", expected);
    }

    function assertLe(uint256 actual, uint256 most) internal pure {
        if (actual > most) _differ("", vm.toString(actual), ">", vm.toString(most));
    }

    function assertGt(uint256 actual, uint256 less) internal pure {
        if (actual <= less) _differ("", vm.toString(actual), "<=", vm.toString(less));
    }

    /// @notice A value between two bounds, both included, that is `value` where it can be.
    function bound(uint256 value, uint256 least, uint256 most) internal pure returns (uint256) {
        if (value >= least && value <= most) return value;
        uint256 size = most - least + 1;
        return size == 0 ? value : least + value % size;
    }

    function _differ(string memory what, string memory actual, string memory sign, string memory expected)
        private
        pure
    {
        revert(string.concat("assertion failed: ", what, ": ", actual, " ", sign, " ", expected));
    }
}
