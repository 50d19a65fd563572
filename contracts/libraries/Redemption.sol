// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {RedemptionStatus} from "../interfaces/IRedemptionDesk.sol";

/// @notice A redemption in one storage slot. Low bits first:
///
///     amount 48 | number 32 | requested at 40 | lock id 32 | status 8 | spare 96
type Redemption is uint256;

using RedemptionLib for Redemption global;

library RedemptionLib {
    uint256 private constant MASK_32 = type(uint32).max;
    uint256 private constant NUMBER = 48;
    uint256 private constant REQUESTED_AT = 80;
    uint256 private constant LOCK = 120;
    uint256 private constant STATUS = 152;

    function create(uint256 amount_, uint32 number_, uint256 requestedAt_) internal pure returns (Redemption) {
        return Redemption.wrap(
            amount_ | uint256(number_) << NUMBER | requestedAt_ << REQUESTED_AT | uint256(RedemptionStatus.Requested)
                << STATUS
        );
    }

    function amount(Redemption self) internal pure returns (uint256) {
        return Redemption.unwrap(self) & type(uint48).max;
    }

    function number(Redemption self) internal pure returns (uint32) {
        return uint32(Redemption.unwrap(self) >> NUMBER);
    }

    function requestedAt(Redemption self) internal pure returns (uint256) {
        return Redemption.unwrap(self) >> REQUESTED_AT & type(uint40).max;
    }

    function lockId(Redemption self) internal pure returns (uint256) {
        return Redemption.unwrap(self) >> LOCK & MASK_32;
    }

    function status(Redemption self) internal pure returns (RedemptionStatus) {
        return RedemptionStatus(Redemption.unwrap(self) >> STATUS);
    }

    function withLock(Redemption self, uint256 lockId_) internal pure returns (Redemption) {
        return withStatus(
            Redemption.wrap(Redemption.unwrap(self) & ~(MASK_32 << LOCK) | lockId_ << LOCK), RedemptionStatus.Locked
        );
    }

    function withStatus(Redemption self, RedemptionStatus status_) internal pure returns (Redemption) {
        return Redemption.wrap(Redemption.unwrap(self) << 104 >> 104 | uint256(status_) << STATUS);
    }
}
