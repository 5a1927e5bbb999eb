import htmx from "htmx.org";
import { find, icon, word } from "./dom.ts";

export interface Toast {
  text: string;
  kind?: "good" | "bad" | "warn" | "info";
  undo_url?: string;
  url?: string;
}

const LIFE = 8000;
const ICONS = { good: "circle-check", bad: "alert-circle", warn: "alert-triangle", info: "info-circle" };
let lastUndo: HTMLButtonElement | null = null;

function undoButton(url: string, close: () => void): HTMLButtonElement {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "toast-undo";
  button.textContent = word("undo");
  button.addEventListener("click", () => {
    close();
    void htmx.ajax("post", url, { swap: "none", source: document.body });
  });
  return button;
}

function live(toast: HTMLElement): void {
  let timer = 0;
  const close = (): void => toast.remove();
  const start = (): void => {
    clearTimeout(timer);
    timer = window.setTimeout(close, LIFE);
  };
  const stop = (): void => clearTimeout(timer);
  toast.addEventListener("pointerenter", stop);
  toast.addEventListener("pointerleave", start);
  toast.addEventListener("focusin", stop);
  toast.addEventListener("focusout", start);
  toast.querySelector("[data-close]")?.addEventListener("click", close);
  start();
}

export function showToast({ text, kind = "good", undo_url, url }: Toast): void {
  const region = find("#toasts");
  if (!region || !text) return;
  const toast = document.createElement("div");
  toast.className = `toast is-${kind}`;
  const words = document.createElement(url ? "a" : "span");
  words.className = "flex-1";
  if (words instanceof HTMLAnchorElement) words.href = url ?? "";
  words.textContent = text;
  toast.append(icon(ICONS[kind] ?? ICONS.info), words);
  if (undo_url) {
    lastUndo = undoButton(undo_url, () => toast.remove());
    toast.append(lastUndo);
  }
  const close = document.createElement("button");
  close.type = "button";
  close.className = "toast-x";
  close.dataset.close = "";
  close.setAttribute("aria-label", word("close"));
  close.append(icon("x"));
  toast.append(close);
  region.append(toast);
  while (region.childElementCount > 4) region.firstElementChild?.remove();
  live(toast);
}

/** Press the newest «undo» that is still shown; false when there is none. */
export function undoLast(): boolean {
  if (!lastUndo?.isConnected) return false;
  lastUndo.click();
  return true;
}

/** Server messages become toasts: HX-Trigger `toast` {text, kind, undo_url}, and Django messages in the page. */
export function startToasts(): void {
  document.body.addEventListener("toast", (event) => {
    const detail = (event as CustomEvent).detail as Toast & { value?: Toast[] };
    for (const toast of Array.isArray(detail.value) ? detail.value : [detail]) showToast(toast);
  });
  for (const toast of document.querySelectorAll<HTMLElement>("#toasts > .toast")) {
    toast.querySelector<HTMLButtonElement>("[data-undo]")?.addEventListener("click", (event) => {
      const url = (event.currentTarget as HTMLElement).dataset.undo ?? "";
      toast.remove();
      void htmx.ajax("post", url, { swap: "none", source: document.body });
    });
    live(toast);
  }
}
