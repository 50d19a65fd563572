// SPDX-License-Identifier: EUPL-1.2
// Texts in the reader's language. The English sentence is the key; the page brings the others with it.

function island(id: string): unknown {
  const element = document.getElementById(id);
  return element ? JSON.parse(element.textContent ?? "null") : null;
}

const texts = (island("texts") ?? {}) as Record<string, string>;

export const language = document.documentElement.lang || "en";

/** A sentence in the reader's language; `{name}` is replaced. */
export function t(sentence: string, values: Record<string, string | number> = {}): string {
  const text = texts[sentence] ?? sentence;
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** What a page tells its script. */
export function told<T>(id: string): T {
  const value = island(id);
  if (value === null) {
    throw new Error(`the page does not tell its ${id}`);
  }
  return value as T;
}
