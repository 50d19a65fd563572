// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Base64} from "@openzeppelin/contracts/utils/Base64.sol";

import {City} from "./City.sol";

/// @notice What a browser does with its keys: addresses, raw signatures and assertions, written from the specifications
/// (WebCrypto, WebAuthn level 2) and not from the contracts under test.
abstract contract BrowserKeys is City {
    /// @dev Order of the group of P-256.
    uint256 internal constant P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;

    bytes32 internal constant RP_ID_HASH = sha256("city.example");

    /// @dev User present, user verified.
    bytes1 internal constant PRESENT_AND_VERIFIED = 0x05;

    function deviceKey(uint256 key) internal pure returns (address) {
        (uint256 x, uint256 y) = vm.publicKeyP256(key);
        return address(uint160(uint256(keccak256(abi.encode(keccak256("Heitje device key, P-256"), x, y)))));
    }

    function passkey(uint256 key) internal pure returns (address) {
        return passkey(key, RP_ID_HASH);
    }

    function passkey(uint256 key, bytes32 rpIdHash) internal pure returns (address) {
        (uint256 x, uint256 y) = vm.publicKeyP256(key);
        bytes32 tag = keccak256("Heitje passkey, WebAuthn P-256");
        return address(uint160(uint256(keccak256(abi.encode(tag, rpIdHash, x, y)))));
    }

    /// @notice `crypto.subtle.sign({name: "ECDSA", hash: "SHA-256"}, key, digest)`, with low s.
    function deviceSignature(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        return abi.encodePacked(_signed(key, sha256(abi.encodePacked(digest))));
    }

    /// @notice `navigator.credentials.get({publicKey: {challenge: digest}})`, packed.
    function assertion(uint256 key, bytes32 digest) internal pure returns (bytes memory) {
        return assertion(key, authenticatorData(RP_ID_HASH, PRESENT_AND_VERIFIED), clientData(digest));
    }

    function assertion(uint256 key, bytes memory data, bytes memory client) internal pure returns (bytes memory) {
        bytes memory signature = _signed(key, sha256(abi.encodePacked(data, sha256(client))));
        return abi.encodePacked(signature, uint16(data.length), data, client);
    }

    function authenticatorData(bytes32 rpIdHash, bytes1 flags) internal pure returns (bytes memory) {
        return abi.encodePacked(rpIdHash, flags, uint32(7));
    }

    function clientData(bytes32 digest) internal pure returns (bytes memory) {
        return clientData("webauthn.get", digest);
    }

    function clientData(string memory kind, bytes32 digest) internal pure returns (bytes memory) {
        return abi.encodePacked(
            '{"type":"',
            kind,
            '","challenge":"',
            Base64.encodeURL(abi.encodePacked(digest)),
            '","origin":"https://city.example","crossOrigin":false}'
        );
    }

    /// @notice `x || y || r || s`, with low s.
    function _signed(uint256 key, bytes32 hash) private pure returns (bytes memory) {
        (uint256 x, uint256 y) = vm.publicKeyP256(key);
        (bytes32 r, bytes32 s) = vm.signP256(key, hash);
        uint256 low = uint256(s) > P256_ORDER / 2 ? P256_ORDER - uint256(s) : uint256(s);
        return abi.encodePacked(x, y, r, low);
    }
}
