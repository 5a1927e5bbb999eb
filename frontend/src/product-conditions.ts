import type { Kit } from "./parts.ts";

/* Conditions of a question or a step as rows: which question, how it compares, which answers. The field beneath keeps
   them as the server stores them; it is written only when somebody changes a row, so what is left alone stays as it is. */

type Plain = string | number | boolean;
type Told = Plain[] | Record<string, unknown>;
interface Fact {
  title: string;
  kind: string;
  options: [string, string][];
}
interface Words {
  facts: Record<string, Fact>;
  relations: Record<string, string>;
  said: { yes: string; no: string };
}

const NUMBERS = ["number", "money"];
const LISTS = ["drivers", "people"];
let words: Words | null = null;

function wordsOf(kit: Kit): Words {
  words ??= JSON.parse(kit.find("#condition-words")?.textContent ?? "null") as Words | null;
  return words ?? { facts: {}, relations: {}, said: { yes: "+", no: "−" } };
}

/* Every question as it stands in the form now, then the facts that nobody is asked for. */
function factsOf(kit: Kit): Record<string, Fact> {
  const known = wordsOf(kit).facts;
  const found: Record<string, Fact> = {};
  for (const item of kit.all('[data-items="questions"] > [data-item]')) {
    const text = (name: string): string => kit.find<HTMLInputElement>(`[name="questions-${name}"]`, item)?.value.trim() ?? "";
    const key = text("key");
    if (!key) continue;
    const own = document.documentElement.lang === "en" ? text("title_en") || text("title") : text("title");
    let options = known[key]?.options ?? [];
    try {
      const rows = JSON.parse(text("choices") || "null") as { value: Plain; title?: string; title_en?: string }[] | null;
      const said = (one: { value: Plain; title?: string; title_en?: string }): string =>
        String((document.documentElement.lang === "en" && one.title_en) || one.title || one.value);
      if (rows?.length) options = rows.map((one) => [String(one.value), said(one)]);
    } catch {
      // what is typed there is no list yet: the answers stay those that were there
    }
    found[key] = { title: own || key, kind: text("kind"), options };
  }
  for (const [key, fact] of Object.entries(known)) found[key] ??= fact;
  return found;
}

const isPlain = (value: unknown): value is Plain => ["string", "number", "boolean"].includes(typeof value);

/* The relation of a stored condition, and its answers; nothing where rows cannot say it. */
function readOf(told: unknown): { relation: string; answers: Plain[] } | null {
  if (Array.isArray(told)) return told.every(isPlain) ? { relation: told.length > 1 ? "one" : "is", answers: told } : null;
  const names = told && typeof told === "object" ? Object.entries(told) : [];
  const ends = Object.fromEntries(names);
  if (names.length === 2 && isPlain(ends.min) && isPlain(ends.max)) return { relation: "range", answers: [ends.min, ends.max] };
  if (names.length !== 1) return null;
  const [name, value] = names[0]!;
  if (name === "not" && Array.isArray(value) && value.every(isPlain)) return { relation: "not", answers: value };
  if ((name === "min" || name === "max") && isPlain(value)) return { relation: name, answers: [value] };
  if (name === "filled" && typeof value === "boolean") return { relation: value ? "filled" : "empty", answers: [] };
  return null;
}

function toldOf(relation: string, answers: Plain[]): Told {
  if (relation === "filled" || relation === "empty") return { filled: relation === "filled" };
  if (relation === "min" || relation === "max") return { [relation]: answers[0] ?? "" };
  if (relation === "range") return { min: answers[0] ?? "", max: answers[1] ?? "" };
  return relation === "not" ? { not: answers } : answers;
}

function relationsOf(fact: Fact | undefined): string[] {
  if (!fact) return ["is"];
  if (LISTS.includes(fact.kind)) return ["filled", "empty"];
  if (fact.kind === "bool") return ["is", "filled", "empty"];
  return NUMBERS.includes(fact.kind) ? ["is", "one", "not", "min", "max", "range", "filled", "empty"] : ["is", "one", "not", "filled", "empty"];
}

