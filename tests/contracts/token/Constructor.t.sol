// SPDX-License-Identifier: EUPL-1.2
pragma solidity 0.8.37;

import {ShortStrings} from "@openzeppelin/contracts/utils/ShortStrings.sol";

import {IMunicipalToken, Terms} from "../../../contracts/interfaces/IMunicipalToken.sol";
import {City} from "../support/City.sol";

contract ConstructorTest is City {
    uint256 private constant YEAR = 365 days;
    uint256 private constant GAP = 180 days;

    function test_constructor_takesTheEarliestDates() public {
        token = deployToken(TOKEN_NAME, NOW + YEAR, NOW + YEAR + GAP, NOW + YEAR + 2 * GAP);
        (uint256 matrix, bool paused, uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) = token.rules();
        assertEq(issueUntil, NOW + YEAR);
        assertEq(payUntil, NOW + YEAR + GAP);
        assertEq(redeemUntil, NOW + YEAR + 2 * GAP);
        assertFalse(paused);
        // resident→merchant, merchant→resident, merchant→desk, closing→resident, closing→desk, desk→merchant and
        // desk→closing, and nothing else.
        assertEq(matrix, 2 ** 10 + 2 ** 17 + 2 ** 20 + 2 ** 25 + 2 ** 28 + 2 ** 34 + 2 ** 35);
        assertEq(token.name(), TOKEN_NAME);
        assertEq(token.symbol(), "HTJ");
        assertEq(token.decimals(), 2);
        assertEq(token.totalSupply(), 0);
        assertEq(token.deployBlock(), block.number);
        assertEq(token.DOMAIN_SEPARATOR(), tokenDomain());
    }

    function test_constructor_refusesLessThanAYear() public {
        _refused(NOW + YEAR - 1, NOW + YEAR + GAP, NOW + YEAR + 2 * GAP);
    }

    function test_constructor_refusesTooSmallAPayGap() public {
        _refused(NOW + YEAR, NOW + YEAR + GAP - 1, NOW + YEAR + 2 * GAP);
    }

    function test_constructor_refusesTooSmallARedeemGap() public {
        _refused(NOW + YEAR, NOW + YEAR + GAP, NOW + YEAR + 2 * GAP - 1);
    }

    function test_constructor_refusesDatesThatDoNotFit() public {
        _refused(NOW + YEAR, NOW + YEAR + GAP, 2 ** 40);
        deployToken(TOKEN_NAME, NOW + YEAR, NOW + YEAR + GAP, 2 ** 40 - 1);
    }

    function test_constructor_withoutGaps_takesOneDateButNoOther() public {
        Terms memory terms = Terms(NOW + YEAR, NOW + YEAR, NOW + YEAR, 0, 0, REPLACEMENT_WINDOW, 6);
        deployToken(TOKEN_NAME, terms);
        terms.payUntil = NOW + YEAR - 1;
        _refusedTerms(terms);
        (terms.payUntil, terms.redeemUntil) = (NOW + YEAR + 1, NOW + YEAR);
        _refusedTerms(terms);
    }

    function test_constructor_twoGaps_eachIsItsOwn() public {
        Terms memory terms =
            Terms(NOW + YEAR, NOW + YEAR + 10 days, NOW + YEAR + 30 days, 10 days, 20 days, REPLACEMENT_WINDOW, 6);
        deployToken(TOKEN_NAME, terms);
        terms.payUntil += 10 days;
        _refusedTerms(terms);
    }

    function test_constructor_refusesNameOver31Bytes() public {
        bytes memory expected =
            abi.encodeWithSelector(ShortStrings.StringTooLong.selector, "Heitje van de gemeente Heerlen 2");
        vm.expectRevert(expected);
        this.deployNamed("Heitje van de gemeente Heerlen 2");
        this.deployNamed("Heitje van de gemeente Heerlen!");
    }

    /// @dev Outside calls, so that a revert of the creation can be expected.
    function deployNamed(string calldata name) external {
        deployToken(name, ISSUE_UNTIL, PAY_UNTIL, REDEEM_UNTIL);
    }

    function deployUntil(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) external {
        deployToken(TOKEN_NAME, issueUntil, payUntil, redeemUntil);
    }

    function deployTerms(Terms calldata terms) external {
        deployToken(TOKEN_NAME, terms);
    }

    function _refusedTerms(Terms memory terms) private {
        vm.expectRevert(
            abi.encodeWithSelector(
                IMunicipalToken.InvalidWindDown.selector, terms.issueUntil, terms.payUntil, terms.redeemUntil
            )
        );
        this.deployTerms(terms);
    }

    function _refused(uint256 issueUntil, uint256 payUntil, uint256 redeemUntil) private {
        vm.expectRevert(
            abi.encodeWithSelector(IMunicipalToken.InvalidWindDown.selector, issueUntil, payUntil, redeemUntil)
        );
        this.deployUntil(issueUntil, payUntil, redeemUntil);
    }
}
