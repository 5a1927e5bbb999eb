import { all, cookie, find, inField, keepCookie, on } from "./dom.ts";
import { closeDrawer, openDrawer } from "./drawer.ts";
import { openPalette } from "./palette.ts";
import { clearSelection, pick } from "./selection.ts";
import { undoLast } from "./toasts.ts";

const ROW = "tbody[data-rows] > tr, [data-rows] > [data-row]";
let going = 0;

const rows = (): HTMLElement[] => all(ROW).filter((row) => row.checkVisibility());
/* The row with the cursor; after a refresh took the mark away, the row that still has the focus. */
const current = (): HTMLElement | null =>
  rows().find((row) => row.classList.contains("is-cursor")) ?? rows().find((row) => row.contains(document.activeElement)) ?? null;

function setCursor(row: HTMLElement | undefined): void {
  if (!row) return;
  for (const other of all(`:is(${ROW}).is-cursor`)) other.classList.remove("is-cursor");
  row.classList.add("is-cursor");
  row.scrollIntoView({ block: "nearest" });
  if (openDrawer()) peek(row);
  else find("[data-open], a[href]", row)?.focus({ preventScroll: true });
}

function step(by: number): void {
  const list = rows();
  const at = list.indexOf(current() as HTMLElement);
  setCursor(at < 0 ? list[0] : list[Math.max(0, Math.min(list.length - 1, at + by))]);
}

function openRow(row: HTMLElement | null): void {
  if (row) find("[data-open], a[href]", row)?.click();
}

function peek(row: HTMLElement | null): void {
  if (row) find("[data-peek]", row)?.click();
}

/* A key belongs to the row in hand first, then to the open drawer, then to the page. */
function press(key: string): boolean {
  const places = [current(), openDrawer(), document.body];
  for (const place of places) {
    const element = place && find(`[data-key="${key}"]`, place);
    if (element?.checkVisibility()) {
      if (element.matches("input,textarea,select")) element.focus();
      else element.click();
      return true;
    }
  }
  return false;
}

function escape(): boolean {
  if (document.querySelector("dialog[open], .menu:popover-open")) return false;
  return closeDrawer() || clearSelection();
}

const SINGLE: Record<string, (event: KeyboardEvent) => boolean | void> = {
  KeyJ: () => step(1),
  KeyK: () => step(-1),
  ArrowDown: (event) => (event.target === document.body || current() ? step(1) : false),
  ArrowUp: (event) => (event.target === document.body || current() ? step(-1) : false),
  KeyX: (event) => pick(current(), event.shiftKey),
  Enter: (event) => ((event.target as Element).closest("a,button,summary,input") ? false : openRow(current())),
  Space: (event) => ((event.target as Element).closest("button,summary,input") || !current() ? false : peek(current())),
  KeyG: () => {
    going = Date.now();
  },
};

function letter(code: string): string {
  if (code.startsWith("Key")) return code.slice(3);
  return code.startsWith("Digit") ? code.slice(5) : "";
}

function single(event: KeyboardEvent): boolean {
  if (event.code === "Slash" && event.shiftKey) {
    find<HTMLDialogElement>("#keys")?.showModal();
    return true;
  }
  if (event.code === "Slash") {
    const search = find("[data-list-search]");
    search?.focus();
    return Boolean(search);
  }
  const key = letter(event.code);
  if (key && Date.now() - going < 1200) {
    going = 0;
    const link = find(`[data-go="${key}"]`);
    link?.click();
    if (link) return true;
  }
  const action = SINGLE[event.code];
  if (action) return action(event) !== false;
  return key !== "" && !event.shiftKey && press(key);
}

function keydown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing) return;
  const command = event.metaKey || event.ctrlKey;
  let done = false;
  if (command && !event.altKey && event.code === "KeyK") {
    openPalette();
    done = true;
  } else if (command && event.key === "Enter") {
    const form = (event.target as Element).closest("form");
    const call = form ? null : find("[data-accept]");
    form?.requestSubmit();
    call?.click();
    done = Boolean(form ?? call);
  } else if (command && event.code === "KeyZ" && !event.shiftKey && !inField(event.target)) {
    done = undoLast();
  } else if (event.key === "Escape") {
    done = escape();
  } else if (!command && !event.altKey && keysOn() && !inField(event.target)) {
    if (document.querySelector("dialog[open], .menu:popover-open")) return;
    done = single(event);
  }
  if (done) event.preventDefault();
}

const keysOn = (): boolean => cookie("keys") !== "off";

/* A click on the empty part of a row moves the cursor there and peeks. */
function rowClick(event: MouseEvent): void {
  const target = event.target as Element;
  const row = target.closest<HTMLElement>(ROW);
  if (!row) return;
  for (const other of all(`:is(${ROW}).is-cursor`)) other.classList.toggle("is-cursor", other === row);
  row.classList.add("is-cursor");
  if (!target.closest("a,button,input,label,summary,select") && !getSelection()?.toString()) peek(row);
}

export function startKeyboard(): void {
  document.addEventListener("keydown", keydown);
  document.addEventListener("click", rowClick);
  on("click", "[data-step]", (button) => step(Number(button.dataset.step)));
  on("change", "[data-keys-switch]", (box) => keepCookie("keys", (box as HTMLInputElement).checked ? "on" : "off"));
  for (const box of all<HTMLInputElement>("[data-keys-switch]")) box.checked = keysOn();
}
