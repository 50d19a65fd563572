// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

/// @notice What the council voted: at most `cap` cents for activities in these months.
/// @param cap In cents.
/// @param used In cents; never falls.
/// @param fromMonth First month, as `12 * year + (month - 1)`.
/// @param toMonth Last month, inclusive.
struct Programme {
    uint256 cap;
    uint256 used;
    uint256 fromMonth;
    uint256 toMonth;
}

/// @notice One dated occurrence of something residents can do.
/// @param programme The programme that pays for it.
/// @param month Month of the day it takes place, local time, as `12 * year + (month - 1)`.
/// @param centsPerHour The compensation.
/// @param maxMinutes The most minutes one person can be rewarded for.
/// @param opensAt From this second (Unix time) on it has been held and reports may be issued.
/// @param closesAt The last second at which reports may be issued.
/// @param neighbourhood Digits of the statistical code of the neighbourhood (CBS: BU code), 0 if city-wide.
/// @param adult Whether it is for people of 21 and over, which decides the hourly limit.
/// @param noDisplacement Declaration that it displaces no staff work. Must be true.
/// @param description keccak256 of its public description.
struct Activity {
    uint32 programme;
    uint16 month;
    uint32 centsPerHour;
    uint16 maxMinutes;
    uint40 opensAt;
    uint40 closesAt;
    uint32 neighbourhood;
    bool adult;
    bool noDisplacement;
    bytes32 description;
}

/// @notice Limits of the volunteer compensation, in cents. In force for a month is the last row added whose
/// `validFrom` is not later than that month.
/// @param validFrom Month, as `12 * year + (month - 1)`.
/// @param hourlyAdult Most cents per hour for activities for 21 and over.
/// @param hourlyYouth Most cents per hour for the others.
/// @param monthLimit Most cents per person and calendar month.
/// @param yearLimit Most cents per person and calendar year.
/// @param headroom Cents taken off both limits, to leave room for volunteer work elsewhere.
/// @param source keccak256 of the citation of the source.
struct Rule {
    uint16 validFrom;
    uint32 hourlyAdult;
    uint32 hourlyYouth;
    uint32 monthLimit;
    uint32 yearLimit;
    uint32 headroom;
    bytes32 source;
}

/// @notice One person in a report.
/// @param number The person's number.
/// @param minutes Minutes done.
/// @param evidence Salted commitment to the evidence; the salt and the evidence stay off the chain.
struct Line {
    uint32 number;
    uint16 minutes_;
    bytes32 evidence;
}

/// @notice What an attester signs: who did an activity, and how long. EIP-712, under the registry's domain.
/// @dev `Report(address attester,uint256 activity,Line[] lines,uint256 deadline,uint256 serial)`
/// `Line(uint32 number,uint16 minutes,bytes32 evidence)`
/// @param deadline The last second (Unix time) at which it may be issued.
/// @param serial Tells two otherwise equal reports apart.
struct Report {
    address attester;
    uint256 activity;
    Line[] lines;
    uint256 deadline;
    uint256 serial;
}

/// @notice State of an attestation.
enum AttestationStatus {
    None,
    Issued,
    /// Minutes were struck; what they earned can be taken back after {IActivityRegistry-clawbackWindow}.
    Reduced,
    /// What was struck is taken back as far as it could be, the rest is written off. The last state.
    ClawedBack
}

/// @notice One person's rewarded part in one activity.
/// @param amount Cents as issued.
/// @param minutes_ Minutes as attested.
/// @param month The activity's month.
/// @param programme The programme that paid.
/// @param time When it was issued, Unix time.
/// @param struck Cents that reductions struck from the amount.
/// @param kept Minutes that count now.
/// @param reducedAt When it was last reduced, Unix time; 0 if never.
struct AttestationView {
    AttestationStatus status;
    uint256 amount;
    uint256 minutes_;
    uint256 month;
    uint256 programme;
    uint256 time;
    uint256 struck;
    uint256 kept;
    uint256 reducedAt;
}

/// @title The register of programmes, activities and attestations, and the only minter.
/// @notice An attester signs a report, an issuer who is somebody else signs its release, this contract computes the
/// amounts and mints: one reward per person and activity, ever, within the programme's budget and the person's month
/// and year. It separates keys, not people.
/// @dev A digest is the EIP-712 digest under this contract's domain.
interface IActivityRegistry {
    /* EVENTS */

    event ProgrammeOpened(uint256 indexed programme, uint256 cap, uint256 fromMonth, uint256 toMonth);
    event ProgrammeCapSet(uint256 indexed programme, uint256 cap);
    event AttesterSet(uint256 indexed programme, address indexed attester, bool appointed);
    event RuleAdded(uint256 indexed row, Rule rule);
    event ActivityOpened(uint256 indexed activity, uint256 indexed programme, Activity details);

