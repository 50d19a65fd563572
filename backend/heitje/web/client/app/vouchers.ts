// SPDX-License-Identifier: EUPL-1.2
// What was given without a connection: whether it has been cashed, and taking it back.

import { sayError } from "../lib/announce.ts";
import { el, find, onPress } from "../lib/dom.ts";
import { moment, money } from "../lib/money.ts";
import { drawn } from "../lib/qr.ts";
import { t } from "../lib/text.ts";
import { formatVoucher } from "../lib/voucher.ts";
import type { Wallet } from "../lib/wallet.ts";
import { now } from "../lib/clock.ts";
import { given, type GivenVoucher } from "./given.ts";
import { meOrJoin } from "./me.ts";
import { goOn, withdraw } from "./sending.ts";

export async function vouchers(): Promise<void> {
  const wallet = await meOrJoin();
  await list(wallet);
  if (navigator.onLine) {
    await goOn(wallet.address);
    await list(wallet);
  }
}

async function list(wallet: Wallet): Promise<void> {
  const all = (await given(wallet.address)).filter((one) => one.kind === "voucher");
  find("#none").hidden = all.length > 0;
  find("#vouchers").replaceChildren(...all.map((one) => card(wallet, one)));
}

function card(wallet: Wallet, one: GivenVoucher): HTMLElement {
  const item = el(
    "li",
    { class: "heitje-card" },
    el("h2", { class: "utrecht-heading-2" }, one.name || t("A shop")),
    el("p", { class: "heitje-amount heitje-amount--large" }, money(one.cents)),
    el("p", { class: "utrecht-paragraph" }, el("span", { class: "heitje-state" }, stateOf(one)), ` ${moment(one.signedAt)}`),
  );
  if (one.fate === "signed" && one.ends > now()) {
    item.append(el("p", { class: "utrecht-paragraph" }, t("It can be cashed until {moment}.", { moment: moment(one.ends) })));
    const again = el("button", { class: "utrecht-button utrecht-button--secondary-action", type: "button" }, t("Show the picture"));
    onPress(again, async () => again.replaceWith(drawn(formatVoucher(one.voucher), t("Your payment, for the shop to scan"))), fail);
    const back = el("button", { class: "utrecht-button utrecht-button--secondary-action", type: "button" }, t("Take it back"));
    onPress(back, async () => {
      await withdraw(wallet, one);
      await list(wallet);
    }, fail);
    item.append(el("p", { class: "heitje-buttons" }, again, back));
  }
  return item;
}

function fail(error: unknown): void {
  void sayError(error);
}

function stateOf(one: GivenVoucher): string {
  switch (one.fate) {
    case "paid":
      return t("Cashed");
    case "under_way":
      return t("Being cashed");
    case "withdrawn":
      return t("Taken back");
    case "failed":
      return t("Not cashed, and no longer valid");
    default:
      return one.ends > now() ? t("Not cashed yet") : t("Not cashed, and no longer valid");
  }
}
