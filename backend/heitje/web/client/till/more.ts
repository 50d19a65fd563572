// SPDX-License-Identifier: EUPL-1.2
// What a shop decides for this till, and the way to open another one.

import { say, sayError } from "../lib/announce.ts";
import { el, find } from "../lib/dom.ts";
import { parseCents, typed } from "../lib/money.ts";
import { drawn } from "../lib/qr.ts";
import { language, t } from "../lib/text.ts";
import { keepSettings, settings } from "./settings.ts";
import type { Shop } from "./shop.ts";

const field = (id: string): HTMLInputElement => find<HTMLInputElement>(id);

export class More {
  constructor(
    private readonly shop: Shop,
    private readonly changed: () => void,
  ) {
    find("#settings").addEventListener("submit", (event) => {
      event.preventDefault();
      this.keep().catch((error: unknown) => void sayError(error, find("#settings-status")));
    });
  }

  open(): void {
    const { name, sound, each, all } = settings();
    field("#name").value = name;
    field("#sound").checked = sound;
    field("#limit-each").value = typed(each);
    field("#limit-all").value = typed(all);
    find("#settings-status").replaceChildren();
    this.showSecond();
  }

  private async keep(): Promise<void> {
    const place = find("#settings-status");
    const [each, all] = ["#limit-each", "#limit-all"].map((id) => limit(field(id).value));
    if (each === undefined || all === undefined || each > all) {
      say(t("Write both limits in euros; for one code not more than for all together. Zero takes none. Nothing was changed."), "error", place);
      return;
    }
    await keepSettings(this.shop.address, { name: field("#name").value.trim(), sound: field("#sound").checked, each, all });
    this.changed();
    this.showSecond();
    say(t("Kept."), "ok", place);
  }

  private showSecond(): void {
    const name = encodeURIComponent(settings().name);
    const link = `${location.origin}/${language}/till/${this.shop.address}${name ? `#name=${name}` : ""}`;
    const anchor = find<HTMLAnchorElement>("#second-link");
    anchor.href = link;
    anchor.textContent = link;
    find("#second").replaceChildren(el("div", {}, drawn(link, t("Code that opens another till of this shop"))));
  }
}

function limit(text: string): number | undefined {
  return /^\s*0+([.,]0{0,2})?\s*$/.test(text) ? 0 : parseCents(text);
}
