// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AttestationStatus} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Attestation, AttestationLib} from "../../../contracts/libraries/Attestation.sol";
import {Test} from "../support/Test.sol";

/// @notice I15 for attestations.
contract AttestationTest is Test {
    function testFuzz_withAmount_readsBack(uint32 amount, uint16 minutes_, uint16 month, uint32 programme, uint40 time)
        public
        pure
    {
        Attestation attestation = AttestationLib.blank(month, programme, time).withAmount(amount, minutes_);
        assertEq(attestation.amount(), amount);
        assertEq(attestation.duration(), minutes_);
        assertEq(attestation.month(), month);
        assertEq(attestation.programme(), programme);
        assertEq(attestation.time(), time);
        assertEq(uint256(attestation.status()), uint256(AttestationStatus.Issued));

        uint256 word = amount;
        word += uint256(minutes_) * 2 ** 64;
        word += uint256(month) * 2 ** 80;
        word += uint256(programme) * 2 ** 96;
        word += uint256(time) * 2 ** 128;
        word += 2 ** 168;
        assertEq(Attestation.unwrap(attestation), word);
    }
}
