// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {CityInvariants} from "./support/CityInvariants.sol";
import {GovernanceHandler} from "./support/GovernanceHandler.sol";
import {Handler} from "./support/Handler.sol";

/// @notice What must always be true in a young city.
contract InvariantsTest is CityInvariants {
    function setUp() public {
        _found();
    }

    function invariant_theBooks() public view {
        _checkTheBooks();
    }

    /// @notice A run in which nothing succeeds would show nothing.
    function afterInvariant() public view {
        assertGt(_handler.successes(), 0);
    }
}

/// @notice And at the end of a city's life, when one date after the other passes.
contract LastDaysInvariantsTest is CityInvariants {
    function setUp() public {
        _foundLongAgo();
    }

    function invariant_theBooks() public view {
        _checkTheBooks();
    }

    /// @notice A run in which nothing succeeds would show nothing.
    function afterInvariant() public view {
        assertGt(_handler.successes(), 0);
    }

    function targetSelectors() public view override returns (FuzzSelector[] memory targets) {
        FuzzSelector[] memory usual = super.targetSelectors();
        targets = new FuzzSelector[](usual.length + 1);
        for (uint256 i = 0; i < usual.length; ++i) {
            targets[i] = usual[i];
        }
        bytes4[] memory dates = new bytes4[](5);
        for (uint256 i = 0; i < dates.length; ++i) {
            dates[i] = GovernanceHandler.passADate.selector;
        }
        targets[usual.length] = FuzzSelector(address(_handler), dates);
    }
}

/// @notice That the actions of the invariants do something. One that never succeeds would hold every invariant.
contract ActionsTest is CityInvariants {
    event Acted(string action, uint256 done, uint256 refused);

    uint256 private constant CITIES = 14;

    Handler[] private _cities;

    /// @notice Chance alone makes every action succeed, and makes the contracts refuse what they must: the same actions as
    /// in the invariants, drawn from a fixed seed.
    function test_actions_byChance_allSucceedAndAreRefused() public {
        for (uint256 city = 0; city < CITIES; ++city) {
            // Half of them see their last days.
            bool old = city & 1 == 1;
            if (old) _foundLongAgo();
            else _found();
            _cities.push(_handler);
            for (uint256 i = 0; i < 120; ++i) {
                _actByChance(uint256(keccak256(abi.encode(city, i))));
                if (old && i % 20 == 19) _handler.passADate(1);
                if (i % 40 == 39) _checkTheBooks();
            }
        }
        _checkPeople();
        _checkOfficials();
    }

    function _checkPeople() private {
        _check("reward", 66, 35);
        _check("reward again", 0, 13);
        _check("expire", 2, 0);
        _check("pay a batch", 65, 21);
        _check("pay", 101, 0);
        _check("transfer", 3, 13);
        _check("approve", 20, 0);
        _check("permit", 8, 5);
        _check("transfer from", 1, 14);
        _check("refund", 3, 9);
        _check("authorize", 4, 28);
        _check("withdraw an authorization", 14, 0);
        _check("redeem", 24, 2);
        _check("redeem in grace", 1, 12);
        _check("give grace", 4, 0);
        _check("cancel a redemption", 5, 9);
        _check("lock", 5, 8);
        _check("reclaim", 5, 4);
        _check("settle", 2, 16);
        _check("refund a redemption", 4, 6);
    }

    function _checkOfficials() private {
        _check("ask for a replacement", 10, 0);
        _check("replace", 4, 20);
        _check("cancel a replacement", 2, 14);
        _check("reduce", 17, 10);
        _check("claw back", 5, 21);
        _check("cancel a report", 10, 0);
        _check("lower a year", 21, 0);
        _check("freeze", 7, 0);
        _check("unfreeze", 5, 0);
        _check("pause", 5, 0);
        _check("unpause", 5, 0);
        _check("reopen a shop", 1, 0);
        _check("close a shop", 5, 0);
        _check("leave", 6, 7);
        _check("switch a rule", 17, 0);
        _check("appoint", 2, 0);
        _check("dismiss", 4, 0);
        _check("close the desk", 2, 0);
        _check("announce", 33, 0);
        _check("carry out", 4, 19);
        _check("call off", 7, 3);
        _check("wait", 26, 0);
        _check("pass the last reward", 3, 0);
        _check("pass the last payment", 3, 0);
        _check("pass the last redemption", 3, 0);
        _check("extend the dates", 8, 12);
    }

    /// @notice The summary, in the traces of `forge test --match-contract ActionsTest -vvvv`.
    function _check(string memory action, uint256 leastDone, uint256 leastRefused) private {
        (uint256 done, uint256 refused) = (0, 0);
        for (uint256 i = 0; i < CITIES; ++i) {
            done += _cities[i].done(action);
            refused += _cities[i].refused(action);
        }
        emit Acted(action, done, refused);
        assertTrue(done >= leastDone, string.concat("hardly ever done: ", action));
        assertTrue(refused >= leastRefused, string.concat("hardly ever refused: ", action));
    }

    function _actByChance(uint256 seed) private {
        FuzzSelector[] memory targets = targetSelectors();
        uint256 draw = seed % 56;
        for (uint256 i = 0; i < targets.length; ++i) {
            uint256 size = targets[i].selectors.length;
            if (draw < size) {
                (bool succeeded, bytes memory answer) =
                    address(_handler).call(abi.encodeWithSelector(targets[i].selectors[draw], seed >> 8));
                if (succeeded) return;
                assembly {
                    revert(add(answer, 32), mload(answer))
                }
            }
            draw -= size;
        }
    }
}
