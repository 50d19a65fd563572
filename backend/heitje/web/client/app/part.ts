// SPDX-License-Identifier: EUPL-1.2
// Parts of pages that our own server renders, put in their place.

import { ProblemError, Unreachable } from "../lib/api.ts";
import { t } from "../lib/text.ts";

/** When a part was kept, if it comes from what this phone keeps. */
export const KEPT = "heitje-kept";

export interface Part {
  html: string;
  /** The moment it was kept (RFC 3339), if it did not come from the service now. */
  kept: string | null;
}

export async function fetchPart(path: string): Promise<Part> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, { headers: { accept: "text/html" }, signal: AbortSignal.timeout(15_000) });
    text = await response.text();
  } catch {
    throw new Unreachable(t("There is no connection to the service."));
  }
  if (!response.ok) {
    const code = response.headers.get("heitje-problem");
    if (code === null) {
      throw new Unreachable(t("There is no connection to the service."));
    }
    throw new ProblemError(code, "", "", response.status);
  }
  return { html: text, kept: response.headers.get(KEPT) };
}

/** Shows a part; says when it is one from before. */
export async function show(path: string, place: Element): Promise<Part> {
  const part = await fetchPart(path);
  place.innerHTML = part.html; // of our own server, which escapes whatever others wrote
  return part;
}
