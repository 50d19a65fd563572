// SPDX-License-Identifier: EUPL-1.2
// Who signed a report: its EIP-712 digests, and the key behind an ordinary (secp256k1) signature.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { concat, fromHex, toHex, utf8, word } from "../../lib/bytes.ts";
import { type Domain, keccak } from "../../lib/digests.ts";
import type { Report } from "./events.ts";

const LINE = "Line(uint32 number,uint16 minutes,bytes32 evidence)";
const LINE_TYPE = keccak(utf8(LINE));
const REPORT_TYPE = keccak(
  utf8(`Report(address attester,uint256 activity,Line[] lines,uint256 deadline,uint256 serial)${LINE}`),
);
const RELEASE_TYPE = keccak(utf8("Release(address issuer,bytes32 report,uint256 skip)"));
const DOMAIN_TYPE = keccak(
  utf8("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
);

const address = (text: string): Uint8Array => concat(new Uint8Array(12), fromHex(text));

export function separatorOf(domain: Domain): Uint8Array {
  const names = [keccak(utf8(domain.name)), keccak(utf8(domain.version))];
  return keccak(concat(DOMAIN_TYPE, ...names, word(domain.chainId), address(domain.verifyingContract)));
}

function digest(separator: Uint8Array, struct: Uint8Array): Uint8Array {
  return keccak(concat(fromHex("1901"), separator, struct));
}

/** What the attester signed. */
export function reportDigest(separator: Uint8Array, report: Report): string {
  const lines = report.lines.map((line) =>
    keccak(concat(LINE_TYPE, word(line.number), word(line.minutes), fromHex(line.evidence))),
  );
  const members = [address(report.attester), word(report.activity), keccak(concat(...lines))];
  const struct = keccak(concat(REPORT_TYPE, ...members, word(report.deadline), word(report.serial)));
  return toHex(digest(separator, struct));
}

/** What the issuer signed. */
export function releaseDigest(separator: Uint8Array, report: Report): string {
  const members = [address(report.issuer), fromHex(report.digest), word(report.skip)];
  return toHex(digest(separator, keccak(concat(RELEASE_TYPE, ...members))));
}

/** Whose key made a signature of 65 bytes; undefined for a signature of another kind. */
export function signerOf(digestText: string, signature: string): string | undefined {
  const bytes = fromHex(signature);
  const v = bytes[64];
  if (bytes.length !== 65 || (v !== 27 && v !== 28)) {
    return undefined;
  }
  try {
    const recovered = concat(Uint8Array.of(v - 27), bytes.slice(0, 64));
    const compressed = secp256k1.recoverPublicKey(recovered, fromHex(digestText), { prehash: false });
    const point = secp256k1.Point.fromBytes(compressed).toBytes(false);
    return toHex(keccak(point.slice(1)).slice(12));
  } catch {
    return "";
  }
}
