// SPDX-License-Identifier: EUPL-1.2
// The city, as every page tells it.

import type { Domain } from "./digests.ts";
import { told } from "./text.ts";

export interface City {
  name: string;
  chainId: number;
  contracts: { authority: string; token: string; registry: string; desk: string };
  domains: { token: Domain; registry: Domain; desk: Domain };
  currency: string;
  timeZone: string;
  demo: boolean;
}

let known: City | undefined;

export function city(): City {
  known ??= told<City>("city");
  return known;
}
