// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Ledger} from "../../../contracts/libraries/Ledger.sol";
import {Test} from "../support/Test.sol";

/// @notice I15 for the four sums.
contract LedgerTest is Test {
    function testFuzz_sums_readBackAndDoNotSpill(uint48 issued, uint48 settled, uint48 clawedBack, uint48 expired)
        public
        pure
    {
        settled = uint48(bound(settled, 0, issued));
        clawedBack = uint48(bound(clawedBack, 0, issued - settled));
        expired = uint48(bound(expired, 0, issued - settled - clawedBack));
        Ledger ledger = Ledger.wrap(0).addIssued(issued).addSettled(settled);
        ledger = ledger.addClawedBack(clawedBack).addExpired(expired);
        assertEq(ledger.issued(), issued);
        assertEq(ledger.settled(), settled);
        assertEq(ledger.clawedBack(), clawedBack);
        assertEq(ledger.expired(), expired);
        assertEq(ledger.supply(), uint256(issued) - settled - clawedBack - expired);
    }

    function testFuzz_add_changesOneSum(uint256 word, uint48 cents) public pure {
        uint256 amount = cents;
        word = word & (2 ** 63 - 1) * (1 + 2 ** 64 + 2 ** 128 + 2 ** 192);
        Ledger ledger = Ledger.wrap(word);
        assertEq(Ledger.unwrap(ledger.addIssued(amount)), word + amount);
        assertEq(Ledger.unwrap(ledger.addSettled(amount)), word + amount * 2 ** 64);
        assertEq(Ledger.unwrap(ledger.addClawedBack(amount)), word + amount * 2 ** 128);
        assertEq(Ledger.unwrap(ledger.addExpired(amount)), word + amount * 2 ** 192);
        assertEq(ledger.issued() + amount, ledger.addIssued(amount).issued());
        assertEq(ledger.settled() + amount, ledger.addSettled(amount).settled());
        assertEq(ledger.clawedBack() + amount, ledger.addClawedBack(amount).clawedBack());
        assertEq(ledger.expired() + amount, ledger.addExpired(amount).expired());
    }
}
