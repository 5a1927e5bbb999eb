import type { Kit } from "./parts.ts";

/* Answers to choose from, as rows: their names, a code that follows the name of a new answer and stays with an old one,
   their order by drag, by buttons and by Alt with an arrow. An answer that is taken out can be put back until it is saved. */

type Choice = Record<string, unknown> & { value?: unknown };
interface Row {
  choice: Choice;
  isNew: boolean;
  isGone: boolean;
}

const LATIN: Record<string, string> = {
  а: "a", б: "b", в: "v", г: "g", д: "d", е: "e", ё: "e", ж: "zh", з: "z", и: "i", й: "y", к: "k", л: "l", м: "m", н: "n", о: "o",
  п: "p", р: "r", с: "s", т: "t", у: "u", ф: "f", х: "kh", ц: "ts", ч: "ch", ш: "sh", щ: "sch", ъ: "", ы: "y", ь: "", э: "e",
  ю: "yu", я: "ya",
};

export function codeOf(text: string, taken: string[]): string {
  const latin = [...text.toLowerCase()].map((letter) => LATIN[letter] ?? letter).join("");
  const plain = latin.replace(/[^a-z0-9]+/g, "_").replace(/^_+|_+$/g, "").slice(0, 40).replace(/_+$/, "");
  if (!plain) return "";
  let code = plain;
  for (let turn = 2; taken.includes(code); turn += 1) code = `${plain}_${turn}`;
  return code;
}

class Choices {
  private rows: Row[];
  private readonly list: HTMLElement;
  private dragged: HTMLElement | null = null;

  constructor(
    private readonly kit: Kit,
    private readonly host: HTMLElement,
    private readonly field: HTMLTextAreaElement,
    value: Choice[],
  ) {
    this.rows = value.map((choice) => ({ choice, isNew: false, isGone: false }));
    this.list = document.createElement("div");
    this.list.className = "grid grid-cols-1 gap-1.5";
    field.hidden = true;
    field.before(this.list);
    field.before(kit.find<HTMLTemplateElement>("template#choice-foot")!.content.cloneNode(true));
    host.addEventListener("click", (event) => this.clicked(event));
    host.addEventListener("input", (event) => this.written(event));
    host.addEventListener("keydown", (event) => this.pressed(event));
    this.follow();
    for (const row of this.rows) this.list.append(this.draw(row));
  }

