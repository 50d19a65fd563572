// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Rules, RulesLib} from "../../../contracts/libraries/Rules.sol";
import {Test} from "../support/Test.sol";

/// @notice I15 for the rules word.
contract RulesTest is Test {
    function testFuzz_create_readsBack(uint40 issueUntil, uint40 payUntil, uint40 redeemUntil) public pure {
        Rules rules = RulesLib.create(issueUntil, payUntil, redeemUntil);
        _assertIs(rules, RulesLib.MATRIX, issueUntil, payUntil, redeemUntil, false);
        _assertIs(rules.withPaused(true), RulesLib.MATRIX, issueUntil, payUntil, redeemUntil, true);
        assertEq(Rules.unwrap(rules.withPaused(true).withPaused(false)), Rules.unwrap(rules));
        assertEq(Rules.unwrap(rules.withPaused(false)), Rules.unwrap(rules));
    }

    function testFuzz_withRule_changesOneBit(uint256 word, uint256 from, uint256 to, bool allowed) public pure {
        Rules rules = Rules.wrap(word);
        (from, to) = (from % 5, to % 5);
        Rules after_ = rules.withRule(Class(from), Class(to), allowed);
        uint256 weight = 2 ** (8 * from + to);
        uint256 without = word - (word / weight % 2) * weight;
        assertEq(Rules.unwrap(after_), allowed ? without + weight : without);
        for (uint256 i = 0; i < 25; ++i) {
            bool same = i / 5 == from && i % 5 == to;
            bool before = rules.allows(Class(i / 5), Class(i % 5));
            assertEq(after_.allows(Class(i / 5), Class(i % 5)), same ? allowed : before);
        }
    }

    function testFuzz_withEnds_writesNothingElse(uint256 word, uint40 issueUntil, uint40 payUntil, uint40 redeemUntil)
        public
        pure
    {
        Rules rules = Rules.wrap(word).withEnds(issueUntil, payUntil, redeemUntil);
        assertEq(rules.issueUntil(), issueUntil);
        assertEq(rules.payUntil(), payUntil);
        assertEq(rules.redeemUntil(), redeemUntil);
        uint256 dates = uint256(issueUntil) * 2 ** 64 + uint256(payUntil) * 2 ** 104 + uint256(redeemUntil) * 2 ** 144;
        assertEq(Rules.unwrap(rules), word % 2 ** 64 + dates + word / 2 ** 184 * 2 ** 184);
    }

    function test_matrix_isTheSevenPairsOfTheDesign() public pure {
        Rules rules = RulesLib.create(0, 0, 0);
        uint256 on;
        for (uint256 i = 0; i < 25; ++i) {
            if (rules.allows(Class(i / 5), Class(i % 5))) ++on;
        }
        assertEq(on, 7);
        assertTrue(rules.allows(Class.Resident, Class.Merchant));
        assertTrue(rules.allows(Class.Merchant, Class.Resident));
        assertTrue(rules.allows(Class.Closing, Class.Resident));
        assertTrue(rules.allows(Class.Merchant, Class.Desk));
        assertTrue(rules.allows(Class.Closing, Class.Desk));
        assertTrue(rules.allows(Class.Desk, Class.Merchant));
        assertTrue(rules.allows(Class.Desk, Class.Closing));
    }

    function _assertIs(
        Rules rules,
        uint256 matrix,
        uint256 issueUntil,
        uint256 payUntil,
        uint256 redeemUntil,
        bool paused
    ) private pure {
        assertEq(rules.matrix(), matrix);
        assertEq(rules.issueUntil(), issueUntil);
        assertEq(rules.payUntil(), payUntil);
        assertEq(rules.redeemUntil(), redeemUntil);
        assertEq(rules.isPaused(), paused);
    }
}
