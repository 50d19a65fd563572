// SPDX-License-Identifier: EUPL-1.2
// Bytes, and the ways in which they are written.

export type Bytes = Uint8Array<ArrayBuffer>;

/** "0x…" or plain hexadecimal to bytes. */
export function fromHex(text: string): Bytes {
  const digits = text.startsWith("0x") ? text.slice(2) : text;
  if (digits.length % 2 !== 0 || /[^0-9a-fA-F]/.test(digits)) {
    throw new Error(`no hexadecimal bytes: ${text}`);
  }
  return Uint8Array.from({ length: digits.length / 2 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

/** Bytes as "0x…". */
export function toHex(bytes: Uint8Array): string {
  return "0x" + Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function concat(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** A number as 32 bytes, big-endian. */
export function word(value: bigint | number): Bytes {
  return fromHex(BigInt(value).toString(16).padStart(64, "0"));
}

export function toNumber(bytes: Uint8Array): bigint {
  return bytes.length === 0 ? 0n : BigInt(toHex(bytes));
}

export function utf8(text: string): Bytes {
  return new TextEncoder().encode(text);
}

/** So many random bytes. */
export function random(length: number): Bytes {
  return crypto.getRandomValues(new Uint8Array(length));
}
