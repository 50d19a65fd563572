// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {RedemptionStatus} from "../../contracts/interfaces/IRedemptionDesk.sol";
import {Redemption, RedemptionLib} from "../../contracts/libraries/Redemption.sol";
import {Proof} from "./support/Proof.sol";

/// @notice The redemption's slot. Covers every value of a field's width, locked any number of times; no loops, nothing
/// bounded. Does not cover values wider than their field.
contract RedemptionProof is Proof {
    /// @notice A new redemption reads back and is unlocked.
    function check_create_readsBack(uint48 amount, uint32 number, uint40 time) public pure {
        Redemption created = RedemptionLib.create(amount, number, time);
        assert(created.amount() == amount && created.number() == number && created.requestedAt() == time);
        assert(created.lockId() == 0 && created.status() == RedemptionStatus.Requested);
    }

    /// @notice A lock and an end write their own field, and the spare bits stay empty.
    function check_lockAndStatus_writeNothingElse(
        uint48 amount,
        uint32 number,
        uint40 time,
        uint32 lockId,
        uint32 laterLockId,
        uint8 status
    ) public pure {
        vm.assume(status <= uint8(type(RedemptionStatus).max));
        Redemption created = RedemptionLib.create(amount, number, time);
        Redemption locked = created.withLock(lockId);
        assert(locked.lockId() == lockId && locked.status() == RedemptionStatus.Locked);
        assert(agreeBut(Redemption.unwrap(locked), Redemption.unwrap(created), 120, 40));
        Redemption again = locked.withLock(laterLockId);
        assert(again.lockId() == laterLockId && agreeBut(Redemption.unwrap(again), Redemption.unwrap(locked), 120, 32));
        Redemption ended = locked.withStatus(RedemptionStatus(status));
        assert(ended.status() == RedemptionStatus(status));
        assert(agreeBut(Redemption.unwrap(ended), Redemption.unwrap(locked), 152, 8));
    }
}