function typed(text: string, fact: Fact | undefined): Plain {
  const clean = text.replace(/[\s₽]/g, "").replace(",", ".");
  if (!fact || !NUMBERS.includes(fact.kind) || !/^-?\d+(\.\d+)?$/.test(clean)) return text.trim();
  return /^-?\d{1,15}$/.test(clean) ? Number(clean) : clean;
}

class Conditions {
  private told: [string, unknown][] = [];
  private readonly list: HTMLElement;

  constructor(
    private readonly kit: Kit,
    private readonly host: HTMLElement,
    private readonly field: HTMLTextAreaElement,
    value: Record<string, unknown>,
  ) {
    this.told = Object.entries(value);
    this.list = document.createElement("div");
    this.list.className = "grid grid-cols-1 gap-2";
    field.hidden = true;
    field.before(this.list);
    const foot = kit.find<HTMLTemplateElement>("template#condition-foot");
    if (foot) field.before(foot.content.cloneNode(true));
    host.addEventListener("click", (event) => this.clicked(event));
    host.addEventListener("change", (event) => this.changed(event));
    host.addEventListener("input", (event) => this.written(event));
    host.closest("details")?.addEventListener("toggle", () => this.draw());
    this.draw();
  }

  private pattern(name: string): DocumentFragment | null {
    return (this.kit.find<HTMLTemplateElement>(`template#${name}`)?.content.cloneNode(true) as DocumentFragment | undefined) ?? null;
  }

  private draw(): void {
    const facts = factsOf(this.kit);
    this.list.replaceChildren();
    this.told.forEach(([key, told], place) => {
      const read = readOf(told);
      const isSaid = read && relationsOf(facts[key] ?? { title: key, kind: "text", options: [] }).includes(read.relation);
      const row = this.pattern(isSaid ? "condition-row" : "condition-plain");
      if (!row) return this.list.append(this.plain(key, told));
      const host = row.firstElementChild as HTMLElement;
      host.dataset.place = String(place);
      if (isSaid) this.fill(host, key, read, facts);
      else this.kit.find("code", host)!.textContent = `${facts[key]?.title ?? key}: ${JSON.stringify(told)}`;
      this.list.append(host);
    });
    const show = (name: string, isShown: boolean): void => {
      const place = this.kit.find(`[data-condition-${name}]`, this.host);
      if (place) place.hidden = !isShown;
    };
    show("all", this.told.length > 1);
    show("none", this.told.length === 0);
  }

  /* Where nothing is edited there are no patterns: a line of text. */
  private plain(key: string, told: unknown): HTMLElement {
    const { facts, relations, said } = wordsOf(this.kit);
    const read = readOf(told);
    const line = document.createElement("p");
    const names = Object.fromEntries(facts[key]?.options ?? []);
    const answers = read?.answers.map((one) => (typeof one === "boolean" ? (one ? said.yes : said.no) : (names[String(one)] ?? String(one))));
    const word =
      read?.relation === "range" ? `${relations.min} ${answers![0]}, ${relations.max} ${answers![1]}` : read && `${relations[read.relation]} ${answers!.join(", ")}`;
    line.textContent = `${facts[key]?.title ?? key} ${word ?? JSON.stringify(told)}`;
    return line;
  }

  private fill(row: HTMLElement, key: string, { relation, answers }: { relation: string; answers: Plain[] }, facts: Record<string, Fact>): void {
    const fact = facts[key];
    const choice = this.kit.find<HTMLSelectElement>("[data-fact]", row)!;
    const own = this.kit.find<HTMLInputElement>('[name="questions-key"]', this.host.closest("[data-item]") ?? row)?.value;
    const taken = this.told.map(([name]) => name);
    for (const [name, one] of Object.entries(facts)) if (name === key || (name !== own && !taken.includes(name))) choice.add(new Option(one.title, name));
    if (key && !fact) choice.add(new Option(key, key));
    choice.value = key;
    const how = this.kit.find<HTMLSelectElement>("[data-relation]", row)!;
    for (const one of relationsOf(fact ?? (key ? { title: key, kind: "text", options: [] } : undefined))) how.add(new Option(wordsOf(this.kit).relations[one] ?? one, one));
    how.value = relation;
    this.values(this.kit.find("[data-value]", row)!, fact, relation, answers);
  }

