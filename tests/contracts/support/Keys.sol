// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {BrowserKeys} from "./BrowserKeys.sol";
import {Recovery} from "./Recovery.sol";

/// @notice Everybody who can sign: plain keys, keys that a browser keeps, passkeys, contract wallets.
abstract contract Keys is Recovery, BrowserKeys {
    mapping(address who => uint256) private _browserKeys;
    mapping(address who => bool) private _isPasskey;

    /// @notice Someone whose browser keeps the key: on its own, or as a passkey.
    function browserOf(string memory name, bool passkey_) internal returns (address who) {
        uint256 key = uint256(keccak256(bytes(name))) >> 1;
        who = passkey_ ? passkey(key) : deviceKey(key);
        (_browserKeys[who], _isPasskey[who]) = (key, passkey_);
    }

    /// @notice The signature of a key of any kind, or of a wallet.
    function signAs(address who, bytes32 digest) internal view returns (bytes memory) {
        uint256 key = _browserKeys[who];
        if (key == 0) return sign(who, digest);
        return _isPasskey[who] ? assertion(key, digest) : deviceSignature(key, digest);
    }

    function _isPlainKey(address who) internal view returns (bool) {
        return _browserKeys[who] == 0 && who.code.length == 0;
    }
}
