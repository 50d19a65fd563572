// SPDX-License-Identifier: EUPL-1.2
// One activity: taking a place, giving it back, and handing in what one did.

import { ask, get, ProblemError } from "../lib/api.ts";
import { say, sayError } from "../lib/announce.ts";
import { find, maybe, onPress } from "../lib/dom.ts";
import { loggedIn } from "../lib/session.ts";
import { t } from "../lib/text.ts";
import { type Wallet, walletOf } from "../lib/wallet.ts";
import { app } from "./me.ts";
import { smaller } from "./photo.ts";

interface Mine {
  items: { activity: number }[];
}

interface Claim {
  id: string;
}

export async function activity(): Promise<void> {
  const wallet = await walletOf("app");
  find("#stranger").hidden = wallet !== undefined;
  if (!wallet) {
    return;
  }
  const id = Number(find("#activity").dataset["activity"]);
  const claim = maybe<HTMLFormElement>("#claim");
  if (claim) {
    claim.hidden = false;
    onPress(find("#hand-in"), () => handIn(wallet, id, claim), fail);
  } else {
    prepareSignUp(wallet, id);
  }
}

function fail(error: unknown): void {
  void sayError(error);
}

function prepareSignUp(wallet: Wallet, id: number): void {
  const [come, cancel] = [find<HTMLButtonElement>("#sign-up"), find<HTMLButtonElement>("#cancel")];
  const show = (signedUp: boolean): void => {
    come.hidden = signedUp;
    cancel.hidden = !signedUp;
  };
  show(false);
  onPress(come, async () => {
    await loggedIn(wallet, () => ask("POST", `/v1/activities/${id}/sign-ups`)).catch((error: unknown) => {
      if (!(error instanceof ProblemError && error.code === "already_signed_up")) {
        throw error;
      }
    });
    show(true);
    say(t("You have a place. It is in your list under More, What I signed up for."), "ok");
  }, fail);
  onPress(cancel, async () => {
    await loggedIn(wallet, () => ask("DELETE", `/v1/activities/${id}/sign-ups/mine`));
    show(false);
    say(t("You have given your place back. Somebody else can have it now."), "ok");
  }, fail);
  // Only with a session that is there already: nobody is asked for a finger just to look.
  get<{ address: string }>("/v1/sessions/current")
    .then(async (who) => {
      if (who.address === wallet.address) {
        const mine = await get<Mine>("/v1/sign-ups?limit=200");
        show(mine.items.some((one) => one.activity === id));
      }
    })
    .catch(() => undefined);
}

async function handIn(wallet: Wallet, id: number, form: HTMLFormElement): Promise<void> {
  if (!form.reportValidity()) {
    return;
  }
  const minutes = Number(find<HTMLInputElement>("#minutes").value);
  const note = find<HTMLTextAreaElement>("#note").value;
  const file = find<HTMLInputElement>("#photo").files?.[0];
  const photo = file && (await smaller(file));
  const claim = await loggedIn(wallet, () => ask<Claim>("POST", `/v1/activities/${id}/claims`, { minutes, note }));
  if (photo) {
    await putPhoto(claim.body.id, photo);
  }
  form.hidden = true;
  say(t("Handed in. Somebody of the organisation looks at it. You can follow it under What I signed up for."), "ok");
  find("#handed-in").hidden = false;
  find<HTMLAnchorElement>("#handed-in a").href = app("/mine");
}

/** Adds a photo to what was handed in. */
export async function putPhoto(claim: string, photo: Blob): Promise<void> {
  const response = await fetch(`/v1/claims/${claim}/photo`, { method: "PUT", body: photo, headers: { "content-type": photo.type } });
  if (!response.ok) {
    const { code, title, detail } = (await response.json()) as { code: string; title: string; detail: string };
    throw new ProblemError(code, title, detail, response.status);
  }
}
