// SPDX-License-Identifier: EUPL-1.2
// The residents' app: one script for all its pages.

import { sayError } from "./lib/announce.ts";
import { find, maybe } from "./lib/dom.ts";
import { app } from "./app/me.ts";

type Screen = () => Promise<void>;

const SCREENS: { [name: string]: () => Promise<Screen> } = {
  home: async () => (await import("./app/home.ts")).home,
  join: async () => (await import("./app/join.ts")).join,
  pay: async () => (await import("./app/pay.ts")).pay,
  vouchers: async () => (await import("./app/vouchers.ts")).vouchers,
  activities: async () => (await import("./app/activities.ts")).activities,
  activity: async () => (await import("./app/activity.ts")).activity,
  mine: async () => (await import("./app/mine.ts")).mine,
  history: async () => (await import("./app/history.ts")).history,
  receipt: async () => (await import("./app/history.ts")).receipt,
  complaint: async () => (await import("./app/complaint.ts")).complaint,
  more: async () => (await import("./app/more.ts")).more,
};

function showConnection(): void {
  const notice = maybe("#offline");
  if (notice) {
    notice.hidden = navigator.onLine;
  }
}

/** Keeps the app on the phone, so that it opens without a connection. */
async function keepOnPhone(): Promise<void> {
  if (!("serviceWorker" in navigator)) {
    return;
  }
  const registration = await navigator.serviceWorker.register("/worker.js", { scope: app() });
  await navigator.serviceWorker.ready;
  registration.active?.postMessage("renew");
}

// What a till asks for stands behind the address: it must not be lost when somebody changes the language.
for (const link of document.querySelectorAll<HTMLAnchorElement>("a[hreflang]")) {
  link.addEventListener("click", () => {
    link.search = location.search;
    link.hash = location.hash;
  });
}
window.addEventListener("online", showConnection);
window.addEventListener("offline", showConnection);
showConnection();
const screen = find("#screen");
try {
  const run = await SCREENS[screen.dataset["screen"] ?? ""]?.();
  await run?.();
} catch (error) {
  await sayError(error);
}
screen.dataset["ready"] = "";
await keepOnPhone().catch((error: unknown) => console.info("the app is not kept for when there is no connection:", error));
