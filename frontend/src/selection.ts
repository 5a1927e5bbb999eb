import { all, find, on } from "./dom.ts";

const boxes = (scope: ParentNode): HTMLInputElement[] => all<HTMLInputElement>("tbody input.pick[name=ids], [data-row] input.pick[name=ids]", scope);
let last: HTMLInputElement | null = null;

function show(scope: HTMLElement): void {
  const list = boxes(scope);
  const chosen = list.filter((box) => box.checked);
  for (const box of list) box.closest("tr,[data-row]")?.setAttribute("aria-selected", String(box.checked));
  const master = find<HTMLInputElement>("[data-select-all]", scope);
  if (master) {
    master.checked = chosen.length > 0 && chosen.length === list.length;
    master.indeterminate = chosen.length > 0 && chosen.length < list.length;
  }
  const bar = find("[data-bulk]", scope);
  if (bar) {
    bar.hidden = chosen.length === 0;
    const count = find("[data-bulk-count]", bar);
    if (count) count.textContent = String(chosen.length);
  }
}

function scopeOf(element: Element): HTMLElement | null {
  return element.closest<HTMLElement>("[data-select]");
}

/** Tick one row; with `range` every row between it and the one ticked before. */
export function pick(row: Element | null, range: boolean): void {
  const box = row?.querySelector<HTMLInputElement>("input.pick[name=ids]");
  const scope = box && scopeOf(box);
  if (!box || !scope) return;
  box.checked = range ? true : !box.checked;
  spread(scope, box, range);
}

function spread(scope: HTMLElement, box: HTMLInputElement, range: boolean): void {
  const list = boxes(scope);
  if (range && last && list.includes(last)) {
    const [from, to] = [list.indexOf(last), list.indexOf(box)].sort((a, b) => a - b) as [number, number];
    for (const between of list.slice(from, to + 1)) between.checked = box.checked;
  }
  last = box;
  show(scope);
}

export function clearSelection(): boolean {
  const scope = all("[data-select]").find((form) => boxes(form).some((box) => box.checked));
  if (!scope) return false;
  for (const box of boxes(scope)) box.checked = false;
  show(scope);
  return true;
}

/** `data-select` around a list: rows have `input.pick[name=ids]`, the bar is `data-bulk`. */
export function startSelection(): void {
  let shift = false;
  on("click", "[data-select] input.pick[name=ids]", (box, event) => {
    shift = event.shiftKey;
    const scope = scopeOf(box);
    if (scope) spread(scope, box as HTMLInputElement, shift);
  });
  on("change", "[data-select-all]", (master) => {
    const scope = scopeOf(master);
    if (!scope) return;
    for (const box of boxes(scope)) box.checked = (master as HTMLInputElement).checked;
    show(scope);
  });
  on("click", "[data-clear-selection]", () => clearSelection());
  const again = (): void => all("[data-select]").forEach((scope) => show(scope));
  document.addEventListener("htmx:afterSwap", again);
  document.body.addEventListener("clear-selection", () => clearSelection());
  again();
}
