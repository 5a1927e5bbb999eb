import type { Kit } from "./parts.ts";

/* A tariff in hand: arrows walk, Enter edits, Esc takes back, a block of a spreadsheet goes in by Ctrl+V and out by Ctrl+C.
   Nothing reaches the server before the button. Nearby stands what the cell in hand means. */

type Change = { field: HTMLInputElement; was: string }[];

let kit: Kit;
let grid: HTMLElement;
let asked = 0;
const undone: Change[] = [];
const cells = (): HTMLElement[] => kit.all("td[data-row]", grid);
const fieldOf = (cell: Element | null): HTMLInputElement | null => cell?.querySelector<HTMLInputElement>("input") ?? null;

function at(row: number, place: number): HTMLElement | null {
  const line = (kit.find("tbody", grid) as HTMLTableSectionElement | null)?.rows[row];
  return (line?.cells[place] as HTMLElement | undefined) ?? null;
}

function told(): void {
  const button = kit.find<HTMLButtonElement>("[data-cell-undo]", grid);
  if (button) button.hidden = undone.length === 0;
  const place = kit.find("[data-changed]", grid);
  if (place) place.textContent = undone.length ? (grid.dataset.wordChanged ?? "") : "";
}

function write(change: { field: HTMLInputElement; text: string }[]): void {
  const real = change.filter(({ field, text }) => field.value !== text);
  if (!real.length) return;
  undone.push(real.map(({ field }) => ({ field, was: field.value })));
  for (const { field, text } of real) put(field, text);
  told();
}

function put(field: HTMLInputElement, text: string): void {
  field.value = text;
  const cell = field.closest("td")!;
  const shown = cell.querySelector("[data-shown]");
  if (shown) shown.textContent = text;
  cell.classList.toggle("chg", text !== field.defaultValue || cell.querySelector("del") !== null);
}

function undo(): void {
  const last = undone.pop();
  for (const { field, was } of last ?? []) put(field, was);
  if (last) kit.announce(grid.dataset.wordUndone ?? "");
  told();
}

function hold(cell: HTMLElement): void {
  for (const other of kit.all(".cell-on", grid)) other.classList.remove("cell-on");
  for (const other of kit.all('td[tabindex="0"]', grid)) other.tabIndex = -1;
  cell.tabIndex = 0;
  cell.classList.add("cell-on");
  window.clearTimeout(asked);
  asked = window.setTimeout(() => {
    const query = new URLSearchParams({ row: cell.dataset.row!, column: cell.dataset.column! });
    if (kit.find("#cell") && cell.querySelector("[data-shown]")?.textContent)
      void kit.htmx.ajax("get", `${grid.dataset.cellUrl}?${query}`, { target: "#cell", swap: "outerHTML" });
  }, 250);
}

function edit(cell: HTMLElement, text?: string): void {
  const field = fieldOf(cell);
  if (!field) return;
  cell.classList.add("is-edited");
  field.dataset.before = field.value;
  if (text !== undefined) field.value = text;
  field.focus();
  if (text === undefined) field.select();
}

function leave(field: HTMLInputElement, keep: boolean): void {
  const cell = field.closest("td")!;
  if (!cell.classList.contains("is-edited")) return;
  cell.classList.remove("is-edited");
  const text = field.value;
  field.value = field.dataset.before ?? text;
  if (keep) write([{ field, text }]);
}

function step(cell: HTMLElement, down: number, right: number): void {
  const row = (cell.parentElement as HTMLTableRowElement).sectionRowIndex;
  const next = at(row + down, (cell as HTMLTableCellElement).cellIndex + right);
  if (next?.matches("td")) next.focus();
}

const WAYS: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function pressed(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyZ" && undone.length) {
    const field = target.closest("input");
    if (field) leave(field, true);
    undo();
    event.preventDefault();
    return;
  }
  const cell = target.closest<HTMLElement>("td[data-row]");
  if (!cell) return;
  if (target instanceof HTMLInputElement) {
    if (event.key !== "Enter" && event.key !== "Escape" && event.key !== "Tab") return;
    leave(target, event.key !== "Escape");
    if (event.key === "Escape") event.stopPropagation();
    cell.focus();
    if (event.key === "Enter") step(cell, event.shiftKey ? -1 : 1, 0);
    if (event.key === "Tab") step(cell, 0, event.shiftKey ? -1 : 1);
    event.preventDefault();
    return;
  }
  const way = WAYS[event.key];
  if (way) step(cell, ...way);
  else if (event.key === "Enter" || event.key === "F2") edit(cell);
  else if (event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey && fieldOf(cell)) edit(cell, event.key);
  else return;
  event.preventDefault();
  event.stopPropagation();
}

function paste(event: ClipboardEvent): void {
  const cell = (event.target as Element).closest<HTMLElement>("td[data-row]");
  const text = event.clipboardData?.getData("text/plain").replace(/\r/g, "").replace(/\n$/, "") ?? "";
  if (!cell || (event.target instanceof HTMLInputElement && !/[\t\n]/.test(text))) return;
  if (event.target instanceof HTMLInputElement) leave(event.target, false);
  const row = (cell.parentElement as HTMLTableRowElement).sectionRowIndex;
  const change = text.split("\n").flatMap((line, down) =>
    line.split("\t").map((one, right) => ({ field: fieldOf(at(row + down, (cell as HTMLTableCellElement).cellIndex + right)), text: one.trim() })),
  );
  write(change.filter((one): one is { field: HTMLInputElement; text: string } => one.field !== null));
  event.preventDefault();
}

function copy(event: ClipboardEvent): void {
  const cell = (event.target as Element).closest<HTMLElement>("td[data-row]");
  if (!cell || event.target instanceof HTMLInputElement || !window.getSelection()?.isCollapsed) return;
  event.clipboardData?.setData("text/plain", fieldOf(cell)?.value ?? cell.querySelector("[data-shown]")?.textContent ?? "");
  event.preventDefault();
}

export function startCells(given: Kit): void {
  kit = given;
  const found = kit.find("[data-grid]");
  if (!found) return;
  grid = found;
  for (const cell of cells()) if (fieldOf(cell)) fieldOf(cell)!.tabIndex = -1;
  grid.classList.add("is-live");
  grid.addEventListener("keydown", pressed);
  grid.addEventListener("paste", paste);
  grid.addEventListener("copy", copy);
  grid.addEventListener("focusin", (event) => {
    const cell = (event.target as Element).closest<HTMLElement>("td[data-row]");
    if (cell) hold(cell);
  });
  grid.addEventListener("focusout", (event) => {
    if (event.target instanceof HTMLInputElement) leave(event.target, true);
  });
  grid.addEventListener("dblclick", (event) => {
    const cell = (event.target as Element).closest<HTMLElement>("td[data-row]");
    if (cell) edit(cell);
  });
  kit.find("[data-cell-undo]", grid)?.addEventListener("click", undo);
}