    /// @notice Everything that was signed. The `Transfer` logs of its rewards follow it, in the order of the lines
    /// whose bit in `skip` is 0.
    /// @param report The digest the attester signed.
    /// @param skip Bit i skips line i.
    event ReportIssued(
        bytes32 indexed report,
        uint256 indexed activity,
        address indexed attester,
        address issuer,
        Line[] lines,
        uint256 deadline,
        uint256 serial,
        uint256 skip,
        bytes attesterSignature,
        bytes issuerSignature
    );

    /// @notice This report can no longer be issued. `attester` is who cancelled it, which binds that attester's reports
    /// only; zero if it was PROGRAMME, which binds all.
    event ReportCancelled(bytes32 indexed report, address indexed attester);

    /// @notice Minutes of an attestation were struck.
    /// @param attester Who signed; zero if it was PROGRAMME.
    /// @param minutes_ What is kept.
    /// @param struck Cents struck in all; the amount as issued stays on record.
    /// @param clawbackFrom The first second (Unix time) at which they can be taken back.
    event AttestationReduced(
        uint256 indexed uid, address indexed attester, uint16 minutes_, uint256 struck, uint256 clawbackFrom
    );

    /// @notice Of what was struck `burned` cents were taken back and count no longer towards the person's month and
    /// year; `writtenOff` cents were not there. Neither returns to the budget.
    event AttestationClawedBack(uint256 indexed uid, uint256 burned, uint256 writtenOff);

    /// @notice This person's year is lowered by so many euros, at their own request.
    event YearLowered(uint32 indexed number, uint256 indexed year, uint256 euros);

    /* ERRORS */

    error UnknownProgramme(uint256 programme);
    error UnknownActivity(uint256 activity);
    /// @notice Months in order, and not before the current month.
    error InvalidPeriod(uint256 fromMonth, uint256 toMonth);
    /// @notice The cap must hold what is used and stay below 2^48 cents.
    error InvalidCap(uint256 cap, uint256 used);
    error ZeroAttester();
    /// @notice A field of the activity is out of bounds: 1 minutes, 2 times, 3 rate of zero.
    error InvalidActivity(uint256 field);
    /// @notice An activity must be declared to displace no staff work.
    error DisplacesStaffWork();
    /// @notice The month is outside the programme's period.
    error MonthOutsideProgramme(uint256 month, uint256 fromMonth, uint256 toMonth);
    /// @notice The rate is above the hourly limit in force for that month.
    error RateAboveLimit(uint256 centsPerHour, uint256 limit);
    error NoRuleForMonth(uint256 month);
    /// @notice Limits must satisfy headroom <= month limit <= year limit, month limit < 2^20.
    error InvalidRule();
    /// @notice A row must begin after every month already issued for.
    error RuleTooEarly(uint256 validFrom, uint256 lastIssuedMonth);

    error ReportLength(uint256 lines);
    error ReportExpired(uint256 deadline);
    error ReportAlreadyIssued(bytes32 report);
    /// @notice Its attester or PROGRAMME cancelled it.
    error ReportWithdrawn(bytes32 report);
    error AttesterNotAppointed(address attester, uint256 programme);
    error IssuerNotAllowed(address issuer);
    error AttesterIsIssuer(address signer);
    error InvalidAttesterSignature(address attester);
    error InvalidIssuerSignature(address issuer);
    /// @notice Bits beyond the last line must be 0, and at least one line must remain.
    error InvalidSkip(uint256 skip);
    error ActivityNotHeld(uint256 opensAt);
    error ActivityClosed(uint256 closesAt);
    /// @notice Rewards are for the current month or a few before it.
    error MonthOutOfRange(uint256 month, uint256 oldest, uint256 current);
    error BudgetExceeded(uint256 programme, uint256 needed, uint256 left);
    /// @notice The registry before this one may still issue, and does not count what is earned here.
    error PredecessorIssues(address predecessor);

    /// @notice Bad lines name their index in the report, from 0. None of the report is issued.
    error LineOwnNumber(uint256 line, uint32 number);
    error LineMinutes(uint256 line, uint256 minutes_, uint256 maxMinutes);
    error LineAmountZero(uint256 line);
    error LineAlreadyRewarded(uint256 line, uint256 uid);
    error LineMonthLimit(uint256 line, uint256 amount, uint256 left);
    error LineYearLimit(uint256 line, uint256 amount, uint256 left);

    error ReductionExpired(uint256 deadline);
    /// @notice What is asked for is not possible in this state of the attestation.
    error WrongStatus(uint256 uid, AttestationStatus status);
    /// @notice A reduction only ever reduces.
    error NotReduced(uint256 uid, uint256 minutes_, uint256 kept);
    /// @notice The time to object is not over.
    error ClawbackTooEarly(uint256 from);
    /// @notice Of a number that somebody holds, and by at most 65 535 euros.
    error InvalidLowering(uint32 number, uint256 year, uint256 euros);

    /* PROGRAMMES AND RULES */

    /// @notice Opens a programme. PROGRAMME.
    function openProgramme(uint256 cap, uint256 fromMonth, uint256 toMonth) external returns (uint256 programme);

    /// @notice Sets what a programme may spend, at least what it has spent. PROGRAMME.
    function setProgrammeCap(uint256 programme, uint256 cap) external;

