// SPDX-License-Identifier: EUPL-1.2
// Amounts are whole cents. Nothing here ever makes a fraction of them.

import { city } from "./city.ts";
import { language } from "./text.ts";

const MOST = 1_000_000;

/** "2,50", "2.50", "2" or "€ 2,5" to cents; undefined if it is no amount above zero and below ten thousand. */
export function parseCents(text: string): number | undefined {
  const found = /^(\d{1,5})(?:[.,](\d{1,2}))?$/.exec(text.replace(/[€\s]/g, ""));
  if (!found) {
    return undefined;
  }
  const cents = Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0"));
  return cents > 0 && cents < MOST ? cents : undefined;
}

/** Cents as people of this language write them. Exact: every amount of a city is far below 2^53 cents. */
export function money(cents: number | bigint | string): string {
  const format = new Intl.NumberFormat(language, { style: "currency", currency: city().currency });
  return format.format(Number(cents) / 100);
}

/** Cents as somebody would type them: "2,50" or "2.50". */
export function typed(cents: number): string {
  const mark = language === "en" ? "." : ",";
  return `${Math.trunc(cents / 100)}${mark}${String(cents % 100).padStart(2, "0")}`;
}

/** A moment in the city's time. */
export function moment(iso: string | number): string {
  const at = new Date(typeof iso === "number" ? iso * 1000 : iso);
  return at.toLocaleString(language, { dateStyle: "long", timeStyle: "short", timeZone: city().timeZone });
}

export function day(iso: string | number): string {
  const at = new Date(typeof iso === "number" ? iso * 1000 : iso);
  return at.toLocaleDateString(language, { dateStyle: "long", timeZone: city().timeZone });
}
