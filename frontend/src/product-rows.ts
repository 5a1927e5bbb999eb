import type { Kit } from "./parts.ts";

/* Rows of a product's definition: added, taken out, moved by drag and by Alt with an arrow. Their place is their order
   in the form; the server reads them as they stand, and says what is wrong while one types. */

let kit: Kit;
let dragged: HTMLElement | null = null;
const rowOf = (target: EventTarget | null): HTMLElement | null => (target as Element | null)?.closest<HTMLElement>("[data-item]") ?? null;

function changed(row: Element): void {
  row.closest("form")?.dispatchEvent(new Event("input", { bubbles: true }));
}

function move(row: HTMLElement, up: boolean): void {
  const other = up ? row.previousElementSibling : row.nextElementSibling;
  if (!other?.matches("[data-item]")) return;
  if (up) other.before(row);
  else other.after(row);
  kit.announce(`${row.dataset.name ?? ""} ${[...row.parentElement!.children].indexOf(row) + 1}`);
  changed(row);
}

function clicked(event: MouseEvent): void {
  const button = (event.target as Element).closest<HTMLElement>("[data-add],[data-drop],[data-up],[data-down]");
  if (!button) return;
  const row = rowOf(button);
  if (button.dataset.add) {
    const pattern = kit.find<HTMLTemplateElement>(`template[data-pattern="${button.dataset.add}"]`);
    const list = kit.find(`[data-items="${button.dataset.add}"]`);
    if (pattern && list) {
      list.append(pattern.content.cloneNode(true));
      const added = list.lastElementChild!;
      added.querySelector<HTMLDetailsElement>("details")?.setAttribute("open", "");
      added.querySelector<HTMLElement>("input")?.focus();
      changed(added);
    }
  } else if (row && "drop" in button.dataset) {
    const list = row.parentElement!;
    row.remove();
    changed(list);
  } else if (row) {
    move(row, "up" in button.dataset);
    button.focus();
  }
}

export function startRows(given: Kit): void {
  kit = given;
  const form = kit.find("[data-product]");
  if (!form) return;
  form.addEventListener("click", clicked);
  form.addEventListener("keydown", (event) => {
    const row = rowOf(event.target);
    if (!row || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    const field = event.target as HTMLElement;
    move(row, event.key === "ArrowUp");
    field.focus();
  });
  form.addEventListener("dragstart", (event) => {
    dragged = (event.target as Element).matches?.("[data-handle]") ? rowOf(event.target) : null;
    if (dragged) event.dataTransfer?.setData("text/plain", "");
  });
  form.addEventListener("dragover", (event) => {
    const row = rowOf(event.target);
    if (!dragged || !row || row === dragged || row.parentElement !== dragged.parentElement) return;
    event.preventDefault();
    const box = row.getBoundingClientRect();
    if (event.clientY < box.top + box.height / 2) row.before(dragged);
    else row.after(dragged);
  });
  form.addEventListener("dragend", () => {
    if (dragged) changed(dragged);
    dragged = null;
  });
}
