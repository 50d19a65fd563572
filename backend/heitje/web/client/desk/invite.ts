// SPDX-License-Identifier: EUPL-1.2
// At the counter: makes a code, shows it large and as a QR code, and waits until the new phone has used it.

import { ask, get } from "../lib/api.ts";
import { el, find, maybe } from "../lib/dom.ts";
import { drawn } from "../lib/qr.ts";
import { language, t } from "../lib/text.ts";
import { bodyOf } from "./forms.ts";
import { tell } from "./tell.ts";

interface Invitation {
  id: string;
  code: string;
  number: number;
  state: string;
}

const LOOK_EVERY = 1500;

export function onInvite(): void {
  const form = maybe<HTMLFormElement>("form#invite");
  form?.addEventListener("submit", (event) => {
    event.preventDefault();
    void invite(form).catch(tell);
  });
}

async function invite(form: HTMLFormElement): Promise<void> {
  const { body } = await ask<Invitation>("POST", "/v1/invitations", bodyOf(form));
  form.hidden = true;
  const link = new URL(`/${language}/app/join`, location.origin);
  link.hash = `code=${body.code}`;
  find("#code").replaceChildren(
    el("p", { class: "utrecht-paragraph" }, t("Give this code to the member. It works once, on one phone.")),
    el("p", { class: "heitje-code" }, body.code),
    drawn(link.href, t("QR code that opens the app with this code")),
    el("p", { role: "status", id: "waits" }, t("Waiting for the new phone …")),
  );
  await accepted(body.id, form.dataset["next"] ?? "");
}

async function accepted(id: string, next: string): Promise<void> {
  for (;;) {
    const { items } = await get<{ items: Invitation[] }>("/v1/invitations?state=accepted&limit=200");
    if (items.some((one) => one.id === id)) {
      location.assign(next);
      return;
    }
    await new Promise((again) => setTimeout(again, LOOK_EVERY));
  }
}
