// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {Activity, Line, Report, Rule} from "../../../contracts/interfaces/IActivityRegistry.sol";
import {Class, Enrolment, Payment} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {Group, RedemptionRequest} from "../../../contracts/interfaces/IRedemptionDesk.sol";
import {Deployment} from "./Deployment.sol";
import {Authorization} from "./Signing.sol";
import {Vm} from "./Vm.sol";

/// @notice A small city: two residents, two shops, and what people do in it.
abstract contract City is Deployment {
    uint256 private _salt;

    function setUp() public virtual override {
        super.setUp();
        enrol(alice, ALICE, Class.Resident);
        enrol(bob, BOB, Class.Resident);
        enrol(shop, SHOP, Class.Merchant);
        enrol(cafe, CAFE, Class.Merchant);
    }

    /* ACCOUNTS */

    function enrol(address holder, uint32 number, Class class) internal {
        Enrolment[] memory list = new Enrolment[](1);
        list[0] = Enrolment(holder, number, class);
        vm.prank(registrar);
        token.enrol(list);
    }

    function setClass(uint32 number, Class class) internal {
        vm.prank(registrar);
        token.setClass(number, class);
    }

    function freeze(uint32 number) internal {
        vm.prank(guardian);
        token.freeze(number, 7);
    }

    function pause() internal {
        vm.prank(guardian);
        token.pause();
    }

    function setRule(Class from, Class to, bool allowed) internal {
        vm.prank(rulesOfficer);
        token.setTransferRule(from, to, allowed);
    }

    /// @notice Credits earned now, minted by the registry's right.
    function mint(uint32 number, uint256 amount) internal {
        vm.prank(address(registry));
        token.issue(one(amount | uint256(number) << 48));
    }

    /// @notice Credits a shop was paid.
    function fund(uint32 number, uint256 amount) internal {
        address holder = token.holderOf(number);
        mint(BOB, amount);
        vm.prank(bob);
        token.transfer(holder, amount);
    }

    /// @notice An account word, low bits first: fresh 48, stale 48, epoch 16, nonce 48, number 32, class 8.
    function word(uint256 fresh, uint256 stale, uint256 epoch, uint256 nonce, uint32 number, Class class)
        internal
        pure
        returns (uint256)
    {
        return fresh | stale << 48 | epoch << 96 | nonce << 112 | uint256(number) << 160 | uint256(class) << 192;
    }

    function storeAccount(address account, uint256 value) internal {
        vm.store(address(token), keccak256(abi.encode(account, ACCOUNTS_SLOT)), bytes32(value));
    }

    function wordOf(address account) internal view returns (uint256) {
        address[] memory accounts = new address[](1);
        accounts[0] = account;
        return token.wordsOf(accounts)[0];
    }

    /* PAYMENTS */

    function tokenDomain() internal view returns (bytes32) {
        return domain(TOKEN_NAME, block.chainid, address(token));
    }

    function payment(address from, address to, uint256 value) internal view returns (Payment memory) {
        return payment(from, to, value, token.paymentNonce(from));
    }

    function payment(address from, address to, uint256 value, uint256 nonce) internal view returns (Payment memory) {
        return Payment(from, to, value, nonce, block.timestamp + 1 hours, keccak256("request"));
    }

    function digestOf(Payment memory item) internal view returns (bytes32) {
        return paymentDigest(tokenDomain(), item);
    }

    function signed(Payment memory item) internal view returns (bytes memory) {
        return sign(item.from, digestOf(item));
    }

    function signed(Payment[] memory items) internal view returns (bytes[] memory signatures) {
        signatures = new bytes[](items.length);
        for (uint256 i = 0; i < items.length; ++i) {
            signatures[i] = signed(items[i]);
        }
    }

    function authorization(address from, address to, uint256 value, bytes32 nonce)
        internal
        view
        returns (Authorization memory)
    {
        return Authorization(from, to, value, block.timestamp - 1, block.timestamp + 1 hours, nonce);
    }

    /// @notice Carries `TransferWithAuthorization`, signed by its payer.
    function carryTransfer(Authorization memory a) internal {
        carryTransfer(a, sign(a.from, transferDigest(tokenDomain(), a)));
    }

    function carryTransfer(Authorization memory a, bytes memory signature) internal {
        token.transferWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
    }

    /// @notice Carries `ReceiveWithAuthorization`, signed by its payer, as its payee.
    function carryReceive(Authorization memory a) internal {
        bytes memory signature = sign(a.from, receiveDigest(tokenDomain(), a));
        vm.prank(a.to);
        token.receiveWithAuthorization(a.from, a.to, a.value, a.validAfter, a.validBefore, a.nonce, signature);
    }

    /* EARNING */

    function registryDomain() internal view returns (bytes32) {
        return domain(REGISTRY_NAME, block.chainid, address(registry));
    }

    function rule(uint256 validFrom, uint256 hourly, uint256 monthLimit, uint256 yearLimit, uint256 headroom)
        internal
        pure
        returns (Rule memory)
    {
        return Rule({
            validFrom: uint16(validFrom),
            hourlyAdult: uint32(hourly),
            hourlyYouth: uint32(hourly / 2),
            monthLimit: uint32(monthLimit),
            yearLimit: uint32(yearLimit),
            headroom: uint32(headroom),
            source: keccak256("source")
        });
    }

    function addRule(Rule memory row) internal {
        vm.prank(rulesOfficer);
        registry.addRule(row);
    }

    function openProgramme(uint256 cap, uint256 fromMonth, uint256 toMonth) internal returns (uint256 programme) {
        vm.startPrank(programmeOfficer);
        programme = registry.openProgramme(cap, fromMonth, toMonth);
        registry.setAttester(programme, attester, true);
        vm.stopPrank();
    }

    function activityIn(uint256 programme, uint256 month, uint256 centsPerHour)
        internal
        view
        returns (Activity memory)
    {
        return Activity({
            programme: uint32(programme),
            month: uint16(month),
            centsPerHour: uint32(centsPerHour),
            maxMinutes: 10_000,
            opensAt: uint40(block.timestamp - 1 hours),
            closesAt: uint40(block.timestamp + 900 days),
            neighbourhood: 9_170_101,
            adult: true,
            noDisplacement: true,
            description: keccak256("sweeping")
        });
    }

    function openActivity(Activity memory details) internal returns (uint256) {
        vm.prank(programmeOfficer);
        return registry.openActivity(details);
    }

    function openActivity(uint256 programme, uint256 month, uint256 centsPerHour) internal returns (uint256) {
        return openActivity(activityIn(programme, month, centsPerHour));
    }

    function line(uint32 number, uint16 minutes_) internal pure returns (Line memory) {
        return Line(number, minutes_, keccak256(abi.encode("evidence", number)));
    }

    function report(uint256 activity, Line[] memory lines) internal returns (Report memory) {
        return Report(attester, activity, lines, block.timestamp + 1 days, ++_salt);
    }

    function report(uint256 activity, uint32 number, uint16 minutes_) internal returns (Report memory) {
        Line[] memory lines = new Line[](1);
        lines[0] = line(number, minutes_);
        return report(activity, lines);
    }

    function attesterSignature(Report memory item) internal view returns (bytes memory) {
        return sign(item.attester, reportDigest(registryDomain(), item));
    }

    function issuerSignature(Report memory item, uint256 skip) internal view returns (bytes memory) {
        bytes32 digest = reportDigest(registryDomain(), item);
        return sign(issuer, releaseDigest(registryDomain(), issuer, digest, skip));
    }

    function issue(Report memory item) internal returns (uint256) {
        return issue(item, 0);
    }

    function issue(Report memory item, uint256 skip) internal returns (uint256) {
        return registry.issue(item, attesterSignature(item), issuer, issuerSignature(item, skip), skip);
    }

    /* REDEEMING */

    function deskDomain() internal view returns (bytes32) {
        return domain(DESK_NAME, block.chainid, address(desk));
    }

    function redemption(address from, uint256 amount) internal returns (RedemptionRequest memory) {
        return RedemptionRequest({
            from: from,
            amount: amount,
            validAfter: block.timestamp - 1,
            validBefore: block.timestamp + 1 hours,
            payoutCommitment: keccak256(abi.encode("iban of", from)),
            salt: bytes32(++_salt)
        });
    }

    function idOf(RedemptionRequest memory item) internal view returns (bytes32) {
        return keccak256(abi.encode(token.numberOf(item.from), item.amount, item.payoutCommitment, item.salt));
    }

    function signed(RedemptionRequest memory item) internal view returns (bytes memory) {
        Authorization memory a =
            Authorization(item.from, address(desk), item.amount, item.validAfter, item.validBefore, idOf(item));
        return sign(item.from, receiveDigest(tokenDomain(), a));
    }

    function request(RedemptionRequest memory item) internal returns (bytes32 id) {
        id = idOf(item);
        (RedemptionRequest[] memory items, bytes[] memory signatures) = (new RedemptionRequest[](1), new bytes[](1));
        (items[0], signatures[0]) = (item, signed(item));
        desk.request(items, signatures);
    }

    function request(address from, uint256 amount) internal returns (bytes32 id) {
        return request(redemption(from, amount));
    }

    function lock(address who, bytes32[] memory ids) internal {
        uint256 deadline = block.timestamp + 1 hours;
        desk.lock(who, ids, deadline, sign(who, lockDigest(deskDomain(), who, ids, deadline)));
    }

    function settle(address who, Group[] memory groups) internal {
        uint256 deadline = block.timestamp + 1 hours;
        desk.settle(who, groups, deadline, sign(who, settleDigest(deskDomain(), who, groups, deadline)));
    }

    function settle(address who, bytes32 payoutReference, bytes32[] memory ids) internal {
        Group[] memory groups = new Group[](1);
        groups[0] = Group(payoutReference, ids);
        settle(who, groups);
    }

    function refund(address who, bytes32[] memory ids) internal {
        uint256 deadline = block.timestamp + 1 hours;
        desk.refund(who, ids, 3, deadline, sign(who, refundDigest(deskDomain(), who, ids, 3, deadline)));
    }

    function cancel(address who, bytes32 id) internal {
        desk.cancel(id, sign(who, cancelDigest(deskDomain(), id)));
    }

    /* LISTS AND LOGS */

    function one(uint256 value) internal pure returns (uint256[] memory list) {
        list = new uint256[](1);
        list[0] = value;
    }

    function one(address value) internal pure returns (address[] memory list) {
        list = new address[](1);
        list[0] = value;
    }

    function one(bytes32 value) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](1);
        list[0] = value;
    }

    function two(bytes32 first, bytes32 second) internal pure returns (bytes32[] memory list) {
        list = new bytes32[](2);
        (list[0], list[1]) = (first, second);
    }

    /// @notice Nothing was emitted since `vm.recordLogs()`.
    function assertNoLogs() internal {
        assertEq(vm.getRecordedLogs().length, 0, "something was emitted");
    }

    /// @notice `logs[index]` is a token `Transfer`.
    function assertTransfer(Vm.Log memory log, address from, address to, uint256 value) internal view {
        assertEq(log.emitter, address(token), "emitter");
        assertEq(log.topics[0], keccak256("Transfer(address,address,uint256)"), "not a Transfer");
        assertEq(address(uint160(uint256(log.topics[1]))), from, "from");
        assertEq(address(uint160(uint256(log.topics[2]))), to, "to");
        assertEq(abi.decode(log.data, (uint256)), value, "value");
    }

    function assertPaid(Vm.Log memory log, bytes32[] memory digests) internal view {
        assertEq(log.emitter, address(token), "emitter");
        assertEq(log.topics[0], keccak256("Paid(bytes32[])"), "not a Paid");
        assertEq(keccak256(log.data), keccak256(abi.encode(digests)), "digests");
    }

    /// @notice `issued - settled - clawedBack - expired == totalSupply == sum of balances` of everybody in the city.
    function assertBooks() internal view {
        (uint256 issued, uint256 settled, uint256 clawedBack, uint256 expired) = token.ledger();
        assertEq(issued - settled - clawedBack - expired, token.totalSupply(), "equation");
        uint256 sum = token.balanceOf(alice) + token.balanceOf(bob) + token.balanceOf(shop) + token.balanceOf(cafe)
            + token.balanceOf(address(desk));
        assertEq(sum, token.totalSupply(), "sum of balances");
    }
}
