import type { Kit } from "./parts.ts";

/* Stages of a funnel change their order by drag of the handle; where a row was dropped, its form says by how many places. */

let kit: Kit;
let dragged: HTMLTableRowElement | null = null;
let from = 0;
const rowOf = (target: EventTarget | null): HTMLTableRowElement | null =>
  (target as Element | null)?.closest?.<HTMLTableRowElement>("[data-stages] > tr") ?? null;
const placeOf = (row: Element): number => [...row.parentElement!.children].indexOf(row);

export function startStages(given: Kit): void {
  kit = given;
  document.addEventListener("dragstart", (event) => {
    dragged = (event.target as Element).matches?.("[data-stages] [data-handle]") ? rowOf(event.target) : null;
    if (!dragged) return;
    from = placeOf(dragged);
    event.dataTransfer?.setData("text/plain", "");
    event.dataTransfer?.setDragImage(dragged, 12, 12);
  });
  document.addEventListener("dragover", (event) => {
    const row = dragged && rowOf(event.target);
    if (!dragged || !row) return;
    event.preventDefault();
    if (row === dragged) return;
    const box = row.getBoundingClientRect();
    const middle = box.top + box.height / 2;
    if (placeOf(row) < placeOf(dragged)) {
      if (event.clientY <= middle + 1) row.before(dragged);
    } else if (event.clientY >= middle - 1) row.after(dragged);
  });
  document.addEventListener("drop", (event) => {
    if (dragged) event.preventDefault();
  });
  document.addEventListener("dragend", () => {
    const row = dragged;
    dragged = null;
    const by = row ? placeOf(row) - from : 0;
    if (!row || !by) return;
    kit.announce(`${row.dataset.name ?? ""} ${placeOf(row) + 1}`);
    void kit.htmx.ajax("post", row.dataset.shift!, {
      source: row,
      target: "#funnel",
      select: "#funnel",
      swap: "outerHTML",
      values: { by: String(by), version: row.dataset.version! },
    });
  });
}
