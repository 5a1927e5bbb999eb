import { find, on } from "./dom.ts";

/** Small field helpers: show a password, put a word in, send a filter on change, keep a second press from sending twice. */
export function startFields(): void {
  on("click", "[data-reveal]", (button) => {
    const input = find<HTMLInputElement>(`#${button.dataset.reveal}`);
    if (!input) return;
    const hidden = input.type === "password";
    input.type = hidden ? "text" : "password";
    button.setAttribute("aria-pressed", String(hidden));
  });
  on("change", "form[data-autosubmit]", (form) => (form as HTMLFormElement).requestSubmit());
  on("submit", "form:not([hx-post]):not([hx-get])", (form, event) => {
    const button = (event as SubmitEvent).submitter;
    queueMicrotask(() => {
      if (event.defaultPrevented || form.getAttribute("method") === "dialog") return;
      if (form.dataset.sent) event.preventDefault();
      form.dataset.sent = "1";
      button?.setAttribute("aria-busy", "true");
    });
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    for (const form of document.querySelectorAll<HTMLElement>("form[data-sent]")) delete form.dataset.sent;
    for (const button of document.querySelectorAll("[aria-busy=true]")) button.removeAttribute("aria-busy");
  });
  on("click", "[data-put]", (button) => {
    const field = find<HTMLTextAreaElement>(`#${button.dataset.into}`);
    if (!field) return;
    field.setRangeText(button.dataset.put ?? "", field.selectionStart, field.selectionEnd, "end");
    field.focus();
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  on("click", "[data-copy]", (button) => void navigator.clipboard?.writeText(button.dataset.copy ?? ""));
}
