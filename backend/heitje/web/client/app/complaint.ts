// SPDX-License-Identifier: EUPL-1.2
// Telling the municipality what is wrong, and reading what it answers.

import { ask } from "../lib/api.ts";
import { say, sayError } from "../lib/announce.ts";
import { find, onPress } from "../lib/dom.ts";
import { loggedIn } from "../lib/session.ts";
import { t } from "../lib/text.ts";
import type { Wallet } from "../lib/wallet.ts";
import { app, meOrJoin } from "./me.ts";
import { show } from "./part.ts";

export async function complaint(): Promise<void> {
  const wallet = await meOrJoin();
  const from = new URLSearchParams(location.search);
  const about = find<HTMLSelectElement>("#about");
  const wanted = from.get("about") ?? "other";
  about.value = [...about.options].some((option) => option.value === wanted) ? wanted : "other";
  const reference = from.get("reference") ?? "";
  find<HTMLInputElement>("#reference").value = /^[\x21-\x7e]{1,100}$/.test(reference) ? reference : "";
  const form = find<HTMLFormElement>("#complaint");
  form.hidden = false;
  onPress(find("#send"), () => send(wallet, form), fail);
  onPress(find("#answers"), () => list(wallet), fail);
}

function fail(error: unknown): void {
  void sayError(error);
}

async function send(wallet: Wallet, form: HTMLFormElement): Promise<void> {
  if (!form.reportValidity()) {
    return;
  }
  const reference = find<HTMLInputElement>("#reference").value.trim();
  const body = {
    about: find<HTMLSelectElement>("#about").value,
    text: find<HTMLTextAreaElement>("#text").value,
    ...(reference ? { reference } : {}),
  };
  await loggedIn(wallet, () => ask("POST", "/v1/complaints", body));
  form.reset();
  say(t("Your complaint has been sent. A person reads it, and answers here."), "ok");
  await list(wallet);
}

async function list(wallet: Wallet): Promise<void> {
  await loggedIn(wallet, () => show(app("/own/complaints"), find("#part")));
}
