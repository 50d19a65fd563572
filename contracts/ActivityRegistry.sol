// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";

import {Activity, IActivityRegistry, Line, Report, Rule} from "./interfaces/IActivityRegistry.sol";
import {IMunicipalToken} from "./interfaces/IMunicipalToken.sol";
import {Attestation, AttestationLib} from "./libraries/Attestation.sol";
import {Calendar} from "./libraries/Calendar.sol";
import {Officials} from "./libraries/Officials.sol";
import {Signatures} from "./libraries/Signatures.sol";
import {YearCaps} from "./libraries/YearCaps.sol";
import {Corrections} from "./registry/Corrections.sol";
import {Programmes} from "./registry/Programmes.sol";

/// @title ActivityRegistry
/// @dev Documented in {IActivityRegistry}. What there is to be earned for is in {Programmes}, who was rewarded in
/// {Attestations}, corrections in {Corrections}; here is how a report is issued.
contract ActivityRegistry is Corrections {
    /* TYPES */

    /// @dev What became of a report.
    enum Fate {
        None,
        Issued,
        Cancelled
    }

    /// @dev What all lines of one report have in common.
    struct Terms {
        /// @dev {uidOf} of number 0.
        uint256 uids;
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
    bytes32 private constant CANCEL_TYPEHASH = keccak256("CancelReport(address attester,bytes32 report)");

    uint256 private constant MAX_LINES = 200;

    /// @inheritdoc IActivityRegistry
    uint256 public immutable monthsBack;

    /* STORAGE */

    mapping(bytes32 report => Fate) private _fates;
    /// @dev What an attester cancelled: binds that attester's reports only.
    mapping(address attester => mapping(bytes32 report => bool)) private _withdrawn;

    /* CONSTRUCTOR */

    /// @param authority_ The {Authority}.
    /// @param token_ The {MunicipalToken}; this registry must be given its roles to issue and to claw back.
    /// @param predecessor_ The registry before this one; zero for the first. Its month totals count, its rules hold
    /// where there are none here, and numbering goes on well above its last.
    /// @param monthsBack_ How many months before the current one may still be rewarded.
    /// @param clawbackWindow_ Seconds between a reduction and the clawback, in which a person can object.
    constructor(address authority_, address token_, address predecessor_, uint256 monthsBack_, uint256 clawbackWindow_)
        AccessManaged(authority_)
        EIP712("Heitje ActivityRegistry", "1")
        Programmes(token_, predecessor_)
        Corrections(clawbackWindow_)
    {
        monthsBack = monthsBack_;
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
        Fate fate = _fates[digest];
        if (fate == Fate.Issued) revert ReportAlreadyIssued(digest);
        if (fate == Fate.Cancelled || _withdrawn[report.attester][digest]) revert ReportWithdrawn(digest);
        _checkPredecessorEnded();
        Activity storage activity = _activityOf(report.activity);
        uint256 programme = activity.programme;
        _checkSigners(digest, report.attester, programme, attesterSignature, issuer, issuerSignature, skip);

        // Effect: the report, its lines, the budget; then the token, which makes no calls out.
        _fates[digest] = Fate.Issued;
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

    /// @inheritdoc IActivityRegistry
    function cancelReport(bytes32 report) external restricted {
        if (_fates[report] == Fate.Issued) revert ReportAlreadyIssued(report);
        _fates[report] = Fate.Cancelled;
        emit ReportCancelled(report, address(0));
    }

    /// @inheritdoc IActivityRegistry
    function cancelReportBySignature(address attester, bytes32 report, bytes calldata signature) external {
        if (_fates[report] == Fate.Issued) revert ReportAlreadyIssued(report);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(CANCEL_TYPEHASH, attester, report)));
        if (!Signatures.isSignedBy(digest, attester, signature)) revert InvalidAttesterSignature(attester);
        _withdrawn[attester][report] = true;
        emit ReportCancelled(report, attester);
    }

    /* VIEWS */

    /// @inheritdoc IActivityRegistry
    function isIssued(bytes32 report) external view returns (bool) {
        return _fates[report] == Fate.Issued;
    }

    /// @inheritdoc IActivityRegistry
    function reportDigest(Report calldata report) public view returns (bytes32) {
        bytes32[] memory lines = new bytes32[](report.lines.length);
        bytes32 typehash = LINE_TYPEHASH;
        for (uint256 i = 0; i < lines.length; ++i) {
            Line calldata line = report.lines[i];
            bytes32 hash;
            // The fields of a line lie in calldata as EIP-712 encodes them, a word each, so they are copied at once.
            // Safe: works in free memory beyond the pointer, and leaves the pointer where it was.
            assembly ("memory-safe") {
                let free := mload(0x40)
                mstore(free, typehash)
                calldatacopy(add(free, 32), line, 96)
                hash := keccak256(free, 128)
            }
            lines[i] = hash;
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
    function isCancelled(bytes32 report, address attester) external view returns (bool) {
        return _fates[report] == Fate.Cancelled || _withdrawn[attester][report];
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
        if (!Officials.mayActAtOnce(authority(), issuer, IActivityRegistry.issue.selector)) {
            revert IssuerNotAllowed(issuer);
        }
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
        terms.uids = uidOf(id, 0);
        terms.rate = activity.centsPerHour;
        terms.maxMinutes = activity.maxMinutes;
        terms.month = month;
        terms.monthLimit = rule.monthLimit - rule.headroom;
        terms.yearLimit = rule.yearLimit - rule.headroom;
        terms.attesterNumber = _numberOf(attester);
        terms.issuerNumber = _numberOf(issuer);
        terms.blank = AttestationLib.blank(month, activity.programme, block.timestamp);
    }

    /// @dev The number that an official holds or held; none that a line can have if they never had one.
    function _numberOf(address official) private view returns (uint256 number) {
        number = TOKEN.numberOf(official);
        if (number == 0) number = type(uint256).max;
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
            Line calldata line = lines[i];
            uint32 number = line.number;
            uint256 amount = _attestLine(i, number, line.minutes_, terms);
            // Unchecked: at most 200 lines of at most a month's limit each, which is below 2^20.
            unchecked {
                rewards[count++] = amount | uint256(number) << 48 | i << 80;
                total += amount;
            }
        }
        // Safe: the array only shrinks, to the rewards that were written.
        assembly ("memory-safe") {
            mstore(rewards, count)
        }
    }

    function _attestLine(uint256 index, uint32 number, uint256 duration, Terms memory terms)
        private
        returns (uint256 amount)
    {
        if (number == terms.attesterNumber || number == terms.issuerNumber) revert LineOwnNumber(index, number);
        if (duration > terms.maxMinutes) revert LineMinutes(index, duration, terms.maxMinutes);
        // Unchecked: 16 bits times 32 bits.
        unchecked {
            amount = duration * terms.rate / 60;
        }
        if (amount == 0) revert LineAmountZero(index);
        uint256 uid = terms.uids | number;
        AttestationSlot storage slot = _attestations[uid];
        if (Attestation.unwrap(slot.word) != 0) revert LineAlreadyRewarded(index, uid);

        _countTowardsCaps(index, number, amount, terms);
        slot.word = terms.blank.withAmount(amount, duration);
    }

    function _countTowardsCaps(uint256 index, uint32 number, uint256 amount, Terms memory terms) private {
        uint256 month = terms.month;
        CapsSlot storage slot = _caps[_capsKey(number, month)];
        YearCaps caps = slot.word;
        (uint256 inMonth, uint256 inYear) = _earned(caps, number, month);
        uint256 monthLeft = _minus(terms.monthLimit, inMonth);
        if (amount > monthLeft) revert LineMonthLimit(index, amount, monthLeft);
        // Unchecked: both are far below 2^48.
        unchecked {
            inYear += _loweredBy(caps, number, month / 12);
        }
        uint256 yearLeft = _minus(terms.yearLimit, inYear);
        if (amount > yearLeft) revert LineYearLimit(index, amount, yearLeft);
        slot.word = caps.add(month % 12, amount);
    }
}
