// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {RedemptionStatus} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Recovery} from "./Recovery.sol";
import {Vm} from "./Vm.sol";

/// @notice What must have come of all that people did, counted here and not asked of the contracts.
/// @dev The invariants compare it with what the contracts say. An action that is `watched` is also held to what every
/// single move of credits must obey.
abstract contract Ghosts is Recovery {
    /// @dev One reward: minutes as issued and as kept, cents struck, when that was, and whether it was taken back.
    struct Reward {
        uint256 month;
        uint256 minutes_;
        uint256 kept;
        uint256 struck;
        uint256 reducedAt;
        bool clawedBack;
    }

    uint256 internal constant PEOPLE = 7;

    /// @dev Live addresses: four residents (numbers 1001 and on), then three shops (2001 and on).
    address[PEOPLE] public people;
    /// @dev Addresses that lost their number to another.
    address[] internal _dead;

    /// @dev Next payment nonces and permit nonces by address, open redemptions by number.
    mapping(address who => uint256) public nonceOf;
    mapping(address who => uint256) public permitsOf;
    mapping(uint32 number => uint256) public openOf;
    /// @dev In cents.
    uint256 public attested;
    uint256 public settled;
    uint256 public clawedBack;
    uint256 public expired;
    uint256 public escrow;
    uint256 public programme;
    /// @dev How often an ERC-20 or ERC-3009 call was refused.
    uint256 public failures;

    uint256[] internal _rewarded;
    mapping(uint256 uid => Reward) internal _rewards;
    mapping(uint32 number => mapping(uint256 month => uint256)) internal _earned;

    bytes32[] internal _ids;
    mapping(bytes32 id => RedemptionStatus) internal _statusOf;
    mapping(bytes32 id => address) internal _lockerOf;
    mapping(bytes32 id => uint256) internal _reclaimableFrom;

    modifier watched() {
        vm.recordLogs();
        _;
        _checkMoves();
    }

    /// @dev A call that may be refused. What a refused call said never happened, but the tool recorded it.
    function _attempt(address target, bytes memory call) internal returns (bool done, bytes memory answer) {
        (done, answer) = target.call(call);
        if (!done) vm.getRecordedLogs();
    }

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
        return uint32(index < 4 ? 1001 + index : 2001 + index - 4);
    }

    function _isPaused() internal view returns (bool paused) {
        (, paused,,,) = token.rules();
    }

    function _payUntil() internal view returns (uint256 payUntil) {
        (,,, payUntil,) = token.rules();
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

    function contracts() external view returns (address, address, address) {
        return (address(token), address(registry), address(desk));
    }
}
