// SPDX-License-Identifier: EUPL-1.2
// Joining with a code of the counter, or taking a lost phone's place: a key for this phone, then waiting for the counter.

import { ask, get, ProblemError, Unreachable } from "../lib/api.ts";
import { say, sayError } from "../lib/announce.ts";
import { toHex, utf8 } from "../lib/bytes.ts";
import { city } from "../lib/city.ts";
import { digest } from "../lib/digests.ts";
import { find, onPress } from "../lib/dom.ts";
import { Refused } from "../lib/refusals.ts";
import { forget, keep, persist, recall } from "../lib/store.ts";
import { t } from "../lib/text.ts";
import { canMakePasskey, makeDeviceKey, makePasskey, put, type Record_, sha256, signed, type Wallet, walletOf } from "../lib/wallet.ts";
import { pause } from "./sending.ts";

const STEPS = ["code", "key", "wait", "joined"] as const;
const LETTERS = /^[A-HJ-KM-NP-Z2-9]{16}$/;
/** Milliseconds between two looks at whether the counter has opened the account. */
const EVERY = 3_000;
const ACCEPTED = "accepted invitation";

interface Acceptance {
  kind: "join" | "replacement";
  account: string;
}

let code = "";

export async function join(): Promise<void> {
  const wallet = await walletOf("app");
  if (wallet && (await hasAccount(wallet.address))) {
    go("joined");
    return;
  }
  const accepted = await recall<Acceptance>(ACCEPTED);
  if (wallet && accepted?.account === wallet.address) {
    await wait(wallet, accepted.kind);
    return;
  }
  go("code");
  const field = find<HTMLInputElement>("#code");
  const given = new URLSearchParams(location.hash.slice(1)).get("code");
  if (given) {
    field.value = given;
    // A code is for one phone: it does not stay in the address, which others may see.
    window.history.replaceState(null, "", location.pathname);
  }
  find<HTMLFormElement>("#code-form").addEventListener("submit", (event) => {
    event.preventDefault();
    void takeCode(field.value).catch(sayError);
  });
  onPress(find("#make-passkey"), () => makeKey("passkey"), notMade);
  onPress(find("#make-device"), () => makeKey("device"), (error) => void sayError(error));
}

function go(step: (typeof STEPS)[number]): void {
  for (const each of STEPS) {
    find(`#step-${each}`).hidden = each !== step;
  }
}

async function hasAccount(address: string): Promise<boolean> {
  try {
    await get(`/v1/accounts/${address}`);
    return true;
  } catch (error) {
    if (error instanceof ProblemError && error.code === "not_found") {
      return false;
    }
    throw error;
  }
}

async function takeCode(text: string): Promise<void> {
  code = text.toUpperCase().replace(/[^A-Z0-9]/g, "");
  const whole = LETTERS.test(code);
  find("#code-error").hidden = whole;
  const field = find<HTMLInputElement>("#code");
  field.toggleAttribute("aria-invalid", !whole);
  if (!whole) {
    field.focus();
    return;
  }
  find("#status").replaceChildren();
  const wallet = await walletOf("app");
  if (wallet) {
    // A key was made before, and the code did not work then: one key is enough.
    await accept(wallet);
    return;
  }
  const able = await canMakePasskey();
  find("#with-passkey").hidden = !able;
  find("#with-device").hidden = able;
  go("key");
}

async function makeKey(kind: "passkey" | "device"): Promise<void> {
  const made: Record_ = kind === "passkey" ? await makePasskey(city().name) : await makeDeviceKey();
  await persist();
  await accept(await put("app", made));
}

/** The phone did not make a key. It can be tried again, or done without. */
function notMade(error: unknown): void {
  if (error instanceof Refused) {
    say(t("Your phone did not make a key: you stopped it, or it took too long. Nothing has happened and your code is still good. Try again, or use this browser."), "error");
    find("#with-device").hidden = false;
  } else {
    void sayError(error);
  }
}

async function accept(wallet: Wallet): Promise<void> {
  const hash = toHex(await sha256(utf8(code)));
  const signature = await signed(wallet, digest(city().domains.token, "Join", { account: wallet.address, code: hash }));
  try {
    const answer = await ask<Acceptance>("POST", "/v1/invitations/acceptance", { code, address: wallet.address, signature });
    await keep(ACCEPTED, answer.body);
    await wait(wallet, answer.body.kind);
  } catch (error) {
    go("code");
    throw error;
  }
}

async function wait(wallet: Wallet, kind: Acceptance["kind"]): Promise<void> {
  go("wait");
  find("#waiting-join").hidden = kind !== "join";
  find("#waiting-replacement").hidden = kind !== "replacement";
  say(kind === "join" ? t("The counter is opening your account.") : t("The change to this phone has been asked for."));
  for (;;) {
    try {
      if (await hasAccount(wallet.address)) {
        break;
      }
    } catch (error) {
      // Without a connection it goes on when there is one.
      if (!(error instanceof Unreachable)) {
        throw error;
      }
    }
    await pause(EVERY);
  }
  await forget(ACCEPTED);
  find("#status").replaceChildren();
  go("joined");
}
