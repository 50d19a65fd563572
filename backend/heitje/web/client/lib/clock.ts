// SPDX-License-Identifier: EUPL-1.2
// The service's time. A phone's clock can be wrong; what is signed must not be wrong with it.

let ahead = 0;

/** Takes the time of an answer's Date header, which is a whole second. */
export function learn(date: string | null): void {
  const at = date === null ? Number.NaN : Date.parse(date);
  if (!Number.isNaN(at)) {
    ahead = at + 500 - Date.now();
  }
}

/** Unix seconds, as the service counts them, as far as is known. */
export function now(): number {
  return Math.floor((Date.now() + ahead) / 1000);
}

/** By how many seconds this phone's clock is behind the service's; below zero if it is ahead. */
export function wrongBy(): number {
  return Math.round(ahead / 1000);
}

/** Goes on with what was known before this page was opened. */
export function remember(seconds: number): void {
  ahead = seconds * 1000;
}