  private draw(row: Row): HTMLElement {
    const host = (this.kit.find<HTMLTemplateElement>("template#choice-row")!.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
    for (const field of this.kit.all<HTMLInputElement>("[data-of]", host)) field.value = String(row.choice[field.dataset.of!] ?? "");
    return host;
  }

  private rowOf(target: EventTarget | null): [HTMLElement, Row] | null {
    const host = (target as Element).closest<HTMLElement>("[data-choice]");
    const row = host ? this.rows[[...this.list.children].indexOf(host)] : undefined;
    return host && row ? [host, row] : null;
  }

  private store(): void {
    const kept = this.rows.filter((row) => !row.isGone).map((row) => row.choice);
    this.field.value = kept.length ? JSON.stringify(kept) : "";
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private written(event: Event): void {
    if (event.target === this.field) return;
    event.stopPropagation();
    const found = this.rowOf(event.target);
    if (!found) return;
    const [host, row] = found;
    const input = event.target as HTMLInputElement;
    const name = input.dataset.of!;
    if (name === "value") row.isNew = false;
    if (input.value.trim() || name !== "title_en") row.choice[name] = input.value.trim();
    else delete row.choice[name];
    if (row.isNew && name !== "value") {
      const taken = this.rows.filter((one) => one !== row).map((one) => String(one.choice.value ?? ""));
      row.choice.value = codeOf(String(row.choice.title_en || row.choice.title || ""), taken);
      this.kit.find<HTMLInputElement>('[data-of="value"]', host)!.value = String(row.choice.value);
    }
    this.store();
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    if (target.closest("[data-choice-add]")) {
      this.rows.push({ choice: { value: "", title: "" }, isNew: true, isGone: false });
      this.list.append(this.draw(this.rows[this.rows.length - 1]!));
      this.kit.find("[data-choice]:last-child input", this.list)?.focus();
      return;
    }
    const found = this.rowOf(target);
    if (!found) return;
    const [host, row] = found;
    if (target.closest("[data-choice-up]")) this.move(host, true);
    else if (target.closest("[data-choice-down]")) this.move(host, false);
    else if (target.closest("[data-choice-drop]")) this.take(host, row, true);
    else if (target.closest("[data-choice-back]")) this.take(host, row, false);
    if (target.closest("[data-choice-up],[data-choice-down]")) target.closest<HTMLElement>("button")?.focus();
  }

  private take(host: HTMLElement, row: Row, isGone: boolean): void {
    row.isGone = isGone;
    this.kit.find("[data-choice-line]", host)!.hidden = isGone;
    this.kit.find("[data-choice-gone]", host)!.hidden = !isGone;
    this.kit.find("[data-choice-name]", host)!.textContent = String(row.choice.title || row.choice.value || "…");
    this.kit.find(isGone ? "[data-choice-back]" : "[data-choice-drop]", host)?.focus();
    this.store();
  }

  private move(host: HTMLElement, up: boolean): void {
    const other = up ? host.previousElementSibling : host.nextElementSibling;
    if (!other) return;
    const from = [...this.list.children].indexOf(host);
    const [row] = this.rows.splice(from, 1);
    if (up) other.before(host);
    else other.after(host);
    this.rows.splice(from + (up ? -1 : 1), 0, row!);
    this.kit.announce(`${String(row!.choice.title ?? "")} ${from + (up ? 0 : 2)}`);
    this.store();
  }

  private pressed(event: KeyboardEvent): void {
    const found = this.rowOf(event.target);
    if (!found || !event.altKey || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
    event.preventDefault();
    event.stopPropagation();
    this.move(found[0], event.key === "ArrowUp");
    (event.target as HTMLElement).focus();
  }

  private follow(): void {
    this.host.addEventListener("dragstart", (event) => {
      this.dragged = (event.target as Element).matches?.("[data-choice-handle]") ? (event.target as Element).closest("[data-choice]") : null;
      if (this.dragged) event.dataTransfer?.setData("text/plain", "");
      event.stopPropagation();
    });
    this.host.addEventListener("dragover", (event) => {
      const over = (event.target as Element).closest<HTMLElement>("[data-choice]");
      if (!this.dragged || !over || over === this.dragged) return;
      event.preventDefault();
      const box = over.getBoundingClientRect();
      const from = [...this.list.children].indexOf(this.dragged);
      if (event.clientY < box.top + box.height / 2) over.before(this.dragged);
      else over.after(this.dragged);
      const [row] = this.rows.splice(from, 1);
      this.rows.splice([...this.list.children].indexOf(this.dragged), 0, row!);
    });
    this.host.addEventListener("dragend", (event) => {
      if (this.dragged) this.store();
      this.dragged = null;
      event.stopPropagation();
    });
  }
}

/* Where nothing is edited: a line for each answer. */
function tell(field: HTMLTextAreaElement): void {
  const rows = JSON.parse(field.value || "[]") as Choice[];
  const list = document.createElement("ul");
  for (const one of rows) {
    const line = document.createElement("li");
    line.textContent = [one.title, one.title_en, one.value].filter(Boolean).join(" · ");
    list.append(line);
  }
  field.before(list);
  field.hidden = true;
}

/* Only a question of that kind has answers to choose from, and those that a table gives are edited there. */
function showFor(kit: Kit, host: HTMLElement): void {
  const kind = kit.find<HTMLSelectElement>('[name="questions-kind"]', host.closest("[data-item]") ?? document);
  const show = (): void => {
    host.hidden = kind?.value !== "choice";
  };
  kind?.addEventListener("change", show);
  show();
}

export function startChoices(kit: Kit, root: ParentNode): void {
  for (const host of kit.all("[data-choices]", root)) {
    const field = kit.find<HTMLTextAreaElement>("textarea", host);
    if (!field || host.dataset.choices === "rows") continue;
    showFor(kit, host);
    const source = kit.find<HTMLTemplateElement>("template#choice-source");
    try {
      if (!source) {
        tell(field);
        continue;
      }
      const was = JSON.parse(kit.find<HTMLInputElement>('[name="questions-was"]', host.closest("[data-item]")!)?.value || "{}") as Record<string, unknown>;
      const from = was.choices_from as { table?: string } | undefined;
      if (from?.table) {
        field.hidden = true;
        field.before(source.content.cloneNode(true));
        const option = kit.all<HTMLOptionElement>("#tables option").find((one) => one.dataset.code === from.table);
        kit.find("[data-choice-table]", host)!.textContent = option?.value ?? from.table;
      } else {
        const value = JSON.parse(field.value || "[]") as unknown;
        const isList = Array.isArray(value) && value.every((one) => one && typeof one === "object" && !Array.isArray(one));
        if (!isList) continue;
        new Choices(kit, host, field, value as Choice[]);
      }
      host.dataset.choices = "rows";
    } catch {
      continue;
    }
  }
}
