// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {AccountView, Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Keys} from "./Keys.sol";
import {Vm} from "./Vm.sol";

/// @notice What must have come of all that people did, counted here and not asked of the contracts.
/// @dev The invariants compare it with what the contracts say. An action that is `watched` is also held to what every
/// single move of credits must obey.
abstract contract Ghosts is Keys {
    /// @dev One reward: minutes as issued and as kept, cents struck, when that was, and whether it was taken back.
    struct Reward {
        uint256 month;
        uint256 minutes_;
        uint256 kept;
        uint256 struck;
        uint256 reducedAt;
        bool clawedBack;
    }

    uint256 internal constant PEOPLE = 9;
    uint256 internal constant RESIDENTS = 5;

    /// @dev The limits of this city, low enough to be reached: in cents an hour, a month and a year.
    uint256 internal constant RATE = 600;
    uint256 internal constant MONTH_LIMIT = 3000;
    uint256 internal constant YEAR_LIMIT = 9000;

    /// @dev Live addresses: five residents (numbers 1001 and on), then four shops (2001 and on). Among both are plain
    /// keys, keys of browsers and contract wallets.
    address[PEOPLE] public people;
    /// @dev Addresses that lost their number to another.
    address[] internal _dead;

    /// @dev Next payment nonces and permit nonces by address, open redemptions by number.
    mapping(address who => uint256) public nonceOf;
    mapping(address who => uint256) public permitsOf;
    mapping(uint32 number => uint256) public openOf;
    /// @dev What the stranger may take, by owner.
    mapping(address owner => uint256) public allowanceOf;
    /// @dev By the guardian, and by a request for replacement.
    mapping(uint32 number => bool) public frozenOf;
    mapping(uint32 number => bool) public replacingOf;
    mapping(address authorizer => mapping(bytes32 nonce => bool)) internal _authorizationUsed;
    bool internal _residentsMayPayResidents;
    bool internal _merchantsMayPayMerchants;
    /// @dev In cents.
    uint256 public attested;
    uint256 public settled;
    uint256 public clawedBack;
    uint256 public expired;
    uint256 public escrow;
    uint256 public programme;
    /// @dev How often each action was done, and how often it was refused, as it had to be.
    mapping(string action => uint256) public done;
    mapping(string action => uint256) public refused;
    uint256 public successes;

    uint256[] internal _rewarded;
    mapping(uint256 uid => Reward) internal _rewards;
    mapping(uint32 number => mapping(uint256 month => uint256)) internal _earned;
    mapping(uint32 number => mapping(uint256 year => uint256)) internal _earnedInYear;
    mapping(uint32 number => mapping(uint256 year => uint256)) internal _loweredBy;

    bytes32[] internal _ids;
    mapping(bytes32 id => RedemptionStatus) internal _statusOf;
    mapping(bytes32 id => address) internal _lockerOf;
    mapping(bytes32 id => uint256) internal _reclaimableFrom;
    /// @dev What may be asked for again once redeeming has ended, and until when.
    mapping(uint32 number => uint256) public graceOf;
    mapping(uint32 number => uint256) public graceUntil;

    modifier watched() {
        vm.recordLogs();
        _;
        _checkMoves();
    }

    /// @dev A call that may be refused. What a refused call said never happened, but the tool recorded it.
    function _attempt(address target, bytes memory call) internal returns (bool succeeded, bytes memory answer) {
        (succeeded, answer) = target.call(call);
        if (!succeeded) vm.getRecordedLogs();
    }

    /// @dev Every action ends here: it did what it had to, and that counts.
    function _ends(string memory action, bool succeeded, bool expected) internal {
        assertEq(succeeded, expected, action);
        if (succeeded) _did(action);
        else ++refused[action];
    }

    function _did(string memory action) internal {
        ++done[action];
        ++successes;
    }

    /// @dev Now and then to the very second from which something may be done, or to the last before it.
    function _seek(uint256 from, uint256 dice) internal {
        if (from <= block.timestamp || from == type(uint256).max || dice % 3 == 0) return;
        vm.warp(from - (dice >> 8) % 4 / 3);
    }

    /* WHAT MUST BE REFUSED */

    /// @dev I7 and I8 both ways: a move is done if, and only if, the specification allows it. Refunds are `authorized`.
    function _mayMove(address from, address to, uint256 value, bool authorized) internal view returns (bool) {
        AccountView memory payer = token.accountOf(from);
        if (from == to || payer.frozen || value > token.spendableOf(from)) return false;
        return
            !(payer.class == Class.Resident && _isPaused())
                && _mayPay(payer.class, token.accountOf(to).class, authorized);
    }

    function _mayPay(Class payer, Class payee, bool authorized) internal view returns (bool) {
        if (payer == Class.Resident) {
            return payee == Class.Merchant || (payee == Class.Resident && _residentsMayPayResidents);
        }
        if (payer == Class.Merchant && payee == Class.Merchant) return _merchantsMayPayMerchants;
        return (payer == Class.Merchant || payer == Class.Closing) && payee == Class.Resident && authorized;
    }

    /* MOVES */

    /// @dev I6, I7, I8 and I13 for every `Transfer` since `vm.recordLogs()`, and the sum of what expired.
    function _checkMoves() internal {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; ++i) {
            if (logs[i].emitter != address(token)) continue;
            if (logs[i].topics[0] == keccak256("Expired(address,uint256)")) {
                expired += abi.decode(logs[i].data, (uint256));
            } else if (logs[i].topics[0] == keccak256("Transfer(address,address,uint256)")) {
                _checkMove(address(uint160(uint256(logs[i].topics[1]))), address(uint160(uint256(logs[i].topics[2]))));
            }
        }
    }

    function _checkMove(address from, address to) private view {
        Class payer = token.accountOf(from).class;
        Class payee = token.accountOf(to).class;
        if (from == address(0)) {
            assertTrue(payee == Class.Resident, "I6: a reward of one who is no resident");
        } else if (to == address(0)) {
            assertTrue(payer == Class.Resident || payer == Class.Desk, "I13: burnt of one who is no resident");
        } else {
            (uint256 matrix, bool paused,,,) = token.rules();
            assertTrue(matrix >> (8 * uint256(payer) + uint256(payee)) & 1 == 1, "I7: outside the matrix");
            bool escrow_ = (payer == Class.Desk) != (payee == Class.Desk) && payer != Class.Resident;
            assertTrue(escrow_ || _mayPay(payer, payee, true), "I7: outside the specification");
            assertFalse(token.accountOf(from).frozen, "I8: out of a frozen account");
            assertFalse(paused && payer == Class.Resident, "out of a resident's account while paused");
        }
    }

    /// @dev Also addresses that are dead.
    function _anyone(uint256 dice) internal view returns (address) {
        dice = dice % (PEOPLE + _dead.length);
        return dice < PEOPLE ? people[dice] : _dead[dice - PEOPLE];
    }

    function _number(uint256 index) internal pure returns (uint32) {
        return uint32(index < RESIDENTS ? 1001 + index : 2001 + index - RESIDENTS);
    }

    function _resident(uint256 dice) internal view returns (address) {
        return people[dice % RESIDENTS];
    }

    function _merchant(uint256 dice) internal view returns (address) {
        return people[RESIDENTS + dice % (PEOPLE - RESIDENTS)];
    }

    function _isPaused() internal view returns (bool paused) {
        (, paused,,,) = token.rules();
    }

    function _payUntil() internal view returns (uint256 payUntil) {
        (,,, payUntil,) = token.rules();
    }

    function _redeemUntil() internal view returns (uint256 redeemUntil) {
        (,,,, redeemUntil) = token.rules();
    }

    /* FOR THE INVARIANTS */

    function numberOf(uint256 index) external pure returns (uint32) {
        return _number(index);
    }

    function deadCount() external view returns (uint256) {
        return _dead.length;
    }

    function deadAt(uint256 index) external view returns (address) {
        return _dead[index];
    }

    function spender() external view returns (address) {
        return stranger;
    }

    function contracts() external view returns (address, address, address) {
        return (address(token), address(registry), address(desk));
    }
}
