import { blockOf, textOf } from "./tariff-block.ts";
import type { Kit } from "./parts.ts";
import { Acts, type Change } from "./tariff-acts.ts";

/* A tariff in hand: arrows walk, Shift and the mouse take a block of cells, Enter edits, Esc takes back. A block goes out
   by Ctrl+C and comes in by Ctrl+V, as spreadsheets have it; Del empties it, Ctrl+Z takes the last act back, Ctrl+Y does
   it again. Nothing reaches the server before the button. Nearby stands what the cell in hand means. */

type Cell = HTMLTableCellElement;
const WAYS: Record<string, [number, number]> = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };
const fieldOf = (cell: Element | null | undefined): HTMLInputElement | null => cell?.querySelector<HTMLInputElement>("input") ?? null;
const cellOf = (target: EventTarget | null): Cell | null => (target as Element | null)?.closest<Cell>("td[data-column]") ?? null;
const rowOf = (cell: Cell): number => (cell.parentElement as HTMLTableRowElement).sectionRowIndex;

class Grid {
  private readonly acts: Acts;
  private asked = 0;
  private anchor: Cell | null = null;
  private head: Cell | null = null;
  private isDragged = false;

  constructor(
    private readonly kit: Kit,
    private readonly host: HTMLElement,
  ) {
    this.acts = new Acts(kit, host, () => this.head);
    for (const field of kit.all("td[data-column] input", host)) field.tabIndex = -1;
    host.classList.add("is-live");
    host.addEventListener("keydown", (event) => this.pressed(event));
    host.addEventListener("paste", (event) => this.paste(event));
    for (const name of ["copy", "cut"] as const) host.addEventListener(name, (event) => this.copy(event));
    host.addEventListener("focusin", (event) => this.focused(event));
    host.addEventListener("focusout", (event) => {
      if (event.target instanceof HTMLInputElement) this.leave(event.target, true);
    });
    host.addEventListener("mousedown", (event) => this.began(event));
    host.addEventListener("mouseover", (event) => this.dragged(event));
    document.addEventListener("mouseup", () => (this.isDragged = false));
    host.addEventListener("dblclick", (event) => {
      const cell = cellOf(event.target);
      if (cell && !(event.target instanceof HTMLInputElement)) this.edit(cell);
    });
    host.addEventListener("click", (event) => {
      const cell = cellOf(event.target);
      if (cell && (event as PointerEvent).pointerType === "touch" && !(event.target instanceof HTMLInputElement)) this.edit(cell);
    });
    kit.find("[data-row-add]", host)?.addEventListener("click", () => this.add());
  }

  private get body(): HTMLTableSectionElement {
    return this.kit.find<HTMLTableSectionElement>("tbody", this.host)!;
  }

  private at(row: number, place: number): Cell | null {
    const cell = this.body.rows[row]?.cells[place];
    return cell?.matches("td[data-column]") ? cell : null;
  }

  private say(name: string, count?: number): void {
    this.kit.announce((this.host.dataset[name] ?? "").replace("{n}", String(count ?? "")));
  }

  /* The block in hand, by the corners that were taken: cells of every row. */
  private block(): Cell[][] {
    const from = this.anchor?.isConnected ? this.anchor : this.head;
    if (!from || !this.head) return [];
    const [top, bottom] = [rowOf(from), rowOf(this.head)].sort((one, other) => one - other) as [number, number];
    const [left, right] = [from.cellIndex, this.head.cellIndex].sort((one, other) => one - other) as [number, number];
    return [...this.body.rows].slice(top, bottom + 1).map((row) => [...row.cells].slice(left, right + 1));
  }

  private paint(): void {
    for (const cell of this.kit.all(".cell-in", this.host)) {
      cell.classList.remove("cell-in");
      cell.removeAttribute("aria-selected");
    }
    const lines = this.block();
    if (lines.length * (lines[0]?.length ?? 0) < 2) return;
    for (const cell of lines.flat()) {
      cell.classList.add("cell-in");
      cell.setAttribute("aria-selected", "true");
    }
  }

  private take(cell: Cell, further: boolean): void {
    if (!further || !this.anchor?.isConnected) this.anchor = cell;
    this.head = cell;
    this.paint();
    if (further) this.say("wordTaken", this.block().flat().length);
    if (document.activeElement !== cell) cell.focus();
  }

