// SPDX-License-Identifier: EUPL-1.2
// Bank accounts, and the seal by which a redemption names one without telling it.

import { concat, fromHex, toHex, utf8 } from "../lib/bytes.ts";
import { keccak } from "../lib/digests.ts";

/** An IBAN without spaces, or undefined if it cannot be one (ISO 13616: its two check digits). */
export function parseIban(text: string): string | undefined {
  const iban = text.replace(/\s/g, "").toUpperCase();
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]{11,30}$/.test(iban)) {
    return undefined;
  }
  const digits = Array.from(iban.slice(4) + iban.slice(0, 4), (letter) => parseInt(letter, 36)).join("");
  return BigInt(digits) % 97n === 1n ? iban : undefined;
}

/** keccak256(secret | IBAN). Without the secret, which stays with the shop, nobody can find the IBAN by trying. */
export function commitmentTo(iban: string, secret: string): string {
  return toHex(keccak(concat(fromHex(secret), utf8(iban))));
}
