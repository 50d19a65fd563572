// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActivityRegistry} from "../../contracts/interfaces/IActivityRegistry.sol";
import {AccountView, Class, IMunicipalToken} from "../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk} from "../../contracts/interfaces/IRedemptionDesk.sol";
import {Handler} from "./support/Handler.sol";
import {RecoveryHandler} from "./support/RecoveryHandler.sol";
import {Test} from "./support/Test.sol";

/// @notice What must always be true, whatever people do. Each action is a function of the {Handler}, which also holds
/// I4 (one reward per person and activity) and I11 (one end per redemption, each payout reference once).
contract InvariantsTest is Test {
    struct FuzzSelector {
        address addr;
        bytes4[] selectors;
    }

    Handler private _handler;
    IMunicipalToken private _token;
    IActivityRegistry private _registry;
    IRedemptionDesk private _desk;

    function setUp() public {
        _handler = new Handler();
        _handler.setUp();
        (address token, address registry, address desk) = _handler.contracts();
        _token = IMunicipalToken(token);
        _registry = IActivityRegistry(registry);
        _desk = IRedemptionDesk(desk);
    }

    function targetContracts() public view returns (address[] memory targets) {
        targets = new address[](1);
        targets[0] = address(_handler);
    }

    /// @dev What is listed twice is done twice as often.
    function targetSelectors() public view returns (FuzzSelector[] memory targets) {
        bytes4[] memory selectors = new bytes4[](32);
        selectors[0] = Handler.reward.selector;
        selectors[1] = Handler.reward.selector;
        selectors[2] = Handler.reward.selector;
        selectors[3] = Handler.payBatch.selector;
        selectors[4] = Handler.payBatch.selector;
        selectors[5] = Handler.payBatch.selector;
        selectors[6] = Handler.redeem.selector;
        selectors[7] = Handler.redeem.selector;
        selectors[8] = Handler.lockRedemption.selector;
        selectors[9] = Handler.lockRedemption.selector;
        selectors[10] = Handler.settleRedemption.selector;
        selectors[11] = Handler.refundRedemption.selector;
        selectors[12] = Handler.cancelRedemption.selector;
        selectors[13] = Handler.reclaimRedemption.selector;
        selectors[14] = Handler.transfer.selector;
        selectors[15] = Handler.permitAndTransferFrom.selector;
        selectors[16] = Handler.refundPayment.selector;
        selectors[17] = Handler.expire.selector;
        selectors[18] = Handler.rewardAgain.selector;
        selectors[19] = Handler.freezeOrUnfreeze.selector;
        selectors[20] = Handler.pauseOrUnpause.selector;
        selectors[21] = Handler.closeOrReopen.selector;
        selectors[22] = RecoveryHandler.askForReplacement.selector;
        selectors[23] = RecoveryHandler.carryOutReplacement.selector;
        selectors[24] = RecoveryHandler.carryOutReplacement.selector;
        selectors[25] = RecoveryHandler.withdrawReplacement.selector;
        selectors[26] = RecoveryHandler.reduceReward.selector;
        selectors[27] = RecoveryHandler.reduceReward.selector;
        selectors[28] = RecoveryHandler.clawbackReward.selector;
        selectors[29] = RecoveryHandler.clawbackReward.selector;
        selectors[30] = Handler.wait_.selector;
        selectors[31] = Handler.wait_.selector;
        targets = new FuzzSelector[](2);
        targets[0] = FuzzSelector(address(_handler), selectors);
        bytes4[] memory rare = new bytes4[](4);
        rare[0] = Handler.switchRule.selector;
        rare[1] = RecoveryHandler.cancelReport.selector;
        rare[2] = RecoveryHandler.lowerSomebodysYear.selector;
        rare[3] = RecoveryHandler.extendWindDown.selector;
        targets[1] = FuzzSelector(address(_handler), rare);
    }

    /// @notice All in one, so that each sequence of actions is checked against all of them.
    function invariant_theBooks() public view {
        (uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired) = _token.ledger();
        uint256 supply = _token.totalSupply();
        assertEq(issued - settled - clawedBack - expired, supply, "I2: the equation");
        uint256 sum = _token.balanceOf(address(_desk));
        for (uint256 i = 0; i < 7; ++i) {
            sum += _token.balanceOf(_handler.people(i));
        }
        assertEq(sum, supply, "I1: sum of balances");
        assertEq(issued, _handler.attested(), "I3: issued is what was attested");
        assertEq(_registry.programmeOf(_handler.programme()).used, issued, "I5: used is what was issued");
        assertEq(settled, _handler.settled(), "settled");
        assertEq(clawedBack, _handler.clawedBack(), "clawed back");
        assertEq(expired, _handler.expired(), "expired");
        assertEq(_token.balanceOf(address(_desk)), _handler.escrow(), "I10: escrow is what is open");
        for (uint256 i = 0; i < 7; ++i) {
            (address who, uint32 number) = (_handler.people(i), _handler.numberOf(i));
            AccountView memory account = _token.accountOf(who);
            assertEq(account.nonce, _handler.nonceOf(who), "I9: nonce");
            assertEq(_token.nonces(who), _handler.permitsOf(who), "permit nonce");
            assertEq(account.openRedemptions, _handler.openOf(number), "I10: open");
            assertEq(account.number, number, "number");
            assertEq(_token.holderOf(number), who, "holder");
            assertFalse(account.dead, "a holder is dead");
        }
        _checkTheDead();
    }

    /// @notice The handler does reach what it is for: a plain day, without chance.
    function test_handler_reachesEveryState() public {
        for (uint256 i = 0; i < 40; ++i) {
            _handler.reward(i);
            _handler.payBatch(uint256(keccak256(abi.encode(i))));
        }
        for (uint256 i = 0; i < 6; ++i) {
            // Twelve payments of one contract wallet.
            _handler.payBatch(2 ** 16 * 3 * i + 11);
        }
        invariant_theBooks();
        for (uint256 i = 0; i < 9; ++i) {
            _handler.redeem(i * 7);
        }
        assertGt(_handler.escrow(), 0);
        for (uint256 i = 0; i < 9; ++i) {
            _handler.lockRedemption(i);
            _handler.settleRedemption(i + 2 ** 8 * 9 + 2 ** 16 * (i + 1));
            _handler.rewardAgain(i);
        }
        assertGt(_handler.settled(), 0);
        _handler.redeem(2 ** 20);
        _handler.cancelRedemption(9);
        for (uint256 i = 0; i < 7; ++i) {
            // By keys and by contract wallets, some of which paid before.
            _handler.askForReplacement(i + 2 ** 8 + 2 ** 24 * i);
        }
        for (uint256 i = 0; i < 30; ++i) {
            _handler.reduceReward(i + 2 ** 32 * i);
        }
        _handler.withdrawReplacement(6);
        _handler.cancelReport(2 ** 16);
        _handler.cancelReport(0);
        _handler.lowerSomebodysYear(2 ** 32 * 77);
        _handler.extendWindDown(2 ** 8 + 1);
        _handler.redeem(2 ** 20 + 1);
        _handler.wait_(50 days);
        for (uint256 i = 0; i < 7; ++i) {
            _handler.carryOutReplacement(i);
        }
        assertEq(_handler.deadCount(), 6);
        for (uint256 i = 0; i < 30; ++i) {
            _handler.clawbackReward(i);
            _handler.payBatch(uint256(keccak256(abi.encode("dead", i))));
            _handler.permitAndTransferFrom(uint256(keccak256(abi.encode(i))));
        }
        assertGt(_handler.clawedBack(), 0);
        uint256 escrow = _handler.escrow();
        for (uint256 i = 0; i < 12; ++i) {
            _handler.reclaimRedemption(i);
        }
        assertGt(escrow, _handler.escrow());
        for (uint256 i = 0; i < 6; ++i) {
            _handler.wait_(70 days);
        }
        for (uint256 i = 0; i < 7; ++i) {
            _handler.expire(i);
        }
        assertGt(_handler.expired(), 0);
        invariant_theBooks();
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
