// SPDX-License-Identifier: EUPL-1.2
// What went wrong with a wallet, in words; everything else is told as on all pages.

import { say, sayError } from "../lib/announce.ts";
import { find } from "../lib/dom.ts";
import { t } from "../lib/text.ts";
import { Declined, OtherPlace, WalletRefused } from "./provider.ts";

/** The chain did not do it, and why. */
export class NotDone extends Error {}

export async function tell(error: unknown): Promise<void> {
  const text = words(error);
  if (text) {
    say(text, "error");
  } else {
    await sayError(error);
  }
  find("#status").scrollIntoView({ block: "center" });
}

function words(error: unknown): string | undefined {
  if (error instanceof Declined) {
    return t("You did not confirm it in your signing program. Nothing has happened. Try again when you like.");
  }
  if (error instanceof OtherPlace && error.message === "account") {
    return t("Another account is open in your signing program. Choose the account you logged in with there, and try again.");
  }
  if (error instanceof OtherPlace) {
    return t("Your signing program does not know the chain of this city. Ask the administrator for its settings.");
  }
  if (error instanceof WalletRefused) {
    return t("Your signing program refused: {reason} Nothing has happened.", { reason: error.message });
  }
  return error instanceof NotDone ? error.message : undefined;
}
