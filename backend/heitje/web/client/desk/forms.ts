// SPDX-License-Identifier: EUPL-1.2
// Forms whose answer needs no signature, only the session: they are sent as JSON, and the page is loaded anew.

import { ask } from "../lib/api.ts";
import { find } from "../lib/dom.ts";
import { tell } from "./tell.ts";

export function onForms(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-json]")) {
    let busy = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      if (!busy) {
        busy = true;
        void submit(form, event.submitter).finally(() => (busy = false));
      }
    });
  }
}

async function submit(form: HTMLFormElement, submitter: HTMLElement | null): Promise<void> {
  try {
    await ask("POST", form.dataset["json"] ?? "", bodyOf(form, submitter));
    location.assign(form.dataset["next"] ?? location.pathname);
  } catch (error) {
    await tell(error);
  }
}

/** What is filled in; numbers as numbers, where the form says so. */
export function bodyOf(form: HTMLFormElement, submitter: HTMLElement | null = null): Record<string, unknown> | undefined {
  const body: Record<string, unknown> = {};
  for (const [name, value] of new FormData(form, submitter)) {
    const input = form.elements.namedItem(name);
    const isNumber = input instanceof HTMLInputElement && input.type === "number";
    body[name] = isNumber || (input instanceof HTMLInputElement && input.dataset["kind"] === "number") ? Number(value) : value;
  }
  return Object.keys(body).length ? body : undefined;
}

/** Joins the ticked boxes of a list into the one field that the next page reads. */
export function onTicks(): void {
  for (const form of document.querySelectorAll<HTMLFormElement>("form[data-ticks]")) {
    const joined = find<HTMLInputElement>("input[data-joined]", form);
    form.addEventListener("submit", () => {
      const ticked = form.querySelectorAll<HTMLInputElement>("input[type=checkbox]:checked");
      joined.value = Array.from(ticked, (box) => box.value).join(form.dataset["ticks"] ?? ",");
    });
  }
}
