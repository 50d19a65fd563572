// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActivityRegistry, Line, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";

/// @notice Who may sign a report and its release, and what counts as a signature.
contract IssueSignersTest is City {
    uint256 private _programme;
    Report private _item;
    bytes private _attesterSigned;
    bytes private _issuerSigned;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        _programme = openProgramme(1_000_000, MONTH, MONTH);
        Report memory item = report(openActivity(_programme, MONTH, 600), ALICE, 60);
        _store(item);
    }

    function test_issue_sameKeyTwice_isRefused() public {
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, issuer, true);
        _item.attester = issuer;
        _issuerSigned = issuerSignature(_item, 0);
        _refused(
            attesterSignature(_item),
            _issuerSigned,
            abi.encodeWithSelector(IActivityRegistry.AttesterIsIssuer.selector, issuer)
        );
    }

    function test_issue_attesterOfNothing_isRefused() public {
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, attester, false);
        _refusedAttester();
    }

    function test_issue_attesterOfAnotherProgramme_isRefused() public {
        uint256 other = openProgramme(1000, MONTH, MONTH);
        assertTrue(registry.isAttester(other, attester));
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, attester, false);
        _refusedAttester();
    }

    function test_issue_issuerWithoutRole_isRefused() public {
        vm.prank(admin);
        authority.revokeRole(ISSUER, issuer);
        _refusedIssuer();
    }

    function test_issue_issuerWithDelay_isRefused() public {
        vm.prank(admin);
        authority.grantRole(ISSUER, issuer, 1 days);
        vm.warp(NOW + 1);
        (bool immediate, uint32 delay) = authority.canCall(issuer, address(registry), IActivityRegistry.issue.selector);
        assertFalse(immediate);
        assertEq(delay, 1 days);
        _refusedIssuer();
    }

    function test_issue_closedRegistry_isRefused() public {
        vm.prank(admin);
        authority.setTargetClosed(address(registry), true);
        _refusedIssuer();
    }

    function test_issue_issuerWhoHasTheRoleLater_isRefused() public {
        vm.prank(admin);
        authority.setGrantDelay(ISSUER, 1 days);
        vm.warp(NOW + 5 days);
        vm.prank(admin);
        authority.grantRole(ISSUER, stranger, 0);
        Report memory item = report(_item.activity, ALICE, 60);
        bytes32 digest = reportDigest(registryDomain(), item);
        bytes memory released = sign(stranger, releaseDigest(registryDomain(), stranger, digest, 0));
        bytes memory attested = attesterSignature(item);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.IssuerNotAllowed.selector, stranger));
        registry.issue(item, attested, stranger, released, 0);
        vm.warp(NOW + 6 days);
        item.deadline += 10 days;
        digest = reportDigest(registryDomain(), item);
        released = sign(stranger, releaseDigest(registryDomain(), stranger, digest, 0));
        assertEq(registry.issue(item, attesterSignature(item), stranger, released, 0), 600);
    }

    function test_issue_senderIsNobody() public {
        // The issuer sends, but somebody else signed as issuer.
        bytes memory wrong = sign(stranger, releaseDigest(registryDomain(), issuer, _digest(), 0));
        vm.prank(issuer);
        _refused(
            _attesterSigned, wrong, abi.encodeWithSelector(IActivityRegistry.InvalidIssuerSignature.selector, issuer)
        );
    }

    function test_issue_attesterSignature() public {
        bytes memory expected = abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, attester);
        _refused(sign(issuer, _digest()), _issuerSigned, expected);
        _refused("", _issuerSigned, expected);
        _refused(new bytes(65), _issuerSigned, expected);
        (uint8 v, bytes32 r, bytes32 s) = signParts(attester, _digest());
        _refused(
            abi.encodePacked(r, bytes32(CURVE_ORDER - uint256(s)), v == 27 ? uint8(28) : uint8(27)),
            _issuerSigned,
            expected
        );
        _refused(abi.encodePacked(r, s, v - 27), _issuerSigned, expected);
        _refused(abi.encodePacked(r, v == 28 ? bytes32(uint256(s) | 1 << 255) : s), _issuerSigned, expected);
        _refused(
            sign(attester, reportDigest(domain(REGISTRY_NAME, block.chainid + 1, address(registry)), _item)),
            _issuerSigned,
            expected
        );
        _refused(
            sign(attester, reportDigest(domain(REGISTRY_NAME, block.chainid, address(token)), _item)),
            _issuerSigned,
            expected
        );
    }

    function test_issue_everythingInTheReportIsSigned() public {
        bytes memory expected = abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, attester);
        Report memory item = _item;
        item.lines[0].minutes_ = 61;
        _refused(item, expected);
        item = _item;
        item.lines[0].number = BOB;
        _refused(item, expected);
        item = _item;
        item.lines[0].evidence = bytes32(0);
        _refused(item, expected);
        item = _item;
        item.deadline += 1;
        _refused(item, expected);
        item = _item;
        item.serial += 1;
        _refused(item, expected);
        item = _item;
        Line[] memory more = new Line[](2);
        (more[0], more[1]) = (item.lines[0], line(BOB, 60));
        item.lines = more;
        _refused(item, expected);
        uint256 other = openActivity(_programme, MONTH, 600);
        item = _item;
        item.activity = other;
        _refused(item, expected);
    }

    function test_issue_issuerSignature() public {
        bytes memory expected = abi.encodeWithSelector(IActivityRegistry.InvalidIssuerSignature.selector, issuer);
        bytes32 digest = _digest();
        bytes32 separator = registryDomain();
        _refused(_attesterSigned, sign(attester, releaseDigest(separator, issuer, digest, 0)), expected);
        _refused(_attesterSigned, sign(issuer, releaseDigest(separator, stranger, digest, 0)), expected);
        _refused(_attesterSigned, sign(issuer, releaseDigest(separator, issuer, bytes32(0), 0)), expected);
        _refused(_attesterSigned, sign(issuer, releaseDigest(separator, issuer, digest, 1)), expected);
        _refused(_attesterSigned, sign(issuer, digest), expected);
        separator = domain(REGISTRY_NAME, block.chainid + 1, address(registry));
        _refused(_attesterSigned, sign(issuer, releaseDigest(separator, issuer, digest, 0)), expected);
        separator = domain(REGISTRY_NAME, block.chainid, address(desk));
        _refused(_attesterSigned, sign(issuer, releaseDigest(separator, issuer, digest, 0)), expected);
        _refused(_attesterSigned, "", expected);
    }

    function test_issue_onAnotherChain_isRefused() public {
        vm.chainId(block.chainid + 1);
        _refused(
            _attesterSigned,
            _issuerSigned,
            abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, attester)
        );
    }

    function test_issue_ownNumber_isRefused() public {
        enrol(attester, 3001, Class.Resident);
        enrol(issuer, 3002, Class.Resident);
        Line[] memory lines = new Line[](2);
        (lines[0], lines[1]) = (line(ALICE, 60), line(3001, 60));
        _store(report(_item.activity, lines));
        bytes memory expected = abi.encodeWithSelector(IActivityRegistry.LineOwnNumber.selector, 1, 3001);
        _refused(_attesterSigned, _issuerSigned, expected);
        (lines[0], lines[1]) = (line(3002, 60), line(ALICE, 60));
        _store(report(_item.activity, lines));
        expected = abi.encodeWithSelector(IActivityRegistry.LineOwnNumber.selector, 0, 3002);
        _refused(_attesterSigned, _issuerSigned, expected);
        // Neither of them need be a resident, and other people's lines are fine.
        _store(report(_item.activity, ALICE, 60));
        assertEq(registry.issue(_item, _attesterSigned, issuer, _issuerSigned, 0), 600);
    }

    function test_issue_ownNumberOfOneWithoutClass_isRefused() public {
        enrol(attester, 3001, Class.Resident);
        setClass(3001, Class.None);
        _store(report(_item.activity, 3001, 60));
        _refused(
            _attesterSigned, _issuerSigned, abi.encodeWithSelector(IActivityRegistry.LineOwnNumber.selector, 0, 3001)
        );
    }

    function test_digests_areWhatIsSigned() public view {
        assertEq(registry.reportDigest(_item), _digest());
        assertEq(registry.releaseDigest(issuer, _digest(), 5), releaseDigest(registryDomain(), issuer, _digest(), 5));
    }

    function _digest() private view returns (bytes32) {
        return reportDigest(registryDomain(), _item);
    }

    function _store(Report memory item) private {
        delete _item.lines;
        (_item.attester, _item.activity) = (item.attester, item.activity);
        (_item.deadline, _item.serial) = (item.deadline, item.serial);
        for (uint256 i = 0; i < item.lines.length; ++i) {
            _item.lines.push(item.lines[i]);
        }
        _attesterSigned = attesterSignature(item);
        _issuerSigned = issuerSignature(item, 0);
    }

    function _refusedAttester() private {
        _refused(
            _attesterSigned,
            _issuerSigned,
            abi.encodeWithSelector(IActivityRegistry.AttesterNotAppointed.selector, attester, _programme)
        );
    }

    function _refusedIssuer() private {
        _refused(
            _attesterSigned, _issuerSigned, abi.encodeWithSelector(IActivityRegistry.IssuerNotAllowed.selector, issuer)
        );
    }

    function _refused(bytes memory attesterSigned, bytes memory issuerSigned, bytes memory expected) private {
        Report memory item = _item;
        vm.expectRevert(expected);
        registry.issue(item, attesterSigned, issuer, issuerSigned, 0);
        assertEq(token.totalSupply(), 0);
    }

    function _refused(Report memory item, bytes memory expected) private {
        vm.expectRevert(expected);
        registry.issue(item, _attesterSigned, issuer, _issuerSigned, 0);
    }
}
