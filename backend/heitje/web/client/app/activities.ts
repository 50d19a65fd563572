// SPDX-License-Identifier: EUPL-1.2
// The list of activities: nearest first if somebody wants that, and where they are on a plain plan.

import { say } from "../lib/announce.ts";
import { el, find, onPress } from "../lib/dom.ts";
import { language, t } from "../lib/text.ts";

interface Place {
  item: HTMLElement;
  lat: number;
  lon: number;
}

const EARTH_KM = 6371;
const SIZE = 320;
const EDGE = 24;

export async function activities(): Promise<void> {
  const places = located();
  onPress(find("#near"), () => near(places), () => say(t("Your phone did not say where you are. Allow it in your browser's settings, or look through the list."), "error"));
  find("#near").hidden = places.length === 0;
  find("#plan-block").hidden = places.length === 0;
  draw(places);
}

function located(): Place[] {
  const items = [...document.querySelectorAll<HTMLElement>("[data-lat]")];
  return items.map((item) => ({ item, lat: Number(item.dataset["lat"]), lon: Number(item.dataset["lon"]) }));
}

/** Asks the phone where it is, only when its owner presses the button. The position stays on the phone. */
async function near(places: Place[]): Promise<void> {
  const { coords } = await new Promise<GeolocationPosition>((found, failed) =>
    navigator.geolocation.getCurrentPosition(found, failed, { timeout: 10_000, maximumAge: 60_000 }),
  );
  const sorted = places
    .map((place) => ({ place, km: distance(coords.latitude, coords.longitude, place.lat, place.lon) }))
    .sort((one, other) => one.km - other.km);
  const list = find("#list");
  for (const { place, km } of sorted.reverse()) {
    const shown = find("[data-distance]", place.item);
    shown.textContent = t("{distance} km from here", { distance: km.toLocaleString(language, { maximumFractionDigits: 1 }) });
    list.prepend(place.item);
  }
  say(t("The nearest activities come first. Where you are stays on your phone."), "ok");
  draw(places, { lat: coords.latitude, lon: coords.longitude });
}

/** Great-circle distance in km (haversine). */
function distance(lat1: number, lon1: number, lat2: number, lon2: number): number {
  const rad = Math.PI / 180;
  const a =
    Math.sin(((lat2 - lat1) * rad) / 2) ** 2 +
    Math.cos(lat1 * rad) * Math.cos(lat2 * rad) * Math.sin(((lon2 - lon1) * rad) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.sqrt(a));
}

/** A plan without streets: where the meeting points lie to each other. Numbers are those of the list. */
function draw(places: Place[], me?: { lat: number; lon: number }): void {
  const plan = find("#plan");
  const all = [...places, ...(me ? [me] : [])];
  const middle = all.reduce((sum, { lat }) => sum + lat, 0) / Math.max(all.length, 1);
  const narrow = Math.cos((middle * Math.PI) / 180);
  const xs = all.map(({ lon }) => lon * narrow);
  const ys = all.map(({ lat }) => -lat);
  const [left, top] = [Math.min(...xs), Math.min(...ys)];
  const width = Math.max(Math.max(...xs) - left, Math.max(...ys) - top, 0.002);
  const scale = (SIZE - 2 * EDGE) / width;
  plan.replaceChildren();
  all.forEach((_, at) => {
    const [x, y] = [EDGE + ((xs[at] ?? 0) - left) * scale, EDGE + ((ys[at] ?? 0) - top) * scale];
    const isMe = at === places.length;
    const dot = svg("circle", { cx: x, cy: y, r: isMe ? 6 : 14, class: isMe ? "heitje-plan__me" : "heitje-plan__dot" });
    const label = svg("text", { x, y: isMe ? y - 10 : y + 5, class: isMe ? "heitje-plan__mine" : "heitje-plan__number" });
    label.textContent = isMe ? t("You") : String(at + 1);
    plan.append(dot, label);
  });
  places.forEach(({ item }, at) => {
    const title = find(".heitje-number-on-plan", item);
    title.replaceChildren(el("span", { class: "heitje-unseen" }, t("On the plan:")), ` ${at + 1}`);
  });
}

function svg(name: "circle" | "text", attributes: Record<string, string | number>): SVGElement {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) {
    element.setAttribute(key, String(value));
  }
  return element;
}
