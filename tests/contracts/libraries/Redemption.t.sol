// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Redemption, RedemptionLib} from "../../../contracts/libraries/Redemption.sol";
import {Test} from "../support/Test.sol";

/// @notice I15 for redemptions.
contract RedemptionTest is Test {
    function testFuzz_create_readsBack(uint48 amount, uint32 number, uint40 requestedAt) public pure {
        Redemption redemption = RedemptionLib.create(amount, number, requestedAt);
        _assertIs(redemption, amount, number, requestedAt, 0, RedemptionStatus.Requested);
    }

    function testFuzz_withLock_andStatus_writeNothingElse(
        uint48 amount,
        uint32 number,
        uint40 requestedAt,
        uint32 lockId,
        uint8 end
    ) public pure {
        Redemption redemption = RedemptionLib.create(amount, number, requestedAt).withLock(lockId);
        _assertIs(redemption, amount, number, requestedAt, lockId, RedemptionStatus.Locked);
        RedemptionStatus status = RedemptionStatus(end % 6);
        _assertIs(redemption.withStatus(status), amount, number, requestedAt, lockId, status);
    }

    function _assertIs(
        Redemption redemption,
        uint256 amount,
        uint256 number,
        uint256 requestedAt,
        uint256 lockId,
        RedemptionStatus status
    ) private pure {
        assertEq(redemption.amount(), amount);
        assertEq(redemption.number(), number);
        assertEq(redemption.requestedAt(), requestedAt);
        assertEq(redemption.lockId(), lockId);
        assertEq(uint256(redemption.status()), uint256(status));
        uint256 word = amount + number * 2 ** 48 + requestedAt * 2 ** 80 + lockId * 2 ** 120;
        assertEq(Redemption.unwrap(redemption), word + uint256(status) * 2 ** 152);
    }
}
