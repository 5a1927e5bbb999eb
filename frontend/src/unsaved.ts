import type { Kit } from "./parts.ts";

/* What is not saved is not lost unseen: the browser asks when the page is left, the page itself where a link of its own
   or another of its forms leads away. The words stand on the form. */

let isLeaving = false;

function asked(form: HTMLElement, kit: Kit): Promise<boolean> {
  const dialog = kit.find<HTMLDialogElement>("#confirm");
  const { leaveTitle = "", leaveBody = "", leaveOk = "" } = form.dataset;
  if (!dialog) return Promise.resolve(window.confirm(`${leaveTitle}\n${leaveBody}`));
  const agree = kit.find("[data-agree]", dialog)!;
  kit.find("[data-title]", dialog)!.textContent = leaveTitle;
  kit.find("[data-body]", dialog)!.textContent = leaveBody;
  agree.textContent = leaveOk;
  agree.className = "btn btn-danger";
  dialog.returnValue = "";
  dialog.showModal();
  kit.find("[data-refuse]", dialog)?.focus();
  return new Promise((resolve) => dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true }));
}

export function guard(kit: Kit, form: HTMLElement, isDirty: () => boolean): void {
  const lost = (): boolean => !isLeaving && form.isConnected && isDirty();
  const leave = (go: () => void): void => {
    void asked(form, kit).then((yes) => {
      if (!yes) return;
      isLeaving = true;
      go();
    });
  };
  window.addEventListener("beforeunload", (event) => {
    if (lost()) event.preventDefault();
  });
  document.addEventListener(
    "click",
    (event) => {
      const link = (event.target as Element).closest?.<HTMLAnchorElement>("a[href]");
      if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || link.target === "_blank" || link.hasAttribute("download")) return;
      const isHere = link.pathname === location.pathname && link.search === location.search && link.hash;
      if (isHere || /\/file\/$/.test(link.pathname) || !lost()) return;
      event.preventDefault();
      event.stopPropagation();
      leave(() => link.click());
    },
    true,
  );
  document.addEventListener(
    "submit",
    (event) => {
      const other = event.target as HTMLFormElement;
      const { submitter } = event as SubmitEvent;
      if (other === form) isLeaving = true;
      else if (!other.hasAttribute("hx-post") && other.method === "post" && lost()) {
        event.preventDefault();
        event.stopPropagation();
        leave(() => other.requestSubmit(submitter));
      }
    },
    true,
  );
}
