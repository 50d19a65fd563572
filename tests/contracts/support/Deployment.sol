// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {IActivityRegistry} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {IMunicipalToken, Terms} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IReplacements} from "../../../contracts/interfaces/IReplacements.sol";
import {IRedemptionDesk} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Signing} from "./Signing.sol";

/// @notice The contracts, from the artifacts that deployment uses, with the roles as a deployment gives them.
abstract contract Deployment is Signing {
    uint64 internal constant ADMIN = 0;
    uint64 internal constant RULES = 1;
    uint64 internal constant PROGRAMME = 2;
    uint64 internal constant REGISTRAR = 3;
    uint64 internal constant REPLACER = 4;
    uint64 internal constant ISSUER = 5;
    uint64 internal constant TREASURER = 6;
    uint64 internal constant CLAWBACK = 7;
    uint64 internal constant GUARDIAN = 8;
    uint64 internal constant UNPAUSER = 9;
    uint64 internal constant MINTER = 11;
    uint64 internal constant GOVERNANCE = 12;
    uint64 internal constant CORRECTOR = 13;

    /// @dev 10 March 2026, 12:00 UTC, a day in half-year 4052 and month 24314.
    uint256 internal constant NOW = 1_773_144_000;
    uint256 internal constant EPOCH = 2 * 2026;
    uint256 internal constant MONTH = 12 * 2026 + 2;
    /// @dev 1 July 2026, 1 January 2027, 1 July 2027: where half-years end.
    uint256 internal constant JULY_2026 = 1_782_864_000;
    uint256 internal constant JANUARY_2027 = 1_798_761_600;
    uint256 internal constant JULY_2027 = 1_814_400_000;

    uint256 internal constant ISSUE_UNTIL = NOW + 3 * 365 days;
    uint256 internal constant PAY_UNTIL = ISSUE_UNTIL + 180 days;
    uint256 internal constant REDEEM_UNTIL = PAY_UNTIL + 180 days;

    /// @dev Times to object, and after which merchants get redemptions back.
    uint256 internal constant REPLACEMENT_WINDOW = 14 days;
    uint256 internal constant CLAWBACK_WINDOW = 42 days;
    uint256 internal constant RECLAIM_AFTER = 30 days;
    uint256 internal constant LOCKED_RECLAIM_AFTER = 60 days;

    uint32 internal constant ALICE = 1001;
    uint32 internal constant BOB = 1002;
    uint32 internal constant SHOP = 2001;
    uint32 internal constant CAFE = 2002;

    /// @dev Storage slots of the token, from the compiler's storage layout; {Views} tests that they are these.
    uint256 internal constant ACCOUNTS_SLOT = 0;
    uint256 internal constant HOLDERS_SLOT = 1;
    uint256 internal constant LEDGER_SLOT = 3;

    IAccessManager internal authority;
    IMunicipalToken internal token;
    IActivityRegistry internal registry;
    IRedemptionDesk internal desk;

    address internal admin;
    address internal rulesOfficer;
    address internal programmeOfficer;
    address internal registrar;
    address internal guardian;
    address internal unpauser;
    address internal replacer;
    address internal clawer;
    address internal issuer;
    address internal attester;
    address internal treasurer;
    address internal otherTreasurer;
    address internal stranger;

    address internal alice;
    address internal bob;
    address internal shop;
    address internal cafe;

    function setUp() public virtual {
        vm.warp(NOW);
        _namePeople();
        _deploy();
        _giveRoles();
        vm.prank(admin);
        token.setDesk(address(desk), true);
    }

    function _namePeople() private {
        admin = person("admin");
        rulesOfficer = person("rules");
        programmeOfficer = person("programme");
        registrar = person("registrar");
        guardian = person("guardian");
        unpauser = person("unpauser");
        replacer = person("replacer");
        clawer = person("clawback");
        issuer = person("issuer");
        attester = person("attester");
        treasurer = person("treasurer");
        otherTreasurer = person("other treasurer");
        stranger = person("stranger");
        alice = person("alice");
        bob = person("bob");
        shop = person("shop");
        cafe = person("cafe");
    }

    /// @dev Artifacts of the production profile, so that what is tested is what is deployed.
    function deploy(string memory name, bytes memory arguments) internal returns (address) {
        bytes memory code = vm.getCode(string.concat("backend/heitje/chain/artifacts/", name, ".json"));
        return create(bytes.concat(code, arguments));
    }

    /// @dev By hand, because the reason of a constructor's revert must come through.
    function create(bytes memory code) internal returns (address created) {
        assembly {
            created := create(0, add(code, 32), mload(code))
            if iszero(created) {
                returndatacopy(0, 0, returndatasize())
                revert(0, returndatasize())
            }
        }
    }

    function deployToken(string memory name, uint256 issueUntil, uint256 payUntil, uint256 redeemUntil)
        internal
        returns (IMunicipalToken)
    {
        return deployToken(name, Terms(issueUntil, payUntil, redeemUntil, 180 days, 180 days, REPLACEMENT_WINDOW, 6));
    }

    function deployToken(string memory name, Terms memory terms) internal returns (IMunicipalToken) {
        return IMunicipalToken(deploy("MunicipalToken", abi.encode(address(authority), name, "HTJ", terms)));
    }

    function deployRegistry(address predecessor) internal returns (IActivityRegistry) {
        return IActivityRegistry(
            deploy("ActivityRegistry", abi.encode(address(authority), address(token), predecessor, 3, CLAWBACK_WINDOW))
        );
    }

    function deployDesk() internal returns (IRedemptionDesk) {
        return IRedemptionDesk(
            deploy(
                "RedemptionDesk", abi.encode(address(authority), address(token), RECLAIM_AFTER, LOCKED_RECLAIM_AFTER)
            )
        );
    }

    function _deploy() private {
        authority = IAccessManager(deploy("Authority", abi.encode(address(this))));
        token = deployToken(TOKEN_NAME, ISSUE_UNTIL, PAY_UNTIL, REDEEM_UNTIL);
        registry = deployRegistry(address(0));
        desk = deployDesk();
    }

    function _giveRoles() private {
        assign(address(token), REGISTRAR, IMunicipalToken.enrol.selector);
        assign(address(token), REGISTRAR, IMunicipalToken.setClass.selector);
        assign(address(token), GOVERNANCE, IMunicipalToken.setDesk.selector);
        assign(address(token), GOVERNANCE, IMunicipalToken.extendWindDown.selector);
        assign(address(token), REGISTRAR, IReplacements.requestReplacement.selector);
        assign(address(token), REPLACER, IReplacements.executeReplacement.selector);
        assign(address(token), GUARDIAN, IReplacements.cancelReplacement.selector);
        assign(address(token), CORRECTOR, IMunicipalToken.clawback.selector);
        assign(address(token), GUARDIAN, IMunicipalToken.freeze.selector);
        assign(address(token), GUARDIAN, IMunicipalToken.pause.selector);
        assign(address(token), UNPAUSER, IMunicipalToken.unfreeze.selector);
        assign(address(token), UNPAUSER, IMunicipalToken.unpause.selector);
        assign(address(token), RULES, IMunicipalToken.setTransferRule.selector);
        assign(address(token), MINTER, IMunicipalToken.issue.selector);
        giveRegistryRoles(registry);
        assign(address(desk), TREASURER, IRedemptionDesk.lock.selector);
        assign(address(desk), TREASURER, IRedemptionDesk.settle.selector);
        assign(address(desk), TREASURER, IRedemptionDesk.refund.selector);
        assign(address(desk), GOVERNANCE, IRedemptionDesk.close.selector);

        authority.grantRole(RULES, rulesOfficer, 0);
        authority.grantRole(PROGRAMME, programmeOfficer, 0);
        authority.grantRole(REGISTRAR, registrar, 0);
        authority.grantRole(GUARDIAN, guardian, 0);
        authority.grantRole(UNPAUSER, unpauser, 0);
        authority.grantRole(ISSUER, issuer, 0);
        authority.grantRole(TREASURER, treasurer, 0);
        authority.grantRole(TREASURER, otherTreasurer, 0);
        authority.grantRole(REPLACER, replacer, 0);
        authority.grantRole(CLAWBACK, clawer, 0);
        authority.grantRole(MINTER, address(registry), 0);
        authority.grantRole(CORRECTOR, address(registry), 0);
        authority.grantRole(GOVERNANCE, admin, 0);
        authority.grantRole(ADMIN, admin, 0);
        authority.renounceRole(ADMIN, address(this));
    }

    function giveRegistryRoles(IActivityRegistry register) internal {
        assign(address(register), PROGRAMME, IActivityRegistry.openProgramme.selector);
        assign(address(register), PROGRAMME, IActivityRegistry.setProgrammeCap.selector);
        assign(address(register), PROGRAMME, IActivityRegistry.setAttester.selector);
        assign(address(register), PROGRAMME, IActivityRegistry.openActivity.selector);
        assign(address(register), RULES, IActivityRegistry.addRule.selector);
        assign(address(register), ISSUER, IActivityRegistry.issue.selector);
        assign(address(register), PROGRAMME, IActivityRegistry.cancelReport.selector);
        assign(address(register), PROGRAMME, IActivityRegistry.reduce.selector);
        assign(address(register), CLAWBACK, IActivityRegistry.clawback.selector);
        assign(address(register), REGISTRAR, IActivityRegistry.lowerYear.selector);
    }

    /// @notice Gives the right to call a function to a role. By ADMIN.
    function assign(address target, uint64 role, bytes4 selector) internal {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        authority.setTargetFunctionRole(target, selectors, role);
    }
}
