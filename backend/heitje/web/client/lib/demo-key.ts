// SPDX-License-Identifier: EUPL-1.2
// Signs with the key of a demo person. Loaded only where such a key is used.

import { secp256k1 } from "@noble/curves/secp256k1.js";
import { type Bytes, concat, fromHex } from "./bytes.ts";

export function sign(secret: string, digest: Bytes): Bytes {
  const signature = secp256k1.sign(digest, fromHex(secret), { prehash: false, format: "recovered", lowS: true });
  // noble puts the recovery bit first, Ethereum last and 27 higher.
  return concat(signature.slice(1), Uint8Array.of(27 + (signature[0] ?? 0)));
}
