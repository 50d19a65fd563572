// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../contracts/interfaces/IMunicipalToken.sol";
import {Rules, RulesLib} from "../../contracts/libraries/Rules.sol";
import {Proof} from "./support/Proof.sol";

/// @notice The slot of what holds for every account. Covers every word and every value of a field's width; no loops,
/// nothing bounded. Does not cover dates beyond 40 bits, which the token refuses.
contract RulesProof is Proof {
    /// @notice Matrix and dates read back at deployment, and nothing is paused.
    function check_create_readsBack(uint40 issueUntil, uint40 payUntil, uint40 redeemUntil) public pure {
        Rules rules = RulesLib.create(issueUntil, payUntil, redeemUntil);
        assert(rules.matrix() == RulesLib.MATRIX && !rules.isPaused());
        assert(rules.issueUntil() == issueUntil && rules.payUntil() == payUntil && rules.redeemUntil() == redeemUntil);
    }

    /// @notice The getters read their bits, of any word.
    function check_getters_readTheirBits(uint256 word) public pure {
        Rules rules = Rules.wrap(word);
        assert(rules.matrix() == field(word, 0, 64));
        assert(rules.issueUntil() == field(word, 64, 40) && rules.payUntil() == field(word, 104, 40));
        assert(rules.redeemUntil() == field(word, 144, 40) && rules.isPaused() == (field(word, 184, 72) != 0));
    }

    /// @notice Other dates leave matrix and pause alone.
    function check_withEnds_writesNothingElse(uint256 word, uint40 a, uint40 b, uint40 c) public pure {
        Rules rules = Rules.wrap(word).withEnds(a, b, c);
        assert(rules.issueUntil() == a && rules.payUntil() == b && rules.redeemUntil() == c);
        assert(agreeBut(Rules.unwrap(rules), word, 64, 120));
    }

    /// @notice A switched rule changes one pair of classes: any other pair is allowed as before, all other bits stay.
    function check_withRule_switchesOnePair(uint256 word, uint8 from, uint8 to, uint8 otherFrom, uint8 otherTo, bool on)
        public
        pure
    {
        uint8 last = uint8(type(Class).max);
        vm.assume(from <= last && to <= last && otherFrom <= last && otherTo <= last);
        Rules rules = Rules.wrap(word).withRule(Class(from), Class(to), on);
        assert(rules.allows(Class(from), Class(to)) == on);
        assert(agreeBut(Rules.unwrap(rules), word, 0, 64));
        if (from == otherFrom && to == otherTo) return;
        assert(
            rules.allows(Class(otherFrom), Class(otherTo)) == Rules.wrap(word).allows(Class(otherFrom), Class(otherTo))
        );
    }

    /// @notice Pausing writes one bit, which reads back where the spare bits are empty, as the token leaves them.
    function check_withPaused_writesOneBit(uint256 word, bool paused) public pure {
        vm.assume(field(word, 185, 71) == 0);
        Rules rules = Rules.wrap(word).withPaused(paused);
        assert(rules.isPaused() == paused && agreeBut(Rules.unwrap(rules), word, 184, 1));
    }
}
