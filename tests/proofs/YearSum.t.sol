// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {YearCaps} from "../../contracts/libraries/YearCaps.sol";
import {Proof} from "./support/Proof.sol";

/// @notice The sum of a year. Covers every word; no loops, nothing bounded, nothing assumed. In steps of a month, because
/// the solver does not get through twelve summands at once; apart from {YearCapsProof}, because it takes minutes.
contract YearSumProof is Proof {
    /// @notice The year, which is summed in lanes, is the sum of its months: of none it is nothing, each further month
    /// adds what it holds, and the lowering beside the months adds nothing.
    function check_inYear_isTheSumOfTheMonths(uint256 word) public pure {
        assert(_yearUpTo(word, 0) == 0);
        assert(_yearUpTo(word, 1) == _yearUpTo(word, 0) + _month(word, 0));
        assert(_yearUpTo(word, 2) == _yearUpTo(word, 1) + _month(word, 1));
        assert(_yearUpTo(word, 3) == _yearUpTo(word, 2) + _month(word, 2));
        assert(_yearUpTo(word, 4) == _yearUpTo(word, 3) + _month(word, 3));
        assert(_yearUpTo(word, 5) == _yearUpTo(word, 4) + _month(word, 4));
        assert(_yearUpTo(word, 6) == _yearUpTo(word, 5) + _month(word, 5));
        assert(_yearUpTo(word, 7) == _yearUpTo(word, 6) + _month(word, 6));
        assert(_yearUpTo(word, 8) == _yearUpTo(word, 7) + _month(word, 7));
        assert(_yearUpTo(word, 9) == _yearUpTo(word, 8) + _month(word, 8));
        assert(_yearUpTo(word, 10) == _yearUpTo(word, 9) + _month(word, 9));
        assert(_yearUpTo(word, 11) == _yearUpTo(word, 10) + _month(word, 10));
        assert(_yearUpTo(word, 12) == _yearUpTo(word, 11) + _month(word, 11));
        assert(YearCaps.wrap(word).inYear() == _yearUpTo(word, 12));
    }

    /// @dev The year of a word that has only its first months.
    function _yearUpTo(uint256 word, uint256 months) private pure returns (uint256) {
        return YearCaps.wrap(word % 2 ** (20 * months)).inYear();
    }

    function _month(uint256 word, uint256 month) private pure returns (uint256) {
        return (word >> (20 * month)) % 2 ** 20;
    }
}
