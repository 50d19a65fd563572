// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {City} from "./City.sol";

/// @notice What is called of Safe's contracts.
interface ISafe {
    function setup(
        address[] calldata owners,
        uint256 threshold,
        address to,
        bytes calldata data,
        address fallbackHandler,
        address paymentToken,
        uint256 payment,
        address paymentReceiver
    ) external;
    function createProxyWithNonce(address singleton, bytes calldata initializer, uint256 salt)
        external
        returns (address proxy);
    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4);
}

/// @notice A city with contract wallets that are not ours: Safes, from the bytecode its makers ship and deploy.
abstract contract Safes is City {
    string private constant SHIPPED = "node_modules/@safe-global/safe-smart-account/build/artifacts/contracts/";

    address private _singleton;
    address private _factory;
    address private _handler;
    uint256 private _safes;

    /// @notice A new Safe of these owners, of whom `threshold` must sign.
    function deploySafe(address[] memory owners, uint256 threshold) internal returns (address) {
        if (_factory == address(0)) {
            _singleton = _place("SafeL2.sol/SafeL2.json");
            _factory = _place("proxies/SafeProxyFactory.sol/SafeProxyFactory.json");
            _handler = _place("handler/CompatibilityFallbackHandler.sol/CompatibilityFallbackHandler.json");
        }
        bytes memory setup =
            abi.encodeCall(ISafe.setup, (owners, threshold, address(0), "", _handler, address(0), 0, address(0)));
        return ISafe(_factory).createProxyWithNonce(_singleton, setup, ++_safes);
    }

    /// @notice What the Safe's `isValidSignature(digest, …)` takes: the signatures of these people, lowest address
    /// first, over the SafeMessage that holds the digest.
    function safeSignature(address safe, address[] memory signers, bytes32 digest)
        internal
        view
        returns (bytes memory signatures)
    {
        bytes32 domainType = keccak256("EIP712Domain(uint256 chainId,address verifyingContract)");
        bytes32 separator = keccak256(abi.encode(domainType, block.chainid, safe));
        bytes32 message = keccak256(abi.encode(digest));
        bytes32 signed = typed(separator, keccak256(abi.encode(keccak256("SafeMessage(bytes message)"), message)));
        address[] memory inOrder = _ascending(signers);
        for (uint256 i = 0; i < inOrder.length; ++i) {
            signatures = bytes.concat(signatures, sign(inOrder[i], signed));
        }
    }

    function _place(string memory file) private returns (address) {
        return create(vm.getCode(string.concat(SHIPPED, file)));
    }

    function _ascending(address[] memory list) private pure returns (address[] memory sorted) {
        sorted = new address[](list.length);
        for (uint256 i = 0; i < list.length; ++i) {
            uint256 place = i;
            for (; place != 0 && sorted[place - 1] > list[i]; --place) {
                sorted[place] = sorted[place - 1];
            }
            sorted[place] = list[i];
        }
    }
}
