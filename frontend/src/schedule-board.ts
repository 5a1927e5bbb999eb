import type { Kit } from "./parts.ts";
import { startWords } from "./schedule-words.ts";

/* Steps move along the days by pointer and by keys; the server saves each move and draws the board anew. */

interface Drag {
  block: HTMLElement;
  edge: string;
  from: number;
  perDay: number;
  day: number;
  until: number | null;
  by: number;
  moved: boolean;
  hint: HTMLElement;
}

let kit: Kit;
let drag: Drag | null = null;
let suppressClick = false;

const board = (): HTMLElement | null => kit.find("[data-board][data-editable]");

function send(url: string, values: Record<string, string | number>): void {
  void kit.htmx.ajax("post", url, { swap: "none", source: document.body, values });
}

function places(at: Drag): { day: number; until: number | null } {
  const span = Number(board()?.dataset.span ?? 45);
  if (at.edge === "day") return { day: Math.min(span, Math.max(at.day - at.by, at.until ?? 0)), until: at.until };
  if (at.edge === "until") {
    return { day: at.day, until: Math.max(0, Math.min((at.until ?? 0) - at.by, at.day)) };
  }
  const lowest = at.until === null ? 0 : at.day - at.until;
  const day = Math.min(span, Math.max(at.day - at.by, lowest));
  return { day, until: at.until === null ? null : day - lowest };
}

function begin(event: PointerEvent): void {
  const target = event.target as Element;
  const block = target.closest<HTMLElement>("[data-block]");
  const lanes = block?.closest<HTMLElement>("[data-lanes]");
  if (!block || !lanes || !board() || event.button !== 0) return;
  const hint = document.createElement("span");
  hint.className = "num";
  Object.assign(hint.style, {
    position: "absolute", top: "-24px", left: "0", padding: "0 6px", borderRadius: "6px", fontSize: "11px", lineHeight: "20px",
    background: "var(--primary)", color: "var(--on-primary)", whiteSpace: "nowrap",
  });
  drag = {
    block,
    edge: target.closest<HTMLElement>("[data-edge]")?.dataset.edge ?? "",
    from: event.clientX,
    perDay: lanes.getBoundingClientRect().width / Number(board()!.dataset.span ?? 45),
    day: Number(block.dataset.day),
    until: block.dataset.until === undefined ? null : Number(block.dataset.until),
    by: 0,
    moved: false,
    hint,
  };
}

function follow(event: PointerEvent): void {
  if (!drag) return;
  const distance = event.clientX - drag.from;
  if (!drag.moved && Math.abs(distance) < 5) return;
  if (!drag.moved) {
    drag.moved = true;
    drag.block.setPointerCapture(event.pointerId);
    drag.block.append(drag.hint);
    drag.block.style.zIndex = "5";
  }
  drag.by = Math.round(distance / drag.perDay);
  const { day, until } = places(drag);
  const shift = (drag.day - day) * drag.perDay;
  const cut = drag.until === null || until === null ? 0 : (drag.until - until) * drag.perDay - shift;
  drag.block.style.translate = `${shift}px 0`;
  drag.block.style.marginRight = "0";
  if (cut) drag.block.style.paddingRight = `${Math.max(8, 10 + cut)}px`;
  drag.hint.textContent = until === null ? String(day) : `${day}–${until}`;
  event.preventDefault();
}

function end(event: PointerEvent): void {
  const done = drag;
  drag = null;
  if (!done?.moved) return;
  done.hint.remove();
  done.block.style.translate = "";
  done.block.style.paddingRight = "";
  done.block.style.zIndex = "";
  suppressClick = true;
  setTimeout(() => (suppressClick = false), 0);
  if (event.type === "pointercancel" || !done.by) return;
  const { day, until } = places(done);
  send(done.block.dataset.move ?? "", until === null ? { day } : { day, until_day: until });
}

/* Presses in a row are sent as one move, so that a held arrow does not queue a request a day. */
let pressed: { block: string; url: string; by: number } | null = null;
let timer = 0;

function flush(): void {
  if (pressed?.by) send(pressed.url, { by: pressed.by });
  pressed = null;
}

function nudge(block: HTMLElement, by: number): void {
  clearTimeout(timer);
  if (pressed && pressed.block !== block.id) flush();
  pressed = { block: block.id, url: block.dataset.move ?? "", by: (pressed?.by ?? 0) + by };
  const day = Math.max(0, Number(block.dataset.day) + pressed.by);
  kit.announce(`${board()?.dataset.wordDay ?? ""} ${day}`);
  timer = window.setTimeout(flush, 220);
}

function keys(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || kit.inField(event.target)) return;
  if (!board() || document.querySelector("dialog[open], .menu:popover-open")) return;
  const focused = (event.target as Element).closest?.<HTMLElement>("[data-block]");
  const block = focused ?? (event.target === document.body ? kit.find("[data-block][aria-current]") : null);
  if (!block) return;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") nudge(block, event.key === "ArrowLeft" ? 1 : -1);
  else if (event.key === "Delete" || event.key === "Backspace") send(block.dataset.remove ?? "", {});
  else return;
  event.preventDefault();
}

/* On a narrow screen the board is wider than the page: the step in hand is brought into sight. */
function reveal(): void {
  const pane = kit.find("[data-board]");
  const block = kit.find("[data-board] a[aria-current]");
  if (!pane || !block || pane.scrollWidth <= pane.clientWidth) return;
  const { left, width } = block.getBoundingClientRect();
  pane.scrollLeft += left + width / 2 - innerWidth / 2;
}

function settled(): void {
  reveal();
  for (const popover of kit.all("#add-step:popover-open")) popover.hidePopover();
}

export function startBoard(tools: Kit): void {
  kit = tools;
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", follow);
  document.addEventListener("pointerup", end);
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", keys);
  document.addEventListener(
    "click",
    (event) => {
      if (!suppressClick || !(event.target as Element).closest("[data-block]")) return;
      event.preventDefault();
      event.stopPropagation();
    },
    true,
  );
  kit.on("dragstart", "[data-block]", (_block, event) => event.preventDefault());
  document.addEventListener("htmx:afterSettle", settled);
  reveal();
  startWords(tools);
}
