// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Class, Enrolment, IMunicipalToken, Terms} from "./interfaces/IMunicipalToken.sol";
import {Account, AccountLib} from "./libraries/Account.sol";
import {Ledger} from "./libraries/Ledger.sol";
import {Rules, RulesLib} from "./libraries/Rules.sol";
import {AccountBook} from "./token/AccountBook.sol";
import {Allowances} from "./token/Allowances.sol";
import {Replacements} from "./token/Replacements.sol";
import {SignedPayments} from "./token/SignedPayments.sol";

/// @title MunicipalToken
/// @dev Documented in {IMunicipalToken}. The mover is in {AccountBook}, ERC-20 in {Allowances}, what holders sign in
/// {SignedPayments}, lost wallets in {Replacements}; here is what officials, the registry and the desk may do.
contract MunicipalToken is SignedPayments, Allowances, Replacements {
    /* CONSTANTS AND IMMUTABLES */

    /// @dev Everything ever issued stays below this, so that every amount fits 48 bits.
    uint256 private constant ISSUED_LIMIT = 1 << 48;

    /// @dev The least outlook a shop has: the first of the wind-down dates is at least a year ahead at deployment.
    uint256 private constant OUTLOOK = 365 days;

    /// @dev Seconds between the last reward and the last payment, and between that and the last redemption.
    uint256 private immutable PAY_GAP;
    uint256 private immutable REDEEM_GAP;

    /// @inheritdoc IMunicipalToken
    uint256 public immutable deployBlock;

    /* STORAGE */

    string private _name;
    string private _symbol;

    /* CONSTRUCTOR */

    /// @param authority_ The {Authority}.
    /// @param name_ Name of the token and of its EIP-712 domain, at most 31 bytes.
    /// @param symbol_ Symbol of the token.
    /// @param terms Dates and times of this city; the first date at least a year ahead.
    constructor(address authority_, string memory name_, string memory symbol_, Terms memory terms)
        AccountBook(terms.epochMonths)
        Replacements(terms.replacementWindow)
        AccessManaged(authority_)
        EIP712(name_, "1")
    {
        PAY_GAP = terms.payGap;
        REDEEM_GAP = terms.redeemGap;
        if (terms.issueUntil < block.timestamp + OUTLOOK) {
            revert InvalidWindDown(terms.issueUntil, terms.payUntil, terms.redeemUntil);
        }
        _checkGaps(terms.issueUntil, terms.payUntil, terms.redeemUntil, terms.payGap, terms.redeemGap);
        _name = name_;
        _symbol = symbol_;
        _rules = RulesLib.create(terms.issueUntil, terms.payUntil, terms.redeemUntil);
        deployBlock = block.number;
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
            Account account = _accounts[holder].word;
            if (account.number() != 0 || account.class() != Class.None) {
                revert AlreadyEnrolled(holder, account.number());
            }
            _holders[number] = holder;
            _accounts[holder].word = account.withNumber(number).withClass(class).withEpoch(epoch);
            emit Enrolled(number, holder, class);
        }
    }

    /// @inheritdoc IMunicipalToken
    function setClass(uint32 number, Class class) external restricted {
        Context memory context = _context();
        address holder = _liveHolder(number);
        Account account = _rolled(holder, _accounts[holder].word, context);
        Class from = account.class();
        bool closing =
            (from == Class.Merchant && class == Class.Closing) || (from == Class.Closing && class == Class.Merchant);
        if (class == from || class == Class.Desk || (class == Class.Closing && !closing)) {
            revert InvalidClassChange(holder, from, class);
        }
        if (!closing && (account.balance() != 0 || account.openRedemptions() != 0)) {
            revert AccountNotEmpty(holder, account.balance(), account.openRedemptions());
        }
        _accounts[holder].word = account.withClass(class).withEpoch(context.epoch);
        emit ClassSet(number, holder, class);
        _writeExpired(context);
    }

    /// @inheritdoc IMunicipalToken
    function setDesk(address desk, bool active) external restricted {
        Account account = _accounts[desk].word;
        Class from = account.class();
        if (desk.code.length == 0 || account.number() != 0) revert InvalidDesk(desk);
        if ((from == Class.Desk) == active) revert InvalidClassChange(desk, from, active ? Class.Desk : Class.None);
        if (account.balance() != 0) revert AccountNotEmpty(desk, account.balance(), 0);
        Class class = active ? Class.Desk : Class.None;
        _accounts[desk].word = account.withClass(class);
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

    /// @inheritdoc IMunicipalToken
    function extendWindDown(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) external restricted {
        Rules word = _rules;
        _checkExtension(word.issueUntil(), issueUntil);
        _checkExtension(word.payUntil(), payUntil);
        _checkExtension(word.redeemUntil(), redeemUntil);
        _checkGaps(issueUntil, payUntil, redeemUntil, PAY_GAP, REDEEM_GAP);
        _rules = word.withEnds(issueUntil, payUntil, redeemUntil);
        emit WindDownExtended(issueUntil, payUntil, redeemUntil);
    }

    /* REGISTRY AND DESK */

    /// @inheritdoc IMunicipalToken
    function issue(uint256[] calldata rewards) external restricted {
        Context memory context = _context();
        if (context.rules.isPaused()) revert TokenPaused();
        if (block.timestamp > context.rules.issueUntil()) revert IssuanceEnded(context.rules.issueUntil());
        uint256 total;
        for (uint256 i = 0; i < rewards.length; ++i) {
            uint256 reward = rewards[i];
            (uint256 amount, uint32 number) = (uint48(reward), uint32(reward >> 48));
            address holder = _holders[number];
            Slot storage slot = _accounts[holder];
            Account account = slot.word;
            if (account.class() != Class.Resident) revert NotResident(uint16(reward >> 80), number);
            slot.word = _rolled(holder, account, context).reward(amount);
            emit Transfer(address(0), holder, amount);
            // Unchecked: amounts of 48 bits, and far fewer than 2^200 of them.
            unchecked {
                total += amount;
            }
        }
        Ledger ledger_ = _ledger.addIssued(total).addExpired(context.burned);
        if (ledger_.issued() >= ISSUED_LIMIT) revert IssuedLimit();
        _ledger = ledger_;
    }

    /// @inheritdoc IMunicipalToken
    function clawback(uint32 number, uint256 amount) external restricted returns (uint256 burned) {
        address holder = _liveHolder(number);
        Account account = _accounts[holder].word;
        if (account.class() != Class.Resident) return 0;
        Context memory context = _context();
        account = _rolled(holder, account, context);
        burned = amount < account.balance() ? amount : account.balance();
        _accounts[holder].word = account.takeBack(burned);
        _ledger = _ledger.addExpired(context.burned).addClawedBack(burned);
        if (burned != 0) {
            emit Transfer(holder, address(0), burned);
            emit ClawedBack(number, holder, burned);
        }
    }

    /// @inheritdoc IMunicipalToken
    function settleEscrow(uint256 amount, uint256[] calldata ends) external {
        Account desk = _callingDesk();
        if (amount > desk.balance()) revert ERC20InsufficientBalance(msg.sender, desk.balance(), amount);
        _accounts[msg.sender].word = desk.debit(amount);
        for (uint256 i = 0; i < ends.length; ++i) {
            address holder = _liveHolder(uint32(ends[i]));
            Account account = _accounts[holder].word;
            _accounts[holder].word = account.withOpenRedemptions(account.openRedemptions() - uint16(ends[i] >> 32));
        }
        _ledger = _ledger.addSettled(amount);
        emit Transfer(msg.sender, address(0), amount);
    }

    /// @inheritdoc IMunicipalToken
    function releaseEscrow(uint32 number, uint256 amount) external {
        _callingDesk();
        _move(msg.sender, _liveHolder(number), amount, Via.Escrow, _context());
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

    /* INTERNALS */

    function _setFrozen(uint32 number, bool frozen) private returns (address holder) {
        Context memory context = _context();
        holder = _liveHolder(number);
        Account account = _rolled(holder, _accounts[holder].word, context);
        if (account.hasFlag(AccountLib.FROZEN) == frozen) revert FreezeUnchanged(number, frozen);
        _accounts[holder].word = account.withFlag(AccountLib.FROZEN, frozen);
        _writeExpired(context);
    }

    /// @dev A date that has passed is past for good; the others only move away.
    function _checkExtension(uint256 until, uint256 wanted) private view {
        if (wanted < until || (wanted != until && block.timestamp > until)) revert DateFixed(until, wanted);
    }

    function _checkGaps(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil, uint256 payGap, uint256 redeemGap)
        private
        pure
    {
        // The last first, so that the sums cannot overflow.
        if (
            redeemUntil > type(uint40).max || payUntil > redeemUntil || issueUntil > payUntil
                || payUntil - issueUntil < payGap || redeemUntil - payUntil < redeemGap
        ) {
            revert InvalidWindDown(issueUntil, payUntil, redeemUntil);
        }
    }

    function _callingDesk() private view returns (Account desk) {
        desk = _accounts[msg.sender].word;
        if (desk.class() != Class.Desk) revert CallerNotDesk(msg.sender);
    }
}
