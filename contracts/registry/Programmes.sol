// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {Activity, IActivityRegistry, Programme, Rule} from "../interfaces/IActivityRegistry.sol";
import {IMunicipalToken} from "../interfaces/IMunicipalToken.sol";
import {Calendar} from "../libraries/Calendar.sol";

/// @title What there is to be earned for: programmes with their budgets and attesters, limits, and activities.
/// @dev Documented in {IActivityRegistry}.
abstract contract Programmes is IActivityRegistry, AccessManaged {
    /* TYPES */

    /// @dev A {Programme} in one slot.
    struct Budget {
        uint48 cap;
        uint48 used;
        uint16 fromMonth;
        uint16 toMonth;
    }

    /// @dev How many there are, and the last month issued for, in one slot.
    struct Counts {
        uint32 programmes;
        uint64 activities;
        uint16 lastIssuedMonth;
    }

    /* CONSTANTS AND IMMUTABLES */

    /// @dev Numbers left to a predecessor, which may go on opening until it loses its right to mint.
    uint256 private constant NUMBERING_GAP = 1 << 20;

    IMunicipalToken internal immutable TOKEN;
    IActivityRegistry internal immutable PREDECESSOR;

    /* STORAGE */

    Counts internal _counts;
    Rule[] private _rules;
    mapping(uint256 programme => Budget) private _budgets;
    mapping(uint256 programme => mapping(address attester => bool)) internal _attesters;
    mapping(uint256 activity => Activity) private _activities;

    /* CONSTRUCTOR */

    constructor(address token_, address predecessor_) {
        TOKEN = IMunicipalToken(token_);
        PREDECESSOR = IActivityRegistry(predecessor_);
        if (predecessor_ != address(0)) {
            (uint256 programmes, uint256 activities,) = PREDECESSOR.counts();
            _counts = Counts(
                uint32(programmes + NUMBERING_GAP),
                uint64(activities + NUMBERING_GAP),
                uint16(PREDECESSOR.lastIssuedMonth())
            );
        }
    }

    /* PROGRAMMES AND RULES */

    /// @inheritdoc IActivityRegistry
    function openProgramme(uint256 cap, uint256 fromMonth, uint256 toMonth)
        external
        restricted
        returns (uint256 programme)
    {
        if (fromMonth > toMonth || toMonth < Calendar.monthOf(block.timestamp) || toMonth > type(uint16).max) {
            revert InvalidPeriod(fromMonth, toMonth);
        }
        if (cap > type(uint48).max) revert InvalidCap(cap, 0);
        programme = ++_counts.programmes;
        _budgets[programme] = Budget(uint48(cap), 0, uint16(fromMonth), uint16(toMonth));
        emit ProgrammeOpened(programme, cap, fromMonth, toMonth);
    }

    /// @inheritdoc IActivityRegistry
    function setProgrammeCap(uint256 programme, uint256 cap) external restricted {
        Budget storage budget = _budgetOf(programme);
        if (cap < budget.used || cap > type(uint48).max) revert InvalidCap(cap, budget.used);
        budget.cap = uint48(cap);
        emit ProgrammeCapSet(programme, cap);
    }

    /// @inheritdoc IActivityRegistry
    function setAttester(uint256 programme, address attester, bool appointed) external restricted {
        _budgetOf(programme);
        if (attester == address(0)) revert ZeroAttester();
        _attesters[programme][attester] = appointed;
        emit AttesterSet(programme, attester, appointed);
    }

    /// @inheritdoc IActivityRegistry
    function addRule(Rule calldata rule) external restricted returns (uint256 row) {
        if (rule.headroom > rule.monthLimit || rule.monthLimit > rule.yearLimit || rule.monthLimit >= 1 << 20) {
            revert InvalidRule();
        }
        uint256 last = _counts.lastIssuedMonth;
        if (rule.validFrom <= last) revert RuleTooEarly(rule.validFrom, last);
        row = _rules.length;
        _rules.push(rule);
        emit RuleAdded(row, rule);
    }

    /// @inheritdoc IActivityRegistry
    function openActivity(Activity calldata details) external restricted returns (uint256 activity) {
        Budget storage budget = _budgetOf(details.programme);
        if (!details.noDisplacement) revert DisplacesStaffWork();
        if (details.maxMinutes == 0) revert InvalidActivity(1);
        if (details.opensAt >= details.closesAt) revert InvalidActivity(2);
        if (details.centsPerHour == 0) revert InvalidActivity(3);
        if (details.month < budget.fromMonth || details.month > budget.toMonth) {
            revert MonthOutsideProgramme(details.month, budget.fromMonth, budget.toMonth);
        }
        _checkRate(_ruleFor(details.month), details.adult, details.centsPerHour);
        activity = ++_counts.activities;
        _activities[activity] = details;
        emit ActivityOpened(activity, details.programme, details);
    }

    /* VIEWS */

    /// @inheritdoc IActivityRegistry
    function programmeOf(uint256 programme) external view returns (Programme memory) {
        Budget storage budget = _budgetOf(programme);
        return Programme(budget.cap, budget.used, budget.fromMonth, budget.toMonth);
    }

    /// @inheritdoc IActivityRegistry
    function activityOf(uint256 activity) external view returns (Activity memory) {
        return _activityOf(activity);
    }

    /// @inheritdoc IActivityRegistry
    function isAttester(uint256 programme, address attester) external view returns (bool) {
        return _attesters[programme][attester];
    }

    /// @inheritdoc IActivityRegistry
    function ruleFor(uint256 month) external view returns (Rule memory) {
        return _ruleFor(month);
    }

    /// @inheritdoc IActivityRegistry
    function ruleAt(uint256 row) external view returns (Rule memory) {
        return _rules[row];
    }

    /// @inheritdoc IActivityRegistry
    function counts() external view returns (uint256 programmes, uint256 activities, uint256 rules) {
        return (_counts.programmes, _counts.activities, _rules.length);
    }

    /// @inheritdoc IActivityRegistry
    function lastIssuedMonth() external view returns (uint256) {
        return _counts.lastIssuedMonth;
    }

    /// @inheritdoc IActivityRegistry
    function token() external view returns (address) {
        return address(TOKEN);
    }

    /// @inheritdoc IActivityRegistry
    function predecessor() external view returns (address) {
        return address(PREDECESSOR);
    }

    /* INTERNALS */

    /// @dev The one way to spend a budget.
    function _spend(uint256 programme, uint256 amount) internal {
        Budget storage budget = _budgets[programme];
        (uint256 cap, uint256 used) = (budget.cap, budget.used);
        if (amount > cap - used) revert BudgetExceeded(programme, amount, cap - used);
        budget.used = uint48(used + amount);
    }

    function _checkRate(Rule memory rule, bool adult, uint256 centsPerHour) internal pure {
        uint256 limit = adult ? rule.hourlyAdult : rule.hourlyYouth;
        if (centsPerHour > limit) revert RateAboveLimit(centsPerHour, limit);
    }

    /// @dev The last row added whose first month is not later than `month`; if there is none, the predecessor's.
    function _ruleFor(uint256 month) internal view returns (Rule memory) {
        for (uint256 row = _rules.length; row > 0; --row) {
            if (_rules[row - 1].validFrom <= month) return _rules[row - 1];
        }
        if (address(PREDECESSOR) == address(0)) revert NoRuleForMonth(month);
        return PREDECESSOR.ruleFor(month);
    }

    function _budgetOf(uint256 programme) private view returns (Budget storage budget) {
        budget = _budgets[programme];
        if (budget.toMonth == 0) revert UnknownProgramme(programme);
    }

    function _activityOf(uint256 activity) internal view returns (Activity storage details) {
        details = _activities[activity];
        if (details.programme == 0) revert UnknownActivity(activity);
    }
}