  private values(place: HTMLElement, fact: Fact | undefined, relation: string, answers: Plain[]): void {
    if (relation === "filled" || relation === "empty") return;
    const label = place.getAttribute("aria-label") ?? "";
    const texts = answers.map(String);
    const { said } = wordsOf(this.kit);
    const options: [string, string][] = fact?.kind === "bool" ? [["true", said.yes], ["false", said.no]] : [...(fact?.options ?? [])];
    if (!options.length) {
      if (relation === "range") {
        for (const end of [0, 1]) place.append(this.end(texts[end] ?? "", `${label}: ${wordsOf(this.kit).relations[end ? "max" : "min"]}`));
        return;
      }
      const field = document.createElement("input");
      field.className = `input input-sm flex-1${fact && NUMBERS.includes(fact.kind) ? " num" : ""}`;
      field.type = fact?.kind === "date" && relation === "is" ? "date" : "text";
      if (fact && NUMBERS.includes(fact.kind)) field.inputMode = "decimal";
      field.value = texts.join(relation === "one" || relation === "not" ? "; " : "");
      field.setAttribute("aria-label", label);
      field.autocomplete = "off";
      return place.append(field);
    }
    for (const one of texts) if (!options.some(([value]) => value === one)) options.push([one, one]);
    if (relation === "is") {
      const choice = document.createElement("select");
      choice.className = "input input-sm flex-1";
      choice.setAttribute("aria-label", label);
      choice.add(new Option("—", ""));
      for (const [value, word] of options) choice.add(new Option(word, value));
      choice.value = texts[0] ?? "";
      return place.append(choice);
    }
    for (const [value, word] of options) {
      const tick = document.createElement("label");
      tick.className = "check";
      const box = document.createElement("input");
      box.type = "checkbox";
      box.value = value;
      box.checked = texts.includes(value);
      tick.append(box, word);
      place.append(tick);
    }
  }

  /* One end of a range. */
  private end(value: string, label: string): HTMLElement {
    const field = document.createElement("input");
    field.className = "input input-sm num flex-1 min-w-[70px]";
    field.inputMode = "decimal";
    field.value = value;
    field.setAttribute("aria-label", label);
    field.autocomplete = "off";
    return field;
  }

  /* The answers of a row, spelt as they were stored where they were. */
  private answersOf(row: HTMLElement, fact: Fact | undefined, before: Plain[]): Plain[] {
    const place = this.kit.find("[data-value]", row)!;
    const spelt = (text: string): Plain =>
      before.find((one) => String(one) === text) ?? (fact?.kind === "bool" ? text === "true" : typed(text, fact));
    const boxes = this.kit.all<HTMLInputElement>("input[type=checkbox]", place);
    if (boxes.length) return boxes.filter((box) => box.checked).map((box) => spelt(box.value));
    const ends = this.kit.all<HTMLInputElement>("input", place);
    if (ends.length === 2) return ends.map((one) => spelt(one.value.trim()));
    const field = this.kit.find<HTMLInputElement | HTMLSelectElement>("input,select", place);
    if (!field?.value.trim()) return [];
    const relation = this.kit.find<HTMLSelectElement>("[data-relation]", row)!.value;
    const isList = field instanceof HTMLInputElement && (relation === "one" || relation === "not");
    return isList ? field.value.split(";").map((one) => one.trim()).filter(Boolean).map(spelt) : [spelt(field.value.trim())];
  }

