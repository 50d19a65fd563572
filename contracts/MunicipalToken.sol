// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {AccountView, Class, Enrolment, IMunicipalToken, Payment, Refusal} from "./interfaces/IMunicipalToken.sol";
import {Account, AccountLib} from "./libraries/Account.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Ledger} from "./libraries/Ledger.sol";
import {Rules, RulesLib} from "./libraries/Rules.sol";
import {Signatures} from "./libraries/Signatures.sol";

/// @title MunicipalToken
/// @dev Documented in {IMunicipalToken}.
contract MunicipalToken is IMunicipalToken, AccessManaged, EIP712 {
    /* TYPES */

    /// @dev How a move was asked for. Refunds come only by authorization, escrow only through the desk.
    enum Via {
        Plain,
        Authorization,
        Escrow
    }

    /// @dev What one call reads once: the rules, the time, and what its rolls have burnt so far.
    struct Context {
        Rules rules;
        uint256 epoch;
        bool ended;
        uint256 burned;
    }

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant PAYMENT_TYPEHASH =
        keccak256("Payment(address from,address to,uint256 value,uint256 nonce,uint256 deadline,bytes32 requestId)");
    bytes32 private constant TRANSFER_TYPEHASH = keccak256(
        "TransferWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant RECEIVE_TYPEHASH = keccak256(
        "ReceiveWithAuthorization(address from,address to,uint256 value,uint256 validAfter,uint256 validBefore,bytes32 nonce)"
    );
    bytes32 private constant CANCEL_TYPEHASH = keccak256("CancelAuthorization(address authorizer,bytes32 nonce)");

    /// @dev Everything ever issued stays below this, so that every amount fits 48 bits.
    uint256 private constant ISSUED_LIMIT = 1 << 48;

    /// @dev The least outlook a shop has: the first of the wind-down dates is at least a year ahead at deployment.
    uint256 private constant OUTLOOK = 365 days;

    /// @inheritdoc IMunicipalToken
    uint256 public immutable deployBlock;

    /* STORAGE */

    mapping(address account => Account) private _accounts;
    mapping(uint32 number => address) private _holders;
    mapping(address authorizer => mapping(bytes32 nonce => bool)) private _authorizations;
    mapping(address owner => mapping(address spender => uint256)) private _allowances;
    Rules private _rules;
    Ledger private _ledger;
    string private _name;
    string private _symbol;

    /* CONSTRUCTOR */

    /// @param authority_ The {Authority}.
    /// @param name_ Name of the token and of its EIP-712 domain, at most 31 bytes.
    /// @param symbol_ Symbol of the token.
    /// @param issueUntil_ Last second of issuing, at least a year ahead.
    /// @param payUntil_ Last second of paying, at least `payGap` later.
    /// @param redeemUntil_ Last second of redeeming, at least `redeemGap` later.
    constructor(
        address authority_,
        string memory name_,
        string memory symbol_,
        uint256 issueUntil_,
        uint256 payUntil_,
        uint256 redeemUntil_,
        uint256 payGap_,
        uint256 redeemGap_
    ) AccessManaged(authority_) EIP712(name_, "1") {
        if (
            issueUntil_ < block.timestamp + OUTLOOK || payUntil_ < issueUntil_ + payGap_
                || redeemUntil_ < payUntil_ + redeemGap_ || redeemUntil_ > type(uint40).max
        ) revert InvalidWindDown(issueUntil_, payUntil_, redeemUntil_);
        _name = name_;
        _symbol = symbol_;
        _rules = RulesLib.create(issueUntil_, payUntil_, redeemUntil_);
        deployBlock = block.number;
    }

    /* PAYING */

    /// @inheritdoc IMunicipalToken
    function pay(Payment calldata item, bytes calldata signature) external returns (uint256 paid) {
        Context memory context = _payingContext();
        bytes32[] memory digests = new bytes32[](1);
        if (_payOne(item, signature, context, digests, 0)) {
            emit Paid(digests);
            paid = 1;
        }
        _writeExpired(context);
    }

    /// @inheritdoc IMunicipalToken
    function payBatch(Payment[] calldata items, bytes[] calldata signatures) external returns (uint256 paid) {
        if (items.length != signatures.length) revert LengthMismatch(items.length, signatures.length);
        Context memory context = _payingContext();
        bytes32[] memory digests = new bytes32[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            if (_payOne(items[i], signatures[i], context, digests, paid)) ++paid;
        }
        if (paid != 0) {
            // Safe: the array only shrinks, to the digests that were written.
            assembly ("memory-safe") {
                mstore(digests, paid)
            }
            emit Paid(digests);
        }
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
        bytes32 digest = _authorizationDigest(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
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
        bytes32 digest = _authorizationDigest(TRANSFER_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        if (!Signatures.isSignedBy(digest, from, v, r, s)) revert InvalidSignature(from);
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
        bytes32 digest = _authorizationDigest(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
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
        bytes32 digest = _authorizationDigest(RECEIVE_TYPEHASH, from, to, value, validAfter, validBefore, nonce);
        if (!Signatures.isSignedBy(digest, from, v, r, s)) revert InvalidSignature(from);
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
        if (!Signatures.isSignedBy(_cancelDigest(authorizer, nonce), authorizer, v, r, s)) {
            revert InvalidSignature(authorizer);
        }
        _useAuthorization(authorizer, nonce);
        emit AuthorizationCanceled(authorizer, nonce);
    }

    /// @inheritdoc IMunicipalToken
    function expire(address[] calldata holders) external returns (uint256 burned) {
        Context memory context = _context();
        for (uint256 i = 0; i < holders.length; ++i) {
            _accounts[holders[i]] = _rolled(holders[i], _accounts[holders[i]], context);
        }
        _writeExpired(context);
        return context.burned;
    }

    /* ERC-20 */

    function transfer(address to, uint256 value) external returns (bool) {
        _move(msg.sender, to, value, Via.Plain);
        return true;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        uint256 allowed = _allowances[from][msg.sender];
        if (allowed != type(uint256).max) {
            if (allowed < value) revert ERC20InsufficientAllowance(msg.sender, allowed, value);
            _allowances[from][msg.sender] = allowed - value;
        }
        _move(from, to, value, Via.Plain);
        return true;
    }

    function approve(address spender, uint256 value) external returns (bool) {
        _allowances[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    /* ACCOUNTS */

    /// @inheritdoc IMunicipalToken
    function enrol(Enrolment[] calldata enrolments) external restricted {
        uint256 epoch = currentEpoch();
        for (uint256 i = 0; i < enrolments.length; ++i) {
            (address holder, uint32 number, Class class) =
                (enrolments[i].holder, enrolments[i].number, enrolments[i].class);
            if (holder == address(0) || number == 0 || (class != Class.Resident && class != Class.Merchant)) {
                revert InvalidEnrolment(holder, number, class);
            }
            if (_holders[number] != address(0)) revert NumberTaken(number, _holders[number]);
            Account account = _accounts[holder];
            if (account.number() != 0 || account.class() != Class.None) {
                revert AlreadyEnrolled(holder, account.number());
            }
            _holders[number] = holder;
            _accounts[holder] = account.withNumber(number).withClass(class).withEpoch(epoch);
            emit Enrolled(number, holder, class);
        }
    }

    /// @inheritdoc IMunicipalToken
    function setClass(uint32 number, Class class) external restricted {
        Context memory context = _context();
        address holder = _liveHolder(number);
        Account account = _rolled(holder, _accounts[holder], context);
        Class from = account.class();
        bool closing =
            (from == Class.Merchant && class == Class.Closing) || (from == Class.Closing && class == Class.Merchant);
        if (class == from || class == Class.Desk || (class == Class.Closing && !closing)) {
            revert InvalidClassChange(holder, from, class);
        }
        if (!closing && (account.balance() != 0 || account.openRedemptions() != 0)) {
            revert AccountNotEmpty(holder, account.balance(), account.openRedemptions());
        }
        _accounts[holder] = account.withClass(class).withEpoch(context.epoch);
        emit ClassSet(number, holder, class);
        _writeExpired(context);
    }

    /// @inheritdoc IMunicipalToken
    function setDesk(address desk, bool active) external restricted {
        Account account = _accounts[desk];
        Class from = account.class();
        if (desk.code.length == 0 || account.number() != 0) revert InvalidDesk(desk);
        if ((from == Class.Desk) == active) revert InvalidClassChange(desk, from, active ? Class.Desk : Class.None);
        if (account.balance() != 0) revert AccountNotEmpty(desk, account.balance(), 0);
        Class class = active ? Class.Desk : Class.None;
        _accounts[desk] = account.withClass(class);
        emit ClassSet(0, desk, class);
    }

    /// @inheritdoc IMunicipalToken
    function freeze(uint32 number, uint16 reason) external restricted {
        emit Frozen(number, _setFrozen(number, true), reason);
    }

    /// @inheritdoc IMunicipalToken
    function unfreeze(uint32 number) external restricted {
        emit Unfrozen(number, _setFrozen(number, false));
    }

    /// @inheritdoc IMunicipalToken
    function pause() external restricted {
        if (_rules.isPaused()) revert TokenPaused();
        _rules = _rules.withPaused(true);
        emit Paused(msg.sender);
    }

    /// @inheritdoc IMunicipalToken
    function unpause() external restricted {
        if (!_rules.isPaused()) revert TokenNotPaused();
        _rules = _rules.withPaused(false);
        emit Unpaused(msg.sender);
    }

    /// @inheritdoc IMunicipalToken
    function setTransferRule(Class from, Class to, bool allowed) external restricted {
        if (from != to || (from != Class.Resident && from != Class.Merchant)) revert RuleNotSwitchable(from, to);
        _rules = _rules.withRule(from, to, allowed);
        emit TransferRuleSet(from, to, allowed);
    }

    /* REGISTRY AND DESK */

    /// @inheritdoc IMunicipalToken
    function issue(uint256[] calldata rewards) external restricted {
        Context memory context = _context();
        if (context.rules.isPaused()) revert TokenPaused();
        if (block.timestamp > context.rules.issueUntil()) revert IssuanceEnded(context.rules.issueUntil());
        uint256 total;
        for (uint256 i = 0; i < rewards.length; ++i) {
            uint256 amount = uint48(rewards[i]);
            uint32 number = uint32(rewards[i] >> 48);
            address holder = _holders[number];
            Account account = _accounts[holder];
            if (account.class() != Class.Resident) revert NotResident(uint16(rewards[i] >> 80), number);
            _accounts[holder] = _rolled(holder, account, context).reward(amount);
            emit Transfer(address(0), holder, amount);
            total += amount;
        }
        Ledger ledger_ = _ledger.addIssued(total).addExpired(context.burned);
        if (ledger_.issued() >= ISSUED_LIMIT) revert IssuedLimit();
        _ledger = ledger_;
    }

    /// @inheritdoc IMunicipalToken
    function settleEscrow(uint256 amount, uint256[] calldata ends) external {
        Account desk = _callingDesk();
        if (amount > desk.balance()) revert ERC20InsufficientBalance(msg.sender, desk.balance(), amount);
        _accounts[msg.sender] = desk.debit(amount);
        for (uint256 i = 0; i < ends.length; ++i) {
            address holder = _liveHolder(uint32(ends[i]));
            Account account = _accounts[holder];
            _accounts[holder] = account.withOpenRedemptions(account.openRedemptions() - uint16(ends[i] >> 32));
        }
        _ledger = _ledger.addSettled(amount);
        emit Transfer(msg.sender, address(0), amount);
    }

    /// @inheritdoc IMunicipalToken
    function releaseEscrow(uint32 number, uint256 amount) external {
        _callingDesk();
        _move(msg.sender, _liveHolder(number), amount, Via.Escrow);
    }

    /* VIEWS */

    function name() external view returns (string memory) {
        return _name;
    }

    function symbol() external view returns (string memory) {
        return _symbol;
    }

    function decimals() external pure returns (uint8) {
        return 2;
    }

    function totalSupply() external view returns (uint256) {
        return _ledger.supply();
    }

    function balanceOf(address account) external view returns (uint256) {
        return _accounts[account].balance();
    }

    function allowance(address owner, address spender) external view returns (uint256) {
        return _allowances[owner][spender];
    }

    /// @inheritdoc IMunicipalToken
    function spendableOf(address account) external view returns (uint256) {
        return _asOfNow(account).balance();
    }

    /// @inheritdoc IMunicipalToken
    function expiringOf(address account)
        external
        view
        returns (uint256 first, uint256 firstAt, uint256 second, uint256 secondAt)
    {
        Account rolled = _asOfNow(account);
        if (rolled.class() != Class.Resident) return (0, 0, 0, 0);
        uint256 end = _rules.payUntil() + 1;
        first = rolled.stale();
        second = rolled.fresh();
        if (first != 0) firstAt = _earlier(Calendar.endOfEpoch(rolled.epoch()), end);
        if (second != 0) secondAt = _earlier(Calendar.endOfEpoch(rolled.epoch() + 1), end);
    }

    /// @inheritdoc IMunicipalToken
    function paymentNonce(address account) external view returns (uint256) {
        return _accounts[account].nonce();
    }

    /// @inheritdoc IMunicipalToken
    function holderOf(uint32 number) external view returns (address) {
        return _holders[number];
    }

    /// @inheritdoc IMunicipalToken
    function numberOf(address account) external view returns (uint32) {
        return _accounts[account].number();
    }

    /// @inheritdoc IMunicipalToken
    function accountOf(address account) external view returns (AccountView memory) {
        Account word = _accounts[account];
        return AccountView({
            fresh: word.fresh(),
            stale: word.stale(),
            epoch: word.epoch(),
            nonce: word.nonce(),
            number: word.number(),
            class: word.class(),
            frozen: word.isFrozen(),
            openRedemptions: word.openRedemptions()
        });
    }

    /// @inheritdoc IMunicipalToken
    function wordsOf(address[] calldata accounts) external view returns (uint256[] memory words) {
        words = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            words[i] = Account.unwrap(_accounts[accounts[i]]);
        }
    }

    /// @inheritdoc IMunicipalToken
    function ledger() external view returns (uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired) {
        Ledger sums = _ledger;
        return (sums.issued(), sums.settled(), sums.clawedBack(), sums.expired());
    }

    /// @inheritdoc IMunicipalToken
    function rules()
        external
        view
        returns (uint256 matrix, bool paused, uint256 issueUntil, uint256 payUntil, uint256 redeemUntil)
    {
        Rules word = _rules;
        return (word.matrix(), word.isPaused(), word.issueUntil(), word.payUntil(), word.redeemUntil());
    }

    /// @inheritdoc IMunicipalToken
    function currentEpoch() public view returns (uint256) {
        return Calendar.epochOf(block.timestamp);
    }

    /// @inheritdoc IMunicipalToken
    function authorizationState(address authorizer, bytes32 nonce) external view returns (bool) {
        return _authorizations[authorizer][nonce];
    }

    /// @inheritdoc IMunicipalToken
    function DOMAIN_SEPARATOR() external view returns (bytes32) {
        return _domainSeparatorV4();
    }

    /* INTERNALS: MOVING */

    /// @dev Carries one item of a batch. Writes its digest to `digests[index]` if it paid.
    function _payOne(
        Payment calldata item,
        bytes calldata signature,
        Context memory context,
        bytes32[] memory digests,
        uint256 index
    ) private returns (bool) {
        // Check: what does not belong here changes nothing and emits nothing.
        if (block.timestamp > item.deadline) return false;
        Account payer = _accounts[item.from];
        if (item.nonce != payer.nonce()) return false;
        bytes32 digest = _paymentDigest(item);
        if (!Signatures.isSignedBy(digest, item.from, signature)) return false;

        // Effect: from here on the nonce is consumed, paid or failed.
        payer = _rolled(item.from, payer, context).withNonce(item.nonce + 1);
        Refusal reason = item.from == item.to
            ? Refusal.SameAccount
            : item.value == 0 ? Refusal.ZeroValue : _transfer(item.from, payer, item.to, item.value, Via.Plain, context);
        if (reason != Refusal.None) {
            _accounts[item.from] = payer;
            emit PaymentFailed(digest, item.from, item.nonce, reason);
            return false;
        }
        digests[index] = digest;
        return true;
    }

    /// @dev A move that reverts when it is refused.
    function _move(address from, address to, uint256 value, Via via) private {
        Context memory context = _context();
        if (from == to) revert TransferRefused(from, to, Refusal.SameAccount);
        Account payer = _rolled(from, _accounts[from], context);
        if (payer.class() == Class.Resident && context.rules.isPaused()) revert TokenPaused();
        Refusal reason = _transfer(from, payer, to, value, via, context);
        if (reason == Refusal.Insufficient) revert ERC20InsufficientBalance(from, payer.balance(), value);
        if (reason != Refusal.None) revert TransferRefused(from, to, reason);
        _writeExpired(context);
    }

    /// @dev The one mover of credits: checks class, matrix, freeze and funds, then writes both slots. Refused, it
    /// writes nothing. `from` and `to` differ; `payer` is the rolled account of `from`.
    function _transfer(address from, Account payer, address to, uint256 value, Via via, Context memory context)
        private
        returns (Refusal)
    {
        Account payee = _accounts[to];
        Refusal reason = _refusal(payer, payee, value, via, context.rules);
        if (reason != Refusal.None) return reason;
        payee = _rolled(to, payee, context);
        if (payee.class() == Class.Desk) {
            if (payer.openRedemptions() == type(uint16).max) revert TooManyOpenRedemptions(payer.number());
            payer = payer.withOpenRedemptions(payer.openRedemptions() + 1);
        } else if (payer.class() == Class.Desk) {
            payee = payee.withOpenRedemptions(payee.openRedemptions() - 1);
        }
        _accounts[from] = payer.debit(value);
        _accounts[to] = payee.credit(value);
        emit Transfer(from, to, value);
        return Refusal.None;
    }

    /// @dev In the order of {Refusal}.
    function _refusal(Account payer, Account payee, uint256 value, Via via, Rules rules_)
        private
        pure
        returns (Refusal)
    {
        if (payer.isFrozen()) return Refusal.Frozen;
        (Class from, Class to) = (payer.class(), payee.class());
        if (!rules_.allows(from, to)) return Refusal.NotAllowed;
        if ((from == Class.Desk || to == Class.Desk) && via != Via.Escrow) return Refusal.NotAllowed;
        if (to == Class.Resident && from != Class.Resident && via != Via.Authorization) return Refusal.NotAllowed;
        if (value > payer.balance()) return Refusal.Insufficient;
        return Refusal.None;
    }

    /// @dev Burns what is past its date in `account`, which is `holder`'s. The caller writes what comes back, and at
    /// the end of the call the sum of what was burnt.
    function _rolled(address holder, Account account, Context memory context) private returns (Account rolled) {
        uint256 burned;
        (rolled, burned) = account.roll(context.epoch, context.ended);
        if (burned != 0) {
            context.burned += burned;
            emit Transfer(holder, address(0), burned);
            emit Expired(holder, burned);
        }
    }

    function _writeExpired(Context memory context) private {
        if (context.burned != 0) _ledger = _ledger.addExpired(context.burned);
    }

    function _context() private view returns (Context memory) {
        Rules rules_ = _rules;
        return Context({rules: rules_, epoch: currentEpoch(), ended: block.timestamp > rules_.payUntil(), burned: 0});
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
        Via via = _accounts[to].class() == Class.Desk ? Via.Escrow : Via.Authorization;
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
        uint256 payUntil = _rules.payUntil();
        if (via != Via.Escrow && block.timestamp > payUntil) revert PaymentsEnded(payUntil);
        _useAuthorization(from, nonce);
        emit AuthorizationUsed(from, nonce);
        _move(from, to, value, via);
        if (via != Via.Escrow) {
            bytes32[] memory digests = new bytes32[](1);
            digests[0] = digest;
            emit Paid(digests);
        }
    }

    function _useAuthorization(address authorizer, bytes32 nonce) private {
        if (_authorizations[authorizer][nonce]) revert AuthorizationAlreadyUsed(authorizer, nonce);
        _authorizations[authorizer][nonce] = true;
    }

    /* INTERNALS: DIGESTS */

    function _paymentDigest(Payment calldata item) private view returns (bytes32) {
        return _hashTypedDataV4(
            keccak256(
                abi.encode(PAYMENT_TYPEHASH, item.from, item.to, item.value, item.nonce, item.deadline, item.requestId)
            )
        );
    }

    function _authorizationDigest(
        bytes32 typehash,
        address from,
        address to,
        uint256 value,
        uint256 validAfter,
        uint256 validBefore,
        bytes32 nonce
    ) private view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(typehash, from, to, value, validAfter, validBefore, nonce)));
    }

    function _cancelDigest(address authorizer, bytes32 nonce) private view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(CANCEL_TYPEHASH, authorizer, nonce)));
    }

    /* INTERNALS: ACCOUNTS */

    function _setFrozen(uint32 number, bool frozen) private returns (address holder) {
        Context memory context = _context();
        holder = _liveHolder(number);
        Account account = _rolled(holder, _accounts[holder], context);
        if (account.isFrozen() == frozen) revert FreezeUnchanged(number, frozen);
        _accounts[holder] = account.withFlag(AccountLib.FROZEN, frozen);
        _writeExpired(context);
    }

    function _liveHolder(uint32 number) private view returns (address holder) {
        holder = _holders[number];
        if (holder == address(0)) revert UnknownNumber(number);
    }

    function _callingDesk() private view returns (Account desk) {
        desk = _accounts[msg.sender];
        if (desk.class() != Class.Desk) revert CallerNotDesk(msg.sender);
    }

    function _asOfNow(address account) private view returns (Account rolled) {
        (rolled,) = _accounts[account].roll(currentEpoch(), block.timestamp > _rules.payUntil());
    }

    function _earlier(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
