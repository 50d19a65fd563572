// SPDX-License-Identifier: EUPL-1.2
// What a shop decides for one of its tills. It stays on the device.

import { keep, recall } from "../lib/store.ts";

export interface Settings {
  /** As customers see it; the shop's own word. */
  name: string;
  sound: boolean;
  /** Cents: at most for one code that was taken without connection, and for all of them together. */
  each: number;
  all: number;
}

const FIRST: Settings = { name: "", sound: true, each: 1_000, all: 5_000 };

let known: Settings = FIRST;

export const settings = (): Settings => known;

export async function loadSettings(address: string): Promise<void> {
  known = { ...FIRST, ...(await recall<Partial<Settings>>(`settings of till ${address}`)) };
}

export async function keepSettings(address: string, changed: Partial<Settings>): Promise<void> {
  known = { ...known, ...changed };
  await keep(`settings of till ${address}`, known);
}
