// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {
    Activity,
    AttestationView,
    IActivityRegistry,
    Line,
    Programme,
    Report,
    Rule
} from "./interfaces/IActivityRegistry.sol";
import {IMunicipalToken} from "./interfaces/IMunicipalToken.sol";
import {Attestation, AttestationLib} from "./libraries/Attestation.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {YearCaps} from "./libraries/YearCaps.sol";

/// @title ActivityRegistry
/// @dev Documented in {IActivityRegistry}.
contract ActivityRegistry is IActivityRegistry, AccessManaged, EIP712 {
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

    /// @dev What all lines of one report have in common.
    struct Terms {
        uint256 activity;
        uint256 rate;
        uint256 maxMinutes;
        uint256 month;
        uint256 monthLimit;
        uint256 yearLimit;
        uint256 attesterNumber;
        uint256 issuerNumber;
        Attestation blank;
    }

    /* CONSTANTS AND IMMUTABLES */

    bytes32 private constant LINE_TYPEHASH = keccak256("Line(uint32 number,uint16 minutes,bytes32 evidence)");
    bytes32 private constant REPORT_TYPEHASH = keccak256(
        "Report(address attester,uint256 activity,Line[] lines,uint256 deadline,uint256 serial)Line(uint32 number,uint16 minutes,bytes32 evidence)"
    );
    bytes32 private constant RELEASE_TYPEHASH = keccak256("Release(address issuer,bytes32 report,uint256 skip)");

    uint256 private constant MAX_LINES = 200;

    /// @dev Numbers left to a predecessor, which may go on opening until it loses its right to mint.
    uint256 private constant NUMBERING_GAP = 1 << 20;

    IMunicipalToken private immutable TOKEN;
    IActivityRegistry private immutable PREDECESSOR;

    /// @inheritdoc IActivityRegistry
    uint256 public immutable monthsBack;

    /* STORAGE */

    Counts private _counts;
    Rule[] private _rules;
    mapping(uint256 programme => Budget) private _budgets;
    mapping(uint256 programme => mapping(address attester => bool)) private _attesters;
    mapping(uint256 activity => Activity) private _activities;
    mapping(uint256 uid => Attestation) private _attestations;
    /// @dev Key: `number << 16 | year`.
    mapping(uint256 key => YearCaps) private _caps;
    mapping(bytes32 report => bool) private _issued;

    /* CONSTRUCTOR */

    /// @param authority_ The {Authority}.
    /// @param token_ The {MunicipalToken}; this registry must be given its role to issue.
    /// @param predecessor_ The registry before this one; zero for the first. Its month totals count, its rules hold
    /// where there are none here, and numbering goes on well above its last.
    /// @param monthsBack_ How many months before the current one may still be rewarded.
    constructor(address authority_, address token_, address predecessor_, uint256 monthsBack_)
        AccessManaged(authority_)
        EIP712("Heitje ActivityRegistry", "1")
    {
        TOKEN = IMunicipalToken(token_);
        PREDECESSOR = IActivityRegistry(predecessor_);
        monthsBack = monthsBack_;
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

    /* ISSUING */

    /// @inheritdoc IActivityRegistry
    function issue(
        Report calldata report,
        bytes calldata attesterSignature,
        address issuer,
        bytes calldata issuerSignature,
        uint256 skip
    ) external returns (uint256 total) {
        // Check: form, deadline, that it is new, and who signed.
        uint256 count = report.lines.length;
        if (count == 0 || count > MAX_LINES) revert ReportLength(count);
        if (skip >> count != 0 || skip == (1 << count) - 1) revert InvalidSkip(skip);
        if (block.timestamp > report.deadline) revert ReportExpired(report.deadline);
        bytes32 digest = reportDigest(report);
        if (_issued[digest]) revert ReportAlreadyIssued(digest);
        _checkPredecessorEnded();
        Activity storage activity = _activityOf(report.activity);
        uint256 programme = activity.programme;
        _checkSigners(digest, report.attester, programme, attesterSignature, issuer, issuerSignature, skip);

        // Effect: the report, its lines, the budget; then the token, which makes no calls out.
        _issued[digest] = true;
        emit ReportIssued(
            digest,
            report.activity,
            report.attester,
            issuer,
            report.lines,
            report.deadline,
            report.serial,
            skip,
            attesterSignature,
            issuerSignature
        );
        uint256[] memory rewards;
        (rewards, total) = _attest(report.lines, skip, _termsOf(report.activity, activity, report.attester, issuer));
        _spend(programme, total);
        TOKEN.issue(rewards);
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
    function uidOf(uint256 activity, uint32 number) public pure returns (uint256 uid) {
        return activity << 32 | number;
    }

    /// @inheritdoc IActivityRegistry
    function attestationOf(uint256 uid) external view returns (AttestationView memory) {
        Attestation word = _attestations[uid];
        return AttestationView({
            status: word.status(),
            amount: word.amount(),
            minutes_: word.duration(),
            month: word.month(),
            programme: word.programme(),
            time: word.time()
        });
    }

    /// @inheritdoc IActivityRegistry
    function wordsOf(uint256[] calldata uids) external view returns (uint256[] memory words) {
        words = new uint256[](uids.length);
        for (uint256 i = 0; i < uids.length; ++i) {
            words[i] = Attestation.unwrap(_attestations[uids[i]]);
        }
    }

    /// @inheritdoc IActivityRegistry
    function earned(uint32 number, uint256 month) public view returns (uint256 inMonth, uint256 inYear) {
        return _earned(_caps[_capsKey(number, month)], number, month);
    }

    /// @inheritdoc IActivityRegistry
    function left(uint32 number, uint256 month) external view returns (uint256 inMonth, uint256 inYear) {
        Rule memory rule = _ruleFor(month);
        (uint256 monthSum, uint256 yearSum) = earned(number, month);
        inMonth = _minus(rule.monthLimit - rule.headroom, monthSum);
        inYear = _minus(rule.yearLimit - rule.headroom, yearSum + _caps[_capsKey(number, month)].lowered());
    }

    /// @inheritdoc IActivityRegistry
    function isIssued(bytes32 report) external view returns (bool) {
        return _issued[report];
    }

    /// @inheritdoc IActivityRegistry
    function reportDigest(Report calldata report) public view returns (bytes32) {
        bytes32[] memory lines = new bytes32[](report.lines.length);
        for (uint256 i = 0; i < lines.length; ++i) {
            Line calldata line = report.lines[i];
            lines[i] = keccak256(abi.encode(LINE_TYPEHASH, line.number, line.minutes_, line.evidence));
        }
        return _hashTypedDataV4(
            keccak256(
                abi.encode(
                    REPORT_TYPEHASH,
                    report.attester,
                    report.activity,
                    keccak256(abi.encodePacked(lines)),
                    report.deadline,
                    report.serial
                )
            )
        );
    }

    /// @inheritdoc IActivityRegistry
    function releaseDigest(address issuer, bytes32 report, uint256 skip) public view returns (bytes32) {
        return _hashTypedDataV4(keccak256(abi.encode(RELEASE_TYPEHASH, issuer, report, skip)));
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

    /// @dev Two keys, and the rights of both at this moment. Rests on signatures, never on the sender.
    function _checkSigners(
        bytes32 digest,
        address attester,
        uint256 programme,
        bytes calldata attesterSignature,
        address issuer,
        bytes calldata issuerSignature,
        uint256 skip
    ) private view {
        if (attester == issuer) revert AttesterIsIssuer(issuer);
        if (!_attesters[programme][attester]) revert AttesterNotAppointed(attester, programme);
        (bool immediate,) = IAccessManager(authority()).canCall(issuer, address(this), IActivityRegistry.issue.selector);
        if (!immediate) revert IssuerNotAllowed(issuer);
        if (!Signatures.isSignedBy(digest, attester, attesterSignature)) revert InvalidAttesterSignature(attester);
        if (!Signatures.isSignedBy(releaseDigest(issuer, digest, skip), issuer, issuerSignature)) {
            revert InvalidIssuerSignature(issuer);
        }
    }

    /// @dev What is earned here the predecessor does not count: it must have lost its right to issue.
    function _checkPredecessorEnded() private view {
        address before = address(PREDECESSOR);
        if (before == address(0)) return;
        (bool immediate, uint32 delay) =
            IAccessManager(authority()).canCall(before, address(TOKEN), IMunicipalToken.issue.selector);
        if (immediate || delay != 0) revert PredecessorIssues(before);
    }

    /// @dev Checks the activity against now and the rule in force, and gathers what every line needs.
    function _termsOf(uint256 id, Activity storage activity, address attester, address issuer)
        private
        returns (Terms memory terms)
    {
        if (block.timestamp < activity.opensAt) revert ActivityNotHeld(activity.opensAt);
        if (block.timestamp > activity.closesAt) revert ActivityClosed(activity.closesAt);
        uint256 month = activity.month;
        uint256 current = Calendar.monthOf(block.timestamp);
        if (month > current || month + monthsBack < current) {
            revert MonthOutOfRange(month, current - monthsBack, current);
        }
        if (month > _counts.lastIssuedMonth) _counts.lastIssuedMonth = uint16(month);

        Rule memory rule = _ruleFor(month);
        _checkRate(rule, activity.adult, activity.centsPerHour);
        terms.activity = id;
        terms.rate = activity.centsPerHour;
        terms.maxMinutes = activity.maxMinutes;
        terms.month = month;
        terms.monthLimit = rule.monthLimit - rule.headroom;
        terms.yearLimit = rule.yearLimit - rule.headroom;
        terms.attesterNumber = TOKEN.numberOf(attester);
        terms.issuerNumber = TOKEN.numberOf(issuer);
        terms.blank = AttestationLib.blank(month, activity.programme, block.timestamp);
    }

    /// @dev Writes the attestations of all lines that are not skipped.
    /// @return rewards As {IMunicipalToken-issue} takes them.
    /// @return total In cents.
    function _attest(Line[] calldata lines, uint256 skip, Terms memory terms)
        private
        returns (uint256[] memory rewards, uint256 total)
    {
        rewards = new uint256[](lines.length);
        uint256 count;
        for (uint256 i = 0; i < lines.length; ++i) {
            if (skip >> i & 1 != 0) continue;
            uint256 amount = _attestLine(i, lines[i], terms);
            rewards[count++] = amount | uint256(lines[i].number) << 48 | i << 80;
            total += amount;
        }
        // Safe: the array only shrinks, to the rewards that were written.
        assembly ("memory-safe") {
            mstore(rewards, count)
        }
    }

    function _attestLine(uint256 index, Line calldata line, Terms memory terms) private returns (uint256 amount) {
        uint32 number = line.number;
        if (number != 0 && (number == terms.attesterNumber || number == terms.issuerNumber)) {
            revert LineOwnNumber(index, number);
        }
        if (line.minutes_ > terms.maxMinutes) revert LineMinutes(index, line.minutes_, terms.maxMinutes);
        amount = line.minutes_ * terms.rate / 60;
        if (amount == 0) revert LineAmountZero(index);
        uint256 uid = uidOf(terms.activity, number);
        if (Attestation.unwrap(_attestations[uid]) != 0) revert LineAlreadyRewarded(index, uid);

        _countTowardsCaps(index, number, amount, terms);
        _attestations[uid] = terms.blank.withAmount(amount, line.minutes_);
    }

    function _countTowardsCaps(uint256 index, uint32 number, uint256 amount, Terms memory terms) private {
        uint256 key = _capsKey(number, terms.month);
        YearCaps caps = _caps[key];
        (uint256 inMonth, uint256 inYear) = _earned(caps, number, terms.month);
        uint256 monthLeft = _minus(terms.monthLimit, inMonth);
        if (amount > monthLeft) revert LineMonthLimit(index, amount, monthLeft);
        uint256 yearLeft = _minus(terms.yearLimit, inYear + caps.lowered());
        if (amount > yearLeft) revert LineYearLimit(index, amount, yearLeft);
        _caps[key] = caps.add(terms.month % 12, amount);
    }

    /// @dev The one way to spend a budget.
    function _spend(uint256 programme, uint256 amount) private {
        Budget storage budget = _budgets[programme];
        (uint256 cap, uint256 used) = (budget.cap, budget.used);
        if (amount > cap - used) revert BudgetExceeded(programme, amount, cap - used);
        budget.used = uint48(used + amount);
    }

    /// @dev `caps` is the word of this number and year; the predecessor's sums are added to it.
    function _earned(YearCaps caps, uint32 number, uint256 month)
        private
        view
        returns (uint256 inMonth, uint256 inYear)
    {
        if (address(PREDECESSOR) != address(0)) {
            (inMonth, inYear) = PREDECESSOR.earned(number, month);
        }
        inMonth += caps.inMonth(month % 12);
        inYear += caps.inYear();
    }

    function _checkRate(Rule memory rule, bool adult, uint256 centsPerHour) private pure {
        uint256 limit = adult ? rule.hourlyAdult : rule.hourlyYouth;
        if (centsPerHour > limit) revert RateAboveLimit(centsPerHour, limit);
    }

    /// @dev The last row added whose first month is not later than `month`; if there is none, the predecessor's.
    function _ruleFor(uint256 month) private view returns (Rule memory) {
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

    function _activityOf(uint256 activity) private view returns (Activity storage details) {
        details = _activities[activity];
        if (details.programme == 0) revert UnknownActivity(activity);
    }

    function _capsKey(uint32 number, uint256 month) private pure returns (uint256) {
        return uint256(number) << 16 | month / 12;
    }

    function _minus(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a - b : 0;
    }
}
