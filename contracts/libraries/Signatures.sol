// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";

/// @title Whether an account signed a digest.
/// @dev Tried in this order: secp256k1 (65 bytes `r || s || v`, low s and v of 27 or 28 only), so that an account with
/// delegated code (EIP-7702) keeps its key; then, where there is code, ERC-1271. This is the one place that knows what
/// a signature looks like: another kind of key is another branch here.
library Signatures {
    /// @notice Gas a contract wallet gets to answer. A Safe takes some 16 000 and 6 000 for each owner.
    uint256 internal constant ERC1271_GAS = 200_000;

    /// @notice Gas that must be there before a wallet is asked, so that it gets all of {ERC1271_GAS}: a call passes on
    /// at most 63/64 of what is left (EIP-150), and some goes on making it.
    uint256 internal constant ERC1271_RESERVE = ERC1271_GAS * 64 / 63 + 10_000;

    function isSignedBy(bytes32 digest, address signer, bytes calldata signature) internal view returns (bool) {
        return isKeySignature(digest, signer, signature) || isWalletSignature(digest, signer, signature);
    }

    /// @notice Whether the signature is by the account's own secp256k1 key.
    function isKeySignature(bytes32 digest, address signer, bytes calldata signature) internal pure returns (bool) {
        (address recovered, ECDSA.RecoverError failure,) = ECDSA.tryRecoverCalldata(digest, signature);
        return failure == ECDSA.RecoverError.NoError && recovered == signer;
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
}