  private focused(event: FocusEvent): void {
    const cell = cellOf(event.target);
    if (!cell) return;
    if (cell !== this.head) {
      this.anchor = this.head = cell;
      this.paint();
    }
    for (const other of this.kit.all(".cell-on", this.host)) other.classList.remove("cell-on");
    for (const other of this.kit.all('td[tabindex="0"]', this.host)) other.tabIndex = -1;
    cell.tabIndex = 0;
    cell.classList.add("cell-on");
    this.explain(cell);
  }

  private explain(cell: Cell): void {
    window.clearTimeout(this.asked);
    const { cellUrl } = this.host.dataset;
    if (!cellUrl || !cell.dataset.row || !this.kit.find("#cell") || !cell.querySelector("[data-shown]")?.textContent) return;
    const query = new URLSearchParams({ row: cell.dataset.row, column: cell.dataset.column! });
    this.asked = window.setTimeout(() => void this.kit.htmx.ajax("get", `${cellUrl}?${query}`, { target: "#cell", swap: "outerHTML" }), 250);
  }

  private began(event: MouseEvent): void {
    const cell = cellOf(event.target);
    if (!cell || event.button !== 0 || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    this.isDragged = true;
    this.take(cell, event.shiftKey);
  }

  private dragged(event: MouseEvent): void {
    const cell = cellOf(event.target);
    if (!cell || cell === this.head || !this.isDragged || !(event.buttons & 1)) return;
    this.head = cell;
    this.paint();
    cell.focus({ preventScroll: true });
  }

  /* Another empty row below the last one; a row that stays empty is not kept. */
  private grow(): boolean {
    const last = this.body.rows[this.body.rows.length - 1];
    if (!last || !fieldOf(last)) return false;
    const row = last.cloneNode(true) as HTMLTableRowElement;
    const number = String(this.body.rows.length + 1);
    for (const cell of row.cells) {
      cell.className = cell.className.replace(/\b(chg|cell-on|cell-in|is-bad|is-edited)\b/g, "").trim();
      cell.removeAttribute("aria-selected");
      cell.querySelector("del")?.remove();
      cell.tabIndex = -1;
      if (cell.tagName === "TH") cell.textContent = number;
      if (cell.dataset.row) cell.dataset.row = number;
      const shown = cell.querySelector("[data-shown]");
      if (shown) shown.textContent = "";
      shown?.removeAttribute("data-first");
      const field = fieldOf(cell);
      if (!field) continue;
      field.setAttribute("aria-label", (field.getAttribute("aria-label") ?? "").replace(/\d+$/, number));
      field.removeAttribute("value");
      field.value = "";
      field.removeAttribute("aria-invalid");
    }
    last.after(row);
    return true;
  }

  private add(): void {
    if (this.grow()) this.take(this.at(this.body.rows.length - 1, 1)!, false);
  }

  private edit(cell: Cell, text?: string): void {
    const field = fieldOf(cell);
    if (!field) return;
    cell.classList.add("is-edited");
    field.dataset.before = field.value;
    if (text !== undefined) field.value = text;
    field.focus();
    if (text === undefined) field.select();
  }

  private leave(field: HTMLInputElement, keep: boolean): void {
    const cell = field.closest("td");
    if (!cell?.classList.contains("is-edited")) return;
    cell.classList.remove("is-edited");
    const text = field.value;
    field.value = field.dataset.before ?? text;
    if (keep) this.acts.write([{ field, text }]);
  }

  private step(cell: Cell, down: number, right: number, further = false): boolean {
    const next = this.at(rowOf(cell) + down, cell.cellIndex + right);
    if (next) this.take(next, further);
    return next !== null;
  }

  private pressed(event: KeyboardEvent): void {
    const target = event.target as HTMLElement;
    const held = event.ctrlKey || event.metaKey;
    if (held && this.acts.pressed(event, target.matches("td input"), () => this.leave(target as HTMLInputElement, true))) return;
    const cell = cellOf(target);
    if (!cell) return;
    if (target instanceof HTMLInputElement) return this.typed(event, target, cell);
    const way = WAYS[event.key];
    if (way && held) return;
    if (way) this.step(event.shiftKey && this.head ? this.head : cell, ...way, event.shiftKey);
    else if (held && event.code === "KeyA") this.all();
    else if (event.key === "Delete" || event.key === "Backspace") this.empty();
    else if (event.key === "Escape" && this.block().flat().length > 1) this.take(cell, false);
    else if (event.key === "Enter" || event.key === "F2") this.edit(cell);
    else if (event.key.length === 1 && event.key !== " " && !held && !event.altKey && fieldOf(cell)) this.edit(cell, event.key);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  private typed(event: KeyboardEvent, field: HTMLInputElement, cell: Cell): void {
    if (event.key !== "Enter" && event.key !== "Escape" && event.key !== "Tab") return;
    this.leave(field, event.key !== "Escape");
    if (event.key === "Escape") event.stopPropagation();
    cell.focus();
    const back = event.shiftKey ? -1 : 1;
    if (event.key === "Enter") this.step(cell, back, 0);
    if (event.key === "Tab") this.step(cell, 0, back);
    event.preventDefault();
  }

  private all(): void {
    this.anchor = this.at(0, 1);
    const last = this.body.rows[this.body.rows.length - 1];
    if (last) this.take(last.cells[last.cells.length - 1]!, true);
  }

  private empty(): void {
    const fields = this.block().flat().map((cell) => fieldOf(cell));
    this.acts.write(fields.filter((field) => field !== null).map((field) => ({ field, text: "" })));
  }

  private copy(event: ClipboardEvent): void {
    if (!cellOf(event.target) || event.target instanceof HTMLInputElement || !window.getSelection()?.isCollapsed) return;
    const lines = this.block().map((row) => row.map((cell) => said(cell)));
    event.clipboardData?.setData("text/plain", textOf(lines));
    event.preventDefault();
    if (event.type === "cut") this.empty();
    this.say("wordCopied", lines.flat().length);
  }

  private paste(event: ClipboardEvent): void {
    const cell = cellOf(event.target);
    const text = event.clipboardData?.getData("text/plain") ?? "";
    if (!cell || (event.target instanceof HTMLInputElement && !/[\t\n]/.test(text.trim()))) return;
    if (event.target instanceof HTMLInputElement) this.leave(event.target, false);
    event.preventDefault();
    const given = blockOf(text);
    const held = this.block();
    const [first] = held;
    if (!first?.[0] || !fieldOf(first[0])) return;
    const [top, left] = [rowOf(first[0]), first[0].cellIndex];
    const isRepeated = held.length % given.length === 0 && first.length % given[0]!.length === 0;
    const [height, width] = isRepeated ? [held.length, first.length] : [given.length, Math.max(...given.map((line) => line.length))];
    while (this.body.rows.length < top + height && this.grow()) continue;
    const change: Change = [];
    let lost = 0;
    for (let down = 0; down < height; down += 1)
      for (let right = 0; right < width; right += 1) {
        const line = given[down % given.length]!;
        const one = isRepeated ? line[right % line.length] : line[right];
        if (one === undefined) continue;
        const field = fieldOf(this.at(top + down, left + right));
        if (field) change.push({ field, text: one.trim() });
        else lost += 1;
      }
    this.acts.write(change);
    const corner = this.at(top + height - 1, Math.min(left + width - 1, this.body.rows[top]!.cells.length - 1));
    this.anchor = first[0];
    if (corner) this.take(corner, true);
    if (lost) this.kit.showToast({ text: (this.host.dataset.wordLost ?? "").replace("{n}", String(lost)), kind: "bad" });
    else this.say("wordPasted", change.length);
  }
}

/* A cell as a spreadsheet of the reader's country takes it: numbers with their decimal sign. */
function said(cell: Cell): string {
  const text = fieldOf(cell)?.value ?? cell.dataset.text ?? cell.querySelector("[data-shown]")?.textContent ?? "";
  return cell.matches(".res") && document.documentElement.lang === "ru" ? text.replace(/^(-?\d+)\.(\d+)$/, "$1,$2") : text;
}

export function startCells(kit: Kit): void {
  for (const host of kit.all("[data-grid]")) new Grid(kit, host);
}