  private placeOf(target: EventTarget | null): [HTMLElement, number] | null {
    const row = (target as Element).closest<HTMLElement>("[data-place]");
    return row && [row, Number(row.dataset.place)];
  }

  private store(): void {
    this.field.value = this.told.length ? JSON.stringify(Object.fromEntries(this.told)) : "";
    this.field.dispatchEvent(new Event("input", { bubbles: true }));
  }

  private clicked(event: MouseEvent): void {
    const target = event.target as Element;
    if (target.closest("[data-condition-add]")) {
      if (!this.told.some(([key]) => !key)) this.told.push(["", []]);
      this.draw();
      this.kit.find<HTMLElement>("[data-condition]:last-child [data-fact]", this.list)?.focus();
    } else if (target.closest("[data-condition-drop]")) {
      const [, place] = this.placeOf(target)!;
      this.told.splice(place, 1);
      this.draw();
      this.store();
      this.kit.find<HTMLElement>("[data-condition-add]", this.host)?.focus();
    }
  }

  private changed(event: Event): void {
    const found = this.placeOf(event.target);
    if (!found || event.target === this.field) return;
    const [row, place] = found;
    const [key, told] = this.told[place]!;
    const facts = factsOf(this.kit);
    const target = event.target as HTMLElement;
    if (target.matches("[data-fact]")) {
      const name = (target as HTMLSelectElement).value;
      const [relation] = relationsOf(facts[name]);
      this.told[place] = [name, toldOf(relation!, facts[name]?.kind === "bool" ? [true] : [])];
    } else if (target.matches("[data-relation]")) {
      const relation = (target as HTMLSelectElement).value;
      const before = this.answersOf(row, facts[key], readOf(told)?.answers ?? []);
      this.told[place] = [key, toldOf(relation, relation === "is" ? before.slice(0, 1) : before)];
    } else return;
    this.draw();
    if (target.matches("[data-relation]")) {
      const how = this.kit.find<HTMLSelectElement>(`[data-place="${place}"] [data-relation]`, this.list);
      if (how) how.value = (target as HTMLSelectElement).value;
      this.redraw(place, (target as HTMLSelectElement).value, facts);
      how?.focus();
    } else this.kit.find<HTMLElement>(`[data-place="${place}"] [data-relation]`, this.list)?.focus();
    this.store();
  }

  /* One answer may be said by “is” and by “is one of”: the input is that of the relation that was chosen. */
  private redraw(place: number, relation: string, facts: Record<string, Fact>): void {
    const box = this.kit.find(`[data-place="${place}"] [data-value]`, this.list);
    const [key, told] = this.told[place]!;
    if (!box) return;
    box.replaceChildren();
    this.values(box, facts[key], relation, readOf(told)?.answers ?? []);
  }

  private written(event: Event): void {
    const target = event.target as HTMLElement;
    if (target === this.field) return;
    event.stopPropagation();
    const found = this.placeOf(target);
    if (!found || !target.closest("[data-value]")) return;
    const [row, place] = found;
    const [key, told] = this.told[place]!;
    const relation = this.kit.find<HTMLSelectElement>("[data-relation]", row)!.value;
    this.told[place] = [key, toldOf(relation, this.answersOf(row, factsOf(this.kit)[key], readOf(told)?.answers ?? []))];
    this.store();
  }
}

/* What is no names with values stays a text: rows cannot say it. */
export function startConditions(kit: Kit, root: ParentNode): void {
  for (const host of kit.all("[data-conditions]", root)) {
    const field = kit.find<HTMLTextAreaElement>("textarea", host);
    if (!field || host.dataset.conditions === "rows") continue;
    try {
      const value = JSON.parse(field.value || "{}") as unknown;
      if (!value || typeof value !== "object" || Array.isArray(value)) continue;
      new Conditions(kit, host, field, value as Record<string, unknown>);
      host.dataset.conditions = "rows";
    } catch {
      continue;
    }
  }
}
