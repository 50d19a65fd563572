// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {WebAuthn} from "@openzeppelin/contracts/utils/cryptography/WebAuthn.sol";

/// @title Whether an account signed a digest.
/// @dev Tried in this order:
/// 1. secp256k1: 65 bytes `r || s || v`, low s and v of 27 or 28 only. First, so that an account with delegated code
///    (EIP-7702) keeps its key.
/// 2. A browser's P-256 key, low s only. The signer's address is derived from the key, under a tag for its kind:
///    a device key (WebCrypto, which always hashes) signs SHA-256 of the digest: 128 bytes `x || y || r || s`;
///    a passkey asserts it (WebAuthn level 2): `x || y || r || s`, two bytes with the length of the authenticator data,
///    the authenticator data, the client data. The relying party is part of the address: there is no setting.
/// 3. Where there is code, ERC-1271.
/// This is the one place that knows what a signature looks like: another kind of key is another branch here.
library Signatures {
    /// @notice Tags of addresses, so that no key of one kind is an address of another.
    bytes32 internal constant DEVICE_KEY = keccak256("Heitje device key, P-256");
    bytes32 internal constant PASSKEY = keccak256("Heitje passkey, WebAuthn P-256");

    uint256 private constant DEVICE_LENGTH = 128;
    /// @dev Key, signature, and the length of the authenticator data.
    uint256 private constant PASSKEY_HEAD = 130;
    /// @dev The authenticator data has a hash, flags and a counter at least (WebAuthn level 2, 6.1).
    uint256 private constant AUTHENTICATOR_DATA = 37;
    /// @dev Where `"type"` and `"challenge"` stand in client data: browsers write these two first, in this order and
    /// without spaces (WebAuthn level 2, 5.8.1.1).
    uint256 private constant TYPE_INDEX = 1;
    uint256 private constant CHALLENGE_INDEX = 23;

    /// @notice Gas a contract wallet gets to answer. A Safe takes some 16 000 and 6 000 for each owner.
    uint256 internal constant ERC1271_GAS = 200_000;

    /// @notice Gas that must be there before a wallet is asked, so that it gets all of {ERC1271_GAS}: a call passes on
    /// at most 63/64 of what is left (EIP-150), and some goes on making it.
    uint256 internal constant ERC1271_RESERVE = ERC1271_GAS * 64 / 63 + 10_000;

    function isSignedBy(bytes32 digest, address signer, bytes calldata signature) internal view returns (bool) {
        return isKeySignature(digest, signer, signature) || isWalletSignature(digest, signer, signature);
    }

    /// @notice Whether the signature is by the account's own key, of any kind.
    function isKeySignature(bytes32 digest, address signer, bytes calldata signature) internal view returns (bool) {
        if (signature.length == 65) {
            (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
            return failure == ECDSA.RecoverError.NoError && recovered == signer;
        }
        if (signature.length == DEVICE_LENGTH) return _isDeviceSignature(digest, signer, signature);
        return signature.length > DEVICE_LENGTH && _isAssertion(digest, signer, signature);
    }

    function isKeySignature(bytes32 digest, address signer, uint8 v, bytes32 r, bytes32 s)
        internal
        pure
        returns (bool)
    {
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecover(digest, v, r, s);
        return failure == ECDSA.RecoverError.NoError && recovered == signer;
    }

    /// @notice Whether a contract says that the signature is its own.
    function isWalletSignature(bytes32 digest, address signer, bytes calldata signature) internal view returns (bool) {
        return signer.code.length != 0 && answersYes(signer, question(digest, signature));
    }

    /// @notice What a contract wallet is asked. Writing it down costs gas of its own where a signature is long.
    function question(bytes32 digest, bytes calldata signature) internal pure returns (bytes memory) {
        return abi.encodeCall(IERC1271.isValidSignature, (digest, signature));
    }

    /// @notice Asks a contract, which can change nothing, gets at most {ERC1271_GAS}, and of whose answer one word is
    /// read, however long it is.
    function answersYes(address signer, bytes memory question_) internal view returns (bool yes) {
        bytes32 magic = bytes32(IERC1271.isValidSignature.selector);
        // Safe: writes the scratch space only. An answer shorter than a word is no answer.
        assembly ("memory-safe") {
            let done := staticcall(ERC1271_GAS, signer, add(question_, 32), mload(question_), 0, 32)
            yes := and(and(done, gt(returndatasize(), 31)), eq(mload(0), magic))
        }
    }

    /// @notice The address of a browser's device key.
    function deviceKeyAddress(bytes32 x, bytes32 y) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(DEVICE_KEY, x, y)))));
    }

    /// @notice The address of a passkey.
    /// @param rpIdHash SHA-256 of the relying party's id, which the authenticator signs.
    function passkeyAddress(bytes32 rpIdHash, bytes32 x, bytes32 y) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(PASSKEY, rpIdHash, x, y)))));
    }

    /// @dev The address first: it is cheap, and a wallet's signature may have this length too.
    function _isDeviceSignature(bytes32 digest, address signer, bytes calldata signature) private view returns (bool) {
        (bytes32 x, bytes32 y, bytes32 r, bytes32 s) = _words(signature);
        return signer == deviceKeyAddress(x, y) && P256.verify(sha256(abi.encode(digest)), r, s, x, y);
    }

    /// @dev Type, challenge, user present and verified, and the signature over both parts: WebAuthn level 2, 7.2. The
    /// authenticator data begins with the relying party's hash, which must be the one in the address.
    function _isAssertion(bytes32 digest, address signer, bytes calldata signature) private view returns (bool) {
        if (signature.length < PASSKEY_HEAD + AUTHENTICATOR_DATA) return false;
        uint256 end = PASSKEY_HEAD + uint16(bytes2(signature[DEVICE_LENGTH:PASSKEY_HEAD]));
        if (end < PASSKEY_HEAD + AUTHENTICATOR_DATA || end > signature.length) return false;
        (bytes32 x, bytes32 y, bytes32 r, bytes32 s) = _words(signature);
        if (signer != passkeyAddress(bytes32(signature[PASSKEY_HEAD:PASSKEY_HEAD + 32]), x, y)) return false;
        WebAuthn.WebAuthnAuth memory assertion = WebAuthn.WebAuthnAuth({
            r: r,
            s: s,
            challengeIndex: CHALLENGE_INDEX,
            typeIndex: TYPE_INDEX,
            authenticatorData: signature[PASSKEY_HEAD:end],
            clientDataJSON: string(signature[end:])
        });
        return WebAuthn.verify(abi.encode(digest), assertion, x, y);
    }

    function _words(bytes calldata signature) private pure returns (bytes32 x, bytes32 y, bytes32 r, bytes32 s) {
        return abi.decode(signature[:DEVICE_LENGTH], (bytes32, bytes32, bytes32, bytes32));
    }
}
