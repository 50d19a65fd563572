// SPDX-License-Identifier: EUPL-1.2
// The service, asked as anybody may ask it.

import { toHex } from "./bytes.ts";
import { random } from "./bytes.ts";
import { learn } from "./clock.ts";
import { t } from "./text.ts";

/** The service's no (RFC 9457). `title`, `money` and `next` are in the reader's language where the service knows it. */
export class ProblemError extends Error {
  constructor(
    readonly code: string,
    readonly title: string,
    readonly detail: string,
    readonly status: number,
  ) {
    super(`${title} ${detail}`);
  }
}

/** No answer came. Whether the request arrived is not known: the same one, with the same key, can be made again. */
export class Unreachable extends Error {}

export interface Options {
  /** Makes a repeated request the same request. */
  key?: string;
  /** Seconds to wait for the end of what is asked for. */
  wait?: number;
  /** Seconds after which it counts as unanswered. */
  within?: number;
}

export interface Reply<T> {
  status: number;
  body: T;
  location: string | null;
}

export async function ask<T>(method: string, path: string, body?: unknown, options: Options = {}): Promise<Reply<T>> {
  const headers = new Headers({ accept: "application/json" });
  if (body !== undefined) {
    headers.set("content-type", "application/json");
  }
  if (options.key !== undefined) {
    headers.set("idempotency-key", options.key);
  }
  if (options.wait !== undefined) {
    headers.set("prefer", `wait=${options.wait}`);
  }
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(1000 * (options.within ?? (options.wait ?? 0) + 15)),
    });
    text = await response.text();
    learn(response.headers.get("date"));
  } catch {
    throw new Unreachable(t("There is no connection to the service."));
  }
  const isJson = (response.headers.get("content-type") ?? "").includes("json");
  const answer: unknown = isJson && text ? JSON.parse(text) : text;
  if (!response.ok) {
    throw problem(response.status, answer);
  }
  return { status: response.status, body: answer as T, location: response.headers.get("location") };
}

export async function get<T>(path: string): Promise<T> {
  return (await ask<T>("GET", path)).body;
}

/** A new key for a request that moves something. */
export function newKey(): string {
  return toHex(random(16)).slice(2);
}

function problem(status: number, answer: unknown): Error {
  if (typeof answer === "object" && answer !== null && "code" in answer) {
    const { code, title, detail } = answer as { code: string; title: string; detail: string };
    return new ProblemError(code, title, detail, status);
  }
  // Something between us and the service answered.
  return new Unreachable(t("There is no connection to the service."));
}

/** The page about a problem, in the reader's language, as HTML of our own server. */
export async function explanation(code: string): Promise<string> {
  const response = await fetch(`/${document.documentElement.lang}/problem/${encodeURIComponent(code)}?part`);
  return response.ok ? response.text() : "";
}
