import type { Kit } from "./parts.ts";
import { startChoices } from "./product-choices.ts";
import { startConditions } from "./product-conditions.ts";
import { guard } from "./unsaved.ts";

/* Rows of a product's definition: added, taken out, moved by drag and by Alt with an arrow. Their place is their order
   in the form; the server reads them as they stand, and says what is wrong while one types. */

let kit: Kit;
let dragged: HTMLElement | null = null;
const rowOf = (target: EventTarget | null): HTMLElement | null => (target as Element | null)?.closest<HTMLElement>("[data-item]") ?? null;

let shut = false;

function rich(root: ParentNode): void {
  startConditions(kit, root);
  startChoices(kit, root);
}

const textOf = (form: HTMLFormElement): string => JSON.stringify([...new FormData(form)].map(([name, value]) => [name, String(value)]));

/* What was typed and not saved is told, and not left unseen. */
function watch(form: HTMLFormElement): void {
  const before = textOf(form);
  const isDirty = (): boolean => "unsaved" in form.dataset || textOf(form) !== before;
  const place = kit.find("[data-changed][data-word-changed]");
  form.addEventListener("input", () => {
    if (place) place.textContent = isDirty() ? (place.dataset.wordChanged ?? "") : "";
  });
  guard(kit, form, isDirty);
}

/* The form as sellers see it stays open or shut as one left it, and is asked anew when an answer is tried in it. */
function tried(form: HTMLElement): void {
  document.addEventListener("change", (event) => {
    if ((event.target as Element).closest?.("#look [data-preview]")) form.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener(
    "toggle",
    (event) => {
      const part = event.target as HTMLDetailsElement;
      if (part.matches?.("[data-preview]") && part.isConnected) shut = !part.open;
    },
    true,
  );
}

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
      rich(added);
      added.querySelector<HTMLDetailsElement>("details")?.setAttribute("open", "");
      added.querySelector<HTMLElement>("input:not([type=hidden]),select")?.focus();
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

/* Where a fault of the list stands in the form: ``questions-3-min`` is the field of the fourth question. */
function fieldAt(place: string): HTMLElement | null {
  const [name = "", row = "", ...rest] = place.split("-");
  const item = kit.all("[data-item]", kit.find(`[data-items="${name}"]`) ?? document.createElement("i"))[Number(row)];
  if (item && row) return kit.find(`[name="${name}-${rest.join("-")}"]:not([type=hidden])`, item) ?? kit.find("input:not([type=hidden]),select", item);
  return kit.find(`#definition [name="${place}"]`) ?? kit.find(`[data-add="${name}"]`);
}

/* Each fault of the list beside its field. */
function mark(): void {
  const preview = kit.find<HTMLDetailsElement>("#look [data-preview]");
  if (preview && shut) preview.open = false;
  for (const old of kit.all("#definition .err[data-of-fault]")) old.remove();
  for (const field of kit.all("#definition [aria-invalid]")) field.removeAttribute("aria-invalid");
  for (const row of kit.all("#definition .has-fault")) row.classList.remove("has-fault");
  for (const old of kit.all("#definition [data-of-notice]")) old.remove();
  for (const notice of kit.all("#look [data-notice]")) {
    const field = notice.dataset.notice ? fieldAt(notice.dataset.notice) : null;
    if (!field || field.matches("button")) continue;
    const line = document.createElement("div");
    line.className = notice.className;
    line.dataset.ofNotice = "";
    line.append(...notice.cloneNode(true).childNodes);
    field.after(line);
  }
  kit.all("#look [data-fault]").forEach((fault, number) => {
    const field = fault.dataset.fault ? fieldAt(fault.dataset.fault) : null;
    if (!field || field.matches("button")) return;
    const told = document.createElement("span");
    told.className = "err";
    told.id = `fault-${number}`;
    told.dataset.ofFault = "";
    told.textContent = kit.find("button", fault)?.textContent ?? "";
    field.after(told);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", told.id);
    rowOf(field)?.classList.add("has-fault");
  });
}

function goTo(event: MouseEvent): void {
  const fault = (event.target as Element).closest("[data-goto]")?.closest<HTMLElement>("[data-fault]");
  const told = fault ? fieldAt(fault.dataset.fault ?? "") : null;
  told?.closest("details")?.setAttribute("open", "");
  const field = told?.hidden ? kit.find("input,select,button", told.parentElement!) : told;
  field?.focus();
  field?.scrollIntoView({ block: "center" });
}

export function startRows(given: Kit): void {
  kit = given;
  const form = kit.find("[data-product]");
  if (!form) return;
  form.addEventListener("click", clicked);
  rich(form);
  tried(form);
  if (form.dataset.leaveTitle) watch(form as HTMLFormElement);
  mark();
  document.addEventListener("click", goTo);
  document.addEventListener("htmx:afterSettle", mark);
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
