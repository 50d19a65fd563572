// SPDX-License-Identifier: EUPL-1.2
// What somebody signed up for and handed in, and what became of it. Only they may see it, so it needs a session.

import { ask } from "../lib/api.ts";
import { say, sayError } from "../lib/announce.ts";
import { find, onPress } from "../lib/dom.ts";
import { loggedIn } from "../lib/session.ts";
import { t } from "../lib/text.ts";
import type { Wallet } from "../lib/wallet.ts";
import { app, meOrJoin } from "./me.ts";
import { show } from "./part.ts";

export async function mine(): Promise<void> {
  const wallet = await meOrJoin();
  await list(wallet);
}

async function list(wallet: Wallet): Promise<void> {
  await loggedIn(wallet, () => show(app("/own/activities"), find("#part")));
  for (const button of document.querySelectorAll<HTMLButtonElement>("[data-cancel]")) {
    onPress(
      button,
      async () => {
        await loggedIn(wallet, () => ask("DELETE", `/v1/activities/${button.dataset["cancel"]}/sign-ups/mine`));
        await list(wallet);
        say(t("You have given your place back. Somebody else can have it now."), "ok");
      },
      (error) => void sayError(error),
    );
  }
}
