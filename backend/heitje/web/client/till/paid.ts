// SPDX-License-Identifier: EUPL-1.2
// The whole screen says that something is paid: a word, a sign, an amount, a sound.

import { el, find } from "../lib/dom.ts";
import { money } from "../lib/money.ts";
import { language } from "../lib/text.ts";
import { soundPaid } from "./sound.ts";

const shown = new Set<string>();

/** `ids`: the payments it is about, the first one is the receipt's. Each is shown once. */
export function showPaid(address: string, cents: number, ids: string[], notes: string[]): void {
  const [first] = ids;
  if (first === undefined || ids.every((id) => shown.has(id))) {
    return;
  }
  ids.forEach((id) => shown.add(id));
  find("#paid-amount").textContent = money(cents);
  find("#paid-notes").replaceChildren(...notes.map((note) => el("p", { class: "heitje-message" }, note)));
  find<HTMLAnchorElement>("#paid-receipt").href = `/${language}/till/${address}/payments/${first}`;
  document.body.classList.add("till-done");
  find("#paid").hidden = false;
  find("#next").focus();
  soundPaid();
}

export function onNext(begin: () => void): void {
  find("#next").addEventListener("click", () => {
    find("#paid").hidden = true;
    document.body.classList.remove("till-done");
    begin();
  });
}
