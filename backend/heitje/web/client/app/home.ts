// SPDX-License-Identifier: EUPL-1.2
// What somebody has, as it changes.

import { ProblemError, Unreachable } from "../lib/api.ts";
import { say, sayError } from "../lib/announce.ts";
import { el, find, maybe } from "../lib/dom.ts";
import { follow } from "../lib/live.ts";
import { moment, money } from "../lib/money.ts";
import { t } from "../lib/text.ts";
import { walletOf } from "../lib/wallet.ts";
import { given, sinceThen } from "./given.ts";
import { app, freshAccount, keptAccount } from "./me.ts";
import { show } from "./part.ts";
import { goOn } from "./sending.ts";

export async function home(): Promise<void> {
  const wallet = await walletOf("app");
  if (!wallet) {
    find("#stranger").hidden = false;
    return;
  }
  const { address } = wallet;
  find("#mine").hidden = false;
  find("#given").hidden = !(await given(address)).some((one) => one.kind === "voucher" && one.fate === "signed");
  await refresh(address);
  if (navigator.onLine) {
    await goOn(address);
    await freshAccount(address).catch(() => undefined);
    // Rewards are not announced: whoever looks again sees what has come.
    document.addEventListener("visibilitychange", () => {
      if (!document.hidden) {
        void refresh(address).catch(sayError);
      }
    });
    follow(address, () => void refresh(address).catch(sayError), () => undefined);
  }
}

async function refresh(address: string): Promise<void> {
  const place = find("#part");
  try {
    const { kept } = await show(app(`/parts/home/${address}`), place);
    if (kept) {
      await correct(address, kept);
    }
  } catch (error) {
    if (error instanceof ProblemError && error.code === "not_found") {
      // A key without an account: the counter has not opened it yet.
      location.replace(app("/join"));
    } else if (error instanceof Unreachable) {
      await showKept(address, place);
    } else {
      throw error;
    }
  }
}

/** What this phone keeps is older than what it has signed since. */
async function correct(address: string, kept: string): Promise<void> {
  const last = await keptAccount(address);
  const amount = maybe("#spendable");
  if (last && amount) {
    amount.textContent = money(Number(last.account.spendable) - sinceThen(await given(address), last.at));
  }
  say(t("As it was on {moment}, less what you have paid since.", { moment: moment(kept) }));
}

async function showKept(address: string, place: Element): Promise<void> {
  const last = await keptAccount(address);
  if (!last) {
    say(t("There is no connection, and this phone has not seen your credits yet. They are safe."), "info");
    return;
  }
  const left = Number(last.account.spendable) - sinceThen(await given(address), last.at);
  place.replaceChildren(
    el("h2", { class: "utrecht-heading-2" }, t("You can spend")),
    el("p", { class: "heitje-amount heitje-amount--large", id: "spendable" }, money(left)),
  );
  say(t("As it was on {moment}, less what you have paid since.", { moment: moment(last.at) }));
}
