// SPDX-License-Identifier: EUPL-1.2
// The demo's page of people: puts somebody's demo key into this browser and opens their page.

import { get } from "./lib/api.ts";
import { sayError } from "./lib/announce.ts";
import { el, find, onPress } from "./lib/dom.ts";
import { keep } from "./lib/store.ts";
import { language } from "./lib/text.ts";
import { put, type Slot } from "./lib/wallet.ts";

interface Person {
  name: string;
  role: string;
  member: number | null;
  address: string;
  privateKey: string;
}

const { people } = await get<{ people: Person[] }>("/demo/people");
for (const person of people) {
  const slot: Slot | undefined = person.role === "resident" ? "app" : person.role === "merchant" ? "till" : undefined;
  const role = slot ? "" : ` (${person.role})`;
  const button = el("button", { class: "utrecht-button utrecht-button--secondary-action", type: "button" }, person.name + role);
  onPress(button, () => become(person, slot), (error) => void sayError(error));
  find(slot === "app" ? "#residents" : slot === "till" ? "#merchants" : "#officials").append(button);
}

async function become(person: Person, slot: Slot | undefined): Promise<void> {
  if (slot) {
    await put(slot, { kind: "demo", address: person.address, secret: person.privateKey });
  } else {
    await keep("demo official", { address: person.address, secret: person.privateKey, name: person.name });
  }
  location.assign(`/${language}/${slot ?? "desk"}`);
}
