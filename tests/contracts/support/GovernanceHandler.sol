// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Class} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {RecoveryHandler} from "./RecoveryHandler.sol";

/// @notice What the city decides, at once or after a delay, in any order, and time, which passes its dates.
/// @dev Like the {Handler}: an action succeeds, or it is known here that it must be refused.
abstract contract GovernanceHandler is RecoveryHandler {
    /// @dev What a member with a delay announced.
    struct Announced {
        address official;
        address target;
        bytes call;
    }

    uint32 internal constant RULES_DELAY = 14 days;
    uint32 internal constant PROGRAMME_DELAY = 2 days;
    /// @dev Until a newly appointed treasurer may act; AccessManager lets it begin five days after it is set.
    uint32 internal constant GRANT_DELAY = 3 days;
    uint256 private constant EXPIRATION = 7 days;

    address internal _board;
    address internal _office;
    Announced[] private _announced;
    /// @dev From when what was announced may be done; 0 where nothing is, or when it was done or called off.
    mapping(bytes32 operation => uint256) private _readyAt;
    /// @dev From when a treasurer may act.
    mapping(address who => uint256) internal _treasurerFrom;
    bool internal _closed;
    uint32 private _lastFrozen;

    /// @dev Members with delays, beside those of {Deployment} that act at once.
    function setUp() public virtual override {
        super.setUp();
        (_board, _office) = (person("board"), person("office"));
        vm.startPrank(admin);
        authority.grantRole(RULES, _board, RULES_DELAY);
        authority.grantRole(PROGRAMME, _office, PROGRAMME_DELAY);
        authority.setRoleGuardian(RULES, GUARDIAN);
        authority.setRoleGuardian(PROGRAMME, GUARDIAN);
        authority.setGrantDelay(TREASURER, GRANT_DELAY);
        vm.stopPrank();
    }

    /* AT ONCE */

    function freezeOrUnfreeze(uint256 seed) external watched {
        uint32 number = _number(seed % PEOPLE);
        if (frozenOf[_lastFrozen]) number = _lastFrozen;
        bool frozen = frozenOf[number];
        // Like a pause and a closing, a freeze is rarer than its end, else in the end nothing would go on.
        if (!frozen && (seed >> 8) % 3 != 0) return;
        vm.prank(frozen ? unpauser : guardian);
        if (frozen) token.unfreeze(number);
        else token.freeze(number, 1);
        (frozenOf[number], _lastFrozen) = (!frozen, number);
        _did(frozen ? "unfreeze" : "freeze");
    }

    function pauseOrUnpause(uint256 seed) external {
        bool paused = _isPaused();
        if (!paused && seed % 6 != 0) return;
        vm.prank(paused ? unpauser : guardian);
        if (paused) token.unpause();
        else token.pause();
        _did(paused ? "unpause" : "pause");
    }

    function closeOrReopen(uint256 seed) external {
        uint32 number = _number(RESIDENTS + seed % (PEOPLE - RESIDENTS));
        bool closing = token.accountOf(token.holderOf(number)).class == Class.Closing;
        if (!closing && (seed >> 8) % 3 != 0) return;
        setClass(number, closing ? Class.Merchant : Class.Closing);
        _did(closing ? "reopen a shop" : "close a shop");
    }

    /// @dev Only with nothing on the account and nothing under way, and back at once, so that everybody stays somebody.
    function leaveAndReturn(uint256 seed) external watched {
        uint256 index = seed % PEOPLE;
        uint32 number = _number(index);
        Class class = token.accountOf(people[index]).class;
        bool empty = token.spendableOf(people[index]) == 0 && openOf[number] == 0;
        vm.prank(registrar);
        (bool succeeded,) = _attempt(address(token), abi.encodeCall(token.setClass, (number, Class.None)));
        _ends("leave", succeeded, empty);
        if (!succeeded) return;
        setClass(number, class == Class.Closing ? Class.Merchant : class);
        if (class == Class.Closing) setClass(number, class);
    }

    function switchRule(uint256 seed) external {
        Class class = seed & 1 == 0 ? Class.Resident : Class.Merchant;
        setRule(class, class, seed & 2 == 0);
        _ruleWasSet(class, seed & 2 == 0);
    }

    /// @dev A treasurer is dismissed at once, and appointed with the delay of the role.
    function appointOrDismiss(uint256 seed) external {
        address who = seed & 1 == 0 ? treasurer : otherTreasurer;
        bool dismissed = _treasurerFrom[who] == type(uint256).max;
        if (!dismissed && (seed >> 8) % 3 != 0) return;
        vm.prank(admin);
        if (dismissed) authority.grantRole(TREASURER, who, 0);
        else authority.revokeRole(TREASURER, who);
        uint256 delay = block.timestamp < NOW + 5 days ? 0 : GRANT_DELAY;
        _treasurerFrom[who] = dismissed ? block.timestamp + delay : type(uint256).max;
        _did(dismissed ? "appoint" : "dismiss");
    }

    /// @dev For good, so it is rare: from then on only what came back after the end can be asked for.
    function closeDesk(uint256 seed) external {
        if (_closed || seed % 8 != 0) return;
        vm.prank(admin);
        desk.close();
        _closed = true;
        _did("close the desk");
    }

    /* AFTER A DELAY */

    /// @dev I14: what has a delay is announced; it cannot be announced twice at a time.
    function announce(uint256 seed) external {
        Announced memory item = _decision(seed);
        bytes32 operation = _operationOf(item);
        bool waiting = _isWaiting(operation);
        vm.prank(item.official);
        (bool succeeded,) =
            _attempt(address(authority), abi.encodeCall(authority.schedule, (item.target, item.call, 0)));
        _ends("announce", succeeded, !waiting);
        if (!succeeded) return;
        _readyAt[operation] = block.timestamp + (item.official == _board ? RULES_DELAY : PROGRAMME_DELAY);
        _announced.push(item);
    }

    /// @dev I14: it is done if and only if it was announced, was not called off, and its time has come and not gone;
    /// whether it is called itself or carried out by the manager.
    function carryOut(uint256 seed) external {
        if (_announced.length == 0) return;
        Announced memory item = _announced[seed % _announced.length];
        bytes32 operation = _operationOf(item);
        _seek(_readyAt[operation], seed >> 16);
        bool expected = block.timestamp >= _readyAt[operation] && _isWaiting(operation) && _isSound(item);
        bool direct = seed >> 8 & 1 == 1;
        vm.prank(item.official);
        (bool succeeded,) = direct
            ? _attempt(item.target, item.call)
            : _attempt(address(authority), abi.encodeCall(authority.execute, (item.target, item.call)));
        _ends("carry out", succeeded, expected);
        if (!succeeded) return;
        _readyAt[operation] = 0;
        _checkDone(item.target, item.call);
    }

    /// @dev I14: the guardian stops it until it is done.
    function callOff(uint256 seed) external {
        if (_announced.length == 0) return;
        Announced memory item = _announced[seed % _announced.length];
        vm.prank(guardian);
        (bool succeeded,) =
            _attempt(address(authority), abi.encodeCall(authority.cancel, (item.official, item.target, item.call)));
        _ends("call off", succeeded, _readyAt[_operationOf(item)] != 0);
        _readyAt[_operationOf(item)] = 0;
    }

    /* TIME */

    function wait_(uint256 seed) external {
        vm.warp(block.timestamp + seed % 75 days);
        _did("wait");
    }

    /// @dev To the last second of the next of the three dates, or just past it.
    function passADate(uint256 seed) external {
        (,, uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) = token.rules();
        uint256 next = block.timestamp <= issueUntil ? issueUntil : block.timestamp <= payUntil ? payUntil : redeemUntil;
        // Most of life is before the first of them.
        if (block.timestamp > next || (block.timestamp + 60 days < issueUntil && (seed >> 8) % 4 != 0)) return;
        vm.warp(next + seed % 4);
        if (seed % 4 == 0) return;
        if (next == issueUntil) _did("pass the last reward");
        else _did(next == payUntil ? "pass the last payment" : "pass the last redemption");
    }

    /// @dev Each date moves away, never nearer, and not once it has passed.
    function extendWindDown(uint256 seed) external {
        (,, uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) = token.rules();
        uint256 first = (seed >> 8) % 3 * 20 days;
        uint256 second = first + (seed >> 16) % 3 * 20 days;
        uint256 third = second + (seed >> 24) % 3 * 20 days;
        bool nearer = seed % 4 == 0;
        bool fixed_ = (block.timestamp > issueUntil && first != 0) || (block.timestamp > payUntil && second != 0)
            || (block.timestamp > redeemUntil && third != 0);
        if (nearer) (third, redeemUntil) = (0, redeemUntil - 1);
        vm.prank(admin);
        (bool succeeded,) = _attempt(
            address(token),
            abi.encodeCall(token.extendWindDown, (issueUntil + first, payUntil + second, redeemUntil + third))
        );
        _ends("extend the dates", succeeded, !nearer && !fixed_);
    }

    /* INTERNALS */

    function _decision(uint256 seed) private view returns (Announced memory item) {
        uint256 kind = seed % 3;
        item.official = kind == 0 ? _board : _office;
        item.target = kind == 0 ? address(token) : address(registry);
        if (kind == 0) {
            Class class = seed >> 8 & 1 == 0 ? Class.Resident : Class.Merchant;
            item.call = abi.encodeCall(token.setTransferRule, (class, class, seed >> 9 & 1 == 0));
        } else if (kind == 1) {
            item.call = abi.encodeCall(registry.setProgrammeCap, (programme, attested + 1000 + (seed >> 8) % 50_000));
        } else {
            item.call = abi.encodeCall(registry.setAttester, (programme, stranger, seed >> 8 & 1 == 0));
        }
    }

    function _operationOf(Announced memory item) private pure returns (bytes32) {
        return keccak256(abi.encode(item.official, item.target, item.call));
    }

    function _isWaiting(bytes32 operation) private view returns (bool) {
        return _readyAt[operation] != 0 && block.timestamp < _readyAt[operation] + EXPIRATION;
    }

    /// @dev A budget below what is used is refused, however it was decided.
    function _isSound(Announced memory item) private view returns (bool) {
        if (bytes4(item.call) != registry.setProgrammeCap.selector) return true;
        (, uint256 cap) = abi.decode(_arguments(item.call), (uint256, uint256));
        return cap >= attested;
    }

    function _checkDone(address target, bytes memory call) private {
        if (target == address(token)) {
            (Class class,, bool allowed) = abi.decode(_arguments(call), (Class, Class, bool));
            _ruleWasSet(class, allowed);
        } else if (bytes4(call) == registry.setProgrammeCap.selector) {
            (, uint256 cap) = abi.decode(_arguments(call), (uint256, uint256));
            assertEq(registry.programmeOf(programme).cap, cap, "cap");
        } else {
            (,, bool appointed) = abi.decode(_arguments(call), (uint256, address, bool));
            assertEq(registry.isAttester(programme, stranger), appointed, "attester");
        }
    }

    function _ruleWasSet(Class class, bool allowed) private {
        if (class == Class.Resident) _residentsMayPayResidents = allowed;
        else _merchantsMayPayMerchants = allowed;
        _did("switch a rule");
    }

    function _arguments(bytes memory call) private pure returns (bytes memory arguments) {
        arguments = new bytes(call.length - 4);
        for (uint256 i = 0; i < arguments.length; ++i) {
            arguments[i] = call[i + 4];
        }
    }
}
