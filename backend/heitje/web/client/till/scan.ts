// SPDX-License-Identifier: EUPL-1.2
// Codes of customers without connection: looked at here, handed in as soon as that is possible.

import { explanation } from "../lib/api.ts";
import { sayError, say } from "../lib/announce.ts";
import { el, find, onPress } from "../lib/dom.ts";
import { moment, money } from "../lib/money.ts";
import { scan } from "../lib/qr.ts";
import { t } from "../lib/text.ts";
import { parseVoucher, type Voucher } from "../lib/voucher.ts";
import type { Ask } from "./ask.ts";
import { receiptCode } from "./books.ts";
import { digestOf, isGenuine } from "./check.ts";
import { showPaid } from "./paid.ts";
import { settings } from "./settings.ts";
import type { Shop } from "./shop.ts";
import { wakeSound } from "./sound.ts";
import { advance, again, allKept, atRisk, isBeyond, keepVoucher, type Kept, leave, tidy } from "./vouchers.ts";

/** Milliseconds between two tries to hand in what is kept. */
const TRIES = 3_000;
/** Seconds that a code must still be good for. */
const SPARE = 5;

export class Scan {
  private stop: (() => void) | undefined;
  private chosen: Voucher | undefined;
  private busy = false;

  constructor(
    private readonly shop: Shop,
    private readonly ask: Ask,
  ) {
    const result = find("#scan-result");
    const failed = (error: unknown): void => void sayError(error, result);
    onPress(find("#scan-start"), () => this.begin(), failed);
    find("#scan-stop").addEventListener("click", () => this.end());
    find("#scan-typed").addEventListener("submit", (event) => {
      event.preventDefault();
      const field = find<HTMLTextAreaElement>("#scan-text");
      this.read(field.value).catch(failed);
      field.value = "";
    });
    onPress(find("#scan-take"), () => this.choose(true), failed);
    onPress(find("#scan-leave"), () => this.choose(false), failed);
    onPress(find("#kept-tidy"), () => tidy(shop.address).then(() => this.showAll()), failed);
    addEventListener("online", () => void this.sendAll());
    shop.books.onLook(() => void this.sendAll());
    setInterval(() => void this.sendAll(), TRIES);
  }

  /** When the view is opened. */
  open(): void {
    const { asked } = this.ask;
    find("#scan-asked").textContent = asked ? t("You ask {amount}.", { amount: money(asked.cents) }) : "";
    void this.showAll();
  }

  /** When it is left. */
  end(): void {
    this.stop?.();
    this.stop = undefined;
    find("#scan-video").hidden = true;
    find("#scan-stop").hidden = true;
    find("#scan-start").hidden = false;
  }

  private async begin(): Promise<void> {
    wakeSound();
    find("#scan-result").replaceChildren();
    const video = find<HTMLVideoElement>("#scan-video");
    video.hidden = false;
    try {
      this.stop = await scan(video, (text) => {
        this.end();
        this.read(text).catch((error: unknown) => void sayError(error, find("#scan-result")));
      });
    } catch (error) {
      this.end();
      throw error;
    }
    find("#scan-start").hidden = true;
    find("#scan-stop").hidden = false;
  }

  /** Looks at what was scanned or typed. Nothing is kept or sent unless it can be paid to this shop. */
  private async read(text: string): Promise<void> {
    const result = find("#scan-result");
    find("#scan-choice").hidden = true;
    const voucher = parseVoucher(text);
    const flaw = voucher ? await this.flawOf(voucher) : t("This is not a customer's code. Nothing was paid. Ask the customer to show the code for the till, and hold it still.");
    if (voucher === undefined || flaw) {
      say(flaw ?? "", "error", result);
      return;
    }
    const known = (await allKept(this.shop.address)).find((one) => one.digest === digestOf(voucher));
    if (known && known.state !== "left") {
      const text = t("This code was read before: {state}. It counts once.", { state: wordsOf(known, this.shop.now()) });
      say(text, known.state === "paid" ? "info" : "error", result);
      return;
    }
    const { asked } = this.ask;
    if (asked && asked.cents !== voucher.cents) {
      this.chosen = voucher;
      find("#scan-choice").hidden = false;
      say(
        t("This code is for {paid}, and you asked {asked}. Nothing was paid yet.", {
          paid: money(voucher.cents),
          asked: money(asked.cents),
        }),
        "error",
        result,
      );
      return;
    }
    await this.take(voucher);
  }

  private async flawOf(voucher: Voucher): Promise<string> {
    if (voucher.to !== this.shop.address) {
      return t("This code is for another shop. Nothing was paid. Ask the customer to scan the code of this till.");
    }
    if (voucher.validBefore <= this.shop.now() + SPARE) {
      return t("This code is too old. Nothing was paid. Ask the customer to make a new one. Does that not help? Look whether the clock of this device is right.");
    }
    if (!this.shop.takesPayments) {
      return t("Customers cannot pay here any more. Nothing was paid.");
    }
    if (!this.shop.books.reachable && !(await isGenuine(voucher))) {
      return t("This code is not genuine: the customer's phone did not confirm it. Nothing was paid. Hand nothing over, and ask for another way to pay.");
    }
    return "";
  }

