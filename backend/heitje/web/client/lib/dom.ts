// SPDX-License-Identifier: EUPL-1.2
// A few words for the page. Text is always text: nothing here makes HTML of a string from outside.

export function find<E extends Element = HTMLElement>(selector: string, within: ParentNode = document): E {
  const element = within.querySelector<E>(selector);
  if (!element) {
    throw new Error(`the page has no ${selector}`);
  }
  return element;
}

export function maybe<E extends Element = HTMLElement>(selector: string, within: ParentNode = document): E | null {
  return within.querySelector<E>(selector);
}

/** An element with its attributes and what is in it. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Record<string, string> = {},
  ...content: (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    element.setAttribute(name, value);
  }
  element.append(...content);
  return element;
}

/** Runs what a button asks for, once at a time; what goes wrong is told by `failed`. */
export function onPress(button: HTMLButtonElement, act: () => Promise<void>, failed: (error: unknown) => void): void {
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") {
      return;
    }
    button.setAttribute("aria-disabled", "true");
    act()
      .catch(failed)
      .finally(() => button.removeAttribute("aria-disabled"));
  });
}
