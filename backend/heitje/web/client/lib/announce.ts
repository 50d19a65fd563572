// SPDX-License-Identifier: EUPL-1.2
// Tells people what happened: seen, and heard by a screen reader.

import { explanation, ProblemError, Unreachable } from "./api.ts";
import { el, find } from "./dom.ts";
import { NoCamera, Refused } from "./refusals.ts";
import { t } from "./text.ts";

/** Shows a message in the page's status place (role=status), or in `place`. */
export function say(text: string, tone: "info" | "ok" | "error" = "info", place = find("#status")): void {
  place.replaceChildren(el("p", { class: `heitje-message heitje-message--${tone}` }, text));
}

/** Shows what went wrong, what it means for the money, and what to do next. */
export async function sayError(error: unknown, place = find("#status")): Promise<void> {
  const box = el("div", { class: "heitje-message heitje-message--error" });
  place.replaceChildren(box);
  if (error instanceof ProblemError) {
    box.innerHTML = await explanation(error.code); // our own server's page about one of its own codes
    if (!box.hasChildNodes()) {
      box.append(el("p", {}, `${error.title} ${error.detail}`));
    }
    return;
  }
  if (error instanceof Unreachable) {
    box.append(el("p", {}, error.message), el("p", {}, t("Look at your connection and try again. Nothing is done twice.")));
  } else if (error instanceof Refused) {
    box.append(el("p", {}, t("You did not confirm with your phone. Nothing has happened. Try again when you like.")));
  } else if (error instanceof NoCamera) {
    box.append(el("p", {}, t("The camera cannot be used. Allow it in your browser's settings, or type the code.")));
  } else {
    console.error(error);
    box.append(el("p", {}, t("Something went wrong on this page. Load it again. Nothing is done twice.")));
  }
}
