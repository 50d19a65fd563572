// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "./City.sol";
import {Vm} from "./Vm.sol";

/// @notice A city in which a published ERC-20 suite can run: everybody whom its tests name is a resident, and residents
/// may pay each other.
abstract contract PublishedSuite is City {
    Vm internal constant hevm = vm;

    /// @dev Far below 2^48, which all that was ever issued stays below.
    uint256 internal constant LIMIT = 2 ** 44;

    uint32 private _numbers = 5000;

    function setUp() public override {
        super.setUp();
        setRule(Class.Resident, Class.Resident, true);
        enrolled(address(this));
        enrolled(address(0xBEEF));
        enrolled(address(0xABCD));
    }

    /// @notice Credits of one who has an account, by the registry's right, as rewards are.
    function mint(address to, uint256 amount) internal {
        City.mint(token.numberOf(to), amount);
    }

    /// @notice Takes credits back, by the registry's right.
    function burn(address from, uint256 amount) internal {
        uint32 number = token.numberOf(from);
        vm.prank(address(registry));
        token.clawback(number, amount);
    }

    /// @notice Anybody, who now is a resident; nobody who has another part in the test already.
    function enrolled(address who) internal returns (address) {
        vm.assume(who != address(0) && who != address(desk) && token.numberOf(who) == 0);
        enrol(who, ++_numbers, Class.Resident);
        return who;
    }

    /// @notice One of our own functions fails, for this reason and no other.
    function fails(bytes memory call, bytes4 reason) internal {
        (bool done, bytes memory answer) = address(this).call(call);
        assertFalse(done, "it did not fail");
        assertEq(bytes32(bytes4(answer)), bytes32(reason), "it failed for another reason");
    }
}
