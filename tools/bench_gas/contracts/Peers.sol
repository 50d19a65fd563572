// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IEAS, Attestation} from "@ethereum-attestation-service/eas-contracts/contracts/IEAS.sol";
import {SchemaResolver} from "@ethereum-attestation-service/eas-contracts/contracts/resolver/SchemaResolver.sol";
import {ERC2771Context} from "@openzeppelin/contracts/metatx/ERC2771Context.sol";
import {ERC2771Forwarder} from "@openzeppelin/contracts/metatx/ERC2771Forwarder.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC3009} from "@openzeppelin/contracts/token/ERC20/extensions/draft-ERC3009.sol";
import {Context} from "@openzeppelin/contracts/utils/Context.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {ERC20 as SoladyERC20} from "solady/src/tokens/ERC20.sol";

/// @dev The least that turns each peer's library into something that can be deployed. Anybody may mint: a check of who
/// asks would cost the peers more.

/// @notice OpenZeppelin's ERC-20 and nothing else.
contract PlainToken is ERC20("Plain", "PLN") {
    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}

/// @notice OpenZeppelin's ERC-20 whose holders can sign an allowance (ERC-2612).
contract PermitToken is ERC20Permit {
    constructor() ERC20("Permit", "PMT") ERC20Permit("Permit") {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}

/// @notice OpenZeppelin's ERC-20 whose holders can sign a transfer (ERC-3009).
contract AuthorizedToken is ERC3009 {
    constructor() ERC20("Authorized", "AUT") EIP712("Authorized", "1") {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}

/// @notice OpenZeppelin's forwarder under a name of its own, so that it has one artifact here.
contract Forwarder is ERC2771Forwarder("Forwarder") {}

/// @notice OpenZeppelin's ERC-20 that believes a forwarder who the sender is (ERC-2771).
contract ForwardedToken is ERC20, ERC2771Context {
    constructor(address forwarder) ERC20("Forwarded", "FWD") ERC2771Context(forwarder) {}

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }

    function _msgSender() internal view override(Context, ERC2771Context) returns (address) {
        return ERC2771Context._msgSender();
    }

    function _msgData() internal view override(Context, ERC2771Context) returns (bytes calldata) {
        return ERC2771Context._msgData();
    }

    function _contextSuffixLength() internal view override(Context, ERC2771Context) returns (uint256) {
        return ERC2771Context._contextSuffixLength();
    }
}

/// @notice solady's ERC-20 and nothing else.
contract SoladyToken is SoladyERC20 {
    function name() public pure override returns (string memory) {
        return "Solady";
    }

    function symbol() public pure override returns (string memory) {
        return "SLD";
    }

    function mint(address to, uint256 value) external {
        _mint(to, value);
    }
}

/// @notice A reward the way EAS has it done: a resolver that mints when something is attested. It is the token itself,
/// which spares it a call for each reward.
contract MintingResolver is SchemaResolver, ERC20("Resolver", "RSV") {
    constructor(IEAS eas) SchemaResolver(eas) {}

    function onAttest(Attestation calldata attestation, uint256) internal override returns (bool) {
        _mint(attestation.recipient, abi.decode(attestation.data, (uint256)));
        return true;
    }

    function onRevoke(Attestation calldata, uint256) internal pure override returns (bool) {
        return true;
    }
}
