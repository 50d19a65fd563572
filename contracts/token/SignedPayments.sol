// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Class, IMunicipalToken, Payment, Refusal} from "../interfaces/IMunicipalToken.sol";
import {Account} from "../libraries/Account.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {AccountBook} from "./AccountBook.sol";

/// @title What holders sign and anyone carries: payments in their own lane, and ERC-3009 authorizations.
/// @dev Documented in {IMunicipalToken}.
abstract contract SignedPayments is AccountBook, EIP712 {
    /* CONSTANTS */

    bytes32 private constant PAYMENT_TYPEHASH =
        keccak256("Payment(address from,address to,uint256 value,uint256 nonce,uint256 deadline,bytes32 requestId)");
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_TYPEHASH = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    /// @dev How many contract wallets one batch asks at most.
    uint256 private constant MAX_WALLETS = 8;

    /// @dev What one item takes at worst, the wallet's answer aside: both accounts read for the first time, and rolled.
    uint256 private constant ITEM_GAS = 45_000;

    /* STORAGE */

    /// @dev 1 where an authorization was used or withdrawn: a whole word, so that nothing has to be read to write it.
    mapping(address authorizer => mapping(bytes32 nonce => uint256)) private _authorizations;

    /* PAYING */

    /// @inheritdoc IMunicipalToken
    function pay(Payment calldata item, bytes calldata signature) external returns (uint256 paid) {
        Context memory context = _payingContext();
        bytes32 digest = _payOne(item, signature, _domainSeparatorV4(), context, 1);
        if (digest != 0) {
            _emitPaid(digest);
            paid = 1;
        }
        _writeExpired(context);
    }

    /// @inheritdoc IMunicipalToken
    function payBatch(Payment[] calldata items, bytes[] calldata signatures) external returns (uint256 paid) {
        if (items.length != signatures.length) revert LengthMismatch(items.length, signatures.length);
        Context memory context = _payingContext();
        // The first place is left free for {_emitPaid}.
        bytes32[] memory digests = new bytes32[](items.length + 1);
        bytes32 domain = _domainSeparatorV4();
        for (uint256 i = 0; i < items.length; ++i) {
            // Unchecked: both stay within the number of items.
            unchecked {
                bytes32 digest = _payOne(items[i], signatures[i], domain, context, items.length - i);
                if (digest != 0) digests[++paid] = digest;
            }
        }
        if (paid != 0) _emitPaid(digests, paid);
        _writeExpired(context);
    }

    /// @inheritdoc IMunicipalToken
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 digest = _authorizationDigest(TRANSFER_TYPEHASH);
        if (!Signatures.isSignedBy(digest, from, signature)) revert InvalidSignature(from);
        _transferAuthorized(digest, from, to, value, validAfter, validBefore, nonce, Via.Authorization);
    }

    /// @inheritdoc IMunicipalToken
    function transferWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 digest = _authorizationDigest(TRANSFER_TYPEHASH);
        if (!Signatures.isKeySignature(digest, from, v, r, s)) revert InvalidSignature(from);
        _transferAuthorized(digest, from, to, value, validAfter, validBefore, nonce, Via.Authorization);
    }

    /// @inheritdoc IMunicipalToken
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        bytes calldata signature
    ) external {
        bytes32 digest = _authorizationDigest(RECEIVE_TYPEHASH);
        if (!Signatures.isSignedBy(digest, from, signature)) revert InvalidSignature(from);
        _receiveAuthorized(digest, from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IMunicipalToken
    function receiveWithAuthorization(
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 digest = _authorizationDigest(RECEIVE_TYPEHASH);
        if (!Signatures.isKeySignature(digest, from, v, r, s)) revert InvalidSignature(from);
        _receiveAuthorized(digest, from, to, value, validAfter, validBefore, nonce);
    }

    /// @inheritdoc IMunicipalToken
    function cancelAuthorization(address authorizer, bytes32 nonce, bytes calldata signature) external {
        if (!Signatures.isSignedBy(_cancelDigest(authorizer, nonce), authorizer, signature)) {
            revert InvalidSignature(authorizer);
        }
        _useAuthorization(authorizer, nonce);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    /// @inheritdoc IMunicipalToken
    function cancelAuthorization(address authorizer, bytes32 nonce, uint8 v, bytes32 r, bytes32 s) external {
        if (!Signatures.isKeySignature(_cancelDigest(authorizer, nonce), authorizer, v, r, s)) {
            revert InvalidSignature(authorizer);
        }
        _useAuthorization(authorizer, nonce);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    /* VIEWS */

    /// @inheritdoc IMunicipalToken
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return _authorizations[authorizer][nonce] != 0;
    }

    /* INTERNALS: PAYMENTS */

    /// @dev Carries one item of a batch, of which `left` are not carried yet, this one included.
    /// @return digest Its digest if it paid; else 0.
    function _payOne(
        Payment calldata item,
        bytes calldata signature,
        bytes32 domain,
        Context memory context,
        uint256 left
    ) private returns (bytes32 digest) {
        // Check: what does not belong here changes nothing and emits nothing.
        if (block.timestamp > item.deadline) return 0;
        (address from, address to) = (item.from, item.to);
        Slot storage slot = _accounts[from];
        Account payer = slot.word;
        uint256 nonce = payer.nonce();
        if (item.nonce != nonce) return 0;
        digest = _paymentDigest(item, domain);
        if (!_isSigned(digest, from, signature, context, left)) return 0;

        // Effect: from here on the nonce is consumed, paid or failed.
        payer = _rolled(from, payer, context).withNonce(nonce + 1);
        uint256 value = item.value;
        Refusal reason = from == to
            ? Refusal.SameAccount
            : value == 0 ? Refusal.ZeroValue : _transfer(from, payer, slot, to, value, Via.Plain, context);
        if (reason != Refusal.None) {
            slot.word = payer;
            emit PaymentFailed(digest, from, nonce, reason);
            return 0;
        }
    }

    /// @dev A wallet that answers no must have had all its gas, and must leave enough for the items after it: otherwise
    /// whoever carries the batch could make either fail by giving too little.
    function _isSigned(bytes32 digest, address from, bytes calldata signature, Context memory context, uint256 left)
        private
        view
        returns (bool)
    {
        if (Signatures.isKeySignature(digest, from, signature)) return true;
        if (from.code.length == 0 || context.walletsAsked == MAX_WALLETS) return false;
        ++context.walletsAsked;
        // Before the gas is counted, because a long signature, which nobody signed the length of, makes this dear.
        bytes memory question = Signatures.question(digest, signature);
        uint256 needed = Signatures.ERC1271_RESERVE + left * ITEM_GAS;
        if (gasleft() < needed) revert NotEnoughGas(needed);
        return Signatures.answersYes(from, question);
    }

    function _payingContext() private view returns (Context memory context) {
        context = _context();
        if (context.rules.isPaused()) revert TokenPaused();
        if (context.ended) revert PaymentsEnded(context.rules.payUntil());
    }

    /* INTERNALS: AUTHORIZATIONS */

    function _receiveAuthorized(
        bytes32 digest,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private {
        if (msg.sender != to) revert CallerNotPayee(msg.sender, to);
        Via via = _accounts[to].word.class() == Class.Desk ? Via.Escrow : Via.Authorization;
        _transferAuthorized(digest, from, to, value, validAfter, validBefore, nonce, via);
    }

    function _transferAuthorized(
        bytes32 digest,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce,
        Via via
    ) private {
        if (block.timestamp <= validAfter) revert AuthorizationNotYetValid(validAfter);
        if (block.timestamp >= validBefore) revert AuthorizationExpired(validBefore);
        if (value == 0) revert TransferRefused(from, to, Refusal.ZeroValue);
        Context memory context = _context();
        if (via != Via.Escrow && context.ended) revert PaymentsEnded(context.rules.payUntil());
        _useAuthorization(from, nonce);
        emit AuthorizationUsed(from, nonce);
        _move(from, to, value, via, context);
        if (via != Via.Escrow) _emitPaid(digest);
    }

    function _useAuthorization(address authorizer, bytes32 nonce) private {
        mapping(bytes32 => uint256) storage used = _authorizations[authorizer];
        if (used[nonce] != 0) revert AuthorizationAlreadyUsed(authorizer, nonce);
        used[nonce] = 1;
    }

    /* INTERNALS: EVENTS */

    /// @dev `emit Paid([digest])`, written without an array.
    function _emitPaid(bytes32 digest) private {
        bytes32 topic = Paid.selector;
        // Safe: works in free memory beyond the pointer, and leaves the pointer where it was.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, 32)
            mstore(add(free, 32), 1)
            mstore(add(free, 64), digest)
            log1(free, 96, topic)
        }
    }

    /// @dev `emit Paid` with the first `count` digests, which begin in the array's second place, written without a copy:
    /// the array's own length and first place become the offset and the number that the ABI puts before them.
    function _emitPaid(bytes32[] memory digests, uint256 count) private {
        bytes32 topic = Paid.selector;
        // Safe: stays within the array, which nobody reads any more.
        assembly ("memory-safe") {
            mstore(digests, 32)
            mstore(add(digests, 32), count)
            log1(digests, add(64, mul(count, 32)), topic)
        }
    }

    /* INTERNALS: DIGESTS */

    /// @dev The fields of the struct lie in calldata as EIP-712 encodes them, a word each, so they are copied at once.
    /// The caller has read both addresses, which checks that their words hold nothing else.
    function _paymentDigest(Payment calldata item, bytes32 domain) private pure returns (bytes32 digest) {
        bytes32 typehash = PAYMENT_TYPEHASH;
        // Safe: works in free memory beyond the pointer, and leaves the pointer where it was.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            calldatacopy(add(free, 32), item, 192)
            let structHash := keccak256(free, 224)
            mstore(free, hex"1901")
            mstore(add(free, 2), domain)
            mstore(add(free, 34), structHash)
            digest := keccak256(free, 66)
        }
    }

    /// @dev The fields of an authorization are the first six words of the call's data, as EIP-712 encodes them, whichever
    /// way the signature is given. The caller has read both addresses, which checks that their words hold nothing else.
    function _authorizationDigest(bytes32 typehash) private view returns (bytes32) {
        bytes32 structHash;
        // Safe: works in free memory beyond the pointer, and leaves the pointer where it was.
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, typehash)
            calldatacopy(add(free, 32), 4, 192)
            structHash := keccak256(free, 224)
        }
        return _hashTypedDataV4(structHash);
    }

    function _cancelDigest(address authorizer, bytes32 nonce) private view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce)));
    }
}
