// SPDX-License-Identifier: EUPL-1.2
// The description of an activity: the chain has its hash only. Whoever opens an activity keeps the words in the browser
// until the chain knows it, which can be days later, and the page of activities brings them then.

import { ask } from "../lib/api.ts";
import { keep, recall } from "../lib/store.ts";
import { told } from "../lib/text.ts";

const KEPT = "desk descriptions";

type Descriptions = Record<string, unknown>;

interface Unpublished {
  id: number;
  description: string;
}

/** Remembers the words behind a hash. */
export async function remember(hash: string, description: unknown): Promise<void> {
  const kept = (await recall<Descriptions>(KEPT)) ?? {};
  await keep(KEPT, { ...kept, [hash]: description });
}

/** Brings the words of every activity that lacks them, and that was opened in this browser. */
export async function onUnpublished(): Promise<void> {
  if (!document.getElementById("unpublished")) {
    return;
  }
  const kept = (await recall<Descriptions>(KEPT)) ?? {};
  const found = told<Unpublished[]>("unpublished").filter((one) => kept[one.description] !== undefined);
  for (const one of found) {
    await ask("PUT", `/v1/activities/${one.id}/description`, kept[one.description]);
    delete kept[one.description];
    await keep(KEPT, kept);
  }
  if (found.length > 0) {
    location.reload();
  }
}
