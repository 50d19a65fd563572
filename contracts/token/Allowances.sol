// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {IMunicipalToken} from "../interfaces/IMunicipalToken.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {AccountBook} from "./AccountBook.sol";

/// @title ERC-20, and allowances by signature (ERC-2612). For compatibility: no flow of ours needs an allowance.
/// @dev Documented in {IMunicipalToken}.
abstract contract Allowances is AccountBook, EIP712 {
    /* CONSTANTS */

    bytes32 private constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    /* STORAGE */

    mapping(address owner => mapping(address spender => uint256)) private _allowances;
    mapping(address owner => uint256) private _permitNonces;

    /* ERC-20 */

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value, Via.Plain, _context());
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = _allowances[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < value) revert ERC20InsufficientAllowance(msg.sender, allowed, value);
            _allowances[from][msg.sender] = allowed - value;
        }
        _move(from, to, value, Via.Plain, _context());
        return true;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        _approve(msg.sender, spender, value);
        return true;
    }

    function allowance(address owner, address spender) external view returns (uint256) {
        return _allowances[owner][spender];
    }

    /* ERC-2612 */

    function permit(address owner, address spender, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        bytes32 digest = _permitDigest(owner, spender, value, deadline);
        if (!Signatures.isKeySignature(digest, owner, v, r, s)) revert InvalidSignature(owner);
        _approve(owner, spender, value);
    }

    /// @inheritdoc IMunicipalToken
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature)
        external
    {
        bytes32 digest = _permitDigest(owner, spender, value, deadline);
        if (!Signatures.isSignedBy(digest, owner, signature)) revert InvalidSignature(owner);
        _approve(owner, spender, value);
    }

    function nonces(address owner) external view returns (uint256) {
        return _permitNonces[owner];
    }

    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /* INTERNALS */

    function _approve(address owner, address spender, uint256 value) private {
        _allowances[owner][spender] = value;
        emit Approval(owner, spender, value);
    }

    /// @dev Checks the deadline and takes the nonce; the caller reverts where the signature is wrong.
    function _permitDigest(address owner, address spender, uint256 value, uint256 deadline) private returns (bytes32) {
        if (block.timestamp > deadline) revert PermitExpired(deadline);
        bytes32 structHash =
            keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, _permitNonces[owner]++, deadline));
        return _hashTypedDataV4(structHash);
    }
}
