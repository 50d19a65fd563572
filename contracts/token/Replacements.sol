// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Class} from "../interfaces/IMunicipalToken.sol";
import {IReplacements} from "../interfaces/IReplacements.sol";
import {Account, AccountLib} from "../libraries/Account.sol";
import {Officials} from "../libraries/Officials.sol";
import {Signatures} from "../libraries/Signatures.sol";
import {AccountBook} from "./AccountBook.sol";

/// @title A lost wallet, replaced by two officials after a time in which its holder can object.
/// @dev Documented in {IReplacements}.
abstract contract Replacements is AccountBook, EIP712, AccessManaged {
    /* TYPES */

    struct Replacement {
        bytes32 request;
        address newHolder;
        uint40 requestedAt;
        address registrar;
    }

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant REQUEST_TYPEHASH =
        keccak256("RequestReplacement(address registrar,uint32 number,address newHolder,uint256 deadline)");
    bytes32 private constant EXECUTE_TYPEHASH =
        keccak256("ExecuteReplacement(address replacer,bytes32 request,uint256 deadline)");

    /// @inheritdoc IReplacements
    uint256 public immutable replacementWindow;

    /* STORAGE */

    mapping(uint32 number => Replacement) private _replacements;
    mapping(bytes32 request => bool) private _requested;

    /* CONSTRUCTOR */

    constructor(uint256 replacementWindow_) {
        replacementWindow = replacementWindow_;
    }

    /* REPLACING */

    /// @inheritdoc IReplacements
    function requestReplacement(
        address registrar,
        uint32 number,
        address newHolder,
        uint256 deadline,
        bytes calldata signature
    ) external {
        // Check: who signed, that it is new, and that the new address is free.
        bytes32 request =
            _hashTypedDataV4(keccak256(abi.encode(REQUEST_TYPEHASH, registrar, number, newHolder, deadline)));
        _checkOfficial(registrar, this.requestReplacement.selector, deadline, request, signature);
        if (_requested[request]) revert ReplacementAlreadyRequested(request);
        bytes32 pending = _replacements[number].request;
        if (pending != 0) revert ReplacementPending(number, pending);
        _checkFree(newHolder);

        // Effect.
        address holder = _liveHolder(number);
        Context memory context = _context();
        _requested[request] = true;
        _replacements[number] = Replacement(request, newHolder, uint40(block.timestamp), registrar);
        _accounts[holder].word = _rolled(holder, _accounts[holder].word, context).withFlag(AccountLib.REPLACING, true);
        _writeExpired(context);
        emit ReplacementRequested(
            request, number, holder, newHolder, registrar, deadline, block.timestamp + replacementWindow
        );
    }

    /// @inheritdoc IReplacements
    function executeReplacement(
        address replacer,
        uint32 number,
        bytes32 request,
        uint256 deadline,
        bytes calldata signature
    ) external {
        // Check: that this is what waits, who signed, the time to object, and that the new address still is free.
        Replacement memory pending = _replacements[number];
        if (pending.request != request || request == 0) revert NoSuchReplacement(number, request);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(EXECUTE_TYPEHASH, replacer, request, deadline)));
        _checkOfficial(replacer, this.executeReplacement.selector, deadline, digest, signature);
        if (replacer == pending.registrar) revert ReplacerIsRegistrar(replacer);
        uint256 from = pending.requestedAt + replacementWindow;
        if (block.timestamp < from) revert ReplacementTooEarly(from);
        _checkFree(pending.newHolder);

        // Effect.
        delete _replacements[number];
        _replace(number, pending.newHolder);
        emit Replaced(request, number, pending.newHolder, replacer);
    }

    /// @inheritdoc IReplacements
    function cancelReplacement(uint32 number) external restricted {
        bytes32 request = _replacements[number].request;
        if (request == 0) revert NoSuchReplacement(number, 0);
        Context memory context = _context();
        address holder = _liveHolder(number);
        delete _replacements[number];
        _accounts[holder].word = _rolled(holder, _accounts[holder].word, context).withFlag(AccountLib.REPLACING, false);
        _writeExpired(context);
        emit ReplacementCancelled(request, number);
    }

    /* VIEWS */

    /// @inheritdoc IReplacements
    function replacementOf(uint32 number)
        external
        view
        returns (bytes32 request, address newHolder, address registrar, uint256 executableFrom)
    {
        Replacement memory pending = _replacements[number];
        if (pending.request == 0) return (0, address(0), address(0), 0);
        return (pending.request, pending.newHolder, pending.registrar, pending.requestedAt + replacementWindow);
    }

    /* INTERNALS */

    /// @dev The new slot takes over everything but the nonce and the freeze that the request set; the old one keeps its
    /// number and its nonce, and is dead.
    function _replace(uint32 number, address newHolder) private {
        Context memory context = _context();
        address oldHolder = _holders[number];
        Account account = _rolled(oldHolder, _accounts[oldHolder].word, context);
        if (account.class() == Class.Resident && context.rules.isPaused()) revert TokenPaused();
        _holders[number] = newHolder;
        _accounts[newHolder].word =
            account.withNonce(_accounts[newHolder].word.nonce()).withFlag(AccountLib.REPLACING, false);
        _accounts[oldHolder].word = account.withBuckets(0, 0).withClass(Class.None).withOpenRedemptions(0)
            .withFlag(AccountLib.FROZEN | AccountLib.REPLACING, false).withFlag(AccountLib.DEAD, true);
        _writeExpired(context);
        if (account.balance() != 0) emit Transfer(oldHolder, newHolder, account.balance());
    }

    /// @dev An address that never held a number, and is no desk.
    function _checkFree(address newHolder) private view {
        Account account = _accounts[newHolder].word;
        if (newHolder == address(0) || account.number() != 0 || account.class() != Class.None) {
            revert InvalidReplacement(newHolder);
        }
    }

    /// @dev Rests on signatures, never on the sender.
    function _checkOfficial(
        address official,
        bytes4 selector,
        uint256 deadline,
        bytes32 digest,
        bytes calldata signature
    ) private view {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (!Officials.mayActAtOnce(authority(), official, selector)) revert OfficialNotAllowed(official);
        if (!Signatures.isSignedBy(digest, official, signature)) revert InvalidSignature(official);
    }
}
