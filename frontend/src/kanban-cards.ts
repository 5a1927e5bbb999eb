import type { Kit } from "./parts.ts";

/* Cards go to another stage by drag and by Shift with an arrow; the server decides, asks for fields, tells conflicts. */

let kit: Kit;
const board = (): HTMLElement | null => kit.find("[data-kanban]");
const columns = (): HTMLElement[] => kit.all("[data-kanban] [data-stage]");
let dragged: HTMLElement | null = null;

function move(card: HTMLElement, column: HTMLElement): void {
  kit.announce(`${board()?.dataset.wordMoved ?? ""} ${column.dataset.name ?? ""}`);
  void kit.htmx.ajax("post", card.dataset.move!, {
    target: "#modal",
    swap: "innerHTML",
    source: document.body,
    values: { stage: column.dataset.stage!, version: card.dataset.version! },
  });
}

function mark(column: Element | null): void {
  for (const other of columns()) other.style.background = other === column ? "var(--selected)" : "";
}

function drag(): void {
  document.addEventListener("dragstart", (event) => {
    dragged = (event.target as Element).closest<HTMLElement>("[data-kanban] [data-move][draggable]");
    if (!dragged || !event.dataTransfer) return;
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", dragged.textContent?.trim().slice(0, 80) ?? "");
  });
  document.addEventListener("dragover", (event) => {
    const column = dragged && (event.target as Element).closest?.("[data-stage]");
    if (!column) return;
    event.preventDefault();
    mark(column);
  });
  document.addEventListener("drop", (event) => {
    const column = dragged && (event.target as Element).closest?.<HTMLElement>("[data-stage]");
    if (!dragged || !column) return;
    event.preventDefault();
    if (!column.contains(dragged)) move(dragged, column);
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    mark(null);
  });
}

/* Arrows alone go from column to column at the same height; with Shift they take the card along. */
function keys(event: KeyboardEvent): void {
  if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
  if (!board() || event.altKey || event.ctrlKey || event.metaKey || kit.inField(event.target)) return;
  if (document.querySelector("dialog[open], .menu:popover-open")) return;
  const card = (event.target as Element).closest<HTMLElement>("[data-row][data-move]") ?? kit.find("[data-kanban] [data-row].is-cursor");
  if (!card) return;
  const list = columns();
  const next = list[list.findIndex((column) => column.contains(card)) + (event.key === "ArrowLeft" ? -1 : 1)];
  event.preventDefault();
  if (!next) kit.announce(board()?.dataset.wordEdge ?? "");
  else if (event.shiftKey) {
    if (card.dataset.move) move(card, next);
  } else {
    const height = [...card.parentElement!.children].indexOf(card);
    const cards = kit.all("[data-row]", next);
    const target = cards[Math.min(height, cards.length - 1)];
    for (const other of kit.all("[data-row].is-cursor")) other.classList.remove("is-cursor");
    target?.classList.add("is-cursor");
    if (target) kit.find("[data-open]", target)?.focus();
    else kit.announce(next.getAttribute("aria-label") ?? "");
  }
}

/** `data-kanban` around columns `data-stage`, whose cards have `data-row`, `data-move` (an address) and `data-version`. */
export function startCards(given: Kit): void {
  kit = given;
  drag();
  document.addEventListener("keydown", keys);
}
