// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AttestationView, IActivityRegistry, Rule} from "../interfaces/IActivityRegistry.sol";
import {Attestation} from "../libraries/Attestation.sol";
import {YearCaps} from "../libraries/YearCaps.sol";
import {Programmes} from "./Programmes.sol";

/// @title Who was rewarded for what, and what every person earned in a month and a year.
/// @dev Documented in {IActivityRegistry}.
abstract contract Attestations is Programmes {
    /* TYPES */

    /// @dev Words where they are stored, so that their places are computed once.
    struct AttestationSlot {
        Attestation word;
    }

    struct CapsSlot {
        YearCaps word;
    }

    /* STORAGE */

    mapping(uint256 uid => AttestationSlot) internal _attestations;
    /// @dev Key: `number << 16 | year`.
    mapping(uint256 key => CapsSlot) internal _caps;

    /* LIMITS OF A PERSON */

    /// @inheritdoc IActivityRegistry
    function lowerYear(uint32 number, uint256 year, uint256 euros) external restricted {
        if (TOKEN.holderOf(number) == address(0) || year > type(uint16).max || euros > type(uint16).max) {
            revert InvalidLowering(number, year, euros);
        }
        CapsSlot storage slot = _caps[_capsKey(number, 12 * year)];
        slot.word = slot.word.withLowered(euros);
        emit YearLowered(number, year, euros);
    }

    /* VIEWS */

    /// @inheritdoc IActivityRegistry
    function uidOf(uint256 activity, uint32 number) public pure returns (uint256 uid) {
        return activity << 32 | number;
    }

    /// @inheritdoc IActivityRegistry
    function attestationOf(uint256 uid) external view returns (AttestationView memory) {
        Attestation word = _attestations[uid].word;
        return AttestationView({
            status: word.status(),
            amount: word.amount(),
            minutes_: word.duration(),
            month: word.month(),
            programme: word.programme(),
            time: word.time(),
            struck: word.struck(),
            kept: word.kept(),
            reducedAt: word.reducedAt()
        });
    }

    /// @inheritdoc IActivityRegistry
    function wordsOf(uint256[] calldata uids) external view returns (uint256[] memory words) {
        words = new uint256[](uids.length);
        for (uint256 i = 0; i < uids.length; ++i) {
            words[i] = Attestation.unwrap(_attestations[uids[i]].word);
        }
    }

    /// @inheritdoc IActivityRegistry
    function earned(uint32 number, uint256 month) public view returns (uint256 inMonth, uint256 inYear) {
        return _earned(_caps[_capsKey(number, month)].word, number, month);
    }

    /// @inheritdoc IActivityRegistry
    function left(uint32 number, uint256 month) external view returns (uint256 inMonth, uint256 inYear) {
        Rule memory rule = _ruleFor(month);
        (uint256 monthSum, uint256 yearSum) = earned(number, month);
        inMonth = _minus(rule.monthLimit - rule.headroom, monthSum);
        inYear = _minus(
            rule.yearLimit - rule.headroom,
            yearSum + _loweredBy(_caps[_capsKey(number, month)].word, number, month / 12)
        );
    }

    /// @inheritdoc IActivityRegistry
    function loweredBy(uint32 number, uint256 year) external view returns (uint256 cents) {
        return _loweredBy(_caps[_capsKey(number, 12 * year)].word, number, year);
    }

    /* INTERNALS */

    /// @dev `caps` is the word of this number and year; the predecessor's sums are added to it.
    function _earned(YearCaps caps, uint32 number, uint256 month)
        internal
        view
        returns (uint256 inMonth, uint256 inYear)
    {
        if (address(PREDECESSOR) != address(0)) {
            (inMonth, inYear) = PREDECESSOR.earned(number, month);
        }
        // Unchecked: sums of twelve months below 2^20 each.
        unchecked {
            inMonth += caps.inMonth(month % 12);
            inYear += caps.inYear();
        }
    }

    function _capsKey(uint32 number, uint256 month) internal pure returns (uint256) {
        return uint256(number) << 16 | month / 12;
    }

    function _minus(uint256 a, uint256 b) internal pure returns (uint256) {
        return a > b ? a - b : 0;
    }

    /// @dev `caps` is the word of this number and year; a predecessor may have lowered it more.
    function _loweredBy(YearCaps caps, uint32 number, uint256 year) internal view returns (uint256 cents) {
        cents = caps.lowered();
        if (address(PREDECESSOR) != address(0)) {
            uint256 before = PREDECESSOR.loweredBy(number, year);
            if (before > cents) cents = before;
        }
    }
}
