// SPDX-License-Identifier: EUPL-1.2
// The till. One page for all of it, so that what is open keeps working when the connection does not.

import { ProblemError } from "./lib/api.ts";
import { say, sayError } from "./lib/announce.ts";
import { city } from "./lib/city.ts";
import { el, find } from "./lib/dom.ts";
import { persist } from "./lib/store.ts";
import { language, t, told } from "./lib/text.ts";
import { type Wallet, walletOf } from "./lib/wallet.ts";
import { Ask } from "./till/ask.ts";
import { DayView } from "./till/day.ts";
import { Euros } from "./till/euros.ts";
import { More } from "./till/more.ts";
import { Scan } from "./till/scan.ts";
import { keepSettings, loadSettings, settings } from "./till/settings.ts";
import { Shop } from "./till/shop.ts";
import { isAwaited, start } from "./till/start.ts";

const VIEWS = ["ask", "scan", "day", "euros", "more"];
/** Milliseconds after which the account is looked at again: somebody may have blocked it. */
const ACCOUNT = 60_000;
/** Milliseconds between two looks at whether the municipality has opened the account. */
const WAITING = 5_000;

async function begin(): Promise<void> {
  const { address } = told<{ address: string | null }>("shop");
  const wallet = await walletOf("till");
  const owner = wallet && (address === null || wallet.address === address) ? wallet : undefined;
  const where = owner?.address ?? address;
  if (where === null) {
    start();
    return;
  }
  await openTill(where, owner);
}

async function openTill(address: string, wallet: Wallet | undefined): Promise<void> {
  await loadSettings(address);
  const given = new URLSearchParams(location.hash.slice(1)).get("name");
  if (given && !settings().name) {
    await keepSettings(address, { name: given.slice(0, 60) });
  }
  const shop = new Shop(address, wallet);
  if (!(await isThere(shop))) {
    return;
  }
  const views = new Views(shop);
  shop.books.onLook(() => showTroubles(shop));
  shop.books.begin();
  await views.begin();
  void persist();
  watch(shop);
}

/** Whether the city's books know this shop. Without a connection the till opens all the same. */
async function isThere(shop: Shop): Promise<boolean> {
  try {
    const account = await shop.load();
    if (account.class !== "resident") {
      return true;
    }
    shut(t("This is a resident's account and no shop's. Nothing was paid. Open the app instead."));
  } catch (error) {
    if (!(error instanceof ProblemError)) {
      shop.books.reachable = false;
      return true;
    }
    if (error.code !== "not_found") {
      find("#shut").hidden = false;
      await sayError(error);
    } else if (shop.wallet && (await isAwaited(shop.wallet))) {
      find("#waiting").hidden = false;
      setTimeout(() => location.reload(), WAITING);
    } else if (shop.wallet) {
      start(); // a key was made, and the code did not work then
    } else {
      shut(t("No shop of this city has this address. Nothing was paid. Scan the code on the shop's own till again."));
    }
  }
  return false;
}

function shut(why: string): void {
  find("#shut").hidden = false;
  say(why, "error");
}

class Views {
  private readonly ask: Ask;
  private readonly scan: Scan;
  private readonly day: DayView;
  private readonly euros: Euros;
  private readonly more: More;

  constructor(shop: Shop) {
    this.ask = new Ask(shop, (view) => this.goTo(view));
    this.scan = new Scan(shop, this.ask);
    this.day = new DayView(shop);
    this.euros = new Euros(shop);
    this.more = new More(shop, showName);
    addEventListener("hashchange", () => this.show());
  }

  async begin(): Promise<void> {
    showName();
    find("#views").hidden = false;
    await this.ask.restore();
    this.show();
  }

  goTo(view: string): void {
    if (location.hash === `#${view}`) {
      this.show();
    } else {
      location.hash = view;
    }
  }

  /** Shows what the address names; other fragments, such as the skip link's, change nothing. */
  private show(): void {
    const named = location.hash.slice(1);
    const isOpen = VIEWS.some((view) => !find(`#${view}`).hidden);
    if (!VIEWS.includes(named) && isOpen) {
      return;
    }
    const view = VIEWS.includes(named) ? named : "ask";
    for (const one of document.querySelectorAll<HTMLElement>("[data-view]")) {
      one.hidden = one.id !== view;
    }
    for (const link of document.querySelectorAll("#views a")) {
      link.toggleAttribute("aria-current", link.getAttribute("href") === `#${view}`);
    }
    this.scan.end();
    this.open(view);
  }

  private open(view: string): void {
    switch (view) {
      case "scan":
        this.scan.open();
        break;
      case "day":
        this.day.open();
        break;
      case "euros":
        void this.euros.open();
        break;
      case "more":
        this.more.open();
        break;
      default:
        find("#amount").focus({ preventScroll: true });
    }
  }
}

function showName(): void {
  find("#shop-name").textContent = settings().name || city().name;
}

/** What is the matter, as long as it is; said again only when it changes. */
function showTroubles(shop: Shop): void {
  const place = find("#trouble");
  const troubles = shop.troubles;
  const said = JSON.stringify(troubles);
  if (place.dataset["said"] !== said) {
    place.dataset["said"] = said;
    place.replaceChildren(...troubles.map((text) => el("p", { class: "heitje-message heitje-message--error" }, text)));
  }
}

function watch(shop: Shop): void {
  const look = async (): Promise<void> => {
    await shop.readClock();
    await shop.load();
    showTroubles(shop);
  };
  const quietly = (): void => void look().catch(() => undefined); // no connection: the books say so
  quietly();
  setInterval(quietly, ACCOUNT);
}

/** Keeps the till on this device, so that it opens without a connection: with what it has yet to hand in. */
async function keepOnDevice(): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    return;
  }
  const registration = await navigator.serviceWorker.register("/worker.js", { scope: `/${language}/till` });
  registration.active?.postMessage("renew");
  // The worker keeps what it is asked for, and the first one began after this page did.
  if (!navigator.serviceWorker.controller) {
    await new Promise((begun) => navigator.serviceWorker.addEventListener("controllerchange", begun, { once: true }));
  }
  await fetch(location.pathname);
}

begin()
  .catch((error: unknown) => void sayError(error))
  .then(keepOnDevice)
  .catch((error: unknown) => console.info("the till is not kept for when there is no connection:", error));
