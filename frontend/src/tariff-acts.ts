import type { Kit } from "./parts.ts";
import { guard } from "./unsaved.ts";

/* What was done to the cells of a table: taken back, done again, not saved yet. */

export type Change = { field: HTMLInputElement; text: string }[];

export class Acts {
  private readonly undone: Change[] = [];
  private readonly redone: Change[] = [];

  constructor(
    private readonly kit: Kit,
    private readonly host: HTMLElement,
    private readonly inHand: () => HTMLElement | null,
  ) {
    kit.find("[data-cell-undo]", host)?.addEventListener("click", () => this.undo());
    kit.find("[data-cell-redo]", host)?.addEventListener("click", () => this.redo());
    if (host.dataset.leaveTitle) guard(kit, host, () => this.isDirty());
  }

  write(change: Change): void {
    const real = change.filter(({ field, text }) => field.value !== text);
    if (!real.length) return;
    this.undone.push(real.map(({ field }) => ({ field, text: field.value })));
    this.redone.length = 0;
    for (const { field, text } of real) this.put(field, text);
    this.told();
  }

  /* Ctrl+Z, Ctrl+Shift+Z and Ctrl+Y; ``leave`` keeps what is being typed first. */
  pressed(event: KeyboardEvent, isTyped: boolean, leave: () => void): boolean {
    const isRedo = event.code === "KeyY" || (event.code === "KeyZ" && event.shiftKey);
    if (!isRedo && event.code !== "KeyZ") return false;
    if (!isTyped && !(isRedo ? this.redone : this.undone).length) return false;
    if (isTyped) leave();
    if (isRedo) this.redo();
    else this.undo();
    event.preventDefault();
    return true;
  }

  private undo(): void {
    this.back(this.undone, this.redone, "wordUndone");
  }

  private redo(): void {
    this.back(this.redone, this.undone, "wordRedone");
  }

  /* The last act of one list is taken back and stands in the other. */
  private back(from: Change[], to: Change[], word: string): void {
    const last = from.pop();
    if (!last) return;
    to.push(last.map(({ field }) => ({ field, text: field.value })));
    for (const { field, text } of last) this.put(field, text);
    this.kit.announce(this.host.dataset[word] ?? "");
    this.told();
  }

  private put(field: HTMLInputElement, text: string): void {
    field.value = text;
    const cell = field.closest("td")!;
    const shown = cell.querySelector<HTMLElement>("[data-shown]");
    if (shown) {
      shown.dataset.first ??= shown.textContent ?? "";
      shown.textContent = text === field.defaultValue ? shown.dataset.first : text;
    }
    cell.classList.remove("is-bad");
    field.removeAttribute("aria-invalid");
    cell.classList.toggle("chg", text !== field.defaultValue || cell.querySelector("del") !== null);
  }

  private isDirty(): boolean {
    const fields = this.kit.all<HTMLInputElement>("td[data-column] input", this.host);
    return "unsaved" in this.host.dataset || fields.some((field) => field.value !== field.defaultValue);
  }

  private told(): void {
    for (const [name, held] of [["undo", this.undone], ["redo", this.redone]] as const) {
      const button = this.kit.find<HTMLButtonElement>(`[data-cell-${name}]`, this.host);
      if (!button) continue;
      const isFocused = button === document.activeElement;
      button.disabled = held.length === 0;
      if (isFocused && button.disabled) this.inHand()?.focus();
    }
    const place = this.kit.find("[data-changed]", this.host);
    if (place) place.textContent = this.isDirty() ? (this.host.dataset.wordChanged ?? "") : "";
  }
}
