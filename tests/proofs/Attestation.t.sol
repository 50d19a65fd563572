// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AttestationStatus} from "../../contracts/interfaces/IActivityRegistry.sol";
import {Attestation, AttestationLib} from "../../contracts/libraries/Attestation.sol";
import {Proof} from "./support/Proof.sol";

/// @notice The attestation's slot. Covers every value of a field's width, and every word where one is written; no loops,
/// nothing bounded. Does not cover values wider than their field, nor words whose status is none of the enumeration's.
contract AttestationProof is Proof {
    /// @notice What is issued reads back, field by field, and nothing else is set.
    function check_issued_readsBack(uint32 amount, uint16 duration, uint16 month, uint32 programme, uint40 time)
        public
        pure
    {
        Attestation issued = AttestationLib.blank(month, programme, time).withAmount(amount, duration);
        assert(issued.amount() == amount && issued.duration() == duration && issued.month() == month);
        assert(issued.programme() == programme && issued.time() == time);
        assert(issued.status() == AttestationStatus.Issued && issued.kept() == duration);
        assert(issued.struck() == 0 && issued.reducedAt() == 0);
        // Whoever is rewarded has a word that is not zero, which is how a second reward is seen.
        assert(Attestation.unwrap(issued) != 0);
    }

    /// @notice A reduction writes its three fields and the status; what was issued stays, in any word, also in one that
    /// was reduced before.
    function check_withReduction_writesNothingElse(uint256 word, uint32 struck, uint16 kept, uint40 time) public pure {
        Attestation before = Attestation.wrap(word);
        Attestation reduced = before.withReduction(struck, kept, time);
        assert(reduced.struck() == struck && reduced.kept() == kept && reduced.reducedAt() == time);
        assert(reduced.status() == AttestationStatus.Reduced);
        uint256 written = Attestation.unwrap(reduced);
        // 32..63 struck, 168..175 status, 176..191 kept, 192..231 time.
        uint256 correction = ((2 ** 32 - 1) << 32) | ((2 ** 64 - 1) << 168);
        assert((written ^ word) & ~correction == 0);
        assert(reduced.amount() == before.amount() && reduced.duration() == before.duration());
        assert(reduced.month() == before.month() && reduced.programme() == before.programme());
        assert(reduced.time() == before.time());
    }

    /// @notice A clawback writes the status only.
    function check_clawedBack_writesTheStatusOnly(uint256 word) public pure {
        uint256 written = Attestation.unwrap(Attestation.wrap(word).clawedBack());
        assert(field(written, 168, 8) == uint256(AttestationStatus.ClawedBack) && agreeBut(written, word, 168, 8));
    }
}
