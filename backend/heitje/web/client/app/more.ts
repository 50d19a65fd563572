// SPDX-License-Identifier: EUPL-1.2
// What is on this phone, and installing the app.

import { find } from "../lib/dom.ts";
import { walletOf } from "../lib/wallet.ts";

interface InstallPrompt extends Event {
  prompt(): Promise<unknown>;
}

export async function more(): Promise<void> {
  const wallet = await walletOf("app");
  find(`#key-${wallet?.kind ?? "none"}`).hidden = false;
  find("#key-account").hidden = wallet === undefined;
  find("#account").textContent = wallet?.address ?? "";
  window.addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    find("#install").hidden = false;
    find("#install-button").addEventListener("click", () => void (event as InstallPrompt).prompt(), { once: true });
  });
}