  private async choose(take: boolean): Promise<void> {
    const voucher = this.chosen;
    this.chosen = undefined;
    find("#scan-choice").hidden = true;
    find("#scan-result").replaceChildren();
    if (voucher && take) {
      await this.take(voucher);
    } else {
      say(t("The code was not taken. Nothing was paid."), "info", find("#scan-result"));
    }
  }

  private async take(voucher: Voucher): Promise<void> {
    const { books } = this.shop;
    // With a connection the service judges the signature, which may be one that only the chain can check.
    const beyond = isBeyond(await allKept(this.shop.address), voucher.cents) || !(await isGenuine(voucher));
    if (beyond && !books.reachable) {
      say(this.tooMuch(voucher.cents), "error", find("#scan-result"));
      return;
    }
    const one = await keepVoucher(voucher, beyond);
    say(t("{amount} received, not paid yet. Wait a moment.", { amount: money(voucher.cents) }), "info", find("#scan-result"));
    this.tell(await advance(one));
    await books.look();
    await this.showAll();
  }

  private tooMuch(cents: number): string {
    return t(
      "{amount} is more than this till may take without connection ({each} for one code, {all} together). The code was not taken and nothing was paid. Ask for less or for another way to pay, or wait for the connection.",
      { amount: money(cents), each: money(settings().each), all: money(settings().all) },
    );
  }

  /** Says how a code stands that has just been read, or has just changed. */
  private tell(one: Kept): void {
    const place = find("#scan-result");
    const amount = money(one.voucher.cents);
    if (one.state === "paid") {
      place.replaceChildren();
      showPaid(this.shop.address, one.voucher.cents, [one.digest], []);
    } else if (one.state === "failed") {
      void this.tellFailed(one, place);
    } else if (one.state === "kept" && one.beyond) {
      say(t("{amount} is not paid yet, and this till may not take it without connection. Hand nothing over before it says paid.", { amount }), "error", place);
    } else if (one.state === "kept") {
      const until = moment(one.voucher.validBefore);
      say(t("Not paid yet: {amount}. You bear the risk until this till has a connection again, and after {until} the code is worth nothing. The till hands it in by itself.", { amount, until }), "error", place);
    }
  }

  private async tellFailed(one: Kept, place: Element): Promise<void> {
    const box = el("div", { class: "heitje-message heitje-message--error" });
    const amount = money(one.voucher.cents);
    box.append(el("p", {}, t("{amount} was not paid.", { amount })));
    const why = el("div");
    if (one.code) {
      why.innerHTML = await explanation(one.code).catch(() => ""); // our own server's page about one of its own codes
    }
    box.append(why);
    place.replaceChildren(box);
  }

  /** Hands in what is kept, and looks what became of what was handed in. */
  async sendAll(): Promise<void> {
    if (this.busy) {
      return;
    }
    this.busy = true;
    try {
      for (const one of await allKept(this.shop.address)) {
        if (one.state !== "kept" && one.state !== "sent") {
          continue;
        }
        const next = await advance(one);
        if (next.state !== one.state) {
          this.tell(next);
          await this.showAll();
        }
      }
    } finally {
      this.busy = false;
    }
  }

  private async showAll(): Promise<void> {
    const kept = await allKept(this.shop.address);
    const risk = atRisk(kept);
    find("#kept-risk").textContent = risk
      ? t("Not paid yet: {amount}. At most {all} together.", { amount: money(risk), all: money(settings().all) })
      : t("No code waits to be handed in.");
    find("#kept-tidy").hidden = !kept.some((one) => one.state !== "kept" && one.state !== "sent");
    find("#kept").replaceChildren(...kept.map((one) => this.row(one)));
  }

  private row(one: Kept): HTMLElement {
    const row = el(
      "li",
      { class: "till-row" },
      el("span", {}, moment(one.at / 1000)),
      el("strong", { class: "heitje-amount" }, money(one.voucher.cents)),
      el("span", { class: "heitje-state" }, wordsOf(one, this.shop.now())),
      el("span", { class: "heitje-quiet" }, receiptCode(one.digest)),
    );
    const failed = (error: unknown): void => void sayError(error, find("#scan-result"));
    if (one.state === "failed" && one.voucher.validBefore > this.shop.now()) {
      row.append(this.button(t("Try again"), () => again(one).then((next) => this.tell(next)), failed));
    } else if (one.state === "kept" && one.beyond) {
      row.append(this.button(t("Do not take it"), () => leave(one), failed));
    }
    return row;
  }

  private button(text: string, act: () => Promise<void>, failed: (error: unknown) => void): HTMLButtonElement {
    const button = el("button", { type: "button", class: "utrecht-button utrecht-button--secondary-action" }, text);
    onPress(button, () => act().then(() => this.showAll()), failed);
    return button;
  }
}

function wordsOf(one: Kept, now: number): string {
  switch (one.state) {
    case "kept":
      return one.voucher.validBefore > now ? t("kept here, not paid yet") : t("too old; not paid, as far as this till knows");
    case "sent":
      return t("under way, not paid yet");
    case "paid":
      return t("paid");
    case "left":
      return t("not taken");
    default:
      return t("failed, nothing was paid");
  }
}
