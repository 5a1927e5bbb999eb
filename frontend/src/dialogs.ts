import { find, on, word } from "./dom.ts";

interface Question {
  body: string;
  title: string;
  ok: string;
  danger: boolean;
}

function question(element: HTMLElement, body: string): Question {
  const data = element.dataset;
  return {
    body,
    title: data.confirmTitle ?? word("sure"),
    ok: data.confirmOk ?? element.textContent?.trim() ?? word("ok"),
    danger: data.confirmKind !== "plain",
  };
}

/** Asks in the page's own dialog; resolves to true when the person agrees. */
export function ask({ title, body, ok, danger }: Question): Promise<boolean> {
  const dialog = find<HTMLDialogElement>("#confirm");
  if (!dialog) return Promise.resolve(window.confirm(`${title}\n${body}`));
  const agree = find<HTMLButtonElement>("[data-agree]", dialog)!;
  find("[data-title]", dialog)!.textContent = title;
  find("[data-body]", dialog)!.textContent = body;
  agree.textContent = ok;
  agree.className = danger ? "btn btn-danger" : "btn btn-primary";
  dialog.returnValue = "";
  dialog.showModal();
  find("[data-refuse]", dialog)?.focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

function startConfirm(): void {
  document.addEventListener("htmx:confirm", (event) => {
    const detail = (event as CustomEvent).detail as {
      question?: string;
      elt: HTMLElement;
      issueRequest: (skip: boolean) => void;
    };
    if (!detail.question) return;
    event.preventDefault();
    void ask(question(detail.elt, detail.question)).then((yes) => {
      if (yes) detail.issueRequest(true);
    });
  });
  on("submit", "form[data-confirm]", (form, event) => {
    if (form.dataset.confirmed) {
      delete form.dataset.confirmed;
      return;
    }
    event.preventDefault();
    const submitter = (event as SubmitEvent).submitter as HTMLButtonElement | null;
    void ask(question(form, form.dataset.confirm ?? "")).then((yes) => {
      if (!yes) return;
      form.dataset.confirmed = "1";
      (form as HTMLFormElement).requestSubmit(submitter);
    });
  });
}

function startModals(): void {
  document.addEventListener("htmx:afterSwap", (event) => {
    const target = (event as CustomEvent).detail.target as HTMLElement | undefined; // none when Back restores a page
    if (target?.id !== "modal") return;
    const dialog = find<HTMLDialogElement>("dialog", target);
    if (dialog && !dialog.open) dialog.showModal();
  });
  on("click", "dialog [data-close]", (button) => button.closest("dialog")?.close());
  on("click", "[data-open-dialog]", (button) => {
    find<HTMLDialogElement>(`#${button.dataset.openDialog}`)?.showModal();
  });
  document.addEventListener("click", (event) => {
    const dialog = event.target;
    if (dialog instanceof HTMLDialogElement && dialog.open) {
      const box = dialog.getBoundingClientRect();
      const outside =
        event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
      if (outside && event.detail > 0) dialog.close();
    }
  });
  document.body.addEventListener("close-modal", () => find<HTMLDialogElement>("#modal dialog[open]")?.close());
}

export function startDialogs(): void {
  startConfirm();
  startModals();
}
