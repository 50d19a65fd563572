// SPDX-License-Identifier: EUPL-1.2
// What a till asks for, as an address that a phone can open or scan:
//   https://…/{nl,en}/app/pay#to=0x…&cents=250&request=0x…&name=…
// It is in the fragment, which a browser never sends to a server: nobody but the two people at the till sees it.

/** What a shop asks of a customer. */
export interface Asked {
  /** The shop's account. */
  to: string;
  /** Whole cents. */
  cents: number;
  /** 32 random bytes of the till, "0x…": by it the till knows its payment again. */
  request: string;
  /** The shop's name as the till tells it, at most 60 characters. The app shows the registered one where it knows it. */
  name: string;
}

const MOST_CENTS = 1_000_000;
const LONGEST_NAME = 60;

/** The link, for a QR code or to tap on. `origin` is the service's, as in location.origin. */
export function formatPaymentLink(origin: string, language: string, asked: Asked): string {
  const fields = new URLSearchParams({
    to: asked.to,
    cents: String(asked.cents),
    request: asked.request,
    name: asked.name.slice(0, LONGEST_NAME),
  });
  return `${origin}/${language}/app/pay#${fields}`;
}

/** What a link or a fragment asks for; undefined if it is not such a link or not whole. */
export function parsePaymentLink(text: string): Asked | undefined {
  const fragment = /^(?:https?:\/\/[^#]*\/app\/pay)?#(.+)$/.exec(text.trim())?.[1];
  if (fragment === undefined) {
    return undefined;
  }
  const fields = new URLSearchParams(fragment);
  const to = fields.get("to") ?? "";
  const request = fields.get("request") ?? "";
  const digits = fields.get("cents") ?? "";
  const cents = /^[1-9]\d{0,6}$/.test(digits) ? Number(digits) : 0;
  if (!/^0x[0-9a-fA-F]{40}$/.test(to) || !/^0x[0-9a-f]{64}$/.test(request) || cents <= 0 || cents >= MOST_CENTS) {
    return undefined;
  }
  return { to, cents, request, name: (fields.get("name") ?? "").slice(0, LONGEST_NAME) };
}
