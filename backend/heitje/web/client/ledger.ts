// SPDX-License-Identifier: EUPL-1.2
// The public ledger's page: the equation renews itself, and tables become charts.
import "htmx.org";

const figures = document.querySelectorAll<HTMLElement>("figure[data-chart]");
if (figures.length > 0) {
  // Apart, so that the figures are there before the library is.
  const { draw } = await import("./ledger/charts.ts");
  for (const figure of figures) {
    draw(figure);
  }
}
