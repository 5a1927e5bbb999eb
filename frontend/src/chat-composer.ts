import type { Kit } from "./parts.ts";

let htmx: Kit["htmx"];
let find: Kit["find"];

const CALL = /(?:^|[\s(])@([\p{L}\p{N}._+-]*(?: [\p{L}-]*)?)$/u;

const field = (target: EventTarget | null): HTMLTextAreaElement | null =>
  (target as Element | null)?.closest?.<HTMLTextAreaElement>("[data-composer] textarea") ?? null;
const list = (): HTMLElement | null => find("#calling");
const options = (): HTMLElement[] => [...(list()?.querySelectorAll<HTMLElement>("[role=option]") ?? [])];
let asked = 0;

function hide(): void {
  clearTimeout(asked);
  const box = list();
  if (box) box.hidden = true;
}

/* What stands between @ and the caret, if somebody is being called. */
function typed(text: HTMLTextAreaElement): string | null {
  return CALL.exec(text.value.slice(0, text.selectionStart))?.[1] ?? null;
}

function suggest(text: HTMLTextAreaElement): void {
  const words = typed(text);
  const url = text.closest<HTMLElement>("[data-composer]")?.dataset.calling;
  clearTimeout(asked);
  if (words === null || !url) {
    hide();
    return;
  }
  asked = window.setTimeout(async () => {
    const box = list();
    if (!box) return;
    await htmx.ajax("get", `${url}?q=${encodeURIComponent(words)}`, { target: box, swap: "innerHTML", source: box });
    box.hidden = options().length === 0 || typed(text) === null;
  }, 120);
}

function choose(option: HTMLElement): void {
  const text = field(option.closest("[data-composer]")?.querySelector("textarea") ?? null);
  const words = text && typed(text);
  if (!text || words === null) return;
  text.setRangeText(`${option.dataset.said} `, text.selectionStart - words.length, text.selectionStart, "end");
  hide();
  text.focus();
  text.dispatchEvent(new Event("input", { bubbles: true }));
}

function step(by: number): void {
  const all = options();
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  all.forEach((one, place) => one.setAttribute("aria-selected", String(place === (at + by + all.length) % all.length)));
}

function inList(event: KeyboardEvent): boolean {
  if (list()?.hidden !== false) return false;
  const chosen = options().find((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") step(event.key === "ArrowDown" ? 1 : -1);
  else if ((event.key === "Enter" || event.key === "Tab") && chosen) choose(chosen);
  else if (event.key === "Escape") hide();
  else return false;
  return true;
}

function keys(event: KeyboardEvent): void {
  const text = field(event.target);
  if (!text || event.isComposing) return;
  const form = text.form;
  if (inList(event)) {
    event.preventDefault();
    event.stopPropagation();
  } else if (event.key === "Enter" && !event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    if (text.value.trim() || form?.querySelector<HTMLInputElement>("[data-composer-files]")?.files?.length) form?.requestSubmit();
  } else if (event.key === "ArrowUp" && !text.value && form) {
    event.preventDefault();
    find("[data-composer-last]", form)?.click();
  } else if (event.key === "Escape" && form) {
    const plain = find("[data-composer-plain]", form);
    plain?.click();
    if (plain) event.stopPropagation();
  }
}

/** The chat's composer: Enter sends, ↑ changes the last message, @ suggests colleagues. */
export function startComposer(kit: Kit): void {
  ({ htmx, find } = kit);
  addEventListener("keydown", keys, true);
  document.addEventListener("input", (event) => {
    const text = field(event.target);
    if (text) suggest(text);
  });
  document.addEventListener("pointerdown", (event) => {
    const option = (event.target as Element).closest<HTMLElement>("#calling [role=option]");
    if (!option) return;
    event.preventDefault();
    choose(option);
  });
  document.addEventListener("change", (event) => {
    const files = (event.target as Element).closest<HTMLInputElement>("[data-composer-files]");
    const said = files?.form && find("[data-composer-chosen]", files.form);
    if (said) said.textContent = [...(files?.files ?? [])].map((file) => file.name).join(", ");
  });
  document.addEventListener("htmx:afterSettle", () => {
    const text = find<HTMLTextAreaElement>("#composer textarea[autofocus]");
    if (!text || document.activeElement === text) return;
    text.focus({ preventScroll: true });
    text.setSelectionRange(text.value.length, text.value.length);
    text.removeAttribute("autofocus");
  });
}
