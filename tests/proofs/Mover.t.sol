// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {IMunicipalToken, Terms} from "../../contracts/interfaces/IMunicipalToken.sol";
import {Account} from "../../contracts/libraries/Account.sol";
import {Ledger} from "../../contracts/libraries/Ledger.sol";
import {Proof} from "./support/Proof.sol";

/// @notice The mover of credits and whatever else changes balances, in the bytecode that is deployed, from any state:
/// accounts, numbers, allowances, rules
/// and ledger are symbols. Assumed is what all that code keeps: the balances of the accounts in question
/// together are no more than the supply, the sums of the ledger stay below 2^48, and no account was written in a later
/// epoch than the present one.
/// Covers any two addresses, also equal ones, any class, flag, epoch, matrix, pause and last day, and any value; and
/// that a third account, which is any other, keeps every bit. The present is one moment, 10 March 2026: only its epoch
/// and whether it is before the last days matter, and accounts and last days are symbols.
/// Does not cover who may call (the authority here allows everybody), nor signatures.
contract MoverProof is Proof {
    uint256 private constant NOW = 1_773_144_000;
    uint256 private constant EPOCH = 2 * 2026;
    /// @dev Slots of the token; the forge tests check that they are these.
    uint256 private constant ACCOUNTS = 0;
    uint256 private constant RULES = 2;
    uint256 private constant LEDGER = 3;

    IMunicipalToken private token;

    struct Books {
        uint256 from;
        uint256 to;
        uint256 third;
        uint256 supply;
        uint256 expired;
    }

    function setUp() public {
        vm.warp(NOW);
        Terms memory terms;
        terms.epochMonths = 6;
        (terms.issueUntil, terms.payUntil, terms.redeemUntil) = (NOW + 365 days, NOW + 366 days, NOW + 367 days);
        bytes memory arguments = abi.encode(address(this), "Proof", "PRF", terms);
        bytes memory code = bytes.concat(vm.getCode("build/proofs/artifacts/MunicipalToken.json"), arguments);
        address created;
        assembly {
            created := create(0, add(code, 32), mload(code))
        }
        require(created != address(0), "the token was not deployed");
        token = IMunicipalToken(created);
        // What the constructor wrote stays as it is, so the rules become a symbol by hand; the rest was never written.
        svm.enableSymbolicStorage(created);
        vm.store(created, bytes32(RULES), bytes32(svm.createUint256("rules")));
    }

    /// @notice The authority of the token: everybody may do everything at once.
    function canCall(address, address, bytes4) external pure returns (bool, uint32) {
        return (true, 0);
    }

    /// @notice A transfer moves exactly its value and burns exactly what it says has expired; refused, it changes
    /// nothing. One from an account to itself is always refused.
    function check_transfer_conserves(address from, address to, address third, uint256 value) public {
        Books memory before = _books(from, to, third);
        (uint256 ownBefore, uint256 otherBefore) = (token.spendableOf(from), token.spendableOf(to));
        vm.prank(from);
        (bool done,) = address(token).call(abi.encodeCall(token.transfer, (to, value)));
        _assertConserved(before, from, to, third);
        if (!done) {
            _assertUnchanged(before, from, to);
            return;
        }
        assert(from != to && value <= ownBefore);
        assert(token.balanceOf(from) == ownBefore - value);
        assert(token.balanceOf(to) == otherBefore + value);
    }

    /// @notice False, and to be refuted: under what the proofs assume, a transfer does succeed, with something expiring
    /// on both sides. Otherwise they would speak about nothing.
    function refuted_transferNeverPaysWhileBothExpire(address from, address to, address third, uint256 value) public {
        Books memory before = _books(from, to, third);
        vm.assume(token.spendableOf(from) < token.balanceOf(from) && token.spendableOf(to) < token.balanceOf(to));
        vm.prank(from);
        (bool done,) = address(token).call(abi.encodeCall(token.transfer, (to, value)));
        assert(!done || value == 0 || token.totalSupply() == before.supply);
    }

    /// @notice The same by allowance, whoever calls, also the payer or the payee itself.
    function check_transferFrom_conserves(address caller, address from, address to, address third, uint256 value)
        public
    {
        Books memory before = _books(from, to, third);
        // More than was ever issued is refused; below that, the solver need not find out with every subtraction that the
        // upper bits are zero.
        bool fits = value < 2 ** 48;
        if (fits) value %= 2 ** 48;
        (uint256 ownBefore, uint256 otherBefore) = (token.spendableOf(from), token.spendableOf(to));
        uint256 allowed = token.allowance(from, caller);
        vm.prank(caller);
        (bool done,) = address(token).call(abi.encodeCall(token.transferFrom, (from, to, value)));
        _assertConserved(before, from, to, third);
        if (!done) {
            _assertUnchanged(before, from, to);
            assert(token.allowance(from, caller) == allowed);
            return;
        }
        assert(from != to && value <= ownBefore && value <= allowed);
        assert(token.balanceOf(from) == ownBefore - value);
        assert(token.balanceOf(to) == otherBefore + value);
        assert(token.allowance(from, caller) == (allowed == type(uint256).max ? allowed : allowed - value));
    }

    /// @notice Escrow that comes back, to whoever holds the number, moves exactly its amount.
    function check_releaseEscrow_conserves(address desk, uint32 number, address third, uint256 amount) public {
        address to = token.holderOf(number);
        Books memory before = _books(desk, to, third);
        uint256 otherBefore = token.spendableOf(to);
        vm.prank(desk);
        (bool done,) = address(token).call(abi.encodeCall(token.releaseEscrow, (number, amount)));
        _assertConserved(before, desk, to, third);
        if (!done) {
            _assertUnchanged(before, desk, to);
            return;
        }
        assert(desk != to && token.balanceOf(to) == otherBefore + amount);
    }

    /// @notice Expiry burns what is past, of one account, and nothing else; done twice in one call, it burns once.
    function check_expire_burnsWhatIsPastOnce(address one, address third) public {
        Books memory before = _books(one, one, third);
        uint256 left = token.spendableOf(one);
        address[] memory holders = new address[](2);
        (holders[0], holders[1]) = (one, one);
        token.expire(holders);
        _assertConserved(before, one, one, third);
        assert(token.balanceOf(one) == left);
    }

    /// @notice A clawback burns no more than is asked and no more than is there, of one account.
    function check_clawback_burnsAtMostTheAmount(uint32 number, address third, uint256 amount) public {
        address holder = token.holderOf(number);
        Books memory before = _books(holder, holder, third);
        uint256 left = token.spendableOf(holder);
        Ledger sums = Ledger.wrap(uint256(vm.load(address(token), bytes32(LEDGER))));
        uint256 clawedBack = sums.clawedBack();
        (bool done, bytes memory answer) = address(token).call(abi.encodeCall(token.clawback, (number, amount)));
        if (!done) return;
        uint256 burned = abi.decode(answer, (uint256));
        sums = Ledger.wrap(uint256(vm.load(address(token), bytes32(LEDGER))));
        assert(burned <= amount && burned <= left && sums.clawedBack() == clawedBack + burned);
        assert(before.supply - token.totalSupply() == sums.expired() - before.expired + burned);
        assert(_word(third) == before.third);
        if (burned != 0) assert(token.balanceOf(holder) == left - burned);
    }

    /// @notice A reward raises supply and balance by exactly its amount, beside what expires.
    function check_issue_mintsExactly(uint32 number, address third, uint48 amount) public {
        address holder = token.holderOf(number);
        Books memory before = _books(holder, holder, third);
        uint256 left = token.spendableOf(holder);
        Ledger sums = Ledger.wrap(uint256(vm.load(address(token), bytes32(LEDGER))));
        uint256 issued = sums.issued();
        uint256[] memory rewards = new uint256[](1);
        rewards[0] = uint256(amount) | uint256(number) << 48;
        (bool done,) = address(token).call(abi.encodeCall(token.issue, (rewards)));
        if (!done) return;
        sums = Ledger.wrap(uint256(vm.load(address(token), bytes32(LEDGER))));
        assert(sums.issued() == issued + amount && sums.issued() < 2 ** 48);
        assert(token.totalSupply() + sums.expired() - before.expired == before.supply + amount);
        assert(token.balanceOf(holder) == left + amount && _word(third) == before.third);
    }

    function _books(address from, address to, address third) private view returns (Books memory books) {
        vm.assume(third != from && third != to);
        uint256 sums = uint256(vm.load(address(token), bytes32(LEDGER)));
        vm.assume(sums & BITS_64 < 2 ** 48 && sums >> 64 & BITS_64 < 2 ** 48);
        vm.assume(sums >> 128 & BITS_64 < 2 ** 48 && sums >> 192 < 2 ** 48);
        Ledger ledger = Ledger.wrap(sums);
        vm.assume(ledger.settled() + ledger.clawedBack() + ledger.expired() <= ledger.issued());
        books = Books(_word(from), _word(to), _word(third), ledger.supply(), ledger.expired());
        Account payer = Account.wrap(books.from);
        Account payee = Account.wrap(books.to);
        vm.assume(payer.epoch() <= EPOCH && payee.epoch() <= EPOCH);
        vm.assume(payer.balance() + (from == to ? 0 : payee.balance()) <= books.supply);
    }

    /// @dev Σ balances and supply fall by what expired, and by nothing else; the third account keeps every bit.
    function _assertConserved(Books memory before, address from, address to, address third) private view {
        Ledger sums = Ledger.wrap(uint256(vm.load(address(token), bytes32(LEDGER))));
        uint256 expired = sums.expired() - before.expired;
        assert(token.totalSupply() == before.supply - expired);
        uint256 heldBefore = Account.wrap(before.from).balance() + (from == to ? 0 : Account.wrap(before.to).balance());
        uint256 held = token.balanceOf(from) + (from == to ? 0 : token.balanceOf(to));
        assert(held == heldBefore - expired);
        assert(_word(third) == before.third);
    }

    function _assertUnchanged(Books memory before, address from, address to) private view {
        assert(_word(from) == before.from && _word(to) == before.to);
        assert(token.totalSupply() == before.supply);
    }

    function _word(address account) private view returns (uint256) {
        return uint256(vm.load(address(token), keccak256(abi.encode(account, ACCOUNTS))));
    }
}
