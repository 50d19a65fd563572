// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActivityRegistry, Report} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Recovery} from "../support/Recovery.sol";
import {Mood, OddWallet} from "../support/Wallets.sol";

/// @notice Attesters and issuers that are contracts (ERC-1271).
contract IssueWalletsTest is Recovery {
    uint256 private _activity;
    uint256 private _programme;
    address private _office;
    address private _safe;

    function setUp() public override {
        super.setUp();
        addRule(rule(MONTH - 12, 600, 21_000, 210_000, 0));
        _programme = openProgramme(1_000_000, MONTH, MONTH);
        _activity = openActivity(_programme, MONTH, 600);
        (_office, _safe) = (walletOf("the neighbourhood office"), walletOf("the issuing office"));
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, _office, true);
        vm.prank(admin);
        authority.grantRole(ISSUER, _safe, 0);
    }

    function test_issue_attesterAndIssuerAreContractWallets() public {
        Report memory item = report(_activity, ALICE, 60);
        item.attester = _office;
        (attester, issuer) = (_office, _safe);
        assertEq(issue(item), 600);
        assertEq(token.balanceOf(alice), 600);
    }

    function test_issue_wrongSignaturesOfContractWallets_areRefused() public {
        Report memory item = report(_activity, ALICE, 60);
        item.attester = _office;
        issuer = _safe;
        bytes memory attested = attesterSignature(item);
        bytes memory released = issuerSignature(item, 0);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, _office));
        registry.issue(item, released, _safe, released, 0);
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidIssuerSignature.selector, _safe));
        registry.issue(item, attested, _safe, attested, 0);
    }

    function test_issue_aContractWalletThatSaysYesToAll_isStillOneKey() public {
        address yes = address(new OddWallet(Mood.Yes));
        vm.prank(programmeOfficer);
        registry.setAttester(_programme, yes, true);
        vm.prank(admin);
        authority.grantRole(ISSUER, yes, 0);
        Report memory item = report(_activity, ALICE, 60);
        item.attester = yes;
        vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.AttesterIsIssuer.selector, yes));
        registry.issue(item, "", yes, "", 0);
    }

    function test_issue_walletsThatSayNo_areRefused() public {
        Mood[4] memory moods = [Mood.No, Mood.Endless, Mood.Short, Mood.Reverting];
        for (uint256 i = 0; i < moods.length; ++i) {
            address odd = address(new OddWallet(moods[i]));
            vm.prank(programmeOfficer);
            registry.setAttester(_programme, odd, true);
            Report memory item = report(_activity, ALICE, 60);
            item.attester = odd;
            bytes memory released = issuerSignature(item, 0);
            vm.expectRevert(abi.encodeWithSelector(IActivityRegistry.InvalidAttesterSignature.selector, odd));
            registry.issue(item, "", issuer, released, 0);
        }
        assertEq(token.totalSupply(), 0);
    }
}
