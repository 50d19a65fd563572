// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

/// @title Whether the signature of an official counts.
library Officials {
    /// @notice Whether the authority lets this official call this function of this contract at once. Whoever must
    /// announce it first cannot do it by signature.
    function mayActAtOnce(address authority, address official, bytes4 selector) internal view returns (bool immediate) {
        (immediate,) = IAccessManager(authority).canCall(official, address(this), selector);
    }
}