    /// @notice Appoints or dismisses an attester of a programme. PROGRAMME.
    function setAttester(uint256 programme, address attester, bool appointed) external;

    /// @notice Adds a row of limits. RULES. Rows are never changed; a mistaken one is superseded.
    function addRule(Rule calldata rule) external returns (uint256 row);

    /// @notice Opens an activity. PROGRAMME.
    function openActivity(Activity calldata details) external returns (uint256 activity);

    /* ISSUING */

    /// @notice Mints the rewards of a report. Anyone may carry it; attester and issuer have signed.
    /// @dev The issuer counts if the authority lets it call this function at once. All or nothing, except for the
    /// lines the issuer's signature skips.
    /// @param skip Bit i skips line i. Part of what the issuer signs:
    /// `Release(address issuer,bytes32 report,uint256 skip)`.
    /// @return total Cents minted.
    function issue(
        Report calldata report,
        bytes calldata attesterSignature,
        address issuer,
        bytes calldata issuerSignature,
        uint256 skip
    ) external returns (uint256 total);

    /// @notice Cancels a report before it is issued, whoever signed it. PROGRAMME.
    function cancelReport(bytes32 report) external;

    /// @notice Cancels a report before it is issued, by its attester's signature
    /// `CancelReport(address attester,bytes32 report)`. Of another attester's report it changes nothing.
    function cancelReportBySignature(address attester, bytes32 report, bytes calldata signature) external;

    /* CORRECTING */

    /// @notice Strikes minutes of an attestation, down to what is kept; 0 revokes it. PROGRAMME.
    /// @dev Restarts the window. Not any more after {clawback}.
    function reduce(uint256 uid, uint16 minutes_) external;

    /// @notice The same by signature of a present attester of the attestation's programme:
    /// `Reduce(address attester,uint256 uid,uint16 minutes,uint256 deadline)`.
    function reduceBySignature(
        address attester,
        uint256 uid,
        uint16 minutes_,
        uint256 deadline,
        bytes calldata signature
    ) external;

    /// @notice Takes back what was struck, as far as the person still has it; the rest is written off. CLAWBACK.
    /// @dev Once, after the window, fresh credits before stale. It never touches a merchant.
    /// @return burned In cents.
    function clawback(uint256 uid) external returns (uint256 burned);

    /* LIMITS OF A PERSON */

    /// @notice Lowers, at the person's own request, what they can still earn in a year: other organisations'
    /// compensation counts too. REGISTRAR. Sets it anew each time, up or down, and never touches what is issued.
    function lowerYear(uint32 number, uint256 year, uint256 euros) external;

    /* VIEWS */

    function programmeOf(uint256 programme) external view returns (Programme memory);
    function activityOf(uint256 activity) external view returns (Activity memory);
    function isAttester(uint256 programme, address attester) external view returns (bool);
    /// @notice The limits in force for a month: the last row added here that covers it, else the predecessor's.
    function ruleFor(uint256 month) external view returns (Rule memory);
    function ruleAt(uint256 row) external view returns (Rule memory);
    /// @notice The last programme and activity, and how many rows of rules there are. Numbers begin at 1, in a
    /// successor well above the predecessor's last.
    function counts() external view returns (uint256 programmes, uint256 activities, uint256 rules);
    /// @notice The last month for which rewards were issued.
    function lastIssuedMonth() external view returns (uint256);
    /// @notice `activity << 32 | number`.
    function uidOf(uint256 activity, uint32 number) external pure returns (uint256 uid);
    function attestationOf(uint256 uid) external view returns (AttestationView memory);
    /// @notice Attestations as stored, one word each; the layout is in `libraries/Attestation.sol`.
    function wordsOf(uint256[] calldata uids) external view returns (uint256[] memory words);
    /// @notice Cents a number earned in that month and in its calendar year, predecessors included.
    function earned(uint32 number, uint256 month) external view returns (uint256 inMonth, uint256 inYear);
    /// @notice Cents a number can still earn in that month and in its calendar year.
    function left(uint32 number, uint256 month) external view returns (uint256 inMonth, uint256 inYear);
    /// @notice By how many cents a person's year is lowered; in a succession the most that any registry says.
    function loweredBy(uint32 number, uint256 year) external view returns (uint256 cents);
    function isIssued(bytes32 report) external view returns (bool);
    /// @notice Whether a report of this attester was cancelled.
    function isCancelled(bytes32 report, address attester) external view returns (bool);
    /// @notice Seconds between a reduction and its clawback, in which a person can object.
    function clawbackWindow() external view returns (uint256);
    /// @notice The digest an attester signs.
    function reportDigest(Report calldata report) external view returns (bytes32);
    /// @notice The digest an issuer signs.
    function releaseDigest(address issuer, bytes32 report, uint256 skip) external view returns (bytes32);
    function token() external view returns (address);
    /// @notice The registry before this one; zero for the first.
    function predecessor() external view returns (address);
    /// @notice How many months before the current one may still be rewarded.
    function monthsBack() external view returns (uint256);
}
