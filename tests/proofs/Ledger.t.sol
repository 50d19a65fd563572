// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Ledger} from "../../contracts/libraries/Ledger.sol";
import {Proof} from "./support/Proof.sol";

/// @notice The four sums. Covers every word whose sums stay below 2^48 after the addition, which the token sees to: it
/// refuses to issue more, and nothing can end that was not issued. Does not cover sums between 2^48 and 2^64.
contract LedgerProof is Proof {
    /// @notice Every sum reads its own bits, of any word.
    function check_sums_readTheirBits(uint256 word) public pure {
        Ledger ledger = Ledger.wrap(word);
        assert(ledger.issued() == field(word, 0, 64));
        assert(ledger.settled() == field(word, 64, 64));
        assert(ledger.clawedBack() == field(word, 128, 64));
        assert(ledger.expired() == field(word, 192, 64));
    }

    /// @notice Every addition changes its own sum, by exactly its amount.
    function check_additions_changeOneSumOnly(uint64 a, uint64 b, uint64 c, uint64 d, uint48 amount) public pure {
        vm.assume(a <= BITS_48 && b <= BITS_48 && c <= BITS_48 && d <= BITS_48);
        Ledger ledger = Ledger.wrap(uint256(a) | uint256(b) << 64 | uint256(c) << 128 | uint256(d) << 192);
        _assertIs(ledger.addIssued(amount), uint256(a) + amount, b, c, d);
        _assertIs(ledger.addSettled(amount), a, uint256(b) + amount, c, d);
        _assertIs(ledger.addClawedBack(amount), a, b, uint256(c) + amount, d);
        _assertIs(ledger.addExpired(amount), a, b, c, uint256(d) + amount);
    }

    /// @notice The supply is what was issued and has not ended; it rises with what is issued and falls with what ends.
    function check_supply_isWhatHasNotEnded(uint48 a, uint48 b, uint48 c, uint48 d, uint48 amount) public pure {
        vm.assume(uint256(b) + c + d <= a);
        Ledger ledger = Ledger.wrap(uint256(a) | uint256(b) << 64 | uint256(c) << 128 | uint256(d) << 192);
        uint256 supply = uint256(a) - b - c - d;
        assert(ledger.supply() == supply);
        assert(ledger.addIssued(amount).supply() == supply + amount);
        vm.assume(amount <= supply);
        assert(ledger.addSettled(amount).supply() == supply - amount);
        assert(ledger.addClawedBack(amount).supply() == supply - amount);
        assert(ledger.addExpired(amount).supply() == supply - amount);
    }

    function _assertIs(Ledger ledger, uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired)
        private
        pure
    {
        assert(ledger.issued() == issued && ledger.settled() == settled);
        assert(ledger.clawedBack() == clawedBack && ledger.expired() == expired);
    }
}
