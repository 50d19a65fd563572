// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActivityRegistry} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {AccountView, Class, IMunicipalToken} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {DeskHandler} from "./DeskHandler.sol";
import {GovernanceHandler} from "./GovernanceHandler.sol";
import {Handler} from "./Handler.sol";
import {RecoveryHandler} from "./RecoveryHandler.sol";
import {Test} from "./Test.sol";
import {WalletHandler} from "./WalletHandler.sol";

/// @notice What must always be true, whatever people do. Each action is a function of the {Handler}, which knows
/// beforehand whether it must succeed.
abstract contract CityInvariants is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler internal _handler;
    IMunicipalToken private _token;
    IActivityRegistry private _registry;
    IRedemptionDesk private _desk;

    function _found() internal {
        _handler = new Handler();
        _handler.setUp();
        (address token, address registry, address desk) = _handler.contracts();
        _token = IMunicipalToken(token);
        _registry = IActivityRegistry(registry);
        _desk = IRedemptionDesk(desk);
    }

    /// @dev A city that has lived, five days before its last reward.
    function _foundLongAgo() internal {
        _found();
        for (uint256 i = 0; i < 12; ++i) {
            uint256 dice = uint256(keccak256(abi.encode("long ago", i)));
            _handler.reward(dice);
            _handler.payBatch(dice);
            if (i % 3 == 2) _handler.redeem(dice);
        }
        (,, uint256 issueUntil,,) = _token.rules();
        vm.warp(issueUntil - 5 days);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev What is listed twice is done twice as often.
    function targetSelectors() public view virtual returns (FuzzSelector[] memory targets) {
        targets = new FuzzSelector[](4);
        targets[0] = FuzzSelector(address(_handler), _ofWallets());
        targets[1] = FuzzSelector(address(_handler), _ofTheDesk());
        targets[2] = FuzzSelector(address(_handler), _ofOfficials());
        targets[3] = FuzzSelector(address(_handler), _ofTheCity());
    }

    function _ofWallets() private pure returns (bytes4[] memory list) {
        list = new bytes4[](16);
        (list[0], list[1], list[2]) = (Handler.reward.selector, Handler.reward.selector, Handler.reward.selector);
        (list[3], list[4]) = (Handler.reward.selector, Handler.rewardAgain.selector);
        (list[5], list[6]) = (WalletHandler.payBatch.selector, WalletHandler.payBatch.selector);
        (list[7], list[8]) = (WalletHandler.payBatch.selector, WalletHandler.transfer.selector);
        (list[9], list[10]) = (WalletHandler.approve.selector, WalletHandler.permit.selector);
        (list[11], list[12]) = (WalletHandler.transferFrom.selector, WalletHandler.refundPayment.selector);
        (list[13], list[14]) = (WalletHandler.authorize.selector, WalletHandler.authorize.selector);
        list[15] = WalletHandler.withdrawAuthorization.selector;
    }

    function _ofTheDesk() private pure returns (bytes4[] memory list) {
        list = new bytes4[](10);
        (list[0], list[1], list[2]) =
        (DeskHandler.redeem.selector, DeskHandler.redeem.selector, DeskHandler.redeem.selector);
        (list[3], list[4]) = (DeskHandler.lockRedemption.selector, DeskHandler.lockRedemption.selector);
        (list[5], list[6]) = (DeskHandler.settleRedemption.selector, DeskHandler.settleRedemption.selector);
        (list[7], list[8]) = (DeskHandler.refundRedemption.selector, DeskHandler.cancelRedemption.selector);
        list[9] = DeskHandler.reclaimRedemption.selector;
    }

    function _ofOfficials() private pure returns (bytes4[] memory list) {
        list = new bytes4[](11);
        (list[0], list[1]) = (RecoveryHandler.askForReplacement.selector, RecoveryHandler.carryOutReplacement.selector);
        (list[2], list[3]) =
        (RecoveryHandler.carryOutReplacement.selector, RecoveryHandler.withdrawReplacement.selector);
        (list[4], list[5]) = (RecoveryHandler.reduceReward.selector, RecoveryHandler.reduceReward.selector);
        (list[6], list[7]) = (RecoveryHandler.clawbackReward.selector, RecoveryHandler.clawbackReward.selector);
        (list[8], list[9]) = (RecoveryHandler.cancelReport.selector, RecoveryHandler.lowerSomebodysYear.selector);
        list[10] = Handler.expire.selector;
    }

    function _ofTheCity() private pure returns (bytes4[] memory list) {
        list = new bytes4[](19);
        (list[0], list[1]) = (GovernanceHandler.freezeOrUnfreeze.selector, GovernanceHandler.pauseOrUnpause.selector);
        (list[16], list[17]) = (GovernanceHandler.freezeOrUnfreeze.selector, GovernanceHandler.pauseOrUnpause.selector);
        list[18] = GovernanceHandler.pauseOrUnpause.selector;
        (list[2], list[3]) = (GovernanceHandler.closeOrReopen.selector, GovernanceHandler.leaveAndReturn.selector);
        (list[4], list[5]) = (GovernanceHandler.switchRule.selector, GovernanceHandler.appointOrDismiss.selector);
        (list[6], list[7]) = (GovernanceHandler.closeDesk.selector, GovernanceHandler.callOff.selector);
        (list[8], list[9]) = (GovernanceHandler.announce.selector, GovernanceHandler.announce.selector);
        (list[10], list[11]) = (GovernanceHandler.carryOut.selector, GovernanceHandler.carryOut.selector);
        (list[12], list[13]) = (GovernanceHandler.wait_.selector, GovernanceHandler.wait_.selector);
        (list[14], list[15]) = (GovernanceHandler.passADate.selector, GovernanceHandler.extendWindDown.selector);
    }

    /// @notice All in one, so that each sequence of actions is checked against all of them.
    function _checkTheBooks() internal view {
        (uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired) = _token.ledger();
        uint256 supply = _token.totalSupply();
        assertEq(issued - settled - clawedBack - expired, supply, "I2: the equation");
        uint256 sum = _token.balanceOf(address(_desk));
        for (uint256 i = 0; i < 9; ++i) {
            sum += _token.balanceOf(_handler.people(i));
        }
        assertEq(sum, supply, "I1: sum of balances");
        assertEq(issued, _handler.attested(), "I3: issued is what was attested");
        assertEq(_registry.programmeOf(_handler.programme()).used, issued, "I5: used is what was issued");
        assertEq(settled, _handler.settled(), "settled");
        assertEq(clawedBack, _handler.clawedBack(), "clawed back");
        assertEq(expired, _handler.expired(), "expired");
        assertEq(_token.balanceOf(address(_desk)), _handler.escrow(), "I10: escrow is what is open");
        for (uint256 i = 0; i < 9; ++i) {
            (address who, uint32 number) = (_handler.people(i), _handler.numberOf(i));
            AccountView memory account = _token.accountOf(who);
            assertEq(account.nonce, _handler.nonceOf(who), "I9: nonce");
            assertEq(_token.nonces(who), _handler.permitsOf(who), "permit nonce");
            assertEq(account.openRedemptions, _handler.openOf(number), "I10: open");
            assertEq(_token.allowance(who, _handler.spender()), _handler.allowanceOf(who), "allowance");
            assertEq(account.frozen, _handler.frozenOf(number) || _handler.replacingOf(number), "I8: frozen");
            _checkGrace(number);
            assertEq(account.number, number, "number");
            assertEq(_token.holderOf(number), who, "holder");
            assertFalse(account.dead, "a holder is dead");
            _checkSpare(who);
        }
        _checkTheDead();
    }

    /// @dev I15: nothing spilled out of the last field, nor out of a field that has room.
    function _checkSpare(address who) private view {
        address[] memory accounts = new address[](1);
        accounts[0] = who;
        uint256 word = _token.wordsOf(accounts)[0];
        assertEq(word >> 224, 0, "I15: spare bits");
        assertEq(word >> 203 & 31, 0, "I15: spare flags");
    }

    /// @dev What came back after the end may be asked for again, and no more than that.
    function _checkGrace(uint32 number) private view {
        (uint256 amount, uint256 until) = _desk.graceOf(number);
        assertEq(amount, _handler.graceOf(number), "grace");
        assertEq(until, _handler.graceUntil(number), "grace until");
    }

    /// @dev Whatever was signed or sent, a dead address has nothing, owes nothing, and keeps only its number and nonce.
    function _checkTheDead() private view {
        for (uint256 i = 0; i < _handler.deadCount(); ++i) {
            address who = _handler.deadAt(i);
            AccountView memory account = _token.accountOf(who);
            assertTrue(account.dead, "dead");
            assertEq(uint256(account.class), uint256(Class.None), "class");
            assertEq(account.fresh + account.stale, 0, "balance");
            assertEq(account.openRedemptions, 0, "open");
            assertEq(account.nonce, _handler.nonceOf(who), "I9: nonce of a dead address");
            assertTrue(account.number != 0, "number");
        }
    }
}
