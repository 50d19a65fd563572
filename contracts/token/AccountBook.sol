// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccountView, Class, IMunicipalToken, Refusal} from "../interfaces/IMunicipalToken.sol";
import {Account, AccountLib} from "../libraries/Account.sol";
import {Calendar} from "../libraries/Calendar.sol";
import {Ledger} from "../libraries/Ledger.sol";
import {Rules, RulesLib} from "../libraries/Rules.sol";

/// @title The accounts of the token, what holds for all of them, and the one mover of credits.
/// @dev Documented in {IMunicipalToken}.
abstract contract AccountBook is IMunicipalToken {
    /* TYPES */

    /// @dev How a move was asked for. Refunds come only by authorization, escrow only through the desk.
    enum Via {
        Plain,
        Authorization,
        Escrow
    }

    /// @dev An account where it is stored, so that its place is computed once.
    struct Slot {
        Account word;
    }

    /// @dev What one call reads once: the rules, the time, and what its rolls have burnt so far.
    struct Context {
        Rules rules;
        uint256 epoch;
        bool ended;
        /// @dev The epoch in which an account that was last written has nothing to burn; none once payments have ended.
        uint256 settledEpoch;
        uint256 burned;
        /// @dev How many contract wallets a batch has asked for their signature.
        uint256 walletsAsked;
    }

    /* IMMUTABLES */

    /// @inheritdoc IMunicipalToken
    uint256 public immutable epochMonths;

    /* STORAGE */

    mapping(address account => Slot) internal _accounts;
    mapping(uint32 number => address) internal _holders;
    Rules internal _rules;
    Ledger internal _ledger;

    /* CONSTRUCTOR */

    constructor(uint256 epochMonths_) {
        if (epochMonths_ == 0 || 12 % epochMonths_ != 0) revert InvalidEpoch(epochMonths_);
        epochMonths = epochMonths_;
    }

    /* EXPIRY */

    /// @inheritdoc IMunicipalToken
    function expire(address[] calldata holders) external returns (uint256 burned) {
        Context memory context = _context();
        for (uint256 i = 0; i < holders.length; ++i) {
            _accounts[holders[i]].word = _rolled(holders[i], _accounts[holders[i]].word, context);
        }
        _writeExpired(context);
        return context.burned;
    }

    /* VIEWS */

    function totalSupply() external view returns (uint256) {
        return _ledger.supply();
    }

    function balanceOf(address account) external view returns (uint256) {
        return _accounts[account].word.balance();
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
        if (first != 0) firstAt = _earlier(Calendar.endOfEpoch(rolled.epoch(), epochMonths), end);
        if (second != 0) secondAt = _earlier(Calendar.endOfEpoch(rolled.epoch() + 1, epochMonths), end);
    }

    /// @inheritdoc IMunicipalToken
    function paymentNonce(address account) external view returns (uint256) {
        return _accounts[account].word.nonce();
    }

    /// @inheritdoc IMunicipalToken
    function holderOf(uint32 number) external view returns (address) {
        return _holders[number];
    }

    /// @inheritdoc IMunicipalToken
    function numberOf(address account) external view returns (uint32) {
        return _accounts[account].word.number();
    }

    /// @inheritdoc IMunicipalToken
    function accountOf(address account) external view returns (AccountView memory) {
        Account word = _accounts[account].word;
        return AccountView({
            fresh: word.fresh(),
            stale: word.stale(),
            epoch: word.epoch(),
            nonce: word.nonce(),
            number: word.number(),
            class: word.class(),
            frozen: word.isFrozen(),
            openRedemptions: word.openRedemptions(),
            replacing: word.hasFlag(AccountLib.REPLACING),
            dead: word.hasFlag(AccountLib.DEAD)
        });
    }

    /// @inheritdoc IMunicipalToken
    function wordsOf(address[] calldata accounts) external view returns (uint256[] memory words) {
        words = new uint256[](accounts.length);
        for (uint256 i = 0; i < accounts.length; ++i) {
            words[i] = Account.unwrap(_accounts[accounts[i]].word);
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
        return Calendar.epochOf(block.timestamp, epochMonths);
    }

    /* INTERNALS */

    /// @dev A move that reverts when it is refused.
    function _move(address from, address to, uint256 value, Via via, Context memory context) internal {
        if (from == to) revert TransferRefused(from, to, Refusal.SameAccount);
        Slot storage slot = _accounts[from];
        Account payer = _rolled(from, slot.word, context);
        if (payer.class() == Class.Resident && context.rules.isPaused()) revert TokenPaused();
        Refusal reason = _transfer(from, payer, slot, to, value, via, context);
        if (reason == Refusal.Insufficient) revert ERC20InsufficientBalance(from, payer.balance(), value);
        if (reason != Refusal.None) revert TransferRefused(from, to, reason);
        _writeExpired(context);
    }

    /// @dev The one mover of credits: checks class, matrix, freeze and funds, then writes both slots. Refused, it
    /// writes nothing. `from` and `to` differ; `payer` is the rolled account of `from`, whose place is `payerSlot`.
    function _transfer(
        address from,
        Account payer,
        Slot storage payerSlot,
        address to,
        uint256 value,
        Via via,
        Context memory context
    ) internal returns (Refusal) {
        Slot storage payeeSlot = _accounts[to];
        Account payee = payeeSlot.word;
        if (payer.isFrozen()) return Refusal.Frozen;
        if (_allowed(context.rules, via) >> (8 * payer.classId() + payee.classId()) & 1 == 0) {
            return Refusal.NotAllowed;
        }
        if (value > payer.balance()) return Refusal.Insufficient;
        payee = _rolled(to, payee, context);
        if (via == Via.Escrow) (payer, payee) = _countRedemption(payer, payee);
        payerSlot.word = payer.debit(value);
        payeeSlot.word = payee.credit(value);
        emit Transfer(from, to, value);
        return Refusal.None;
    }

    /// @dev The class matrix of one way to pay: desks only by their own call, residents refunded only by authorization.
    function _allowed(Rules rules_, Via via) private pure returns (uint256 matrix) {
        matrix = Rules.unwrap(rules_);
        if (via == Via.Plain) return matrix & ~(RulesLib.WITH_DESK | RulesLib.TO_RESIDENT_FROM_OTHERS);
        return via == Via.Escrow ? matrix & RulesLib.WITH_DESK : matrix & ~RulesLib.WITH_DESK;
    }

    /// @dev One more where credits go to the desk, one less where they come back.
    function _countRedemption(Account payer, Account payee) private pure returns (Account, Account) {
        if (payee.class() == Class.Desk) {
            if (payer.openRedemptions() == type(uint16).max) revert TooManyOpenRedemptions(payer.number());
            return (payer.withOpenRedemptions(payer.openRedemptions() + 1), payee);
        }
        return (payer, payee.withOpenRedemptions(payee.openRedemptions() - 1));
    }

    /// @dev Burns what is past its date in `account`, which is `holder`'s. The caller writes what comes back, and at
    /// the end of the call the sum of what was burnt.
    function _rolled(address holder, Account account, Context memory context) internal returns (Account rolled) {
        if (account.epoch() == context.settledEpoch) return account;
        uint256 burned;
        (rolled, burned) = account.roll(context.epoch, context.ended);
        if (burned != 0) {
            context.burned += burned;
            emit Transfer(holder, address(0), burned);
            emit Expired(holder, burned);
        }
    }

    function _writeExpired(Context memory context) internal {
        if (context.burned != 0) _ledger = _ledger.addExpired(context.burned);
    }

    /// @dev Written field by field, because a literal would be a second struct in memory.
    function _context() internal view returns (Context memory context) {
        Rules rules_ = _rules;
        uint256 epoch = currentEpoch();
        bool ended = block.timestamp > rules_.payUntil();
        context.rules = rules_;
        context.epoch = epoch;
        context.ended = ended;
        context.settledEpoch = ended ? type(uint256).max : epoch;
    }

    function _liveHolder(uint32 number) internal view returns (address holder) {
        holder = _holders[number];
        if (holder == address(0)) revert UnknownNumber(number);
    }

    function _asOfNow(address account) private view returns (Account rolled) {
        (rolled,) = _accounts[account].word.roll(currentEpoch(), block.timestamp > _rules.payUntil());
    }

    function _earlier(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }
}
