// SPDX-License-Identifier: EUPL-1.2
// Charts of tables. A chart reads the table beside it, so the two cannot say different things.
import {
  BarController,
  BarElement,
  CategoryScale,
  Chart,
  type ChartDataset,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
} from "chart.js";
import { find } from "../lib/dom.ts";
import { money } from "../lib/money.ts";
import { t } from "../lib/text.ts";

Chart.register(
  BarController,
  BarElement,
  CategoryScale,
  Legend,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
);

/** Each is at least 3 to 1 against white and apart from its neighbours in lightness; lines differ in dashes too. */
const COLOURS = ["#14503c", "#b3420e", "#2f6fb0", "#7a4d9c", "#5f6b1d", "#8c2a4f", "#00798a", "#4a534e"];
const DASHES = [[], [8, 4], [2, 3]];
const POINTS = ["circle", "rectRot", "triangle"] as const;

type Values = (number | null)[];

interface Read {
  months: string[];
  series: { name: string; values: Values }[];
}

/** Draws a figure's chart from its table. */
export function draw(figure: HTMLElement): void {
  const kind = figure.dataset["chart"];
  const table = find<HTMLTableElement>("table", figure);
  const { months, series } = kind === "stacked" ? byGroup(table, figure.dataset["months"] ?? "") : byColumn(table);
  const isMoney = figure.dataset["unit"] === "money";
  const written = (value: number): string => (isMoney ? money(value) : t("{days} days", { days: value }));
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  new Chart(find<HTMLCanvasElement>("canvas", figure), {
    type: kind === "lines" ? "line" : "bar",
    data: { labels: months, datasets: series.map((one, at) => dataset(one.name, one.values, at, kind === "lines")) },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      ...(still ? { animation: false as const } : {}),
      scales: {
        x: { stacked: kind === "stacked" },
        y: {
          stacked: kind === "stacked",
          beginAtZero: true,
          ticks: { callback: (value) => written(Number(value)) },
        },
      },
      plugins: {
        legend: { display: series.length > 1, position: "bottom", labels: { usePointStyle: kind === "lines" } },
        tooltip: { callbacks: { label: (item) => `${item.dataset.label}: ${written(Number(item.raw))}` } },
      },
    },
  });
}

function dataset(label: string, data: Values, at: number, isLine: boolean): ChartDataset<"bar" | "line", Values> {
  const colour = COLOURS[at % COLOURS.length] ?? "#14503c";
  const common = { label, data, backgroundColor: colour, borderColor: colour, maxBarThickness: 64 };
  const line = { borderDash: DASHES[at % DASHES.length] ?? [], pointStyle: POINTS[at % POINTS.length] ?? "circle" };
  return isLine ? { ...common, ...line, pointRadius: 5, spanGaps: false } : common;
}

/** A series for each column that says so; the table has the newest month first, a chart the oldest. */
function byColumn(table: HTMLTableElement): Read {
  const heads = [...table.querySelectorAll("thead th")];
  const rows = [...table.querySelectorAll("tbody tr")].reverse();
  const series = heads.flatMap((head, at) =>
    head.hasAttribute("data-series")
      ? [{ name: textOf(head), values: rows.map((row) => valueOf(row.children[at])) }]
      : [],
  );
  return { months: rows.map((row) => textOf(row.children[0])), series };
}

/** A series for each group of rows, over all months, those without a row too. */
function byGroup(table: HTMLTableElement, all: string): Read {
  const rows = [...table.querySelectorAll<HTMLTableRowElement>("tbody tr")].reverse();
  const at = [...table.querySelectorAll("thead th")].findIndex((head) => head.hasAttribute("data-series"));
  const months = all.split("|").reverse();
  const groups = new Map<string, Values>();
  for (const row of rows) {
    const name = row.dataset["group"] ?? "";
    const values = groups.get(name) ?? months.map(() => null);
    values[months.indexOf(textOf(row.children[0]))] = valueOf(row.children[at]);
    groups.set(name, values);
  }
  const shown = [...groups].filter(([, values]) => values.some((value) => value !== null));
  return { months, series: shown.map(([name, values]) => ({ name, values })) };
}

function textOf(cell: Element | undefined): string {
  return (cell?.textContent ?? "").trim();
}

/** What a cell holds; null where a figure is left out. */
function valueOf(cell: Element | undefined): number | null {
  const value = cell instanceof HTMLElement ? cell.dataset["value"] : undefined;
  return value === undefined ? null : Number(value);
}
