// SPDX-License-Identifier: EUPL-1.2
// What came in last, beside the keys: the same on every till of the shop.

import { el, find } from "../lib/dom.ts";
import { money } from "../lib/money.ts";
import { city } from "../lib/city.ts";
import { language } from "../lib/text.ts";
import { receiptCode, stateOf, type Taking } from "./books.ts";
import type { Shop } from "./shop.ts";

const MOST = 6;

/** The time of day in the city. */
export function clock(iso: string): string {
  return new Date(iso).toLocaleTimeString(language, { timeStyle: "short", timeZone: city().timeZone });
}

/** An amount as a list shows it; what goes out has a minus. */
export function amountOf(item: Taking): string {
  return (item.kind === "refund" ? "− " : "") + money(item.value);
}

export function showLatest(shop: Shop): void {
  const { today } = shop.books;
  find("#latest-sum").textContent = today ? money(today.net) : "";
  const items = (today?.items ?? []).slice(0, MOST);
  find("#latest").replaceChildren(
    ...items.map((item) =>
      el(
        "li",
        { class: "till-row" },
        el("span", {}, clock(item.time)),
        el("strong", { class: "heitje-amount" }, amountOf(item)),
        el("span", { class: "heitje-state" }, stateOf(item)),
        el("span", { class: "heitje-quiet" }, receiptCode(item.id)),
      ),
    ),
  );
}
