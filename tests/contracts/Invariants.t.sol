// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IActivityRegistry} from "../../contracts/interfaces/IActivityRegistry.sol";
import {IMunicipalToken} from "../../contracts/interfaces/IMunicipalToken.sol";
import {IRedemptionDesk} from "../../contracts/interfaces/IRedemptionDesk.sol";
import {Handler} from "./support/Handler.sol";
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
        bytes4[] memory selectors = new bytes4[](19);
        selectors[0] = Handler.reward.selector;
        selectors[1] = Handler.reward.selector;
        selectors[2] = Handler.payBatch.selector;
        selectors[3] = Handler.payBatch.selector;
        selectors[4] = Handler.redeem.selector;
        selectors[5] = Handler.redeem.selector;
        selectors[6] = Handler.lockRedemption.selector;
        selectors[7] = Handler.lockRedemption.selector;
        selectors[8] = Handler.settleRedemption.selector;
        selectors[9] = Handler.refundRedemption.selector;
        selectors[10] = Handler.cancelRedemption.selector;
        selectors[11] = Handler.transfer.selector;
        selectors[12] = Handler.refundPayment.selector;
        selectors[13] = Handler.expire.selector;
        selectors[14] = Handler.rewardAgain.selector;
        selectors[15] = Handler.freezeOrUnfreeze.selector;
        selectors[16] = Handler.pauseOrUnpause.selector;
        selectors[17] = Handler.closeOrReopen.selector;
        selectors[18] = Handler.wait_.selector;
        targets = new FuzzSelector[](2);
        targets[0] = FuzzSelector(address(_handler), selectors);
        bytes4[] memory rare = new bytes4[](1);
        rare[0] = Handler.switchRule.selector;
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
        assertEq(clawedBack, 0, "clawed back");
        assertEq(_token.balanceOf(address(_desk)), _handler.escrow(), "I10: escrow is what is open");
        for (uint256 i = 0; i < 7; ++i) {
            address who = _handler.people(i);
            assertEq(_token.paymentNonce(who), _handler.nonceOf(who), "I9: nonce");
            assertEq(_token.accountOf(who).openRedemptions, _handler.openOf(_token.numberOf(who)), "I10: open");
            assertEq(_token.holderOf(_token.numberOf(who)), who, "number");
        }
    }

    /// @notice The handler does reach what it is for: a plain day, without chance.
    function test_handler_reachesEveryState() public {
        for (uint256 i = 0; i < 40; ++i) {
            _handler.reward(i);
            _handler.payBatch(uint256(keccak256(abi.encode(i))));
        }
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
        _handler.wait_(70 days);
        _handler.wait_(70 days);
        _handler.wait_(70 days);
        _handler.wait_(70 days);
        _handler.wait_(70 days);
        for (uint256 i = 0; i < 7; ++i) {
            _handler.expire(i);
        }
        (,,, uint256 expired) = _token.ledger();
        assertGt(expired, 0);
        invariant_theBooks();
    }
}
