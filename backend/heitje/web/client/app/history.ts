// SPDX-License-Identifier: EUPL-1.2
// What was earned and paid; the year on paper.

import { explanation, ProblemError } from "../lib/api.ts";
import { say, sayError } from "../lib/announce.ts";
import { el, find, maybe, onPress } from "../lib/dom.ts";
import { moment, money } from "../lib/money.ts";
import { loggedIn } from "../lib/session.ts";
import { t } from "../lib/text.ts";
import type { Wallet } from "../lib/wallet.ts";
import { given, isOpen } from "./given.ts";
import { app, meOrJoin, nameShops } from "./me.ts";
import { fetchPart, show } from "./part.ts";
import { goOn } from "./sending.ts";

export async function history(): Promise<void> {
  const wallet = await meOrJoin();
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-year]")) {
    onPress(button, () => statement(wallet, button.dataset["year"] ?? ""), (error) => void sayError(error));
  }
  const of = new URLSearchParams(location.search).get("of") ?? wallet.address;
  const { kept } = await show(app(`/parts/history/${encodeURIComponent(of)}`), find("#part"));
  if (kept) {
    say(t("As it was on {moment}.", { moment: moment(kept) }));
  }
  await prepare();
  if (navigator.onLine) {
    await goOn(wallet.address);
  }
  await listOpen(wallet.address);
}

async function prepare(): Promise<void> {
  await nameShops();
  const more = maybe<HTMLButtonElement>("[data-more]");
  if (more) {
    onPress(
      more,
      async () => {
        const { html } = await fetchPart(more.dataset["more"] ?? "");
        more.parentElement?.remove();
        const rest = el("div");
        rest.innerHTML = html; // of our own server, which escapes whatever others wrote
        find("#part").append(rest);
        await prepare();
      },
      (error) => void sayError(error),
    );
  }
}

async function listOpen(address: string): Promise<void> {
  const open = (await given(address)).filter(isOpen);
  find("#open").hidden = open.length === 0;
  find("#open-list").replaceChildren(
    ...open.map((one) =>
      el("li", { class: "heitje-card" }, `${money(one.cents)} ${one.name} · ${moment(one.signedAt)} `, el("span", { class: "heitje-state" }, t("Under way"))),
    ),
  );
}

async function statement(wallet: Wallet, year: string): Promise<void> {
  const response = await loggedIn(wallet, () => fetch(app(`/statement/${year}.pdf`)));
  if (!response.ok) {
    const code = response.headers.get("heitje-problem") ?? "internal";
    throw new ProblemError(code, await explanation(code), "", response.status);
  }
  const address = URL.createObjectURL(await response.blob());
  const link = el("a", { href: address, download: `heitje-${year}.pdf` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  say(t("Your statement of {year} has been made. Look among your downloads.", { year }), "ok");
}

export async function receipt(): Promise<void> {
  await nameShops();
  find("#print").addEventListener("click", () => window.print());
}
